//! A dossier as one piece of bytes: what is tabled, hashed, initialled and adopted.
//!
//! One JSON object, `{"detente_dossier":1,"files":{name:text,…}}`, names ascending, written without
//! spaces. Only the bytes this writes are read: equal dossiers have equal bytes and one hash.

use std::collections::BTreeMap;

use detente_ledger::hash::Hash;
use detente_node::picture::Dossier;
use serde::{Deserialize, Serialize};

use super::founding;

/// Version of the bundle.
const VERSION: u32 = 1;
/// Media type of a bundle in entries.
pub const MEDIA_TYPE: &str = "application/vnd.detente.dossier+json";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    detente_dossier: u32,
    files: BTreeMap<String, String>,
}

/// Writes the bundle of a dossier's files; `None` when a file is not text.
pub fn write(files: &BTreeMap<String, Vec<u8>>) -> Option<Vec<u8>> {
    let texts = files.iter().map(|(name, bytes)| {
        let text = String::from_utf8(bytes.clone()).ok()?;
        Some((name.clone(), text))
    });
    let wire = Wire {
        detente_dossier: VERSION,
        files: texts.collect::<Option<_>>()?,
    };
    serde_json::to_vec(&wire).ok()
}

/// Reads the files of a bundle; `None` for anything but the bytes that [`write`] writes.
pub fn files(bytes: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
    let wire: Wire = serde_json::from_slice(bytes).ok()?;
    let is_canonical = serde_json::to_vec(&wire).is_ok_and(|again| again == bytes);
    if wire.detente_dossier != VERSION || !is_canonical {
        return None;
    }
    let files = wire.files.into_iter();
    Some(
        files
            .map(|(name, text)| (name, text.into_bytes()))
            .collect(),
    )
}

/// Reads a bundle: equal bytes give equal dossiers at every node.
pub fn read(bytes: &[u8]) -> Option<Dossier> {
    let dossier = founding::read(&files(bytes)?).ok()?;
    Some(Dossier {
        sha256: *Hash::of(bytes).as_bytes(),
        ..dossier
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_bytes_of_a_valid_dossier_are_read() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = folder.join("../../scenarios/syria-2016");
        let files: BTreeMap<String, Vec<u8>> =
            ["agreement.toml", "articles.cedar", "areas.geojson"]
                .into_iter()
                .map(|name| {
                    (
                        name.to_owned(),
                        std::fs::read(folder.join(name)).expect("file"),
                    )
                })
                .collect();
        let bytes = write(&files).expect("text");
        let dossier = read(&bytes).expect("valid");
        assert_eq!(dossier.sha256, *Hash::of(&bytes).as_bytes());
        let spaced = [b" ".as_slice(), &bytes].concat();
        assert!(read(&spaced).is_none());
        assert!(read(b"{\"detente_dossier\":1,\"files\":{}}").is_none());
    }
}
