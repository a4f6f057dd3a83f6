//! One operation after another put before the articles, on every core.

use std::ops::Range;

use detente_agreement::{AreaFacts, Judgement, OperationCase, PROTECTED_SEARCH_M, Thing, Touch};
use detente_deconfliction::Scratch;
use detente_records::Operation;
use detente_spacetime::Instant;

use super::input::Input;
use super::lost_thread;
use super::picture::{Contact, Picture, Subject};
use super::report::Report;
use crate::failure::Failure;

/// What judging needs; shared by the threads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Court<'a> {
    pub(super) input: &'a Input,
    pub(super) picture: &'a Picture<'a>,
    /// The instant operations are judged from.
    pub(super) at: Option<Instant>,
}

/// An operation with its answer.
#[derive(Debug)]
pub(super) struct Judged {
    /// Its place in the input.
    pub(super) place: usize,
    pub(super) report: Report,
}

impl Court<'_> {
    /// Judges a stretch of the operations, in order, shared among `threads`.
    pub(super) fn judge_all(
        &self,
        places: Range<usize>,
        threads: usize,
    ) -> Result<Vec<Judged>, Failure> {
        let share = places.len().div_ceil(threads.max(1)).max(1);
        let shares: Vec<Range<usize>> = places
            .clone()
            .step_by(share)
            .map(|from| from..places.end.min(from + share))
            .collect();
        std::thread::scope(|scope| {
            let running: Vec<_> = shares
                .into_iter()
                .map(|share| scope.spawn(|| self.judge_share(share)))
                .collect();
            let mut judged = Vec::with_capacity(places.len());
            for thread in running {
                judged.extend(thread.join().map_err(|_| lost_thread())?);
            }
            Ok(judged)
        })
    }

    fn judge_share(&self, places: Range<usize>) -> Vec<Judged> {
        let mut scratch = Scratch::default();
        let judged = places.filter_map(|place| {
            let operation = self.input.operations.get(place)?;
            let contacts = self.picture.contacts(place, &mut scratch);
            let judgement = self.judge(operation, &contacts);
            let report = Report::new(self, place, operation, &contacts, judgement);
            Some(Judged { place, report })
        });
        judged.collect()
    }

    fn judge(&self, operation: &Operation, contacts: &[Contact]) -> Judgement {
        let nearest_protected_m = self
            .picture
            .nearest_protected_m(operation, PROTECTED_SEARCH_M);
        self.input.rulebook.judge(&OperationCase {
            operation: operation.id.clone(),
            party: operation.party.clone(),
            force: operation.force.clone(),
            activity: operation.activity,
            starts: operation.start(),
            ends: ends(operation),
            notified: operation.notified.or(self.at),
            consents: operation.consents.clone(),
            awareness: Some(self.input.awareness),
            nearest_protected_m,
            touches: contacts
                .iter()
                .filter_map(|contact| self.touch(contact))
                .collect(),
        })
    }

    /// Returns the contact as the articles know it.
    fn touch(&self, contact: &Contact) -> Option<Touch> {
        let dossier = &self.input.dossier;
        let (with, thing) = match contact.subject {
            Subject::Area(place) => {
                let area = dossier.areas.get(place)?;
                (
                    area.id.to_string(),
                    Thing::Area(AreaFacts::of(area, &dossier.agreement)),
                )
            }
            Subject::ProtectedObject(place) => {
                let object = dossier.protected.get(place)?;
                let keep_out = self.picture.keep_out(place)?;
                let thing = Thing::ProtectedObject {
                    category: object.category.clone(),
                    standoff_m: whole_metres(keep_out.standoff_m),
                    keep_out_m: whole_metres(keep_out.distance_m()),
                    conflict: true,
                };
                (object.id.to_string(), thing)
            }
            Subject::Movement(place) => {
                let movement = dossier.movements.get(place)?;
                (
                    movement.id.to_string(),
                    Thing::Movement {
                        organisation: movement.organisation.clone(),
                    },
                )
            }
            Subject::Operation(place) => {
                let other = self.input.operations.get(place)?;
                let thing = Thing::Operation {
                    party: other.party.clone(),
                    force: other.force.clone(),
                    activity: other.activity,
                };
                (other.id.to_string(), thing)
            }
        };
        Some(Touch {
            with,
            thing,
            enters: contact.enters,
            leaves: contact.leaves,
            distance_m: contact.distance_m,
            certain: contact.certain,
        })
    }
}

/// The end of the operation's latest volume; `None` until further notice.
pub(super) fn ends(operation: &Operation) -> Option<Instant> {
    operation
        .volumes
        .iter()
        .map(|volume| volume.window.end())
        .try_fold(Instant::MIN, |last, end| Some(last.max(end?)))
}

/// Metres rounded up to a whole number, as articles compare them.
#[expect(
    clippy::cast_possible_truncation,
    reason = "distances are bounded by their readers; the cast saturates"
)]
fn whole_metres(metres: f64) -> i64 {
    metres.ceil() as i64
}
