//! Instants and spans, in microseconds.

use std::fmt;
use std::ops::Sub;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
const DAY: i64 = 86_400 * SECOND;

/// A moment in UTC, in whole microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Between 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z, the range that RFC 3339 can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A length of time in whole microseconds; negative when it points back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

/// Why a text is not an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstantError {
    /// The text does not have the shape of RFC 3339.
    #[error("not an RFC 3339 instant such as 2016-09-12T16:00:00Z")]
    Shape,
    /// The date and time carry no offset from UTC.
    #[error("the offset from UTC is missing: end with Z or with an offset such as +03:00")]
    NoOffset,
    /// A month, day, hour, minute or offset that does not exist.
    #[error("no such date or time of day")]
    Range,
    /// Second 60.
    #[error("leap seconds are not accepted: write second 59 or the next minute")]
    LeapSecond,
    /// More than six digits after the point, and not zero.
    #[error("finer than a microsecond")]
    TooFine,
    /// Before year 1 or after year 9999 once the offset is applied.
    #[error("outside the years 0001 to 9999")]
    Years,
}

impl Instant {
    /// The first instant that can be written, 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(-719_162 * DAY);
    /// The last instant that can be written, 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(2_932_897 * DAY - 1);

    /// The instant that is `micros` microseconds after 1970-01-01T00:00:00Z, if it can be written.
    pub fn from_micros(micros: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&micros)
            .then_some(Self(micros))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The instant `span` later, or none when that cannot be written.
    pub fn plus(self, span: Span) -> Option<Self> {
        self.0.checked_add(span.0).and_then(Self::from_micros)
    }

    /// Reads an instant in RFC 3339, section 5.6, with these limits: an offset is required, second 60 is refused,
    /// and what is finer than a microsecond must be zero.
    ///
    /// # Errors
    ///
    /// The first [`InstantError`] met.
    pub fn parse_rfc3339(text: &str) -> Result<Self, InstantError> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| -> Result<i64, InstantError> {
            let digits = bytes.get(from..to).ok_or(InstantError::Shape)?;
            digits.iter().try_fold(0_i64, |sum, digit| {
                digit
                    .is_ascii_digit()
                    .then(|| sum * 10 + i64::from(digit - b'0'))
                    .ok_or(InstantError::Shape)
            })
        };
        let mark = |at: usize, accepted: &[u8]| -> Result<(), InstantError> {
            match bytes.get(at) {
                Some(byte) if accepted.contains(byte) => Ok(()),
                _ => Err(InstantError::Shape),
            }
        };
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        mark(4, b"-")?;
        mark(7, b"-")?;
        mark(10, b"Tt")?;
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        mark(13, b":")?;
        mark(16, b":")?;
        if second == 60 {
            return Err(InstantError::LeapSecond);
        }
        if !(1..=12).contains(&month)
            || !(1..=days_in(year, month)).contains(&day)
            || hour > 23
            || minute > 59
            || second > 59
        {
            return Err(InstantError::Range);
        }
        let (fraction, at) = fraction(bytes, 19)?;
        let offset = offset(bytes, at)?;
        let micros = days_from_epoch(year, month, day) * DAY
            + (hour * 3600 + minute * 60 + second) * SECOND
            + fraction
            - offset * 60 * SECOND;
        if year == 0 {
            return Err(InstantError::Years);
        }
        Self::from_micros(micros).ok_or(InstantError::Years)
    }
}

/// Reads `.123456` at `at`; returns microseconds and where it ends.
fn fraction(bytes: &[u8], at: usize) -> Result<(i64, usize), InstantError> {
    if bytes.get(at) != Some(&b'.') {
        return Ok((0, at));
    }
    let digits: &[u8] = bytes
        .get(at + 1..)
        .map(|rest| {
            let end = rest
                .iter()
                .position(|byte| !byte.is_ascii_digit())
                .unwrap_or(rest.len());
            rest.get(..end).unwrap_or(rest)
        })
        .unwrap_or_default();
    if digits.is_empty() {
        return Err(InstantError::Shape);
    }
    let mut micros = 0;
    let mut unit = SECOND / 10;
    for digit in digits {
        if unit == 0 {
            if *digit != b'0' {
                return Err(InstantError::TooFine);
            }
            continue;
        }
        micros += i64::from(digit - b'0') * unit;
        unit /= 10;
    }
    Ok((micros, at + 1 + digits.len()))
}

/// Reads `Z` or `+03:00` at `at`, which must end the text; returns minutes.
fn offset(bytes: &[u8], at: usize) -> Result<i64, InstantError> {
    match bytes.get(at..) {
        None | Some([]) => Err(InstantError::NoOffset),
        Some([b'Z' | b'z']) => Ok(0),
        Some([sign @ (b'+' | b'-'), h1, h2, b':', m1, m2])
            if [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()) =>
        {
            let two = |high: &u8, low: &u8| i64::from(high - b'0') * 10 + i64::from(low - b'0');
            let (hours, minutes) = (two(h1, h2), two(m1, m2));
            if hours > 23 || minutes > 59 {
                return Err(InstantError::Range);
            }
            let total = hours * 60 + minutes;
            Ok(if *sign == b'-' { -total } else { total })
        }
        Some(_) => Err(InstantError::Shape),
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, counting years from March so that the leap day is last.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_epoch`].
fn date_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC with `Z` and no more digits after the point than needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_from_days(self.0.div_euclid(DAY));
        let rest = self.0.rem_euclid(DAY);
        let seconds = rest / SECOND;
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )?;
        let micros = rest % SECOND;
        if micros != 0 {
            write!(f, ".{}", format!("{micros:06}").trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `micros` microseconds.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// A span of `seconds` seconds, or none when it does not fit.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        seconds.checked_mul(SECOND).map(Self)
    }

    /// A span of `hours` hours, or none when it does not fit.
    pub fn from_hours(hours: i64) -> Option<Self> {
        hours.checked_mul(3600).and_then(Self::from_seconds)
    }

    /// The length in microseconds.
    pub fn micros(self) -> i64 {
        self.0
    }
}

impl Sub for Instant {
    type Output = Span;

    fn sub(self, earlier: Self) -> Span {
        Span(self.0 - earlier.0)
    }
}

impl fmt::Display for Span {
    /// As people say it: `2 d 3 h`, `45 min`, `12.5 s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("−")?;
        }
        let total = self.0.unsigned_abs();
        let unit = SECOND.unsigned_abs();
        let (days, hours, minutes) = (
            total / (86_400 * unit),
            total / (3_600 * unit) % 24,
            total / (60 * unit) % 60,
        );
        let micros = total % (60 * unit);
        let mut parts = Vec::new();
        for (count, name) in [(days, "d"), (hours, "h"), (minutes, "min")] {
            if count > 0 {
                parts.push(format!("{count} {name}"));
            }
        }
        if micros > 0 || parts.is_empty() {
            let fraction = format!("{:06}", micros % unit);
            let fraction = fraction.trim_end_matches('0');
            let point = if fraction.is_empty() { "" } else { "." };
            parts.push(format!("{}{point}{fraction} s", micros / unit));
        }
        f.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<String, InstantError> {
        Instant::parse_rfc3339(text).map(|instant| instant.to_string())
    }

    #[test]
    fn offsets_and_fractions_are_normalised() {
        assert_eq!(
            read("2016-09-12T19:00:00+03:00").as_deref(),
            Ok("2016-09-12T16:00:00Z")
        );
        assert_eq!(
            read("2016-02-29t23:59:59.250000000z").as_deref(),
            Ok("2016-02-29T23:59:59.25Z")
        );
        assert_eq!(
            read("1969-12-31T23:59:59.999999Z").as_deref(),
            Ok("1969-12-31T23:59:59.999999Z")
        );
    }

    #[test]
    fn each_fault_has_its_name() {
        assert_eq!(read("2016-09-12T16:00:00"), Err(InstantError::NoOffset));
        assert_eq!(read("2015-02-29T00:00:00Z"), Err(InstantError::Range));
        assert_eq!(read("2016-13-01T00:00:00Z"), Err(InstantError::Range));
        assert_eq!(read("2016-12-31T23:59:60Z"), Err(InstantError::LeapSecond));
        assert_eq!(
            read("2016-09-12T16:00:00.0000001Z"),
            Err(InstantError::TooFine)
        );
        assert_eq!(read("0001-01-01T00:00:00+01:00"), Err(InstantError::Years));
        assert_eq!(read("0000-06-01T00:00:00Z"), Err(InstantError::Years));
        for shape in [
            "",
            "UFN",
            "2016-9-12T16:00:00Z",
            "2016-09-12 16:00:00Z",
            "2016-09-12T16:00:00,5Z",
            "2016-09-12T16:00:00+0300",
            "2016-09-12T16:00:00Z[Asia/Damascus]",
            "2016-09-12T16:00:00.Z",
            "2016-09-12T16:00:00Zé",
            "２016-09-12T16:00:00Z",
            "+016-09-12T16:00:00Z",
        ] {
            assert_eq!(read(shape), Err(InstantError::Shape), "{shape}");
        }
    }

    #[test]
    fn spans_read_as_people_say_them() {
        let show = |micros| Span::from_micros(micros).to_string();
        assert_eq!(show(0), "0 s");
        assert_eq!(show(9_000_000_000), "2 h 30 min");
        assert_eq!(show(-12_500_000), "−12.5 s");
        assert_eq!(show(2 * DAY + 60 * SECOND), "2 d 1 min");
    }

    /// Texts near RFC 3339: most of them valid, some with a date, a time or an offset that does not exist.
    fn near_instants() -> impl Strategy<Value = String> {
        let date = (1..10_000_u32, 0..14_u32, 0..33_u32);
        let time = (0..25_u32, 0..61_u32, 0..60_u32);
        let fraction = prop_oneof![Just(String::new()), "\\.[0-9]{1,6}0{0,3}"];
        let offset = prop_oneof![
            Just("Z".to_owned()),
            Just("z".to_owned()),
            Just(String::new()),
            "[+-][01][0-9]:[0-6][0-9]",
        ];
        (date, time, fraction, offset).prop_map(|((y, mo, d), (h, mi, s), fraction, offset)| {
            format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}{fraction}{offset}")
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        #[test]
        fn reading_agrees_with_an_independent_reader(text in near_instants()) {
            let theirs = text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond);
            let theirs = theirs.and_then(Instant::from_micros);
            let ours = Instant::parse_rfc3339(&text).ok();
            // Theirs ends a day before year 10000.
            let beyond = ours.is_some_and(|ours| ours.micros() > jiff::Timestamp::MAX.as_microsecond());
            prop_assert!(ours == theirs || beyond, "{}: {:?} {:?}", text, ours, theirs);
        }

        #[test]
        fn what_is_written_is_read_back(micros in Instant::MIN.0..=Instant::MAX.0) {
            let instant = Instant(micros);
            prop_assert_eq!(Instant::parse_rfc3339(&instant.to_string()), Ok(instant));
        }

        #[test]
        fn days_agree_with_an_independent_calendar(micros in Instant::MIN.0..=Instant::MAX.0) {
            let ours = Instant(micros).to_string();
            let theirs = jiff::Timestamp::from_microsecond(micros);
            if let Ok(theirs) = theirs {
                prop_assert_eq!(ours.parse::<jiff::Timestamp>().ok(), Some(theirs));
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = Instant::parse_rfc3339(&text);
        }
    }
}
