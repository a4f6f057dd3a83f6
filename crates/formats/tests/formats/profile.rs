//! The exchange profile: every kind of record read, written and read again.

use detente_formats::geojson::{self, Records};
use detente_records::{Area, Gathering, HumanitarianMovement, ProtectedObject, Record, properties};

use crate::shown;

/// One feature of every kind, using every property and every geometry.
pub(crate) const EVERY_KIND: &str = r#"{"type": "FeatureCollection", "features": [
{"type": "Feature", "id": "a-1", "geometry": {"type": "MultiPolygon", "coordinates": [[[[37, 36], [37.1, 36], [37.1, 36.1], [37, 36]]], [[[38, 36], [38.1, 36], [38.1, 36.1], [38, 36]]]]}, "properties": {"kind": "designated_area", "area_kind": "possible", "name": {"en": "North", "ar": "الشمال"}, "applies_to": ["syrian-air-force"], "activities": ["strike", "medevac"], "consent_of": ["US", "RU"], "groups": ["opposition"], "lower": {"reference": "SFC"}, "upper": {"reference": "UNL"}, "start": "2016-09-12T16:00:00Z", "end": "UFN", "note": "drawn by hand", "datum": "WGS84"}},
{"type": "Feature", "id": "a-2", "geometry": {"type": "Polygon", "coordinates": [[[36, 36], [36.5, 36], [36.5, 36.5], [36, 36.5], [36, 36]], [[36.1, 36.1], [36.1, 36.2], [36.2, 36.2], [36.2, 36.1], [36.1, 36.1]]]}, "properties": {"kind": "prohibited_area", "edges": "parallel", "lower": {"value": 300, "unit": "ft", "reference": "AGL"}, "upper": {"value": 195, "unit": "FL"}, "start": "2016-09-12T16:00:00.25Z", "end": "2017-01-01T00:00:00Z"}},
{"type": "Feature", "id": "h-1", "geometry": {"type": "Point", "coordinates": [36.81, 36.14]}, "properties": {"kind": "protected_object", "category": "hospital", "radius_m": 60, "accuracy_m": 20, "standoff_m": 750.5, "submitted_by": "Health directorate", "lower": {"reference": "SFC"}, "upper": {"reference": "UNL"}, "start": "2016-08-01T00:00:00Z", "end": "UFN"}},
{"type": "Feature", "id": "m-1", "geometry": {"type": "LineString", "coordinates": [[36.72, 36.22], [36.8, 36.2], [36.85, 36.13]]}, "properties": {"kind": "humanitarian_movement", "organisation": "Red Crescent", "half_width_m": 500, "edges": "rhumb", "lower": {"reference": "SFC"}, "upper": {"value": 1500.5, "unit": "m", "reference": "W84"}, "start": "2016-09-19T06:00:00Z", "end": "2016-09-19T20:00:00Z", "legs": [{"name": "out", "start": "2016-09-19T06:00:00Z", "end": "2016-09-19T12:00:00Z"}]}},
{"type": "Feature", "id": "ignored", "geometry": {"type": "Point", "coordinates": [179.9999, -89.5]}, "properties": {"kind": "operation", "operation": "op-1", "name": "Night", "party": "US", "force": "us-air-force", "activity": "airlift", "consents": ["RU"], "notified": "2016-09-12T10:00:00+03:00", "radius_m": 2500, "lower": {"value": 21000, "unit": "ft", "reference": "MSL"}, "upper": {"value": 355.5, "unit": "FL", "reference": "STD"}, "start": "2016-09-13T00:00:00Z", "end": "2016-09-13T04:00:00Z"}}
]}"#;

#[derive(Default)]
struct Read {
    areas: Vec<Area>,
    protected: Vec<ProtectedObject>,
    movements: Vec<HumanitarianMovement>,
    operations: Gathering,
}

fn rewritten(text: &str) -> (String, String) {
    let mut read = Read::default();
    let problems = geojson::read_records(
        "t.geojson",
        &mut text.as_bytes(),
        None,
        &mut |record, problems| match record {
            Record::Operation(part) => read.operations.add(part, problems),
            Record::Area(area) => read.areas.push(area),
            Record::ProtectedObject(object) => read.protected.push(object),
            Record::HumanitarianMovement(movement) => read.movements.push(movement),
        },
    );
    let operations = read.operations.finish();
    let written = geojson::write_records(&Records {
        areas: &read.areas,
        protected: &read.protected,
        movements: &read.movements,
        operations: &operations,
    });
    (written, shown(&problems))
}

#[test]
fn every_kind_is_written_as_it_was_read() {
    let (written, problems) = rewritten(EVERY_KIND);
    assert!(!problems.contains("error"), "{problems}");
    insta::assert_snapshot!(written);
    let (again, problems) = rewritten(&written);
    assert_eq!(problems, "");
    assert_eq!(again, written);
}

#[test]
fn the_example_uses_every_property() {
    for property in properties::PROPERTIES {
        let quoted = format!("\"{}\":", property.name);
        assert!(EVERY_KIND.contains(&quoted), "{}", property.name);
    }
}

#[test]
fn no_property_of_the_profile_is_excluded() {
    for property in properties::PROPERTIES {
        assert_eq!(
            detente_records::exclusion::excluded_term(property.name),
            None
        );
    }
}

#[test]
fn the_reference_lists_every_property_as_the_code_has_it() {
    let reference = include_str!("../../../../docs/reference/profile.md");
    for property in properties::PROPERTIES {
        let row = format!(
            "| `{}` | {} | {} | {} | {} |",
            property.name,
            property.scope.described(),
            property.form,
            property.presence,
            property.meaning
        );
        assert!(
            reference.contains(&row),
            "docs/reference/profile.md needs this row:\n{row}"
        );
    }
    for (name, _) in properties::FeatureKind::ALL {
        assert!(reference.contains(&format!("`{name}`")), "{name}");
    }
    for activity in detente_records::Activity::ALL {
        assert!(reference.contains(&format!("`{activity}`")), "{activity}");
    }
}

mod written_again {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::rewritten;

    fn height() -> impl Strategy<Value = Value> {
        let reference = prop::sample::select(vec!["W84", "MSL", "AGL"]);
        let feet = (-1_000_i32..60_000, reference.clone());
        prop_oneof![
            (0.0_f64..20_000.0, reference).prop_map(
                |(value, reference)| json!({"value": value, "unit": "m", "reference": reference})
            ),
            feet.prop_map(
                |(value, reference)| json!({"value": value, "unit": "ft", "reference": reference})
            ),
            (0_u16..=999).prop_map(|level| json!({"value": level, "unit": "FL"})),
            (0_u16..=9_990)
                .prop_map(|tenth| json!({"value": f64::from(tenth) / 10.0, "unit": "FL"})),
        ]
    }

    /// A geometry with the property that goes with it.
    fn geometry() -> impl Strategy<Value = (Value, &'static str, f64)> {
        let place = || (-170.0_f64..170.0, -80.0_f64..80.0);
        let size = 0.01_f64..2.0;
        let ring = |longitude: f64, latitude: f64, size: f64| {
            json!([
                [longitude, latitude],
                [longitude + size, latitude],
                [longitude + size, latitude + size],
                [longitude, latitude + size / 3.0],
                [longitude, latitude]
            ])
        };
        prop_oneof![
            (place(), 1.0_f64..100_000.0).prop_map(|((longitude, latitude), metres)| {
                (
                    json!({"type": "Point", "coordinates": [longitude, latitude]}),
                    "radius_m",
                    metres,
                )
            }),
            (place(), size.clone(), 1.0_f64..20_000.0).prop_map(
                |((longitude, latitude), size, metres)| {
                    let line = json!([[longitude, latitude], [longitude + size, latitude - size]]);
                    (
                        json!({"type": "LineString", "coordinates": line}),
                        "half_width_m",
                        metres,
                    )
                }
            ),
            (place(), size.clone()).prop_map(move |((longitude, latitude), size)| {
                let ring = ring(longitude, latitude, size);
                (
                    json!({"type": "Polygon", "coordinates": [ring]}),
                    "note_m",
                    size,
                )
            }),
            (place(), size).prop_map(move |((longitude, latitude), size)| {
                let rings = [
                    ring(longitude, latitude, size),
                    ring(longitude + 2.5, latitude, size),
                ];
                (
                    json!({"type": "MultiPolygon", "coordinates": [[rings[0]], [rings[1]]]}),
                    "note_m",
                    size,
                )
            }),
        ]
    }

    fn feature() -> impl Strategy<Value = Value> {
        let names = "[a-zA-Zа-яء-ي0-9 ./'\"\\\\-]{1,20}"
            .prop_filter("no outer space", |name| name.trim() == name);
        let edges = prop::sample::select(vec!["geodesic", "parallel", "rhumb"]);
        let start = -62_000_000_000_i64..250_000_000_000;
        let length = prop::option::of(1_u32..1_000_000);
        (names, geometry(), height(), edges, start, length, any::<u32>()).prop_map(
            |(name, (geometry, key, metres), lower, edges, start, length, micros)| {
                let start_micros = start * 1_000_000 + i64::from(micros % 1_000_000);
                let instant = |micros: i64| {
                    detente_spacetime::Instant::from_micros(micros).map(|instant| instant.to_string())
                };
                let end = length.and_then(|seconds| instant(start_micros + i64::from(seconds) * 1_000_000));
                let mut properties = json!({
                    "kind": "protected_object", "name": name, "category": "well", "edges": edges,
                    "accuracy_m": metres.min(900.0), "lower": lower, "upper": {"reference": "UNL"},
                    "start": instant(start_micros), "end": end.unwrap_or_else(|| "UFN".to_owned()),
                });
                properties[key] = json!(metres);
                json!({"type": "Feature", "id": name, "geometry": geometry, "properties": properties})
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

        #[test]
        fn what_is_written_reads_back_the_same(feature in feature()) {
            let text = json!({"type": "FeatureCollection", "features": [feature]}).to_string();
            let (written, problems) = rewritten(&text);
            prop_assert!(!problems.contains("error["), "{}", problems);
            let (again, problems) = rewritten(&written);
            prop_assert!(!problems.contains("error["), "{}", problems);
            prop_assert_eq!(&again, &written);
            let read: Value = serde_json::from_str(&written).expect("JSON");
            let wrote = &read["features"][0];
            prop_assert_eq!(&wrote["id"], &feature["id"]);
            for key in ["name", "category", "start", "end"] {
                prop_assert_eq!(&wrote["properties"][key], &feature["properties"][key]);
            }
            let lower = in_doubles(&feature["properties"]["lower"]["value"]).to_string();
            let lower = format!("\"lower\":{{\"value\":{lower},");
            prop_assert!(written.contains(&lower), "{} lacks {}", written, lower);
            // As text: serde_json's own reading of numbers may be off by the last bit.
            let geometry = in_doubles(&feature["geometry"]).to_string();
            prop_assert!(written.contains(&geometry), "{} lacks {}", written, geometry);
        }
    }

    /// Returns `value` with every number as a double, as the writer has it.
    fn in_doubles(value: &Value) -> Value {
        match value {
            Value::Number(number) => json!(number.as_f64()),
            Value::Array(items) => items.iter().map(in_doubles).collect(),
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(key, value)| (key.clone(), in_doubles(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}
