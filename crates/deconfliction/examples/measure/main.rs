//! Measures the index on a made-up world; `cargo xtask bench deconfliction` runs it beside PostGIS.
//!
//! ```text
//! measure search SIZE ASKED ROUNDS   ask about ASKED operations among SIZE volumes; the figures as one line of JSON
//! measure pairs SIZE                 all pairs among SIZE volumes; the figures as one line of JSON
//! measure conflicts SIZE ASKED       the conflicts themselves, `asked,stored` a line
//! measure copy stored|asked SIZE     the volumes as rows for PostgreSQL's COPY
//! measure densify                    for `asked,stored` lines on the input: both rings, cut every 50 m along geodesics
//! ```
#![expect(
    clippy::print_stdout,
    reason = "an example speaks to whoever started it"
)]
#![expect(clippy::disallowed_methods, reason = "measuring needs a clock")]

mod process;
mod world;

use std::error::Error;
use std::io::{BufRead, BufWriter, Write};
use std::time::Instant as Stopwatch;

use detente_deconfliction::{Conflict, Index, Scratch};
use detente_spacetime::{
    Altitude, AltitudeBand, EdgeKind, Footprint, Instant, Position, Reference, VerticalAssumptions,
    Volume4D, Window,
};
use geographiclib_rs::{DirectGeodesic, Geodesic, InverseGeodesic};
use process::{POLYGON, cpu_s, ewkb, status_bytes};
use world::{Operation, Set, World};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// 2026-11-22T00:00:00Z, the made-up day, in seconds since 1970.
const DAY_START_S: i64 = 1_795_305_600;

/// Longest piece of a densified edge, metres: a straight line in degrees then leaves the geodesic by less than 0.05 mm.
const PIECE_M: f64 = 50.0;

/// Least processor time of a round, seconds: the kernel accounts for it in steps of some milliseconds.
const ROUND_CPU_S: f64 = 0.5;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["search", size, asked, rounds] => search(size.parse()?, asked.parse()?, rounds.parse()?),
        ["pairs", size] => pairs(size.parse()?),
        ["conflicts", size, asked] => conflicts(size.parse()?, asked.parse()?),
        ["copy", "stored", size] => copy(Set::Stored, size.parse()?),
        ["copy", "asked", size] => copy(Set::Asked, size.parse()?),
        ["densify"] => densify(),
        _ => Err("see the head of this example's source for its commands".into()),
    }
}

/// A world in the index, and what building it cost.
struct Built {
    index: Index<u32>,
    build_cpu_s: f64,
}

fn build(size: u32) -> Outcome<Built> {
    let volumes = volumes(Set::Stored, size)?;
    let start_s = cpu_s()?;
    let mut index = Index::new(VerticalAssumptions::default());
    index.insert_all((0..).zip(&volumes));
    Ok(Built {
        index,
        build_cpu_s: cpu_s()? - start_s,
    })
}

fn search(size: u32, asked: u32, rounds: u32) -> Outcome<()> {
    let Built { index, build_cpu_s } = build(size)?;
    let questions = volumes(Set::Asked, asked)?;
    let (mut scratch, mut found) = (Scratch::default(), Vec::new());
    let mut latency_us = vec![f64::INFINITY; questions.len()];
    let (mut best_s, mut total) = (f64::INFINITY, 0);
    for _ in 0..rounds {
        let (start_s, mut passes) = (cpu_s()?, 0.0);
        while cpu_s()? - start_s < ROUND_CPU_S {
            total = 0;
            for question in &questions {
                index.conflicts_into(question, &mut scratch, &mut found);
                total += found.len();
            }
            passes += 1.0;
        }
        best_s = best_s.min((cpu_s()? - start_s) / passes);
    }
    for _ in 0..rounds {
        for (question, latency_us) in questions.iter().zip(&mut latency_us) {
            let watch = Stopwatch::now();
            index.conflicts_into(question, &mut scratch, &mut found);
            *latency_us = latency_us.min(watch.elapsed().as_secs_f64() * 1e6);
        }
    }
    let mut best_together_s = f64::INFINITY;
    for _ in 0..rounds {
        let (start_s, mut passes) = (cpu_s()?, 0.0);
        while cpu_s()? - start_s < ROUND_CPU_S {
            let mut together = 0;
            index.conflicts_of_each(&questions, &mut scratch, |_, found| together += found.len());
            if together != total {
                return Err("side by side gives other answers than one after another".into());
            }
            passes += 1.0;
        }
        best_together_s = best_together_s.min((cpu_s()? - start_s) / passes);
    }
    latency_us.sort_by(f64::total_cmp);
    let percentile = |share: f64| latency_us[((latency_us.len() - 1) as f64 * share) as usize];
    println!(
        "{}",
        serde_json::json!({
            "size": size,
            "asked": asked,
            "conflicts": total,
            "per_cpu_second": f64::from(asked) / best_s,
            "together_per_cpu_second": f64::from(asked) / best_together_s,
            "p50_us": percentile(0.5),
            "p99_us": percentile(0.99),
            "build_cpu_s": build_cpu_s,
            "index_bytes": index.bytes(),
            "process_bytes": status_bytes("VmRSS:")?,
        })
    );
    Ok(())
}

fn pairs(size: u32) -> Outcome<()> {
    let Built { index, .. } = build(size)?;
    let start_s = cpu_s()?;
    let found = index.all_pairs().len();
    println!(
        "{}",
        serde_json::json!({ "size": size, "pairs": found, "cpu_s": cpu_s()? - start_s })
    );
    Ok(())
}

fn conflicts(size: u32, asked: u32) -> Outcome<()> {
    let Built { index, .. } = build(size)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (number, question) in volumes(Set::Asked, asked)?.iter().enumerate() {
        for Conflict { key, .. } in index.conflicts(question) {
            writeln!(out, "{number},{key}")?;
        }
    }
    Ok(out.flush()?)
}

fn copy(set: Set, size: u32) -> Outcome<()> {
    let world = World::new();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for number in 0..size {
        let Operation {
            ring,
            lower_m,
            upper_m,
            start_s,
            end_s,
        } = world.operation(set, number.into());
        let (start, end) = (instant(start_s)?, instant(end_s)?);
        writeln!(
            out,
            "{number}\t[{start},{end})\t[{lower_m:?},{upper_m:?}]\t{}",
            closed(&ring)
        )?;
    }
    Ok(out.flush()?)
}

fn densify() -> Outcome<()> {
    let world = World::new();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (asked, stored) = line.split_once(',').ok_or("lines are `asked,stored`")?;
        let ring = |set, number: &str| -> Outcome<String> {
            Ok(closed(&densified(
                &world.operation(set, number.parse()?).ring,
            )))
        };
        writeln!(
            out,
            "{asked}\t{stored}\t{}\t{}",
            ring(Set::Asked, asked)?,
            ring(Set::Stored, stored)?
        )?;
    }
    Ok(out.flush()?)
}

fn volumes(set: Set, size: u32) -> Outcome<Vec<Volume4D>> {
    let world = World::new();
    (0..size)
        .map(|number| volume(&world.operation(set, number.into())))
        .collect()
}

fn volume(operation: &Operation) -> Outcome<Volume4D> {
    let ring: Result<Vec<Position>, _> = operation
        .ring
        .iter()
        .map(|(longitude, latitude)| Position::new(*latitude, *longitude))
        .collect();
    let shaped =
        Footprint::polygon(&[ring?], EdgeKind::Geodesic).map_err(|faults| format!("{faults:?}"))?;
    let height = |metres| Altitude::new(metres, Reference::Ellipsoid);
    Ok(Volume4D {
        footprint: shaped.footprint,
        altitude: AltitudeBand::new(height(operation.lower_m)?, height(operation.upper_m)?)?,
        window: Window::new(instant(operation.start_s)?, Some(instant(operation.end_s)?))?,
    })
}

fn instant(second_of_day: i64) -> Outcome<Instant> {
    Instant::from_micros((DAY_START_S + second_of_day) * 1_000_000)
        .ok_or_else(|| "the day is out of range".into())
}

fn densified(ring: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let earth = Geodesic::wgs84();
    let mut dense = Vec::new();
    for (i, (longitude, latitude)) in ring.iter().enumerate() {
        let (to_longitude, to_latitude) = ring[(i + 1) % ring.len()];
        let (length_m, azimuth, _, _): (f64, f64, f64, f64) =
            earth.inverse(*latitude, *longitude, to_latitude, to_longitude);
        let pieces = (length_m / PIECE_M).ceil().max(1.0) as u32;
        dense.push((*longitude, *latitude));
        for piece in 1..pieces {
            let along_m = length_m * f64::from(piece) / f64::from(pieces);
            let (at_latitude, at_longitude): (f64, f64) =
                earth.direct(*latitude, *longitude, azimuth, along_m);
            dense.push((at_longitude, at_latitude));
        }
    }
    dense
}

/// A ring that does not repeat its first corner, as PostGIS takes a polygon.
fn closed(ring: &[(f64, f64)]) -> String {
    let corners: Vec<(f64, f64)> = ring.iter().chain(ring.first()).copied().collect();
    ewkb(POLYGON, &corners)
}
