//! `detente ledger show`: what the entries say.

use std::path::Path;

use clap::Args;
use detente_ledger::entry::SignedEntry;
use detente_ledger::reader::LogReader;
use detente_spacetime::Instant;
use serde_json::{Value, json};

use super::source::LedgerPlace;
use super::trust::{Trust, TrustArgs, judge};
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;

/// Longest summary in the table.
const SUMMARY_CHARACTERS: usize = 60;

/// The arguments of `detente ledger show`.
#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    place: LedgerPlace,
    /// Only entries of this kind
    #[arg(long)]
    kind: Option<String>,
    /// Only entries of this author
    #[arg(long)]
    author: Option<String>,
    /// Only entries written at or after this instant
    #[arg(long, value_name = "INSTANT")]
    from: Option<String>,
    /// Only entries written before this instant
    #[arg(long, value_name = "INSTANT")]
    to: Option<String>,
    #[command(flatten)]
    trust: TrustArgs,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Lists entries, each checked against the checkpoint.
pub(crate) fn run(args: &ShowArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let filter = Filter::new(args)?;
    let source = args.place.open()?;
    let policy = args.trust.policy(Path::new(&args.place.ledger), printer)?;
    let verification = |message: String| Failure::new(FailureKind::Verification, message);
    let signed = source
        .checkpoint()?
        .map_err(|message| verification(format!("`checkpoint`: {message}")))?;
    match judge(policy.as_ref(), &signed) {
        Trust::Verified(_) => {}
        Trust::Refused(error) => return Err(verification(format!("`checkpoint`: {error}"))),
        Trust::Unknown => printer.note("warning: no key was given: who signed is not verified\n"),
    }
    let size = signed.checkpoint().size();
    let mut reader = LogReader::open(&source, signed.checkpoint().clone())
        .map_err(|error| verification(error.to_string()))?;
    for bundle in 0..size.div_ceil(256) {
        let entries = reader
            .bundle(bundle)
            .map_err(|error| verification(error.to_string()))?;
        for (index, bytes) in (bundle * 256..).zip(entries) {
            let entry = SignedEntry::parse(&bytes).ok();
            if filter.admits(entry.as_ref()) {
                printer.answer(&match args.json {
                    true => json_line(index, &bytes, entry.as_ref()),
                    false => table_line(index, &bytes, entry.as_ref()),
                })?;
            }
        }
    }
    Ok(Exit::Favourable)
}

struct Filter<'args> {
    kind: Option<&'args str>,
    author: Option<&'args str>,
    from: Option<Instant>,
    to: Option<Instant>,
}

impl<'args> Filter<'args> {
    fn new(args: &'args ShowArgs) -> Result<Self, Failure> {
        let instant = |text: &Option<String>| {
            let parse = |text: &String| {
                Instant::parse_rfc3339(text)
                    .map_err(|error| Failure::new(FailureKind::Usage, error))
            };
            text.as_ref().map(parse).transpose()
        };
        Ok(Self {
            kind: args.kind.as_deref(),
            author: args.author.as_deref(),
            from: instant(&args.from)?,
            to: instant(&args.to)?,
        })
    }

    fn admits(&self, entry: Option<&SignedEntry>) -> bool {
        let open = self.kind.is_none() && self.author.is_none();
        let open = open && self.from.is_none() && self.to.is_none();
        let Some(entry) = entry.map(SignedEntry::entry) else {
            // An entry of another kind of log has no kind, author or time to ask for.
            return open;
        };
        let at = Instant::parse_rfc3339(&entry.written_at).ok();
        self.kind.is_none_or(|kind| kind == entry.kind)
            && self.author.is_none_or(|author| author == entry.author)
            && self.from.is_none_or(|from| at.is_some_and(|at| at >= from))
            && self.to.is_none_or(|to| at.is_some_and(|at| at < to))
    }
}

fn json_line(index: u64, bytes: &[u8], entry: Option<&SignedEntry>) -> String {
    let content = match entry {
        Some(_) => serde_json::from_slice(bytes).unwrap_or(Value::Null),
        None => Value::Null,
    };
    let line = json!({
        "index": index,
        "entry": content,
        "bytes": bytes.len(),
        "leaf": detente_ledger::hash::Hash::leaf(bytes).to_base64(),
    });
    format!("{line}\n")
}

fn table_line(index: u64, bytes: &[u8], entry: Option<&SignedEntry>) -> String {
    let Some(entry) = entry.map(SignedEntry::entry) else {
        return format!(
            "{index:>9}  (not an entry of Detente, {} bytes)\n",
            bytes.len()
        );
    };
    let body = Value::Object(entry.body.clone()).to_string();
    let summary: String = body.chars().take(SUMMARY_CHARACTERS).collect();
    let line = format!(
        "{index:>9}  {:<27}  {:<24}  {:<16}  {summary}",
        entry.written_at, entry.author, entry.kind
    );
    format!("{}\n", printable(&line))
}
