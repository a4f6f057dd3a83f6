//! The right-hand panel: what the signs mean, and the operations with their verdicts.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::clip::Rect;
use super::layer::{mark_sign, protected_sign, verdict_sign};
use super::scene::Scene;
use super::style::{
    AreaStyle, CONFLICT_COLOR, MOVEMENT_COLOR, MarkStyle, PROTECTED_COLOR, TRACK_COLOR,
    VerdictStyle,
};
use super::text::{escaped, fitted};

/// The height of a row, in pixels.
const ROW_PX: f64 = 19.0;
/// The height of an operation told in two lines, in pixels.
const TWO_LINES_PX: f64 = 31.0;
/// The room for words beside a sign, in pixels.
const PANEL_WIDTH_PX: f64 = 276.0;
/// The sizes of names and of what stands below them, in pixels.
const NAME_SIZE_PX: f64 = 12.5;
const SMALL_SIZE_PX: f64 = 11.0;
/// What the borders are; drawn at the foot of the panel.
const SOURCE_NOTE: [&str; 2] = [
    "Base map: Natural Earth (public domain), de facto borders;",
    "they imply no recognition. Not for navigation.",
];

/// Draws the panel into its place.
pub(super) fn draw(scene: &Scene, place: &Rect) -> String {
    let mut svg = String::from(r#"<g class="panel">"#);
    let left = place.left;
    let mut y = place.top + 12.0;
    heading(&mut svg, left, &mut y, "Legend");
    legend(&mut svg, scene, left, &mut y);
    y += 26.0;
    if scene.marks.is_empty() {
        heading(&mut svg, left, &mut y, "Operations");
        operations(&mut svg, scene, left, y, place.bottom - 40.0);
    } else {
        heading(&mut svg, left, &mut y, "Observations");
        observations(&mut svg, scene, left, y, place.bottom - 40.0);
    }
    let mut foot = place.bottom - 14.0;
    for line in SOURCE_NOTE {
        let _ = write!(
            svg,
            r#"<text x="{left}" y="{foot}" class="source">{line}</text>"#
        );
        foot += 13.0;
    }
    svg.push_str("</g>");
    svg
}

fn heading(svg: &mut String, left: f64, y: &mut f64, words: &str) {
    let _ = write!(
        svg,
        r#"<text x="{left}" y="{y}" class="heading">{words}</text>"#
    );
    *y += 10.0;
}

/// One row for each kind of thing on the sheet, and none for what is absent.
fn legend(svg: &mut String, scene: &Scene, left: f64, y: &mut f64) {
    let verdicts: BTreeSet<VerdictStyle> = scene
        .operations
        .iter()
        .map(|operation| operation.verdict)
        .collect();
    for style in verdicts {
        swatch(
            svg,
            left,
            *y,
            style.pattern(),
            style.color(),
            style.outline(),
        );
        svg.push_str(&verdict_sign([left + 17.0, *y + 8.0], style));
        entry(svg, left, y, &format!("operation, {}", style.words()));
    }
    if !scene.conflicts.is_empty() {
        let _ = write!(
            svg,
            r##"<rect x="{}" y="{}" width="30" height="12" fill="#ffd400" fill-opacity="0.22" stroke="{CONFLICT_COLOR}" stroke-width="1.5"/>"##,
            left + 2.0,
            *y + 2.0
        );
        entry(svg, left, y, "conflict");
    }
    if !scene.tracks.is_empty() {
        let _ = write!(
            svg,
            r#"<path d="M{} {y1}h28" stroke="{TRACK_COLOR}" stroke-width="1.4"/><circle cx="{}" cy="{y1}" r="2.6" fill="{TRACK_COLOR}"/>"#,
            left + 3.0,
            left + 31.0,
            y1 = *y + 8.0
        );
        entry(svg, left, y, "track, and where it was seen last");
    }
    let marks: BTreeSet<MarkStyle> = scene.marks.iter().map(|mark| mark.style).collect();
    for style in marks {
        svg.push_str(&mark_sign([left + 17.0, *y + 8.0], style));
        entry(svg, left, y, style.words());
    }
    if !scene.protected.is_empty() {
        let _ = write!(
            svg,
            r#"<circle cx="{}" cy="{}" r="8" fill="{PROTECTED_COLOR}" fill-opacity="0.07" stroke="{PROTECTED_COLOR}" stroke-dasharray="4 2"/>"#,
            left + 17.0,
            *y + 8.0
        );
        svg.push_str(&protected_sign([left + 17.0, *y + 8.0]));
        entry(svg, left, y, "protected object, kept out around it");
    }
    if !scene.movements.is_empty() {
        let _ = write!(
            svg,
            r#"<rect x="{}" y="{}" width="30" height="10" fill="{MOVEMENT_COLOR}" fill-opacity="0.16" stroke="{MOVEMENT_COLOR}" stroke-width="1.8" stroke-dasharray="1 3.5" stroke-linecap="round"/>"#,
            left + 2.0,
            *y + 3.0
        );
        entry(svg, left, y, "humanitarian movement");
    }
    let areas: BTreeSet<AreaStyle> = scene.areas.iter().map(|area| area.style).collect();
    for style in areas {
        swatch(
            svg,
            left,
            *y,
            style.pattern(),
            style.color(),
            style.outline(),
        );
        entry(svg, left, y, style.words());
    }
}

/// As many observations as fit, in the order of time, alerts before the rest where not all fit.
fn observations(svg: &mut String, scene: &Scene, left: f64, top: f64, bottom: f64) {
    let all = scene.marks.len();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of the panel's height is a small number"
    )]
    let rows = (((bottom - top) / TWO_LINES_PX).floor() as usize).max(1);
    let is_quiet = |mark: &&super::scene::MarkShape| mark.style == MarkStyle::Observation;
    let mut listed: Vec<_> = scene.marks.iter().collect();
    if all > rows {
        let loud = listed.iter().filter(|mark| !is_quiet(mark)).count();
        let mut quiet_left = (rows - 1).saturating_sub(loud);
        listed.retain(|mark| {
            let kept = !is_quiet(mark) || quiet_left > 0;
            quiet_left -= usize::from(is_quiet(mark) && kept);
            kept
        });
        listed.truncate(rows - 1);
    }
    let mut y = top;
    for mark in &listed {
        svg.push_str(&mark_sign([left + 9.0, y + 10.0], mark.style));
        let x = left + 24.0;
        let title = fitted(&mark.title, NAME_SIZE_PX, PANEL_WIDTH_PX);
        let summary = fitted(&mark.summary, SMALL_SIZE_PX, PANEL_WIDTH_PX);
        let _ = write!(
            svg,
            r#"<text x="{x}" y="{}" class="strong">{}</text><text x="{x}" y="{}" class="small">{}</text>"#,
            y + 14.0,
            escaped(&title),
            y + 27.0,
            escaped(&summary)
        );
        y += TWO_LINES_PX;
    }
    if listed.len() < all {
        let _ = write!(
            svg,
            r#"<text x="{}" y="{}" class="small">and {} more</text>"#,
            left + 24.0,
            y + 14.0,
            all - listed.len()
        );
    }
}

fn swatch(svg: &mut String, left: f64, y: f64, pattern: &str, color: &str, outline: &str) {
    let _ = write!(
        svg,
        r#"<rect x="{}" y="{}" width="32" height="14" fill="url(#{pattern})" stroke="{color}" {outline}/>"#,
        left + 1.0,
        y + 1.0
    );
}

fn entry(svg: &mut String, left: f64, y: &mut f64, words: &str) {
    let _ = write!(
        svg,
        r#"<text x="{}" y="{}">{words}</text>"#,
        left + 42.0,
        *y + 12.0
    );
    *y += ROW_PX;
}

/// As many operations as fit, worst first, and how many more there are; in one line each where two lines would
/// leave some out.
fn operations(svg: &mut String, scene: &Scene, left: f64, top: f64, bottom: f64) {
    let all = scene.operations.len() + scene.operations_left_out;
    let rows = if all as f64 * TWO_LINES_PX <= bottom - top {
        TWO_LINES_PX
    } else {
        ROW_PX
    };
    let mut y = top;
    let mut listed = 0;
    for operation in &scene.operations {
        // The last row is kept for "and more" as long as more remain.
        let room_for = if listed + 1 == all { 1.0 } else { 2.0 };
        if y + rows * room_for > bottom {
            break;
        }
        svg.push_str(&verdict_sign([left + 9.0, y + 10.0], operation.verdict));
        let title = escaped(&operation.note);
        let x = left + 24.0;
        let name = fitted(&operation.name, NAME_SIZE_PX, PANEL_WIDTH_PX);
        let _ = write!(
            svg,
            r#"<text x="{x}" y="{}" class="strong">{}<title>{title}</title></text>"#,
            y + 14.0,
            escaped(&name)
        );
        if rows > ROW_PX {
            let summary = fitted(&operation.summary, SMALL_SIZE_PX, PANEL_WIDTH_PX);
            let _ = write!(
                svg,
                r#"<text x="{x}" y="{}" class="small">{}</text>"#,
                y + 27.0,
                escaped(&summary)
            );
        }
        y += rows;
        listed += 1;
    }
    if listed < all {
        let _ = write!(
            svg,
            r#"<text x="{}" y="{}" class="small">and {} more</text>"#,
            left + 24.0,
            y + 14.0,
            all - listed
        );
    }
}
