//! `detente amend`: what a new version of the articles loosens and tightens.

mod answer;

use std::path::PathBuf;

use clap::Args;
use detente_agreement::prove::Change;

use crate::dossier;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;
use answer::AmendAnswer;

/// The arguments of `detente amend`.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 nothing is loosened (equivalent or stricter), 1 something is or may be, 2 usage, 3 the input is invalid."
)]
pub(crate) struct AmendArgs {
    /// The folder of the dossier in force
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The folder of the dossier as amended
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Print one JSON object (docs/reference/amend.schema.json)
    #[arg(long)]
    json: bool,
}

/// Compares the two, article by article and in effect.
pub(crate) fn run(args: &AmendArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let old = dossier::ready(&args.old, args.json, printer)?;
    let new = dossier::ready(&args.new, args.json, printer)?;
    let amendment = detente_agreement::amend(&old.rulebook, &new.rulebook)
        .map_err(|error| Failure::new(FailureKind::Bug, error.to_string()))?;
    let answer = AmendAnswer::of(&amendment, &new.dossier);
    if args.json {
        printer.answer_json(&answer)?;
    } else {
        printer.answer(&answer.told())?;
    }
    Ok(match amendment.effect {
        Change::Equivalent | Change::Stricter => Exit::Favourable,
        Change::Looser | Change::Different | Change::Undecided => Exit::Unfavourable,
    })
}
