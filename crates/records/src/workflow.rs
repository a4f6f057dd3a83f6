//! Workflows: who may write which act, when, on which conditions, as tables.
//!
//! Each workflow is one [`Machine`]: its states, the acts that lead from one to another, who may
//! write them, the [`Guard`]s that have to hold, the clocks that run out and what follows from other
//! acts. The tables are data, written once: the node steps through them, the reference page and the
//! console draw them. Guards are named here and evaluated by whoever knows the facts.
//!
//! Clocks lead towards restraint only, silence never consents, and no state is left because nobody
//! did anything, unless that makes it stricter.

mod actor;
mod agreement;
mod area;
mod call;
mod clock;
mod concern;
mod drawing;
mod guard;
mod incident;
mod movement;
mod operation;
mod private_check;
mod protected_object;
mod refusal;
mod report;
mod suspension;
mod violation;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use detente_spacetime::Instant;

pub use actor::{Actor, Side, described};
pub use clock::{ClockRule, Lapse, Runs};
pub use drawing::{described_machines, diagram};
pub use guard::{Guard, GuardAnswer};
pub use refusal::{Refusal, Rule};

use crate::act::{Kind, Role};

/// One workflow.
#[derive(Debug)]
pub struct Machine {
    /// Its name, in snake case.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it is about, in a sentence.
    pub says: &'static str,
    /// What has a state of its own.
    pub per: Per,
    /// Its states; the first is where everything begins.
    pub states: &'static [State],
    /// The acts that lead from state to state. Of several for the same act and state the first
    /// whose author and guards fit is taken.
    pub transitions: &'static [Transition],
    /// The clocks that run in its states.
    pub clocks: &'static [ClockRule],
    /// What follows from other acts, or from the passing of an instant that an act named.
    pub consequences: &'static [Consequence],
    /// The acts that lead out of a final state again.
    pub reopened_by: &'static [Kind],
}

/// What has a state of its own in a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// Each subject.
    Subject,
    /// Each subject and each participant or observer it concerns, on its own.
    SubjectAndHolder,
}

/// A state of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Its name, in snake case.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub says: &'static str,
    /// How much it holds back: 0 lets the matter go ahead, or protects nothing. No clock leads to a
    /// lower number.
    pub restraint: u8,
    /// Whether the matter is over.
    pub is_final: bool,
}

/// A step from one state to another, made by an act.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    /// The act.
    pub act: Kind,
    /// The states in which it can be written.
    pub from: &'static [&'static str],
    /// The state it leads to.
    pub to: To,
    /// Who may write it.
    pub by: &'static [Actor],
    /// What has to hold.
    pub guards: &'static [Guard],
    /// What else is to be known about it; empty when nothing is.
    pub note: &'static str,
}

/// Where a transition leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// It stays where it is.
    Same,
    /// To the state of this name.
    State(&'static str),
}

/// A step that no act makes by itself.
#[derive(Clone, Copy, Debug)]
pub struct Consequence {
    /// What brings it about.
    pub cause: Cause,
    /// The states in which it does.
    pub from: &'static [&'static str],
    /// The state it leads to.
    pub to: &'static str,
}

/// What brings about a step without an act of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A restraint, an area, an article or a suspension has changed, and the judgement is worse or
    /// touches something new.
    RestraintChanged,
    /// A text that takes its place has come into force.
    Superseded,
    /// The instant named in the act has come.
    EffectTime,
    /// The end named in the act, or that of the agreement, has come.
    EndReached,
    /// The grace named in the revocation is over.
    GraceEnded,
    /// It was released to the holder.
    Released,
    /// It was recalled or revoked.
    Recalled,
    /// It was corrected.
    Corrected,
}

impl Cause {
    /// Every cause with its name and what it means.
    pub const ALL: &'static [(&'static str, Self, &'static str)] = &[
        (
            "restraint_changed",
            Self::RestraintChanged,
            "a restraint has changed and the judgement is worse or touches something new",
        ),
        (
            "superseded",
            Self::Superseded,
            "a text that takes its place has come into force",
        ),
        (
            "effect_time",
            Self::EffectTime,
            "the instant named in the act has come",
        ),
        ("end_reached", Self::EndReached, "the end named has come"),
        (
            "grace_ended",
            Self::GraceEnded,
            "the grace named in the revocation is over",
        ),
        ("released", Self::Released, "it was released to this holder"),
        ("recalled", Self::Recalled, "it was recalled"),
        ("corrected", Self::Corrected, "it was corrected"),
    ];

    /// Returns the name used in the reference.
    pub fn wire_name(self) -> &'static str {
        self.entry().0
    }

    /// Returns what it means.
    pub fn says(self) -> &'static str {
        self.entry().2
    }

    fn entry(self) -> (&'static str, Self, &'static str) {
        let mut all = Self::ALL.iter().copied();
        all.find(|(_, cause, _)| *cause == self)
            .unwrap_or(("", self, ""))
    }
}

/// Every machine, in the order of the reference.
pub const MACHINES: &[&Machine] = &[
    &agreement::AGREEMENT,
    &agreement::MEETING,
    &agreement::READING,
    &concern::CONCERN,
    &area::AREA,
    &area::PAUSE,
    &operation::OPERATION,
    &protected_object::PROTECTED_OBJECT,
    &protected_object::ACKNOWLEDGEMENT,
    &movement::MOVEMENT,
    &movement::EXCEPTED_FLIGHT,
    &private_check::PRIVATE_CHECK,
    &report::REPORT,
    &report::RECEIPT,
    &report::ONWARD_RELEASE,
    &incident::INCIDENT,
    &violation::VIOLATION,
    &violation::WITHDRAWAL_OBLIGATION,
    &suspension::SUSPENSION,
    &suspension::WITHDRAWAL,
    &call::CALL,
    &call::ALERT,
];

/// An act that states something and moves no machine, and who may write it.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// The act.
    pub act: Kind,
    /// Who may write it.
    pub by: &'static [Actor],
}

/// The acts that belong to no machine.
pub const STATEMENTS: &[Statement] = &[
    Statement {
        act: Kind::PublicationStated,
        by: agreement::WORD,
    },
    Statement {
        act: Kind::AccessionRecorded,
        by: agreement::WORD,
    },
    Statement {
        act: Kind::AccessRestricted,
        by: actor::FACT_FINDERS,
    },
    Statement {
        act: Kind::ObservationRecorded,
        by: actor::WATCHERS,
    },
    Statement {
        act: Kind::LineStateDeclared,
        by: call::WATCH_OF_ANYONE,
    },
    Statement {
        act: Kind::WatchTaken,
        by: call::WATCH_OF_ANYONE,
    },
    Statement {
        act: Kind::ExactPlaceRead,
        by: actor::NODE,
    },
    Statement {
        act: Kind::Heartbeat,
        by: actor::NODE,
    },
    Statement {
        act: Kind::AttemptRefused,
        by: actor::NODE,
    },
    Statement {
        act: Kind::ForkPublished,
        by: actor::NODE,
    },
];

/// The machine that each kind moves, in the order of the kinds: it is asked for several times an entry.
static MOVED: LazyLock<Vec<Option<&'static Machine>>> = LazyLock::new(|| {
    let moved_by = |kind: &Kind| {
        let moves = |machine: &&&Machine| {
            let mut transitions = machine.transitions.iter();
            transitions.any(|transition| transition.act == *kind)
        };
        MACHINES.iter().find(moves).copied()
    };
    Kind::ALL.iter().map(moved_by).collect()
});

impl Kind {
    /// Returns the machine that acts of this kind move; none for a [`Statement`].
    pub fn machine(self) -> Option<&'static Machine> {
        MOVED.get(self as usize).copied().flatten()
    }

    /// Returns what is known about this kind when no machine is moved by it.
    pub fn statement(self) -> Option<&'static Statement> {
        STATEMENTS.iter().find(|statement| statement.act == self)
    }
}

/// What is known about the author of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorFacts {
    /// The role the author acts in.
    pub role: Role,
    /// Where the author's ledger stands towards the subject; usually on several sides.
    pub sides: BTreeSet<Side>,
}

impl ActorFacts {
    /// Says whether the author is one of `actors`.
    pub fn is_one_of(&self, actors: &[Actor]) -> bool {
        let fits = |actor: &Actor| actor.role == self.role && self.sides.contains(&actor.side);
        actors.iter().any(fits)
    }
}

impl Machine {
    /// Returns the machine of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        MACHINES
            .iter()
            .find(|machine| machine.name == name)
            .copied()
    }

    /// Returns the name of the state where everything begins.
    pub fn initial(&self) -> &'static str {
        self.states.first().map_or("", |state| state.name)
    }

    /// Returns the state of this name.
    pub fn state(&self, name: &str) -> Option<&'static State> {
        self.states.iter().find(|state| state.name == name)
    }

    /// Returns the acts that somebody can write in `state`, in the order of the table, each once.
    pub fn acts_in(&self, state: &str) -> Vec<Kind> {
        let mut acts: Vec<Kind> = Vec::new();
        for transition in self.leaving(state) {
            if !acts.contains(&transition.act) {
                acts.push(transition.act);
            }
        }
        acts
    }

    /// Returns those who may write `act` in `state`, in the order of the table, each once.
    pub fn actors_of(&self, state: &str, act: Kind) -> Vec<Actor> {
        let mut actors: Vec<Actor> = Vec::new();
        for transition in self.leaving(state).filter(|found| found.act == act) {
            for actor in transition.by {
                if !actors.contains(actor) {
                    actors.push(*actor);
                }
            }
        }
        actors
    }

    /// Returns the state that `act`, written by `author` in `state`, leads to.
    ///
    /// `holds` answers each guard asked for; none is asked twice for one transition. Of several
    /// transitions the first that fits is taken; what the last of those open to the author lacks is
    /// the reason for a refusal.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: the state, the rule, and who could do what instead.
    pub fn step(
        &self,
        state: &str,
        act: Kind,
        author: &ActorFacts,
        holds: &dyn Fn(Guard) -> GuardAnswer,
    ) -> Result<&'static str, Refusal> {
        let refuse = |rule| Refusal::new(self, state, act, rule);
        let open: Vec<&Transition> = self
            .leaving(state)
            .filter(|found| found.act == act)
            .collect();
        if open.is_empty() {
            return Err(refuse(Rule::NoTransition));
        }
        let mut rule = if open.iter().any(|t| author.has_role_of(t.by)) {
            Rule::NotYourSide
        } else {
            Rule::NotYourRole { role: author.role }
        };
        for transition in open.iter().filter(|found| author.is_one_of(found.by)) {
            let lacking: Vec<(Guard, Vec<String>)> = transition
                .guards
                .iter()
                .filter_map(|guard| match holds(*guard) {
                    GuardAnswer::Holds => None,
                    GuardAnswer::Fails { because } => Some((*guard, because)),
                })
                .collect();
            if lacking.is_empty() {
                let stays = self.state(state).map(|state| state.name);
                return match transition.to {
                    To::State(to) => Ok(to),
                    To::Same => stays.ok_or_else(|| refuse(Rule::NoTransition)),
                };
            }
            rule = Rule::Guards { lacking };
        }
        Err(refuse(rule))
    }

    /// Returns the state that `cause` leads to from `state`, if it leads anywhere.
    pub fn follow(&self, state: &str, cause: Cause) -> Option<&'static str> {
        let mut consequences = self.consequences.iter();
        let found = consequences.find(|found| found.cause == cause && found.from.contains(&state));
        found.map(|consequence| consequence.to)
    }

    /// Returns what has lapsed in `state` at `now`: of the clocks whose deadline has come, the one
    /// that ran out first.
    ///
    /// `deadline` says when a clock runs out; nothing when it does not run. Call again with the new
    /// state until nothing lapses.
    pub fn lapse(
        &self,
        state: &str,
        now: Instant,
        deadline: &dyn Fn(&ClockRule) -> Option<Instant>,
    ) -> Option<Lapse> {
        let running = self.clocks.iter().filter(|rule| rule.state == state);
        let due = running.filter_map(|rule| Some((deadline(rule)?, rule)));
        let first = due
            .filter(|(at, _)| *at <= now)
            .min_by_key(|(at, rule)| (*at, rule.name))?;
        Some(Lapse {
            state: first.1.to,
            at: first.0,
            rule: first.1,
        })
    }

    fn leaving(&self, state: &str) -> impl Iterator<Item = &'static Transition> {
        let transitions = self.transitions.iter();
        transitions.filter(move |transition| transition.from.contains(&state))
    }
}

impl ActorFacts {
    fn has_role_of(&self, actors: &[Actor]) -> bool {
        actors.iter().any(|actor| actor.role == self.role)
    }
}

const fn state(name: &'static str, restraint: u8, says: &'static str) -> State {
    State {
        name,
        says,
        restraint,
        is_final: false,
    }
}

const fn last(name: &'static str, restraint: u8, says: &'static str) -> State {
    State {
        name,
        says,
        restraint,
        is_final: true,
    }
}

/// A transition without a note.
const fn on(
    act: Kind,
    from: &'static [&'static str],
    to: &'static str,
    by: &'static [Actor],
    guards: &'static [Guard],
) -> Transition {
    Transition {
        act,
        from,
        to: To::State(to),
        by,
        guards,
        note: "",
    }
}

/// A transition that stays where it is.
const fn stay(
    act: Kind,
    from: &'static [&'static str],
    by: &'static [Actor],
    guards: &'static [Guard],
) -> Transition {
    Transition {
        act,
        from,
        to: To::Same,
        by,
        guards,
        note: "",
    }
}

impl Transition {
    const fn noted(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}

#[cfg(test)]
mod tests;
