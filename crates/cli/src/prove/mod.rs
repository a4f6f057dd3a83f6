//! `detente prove`: the concerns of a dossier proved or refuted, and the defects of its articles.

mod answer;
mod cache;
mod ruling;
#[cfg(not(feature = "symbolic"))]
#[path = "absent.rs"]
mod second;
#[cfg(feature = "symbolic")]
mod second;
#[cfg(feature = "symbolic")]
pub(crate) mod solver;
mod work;

use std::path::PathBuf;

use clap::Args;
use detente_agreement::{Prover, Rulebook};

use crate::check;
use crate::dossier;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;
use answer::ProveAnswer;
use cache::Cache;
use ruling::BUILT_IN;
use second::{Second, SecondArgs};

/// The arguments of `detente prove`.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 every property that a concern states is proved, 1 some is not, 2 usage, 3 the input is invalid,\n\
                  70 two provers contradict each other.\n\
                  Findings about the articles themselves do not change the exit code."
)]
pub(crate) struct ProveArgs {
    /// The folder of the dossier; concerns.toml states the properties
    #[arg(value_name = "DOSSIER")]
    dossier: PathBuf,
    /// Write each counterexample into a folder of its own below DIR, as a dossier that `detente check` judges
    #[arg(long, value_name = "DIR")]
    counterexamples: Option<PathBuf>,
    /// Draw a map beside each counterexample, map.svg
    #[arg(long, requires = "counterexamples")]
    map: bool,
    /// The second prover.
    #[command(flatten)]
    second: SecondArgs,
    /// Keep answers in DIR; otherwise in the platform's folder for caches
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    cache: Option<PathBuf>,
    /// Prove everything anew, and keep nothing
    #[arg(long)]
    no_cache: bool,
    /// Print one JSON object (docs/reference/prove.schema.json)
    #[arg(long)]
    json: bool,
}

fn prover(rulebook: &Rulebook) -> Result<Prover<'_>, Failure> {
    Prover::new(rulebook).map_err(|error| Failure::new(FailureKind::Bug, error.to_string()))
}

/// Proves or refutes each concern, and looks for defects.
pub(crate) fn run(args: &ProveArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let ready = dossier::ready_with(&args.dossier, args.json, printer, |dossier, rulebook| {
        Ok(prover(rulebook)?.check_properties(&dossier.concerns))
    })?;
    let prover = prover(&ready.rulebook)?;
    let concerns = &ready.dossier.concerns;
    let second = Second::find(&args.second, printer)?;
    let mut provers = vec![BUILT_IN.to_owned()];
    provers.extend(second.names());
    let folder = if args.no_cache {
        None
    } else {
        args.cache.clone().or_else(cache::platform_folder)
    };
    let cache = Cache::new(folder, &ready.dossier, &provers);
    let work = work::Work {
        dossier: &ready.dossier,
        prover: &prover,
        second: &second,
        cache: &cache,
        provers: provers.len(),
    };
    let (ruled, defects) = work.run(printer)?;
    let answer = ProveAnswer::of(provers, concerns, ruled, defects);
    if let Some(folder) = &args.counterexamples {
        for (id, case) in answer.counterexamples() {
            let own = folder.join(id);
            case.write(&own, &args.dossier, &ready)?;
            if args.map {
                check::draw(&own, &own.join("map.svg"), printer)?;
            }
        }
    }
    if args.json {
        printer.answer_json(&answer)?;
    } else {
        printer.answer(&answer.told())?;
    }
    Ok(if answer.disagrees() {
        Exit::Bug
    } else if answer.favourable(concerns) {
        Exit::Favourable
    } else {
        Exit::Unfavourable
    })
}
