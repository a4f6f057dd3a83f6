//! A day of made traffic over a region, clean and as it arrives: late, twice, and with parts of it lost.
//!
//! Tracks are independent of each other, so any part of the day is a day: the tests replay a few hundred aircraft, and
//! `cargo run --release -p detente-monitoring --example day` all twenty thousand.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use detente_monitoring::{Certainty, Event, EventKind, Fix, Settings, Watch, Zone, ZoneKind};
use detente_spacetime::{
    Altitude, AltitudeBand, EdgeKind, Footprint, Instant, Position, Reference, Volume4D, Window,
    geodesic::destination,
};

/// Where most of it happens: south, north, west, east, degrees.
const REGION_DEG: [f64; 4] = [33.0, 37.5, 35.5, 42.0];
/// The beginning of the day, microseconds since 1970.
const DAY_MICROS: i64 = 1_473_897_600_000_000;
const ZONES: u32 = 120;
/// No fix is delayed by more, seconds: a little less than the watch waits.
const DELAY_MAX_S: f64 = 9.0;
/// Share of the fixes that arrive twice.
const TWICE: f64 = 0.05;
/// Share of the fixes that are lost one by one, and of the tracks that are lost from sight for minutes.
const LOST: f64 = 0.02;
const UNSEEN: f64 = 0.5;

/// Numbers that are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn of(seed: u64, element: u64) -> Self {
        let mut numbers = Self(seed ^ element.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        numbers.between(0.0, 1.0);
        numbers
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let word = mixed ^ (mixed >> 31);
        low + (high - low) * (word >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn chance(&mut self, share: f64) -> bool {
        self.between(0.0, 1.0) < share
    }

    fn place(&mut self) -> Option<Position> {
        let [south, north, west, east] = REGION_DEG;
        Position::new(self.between(south, north), self.between(west, east)).ok()
    }
}

fn instant(seconds: f64) -> Option<Instant> {
    Instant::from_micros(DAY_MICROS + (seconds * 1e6).round() as i64)
}

/// The zones of the day: circles and areas of one to thirty kilometres, half of them for two hours.
fn zones(hours: f64) -> Vec<Zone> {
    (0..ZONES)
        .filter_map(|number| zone(number, hours))
        .collect()
}

fn zone(number: u32, hours: f64) -> Option<Zone> {
    let mut numbers = Numbers::of(0x0D47_0001, number.into());
    let centre = numbers.place()?;
    let size_m = numbers.between(1_000_f64.ln(), 30_000_f64.ln()).exp();
    let shaped = if numbers.chance(0.3) {
        Footprint::circle(centre, size_m)
    } else {
        let corners = 5 + numbers.between(0.0, 30.0) as u32;
        let mut ring: Vec<Position> = (0..corners)
            .map(|corner| {
                let azimuth = 360.0 - 360.0 * f64::from(corner) / f64::from(corners);
                destination(centre, azimuth, size_m * numbers.between(0.5, 1.0))
            })
            .collect();
        ring.extend(ring.first().copied());
        Footprint::polygon(&[ring], EdgeKind::Geodesic)
    };
    let height = |metres| Altitude::new(metres, Reference::MeanSeaLevel).ok();
    let floor_m = numbers.between(0.0, 2_000.0);
    let altitude = if numbers.chance(0.5) {
        AltitudeBand::EVERY_HEIGHT
    } else {
        AltitudeBand::new(
            height(floor_m)?,
            height(floor_m + numbers.between(500.0, 6_000.0))?,
        )
        .ok()?
    };
    let opens_s = numbers.between(0.0, hours * 3_600.0);
    let window = if numbers.chance(0.5) {
        Window::ALWAYS
    } else {
        Window::new(instant(opens_s)?, instant(opens_s + 7_200.0)).ok()?
    };
    Some(Zone {
        id: Arc::from(format!("z{number}")),
        kind: ZoneKind::Area,
        volume: Volume4D {
            footprint: shaped.ok()?.footprint,
            altitude,
            window,
        },
        forces: None,
        unmatched: BTreeMap::new(),
        operations: BTreeMap::new(),
    })
}

/// The fixes of one aircraft: it takes off some time of the day, flies for some time, and reports every few seconds.
fn flight(number: u32, hours: f64) -> Vec<Fix> {
    let mut numbers = Numbers::of(0x0D47_0002, number.into());
    let (Some(mut place), name) = (numbers.place(), Arc::from(format!("{number:06x}"))) else {
        return Vec::new();
    };
    let day_s = hours * 3_600.0;
    let mut second = numbers.between(0.0, day_s * 0.9);
    let ends = (second + numbers.between(600.0, 14_400.0)).min(day_s);
    let every_s = [1.0, 2.0, 5.0, 5.0, 10.0][numbers.between(0.0, 5.0) as usize];
    let speed_m_s =
        [18.0, 60.0, 220.0][numbers.between(0.0, 3.0) as usize] * numbers.between(0.9, 1.1);
    let mut azimuth = numbers.between(0.0, 360.0);
    let mut height_m = numbers.between(100.0, 6_000.0);
    let mut fixes = Vec::new();
    while second < ends {
        let passed = every_s * numbers.between(0.9, 1.1);
        second += passed;
        azimuth += numbers.between(-6.0, 6.0) * passed.sqrt();
        place = destination(
            place,
            azimuth,
            speed_m_s * passed * numbers.between(0.97, 1.0),
        );
        height_m = (height_m + numbers.between(-4.0, 4.0) * passed).clamp(50.0, 11_000.0);
        fixes.extend(instant(second).map(|at| Fix {
            track: Arc::clone(&name),
            at,
            position: place,
            altitude: Altitude::new(height_m, Reference::MeanSeaLevel).ok(),
            source: None,
        }));
    }
    fixes
}

/// What is left of the fixes of a flight when some are lost; the instants of those that are.
fn worn(number: u32, fixes: &[Fix]) -> (Vec<Fix>, BTreeSet<Instant>) {
    let mut numbers = Numbers::of(0x0D47_0003, number.into());
    let from = numbers.between(0.2, 0.8) * fixes.len() as f64;
    let unseen = numbers.chance(UNSEEN);
    let mut lost = BTreeSet::new();
    let mut kept = Vec::new();
    for (place, fix) in fixes.iter().enumerate() {
        let begins = fixes.get(from as usize).map(|fix| fix.at.micros());
        let since = begins.map_or(-1, |begins| fix.at.micros() - begins);
        let out_of_sight = unseen && (0..240_000_000).contains(&since);
        // The first fixes say how often a flight reports.
        if place > 5 && (out_of_sight || numbers.chance(LOST)) {
            lost.insert(fix.at);
        } else {
            kept.push(fix.clone());
        }
    }
    (kept, lost)
}

/// Fixes in the order in which they arrive: each late by some seconds, some of them twice.
fn arriving(seed: u64, fixes: &[Fix]) -> Vec<Fix> {
    let mut numbers = Numbers::of(0x0D47_0004, seed);
    let mut arrivals = Vec::new();
    for fix in fixes {
        let times = 1 + u32::from(numbers.chance(TWICE));
        for _ in 0..times {
            let delay = (numbers.between(0.0, DELAY_MAX_S) * 1e6) as i64;
            arrivals.push((fix.at.micros() + delay, fix.clone()));
        }
    }
    arrivals.sort_by_key(|(arrives, _)| *arrives);
    arrivals.into_iter().map(|(_, fix)| fix).collect()
}

/// The events of each track, in order.
fn events(
    zones: &[Zone],
    fixes: Vec<Fix>,
) -> (BTreeMap<Arc<str>, Vec<Event>>, detente_monitoring::Counts) {
    let mut watch = Watch::new(
        zones.to_vec(),
        Vec::new(),
        BTreeMap::new(),
        Settings::default(),
    );
    let mut found: BTreeMap<Arc<str>, Vec<Event>> = BTreeMap::new();
    let mut keep = |event: Event| {
        found
            .entry(Arc::clone(&event.track))
            .or_default()
            .push(event)
    };
    for fix in fixes {
        watch.observe(fix, &mut keep);
    }
    watch.finish(&mut keep);
    (found, watch.counts())
}

/// What a replay came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Replay {
    pub(crate) fixes: u64,
    pub(crate) events: u64,
    /// Fixes that arrived again.
    pub(crate) again: u64,
    pub(crate) lost: u64,
    /// Events of the clean day that the worn one has too, to the last digit.
    pub(crate) kept: u64,
    /// Events that rest on a fix that was lost.
    pub(crate) gone: u64,
    /// Visits wholly while nobody saw, and those of them that are told as possible.
    pub(crate) hidden: u64,
    pub(crate) told_as_possible: u64,
    pub(crate) gaps: u64,
}

/// Replays the day of some aircraft, and panics where it does not hold what it should.
pub(crate) fn replay(aircraft: std::ops::Range<u32>, hours: f64) -> Replay {
    let zones = zones(hours);
    let mut replay = Replay::default();
    let flights: Vec<(u32, Vec<Fix>)> = aircraft
        .map(|number| (number, flight(number, hours)))
        .collect();
    let mut clean: Vec<Fix> = flights
        .iter()
        .flat_map(|(_, fixes)| fixes)
        .cloned()
        .collect();
    clean.sort_by_key(|fix| fix.at);
    replay.fixes = clean.len() as u64;
    let seed = flights.first().map_or(0, |(number, _)| u64::from(*number));
    let messy = arriving(seed, &clean);
    replay.again = (messy.len() - clean.len()) as u64;
    let (expected, counts) = events(&zones, clean);
    let (found, messy_counts) = events(&zones, messy);
    assert_eq!(found, expected, "late and doubled fixes change nothing");
    assert_eq!(messy_counts.too_late, 0);
    assert_eq!(messy_counts.segments, counts.segments);
    replay.events = counts.events;
    let mut left = Vec::new();
    let mut lost = BTreeMap::new();
    for (number, fixes) in &flights {
        let (kept, gone) = worn(*number, fixes);
        replay.lost += gone.len() as u64;
        if let Some(fix) = fixes.first() {
            lost.insert(Arc::clone(&fix.track), gone);
        }
        left.extend(kept);
    }
    let (worn, _) = events(&zones, arriving(seed + 1, &left));
    for (track, lost) in &lost {
        let none = Vec::new();
        let clean = expected.get(track).unwrap_or(&none);
        replay.compare(clean, worn.get(track).unwrap_or(&none), lost);
    }
    replay
}

impl Replay {
    /// Holds the events of a track against those of the same track with some fixes lost.
    fn compare(&mut self, clean: &[Event], worn: &[Event], lost: &BTreeSet<Instant>) {
        let between = |from: Instant, to: Instant| lost.range(from..to).next().is_some();
        let span = |event: &Event| {
            let (from, to) = event.evidence.first().zip(event.evidence.last())?;
            Some((from.at, to.at))
        };
        let crossing = |event: &Event| {
            matches!(
                event.kind,
                EventKind::Inside | EventKind::Enter | EventKind::Leave
            )
        };
        let same = |one: &Event, two: &Event| {
            one.kind == two.kind
                && one.with == two.with
                && one.at == two.at
                && one.place == two.place
        };
        for event in clean.iter().filter(|event| crossing(event)) {
            let Some((from, to)) = span(event) else {
                continue;
            };
            if lost.contains(&from) || lost.contains(&to) {
                self.gone += 1;
            } else {
                // Both fixes are there and nothing was lost between them: so is what they show.
                assert!(
                    worn.iter().any(|other| same(other, event)) || self.told_before(event, worn),
                    "{event:?}"
                );
                self.kept += 1;
            }
        }
        for event in worn.iter().filter(|event| crossing(event)) {
            let Some((from, to)) = span(event) else {
                continue;
            };
            let unseen = worn
                .iter()
                .any(|gap| gap.kind == EventKind::Gap && span(gap) == Some((from, to)));
            assert!(
                !unseen
                    || event.certainty == Certainty::Possible
                    || event.kind == EventKind::Inside,
                "nobody saw it, and it is told as certain: {event:?}"
            );
            if !between(from, to) {
                assert!(
                    clean.iter().any(|other| same(other, event)) || self.told_before(event, clean),
                    "invented: {event:?}"
                );
            }
        }
        for gap in worn.iter().filter(|event| event.kind == EventKind::Gap) {
            self.gaps += 1;
            let Some((from, to)) = span(gap) else {
                continue;
            };
            // What was entered and left again while nobody saw, of the clean day.
            let entered = clean
                .iter()
                .filter(|event| event.kind == EventKind::Enter && from < event.at && event.at < to);
            for event in entered {
                self.hidden += 1;
                let told = worn.iter().any(|other| {
                    other.with == event.with
                        && other.certainty == Certainty::Possible
                        && span(other) == Some((from, to))
                });
                self.told_as_possible += u64::from(told || self.is_within(event, worn, from));
            }
        }
    }

    /// Whether the state that an event changes was known by an earlier event of the same zone: a loss before it may have
    /// moved the change to another segment.
    fn told_before(&self, event: &Event, others: &[Event]) -> bool {
        let last = others.iter().rfind(|other| {
            other.with == event.with && other.at < event.at && other.until.is_none()
        });
        match event.kind {
            EventKind::Leave => last.is_none_or(|last| last.kind == EventKind::Leave),
            _ => last.is_some_and(|last| last.kind != EventKind::Leave),
        }
    }

    /// Whether the worn track was in the zone already when it was lost from sight.
    fn is_within(&self, event: &Event, worn: &[Event], from: Instant) -> bool {
        let last = worn
            .iter()
            .rfind(|other| other.with == event.with && other.at <= from && other.until.is_none());
        last.is_some_and(|last| last.kind != EventKind::Leave)
    }
}
