//! A volume: a footprint, between two altitudes, during a window.

use crate::altitude::AltitudeBand;
use crate::footprint::Footprint;
use crate::window::Window;

/// A region of the air and a time during which it matters.
///
/// Cloning is cheap: the footprint's shape is shared.
#[derive(Clone, Debug)]
pub struct Volume4D {
    /// Where.
    pub footprint: Footprint,
    /// How high.
    pub altitude: AltitudeBand,
    /// When.
    pub window: Window,
}
