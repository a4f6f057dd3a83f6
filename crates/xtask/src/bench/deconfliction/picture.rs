//! The cost of a question against the number of volumes, as a picture.

use super::Figures;
use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 130.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 60.0;
/// Decades of processor microseconds a question, from 0.1 µs to 10 ms.
const MICROSECONDS: (i32, i32) = (-1, 4);
const OURS: (&str, &str) = ("detente", "#0b5fa5");
const PEER: (&str, &str) = ("PostGIS", "#b34700");

/// Draws both axes by decades.
pub(super) fn draw(all: &[Figures]) -> String {
    let decades = decades(all);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>Processor time of a question against the number of volumes</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"28\" font-size=\"16\">One operation against many: processor time of a question</text>\n"
    );
    for decade in MICROSECONDS.0..=MICROSECONDS.1 {
        let y = vertical(10_f64.powi(decade));
        let label = if decade < 3 {
            format!("{} µs", 10_f64.powi(decade))
        } else {
            format!("{} ms", 10_f64.powi(decade - 3))
        };
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"#dddddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            y + 4.0
        );
    }
    for decade in decades.0..=decades.1 {
        let x = horizontal(10_f64.powi(decade), decades);
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">10<tspan dy=\"-5\" font-size=\"10\">{decade}</tspan></text>",
            HEIGHT - BOTTOM + 22.0
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">volumes</text>",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 14.0
    );
    let ours: Vec<(f64, f64)> = all
        .iter()
        .map(|one| (f64::from(one.size), 1e6 / one.ours.per_cpu_second))
        .collect();
    let peer: Vec<(f64, f64)> = all
        .iter()
        .filter_map(|one| Some((f64::from(one.size), 1e6 / one.peer.as_ref()?.per_cpu_second)))
        .collect();
    line(&mut svg, &ours, OURS, decades);
    line(&mut svg, &peer, PEER, decades);
    svg.push_str("</svg>\n");
    svg
}

fn line(
    svg: &mut String,
    points: &[(f64, f64)],
    (name, colour): (&str, &str),
    decades: (i32, i32),
) {
    let places: Vec<(f64, f64)> = points
        .iter()
        .map(|(size, us)| (horizontal(*size, decades), vertical(*us)))
        .collect();
    let path: Vec<String> = places
        .iter()
        .map(|(x, y)| format!("{x:.1} {y:.1}"))
        .collect();
    if let Some((x, y)) = places.last() {
        let _ = writeln!(
            svg,
            "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join("L")
        );
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>",
            x + 10.0,
            y + 4.0
        );
    }
    for ((x, y), (_, us)) in places.iter().zip(points) {
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"><title>{us:.2} µs</title></circle>"
        );
    }
}

/// The decades around the sizes measured, at least one.
fn decades(all: &[Figures]) -> (i32, i32) {
    let logs = || all.iter().map(|one| f64::from(one.size).log10());
    let low = logs().fold(f64::INFINITY, f64::min).floor() as i32;
    let high = logs().fold(f64::NEG_INFINITY, f64::max).ceil() as i32;
    (low, high.max(low + 1))
}

fn horizontal(size: f64, decades: (i32, i32)) -> f64 {
    let share = (size.log10() - f64::from(decades.0)) / f64::from(decades.1 - decades.0);
    LEFT + share * (WIDTH - LEFT - RIGHT)
}

fn vertical(us: f64) -> f64 {
    let (low, high) = (f64::from(MICROSECONDS.0), f64::from(MICROSECONDS.1));
    let share = (us.log10().clamp(low, high) - low) / (high - low);
    HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
}
