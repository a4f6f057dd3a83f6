//! GeoJSON (RFC 7946) in the exchange profile, read one feature at a time.
//!
//! Memory stays bounded by the largest feature, whatever the size of the file: the reader finds
//! where a feature ends, reads it, hands its record on and forgets it. A feature that cannot be
//! read is reported and passed over, so that the next one is still looked at.

mod collection;
mod stream;
pub mod wire;

use std::io::Read;
use std::sync::Arc;

use detente_records::document::Located;
use detente_records::{
    Agreement, Origin, Path, PlainVolume, Problems, ProfileContext, Record, profile,
};

pub use wire::{Records, write_records, write_volumes};

/// The largest feature, in bytes.
///
/// A hundred thousand vertices of forty bytes each, and as much again for everything else.
pub const FEATURE_BYTES_MAX: usize = 8 << 20;

/// The most features of one file; the largest picture designed for has a million volumes.
pub const FEATURES_MAX: usize = 2_000_000;

/// The largest member beside `features`, in bytes: a name, a bounding box, a remark.
pub const MEMBER_BYTES_MAX: usize = 1 << 20;

/// Reads the features of a dossier's file and hands each record to `keep`.
///
/// `document` names the file in problems; references are checked against `agreement`. A file may
/// hold a FeatureCollection or a single Feature. Problems have their line and column filled in.
///
/// # Cost
///
/// Linear in the file; memory for one feature at a time (at most [`FEATURE_BYTES_MAX`] of text).
pub fn read_records(
    document: &str,
    input: &mut dyn Read,
    agreement: Option<&Agreement>,
    keep: &mut dyn FnMut(Record, &mut Problems),
) -> Problems {
    let context = ProfileContext {
        document: Arc::from(document),
        agreement,
    };
    collection::read(
        document,
        input,
        &mut |feature: &Located<'_>, path: &Path<'_>, start: Origin, problems: &mut Problems| {
            if let Some(record) = profile::read_feature(feature, path, start, &context, problems) {
                keep(record, problems);
            }
        },
    )
}

/// Reads features as bare volumes, for questions that need no dossier.
///
/// Only geometry is required; what is missing counts as every height and all time, and a note
/// says so.
pub fn read_volumes(document: &str, input: &mut dyn Read) -> (Vec<PlainVolume>, Problems) {
    let context = ProfileContext {
        document: Arc::from(document),
        agreement: None,
    };
    let mut volumes = Vec::new();
    let problems = collection::read(
        document,
        input,
        &mut |feature: &Located<'_>, path: &Path<'_>, start: Origin, problems: &mut Problems| {
            volumes.extend(profile::read_plain(
                feature, path, start, &context, problems,
            ));
        },
    );
    (volumes, problems)
}
