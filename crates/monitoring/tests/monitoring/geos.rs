//! Crossings against GEOS: see `tests/oracle/README.md`.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use detente_monitoring::{Columns, Crossing, EventKind, Patrol, Settings, Zone};
use detente_spacetime::{EdgeKind, Footprint, Position, Reference, geodesic::distance_m};
use serde_json::Value;

use crate::world::{at, volume, zone};

/// Committed worlds, checked when no fresh ones are named.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/sample.bin");
/// What a crossing may be off along the way beside the oracle's own tolerance, metres.
const ALONG_M: f64 = 0.000_1;
/// Microseconds from the first fix of a way to the second; shares are then told to a millionth of a millionth.
const WAY_MICROS: i64 = 1_000_000_000_000;
/// What the oracle does not claim.
const UNSURE: u32 = 2;
const UNSURE_COUNT: u32 = 255;

/// One world of zones and ways, and what the oracle says of it.
struct World {
    zones: Vec<Zone>,
    /// Latitude and longitude of both ends.
    ways: Vec<[f64; 4]>,
    pairs: Vec<Pair>,
    /// Between which shares each crossing lies of the pairs that are sure, one pair after another.
    crossings: Vec<[f64; 2]>,
}

/// A way that comes near a zone.
struct Pair {
    way: u32,
    zone: u32,
    starts: u32,
    ends: u32,
    touches: u32,
    crossings: u32,
}

fn numbers<const N: usize>(input: &mut impl Read, count: usize) -> Vec<[f64; N]> {
    let mut bytes = vec![0; count * N * 8];
    input.read_exact(&mut bytes).expect("numbers");
    let number = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    let row = |bytes: &[u8]| std::array::from_fn(|at| number(&bytes[at * 8..at * 8 + 8]));
    bytes.chunks_exact(N * 8).map(row).collect()
}

fn next(input: &mut impl BufRead) -> Option<World> {
    let mut head = String::new();
    if input.read_line(&mut head).expect("a head") == 0 {
        return None;
    }
    let head: Value = serde_json::from_str(&head).expect("a head");
    let count = |name: &str| head[name].as_u64().expect("a count") as usize;
    let shapes = head["zones"].as_array().expect("zones");
    let zones = shapes
        .iter()
        .enumerate()
        .map(|(number, shape)| zone(&format!("z{number}"), volume(footprint(shape))));
    let zones = zones.collect();
    let ways = numbers::<4>(input, count("segments"));
    let mut bytes = vec![0; count("pairs") * 24];
    input.read_exact(&mut bytes).expect("pairs");
    let word = |bytes: &[u8], at: usize| {
        u32::from_le_bytes(bytes[at * 4..at * 4 + 4].try_into().expect("four bytes"))
    };
    let pair = |bytes: &[u8]| Pair {
        way: word(bytes, 0),
        zone: word(bytes, 1),
        starts: word(bytes, 2),
        ends: word(bytes, 3),
        touches: word(bytes, 4),
        crossings: word(bytes, 5),
    };
    Some(World {
        zones,
        ways,
        pairs: bytes.chunks_exact(24).map(pair).collect(),
        crossings: numbers::<2>(input, count("crossings")),
    })
}

fn footprint(shape: &Value) -> Footprint {
    let degrees = |point: &Value, at: usize| point[at].as_f64().expect("degrees");
    let place = |point: &Value| at(degrees(point, 0), degrees(point, 1));
    let line = |points: &Value| -> Vec<Position> {
        points
            .as_array()
            .expect("points")
            .iter()
            .map(place)
            .collect()
    };
    let shaped = if let Some(rings) = shape["polygon"].as_array() {
        let rings: Vec<Vec<Position>> = rings.iter().map(line).collect();
        Footprint::polygon(&rings, EdgeKind::Geodesic)
    } else if shape["corridor"].is_array() {
        let half_width_m = shape["half_width"].as_f64().expect("a half-width");
        Footprint::corridor(&line(&shape["corridor"]), half_width_m, EdgeKind::Geodesic)
    } else {
        Footprint::circle(place(&shape["circle"]), degrees(&shape["circle"], 2))
    };
    shaped.expect("a shape").footprint
}

/// What the patrol says of a way and a zone: whether it starts inside, and the shares where it enters and leaves.
#[derive(Default)]
struct Said {
    starts: bool,
    enters: Vec<f64>,
    leaves: Vec<f64>,
}

impl Said {
    fn touches(&self) -> bool {
        self.starts || !self.enters.is_empty()
    }

    fn ends(&self) -> bool {
        usize::from(self.starts) + self.enters.len() > self.leaves.len()
    }
}

fn patrolled(world: &World) -> BTreeMap<(u32, u32), Said> {
    let settings = Settings::default();
    let mut patrol = Patrol::new(world.zones.clone(), Reference::Ellipsoid, &settings);
    let tracks: Vec<u32> = world.ways.iter().map(|_| patrol.track(None)).collect();
    let heights_m = vec![0.0; tracks.len()];
    let mut said: BTreeMap<(u32, u32), Said> = BTreeMap::new();
    for end in 0..2 {
        let column = |axis: usize| {
            world
                .ways
                .iter()
                .map(|way| way[end * 2 + axis])
                .collect::<Vec<f64>>()
        };
        let columns = Columns {
            tracks: &tracks,
            micros: &vec![1_500_000_000_000_000 + end as i64 * WAY_MICROS; tracks.len()],
            latitudes_deg: &column(0),
            longitudes_deg: &column(1),
            heights_m: &heights_m,
        };
        patrol.take(&columns, &mut |crossing: Crossing| {
            let said = said.entry((crossing.track, crossing.zone)).or_default();
            let share = (crossing.at.micros() - 1_500_000_000_000_000) as f64 / WAY_MICROS as f64;
            match crossing.kind {
                EventKind::Inside => said.starts = true,
                EventKind::Enter => said.enters.push(share),
                _ => said.leaves.push(share),
            }
        });
    }
    assert_eq!(patrol.counts().left_out, 0);
    said
}

/// What was compared and what was left out.
#[derive(Debug, Default)]
struct Tally {
    ways: usize,
    near: usize,
    /// Pairs of which the oracle claims something and pairs it leaves open.
    claimed: usize,
    open: usize,
    crossings: usize,
    /// Visits, and those that neither end shows.
    visits: usize,
    hidden: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn compare(&mut self, number: usize, world: &World) {
        let mut said = patrolled(world);
        self.ways += world.ways.len();
        let mut crossings = world.crossings.iter();
        for pair in &world.pairs {
            let ours = said.remove(&(pair.way, pair.zone)).unwrap_or_default();
            self.near += 1;
            let claimed = [
                (pair.touches, ours.touches(), "touches"),
                (pair.starts, ours.starts, "starts inside"),
                (pair.ends, ours.ends(), "ends inside"),
            ];
            let mut open = false;
            for (theirs, ours, what) in claimed {
                open |= theirs == UNSURE;
                if theirs != UNSURE && (theirs == 1) != ours {
                    self.wrong.push(format!(
                        "world {number}, way {}, zone {}: {what}: {ours}",
                        pair.way, pair.zone
                    ));
                }
            }
            if pair.crossings == UNSURE_COUNT {
                open = true;
            } else {
                let theirs: Vec<&[f64; 2]> =
                    crossings.by_ref().take(pair.crossings as usize).collect();
                let [a, b, c, d] = world.ways[pair.way as usize];
                let length_m = distance_m(at(a, b), at(c, d));
                let place = format!("world {number}, way {}, zone {}", pair.way, pair.zone);
                self.crossed(&place, ALONG_M / length_m, &ours, &theirs);
                self.visits += usize::from(ours.starts) + ours.enters.len();
                self.hidden += ours.enters.len() - usize::from(!ours.starts && ours.ends());
            }
            self.open += usize::from(open);
            self.claimed += usize::from(!open);
        }
        // What the oracle has nowhere near is touched by nothing.
        for ((way, zone), said) in said {
            if said.touches() {
                self.wrong
                    .push(format!("world {number}, way {way}, zone {zone}: invented"));
            }
        }
    }

    fn crossed(&mut self, place: &str, along: f64, ours: &Said, theirs: &[&[f64; 2]]) {
        let mut told: Vec<f64> = ours.enters.iter().chain(&ours.leaves).copied().collect();
        told.sort_by(f64::total_cmp);
        self.crossings += theirs.len();
        let within =
            |share: &f64, [low, high]: &[f64; 2]| low - along <= *share && *share <= high + along;
        let placed = if told.len() == theirs.len() {
            told.iter()
                .zip(theirs)
                .all(|(share, range)| within(share, range))
        } else {
            // A way that slants along a border may cross it again within the millimetre between the borders around.
            let odd = |range: &&[f64; 2]| {
                told.iter().filter(|share| within(share, range)).count() % 2 == 1
            };
            theirs.iter().all(odd)
                && told
                    .iter()
                    .all(|share| theirs.iter().any(|range| within(share, range)))
        };
        if !placed {
            self.wrong.push(format!(
                "{place}: crosses at {told:?}, GEOS between {theirs:?}"
            ));
        }
    }
}

#[test]
fn no_crossing_is_missed_and_none_invented_by_the_measure_of_geos() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the run that makes fresh worlds names their file"
    )]
    let named = std::env::var("DETENTE_CROSSINGS").ok();
    let path = named.as_deref().unwrap_or(SAMPLE);
    let mut input = BufReader::new(File::open(Path::new(path)).expect("the oracle's worlds"));
    let mut tally = Tally::default();
    let mut number = 0;
    while let Some(world) = next(&mut input) {
        tally.compare(number, &world);
        number += 1;
    }
    let wrong = tally.wrong.len();
    tally.wrong.truncate(20);
    println!("{tally:?}");
    assert!(
        wrong == 0,
        "{wrong} disagreements:\n{}",
        tally.wrong.join("\n")
    );
    assert!(
        tally.ways >= 1_000 && tally.crossings * 10 > tally.ways,
        "{tally:?}"
    );
    // Half of the ways run along a border within millimetres; what is left open is the smaller part even of those.
    assert!(tally.open * 5 < tally.near * 2, "{tally:?}");
    // A check of single fixes sees none of these.
    assert!(tally.hidden * 20 > tally.visits, "{tally:?}");
}
