//! Counters in the Prometheus text format, version 0.0.4.
//!
//! Names carry no user, no subject and no content: whoever reads metrics learns how much, not what.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the request durations, in seconds.
const BOUNDS_S: [f64; 8] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0];

/// What was counted since the start.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<BTreeMap<(&'static str, &'static str, u16), Series>>);

#[derive(Clone, Copy, Debug, Default)]
struct Series {
    buckets: [u64; BOUNDS_S.len()],
    count: u64,
    sum_s: f64,
}

/// A number that is read when somebody asks.
#[derive(Clone, Debug)]
pub struct Gauge {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub help: &'static str,
    /// Its label and value, where it has one.
    pub label: Option<(&'static str, String)>,
    /// The number.
    pub value: f64,
}

impl Metrics {
    /// Counts a request by its route, never by its path.
    pub fn request(&self, method: &'static str, route: &'static str, status: u16, took: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let series = all.entry((method, route, status)).or_default();
        let took_s = took.as_secs_f64();
        for (bucket, bound_s) in series.buckets.iter_mut().zip(BOUNDS_S) {
            *bucket += u64::from(took_s <= bound_s);
        }
        series.count += 1;
        series.sum_s += took_s;
    }

    /// Writes everything.
    pub fn to_text(&self, gauges: &[Gauge]) -> String {
        let mut text = String::from(
            "# HELP detente_http_request_seconds How long requests took.\n\
             # TYPE detente_http_request_seconds histogram\n",
        );
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for ((method, route, status), series) in all.iter() {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            for (count, bound_s) in series.buckets.iter().zip(BOUNDS_S) {
                // Writing to a String cannot fail.
                let _ = writeln!(
                    text,
                    "detente_http_request_seconds_bucket{{{labels},le=\"{bound_s}\"}} {count}"
                );
            }
            let Series { count, sum_s, .. } = series;
            let _ = writeln!(
                text,
                "detente_http_request_seconds_bucket{{{labels},le=\"+Inf\"}} {count}\n\
                 detente_http_request_seconds_sum{{{labels}}} {sum_s}\n\
                 detente_http_request_seconds_count{{{labels}}} {count}"
            );
        }
        drop(all);
        let mut named = "";
        for gauge in gauges {
            if gauge.name != named {
                named = gauge.name;
                let _ = writeln!(text, "# HELP {named} {}\n# TYPE {named} gauge", gauge.help);
            }
            let label = gauge
                .label
                .as_ref()
                .map_or_else(String::new, |(name, value)| {
                    format!("{{{name}=\"{}\"}}", value.replace(['\\', '"', '\n'], "_"))
                });
            let _ = writeln!(text, "{named}{label} {}", gauge.value);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_one_help_line_a_name_and_cumulative_buckets() {
        let metrics = Metrics::default();
        metrics.request("GET", "/api/v1/operations", 200, Duration::from_millis(3));
        let gauge = |origin: &str, value| Gauge {
            name: "detente_ledger_entries",
            help: "Entries held.",
            label: Some(("origin", origin.to_owned())),
            value,
        };
        insta::assert_snapshot!(metrics.to_text(&[gauge("ru.example", 2.0), gauge("us\"", 3.0)]));
    }
}
