//! Lines of the BaseStation socket ("SBS-1"), as dump1090 and readsb offer them on port 30003.
//!
//! Comma-separated: message type, transmission type, session, aircraft, address, flight, date and time of the message, date
//! and time it was logged, callsign, altitude in feet of standard pressure, speed, track, latitude, longitude, and more.
//! Multilateration writes `MLAT` in place of `MSG` where it adds columns at the end.
//! Only transmissions 2 (on the ground) and 3 (airborne) carry positions.
//! A message that does not say when it was made, was made when it was logged.
//! The format has no time zone; times are taken as UTC, as the receivers of today write them.
//! Source: <http://woodair.net/sbs/article/barebones42_socket_data.htm>.

use detente_spacetime::{Altitude, Instant, Reference};

use super::{Message, Report, Tally, identity, position, written_instant};

/// Message types the format knows.
pub(super) const TYPES: [&str; 7] = ["MSG", "MLAT", "SEL", "ID", "AIR", "STA", "CLK"];

pub(super) fn message(line: &str, tally: &mut Tally) -> Result<Message, String> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let field = |number: usize| fields.get(number).copied().unwrap_or_default();
    if !TYPES.contains(&field(0)) {
        return Err("not a line of this format".to_owned());
    }
    if !matches!(field(0), "MSG" | "MLAT") {
        return Ok(Message::Other);
    }
    if fields.len() < 22 {
        return Err(format!("{} fields of 22", fields.len()));
    }
    let (latitude, longitude) = (field(14), field(15));
    if latitude.is_empty() && longitude.is_empty() {
        return Ok(Message::Other);
    }
    let number = |text: &str, what: &str| -> Result<f64, String> {
        text.parse().map_err(|_| format!("{what} is no number"))
    };
    let altitude = altitude(field(11), field(21));
    if altitude.is_none() && !field(11).is_empty() {
        tally.without_reference += 1;
    }
    let (date, time) = match (field(6), field(7)) {
        ("", "") => (field(8), field(9)),
        told => told,
    };
    Ok(Message::Report(Report {
        track: identity(field(4))?,
        at: instant(date, time)?,
        position: position(
            number(latitude, "the latitude")?,
            number(longitude, "the longitude")?,
        )?,
        altitude,
        source: None,
    }))
}

/// Pressure altitude; on the ground, where the receiver says so.
fn altitude(feet: &str, on_ground: &str) -> Option<Altitude> {
    if matches!(on_ground, "-1" | "1") {
        return Altitude::new(0.0, Reference::AboveGround).ok();
    }
    Altitude::from_feet(feet.parse().ok()?, Reference::Pressure).ok()
}

/// `2016/09/18` and `07:00:10.250`.
fn instant(date: &str, time: &str) -> Result<Instant, String> {
    if date.is_empty() || time.is_empty() {
        return Err("no date and time".to_owned());
    }
    written_instant(&format!("{}T{time}Z", date.replace('/', "-")))
}
