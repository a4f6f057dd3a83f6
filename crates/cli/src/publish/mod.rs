//! `detente publish`: the public announcement, as a page and as a file, with proofs that need no node.

mod check;
mod compose;
#[cfg(test)]
mod forgeries;
mod page;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use detente_ledger::policy::Policy;
use detente_records::Kind;
use detente_spacetime::Instant;
use serde_json::{Value, json};

pub(crate) use check::check;
use compose::gather;
pub(crate) use compose::{Draft, draft, recomposed};

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::holdings::{Holdings, RecordArgs, checkpoint_path, trust_policy};
use crate::life::instant;
use crate::node::Asker;
use crate::printer::Printer;
use detente_node::announcement::ANNOUNCEMENT;
use detente_node::announcement::wire::{AnnouncementFile, Statement};

/// Media type of a statement beside a ledger.
const MEDIA_TYPE: &str = "application/vnd.detente.statement+json";
/// How often a node is asked whether its ledgers are published and cosigned.
const ASK_EVERY: Duration = Duration::from_millis(250);
/// How often at most.
const ASKS_MAX: u32 = 240;

/// The arguments of `detente publish`.
#[derive(Args, Debug)]
pub(crate) struct PublishArgs {
    #[command(flatten)]
    record: RecordArgs,
    /// Write FILE.json, FILE.html and the keys to compare, FILE.policy
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Entries from this instant on are no part of it; all that are there when not given
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Instant>,
    /// Only write what would be stated; nothing is put on record, and nobody vouches for it
    #[arg(long, conflicts_with = "endorse")]
    draft: bool,
    /// Compose another participant's announcement anew from the ledgers here, and vouch for it where
    /// every byte is the same
    #[arg(long, value_name = "ANNOUNCEMENT", conflicts_with = "at")]
    endorse: Option<PathBuf>,
    /// File whose first line is the token of whoever gives the participant's word, where --token-file
    /// is that of somebody who may read every ledger
    #[arg(long, value_name = "FILE")]
    consenter_token_file: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Publishes.
pub(crate) fn run(args: &PublishArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    match args.record.holdings(printer)? {
        Some(holdings) => from_folder(args, &holdings, printer),
        None => from_node(args, printer),
    }
}

fn from_folder(
    args: &PublishArgs,
    holdings: &Holdings,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    if args.endorse.is_some() {
        let message = "a folder puts nothing on record: only a node vouches for a statement";
        return Err(Failure::new(FailureKind::Usage, message)
            .hint("leave DIR out and name the node with --node"));
    }
    if args.draft {
        return write_draft(args, &draft(holdings, args.at)?, printer);
    }
    let file = gather(holdings, None)?.ok_or_else(|| {
        let message = "no participant has vouched for a statement in these ledgers";
        Failure::new(FailureKind::InvalidInput, message).hint(
            "`detente publish` at a participant's node puts one on record; --draft shows what it would say",
        )
    })?;
    write_all(args, holdings, &file, printer)
}

fn from_node(args: &PublishArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let asker = args.record.node.open()?;
    let holdings = Holdings::of_node(&asker, printer)?;
    let draft = match &args.endorse {
        None => draft(&holdings, args.at)?,
        Some(path) => match compose::again(&holdings, path)? {
            Ok(draft) => draft,
            Err(difference) => {
                printer.answer(&format!(
                    "not endorsed: composed from the ledgers here it says something else\n  {difference}\n"
                ))?;
                return Ok(Exit::Unfavourable);
            }
        },
    };
    if args.draft {
        return write_draft(args, &draft, printer);
    }
    let consenter = match &args.consenter_token_file {
        Some(path) => Some(args.record.node.open_with(Some(path))?),
        None => None,
    };
    let (exit, said) = endorse(consenter.as_ref().unwrap_or(&asker), &draft)?;
    if exit != Exit::Favourable {
        let says = said["refusal"]["says"].as_str().unwrap_or("refused");
        printer.answer(&format!("refused: {says}\n"))?;
        return Ok(exit);
    }
    let word = Word::of(&said);
    match joined(&asker, &draft, &word, printer, &mut || {
        asker.wait(ASK_EVERY)
    })? {
        Some((holdings, file)) => write_all(args, &holdings, &file, printer),
        None => {
            let message = format!(
                "entry {} of `{}` is on record, and not everything is cosigned yet",
                word.index, word.origin
            );
            Err(Failure::new(FailureKind::Unreachable, message).hint(
                "when the other nodes answer, `detente publish DIR` on an export makes the announcement",
            ))
        }
    }
}

/// Where a participant's word for a statement lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    origin: String,
    index: u64,
}

impl Word {
    /// Reads what the node answers to the act.
    pub(crate) fn of(said: &Value) -> Self {
        Self {
            origin: said["origin"].as_str().unwrap_or_default().to_owned(),
            index: said["index"].as_u64().unwrap_or(0),
        }
    }

    /// Whether so much of a ledger may still be without it.
    ///
    /// What a node serves right after the act may be the checkpoint before it, cosigned by everybody: joined under that
    /// one, an announcement that others vouch for already would leave out the word that was just given.
    fn is_beyond(&self, origin: &str, size: u64) -> bool {
        self.origin == origin && size <= self.index
    }
}

/// Joins a statement that is on record with its proofs, when every ledger it counts is published with
/// the cosignatures of all the others, and the own with the word that was given last; `None` when that does not come
/// about in time.
pub(crate) fn joined(
    asker: &Asker,
    draft: &Draft,
    word: &Word,
    printer: &Printer,
    wait: &mut dyn FnMut(),
) -> Result<Option<(Holdings, AnnouncementFile)>, Failure> {
    let mut asks = 0;
    while asks < ASKS_MAX {
        let holdings = Holdings::of_node(asker, printer)?;
        let policy = Policy::parse(trust_policy(&holdings.ledgers).as_bytes())
            .map_err(|error| Failure::new(FailureKind::Bug, error))?;
        let mut heads = holdings
            .ledgers
            .iter()
            .map(|held| (&held.origin, &held.head));
        if heads.all(|(origin, head)| is_whole(origin, head, &policy, word))
            && let Some(file) = gather(&holdings, Some(draft.sha256()))?
        {
            return Ok(Some((holdings, file)));
        }
        // Ledgers are long and checkpoints short: only these are asked for until they are whole.
        loop {
            asks += 1;
            wait();
            if asks >= ASKS_MAX || are_whole(asker, &holdings, &policy, word)? {
                break;
            }
        }
    }
    Ok(None)
}

/// Whether a checkpoint is cosigned as a policy asks, and of so much as holds the word that was given.
fn is_whole(origin: &str, head: &SignedCheckpoint, policy: &Policy, word: &Word) -> bool {
    policy.check(head).is_ok() && !word.is_beyond(origin, head.checkpoint().size())
}

/// Whether the checkpoints that a node now serves are whole.
fn are_whole(
    asker: &Asker,
    holdings: &Holdings,
    policy: &Policy,
    word: &Word,
) -> Result<bool, Failure> {
    for held in &holdings.ledgers {
        let head = asker.bytes(&checkpoint_path(&held.origin))?;
        let head = head.and_then(|bytes| SignedCheckpoint::parse(&bytes).ok());
        if head.is_none_or(|head| !is_whole(&held.origin, &head, policy, word)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Keeps the statement beside the ledger and puts its hash on record.
pub(crate) fn endorse(asker: &Asker, draft: &Draft) -> Result<(Exit, Value), Failure> {
    asker.keep(draft.sha256(), draft.text().as_bytes())?;
    asker.act(&draft.act(), None)
}

impl Draft {
    /// The act by which a participant vouches for the statement.
    pub(crate) fn act(&self) -> Value {
        json!({
            "kind": Kind::PublicationStated.wire_name(),
            "subject": self.statement().document,
            "role": "consenter",
            "body": {
                "part": ANNOUNCEMENT,
                "publicity": "published",
                "content": {
                    "sha256": self.sha256().to_hex(),
                    "bytes": self.text().len(),
                    "media_type": MEDIA_TYPE,
                },
            },
        })
    }
}

fn write_draft(args: &PublishArgs, draft: &Draft, printer: &mut Printer) -> Result<Exit, Failure> {
    let path = with_extension(&args.out, "draft.json");
    write(&path, draft.text().as_bytes())?;
    let answer = json!({
        "sha256": draft.sha256().to_hex(),
        "statement": path.display().to_string(),
        "endorsed_by": [],
    });
    match args.json {
        true => printer.answer_json(&answer)?,
        false => printer.answer(&format!(
            "{}: what would be stated; sha256 {}\n",
            path.display(),
            draft.sha256().to_hex()
        ))?,
    }
    Ok(Exit::Favourable)
}

fn write_all(
    args: &PublishArgs,
    holdings: &Holdings,
    file: &AnnouncementFile,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let written = write_files(&args.out, holdings, file)?;
    let files: Vec<String> = written
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let sha256 = Hash::of(file.statement.as_bytes()).to_hex();
    let missing = file.not_endorsed_by();
    match args.json {
        true => printer
            .answer_json(&json!({"sha256": sha256, "files": files, "not_endorsed_by": missing}))?,
        false => {
            for file in &files {
                printer.answer(&format!("{file}\n"))?;
            }
            printer.answer(&format!(
                "statement sha256 {sha256}\ncheck it with `detente ledger verify {} --policy KEYS`\n",
                files.first().map_or("", String::as_str)
            ))?;
            if !missing.is_empty() {
                printer.answer(&format!(
                    "not vouched for by {} yet: each does it at its own node with `detente publish --endorse {}`\n",
                    missing.join(", "),
                    files.first().map_or("", String::as_str)
                ))?;
            }
        }
    }
    Ok(Exit::Favourable)
}

/// Writes the announcement as a file and as a page, and the keys to compare; returns the three paths.
pub(crate) fn write_files(
    out: &Path,
    holdings: &Holdings,
    file: &AnnouncementFile,
) -> Result<[PathBuf; 3], Failure> {
    let statement: Statement = serde_json::from_str(&file.statement)
        .map_err(|error| Failure::new(FailureKind::Bug, error))?;
    let json = with_extension(out, "json");
    let html = with_extension(out, "html");
    let policy = with_extension(out, "policy");
    write(&json, &file.to_bytes())?;
    write(&html, page::page(file, &statement).as_bytes())?;
    write(&policy, trust_policy(&holdings.ledgers).as_bytes())?;
    Ok([json, html, policy])
}

fn with_extension(out: &Path, extension: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::unwritable(path, error))
}

#[cfg(test)]
mod tests {
    use super::Word;

    #[test]
    fn a_checkpoint_from_before_a_word_was_given_is_waited_past() {
        let said = serde_json::json!({"origin": "in.example/ledger", "index": 20});
        let word = Word::of(&said);
        assert!(word.is_beyond("in.example/ledger", 20));
        assert!(!word.is_beyond("in.example/ledger", 21));
        assert!(!word.is_beyond("pa.example/ledger", 3));
    }

    /// The schemas of both files; run with `UPDATE_REFERENCE=1` to refresh them.
    #[test]
    fn the_published_schemas_are_those_of_the_files() {
        crate::reference::assert_schema_fresh::<super::AnnouncementFile>(
            "announcement.schema.json",
        );
        crate::reference::assert_schema_fresh::<super::Statement>("statement.schema.json");
    }
}
