//! Every change to a log's files is found, at its place, or is shown to be irrelevant by name.

use std::collections::BTreeMap;

use detente_ledger::audit::structure::{Leftover, check, leftover};
use detente_ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use detente_ledger::policy::Policy;

use crate::sample::{log_key, sample_log, witness_key};

type FileMap = BTreeMap<String, Vec<u8>>;

/// The places of all faults, or the reason why the checkpoint is not believed.
fn places(files: &FileMap) -> Result<Vec<String>, String> {
    let policy = Policy::of_log(log_key().vkey().clone());
    let bytes = files.get("checkpoint").cloned().unwrap_or_default();
    let signed = SignedCheckpoint::parse(&bytes).map_err(|error| error.to_string())?;
    policy.check(&signed).map_err(|error| error.to_string())?;
    let faults = check(files, signed.checkpoint(), &mut ()).expect("memory");
    Ok(faults
        .list()
        .iter()
        .map(|fault| fault.path.clone())
        .collect())
}

/// 600 entries: full and partial bundles, tiles of two levels, a cosigned checkpoint, a partial
/// tile of an earlier size, and a file that is no part of the log.
fn every_kind_of_file() -> (FileMap, Checkpoint) {
    let (mut files, signed) = sample_log(600);
    let mut note = signed.note().clone();
    note.cosign(&witness_key(), 77);
    files.insert("checkpoint".to_owned(), note.to_bytes());
    let earlier = files["tile/0/002.p/88"][..40 * 32].to_vec();
    files.insert("tile/0/002.p/40".to_owned(), earlier);
    files.insert("notes.txt".to_owned(), b"not part of the log".to_vec());
    (files, signed.checkpoint().clone())
}

#[test]
fn a_sound_log_has_no_faults() {
    for size in [0, 1, 2, 255, 256, 257, 600, 65_536 + 3] {
        assert_eq!(places(&sample_log(size).0), Ok(Vec::new()), "{size}");
    }
}

#[test]
fn every_flipped_byte_is_found_at_its_file_or_is_irrelevant_by_name() {
    let (files, head) = every_kind_of_file();
    let mut irrelevant: BTreeMap<String, u64> = BTreeMap::new();
    let stranger = {
        let text = String::from_utf8(files["checkpoint"].clone()).expect("text");
        text.find("\u{2014} bravo").expect("the cosignature line")
    };
    for (path, bytes) in &files {
        let mut bent_files = files.clone();
        for place in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[place] ^= 1 << (place % 8);
            bent_files.insert(path.clone(), bent);
            let ignored = match path.as_str() {
                "notes.txt" => Some("a file that is no part of a log"),
                // No key of the reader: its signature is ignored, but its form is not.
                "checkpoint" if place >= stranger => Some("a signature by an unknown key"),
                "tile/0/002.p/40" => {
                    let found = leftover(&bent_files, &head, path).expect("memory");
                    assert_eq!(found, Leftover::Contradicts, "{path} byte {place}");
                    continue;
                }
                _ => None,
            };
            match (ignored, places(&bent_files)) {
                (_, Err(_)) => assert_eq!(path, "checkpoint", "byte {place}"),
                (None, Ok(found)) => assert_eq!(found, [path.as_str()], "{path} byte {place}"),
                (Some(name), Ok(found)) => {
                    assert_eq!(found, Vec::<String>::new());
                    *irrelevant.entry(name.to_owned()).or_default() += 1;
                }
            }
        }
    }
    let names: Vec<&str> = irrelevant.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "a file that is no part of a log",
            "a signature by an unknown key"
        ]
    );
}

#[test]
fn every_missing_file_is_found() {
    let (files, head) = every_kind_of_file();
    for path in files.keys() {
        let mut without = files.clone();
        without.remove(path);
        let found = leftover(&files, &head, path).expect("memory");
        match (path.as_str(), places(&without)) {
            ("checkpoint", result) => assert!(result.is_err()),
            (_, result) if found == Leftover::Needed => {
                assert_eq!(result, Ok(vec![path.clone()]));
            }
            (_, result) => assert_eq!(result, Ok(Vec::new())),
        }
    }
}

#[test]
fn the_entry_itself_is_named() {
    let (mut files, head) = every_kind_of_file();
    let bundle = files.get_mut("tile/entries/001").expect("bundle");
    let place = bundle
        .windows(3)
        .position(|window| window == b"300")
        .expect("entry 300");
    bundle[place] = b'9';
    let faults = check(&files, &head, &mut ()).expect("memory");
    let only = &faults.list()[0];
    assert_eq!((faults.count(), only.index), (1, Some(300)));
    assert_eq!(
        only.to_string(),
        "`tile/entries/001`, entry 300: not the logged entry"
    );
}

#[test]
fn an_altered_entry_with_an_altered_tile_is_still_found() {
    let (mut files, head) = every_kind_of_file();
    let (other, _) = crate::sample::log_files(
        &(0..600)
            .map(|index| format!("{{\"other\":{index}}}").into_bytes())
            .collect::<Vec<_>>(),
    );
    for path in ["tile/entries/001", "tile/0/001"] {
        files.insert(path.to_owned(), other[path].clone());
    }
    let faults = check(&files, &head, &mut ()).expect("memory");
    let paths: Vec<&str> = faults
        .list()
        .iter()
        .map(|fault| fault.path.as_str())
        .collect();
    assert!(
        paths.contains(&"tile/1/000.p/2") || paths.contains(&"tile/0/001"),
        "{paths:?}"
    );
    assert!(!faults.is_empty());
}

#[test]
fn a_claimed_size_beyond_all_files_ends_soon() {
    let (files, head) = sample_log(10);
    let root = head.checkpoint().root();
    let huge = Checkpoint::new("x", (1 << 63) - 1, root).expect("head");
    let faults = check(&files, &huge, &mut ()).expect("memory");
    assert!((1..3000).contains(&faults.count()));
}
