//! Holders, drafts and terms that tests are made of.

use detente_records::act::{Digest, ReportDraft, Terms};
use detente_records::{HolderId, RecordId};
use detente_sharing::{Desk, Directory, Marking};
use detente_spacetime::Instant;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) const HOLDERS: [&str; 4] = ["US", "RU", "UN", "OSCE"];

pub(crate) fn holder(name: &str) -> HolderId {
    HolderId::parse(name).unwrap()
}

pub(crate) fn identity(name: &str) -> Digest {
    let mut bytes = [7; 32];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    Digest::new(bytes)
}

pub(crate) fn directory() -> Directory {
    HOLDERS
        .into_iter()
        .map(|name| (holder(name), identity(name)))
        .collect()
}

pub(crate) fn now() -> Instant {
    Instant::parse_rfc3339("2016-09-15T12:00:00Z").unwrap()
}

pub(crate) fn members(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub(crate) fn draft(value: &Value) -> ReportDraft {
    let (draft, problems) = ReportDraft::parse("draft", &members(value));
    draft.unwrap_or_else(|| panic!("{problems}"))
}

pub(crate) fn terms(value: &Value) -> Vec<Terms> {
    let read = |terms: &Value| {
        let (terms, problems) = Terms::parse("terms", &members(terms));
        terms.unwrap_or_else(|| panic!("{problems}"))
    };
    value.as_array().unwrap().iter().map(read).collect()
}

pub(crate) fn marking(level: &str, names: &[&str]) -> Value {
    json!({
        "classifications": [{"policy": "detente", "level": level}],
        "releasable_to": names,
        "originator_control": false,
    })
}

/// A report with a portion for both, one for RU alone and one for nobody.
pub(crate) fn report() -> Value {
    json!({
        "report": "r-1",
        "title": "Movements in the north",
        "marking": marking("confidential", &["RU", "UN"]),
        "portions": [
            {
                "marking": marking("restricted", &["RU", "UN"]),
                "text": "Nine trucks of the fourth company stand near the silo.",
                "tearline": "Vehicles stand in the north.",
                "place": {
                    "settlement": "Azaz", "area": "north",
                    "position": {"latitude_deg": 36.5866, "longitude_deg": 37.0463},
                },
                "at": "2016-09-15T08:47:13Z",
                "harm": {"killed": {"low": 1, "high": 4}},
                "grade": {"reliability": "B", "credibility": "2"},
                "source": {"name": "Observer Zephyr", "method": "seen from the minaret"},
            },
            {
                "marking": marking("confidential", &["RU"]),
                "text": "Their commander left at dawn.",
                "tearline": "A commander left.",
            },
            {"text": "Kept at home by having no marking.", "tearline": "Nor this."},
        ],
    })
}

pub(crate) fn desk<'a>(
    directory: &'a Directory,
    originator: &'a HolderId,
    sources: &'a BTreeMap<RecordId, Marking>,
) -> Desk<'a> {
    Desk {
        originator,
        directory,
        sources,
        now: now(),
        number: 1,
    }
}
