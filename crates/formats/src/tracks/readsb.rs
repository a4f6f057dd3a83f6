//! `aircraft.json` of readsb and dump1090: snapshots of what a receiver sees.
//!
//! A position is as old as `seen_pos` says; `alt_baro` is feet of standard pressure or `"ground"`, `alt_geom` feet above the
//! WGS84 ellipsoid. Addresses that begin with `~` are not ICAO's, and stay as they are.
//! Source: README-json.md of <https://github.com/wiedehopf/readsb>.

use std::io::{self, BufRead};

use detente_spacetime::{Altitude, Reference};
use serde_json::Value;

use super::{Message, Report, Sink, identity, instant, opensky::documents, position};

pub(super) fn read(input: &mut dyn BufRead, sink: &mut Sink<'_>) -> io::Result<()> {
    documents(input, sink, &mut snapshot)
}

/// Reads one snapshot, or the one aircraft a line of readsb's JSON port tells of.
pub(super) fn snapshot(document: &Value, line: u64, sink: &mut Sink<'_>) {
    let Some(now) = document.get("now").and_then(Value::as_f64) else {
        return sink.take(line, Err("a snapshot without `now`".to_owned()));
    };
    let Some(aircraft) = document.get("aircraft").and_then(Value::as_array) else {
        if document.get("hex").is_some() {
            let message = message(document, now, sink);
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

fn message(entry: &Value, now: f64, sink: &mut Sink<'_>) -> Result<Message, String> {
    let number = |key: &str| entry.get(key).and_then(Value::as_f64);
    let address = entry.get("hex").and_then(Value::as_str);
    let address = address.ok_or_else(|| "no address `hex`".to_owned())?;
    let (Some(latitude), Some(longitude)) = (number("lat"), number("lon")) else {
        return Ok(Message::Other);
    };
    let age_s = number("seen_pos").unwrap_or(0.0);
    if !(0.0..=86_400.0).contains(&age_s) {
        return Err("`seen_pos` is not between 0 and a day".to_owned());
    }
    let told = entry.get("alt_baro").is_some() || entry.get("alt_geom").is_some();
    let altitude = altitude(entry);
    Ok(Message::Report(Report {
        track: identity(address)?,
        at: instant(now - age_s)?,
        position: position(latitude, longitude)?,
        altitude: sink.altitude(altitude, told),
        source: None,
    }))
}

fn altitude(entry: &Value) -> Option<Altitude> {
    match entry.get("alt_baro") {
        Some(Value::String(word)) if word == "ground" => {
            Altitude::new(0.0, Reference::AboveGround).ok()
        }
        Some(value) => Altitude::from_feet(value.as_f64()?, Reference::Pressure).ok(),
        None => {
            let feet = entry.get("alt_geom").and_then(Value::as_f64)?;
            Altitude::from_feet(feet, Reference::Ellipsoid).ok()
        }
    }
}
