//! Who sources say that tracks are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use detente_formats::tracks::canonical_identity;
use detente_monitoring::Identity;
use detente_records::Agreement;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::failure::{Failure, FailureKind};

/// The file beside the tracks that is read when no other is named.
const FILE_NAME: &str = "identities.json";
/// The largest file of identities, in bytes: a million of them.
const BYTES_MAX: u64 = 128 << 20;
/// How many faults are told one by one; the rest is counted.
const FAULTS_TOLD_MAX: usize = 20;

#[derive(Deserialize)]
struct Document {
    identities: Vec<Entry>,
    #[serde(default)]
    clocks: Vec<ClockEntry>,
    /// What the file is about, for people.
    #[serde(default, rename = "note")]
    _note: Option<String>,
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct ClockEntry {
    source: Arc<str>,
    ahead_s: f64,
    basis: String,
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
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
    track: Option<Arc<str>>,
    force: Option<Arc<str>>,
    #[serde(default)]
    civil: bool,
    stated_by: Option<Arc<str>>,
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
}

/// Reads the identities; a track that is not listed stays unknown. Every fault is told at once.
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
    let mut faults = Vec::new();
    faults.extend(unknown_members("", &document.others));
    let mut identities = Identities::default();
    for (number, entry) in document.identities.into_iter().enumerate() {
        identities.add(number, entry, agreement, &mut faults);
    }
    let mut clocks = BTreeMap::new();
    for (number, entry) in document.clocks.into_iter().enumerate() {
        faults.extend(unknown_members(&format!("/clocks/{number}"), &entry.others));
        if !entry.ahead_s.is_finite() {
            faults.push(format!(
                "source `{}`: `ahead_s` is no number (/clocks/{number})",
                entry.source
            ));
        }
        let offset = ClockOffset {
            ahead_s: entry.ahead_s,
            basis: entry.basis,
        };
        let source = Arc::clone(&entry.source);
        if clocks
            .insert(entry.source, offset.clone())
            .is_some_and(|before| before != offset)
        {
            faults.push(format!(
                "source `{source}`: another offset was given before (/clocks/{number})"
            ));
        }
    }
    if !faults.is_empty() {
        let more = faults.len().saturating_sub(FAULTS_TOLD_MAX);
        faults.truncate(FAULTS_TOLD_MAX);
        if more > 0 {
            faults.push(format!("and {more} more"));
        }
        return Err(invalid(path, &faults.join("; ")));
    }
    let identities = identities.named;
    let identities = identities
        .into_iter()
        .map(|(track, (_, identity))| (track, identity));
    let identities = identities.collect();
    Ok(Known {
        identities,
        clocks,
        bytes,
    })
}

/// Identities as they are read, each with the number of its entry.
#[derive(Default)]
struct Identities {
    named: BTreeMap<Arc<str>, (usize, Identity)>,
}

impl Identities {
    /// Takes an entry; what is wrong with it goes to `faults`.
    fn add(
        &mut self,
        number: usize,
        entry: Entry,
        agreement: &Agreement,
        faults: &mut Vec<String>,
    ) {
        let place = format!("/identities/{number}");
        faults.extend(unknown_members(&place, &entry.others));
        let Some(track) = entry.track else {
            faults.push(format!("no `track` ({place})"));
            return;
        };
        if entry.stated_by.is_none() {
            faults.push(format!(
                "track `{track}`: no `stated_by`: who a track is, is only what a source says ({place})"
            ));
        }
        let force = entry.force.as_deref();
        if let Some(force) = force.filter(|force| !is_known(force, agreement)) {
            faults.push(format!(
                "track `{track}`: no force `{force}` in the agreement ({place})"
            ));
        }
        let identity = Identity {
            force: entry.force,
            civil: entry.civil,
            stated_by: entry.stated_by,
        };
        if let (Some(force), true) = (&identity.force, identity.civil) {
            faults.push(format!(
                "track `{track}` is civil and of force `{force}` ({place})"
            ));
        }
        let track: Arc<str> = Arc::from(&*canonical_identity(track.trim()));
        match self.named.get(&track) {
            Some((first, before)) if who(before) != who(&identity) => faults.push(format!(
                "track `{track}` is {} (/identities/{first}) and {} ({place}): leave one of the two",
                in_words(before),
                in_words(&identity)
            )),
            Some(_) => {}
            None => {
                self.named.insert(track, (number, identity));
            }
        }
    }
}

fn who(identity: &Identity) -> (Option<&Arc<str>>, bool) {
    (identity.force.as_ref(), identity.civil)
}

fn in_words(identity: &Identity) -> String {
    match &identity.force {
        Some(force) => format!("of force `{force}`"),
        None if identity.civil => "civil".to_owned(),
        None => "of nobody".to_owned(),
    }
}

fn unknown_members(place: &str, others: &BTreeMap<String, IgnoredAny>) -> Vec<String> {
    let told = |name: &String| format!("unknown member `{name}` ({place}/{name})");
    others.keys().map(told).collect()
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
