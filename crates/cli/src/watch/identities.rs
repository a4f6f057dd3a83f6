//! Who sources say that tracks are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
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
    tracks: &Path,
    agreement: &Agreement,
) -> Result<BTreeMap<Arc<str>, Identity>, Failure> {
    let folder = if tracks.is_dir() {
        Some(tracks)
    } else {
        tracks.parent()
    };
    let beside = folder.map(|folder| folder.join(FILE_NAME));
    let path = match (named, &beside) {
        (Some(path), _) => path,
        (None, Some(path)) if tracks != Path::new("-") && path.is_file() => path,
        _ => return Ok(BTreeMap::new()),
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
    Ok(identities)
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
