//! Areas and humanitarian pauses: what holds now, and what is proposed instead.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_records::act::Act;
use detente_records::act::feature::Drawn;
use detente_records::workflow::{Cause as Follows, Guard, GuardAnswer};
use detente_records::{Area, AreaId, AreaRecordKind, HolderId, RecordId};
use detente_spacetime::Footprint;
use serde_json::Value;

use super::Picture;
use super::air::{Air, beside};
use super::course::{Parties, Pending};
use super::matter::Matter;
use super::outcome::{Cause, Change, Refusal};
use super::recheck::Reach;
use super::said::{Author, Said};

/// An area as it stands.
#[derive(Clone, Debug)]
pub struct AreaFile {
    /// Its course, and everything said about it.
    pub matter: Matter,
    /// The version that holds.
    pub current: Arc<Area>,
    /// The same as written; nothing for an area of the text itself.
    pub written: Option<Arc<Value>>,
    /// Its number, from 1.
    pub version: u32,
    /// Who has agreed to that version; `None` for an area of the text itself. It holds back from the beginning, and opens
    /// nothing before every participant has agreed.
    pub agreed: Option<BTreeMap<HolderId, Author>>,
    /// What is proposed instead; until everyone agrees both hold together.
    pub pending: Option<PendingChange>,
    /// Whether it is a humanitarian pause.
    pub pause: bool,
}

/// A change that loosens, or may loosen, and waits for every participant.
#[derive(Clone, Debug)]
pub struct PendingChange {
    /// The new version; `None` for giving the area up.
    pub version: Option<u32>,
    /// The area in that version, and as written.
    pub area: Option<(Arc<Area>, Arc<Value>)>,
    /// Who proposed it.
    pub proposed_by: Author,
    /// Who has agreed; proposing is agreeing.
    pub agreed: BTreeMap<HolderId, Author>,
}

impl AreaFile {
    /// Begins with the act that establishes the area.
    fn begin(matter: Matter, feature: &Drawn<Area>, pause: bool) -> Self {
        let author = matter.opened_by.clone();
        Self {
            matter,
            agreed: Some(BTreeMap::from([(author.holder.clone(), author)])),
            current: Arc::new(feature.record().clone()),
            written: Some(Arc::new(feature.source().clone())),
            version: 1,
            pending: None,
            pause,
        }
    }

    /// Notes the facts an act adds.
    fn note(&mut self, said: &Said<'_>) {
        let proposer = || BTreeMap::from([(said.author.holder.clone(), said.author.clone())]);
        match said.act {
            Act::AreaChanged(act) => {
                self.pending = Some(PendingChange {
                    version: Some(act.version),
                    area: Some((
                        Arc::new(act.feature.record().clone()),
                        Arc::new(act.feature.source().clone()),
                    )),
                    proposed_by: said.author.clone(),
                    agreed: proposer(),
                });
            }
            Act::AreaCancelled(_) => {
                self.pending = Some(PendingChange {
                    version: None,
                    area: None,
                    proposed_by: said.author.clone(),
                    agreed: proposer(),
                });
            }
            Act::AreaChangeAgreed(_) => {
                let pending = self.pending.as_mut().map(|pending| &mut pending.agreed);
                if let Some(agreed) = pending.or(self.agreed.as_mut()) {
                    let author = said.author.clone();
                    agreed.insert(author.holder.clone(), author);
                }
            }
            Act::AreaChangeDropped(_) => self.pending = None,
            _ => {}
        }
    }

    /// Puts the pending change in the place of what held.
    fn settle(&mut self) {
        if let Some(pending) = self.pending.take()
            && let (Some(version), Some((area, written))) = (pending.version, pending.area)
        {
            self.version = version;
            self.current = area;
            self.written = Some(written);
            self.agreed = Some(pending.agreed);
        }
    }

    /// The number the next version must carry.
    pub(super) fn next_version(&self) -> u32 {
        self.version.saturating_add(1)
    }

    /// Puts what holds into the air: the current version and, beside it, what is proposed instead.
    ///
    /// A corridor that is only proposed opens a way rather than closing one, and waits for everyone's agreement.
    /// What not everyone has agreed to holds back and opens nothing.
    fn put(&self, air: &mut Air, said: Option<&Said<'_>>, opens: bool) {
        let id = self.current.id.as_str();
        let source = said.map(Said::source).or_else(|| air.source_of("area", id));
        air.take_area(id);
        air.take_area(&beside(id, self.version));
        let other = beside(id, self.next_version());
        air.take_area(&other);
        if self.matter.course.is_over() {
            return;
        }
        for area in self.in_the_air() {
            let id = area.id.clone();
            air.put_area(area, source.clone());
            air.set_opens(&id, opens && id == self.current.id);
        }
    }

    /// Whether every participant has agreed to the version that holds.
    fn is_agreed(&self, participants: &BTreeSet<HolderId>) -> bool {
        let agreed = self.agreed.as_ref();
        agreed.is_none_or(|agreed| participants.iter().all(|who| agreed.contains_key(who)))
    }

    /// The version that holds and, beside it, the one that is proposed instead.
    pub(super) fn in_the_air(&self) -> impl Iterator<Item = Area> {
        let proposed = self
            .pending
            .as_ref()
            .and_then(|pending| pending.area.as_ref());
        let proposed = proposed.filter(|(area, _)| area.kind != AreaRecordKind::Corridor);
        let beside = proposed.and_then(|(area, _)| {
            let name = beside(self.current.id.as_str(), self.next_version());
            Some(Area {
                id: AreaId::parse(&name).ok()?,
                ..(**area).clone()
            })
        });
        std::iter::once((*self.current).clone()).chain(beside)
    }

    /// Every ground that holds or is proposed.
    fn grounds(&self) -> Vec<Footprint> {
        let proposed = self
            .pending
            .as_ref()
            .and_then(|pending| pending.area.as_ref());
        std::iter::once(&self.current)
            .chain(proposed.map(|(area, _)| area))
            .map(|area| area.volume.footprint.clone())
            .collect()
    }

    /// Whether the pending version restrains everything that the current one does: drawn alike, asking at least the same
    /// consents, of at least the same, for at least the same time. Anything that cannot be compared counts as loosening.
    fn adds_only(&self) -> bool {
        let pending = self
            .pending
            .as_ref()
            .and_then(|pending| pending.area.as_ref());
        let (Some((area, written)), Some(before)) = (pending, &self.written) else {
            return false;
        };
        let current = &self.current;
        let asked = |area: &Area| area.consent_of.clone().unwrap_or_default();
        let wider = |now: bool, all_kept: bool| now || all_kept;
        let window = (area.volume.window, current.volume.window);
        drawn_alike(before, written)
            && area.consent_of.is_some() == current.consent_of.is_some()
            && asked(area).is_superset(&asked(current))
            && wider(
                area.applies_to.is_empty(),
                !current.applies_to.is_empty()
                    && current
                        .applies_to
                        .iter()
                        .all(|who| area.applies_to.contains(who)),
            )
            && wider(
                area.activities.is_empty(),
                !current.activities.is_empty()
                    && current
                        .activities
                        .iter()
                        .all(|what| area.activities.contains(what)),
            )
            && window.0.start() <= window.1.start()
            && window
                .0
                .end()
                .is_none_or(|end| window.1.end().is_some_and(|other| other <= end))
    }
}

/// The kinds of areas that keep people out.
const KEEPING_OUT: [AreaRecordKind; 3] = [
    AreaRecordKind::ProhibitedArea,
    AreaRecordKind::NoFireArea,
    AreaRecordKind::RestrictedOperationsZone,
];

/// Whether an area can be a pause: it ends by itself, as nobody can end it, and it keeps people out.
fn can_pause(area: &Area) -> Result<(), Refusal> {
    if area.volume.window.end().is_none() {
        let says = "a pause needs an end, as nothing else ends it: name one instead of `UFN`";
        return Err(Refusal::by("pause_without_end", says));
    }
    if !KEEPING_OUT.contains(&area.kind) {
        let kinds = KEEPING_OUT.map(AreaRecordKind::wire_name).join(", ");
        let says = format!(
            "an area of the kind {} keeps nobody out, and a pause is to: draw it as one of {kinds}",
            area.kind.wire_name()
        );
        return Err(Refusal::by("pause_keeps_nobody_out", says));
    }
    Ok(())
}

/// Whether two features are the same but for whom and when they bind, and for words.
fn drawn_alike(one: &Value, other: &Value) -> bool {
    const COMPARED_OTHERWISE: [&str; 7] = [
        "consent_of",
        "applies_to",
        "activities",
        "start",
        "end",
        "name",
        "note",
    ];
    let bare = |feature: &Value| {
        let mut feature = feature.clone();
        if let Some(Value::Object(properties)) = feature.get_mut("properties") {
            properties.retain(|key, _| !COMPARED_OTHERWISE.contains(&key.as_str()));
        }
        feature
    };
    bare(one) == bare(other)
}

impl Picture {
    pub(super) fn fold_area(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        let id = said.act.subject().clone();
        let before = self.areas.get(&id).cloned();
        let mut next = match (before.as_deref(), said.act) {
            (Some(file), _) => file.clone(),
            (None, Act::AreaEstablished(act)) => {
                AreaFile::begin(Matter::begin(said)?, &act.feature, false)
            }
            (None, Act::PauseDeclared(act)) => {
                can_pause(act.feature.record())?;
                AreaFile::begin(Matter::begin(said)?, &act.feature, true)
            }
            (None, _) => return Err(Refusal::unknown("area")),
        };
        next.note(said);
        let guard = |guard: Guard| self.area_guard(guard, before.as_deref(), &next, said);
        let course = before.as_ref().map(|file| &file.matter.course);
        // Others agree to what was proposed, whoever once established the area.
        let parties = before
            .as_deref()
            .map_or_else(|| Parties::of(&next.matter), AreaFile::parties);
        let moved = self.step(said, course, &parties, &guard)?;
        let mut changes = vec![Change::of(said, course, &moved)];
        next.matter.go_on(moved, said);
        let grounds = next.grounds();
        if next.matter.course.state == "standing" {
            next.settle();
        }
        let restrains = matches!(
            said.act,
            Act::AreaEstablished(_) | Act::AreaChanged(_) | Act::PauseDeclared(_)
        );
        let opens = self.may_open(&next);
        next.put(
            Arc::make_mut(&mut self.air),
            restrains.then_some(said),
            opens,
        );
        self.keep_area(id, next);
        changes.extend(self.recheck(Reach::Ground(&grounds), said.at));
        Ok(changes)
    }

    /// Whether being in an area may open anything: everyone has agreed to it, and nobody has suspended it.
    pub(super) fn may_open(&self, file: &AreaFile) -> bool {
        let mut suspended = self.standing.suspended_areas();
        file.is_agreed(&self.remaining()) && suspended.all(|area| *area != file.current.id)
    }

    /// Keeps an area and its clocks.
    pub(super) fn keep_area(&mut self, id: RecordId, file: AreaFile) {
        let pending = self.area_pending(&file);
        self.set_due(file.matter.course.machine.name, &id, None, pending);
        self.areas.insert(id, Arc::new(file));
    }

    fn area_pending(&self, file: &AreaFile) -> Option<Pending> {
        let ends = [(Follows::EndReached, file.current.volume.window.end())];
        let never = |_: &_| None;
        let course = &file.matter.course;
        course.pending(self.parameters(), &file.parties(), None, &never, &ends)
    }

    /// Moves an area whose time has come.
    pub(super) fn run_out_area(&mut self, id: &RecordId) -> Vec<Change> {
        let Some(before) = self.areas.get(id).cloned() else {
            return Vec::new();
        };
        let Some(pending) = self.area_pending(&before) else {
            return Vec::new();
        };
        let mut next = (*before).clone();
        next.matter.course = before.matter.course.moved(pending.to, pending.at);
        // What nobody agreed to in time is no longer proposed.
        next.pending = None;
        let opens = self.may_open(&next);
        next.put(Arc::make_mut(&mut self.air), None, opens);
        let (from, cause) = (Some(&before.matter.course), Cause::Time(pending.name));
        let change = Change::by(id, from, &next.matter.course, pending.at, cause);
        self.keep_area(id.clone(), next);
        vec![change]
    }

    fn area_guard(
        &self,
        guard: Guard,
        before: Option<&AreaFile>,
        next: &AreaFile,
        said: &Said<'_>,
    ) -> GuardAnswer {
        let holds = match (guard, said.act) {
            (Guard::NextVersion, Act::AreaChanged(act)) => {
                before.is_some_and(|file| act.version == file.next_version())
            }
            (Guard::AddsOnly, _) => {
                // Where articles ask what is touched, more of an area may open more.
                let rulebook = self.rulebook.as_ref();
                let may_open = rulebook.is_some_and(|book| book.asks_what_is_touched());
                !may_open && next.adds_only()
            }
            (Guard::CurrentVersion, Act::AreaChangeAgreed(act)) => match &next.pending {
                Some(pending) => act.version == pending.version,
                None => next.agreed.is_some() && act.version == Some(next.version),
            },
            (Guard::OthersAgreed, _) => {
                let pending = next.pending.as_ref();
                pending.is_some_and(|pending| {
                    let participants = self.remaining();
                    let mut all = participants.iter();
                    all.all(|holder| pending.agreed.contains_key(holder))
                })
            }
            _ => false,
        };
        GuardAnswer::of(holds)
    }
}

impl AreaFile {
    /// An area that the text itself establishes.
    pub(super) fn of_the_text(matter: Matter, area: &Area) -> Self {
        Self {
            matter,
            current: Arc::new(area.clone()),
            written: None,
            version: 1,
            agreed: None,
            pending: None,
            pause: false,
        }
    }

    fn parties(&self) -> Parties {
        let pending = self.pending.as_ref();
        let proposer = pending.map(|pending| pending.proposed_by.holder.clone());
        let parties = Parties::of(&self.matter);
        Parties {
            proposer: proposer.or_else(|| parties.proposer.clone()),
            ..parties
        }
    }
}
