//! Foreign formats, read and written at the edge.
//!
//! Bytes come in through [`std::io::Read`] and go out as text; this crate opens no files and knows
//! no clock. Reading a document reports every problem in it, with its place.

pub mod cap;
mod csv;
pub mod dossier;
pub mod gazetteer;
pub mod geojson;
pub mod objects;
pub mod timeline;
pub mod tracks;
mod transposed;

pub use dossier::{
    ArticleSource, ContentDigest, Dossier, DossierPart, DossierSource, read_dossier,
};
pub use gazetteer::{GAZETTEER_BYTES_MAX, read_gazetteer};
pub use objects::{ObjectSheet, read_objects};
pub use timeline::{Expected, ReferenceError, Timeline, TimelineAct, TimelineSources};
pub use transposed::warn_of_transposed;
