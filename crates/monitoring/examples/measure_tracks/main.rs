//! Measures the watch on a made-up world; `cargo xtask bench monitoring` runs it beside shapely and PostGIS.
//!
//! ```text
//! measure_tracks patrol ZONES AIRCRAFT FIXES EVERY_MS ROUNDS   numbered tracks; the figures as one line of JSON
//! measure_tracks crowd SHARE ZONES AIRCRAFT FIXES EVERY_MS ROUNDS   the same with another share around the hubs
//! measure_tracks watch ZONES AIRCRAFT FIXES EVERY_MS           named tracks, with stragglers put in order; likewise
//! measure_tracks changes ZONES AIRCRAFT FIXES EVERY_MS         `segment,zone,change` a line, for comparing
//! measure_tracks crossings ZONES AIRCRAFT FIXES EVERY_MS       every crossing to its last digit, for comparing two builds
//! measure_tracks rows zones ZONES                              the zones as rows for PostgreSQL's COPY
//! measure_tracks rows segments AIRCRAFT FIXES EVERY_MS COUNT   the first COUNT segments, likewise
//! measure_tracks columns FOLDER ZONES AIRCRAFT FIXES EVERY_MS  the world as files of little-endian numbers, for other engines
//! ```
#![expect(
    clippy::print_stdout,
    reason = "an example speaks to whoever started it"
)]

#[path = "../../../deconfliction/examples/measure/process.rs"]
mod process;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use detente_monitoring::{
    Columns, EventKind, Fix, Identity, Patrol, Settings, Watch, Zone, ZoneKind,
};
use detente_spacetime::{
    Altitude, AltitudeBand, EdgeKind, Footprint, Instant, Position, Reference, Volume4D, Window,
};
use process::{POLYGON, cpu_s, ewkb, status_bytes};
use world::{Outline, PARTIES, Report, World};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Share of the zones and of the traffic that lie around a hub, unless a command says otherwise.
const NEAR_HUB: f64 = 0.6;

/// A line, as PostGIS numbers kinds of geometry.
const LINE: u32 = 0x2000_0002;

/// 2026-11-22T00:00:00Z, the made-up day, in microseconds since 1970.
const DAY_START_MICROS: i64 = 1_795_305_600_000_000;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["patrol", zones, traffic @ .., rounds] => patrol(
            &World::new(NEAR_HUB),
            zones.parse()?,
            &Traffic::read(traffic)?,
            rounds.parse()?,
        ),
        ["crowd", share, zones, traffic @ .., rounds] => patrol(
            &World::new(share.parse()?),
            zones.parse()?,
            &Traffic::read(traffic)?,
            rounds.parse()?,
        ),
        ["watch", zones, traffic @ ..] => watch(zones.parse()?, &Traffic::read(traffic)?),
        ["changes", zones, traffic @ ..] => changes(zones.parse()?, &Traffic::read(traffic)?),
        ["crossings", zones, traffic @ ..] => crossings(zones.parse()?, &Traffic::read(traffic)?),
        ["rows", "zones", zones] => zone_rows(zones.parse()?),
        ["rows", "segments", traffic @ .., count] => {
            segment_rows(&Traffic::read(traffic)?, count.parse()?)
        }
        ["columns", folder, zones, traffic @ ..] => {
            columns(Path::new(folder), zones.parse()?, &Traffic::read(traffic)?)
        }
        _ => Err("see the head of this example's source for its commands".into()),
    }
}

/// How many aircraft report how often.
struct Traffic {
    aircraft: u32,
    each: u32,
    every_ms: i64,
}

impl Traffic {
    fn read(words: &[&str]) -> Outcome<Self> {
        let [aircraft, each, every_ms] = words else {
            return Err("traffic is AIRCRAFT FIXES EVERY_MS".into());
        };
        Ok(Self {
            aircraft: aircraft.parse()?,
            each: each.parse()?,
            every_ms: every_ms.parse()?,
        })
    }

    /// The party of each aircraft, and the reports as columns.
    fn columns(&self, world: &World) -> (Vec<u32>, Held) {
        let (parties, reports) = world.traffic(self.aircraft, self.each, self.every_ms);
        let mut held = Held::default();
        for report in &reports {
            held.tracks.push(report.aircraft);
            held.micros.push(micros(report));
            held.latitudes_deg.push(report.latitude_deg);
            held.longitudes_deg.push(report.longitude_deg);
            held.heights_m.push(report.height_m);
        }
        (parties, held)
    }
}

/// Columns of fixes.
#[derive(Default)]
struct Held {
    tracks: Vec<u32>,
    micros: Vec<i64>,
    latitudes_deg: Vec<f64>,
    longitudes_deg: Vec<f64>,
    heights_m: Vec<f64>,
}

impl Held {
    fn columns(&self, range: std::ops::Range<usize>) -> Columns<'_> {
        Columns {
            tracks: &self.tracks[range.clone()],
            micros: &self.micros[range.clone()],
            latitudes_deg: &self.latitudes_deg[range.clone()],
            longitudes_deg: &self.longitudes_deg[range.clone()],
            heights_m: &self.heights_m[range],
        }
    }
}

fn micros(report: &Report) -> i64 {
    DAY_START_MICROS + report.ms * 1_000
}

fn party(number: u32) -> Arc<str> {
    Arc::from(format!("p{number}"))
}

fn zones(world: &World, count: u64) -> Outcome<Vec<Zone>> {
    (0..count)
        .map(|number| zone(number, &world.zone(number)))
        .collect()
}

/// The same one after another, as a patrol takes them; what went wrong is left in `failed`.
fn each_zone<'a>(
    world: &'a World,
    count: u64,
    failed: &'a mut Option<Box<dyn Error>>,
) -> impl Iterator<Item = Zone> + 'a {
    (0..count).map_while(|number| match zone(number, &world.zone(number)) {
        Ok(zone) => Some(zone),
        Err(error) => {
            *failed = Some(error);
            None
        }
    })
}

fn zone(number: u64, outline: &Outline) -> Outcome<Zone> {
    let ring: Result<Vec<Position>, _> = outline
        .ring
        .iter()
        .map(|(longitude, latitude)| Position::new(*latitude, *longitude))
        .collect();
    let shaped =
        Footprint::polygon(&[ring?], EdgeKind::Geodesic).map_err(|faults| format!("{faults:?}"))?;
    let height = |metres| Altitude::new(metres, Reference::Ellipsoid);
    let second = |second: i64| {
        Instant::from_micros(DAY_START_MICROS + second * 1_000_000).ok_or("out of range")
    };
    let everybody = outline.parties == (1 << PARTIES) - 1;
    let named = || {
        (0..PARTIES)
            .filter(|bit| outline.parties >> bit & 1 == 1)
            .map(party)
            .collect()
    };
    Ok(Zone {
        id: Arc::from(format!("z{number}")),
        kind: ZoneKind::Area,
        volume: Volume4D {
            footprint: shaped.footprint,
            altitude: AltitudeBand::new(height(outline.lower_m)?, height(outline.upper_m)?)?,
            window: Window::new(second(outline.start_s)?, Some(second(outline.end_s)?))?,
        },
        forces: (!everybody).then(named),
        unmatched: BTreeMap::new(),
        operations: BTreeMap::new(),
    })
}

/// A patrol over so many zones, with the tracks of the traffic.
fn ready(world: &World, count: u64, parties: &[u32]) -> Outcome<Patrol> {
    let mut failed = None;
    let zones = each_zone(world, count, &mut failed);
    let mut patrol = Patrol::new(zones, Reference::Ellipsoid, &Settings::default());
    if let Some(error) = failed {
        return Err(error);
    }
    for number in parties {
        patrol.track(Some(&party(*number)));
    }
    Ok(patrol)
}

fn patrol(world: &World, count: u64, traffic: &Traffic, rounds: u32) -> Outcome<()> {
    let (parties, held) = traffic.columns(world);
    let before_bytes = status_bytes("VmRSS:")?;
    let start_s = cpu_s()?;
    let mut patrol = ready(world, count, &parties)?;
    let build_cpu_s = cpu_s()? - start_s;
    let built_bytes = status_bytes("VmRSS:")?;
    // The first fix of every track is only where it begins.
    let opened = traffic.aircraft as usize;
    let (mut best_s, mut sums) = (f64::INFINITY, BTreeMap::new());
    for _ in 0..rounds {
        patrol.forget();
        patrol.take(&held.columns(0..opened), &mut |_| ());
        sums = BTreeMap::new();
        let start_s = cpu_s()?;
        patrol.take(&held.columns(opened..held.tracks.len()), &mut |crossing| {
            *sums
                .entry((crossing.kind.wire_name(), crossing.between_fixes))
                .or_insert(0_u64) += 1;
        });
        best_s = best_s.min(cpu_s()? - start_s);
    }
    let counts = patrol.counts();
    let segments = (held.tracks.len() - opened) as f64;
    let sum = |kind: EventKind| {
        sums.iter()
            .filter(|((name, _), _)| *name == kind.wire_name())
            .map(|(_, count)| count)
            .sum::<u64>()
    };
    let through = sums
        .get(&(EventKind::Enter.wire_name(), true))
        .copied()
        .unwrap_or_default();
    println!(
        "{}",
        serde_json::json!({
            "zones": count,
            "segments": segments,
            "per_cpu_second": segments / best_s,
            "entered": sum(EventKind::Enter),
            "left": sum(EventKind::Leave),
            "through": through,
            "asked": counts.asked as f64 / f64::from(rounds) / segments,
            "questions": counts.questions as f64 / f64::from(rounds) / segments,
            "build_cpu_s": build_cpu_s,
            "index_bytes": patrol.index_bytes(),
            "built_bytes": built_bytes.saturating_sub(before_bytes),
            "process_bytes": status_bytes("VmHWM:")?,
        })
    );
    Ok(())
}

fn watch(count: u64, traffic: &Traffic) -> Outcome<()> {
    let zones = zones(&World::new(NEAR_HUB), count)?;
    let (parties, reports) =
        World::new(NEAR_HUB).traffic(traffic.aircraft, traffic.each, traffic.every_ms);
    let names: Vec<Arc<str>> = (0..traffic.aircraft)
        .map(|number| Arc::from(format!("{number:06x}")))
        .collect();
    let identities = names.iter().zip(&parties).map(|(name, number)| {
        let identity = Identity {
            force: Some(party(*number)),
            ..Identity::default()
        };
        (Arc::clone(name), identity)
    });
    let mut watch = Watch::new(zones, Vec::new(), identities.collect(), Settings::default());
    let fixes: Result<Vec<Fix>, Box<dyn Error>> = reports
        .iter()
        .map(|report| {
            Ok(Fix {
                track: Arc::clone(&names[report.aircraft as usize]),
                at: Instant::from_micros(micros(report)).ok_or("out of range")?,
                position: Position::new(report.latitude_deg, report.longitude_deg)?,
                altitude: Some(Altitude::new(report.height_m, Reference::Ellipsoid)?),
                source: None,
            })
        })
        .collect();
    let fixes = fixes?;
    let mut events = 0_u64;
    let start_s = cpu_s()?;
    let count_fixes = fixes.len() as f64;
    for fix in fixes {
        watch.observe(fix, &mut |_| events += 1);
    }
    watch.finish(&mut |_| events += 1);
    let passed_s = cpu_s()? - start_s;
    println!(
        "{}",
        serde_json::json!({ "zones": count, "fixes": count_fixes, "per_cpu_second": count_fixes / passed_s, "events": events })
    );
    Ok(())
}

/// Everything that a patrol tells of the traffic as a whole.
fn crossings(count: u64, traffic: &Traffic) -> Outcome<()> {
    let world = World::new(NEAR_HUB);
    let (parties, held) = traffic.columns(&world);
    let mut patrol = ready(&world, count, &parties)?;
    let mut told = Vec::new();
    patrol.take(&held.columns(0..held.tracks.len()), &mut |crossing| {
        told.push(crossing);
    });
    let mut out = BufWriter::new(std::io::stdout().lock());
    for crossing in told {
        writeln!(out, "{crossing:?}")?;
    }
    Ok(out.flush()?)
}

/// What each segment changes, as an engine sees it that knows where a segment begins and ends and what it touches.
fn changes(count: u64, traffic: &Traffic) -> Outcome<()> {
    let world = World::new(NEAR_HUB);
    let (parties, held) = traffic.columns(&world);
    let mut patrol = ready(&world, count, &parties)?;
    let opened = traffic.aircraft as usize;
    let mut inside: BTreeSet<(u32, u32)> = BTreeSet::new();
    patrol.take(&held.columns(0..opened), &mut |crossing| {
        inside.insert((crossing.track, crossing.zone));
    });
    let mut out = BufWriter::new(std::io::stdout().lock());
    for segment in opened..held.tracks.len() {
        let mut touched: BTreeMap<u32, bool> = BTreeMap::new();
        let mut now = Vec::new();
        let track = held.tracks[segment];
        patrol.take(&held.columns(segment..segment + 1), &mut |crossing| {
            touched
                .entry(crossing.zone)
                .or_insert(inside.contains(&(track, crossing.zone)));
            now.push((crossing.zone, crossing.kind != EventKind::Leave));
        });
        for (zone, enters) in now {
            if enters {
                inside.insert((track, zone));
            } else {
                inside.remove(&(track, zone));
            }
        }
        for (zone, before) in touched {
            let change = match (before, inside.contains(&(track, zone))) {
                (false, true) => "enter",
                (true, false) => "leave",
                (false, false) => "through",
                (true, true) => continue,
            };
            writeln!(out, "{},{zone},{change}", segment - opened)?;
        }
    }
    Ok(out.flush()?)
}

fn columns(folder: &Path, count: u64, traffic: &Traffic) -> Outcome<()> {
    let file = |name: &str| -> Outcome<BufWriter<File>> {
        Ok(BufWriter::new(File::create(folder.join(name))?))
    };
    let (mut offsets, mut rings, mut terms) =
        (file("offsets.u32")?, file("rings.f64")?, file("terms.f64")?);
    let world = World::new(NEAR_HUB);
    let mut offset = 0_u32;
    for number in 0..count {
        let outline = world.zone(number);
        offsets.write_all(&offset.to_le_bytes())?;
        for (longitude, latitude) in &outline.ring {
            rings.write_all(&longitude.to_le_bytes())?;
            rings.write_all(&latitude.to_le_bytes())?;
        }
        offset += outline.ring.len() as u32;
        let parties = f64::from(outline.parties);
        for term in [
            outline.lower_m,
            outline.upper_m,
            outline.start_s as f64 * 1e3,
            outline.end_s as f64 * 1e3,
            parties,
        ] {
            terms.write_all(&term.to_le_bytes())?;
        }
    }
    offsets.write_all(&offset.to_le_bytes())?;
    let (mut fixes, mut parties) = (file("fixes.f64")?, file("parties.u32")?);
    let (party, reports) = world.traffic(traffic.aircraft, traffic.each, traffic.every_ms);
    for report in &reports {
        let columns = [
            report.longitude_deg,
            report.latitude_deg,
            report.height_m,
            report.ms as f64,
        ];
        for column in columns {
            fixes.write_all(&column.to_le_bytes())?;
        }
    }
    for number in party {
        parties.write_all(&number.to_le_bytes())?;
    }
    for mut file in [offsets, rings, terms, fixes, parties] {
        file.flush()?;
    }
    Ok(())
}

fn zone_rows(count: u64) -> Outcome<()> {
    let world = World::new(NEAR_HUB);
    let mut out = BufWriter::new(std::io::stdout().lock());
    for number in 0..count {
        let outline = world.zone(number);
        let ring: Vec<(f64, f64)> = outline
            .ring
            .iter()
            .chain(outline.ring.first())
            .copied()
            .collect();
        writeln!(
            out,
            "{number}\t{}\t{:?}\t{:?}\t{}\t{}\t{}",
            ewkb(POLYGON, &ring),
            outline.lower_m,
            outline.upper_m,
            outline.start_s * 1_000,
            outline.end_s * 1_000,
            outline.parties
        )?;
    }
    Ok(out.flush()?)
}

fn segment_rows(traffic: &Traffic, count: usize) -> Outcome<()> {
    let (party, reports) =
        World::new(NEAR_HUB).traffic(traffic.aircraft, traffic.each, traffic.every_ms);
    let aircraft = traffic.aircraft as usize;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let ways = reports.iter().zip(reports.iter().skip(aircraft));
    for (number, (from, to)) in ways.take(count).enumerate() {
        let place = |report: &Report| (report.longitude_deg, report.latitude_deg);
        writeln!(
            out,
            "{number}\t{}\t{:?}\t{:?}\t{}\t{}\t{}",
            ewkb(LINE, &[place(from), place(to)]),
            from.height_m,
            to.height_m,
            from.ms,
            to.ms,
            1 << party[from.aircraft as usize]
        )?;
    }
    Ok(out.flush()?)
}
