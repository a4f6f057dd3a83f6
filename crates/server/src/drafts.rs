//! Reports at home: what their originator knows and nobody else reads. They lie among the node's files
//! and in no ledger; there is no route by which a peer could ask for one.

use detente_ledger::hash::Hash;
use detente_ledger::storage::{Storage as _, StorageError};
use detente_records::RecordId;
use detente_records::act::ReportDraft;
use detente_stores::store::{Reader, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Folder of the drafts.
const DRAFTS: &str = "drafts";
/// Longest draft that is read: the longest request that may bring one, written out with spaces.
const DRAFT_BYTES_MAX: usize = 256 << 20;

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
pub(crate) fn keep(files: &mut Store, kept: &Kept) -> Result<(), StorageError> {
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
pub(crate) fn forget(files: &mut Store, report: &RecordId) -> Result<bool, StorageError> {
    let path = path(report);
    if files.read(&path)?.is_none() {
        return Ok(false);
    }
    files.remove(&path)?;
    files.settle(&[])?;
    Ok(true)
}

/// Returns a draft.
pub(crate) fn find(reader: &Reader, report: &RecordId) -> Option<Kept> {
    read(&reader.read(&path(report), DRAFT_BYTES_MAX).ok()??)
}

/// Returns every draft, in the order of their ids.
pub(crate) fn all(reader: &Reader) -> Vec<Kept> {
    let names = reader.lengths(DRAFTS).unwrap_or_default().into_iter();
    let files = names.filter_map(|(name, _)| {
        let path = format!("{DRAFTS}/{name}");
        reader.read(&path, DRAFT_BYTES_MAX).ok()?
    });
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
