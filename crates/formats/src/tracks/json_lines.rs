//! One JSON object a line: `t`, `id`, `lat`, `lon`, and if known `alt_m`, `reference`, `source`.

use detente_spacetime::{Altitude, Reference};
use serde::Deserialize;

use super::{Message, Report, Tally, identity, name, position, written_instant};

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    t: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
    lat: Option<f64>,
    lon: Option<f64>,
    alt_m: Option<f64>,
    #[serde(borrow)]
    reference: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    source: Option<std::borrow::Cow<'a, str>>,
}

pub(super) fn message(line: &str, tally: &mut Tally) -> Result<Message, String> {
    // Which line it is, is told with it: to the reader of JSON each is the first.
    let wrong = |error: serde_json::Error| {
        error
            .to_string()
            .replacen(" at line 1 column", ", column", 1)
    };
    let line: Line<'_> = serde_json::from_str(line).map_err(wrong)?;
    let (Some(latitude), Some(longitude)) = (line.lat, line.lon) else {
        return Ok(Message::Other);
    };
    let altitude = line.alt_m.and_then(|height_m| {
        let reference = Reference::from_code(line.reference.as_deref()?)?;
        Altitude::new(height_m, reference).ok()
    });
    if line.alt_m.is_some() && altitude.is_none() {
        tally.without_reference += 1;
    }
    Ok(Message::Report(Report {
        track: identity(&line.id)?,
        at: written_instant(&line.t)?,
        position: position(latitude, longitude)?,
        altitude,
        source: line.source.as_deref().map(name).transpose()?,
    }))
}
