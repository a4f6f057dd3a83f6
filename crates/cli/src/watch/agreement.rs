//! What the agreement says of a flight in a zone: declared or not, known in time or not.

use std::collections::BTreeSet;
use std::sync::Arc;

use detente_agreement::{Effect, Judgement, OperationCase, Thing, Touch};
use detente_monitoring::{Answer, Standing};
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
    /// What would forbid a flight of `force` through `thing` that nobody declared; none when nothing would.
    ///
    /// Whatever else it does, a flight passes through: the articles are asked about a transit without notice.
    pub(super) fn undeclared(
        &self,
        force: &ForceId,
        with: &str,
        thing: Thing,
        window: Window,
    ) -> Option<Answer> {
        let agreement = &self.input.dossier.agreement;
        let party = &agreement.forces.get(force)?.party;
        let starts = agreement
            .day_d
            .map_or(window.start(), |day| day.max(window.start()));
        let judgement = self.input.rulebook.judge(&OperationCase {
            operation: OperationId::parse(UNDECLARED).ok()?,
            party: party.clone(),
            force: force.clone(),
            activity: Activity::Transit,
            starts,
            ends: window.end(),
            notified: None,
            consents: BTreeSet::new(),
            awareness: Some(self.input.awareness),
            nearest_protected_m: None,
            touches: vec![touch(with, thing, starts, window.end())],
        });
        let about_it = judgement
            .findings
            .iter()
            .any(|finding| finding.touch.is_some() && finding.effect != Effect::Warn);
        about_it.then(|| self.answer(party, &judgement))
    }

    /// What the articles say of a declared operation in `thing`, entered in `window`.
    pub(super) fn standing(
        &self,
        operation: &Operation,
        with: &str,
        thing: &Thing,
        window: Window,
    ) -> Standing {
        let as_of = self.input.dossier.agreement.as_of;
        let notified = operation.notified.or(as_of);
        let judgement = self.judge(operation, with, thing, window, notified);
        if is_clear(&judgement) {
            return Standing::Cleared;
        }
        let answer = self.answer(&operation.party, &judgement);
        let long_before = Span::from_hours(-LONG_NOTICE_HOURS)
            .and_then(|earlier| operation.start().plus(earlier));
        if is_clear(&self.judge(operation, with, thing, window, long_before)) {
            Standing::LateNotice(answer)
        } else {
            Standing::Refused(answer)
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

    /// The clauses behind a judgement, who answers for the party, and on which clock.
    fn answer(&self, party: &PartyId, judgement: &Judgement) -> Answer {
        let agreement = &self.input.dossier.agreement;
        let against = judgement
            .findings
            .iter()
            .filter(|finding| finding.touch.is_some() && finding.effect != Effect::Warn);
        let clauses: BTreeSet<&String> = against.flat_map(|finding| &finding.clauses).collect();
        let bound = agreement.bound_parties.get(party);
        let guarantor = bound.and_then(|bound| bound.guarantor.as_ref());
        let clock = guarantor.and_then(|guarantor| {
            let owns = |owner: &PartyId| owner.as_str() == guarantor.as_str();
            agreement.parameters.clocks.iter().find(|(id, clock)| {
                id.as_str().starts_with(GUARANTOR_CLOCK) && clock.owner.as_ref().is_some_and(owns)
            })
        });
        Answer {
            articles: clauses
                .into_iter()
                .map(|clause| Arc::from(clause.as_str()))
                .collect(),
            guarantor: guarantor.map(|guarantor| Arc::from(guarantor.as_str())),
            clock: clock.map(|(id, _)| Arc::from(id.as_str())),
        }
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

/// Whether nothing about the thing touched holds the operation back.
fn is_clear(judgement: &Judgement) -> bool {
    judgement
        .findings
        .iter()
        .all(|finding| finding.effect == Effect::Warn || finding.touch.is_none())
}
