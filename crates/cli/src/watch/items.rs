//! Items of evidence as files: the raw fixes under their hash, and beside each alert what keeps them.

use std::path::{Path, PathBuf};

use detente_monitoring::{Event, Evidence};
use serde_json::{Value, json};

use super::identities::ClockOffset;
use super::told::concerns;
use crate::failure::Failure;
use crate::file;

/// Who kept the evidence first, as its custody names it.
const KEEPER: &str = "detente watch";

/// The folder that items are written into.
#[derive(Debug)]
pub(super) struct Items(PathBuf);

impl Items {
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, error))?;
        Ok(Self(folder.to_owned()))
    }

    /// Writes the fixes and the item; again, if it was written before: it is the same.
    pub(super) fn write(
        &self,
        event: &Event,
        id: &str,
        evidence: &Evidence,
        offset: Option<&ClockOffset>,
    ) -> Result<(), Failure> {
        let fixes = self.0.join(format!("{}.jsonl", evidence.sha256()));
        if !fixes.is_file() {
            file::write(&fixes, evidence.bytes())?;
        }
        let item = json!({
            "event": id,
            "alert": concerns(event),
            "evidence": evidence_of(event, evidence, offset),
        });
        let text = serde_json::to_string_pretty(&item).unwrap_or_default() + "\n";
        file::write(&self.0.join(format!("{id}.json")), text.as_bytes())
    }
}

/// An item of evidence in the form that records have for it.
pub(super) fn evidence_of(
    event: &Event,
    evidence: &Evidence,
    offset: Option<&ClockOffset>,
) -> Value {
    let mut item = json!({
        "title": format!("Fixes behind {} of {}", event.kind.wire_name(), event.track),
        "original": {
            "sha256": evidence.sha256(),
            "bytes": evidence.bytes().len(),
            "media_type": detente_monitoring::evidence::MEDIA_TYPE,
        },
        "custody": [{ "keeper": KEEPER, "since": event.evidence.last().map_or(event.at, |fix| fix.at).to_string() }],
    });
    if let (Some(offset), Some(members)) = (offset, item.as_object_mut()) {
        members.insert("clock_ahead_s".to_owned(), json!(offset.ahead_s));
        members.insert("clock_basis".to_owned(), json!(offset.basis));
    }
    item
}
