//! Exact places of this participant's objects that are shown coarsely: kept beside the ledgers, and told to those they are
//! released to.

use detente_ledger::hash::Hash;
use detente_ledger::storage::{Storage as _, StorageError};
use detente_records::RecordId;
use detente_records::act::ExactPlace;
use detente_stores::store::{Reader, Store};
use serde_json::Value;

/// Folder of what is kept.
const EXACT_PLACES: &str = "exact-places";
/// Longest one that is read: what describes an object fits an entry, and an entry has 65,535 bytes.
const BYTES_MAX: usize = 1 << 20;

/// The name of its file: ids may hold anything that can be printed, names of files may not.
fn path(object: &RecordId, version: u32) -> String {
    let parts: [&[u8]; 3] = [
        b"detente/exact-place/file/v1",
        &version.to_be_bytes(),
        object.as_str().as_bytes(),
    ];
    format!("{EXACT_PLACES}/{}.json", Hash::of_parts(&parts).to_hex())
}

/// Keeps where an object stands exactly, durably; what was kept of the same version gives way.
///
/// # Errors
///
/// The storage's.
pub(crate) fn keep(files: &mut Store, place: &ExactPlace) -> Result<(), StorageError> {
    let bytes = place.to_json().to_string().into_bytes();
    files.replace(&path(&place.object, place.version), &bytes)
}

/// Forgets what was kept of a version that is not on record.
///
/// # Errors
///
/// The storage's.
pub(crate) fn forget(
    files: &mut Store,
    object: &RecordId,
    version: u32,
) -> Result<(), StorageError> {
    files.remove(&path(object, version))?;
    files.settle(&[])
}

/// Returns what is kept of a version.
pub(crate) fn find(reader: &Reader, object: &RecordId, version: u32) -> Option<ExactPlace> {
    let bytes = reader.read(&path(object, version), BYTES_MAX).ok()??;
    let Ok(Value::Object(members)) = serde_json::from_slice(&bytes) else {
        return None;
    };
    ExactPlace::parse("exact place", &members).0
}
