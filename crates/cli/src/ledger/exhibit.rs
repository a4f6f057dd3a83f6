//! `detente ledger verify FILE.exhibit`: the sealed file of a board of inquiry, checked offline.

use std::path::Path;

use detente_ledger::evidence::{EVIDENCE_EXTENSION, Evidence};
use detente_ledger::exhibit::{EXHIBIT_EXTENSION, EXHIBIT_HEADER, Exhibit, Findings, Sealed};
use detente_ledger::hash::Hash;
use detente_ledger::policy::Policy;
use serde_json::{Value, json};

use super::trust::TrustArgs;
use super::verify::{begins, instant};
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;

/// How files encrypted with age begin (age-encryption.org/v1).
const AGE: &[u8] = b"age-encryption.org/v1";
/// Faults printed; all are counted.
const FAULTS_SHOWN: usize = 20;

/// What was asked for.
pub(super) struct Asked<'a> {
    pub(super) file: &'a Path,
    pub(super) identity: Option<&'a Path>,
    pub(super) unpack: Option<&'a Path>,
    pub(super) json: bool,
}

/// Returns whether a file is named like an exhibit or begins like one, encrypted or not.
pub(super) fn is_exhibit(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let plain = name.strip_suffix(".age").unwrap_or(&name);
    plain.ends_with(&format!(".{EXHIBIT_EXTENSION}"))
        || begins(path, EXHIBIT_HEADER.as_bytes())
        || begins(path, AGE)
}

/// Verifies an exhibit, and unpacks it.
pub(super) fn run(
    asked: &Asked<'_>,
    trust: &TrustArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let (keys, policy) = match trust.named_policy(asked.file, printer)? {
        Some(policy) => (policy.logs().to_vec(), Some(policy)),
        None => (trust.keys(asked.file, printer)?, None),
    };
    if keys.is_empty() {
        let message = "no key was given: an exhibit convinces by the keys of its ledgers";
        return Err(Failure::new(FailureKind::Usage, message)
            .hint("give --vkey for each ledger, as its owner told you, or --policy with a log line for each"));
    }
    let bytes =
        std::fs::read(asked.file).map_err(|error| Failure::unreadable(asked.file, error))?;
    let bytes = match bytes.starts_with(AGE) {
        true => decrypted(&bytes, asked.identity)?,
        false => bytes,
    };
    let verification = |error| Failure::new(FailureKind::Verification, error);
    let sealed = Sealed::parse(&bytes).map_err(verification)?;
    let mut findings = sealed.verify(&keys);
    if let Some(policy) = &policy {
        judge(&sealed.exhibit, policy, &mut findings);
    }
    if let Some(folder) = asked.unpack
        && findings.faults.is_empty()
    {
        unpack(&sealed.exhibit, folder)?;
    }
    match asked.json {
        true => printer.answer_json(&as_json(&sealed.exhibit, &findings))?,
        false => printer.answer(&as_text(&sealed.exhibit, &findings))?,
    }
    Ok(match findings.faults.is_empty() {
        true => Exit::Favourable,
        false => Exit::VerificationFailed,
    })
}

/// Adds what the policy says of each checkpoint.
fn judge(exhibit: &Exhibit, policy: &Policy, findings: &mut Findings) {
    for (ledger, signed) in exhibit.ledgers.iter().zip(&mut findings.ledgers) {
        match policy.check_by_log(&ledger.checkpoint) {
            Ok(trusted) => signed.cosigned = trusted.cosigned,
            // That was found before.
            Err(_) if signed.log.is_none() => {}
            Err(error) => {
                let origin = ledger.checkpoint.checkpoint().origin();
                findings.faults.push(format!("`{origin}`: {error}"));
            }
        }
    }
}

fn decrypted(bytes: &[u8], identity: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let path = identity.ok_or_else(|| {
        Failure::new(FailureKind::Usage, "the exhibit is encrypted")
            .hint("give --identity: the age identity it was made for")
    })?;
    let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, error))?;
    let line = text
        .lines()
        .find(|line| line.starts_with("AGE-SECRET-KEY-"));
    let identity: age::x25519::Identity = line
        .and_then(|line| line.trim().parse().ok())
        .ok_or_else(|| {
            let message = format!("`{}` holds no age identity", path.display());
            Failure::new(FailureKind::InvalidInput, message)
        })?;
    age::decrypt(&identity, bytes).map_err(|error| Failure::new(FailureKind::Verification, error))
}

fn as_json(exhibit: &Exhibit, findings: &Findings) -> Value {
    let ledgers = exhibit.ledgers.iter().zip(&findings.ledgers);
    let ledgers: Vec<Value> = ledgers
        .map(|(ledger, signed)| {
            let head = ledger.checkpoint.checkpoint();
            let cosigned = signed.cosigned.iter();
            json!({
                "origin": head.origin(),
                "size": head.size(),
                "entries": ledger.entries.len(),
                "withheld": ledger.withheld,
                "signed_by": signed.log.as_ref().map(ToString::to_string),
                "cosigned": cosigned
                    .map(|(key, time_s)| json!({"by": key.name().as_str(), "time_s": time_s}))
                    .collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "verified": findings.faults.is_empty(),
        "sealed_by": findings.sealed_by.as_ref().map(|key| key.name().as_str()),
        "statement": exhibit.statement,
        "ledgers": ledgers,
        "contents": exhibit.contents.len(),
        "faults": findings.faults,
    })
}

fn as_text(exhibit: &Exhibit, findings: &Findings) -> String {
    let said = |name: &str| {
        let value = exhibit.statement.get(name).and_then(Value::as_str);
        printable(value.unwrap_or("–")).to_string()
    };
    let mut text = format!(
        "exhibit of {} by {} at {}\n",
        said("holder"),
        said("by"),
        said("at")
    );
    text.push_str(&match &findings.sealed_by {
        Some(key) => format!("sealed by {}\n", key.name()),
        None => "sealed by a key that was not given: the ledgers vouch for their entries, nobody for what was left out\n".to_owned(),
    });
    for (ledger, signed) in exhibit.ledgers.iter().zip(&findings.ledgers) {
        let head = ledger.checkpoint.checkpoint();
        let withheld = match ledger.withheld {
            Some(count) => format!(", {count} withheld"),
            None => String::new(),
        };
        text.push_str(&format!(
            "{}: {} of {} entries{withheld}\n",
            printable(head.origin()),
            ledger.entries.len(),
            head.size(),
        ));
        if let Some(key) = &signed.log {
            text.push_str(&format!("  signed by {} ({})\n", key.name(), key.id()));
        }
        for (key, time_s) in &signed.cosigned {
            let at = instant(*time_s);
            text.push_str(&format!("  cosigned by {} at {at}\n", key.name()));
        }
    }
    text.push_str(&format!("{} contents\n", exhibit.contents.len()));
    for fault in findings.faults.iter().take(FAULTS_SHOWN) {
        text.push_str(&format!("FAULT {}\n", printable(fault)));
    }
    text.push_str(&match findings.faults.len() {
        0 => "verified: every entry is in its ledger as its owner signed it\n".to_owned(),
        count => format!("{count} faults: this exhibit does not hold\n"),
    });
    text
}

/// Writes what was verified, for the tools of strangers.
fn unpack(exhibit: &Exhibit, folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        let message = format!("`{}` is already there", folder.display());
        return Err(Failure::new(FailureKind::Usage, message).hint("name a new folder"));
    }
    let write = |path: std::path::PathBuf, bytes: &[u8]| {
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, bytes));
        written.map_err(|error| Failure::unwritable(&path, error))
    };
    for ledger in &exhibit.ledgers {
        let head = ledger.checkpoint.checkpoint();
        let place = folder.join(head.origin().replace(['/', '\\'], "_"));
        write(
            place.join("checkpoint"),
            &ledger.checkpoint.note().to_bytes(),
        )?;
        for entry in &ledger.entries {
            let evidence = Evidence {
                extra: None,
                index: entry.index,
                proof: entry.proof.clone(),
                checkpoint: ledger.checkpoint.clone(),
            };
            let name = format!("{}.{EVIDENCE_EXTENSION}", entry.index);
            write(place.join(name), &evidence.to_bytes())?;
            write(place.join(format!("{}.entry", entry.index)), &entry.bytes)?;
        }
    }
    for content in &exhibit.contents {
        let name = Hash::of(content).to_hex();
        write(folder.join("contents").join(name), content)?;
    }
    Ok(())
}
