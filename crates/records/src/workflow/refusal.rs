//! Why an act was refused, and who could have done what.

use std::fmt;

use super::actor::described;
use super::{Guard, Machine};
use crate::act::{Kind, Role};

/// An act that the machine does not take in this state from this author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Name of the machine.
    pub machine: &'static str,
    /// The state the matter is in.
    pub state: String,
    /// The act refused.
    pub act: Kind,
    /// Why.
    pub rule: Rule,
    /// Who could write this act now; when nobody could, who could do what else.
    pub who_could_act: Vec<String>,
    /// The acts that are possible in this state.
    pub possible: Vec<Kind>,
}

/// The rule that refused an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// In this state nobody writes this act.
    NoTransition,
    /// Others may, in another role.
    NotYourRole {
        /// The author's role.
        role: Role,
    },
    /// The role is right, and the author stands on another side of the matter.
    NotYourSide,
    /// Conditions do not hold.
    Guards {
        /// Each with the reasons given by whoever evaluated it.
        lacking: Vec<(Guard, Vec<String>)>,
    },
}

impl Rule {
    /// Returns a stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoTransition => "no_transition",
            Self::NotYourRole { .. } => "not_your_role",
            Self::NotYourSide => "not_your_side",
            Self::Guards { .. } => "guards",
        }
    }
}

impl Refusal {
    pub(super) fn new(machine: &Machine, state: &str, act: Kind, rule: Rule) -> Self {
        let possible = machine.acts_in(state);
        let describe = |act: Kind| described(&machine.actors_of(state, act));
        let who_could_act = if rule == Rule::NoTransition {
            let other =
                |act: &Kind| format!("{}: {}", act.wire_name(), describe(*act).join(", or "));
            possible.iter().map(other).collect()
        } else {
            describe(act)
        };
        Self {
            machine: machine.name,
            state: state.to_owned(),
            act,
            rule,
            who_could_act,
            possible,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let act = self.act.wire_name();
        let (machine, state) = (self.machine, &self.state);
        match &self.rule {
            Rule::NoTransition => {
                write!(formatter, "no `{act}` in state `{state}` of `{machine}`")?
            }
            Rule::NotYourRole { role } => {
                let role = role.wire_name();
                write!(
                    formatter,
                    "`{act}` in state `{state}` of `{machine}` is not for the role `{role}`"
                )?;
            }
            Rule::NotYourSide => {
                write!(
                    formatter,
                    "`{act}` in state `{state}` of `{machine}` is for another side"
                )?;
            }
            Rule::Guards { lacking } => {
                write!(
                    formatter,
                    "`{act}` in state `{state}` of `{machine}` needs that "
                )?;
                for (index, (guard, because)) in lacking.iter().enumerate() {
                    let and = if index > 0 { "; and that " } else { "" };
                    write!(formatter, "{and}{}", guard.says())?;
                    if !because.is_empty() {
                        write!(formatter, " ({})", because.join("; "))?;
                    }
                }
                return Ok(());
            }
        }
        match self.who_could_act.as_slice() {
            [] => write!(formatter, "; the matter is over"),
            who => write!(formatter, "; possible: {}", who.join("; ")),
        }
    }
}
