//! State vectors of the OpenSky Network: `{"time": …, "states": [[…], …]}`.
//!
//! By place in the vector: 0 address, 3 time of the position, 5 longitude, 6 latitude, 7 barometric altitude in metres,
//! 8 on the ground, 13 geometric altitude in metres. The country of origin (2) is not read.
//! Source: <https://openskynetwork.github.io/opensky-api/rest.html>.

use std::io::{self, BufRead, Read};

use detente_spacetime::{Altitude, Reference};
use serde_json::Value;

use super::{DOCUMENT_BYTES_MAX, Message, Report, Sink, identity, instant, position};

pub(super) fn read(input: &mut dyn BufRead, sink: &mut Sink<'_>) -> io::Result<()> {
    documents(input, sink, &mut answer)
}

/// Reads one answer of the interface.
pub(super) fn answer(document: &Value, line: u64, sink: &mut Sink<'_>) {
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

/// Reads one JSON document after the other; line numbers are those of their first lines.
///
/// After a document that cannot be read the rest is left, because nothing tells where the next begins.
pub(super) fn documents(
    input: &mut dyn BufRead,
    sink: &mut Sink<'_>,
    each: &mut dyn FnMut(&Value, u64, &mut Sink<'_>),
) -> io::Result<()> {
    let mut bytes = Vec::new();
    let read = input.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes)? as u64;
    if read > DOCUMENT_BYTES_MAX {
        sink.take(1, Err(format!("larger than {DOCUMENT_BYTES_MAX} bytes")));
        return Ok(());
    }
    let mut stream = serde_json::Deserializer::from_slice(&bytes).into_iter::<Value>();
    let (mut line, mut counted) = (1, 0);
    loop {
        let from = stream.byte_offset();
        let blank = bytes.get(from..).unwrap_or_default();
        let blank = blank.iter().take_while(|byte| byte.is_ascii_whitespace());
        let start = from + blank.count();
        let passed = bytes.get(counted..start).unwrap_or_default();
        line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        counted = start;
        match stream.next() {
            Some(Ok(document)) => each(&document, line, sink),
            Some(Err(error)) => {
                sink.take(error.line().max(1) as u64, Err(error.to_string()));
                return Ok(());
            }
            None => return Ok(()),
        }
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
