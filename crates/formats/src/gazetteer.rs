//! Gazetteers: places with their names, as CSV or as GeoJSON points.
//!
//! CSV (RFC 4180, UTF-8) with a header line: `id`, `latitude_deg`, `longitude_deg`, `accuracy_m`,
//! `names`, `source`, in any order; other columns are left alone. `names` holds one name after the
//! other, each with its language: `en:Aleppo|ar:حلب|ru:Алеппо`. GeoJSON is a FeatureCollection of
//! points with the same names as properties, `names` being an object from language to a name or a
//! list of names.

use std::collections::BTreeSet;

use detente_records::finding::quoted;
use detente_records::{LanguageTag, NamedPlace, Place, PlaceId, PlaceName, Problems};
use detente_spacetime::Position;
use serde_json::{Map, Value};

use crate::csv;

/// The largest gazetteer read, in bytes: every settlement of a continent.
pub const GAZETTEER_BYTES_MAX: usize = 64 << 20;
/// Most places of one gazetteer.
pub const PLACES_MAX: usize = 500_000;
/// Most names of one place: every spelling somebody ever used.
pub const PLACE_NAMES_MAX: usize = 64;

const COLUMNS: [&str; 6] = [
    "id",
    "latitude_deg",
    "longitude_deg",
    "accuracy_m",
    "names",
    "source",
];

/// Reads a gazetteer; reports everything that is wrong with it, line by line.
///
/// Places that are sound are returned even when others are not: whoever reads decides.
pub fn read_gazetteer(document: &str, bytes: &[u8]) -> (Vec<NamedPlace>, Problems) {
    let mut problems = Problems::new(document);
    if bytes.len() > GAZETTEER_BYTES_MAX {
        let message = format!("{} bytes, more than {GAZETTEER_BYTES_MAX}", bytes.len());
        problems
            .error("document_too_long", Place::default(), message)
            .help("leave out what lies outside the area of the agreement");
        return (Vec::new(), problems);
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        problems
            .error("invalid_utf8", Place::default(), "the file is not UTF-8")
            .help("save it as UTF-8; Arabic and Russian names in other encodings cannot be told apart");
        return (Vec::new(), problems);
    };
    let rows = if text.trim_start().starts_with('{') {
        geojson(text, &mut problems)
    } else {
        table(text, &mut problems)
    };
    let mut places = Vec::new();
    let mut ids = BTreeSet::new();
    for row in rows {
        if places.len() >= PLACES_MAX {
            let message = format!("more than {PLACES_MAX} places");
            problems
                .error("too_many_entries", row.place.clone(), message)
                .help("leave out what lies outside the area of the agreement");
            break;
        }
        if let Some(place) = row.checked(&mut problems) {
            if ids.insert(place.id.clone()) {
                places.push(place);
            } else {
                let message = format!("{} occurs twice", quoted(place.id.as_str()));
                problems
                    .error("duplicate_id", row.place.clone(), message)
                    .help("give each place an id of its own");
            }
        }
    }
    (places, problems)
}

/// One place before it is checked.
struct Row {
    place: Place,
    id: String,
    latitude: String,
    longitude: String,
    accuracy: String,
    source: String,
    /// Language and name.
    names: Vec<(String, String)>,
}

impl Row {
    fn checked(&self, problems: &mut Problems) -> Option<NamedPlace> {
        let mut wrong = |code, message: String, help: &str| {
            problems.error(code, self.place.clone(), message).help(help);
        };
        let id = PlaceId::parse(self.id.trim());
        if let Err(error) = &id {
            wrong(
                "invalid_name",
                error.to_string(),
                "give a short, printable id",
            );
        }
        let mut number = |what: &str, text: &str| {
            let number: Option<f64> = text.trim().parse().ok();
            let number = number.filter(|number| number.is_finite());
            if number.is_none() {
                let message = format!("`{what}` {} is not a number", quoted(text.trim()));
                wrong(
                    "invalid_number",
                    message,
                    "write it in decimals, such as 36.2012",
                );
            }
            number
        };
        let latitude = number("latitude_deg", &self.latitude);
        let longitude = number("longitude_deg", &self.longitude);
        let accuracy = number("accuracy_m", &self.accuracy);
        if accuracy.is_some_and(|accuracy| accuracy < 0.0) {
            wrong(
                "out_of_range",
                "`accuracy_m` is negative".to_owned(),
                "give metres, 0 or more",
            );
        }
        let position = match (latitude, longitude) {
            (Some(latitude), Some(longitude)) => Position::new(latitude, longitude)
                .map_err(|error| {
                    wrong(
                        "invalid_position",
                        error.to_string(),
                        "give degrees: latitude from -90 to 90, longitude from -180 to 180",
                    );
                })
                .ok(),
            _ => None,
        };
        let mut names = Vec::new();
        for (language, text) in &self.names {
            let text = text.trim();
            // The rules of names hold: nothing invisible, nothing that turns the line around.
            let language = LanguageTag::parse(language.trim());
            match (language, PlaceId::parse(text)) {
                (Ok(language), Ok(_)) => names.push(PlaceName {
                    language,
                    text: text.to_owned(),
                }),
                (Err(error), _) => wrong("invalid_language", error.to_string(), "write en, ru, ar"),
                (_, Err(error)) => wrong(
                    "invalid_name",
                    error.to_string(),
                    "write the name as it is read, without control characters",
                ),
            }
        }
        if self.names.is_empty() || self.names.len() > PLACE_NAMES_MAX {
            let message = format!("{} names", self.names.len());
            let help = format!("give 1 to {PLACE_NAMES_MAX} names, such as en:Aleppo|ar:حلب");
            wrong("out_of_range", message, &help);
        }
        if self.source.trim().is_empty() {
            wrong(
                "missing_property",
                "`source` is empty".to_owned(),
                "say how the position is known; a position nobody vouches for is read back as one",
            );
        }
        let sound = names.len() == self.names.len() && !names.is_empty();
        Some(NamedPlace {
            id: id.ok()?,
            names: sound.then_some(names)?,
            position: position?,
            accuracy_m: accuracy.filter(|accuracy| *accuracy >= 0.0)?,
            source: Some(self.source.trim().to_owned()).filter(|source| !source.is_empty())?,
        })
    }
}

fn table(text: &str, problems: &mut Problems) -> Vec<Row> {
    let mut lines = csv::read(text, ',').records.into_iter();
    let header = lines.next().unwrap_or_default();
    let mut columns = [None; COLUMNS.len()];
    for (column, wanted) in columns.iter_mut().zip(COLUMNS) {
        *column = header.fields.iter().position(|name| name.trim() == wanted);
        if column.is_none() {
            let message = format!("there is no column `{wanted}`");
            problems
                .error("missing_property", at(1), message)
                .help(format!(
                    "begin with a line that names {}",
                    COLUMNS.join(", ")
                ));
        }
    }
    let [
        Some(id),
        Some(latitude),
        Some(longitude),
        Some(accuracy),
        Some(names),
        Some(source),
    ] = columns
    else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    for record in lines {
        if record.fields.len() != header.fields.len() {
            let message = format!(
                "{} fields where the header has {}",
                record.fields.len(),
                header.fields.len()
            );
            problems
                .error("wrong_type", at(record.line), message)
                .help("put a field that holds a comma between double quotes");
            continue;
        }
        let field = |index: usize| record.fields.get(index).cloned().unwrap_or_default();
        let named = field(names);
        let named = named.split('|').filter(|name| !name.trim().is_empty());
        let named = named.map(|name| match name.split_once(':') {
            Some((language, name)) => (language.to_owned(), name.to_owned()),
            None => (String::new(), name.to_owned()),
        });
        rows.push(Row {
            place: at(record.line),
            id: field(id),
            latitude: field(latitude),
            longitude: field(longitude),
            accuracy: field(accuracy),
            source: field(source),
            names: named.collect(),
        });
    }
    rows
}

fn at(line: u32) -> Place {
    Place {
        line: Some(line),
        column: Some(1),
        ..Place::default()
    }
}

fn geojson(text: &str, problems: &mut Problems) -> Vec<Row> {
    let document: Value = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            let line = u32::try_from(error.line()).unwrap_or(u32::MAX);
            problems
                .error("invalid_json", at(line), error.to_string())
                .help("a gazetteer is a FeatureCollection of points, or CSV");
            return Vec::new();
        }
    };
    let Some(features) = document.get("features").and_then(Value::as_array) else {
        problems
            .error(
                "missing_property",
                Place::default(),
                "there are no `features`",
            )
            .help("a gazetteer is a FeatureCollection of points, or CSV");
        return Vec::new();
    };
    let mut rows = Vec::new();
    for (index, feature) in features.iter().enumerate() {
        let place = Place {
            pointer: Some(format!("/features/{index}")),
            ..Place::default()
        };
        let geometry = &feature["geometry"];
        let coordinates = geometry["coordinates"].as_array();
        let (Some("Point"), Some(coordinates)) = (geometry["type"].as_str(), coordinates) else {
            problems
                .error("wrong_type", place, "the geometry is not a Point")
                .help("a gazetteer holds points; areas belong into areas.geojson");
            continue;
        };
        let nothing = Map::new();
        let properties = feature["properties"].as_object().unwrap_or(&nothing);
        let shown = |value: Option<&Value>| match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let property = |name: &str| shown(properties.get(name));
        let mut names = Vec::new();
        for (language, found) in properties
            .get("names")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            match found {
                Value::Array(all) => {
                    names.extend(all.iter().map(|name| (language.clone(), shown(Some(name)))));
                }
                one => names.push((language.clone(), shown(Some(one)))),
            }
        }
        rows.push(Row {
            place,
            id: property("id"),
            latitude: shown(coordinates.get(1)),
            longitude: shown(coordinates.first()),
            accuracy: property("accuracy_m"),
            source: property("source"),
            names,
        });
    }
    rows
}
