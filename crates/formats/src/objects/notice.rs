//! From the columns of a row to a notice: every value read, every gap named or filled the restrictive way.

use std::collections::BTreeMap;

use detente_records::finding::quoted;
use detente_records::standoff::ACCURACY_UNSTATED_M;
use detente_records::{Problems, characters};
use detente_spacetime::geodesic::distance_m;
use detente_spacetime::notation::{NotationError, Stated, read as read_position};
use detente_spacetime::{EdgeKind, Footprint, Instant, Position};
use serde_json::{Map, Value, json};

use super::{ObjectNotice, column};

/// Metres around a position that stand for an outline nobody drew: a large building with its yard.
const RADIUS_ASSUMED_M: f64 = 100.0;
/// How exactly a hand-held receiver can know a place at best, metres.
const HANDHELD_M: f64 = 15.0;
/// How exactly surveying equipment can know a place at best, metres.
const SURVEY_M: f64 = 5.0;
/// What an outline is drawn with at most by hand; finer ones come as GeoJSON.
const CORNERS_MAX: usize = 200;
/// Names under which WGS84 goes, without spaces and marks.
const WGS84: [&str; 5] = ["wgs84", "w84", "epsg4326", "ogccrs84", "wgs1984"];

/// The columns of a row that hold something.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    pub(super) fn set(&mut self, name: &str, text: &str) {
        self.0.insert(name.to_owned(), text.to_owned());
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// An outline that came drawn, with the properties it came with.
pub(super) struct Drawing<'a> {
    pub(super) geometry: &'a Value,
    pub(super) properties: &'a Map<String, Value>,
}

/// Where a row says that its object is.
struct Where {
    position: Position,
    said: Option<(String, Stated)>,
    footprint: Footprint,
    geometry: Value,
    radius_m: Option<f64>,
}

/// Makes a notice of what a row says.
pub(super) fn notice(
    fields: &Fields,
    drawing: Option<&Drawing<'_>>,
    problems: &mut Problems,
) -> Option<ObjectNotice> {
    for name in ["id", "category", "consent_by", "consent_at"] {
        if fields.text(name).is_none() {
            let message = format!("`{name}` is missing");
            problems
                .error("missing_property", column(name), message)
                .help(match name {
                    "consent_by" | "consent_at" => {
                        "nobody is notified without the consent of those who run the place"
                    }
                    _ => "fill the column",
                });
        }
    }
    check_datum(fields, problems);
    check_directions(fields, problems);
    let there = located(fields, drawing, problems);
    let measured = measured(fields, problems);
    let consent_at = instant(fields, "consent_at", problems);
    let start = instant(fields, "start", problems).or(consent_at);
    let explicit_end = instant(fields, "explicit_end", problems);
    let review_by = instant(fields, "review_by", problems);
    let standoff_m = number(fields, "standoff_m", problems);
    let upper_m = number(fields, "upper_agl_m", problems);
    let there = there?;
    let accuracy_m = accuracy(fields, measured, there.said.as_ref(), problems);
    let mut properties = drawing.map_or_else(Map::new, |drawing| drawing.properties.clone());
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            properties.insert(name.to_owned(), value);
        }
    };
    set("kind", Some(json!("protected_object")));
    set("id", fields.text("id").map(Value::from));
    set("category", fields.text("category").map(Value::from));
    set("name", name(fields));
    set("submitted_by", fields.text("submitted_by").map(Value::from));
    set("accuracy_m", accuracy_m.map(Value::from));
    set("standoff_m", standoff_m.map(Value::from));
    set("radius_m", there.radius_m.map(Value::from));
    set("start", start.map(|start| json!(start.to_string())));
    if let Some(upper_m) = upper_m {
        set("lower", Some(json!({"reference": "SFC"})));
        let upper = json!({"value": upper_m, "unit": "m", "reference": "AGL"});
        set("upper", Some(upper));
    }
    properties.entry("end").or_insert_with(|| json!("UFN"));
    let feature = json!({"type": "Feature", "geometry": there.geometry, "properties": properties});
    let mut consent = Map::new();
    consent.insert("given_by".to_owned(), json!(fields.text("consent_by")?));
    consent.insert("at".to_owned(), json!(consent_at?.to_string()));
    if let Some(terms) = fields.text("consent_terms") {
        consent.insert("terms".to_owned(), json!(terms));
    }
    let mut body = Map::new();
    body.insert("feature".to_owned(), feature);
    body.insert("consent".to_owned(), Value::Object(consent));
    body.insert("measured_how".to_owned(), json!(measured));
    let hashes: Vec<&str> = fields
        .text("photo_hashes")
        .unwrap_or_default()
        .split([' ', '|', ',', ';', '\n'])
        .filter(|hash| !hash.is_empty())
        .collect();
    if !hashes.is_empty() {
        body.insert("photo_hashes".to_owned(), json!(hashes));
    }
    if let Some(function) = fields.text("function") {
        body.insert("function".to_owned(), json!(function));
    }
    for (name, at) in [("explicit_end", explicit_end), ("review_by", review_by)] {
        if let Some(at) = at {
            body.insert(name.to_owned(), json!(at.to_string()));
        }
    }
    Some(ObjectNotice {
        body,
        position: there.position,
        said: there.said,
        footprint: there.footprint,
        place: fields.text("place").map(str::to_owned),
    })
}

fn check_datum(fields: &Fields, problems: &mut Problems) {
    let Some(datum) = fields.text("datum") else {
        problems
            .warning(
                "datum_assumed",
                column("datum"),
                "the datum is not stated, and taken for WGS84",
            )
            .help("ask which datum the positions were read in, and say so in `datum`");
        return;
    };
    let plain: String = datum
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    if !WGS84.contains(&plain.as_str()) {
        let message = format!("the datum is {}, and only WGS84 is taken", quoted(datum));
        problems
            .error("other_datum", column("datum"), message)
            .help("convert the positions to WGS84: between datums they differ by a hundred metres and more");
    }
}

/// Names and texts must read as what they hold.
fn check_directions(fields: &Fields, problems: &mut Problems) {
    for (name, text) in &fields.0 {
        let turned = text
            .chars()
            .find(|letter| characters::is_direction_override(*letter));
        if let Some(turned) = turned {
            let message = format!(
                "`{name}` holds the invisible character U+{:04X}, which turns the text around it",
                u32::from(turned)
            );
            problems
                .error("direction_override", column(name), message)
                .help("type the text anew instead of copying it; Arabic needs no such character");
        }
    }
}

/// Reads where the object is, and holds what was said twice against itself.
fn located(
    fields: &Fields,
    drawing: Option<&Drawing<'_>>,
    problems: &mut Problems,
) -> Option<Where> {
    let said = said(fields, problems);
    let radius_m = number(fields, "radius_m", problems);
    if let Some(drawing) = drawing {
        return drawn(drawing, said, radius_m, problems);
    }
    let (text, stated) = said?;
    let position = stated.position;
    let said = Some((text, stated));
    let Some(corners) = fields.text("corners") else {
        let radius_m = radius_m.unwrap_or_else(|| {
            let message =
                format!("no outline is given, and a circle of {RADIUS_ASSUMED_M} m is taken");
            problems
                .warning("footprint_assumed", column("radius_m"), message)
                .help("say `radius_m`, or draw the outline in `corners`");
            RADIUS_ASSUMED_M
        });
        let footprint = circle(position, radius_m, problems)?;
        return Some(Where {
            position,
            said,
            footprint,
            geometry: json!({"type": "Point", "coordinates": coordinates(position)}),
            radius_m: Some(radius_m),
        });
    };
    if radius_m.is_some() {
        problems
            .error(
                "two_outlines",
                column("corners"),
                "both `radius_m` and `corners` say what the outline is",
            )
            .help("keep one of them");
    }
    let ring = ring(corners, problems)?;
    let footprint = polygon(&ring, problems)?;
    holds(&footprint, position, problems);
    let mut points: Vec<Value> = ring.iter().map(|corner| coordinates(*corner)).collect();
    points.extend(points.first().cloned());
    Some(Where {
        position,
        said,
        footprint,
        geometry: json!({"type": "Polygon", "coordinates": [points]}),
        radius_m: None,
    })
}

/// The outline must hold the point: one of the two is mistaken otherwise.
fn holds(footprint: &Footprint, position: Position, problems: &mut Problems) {
    if !footprint.contains(position) {
        problems
            .error(
                "point_outside_footprint",
                column("position"),
                "the position lies outside the outline",
            )
            .help("one of the two is mistaken: compare both with the place, and with a map");
    }
}

fn drawn(
    drawing: &Drawing<'_>,
    said: Option<(String, Stated)>,
    radius_m: Option<f64>,
    problems: &mut Problems,
) -> Option<Where> {
    let geometry = drawing.geometry;
    let kind = geometry["type"].as_str().unwrap_or_default();
    let pair = |value: &Value| -> Option<Position> {
        Position::new(value[1].as_f64()?, value[0].as_f64()?).ok()
    };
    let wrong = |problems: &mut Problems, message: &str| {
        problems
            .error("invalid_geometry", column("geometry"), message)
            .help("draw a Point with `radius_m`, or a Polygon whose corners do not cross; longitude first");
    };
    let (middle, footprint, radius_m) = match kind {
        "Point" => {
            let Some(position) = pair(&geometry["coordinates"]) else {
                wrong(problems, "the point is no position");
                return None;
            };
            let radius_m = radius_m.unwrap_or_else(|| {
                let message = format!(
                    "no `radius_m` is given, and a circle of {RADIUS_ASSUMED_M} m is taken"
                );
                problems
                    .warning("footprint_assumed", column("radius_m"), message)
                    .help("say `radius_m`, or draw the outline");
                RADIUS_ASSUMED_M
            });
            (
                position,
                circle(position, radius_m, problems)?,
                Some(radius_m),
            )
        }
        "Polygon" => {
            let rings: Option<Vec<Vec<Position>>> = geometry["coordinates"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|ring| ring.as_array()?.iter().map(pair).collect())
                .collect();
            let rings = rings.filter(|rings| !rings.is_empty()).map(opened);
            let shaped = rings.map(|rings| Footprint::polygon(&rings, EdgeKind::Geodesic));
            let Some(Ok(shaped)) = shaped else {
                wrong(problems, "the polygon is no outline");
                return None;
            };
            let bounds = shaped.footprint.bounds();
            let rect = bounds.rects().next()?;
            let middle = Position::new(
                (rect.south_deg + rect.north_deg) / 2.0,
                (rect.west_deg + rect.east_deg) / 2.0,
            );
            (middle.ok()?, shaped.footprint, None)
        }
        _ => {
            wrong(problems, "the geometry is neither a Point nor a Polygon");
            return None;
        }
    };
    if let Some((_, stated)) = &said {
        holds(&footprint, stated.position, problems);
    }
    Some(Where {
        position: said.as_ref().map_or(middle, |(_, stated)| stated.position),
        said,
        footprint,
        geometry: geometry.clone(),
        radius_m,
    })
}

/// Rings without the first corner repeated at their ends.
fn opened(mut rings: Vec<Vec<Position>>) -> Vec<Vec<Position>> {
    for ring in &mut rings {
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
    }
    rings
}

/// Reads the position, in one column or in two; both must agree where both are there.
fn said(fields: &Fields, problems: &mut Problems) -> Option<(String, Stated)> {
    let one = fields.text("position").map(str::to_owned);
    let two = match (fields.text("latitude"), fields.text("longitude")) {
        // A semicolon leaves a comma to be a decimal mark.
        (Some(latitude), Some(longitude)) => Some(format!("{latitude}; {longitude}")),
        (None, None) => None,
        (latitude, _) => {
            let missing = if latitude.is_some() {
                "longitude"
            } else {
                "latitude"
            };
            let message = format!("`{missing}` is missing");
            problems
                .error("missing_property", column(missing), message)
                .help("give both, or `position`");
            None
        }
    };
    let mut read = |name: &str, text: String| match read_position(&text) {
        Ok(stated) => Some((text, stated)),
        Err(error) => {
            let code = match error {
                NotationError::Ambiguous { .. } => "ambiguous_position",
                _ => "invalid_position",
            };
            let message = format!("{}: {error}", quoted(&text));
            problems
                .error(code, column(name), message)
                .help(error.help());
            None
        }
    };
    match (one, two) {
        (Some(text), None) => read("position", text),
        (None, Some(text)) => read("latitude", text),
        (Some(one), Some(two)) => {
            let (one, two) = (read("position", one)?, read("latitude", two)?);
            let apart_m = distance_m(one.1.position, two.1.position);
            if apart_m > one.1.precision_m + two.1.precision_m {
                let message =
                    format!("`position` and `latitude`, `longitude` lie {apart_m:.0} m apart");
                problems
                    .error("two_positions", column("position"), message)
                    .help("compare both with the source and keep the right one");
            }
            // What is said more exactly stands.
            Some(if two.1.precision_m < one.1.precision_m {
                two
            } else {
                one
            })
        }
        (None, None) => {
            let is_half = fields.text("latitude").is_some() != fields.text("longitude").is_some();
            if is_half || fields.text("geometry").is_some() {
                return None;
            }
            problems
                .error(
                    "missing_property",
                    column("position"),
                    "there is no position",
                )
                .help("fill `position`, or `latitude` and `longitude`");
            None
        }
    }
}

fn ring(corners: &str, problems: &mut Problems) -> Option<Vec<Position>> {
    let mut ring = Vec::new();
    for text in corners
        .split('|')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        match read_position(text) {
            Ok(stated) => ring.push(stated.position),
            Err(error) => {
                let message = format!("the corner {}: {error}", quoted(text));
                problems
                    .error("invalid_position", column("corners"), message)
                    .help(error.help());
                return None;
            }
        }
    }
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    if (3..=CORNERS_MAX).contains(&ring.len()) {
        return Some(ring);
    }
    let message = format!("{} corners where 3 to {CORNERS_MAX} belong", ring.len());
    problems
        .error("invalid_geometry", column("corners"), message)
        .help(
            "write the corners in their order, with | between them; finer outlines come as GeoJSON",
        );
    None
}

fn polygon(ring: &[Position], problems: &mut Problems) -> Option<Footprint> {
    match Footprint::polygon(&[ring.to_vec()], EdgeKind::Geodesic) {
        Ok(shaped) => Some(shaped.footprint),
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            problems
                .error("invalid_geometry", column("corners"), faults.join("; "))
                .help("write the corners in their order around the outline");
            None
        }
    }
}

fn circle(position: Position, radius_m: f64, problems: &mut Problems) -> Option<Footprint> {
    match Footprint::circle(position, radius_m) {
        Ok(shaped) => Some(shaped.footprint),
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            problems
                .error("invalid_geometry", column("radius_m"), faults.join("; "))
                .help("give a radius in metres, such as 80");
            None
        }
    }
}

fn coordinates(position: Position) -> Value {
    // Nine decimals are a tenth of a millimetre: what more a projection computes is noise.
    let short = |degrees: f64| (degrees * 1e9).round() / 1e9;
    json!([
        short(position.longitude_deg()),
        short(position.latitude_deg())
    ])
}

fn measured<'a>(fields: &'a Fields, problems: &mut Problems) -> &'a str {
    fields.text("measured_how").unwrap_or_else(|| {
        problems
            .warning(
                "measurement_unknown",
                column("measured_how"),
                "how the place was measured is not stated",
            )
            .help("ask, and say survey, handheld, imagery, map or described");
        "unknown"
    })
}

/// How far the true place may lie from the stated one: what is stated, but never less than the digits leave open. Where
/// nothing is stated, the way of measuring says how exactly a place can be known.
fn accuracy(
    fields: &Fields,
    measured: &str,
    said: Option<&(String, Stated)>,
    problems: &mut Problems,
) -> Option<f64> {
    let precision_m = said.map_or(0.0, |(_, stated)| stated.precision_m);
    let upward = |metres: f64| (metres * 10.0).ceil() / 10.0;
    if fields.text("accuracy_m").is_some() {
        let stated_m = number(fields, "accuracy_m", problems)?;
        if stated_m >= precision_m {
            return Some(stated_m);
        }
        let message = format!(
            "an accuracy of {stated_m} m is finer than the digits of the position, which leave {precision_m:.1} m open"
        );
        problems
            .warning("accuracy_widened", column("accuracy_m"), message)
            .help("write the position with more digits, or state the accuracy of what is written");
        return Some(upward(precision_m));
    }
    let best_m = match measured {
        "survey" => SURVEY_M,
        "handheld" => HANDHELD_M,
        _ => ACCURACY_UNSTATED_M,
    };
    let assumed_m = upward(precision_m.max(best_m));
    let message = format!("the accuracy is not stated, and taken for {assumed_m} m");
    problems
        .warning("accuracy_assumed", column("accuracy_m"), message)
        .help("say in `accuracy_m` how far the true place may lie from the stated one");
    Some(assumed_m)
}

/// Reads a number of metres; digits of any script, decimals behind a point or a comma.
fn number(fields: &Fields, name: &str, problems: &mut Problems) -> Option<f64> {
    let text = fields.text(name)?;
    if let Some((as_decimals, as_thousands)) = two_readings(text) {
        let message = format!(
            "`{name}` {} can be read as {as_decimals} m and as {as_thousands} m",
            quoted(text)
        );
        let help = format!("write {as_decimals} or {as_thousands}");
        problems
            .error("ambiguous_number", column(name), message)
            .help(help);
        return None;
    }
    let plain: String = text
        .chars()
        .filter_map(|letter| match letter {
            '\u{0660}'..='\u{0669}' => char::from_digit(u32::from(letter) - 0x0660, 10),
            '\u{06f0}'..='\u{06f9}' => char::from_digit(u32::from(letter) - 0x06f0, 10),
            ',' | '٫' => Some('.'),
            space if space.is_whitespace() => None,
            other => Some(other),
        })
        .collect();
    let is_plain = plain
        .chars()
        .all(|letter| letter.is_ascii_digit() || letter == '.');
    let found: Option<f64> = plain.parse().ok().filter(|_| is_plain);
    if found.is_none() {
        let message = format!("`{name}` {} is not a number of metres", quoted(text));
        problems
            .error("invalid_number", column(name), message)
            .help("write metres alone, such as 80 or 12.5");
    }
    found
}

/// The readings of a figure whose one comma may part decimals or thousands: `1,500` is 1.500 or 1500.
fn two_readings(text: &str) -> Option<(String, String)> {
    let (whole, rest) = text.trim().split_once(',')?;
    let are_digits = |part: &str| part.chars().all(char::is_numeric);
    let is_group = rest.chars().count() == 3 && are_digits(rest);
    let could_lead = (1..=3).contains(&whole.chars().count())
        && are_digits(whole)
        && !whole.starts_with(['0', '\u{0660}', '\u{06f0}']);
    (is_group && could_lead).then(|| (format!("{whole}.{rest}"), format!("{whole}{rest}")))
}

/// Reads an instant, or a day as its first moment in UTC.
fn instant(fields: &Fields, name: &str, problems: &mut Problems) -> Option<Instant> {
    let text = fields.text(name)?;
    let day = format!("{text}T00:00:00Z");
    let found = Instant::parse_rfc3339(text).or_else(|_| Instant::parse_rfc3339(&day));
    if found.is_err() {
        let message = format!("`{name}` {} is neither a day nor an instant", quoted(text));
        problems
            .error("invalid_instant", column(name), message)
            .help("write 2016-09-14, or 2016-09-14T02:00:00Z");
    }
    found.ok()
}

fn name(fields: &Fields) -> Option<Value> {
    let languages = ["en", "ar", "ru"].into_iter().filter_map(|language| {
        let name = fields.text(&format!("name_{language}"))?;
        Some((language.to_owned(), json!(name)))
    });
    let names: Map<String, Value> = languages.collect();
    match names.is_empty() {
        true => fields.text("name").map(Value::from),
        false => Some(Value::Object(names)),
    }
}
