//! `detente ledger audit`: everything that can be checked, with the place of every fault.

use std::path::Path;

use clap::Args;
use detente_ledger::audit::Faults;
use detente_ledger::audit::content::{ContentAudit, ContentReport};
use detente_ledger::audit::structure::{Leftover, leftover};
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::keys::Cosigned;
use detente_ledger::reader::{LogReader, TileSource as _};
use serde_json::json;

use super::other::Other;
use super::source::{LedgerPlace, Source};
use super::trust::{Trust, TrustArgs, judge};
use super::verify::{Report, check_structure, faults_json};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printable::printable;
use crate::printer::Printer;

/// Faults printed; all are counted.
const FAULTS_SHOWN: usize = 20;

/// The arguments of `detente ledger audit`.
#[derive(Args, Debug)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    place: LedgerPlace,
    /// Another participant's ledger: its keys, its complaints, and what was known of it; may be
    /// repeated
    #[arg(long, value_name = "DIR|URL")]
    with: Vec<String>,
    #[command(flatten)]
    trust: TrustArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl AuditArgs {
    /// Audits a folder whose log key is known, beside the other ledgers of the agreement.
    pub(crate) fn of_folder(ledger: String, with: Vec<String>, log_key: String) -> Self {
        Self {
            place: LedgerPlace::of_folder(ledger),
            with,
            trust: TrustArgs::of_key(log_key),
            json: false,
        }
    }
}

/// Audits a ledger.
pub(crate) fn run(args: &AuditArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let source = args.place.open()?;
    let policy = args.trust.policy(Path::new(&args.place.ledger), printer)?;
    let signed = match source.checkpoint()? {
        Ok(signed) => signed,
        Err(message) => {
            let report = Report::without_checkpoint(&message);
            return finish(
                args,
                &report,
                &ContentReport::default(),
                &Faults::new(),
                printer,
            );
        }
    };
    let trust = judge(policy.as_ref(), &signed);
    let cosigned = match &trust {
        Trust::Verified(trusted) => trusted
            .cosigned
            .iter()
            .map(|(_, time_s)| Cosigned {
                size: signed.checkpoint().size(),
                time_s: *time_s,
            })
            .collect(),
        _ => Vec::new(),
    };
    let mut content = ContentAudit::new(&source, signed.checkpoint().origin(), cosigned);
    let structure = check_structure(&source, &signed, &mut content, printer)?;
    let mut others = Faults::new();
    let mut ledgers = Vec::new();
    for with in &args.with {
        ledgers.extend(Other::read(
            with,
            &args.place.connection,
            &mut others,
            printer,
        )?);
    }
    for other in &ledgers {
        content.know(&other.content);
    }
    let content = content.finish();
    if structure.is_empty() {
        check_own_citations(&source, &signed, &content, &mut others);
        for other in &ledgers {
            other.check_citations(&content, &mut others);
        }
    }
    check_log_key(&trust, &content, &mut others);
    check_leftovers(&source, &signed, &mut others)?;
    let report = Report::new(&signed, trust, structure);
    finish(args, &report, &content, &others, printer)
}

/// The checkpoint must be signed by a key that the ledger's own key events introduced.
fn check_log_key(trust: &Trust, content: &ContentReport, faults: &mut Faults) {
    let Trust::Verified(trusted) = trust else {
        return;
    };
    if let Some(log) = &trusted.log
        && content.identity.is_some()
        && !content.log_keys.contains(log)
    {
        let message = "signed with a key that no key event of this ledger introduced";
        faults.add("checkpoint", None, message);
    }
}

fn check_own_citations(
    source: &Source,
    signed: &SignedCheckpoint,
    content: &ContentReport,
    faults: &mut Faults,
) {
    let Ok(mut reader) = LogReader::open(source, signed.checkpoint().clone()) else {
        return;
    };
    for (index, size, root) in &content.own_citations {
        if reader.root_at(*size).ok() != Some(*root) {
            let message = "its awareness key cites a root this ledger never had";
            faults.add("tile/entries", Some(*index), message);
        }
    }
}

fn check_leftovers(
    source: &Source,
    signed: &SignedCheckpoint,
    faults: &mut Faults,
) -> Result<(), Failure> {
    for path in source.paths()?.into_iter().flatten() {
        if let Some(name) = path.strip_prefix("blob/") {
            let bytes = source
                .fetch(&path)
                .map_err(|error| source.unreachable(error))?;
            let hash = detente_ledger::hash::Hash::of(&bytes.unwrap_or_default());
            if hash.to_hex() != name {
                faults.add(path, None, "the blob is not what its name says");
            }
            continue;
        }
        let found = leftover(source, signed.checkpoint(), &path)
            .map_err(|error| source.unreachable(error))?;
        if found == Leftover::Contradicts {
            faults.add(
                path,
                None,
                "a partial tile of an earlier size that contradicts the log",
            );
        }
    }
    Ok(())
}

fn finish(
    args: &AuditArgs,
    report: &Report,
    content: &ContentReport,
    others: &Faults,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let count = report.faults().count() + content.faults.count() + others.count();
    let sound = count == 0;
    if args.json {
        let faults: Vec<_> = [report.faults(), &content.faults, others]
            .into_iter()
            .flat_map(faults_json)
            .collect();
        let mut answer = report.to_json();
        answer["verified"] = json!(sound && report.is_verified());
        answer["fault_count"] = json!(count);
        answer["faults"] = json!(faults);
        answer["kinds"] = json!(content.kinds);
        answer["key_events"] = json!(content.key_events);
        answer["identity"] = json!(content.identity.map(|identity| identity.to_hex()));
        answer["unit_signatures"] = json!(content.unit_signatures);
        answer["sealed"] = json!(content.sealed);
        answer["revealed"] = json!(content.revealed);
        answer["revealed_in_part"] = json!(content.revealed_in_part);
        answer["blobs_absent"] = json!(content.blobs_absent);
        printer.answer(&format!("{answer}\n"))?;
    } else {
        let mut text = report.to_text();
        if !sound && report.faults().is_empty() {
            text = text.replacen(
                "verified",
                "FAILED: the content does not hold; signatures verified",
                1,
            );
        }
        text.push_str(&summary(content));
        let faults = content.faults.list().iter().chain(others.list());
        for fault in faults.take(FAULTS_SHOWN) {
            text.push_str(&format!("  fault    {}\n", printable(&fault.to_string())));
        }
        text.push_str(&format!("  faults   {count} in all\n"));
        printer.answer(&text)?;
    }
    Ok(if sound {
        Exit::Favourable
    } else {
        Exit::VerificationFailed
    })
}

fn summary(content: &ContentReport) -> String {
    let mut text = String::new();
    if let Some(identity) = content.identity {
        text.push_str(&format!("  identity {}\n", identity.to_hex()));
    }
    for (kind, count) in &content.kinds {
        text.push_str(&format!("  kind     {kind}: {count}\n"));
    }
    text.push_str(&format!(
        "  checked  {} key events, {} unit signatures, {} sealed ({} revealed, {} blobs absent)\n",
        content.key_events,
        content.unit_signatures,
        content.sealed,
        content.revealed,
        content.blobs_absent
    ));
    if content.revealed_in_part > 0 {
        text.push_str(&format!(
            "  hint     {} reveals name recipients whose keys are unknown; give their ledgers with --with\n",
            content.revealed_in_part
        ));
    }
    text
}
