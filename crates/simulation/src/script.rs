//! A script: acts in their order, each by its own party, with what each must come to.

pub(crate) mod telling;

use std::fmt;
use std::sync::Arc;

use detente_node::node::Command;
use detente_spacetime::Instant;

/// Acts to be told in their order.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The acts.
    pub lines: Vec<Line>,
    /// Content beside the ledgers that a party has at hand from the beginning.
    pub blobs: Vec<(usize, Vec<u8>)>,
}

/// One act.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it is written, if nothing keeps its party from it.
    pub at: Instant,
    /// Whose user writes it.
    pub party: usize,
    /// What is written.
    pub command: Command,
    /// What it must come to.
    pub expected: Expected,
}

/// What an act must come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It takes effect, and leads its matter to this state where one is named.
    Effective(Option<String>),
    /// It is refused by this rule or guard.
    Refused(String),
}

/// What an act came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// It took effect: the matters it moved, with the state each reached.
    Effective(Vec<(String, String)>),
    /// A rule left it without effect.
    Ineffective(String),
}

impl Came {
    /// Returns whether it is what was expected of an act about a subject.
    pub fn meets(&self, subject: &str, expected: &Expected) -> bool {
        match (self, expected) {
            (Self::Effective(_), Expected::Effective(None)) => true,
            // One act may move several courses of its subject.
            (Self::Effective(moved), Expected::Effective(Some(state))) => moved
                .iter()
                .any(|(about, to)| about == subject && to == state),
            (Self::Ineffective(rule), Expected::Refused(wanted)) => rule == wanted,
            _ => false,
        }
    }
}

impl fmt::Display for Came {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Effective(moved) if moved.is_empty() => write!(formatter, "on record"),
            Self::Effective(moved) => {
                let moved: Vec<String> = moved
                    .iter()
                    .map(|(subject, state)| format!("{subject} is {state}"))
                    .collect();
                write!(formatter, "{}", moved.join(", "))
            }
            Self::Ineffective(rule) => write!(formatter, "refused by {rule}"),
        }
    }
}

/// An act that was told, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number in the script, from 0.
    pub number: usize,
    /// What the world's clock showed when its author knew what became of it.
    pub at: Instant,
    /// Where its entry lies; none for a refusal.
    pub entry: Option<(Arc<str>, u64)>,
    /// What its author was told.
    pub came: Came,
    /// Whether that, and what every honest holder says in the end, is what was expected.
    pub is_expected: bool,
}
