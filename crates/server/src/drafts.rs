//! Reports at home: what their originator knows and nobody else reads. They lie in the data folder
//! and in no ledger; there is no route by which a peer could ask for one.

use std::path::Path;

use detente_ledger::hash::Hash;
use detente_ledger::storage::{Storage as _, StorageError};
use detente_records::RecordId;
use detente_records::act::ReportDraft;
use detente_stores::files::Files;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Folder of the drafts, below the data folder.
const DRAFTS: &str = "drafts";

/// A draft with who wrote it last.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// The draft.
    pub(crate) draft: ReportDraft,
    /// Who saved it last.
    pub(crate) saved_by: String,
    /// When, RFC 3339.
    pub(crate) saved_at: String,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    saved_by: String,
    saved_at: String,
    draft: Map<String, Value>,
}

/// The name of a draft's file: ids may hold anything that can be printed, names of files may not.
fn path(report: &RecordId) -> String {
    let hash = Hash::of_parts(&[b"detente/draft/v1", report.as_str().as_bytes()]);
    format!("{DRAFTS}/{}.json", hash.to_hex())
}

/// Keeps a draft durably.
///
/// # Errors
///
/// The storage's.
pub(crate) fn keep(files: &mut Files, kept: &Kept) -> Result<(), StorageError> {
    let draft = match kept.draft.to_json() {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let wire = Wire {
        saved_by: kept.saved_by.clone(),
        saved_at: kept.saved_at.clone(),
        draft,
    };
    let bytes = serde_json::to_vec_pretty(&wire).unwrap_or_default();
    files.replace(&path(&kept.draft.report), &bytes)
}

/// Forgets a draft; returns whether there was one.
///
/// # Errors
///
/// The storage's.
pub(crate) fn forget(
    files: &mut Files,
    data: &Path,
    report: &RecordId,
) -> Result<bool, StorageError> {
    let path = path(report);
    if !data.join(&path).exists() {
        return Ok(false);
    }
    files.remove(&path)?;
    Ok(true)
}

/// Returns a draft.
pub(crate) fn find(data: &Path, report: &RecordId) -> Option<Kept> {
    read(&std::fs::read(data.join(path(report))).ok()?)
}

/// Returns every draft, in the order of their ids.
pub(crate) fn all(data: &Path) -> Vec<Kept> {
    let files = std::fs::read_dir(data.join(DRAFTS)).into_iter().flatten();
    let files = files.filter_map(|file| std::fs::read(file.ok()?.path()).ok());
    let mut drafts: Vec<Kept> = files.filter_map(|bytes| read(&bytes)).collect();
    drafts.sort_by(|one, other| one.draft.report.cmp(&other.draft.report));
    drafts
}

fn read(bytes: &[u8]) -> Option<Kept> {
    let wire: Wire = serde_json::from_slice(bytes).ok()?;
    let (draft, _) = ReportDraft::parse("draft", &wire.draft);
    Some(Kept {
        draft: draft?,
        saved_by: wire.saved_by,
        saved_at: wire.saved_at,
    })
}
