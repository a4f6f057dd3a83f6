//! Sea, land, borders and the names of countries.

use std::fmt::Write as _;

use super::basemap::{Basemap, Country};
use super::clip::{Pixel, Rect, append_path, pieces_near, ring_inside};
use super::projection::{LonLat, fold};
use super::text::{escaped, width_px};
use super::view::View;

/// The base map follows parallels, as its source does: longer steps get points in between.
const STEP_MAX_DEG: f64 = 0.5;
/// A country is named where its name fits with this much room, in pixels.
const NAME_ROOM_PX: f64 = 22.0;
/// Names keep this far from the sides of the frame, where the graticule is labelled, in pixels.
const NAME_MARGIN_PX: f64 = 40.0;
/// The size of country names, in pixels.
const NAME_SIZE_PX: f64 = 13.0;

/// Draws the ground of the view.
pub(super) fn draw(view: &View, basemap: &Basemap) -> String {
    let frame = view.frame;
    let mut svg = format!(
        r##"<rect x="{}" y="{}" width="{}" height="{}" fill="#dce8ef"/>"##,
        frame.left,
        frame.top,
        frame.right - frame.left,
        frame.bottom - frame.top
    );
    let mut names = String::new();
    let mut land = String::new();
    for country in basemap.countries() {
        let rings = visible_rings(view, basemap, country);
        for ring in &rings {
            append_path(&mut land, ring, true);
        }
        names.push_str(&name(view, country, &rings));
    }
    let _ = write!(
        svg,
        r##"<path d="{land}" fill="#f8f6ef" fill-rule="evenodd" stroke="none"/>"##
    );
    let (mut coasts, mut borders) = (String::new(), String::new());
    let reach_km = view.reach_km() * 1.05;
    for line in basemap.lines() {
        if !line
            .points
            .iter()
            .any(|&place| view.distance_km(place) < reach_km + 200.0)
        {
            continue;
        }
        let data = if line.is_border() {
            &mut borders
        } else {
            &mut coasts
        };
        for drawn in line.points.split_inclusive(|&place| is_at_cut(place)) {
            let pixels: Vec<Pixel> = along_parallels(drawn)
                .into_iter()
                .map(|place| view.pixel(place))
                .collect();
            for piece in pieces_near(&pixels, &frame.grown(4.0)) {
                append_path(data, &piece, false);
            }
        }
    }
    let _ = write!(
        svg,
        r##"<path d="{coasts}" fill="none" stroke="#8aa9ba" stroke-width="0.9"/>"##
    );
    let _ = write!(
        svg,
        r##"<path d="{borders}" fill="none" stroke="#a79fb0" stroke-width="1.3" stroke-dasharray="7 2.5 1.5 2.5"/>"##
    );
    svg.push_str(&names);
    svg
}

/// Whether the place lies where the source is cut open; lines along the cut are nobody's coast.
fn is_at_cut([longitude, latitude]: LonLat) -> bool {
    longitude.abs() > 179.995 || latitude < -89.9
}

/// Returns a country's rings where they fall into the frame.
fn visible_rings(view: &View, basemap: &Basemap, country: &Country) -> Vec<Vec<Pixel>> {
    let near_km = view.reach_km();
    let mut visible = Vec::new();
    for ring in basemap.rings(country) {
        // A ring wholly beyond a quarter of the way around cannot hold the view, and around the
        // antipode the plane turns inside out.
        if !ring
            .iter()
            .any(|&place| view.distance_km(place) < near_km.max(QUARTER_KM))
        {
            continue;
        }
        let mut closed = ring;
        closed.extend(closed.first().copied());
        let pixels: Vec<Pixel> = along_parallels(&closed)
            .into_iter()
            .map(|place| view.pixel(place))
            .collect();
        let inside = ring_inside(&pixels, &view.frame.grown(4.0));
        if inside.len() > 2 {
            visible.push(inside);
        }
    }
    visible
}

/// A quarter of the way around the Earth, in kilometres.
const QUARTER_KM: f64 = 10_000.0;

/// Returns the line with points added where a step is long.
fn along_parallels(line: &[LonLat]) -> Vec<LonLat> {
    let mut dense = Vec::with_capacity(line.len());
    for pair in line.windows(2) {
        let &[[ax, ay], [bx, by]] = pair else {
            continue;
        };
        // The source is cut open at the antimeridian: a step goes the short way around.
        let (step_x, step_y) = (fold(bx - ax), by - ay);
        let pieces = (step_x.abs().max(step_y.abs()) / STEP_MAX_DEG)
            .ceil()
            .clamp(1.0, 720.0);
        let mut piece = 0.0;
        while piece < pieces {
            let fraction = piece / pieces;
            dense.push([ax + step_x * fraction, ay + step_y * fraction]);
            piece += 1.0;
        }
    }
    dense.extend(line.last());
    dense
}

/// Names a country at its roomiest visible place; nothing where the name would not fit.
fn name(view: &View, country: &Country, rings: &[Vec<Pixel>]) -> String {
    if rings.is_empty() {
        return String::new();
    }
    let words = country.name.to_uppercase();
    let half_width = width_px(&words, NAME_SIZE_PX) * 0.62;
    let mut best: Option<(f64, Pixel)> = None;
    let frame = view.frame.grown(-12.0);
    let mut y = frame.top + NAME_ROOM_PX;
    while y < frame.bottom {
        let mut x = frame.left + half_width + NAME_MARGIN_PX;
        while x < frame.right - half_width - NAME_MARGIN_PX {
            let ends = [[x - half_width, y], [x, y], [x + half_width, y]];
            if ends.iter().all(|&end| holds(rings, end)) {
                let room = room(rings, &frame, [x, y], half_width);
                if room > best.map_or(NAME_ROOM_PX, |(room, _)| room) {
                    best = Some((room, [x, y]));
                }
            }
            x += 26.0;
        }
        y += 26.0;
    }
    best.map_or_else(String::new, |(_, [x, y])| {
        format!(
            r##"<text x="{x:.0}" y="{y:.0}" class="country" text-anchor="middle">{}</text>"##,
            escaped(&words)
        )
    })
}

/// Whether the rings hold the point, by the even-odd rule.
fn holds(rings: &[Vec<Pixel>], [x, y]: Pixel) -> bool {
    let mut inside = false;
    for ring in rings {
        let mut before = ring.last().copied();
        for &[bx, by] in ring {
            if let Some([ax, ay]) = before
                && (ay > y) != (by > y)
                && x < ax + (bx - ax) * (y - ay) / (by - ay)
            {
                inside = !inside;
            }
            before = Some([bx, by]);
        }
    }
    inside
}

/// How far a name at the point stays from every edge, in pixels.
fn room(rings: &[Vec<Pixel>], frame: &Rect, [x, y]: Pixel, half_width: f64) -> f64 {
    let mut least = (y - frame.top).min(frame.bottom - y);
    for &[px, py] in rings.iter().flatten() {
        let beside = ((px - x).abs() - half_width).max(0.0);
        least = least.min(beside.hypot(py - y));
    }
    least
}
