//! Bodies of acts with shapes: small boxes near Idlib, times in September 2016.

use serde_json::{Value, json};

/// A square of about two kilometres around a point.
fn square(lon: f64, lat: f64) -> Value {
    let (w, e, s, n) = (lon - 0.01, lon + 0.01, lat - 0.01, lat + 0.01);
    json!({"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]})
}

fn feature(id: &str, kind: &str, geometry: &Value, more: Value) -> Value {
    let mut properties = json!({
        "id": id, "kind": kind,
        "lower": {"reference": "SFC"},
        "upper": {"value": 9000, "unit": "m", "reference": "W84"},
    });
    if let (Value::Object(properties), Value::Object(more)) = (&mut properties, more) {
        properties.extend(more);
    }
    json!({"type": "Feature", "geometry": geometry, "properties": properties})
}

/// One volume of an operation in a window.
pub(crate) fn volume_in(
    id: &str,
    (party, force): (&str, &str),
    activity: &str,
    (lon, lat): (f64, f64),
    (start, end): &(String, String),
) -> Value {
    let more = json!({
        "operation": id, "party": party, "force": force, "activity": activity,
        "start": start, "end": end,
    });
    feature(&format!("{id}-1"), "operation", &square(lon, lat), more)
}

fn volume(id: &str, party: &str, activity: &str, (lon, lat): (f64, f64), day: u32) -> Value {
    let force = format!("{}-air", party.to_lowercase());
    let window = (
        format!("2016-09-{day}T02:00:00Z"),
        format!("2016-09-{day}T06:00:00Z"),
    );
    volume_in(id, (party, &force), activity, (lon, lat), &window)
}

/// The body of a proposal; the operation flies in the night of the 20th.
pub(crate) fn proposal(id: &str, party: &str, activity: &str, place: (f64, f64)) -> Value {
    json!({
        "features": [volume(id, party, activity, place, 20)],
        "version": 1, "expires": "2016-09-19T00:00:00Z", "process_class": "deliberate",
    })
}

/// The body of a revision.
pub(crate) fn revision(
    id: &str,
    party: &str,
    activity: &str,
    place: (f64, f64),
    version: u32,
) -> Value {
    let mut body = proposal(id, party, activity, place);
    body["version"] = json!(version);
    body
}

/// The body of an excepted flight's notice.
pub(crate) fn flight(id: &str, party: &str, activity: &str, place: (f64, f64)) -> Value {
    json!({"features": [volume(id, party, activity, place, 20)], "exception": activity, "article": "1"})
}

/// An area that asks for the consent of both participants, from the 12th until further notice.
pub(crate) fn area(id: &str, kind: &str, (lon, lat): (f64, f64)) -> Value {
    let mut more =
        json!({"start": "2016-09-12T16:00:00Z", "end": "UFN", "consent_of": ["US", "RU"]});
    if kind == "designated_area" {
        more["area_kind"] = json!("concentrated");
    }
    feature(id, kind, &square(lon, lat), more)
}

/// The body of a hospital's notification.
pub(crate) fn hospital(id: &str, place: (f64, f64)) -> Value {
    json!({
        "feature": building(id, place),
        "consent": {"given_by": "Health Directorate", "at": "2016-09-01T00:00:00Z"},
        "measured_how": "survey", "photo_hashes": [],
    })
}

/// A hospital as a feature.
pub(crate) fn building(id: &str, (lon, lat): (f64, f64)) -> Value {
    let geometry = json!({"type": "Point", "coordinates": [lon, lat]});
    let more = json!({
        "category": "hospital", "accuracy_m": 50, "radius_m": 50,
        "start": "2016-09-01T00:00:00Z", "end": "UFN",
    });
    feature(id, "protected_object", &geometry, more)
}

/// The body of a convoy's notice; it moves on the 20th, in two legs.
pub(crate) fn convoy(id: &str, (lon, lat): (f64, f64)) -> Value {
    let geometry =
        json!({"type": "LineString", "coordinates": [[lon - 0.05, lat], [lon + 0.05, lat]]});
    let more = json!({
        "organisation": "Relief Committee", "half_width_m": 500,
        "start": "2016-09-20T00:00:00Z", "end": "2016-09-20T12:00:00Z",
        "legs": [
            {"name": "There", "start": "2016-09-20T00:00:00Z", "end": "2016-09-20T06:00:00Z"},
            {"name": "Back", "start": "2016-09-20T06:00:00Z", "end": "2016-09-20T12:00:00Z"},
        ],
    });
    json!({"feature": feature(id, "humanitarian_movement", &geometry, more), "lead_time_class": "normal"})
}
