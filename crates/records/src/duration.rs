//! Lengths of time as people write them: `24h`, `90min`, `1d 12h`.

use detente_spacetime::Span;

/// The longest duration an agreement may state, in days; about ten years.
pub const DURATION_DAYS_MAX: u64 = 3_660;

/// A duration was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DurationError {
    /// Not whole numbers each followed by a unit.
    #[error("not whole numbers each followed by `d`, `h`, `min` or `s`")]
    Form,
    /// `m`, which some read as minutes and others as months or metres.
    #[error("`m` is ambiguous; write `min` for minutes")]
    AmbiguousMinutes,
    /// A unit appears twice or after a smaller one.
    #[error("units must go from the largest to the smallest, each once")]
    Order,
    /// More than [`DURATION_DAYS_MAX`] days.
    #[error("longer than {DURATION_DAYS_MAX} days")]
    TooLong,
}

/// Reads whole numbers each followed by `d`, `h`, `min` or `s`, largest unit first.
///
/// # Errors
///
/// [`DurationError`] for anything else and for more than [`DURATION_DAYS_MAX`] days.
pub fn parse(text: &str) -> Result<Span, DurationError> {
    const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let mut rest = text.trim();
    let mut seconds: u64 = 0;
    let mut smallest = u64::MAX;
    if rest.is_empty() {
        return Err(DurationError::Form);
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at_checked(digits).ok_or(DurationError::Form)?;
        let after = after.trim_start();
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at_checked(letters).ok_or(DurationError::Form)?;
        if unit == "m" {
            return Err(DurationError::AmbiguousMinutes);
        }
        let found = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or(DurationError::Form)?;
        if number.is_empty() {
            return Err(DurationError::Form);
        }
        if found.1 >= smallest {
            return Err(DurationError::Order);
        }
        smallest = found.1;
        let number: u64 = number.parse().map_err(|_| DurationError::TooLong)?;
        seconds = number
            .checked_mul(found.1)
            .and_then(|more| seconds.checked_add(more))
            .filter(|total| *total <= DURATION_DAYS_MAX * 86_400)
            .ok_or(DurationError::TooLong)?;
        rest = after.trim_start();
    }
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| seconds.checked_mul(1_000_000))
        .map(Span::from_micros)
        .ok_or(DurationError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_written() {
        let micros = |text: &str| parse(text).map(|span| span.micros() / 1_000_000);
        assert_eq!(micros("24h"), Ok(86_400));
        assert_eq!(micros("1d 2h 30min 5s"), Ok(95_405));
        assert_eq!(micros("90 min"), Ok(5_400));
        assert_eq!(micros("0s"), Ok(0));
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        for (text, error) in [
            ("", DurationError::Form),
            ("24", DurationError::Form),
            ("h", DurationError::Form),
            ("-1h", DurationError::Form),
            ("1.5h", DurationError::Form),
            ("PT6H", DurationError::Form),
            ("30m", DurationError::AmbiguousMinutes),
            ("30min 2h", DurationError::Order),
            ("1h 1h", DurationError::Order),
            ("99999999999999999999h", DurationError::TooLong),
            ("5000d", DurationError::TooLong),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}
