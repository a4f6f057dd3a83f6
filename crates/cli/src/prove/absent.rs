//! In place of the second proof where the command was built without it.

use clap::Args;
use detente_agreement::Prover;
use detente_records::concern::Concern;

use super::ruling::Opinion;
use crate::failure::Failure;
use crate::printer::Printer;

/// No options: there is nothing to choose.
#[derive(Args, Debug)]
pub(super) struct SecondArgs {}

/// No solver.
pub(super) struct Second;

impl Second {
    /// Says that there is none.
    pub(super) fn find(_: &SecondArgs, printer: &mut Printer) -> Result<Self, Failure> {
        printer.note("note: built without a second prover: proved by the built-in analysis only\n");
        Ok(Self)
    }

    pub(super) fn names(&self) -> Vec<String> {
        Vec::new()
    }

    #[expect(clippy::unnecessary_wraps, reason = "the same as with a second prover")]
    pub(super) fn worker(&self, _: &Prover<'_>) -> Result<Worker, Failure> {
        Ok(Worker)
    }
}

/// Nobody at work.
pub(super) struct Worker;

impl Worker {
    pub(super) fn opinions(&mut self, _: &Concern) -> Vec<(String, Opinion)> {
        Vec::new()
    }

    pub(super) fn never_errs(&mut self) -> Vec<(String, Opinion)> {
        Vec::new()
    }
}
