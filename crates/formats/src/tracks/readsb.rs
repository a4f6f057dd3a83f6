//! `aircraft.json` of readsb and dump1090: snapshots of what a receiver sees.
//!
//! A position is as old as `seen_pos` says; `alt_baro` is feet of standard pressure or `"ground"`, `alt_geom` feet above the
//! WGS84 ellipsoid; dump1090 called the first `altitude` until its version 3. Addresses that begin with `~` are not ICAO's, and stay as they are.
//! The interfaces that readsb offers and services such as adsb.lol copied (`jv2`) call the list `ac` and give `now` in milliseconds.
//! Source: README-json.md of <https://github.com/wiedehopf/readsb>.

mod plain;

use std::borrow::Cow;
use std::fmt;

use detente_spacetime::{Altitude, Reference};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Message, Report, Sink, identity, instant, position};

/// How old a position may be when a snapshot is written, in seconds. A receiver whose clock is set back, or that takes positions
/// from others, says of the newest that they are a little younger than nothing; what is a day old is of another flight.
const AGES_S: std::ops::RangeInclusive<f64> = -60.0..=86_400.0;

/// A `now` beyond it is in milliseconds: as seconds it were the year 5138, as milliseconds it is 1973.
const NOW_MAX_S: f64 = 1e11;

/// Reads one snapshot, or the one aircraft a line of readsb's JSON port tells of.
pub(super) fn snapshot(bytes: &[u8], line: u64, sink: &mut Sink<'_>) {
    match plain::snapshot(bytes) {
        Some(snapshot) => tell(&snapshot, line, sink),
        None => snapshot_of_any_form(bytes, line, sink),
    }
}

/// Reads it by the general reader of JSON, which decides what is said and what is wrong.
pub(super) fn snapshot_of_any_form(bytes: &[u8], line: u64, sink: &mut Sink<'_>) {
    match serde_json::from_slice(bytes) {
        Ok(snapshot) => tell(&snapshot, line, sink),
        Err(error) => sink.take(line, Err(error.to_string())),
    }
}

fn tell(snapshot: &Snapshot<'_>, line: u64, sink: &mut Sink<'_>) {
    let Some(now) = snapshot.now.number() else {
        return sink.take(line, Err("a snapshot without `now`".to_owned()));
    };
    let now = if now > NOW_MAX_S { now / 1e3 } else { now };
    let Some(aircraft) = &snapshot.aircraft else {
        if snapshot.itself.hex.is_told() {
            let message = message(&snapshot.itself, now, sink);
            return sink.take(line, message);
        }
        return sink.take(line, Err("a snapshot without `aircraft`".to_owned()));
    };
    for (number, entry) in aircraft.iter().enumerate() {
        let message = message(entry, now, sink);
        sink.take(
            line,
            message.map_err(|reason| format!("aircraft {}: {reason}", number + 1)),
        );
    }
}

fn message(entry: &Entry<'_>, now: f64, sink: &mut Sink<'_>) -> Result<Message, String> {
    let Some(address) = entry.hex.text() else {
        return Err("no address `hex`".to_owned());
    };
    let (Some(latitude), Some(longitude)) = (entry.lat.number(), entry.lon.number()) else {
        return Ok(Message::Other);
    };
    let age_s = entry.seen_pos.number().unwrap_or(0.0);
    if !AGES_S.contains(&age_s) {
        return Err("`seen_pos` is not between minus a minute and a day".to_owned());
    }
    let heights = [&entry.alt_baro, &entry.altitude, &entry.alt_geom];
    let told = heights.iter().any(|height| height.is_told());
    Ok(Message::Report(Report {
        track: identity(address)?,
        at: instant(now - age_s)?,
        position: position(latitude, longitude)?,
        altitude: sink.altitude(altitude(entry), told),
        source: None,
    }))
}

/// The first of the heights that says something: receivers leave out what they do not know, or write `null`.
fn altitude(entry: &Entry<'_>) -> Option<Altitude> {
    for pressure in [&entry.alt_baro, &entry.altitude] {
        if pressure.text() == Some("ground") {
            return Altitude::new(0.0, Reference::AboveGround).ok();
        }
        if let Some(feet) = pressure.number() {
            return Altitude::from_feet(feet, Reference::Pressure).ok();
        }
    }
    Altitude::from_feet(entry.alt_geom.number()?, Reference::Ellipsoid).ok()
}

/// What is read of a snapshot; everything else in it is passed over.
#[derive(Debug, Default)]
struct Snapshot<'a> {
    now: Told<'a>,
    aircraft: Option<Vec<Entry<'a>>>,
    /// Of the JSON port, the one aircraft.
    itself: Entry<'a>,
}

/// What is read of an aircraft.
#[derive(Debug, Default)]
struct Entry<'a> {
    hex: Told<'a>,
    lat: Told<'a>,
    lon: Told<'a>,
    seen_pos: Told<'a>,
    alt_baro: Told<'a>,
    /// What is `alt_baro` today.
    altitude: Told<'a>,
    alt_geom: Told<'a>,
}

/// Bytes of a text that is kept beside numbers: an address has six or seven.
const SHORT_BYTES: usize = 15;

/// What is said under a key: receivers differ, and what is of no use there is no error.
#[derive(Default)]
enum Told<'a> {
    /// The key is not there.
    #[default]
    Nothing,
    Number(f64),
    Text(Cow<'a, str>),
    /// A text that is so short that it is kept here: nobody has to go back to where it stands.
    Short {
        bytes: [u8; SHORT_BYTES],
        length: u8,
    },
    /// Nothing of use.
    Other,
}

impl fmt::Debug for Told<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.text(), self.number(), self) {
            (Some(text), ..) => write!(to, "Text({text:?})"),
            (_, Some(number), _) => write!(to, "Number({number:?})"),
            (_, _, Self::Nothing) => to.write_str("Nothing"),
            (..) => to.write_str("Other"),
        }
    }
}

impl Told<'_> {
    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Nothing | Self::Text(_) | Self::Short { .. } | Self::Other => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Short { bytes, length } => {
                std::str::from_utf8(bytes.get(..usize::from(*length))?).ok()
            }
            Self::Nothing | Self::Number(_) | Self::Other => None,
        }
    }

    fn is_told(&self) -> bool {
        !matches!(self, Self::Nothing)
    }
}

#[derive(Clone, Copy, serde::Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    Now,
    #[serde(alias = "ac")]
    Aircraft,
    Hex,
    Lat,
    Lon,
    SeenPos,
    AltBaro,
    Altitude,
    AltGeom,
    #[serde(other)]
    Other,
}

impl<'a> Entry<'a> {
    /// Where the value of a key goes; none when it is passed over.
    fn slot(&mut self, key: Key) -> Option<&mut Told<'a>> {
        match key {
            Key::Hex => Some(&mut self.hex),
            Key::Lat => Some(&mut self.lat),
            Key::Lon => Some(&mut self.lon),
            Key::SeenPos => Some(&mut self.seen_pos),
            Key::AltBaro => Some(&mut self.alt_baro),
            Key::Altitude => Some(&mut self.altitude),
            Key::AltGeom => Some(&mut self.alt_geom),
            Key::Now | Key::Aircraft | Key::Other => None,
        }
    }

    /// Takes the value of a key.
    fn take<A: MapAccess<'a>>(&mut self, key: Key, map: &mut A) -> Result<(), A::Error> {
        match self.slot(key) {
            Some(slot) => *slot = map.next_value()?,
            None => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// Reads a value of a kind that may turn out to be another.
macro_rules! lenient {
    ($visitor:ident, $of:ident) => {
        struct $visitor;

        impl<'de: 'a, 'a> Deserialize<'de> for $of<'a> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_any($visitor)
            }
        }
    };
}

lenient!(SnapshotVisitor, Snapshot);
lenient!(EntryVisitor, Entry);
lenient!(ToldVisitor, Told);

/// What is no object, or no scalar, is passed over.
macro_rules! passed_over {
    ($($visit:ident: $kind:ty),*) => {
        $(fn $visit<E>(self, _: $kind) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        })*

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}

impl<'de> Visitor<'de> for SnapshotVisitor {
    type Value = Snapshot<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a snapshot")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut snapshot = Snapshot::default();
        while let Some(key) = map.next_key()? {
            match key {
                Key::Now => snapshot.now = map.next_value()?,
                Key::Aircraft => snapshot.aircraft = map.next_value::<Aircraft<'de>>()?.0,
                key => snapshot.itself.take(key, &mut map)?,
            }
        }
        Ok(snapshot)
    }

    passed_over!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
}

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an aircraft")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entry = Entry::default();
        while let Some(key) = map.next_key()? {
            entry.take(key, &mut map)?;
        }
        Ok(entry)
    }

    passed_over!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
}

impl<'de> Visitor<'de> for ToldVisitor {
    type Value = Told<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Told::Other)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Told::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Told::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Told::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Told::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Told::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Told::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Told::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Told::Other)
    }
}

/// The list of aircraft, if what is said to be one is.
#[derive(Default)]
struct Aircraft<'a>(Option<Vec<Entry<'a>>>);

lenient!(AircraftVisitor, Aircraft);

impl<'de> Visitor<'de> for AircraftVisitor {
    type Value = Aircraft<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("aircraft")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Aircraft::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Aircraft::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Aircraft::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Aircraft::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Aircraft::default())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Aircraft::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = seq.next_element()? {
            entries.push(entry);
        }
        Ok(Aircraft(Some(entries)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Aircraft::default())
    }
}
