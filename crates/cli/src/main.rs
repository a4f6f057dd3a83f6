//! The `detente` command: dispatch, and nothing else.
//!
//! Each verb has a folder or file of its own; the command alone talks to the terminal, the file
//! system and the clock, and hands what it read to the rooms below.

mod amend;
mod args;
mod case;
mod check;
mod completions;
mod coordinates;
mod daily;
mod deconflict;
mod demo;
mod diagnostics;
mod dossier;
mod exit;
mod failure;
mod file;
mod holdings;
mod init;
mod join;
mod keys;
mod ledger;
mod life;
mod map;
mod node;
mod overlap;
mod palette;
mod place;
mod position;
mod printable;
mod printer;
mod progress;
mod prose;
mod protect;
mod prove;
mod publish;
mod reconcile;
#[cfg(test)]
mod reference;
mod rehearse;
mod serve;
mod shape;
mod timeline;
mod tongues;
mod watch;
mod wire;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let mut printer = Printer::new(&cli.appearance, no_color);
    // The hook has already printed where it happened; here only the exit code is decided.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let answered = dispatch(&cli.command, &mut printer);
        printer.finish()?;
        answered
    }));
    let outcome = outcome.unwrap_or_else(|_| Err(bug()));
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            printer.fail(&failure);
            failure.exit().into()
        }
    }
}

/// Hands the arguments to their verb.
fn dispatch(command: &Command, printer: &mut Printer) -> Result<Exit, Failure> {
    match command {
        Command::Check(args) => check::run(args, printer),
        Command::Overlap(args) => overlap::run(args, printer),
        Command::Deconflict(args) => deconflict::run(args, printer),
        Command::Watch(args) => watch::run(args, printer),
        Command::Prove(args) => prove::run(args, printer),
        Command::Amend(args) => amend::run(args, printer),
        Command::Init(args) => init::run(args, printer),
        Command::Ledger(args) => ledger::run(args, printer),
        Command::Keys(args) => keys::run(args, printer),
        Command::Demo(args) => demo::run(args, printer),
        Command::Rehearse(args) => rehearse::run(args, printer),
        Command::Serve(args) => serve::run(args, printer),
        Command::Config(args) => serve::config(args, printer),
        Command::User(args) => serve::user(args, printer),
        Command::Token(args) => node::token(args, printer),
        Command::Join(args) => join::run(args, printer),
        Command::Status(args) => node::status(args, printer),
        Command::Agreement(args) => life::run(args, printer),
        Command::Daily(args) => daily::run(args, printer),
        Command::Reconcile(args) => reconcile::run(args, printer),
        Command::Publish(args) => publish::run(args, printer),
        Command::Table(args) => node::table(args, printer),
        Command::Submit(args) => node::submit(args, printer),
        Command::Operations(args) => node::operations(args, printer),
        Command::Consent(args) => node::consent(args, printer),
        Command::Object(args) => node::object(args, printer),
        Command::Stop(args) => node::stop(args, printer),
        Command::Ack(args) => node::ack(args, printer),
        Command::Protect(args) => protect::run(args, printer),
        Command::Report(args) => node::report(args, printer),
        Command::Place(args) => place::run(args, printer),
        Command::Position(args) => position::run(args, printer),
        Command::Export(args) => node::export(args, printer),
        Command::Completions(args) => completions::run(args, printer),
        #[cfg(feature = "symbolic")]
        Command::Cvc5Library(args) => prove::solver::run_library(args, printer),
    }
}

/// What a panic means for the person at the terminal.
fn bug() -> Failure {
    Failure::new(
        FailureKind::Bug,
        "this is a defect in detente; no answer was given",
    )
    .hint("report it with the lines above and, if you may share it, the input")
}
