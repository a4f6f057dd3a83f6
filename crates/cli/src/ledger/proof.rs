//! `detente ledger proof`: evidence about one entry, for a verifier and for a person.

use std::path::{Path, PathBuf};

use clap::Args;
use detente_ledger::evidence::Evidence;
use detente_ledger::reader::LogReader;

use super::source::LedgerPlace;
use super::trust::{Trust, TrustArgs, judge};
use super::verify::instant;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// The arguments of `detente ledger proof`.
#[derive(Args, Debug)]
pub(crate) struct ProofArgs {
    #[command(flatten)]
    place: LedgerPlace,
    /// Index of the entry
    index: u64,
    /// Write PREFIX.tlog-proof, PREFIX.entry and PREFIX.html
    #[arg(long, value_name = "PREFIX")]
    out: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Writes the evidence file, the entry's bytes and the page.
pub(crate) fn run(args: &ProofArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let source = args.place.open()?;
    let policy = args.trust.policy(Path::new(&args.place.ledger), printer)?;
    let verification = |message: String| Failure::new(FailureKind::Verification, message);
    let signed = source
        .checkpoint()?
        .map_err(|message| verification(format!("`checkpoint`: {message}")))?;
    let trust = judge(policy.as_ref(), &signed);
    if let Trust::Refused(error) = &trust {
        return Err(verification(format!("`checkpoint`: {error}")));
    }
    let size = signed.checkpoint().size();
    if args.index >= size {
        let message = format!(
            "the ledger has {size} entries; there is no entry {}",
            args.index
        );
        return Err(Failure::new(FailureKind::Usage, message));
    }
    let mut reader = LogReader::open(&source, signed.checkpoint().clone())
        .map_err(|error| verification(error.to_string()))?;
    let entry = reader
        .entry(args.index)
        .map_err(|error| verification(error.to_string()))?;
    let proof = reader
        .inclusion_proof(args.index)
        .map_err(|error| verification(error.to_string()))?;
    let evidence = Evidence {
        extra: None,
        index: args.index,
        proof,
        checkpoint: signed,
    };
    let prefix = args
        .out
        .clone()
        .unwrap_or_else(|| format!("entry-{}", args.index).into());
    let page = page(&evidence, &entry, &trust);
    write(&prefix, "tlog-proof", &evidence.to_bytes(), printer)?;
    write(&prefix, "entry", &entry, printer)?;
    write(&prefix, "html", page.as_bytes(), printer)?;
    Ok(Exit::Favourable)
}

fn write(
    prefix: &Path,
    extension: &str,
    bytes: &[u8],
    printer: &mut Printer,
) -> Result<(), Failure> {
    let mut name = prefix.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    let path = PathBuf::from(name);
    std::fs::write(&path, bytes).map_err(|error| Failure::unwritable(&path, error))?;
    printer.answer(&format!("{}\n", path.display()))
}

/// Makes a page that a court clerk can read; it loads nothing from anywhere.
fn page(evidence: &Evidence, entry: &[u8], trust: &Trust) -> String {
    let head = evidence.checkpoint.checkpoint();
    let mut rows = vec![
        ("Ledger", head.origin().to_owned()),
        (
            "Entry",
            format!("number {} of {}", evidence.index, head.size()),
        ),
        ("Root", head.root().to_base64()),
    ];
    if let Trust::Verified(trusted) = trust {
        if let Some(log) = &trusted.log {
            rows.push(("Signed by", format!("{} ({})", log.name(), log.id())));
        }
        for (key, time_s) in &trusted.cosigned {
            let text = format!("{} ({}) at {}", key.name(), key.id(), instant(*time_s));
            rows.push(("Cosigned by", text));
        }
    } else {
        rows.push(("Signatures", "not checked: no key was given".to_owned()));
    }
    let rows: String = rows
        .iter()
        .map(|(name, value)| format!("<tr><th>{name}</th><td>{}</td></tr>\n", escape(value)))
        .collect();
    let entry = escape(&String::from_utf8_lossy(entry));
    let file = escape(&String::from_utf8_lossy(&evidence.to_bytes()));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <title>Evidence: entry {index}</title>\n\
         <style>body{{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}\
         th{{text-align:left;padding-right:1em;vertical-align:top}}\
         pre{{background:#f4f4f4;padding:1em;overflow-x:auto;white-space:pre-wrap;\
         overflow-wrap:anywhere}}</style>\n\
         <h1>Evidence that an entry was logged</h1>\n<table>\n{rows}</table>\n\
         <h2>The entry, byte for byte</h2>\n<pre>{entry}</pre>\n\
         <h2>The proof</h2>\n\
         <p>Whoever holds the ledger's public key can check it without this page and without \
         asking anyone: the format is c2sp.org/tlog-proof.</p>\n<pre>{file}</pre>\n</html>\n",
        index = evidence.index,
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
