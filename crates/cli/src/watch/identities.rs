//! Who sources say that tracks are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use detente_monitoring::Identity;
use detente_records::Agreement;
use serde::Deserialize;

use crate::failure::{Failure, FailureKind};

/// The file beside the tracks that is read when no other is named.
const FILE_NAME: &str = "identities.json";
/// The largest file of identities, in bytes: a million of them.
const BYTES_MAX: u64 = 128 << 20;

#[derive(Deserialize)]
struct Document {
    identities: Vec<Entry>,
    #[serde(default)]
    clocks: Vec<ClockEntry>,
}

#[derive(Deserialize)]
struct ClockEntry {
    source: Arc<str>,
    ahead_s: f64,
    basis: String,
}

/// What is known beside the tracks.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Who sources say that tracks are.
    pub(super) identities: BTreeMap<Arc<str>, Identity>,
    /// How far the clocks of sources are off.
    pub(super) clocks: BTreeMap<Arc<str>, ClockOffset>,
    /// The bytes it was read from.
    pub(super) bytes: Vec<u8>,
}

/// By how many seconds a source's clock is ahead of UTC, and how that is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ClockOffset {
    pub(super) ahead_s: f64,
    pub(super) basis: String,
}

#[derive(Deserialize)]
struct Entry {
    track: Arc<str>,
    force: Option<Arc<str>>,
    #[serde(default)]
    civil: bool,
    stated_by: Option<Arc<str>>,
}

/// Reads the identities; a track that is not listed stays unknown.
pub(super) fn read(
    named: Option<&Path>,
    tracks: Option<&Path>,
    agreement: &Agreement,
) -> Result<Known, Failure> {
    let beside = tracks.and_then(|tracks| beside(tracks, FILE_NAME));
    let Some(path) = named.or(beside.as_deref()) else {
        return Ok(Known::default());
    };
    let unreadable = |error| Failure::unreadable(path, error);
    if fs::metadata(path).map_err(unreadable)?.len() > BYTES_MAX {
        return Err(invalid(path, "the file is larger than 128 MiB"));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let document: Document =
        serde_json::from_slice(&bytes).map_err(|error| invalid(path, &error.to_string()))?;
    let mut identities = BTreeMap::new();
    for entry in document.identities {
        if let Some(force) = entry
            .force
            .as_deref()
            .filter(|force| !is_known(force, agreement))
        {
            let reason = format!(
                "track `{}`: no force `{force}` in the agreement",
                entry.track
            );
            return Err(invalid(path, &reason));
        }
        let identity = Identity {
            force: entry.force,
            civil: entry.civil,
            stated_by: entry.stated_by,
        };
        identities.insert(entry.track, identity);
    }
    let mut clocks = BTreeMap::new();
    for entry in document.clocks {
        if !entry.ahead_s.is_finite() {
            let reason = format!("source `{}`: `ahead_s` is no number", entry.source);
            return Err(invalid(path, &reason));
        }
        let offset = ClockOffset {
            ahead_s: entry.ahead_s,
            basis: entry.basis,
        };
        clocks.insert(entry.source, offset);
    }
    Ok(Known {
        identities,
        clocks,
        bytes,
    })
}

/// A file beside tracks, if it is there.
pub(super) fn beside(tracks: &Path, name: &str) -> Option<PathBuf> {
    let folder = if tracks.is_dir() {
        Some(tracks)
    } else {
        tracks.parent()
    };
    folder
        .map(|folder| folder.join(name))
        .filter(|path| path.is_file())
}

/// The forces that tracks are said to belong to.
pub(super) fn forces(identities: &BTreeMap<Arc<str>, Identity>) -> BTreeSet<Arc<str>> {
    let forces = identities.values();
    forces
        .filter_map(|identity| identity.force.clone())
        .collect()
}

fn is_known(force: &str, agreement: &Agreement) -> bool {
    agreement.forces.keys().any(|known| known.as_str() == force)
}

fn invalid(path: &Path, reason: &str) -> Failure {
    let message = format!("`{}`: {reason}", path.display());
    Failure::new(FailureKind::InvalidInput, message)
        .hint("docs/reference/events.md says what the file holds")
}
