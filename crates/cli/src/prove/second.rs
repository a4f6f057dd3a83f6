//! The second proof: a solver, if one is there, and what it says beside the built-in analysis.

use std::time::Duration;

use clap::Args;
use detente_agreement::Prover;
use detente_agreement::prove::symbolic::{Opinion, SymbolicProver};
use detente_records::concern::Concern;

use super::solver::{Choice, Session, Solver, find};
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// How to get a solver, for whoever has none.
const HOW: &str = "install cvc5 1.2 or newer, or z3 5 or newer (`pip install cvc5==1.3.1` or `pip install z3-solver`), and name it with --solver or in DETENTE_CVC5 or DETENTE_Z3; `--solver none` asks for none";

/// Which solver, and for how long.
#[derive(Args, Debug)]
pub(super) struct SecondArgs {
    /// The second prover: `auto`, `none`, or the path of cvc5, of z3, or of the library libcvc5parser
    #[arg(long, value_name = "SOLVER", default_value = "auto", value_parser = Choice::parse)]
    solver: Choice,
    /// The longest a solver may take for one question
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    time_limit: u64,
}

/// The solvers that were found.
pub(super) struct Second {
    solvers: Vec<Solver>,
}

impl Second {
    /// Looks for solvers and says what it did not find.
    pub(super) fn find(args: &SecondArgs, printer: &mut Printer) -> Result<Self, Failure> {
        let found = find(&args.solver, Duration::from_secs(args.time_limit));
        if found.asked_for && found.solvers.is_empty() {
            let error = format!("no solver can be used: {}", found.unusable.join("; "));
            return Err(Failure::new(FailureKind::Usage, error).hint(HOW));
        }
        for reason in &found.unusable {
            printer.note(&format!("note: a solver is left aside: {reason}\n"));
        }
        if found.solvers.is_empty() && args.solver != Choice::None {
            printer.note(&format!(
                "note: no second prover: proved by the built-in analysis only\n  help: {HOW}\n"
            ));
        }
        Ok(Self {
            solvers: found.solvers,
        })
    }

    /// The names of the solvers, the first to be asked first.
    pub(super) fn names(&self) -> Vec<String> {
        self.solvers
            .iter()
            .map(|solver| solver.name().to_owned())
            .collect()
    }

    /// A second prover for one thread, with solver processes of its own.
    pub(super) fn worker<'p>(&self, prover: &'p Prover<'p>) -> Result<Worker<'p>, Failure> {
        let bug = |error: String| Failure::new(FailureKind::Bug, error);
        Ok(Worker {
            symbolic: SymbolicProver::new(prover).map_err(bug)?,
            sessions: self.solvers.iter().map(Solver::session).collect(),
        })
    }
}

/// A second prover at work.
pub(super) struct Worker<'p> {
    symbolic: SymbolicProver<'p>,
    sessions: Vec<Session>,
}

impl Worker<'_> {
    /// What each solver says of the property of `concern`: the next is asked where the one before
    /// could not decide.
    pub(super) fn opinions(&mut self, concern: &Concern) -> Vec<(String, Opinion)> {
        self.ask(|symbolic, solver| symbolic.opinion(concern, solver))
    }

    /// What each solver says of the arithmetic of the articles, in the same way.
    pub(super) fn never_errs(&mut self) -> Vec<(String, Opinion)> {
        self.ask(|symbolic, solver| Some(symbolic.never_errs(solver)))
    }

    fn ask(
        &mut self,
        mut question: impl FnMut(&mut SymbolicProver<'_>, &mut Session) -> Option<Opinion>,
    ) -> Vec<(String, Opinion)> {
        use detente_agreement::prove::symbolic::SmtSolver as _;
        let mut said = Vec::new();
        for solver in &mut self.sessions {
            let Some(opinion) = question(&mut self.symbolic, solver) else {
                break;
            };
            let decided = !matches!(opinion, Opinion::Undecided { .. });
            said.push((solver.name().to_owned(), opinion));
            if decided {
                break;
            }
        }
        said
    }
}
