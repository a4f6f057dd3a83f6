//! One track: its order, its course, and its stays in zones.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use detente_spacetime::{Beforehand, Instant};

use crate::{
    conformity::Conduct,
    course::{Course, Step},
    declarations::Touched,
    event::{Alert, AlertKind, Border, Certainty, Event, EventKind},
    fix::{Fix, Identity},
    gap::Reach,
    presence::{Presence, Stretch},
    reorder::Reorder,
    screen::{Footing, Way},
    segment::Segment,
    sighting::Sighting,
    visit::{self, Change, State},
    watch::{Sky, Work},
    wire::{StayState, TrackState},
    zone::{Answer, Standing, Watched, Zone, ZoneKind},
};

/// What is known of one track.
#[derive(Debug)]
pub(crate) struct Track {
    identity: Identity,
    /// The bit of its force on the screen.
    bit: u32,
    /// Whether some declared operation may be flown by its force.
    may_operate: bool,
    reorder: Reorder,
    course: Course,
    /// The zones it is in or may be in, by number.
    stays: BTreeMap<u32, Stay>,
    /// The operations it is matched to, by number.
    conduct: BTreeMap<usize, Conduct>,
}

/// A stay in a zone.
#[derive(Clone, Copy, Debug)]
struct Stay {
    state: State,
    /// Whether it was certain at any time.
    was_certain: bool,
    since: Instant,
    loiter_told: bool,
}

/// Operations that a segment is matched to, and where along it.
type Matches = Vec<(usize, Vec<Stretch>)>;

impl Track {
    pub(crate) fn new(identity: Identity, sky: &Sky) -> Self {
        let force = identity.force.as_ref();
        Self {
            bit: sky
                .screen
                .as_ref()
                .map_or(u32::MAX, |screen| screen.bit(force)),
            may_operate: sky.operations.any_of(force),
            identity,
            reorder: Reorder::default(),
            course: Course::default(),
            stays: BTreeMap::new(),
            conduct: BTreeMap::new(),
        }
    }

    pub(crate) fn saved(&self, id: &str) -> TrackState {
        let stay = |(zone, stay): (&u32, &Stay)| StayState {
            zone: *zone,
            is_in: stay.state == State::In,
            was_certain: stay.was_certain,
            since: stay.since.micros(),
            loiter_told: stay.loiter_told,
        };
        TrackState {
            track: id.to_owned(),
            reorder: self.reorder.saved(),
            course: self.course.saved(),
            stays: self.stays.iter().map(stay).collect(),
            conduct: self
                .conduct
                .iter()
                .map(|(number, conduct)| conduct.saved(*number as u64))
                .collect(),
        }
    }

    /// None when the state is not one of a track under this sky.
    pub(crate) fn restored(
        state: &TrackState,
        id: &Arc<str>,
        identity: Identity,
        sky: &Sky,
    ) -> Option<Self> {
        let mut stays = BTreeMap::new();
        for stay in &state.stays {
            sky.zones.get(stay.zone as usize)?;
            let restored = Stay {
                state: if stay.is_in {
                    State::In
                } else {
                    State::Possible
                },
                was_certain: stay.was_certain,
                since: Instant::from_micros(stay.since)?,
                loiter_told: stay.loiter_told,
            };
            stays.insert(stay.zone, restored);
        }
        let mut conduct = BTreeMap::new();
        for kept in &state.conduct {
            let number = usize::try_from(kept.operation).ok()?;
            sky.operations.get(number)?;
            conduct.insert(number, Conduct::restored(kept)?);
        }
        Some(Self {
            reorder: Reorder::restored(&state.reorder, id)?,
            course: Course::restored(&state.course, id)?,
            stays,
            conduct,
            ..Self::new(identity, sky)
        })
    }

    pub(crate) fn take(
        &mut self,
        fix: Fix,
        sky: &Sky,
        work: &mut Work,
        told: &mut impl FnMut(Event),
    ) {
        if !self.reorder.take(fix) {
            work.counts.too_late += 1;
        }
        while let Some(fix) = self.reorder.ready(sky.settings.reorder) {
            self.step(fix, sky, work, told);
        }
    }

    pub(crate) fn settle(&mut self, sky: &Sky, work: &mut Work, told: &mut impl FnMut(Event)) {
        while let Some(fix) = self.reorder.next() {
            self.step(fix, sky, work, told);
        }
    }

    fn step(&mut self, fix: Fix, sky: &Sky, work: &mut Work, told: &mut impl FnMut(Event)) {
        let mut events = Vec::new();
        match self.course.step(&fix) {
            Step::Begin => self.begin(fix, sky, work, &mut events),
            Step::Move { from } => self.fly([from, fix], false, sky, work, &mut events),
            Step::Unseen { from } => self.fly([from, fix], true, sky, work, &mut events),
            Step::Jump { from } => {
                events.push(self.alone(EventKind::Teleport, &from, &fix));
                self.begin(fix, sky, work, &mut events);
            }
            Step::Swap { from } => {
                events.push(self.alone(EventKind::IdentitySwap, &from, &fix));
                self.begin(fix, sky, work, &mut events);
            }
            Step::StuckClock { from } => {
                work.counts.conflicts += 1;
                events.push(self.alone(EventKind::FrozenClock, &from, &fix));
            }
            Step::TwoPlaces { from } => {
                work.counts.conflicts += 1;
                events.push(self.alone(EventKind::IdentitySwap, &from, &fix));
            }
            Step::Conflict => work.counts.conflicts += 1,
            Step::Duplicate => work.counts.duplicates += 1,
        }
        events.sort_by_key(|event| event.at);
        work.counts.events += events.len() as u64;
        events.into_iter().for_each(told);
    }

    /// Takes the first fix, or the first after a jump: where it is, and nothing about how it came there.
    fn begin(&mut self, fix: Fix, sky: &Sky, work: &mut Work, events: &mut Vec<Event>) {
        self.stays.clear();
        self.conduct.clear();
        let here = Sighting::of(&fix);
        let screened = self.screen(&[here, here], sky, work);
        if screened && work.verdict.are_none() && work.touched.is_nothing() {
            return;
        }
        if let Some(segment) = Segment::new(here, here, false) {
            let flown = Flown {
                fixes: &[fix.clone(), fix],
                segment: &segment,
                first: true,
            };
            self.judge(&flown, screened, sky, work, events);
        }
    }

    fn fly(
        &mut self,
        fixes: [Fix; 2],
        unseen: bool,
        sky: &Sky,
        work: &mut Work,
        events: &mut Vec<Event>,
    ) {
        let [from, to] = [0, 1].map(|end: usize| Sighting::of(&fixes[end]));
        let screened = self.screen(&[from, to], sky, work);
        if screened && !unseen && self.goes_on(&to, sky, work) {
            work.counts.segments += 1;
            return;
        }
        let Some(segment) = Segment::new(from, to, unseen) else {
            let [_, to] = fixes;
            return self.begin(to, sky, work, events);
        };
        work.counts.segments += 1;
        let flown = Flown {
            fixes: &fixes,
            segment: &segment,
            first: false,
        };
        if unseen {
            let [from, to] = &fixes;
            let mut gap = self.alone(EventKind::Gap, from, to);
            (gap.at, gap.until) = (from.at, Some(to.at));
            gap.place = Some(from.position);
            events.push(gap);
            self.may_have_been(&flown, sky, events);
        }
        self.judge(&flown, screened, sky, work, events);
    }

    /// Asks the screen about a way; false when it cannot tell.
    fn screen(&self, [from, to]: &[Sighting; 2], sky: &Sky, work: &mut Work) -> bool {
        work.verdict.clear();
        work.touched.clear();
        let way = Way::between(from, to);
        if self.may_operate && !self.identity.civil {
            let force = self.identity.force.as_ref();
            sky.operations.touch(&way, force, &mut work.touched);
        }
        let Some(screen) = &sky.screen else {
            return false;
        };
        self.identity.civil || screen.answer(&way, self.bit, &sky.zones[..], &mut work.verdict)
    }

    /// Whether a way changes nothing: it stays in the zones it was in, and touches no other.
    fn goes_on(&self, to: &Sighting, sky: &Sky, work: &Work) -> bool {
        if self.identity.civil {
            return true;
        }
        let (verdict, touched) = (&work.verdict, &work.touched);
        let same = verdict.whole.len() == self.stays.len()
            && verdict
                .whole
                .iter()
                .zip(&self.stays)
                .all(|(whole, (number, stay))| whole == number && stay.goes_on(to.at, sky));
        let flies_on = || touched.is_nothing() && self.conduct.values().all(Conduct::is_idle);
        verdict.ask.is_empty() && same && (!self.may_operate || flies_on())
    }

    /// Holds a way against the operations of its force, and against every zone that the screen leaves open.
    fn judge(
        &mut self,
        flown: &Flown<'_>,
        screened: bool,
        sky: &Sky,
        work: &Work,
        events: &mut Vec<Event>,
    ) {
        if self.identity.civil {
            return;
        }
        let segment = flown.segment;
        let matches = self.operations(flown, sky, &work.touched, events);
        let mut near: Vec<u32> = self.stays.keys().copied().collect();
        if screened {
            near.extend(&work.verdict.whole);
            near.extend(work.verdict.ask.iter().map(|ask| ask.zone));
        } else {
            sky.cells.near(&segment.bounds(), &mut near);
        }
        near.sort_unstable();
        near.dedup();
        for number in near {
            let Some((zone, watched)) = sky.zones.get(number as usize) else {
                continue;
            };
            let stay = self.stays.get(&number);
            let whole = screened && work.verdict.whole.binary_search(&number).is_ok();
            if whole && stay.is_some_and(|stay| stay.goes_on(segment.to.at, sky)) {
                continue;
            }
            // The boxes rule out most of what is near before anything else is worked out.
            let apart = !watched.volume.footprint.may_meet(&segment.leg);
            if apart && stay.is_none() {
                continue;
            }
            if zone.applies_to(self.identity.force.as_ref()) {
                let visited = Visited {
                    number,
                    zone,
                    watched,
                    footing: if screened {
                        work.verdict.footing(number)
                    } else {
                        Footing::Open(Beforehand::default())
                    },
                };
                self.visit(&visited, flown, &matches, sky, events);
            }
        }
    }

    fn visit(
        &mut self,
        visited: &Visited<'_>,
        flown: &Flown<'_>,
        matches: &Matches,
        sky: &Sky,
        events: &mut Vec<Event>,
    ) {
        let segment = flown.segment;
        let before = self.stays.get(&visited.number).copied();
        let presence = Presence::given(segment, visited.watched, &visited.footing);
        if before.is_none() && presence.is_nowhere() {
            return;
        }
        let state = before.map_or(State::Out, |stay| stay.state);
        for change in visit::changes(state, &presence, segment, &visited.watched.volume.window) {
            let event = self.changed(visited, &change, flown, matches, sky);
            events.extend(event);
        }
        events.extend(self.loiter(visited, flown, matches, sky));
    }

    /// Takes a change of state; the event it makes, unless the zone does not concern the operation flown.
    fn changed(
        &mut self,
        visited: &Visited<'_>,
        change: &Change,
        flown: &Flown<'_>,
        matches: &Matches,
        sky: &Sky,
    ) -> Option<Event> {
        let (segment, first) = (flown.segment, flown.first);
        let at = segment.instant(change.share);
        let entry = self.stays.entry(visited.number).or_insert(Stay {
            state: change.before,
            was_certain: false,
            since: at,
            loiter_told: false,
        });
        entry.state = change.after;
        entry.was_certain |= change.after == State::In;
        let sure = match change.after {
            State::In => true,
            State::Possible => false,
            State::Out => entry.was_certain,
        };
        if change.after == State::Out {
            self.stays.remove(&visited.number);
        }
        let kind = match (change.after > change.before, first) {
            (true, true) => EventKind::Inside,
            (true, false) => EventKind::Enter,
            (false, _) => EventKind::Leave,
        };
        let mut event = self.at(kind, flown, change.share);
        event.with = Some((visited.zone.id.clone(), visited.zone.kind));
        event.part = visited.watched.part;
        event.border = change.border.filter(|_| !first);
        event.between_fixes = change.between_fixes;
        event.certainty = certainty(sure && !segment.unseen);
        self.answered(event, visited.zone, matches, change.share, sky)
    }

    fn loiter(
        &mut self,
        visited: &Visited<'_>,
        flown: &Flown<'_>,
        matches: &Matches,
        sky: &Sky,
    ) -> Option<Event> {
        let segment = flown.segment;
        let stay = self.stays.get_mut(&visited.number)?;
        let due = stay.since.plus(sky.settings.loiter)?;
        if stay.loiter_told || due > segment.to.at || visited.zone.kind == ZoneKind::Operation {
            return None;
        }
        stay.loiter_told = true;
        let sure = stay.state == State::In && !segment.unseen;
        let passed = (due - segment.from.at).micros().max(0) as f64;
        let share = (passed / segment.micros().max(1) as f64).min(1.0);
        let mut event = self.at(EventKind::Loiter, flown, share);
        event.with = Some((visited.zone.id.clone(), visited.zone.kind));
        event.part = visited.watched.part;
        event.certainty = certainty(sure);
        self.answered(event, visited.zone, matches, share, sky)
    }

    /// Follows the operations of the track's force; returns where the segment is matched to them.
    fn operations(
        &mut self,
        flown: &Flown<'_>,
        sky: &Sky,
        touched: &Touched,
        events: &mut Vec<Event>,
    ) -> Matches {
        let segment = flown.segment;
        let Some(force) = self.identity.force.clone() else {
            return Vec::new();
        };
        let mut matches = Matches::new();
        let mut early = Vec::new();
        let mut numbers = sky.operations.near(touched);
        numbers.extend(self.conduct.keys());
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            let Some(declared) = sky.operations.get(number) else {
                continue;
            };
            if !declared.operation.forces.contains(&force) {
                continue;
            }
            let inside = sky.operations.inside(declared, segment, touched);
            let conduct = self.conduct.entry(number).or_default();
            let deviations = conduct.follow(declared, &inside, segment, sky.settings.contingent);
            for deviation in deviations {
                let mut event = self.at(deviation.kind, flown, deviation.share);
                event.border = deviation.border;
                event.certainty = certainty(!segment.unseen);
                event.operation = Some(declared.operation.id.clone());
                event.with = Some((declared.operation.id.clone(), ZoneKind::Operation));
                event.alert = deviation_alert(deviation.kind, deviation.border);
                events.push(event);
            }
            if inside.is_empty() {
                let share = sky.operations.early(declared, segment, touched);
                early.extend(share.map(|share| (number, share)));
            } else {
                matches.push((number, inside));
            }
        }
        for (number, share) in early {
            let told = matches.is_empty()
                && self
                    .conduct
                    .get_mut(&number)
                    .is_some_and(Conduct::tell_early);
            if let (true, Some(declared)) = (told, sky.operations.get(number)) {
                let mut event = self.at(EventKind::Early, flown, share);
                event.operation = Some(declared.operation.id.clone());
                event.with = Some((declared.operation.id.clone(), ZoneKind::Operation));
                event.certainty = certainty(!segment.unseen);
                event.border = Some(Border::Window);
                event.alert = deviation_alert(EventKind::Early, event.border);
                events.push(event);
            }
        }
        self.held_back(&matches, flown, sky, events);
        matches
    }

    /// Tells once of each operation that the agreement holds back as a whole, where it is first seen to be flown.
    ///
    /// Of several operations that a flight may be, it is taken to fly the one that is held back least.
    fn held_back(
        &mut self,
        matches: &Matches,
        flown: &Flown<'_>,
        sky: &Sky,
        events: &mut Vec<Event>,
    ) {
        let operation = |number: usize| sky.operations.get(number).map(|known| &known.operation);
        for (number, stretches) in matches {
            let Some(declared) = operation(*number) else {
                continue;
            };
            let Some(alert) = declared.standing.alert() else {
                continue;
            };
            let is_milder = |(other, stretches): &(usize, Vec<Stretch>), share: f64| {
                let milder = operation(*other)
                    .is_some_and(|other| other.standing.severity() < declared.standing.severity());
                milder && covers(stretches, share)
            };
            let alone = stretches.iter().find(|stretch| {
                let mut others = matches.iter();
                !others.any(|other| is_milder(other, stretch.from))
            });
            let conduct = self.conduct.get_mut(number);
            let Some((stretch, conduct)) = alone.zip(conduct) else {
                continue;
            };
            if !conduct.tell_standing() {
                continue;
            }
            let kind = if flown.first {
                EventKind::Inside
            } else {
                EventKind::Enter
            };
            let mut event = self.at(kind, flown, stretch.from);
            event.border = stretch.entered.filter(|_| !flown.first);
            event.certainty = certainty(!flown.segment.unseen);
            event.operation = Some(declared.id.clone());
            event.with = Some((declared.id.clone(), ZoneKind::Operation));
            event.alert = Some(alert);
            events.push(event);
        }
    }

    /// Tells which zones were in reach while nobody saw the track.
    fn may_have_been(&mut self, flown: &Flown<'_>, sky: &Sky, events: &mut Vec<Event>) {
        let segment = flown.segment;
        if self.identity.civil {
            return;
        }
        let reach = Reach::new(segment, self.course.fastest_m_s);
        let mut near = Vec::new();
        sky.cells.near(&reach.bounds(), &mut near);
        near.sort_unstable();
        near.dedup();
        for number in near {
            let Some((zone, watched)) = sky.zones.get(number as usize) else {
                continue;
            };
            let applies = zone.applies_to(self.identity.force.as_ref());
            if !applies || self.stays.contains_key(&number) || !reach.meets(watched) {
                continue;
            }
            let mut event = self.at(EventKind::PossiblePresence, flown, 0.0);
            event.until = Some(segment.to.at);
            event.with = Some((zone.id.clone(), zone.kind));
            event.part = watched.part;
            event.certainty = Certainty::Possible;
            events.extend(self.answered(event, zone, &Vec::new(), 0.0, sky));
        }
    }

    /// Adds what the agreement says; nothing when the zone does not concern the operation flown.
    fn answered(
        &self,
        mut event: Event,
        zone: &Zone,
        matches: &Matches,
        share: f64,
        sky: &Sky,
    ) -> Option<Event> {
        let flown = matches
            .iter()
            .filter(|(_, stretches)| covers(stretches, share))
            .filter_map(|(number, _)| sky.operations.get(*number))
            .map(|declared| {
                let operation = &declared.operation;
                let here = zone.operations.get(&operation.id);
                let here = here.unwrap_or(&Standing::Cleared);
                (&operation.id, here, operation.standing.severity())
            })
            // What holds an operation back as a whole was told where it was first flown; where two are held back as far,
            // the one that is held back here is told.
            .min_by_key(|(_, here, whole)| {
                let here = here.severity();
                (here.max(*whole), Reverse(here))
            });
        let sure = event.certainty == Certainty::Certain;
        let Some((operation, standing, _)) = flown else {
            let force = self.identity.force.as_ref();
            let answer = force.and_then(|force| zone.unmatched.get(force));
            event.alert = answer.map(|answer| unmatched(answer, sure));
            return Some(event);
        };
        event.operation = Some(operation.clone());
        if *standing == Standing::Exempt {
            return None;
        }
        event.alert = standing.alert();
        Some(event)
    }

    /// An event of the track at a share of a segment.
    fn at(&self, kind: EventKind, flown: &Flown<'_>, share: f64) -> Event {
        let segment = flown.segment;
        let [from, to] = flown.fixes;
        let evidence = if from == to {
            vec![to.clone()]
        } else {
            vec![from.clone(), to.clone()]
        };
        Event {
            track: Arc::clone(&to.track),
            kind,
            with: None,
            part: 0,
            at: segment.instant(share),
            until: None,
            place: segment.place(share),
            altitude: segment.altitude(share),
            certainty: Certainty::Certain,
            between_fixes: false,
            border: None,
            force: self.identity.force.clone(),
            stated_by: self.identity.stated_by.clone(),
            operation: None,
            alert: None,
            evidence,
        }
    }

    /// An event that concerns the track alone.
    fn alone(&self, kind: EventKind, from: &Fix, to: &Fix) -> Event {
        Event {
            track: Arc::clone(&to.track),
            kind,
            with: None,
            part: 0,
            at: to.at,
            until: None,
            place: Some(to.position),
            altitude: to.altitude,
            certainty: Certainty::Certain,
            between_fixes: false,
            border: None,
            force: self.identity.force.clone(),
            stated_by: self.identity.stated_by.clone(),
            operation: None,
            alert: None,
            evidence: vec![from.clone(), to.clone()],
        }
    }
}

/// A way that was flown between two fixes.
struct Flown<'a> {
    fixes: &'a [Fix; 2],
    segment: &'a Segment,
    /// Whether it is the first of a track, and no way but a place.
    first: bool,
}

impl Stay {
    /// Whether a way that lies in the zone as a whole, until `to`, leaves nothing to tell.
    fn goes_on(&self, to: Instant, sky: &Sky) -> bool {
        let due = self.since.plus(sky.settings.loiter);
        self.state == State::In && (self.loiter_told || due.is_some_and(|due| due > to))
    }
}

/// A zone that a segment may visit.
struct Visited<'a> {
    number: u32,
    zone: &'a Zone,
    watched: &'a Watched,
    footing: Footing,
}

fn certainty(sure: bool) -> Certainty {
    if sure {
        Certainty::Certain
    } else {
        Certainty::Possible
    }
}

fn covers(stretches: &[Stretch], share: f64) -> bool {
    let covers = |stretch: &Stretch| stretch.from <= share && share <= stretch.to;
    stretches.iter().any(covers)
}

/// The alert for a flight that no operation matches; no clock starts on a possibility.
fn unmatched(answer: &Answer, sure: bool) -> Alert {
    let mut answer = answer.clone();
    if sure {
        return Alert {
            kind: AlertKind::UnmatchedFlight,
            answer,
        };
    }
    answer.clock = None;
    Alert {
        kind: AlertKind::PossibleUnmatchedFlight,
        answer,
    }
}

fn deviation_alert(kind: EventKind, border: Option<Border>) -> Option<Alert> {
    let by_height = matches!(border, Some(Border::Floor | Border::Ceiling));
    let kind = match kind {
        EventKind::BelowVolume | EventKind::AboveVolume => AlertKind::AltitudeBust,
        EventKind::Contingent => AlertKind::Contingent,
        EventKind::BackInVolume if by_height => AlertKind::AltitudeBust,
        _ => AlertKind::Nonconforming,
    };
    Some(Alert {
        kind,
        answer: Answer::default(),
    })
}
