//! The answer to one operation in words: headline, then every finding with place, height, time and a way out.

use std::fmt::Write as _;

use detente_agreement::{Effect, Verdict};

use super::remedy;
use super::report::{Overlap, Report, ReportedFinding};
use crate::coordinates::{distance, heights, position, stretch};
use crate::palette::{Label, Palette};
use crate::printable::printable;
use crate::prose::wrapped;
use crate::shape::middle;

/// Tells the answer to one operation.
pub(super) fn tell(report: &Report, palette: Palette) -> String {
    let label = match report.verdict {
        Verdict::Prohibited => Label::Prohibited,
        Verdict::ConsentRequired => Label::ConsentRequired,
        Verdict::Clear => Label::Clear,
    };
    let verdict = palette.paint(label, &report.verdict.to_string().to_uppercase());
    let mut text = format!(
        "{verdict}  {}",
        palette.paint(Label::Heading, &report.operation)
    );
    // Writing to a String cannot fail, here and below.
    if !report.consent_required.is_empty() {
        let _ = write!(text, "  of {}", report.consent_required.join(" and "));
    }
    if !report.permitted_by.is_empty() {
        let _ = write!(text, "  by article {}", report.permitted_by.join(", "));
    }
    text.push('\n');
    if let Some(name) = &report.name {
        let _ = writeln!(text, "  {}", wrapped(&printable(name), 2, 2));
    }
    let what = format!(
        "{} by {} of {}, {}",
        report.activity.replace('_', " "),
        report.force,
        report.party,
        stretch(report.starts, report.ends)
    );
    let _ = writeln!(text, "  {}", palette.paint(Label::Detail, &what));
    let obstacles = report.obstacles().count();
    for finding in &report.findings {
        tell_finding(&mut text, finding, palette);
        tell_ways(&mut text, finding, obstacles);
    }
    if obstacles > 1 {
        tell_ways_out(&mut text, &report.remedies);
    }
    text
}

/// What lifts the finding: the way to a clear verdict if it is the only one in the way.
fn tell_ways(text: &mut String, finding: &ReportedFinding, obstacles: usize) {
    let ways = remedy::words(&finding.ways);
    if !ways.is_empty() {
        let word = if obstacles > 1 { "lifts" } else { "clears" };
        let ways = wrapped(&ways.join("; or "), 12, 12);
        let _ = writeln!(text, "    {word:<8}{ways}");
    }
}

/// What lifts every finding at once.
fn tell_ways_out(text: &mut String, remedies: &[String]) {
    let ways = if remedies.is_empty() {
        "no single change is known to lift every finding".to_owned()
    } else {
        remedies.join("; or ")
    };
    let _ = writeln!(text, "  clears all  {}", wrapped(&ways, 14, 14));
}

fn tell_finding(text: &mut String, finding: &ReportedFinding, palette: Palette) {
    let (word, label) = match finding.effect {
        Effect::Forbid => ("forbids", Label::Prohibited),
        Effect::Consent => ("consent", Label::ConsentRequired),
        Effect::Warn => ("note", Label::Warning),
    };
    let message = wrapped(&printable(&finding.message), word.len() + 4, 4);
    let word = palette.paint(label, word);
    let _ = writeln!(text, "  {word}: {message}");
    let named = finding.with.as_ref().zip(finding.with_name.as_ref());
    if let Some((with, name)) = named {
        let with = format!("{with}: {}", printable(name));
        let _ = writeln!(text, "    with    {}", wrapped(&with, 12, 12));
    }
    if let Some(overlap) = finding
        .overlap
        .as_ref()
        .filter(|_| finding.effect != Effect::Warn)
    {
        tell_overlap(text, overlap, finding.separation_m);
    }
}

fn tell_overlap(text: &mut String, overlap: &Overlap, separation_m: Option<f64>) {
    if let Some([longitude_deg, latitude_deg]) = overlap.outlines.iter().find_map(middle) {
        let away = separation_m
            .filter(|separation_m| *separation_m > 0.0)
            .map_or_else(String::new, |separation_m| {
                format!(", {} away", distance(separation_m))
            });
        let _ = writeln!(
            text,
            "    where   around {}{away}",
            position(longitude_deg, latitude_deg)
        );
    }
    let _ = writeln!(
        text,
        "    height  {} above the ellipsoid",
        heights(overlap.lower_m, overlap.upper_m)
    );
    for widened in &overlap.widened {
        let _ = writeln!(text, "            {}", wrapped(widened, 12, 14));
    }
    let _ = writeln!(text, "    when    {}", stretch(overlap.start, overlap.end));
}
