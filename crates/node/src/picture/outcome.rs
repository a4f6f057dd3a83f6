//! What an entry did to the picture.

use std::fmt;
use std::sync::Arc;

use detente_records::act::Kind;
use detente_records::workflow;
use detente_records::{HolderId, RecordId};
use detente_spacetime::Instant;

use super::course::Course;
use super::said::Said;

/// What an entry did to the picture; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It took effect.
    Effective(Arc<[Change]>),
    /// It is on record and changed nothing.
    Ineffective(Arc<Refusal>),
}

/// One matter that stands differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The workflow.
    pub machine: &'static str,
    /// The matter.
    pub subject: RecordId,
    /// Whose course in it, where each holder has its own.
    pub holder: Option<HolderId>,
    /// Where it stood; `None` for a new matter.
    pub from: Option<&'static str>,
    /// Where it stands.
    pub to: &'static str,
    /// From when.
    pub at: Instant,
    /// What moved it.
    pub cause: Cause,
}

/// What moved a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An act.
    Act(Kind),
    /// A clock that ran out, or an instant that has come, by its name.
    Time(&'static str),
    /// What follows from something else, by its name, such as `restraint_changed`.
    Follows(&'static str),
}

impl Outcome {
    pub(super) fn effective(changes: Vec<Change>) -> Self {
        // Most entries move no matter: they share one empty list.
        Self::Effective(match changes.is_empty() {
            true => Arc::default(),
            false => changes.into(),
        })
    }

    pub(super) fn ineffective(refusal: Refusal) -> Self {
        Self::Ineffective(Arc::new(refusal))
    }
}

impl Change {
    /// A matter that an act moved.
    pub(super) fn of(said: &Said<'_>, from: Option<&Course>, to: &Course) -> Self {
        let cause = Cause::Act(said.act.kind());
        Self::by(said.act.subject(), from, to, said.at, cause)
    }

    pub(super) fn by(
        subject: &RecordId,
        from: Option<&Course>,
        to: &Course,
        at: Instant,
        cause: Cause,
    ) -> Self {
        Self {
            machine: to.machine.name,
            subject: subject.clone(),
            holder: None,
            from: from.map(|course| course.state),
            to: to.state,
            at,
            cause,
        }
    }
}

/// Why an act had no effect, or a command none to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was attempted, where that could be read.
    pub attempted: Option<Kind>,
    /// What it was about.
    pub subject: Option<RecordId>,
    /// Where the matter stands; `None` when there is no such matter.
    pub state: Option<&'static str>,
    /// The rule it runs into, by name.
    pub rule: String,
    /// The rule in words.
    pub says: String,
    /// Who could do it, or what could be done.
    pub who_could_act: Vec<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.says)
    }
}

impl Refusal {
    /// The ledger is nobody's.
    pub(crate) fn unknown_ledger() -> Self {
        let says = "the ledger belongs to nobody in the agreement";
        Self::by("unknown_ledger", says)
    }

    /// There is no such matter.
    pub(super) fn unknown(what: &str) -> Self {
        Self::by(
            "unknown_subject",
            format!("there is no such {what} on record"),
        )
    }

    /// The refusal of a workflow.
    pub(super) fn of(state: &'static str, refusal: &workflow::Refusal) -> Self {
        let guards = match &refusal.rule {
            workflow::Rule::Guards { lacking } => lacking
                .iter()
                .map(|(guard, _)| guard.wire_name())
                .collect::<Vec<_>>()
                .join(","),
            other => other.code().to_owned(),
        };
        Self {
            attempted: Some(refusal.act),
            subject: None,
            state: Some(state),
            rule: guards,
            says: refusal.to_string(),
            who_could_act: refusal.who_could_act.clone(),
        }
    }

    /// The same refusal, saying what was attempted and about what.
    pub(super) fn about(mut self, said: &Said<'_>) -> Self {
        self.attempted = Some(said.act.kind());
        self.subject = Some(said.act.subject().clone());
        self
    }

    /// The same refusal, saying where the matter stands.
    pub(super) fn in_state(mut self, state: &'static str) -> Self {
        self.state = Some(state);
        self
    }

    /// A refusal by a rule of the picture's own.
    pub(super) fn by(rule: &str, says: impl Into<String>) -> Self {
        Self {
            attempted: None,
            subject: None,
            state: None,
            rule: rule.to_owned(),
            says: says.into(),
            who_could_act: Vec::new(),
        }
    }
}
