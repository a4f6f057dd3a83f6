//! Numbers and times as every `--json` writes them.

use detente_spacetime::{Instant, Span, Window};

/// The end of a window that has none: until further notice.
pub(crate) const UNTIL_FURTHER_NOTICE: &str = "UFN";

/// Returns metres rounded to a tenth of a millimetre, finer than any answer is exact.
pub(crate) fn metres(metres: f64) -> f64 {
    // Adding zero turns a negative zero into zero.
    (metres * 1e4).round() / 1e4 + 0.0
}

/// Returns metres as [`metres`] does; `None` for no limit, which JSON cannot write as a number.
pub(crate) fn finite(value_m: f64) -> Option<f64> {
    value_m.is_finite().then(|| metres(value_m))
}

/// Returns a span in seconds.
pub(crate) fn seconds(span: Span) -> f64 {
    span.micros() as f64 / 1e6
}

/// Returns the end of a window, or [`UNTIL_FURTHER_NOTICE`].
pub(crate) fn end(window: &Window) -> String {
    ending(window.end())
}

/// Returns an end, or [`UNTIL_FURTHER_NOTICE`].
pub(crate) fn ending(end: Option<Instant>) -> String {
    end.map_or_else(|| UNTIL_FURTHER_NOTICE.to_owned(), |end| end.to_string())
}
