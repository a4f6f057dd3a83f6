//! A proof that the owner of a ledger signed two histories, as nodes and the console's proof room make it.

use std::path::Path;

use detente_ledger::fork::{FORK_HEADER, ForkProof};
use serde_json::json;

use super::trust::TrustArgs;
use super::verify::is_named;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;

/// The file extension.
const EXTENSION: &str = "fork";

/// Whether a file is named like one, or begins like one.
pub(super) fn is_fork(path: &Path) -> bool {
    is_named(path, EXTENSION, FORK_HEADER)
}

/// Verifies it with the keys of the ledger.
pub(super) fn run(
    path: &Path,
    trust: &TrustArgs,
    as_json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let policy = trust.policy(path, printer)?.ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            "a proof of two histories is judged by the ledger's key",
        )
        .hint("give it with --vkey, or --policy")
    })?;
    let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, error))?;
    let fork =
        ForkProof::parse(&bytes).map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
    let result = fork.verify(policy.logs());
    let heads = [&fork.smaller, &fork.larger].map(|signed| signed.checkpoint());
    if as_json {
        let answer = json!({
            "verified": result.is_ok(),
            "origin": heads[0].origin(),
            "sizes": heads.map(|head| head.size()),
            "reason": result.as_ref().err().map(ToString::to_string),
        });
        printer.answer(&format!("{answer}\n"))?;
    } else {
        let origin = printable(heads[0].origin());
        let [small, large] = heads.map(|head| head.size());
        printer.answer(&match &result {
            Ok(()) => format!(
                "verified: the owner of {origin} signed two histories: its checkpoints of {small} and {large} entries contradict each other\n"
            ),
            Err(error) => format!("FAILED: no second history of {origin} is proven: {error}\n"),
        })?;
    }
    Ok(match result {
        Ok(()) => Exit::Favourable,
        Err(_) => Exit::VerificationFailed,
    })
}
