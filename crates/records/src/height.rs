//! Altitudes of a feature: `lower` and `upper`, each naming its reference.

use detente_spacetime::{Altitude, AltitudeBand, Reference};

use crate::document::{Located, Value};
use crate::finding::{Problems, quoted};
use crate::nearest;
use crate::place::{Path, Place};
use crate::table::{Table, text_of, word_of};

/// What a missing altitude or time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// An error: an operation must say when and how high it flies.
    Error,
    /// Every height and all time, with a warning: a restraint is never narrower than said.
    Everything,
    /// Every height and all time, with a note: a plain shape without a dossier.
    Assumed,
    /// Nothing is said: what the feature is, and so what it needs, is not known.
    Unjudged,
}

impl Missing {
    /// Reports that `what` is missing and is read as `meaning`; `help` says what to add.
    pub(crate) fn report(
        self,
        codes: (&'static str, &'static str),
        what: (&str, &str),
        help: &str,
        place: Place,
        problems: &mut Problems,
    ) {
        let (missing, assumed) = codes;
        let (what, meaning) = what;
        let read = format!("{what} missing and read as {meaning}");
        match self {
            Self::Error => problems
                .error(missing, place, format!("{what} missing"))
                .help(help),
            Self::Everything => problems.warning(missing, place, read).help(help),
            Self::Assumed => problems.note(assumed, place, read).suggest(|| None),
            Self::Unjudged => {}
        }
    }
}

/// Reads `lower` and `upper`.
pub(crate) fn read(
    properties: &mut Table<'_, '_>,
    missing: Missing,
    problems: &mut Problems,
) -> Option<AltitudeBand> {
    let lower = one(properties, "lower", missing, Altitude::SURFACE, problems);
    let upper = one(properties, "upper", missing, Altitude::UNLIMITED, problems);
    let what = match (properties.has("lower"), properties.has("upper")) {
        (true, true) => None,
        (false, true) => Some(("`lower` is", "SFC")),
        (true, false) => Some(("`upper` is", "UNL")),
        (false, false) => Some(("`lower` and `upper` are", "SFC to UNL")),
    };
    if let Some(what) = what {
        let help = "add what is missing, such as {\"value\": 3000, \"unit\": \"m\", \"reference\": \"MSL\"}, \
                    {\"reference\": \"SFC\"} or {\"reference\": \"UNL\"}";
        let codes = ("missing_altitude", "assumed_altitude");
        missing.report(codes, what, help, properties.place(), problems);
    }
    match AltitudeBand::new(lower?, upper?) {
        Ok(band) => Some(band),
        Err(error) => {
            problems
                .error(
                    "invalid_altitudes",
                    properties.place_of("lower"),
                    error.to_string(),
                )
                .help("exchange `lower` and `upper`, or check their units and references");
            None
        }
    }
}

fn one(
    properties: &mut Table<'_, '_>,
    key: &'static str,
    missing: Missing,
    otherwise: Altitude,
    problems: &mut Problems,
) -> Option<Altitude> {
    let path = properties.path().key(key);
    match properties.get(key) {
        Some(value) => altitude(value, &path, problems),
        None => (missing != Missing::Error).then_some(otherwise),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WireUnit {
    Metres,
    Feet,
    FlightLevel,
}

fn altitude(value: &Located<'_>, path: &Path<'_>, problems: &mut Problems) -> Option<Altitude> {
    if !matches!(value.value, Value::Table(_) | Value::Invalid) {
        let message = format!("an altitude is {}, not an object", value.value.described());
        problems
            .error("wrong_type", Place::new(path, value.span.clone()), message)
            .help("write {\"value\": 3000, \"unit\": \"m\", \"reference\": \"MSL\"}");
        return None;
    }
    let mut table = Table::of(value, path, problems)?;
    let units = [
        ("m", WireUnit::Metres),
        ("ft", WireUnit::Feet),
        ("FL", WireUnit::FlightLevel),
    ];
    let unit_path = path.key("unit");
    let unit = table.get("unit").map(|unit| {
        word_of(
            unit,
            &unit_path,
            "unknown_unit",
            "unit of height",
            &units,
            problems,
        )
    });
    let height = table.number("value", problems);
    let reference = reference(&mut table, problems);
    let has_value = table.has("value");
    table.warn_of_unknown(problems);
    // An outer `Some` says that the member is there, an inner one that it is valid.
    let (unit, reference) = match (unit, reference) {
        (Some(None), _) | (_, Some(None)) => return None,
        (unit, reference) => (unit.flatten(), reference.flatten()),
    };
    if let Some(open @ (Reference::Surface | Reference::Unlimited)) = reference {
        if height.is_some_and(|height| height != 0.0) {
            problems
                .error(
                    "value_without_meaning",
                    table.place_of("value"),
                    format!("{} carries no value", open.code()),
                )
                .help("remove `value`, or name the reference it is measured from");
            return None;
        }
        return Some(if open == Reference::Surface {
            Altitude::SURFACE
        } else {
            Altitude::UNLIMITED
        });
    }
    if !has_value {
        problems
            .error(
                "missing_property",
                table.place(),
                "the altitude has no `value`",
            )
            .help("add `value`, or make the reference SFC or UNL");
    }
    if unit.is_none() {
        problems
            .error("missing_unit", table.place(), "the altitude has no `unit`")
            .help("name one of `m`, `ft` and `FL`");
    }
    if reference.is_none() && unit != Some(WireUnit::FlightLevel) {
        problems
            .error(
                "missing_reference",
                table.place(),
                "the altitude does not say what it is measured from",
            )
            .help(format!("add `reference`, one of {}", codes()));
        return None;
    }
    let built = match (unit?, reference) {
        (WireUnit::FlightLevel, None | Some(Reference::Pressure)) => {
            Altitude::flight_level(height?)
        }
        (WireUnit::FlightLevel, Some(other)) => {
            problems
                .error(
                    "wrong_reference",
                    table.place_of("reference"),
                    format!("a flight level is not measured from {}", other.code()),
                )
                .help("flight levels are pressure altitudes: leave `reference` out or make it STD");
            return None;
        }
        (WireUnit::Metres, Some(reference)) => Altitude::new(height?, reference),
        (WireUnit::Feet, Some(reference)) => Altitude::from_feet(height?, reference),
        (WireUnit::Metres | WireUnit::Feet, None) => return None,
    };
    match built {
        Ok(altitude) => Some(altitude),
        Err(error) => {
            problems
                .error(
                    "altitude_out_of_range",
                    table.place_of("value"),
                    error.to_string(),
                )
                .help("check the value and its unit; a flight level counts hundreds of feet");
            None
        }
    }
}

fn codes() -> String {
    nearest::listed(&Reference::ALL.map(Reference::code))
}

fn reference(table: &mut Table<'_, '_>, problems: &mut Problems) -> Option<Option<Reference>> {
    let path = table.path().key("reference");
    let value = table.get("reference")?;
    let Some(text) = text_of(value, &path, problems) else {
        return Some(None);
    };
    let found = Reference::from_code(text);
    if found.is_none() {
        problems
            .error("unknown_altitude_reference", table.place_of("reference"), format!("{} is not a known altitude reference", quoted(text)))
            .help(format!("known are {}: ellipsoid, mean sea level, standard pressure, ground, surface, unlimited", codes()));
    }
    Some(found)
}
