//! Bars: what is shown stands as numbers beside them, so that a chart is never the only place of a figure.

use std::fmt::Write as _;

/// One bar.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// What it is about.
    pub(crate) label: String,
    /// How long it is.
    pub(crate) value: u64,
    /// The same for the period before, drawn as a line; none where there is nothing to compare with.
    pub(crate) before: Option<u64>,
}

/// Width of a chart, in its own units.
const WIDTH: u64 = 640;
/// Height of a row.
const ROW: u64 = 28;
/// Where bars begin.
const LEFT: u64 = 220;
/// What stays free at the right, for numbers.
const RIGHT: u64 = 60;

/// Draws horizontal bars as SVG with a title and a description that says every figure.
///
/// `most` is the value of a whole row; the largest value counts where it is larger.
pub(crate) fn bars(title: &str, bars: &[Bar], most: u64) -> String {
    let largest = bars
        .iter()
        .map(|bar| bar.value.max(bar.before.unwrap_or(0)));
    let most = largest.chain([most, 1]).max().unwrap_or(1);
    let height = ROW * bars.len() as u64 + 8;
    let said: Vec<String> = bars
        .iter()
        .map(|bar| format!("{}: {}", bar.label, bar.value))
        .collect();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" direction=\"ltr\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n<title>{}</title>\n<desc>{}</desc>\n",
        escape(title),
        escape(&said.join("; "))
    );
    let length = |value: u64| (WIDTH - LEFT - RIGHT) * value / most;
    for (number, bar) in (0..).zip(bars) {
        let top = 4 + ROW * number;
        let middle = top + 17;
        // Writing to a String cannot fail.
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\" fill=\"#222\">{}</text>\
             <rect x=\"{LEFT}\" y=\"{}\" width=\"{}\" height=\"18\" fill=\"#2b5c8a\"/>\
             <text x=\"{}\" y=\"{middle}\" fill=\"#222\">{}</text>",
            LEFT - 8,
            escape(&bar.label),
            top + 3,
            length(bar.value),
            LEFT + length(bar.value) + 6,
            bar.value
        );
        if let Some(before) = bar.before {
            let x = LEFT + length(before);
            let _ = writeln!(
                svg,
                "<line x1=\"{x}\" x2=\"{x}\" y1=\"{top}\" y2=\"{}\" stroke=\"#b3541e\" stroke-width=\"2\"/>",
                top + 24
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Writes text so that it is text in HTML and SVG.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_says_every_figure_and_stays_inside() {
        let bar = |label: &str, value, before| Bar {
            label: label.to_owned(),
            value,
            before,
        };
        let svg = bars(
            "Quiet <hours>",
            &[bar("a", 24, Some(30)), bar("b", 0, None)],
            24,
        );
        assert!(svg.contains("<title>Quiet &lt;hours&gt;</title>"));
        assert!(svg.contains("<desc>a: 24; b: 0</desc>"));
        assert!(svg.contains("x1=\"580\""), "{svg}");
    }
}
