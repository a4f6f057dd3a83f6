//! What a decision found: one reason each, with the articles and the facts behind it.

use std::collections::BTreeSet;
use std::fmt;

use detente_records::area::AreaRecordKind;
use detente_records::names::{ArticleId, ParticipantId};
use detente_spacetime::Instant;

use crate::facts::Fact;

/// How far a finding holds an operation back. Ordered by severity, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The operation may not go ahead.
    Forbid,
    /// It may with the consent of participants.
    Consent,
    /// It may, but somebody should know.
    Warn,
}

impl Effect {
    /// The word used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Forbid => "forbid",
            Self::Consent => "consent",
            Self::Warn => "warn",
        }
    }
}

/// What a finding is about. Ordered as findings of one effect are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// The proposer had not read what it is judged against.
    NotEvaluated,
    /// The party or the force is not known.
    Unknown,
    /// The agreement does not cover the operation's time, or no longer its party.
    NotInForce,
    /// The operation is inside the keep-out of a protected object.
    ProtectedObject,
    /// A humanitarian movement.
    HumanitarianMovement,
    /// An area, by its sort of measure.
    Area(AreaRecordKind),
    /// Another declared operation.
    Operation,
    /// Notice was too short, or there was none.
    Notice,
    /// An article about the operation as a whole.
    Article,
    /// No article permits it.
    NotPermitted,
    /// The articles could not be evaluated.
    Indeterminate,
    /// A consent that does not count.
    Consent,
}

impl FindingKind {
    /// The word used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::NotEvaluated => "not_evaluated",
            Self::Unknown => "unknown",
            Self::NotInForce => "not_in_force",
            Self::ProtectedObject => "protected_object",
            Self::HumanitarianMovement => "humanitarian_movement",
            Self::Area(measure) => measure.wire_name(),
            Self::Operation => "operation",
            Self::Notice => "notice",
            Self::Article => "article",
            Self::NotPermitted => "not_permitted",
            Self::Indeterminate => "indeterminate",
            Self::Consent => "consent",
        }
    }
}

/// One reason for, or remark on, a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How far it holds the operation back.
    pub effect: Effect,
    /// What it is about.
    pub kind: FindingKind,
    /// The thing it is about, by id; `None` for the operation at large.
    pub with: Option<String>,
    /// Which of the case's touches it is about, by index.
    pub touch: Option<usize>,
    /// From when.
    pub since: Instant,
    /// The articles that decide it, by number, in order, each once.
    pub articles: Vec<ArticleId>,
    /// The clauses of those articles, by `@id`.
    pub clauses: BTreeSet<String>,
    /// Whose consent would lift it.
    pub consent_of: BTreeSet<ParticipantId>,
    /// The facts that triggered it.
    pub facts: Vec<Fact>,
    /// The finding in words.
    pub message: String,
}

impl Finding {
    /// Orders findings as they are told: worst first, then by kind, thing and time.
    pub(crate) fn order(&self) -> impl Ord + '_ {
        (
            self.effect,
            self.kind,
            &self.with,
            self.since,
            &self.message,
        )
    }
}

/// What may become of an operation. Ordered by severity, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It may go ahead.
    Clear,
    /// It may go ahead once the named participants consent.
    ConsentRequired,
    /// It may not go ahead.
    Prohibited,
}

impl Verdict {
    /// The word used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::ConsentRequired => "consent_required",
            Self::Prohibited => "prohibited",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Clear => "clear",
            Self::ConsentRequired => "consent required",
            Self::Prohibited => "prohibited",
        })
    }
}

/// The answer to one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What may become of it.
    pub verdict: Verdict,
    /// The smallest set of participants whose consent is missing; empty unless consent is
    /// required.
    pub consent_required: BTreeSet<ParticipantId>,
    /// The articles that permit it, by number; empty unless it is clear.
    pub permitted_by: Vec<ArticleId>,
    /// Every reason and remark, worst first.
    pub findings: Vec<Finding>,
}
