//! The agreement as it stands: its text, with what has been suspended, left, disputed or prolonged since.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_agreement::Rulebook;
use detente_records::act::suspension::Scope;
use detente_records::parameters::NOTICES_UNVALIDATED_MAX;
use detente_records::{
    Agreement, Area, AreaId, AreaRecordKind, ArticleId, Dispute, HolderId, HumanitarianMovement,
    LocalText, MovementId, ObjectId, Parameters, ParticipantId, ProtectedObject, Reading, RecordId,
    Reporting, StandoffPolicy, Status,
};
use detente_spacetime::{Instant, VerticalAssumptions};

use super::air::{Air, beside};
use super::area::AreaFile;
use super::course::Course;
use super::dossier::Dossier;
use super::matter::Matter;
use super::outcome::Change;
use super::recheck::Reach;
use super::said::Author;
use super::{Bound, Picture};

/// Suspensions and withdrawals that have taken effect, and readings in dispute.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Standing {
    /// In effect, with who suspended.
    pub(super) suspended: Vec<(HolderId, Scope)>,
    /// Who has left.
    pub(super) withdrawn: BTreeSet<HolderId>,
    /// Readings of articles whose participants do not agree.
    pub(super) disputes: BTreeMap<ArticleId, BTreeMap<HolderId, LocalText>>,
    /// Whether the text binds at all.
    pub(super) in_force: bool,
    /// Day D, where participants set it.
    pub(super) day_d: Option<Instant>,
    /// A later end, where participants agreed to one.
    pub(super) ends: Option<Instant>,
    /// Articles whose preconditions do not hold; `None` for the text of the founding, which says so itself.
    pub(super) held_back: Option<BTreeSet<ArticleId>>,
}

impl Standing {
    /// The agreement of `text` as it stands.
    pub(super) fn applied_to(&self, text: &Agreement) -> Agreement {
        let mut agreement = text.clone();
        agreement.status = self.status(text);
        agreement.day_d = self.day_d.or(text.day_d);
        // A renewal never shortens: an end nobody stated stays unstated.
        agreement.ends = text
            .ends
            .map(|ends| self.ends.map_or(ends, |later| ends.max(later)));
        if let Some(held_back) = &self.held_back {
            agreement.held_back = held_back.clone();
        }
        for (id, participant) in &mut agreement.participants {
            let is = |holder: &HolderId| holder.as_str() == id.as_str();
            let all = |(who, scope): &(HolderId, Scope)| is(who) && *scope == Scope::All;
            participant.suspended |= self.suspended.iter().any(all);
            participant.withdrawn |= self.withdrawn.iter().any(is);
        }
        for (article, readings) in &self.disputes {
            let entry = agreement.disputes.entry(article.clone());
            let dispute = entry.or_insert_with(|| Dispute {
                readings: Vec::new(),
            });
            dispute.readings.extend(readings.iter().filter_map(reading));
        }
        // A suspended article permits nothing and still forbids: the stricter reading.
        for (_, scope) in &self.suspended {
            if let Scope::Article(article) = scope {
                let entry = agreement.disputes.entry(article.clone());
                entry.or_insert_with(|| Dispute {
                    readings: Vec::new(),
                });
            }
        }
        agreement
    }

    fn status(&self, text: &Agreement) -> Status {
        let left = text.participants.keys().filter(|id| {
            !self
                .withdrawn
                .iter()
                .any(|holder| holder.as_str() == id.as_str())
        });
        let everything = self.suspended.iter().any(|(_, scope)| *scope == Scope::All);
        match text.status {
            Status::Ended => Status::Ended,
            _ if left.count() < 2 => Status::Ended,
            _ if !self.in_force => Status::Tabled,
            _ if everything => Status::Suspended,
            Status::Suspended => Status::Suspended,
            _ => Status::InForce,
        }
    }
}

fn reading((holder, text): (&HolderId, &LocalText)) -> Option<Reading> {
    Some(Reading {
        participant: ParticipantId::parse(holder.as_str()).ok()?,
        text: text.clone(),
    })
}

/// The parameters things are kept out by before any text binds: the restrictive ones.
pub(super) fn before_any_text() -> Parameters {
    Parameters {
        clocks: BTreeMap::new(),
        standoff: StandoffPolicy::default(),
        lead_times: BTreeMap::new(),
        vertical: VerticalAssumptions::default(),
        reporting: Reporting::default(),
        private_checks: detente_records::PrivateChecks::default(),
        notices_unvalidated_max: NOTICES_UNVALIDATED_MAX,
    }
}

impl Picture {
    /// The parameters of the text that binds.
    pub(super) fn parameters(&self) -> Option<&Parameters> {
        let bound = self.bound_by.as_ref()?;
        Some(&bound.dossier.agreement().parameters)
    }

    /// Takes in what has become of suspensions, withdrawals, readings and the text; judges again where it matters.
    pub(super) fn restand(&mut self, at: Instant) -> Vec<Change> {
        let standing = self.current_standing();
        let Some(bound) = &self.bound_by else {
            return Vec::new();
        };
        if standing == *self.standing && self.rulebook.is_some() {
            return Vec::new();
        }
        self.rulebook = rulebook(bound, &standing);
        let air = Arc::make_mut(&mut self.air);
        for area in self.standing.suspended_areas() {
            air.take_area(&beside(area.as_str(), 0));
        }
        for area in standing.suspended_areas() {
            close(air, area);
        }
        let former = std::mem::replace(&mut self.standing, Arc::new(standing));
        for area in former.suspended_areas() {
            self.set_opens(area);
        }
        for area in Arc::clone(&self.standing).suspended_areas() {
            self.set_opens(area);
        }
        self.recheck(Reach::Everything, at)
    }

    fn set_opens(&mut self, area: &AreaId) {
        let file = RecordId::parse(area.as_str());
        let file = file.ok().and_then(|id| self.areas.get(&id).cloned());
        if let Some(file) = file {
            let opens = self.may_open(&file);
            Arc::make_mut(&mut self.air).set_opens(area, opens);
        }
    }

    /// Has a text bind from now on: what it declares enters the air beside what the ledgers hold.
    pub(super) fn bind(
        &mut self,
        text: Option<RecordId>,
        dossier: Arc<Dossier>,
        at: Instant,
    ) -> Vec<Change> {
        let mut air = self.air.under(&dossier.agreement().parameters);
        for object in &dossier.protected {
            // What somebody has notified under the same name stays protected, and this stands beside it.
            let is_taken = self.objects.contains(object.id.as_str());
            let apart = is_taken.then(|| object_of_text(object)).flatten();
            air.put_object(apart.unwrap_or_else(|| object.clone()), None);
        }
        for movement in &dossier.movements {
            let is_taken = self.movements.contains(movement.id.as_str());
            let apart = is_taken.then(|| movement_of_text(movement)).flatten();
            air.put_movement(apart.unwrap_or_else(|| movement.clone()), None);
        }
        for operation in &dossier.operations {
            air.put_operation(operation.clone(), 0);
        }
        for area in &dossier.areas {
            air.put_area(area.clone(), None);
        }
        self.air = Arc::new(air);
        for area in &dossier.areas {
            self.found_area(&dossier, area, at);
        }
        self.bound_by = Some(Bound { text, dossier });
        self.rulebook = None;
        self.restand(at)
    }

    /// An area of the text stands like one that was established, so that it can be changed and given up.
    fn found_area(&mut self, dossier: &Dossier, area: &Area, at: Instant) {
        let names = (
            RecordId::parse(area.id.as_str()),
            HolderId::parse(dossier.agreement().id.as_str()),
        );
        let (Ok(id), Ok(holder)) = names else {
            return;
        };
        let Some(machine) = detente_records::workflow::Machine::named("area") else {
            return;
        };
        let course = Course::beginning(machine, at).moved("standing", at);
        let matter = Matter {
            course,
            opened_by: Author {
                holder,
                user: "text".into(),
            },
            opened_at: at,
            lines: Vec::new(),
            holders: BTreeMap::new(),
        };
        self.keep_area(id, AreaFile::of_the_text(matter, area));
    }

    fn current_standing(&self) -> Standing {
        let (suspended, withdrawn) = self.suspended();
        let disputed = self.readings.iter().filter(|(_, file)| file.in_dispute());
        let disputes = disputed.map(|(article, file)| (article.clone(), file.readings.clone()));
        let text = self.bound_by.as_ref().map(|bound| bound.text.as_ref());
        let file = text.flatten().and_then(|id| self.texts.get(id));
        Standing {
            suspended,
            withdrawn,
            disputes: disputes.collect(),
            in_force: match text {
                Some(Some(_)) => {
                    file.is_some_and(|file| file.matter.course.state == super::agreement::IN_FORCE)
                }
                Some(None) => true,
                None => false,
            },
            day_d: file.and_then(|file| file.agreed_day_d(&self.signatories(file))),
            ends: file.and_then(|file| file.agreed_end(&self.remaining())),
            held_back: file.map(|file| file.held_back()),
        }
    }
}

impl Standing {
    pub(super) fn suspended_areas(&self) -> impl Iterator<Item = &AreaId> {
        self.suspended.iter().filter_map(|(_, scope)| match scope {
            Scope::Area(area) => Some(area),
            _ => None,
        })
    }
}

/// The articles of a text as they stand.
pub(super) fn rulebook(bound: &Bound, standing: &Standing) -> Option<Arc<Rulebook>> {
    let text = &bound.dossier.rulebook;
    let agreement = standing.applied_to(bound.dossier.agreement());
    // Where an article in dispute cannot be read the stricter way, nothing is permitted any more.
    let rulebook = text.under(agreement).or_else(|_| text.under(ended(bound)));
    rulebook.ok().map(Arc::new)
}

/// The agreement of a text, over.
fn ended(bound: &Bound) -> Agreement {
    let mut agreement = bound.dossier.agreement().clone();
    agreement.status = Status::Ended;
    agreement
}

/// Closes a suspended area: a prohibited area stands on its ground beside it.
fn close(air: &mut Air, id: &AreaId) {
    let area = air.things().areas().find(|area| area.id == *id);
    if let Some(closed) = area.and_then(closed) {
        air.put_area(closed, None);
    }
}

/// An object of the text where somebody has notified another one under its name.
pub(super) fn object_of_text(object: &ProtectedObject) -> Option<ProtectedObject> {
    Some(ProtectedObject {
        id: ObjectId::parse(&beside(object.id.as_str(), 0)).ok()?,
        ..object.clone()
    })
}

/// The same of a movement.
pub(super) fn movement_of_text(movement: &HumanitarianMovement) -> Option<HumanitarianMovement> {
    Some(HumanitarianMovement {
        id: MovementId::parse(&beside(movement.id.as_str(), 0)).ok()?,
        ..movement.clone()
    })
}

/// What stands beside a suspended area on its ground.
pub(super) fn closed(area: &Area) -> Option<Area> {
    Some(Area {
        id: AreaId::parse(&beside(area.id.as_str(), 0)).ok()?,
        kind: AreaRecordKind::ProhibitedArea,
        area_kind: None,
        applies_to: Vec::new(),
        activities: Vec::new(),
        ..area.clone()
    })
}
