//! `detente amend`: what a new version of an agreement loosens and tightens.

mod answer;
mod map;
mod text;

use std::path::PathBuf;

use clap::Args;
use detente_agreement::Rulebook;
use detente_agreement::amend::{Ground, ground_changes};
use detente_agreement::prove::Change;
use detente_formats::Dossier;

use crate::check::parse_map_path;
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
    /// The folder of the dossier as amended, or a file of amending clauses (.cedar)
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Repeal the clause with this @id; with a file of amending clauses only
    #[arg(long, value_name = "ID")]
    repeal: Vec<String>,
    /// Draw what changes on the ground into this file, SVG or HTML by its ending
    #[arg(long, value_name = "FILE", value_parser = parse_map_path)]
    map: Option<PathBuf>,
    /// Print one JSON object (docs/reference/amend.schema.json)
    #[arg(long)]
    json: bool,
}

/// Compares the two, article by article and in effect.
pub(crate) fn run(args: &AmendArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let old = dossier::ready(&args.old, args.json, printer)?;
    let clauses =
        args.new.is_file() || args.new.extension().is_some_and(|ending| ending == "cedar");
    let new = if clauses {
        text::amended(&args.new, &args.repeal, &old, args.json, printer)?
    } else if args.repeal.is_empty() {
        dossier::ready(&args.new, args.json, printer)?
    } else {
        let error = "--repeal goes with a file of amending clauses, not with a dossier";
        return Err(Failure::new(FailureKind::Usage, error));
    };
    let amendment = detente_agreement::amend(&old.rulebook, &new.rulebook)
        .map_err(|error| Failure::new(FailureKind::Bug, error.to_string()))?;
    let ground = ground_changes(
        ground(&old.dossier, &old.rulebook),
        ground(&new.dossier, &new.rulebook),
    );
    let effect = ground
        .iter()
        .fold(amendment.effect, |effect, change| effect.and(change.effect));
    let answer = AmendAnswer::of(&amendment, &ground, effect, &new.dossier);
    if let Some(path) = &args.map {
        map::draw(
            path,
            &new.dossier,
            &old.dossier,
            &ground,
            effect.wire_name(),
        )?;
    }
    if args.json {
        printer.answer_json(&answer)?;
    } else {
        printer.answer(&answer.told())?;
    }
    Ok(match effect {
        Change::Equivalent | Change::Stricter => Exit::Favourable,
        Change::Looser | Change::Different | Change::Undecided => Exit::Unfavourable,
    })
}

fn ground<'a>(dossier: &'a Dossier, rulebook: &'a Rulebook) -> Ground<'a> {
    Ground {
        areas: &dossier.areas,
        protected: &dossier.protected,
        movements: &dossier.movements,
        rulebook,
    }
}
