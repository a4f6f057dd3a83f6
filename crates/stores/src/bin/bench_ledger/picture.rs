//! Cost against size, both axes logarithmic.

use super::{Row, Size};

/// Pixels of a factor of ten.
const DECADE_WIDTH: f64 = 120.0;
const DECADE_HEIGHT: f64 = 70.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 60.0;

/// A chart of curves over the same sizes.
pub(crate) struct Chart {
    title: &'static str,
    sizes: Vec<f64>,
    curves: Vec<Curve>,
}

struct Curve {
    name: &'static str,
    colour: &'static str,
    values: Vec<f64>,
}

/// Draws a durable commit beside the raw write and sync, by entries in it.
pub(crate) fn commits(rows: &[Row]) -> Chart {
    Chart {
        title: "Milliseconds (median) of a durable commit, by entries in it",
        sizes: rows.iter().map(|row| row.batch as f64).collect(),
        curves: vec![
            Curve {
                name: "ledger",
                colour: "#0b6e99",
                values: rows.iter().map(|row| row.commit_ms).collect(),
            },
            Curve {
                name: "raw write and fdatasync",
                colour: "#b35900",
                values: rows.iter().map(|row| row.raw_ms).collect(),
            },
        ],
    }
}

/// Draws what reading costs, by entries in the ledger.
pub(crate) fn sizes(sizes: &[Size]) -> Chart {
    let microseconds = |size: &Size| size.verify_s / size.entries as f64 * 1e6;
    Chart {
        title: "CPU microseconds, by entries in the ledger",
        sizes: sizes.iter().map(|size| size.entries as f64).collect(),
        curves: vec![
            Curve {
                name: "verify, an entry",
                colour: "#0b6e99",
                values: sizes.iter().map(microseconds).collect(),
            },
            Curve {
                name: "make a proof",
                colour: "#b35900",
                values: sizes.iter().map(|size| size.proof_us).collect(),
            },
            Curve {
                name: "verify evidence",
                colour: "#4d7c2a",
                values: sizes.iter().map(|size| size.evidence_us).collect(),
            },
        ],
    }
}

impl Chart {
    /// Returns the chart as SVG.
    pub(crate) fn draw(&self) -> String {
        let values = self.curves.iter().flat_map(|curve| &curve.values);
        let (low, high) = decades(values);
        let (first, last) = decades(&self.sizes);
        let x = |size: f64| LEFT + (size.log10() - f64::from(first)) * DECADE_WIDTH;
        let y = |value: f64| TOP + (f64::from(high) - value.log10()) * DECADE_HEIGHT;
        let (right, bottom) = (x(10_f64.powi(last)), y(10_f64.powi(low)));
        let mut body = String::new();
        for decade in low..=high {
            let value = 10_f64.powi(decade);
            let at = y(value);
            body.push_str(&format!(
                "<line x1=\"{LEFT}\" x2=\"{right:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>\
                 <text x=\"62\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>\n",
                at + 4.0
            ));
        }
        for size in &self.sizes {
            body.push_str(&format!(
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{size}</text>\n",
                x(*size),
                bottom + 18.0
            ));
        }
        for (place, curve) in self.curves.iter().enumerate() {
            let points: Vec<String> = self
                .sizes
                .iter()
                .zip(&curve.values)
                .map(|(size, value)| format!("{:.1},{:.1}", x(*size), y(*value)))
                .collect();
            body.push_str(&format!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\
                 <text x=\"{:.1}\" y=\"40\" fill=\"{colour}\">{}</text>\n",
                points.join(" "),
                LEFT + place as f64 * 130.0,
                curve.name,
                colour = curve.colour
            ));
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0} {:.0}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
             <text x=\"{LEFT}\" y=\"20\">{}</text>\n{body}</svg>\n",
            right + 40.0,
            bottom + 30.0,
            self.title
        )
    }
}

/// The powers of ten around all values.
fn decades<'a>(values: impl IntoIterator<Item = &'a f64>) -> (i32, i32) {
    let mut range = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        range = (range.0.min(value.log10()), range.1.max(value.log10()));
    }
    (range.0.floor() as i32, range.1.ceil() as i32)
}
