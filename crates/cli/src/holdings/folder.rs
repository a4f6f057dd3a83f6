//! Ledgers in a folder: wherever below it a `checkpoint` lies beside `tile/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use detente_stores::directory::Directory;

use super::{Blobs, Found};
use crate::failure::{Failure, FailureKind};

/// The file that says whose ledger is whose: `{"US": "us.example/ledger", …}`.
pub(crate) const HOLDERS_FILE: &str = "holders.json";
/// How far below the folder ledgers are looked for: a node's mirrors lie three folders down.
const DEPTH_MAX: usize = 5;
/// Folders looked into; more is not a folder of ledgers.
const FOLDERS_MAX: usize = 10_000;
/// Largest file of a dossier read.
const DOSSIER_FILE_BYTES_MAX: u64 = 64 << 20;

/// Finds the ledgers below a folder; of several copies of one the longest counts.
pub(super) fn open(folder: &Path) -> Result<(Vec<Found>, Blobs), Failure> {
    let mut ledgers: BTreeMap<String, (u64, PathBuf)> = BTreeMap::new();
    let mut blobs: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut open = vec![(folder.to_owned(), 0)];
    let mut seen = 0;
    while let Some((path, depth)) = open.pop() {
        seen += 1;
        if seen > FOLDERS_MAX {
            let message = format!("`{}` has more than {FOLDERS_MAX} folders", folder.display());
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("name the folder that holds the ledgers"));
        }
        let head = std::fs::read(path.join("checkpoint")).ok();
        if let Some(head) = head.and_then(|bytes| SignedCheckpoint::parse(&bytes).ok()) {
            let (origin, size) = (head.checkpoint().origin(), head.checkpoint().size());
            let known = ledgers
                .entry(origin.to_owned())
                .or_insert((size, path.clone()));
            if size > known.0 {
                *known = (size, path.clone());
            }
        }
        let inside = std::fs::read_dir(&path).map_err(|error| Failure::unreadable(&path, error))?;
        for entry in inside.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().ok();
            if kind.is_some_and(|kind| kind.is_dir()) && depth < DEPTH_MAX && name != "tile" {
                open.push((entry.path(), depth + 1));
            } else if Hash::from_hex(&name).is_some() {
                blobs.insert(name, entry.path());
            }
        }
    }
    if ledgers.is_empty() {
        let message = format!("no ledger lies in `{}`", folder.display());
        return Err(Failure::new(FailureKind::Usage, message).hint(
            "a ledger is a folder with `checkpoint` and `tile/`; `detente export` writes them",
        ));
    }
    let holders = holders(folder)?;
    let mut found = Vec::new();
    for (origin, (_, path)) in ledgers {
        let Some(holder) = holders.get(&origin) else {
            let message = format!("nothing says whose the ledger `{origin}` is");
            return Err(
                Failure::new(FailureKind::InvalidInput, message).hint(format!(
                    "add it to {HOLDERS_FILE}: {{\"HOLDER\": \"{origin}\"}}"
                )),
            );
        };
        found.push(Found {
            holder: holder.clone(),
            files: Box::new(Directory::new(&path)),
            place: path.display().to_string(),
        });
    }
    let read = move |hash: Hash| std::fs::read(blobs.get(&hash.to_hex())?).ok();
    Ok((found, Box::new(read)))
}

/// Reads whose ledger is whose, by origin.
fn holders(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let path = folder.join(HOLDERS_FILE);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Failure::unreadable(&path, error).hint(format!(
            "write a file {HOLDERS_FILE} that says whose ledger is whose: {{\"US\": \"us.example/ledger\"}}"
        ))
    })?;
    let holders: BTreeMap<String, String> = serde_json::from_str(&text).map_err(|error| {
        let message = format!("`{}`: {error}", path.display());
        Failure::new(FailureKind::InvalidInput, message)
            .hint("it is one JSON object: an origin for each holder")
    })?;
    Ok(holders
        .into_iter()
        .map(|(holder, origin)| (origin, holder))
        .collect())
}

/// Reads the files of a dossier.
pub(super) fn dossier_files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let mut files = BTreeMap::new();
    let inside = std::fs::read_dir(folder).map_err(|error| Failure::unreadable(folder, error))?;
    for entry in inside.flatten() {
        let path = entry.path();
        let length = entry.metadata().map(|metadata| metadata.len()).unwrap_or(0);
        if path.is_file() && length <= DOSSIER_FILE_BYTES_MAX {
            let bytes = std::fs::read(&path).map_err(|error| Failure::unreadable(&path, error))?;
            files.insert(entry.file_name().to_string_lossy().into_owned(), bytes);
        }
    }
    Ok(files)
}
