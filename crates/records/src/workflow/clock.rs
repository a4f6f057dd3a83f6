//! Clocks: what happens when nobody acts in time.

use detente_spacetime::{Instant, Span};

use super::Side;
use crate::names::PartyId;
use crate::parameters::Parameters;

/// A clock that runs in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockRule {
    /// Its name, in snake case.
    pub name: &'static str,
    /// The state in which it runs, from the instant that state was entered.
    pub state: &'static str,
    /// How long.
    pub runs: Runs,
    /// Who has to act before it runs out.
    pub owner: Side,
    /// Where it leads; never to a state that holds back less.
    pub to: &'static str,
    /// What happens, in a sentence.
    pub says: &'static str,
}

/// How long a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// As long as the agreement's clock of this name; see [`ClockRule::duration`].
    Parameter(&'static str),
    /// Until an instant that the subject itself names; the words say which.
    Until(&'static str),
}

/// A clock that has run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// The state it leads to.
    pub state: &'static str,
    /// When it ran out.
    pub at: Instant,
    /// The clock.
    pub rule: &'static ClockRule,
}

impl ClockRule {
    /// Returns how long the clock runs for `owner` under `parameters`.
    ///
    /// An agreement names the clock after the parameter, or after the parameter and whatever tells
    /// one owner's clock from another's (`consent-answer`, `consent-answer-us`). The owner's own is
    /// taken before one without an owner, and of several the shortest. Nothing when the agreement
    /// sets none: then the state is not left by waiting, which consents to nothing either.
    pub fn duration(&self, parameters: &Parameters, owner: Option<&PartyId>) -> Option<Span> {
        let Runs::Parameter(name) = self.runs else {
            return None;
        };
        let named = |id: &str| {
            let rest = id.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let clocks = || {
            let all = parameters.clocks.iter();
            all.filter(|(id, _)| named(id.as_str()))
                .map(|(_, clock)| clock)
        };
        let own = clocks().filter(|clock| owner.is_none() || clock.owner.as_ref() == owner);
        let common = clocks().filter(|clock| clock.owner.is_none());
        let shortest = own.map(|clock| clock.duration).min();
        shortest.or_else(|| common.map(|clock| clock.duration).min())
    }
}

/// A clock whose length the agreement sets.
pub(super) const fn clock(
    name: &'static str,
    state: &'static str,
    parameter: &'static str,
    owner: Side,
    to: &'static str,
    says: &'static str,
) -> ClockRule {
    ClockRule {
        name,
        state,
        runs: Runs::Parameter(parameter),
        owner,
        to,
        says,
    }
}

/// A clock that runs until an instant the subject names.
pub(super) const fn until(
    name: &'static str,
    state: &'static str,
    instant: &'static str,
    owner: Side,
    to: &'static str,
    says: &'static str,
) -> ClockRule {
    ClockRule {
        name,
        state,
        runs: Runs::Until(instant),
        owner,
        to,
        says,
    }
}
