//! `detente export`: everything a board of inquiry needs to verify what a node holds, in one sealed
//! file, or whole ledgers in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::entry::SignedEntry;
use detente_ledger::exhibit::{Sealed, collect_named};
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
    /// File to write, such as `kafr-sousa.exhibit`; with --folder, a folder. It must not exist
    #[arg(value_name = "FILE")]
    out: PathBuf,
    /// Only entries about this subject; with --folder, only they get proof files of their own
    #[arg(long)]
    subject: Option<String>,
    /// Encrypt the file to this age recipient; may be given more than once
    #[arg(long, value_name = "age1…", conflicts_with = "folder")]
    to: Vec<String>,
    /// Write every ledger whole, with tiles, into a folder, for other tools
    #[arg(long)]
    folder: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    node: NodeArgs,
}

/// Writes the bundle.
pub(crate) fn run(args: &ExportArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    if args.out.exists() {
        let message = format!("`{}` is already there", args.out.display());
        return Err(Failure::new(FailureKind::Usage, message).hint("name a new one"));
    }
    match args.folder {
        true => export_ledgers(args, printer),
        false => export_exhibit(args, printer),
    }
}

/// Has the node seal an exhibit, and writes it.
fn export_exhibit(args: &ExportArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let recipients = recipients(&args.to)?;
    let asker = args.node.open()?;
    let path = match &args.subject {
        Some(subject) => format!("/api/v1/exhibit?subject={}", escaped(subject)),
        None => "/api/v1/exhibit".to_owned(),
    };
    let bytes = asker.bytes(&path)?.ok_or_else(|| match &args.subject {
        Some(subject) => nothing_about(subject),
        None => Failure::new(FailureKind::Unreachable, "the node makes no exhibits"),
    })?;
    // Whatever the node sent: what is written is an exhibit.
    let sealed =
        Sealed::parse(&bytes).map_err(|error| Failure::new(FailureKind::Verification, error))?;
    let written = match recipients.is_empty() {
        true => bytes,
        false => encrypted(&bytes, &recipients)?,
    };
    crate::file::write(&args.out, &written)?;
    let ledgers: Vec<Value> = sealed
        .exhibit
        .ledgers
        .iter()
        .map(|ledger| {
            json!({
                "origin": ledger.checkpoint.checkpoint().origin(),
                "entries": ledger.entries.len(),
                "withheld": ledger.withheld,
            })
        })
        .collect();
    let answer = json!({
        "file": args.out.display().to_string(),
        "ledgers": ledgers,
        "contents": sealed.exhibit.contents.len(),
        "is_encrypted": !recipients.is_empty(),
    });
    if args.json {
        printer.answer_json(&answer)?;
    } else {
        for ledger in &ledgers {
            let withheld = ledger["withheld"].as_u64();
            printer.answer(&format!(
                "{}: {} entries{}\n",
                crate::printable::printable(ledger["origin"].as_str().unwrap_or_default()),
                ledger["entries"],
                withheld.map_or_else(String::new, |count| format!(", {count} withheld")),
            ))?;
        }
        printer.answer(&format!("written to {}\n", args.out.display()))?;
    }
    Ok(Exit::Favourable)
}

/// Says that a subject is not on record, or not for this user: a node tells neither from the other.
fn nothing_about(subject: &str) -> Failure {
    let message = format!("no entry about `{subject}` is on record that you may read");
    Failure::new(FailureKind::InvalidInput, message).hint(
        "is its id spelt as in the record? without --subject everything you may read is written",
    )
}

fn recipients(given: &[String]) -> Result<Vec<age::x25519::Recipient>, Failure> {
    let parse = |text: &String| {
        text.parse().map_err(|error: &str| {
            let message = format!("`{text}` is no age recipient: {error}");
            Failure::new(FailureKind::Usage, message)
        })
    };
    given.iter().map(parse).collect()
}

fn encrypted(bytes: &[u8], recipients: &[age::x25519::Recipient]) -> Result<Vec<u8>, Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::new(FailureKind::Usage, error.to_string());
    let recipients = recipients.iter().map(|it| it as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(|error| failed(&error))?;
    let mut out = Vec::new();
    let mut writer = encryptor
        .wrap_output(&mut out)
        .map_err(|error| failed(&error))?;
    writer.write_all(bytes).map_err(|error| failed(&error))?;
    writer.finish().map_err(|error| failed(&error))?;
    Ok(out)
}

/// Writes every ledger whole.
fn export_ledgers(args: &ExportArgs, printer: &mut Printer) -> Result<Exit, Failure> {
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
    write(&args.out.join(HOLDERS_FILE), holders.as_bytes())?;
    let readme = "Each folder is one ledger: `detente ledger verify FOLDER --vkey KEY` checks it \
                  offline, with keys you got from their owners. `proofs/` holds one evidence file \
                  (c2sp.org/tlog-proof) an entry, `blob/` content that entries name by hash.\n";
    write(&args.out.join("README.txt"), readme.as_bytes())?;
    if let Some(subject) = &args.subject
        && answer.iter().all(|ledger| ledger["proofs"] == json!(0))
    {
        let written = format!(
            "the ledgers are written whole to `{}`, without a proof file",
            args.out.display()
        );
        return Err(nothing_about(subject).hint(written));
    }
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
    let folder = args.out.join(origin.replace(['/', '\\'], "_"));
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
        collect_named(&Value::Object(parsed.entry().body.clone()), &mut named);
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
