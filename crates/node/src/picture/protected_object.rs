//! Protected objects: versions, validation, and for each recipient how far the notice has come.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_records::act::Act;
use detente_records::act::protected_object::{
    NoticeWarning, ObjectReleased, ObjectValidated, ReleasePrecision,
};
use detente_records::act::report::Sealed;
use detente_records::parameters::NOTICES_UNVALIDATED_MAX;
use detente_records::workflow::{Cause as Follows, ClockRule, Guard, GuardAnswer, Machine};
use detente_records::{HolderId, ObjectId, ProtectedObject, RecordId};
use detente_spacetime::{Instant, Volume4D, Window};

use super::Picture;
use super::air::{Air, Source, beside};
use super::course::{Course, Parties, Pending};
use super::matter::{Line, Matter};
use super::outcome::{Cause, Change, Refusal};
use super::recheck::Reach;
use super::report::each_once;
use super::said::{Author, Said};

const ACKNOWLEDGEMENT: &str = "acknowledgement";

/// Versions that stand protected beside the newest at most: nobody corrects a notice more often without a second person, and
/// each is one more thing in the air.
const VERSIONS_OPEN_MAX: usize = 16;

/// A protected object as it stands.
#[derive(Clone, Debug)]
pub struct ObjectFile {
    /// Its course, and everything said about it.
    pub matter: Matter,
    /// The newest version.
    pub current: Arc<ProtectedObject>,
    /// Its number, from 1.
    pub version: u32,
    /// The versions before, protected beside the newest until one that follows them is validated.
    pub previous: Vec<(u32, Arc<ProtectedObject>)>,
    /// The earliest instant that any version says it is protected from: a later one takes nothing back.
    pub protected_from: Instant,
    /// Who wrote the newest version; somebody else validates it.
    pub written_by: Author,
    /// What is odd or assumed about the newest version, as its notice says and as was found when it was folded; whoever
    /// validates it accepts each.
    pub warnings: Vec<NoticeWarning>,
    /// How exactly the newest version shows the object to everybody who holds the ledgers.
    pub shown: ReleasePrecision,
    /// The newest version that was validated, and by whom.
    pub validated: Option<(u32, Author)>,
    /// How far the notice has come, for each recipient it was released to.
    pub deliveries: BTreeMap<HolderId, Delivery>,
    /// Who contests it, and since when, without an answer so far; it stays protected.
    pub contested_by: BTreeMap<HolderId, Instant>,
    /// When the submitter means to look at it again; later it is stale, and still protective.
    pub review_by: Option<Instant>,
    /// When protection ends by itself.
    pub explicit_end: Option<Instant>,
    /// When it was revoked from, and until when it is kept out of nevertheless.
    pub revoked: Option<(Instant, Instant)>,
    /// The versions that stand beside the newest in the air.
    pub(super) beside: Vec<u32>,
}

/// How far a notice has come at one recipient.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Where it stands on the ladder: sent, received, loaded, disseminated.
    pub course: Course,
    /// The version released.
    pub version: u32,
    /// How exactly it is shown.
    pub precision: ReleasePrecision,
}

/// An exact place as an act brought it.
#[derive(Clone, Copy, Debug)]
pub struct SealedPlace<'a> {
    /// The entry.
    pub source: &'a Source,
    /// The version it is of.
    pub version: u32,
    /// The seal.
    pub sealed: &'a Sealed,
}

impl ObjectFile {
    /// The instant protection ends, where one is set.
    pub fn protection_ends(&self) -> Option<Instant> {
        let grace_ends = self.revoked.map(|(at, grace_ends)| at.max(grace_ends));
        [self.explicit_end, grace_ends].into_iter().flatten().min()
    }

    /// Whether a look at it is overdue at `now`: stale, and still protective.
    pub fn is_stale(&self, now: Instant) -> bool {
        self.review_by.is_some_and(|review_by| review_by < now)
    }

    /// The newest exact place that is sealed for a holder, of an object that is shown coarsely: who it is from is who
    /// notified it.
    pub fn exact_for(&self, holder: &HolderId) -> Option<SealedPlace<'_>> {
        self.matter.last(|line| match &*line.act {
            Act::ObjectReleased(act) => {
                let mut sealed = act.sealed.iter();
                let sealed = sealed.find(|sealed| sealed.recipient == *holder)?;
                Some(SealedPlace {
                    source: &line.source,
                    version: act.version,
                    sealed,
                })
            }
            _ => None,
        })
    }

    /// Whose contest has waited longest for an answer: the next answer is to it.
    pub fn contest_open_longest(&self) -> Option<&HolderId> {
        let mut open = self.contested_by.iter();
        let first = open.next()?;
        let longest = open.fold(
            first,
            |one, other| if other.1 < one.1 { other } else { one },
        );
        Some(longest.0)
    }

    /// How a version shows the object to everybody.
    pub fn shown_as(&self, version: u32) -> Option<&ProtectedObject> {
        self.matter.last(|line| match &*line.act {
            Act::ObjectSubmitted(act) if version == 1 => Some(act.feature.record()),
            Act::ObjectAmended(act) if act.version == version => Some(act.feature.record()),
            _ => None,
        })
    }

    /// Whether it stands without anybody having validated it in any version.
    fn is_unvalidated(&self) -> bool {
        self.validated.is_none() && !self.matter.course.is_over()
    }

    /// Notes the facts an act adds; deliveries are noted by their own course.
    fn note(&mut self, said: &Said<'_>) {
        let holder = said.author.holder.clone();
        match said.act {
            Act::ObjectValidated(act) => {
                self.validated = Some((act.version, said.author.clone()));
                self.previous.retain(|(version, _)| *version >= act.version);
            }
            Act::ObjectContested(_) => {
                self.contested_by.entry(holder).or_insert(said.at);
            }
            Act::ContestAnswered(_) => {
                if let Some(oldest) = self.contest_open_longest().cloned() {
                    self.contested_by.remove(&oldest);
                }
            }
            Act::ObjectAmended(act) => {
                let object = Arc::new(act.feature.record().clone());
                let before = std::mem::replace(&mut self.current, object);
                self.previous.push((self.version, before));
                let start = self.current.volume.window.start();
                self.protected_from = self.protected_from.min(start);
                self.version = act.version;
                self.written_by = said.author.clone();
                self.warnings.clone_from(&act.warnings);
                self.shown = act.shown.unwrap_or(ReleasePrecision::Exact);
            }
            Act::ObjectRevoked(act) => self.revoked = Some((act.at, act.grace_ends)),
            Act::ObjectReviewed(act) => self.review_by = act.review_by,
            _ => {}
        }
    }

    /// Puts what is protected into the air, or takes it out; `said` is what adds a restraint, if anything does.
    fn put(&mut self, air: &mut Air, said: Option<&Said<'_>>) {
        let current = self.current.clone();
        let id = current.id.as_str();
        let known = air.source_of("protected_object", id);
        air.take_object(id);
        for version in std::mem::take(&mut self.beside) {
            air.take_object(&beside(id, version));
        }
        if self.matter.course.is_over() {
            return;
        }
        let source = said.map(Said::source).or(known);
        for (beside, object) in self.in_the_air() {
            air.put_object(object, source.clone());
            self.beside.extend(beside);
        }
    }

    /// The newest version and, beside it, those before with their numbers.
    pub(super) fn in_the_air(&self) -> Vec<(Option<u32>, ProtectedObject)> {
        let mut objects = vec![(None, self.until_the_end(&self.current))];
        for (version, object) in &self.previous {
            let Ok(id) = ObjectId::parse(&beside(self.current.id.as_str(), *version)) else {
                continue;
            };
            let object = ProtectedObject {
                id,
                ..self.until_the_end(object)
            };
            objects.push((Some(*version), object));
        }
        objects
    }

    /// The object, protected until further notice: only a revocation or an explicit end closes its window.
    fn until_the_end(&self, object: &ProtectedObject) -> ProtectedObject {
        let start = object.volume.window.start().min(self.protected_from);
        let end = self.protection_ends().filter(|end| *end > start);
        let window = Window::new(start, end).unwrap_or(object.volume.window);
        ProtectedObject {
            volume: Volume4D {
                window,
                ..object.volume.clone()
            },
            ..object.clone()
        }
    }
}

impl Picture {
    pub(super) fn fold_object(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        let id = said.act.subject().clone();
        let before = self.objects.get(&id).cloned();
        let mut next = match (before.as_deref(), said.act) {
            (Some(file), _) => file.clone(),
            (None, Act::ObjectSubmitted(act)) => ObjectFile {
                matter: Matter::begin(said)?,
                current: Arc::new(act.feature.record().clone()),
                version: 1,
                previous: Vec::new(),
                protected_from: act.feature.record().volume.window.start(),
                written_by: said.author.clone(),
                warnings: act.warnings.clone(),
                shown: act.shown.unwrap_or(ReleasePrecision::Exact),
                validated: None,
                deliveries: BTreeMap::new(),
                contested_by: BTreeMap::new(),
                review_by: act.review_by,
                explicit_end: act.explicit_end,
                revoked: None,
                beside: Vec::new(),
            },
            (None, _) => return Err(Refusal::unknown("protected object")),
        };
        if matches!(said.act, Act::ObjectAmended(_)) && next.previous.len() >= VERSIONS_OPEN_MAX {
            let says = format!(
                "{VERSIONS_OPEN_MAX} versions before the newest stand protected: validate the newest, which takes their place"
            );
            return Err(Refusal::by("versions_open", says));
        }
        next.note(said);
        let guard = |guard: Guard| match guard {
            Guard::NoticesLeft => self.notices_left(said),
            _ => object_guard(guard, before.as_deref(), said),
        };
        let course = before.as_ref().map(|file| &file.matter.course);
        let moved = self.step(said, course, &next.parties(), &guard)?;
        let mut changes = vec![Change::of(said, course, &moved)];
        next.matter.go_on(moved, said);
        if let Act::ObjectReleased(act) = said.act {
            changes.extend(next.release(act, said));
        }
        let restrains = matches!(said.act, Act::ObjectSubmitted(_) | Act::ObjectAmended(_));
        let eases = match said.act {
            // A validated version takes the place of the one before; where there is none, the same stays protected.
            Act::ObjectValidated(_) => before
                .as_ref()
                .is_some_and(|file| !file.previous.is_empty()),
            Act::ObjectRevoked(_) => true,
            _ => false,
        };
        if restrains {
            next.look_again(&self.air);
        }
        if restrains || eases {
            next.put(Arc::make_mut(&mut self.air), restrains.then_some(said));
        }
        self.keep_object(id, next);
        if restrains {
            changes.extend(self.recheck(Reach::Everything, said.at));
        }
        Ok(changes)
    }

    /// An act of one recipient about its own copy of a notice.
    pub(super) fn fold_acknowledgement(&mut self, said: &Said<'_>) -> Result<Vec<Change>, Refusal> {
        let id = said.act.subject().clone();
        let Some(before) = self.objects.get(&id).cloned() else {
            return Err(Refusal::unknown("protected object"));
        };
        let holder = said.author.holder.clone();
        let delivery = before.deliveries.get(&holder);
        let released = delivery.map(|delivery| delivery.version);
        let guard = |guard: Guard| {
            let named = version_named(said.act);
            GuardAnswer::of(guard == Guard::CurrentVersion && named.is_some() && named == released)
        };
        let course = delivery.map(|delivery| &delivery.course);
        let moved = self.step(said, course, &before.parties(), &guard)?;
        let mut change = Change::of(said, course, &moved);
        change.holder = Some(holder.clone());
        let mut next = (*before).clone();
        if let Some(delivery) = next.deliveries.get_mut(&holder) {
            delivery.course = moved;
        }
        next.matter.lines.push(Line::of(said));
        self.keep_object(id, next);
        Ok(vec![change])
    }

    /// Whether the author of a notice may have one more object on record that nobody validated.
    fn notices_left(&self, said: &Said<'_>) -> GuardAnswer {
        let parameters = self.parameters();
        let most = parameters.map_or(NOTICES_UNVALIDATED_MAX, |it| it.notices_unvalidated_max);
        let held = self.unvalidated.get(&said.author.holder).copied();
        match held.unwrap_or_default() {
            held if held < most => GuardAnswer::Holds,
            held => GuardAnswer::Fails {
                because: vec![format!(
                    "{held} of its objects stand without a validation, and {most} may: have some validated or revoked first"
                )],
            },
        }
    }

    /// Keeps the count of objects that nobody validated.
    fn count_unvalidated(&mut self, before: Option<&ObjectFile>, after: &ObjectFile) {
        let was = before.is_some_and(ObjectFile::is_unvalidated);
        if was == after.is_unvalidated() {
            return;
        }
        let submitter = after.matter.opened_by.holder.clone();
        let count = self.unvalidated.entry(submitter).or_default();
        *count = match was {
            true => count.saturating_sub(1),
            false => count.saturating_add(1),
        };
    }

    /// Keeps an object, its clocks and those of its recipients.
    pub(super) fn keep_object(&mut self, id: RecordId, file: ObjectFile) {
        let pending = self.object_pending(&file);
        self.set_due(file.matter.course.machine.name, &id, None, pending);
        for (holder, delivery) in &file.deliveries {
            let pending = self.delivery_pending(&file, holder, delivery);
            self.set_due(ACKNOWLEDGEMENT, &id, Some(holder.clone()), pending);
        }
        let before = self.objects.get(&id).cloned();
        self.count_unvalidated(before.as_deref(), &file);
        self.objects.insert(id, Arc::new(file));
    }

    fn object_pending(&self, file: &ObjectFile) -> Option<Pending> {
        let until = |_: &ClockRule| file.review_by;
        let grace_ends = file.revoked.map(|(at, grace_ends)| at.max(grace_ends));
        let causes = [
            (Follows::GraceEnded, grace_ends),
            (Follows::EndReached, file.explicit_end),
        ];
        let course = &file.matter.course;
        course.pending(self.parameters(), &file.parties(), None, &until, &causes)
    }

    fn delivery_pending(
        &self,
        file: &ObjectFile,
        holder: &HolderId,
        delivery: &Delivery,
    ) -> Option<Pending> {
        let never = |_: &_| None;
        let parties = file.parties();
        let course = &delivery.course;
        course.pending(self.parameters(), &parties, Some(holder), &never, &[])
    }

    /// Moves an object, or one recipient's copy of its notice, whose time has come.
    pub(super) fn run_out_object(
        &mut self,
        id: &RecordId,
        recipient: Option<&HolderId>,
    ) -> Vec<Change> {
        let Some(before) = self.objects.get(id).cloned() else {
            return Vec::new();
        };
        let delivery = recipient.and_then(|holder| Some((holder, before.deliveries.get(holder)?)));
        let (course, pending) = match delivery {
            Some((holder, delivery)) => {
                let pending = self.delivery_pending(&before, holder, delivery);
                (delivery.course, pending)
            }
            None => (before.matter.course, self.object_pending(&before)),
        };
        let Some(pending) = pending else {
            return Vec::new();
        };
        let moved = course.moved(pending.to, pending.at);
        let mut change = Change::by(
            id,
            Some(&course),
            &moved,
            pending.at,
            Cause::Time(pending.name),
        );
        change.holder = recipient.cloned();
        let mut next = (*before).clone();
        match recipient.and_then(|holder| next.deliveries.get_mut(holder)) {
            Some(delivery) => delivery.course = moved,
            None => next.matter.course = moved,
        }
        if next.matter.course.is_over() {
            next.put(Arc::make_mut(&mut self.air), None);
        }
        self.keep_object(id.clone(), next);
        vec![change]
    }
}

impl ObjectFile {
    fn parties(&self) -> Parties {
        Parties {
            recipients: self.deliveries.keys().cloned().collect(),
            ..Parties::of(&self.matter)
        }
    }

    /// Sends a version to recipients; whoever had an earlier one climbs the ladder anew.
    fn release(&mut self, act: &ObjectReleased, said: &Said<'_>) -> Vec<Change> {
        let Some(machine) = Machine::named(ACKNOWLEDGEMENT) else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        for holder in act.recipients.as_slice() {
            let before = self.deliveries.get(holder).map(|delivery| delivery.course);
            let course = before.unwrap_or_else(|| Course::beginning(machine, said.at));
            let course = course.follow(Follows::Released, said.at).unwrap_or(course);
            let cause = Cause::Follows(Follows::Released.wire_name());
            let subject = said.act.subject();
            let mut change = Change::by(subject, before.as_ref(), &course, said.at, cause);
            change.holder = Some(holder.clone());
            changes.push(change);
            let delivery = Delivery {
                course,
                version: act.version,
                precision: act.precision,
            };
            self.deliveries.insert(holder.clone(), delivery);
        }
        changes
    }
}

fn object_guard(guard: Guard, before: Option<&ObjectFile>, said: &Said<'_>) -> GuardAnswer {
    let version = before.map(|file| file.version);
    let holds = match (guard, said.act) {
        (Guard::CurrentVersion, act) => {
            let named = version_named(act);
            named.is_some() && named == version
        }
        (Guard::NextVersion, Act::ObjectAmended(act)) => {
            version.and_then(|version| version.checked_add(1)) == Some(act.version)
        }
        (Guard::WarningsAccepted, Act::ObjectValidated(act)) => {
            return before.map_or(GuardAnswer::of(false), |file| warnings_accepted(file, act));
        }
        (Guard::SecondPerson, _) => before.is_some_and(|file| !said.is_by(&file.written_by)),
        (Guard::ExactSealedForEach, Act::ObjectReleased(act)) => {
            return before.map_or(GuardAnswer::of(false), |file| sealed_as_shown(file, act));
        }
        (Guard::ContestOpen, _) => before.is_some_and(|file| !file.contested_by.is_empty()),
        (Guard::EndsLater, Act::ObjectRevoked(act)) => {
            act.at >= said.at && act.grace_ends >= act.at
        }
        _ => false,
    };
    GuardAnswer::of(holds)
}

/// Whether a release seals the exact place where it must, nothing where there is nothing to seal, and calls nothing coarse
/// that everybody reads exactly.
fn sealed_as_shown(file: &ObjectFile, act: &ObjectReleased) -> GuardAnswer {
    let recipients = act.recipients.as_slice().iter().cloned();
    match (file.shown, act.precision) {
        (ReleasePrecision::Coarse, ReleasePrecision::Exact) => {
            GuardAnswer::of(each_once(&act.sealed, &recipients.collect()))
        }
        (ReleasePrecision::Exact, ReleasePrecision::Coarse) => GuardAnswer::Fails {
            because: vec![
                "everybody who holds the ledgers reads exactly where it stands: what is to be read coarsely is notified coarsely".to_owned(),
            ],
        },
        _ => GuardAnswer::of(act.sealed.is_empty()),
    }
}

/// Whether a validation looked at everything that was odd about what it validates.
fn warnings_accepted(file: &ObjectFile, act: &ObjectValidated) -> GuardAnswer {
    let made = act.checks.as_slice();
    let unchecked = file.warnings.iter();
    let mut because: Vec<String> = unchecked
        .filter(|warning| !made.contains(&warning.check))
        .map(|warning| format!("`{}` was not checked", warning.check.wire_name()))
        .collect();
    because.dedup();
    let accepted = usize::try_from(act.warnings_accepted.unwrap_or_default());
    if accepted != Ok(file.warnings.len()) {
        because.push(format!(
            "the notice carries {} warnings: read them, and say in `warnings_accepted` that you accept as many",
            file.warnings.len()
        ));
    }
    match because.is_empty() {
        true => GuardAnswer::Holds,
        false => GuardAnswer::Fails { because },
    }
}

fn version_named(act: &Act) -> Option<u32> {
    match act {
        Act::ObjectValidated(act) => Some(act.version),
        Act::ObjectReturned(act) => Some(act.version),
        Act::ObjectReleased(act) => Some(act.version),
        Act::ObjectReviewed(act) => Some(act.version),
        Act::ObjectReceived(act) => Some(act.version),
        Act::ObjectLoaded(act) => Some(act.version),
        Act::ObjectDisseminated(act) => Some(act.version),
        Act::ObjectRejected(act) => Some(act.version),
        _ => None,
    }
}
