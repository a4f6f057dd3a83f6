//! What the agreement says of a flight, in a zone and as a whole: declared or not, known in time or not.

use std::collections::BTreeSet;
use std::sync::Arc;

use detente_agreement::{Effect, Finding, Judgement, OperationCase, Thing, Touch};
use detente_deconfliction::Scratch;
use detente_monitoring::{Answer, Standing};
use detente_node::judge::{Bearing, Contact, Court as Check, Subject, Things};
use detente_records::names::{ForceId, OperationId, PartyId};
use detente_records::{Activity, Operation};
use detente_spacetime::{Instant, Span, Window};

use super::dossier::Input;

/// A clock with this beginning of its id and the guarantor as its owner is the one on which it answers for a flight.
const GUARANTOR_CLOCK: &str = "guarantor-answer";
/// Notice that no article can call too short: a leap year.
const LONG_NOTICE_HOURS: i64 = 24 * 366;
/// What an operation that nobody declared goes by while the articles are asked.
const UNDECLARED: &str = "undeclared";

/// Asks the articles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Court<'a> {
    pub(super) input: &'a Input,
}

impl Court<'_> {
    /// What would forbid a flight of `force` that nobody declared, through `thing` if it is told; none when nothing would.
    ///
    /// Whatever else it does, a flight passes through: the articles are asked about a transit without notice.
    /// What forbids it everywhere, such as that nobody answers for its party, forbids it there.
    pub(super) fn undeclared(
        &self,
        force: &ForceId,
        through: Option<(&str, &Thing)>,
        window: Window,
    ) -> Option<Answer> {
        let agreement = &self.input.dossier.agreement;
        let party = &agreement.forces.get(force)?.party;
        let starts = agreement
            .day_d
            .map_or(window.start(), |day| day.max(window.start()));
        // That a zone lasts longer than the agreement says nothing of a flight before the agreement ends.
        let ends = match agreement.ends.filter(|last| starts < *last) {
            Some(last) => Some(window.end().map_or(last, |end| end.min(last))),
            None => window.end(),
        };
        let touches = through.map(|(with, thing)| touch(with, thing.clone(), starts, ends));
        let judgement = self.input.rulebook.judge(&OperationCase {
            operation: OperationId::parse(UNDECLARED).ok()?,
            party: party.clone(),
            force: force.clone(),
            activity: Activity::Transit,
            starts,
            ends,
            notified: None,
            consents: BTreeSet::new(),
            awareness: Some(self.input.awareness),
            nearest_protected_m: None,
            touches: touches.into_iter().collect(),
        });
        self.answer(party, &judgement, |_| true)
    }

    /// What the articles say of a declared operation wherever it flies: all that `detente check` finds and no zone tells.
    ///
    /// `things` is everything that operations can meet.
    pub(super) fn standing_as_a_whole(
        &self,
        operation: &Operation,
        things: &Things,
        scratch: &mut Scratch,
    ) -> Standing {
        let check = Check {
            rulebook: &self.input.rulebook,
            things,
        };
        let contacts = check.contacts(operation, scratch);
        let concerns = |finding: &Finding| {
            let contact = finding.touch.and_then(|touch| contacts.get(touch));
            !contact.is_some_and(is_told_in_its_zone)
        };
        self.standing_by(operation, concerns, |notified| {
            let bearing = Bearing {
                notified,
                consents: operation.consents.clone(),
                awareness: Some(self.input.awareness),
            };
            check.judge(operation, &bearing, &contacts)
        })
    }

    /// What the articles say of a declared operation in `thing`, entered in `window`.
    pub(super) fn standing(
        &self,
        operation: &Operation,
        with: &str,
        thing: &Thing,
        window: Window,
    ) -> Standing {
        let concerns = |finding: &Finding| finding.touch.is_some();
        self.standing_by(operation, concerns, |notified| {
            self.judge(operation, with, thing, window, notified)
        })
    }

    /// What findings that concern anybody make of an operation, judged as it was notified and as if it had been long before.
    fn standing_by(
        &self,
        operation: &Operation,
        concerns: impl Fn(&Finding) -> bool,
        judge: impl Fn(Option<Instant>) -> Judgement,
    ) -> Standing {
        let as_of = self.input.dossier.agreement.as_of;
        let judgement = judge(operation.notified.or(as_of));
        let Some(answer) = self.answer(&operation.party, &judgement, &concerns) else {
            return Standing::Cleared;
        };
        let long_before = Span::from_hours(-LONG_NOTICE_HOURS)
            .and_then(|earlier| operation.start().plus(earlier));
        match self.answer(&operation.party, &judge(long_before), &concerns) {
            None => Standing::LateNotice(answer),
            Some(_) => Standing::Refused(answer),
        }
    }

    fn judge(
        &self,
        operation: &Operation,
        with: &str,
        thing: &Thing,
        window: Window,
        notified: Option<Instant>,
    ) -> Judgement {
        let ends = operation.volumes.iter().map(|volume| volume.window.end());
        self.input.rulebook.judge(&OperationCase {
            operation: operation.id.clone(),
            party: operation.party.clone(),
            force: operation.force.clone(),
            activity: operation.activity,
            starts: operation.start(),
            ends: ends.max().flatten(),
            notified,
            consents: operation.consents.clone(),
            awareness: Some(self.input.awareness),
            nearest_protected_m: None,
            touches: vec![touch(with, thing.clone(), window.start(), window.end())],
        })
    }

    /// The clauses behind what holds an operation back, who answers for the party, and on which clock; none when nothing
    /// that concerns anybody holds it back.
    fn answer(
        &self,
        party: &PartyId,
        judgement: &Judgement,
        concerns: impl Fn(&Finding) -> bool,
    ) -> Option<Answer> {
        let holds_back = |finding: &&Finding| finding.effect != Effect::Warn && concerns(finding);
        let against: Vec<&Finding> = judgement.findings.iter().filter(holds_back).collect();
        if against.is_empty() {
            return None;
        }
        let agreement = &self.input.dossier.agreement;
        let clauses: BTreeSet<&String> = against
            .iter()
            .flat_map(|finding| &finding.clauses)
            .collect();
        let bound = agreement.bound_parties.get(party);
        let guarantor = bound.and_then(|bound| bound.guarantor.as_ref());
        let clock = guarantor.and_then(|guarantor| {
            let owns = |owner: &PartyId| owner.as_str() == guarantor.as_str();
            agreement.parameters.clocks.iter().find(|(id, clock)| {
                id.as_str().starts_with(GUARANTOR_CLOCK) && clock.owner.as_ref().is_some_and(owns)
            })
        });
        Some(Answer {
            articles: clauses
                .into_iter()
                .map(|clause| Arc::from(clause.as_str()))
                .collect(),
            guarantor: guarantor.map(|guarantor| Arc::from(guarantor.as_str())),
            clock: clock.map(|(id, _)| Arc::from(id.as_str())),
        })
    }
}

fn touch(with: &str, thing: Thing, enters: Instant, leaves: Option<Instant>) -> Touch {
    Touch {
        with: with.to_owned(),
        thing,
        enters,
        leaves,
        distance_m: 0.0,
        certain: true,
    }
}

/// Whether what the articles say of a thing that is met is told where a track enters it.
fn is_told_in_its_zone(contact: &Contact) -> bool {
    match contact.subject {
        Subject::Area(_) => true,
        Subject::ProtectedObject(_) => !contact.near,
        Subject::Movement(_) | Subject::Operation(_) => false,
    }
}
