//! Instants, datums, WGS84 shapes and 4D volumes, and the exact geometry between them.
//!
//! This crate knows nothing of agreements, parties or records, and nothing of files or clocks.

mod altitude;
mod atmosphere;
mod bounds;
pub mod footprint;
pub mod geodesic;
mod geoid;
mod instant;
pub mod notation;
pub mod outline;
pub mod passage;
pub mod plane;
mod position;
mod proximity;
mod surface;
mod vertical;
mod volume;
mod widening;
mod window;

pub use altitude::{
    ALTITUDE_MAX_M, Altitude, AltitudeBand, AltitudeBandError, AltitudeError, FLIGHT_LEVEL_MAX,
    METRES_IN_FOOT, Reference, Unit,
};
pub use bounds::{GeoBox, Rect};
pub use footprint::{
    EdgeKind, Footprint, Proximity, ShapeFault, ShapeFaultKind, ShapeNote, ShapeNoteKind,
    ShapePlace, Shaped,
};
pub use geoid::{UNDULATION_ERROR_MAX_M, undulation_m, undulation_range_m};
pub use instant::{Instant, InstantError, Span};
pub use outline::{Outline, OutlinePoint};
pub use passage::{Beforehand, Leg, LegError, Passage, Passages, PieceRun};
pub use position::{Position, PositionError};
pub use vertical::{
    EllipsoidBand, Levels, VERTICAL_BOUNDARY_M, VerticalAssumptions, VerticalRelation,
    vertical_overlap,
};
pub use volume::{Encounter, Extent, Separation, Volume4D, conflicts, encounter};
pub use widening::Widening;
pub use window::{Window, WindowError};
