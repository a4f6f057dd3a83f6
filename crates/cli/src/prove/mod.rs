//! `detente prove`: the concerns of a dossier proved or refuted, and the defects of its articles.

mod answer;

use std::path::PathBuf;

use clap::Args;
use detente_agreement::Prover;
use detente_agreement::prove::Proof;

use crate::case::CaseAnswer;
use crate::diagnostics::{refuse, remark};
use crate::dossier;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;
use answer::ProveAnswer;

/// The arguments of `detente prove`.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 every property that a concern states is proved, 1 some is not, 2 usage, 3 the input is invalid.\n\
                  Findings about the articles themselves do not change the exit code."
)]
pub(crate) struct ProveArgs {
    /// The folder of the dossier; concerns.toml states the properties
    #[arg(value_name = "DOSSIER")]
    dossier: PathBuf,
    /// Write each counterexample into a folder of its own below DIR, as a dossier that `detente check` judges
    #[arg(long, value_name = "DIR")]
    counterexamples: Option<PathBuf>,
    /// Print one JSON object (docs/reference/prove.schema.json)
    #[arg(long)]
    json: bool,
}

/// Proves or refutes each concern, then looks for defects.
pub(crate) fn run(args: &ProveArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let ready = dossier::ready(&args.dossier, args.json, printer)?;
    let prover = Prover::new(&ready.rulebook)
        .map_err(|error| Failure::new(FailureKind::Bug, error.to_string()))?;
    let concerns = &ready.dossier.concerns;
    let mut progress = printer.progress("proving concerns");
    let mut results = Vec::new();
    let mut problems = detente_records::Problems::default();
    for (number, concern) in concerns.iter().enumerate() {
        progress.at(number as u64, Some(concerns.len() as u64));
        let (proved, more) = prover.concerns(std::slice::from_ref(concern));
        results.extend(proved);
        problems.append(more);
    }
    progress.finish();
    if problems.has_errors() {
        return refuse(&problems, &ready.documents, args.json, printer);
    }
    remark(&problems, &ready.documents, printer);
    let findings = prover.standing();
    let answer = ProveAnswer::of(&ready.dossier, &results, &findings);
    if let Some(folder) = &args.counterexamples {
        for result in &results {
            if let Proof::Refuted(case) = &result.proof {
                let own = folder.join(result.id.as_str());
                CaseAnswer::of(case, &ready.dossier).write(&own, &args.dossier)?;
            }
        }
    }
    if args.json {
        printer.answer_json(&answer)?;
    } else {
        printer.answer(&answer.told())?;
    }
    let open = |proof: &Proof| matches!(proof, Proof::Refuted(_) | Proof::Unknown { .. });
    Ok(if results.iter().any(|result| open(&result.proof)) {
        Exit::Unfavourable
    } else {
        Exit::Favourable
    })
}
