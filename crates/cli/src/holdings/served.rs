//! Ledgers that a node serves, fetched whole.

use std::collections::BTreeMap;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use detente_records::Kind;

use super::{Blobs, Found};
use crate::failure::{Failure, FailureKind};
use crate::node::{Asker, escaped, ledger_paths};

/// What was fetched.
pub(super) struct Fetched {
    pub(super) found: Vec<Found>,
    pub(super) blobs: Blobs,
    pub(super) dossier: BTreeMap<String, Vec<u8>>,
}

/// Where a node serves the newest checkpoint of a ledger.
pub(crate) fn checkpoint_path(origin: &str) -> String {
    format!("/api/v1/ledgers/{}/checkpoint", escaped(origin))
}

/// Fetches the ledgers, the content their texts name, and the dossier's files.
pub(super) fn fetch(asker: &Asker) -> Result<Fetched, Failure> {
    let ledgers = asker.read("/api/v1/ledgers")?;
    let mut found = Vec::new();
    let mut blobs: BTreeMap<Hash, Vec<u8>> = BTreeMap::new();
    for ledger in ledgers.as_array().into_iter().flatten() {
        let text = |name: &str| ledger[name].as_str().unwrap_or_default().to_owned();
        let (origin, holder) = (text("origin"), text("holder"));
        let prefix = format!("/api/v1/ledgers/{}", escaped(&origin));
        let Some(head) = asker.bytes(&checkpoint_path(&origin))? else {
            let message = format!("no checkpoint of `{origin}` is published");
            return Err(Failure::new(FailureKind::Unreachable, message));
        };
        let signed = SignedCheckpoint::parse(&head)
            .map_err(|error| Failure::new(FailureKind::Verification, error))?;
        let mut files = BTreeMap::from([("checkpoint".to_owned(), head)]);
        for path in ledger_paths(signed.checkpoint().size()) {
            if let Some(bytes) = asker.bytes(&format!("{prefix}/{path}"))? {
                if path.starts_with("tile/entries") {
                    fetch_named(asker, &bytes, &mut blobs)?;
                }
                files.insert(path, bytes);
            }
        }
        found.push(Found {
            holder,
            place: origin,
            files: Box::new(files),
        });
    }
    let agreement = asker.read("/api/v1/agreement")?;
    let mut dossier = BTreeMap::new();
    for name in agreement["files"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        let path = format!("/api/v1/agreement/files/{}", escaped(name));
        if let Some(bytes) = asker.bytes(&path)? {
            dossier.insert(name.to_owned(), bytes);
        }
    }
    Ok(Fetched {
        found,
        blobs: Box::new(move |hash| blobs.get(&hash).cloned()),
        dossier,
    })
}

/// Fetches what texts and publications in a bundle of entries name; other content is not read here.
fn fetch_named(
    asker: &Asker,
    bundle: &[u8],
    blobs: &mut BTreeMap<Hash, Vec<u8>>,
) -> Result<(), Failure> {
    let text = String::from_utf8_lossy(bundle);
    let kinds = [Kind::AgreementTabled, Kind::PublicationStated];
    if !kinds.iter().any(|kind| text.contains(kind.wire_name())) {
        return Ok(());
    }
    for (at, marker) in text.match_indices("\"sha256\":\"") {
        let start = at + marker.len();
        let Some(hash) = text.get(start..start + 64).and_then(Hash::from_hex) else {
            continue;
        };
        if !blobs.contains_key(&hash)
            && let Some(bytes) = asker.bytes(&format!("/api/v1/blobs/{}", hash.to_hex()))?
        {
            blobs.insert(hash, bytes);
        }
    }
    Ok(())
}
