//! `detente table`: a dossier laid before the participants as one piece of bytes, which they initial and adopt by its hash.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use detente_formats::DossierPart;
use detente_ledger::hash::Hash;
use detente_server::house::bundle;
use serde_json::{Value, json};

use super::write::{ActArgs, print_outcome};
use crate::dossier::ready;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// The arguments of `detente table`.
#[derive(Args, Debug)]
#[command(after_help = "\
The operations of a dossier are no part of the text. The hash that is printed is what `agreement_initialled` and
`agreement_adopted` name (docs/reference/acts.md); the same files give the same hash everywhere.")]
pub(crate) struct TableArgs {
    /// The folder of the dossier (`detente init` writes one)
    #[arg(value_name = "DOSSIER")]
    dossier: PathBuf,
    /// What the text is called on the record; the agreement's id when not given
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// The text it is to take the place of
    #[arg(long, value_name = "ID")]
    supersedes: Option<String>,
    /// Words to go with it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Only print the hash; nothing is sent
    #[arg(long)]
    hash_only: bool,
    #[command(flatten)]
    more: ActArgs,
}

/// Has the bytes of a dossier kept at the node, and tables them.
pub(crate) fn table(args: &TableArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let ready = ready(&args.dossier, args.more.json, printer)?;
    let bytes = bundle::write(&files(&args.dossier)?).ok_or_else(|| {
        Failure::new(
            FailureKind::InvalidInput,
            "a file of the dossier is not UTF-8",
        )
    })?;
    let hash = Hash::of(&bytes);
    let told = json!({
        "sha256": hash.to_hex(),
        "bytes": bytes.len(),
        "media_type": bundle::MEDIA_TYPE,
    });
    if args.hash_only {
        match args.more.json {
            true => printer.answer_json(&told)?,
            false => printer.answer(&format!("{}\n", hash.to_hex()))?,
        }
        return Ok(Exit::Favourable);
    }
    let subject = args.subject.as_deref();
    let subject = subject.unwrap_or(ready.dossier.agreement.id.as_str());
    let mut body = json!({"dossier": told});
    let more = [("supersedes", &args.supersedes), ("note", &args.note)];
    for (name, value) in more {
        if let (Some(value), Some(members)) = (value, body.as_object_mut()) {
            members.insert(name.to_owned(), Value::from(value.as_str()));
        }
    }
    let act =
        json!({"kind": "agreement_tabled", "subject": subject, "role": "consenter", "body": body});
    let asker = args.more.node.open()?;
    asker.keep(hash, &bytes)?;
    let (exit, said) = asker.act(&act, args.more.idempotency_key.as_deref())?;
    if args.more.json {
        printer.answer_json(&said)?;
        return Ok(exit);
    }
    print_outcome(exit, &said, printer)?;
    if exit == Exit::Favourable {
        printer.answer(&format!("the text is {}\n", hash.to_hex()))?;
    }
    Ok(exit)
}

/// The files of a dossier that are the text.
fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let mut files = BTreeMap::new();
    for (name, part) in DossierPart::ALL {
        let path = folder.join(name);
        if part == DossierPart::Operations || !path.exists() {
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|error| Failure::unreadable(&path, error))?;
        files.insert(name.to_owned(), bytes);
    }
    Ok(files)
}
