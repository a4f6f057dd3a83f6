//! Objects as a FeatureCollection in the exchange profile.

use std::collections::BTreeMap;

use detente_records::finding::quoted;
use detente_records::{Place, Problems, exclusion};
use serde_json::{Map, Value};

use super::notice::{Drawing, Fields, notice};
use super::{COLUMNS, FIELD_CHARS_MAX, Head, OBJECT_ROWS_MAX, ObjectRow, Raw, SheetForm, column};

/// What is written beside a refused feature.
const REASON: &str = "refused_because";
/// Properties that are no part of the profile: they go into the act, not into its feature.
const BESIDE: [&str; 14] = [
    "position",
    "latitude",
    "longitude",
    "datum",
    "place",
    "upper_agl_m",
    "measured_how",
    "consent_by",
    "consent_at",
    "consent_terms",
    "function",
    "photo_hashes",
    "explicit_end",
    "review_by",
];

pub(super) fn read(
    document: &str,
    text: &str,
    problems: &mut Problems,
) -> (SheetForm, Head, Vec<ObjectRow>) {
    let form = SheetForm::Collection;
    let nothing = || Head::Collection(Map::new());
    let mut members: Map<String, Value> = match serde_json::from_str(text) {
        Ok(members) => members,
        Err(error) => {
            let place = Place {
                line: u32::try_from(error.line()).ok(),
                ..Place::default()
            };
            problems
                .error("invalid_json", place, error.to_string())
                .help("give a FeatureCollection, or a table");
            return (form, nothing(), Vec::new());
        }
    };
    let features = match members.get_mut("features") {
        Some(Value::Array(features)) => std::mem::take(features),
        _ => {
            problems
                .error(
                    "missing_property",
                    Place::default(),
                    "there are no `features`",
                )
                .help("give a FeatureCollection, or a table");
            return (form, nothing(), Vec::new());
        }
    };
    if features.len() > OBJECT_ROWS_MAX {
        let message = format!("more than {OBJECT_ROWS_MAX} features");
        problems
            .error("too_many_entries", Place::default(), message)
            .help("split the file into several");
        return (form, nothing(), Vec::new());
    }
    let numbered = (1..).zip(features);
    let rows = numbered.map(|(number, feature)| row(document, number, feature));
    (form, Head::Collection(members), rows.collect())
}

fn row(document: &str, number: u32, feature: Value) -> ObjectRow {
    let mut problems = Problems::new(document);
    let empty = Map::new();
    let properties = feature["properties"].as_object().unwrap_or(&empty);
    let mut fields = Fields::default();
    let mut kept = BTreeMap::new();
    for (name, value) in properties {
        if let Some(term) = exclusion::excluded_term(name) {
            exclusion::report(name, term, column(name), &mut problems);
        }
        let is_beside = BESIDE.contains(&name.as_str());
        if let Some(text) = shown(value) {
            if text.chars().count() > FIELD_CHARS_MAX {
                let message = format!("more than {FIELD_CHARS_MAX} characters");
                problems
                    .error("text_too_long", column(name), message)
                    .help("keep long texts beside the file");
                continue;
            }
            if COLUMNS.iter().any(|(known, _)| known == name) {
                fields.set(name, &text);
            }
        } else if is_beside {
            let message = format!("`{name}` {} is no text", quoted(&value.to_string()));
            problems
                .error("wrong_type", column(name), message)
                .help("write it as the column of a table");
        }
        if !is_beside && name != REASON && !name.starts_with("name_") {
            kept.insert(name.clone(), value.clone());
        }
    }
    let id = match (fields.text("id"), shown(&feature["id"])) {
        (None, Some(id)) => {
            fields.set("id", &id);
            id
        }
        (id, _) => id.unwrap_or_default().to_owned(),
    };
    if feature["geometry"].is_object() {
        fields.set("geometry", "drawn");
    }
    let properties: Map<String, Value> = kept.into_iter().collect();
    let drawing = Drawing {
        geometry: &feature["geometry"],
        properties: &properties,
    };
    let drawing = feature["geometry"].is_object().then_some(&drawing);
    let found = notice(&fields, drawing, &mut problems);
    ObjectRow {
        number,
        id,
        notice: found.filter(|_| !problems.has_errors()),
        problems,
        raw: Raw::Feature(feature),
    }
}

/// A value as the field of a table.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Some(items?.join(" "))
        }
        _ => None,
    }
}

/// Writes features with their reasons.
pub(super) fn mended<'a>(
    members: &Map<String, Value>,
    rows: impl Iterator<Item = (&'a ObjectRow, &'a str)>,
) -> String {
    let features = rows.filter_map(|(row, reason)| {
        let Raw::Feature(feature) = &row.raw else {
            return None;
        };
        let mut feature = feature.clone();
        if let Some(properties) = feature.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(REASON.to_owned(), Value::from(reason));
        }
        Some(feature)
    });
    let mut members = members.clone();
    members.insert("features".to_owned(), features.collect());
    let text = serde_json::to_string_pretty(&members).unwrap_or_default();
    format!("{text}\n")
}
