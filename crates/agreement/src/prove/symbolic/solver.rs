//! The port to a solver for satisfiability modulo theories, and symcc's view of it.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cedar_policy_symcc::err::SolverError;
use cedar_policy_symcc::solver::{Decision, DecisionWithModel, Solver};

/// A solver that reads SMT-LIB 2 in the dialect of cvc5, theory of sets included.
pub trait SmtSolver: Send {
    /// Its name and version, as proofs are labelled: `cvc5 1.3.1`.
    fn name(&self) -> &str;

    /// Decides whether the assertions of `script` can hold together, and returns a model of them
    /// if `model` asks for one. The script is complete but for `(check-sat)`; nothing of an
    /// earlier one may be remembered.
    ///
    /// # Errors
    ///
    /// [`SmtFailure`] when there is no answer to trust.
    fn ask(&mut self, script: &str, model: bool) -> Result<SmtAnswer, SmtFailure>;
}

/// What a solver says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmtAnswer {
    /// They cannot hold together.
    Unsatisfiable,
    /// They can; the model, as cvc5 writes it, where one was asked for.
    Satisfiable(Option<String>),
    /// The solver gave up.
    Unknown,
}

/// Why a solver gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtFailure {
    /// It took longer than it may.
    #[error("it gave no answer within {0} s")]
    TimedOut(u64),
    /// It could not be started, or ended before it answered.
    #[error("it ended before it answered: {0}")]
    Died(String),
    /// It answered with something else.
    #[error("it answered {0:?}")]
    Garbled(String),
}

/// Gathers the script that symcc writes and hands it on whole.
pub(super) struct Adapter<'s> {
    pub(super) solver: &'s mut dyn SmtSolver,
    script: Vec<u8>,
    pub(super) failure: Option<SmtFailure>,
}

impl<'s> Adapter<'s> {
    pub(super) fn new(solver: &'s mut dyn SmtSolver) -> Self {
        Self {
            solver,
            script: Vec::new(),
            failure: None,
        }
    }

    fn ask(&mut self, model: bool) -> Result<SmtAnswer, SolverError> {
        let script = String::from_utf8_lossy(&self.script).into_owned();
        self.script.clear();
        self.solver.ask(&script, model).map_err(|failure| {
            let told = SolverError::Solver(failure.to_string());
            self.failure = Some(failure);
            told
        })
    }
}

impl Solver for Adapter<'_> {
    fn smtlib_input(&mut self) -> &mut (dyn tokio::io::AsyncWrite + Unpin + Send) {
        &mut self.script
    }

    async fn enable_models(&mut self) -> Result<(), SolverError> {
        self.script
            .extend_from_slice(b"(set-option :produce-models true)\n");
        Ok(())
    }

    async fn check_sat(&mut self) -> Result<Decision, SolverError> {
        Ok(match self.ask(false)? {
            SmtAnswer::Unsatisfiable => Decision::Unsat,
            SmtAnswer::Satisfiable(_) => Decision::Sat,
            SmtAnswer::Unknown => Decision::Unknown,
        })
    }

    async fn check_sat_with_model(&mut self) -> Result<DecisionWithModel, SolverError> {
        Ok(match self.ask(true)? {
            SmtAnswer::Unsatisfiable => DecisionWithModel::Unsat,
            SmtAnswer::Satisfiable(Some(model)) => DecisionWithModel::Sat { model },
            SmtAnswer::Satisfiable(None) | SmtAnswer::Unknown => DecisionWithModel::Unknown,
        })
    }
}

/// Runs a future that never waits for anything outside itself, as symcc's do with [`Adapter`].
pub(super) fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
