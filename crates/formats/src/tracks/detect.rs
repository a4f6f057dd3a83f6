//! Which format a source is in, by how it begins.

use super::{TrackFormat, sbs};

/// The format a source is in, from its first few thousand bytes; none when it is none of those known.
///
/// A recording of a receiver's lines begins anywhere in one of them: then its second line tells.
#[must_use]
pub fn detect(beginning: &[u8]) -> Option<TrackFormat> {
    let text = String::from_utf8_lossy(beginning);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    told(text).or_else(|| {
        let (_, behind) = text.split_once('\n')?;
        told(behind).filter(|format| *format != TrackFormat::Gpx)
    })
}

fn told(text: &str) -> Option<TrackFormat> {
    if text.starts_with('<') {
        return Some(TrackFormat::Gpx);
    }
    let first = text.lines().next().unwrap_or_default();
    let kind = first.split(',').next().unwrap_or_default();
    if sbs::TYPES.contains(&kind) {
        return Some(TrackFormat::Sbs);
    }
    if !text.starts_with('{') {
        return None;
    }
    let has = |text: &str, key: &str| text.contains(&format!("\"{key}\""));
    let is_snapshot = has(text, "now") && (has(text, "aircraft") || has(first, "hex"));
    // Where the list is called `ac`, the time stands behind it.
    if is_snapshot || has(text, "ac") && (has(text, "now") || has(text, "hex")) {
        Some(TrackFormat::Readsb)
    } else if has(text, "states") {
        Some(TrackFormat::OpenSky)
    } else if has(first, "t") && has(first, "id") {
        Some(TrackFormat::JsonLines)
    } else {
        None
    }
}
