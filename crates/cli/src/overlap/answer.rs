//! The JSON of `detente overlap --json`.

use serde::Serialize;

use super::compare::{Comparison, Pair};
use crate::shape::{Geometry, geometry};
use crate::wire::{end, finite, metres, seconds};

/// What `detente overlap --json` prints.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "Answer of detente overlap"))]
pub(super) struct OverlapAnswer {
    /// Whether any volume of the first file overlaps any of the second in place, height and time.
    overlap: bool,
    /// Geodesic metres between the nearest footprints: 0 where they overlap and only height or time keeps them apart; null when the volumes overlap.
    separation_m: Option<f64>,
    /// Metres of height between the nearest pair; null where their heights meet.
    vertical_separation_m: Option<f64>,
    /// Seconds between the windows of the nearest pair; null where they overlap.
    time_separation_s: Option<f64>,
    /// When the first overlap begins, RFC 3339.
    start: Option<String>,
    /// When the first overlap ends, RFC 3339 or `UFN` (until further notice).
    end: Option<String>,
    /// The lowest shared height of the first overlap, metres above the WGS84 ellipsoid.
    lower_m: Option<f64>,
    /// The highest shared height of the first overlap, metres above the WGS84 ellipsoid; null also where there is no limit.
    upper_m: Option<f64>,
    /// The outline of the first overlap.
    geometry: Option<Geometry>,
    /// Every pair that overlaps, by time and then by ids; the first is the one described above.
    pairs: Vec<PairAnswer>,
    /// The nearest pair; null when the volumes overlap.
    nearest: Option<NearestAnswer>,
}

/// Two volumes that overlap.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Pair"))]
struct PairAnswer {
    /// The id of the volume in the first file, or a JSON pointer to it.
    a: String,
    /// The id of the volume in the second file, or a JSON pointer to it.
    b: String,
    /// RFC 3339.
    start: String,
    /// RFC 3339 or `UFN`.
    end: String,
    /// Metres above the WGS84 ellipsoid.
    lower_m: f64,
    /// Metres above the WGS84 ellipsoid; null without a limit.
    upper_m: Option<f64>,
    /// What had to be widened to compare the heights; empty when the comparison is exact.
    widened: Vec<String>,
}

/// Two volumes that do not overlap.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Nearest"))]
struct NearestAnswer {
    /// The id of the volume in the first file, or a JSON pointer to it.
    a: String,
    /// The id of the volume in the second file, or a JSON pointer to it.
    b: String,
}

impl OverlapAnswer {
    /// Writes the comparison down.
    pub(super) fn of(comparison: &Comparison) -> Self {
        let first = comparison.pairs.first();
        let nearest = comparison.nearest.as_ref();
        Self {
            overlap: first.is_some(),
            separation_m: nearest.map(|miss| metres(miss.separation_m)),
            vertical_separation_m: nearest.and_then(|miss| miss.vertical_m).and_then(finite),
            time_separation_s: nearest.and_then(|miss| miss.time).map(seconds),
            start: first.map(|pair| pair.window.start().to_string()),
            end: first.map(|pair| end(&pair.window)),
            lower_m: first.map(|pair| metres(pair.lower_m)),
            upper_m: first.and_then(|pair| finite(pair.upper_m)),
            geometry: geometry(&comparison.outline),
            pairs: comparison.pairs.iter().map(PairAnswer::of).collect(),
            nearest: nearest.map(|miss| NearestAnswer {
                a: miss.first.clone(),
                b: miss.second.clone(),
            }),
        }
    }
}

impl PairAnswer {
    fn of(pair: &Pair) -> Self {
        Self {
            a: pair.first.clone(),
            b: pair.second.clone(),
            start: pair.window.start().to_string(),
            end: end(&pair.window),
            lower_m: metres(pair.lower_m),
            upper_m: finite(pair.upper_m),
            widened: pair.widenings.iter().map(ToString::to_string).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_published_schema_is_fresh() {
        crate::reference::assert_schema_fresh::<super::OverlapAnswer>("overlap.schema.json");
    }
}
