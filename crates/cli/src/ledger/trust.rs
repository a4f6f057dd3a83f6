//! Whom the reader trusts: keys or a policy file, or nobody.

use std::path::{Path, PathBuf};

use clap::Args;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::policy::{Policy, Trusted, UntrustedError};
use detente_ledger::vkey::{SignatureType, Vkey};

use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// Options that say whom to trust.
#[derive(Args, Debug)]
pub(crate) struct TrustArgs {
    /// Verifier key of the log, or a file with it; a cosigner's key makes its cosignature required, and for an exhibit
    /// the exporter's unit key its seal
    #[arg(long, value_name = "KEY|FILE", help_heading = "Trust")]
    vkey: Vec<String>,
    /// Policy file: logs, witnesses and the quorum asked of them (c2sp.org/tlog-policy)
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "vkey",
        help_heading = "Trust"
    )]
    policy: Option<PathBuf>,
}

impl TrustArgs {
    /// Trusts one key.
    pub(super) fn of_key(key: String) -> Self {
        Self {
            vkey: vec![key],
            policy: None,
        }
    }

    /// Reads the keys that were given, for what is judged key by key.
    pub(super) fn keys(&self, beside: &Path, printer: &mut Printer) -> Result<Vec<Vkey>, Failure> {
        let mut keys = Vec::new();
        for given in &self.vkey {
            keys.extend(read_keys(given, beside, printer)?);
        }
        Ok(keys)
    }

    /// Reads the policy file, where one was named.
    pub(super) fn named_policy(
        &self,
        beside: &Path,
        printer: &mut Printer,
    ) -> Result<Option<Policy>, Failure> {
        let Some(path) = &self.policy else {
            return Ok(None);
        };
        warn_inside(beside, path, printer);
        let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, error))?;
        let policy = Policy::parse(&bytes)
            .map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
        Ok(Some(policy))
    }

    /// Reads the keys or the policy; `None` when nothing was given.
    pub(crate) fn policy(
        &self,
        ledger: &Path,
        printer: &mut Printer,
    ) -> Result<Option<Policy>, Failure> {
        if let Some(policy) = self.named_policy(ledger, printer)? {
            return Ok(Some(policy));
        }
        if self.vkey.is_empty() {
            return Ok(None);
        }
        let mut text = String::new();
        let mut witnesses = Vec::new();
        for (number, given) in self.vkey.iter().enumerate() {
            for key in read_keys(given, ledger, printer)? {
                if key.signature_type() == SignatureType::CosignatureV1 {
                    let name = format!("w{number}");
                    text.push_str(&format!("witness {name} {key}\n"));
                    witnesses.push(name);
                } else {
                    text.push_str(&format!("log {key}\n"));
                }
            }
        }
        match witnesses.is_empty() {
            true => text.push_str("quorum none\n"),
            false => {
                text.push_str(&format!("group all-given all {}\n", witnesses.join(" ")));
                text.push_str("quorum all-given\n");
            }
        }
        let policy = Policy::parse(text.as_bytes())
            .map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
        Ok(Some(policy))
    }
}

/// Reads keys given as text or as a file with one key a line.
fn read_keys(given: &str, ledger: &Path, printer: &mut Printer) -> Result<Vec<Vkey>, Failure> {
    let path = Path::new(given);
    let text = match path.is_file() {
        true => {
            warn_inside(ledger, path, printer);
            std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, error))?
        }
        false => given.to_owned(),
    };
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            Vkey::parse(line).map_err(|error| {
                Failure::new(FailureKind::InvalidInput, error).hint(format!(
                    "`{given}` is neither a verifier key nor a file with one"
                ))
            })
        })
        .collect()
}

/// A key that lies in the folder it should vouch for proves nothing about that folder.
fn warn_inside(ledger: &Path, path: &Path, printer: &mut Printer) {
    let (Ok(ledger), Ok(path)) = (ledger.canonicalize(), path.canonicalize()) else {
        return;
    };
    if path.starts_with(&ledger) {
        printer.note(&format!(
            "warning: `{}` lies inside the ledger it should vouch for; take keys from their owner\n",
            path.display()
        ));
    }
}

/// What is known about who signed.
#[derive(Debug)]
pub(crate) enum Trust {
    /// The policy is satisfied.
    Verified(Box<Trusted>),
    /// The policy is not satisfied.
    Refused(UntrustedError),
    /// No key was given.
    Unknown,
}

/// Judges a checkpoint.
pub(crate) fn judge(policy: Option<&Policy>, signed: &SignedCheckpoint) -> Trust {
    match policy.map(|policy| policy.check(signed)) {
        None => Trust::Unknown,
        Some(Ok(trusted)) => Trust::Verified(Box::new(trusted)),
        Some(Err(error)) => Trust::Refused(error),
    }
}
