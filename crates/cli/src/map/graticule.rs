//! Meridians and parallels, the scale bar and north.

use std::fmt::Write as _;

use super::clip::{Pixel, append_path, pieces_near};
use super::projection::{LonLat, fold};
use super::view::View;

/// The steps between lines, in degrees.
const STEPS_DEG: [f64; 12] = [
    1.0 / 60.0,
    2.0 / 60.0,
    5.0 / 60.0,
    10.0 / 60.0,
    0.25,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
];
/// Lines closer than this are too many, in pixels.
const SPACING_MIN_PX: f64 = 105.0;
/// Labels nearer to one another than this run together, in pixels.
const LABEL_SPACING_PX: f64 = 48.0;
/// Kilometres in a nautical mile.
const NAUTICAL_MILE_KM: f64 = 1.852;
/// Kilometres in a degree of latitude, near enough to choose a step.
const DEGREE_KM: f64 = 111.2;

/// Draws the lines, and their labels along the left and lower edge.
pub(super) fn draw(view: &View) -> String {
    let (west, east, south, north) = bounds(view);
    let middle_latitude: f64 = f64::midpoint(south, north);
    let parallel_step = step(view, 1.0);
    let meridian_step = step(view, middle_latitude.to_radians().cos().max(0.05));
    let mut lines = Lines {
        view,
        path: String::new(),
        labels: String::new(),
        last: None,
    };
    for latitude in multiples(parallel_step, south.max(-89.0), north.min(89.0)) {
        let line = samples(west, east).map(|longitude| [longitude, latitude]);
        lines.add(
            line,
            Edge::Left,
            &degrees(latitude, parallel_step, ["S", "N"]),
        );
    }
    for longitude in multiples(meridian_step, west, east) {
        let line = samples(south.max(-89.5), north.min(89.5)).map(|latitude| [longitude, latitude]);
        lines.add(
            line,
            Edge::Bottom,
            &degrees(fold(longitude), meridian_step, ["W", "E"]),
        );
    }
    format!(
        r##"<path d="{}" fill="none" stroke="#6f8796" stroke-opacity="0.35" stroke-width="0.6"/>{}"##,
        lines.path, lines.labels
    )
}

/// Draws the scale bar in the lower left corner and north in the upper right.
pub(super) fn furniture(view: &View) -> String {
    let frame = view.frame;
    let (left, base) = (frame.left + 46.0, frame.bottom - 44.0);
    let mut svg = String::from(r#"<g class="scale">"#);
    let _ = write!(
        svg,
        r##"<rect x="{:.0}" y="{:.0}" width="244" height="50" fill="#ffffff" fill-opacity="0.82" rx="3"/>"##,
        left - 12.0,
        base - 20.0
    );
    for (row, unit_km, unit) in [(0.0, 1.0, "km"), (1.0, NAUTICAL_MILE_KM, "NM")] {
        let (length, amount) = round_length(170.0 / view.pixels_per_km / unit_km);
        let width = length * unit_km * view.pixels_per_km;
        let y = base + row * 20.0;
        let _ = write!(
            svg,
            r##"<path d="M{left:.1} {:.1}V{y:.1}H{:.1}V{:.1}M{:.1} {:.1}V{y:.1}" fill="none" stroke="#222" stroke-width="1.3"/><text x="{:.1}" y="{:.1}">{amount} {unit}</text>"##,
            y - 6.0,
            left + width,
            y - 6.0,
            left + width / 2.0,
            y - 4.0,
            left + width + 6.0,
            y + 1.0
        );
    }
    svg.push_str("</g>");
    if view.place(frame.middle())[1].abs() + view.reach_km() / DEGREE_KM > 88.0 {
        // Around a pole north is not one direction.
        return svg;
    }
    let (x, y) = (frame.right - 26.0, frame.top + 40.0);
    let here = view.place([x, y]);
    let toward = view.pixel([here[0], (here[1] + 0.01).min(90.0)]);
    let turn = (toward[0] - x).atan2(y - toward[1]).to_degrees();
    let _ = write!(
        svg,
        r##"<g transform="translate({x:.1} {y:.1}) rotate({turn:.1})" class="north"><path d="M0 -22L7 6L0 0L-7 6Z" fill="#333" stroke="#fff" stroke-width="0.8"/><text x="0" y="20" text-anchor="middle">N</text></g>"##
    );
    svg
}

/// Where a line's label stands.
#[derive(Clone, Copy)]
enum Edge {
    Left,
    Bottom,
}

/// The lines drawn so far.
struct Lines<'a> {
    view: &'a View,
    path: String,
    labels: String,
    /// Where the last label stands.
    last: Option<Pixel>,
}

impl Lines<'_> {
    /// Adds a line, and its label where it crosses the edge, unless the label before is too near.
    fn add(&mut self, line: impl Iterator<Item = LonLat>, edge: Edge, name: &str) {
        let pixels: Vec<Pixel> = line.map(|place| self.view.pixel(place)).collect();
        for piece in pieces_near(&pixels, &self.view.frame) {
            append_path(&mut self.path, &piece, false);
        }
        let Some([x, y]) = pixels.windows(2).find_map(|pair| self.crossing(pair, edge)) else {
            return;
        };
        if self
            .last
            .is_some_and(|[last_x, last_y]| (last_x - x).hypot(last_y - y) < LABEL_SPACING_PX)
        {
            return;
        }
        let (x, y) = match edge {
            Edge::Left => (x + 4.0, y - 3.0),
            Edge::Bottom => (x + 3.0, y - 5.0),
        };
        let _ = write!(
            self.labels,
            r#"<text x="{x:.0}" y="{y:.0}" class="graticule">{name}</text>"#
        );
        self.last = Some([x, y]);
    }

    /// Where a piece of line crosses the edge, if a label has room there.
    fn crossing(&self, piece: &[Pixel], edge: Edge) -> Option<Pixel> {
        let &[[ax, ay], [bx, by]] = piece else {
            return None;
        };
        let frame = self.view.frame;
        let (from, to, bound) = match edge {
            Edge::Left => (ax, bx, frame.left),
            Edge::Bottom => (ay, by, frame.bottom),
        };
        if (from < bound) == (to < bound) {
            return None;
        }
        let fraction = (bound - from) / (to - from);
        let (x, y) = (ax + (bx - ax) * fraction, ay + (by - ay) * fraction);
        let has_room = match edge {
            Edge::Left => y > frame.top + 10.0 && y < frame.bottom - 70.0,
            Edge::Bottom => x > frame.left + 20.0 && x < frame.right - 40.0,
        };
        has_room.then_some([x, y])
    }
}

/// The view's extent: west, east (may pass 180), south, north.
fn bounds(view: &View) -> (f64, f64, f64, f64) {
    let frame = view.frame;
    let center = view.place(frame.middle());
    let (mut west, mut east, mut south, mut north) = (0.0_f64, 0.0_f64, center[1], center[1]);
    let steps = 24;
    for i in 0..=steps {
        for j in 0..=steps {
            let x = frame.left + (frame.right - frame.left) * f64::from(i) / f64::from(steps);
            let y = frame.top + (frame.bottom - frame.top) * f64::from(j) / f64::from(steps);
            let [longitude, latitude] = view.place([x, y]);
            let offset = fold(longitude - center[0]);
            (west, east) = (west.min(offset), east.max(offset));
            (south, north) = (south.min(latitude), north.max(latitude));
        }
    }
    (center[0] + west, center[0] + east, south, north)
}

/// The smallest step whose lines stand far enough apart.
fn step(view: &View, shrink: f64) -> f64 {
    let spacing = |step: f64| step * DEGREE_KM * shrink * view.pixels_per_km;
    STEPS_DEG
        .into_iter()
        .find(|&step| spacing(step) >= SPACING_MIN_PX)
        .unwrap_or(30.0)
}

/// The multiples of `step` between two bounds.
fn multiples(step: f64, from: f64, to: f64) -> impl Iterator<Item = f64> {
    let mut index = (from / step).ceil();
    std::iter::from_fn(move || {
        let value = index * step;
        index += 1.0;
        (value <= to).then_some(value)
    })
}

/// Points along a line of the graticule.
fn samples(from: f64, to: f64) -> impl Iterator<Item = f64> {
    (0..=64).map(move |index| from + (to - from) * f64::from(index) / 64.0)
}

/// Writes degrees and minutes, as charts do.
fn degrees(value: f64, step: f64, [negative, positive]: [&str; 2]) -> String {
    let minutes = (value.abs() * 60.0).round();
    let (whole, rest) = ((minutes / 60.0).floor(), minutes % 60.0);
    let side = if minutes == 0.0 || minutes == 180.0 * 60.0 {
        ""
    } else if value < 0.0 {
        negative
    } else {
        positive
    };
    if step < 1.0 {
        format!("{whole}°{rest:02}′{side}")
    } else {
        format!("{whole}°{side}")
    }
}

/// The roundest length up to `most`, and how it is written.
fn round_length(most: f64) -> (f64, String) {
    let power = 10_f64.powf(most.max(1e-3).log10().floor());
    let length = [5.0, 2.0, 1.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|&length| length <= most)
        .unwrap_or(power);
    (
        length,
        if length < 1.0 {
            format!("{length:.1}")
        } else {
            format!("{length:.0}")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_written_as_on_charts() {
        assert_eq!(degrees(36.25, 0.25, ["S", "N"]), "36°15′N");
        assert_eq!(degrees(-0.5, 0.5, ["W", "E"]), "0°30′W");
        assert_eq!(degrees(-180.0, 10.0, ["W", "E"]), "180°");
        assert_eq!(degrees(0.0, 10.0, ["W", "E"]), "0°");
    }

    #[test]
    fn the_scale_bar_has_a_round_length() {
        assert_eq!(round_length(73.0), (50.0, "50".to_owned()));
        assert_eq!(round_length(0.34), (0.2, "0.2".to_owned()));
    }
}
