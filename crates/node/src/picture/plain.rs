//! Matters whose facts are what was said about them: concerns, meetings, reports, incidents, allegations, obligations,
//! suspensions, withdrawals, calls, alerts.

use std::collections::BTreeSet;
use std::sync::Arc;

use detente_records::act::suspension::Scope;
use detente_records::act::{Act, StatedPosition};
use detente_records::workflow::{Cause as Follows, Guard, GuardAnswer};
use detente_records::{HolderId, Kind, RecordId};
use detente_spacetime::geodesic;

use super::Picture;
use super::course::{Course, Parties, Pending};
use super::matter::Matter;
use super::outcome::{Cause, Change, Refusal};
use super::private_check::PRIVATE_CHECK;
use super::report::{RECEIPT, REPORT, recipients_of, sealed_for_each};
use super::said::Said;

/// How far a position read back may lie from the one given, in metres: what rounding to a second of arc may cost.
pub const READ_BACK_TOLERANCE_M: f64 = 50.0;

impl Picture {
    /// An act about a matter that has one course for everybody.
    pub(super) fn fold_plain(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        let id = said.act.subject().clone();
        let mut next = Matter::begin(said)?;
        let machine = next.course.machine.name;
        let before = self.matter_file(machine, &id).cloned();
        if let Some(before) = &before {
            next = (**before).clone();
        }
        let guard = |guard: Guard| self.plain_guard(guard, &next, said);
        let course = before.as_ref().map(|matter| &matter.course);
        let moved = self.step(said, course, &parties_of(&next, Some(said)), &guard)?;
        let mut changes = vec![Change::of(said, course, &moved)];
        next.go_on(moved, said);
        match said.act {
            Act::ReportReleased(act) => {
                let recipients = act.recipients.as_slice();
                changes.extend(next.lead_each(RECEIPT, recipients, Follows::Released, said));
            }
            Act::ReportRecalled(_) => {
                let recipients: Vec<HolderId> = recipients_of(&next).into_iter().collect();
                changes.extend(next.lead_each(RECEIPT, &recipients, Follows::Recalled, said));
            }
            Act::ReportCorrected(_) => {
                let recipients: Vec<HolderId> = recipients_of(&next).into_iter().collect();
                changes.extend(next.lead_each(RECEIPT, &recipients, Follows::Corrected, said));
            }
            _ => {}
        }
        self.keep_matter(id, Arc::new(next));
        Ok(changes)
    }

    /// An act about one holder's own course in a matter: receipt of a report, passing it on.
    pub(super) fn fold_own(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        let id = said.act.subject().clone();
        let Some(before) = self.matter_file(REPORT, &id).cloned() else {
            return Err(Refusal::unknown("report"));
        };
        let Some(machine) = said.act.kind().machine() else {
            return Err(Refusal::by("no_workflow", "the act belongs to no workflow"));
        };
        let whose = match said.act {
            Act::OnwardDecided(act) => act.requester.clone(),
            _ => said.author.holder.clone(),
        };
        let key = (machine.name, whose.clone());
        let course = before.holders.get(&key);
        let guard = |guard: Guard| self.plain_guard(guard, &before, said);
        let moved = self.step(said, course, &parties_of(&before, None), &guard)?;
        let mut change = Change::of(said, course, &moved);
        change.holder = Some(whose);
        let mut next = (*before).clone();
        let stays = next.course;
        next.holders.insert(key, moved);
        next.go_on(stays, said);
        let mut changes = vec![change];
        if let Act::ReportForwarded(act) = said.act {
            let recipients = act.recipients.as_slice();
            changes.extend(next.lead_each(RECEIPT, recipients, Follows::Released, said));
        }
        self.keep_matter(id, Arc::new(next));
        Ok(changes)
    }

    /// A suspension, a resumption or a withdrawal: the agreement may stand differently with it.
    pub(super) fn fold_suspension(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        let mut changes = self.fold_plain(said)?;
        changes.extend(self.restand(said.at));
        Ok(changes)
    }

    /// Keeps a matter and its clocks.
    pub(super) fn keep_matter(&mut self, id: RecordId, matter: Arc<Matter>) {
        let machine = matter.course.machine.name;
        let pending = self.matter_pending(&matter);
        self.set_due(machine, &id, None, pending);
        for ((machine, holder), course) in &matter.holders {
            let pending = self.own_pending(&matter, course, holder);
            self.set_due(machine, &id, Some(holder.clone()), pending);
        }
        self.matters.entry(machine).or_default().insert(id, matter);
    }

    /// Moves a matter whose time has come.
    pub(super) fn run_out_matter(&mut self, id: &RecordId, machine: &'static str) -> Vec<Change> {
        let Some(before) = self.matter_file(machine, id).cloned() else {
            return Vec::new();
        };
        let Some(pending) = self.matter_pending(&before) else {
            return Vec::new();
        };
        let mut next = (*before).clone();
        next.course = before.course.moved(pending.to, pending.at);
        let cause = Cause::Time(pending.name);
        let mut changes = vec![Change::by(
            id,
            Some(&before.course),
            &next.course,
            pending.at,
            cause,
        )];
        self.keep_matter(id.clone(), Arc::new(next));
        changes.extend(self.restand(pending.at));
        changes
    }

    /// Moves one holder's course whose time has come.
    pub(super) fn run_out_own(
        &mut self,
        id: &RecordId,
        machine: &'static str,
        holder: &HolderId,
    ) -> Vec<Change> {
        let Some(before) = self.matter_file(REPORT, id).cloned() else {
            return Vec::new();
        };
        let key = (machine, holder.clone());
        let Some(course) = before.holders.get(&key) else {
            return Vec::new();
        };
        let Some(pending) = self.own_pending(&before, course, holder) else {
            return Vec::new();
        };
        let moved = course.moved(pending.to, pending.at);
        let cause = Cause::Time(pending.name);
        let mut change = Change::by(id, Some(course), &moved, pending.at, cause);
        change.holder = Some(holder.clone());
        let mut next = (*before).clone();
        next.holders.insert(key, moved);
        self.keep_matter(id.clone(), Arc::new(next));
        vec![change]
    }

    fn matter_pending(&self, matter: &Matter) -> Option<Pending> {
        let resumes = matter.last(|line| match &*line.act {
            Act::ResumptionProposed(act) => Some(act.at),
            _ => None,
        });
        let begins = matter.lines.first().and_then(|line| match &*line.act {
            Act::SuspensionNotified(act) => Some(act.at),
            Act::WithdrawalNotified(act) => Some(act.at),
            _ => None,
        });
        let effect = match matter.course.state {
            "resumption_agreed" => resumes,
            _ => begins,
        };
        // Nothing takes effect before it was said, whatever instant was named.
        let effect = effect.map(|at| at.max(matter.course.since));
        let end = matter.last(|line| match &*line.act {
            Act::ReportReleased(act) => act.marking.expires,
            Act::PrivateCheckProposed(act) => Some(act.expires),
            _ => None,
        });
        let causes = [(Follows::EffectTime, effect), (Follows::EndReached, end)];
        let parties = parties_of(matter, None);
        let never = |_: &_| None;
        let mut course = matter.course;
        // The minutes of a meeting are due after it, however early it was called.
        if let Some(Act::MeetingCalled(act)) = matter.lines.first().map(|line| &*line.act)
            && course.state == "called"
        {
            course.since = course.since.max(act.at);
        }
        course.pending(self.parameters(), &parties, None, &never, &causes)
    }

    fn own_pending(&self, matter: &Matter, course: &Course, holder: &HolderId) -> Option<Pending> {
        let parties = parties_of(matter, None);
        let never = |_: &_| None;
        course.pending(self.parameters(), &parties, Some(holder), &never, &[])
    }

    fn plain_guard(&self, guard: Guard, matter: &Matter, said: &Said<'_>) -> GuardAnswer {
        let holds = match (guard, said.act) {
            (Guard::NotInThePast, Act::MeetingCalled(act)) => act.at >= said.at,
            (Guard::NotInThePast, Act::SuspensionNotified(act)) => act.at >= said.at,
            (Guard::NotInThePast, Act::WithdrawalNotified(act)) => act.at >= said.at,
            (Guard::OthersAgreed, _) => self.resumption_agreed(matter, said),
            (Guard::SameInstant, Act::ResumptionAgreed(act)) => {
                let proposed = matter.last(|line| match &*line.act {
                    Act::ResumptionProposed(act) => Some(act.at),
                    _ => None,
                });
                proposed == Some(act.at)
            }
            (Guard::MarkingAllows, _) => return self.marking_allows(matter, said),
            (Guard::SealedForEach, _) => sealed_for_each(matter, said),
            (Guard::PassingCovers, _) => self.passing_covers(matter, said),
            (Guard::PassingGranted, Act::OnwardDecided(act)) => act.granted,
            (Guard::PassingRefused, Act::OnwardDecided(act)) => !act.granted,
            (Guard::FindingsComplete, _) => {
                let stated = found_by(matter, said);
                self.participants().iter().all(|who| stated.contains(who))
            }
            (Guard::ReadBackAgrees, _) => read_back_agrees(matter),
            (Guard::WasPassedOn, _) => is_passed_on(matter),
            (guard, act)
                if act
                    .kind()
                    .machine()
                    .is_some_and(|machine| machine.name == PRIVATE_CHECK) =>
            {
                self.private_check_guard(guard, matter, said)
            }
            _ => false,
        };
        GuardAnswer::of(holds)
    }

    /// Whether every other participant proposed to resume or agreed since it was proposed last.
    fn resumption_agreed(&self, matter: &Matter, said: &Said<'_>) -> bool {
        let mut agreed = BTreeSet::from([said.author.holder.clone()]);
        for line in matter.lines.iter().rev() {
            match &*line.act {
                Act::ResumptionAgreed(_) => agreed.insert(line.author.holder.clone()),
                Act::ResumptionProposed(_) => {
                    agreed.insert(line.author.holder.clone());
                    break;
                }
                _ => continue,
            };
        }
        self.remaining().is_subset(&agreed)
    }

    /// The participants that have not left.
    pub(super) fn remaining(&self) -> BTreeSet<HolderId> {
        let (_, left) = self.suspended();
        let mut remaining = self.participants();
        remaining.retain(|holder| !left.contains(holder));
        remaining
    }

    /// Suspensions in effect, and who has left.
    pub(super) fn suspended(&self) -> (Vec<(HolderId, Scope)>, BTreeSet<HolderId>) {
        let in_effect = self.matters("suspension").filter(|(_, matter)| {
            matches!(
                matter.course.state,
                "in_effect" | "resumption_proposed" | "resumption_agreed"
            )
        });
        let scopes = in_effect.filter_map(|(_, matter)| {
            let line = matter.lines.first()?;
            match &*line.act {
                Act::SuspensionNotified(act) => {
                    Some((line.author.holder.clone(), act.scope.clone()))
                }
                _ => None,
            }
        });
        let left = self
            .matters("withdrawal")
            .filter(|(_, matter)| matter.course.state == "withdrawn")
            .map(|(_, matter)| matter.opened_by.holder.clone());
        (scopes.collect(), left.collect())
    }
}

impl Matter {
    /// Moves the own course of several holders as a cause leads.
    fn lead_each(
        &mut self,
        machine: &str,
        holders: &[HolderId],
        cause: Follows,
        said: &Said<'_>,
    ) -> Vec<Change> {
        let Some(machine) = detente_records::workflow::Machine::named(machine) else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        for holder in holders {
            let key = (machine.name, holder.clone());
            let before = self.holders.get(&key).copied();
            let course = before.unwrap_or_else(|| Course::beginning(machine, said.at));
            if let Some(moved) = course.follow(cause, said.at) {
                let subject = said.act.subject();
                let follows = Cause::Follows(cause.wire_name());
                let mut change = Change::by(subject, before.as_ref(), &moved, said.at, follows);
                change.holder = Some(holder.clone());
                changes.push(change);
                self.holders.insert(key, moved);
            }
        }
        changes
    }
}

/// Who is who in a matter; `said` counts as said.
fn parties_of(matter: &Matter, said: Option<&Said<'_>>) -> Parties {
    let mut parties = Parties::of(matter);
    parties.recipients = recipients_of(matter);
    let said = said.map(|said| (&said.author.holder, said.act));
    let lines = matter.lines.iter();
    for (holder, act) in lines
        .map(|line| (&line.author.holder, &*line.act))
        .chain(said)
    {
        match act {
            Act::CallRung(act) => parties.called = Some(act.to.clone()),
            Act::PrivateCheckProposed(act) => parties.called = Some(act.with.clone()),
            Act::InformationRequested(act) => {
                parties.asked.insert(act.from.clone());
            }
            // Others agree to what was proposed last.
            Act::ResumptionProposed(_) => parties.proposer = Some(holder.clone()),
            Act::WithdrawalClaimed(_) => parties.proposer = Some(holder.clone()),
            _ => {}
        }
    }
    parties
}

/// Who has stated a finding since the matter was reopened last; `said` counts as said.
fn found_by<'a>(matter: &'a Matter, said: &'a Said<'_>) -> BTreeSet<&'a HolderId> {
    let lines = matter.lines.iter().rev();
    let lines = lines.take_while(|line| line.act.kind() != Kind::ViolationReopened);
    let before = lines.map(|line| (line.act.kind(), &line.author.holder));
    let now = (said.act.kind(), &said.author.holder);
    let stated = before.chain([now]);
    stated
        .filter(|(kind, _)| *kind == Kind::FindingStated)
        .map(|(_, holder)| holder)
        .collect()
}

/// Whether the message taken down last was passed on.
fn is_passed_on(matter: &Matter) -> bool {
    let last = matter.last(|line| match line.act.kind() {
        kind @ (Kind::ContentTaken | Kind::PassedOn) => Some(kind),
        _ => None,
    });
    last == Some(Kind::PassedOn)
}

/// Whether the position read back last is the one taken down last, and no distance between them was measured.
fn read_back_agrees(matter: &Matter) -> bool {
    let given = matter.last(|line| match &*line.act {
        Act::ContentTaken(act) => Some(act.position.as_ref()),
        _ => None,
    });
    let back = matter.last(|line| match &*line.act {
        Act::ReadBack(act) => Some((act.position.as_ref(), act.distance_m)),
        _ => None,
    });
    let (Some(given), Some((back, distance_m))) = (given, back) else {
        return false;
    };
    let measured = distance_m.is_none_or(|distance_m| distance_m <= READ_BACK_TOLERANCE_M);
    measured
        && match (given, back) {
            (None, None) => true,
            (Some(given), Some(back)) => apart_m(given, back) <= READ_BACK_TOLERANCE_M,
            _ => false,
        }
}

fn apart_m(one: &StatedPosition, other: &StatedPosition) -> f64 {
    geodesic::distance_m(one.position(), other.position())
}
