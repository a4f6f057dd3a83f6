//! What sources say: where something was, and who they say it is.

use std::sync::Arc;

use detente_spacetime::{Altitude, Instant, Position};

/// One report of where something was.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// The identity under which it was reported.
    pub track: Arc<str>,
    /// When.
    pub at: Instant,
    /// Where.
    pub position: Position,
    /// How high, if the source says.
    pub altitude: Option<Altitude>,
    /// Who reported it.
    pub source: Option<Arc<str>>,
}

/// Who a source says a track is. Nothing is attributed beyond it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The force, if the source names one.
    pub force: Option<Arc<str>>,
    /// Whether the source says that it is a civil flight; such a flight raises nothing.
    pub civil: bool,
    /// Who said so.
    pub stated_by: Option<Arc<str>>,
}
