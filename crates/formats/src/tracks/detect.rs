//! Which format a source is in, by how it begins.

use super::TrackFormat;

/// The format a source is in, from its first few thousand bytes; none when it is none of those known.
#[must_use]
pub fn detect(beginning: &[u8]) -> Option<TrackFormat> {
    let text = String::from_utf8_lossy(beginning);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        return Some(TrackFormat::Gpx);
    }
    let first = text.lines().next().unwrap_or_default();
    let kind = first.split(',').next().unwrap_or_default();
    if ["MSG", "SEL", "ID", "AIR", "STA", "CLK"].contains(&kind) {
        return Some(TrackFormat::Sbs);
    }
    if !text.starts_with('{') {
        return None;
    }
    let has = |text: &str, key: &str| text.contains(&format!("\"{key}\""));
    if has(text, "now") && (has(text, "aircraft") || has(first, "hex")) {
        Some(TrackFormat::Readsb)
    } else if has(text, "states") {
        Some(TrackFormat::OpenSky)
    } else if has(first, "t") && has(first, "id") {
        Some(TrackFormat::JsonLines)
    } else {
        None
    }
}
