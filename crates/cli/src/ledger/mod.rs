//! `detente ledger`: offline verification and evidence, for anyone.

mod audit;
mod exhibit;
mod fork;
mod other;
mod proof;
mod show;
mod source;
mod trust;
mod verify;
mod web;

pub(crate) use audit::{AuditArgs, run as audit};

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// The arguments of `detente ledger`.
#[derive(Args, Debug)]
pub(crate) struct LedgerArgs {
    #[command(subcommand)]
    command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// Check every entry, tile and signature of a ledger, an evidence file or an exhibit
    Verify(verify::VerifyArgs),
    /// List entries
    Show(show::ShowArgs),
    /// Write an evidence file and a page about one entry
    Proof(proof::ProofArgs),
    /// Check everything: structure, signatures, keys, awareness, seals
    Audit(AuditArgs),
}

/// Hands the arguments to their verb.
pub(crate) fn run(args: &LedgerArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    match &args.command {
        LedgerCommand::Verify(args) => verify::run(args, printer),
        LedgerCommand::Show(args) => show::run(args, printer),
        LedgerCommand::Proof(args) => proof::run(args, printer),
        LedgerCommand::Audit(args) => audit(args, printer),
    }
}
