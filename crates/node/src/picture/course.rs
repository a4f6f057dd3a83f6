//! Where a matter stands in its workflow, and what moves it without anybody's act.

use std::collections::BTreeSet;

use detente_records::act::{Kind, Role};
use detente_records::workflow::{
    ActorFacts, Cause, ClockRule, Guard, GuardAnswer, Machine, Runs, Side, described,
};
use detente_records::{HolderId, Parameters, PartyId};
use detente_spacetime::Instant;

use super::Picture;
use super::founding::{Holder, Standing};
use super::matter::Matter;
use super::outcome::Refusal;
use super::said::Said;

/// Where a matter stands in its workflow.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    /// The workflow.
    pub machine: &'static Machine,
    /// The state.
    pub state: &'static str,
    /// When it was entered.
    pub since: Instant,
}

impl PartialEq for Course {
    fn eq(&self, other: &Self) -> bool {
        (self.machine.name, self.state, self.since)
            == (other.machine.name, other.state, other.since)
    }
}

/// Who is who in a matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Parties {
    /// Who brought it up; for an operation, the participant answerable for its party.
    pub(super) proposer: Option<HolderId>,
    /// Who wrote the first act.
    pub(super) opener: Option<HolderId>,
    /// Who answers for a bound party that flies.
    pub(super) guarantor: Option<HolderId>,
    /// To whom it was released.
    pub(super) recipients: BTreeSet<HolderId>,
    /// Whom a call is for.
    pub(super) called: Option<HolderId>,
    /// Who was asked for information.
    pub(super) asked: BTreeSet<HolderId>,
}

/// What moves a matter without anybody's act, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) at: Instant,
    pub(super) to: &'static str,
    /// The clock or the cause, by name.
    pub(super) name: &'static str,
}

impl Parties {
    /// The parties of a matter that has none but who brought it up.
    pub(super) fn of(matter: &Matter) -> Self {
        let opener = Some(matter.opened_by.holder.clone());
        Self {
            proposer: opener.clone(),
            opener,
            ..Self::default()
        }
    }

    fn sides(&self, holder: &Holder, role: Role) -> BTreeSet<Side> {
        let is = |party: &Option<HolderId>| party.as_ref() == Some(&holder.id);
        let mut sides = BTreeSet::from([Side::AnyHolder]);
        let mut add = |side, holds: bool| {
            if holds {
                sides.insert(side);
            }
        };
        let participant = holder.standing == Standing::Participant;
        add(Side::AnyParticipant, participant);
        add(Side::Observer, !participant);
        add(Side::Proposer, participant && is(&self.proposer));
        add(Side::Counterparty, participant && !is(&self.proposer));
        add(Side::Guarantor, participant && is(&self.guarantor));
        for side in [Side::Owner, Side::Submitter, Side::Originator, Side::Caller] {
            add(side, is(&self.opener));
        }
        add(Side::Recipient, self.recipients.contains(&holder.id));
        add(Side::Called, is(&self.called));
        add(Side::Asked, self.asked.contains(&holder.id));
        add(Side::Node, role == Role::System);
        sides
    }

    /// Who has to act before a clock runs out, where that is one holder.
    fn owner(&self, side: Side, recipient: Option<&HolderId>) -> Option<PartyId> {
        let holder = match side {
            Side::Proposer => self.proposer.as_ref(),
            Side::Guarantor => self.guarantor.as_ref(),
            Side::Owner | Side::Submitter | Side::Originator | Side::Caller => self.opener.as_ref(),
            Side::Recipient => recipient,
            Side::Called => self.called.as_ref(),
            _ => None,
        };
        PartyId::parse(holder?.as_str()).ok()
    }
}

impl Course {
    /// The beginning of a workflow.
    pub(super) fn beginning(machine: &'static Machine, at: Instant) -> Self {
        Self {
            machine,
            state: machine.initial(),
            since: at,
        }
    }

    /// Whether the matter is over.
    pub fn is_over(&self) -> bool {
        self.machine
            .state(self.state)
            .is_some_and(|state| state.is_final)
    }

    /// The same course in another state; entered at `at` when it is another.
    pub(super) fn moved(self, to: &'static str, at: Instant) -> Self {
        let since = if to == self.state { self.since } else { at };
        Self {
            state: to,
            since,
            ..self
        }
    }

    /// Where a cause leads, if anywhere.
    pub(super) fn follow(self, cause: Cause, at: Instant) -> Option<Self> {
        let to = self.machine.follow(self.state, cause)?;
        Some(self.moved(to, at))
    }

    /// What moves the matter next without anybody's act: the earliest of its clocks and of the instants named in it.
    pub(super) fn pending(
        &self,
        parameters: Option<&Parameters>,
        parties: &Parties,
        recipient: Option<&HolderId>,
        until: &dyn Fn(&ClockRule) -> Option<Instant>,
        causes: &[(Cause, Option<Instant>)],
    ) -> Option<Pending> {
        let clocks = self.machine.clocks.iter();
        // A clock that leads where the matter stands already only repeats itself.
        let running = clocks.filter(|rule| rule.state == self.state && rule.to != self.state);
        let lapses = running.filter_map(|rule| {
            let at = match rule.runs {
                Runs::Until(_) => until(rule)?,
                Runs::Parameter(_) => {
                    let owner = parties.owner(rule.owner, recipient);
                    self.since
                        .plus(rule.duration(parameters?, owner.as_ref())?)?
                }
            };
            Some(Pending {
                at,
                to: rule.to,
                name: rule.name,
            })
        });
        let follows = causes.iter().filter_map(|(cause, at)| {
            Some(Pending {
                at: (*at)?,
                to: self.machine.follow(self.state, *cause)?,
                name: cause.wire_name(),
            })
        });
        lapses
            .chain(follows)
            .min_by_key(|pending| (pending.at, pending.name))
    }
}

impl Picture {
    /// Where an act leads a matter, or why it leads nowhere.
    pub(super) fn step(
        &self,
        said: &Said<'_>,
        course: Option<&Course>,
        parties: &Parties,
        holds: &dyn Fn(Guard) -> GuardAnswer,
    ) -> Result<Course, Refusal> {
        let kind = said.act.kind();
        let Some(machine) = kind.machine() else {
            return Err(Refusal::by("no_workflow", "the act belongs to no workflow"));
        };
        let course = match course {
            Some(course) => *course,
            None => Course::beginning(machine, said.at),
        };
        // A matter of another workflow that goes by the same id.
        if course.machine.name != machine.name {
            let says = format!("the subject is a matter of {}", course.machine.name);
            return Err(Refusal::by("other_workflow", says));
        }
        let facts = actor(said, parties)?;
        let to = machine
            .step(course.state, kind, &facts, holds)
            .map_err(|refusal| Refusal::of(course.state, &refusal))?;
        let stated = self
            .knows_the_named(said)
            .and_then(|()| self.could_be(said));
        stated.map_err(|refusal| refusal.in_state(course.state))?;
        Ok(course.moved(to, said.at))
    }

    /// Whether an act that moves nothing may be written by its author.
    pub(super) fn state(&self, said: &Said<'_>) -> Result<(), Refusal> {
        let facts = actor(said, &Parties::default())?;
        let kind: Kind = said.act.kind();
        let Some(statement) = kind.statement() else {
            return Err(Refusal::by("no_workflow", "the act belongs to no workflow"));
        };
        if facts.is_one_of(statement.by) {
            return Ok(());
        }
        let mut refusal = Refusal::by("not_your_role", "the act is for others");
        refusal.who_could_act = described(statement.by);
        Err(refusal)
    }
}

/// What is known about the author of an act; a role that the holder's standing does not bear is refused.
fn actor(said: &Said<'_>, parties: &Parties) -> Result<ActorFacts, Refusal> {
    if let Standing::Observer { notifier, monitor } = said.holder.standing {
        let lacking = match said.role {
            Role::Notifier => !notifier,
            Role::Monitor => !monitor,
            Role::Consenter | Role::Planner => true,
            _ => false,
        };
        if lacking {
            let says = format!(
                "the observer {} has no such function in the agreement",
                said.holder.id
            );
            return Err(Refusal::by("not_your_role", says));
        }
    }
    Ok(ActorFacts {
        role: said.role,
        sides: parties.sides(said.holder, said.role),
    })
}
