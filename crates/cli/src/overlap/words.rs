//! The comparison in words.

use std::fmt::Write as _;

use detente_records::PlainVolume;

use super::compare::{Comparison, Miss, Pair};
use crate::coordinates::{distance, duration, heights, position, window};
use crate::palette::{Label, Palette};
use crate::shape::middle;

/// Pairs told one by one; `--json` lists them all.
const PAIRS_TOLD: usize = 20;

/// Tells what was found.
pub(super) fn tell(
    comparison: &Comparison,
    first: &[PlainVolume],
    second: &[PlainVolume],
    palette: Palette,
) -> String {
    let mut text = String::new();
    for (index, pair) in comparison.pairs.iter().take(PAIRS_TOLD).enumerate() {
        let place = comparison
            .outline
            .as_ref()
            .filter(|_| index == 0)
            .and_then(middle);
        tell_pair(&mut text, pair, place, palette);
    }
    let told = comparison.pairs.len().min(PAIRS_TOLD);
    if told < comparison.pairs.len() {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "and {} more pairs; --json lists them all",
            comparison.pairs.len() - told
        );
    }
    if let Some(miss) = &comparison.nearest {
        tell_miss(&mut text, miss, palette);
    }
    let compared = match (first.len(), second.len()) {
        (1, 1) => "1 volume with 1 volume".to_owned(),
        (a, b) => format!("{a} with {b} volumes"),
    };
    let pairs = match comparison.pairs.len() {
        0 => "no pair overlaps".to_owned(),
        1 => "1 pair overlaps".to_owned(),
        count => format!("{count} pairs overlap"),
    };
    let _ = writeln!(text, "{pairs}; compared {compared}");
    text
}

fn tell_pair(text: &mut String, pair: &Pair, place: Option<[f64; 2]>, palette: Palette) {
    let headline = palette.paint(Label::Prohibited, "OVERLAP");
    let _ = writeln!(
        text,
        "{headline}  {} and {}",
        named(&pair.first),
        named(&pair.second)
    );
    if let Some([longitude_deg, latitude_deg]) = place {
        let _ = writeln!(
            text,
            "  where   around {}",
            position(longitude_deg, latitude_deg)
        );
    }
    let _ = writeln!(text, "  when    {}", window(&pair.window));
    let _ = writeln!(
        text,
        "  height  {}, measured from the WGS84 ellipsoid",
        heights(pair.lower_m, pair.upper_m)
    );
    for widening in &pair.widenings {
        let _ = writeln!(text, "          {widening}");
    }
}

fn tell_miss(text: &mut String, miss: &Miss, palette: Palette) {
    let headline = palette.paint(Label::Clear, "APART");
    let _ = writeln!(
        text,
        "{headline}  nearest: {} and {}",
        named(&miss.first),
        named(&miss.second)
    );
    let ground = match (miss.separation_m > 0.0, miss.vertical_m) {
        (true, _) => format!("{} apart on the ground", distance(miss.separation_m)),
        (false, Some(_)) => "one above the other".to_owned(),
        (false, None) => "over the same ground".to_owned(),
    };
    let height = miss.vertical_m.map_or_else(
        || "heights meet".to_owned(),
        |gap_m| format!("{} apart in height", distance(gap_m)),
    );
    let time = miss.time.map_or_else(
        || "times overlap".to_owned(),
        |gap| match gap.micros() {
            0 => "one ends as the other begins".to_owned(),
            _ => format!("{} apart in time", duration(gap)),
        },
    );
    let _ = writeln!(text, "  {ground}; {height}; {time}");
}

/// The name of a volume; the pointer to the only feature of a file is empty.
fn named(name: &str) -> &str {
    match name {
        "" => "the only feature",
        name => name,
    }
}
