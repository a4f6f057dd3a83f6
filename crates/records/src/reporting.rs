//! When daily reports close: a fixed time of the day, in a stated offset from UTC.

use detente_spacetime::{Instant, Span};

use crate::document::Located;
use crate::finding::{Problems, quoted};
use crate::place::{Path, Place};
use crate::table::{Table, text_of};

/// Minutes of a day.
const DAY_MIN: u16 = 24 * 60;
/// The largest offset from UTC in use anywhere, in minutes: +14:00.
const OFFSET_MIN_MAX: i16 = 14 * 60;
/// Microseconds of a minute.
const MINUTE_US: i64 = 60_000_000;

/// When daily reports close.
///
/// A report for a date covers the 24 hours that end at the cut-off on that date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reporting {
    /// Minutes after midnight, from 1 to 1,440.
    cut_off_min: u16,
    /// Minutes ahead of UTC.
    offset_min: i16,
}

impl Default for Reporting {
    /// The end of the day in UTC.
    fn default() -> Self {
        Self {
            cut_off_min: DAY_MIN,
            offset_min: 0,
        }
    }
}

impl Reporting {
    /// The same, closing at another time of the day, written `19:30`; `24:00` is the end of the day.
    ///
    /// `None` when that is no time of a day.
    pub fn closing_at(self, text: &str) -> Option<Self> {
        let cut_off_min = minutes(text)?;
        (1..=DAY_MIN).contains(&cut_off_min).then_some(Self {
            cut_off_min,
            ..self
        })
    }

    /// The same in another offset from UTC, written `+03:00`, `-05:30` or `Z`.
    ///
    /// `None` when that is no offset.
    pub fn at_offset(self, text: &str) -> Option<Self> {
        let offset_min = match (text.strip_prefix('+'), text.strip_prefix('-')) {
            _ if text == "Z" => 0,
            (Some(ahead), _) => i16::try_from(minutes(ahead)?).ok()?,
            (_, Some(behind)) => i16::try_from(minutes(behind)?).ok()?.checked_neg()?,
            _ => return None,
        };
        (offset_min.abs() <= OFFSET_MIN_MAX).then_some(Self { offset_min, ..self })
    }

    /// The instant a report for a date, written `2016-09-17`, closes.
    ///
    /// `None` when that is no date.
    pub fn closes_on(self, date: &str) -> Option<Instant> {
        let midnight = Instant::parse_rfc3339(&format!("{date}T00:00:00Z")).ok()?;
        let minutes = i64::from(self.cut_off_min) - i64::from(self.offset_min);
        midnight.plus(Span::from_micros(minutes.checked_mul(MINUTE_US)?))
    }

    /// The date of the last report that has closed by an instant.
    pub fn last_closed(self, now: Instant) -> Option<String> {
        let minutes = i64::from(self.offset_min) - i64::from(self.cut_off_min);
        let local = now.plus(Span::from_micros(minutes.checked_mul(MINUTE_US)?))?;
        local.to_string().split('T').next().map(str::to_owned)
    }

    /// The time of the day, written `19:30`.
    pub fn cut_off(self) -> String {
        format!("{:02}:{:02}", self.cut_off_min / 60, self.cut_off_min % 60)
    }

    /// The offset from UTC, written `+03:00`.
    pub fn offset(self) -> String {
        let sign = if self.offset_min < 0 { '-' } else { '+' };
        let minutes = self.offset_min.unsigned_abs();
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// Reads the table `daily_report` of an agreement's parameters.
    pub(crate) fn read(value: &Located<'_>, path: &Path<'_>, problems: &mut Problems) -> Self {
        let mut reporting = Self::default();
        let Some(mut table) = Table::of(value, path, problems) else {
            return reporting;
        };
        type Change = fn(Reporting, &str) -> Option<Reporting>;
        let members: [(&'static str, Change, &str); 2] = [
            (
                "cut_off",
                Self::closing_at,
                "write a time of the day like 19:30, from 00:01 to 24:00",
            ),
            (
                "utc_offset",
                Self::at_offset,
                "write hours and minutes ahead of UTC, like +03:00",
            ),
        ];
        for (key, change, help) in members {
            let path = table.path().key(key);
            let Some(value) = table.get(key) else {
                continue;
            };
            let Some(text) = text_of(value, &path, problems) else {
                continue;
            };
            match change(reporting, text) {
                Some(changed) => reporting = changed,
                None => {
                    let place = Place::new(&path, value.span.clone());
                    let message = format!("{} is no `{key}`", quoted(text));
                    problems.error("invalid_time", place, message).help(help);
                }
            }
        }
        table.warn_of_unknown(problems);
        reporting
    }
}

/// Reads `HH:MM`.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (minutes < 60).then(|| hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn damascus() -> Reporting {
        let reporting = Reporting::default().closing_at("19:30");
        reporting
            .and_then(|reporting| reporting.at_offset("+03:00"))
            .expect("valid")
    }

    #[test]
    fn a_report_closes_at_its_cut_off_in_its_own_offset() {
        let closes = damascus().closes_on("2016-09-17").expect("date");
        assert_eq!(closes.to_string(), "2016-09-17T16:30:00Z");
        let utc = Reporting::default().closes_on("2016-09-17").expect("date");
        assert_eq!(utc.to_string(), "2016-09-18T00:00:00Z");
        assert_eq!(
            (damascus().cut_off().as_str(), damascus().offset().as_str()),
            ("19:30", "+03:00")
        );
    }

    #[test]
    fn the_last_report_is_the_one_that_closed_last() {
        let last = |text: &str| {
            let now = Instant::parse_rfc3339(text).expect("instant");
            damascus().last_closed(now).expect("date")
        };
        assert_eq!(last("2016-09-17T16:29:59Z"), "2016-09-16");
        assert_eq!(last("2016-09-17T16:30:00Z"), "2016-09-17");
    }

    #[test]
    fn what_is_no_time_or_offset_is_refused() {
        for text in ["", "7:30", "24:01", "00:00", "19:60", "19.30", "+9:30"] {
            assert!(Reporting::default().closing_at(text).is_none(), "{text}");
        }
        for text in ["", "3", "+3:00", "+15:00", "03:00", "-14:01"] {
            assert!(Reporting::default().at_offset(text).is_none(), "{text}");
        }
        for date in ["2016-02-30", "17.9.2016", "2016-09"] {
            assert!(damascus().closes_on(date).is_none(), "{date}");
        }
    }
}
