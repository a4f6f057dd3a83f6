//! The exactness promise, against geometry that is not ours: see `tests/oracle/README.md`.

use std::{collections::BTreeMap, fs, io::BufRead, path::Path};

use detente_spacetime::{EdgeKind, Footprint, Position, Proximity};
use serde_json::Value;

/// Committed cases, checked when no fresh ones are named.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/sample.jsonl");
/// Gaps up to here are contact.
const BOUNDARY_M: f64 = 0.000_5;
/// How far our distance may be from the oracle's: 1/100 of the promised centimetre.
const TOLERANCE_M: f64 = 0.000_1;

/// Outlines are no part of the promise; every so many cases one is drawn, to see that it agrees.
const OUTLINES_EVERY: usize = 20;

#[test]
fn no_pair_is_judged_otherwise_by_the_oracle() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the run that makes fresh cases names their file"
    )]
    let named = std::env::var("DETENTE_ORACLE").ok();
    let path = named.as_deref().unwrap_or(SAMPLE);
    let file = fs::File::open(Path::new(path)).expect("the oracle's cases");
    let mut kinds: BTreeMap<String, Tally> = BTreeMap::new();
    let mut disagreements = Vec::new();
    for (number, line) in std::io::BufReader::new(file).lines().enumerate() {
        let line = line.expect("a line");
        let case: Value = serde_json::from_str(&line).expect("a case");
        let kind = case["kind"].as_str().expect("a kind");
        let verdict = Pair::of(&case).judge(&case, number % OUTLINES_EVERY == 0);
        let tally = kinds.entry(kind.to_owned()).or_default();
        tally.cases += 1;
        match verdict {
            Ok(error_m) => tally.error_max_m = tally.error_max_m.max(error_m),
            Err(reason) => disagreements.push(format!("{path}:{}: {kind}: {reason}", number + 1)),
        }
    }
    for (kind, tally) in &kinds {
        println!(
            "{kind}: {} cases, largest error {:.1e} m",
            tally.cases, tally.error_max_m
        );
    }
    let cases: usize = kinds.values().map(|tally| tally.cases).sum();
    assert!(cases >= 300, "only {cases} cases in {path}");
    disagreements.truncate(20);
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

#[derive(Default)]
struct Tally {
    cases: usize,
    error_max_m: f64,
}

struct Pair {
    a: Footprint,
    b: Footprint,
}

impl Pair {
    fn of(case: &Value) -> Self {
        Self {
            a: footprint(&case["a"]),
            b: footprint(&case["b"]),
        }
    }

    /// The error of the distance, or what is wrong.
    fn judge(&self, case: &Value, drawn: bool) -> Result<f64, String> {
        let (there, back) = (self.a.proximity(&self.b), self.b.proximity(&self.a));
        if there != back {
            return Err(format!("{there:?} one way, {back:?} the other"));
        }
        let overlaps = there == Proximity::Overlap;
        if self.a.overlaps(&self.b) != overlaps || self.b.overlaps(&self.a) != overlaps {
            return Err(format!("`overlaps` and {there:?} disagree"));
        }
        if drawn && self.a.overlap_outline(&self.b).is_empty() == overlaps {
            return Err(format!("{there:?}, the outline says otherwise"));
        }
        if overlaps && !self.a.bounds().intersects(self.b.bounds()) {
            return Err("they overlap but their boxes do not".to_owned());
        }
        let Some(gap_m) = case["gap_m"].as_f64() else {
            let expected = case["overlap"].as_bool().expect("an answer");
            return if overlaps == expected {
                Ok(0.0)
            } else {
                Err(format!("{there:?}"))
            };
        };
        match there {
            Proximity::Overlap if gap_m <= BOUNDARY_M + TOLERANCE_M => Ok(0.0),
            Proximity::Apart { separation_m } if (separation_m - gap_m).abs() <= TOLERANCE_M => {
                Ok((separation_m - gap_m).abs())
            }
            _ => Err(format!("{there:?}, the oracle says {gap_m} m")),
        }
    }
}

fn footprint(shape: &Value) -> Footprint {
    let metres = |key: &str| shape[key].as_f64();
    let shaped = if let Some(rings) = shape["polygon"].as_array() {
        let rings: Vec<Vec<Position>> = rings.iter().map(positions).collect();
        Footprint::polygon(&rings, EdgeKind::Geodesic)
    } else if shape["corridor"].is_array() {
        let half_width_m = metres("half_width").expect("a half-width");
        Footprint::corridor(
            &positions(&shape["corridor"]),
            half_width_m,
            EdgeKind::Geodesic,
        )
    } else {
        let radius_m = shape["circle"][2].as_f64().expect("a radius");
        Footprint::circle(position(&shape["circle"]), radius_m)
    };
    let footprint = shaped.expect("a shape").footprint;
    metres("kept_out").map_or(footprint.clone(), |buffer_m| footprint.kept_out(buffer_m))
}

fn positions(points: &Value) -> Vec<Position> {
    points
        .as_array()
        .expect("points")
        .iter()
        .map(position)
        .collect()
}

fn position(point: &Value) -> Position {
    let degrees = |at: usize| point[at].as_f64().expect("degrees");
    Position::new(degrees(0), degrees(1)).expect("a position")
}
