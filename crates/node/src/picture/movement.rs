//! Humanitarian movements: notified, on the way, arrived or broken off.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_records::act::Act;
use detente_records::act::movement::LeadTimeClass;
use detente_records::workflow::{Cause as Follows, Guard, GuardAnswer};
use detente_records::{HolderId, HumanitarianMovement, MovementId, RecordId};
use detente_spacetime::{Instant, Volume4D, Window};

use super::Picture;
use super::air::{Air, beside};
use super::course::{Parties, Pending};
use super::matter::Matter;
use super::outcome::{Cause, Change, Refusal};
use super::recheck::Reach;
use super::said::Said;

/// A humanitarian movement as it stands.
#[derive(Clone, Debug)]
pub struct MovementFile {
    /// Its course, and everything said about it.
    pub matter: Matter,
    /// Route, time and legs, in the newest version.
    pub current: Arc<HumanitarianMovement>,
    /// The number of that version, from 1.
    pub version: u32,
    /// The versions it was on its way by before it was changed: it may still be where they led.
    pub former: Vec<(u32, Arc<HumanitarianMovement>)>,
    /// How long ahead it was notified.
    pub lead_time_class: LeadTimeClass,
    /// Who has acknowledged which version.
    pub acknowledged: BTreeMap<HolderId, u32>,
    /// When it set out.
    pub departed: Option<Instant>,
    /// The leg of the newest version it is on, from 1.
    pub leg: Option<u32>,
}

impl MovementFile {
    /// Notes the facts an act adds.
    fn note(&mut self, said: &Said<'_>) {
        match said.act {
            Act::MovementChanged(act) => {
                let changed = Arc::new(act.feature.record().clone());
                let before = std::mem::replace(&mut self.current, changed);
                if self.departed.is_some() {
                    self.former.push((self.version, before));
                    self.leg = None;
                }
                self.version = act.version;
            }
            Act::MovementAcknowledged(act) => {
                let holder = said.author.holder.clone();
                self.acknowledged.insert(holder, act.version);
            }
            Act::MovementDeparted(act) => self.departed = Some(act.at),
            Act::MovementLegReached(act) => self.leg = Some(act.leg),
            _ => {}
        }
    }

    /// Puts the movement into the air while it needs protection, or takes it out.
    ///
    /// A movement on its way is protected until it is closed, whatever its window said.
    fn put(&self, air: &mut Air, said: Option<&Said<'_>>) {
        let id = self.current.id.as_str();
        let known = air.source_of("humanitarian_movement", id);
        air.take_movement(id);
        for (version, _) in &self.former {
            air.take_movement(&beside(id, *version));
        }
        if self.matter.course.is_over() {
            return;
        }
        let source = said.map(Said::source).or(known);
        for movement in self.in_the_air() {
            air.put_movement(movement, source.clone());
        }
    }

    /// The movement as it is protected and, beside it, the ways it was on before.
    pub(super) fn in_the_air(&self) -> Vec<HumanitarianMovement> {
        let mut movements = vec![self.until_closed(&self.current)];
        for (version, movement) in &self.former {
            let Ok(id) = MovementId::parse(&beside(self.current.id.as_str(), *version)) else {
                continue;
            };
            movements.push(HumanitarianMovement {
                id,
                ..self.until_closed(movement)
            });
        }
        movements
    }

    fn until_closed(&self, movement: &HumanitarianMovement) -> HumanitarianMovement {
        let mut movement = movement.clone();
        if let Some(departed) = self.departed {
            let start = movement.volume.window.start().min(departed);
            if let Ok(window) = Window::new(start, None) {
                movement.volume = Volume4D {
                    window,
                    ..movement.volume
                };
            }
        }
        movement
    }
}

impl Picture {
    pub(super) fn fold_movement(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        let id = said.act.subject().clone();
        let before = self.movements.get(&id).cloned();
        let mut next = match (before.as_deref(), said.act) {
            (Some(file), _) => file.clone(),
            (None, Act::MovementNotified(act)) => MovementFile {
                matter: Matter::begin(said)?,
                current: Arc::new(act.feature.record().clone()),
                version: 1,
                former: Vec::new(),
                lead_time_class: act.lead_time_class,
                acknowledged: BTreeMap::new(),
                departed: None,
                leg: None,
            },
            (None, _) => return Err(Refusal::unknown("movement")),
        };
        next.note(said);
        let guard = |guard: Guard| self.movement_guard(guard, before.as_deref(), &next, said);
        let course = before.as_ref().map(|file| &file.matter.course);
        let moved = self.step(said, course, &Parties::of(&next.matter), &guard)?;
        let mut changes = vec![Change::of(said, course, &moved)];
        next.matter.go_on(moved, said);
        let restrains = matches!(
            said.act,
            Act::MovementNotified(_) | Act::MovementChanged(_) | Act::MovementDeparted(_)
        );
        if restrains || next.matter.course.is_over() {
            next.put(Arc::make_mut(&mut self.air), restrains.then_some(said));
        }
        let mut grounds = vec![next.current.volume.footprint.clone()];
        let former = next.former.iter();
        grounds.extend(former.map(|(_, movement)| movement.volume.footprint.clone()));
        self.keep_movement(id, next);
        if restrains {
            changes.extend(self.recheck(Reach::Ground(&grounds), said.at));
        }
        Ok(changes)
    }

    /// Keeps a movement and its clocks.
    pub(super) fn keep_movement(&mut self, id: RecordId, file: MovementFile) {
        let pending = self.movement_pending(&file);
        self.set_due(file.matter.course.machine.name, &id, None, pending);
        self.movements.insert(id, Arc::new(file));
    }

    fn movement_pending(&self, file: &MovementFile) -> Option<Pending> {
        let ends = [(Follows::EndReached, file.current.volume.window.end())];
        let never = |_: &_| None;
        let (course, parties) = (&file.matter.course, Parties::of(&file.matter));
        course.pending(self.parameters(), &parties, None, &never, &ends)
    }

    /// Moves a movement whose time has come.
    pub(super) fn run_out_movement(&mut self, id: &RecordId) -> Vec<Change> {
        let Some(before) = self.movements.get(id).cloned() else {
            return Vec::new();
        };
        let Some(pending) = self.movement_pending(&before) else {
            return Vec::new();
        };
        let mut next = (*before).clone();
        next.matter.course = before.matter.course.moved(pending.to, pending.at);
        if next.matter.course.is_over() {
            next.put(Arc::make_mut(&mut self.air), None);
        }
        let (from, cause) = (Some(&before.matter.course), Cause::Time(pending.name));
        let change = Change::by(id, from, &next.matter.course, pending.at, cause);
        self.keep_movement(id.clone(), next);
        vec![change]
    }

    fn movement_guard(
        &self,
        guard: Guard,
        before: Option<&MovementFile>,
        next: &MovementFile,
        said: &Said<'_>,
    ) -> GuardAnswer {
        let version = before.map_or(0, |file| file.version);
        let holds = match (guard, said.act) {
            (Guard::NextVersion, Act::MovementChanged(act)) => {
                act.version == version.saturating_add(1)
            }
            (Guard::CurrentVersion, Act::MovementAcknowledged(act)) => act.version == version,
            (Guard::OthersAcknowledged, _) => {
                let participants = self.participants();
                let mut all = participants.iter();
                all.all(|holder| next.acknowledged.get(holder) == Some(&version))
            }
            (Guard::LegsInOrder, Act::MovementLegReached(act)) => {
                let last = before.and_then(|file| file.leg).unwrap_or(0);
                act.leg == last.saturating_add(1)
            }
            _ => false,
        };
        GuardAnswer::of(holds)
    }
}
