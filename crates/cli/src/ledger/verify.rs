//! `detente ledger verify`: does everything below a signed checkpoint hold?

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use detente_ledger::audit::Faults;
use detente_ledger::audit::structure::{Visitor, check};
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::evidence::{EVIDENCE_EXTENSION, EVIDENCE_HEADER, Evidence, EvidenceRefused};
use detente_ledger::vkey::Vkey;
use serde_json::{Value, json};

use super::source::{LedgerPlace, Source};
use super::trust::{Trust, TrustArgs, judge};
use super::web::Connection;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;
use crate::progress::Progress;

/// Faults printed; all are counted.
const FAULTS_SHOWN: usize = 20;
/// How names of announcements end, as a file and as a page.
const ANNOUNCEMENT_EXTENSIONS: [&str; 2] = ["json", "html"];

/// The arguments of `detente ledger verify`.
#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// Folder or URL prefix with `checkpoint` and `tile/`, an evidence file (`.tlog-proof`), an
    /// announcement as a file or a page, an exhibit (`.exhibit`), or a proof of two histories (`.fork`)
    #[arg(value_name = "DIR|URL|FILE")]
    ledger: String,
    /// The entry an evidence file speaks of
    #[arg(long, value_name = "FILE")]
    entry: Option<PathBuf>,
    /// Write an exhibit's entries, proofs and contents into this folder, which must not exist
    #[arg(long, value_name = "DIR")]
    unpack: Option<PathBuf>,
    /// File with the age identity that an encrypted exhibit was made for
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    connection: Connection,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Verifies a ledger, an evidence file or an exhibit.
pub(crate) fn run(args: &VerifyArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let path = Path::new(&args.ledger);
    if path.is_file() && is_named(path, EVIDENCE_EXTENSION, EVIDENCE_HEADER) {
        return verify_evidence(args, path, printer);
    }
    if path.is_file() && super::fork::is_fork(path) {
        return super::fork::run(path, &args.trust, args.json, printer);
    }
    if path.is_file() && super::exhibit::is_exhibit(path) {
        let asked = super::exhibit::Asked {
            file: path,
            identity: args.identity.as_deref(),
            unpack: args.unpack.as_deref(),
            json: args.json,
        };
        return super::exhibit::run(&asked, &args.trust, printer);
    }
    if path.is_file() {
        if !is_announcement(path) {
            let message = format!(
                "`{}` is neither evidence nor an announcement, an exhibit or a proof of two histories",
                path.display()
            );
            return Err(Failure::new(FailureKind::InvalidInput, message).hint(
                "docs/protocol/ledger.md and docs/protocol/exhibit.md say how such files begin",
            ));
        }
        let policy = args.trust.policy(path, printer)?.ok_or_else(|| {
            Failure::new(FailureKind::Usage, "an announcement is judged by keys")
                .hint("give the participants' keys with --policy or --vkey")
        })?;
        return crate::publish::check(path, &policy, args.json, printer);
    }
    let place = LedgerPlace {
        ledger: args.ledger.clone(),
        connection: args.connection.clone(),
    };
    let source = place.open()?;
    let policy = args.trust.policy(path, printer)?;
    let report = match source.checkpoint()? {
        Err(message) => Report::without_checkpoint(&message),
        Ok(signed) => {
            let trust = judge(policy.as_ref(), &signed);
            let faults = check_structure(&source, &signed, &mut (), printer)?;
            Report::new(&signed, trust, faults)
        }
    };
    match args.json {
        true => printer.answer(&format!("{}\n", report.to_json()))?,
        false => printer.answer(&report.to_text())?,
    }
    Ok(report.exit())
}

/// Whether a file is named like one of a kind, or begins like one: people name files as they like, and one that somebody
/// changed may begin otherwise.
pub(super) fn is_named(path: &Path, extension: &str, header: &str) -> bool {
    let is_named = path.extension().is_some_and(|named| named == extension);
    is_named || begins(path, header.as_bytes())
}

/// Whether a file begins with these bytes.
pub(super) fn begins(path: &Path, bytes: &[u8]) -> bool {
    let mut beginning = Vec::new();
    let read = File::open(path).and_then(|file| {
        let length = bytes.len() as u64;
        file.take(length).read_to_end(&mut beginning)
    });
    read.is_ok() && beginning == bytes
}

fn is_announcement(path: &Path) -> bool {
    let kinds = ANNOUNCEMENT_EXTENSIONS.iter().zip(["{", "<"]);
    let mut kinds = kinds.map(|(extension, header)| is_named(path, extension, header));
    kinds.any(|is_one| is_one)
}

/// Checks the structure with a progress line.
pub(crate) fn check_structure(
    source: &Source,
    signed: &SignedCheckpoint,
    visitor: &mut dyn Visitor,
    printer: &Printer,
) -> Result<Faults, Failure> {
    let progress = printer.progress("entries verified");
    let size = signed.checkpoint().size();
    let mut watched = Watched {
        visitor,
        progress,
        size,
    };
    let faults = check(source, signed.checkpoint(), &mut watched);
    watched.progress.finish();
    faults.map_err(|error| source.unreachable(error))
}

struct Watched<'visitor> {
    visitor: &'visitor mut dyn Visitor,
    progress: Progress,
    size: u64,
}

impl Visitor for Watched<'_> {
    fn entry(&mut self, index: u64, bytes: &[u8]) {
        if index.is_multiple_of(4096) {
            self.progress.at(index, Some(self.size));
        }
        self.visitor.entry(index, bytes);
    }
}

/// What verification found.
#[derive(Debug)]
pub(crate) struct Report {
    head: Option<SignedCheckpoint>,
    trust: Trust,
    faults: Faults,
}

impl Report {
    pub(crate) fn new(head: &SignedCheckpoint, trust: Trust, mut faults: Faults) -> Self {
        if let Trust::Refused(error) = &trust {
            let mut all = Faults::new();
            all.add("checkpoint", None, error.to_string());
            for fault in faults.list() {
                all.add(fault.path.clone(), fault.index, fault.message.clone());
            }
            faults = all;
        }
        Self {
            head: Some(head.clone()),
            trust,
            faults,
        }
    }

    pub(crate) fn without_checkpoint(message: &str) -> Self {
        let mut faults = Faults::new();
        faults.add("checkpoint", None, message);
        Self {
            head: None,
            trust: Trust::Unknown,
            faults,
        }
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Whether a trusted key signed and nothing is wrong.
    pub(crate) fn is_verified(&self) -> bool {
        self.faults.is_empty() && matches!(self.trust, Trust::Verified(_))
    }

    pub(crate) fn exit(&self) -> Exit {
        match self.faults.is_empty() {
            true => Exit::Favourable,
            false => Exit::VerificationFailed,
        }
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = match (self.faults.is_empty(), &self.trust) {
            (false, _) => format!("FAILED: {} fault(s)\n", self.faults.count()),
            (true, Trust::Verified(_)) => "verified\n".to_owned(),
            (true, _) => {
                "not verified: no key was given; the structure alone is sound\n".to_owned()
            }
        };
        if let Some(head) = &self.head {
            let checkpoint = head.checkpoint();
            text.push_str(&format!("  log      {}\n", printable(checkpoint.origin())));
            text.push_str(&format!("  entries  {}\n", checkpoint.size()));
            text.push_str(&format!("  root     {}\n", checkpoint.root()));
            text.push_str(&self.signers(head));
        }
        for fault in self.faults.list().iter().take(FAULTS_SHOWN) {
            text.push_str(&format!("  fault    {}\n", printable(&fault.to_string())));
        }
        let shown = u64::try_from(FAULTS_SHOWN).unwrap_or(u64::MAX);
        if self.faults.count() > shown {
            text.push_str(&format!("  … and {} more\n", self.faults.count() - shown));
        }
        if self.faults.is_empty() && matches!(self.trust, Trust::Unknown) {
            text.push_str(
                "  hint     give the log's key with --vkey, or --policy, to know who signed\n",
            );
        }
        text
    }

    fn signers(&self, head: &SignedCheckpoint) -> String {
        let mut text = String::new();
        if let Trust::Verified(trusted) = &self.trust {
            if let Some(log) = &trusted.log {
                text.push_str(&format!("  signed   {} {}\n", log.name(), log.id()));
            }
            for (key, time_s) in &trusted.cosigned {
                let at = instant(*time_s);
                text.push_str(&format!("  cosigned {} {} at {at}\n", key.name(), key.id()));
            }
            return text;
        }
        for signature in head.note().signatures() {
            let name = printable(signature.name().as_str()).to_string();
            text.push_str(&format!(
                "  claimed  {name} {} (not checked)\n",
                signature.id()
            ));
        }
        text
    }

    pub(crate) fn to_json(&self) -> Value {
        let head = self.head.as_ref().map(SignedCheckpoint::checkpoint);
        let (log, cosigned) = match &self.trust {
            Trust::Verified(trusted) => (
                trusted.log.as_ref().map(Vkey::to_string),
                trusted
                    .cosigned
                    .iter()
                    .map(|(key, time_s)| json!({ "vkey": key.to_string(), "time_s": time_s }))
                    .collect(),
            ),
            _ => (None, Vec::new()),
        };
        json!({
            "verified": self.is_verified(),
            "key_given": !matches!(self.trust, Trust::Unknown),
            "origin": head.map(|head| head.origin()),
            "size": head.map(|head| head.size()),
            "root": head.map(|head| head.root().to_base64()),
            "log": log,
            "cosigned": cosigned,
            "fault_count": self.faults.count(),
            "faults": faults_json(&self.faults),
        })
    }
}

/// Returns the faults as JSON.
pub(crate) fn faults_json(faults: &Faults) -> Vec<Value> {
    let fault = |fault: &detente_ledger::audit::Fault| json!({ "path": fault.path, "index": fault.index, "message": fault.message });
    faults.list().iter().map(fault).collect()
}

/// Writes seconds since 1970 as an instant.
pub(crate) fn instant(time_s: u64) -> String {
    i64::try_from(time_s)
        .ok()
        .and_then(|seconds| seconds.checked_mul(1_000_000))
        .and_then(detente_spacetime::Instant::from_micros)
        .map_or_else(
            || format!("second {time_s} since 1970"),
            |at| at.to_string(),
        )
}

fn verify_evidence(args: &VerifyArgs, path: &Path, printer: &mut Printer) -> Result<Exit, Failure> {
    let entry = args.entry.as_ref().ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            "an evidence file needs the entry it speaks of",
        )
        .hint("give it with --entry FILE")
    })?;
    let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, error))?;
    let entry = std::fs::read(entry).map_err(|error| Failure::unreadable(entry, error))?;
    let policy = args.trust.policy(path, printer)?.ok_or_else(|| {
        Failure::new(FailureKind::Usage, "evidence is judged by keys")
            .hint("give the log's key with --vkey, or --policy")
    })?;
    let evidence =
        Evidence::parse(&bytes).map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
    let result = evidence.verify(&entry, &policy);
    let head = evidence.checkpoint.checkpoint();
    if args.json {
        let reason = result.as_ref().err().map(ToString::to_string);
        let answer = json!({
            "verified": result.is_ok(),
            "origin": head.origin(),
            "index": evidence.index,
            "size": head.size(),
            "reason": reason,
            "code": result.as_ref().err().map(EvidenceRefused::code),
        });
        printer.answer(&format!("{answer}\n"))?;
    } else {
        let place = format!("entry {} of {}", evidence.index, printable(head.origin()));
        printer.answer(&match &result {
            Ok(_) => format!("verified: {place} is this entry\n"),
            Err(error) => format!("FAILED: {place}: {error}\n"),
        })?;
    }
    Ok(if result.is_ok() {
        Exit::Favourable
    } else {
        Exit::VerificationFailed
    })
}
