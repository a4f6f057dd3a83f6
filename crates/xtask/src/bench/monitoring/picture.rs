//! The cost of a segment against the number of zones and against their density, as a picture.

use super::{CROWD_ZONES, Size, measure::Figures};
use std::fmt::Write;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 420.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 60.0;
/// Left and right of the two panels.
const PANELS: [(f64, f64); 2] = [(80.0, 470.0), (600.0, 800.0)];
/// Decades of processor nanoseconds a segment, from 10 ns to 1 ms.
const NANOSECONDS: (i32, i32) = (1, 6);
const OURS: (&str, &str) = ("detente", "#0b5fa5");
const SHAPELY: (&str, &str) = ("shapely", "#b34700");
const SINGLE: (&str, &str) = ("PostGIS, one by one", "#5b7f1f");
const JOIN: (&str, &str) = ("PostGIS, one join", "#7a3fa0");

/// Draws both panels on one scale of cost.
pub(super) fn draw(all: &[Size], crowds: &[(f64, Figures)]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>Processor time of a segment against the number and the density of zones</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{}\" y=\"28\" font-size=\"16\">Segments of tracks against zones: processor time of a segment</text>\n",
        PANELS[0].0
    );
    for decade in NANOSECONDS.0..=NANOSECONDS.1 {
        let (y, label) = (vertical(10_f64.powi(decade)), named(decade));
        for (left, right) in PANELS {
            let _ = writeln!(
                svg,
                "<path d=\"M{left} {y:.1}H{right}\" stroke=\"#dddddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                left - 8.0,
                y + 4.0
            );
        }
    }
    let logs = || all.iter().map(|one| f64::from(one.zones).log10());
    let low = logs().fold(f64::INFINITY, f64::min).floor();
    let high = logs()
        .fold(f64::NEG_INFINITY, f64::max)
        .ceil()
        .max(low + 1.0);
    let across = |zones: u32| share(PANELS[0], (f64::from(zones).log10() - low) / (high - low));
    for decade in low as i32..=high as i32 {
        let x = share(PANELS[0], (f64::from(decade) - low) / (high - low));
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">10<tspan dy=\"-5\" font-size=\"10\">{decade}</tspan></text>",
            HEIGHT - BOTTOM + 22.0
        );
    }
    caption(&mut svg, PANELS[0], "zones");
    let line = |cost: &dyn Fn(&Size) -> Option<f64>| -> Vec<(f64, f64)> {
        all.iter()
            .filter_map(|one| Some((across(one.zones), 1e9 / cost(one)?)))
            .collect()
    };
    draw_line(&mut svg, &line(&|one| Some(one.ours.per_cpu_second)), OURS);
    draw_line(
        &mut svg,
        &line(&|one| Some(one.shapely.as_ref()?.per_cpu_second)),
        SHAPELY,
    );
    draw_line(
        &mut svg,
        &line(&|one| Some(one.postgis.as_ref()?.single_per_cpu_second)),
        SINGLE,
    );
    draw_line(
        &mut svg,
        &line(&|one| Some(one.postgis.as_ref()?.join_per_cpu_second)),
        JOIN,
    );
    caption(
        &mut svg,
        PANELS[1],
        &format!("share around 200 hubs, {CROWD_ZONES} zones"),
    );
    let crowded: Vec<(f64, f64)> = crowds
        .iter()
        .map(|(around, figures)| (share(PANELS[1], *around), 1e9 / figures.per_cpu_second))
        .collect();
    for (around, _) in crowds {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.0} %</text>",
            share(PANELS[1], *around),
            HEIGHT - BOTTOM + 22.0,
            around * 100.0
        );
    }
    draw_line(&mut svg, &crowded, OURS);
    svg.push_str("</svg>\n");
    svg
}

fn caption(svg: &mut String, (left, right): (f64, f64), text: &str) {
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>",
        (left + right) / 2.0,
        HEIGHT - 14.0
    );
}

/// A line through points given by place across and nanoseconds.
fn draw_line(svg: &mut String, points: &[(f64, f64)], (name, colour): (&str, &str)) {
    let path: Vec<String> = points
        .iter()
        .map(|(x, ns)| format!("{x:.1} {:.1}", vertical(*ns)))
        .collect();
    let Some((x, ns)) = points.last() else { return };
    let _ = writeln!(
        svg,
        "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>",
        path.join("L"),
        x + 10.0,
        vertical(*ns) + 4.0
    );
    for (x, ns) in points {
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"{colour}\"><title>{ns:.0} ns</title></circle>",
            vertical(*ns)
        );
    }
}

fn named(decade: i32) -> String {
    match decade {
        ..3 => format!("{} ns", 10_f64.powi(decade)),
        3..6 => format!("{} µs", 10_f64.powi(decade - 3)),
        _ => format!("{} ms", 10_f64.powi(decade - 6)),
    }
}

fn share((left, right): (f64, f64), share: f64) -> f64 {
    left + share * (right - left)
}

fn vertical(ns: f64) -> f64 {
    let (low, high) = (f64::from(NANOSECONDS.0), f64::from(NANOSECONDS.1));
    let share = (ns.log10().clamp(low, high) - low) / (high - low);
    HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
}
