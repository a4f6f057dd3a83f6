//! What an operation meets, put before the articles.

use std::collections::BTreeSet;

use detente_agreement::{
    AreaFacts, AwarenessKey, Judgement, OperationCase, PROTECTED_SEARCH_M, Rulebook, Thing, Touch,
};
use detente_deconfliction::Scratch;
use detente_records::{Operation, ParticipantId};
use detente_spacetime::{Instant, Outline};

use super::contact::{Contact, joined};
use super::things::{Subject, Things};

/// An agreement's rulebook and everything that can be met under it; can be shared between threads.
#[derive(Clone, Copy, Debug)]
pub struct Court<'a> {
    /// The articles, and the agreement they belong to.
    pub rulebook: &'a Rulebook,
    /// Everything that can be met.
    pub things: &'a Things,
}

/// What is known of an operation besides what it declares.
#[derive(Clone, Debug)]
pub struct Bearing {
    /// When it was notified; `None` counts as no notice at all.
    pub notified: Option<Instant>,
    /// Who has consented.
    pub consents: BTreeSet<ParticipantId>,
    /// What its proposer had read; without it the operation is not evaluated.
    pub awareness: Option<AwarenessKey>,
}

impl<'a> Court<'a> {
    /// Returns everything the operation meets: by thing, then by time.
    ///
    /// It does not meet itself, nor areas that do not apply to it. Stretches of one thing that touch or overlap in time are
    /// told as one.
    pub fn contacts(&self, operation: &Operation, scratch: &mut Scratch) -> Vec<Contact> {
        let mut contacts = self.things.meetings(operation, scratch);
        contacts.retain(|contact| self.concerns(contact.subject, operation));
        let mut contacts = joined(contacts);
        // Articles that keep a distance of their own are asked about what is near, too.
        if self.rulebook.asks_how_near() {
            let mut near = self.things.near(operation, PROTECTED_SEARCH_M);
            near.retain(|near| {
                !contacts
                    .iter()
                    .any(|contact| contact.subject == near.subject)
            });
            contacts.extend(joined(near));
        }
        contacts
    }

    /// Returns the outlines where the operation and the thing share ground.
    pub fn outlines(&self, operation: &Operation, contact: &Contact) -> Vec<Outline> {
        let shared = contact.meetings.iter().filter_map(|&(own, other)| {
            let own = &operation.volumes.get(own)?.footprint;
            let other = self.things.footprint(contact.subject, other)?;
            Some(own.overlap_outline(other))
        });
        shared.collect()
    }

    /// Judges an operation by its contacts, as [`Court::contacts`] returned them.
    pub fn judge(
        &self,
        operation: &Operation,
        bearing: &Bearing,
        contacts: &[Contact],
    ) -> Judgement {
        let nearest_protected_m = self
            .things
            .nearest_protected_m(operation, PROTECTED_SEARCH_M);
        self.rulebook.judge(&OperationCase {
            operation: operation.id.clone(),
            party: operation.party.clone(),
            force: operation.force.clone(),
            activity: operation.activity,
            starts: operation.start(),
            ends: ends(operation),
            notified: bearing.notified,
            consents: bearing.consents.clone(),
            awareness: bearing.awareness,
            nearest_protected_m,
            touches: contacts
                .iter()
                .filter_map(|contact| self.touch(contact))
                .collect(),
        })
    }

    /// The id of a thing.
    pub fn id_of(&self, subject: Subject) -> Option<&'a str> {
        match subject {
            Subject::Area(slot) => Some(self.things.area(slot)?.id.as_str()),
            Subject::ProtectedObject(slot) => {
                let (object, _) = self.things.protected_object(slot)?;
                Some(object.id.as_str())
            }
            Subject::Movement(slot) => Some(self.things.movement(slot)?.id.as_str()),
            Subject::Operation(slot) => Some(self.things.operation(slot)?.id.as_str()),
        }
    }

    /// Whether the thing is the operation's business: an area that applies, or another operation.
    fn concerns(&self, subject: Subject, operation: &Operation) -> bool {
        match subject {
            Subject::Area(slot) => self.things.area(slot).is_some_and(|area| {
                area.applies(
                    self.rulebook.agreement(),
                    &operation.party,
                    &operation.force,
                    operation.activity,
                )
            }),
            Subject::Operation(slot) => {
                let other = self.things.operation(slot);
                other.is_some_and(|other| other.id != operation.id)
            }
            Subject::ProtectedObject(_) | Subject::Movement(_) => true,
        }
    }

    /// Returns the contact as the articles know it.
    fn touch(&self, contact: &Contact) -> Option<Touch> {
        Some(Touch {
            with: self.id_of(contact.subject)?.to_owned(),
            thing: self.thing(contact)?,
            enters: contact.enters,
            leaves: contact.leaves,
            distance_m: contact.distance_m,
            certain: contact.certain,
        })
    }

    fn thing(&self, contact: &Contact) -> Option<Thing> {
        match contact.subject {
            Subject::Area(slot) => {
                let area = self.things.area(slot)?;
                Some(Thing::Area(AreaFacts {
                    opens: self.things.opens(&area.id),
                    ..AreaFacts::of(area, self.rulebook.agreement())
                }))
            }
            Subject::ProtectedObject(slot) => {
                let (object, keep_out) = self.things.protected_object(slot)?;
                Some(Thing::ProtectedObject {
                    category: object.category.clone(),
                    standoff_m: whole_metres(keep_out.standoff_m),
                    keep_out_m: whole_metres(keep_out.distance_m()),
                    conflict: !contact.near,
                })
            }
            Subject::Movement(slot) => Some(Thing::Movement {
                organisation: self.things.movement(slot)?.organisation.clone(),
            }),
            Subject::Operation(slot) => {
                let other = self.things.operation(slot)?;
                Some(Thing::Operation {
                    party: other.party.clone(),
                    force: other.force.clone(),
                    activity: other.activity,
                })
            }
        }
    }
}

/// The end of the operation's latest volume; `None` until further notice.
pub fn ends(operation: &Operation) -> Option<Instant> {
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
