//! State vectors of the OpenSky Network: `{"time": …, "states": [[…], …]}`.
//!
//! By place in the vector: 0 address, 3 time of the position, 5 longitude, 6 latitude, 7 barometric altitude in metres,
//! 8 on the ground, 13 geometric altitude in metres. The country of origin (2) is not read.
//! Source: <https://openskynetwork.github.io/opensky-api/rest.html>.

use detente_spacetime::{Altitude, Reference};
use serde_json::Value;

use super::{Message, Report, Sink, identity, instant, position};

/// Reads one answer of the interface.
pub(super) fn answer(bytes: &[u8], line: u64, sink: &mut Sink<'_>) {
    let document: Value = match serde_json::from_slice(bytes) {
        Ok(document) => document,
        Err(error) => return sink.take(line, Err(error.to_string())),
    };
    let states = match document.get("states") {
        Some(Value::Array(states)) => states,
        Some(Value::Null) => return,
        _ => return sink.take(line, Err("an answer without `states`".to_owned())),
    };
    for (number, state) in states.iter().enumerate() {
        let message = message(state, sink);
        sink.take(
            line,
            message.map_err(|reason| format!("state {}: {reason}", number + 1)),
        );
    }
}

fn message(state: &Value, sink: &mut Sink<'_>) -> Result<Message, String> {
    let number = |place: usize| state.get(place).and_then(Value::as_f64);
    let address = state.get(0).and_then(Value::as_str);
    let address = address.ok_or_else(|| "no address".to_owned())?;
    let (Some(time), Some(longitude), Some(latitude)) = (number(3), number(5), number(6)) else {
        return Ok(Message::Other);
    };
    let metres = |height_m, reference| Altitude::new(height_m, reference).ok();
    let on_ground = state.get(8).and_then(Value::as_bool).unwrap_or(false);
    let (barometric, geometric) = (number(7), number(13));
    let altitude = match (on_ground, barometric, geometric) {
        (true, _, _) => metres(0.0, Reference::AboveGround),
        (false, Some(height_m), _) => metres(height_m, Reference::Pressure),
        (false, None, Some(height_m)) => metres(height_m, Reference::Ellipsoid),
        (false, None, None) => None,
    };
    let told = barometric.is_some() || geometric.is_some();
    Ok(Message::Report(Report {
        track: identity(address)?,
        at: instant(time)?,
        position: position(latitude, longitude)?,
        altitude: sink.altitude(altitude, told),
        source: None,
    }))
}
