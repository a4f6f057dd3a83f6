//! The layers above the ground: areas, movements, protected objects, operations, conflicts.

use std::fmt::Write as _;

use super::clip::{Pixel, append_path, pieces_near, ring_inside};
use super::scene::{Patch, Scene};
use super::style::{
    ALERT_COLOR, CONFLICT_COLOR, MOVEMENT_COLOR, MarkStyle, PROTECTED_COLOR, TRACK_COLOR,
};
use super::text::escaped;
use super::view::View;

/// A shape smaller than this on the sheet is marked by its sign alone, in pixels.
const VISIBLE_MIN_PX: f64 = 5.0;

/// Draws the areas of the agreement.
pub(super) fn areas(view: &View, scene: &Scene) -> String {
    let mut svg = String::new();
    for area in &scene.areas {
        let style = area.style;
        let _ = write!(
            svg,
            r#"<path d="{}" fill="url(#{})" fill-rule="evenodd" stroke="{}" {}><title>{}</title></path>"#,
            path(view, &area.patch),
            style.pattern(),
            style.color(),
            style.outline(),
            escaped(&area.note)
        );
    }
    svg
}

/// Draws the humanitarian movements.
pub(super) fn movements(view: &View, scene: &Scene) -> String {
    let mut svg = String::new();
    for movement in &scene.movements {
        let _ = write!(
            svg,
            r#"<path d="{}" fill="{MOVEMENT_COLOR}" fill-opacity="0.16" fill-rule="evenodd" stroke="{MOVEMENT_COLOR}" stroke-width="1.8" stroke-dasharray="1 3.5" stroke-linecap="round"><title>{}</title></path>"#,
            path(view, &movement.patch),
            escaped(&movement.note)
        );
    }
    svg
}

/// Draws the protected objects with what is kept out around them.
pub(super) fn protected(view: &View, scene: &Scene) -> String {
    let mut svg = String::new();
    for object in &scene.protected {
        let _ = write!(
            svg,
            r#"<g><path d="{}" fill="{PROTECTED_COLOR}" fill-opacity="0.07" fill-rule="evenodd" stroke="{PROTECTED_COLOR}" stroke-width="1.1" stroke-dasharray="4 2"/><path d="{}" fill="{PROTECTED_COLOR}" fill-opacity="0.55" fill-rule="evenodd"/><title>{}</title></g>"#,
            path(view, &object.keep_out),
            path(view, &object.patch),
            escaped(&object.note)
        );
    }
    svg
}

/// Draws the operations, the worst verdict on top.
pub(super) fn operations(view: &View, scene: &Scene) -> String {
    let mut svg = String::new();
    for operation in scene.operations.iter().rev() {
        let style = operation.verdict;
        let _ = write!(svg, r#"<g stroke="{}" {}>"#, style.color(), style.outline());
        for patch in &operation.patches {
            let _ = write!(
                svg,
                r#"<path d="{}" fill="url(#{})" fill-rule="evenodd"/>"#,
                path(view, patch),
                style.pattern()
            );
        }
        let _ = write!(svg, "<title>{}</title></g>", escaped(&operation.note));
    }
    svg
}

/// Draws where things meet: black on white, over everything.
pub(super) fn conflicts(view: &View, scene: &Scene) -> String {
    let mut svg = String::new();
    for conflict in &scene.conflicts {
        let data = path(view, &conflict.patch);
        let _ = write!(
            svg,
            r##"<g fill="none" stroke-linejoin="round"><path d="{data}" stroke="#ffffff" stroke-width="4" stroke-opacity="0.85"/><path d="{data}" stroke="{CONFLICT_COLOR}" stroke-width="1.5" fill="#ffd400" fill-opacity="0.22" fill-rule="evenodd"/><title>{}</title></g>"##,
            escaped(&conflict.note)
        );
    }
    svg
}

/// Draws the tracks, each with a dot where it was seen last.
pub(super) fn tracks(view: &View, scene: &Scene) -> String {
    let mut svg = String::new();
    for track in &scene.tracks {
        let line = view.line(&track.places);
        let mut data = String::new();
        for piece in pieces_near(&line, &view.frame.grown(12.0)) {
            append_path(&mut data, &piece, false);
        }
        let _ = write!(
            svg,
            r##"<g fill="none"><path d="{data}" stroke="#fff" stroke-width="3.2" stroke-opacity="0.7"/><path d="{data}" stroke="{TRACK_COLOR}" stroke-width="1.4" stroke-linejoin="round"/>"##
        );
        if let Some([x, y]) = line.last().filter(|end| view.frame.holds(**end)) {
            let _ = write!(
                svg,
                r#"<circle cx="{x:.1}" cy="{y:.1}" r="2.6" fill="{TRACK_COLOR}"/>"#
            );
        }
        let _ = write!(svg, "<title>{}</title></g>", escaped(&track.note));
    }
    svg
}

/// Draws where something was observed, alerts on top.
pub(super) fn marks(view: &View, scene: &Scene) -> String {
    let mut marks: Vec<_> = scene.marks.iter().collect();
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.style));
    let mut svg = String::new();
    for mark in marks {
        let at = view.pixel(mark.at);
        if view.frame.holds(at) {
            let _ = write!(
                svg,
                "<g>{}<title>{}\n{}</title></g>",
                mark_sign(at, mark.style),
                escaped(&mark.title),
                escaped(&mark.summary)
            );
        }
    }
    svg
}

/// Draws the sign of an observation.
pub(super) fn mark_sign([x, y]: Pixel, style: MarkStyle) -> String {
    let triangle = |fill: &str| {
        format!(
            r##"<path d="M{x:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z" fill="{fill}" stroke="{ALERT_COLOR}" stroke-width="1.6" stroke-linejoin="round"/>"##,
            y - 6.5,
            x + 6.0,
            y + 4.5,
            x - 6.0,
            y + 4.5
        )
    };
    match style {
        MarkStyle::Alert => triangle(ALERT_COLOR),
        MarkStyle::PossibleAlert => triangle("#fff"),
        MarkStyle::Observation => format!(
            r##"<circle cx="{x:.1}" cy="{y:.1}" r="3.6" fill="#fff" stroke="{TRACK_COLOR}" stroke-width="1.3"/>"##
        ),
    }
}

/// Draws a sign of the protected objects: a lozenge, nobody's emblem.
pub(super) fn protected_sign([x, y]: Pixel) -> String {
    format!(
        r##"<path d="M{x:.1} {:.1}L{:.1} {y:.1}L{x:.1} {:.1}L{:.1} {y:.1}Z" fill="{PROTECTED_COLOR}" stroke="#fff" stroke-width="1.2"/>"##,
        y - 6.0,
        x + 6.0,
        y + 6.0,
        x - 6.0
    )
}

/// Draws the sign of a verdict.
pub(super) fn verdict_sign([x, y]: Pixel, style: super::style::VerdictStyle) -> String {
    format!(
        r##"<g transform="translate({x:.1} {y:.1})"><circle r="7.4" fill="{}" stroke="#fff" stroke-width="1.3"/><path d="{}" fill="none" stroke="#fff" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round"/></g>"##,
        style.color(),
        style.sign()
    )
}

/// Returns the point of the sheet that stands for a patch: the middle of its largest visible ring.
pub(super) fn anchor(view: &View, patch: &Patch) -> Option<Pixel> {
    view.rings(patch)
        .into_iter()
        .filter_map(|ring| {
            if let &[only] = ring.as_slice() {
                return view.frame.holds(only).then_some((0.0, only));
            }
            let inside = ring_inside(&ring, &view.frame);
            let (area, middle) = area_and_middle(&inside)?;
            Some((area, middle))
        })
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, middle)| middle)
}

/// Returns the patch as SVG path data; a point, or a shape too small to see, as a small ring.
fn path(view: &View, patch: &Patch) -> String {
    let mut data = String::new();
    for ring in view.rings(patch) {
        let spread = ring.iter().fold(0.0_f64, |spread, [x, y]| {
            ring.first().map_or(0.0, |[first_x, first_y]| {
                spread.max((x - first_x).hypot(y - first_y))
            })
        });
        match ring.first() {
            Some([x, y]) if spread < VISIBLE_MIN_PX / 2.0 => {
                let radius = VISIBLE_MIN_PX / 2.0;
                let _ = write!(
                    data,
                    "M{:.1} {y:.1}a{radius} {radius} 0 1 0 {} 0a{radius} {radius} 0 1 0 -{} 0Z",
                    x - radius,
                    2.0 * radius,
                    2.0 * radius
                );
            }
            _ => append_path(
                &mut data,
                &ring_inside(&ring, &view.frame.grown(12.0)),
                true,
            ),
        }
    }
    data
}

/// The area of a ring in square pixels and its centroid; `None` for no ring.
fn area_and_middle(ring: &[Pixel]) -> Option<(f64, Pixel)> {
    let &[origin_x, origin_y] = ring.first()?;
    let (mut doubled, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
    for (from, to) in ring.iter().zip(ring.iter().skip(1).chain(ring.first())) {
        let [ax, ay] = [from[0] - origin_x, from[1] - origin_y];
        let [bx, by] = [to[0] - origin_x, to[1] - origin_y];
        let cross = ax * by - bx * ay;
        doubled += cross;
        sum_x += (ax + bx) * cross;
        sum_y += (ay + by) * cross;
    }
    if doubled.abs() < 1e-6 {
        return Some((0.0, [origin_x, origin_y]));
    }
    Some((
        doubled.abs() / 2.0,
        [
            origin_x + sum_x / (3.0 * doubled),
            origin_y + sum_y / (3.0 * doubled),
        ],
    ))
}
