//! Datetimes and durations as articles write them, in milliseconds.

use detente_spacetime::Instant;

use super::world::millis;

/// Milliseconds since 1970 of a Cedar datetime; `None` when it is in none of Cedar's forms.
pub(super) fn datetime(text: &str) -> Option<i128> {
    let mut written = text.to_owned();
    if written.len() == "2016-09-12".len() {
        written.push_str("T00:00:00Z");
    }
    // Cedar writes offsets without a colon.
    let at = written.len().checked_sub(4)?;
    let digits = written.get(at..)?;
    let sign = written.get(at.checked_sub(1)?..at)?;
    if (sign == "+" || sign == "-") && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        written.insert(at + 2, ':');
    }
    Instant::parse_rfc3339(&written).ok().map(millis)
}

/// Milliseconds of a Cedar duration such as `1d2h3m4s50ms`; `None` when it is not one.
pub(super) fn duration(text: &str) -> Option<i128> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut total = 0_i128;
    while !rest.is_empty() {
        let digits = rest.find(|next: char| !next.is_ascii_digit())?;
        let amount: i128 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let letters = rest
            .find(|next: char| next.is_ascii_digit())
            .unwrap_or(rest.len());
        let unit = match rest.get(..letters)? {
            "d" => 86_400_000,
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return None,
        };
        total = total.checked_add(amount.checked_mul(unit)?)?;
        rest = rest.get(letters..)?;
    }
    (!text.is_empty()).then_some(if negative { -total } else { total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cedars_own_forms_are_read() {
        assert_eq!(duration("1d2h3m4s50ms"), Some(93_784_050));
        assert_eq!(duration("-5m"), Some(-300_000));
        assert_eq!(duration("6 hours"), None);
        let noon = Some(1_473_681_600_000);
        for text in [
            "2016-09-12T12:00:00Z",
            "2016-09-12T12:00:00.000Z",
            "2016-09-12T15:00:00+0300",
        ] {
            assert_eq!(datetime(text), noon, "{text}");
        }
        assert_eq!(datetime("2016-09-12"), Some(1_473_638_400_000));
        assert_eq!(datetime("tomorrow"), None);
    }
}
