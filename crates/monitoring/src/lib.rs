//! Watching restraint: what tracks show of flights in zones, exactly where and when.
//!
//! Two successive fixes of one track are a segment in space, height and time; [`Watch`] holds every segment against every
//! zone that applies to the track, and reports what was observed as [`Event`]s.
//! An event is an observation, never a finding about anybody: findings need people.
//! Who flies is only ever what a source said ([`Identity`]).
//!
//! Reading order: [`fix`], [`zone`], `presence` (one segment, one volume), `course` (what successive fixes make of
//! a track), `screen` (what most segments meet, without asking exactly), `conformity` (an operation and its declared volumes), `gap` (where something unseen may have been), [`watch`].
//! Beside it [`approach`] warns places that something heads for, [`evidence`] is what an event rests on, and [`wire`] the
//! state that is kept between two runs.

pub mod approach;
mod border;
mod cells;
mod conformity;
mod course;
mod declarations;
pub mod event;
pub mod evidence;
pub mod fix;
mod gap;
mod grid;
mod mosaic;
pub mod patrol;
mod post;
mod presence;
mod reorder;
mod roll;
mod screen;
mod segment;
mod sighting;
mod track;
mod visit;
pub mod watch;
pub mod wire;
pub mod zone;

pub use event::{Alert, AlertKind, Border, Certainty, Event, EventKind};
pub use evidence::{EventId, Evidence};
pub use fix::{Fix, Identity};
pub use patrol::{Columns, Crossing, Patrol, PatrolCounts};
pub use watch::{Counts, Settings, Watch};
pub use zone::{Answer, DeclaredOperation, Standing, Zone, ZoneKind};
