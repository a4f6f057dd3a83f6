//! Time windows of a feature: `start` and `end`.

use detente_spacetime::{Instant, Window};

use crate::document::{Located, Value};
use crate::finding::{Problems, quoted};
use crate::height::Missing;
use crate::place::{Path, Place};
use crate::table::{Table, wrong_type};

/// The word for an end that has not been set.
pub(crate) const UNTIL_FURTHER_NOTICE: &str = "UFN";

/// Reads `start` and `end`, half-open.
pub(crate) fn read(
    properties: &mut Table<'_, '_>,
    missing: Missing,
    problems: &mut Problems,
) -> Option<Window> {
    let start = start(properties, missing, problems);
    let end = end(properties, missing, problems);
    let what = match (properties.has("start"), properties.has("end")) {
        (true, true) => None,
        (false, true) => Some(("`start` is", "since ever")),
        (true, false) => Some(("`end` is", "until further notice")),
        (false, false) => Some(("`start` and `end` are", "always")),
    };
    if let Some(what) = what {
        let help =
            "add what is missing, an instant like 2016-09-12T16:00:00Z (`end` may be \"UFN\")";
        missing.report(
            ("missing_time", "assumed_time"),
            what,
            help,
            properties.place(),
            problems,
        );
    }
    let (start, end) = (start?, end?);
    match Window::new(start, end) {
        Ok(window) => Some(window),
        Err(error) => {
            problems
                .error(
                    "empty_window",
                    properties.place_of("end"),
                    error.to_string(),
                )
                .help("`end` comes after `start`; the instant `end` itself is no longer inside");
            None
        }
    }
}

fn start(
    properties: &mut Table<'_, '_>,
    missing: Missing,
    problems: &mut Problems,
) -> Option<Instant> {
    let path = properties.path().key("start");
    match properties.get("start") {
        Some(value) if value.value == Value::Text(UNTIL_FURTHER_NOTICE.into()) => {
            problems
                .error(
                    "invalid_instant",
                    properties.place_of("start"),
                    "`start` cannot be UFN",
                )
                .help("write an instant like 2016-09-12T16:00:00Z");
            None
        }
        Some(value) => instant_of(value, &path, problems),
        None => (missing != Missing::Error).then_some(Instant::MIN),
    }
}

fn end(
    properties: &mut Table<'_, '_>,
    missing: Missing,
    problems: &mut Problems,
) -> Option<Option<Instant>> {
    let path = properties.path().key("end");
    match properties.get("end") {
        Some(value) if value.value == Value::Text(UNTIL_FURTHER_NOTICE.into()) => Some(None),
        Some(value) => instant_of(value, &path, problems).map(Some),
        None => (missing != Missing::Error).then_some(None),
    }
}

/// Takes `value` as an instant; reports anything else.
pub(crate) fn instant_of(
    value: &Located<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<Instant> {
    let text: &str = match &value.value {
        Value::Text(text) => text,
        Value::Moment(text) => text,
        other => {
            wrong_type(path, value, "an instant", other, problems);
            return None;
        }
    };
    match Instant::parse_rfc3339(text) {
        Ok(instant) => Some(instant),
        Err(error) => {
            let message = format!("{} is not an instant: {error}", quoted(text));
            problems
                .error(
                    "invalid_instant",
                    Place::new(path, value.span.clone()),
                    message,
                )
                .help("write an instant like 2016-09-12T16:00:00Z");
            None
        }
    }
}
