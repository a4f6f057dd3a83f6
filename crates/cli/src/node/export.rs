//! `detente export`: everything a board of inquiry needs to verify what a node holds, in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::entry::SignedEntry;
use detente_ledger::reader::{FetchError, LogReader, TileSource};
use detente_ledger::tile::{TILE_WIDTH, bundle_in_tree, hashes_at_level, tile_in_tree};
use serde_json::{Value, json};

use super::read::escaped;
use super::{Asker, NodeArgs};
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::holdings::HOLDERS_FILE;
use crate::printer::Printer;

/// The arguments of `detente export`.
#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// Folder to write, which must not exist
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Only entries about this subject get their own proof files; every ledger is exported whole
    #[arg(long)]
    subject: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    node: NodeArgs,
}

/// Writes the bundle.
pub(crate) fn run(args: &ExportArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    if args.folder.exists() {
        let message = format!("`{}` is already there", args.folder.display());
        return Err(Failure::new(FailureKind::Usage, message).hint("name a new folder"));
    }
    let asker = args.node.open()?;
    let ledgers = asker.read("/api/v1/ledgers")?;
    let mut answer = Vec::new();
    for ledger in ledgers.as_array().into_iter().flatten() {
        let origin = ledger["origin"].as_str().unwrap_or_default();
        answer.push(export_ledger(&asker, origin, args)?);
    }
    let holders: BTreeMap<&str, &str> = ledgers
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|ledger| Some((ledger["holder"].as_str()?, ledger["origin"].as_str()?)))
        .collect();
    let holders = serde_json::to_string_pretty(&holders).unwrap_or_default() + "\n";
    write(&args.folder.join(HOLDERS_FILE), holders.as_bytes())?;
    let readme = "Each folder is one ledger: `detente ledger verify FOLDER --vkey KEY` checks it \
                  offline, with keys you got from their owners. `proofs/` holds one evidence file \
                  (c2sp.org/tlog-proof) an entry, `blob/` content that entries name by hash.\n";
    write(&args.folder.join("README.txt"), readme.as_bytes())?;
    if args.json {
        printer.answer_json(&json!({ "ledgers": answer }))?;
    } else {
        for ledger in &answer {
            let text = |name: &str| ledger[name].as_str().unwrap_or_default().to_owned();
            printer.answer(&format!(
                "{}: {} entries, {} proofs, {} blobs of {} named, in {}\n",
                text("origin"),
                ledger["entries"],
                ledger["proofs"],
                ledger["blobs"],
                ledger["blobs_named"],
                text("folder")
            ))?;
        }
    }
    Ok(Exit::Favourable)
}

fn export_ledger(asker: &Asker, origin: &str, args: &ExportArgs) -> Result<Value, Failure> {
    let prefix = format!("/api/v1/ledgers/{}", escaped(origin));
    let folder = args.folder.join(origin.replace(['/', '\\'], "_"));
    let bytes = asker
        .bytes(&format!("{prefix}/checkpoint"))?
        .ok_or_else(|| {
            let message = format!("no checkpoint of `{origin}` is published");
            Failure::new(FailureKind::Unreachable, message)
        })?;
    let signed = SignedCheckpoint::parse(&bytes)
        .map_err(|error| Failure::new(FailureKind::Verification, error))?;
    let size = signed.checkpoint().size();
    for path in ledger_paths(size) {
        let tile = asker.bytes(&format!("{prefix}/{path}"))?.ok_or_else(|| {
            let message = format!("`{path}` of `{origin}` is missing");
            Failure::new(FailureKind::Verification, message)
        })?;
        write(&folder.join(path), &tile)?;
    }
    write(&folder.join("checkpoint"), &bytes)?;
    let verify = |error: &dyn std::fmt::Display| {
        Failure::new(FailureKind::Verification, format!("`{origin}`: {error}"))
    };
    let source = Written(&folder);
    let mut reader =
        LogReader::open(&source, signed.checkpoint().clone()).map_err(|error| verify(&error))?;
    let (mut proofs, mut named) = (0, BTreeSet::new());
    for index in 0..size {
        let entry = reader.entry(index).map_err(|error| verify(&error))?;
        let Ok(parsed) = SignedEntry::parse(&entry) else {
            continue;
        };
        collect_blobs(&Value::Object(parsed.entry().body.clone()), &mut named);
        let subject = parsed.entry().body.get("subject").and_then(Value::as_str);
        let wanted = args.subject.as_deref();
        if wanted.is_some_and(|wanted| subject != Some(wanted)) {
            continue;
        }
        let path = format!("/api/v1/records/{}/{index}/proof", escaped(origin));
        if let Some(proof) = asker.bytes(&path)? {
            write(&folder.join(format!("proofs/{index}.tlog-proof")), &proof)?;
            write(&folder.join(format!("proofs/{index}.entry")), &entry)?;
            proofs += 1;
        }
    }
    let mut blobs = 0;
    for hash in &named {
        if let Some(bytes) = asker.bytes(&format!("/api/v1/blobs/{hash}"))? {
            write(&folder.join(format!("blob/{hash}")), &bytes)?;
            blobs += 1;
        }
    }
    Ok(json!({
        "origin": origin,
        "folder": folder.display().to_string(),
        "entries": size,
        "proofs": proofs,
        "blobs": blobs,
        "blobs_named": named.len(),
    }))
}

/// Returns the paths of every tile and bundle of a tree.
pub(crate) fn ledger_paths(size: u64) -> Vec<String> {
    let mut paths = Vec::new();
    for level in 0..8 {
        let tiles = hashes_at_level(size, level).div_ceil(TILE_WIDTH);
        paths.extend((0..tiles).filter_map(|index| tile_in_tree(size, level, index)));
    }
    let bundles = size.div_ceil(TILE_WIDTH);
    paths.extend((0..bundles).filter_map(|index| bundle_in_tree(size, index)));
    paths.iter().map(ToString::to_string).collect()
}

fn collect_blobs(value: &Value, named: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_blobs(item, named)),
        Value::Object(members) => {
            if let (Some(hash), Some(_)) = (
                members.get("sha256").and_then(Value::as_str),
                members.get("bytes").and_then(Value::as_u64),
            ) {
                named.insert(hash.to_owned());
            }
            members.values().for_each(|item| collect_blobs(item, named));
        }
        _ => {}
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = path
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, bytes));
    written.map_err(|error| Failure::unwritable(path, error))
}

/// What was just written.
struct Written<'a>(&'a Path);

impl TileSource for &Written<'_> {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        std::fs::read(self.0.join(path))
            .map(Some)
            .map_err(|error| FetchError {
                path: path.to_owned(),
                reason: error.to_string(),
            })
    }
}
