//! Pictures of what was judged, so that a person can look rather than read.
//!
//! A [`Scene`] says what there is, in degrees and words; [`svg`] draws it on one sheet and [`page`]
//! sets the sheet into a page with its findings. Neither needs a script, a font file or a network.

mod basemap;
mod clip;
mod focus;
mod graticule;
mod ground;
mod inset;
mod label;
mod layer;
mod page;
mod panel;
mod projection;
mod scene;
mod sheet;
mod style;
mod text;
mod view;

#[cfg(test)]
mod tests;

pub(crate) use page::page;
pub(crate) use scene::{
    AreaShape, ConflictShape, FindingRow, MarkShape, MovementShape, OperationShape, Patch,
    ProtectedShape, Scene, TrackShape,
};
pub(crate) use sheet::svg;
pub(crate) use style::{AreaStyle, MarkStyle, VerdictStyle};
pub(crate) use view::middle;
