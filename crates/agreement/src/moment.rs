//! Instants and spans in Cedar's words, which know milliseconds only: rounding errs toward refusal.

use cedar_policy::RestrictedExpression;
use detente_spacetime::{Instant, Span};

/// Microseconds in a millisecond.
const MILLISECOND: i64 = 1_000;

/// The end Cedar is told for "until further notice": the last instant that can be written.
pub(crate) const UNTIL_FURTHER_NOTICE: Instant = Instant::MAX;

/// `instant` as a Cedar datetime, rounded down.
pub(crate) fn datetime_floor(instant: Instant) -> RestrictedExpression {
    RestrictedExpression::new_datetime(text(instant.micros().div_euclid(MILLISECOND)))
}

/// `instant` as a Cedar datetime, rounded up.
pub(crate) fn datetime_ceiling(instant: Instant) -> RestrictedExpression {
    let micros = instant.micros();
    let up = i64::from(micros.rem_euclid(MILLISECOND) != 0 && instant < Instant::MAX);
    RestrictedExpression::new_datetime(text(micros.div_euclid(MILLISECOND) + up))
}

/// `span` as a Cedar duration, rounded down; nothing when it is negative.
pub(crate) fn duration_floor(span: Span) -> RestrictedExpression {
    RestrictedExpression::new_duration(format!("{}ms", span.micros().max(0) / MILLISECOND))
}

/// RFC 3339 text with exactly three digits after the point, the one form Cedar reads.
pub(crate) fn text(millis: i64) -> String {
    let second = Instant::from_micros(millis.div_euclid(1_000) * 1_000_000).unwrap_or(Instant::MIN);
    let written = second.to_string();
    format!(
        "{}.{:03}Z",
        written.trim_end_matches('Z'),
        millis.rem_euclid(1_000)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    fn value(expression: RestrictedExpression) -> String {
        format!("{expression:?}")
    }

    #[test]
    fn rounding_errs_toward_refusal() {
        let instant = at("2016-09-12T16:00:00.000001Z");
        assert!(value(datetime_floor(instant)).contains("2016-09-12T16:00:00.000Z"));
        assert!(value(datetime_ceiling(instant)).contains("2016-09-12T16:00:00.001Z"));
        assert!(
            value(datetime_ceiling(at("1969-12-31T23:59:59.9991Z")))
                .contains("1970-01-01T00:00:00.000Z")
        );
        assert!(value(datetime_ceiling(Instant::MAX)).contains("9999-12-31T23:59:59.999Z"));
        assert!(value(duration_floor(Span::from_micros(1_999))).contains("\"1ms\""));
        assert!(value(duration_floor(Span::from_micros(-5_000_000))).contains("\"0ms\""));
    }
}
