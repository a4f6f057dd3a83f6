//! Events against a dense row of instants, each asked by itself: in the outline, in the heights, in the window.

use std::collections::BTreeMap;

use detente_monitoring::{Event, EventKind, Fix, Settings, Watch, Zone};
use detente_spacetime::{
    AltitudeBand, EdgeKind, Footprint, Instant, Leg, Position, Window, geodesic::destination,
};

use crate::world::{at, events, fix, msl, second, zone};

/// Numbers that are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let word = mixed ^ (mixed >> 31);
        low + (high - low) * (word >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Side of the region the zones and tracks are in, metres.
const REGION_M: f64 = 30_000.0;

fn somewhere(numbers: &mut Numbers, middle: Position) -> Position {
    let away_m = numbers.between(0.0, REGION_M * 0.5);
    destination(middle, numbers.between(0.0, 360.0), away_m)
}

fn outline(numbers: &mut Numbers, middle: Position) -> Footprint {
    let centre = somewhere(numbers, middle);
    let size_m = 10_f64.powf(numbers.between(2.5, 4.0));
    let shaped = match numbers.between(0.0, 3.0) as u8 {
        0 => Footprint::circle(centre, size_m),
        1 => {
            let end = destination(centre, numbers.between(0.0, 360.0), size_m * 3.0);
            Footprint::corridor(&[centre, end], size_m * 0.3, EdgeKind::Geodesic)
        }
        _ => {
            let corners = 3 + numbers.between(0.0, 12.0) as u32;
            let mut ring: Vec<Position> = (0..corners)
                .map(|corner| {
                    let azimuth = 360.0 - 360.0 * f64::from(corner) / f64::from(corners);
                    destination(centre, azimuth, size_m * numbers.between(0.2, 1.0))
                })
                .collect();
            ring.push(ring[0]);
            Footprint::polygon(&[ring], EdgeKind::Geodesic)
        }
    };
    shaped.expect("a shape").footprint
}

fn made_zone(numbers: &mut Numbers, number: usize, middle: Position) -> Zone {
    let mut made = zone(
        &format!("z{number}"),
        crate::world::volume(outline(numbers, middle)),
    );
    let floor_m = numbers.between(0.0, 2_000.0);
    made.volume.altitude =
        AltitudeBand::new(msl(floor_m), msl(floor_m + numbers.between(100.0, 3_000.0)))
            .expect("a band");
    let opens = numbers.between(-300.0, 600.0);
    let closes = opens + numbers.between(10.0, 900.0);
    made.volume.window = Window::new(second(opens), Some(second(closes))).expect("a window");
    made
}

fn made_track(numbers: &mut Numbers, every_s: f64, middle: Position) -> Vec<Fix> {
    let mut place = somewhere(numbers, middle);
    let mut azimuth = numbers.between(0.0, 360.0);
    let mut height_m = numbers.between(0.0, 4_000.0);
    let speed_m_s = numbers.between(20.0, 250.0);
    (0..(600.0 / every_s) as u32)
        .map(|step| {
            azimuth += numbers.between(-20.0, 20.0);
            height_m = (height_m + numbers.between(-10.0, 10.0) * every_s).clamp(0.0, 5_000.0);
            place = destination(place, azimuth, speed_m_s * every_s);
            fix(f64::from(step) * every_s, place, height_m)
        })
        .collect()
}

fn is_inside(zone: &Zone, at: Instant, place: Position, height_m: f64) -> bool {
    let band = zone.volume.altitude;
    let (floor_m, ceiling_m) = (band.lower().value_m(), band.upper().value_m());
    zone.volume.window.contains(at)
        && (floor_m..=ceiling_m).contains(&height_m)
        && zone.volume.footprint.contains(place)
}

/// Whether a centimetre of place or height, or two microseconds, would change the answer.
fn is_border(zone: &Zone, at: Instant, place: Position, height_m: f64) -> bool {
    let inside = is_inside(zone, at, place, height_m);
    let moved = |micros: i64| Instant::from_micros(at.micros() + micros).unwrap();
    let around = (0..16).map(|step| destination(place, 22.5 * f64::from(step), 0.01));
    let places = around.chain([place]);
    places
        .flat_map(|place| [-0.01, 0.0, 0.01].map(|up_m| (place, height_m + up_m)))
        .any(|(place, height_m)| {
            [-2, 0, 2]
                .iter()
                .any(|micros| is_inside(zone, moved(*micros), place, height_m) != inside)
        })
}

/// When the events say that the track came in and left.
fn stays(events: &[Event], zone: &Zone) -> Vec<(Instant, EventKind)> {
    events
        .iter()
        .filter(|event| event.with.as_ref().is_some_and(|(id, _)| *id == zone.id))
        .filter(|event| event.kind != EventKind::Loiter)
        .map(|event| (event.at, event.kind))
        .collect()
}

fn says_inside(stays: &[(Instant, EventKind)], at: Instant) -> bool {
    let last = stays.iter().rev().find(|(changed, _)| *changed <= at);
    last.is_some_and(|(_, kind)| *kind != EventKind::Leave)
}

struct Outcome {
    segments: usize,
    instants: usize,
    visits: usize,
    /// Visits between two fixes, which a check of single fixes misses.
    hidden: usize,
}

fn compare(seed: u64, middle: Position, every_s: f64, samples: u32) -> Outcome {
    let mut numbers = Numbers(seed);
    let zones: Vec<Zone> = (0..40)
        .map(|number| made_zone(&mut numbers, number, middle))
        .collect();
    let mut outcome = Outcome {
        segments: 0,
        instants: 0,
        visits: 0,
        hidden: 0,
    };
    for _ in 0..60 {
        let fixes = made_track(&mut numbers, every_s, middle);
        let watch = Watch::new(zones.clone(), vec![], BTreeMap::new(), Settings::default());
        let found = events(watch, fixes.clone());
        let entered = found.iter().filter(|event| event.kind == EventKind::Enter);
        outcome.visits += entered.clone().count();
        outcome.hidden += entered.filter(|event| event.between_fixes).count();
        outcome.segments += fixes.len() - 1;
        for zone in &zones {
            outcome.instants += compare_zone(zone, &fixes, &stays(&found, zone), samples);
        }
    }
    outcome
}

fn compare_zone(zone: &Zone, fixes: &[Fix], stays: &[(Instant, EventKind)], samples: u32) -> usize {
    let mut compared = 0;
    for pair in fixes.windows(2) {
        let leg = Leg::new(pair[0].position, pair[1].position).unwrap();
        let micros = (pair[1].at - pair[0].at).micros();
        let (from_m, to_m) = (pair[0].altitude.unwrap(), pair[1].altitude.unwrap());
        for sample in 0..samples {
            let passed = micros * i64::from(sample) / i64::from(samples);
            let share = passed as f64 / micros as f64;
            let at = Instant::from_micros(pair[0].at.micros() + passed).unwrap();
            let place = leg.at(share).unwrap();
            let height_m = from_m.value_m() + (to_m.value_m() - from_m.value_m()) * share;
            compared += 1;
            if is_inside(zone, at, place, height_m) != says_inside(stays, at) {
                assert!(
                    is_border(zone, at, place, height_m),
                    "{} at {at}, {place:?}, {height_m} m: {stays:?}",
                    zone.id
                );
            }
        }
    }
    compared
}

#[test]
fn no_crossing_is_missed_and_none_invented() {
    let places = [at(35.0, 38.0), at(-17.0, 179.9), at(89.8, 10.0)];
    let mut visits = 0;
    for (seed, middle) in places.into_iter().enumerate() {
        let often = compare(seed as u64, middle, 5.0, 4);
        let seldom = compare(seed as u64 + 100, middle, 60.0, 50);
        assert!(often.instants > 1_000_000 && seldom.instants > 1_000_000);
        visits += often.visits + seldom.visits;
    }
    assert!(visits > 200, "{visits}");
}

/// The reason segments are checked and not fixes: with a fix a minute, a check of fixes misses many of the visits.
#[test]
fn a_check_of_single_fixes_misses_what_lies_between_them() {
    let middle = at(35.0, 38.0);
    let (mut visits, mut hidden) = (0, 0);
    for seed in 0..6 {
        let outcome = compare(1_000 + seed, middle, 60.0, 1);
        visits += outcome.visits;
        hidden += outcome.hidden;
    }
    assert!(hidden * 5 > visits, "{hidden} of {visits}");
    assert!(hidden < visits);
}
