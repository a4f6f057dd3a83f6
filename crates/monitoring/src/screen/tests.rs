//! What the screen says, against the exact geometry, in made worlds.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use detente_spacetime::{
    Altitude, AltitudeBand, EdgeKind, Footprint, Instant, Shaped, VerticalAssumptions, Volume4D,
    Window, geodesic::destination,
};

use super::*;
use crate::{
    post::{NoOthers, Posts},
    presence::{Presence, Stretch},
    segment::Segment,
    sighting::Sighting,
    zone::ZoneKind,
};

/// Numbers that are the same in every run (SplitMix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let word = mixed ^ (mixed >> 31);
        low + (high - low) * (word >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn one_of(&mut self, count: u32) -> u32 {
        self.between(0.0, f64::from(count)) as u32
    }

    /// Between two sizes, small ones as likely as large ones.
    pub(crate) fn size(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }
}

pub(crate) fn at(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position::new(latitude_deg, longitude_deg).unwrap()
}

/// A place as it is published: with seven decimals of a degree.
fn published(place: Position) -> Position {
    let rounded = |degrees: f64| (degrees * 1e7).round() / 1e7;
    at(
        rounded(place.latitude_deg()).clamp(-90.0, 90.0),
        rounded(place.longitude_deg()),
    )
}

/// A ring around a place, with corners at uneven distances; closed, counter-clockwise; every other one as it is published.
fn ring(numbers: &mut Numbers, centre: Position, size_m: f64, corners: u32) -> Vec<Position> {
    let mut ring: Vec<Position> = (0..corners)
        .map(|corner| {
            let azimuth = 360.0 - 360.0 * f64::from(corner) / f64::from(corners);
            destination(centre, azimuth, size_m * numbers.between(0.5, 1.0))
        })
        .collect();
    if corners.is_multiple_of(2) {
        ring = ring.into_iter().map(published).collect();
    }
    ring.push(ring[0]);
    ring
}

pub(crate) fn shape(numbers: &mut Numbers, centre: Position, size_m: f64) -> Option<Footprint> {
    let geodesic = EdgeKind::Geodesic;
    let made: Result<Shaped, _> = match numbers.one_of(8) {
        0 => Footprint::circle(centre, size_m),
        1 => {
            let mut line = vec![centre];
            for _ in 0..1 + numbers.one_of(4) {
                let azimuth = numbers.between(0.0, 360.0);
                line.extend(line.last().map(|last| destination(*last, azimuth, size_m)));
            }
            let half_width_m = (size_m * numbers.between(0.02, 0.5)).max(0.02);
            Footprint::corridor(&line, half_width_m, geodesic)
        }
        2 => {
            let outer = ring(numbers, centre, size_m, 12);
            let mut hole = ring(numbers, centre, size_m * 0.3, 5);
            hole.reverse();
            Footprint::polygon(&[outer, hole], geodesic)
        }
        3 => {
            // Crossing itself.
            let mut outer = ring(numbers, centre, size_m, 7);
            outer.swap(2, 4);
            Footprint::polygon(&[outer], geodesic)
        }
        4 => {
            let other = destination(centre, numbers.between(0.0, 360.0), size_m * 1.5);
            let (one, two) = (
                ring(numbers, centre, size_m, 6),
                ring(numbers, other, size_m, 9),
            );
            Footprint::multi_polygon(&[vec![one], vec![two]], geodesic)
        }
        _ => {
            let corners = 3 + numbers.one_of(40);
            let outer = ring(numbers, centre, size_m, corners);
            Footprint::polygon(&[outer], geodesic)
        }
    };
    let footprint = made.ok()?.footprint;
    Some(if numbers.one_of(8) == 0 {
        footprint.kept_out(size_m * numbers.between(0.01, 0.3))
    } else {
        footprint
    })
}

fn height(numbers: &mut Numbers) -> Altitude {
    let reference = REFERENCES[numbers.one_of(4) as usize];
    Altitude::new(numbers.between(-50.0, 3_000.0), reference).unwrap()
}

pub(crate) fn volume(numbers: &mut Numbers, footprint: Footprint) -> Volume4D {
    let lower = height(numbers);
    let upper = Altitude::new(
        lower.value_m() + numbers.between(50.0, 3_000.0),
        lower.reference(),
    )
    .unwrap();
    let altitude = match numbers.one_of(3) {
        0 => AltitudeBand::EVERY_HEIGHT,
        1 => AltitudeBand::new(Altitude::SURFACE, upper).unwrap(),
        _ => AltitudeBand::new(lower, upper).unwrap(),
    };
    let window = if numbers.one_of(2) == 0 {
        Window::ALWAYS
    } else {
        let opens = numbers.between(-600.0, 600.0);
        Window::new(
            second(opens),
            Some(second(opens + numbers.between(1.0, 900.0))),
        )
        .unwrap()
    };
    Volume4D {
        footprint,
        altitude,
        window,
    }
}

pub(crate) fn second(seconds: f64) -> Instant {
    Instant::from_micros(1_473_897_600_000_000 + (seconds * 1e6).round() as i64).unwrap()
}

pub(crate) fn zone(number: usize, volume: Volume4D) -> Zone {
    Zone {
        id: Arc::from(format!("z{number}")),
        kind: ZoneKind::Area,
        volume,
        forces: None,
        unmatched: BTreeMap::new(),
        operations: BTreeMap::new(),
    }
}

/// A world of zones around a place, and the places of their corners.
pub(crate) fn world(numbers: &mut Numbers, middle: Position, reach_m: f64) -> Vec<(Zone, Watched)> {
    let mut zones = Vec::new();
    for number in 0..30 {
        let away_m = numbers.between(0.0, reach_m);
        let centre = destination(middle, numbers.between(0.0, 360.0), away_m);
        let size_m = numbers.size(0.5, reach_m);
        if let Some(footprint) = shape(numbers, centre, size_m) {
            let mut made = zone(number, volume(numbers, footprint));
            if numbers.one_of(4) == 0 {
                made.forces = Some(BTreeSet::from([Arc::from("f")]));
            }
            let watched = Watched::new(made.volume.clone(), VerticalAssumptions::WORLD);
            zones.push((made, watched));
        }
    }
    zones
}

/// A place on the border of a footprint, between a place inside and one outside.
fn border(
    numbers: &mut Numbers,
    footprint: &Footprint,
    around: Position,
    reach_m: f64,
) -> Option<Position> {
    let mut places = (0..40).map(|_| {
        let away_m = numbers.size(0.1, reach_m);
        destination(around, numbers.between(0.0, 360.0), away_m)
    });
    let mut inside = places.find(|place| footprint.contains(*place))?;
    let mut outside = destination(inside, numbers.between(0.0, 360.0), reach_m * 4.0);
    for _ in 0..60 {
        let middle = detente_spacetime::Leg::new(inside, outside).ok()?.at(0.5)?;
        if footprint.contains(middle) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    Some(inside)
}

fn sighting(numbers: &mut Numbers, position: Position, seconds: f64) -> Sighting {
    let altitude = (numbers.one_of(10) > 0).then(|| height(numbers));
    Sighting {
        at: second(seconds),
        position,
        altitude,
    }
}

/// Two sightings: anywhere, or along and across a border within millimetres to metres.
fn flight(
    numbers: &mut Numbers,
    zones: &[(Zone, Watched)],
    middle: Position,
    reach_m: f64,
) -> [Sighting; 2] {
    let length_m = numbers.size(0.05, 20_000.0);
    let azimuth = numbers.between(0.0, 360.0);
    let chosen = numbers.one_of(zones.len().max(1) as u32) as usize;
    let near = zones
        .get(chosen)
        .filter(|_| numbers.one_of(2) == 0)
        .and_then(|(zone, _)| {
            let footprint = &zone.volume.footprint;
            let chains = footprint.chains().next()?.next()?;
            let corner = corner_of(chains)?;
            border(numbers, footprint, corner, reach_m)
        });
    let start = match near {
        None => {
            let away_m = numbers.between(0.0, reach_m);
            destination(middle, numbers.between(0.0, 360.0), away_m)
        }
        Some(border) => {
            let back_m = length_m * numbers.between(0.0, 1.0);
            let beside_m = numbers.size(1e-5, 5.0) * numbers.between(-1.0, 1.0).signum();
            let beside = destination(border, azimuth + 90.0, beside_m);
            destination(beside, azimuth + 180.0, back_m)
        }
    };
    let from_s = numbers.between(-900.0, 900.0);
    let to_s = from_s + numbers.between(0.1, 60.0);
    let from = sighting(numbers, start, from_s);
    let mut to = sighting(numbers, destination(start, azimuth, length_m), to_s);
    if numbers.one_of(4) > 0 {
        to.altitude = from.altitude.and_then(|from| {
            Altitude::new(
                from.value_m() + numbers.between(-50.0, 50.0),
                from.reference(),
            )
            .ok()
        });
    }
    [from, to]
}

fn corner_of([x, y, z]: [f64; 3]) -> Option<Position> {
    Position::new(z.atan2(x.hypot(y)).to_degrees(), y.atan2(x).to_degrees()).ok()
}

#[derive(Default, Debug)]
struct Outcome {
    told: u32,
    untold: u32,
    whole: u32,
    asked: u32,
    pairs: u32,
    stays: u32,
    /// Asked about of zones of which the screen keeps the ring.
    rings: u32,
}

/// The same zones as a patrol keeps them.
struct Kept {
    posts: Posts,
    screen: Screen,
    verdict: Verdict,
    answered: bool,
}

impl Kept {
    fn new(zones: &[(Zone, Watched)], reference: Reference) -> Self {
        let zones = zones.iter().map(|(zone, _)| zone.clone());
        let world = VerticalAssumptions::WORLD;
        let (posts, screen) = Posts::of(zones, reference, world, |_| ());
        Self {
            posts,
            screen,
            verdict: Verdict::default(),
            answered: false,
        }
    }

    /// Asks the screen about a way; how many zones whose rings it keeps are to be asked about exactly.
    fn asks(&mut self, way: &Way, force: Option<&Arc<str>>) -> u32 {
        // Heights in another reference are asked of zones, which a patrol never does.
        let told = way
            .reference
            .is_none_or(|told| told == self.screen.reference);
        let bit = self.screen.bit(force);
        self.answered = told && self.screen.answer(way, bit, &NoOthers, &mut self.verdict);
        let asked = self.verdict.ask.iter().filter(|_| self.answered);
        let kept = asked.filter(|ask| self.screen.mosaic.roll.ring(ask.zone).is_some());
        kept.count() as u32
    }

    fn compare(
        &self,
        zone: u32,
        segment: &Segment,
        way: &Way,
        force: Option<&Arc<str>>,
        presence: &Presence,
        tell: &dyn Fn() -> String,
    ) {
        assert!(self.posts.applies_to(zone, force));
        let limits = self.posts.limits(zone).unwrap();
        let told = segment.heights().map(|(from, _)| from.reference());
        if told.is_some_and(|told| told != self.screen.reference) {
            return;
        }
        let within = |ask: Ask, way: Option<&Way>| {
            Presence::within(segment, limits, || {
                self.posts.passages(&ask, way, &segment.leg, &self.screen)
            })
        };
        let unanswered = within(Ask::anything(zone), None);
        assert_eq!(&unanswered, presence, "kept as a ring: {}", tell());
        if self.answered {
            let asked = self.verdict.asks(zone).copied();
            let whole = self
                .verdict
                .whole
                .contains(&zone)
                .then(|| Ask::within(zone));
            let ask = asked.or(whole).unwrap_or(Ask::apart(zone));
            assert_eq!(
                &within(ask, Some(way)),
                presence,
                "told of a ring: {}",
                tell()
            );
        }
    }
}

fn compare(seed: u64, middle: Position, reach_m: f64, flights: u32, outcome: &mut Outcome) {
    const WHOLE: Stretch = Stretch {
        from: 0.0,
        to: 1.0,
        entered: None,
        left: None,
    };
    let mut numbers = Numbers(seed);
    let zones = world(&mut numbers, middle, reach_m);
    let screen = Screen::new(&zones, REFERENCES[numbers.one_of(4) as usize]);
    let mut verdict = Verdict::default();
    let mut kept = Kept::new(&zones, screen.reference);
    for _ in 0..flights {
        let [from, to] = flight(&mut numbers, &zones, middle, reach_m);
        let Some(segment) = Segment::new(from, to, false) else {
            continue;
        };
        let force = (numbers.one_of(2) == 0).then(|| Arc::from("f"));
        let way = Way::between(&from, &to);
        if !screen.answer(&way, screen.bit(force.as_ref()), &zones[..], &mut verdict) {
            outcome.untold += 1;
            continue;
        }
        outcome.told += 1;
        outcome.rings += kept.asks(&way, force.as_ref());
        if screen.is_bare([Spot::of(from.position), Spot::of(to.position)]) {
            assert!(verdict.are_none());
        }
        for ((zone, watched), number) in zones.iter().zip(0_u32..) {
            let whole = verdict.whole.contains(&number);
            let asked = verdict.asks(number).is_some();
            let tell = || {
                format!(
                    "seed {seed}, zone {number} {:?}, {from:?} {to:?}",
                    zone.volume
                )
            };
            if !zone.applies_to(force.as_ref()) {
                assert!(!whole && !asked, "not its zone: {}", tell());
                continue;
            }
            outcome.pairs += 1;
            outcome.asked += u32::from(asked);
            let presence = Presence::of(&segment, watched);
            outcome.stays += u32::from(!presence.is_nowhere());
            let given = Presence::given(&segment, watched, &verdict.footing(number));
            assert_eq!(given, presence, "what is known changes nothing: {}", tell());
            kept.compare(number, &segment, &way, force.as_ref(), &presence, &tell);
            if whole {
                outcome.whole += 1;
                assert_eq!(presence.possible.as_slice(), [WHOLE], "{}", tell());
                assert_eq!(presence.certain.as_slice(), [WHOLE], "{}", tell());
            } else if !asked {
                assert!(presence.is_nowhere(), "{presence:?}: {}", tell());
            }
        }
    }
}

#[test]
fn what_the_screen_says_is_what_the_exact_geometry_says() {
    let mut outcome = Outcome::default();
    let mut numbers = Numbers(77);
    for world in 0..120 {
        let latitude = match world % 6 {
            0 => numbers.between(82.5, 84.5),
            1 => numbers.between(-89.9, -80.0),
            2 => numbers.between(-0.1, 0.1),
            _ => numbers.between(-82.0, 82.0),
        };
        let longitude = match world % 4 {
            0 => numbers.between(179.7, 180.3),
            _ => numbers.between(-180.0, 180.0),
        };
        let reach_m = numbers.size(100.0, 150_000.0);
        compare(world, at(latitude, longitude), reach_m, 250, &mut outcome);
    }
    // Not by leaving everything to the exact geometry.
    assert!(outcome.told > 3 * outcome.untold, "{outcome:?}");
    assert!(
        outcome.whole > 2_000 && outcome.stays > 2 * outcome.asked / 3,
        "{outcome:?}"
    );
    assert!(outcome.asked * 5 < outcome.pairs, "{outcome:?}");
    assert!(outcome.rings > 500, "{outcome:?}");
}
