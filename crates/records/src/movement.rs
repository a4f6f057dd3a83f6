//! Humanitarian movements: convoys and evacuations on their route and in their time.

use detente_spacetime::{Volume4D, Window};

use crate::drawing::Drawing;
use crate::finding::Provenance;
use crate::local_text::LocalText;
use crate::names::{MovementId, OfficeName};

/// The most legs of a movement.
pub const LEGS_MAX: usize = 256;

/// A notified humanitarian movement.
#[derive(Clone, Debug)]
pub struct HumanitarianMovement {
    /// Its id.
    pub id: MovementId,
    /// Name for people.
    pub name: Option<LocalText>,
    /// Who moves.
    pub organisation: OfficeName,
    /// Its route with its width, heights and time; protected as a whole.
    pub volume: Volume4D,
    /// Its route as drawn.
    pub drawing: Drawing,
    /// Its timetable, for people; the whole route is protected during the whole window.
    pub legs: Vec<Leg>,
    /// Where it was read.
    pub provenance: Provenance,
}

/// One leg of a movement's timetable.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    /// Name for people, such as the two places it joins.
    pub name: Option<LocalText>,
    /// When it is on the road.
    pub window: Window,
}
