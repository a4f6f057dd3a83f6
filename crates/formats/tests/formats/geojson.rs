//! The GeoJSON reader against documents people get wrong.

use std::io::{self, Read};

use detente_formats::geojson::{self, FEATURE_BYTES_MAX};
use detente_records::{Problems, Record};

use crate::shown;

fn records_of(text: impl AsRef<[u8]>) -> (Vec<Record>, Problems) {
    let mut records = Vec::new();
    let mut input = text.as_ref();
    let problems = geojson::read_records("t.geojson", &mut input, None, &mut |record, _| {
        records.push(record);
    });
    (records, problems)
}

fn problems_of(text: impl AsRef<[u8]>) -> String {
    shown(&records_of(text).1)
}

/// An operation with its properties replaced or removed (by `null`).
fn operation(changes: &str) -> String {
    let text = r#"{"type": "Feature", "id": "op-1",
 "geometry": {"type": "Polygon", "coordinates": [[[37.0, 36.0], [37.1, 36.0], [37.1, 36.1], [37.0, 36.0]]]},
 "properties": {"kind": "operation", "party": "US", "force": "us-air-force", "activity": "transit",
  "lower": {"value": 250, "unit": "FL"}, "upper": {"value": 9000, "unit": "m", "reference": "MSL"},
  "start": "2016-09-12T16:00:00Z", "end": "2016-09-12T17:00:00Z"}}"#;
    let mut feature: serde_json::Value = serde_json::from_str(text).unwrap();
    let changes: serde_json::Value = serde_json::from_str(changes).unwrap();
    merge(&mut feature, changes);
    let text = serde_json::to_string(&feature).unwrap();
    format!("{{\"type\": \"FeatureCollection\", \"features\": [\n{text}\n]}}")
}

fn merge(target: &mut serde_json::Value, changes: serde_json::Value) {
    match (target, changes) {
        (serde_json::Value::Object(target), serde_json::Value::Object(changes)) => {
            for (key, change) in changes {
                if change.is_null() {
                    target.remove(&key);
                } else {
                    merge(target.entry(key).or_insert(serde_json::Value::Null), change);
                }
            }
        }
        (target, change) => *target = change,
    }
}

#[test]
fn a_sound_operation_has_no_problems() {
    let (records, problems) = records_of(operation("{}"));
    assert_eq!(shown(&problems), "");
    assert_eq!(records.len(), 1);
}

#[test]
fn every_problem_of_a_feature_is_reported_at_once() {
    let text = operation(
        r#"{"id": null, "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4267"}},
         "geometry": {"coordinates": [[[136.0, 37.0], ["37.1", 36.0], [37.1], [36.0, 137.0], [37, 36, 900]]]},
         "properties": {"party": null, "force": "a\nb", "activity": "bombing", "lower": {"value": 3000, "unit": "m"},
          "upper": {"value": 9, "unit": "km", "reference": "AMSL"}, "start": null, "end": "2016-09-12 17:00",
          "edges": "straight", "radius_m": 5, "weaponType": "x", "forse": 1, "category": "hospital"}}"#,
    );
    insta::assert_snapshot!(problems_of(text));
}

#[test]
fn frames_that_are_not_a_collection_are_explained() {
    let frames: [&[u8]; 19] = [
        b"",
        b"   ",
        b"[]",
        b"hello",
        b"{}",
        b"{\"type\": \"FeatureCollection\"}",
        b"{\"type\": \"FeatureColection\", \"features\": []}",
        b"{\"type\": \"Polygon\", \"coordinates\": []}",
        b"{\"type\": \"Topology\"}",
        b"{\"type\": \"FeatureCollection\", \"features\": {}}",
        b"{\"type\": \"FeatureCollection\", \"features\": [}]}",
        b"{\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\"",
        b"{\"type\": \"FeatureCollection\", \"features\": []} x",
        b"{\"type\": \"FeatureCollection\", \"features\": [],}",
        b"{\"type\": \"FeatureCollection\", \"features\": [], \"features\": [1]}",
        b"{\"type\": \"FeatureCollection\", \"features\": [1, null, \"x\", []]}",
        b"{\"type\": \"FeatureCollection\", \"crs\": null, \"features\": []}",
        b"\xff\xfe{\x00}\x00",
        b"{\"type\": \"FeatureCollection\", \"features\": [], \"weapons\": [{\"AIM-POINT\": 1}]}",
    ];
    let all: Vec<String> = frames
        .iter()
        .map(|frame| format!("{}\n{}", frame.escape_ascii(), problems_of(frame)))
        .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_byte_order_mark_is_noted_and_the_rest_is_read() {
    let (records, problems) = records_of(format!("\u{feff}{}", operation("{}")));
    assert_eq!(records.len(), 1);
    assert!(!problems.has_errors());
    assert!(shown(&problems).contains("byte_order_mark"));
}

#[test]
fn a_single_feature_is_read_and_its_problems_are_placed() {
    let collection = operation(r#"{"properties": {"lower": {"reference": "XYZ"}}}"#);
    let feature = collection.lines().nth(1).unwrap();
    let (_, problems) = records_of(format!("\n  {feature}\n"));
    let problem = problems.iter().next().unwrap();
    assert_eq!(
        problem.place.pointer.as_deref(),
        Some("/properties/lower/reference")
    );
    let span = problem.place.span.clone().unwrap();
    let column = feature.find("\"XYZ\"").unwrap() + 3;
    assert_eq!(
        (problem.place.line, problem.place.column),
        (Some(2), Some(column as u32))
    );
    assert_eq!(span.start, column);
}

#[test]
fn invalid_utf8_stops_only_its_feature() {
    let mut bytes = operation("{}").into_bytes();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let feature = text.lines().nth(1).unwrap().to_owned();
    let at = text.find("op-1").unwrap();
    bytes[at] = 0xff;
    let end = bytes.len() - 3;
    bytes.splice(end..end, format!(",{feature}").into_bytes());
    let (records, problems) = records_of(bytes);
    assert_eq!(records.len(), 1);
    let problem = problems.iter().next().unwrap();
    assert_eq!(problem.code, "not_utf8");
    assert_eq!(problem.place.span.clone().unwrap().start, at);
    assert_eq!(problem.place.line, Some(2));
}

#[test]
fn one_broken_feature_does_not_hide_the_next() {
    let good = operation("{}");
    let good = good.lines().nth(1).unwrap();
    let text = format!(
        "{{\"type\": \"FeatureCollection\", \"features\": [{{\"a\": NaN b}},\n{good},\n{{\"x\": 1 \"y\"}}, {good}]}}"
    );
    let (records, problems) = records_of(text);
    assert_eq!(records.len(), 2);
    insta::assert_snapshot!(shown(&problems));
}

#[test]
fn a_ring_of_ten_megabytes_is_refused_and_passed_over() {
    let ring = "[37.0123,36.0123],".repeat(10_000_000 / 18);
    let good = operation("{}");
    let good = good.lines().nth(1).unwrap();
    let text = format!(
        "{{\"type\": \"FeatureCollection\", \"features\": [{{\"type\": \"Feature\", \"geometry\": {{\"type\": \"Polygon\", \"coordinates\": [[{ring}[1,1]]]}}}}, {good}]}}"
    );
    assert!(text.len() > FEATURE_BYTES_MAX);
    let (records, problems) = records_of(text);
    assert_eq!(records.len(), 1);
    let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["feature_too_large"]);
}

#[test]
fn too_many_vertices_are_counted_not_drawn() {
    let ring = vec!["[37,36]"; 100_001].join(",");
    let text = operation("{}").replace(
        "[[37.0,36.0],[37.1,36.0],[37.1,36.1],[37.0,36.0]]",
        &format!("[{ring}]"),
    );
    let problems = problems_of(text);
    assert!(problems.contains("too_many_vertices"), "{problems}");
    assert!(problems.contains("100001 vertices"), "{problems}");
}

#[test]
fn a_hundred_thousand_levels_are_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for closed in [true, false] {
            let mut deep = open.repeat(100_000);
            if closed {
                deep.push('1');
                deep.push_str(&close.repeat(100_000));
            }
            let (_, problems) = records_of(&deep);
            assert!(problems.has_errors());
            let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{deep}]}}");
            assert!(problems_of(text).contains("nesting_too_deep") || !closed);
            let text = operation("{}").replace("\"transit\"", &deep);
            let problems = problems_of(text);
            assert!(problems.contains(if closed {
                "nesting_too_deep"
            } else {
                "json_syntax"
            }));
        }
    }
}

#[test]
fn geometry_outside_the_profile_is_explained() {
    for (kind, help) in [
        ("GeometryCollection", "its own feature"),
        ("MultiPoint", "radius_m"),
        ("MultiLineString", "half_width_m"),
        ("polygon", "did you mean `Polygon`?"),
        ("Sphere", "known are"),
    ] {
        let problems = problems_of(operation(&format!(
            r#"{{"geometry": {{"type": "{kind}"}}}}"#
        )));
        assert!(problems.contains("unsupported_geometry"), "{problems}");
        assert!(problems.contains(help), "{problems}");
    }
    let collection = problems_of(operation(
        r#"{"geometry": {"type": "GeometryCollection", "coordinates": null, "geometries": []}}"#,
    ));
    assert!(
        collection.contains("its own feature") && !collection.contains("missing"),
        "{collection}"
    );
}

#[test]
fn excluded_properties_are_refused_wherever_they_hide() {
    for change in [
        r#"{"properties": {"aimPoint": [1, 2]}}"#,
        r#"{"properties": {"extra": {"list": [{"Desired-Point-Of-Impact": 1}]}}}"#,
        r#"{"geometry": {"weapon": 1}}"#,
        r#"{"targets": []}"#,
        r#"{"properties": {"kind": "target"}}"#,
        r#"{"properties": {"activity": "weapons_release"}}"#,
        r#"{"properties": {"kind": "designated_area", "activities": ["target_nomination"]}}"#,
    ] {
        let (records, problems) = records_of(operation(change));
        let excluded = problems
            .iter()
            .filter(|problem| problem.code == "r50_excluded")
            .count();
        assert_eq!(excluded, 1, "{change}: {problems}");
        assert!(problems.has_errors());
        drop(records);
    }
}

#[test]
fn each_fault_says_what_is_wrong_and_what_to_do() {
    let changes = [
        r#"{"properties": {"lower": {"value": 120, "unit": "FL", "reference": "MSL"}}}"#,
        r#"{"properties": {"lower": {"value": 5, "unit": "m", "reference": "SFC"}}}"#,
        r#"{"properties": {"lower": {"value": null, "unit": "m", "reference": "MSL"}}}"#,
        r#"{"properties": {"lower": {"unit": null, "value": 100, "reference": "MSL"}}}"#,
        r#"{"properties": {"lower": {"value": 1000}}}"#,
        r#"{"properties": {"lower": {"value": "high"}}}"#,
        r#"{"properties": {"lower": 250}}"#,
        r#"{"properties": {"upper": {"value": 100, "unit": "ft"}}}"#,
        r#"{"properties": {"upper": {"value": 900000}}}"#,
        r#"{"properties": {"start": "2016-09-12T17:00:00Z"}}"#,
        r#"{"properties": {"start": "UFN"}}"#,
        r#"{"properties": {"end": "2016-09-12T17:00:00"}}"#,
        r#"{"properties": {"end": 20160912}}"#,
        r#"{"properties": {"id": "op-2"}}"#,
        r#"{"properties": {"datum": "NAD27"}}"#,
        r#"{"properties": {"consents": "US"}}"#,
        r#"{"properties": {"kind": "protected_object", "accuracy_m": -1}}"#,
        r#"{"properties": {"kind": "humanitarian_movement", "organisation": "Red Crescent", "legs": [{"start": "2016-09-12T15:00:00Z", "end": "2016-09-12T16:30:00Z"}]}}"#,
        r#"{"type": "feature"}"#,
        r#"{"geometry": null}"#,
        r#"{"geometry": {"coordinates": []}}"#,
        r#"{"geometry": {"coordinates": [[[37, 36], [37.1, 36]]]}}"#,
        r#"{"geometry": {"coordinates": [[[37, 36], [37.1, 36], [37.1, 36.1]]]}}"#,
        r#"{"geometry": {"coordinates": [[[37, 36], [37.1, 36.1], [37.1, 36], [37, 36]]]}}"#,
        r#"{"geometry": {"coordinates": [[[37, 36], [37.1, 36.1], [37.1, 36], [37, 36.1], [37, 36]]]}}"#,
        r#"{"geometry": {"coordinates": [[37, 36], [37.1, 36], [37.1, 36.1], [37, 36]]}}"#,
        r#"{"geometry": {"type": "Point", "coordinates": [37, 36]}, "properties": {"radius_m": 900000}}"#,
        r#"{"geometry": {"type": "Point", "coordinates": [37, 36]}, "properties": {"radius_m": "5 km"}}"#,
        r#"{"geometry": {"type": "LineString", "coordinates": [[37, 36]]}, "properties": {"half_width_m": 100}}"#,
    ];
    let shown = changes.map(|change| {
        let (_, problems) = records_of(operation(change));
        let line = |problem: &detente_records::Problem| {
            let help = problem.help.as_deref().unwrap_or("");
            let pointer = problem.place.pointer.as_deref().unwrap_or("");
            let word = problem.severity.word();
            format!(
                "  {word} {} at {pointer}: {}\n    {help}",
                problem.code, problem.message
            )
        };
        format!(
            "{change}\n{}",
            problems.iter().map(line).collect::<Vec<_>>().join("\n")
        )
    });
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_plain_shape_needs_only_geometry() {
    let text = r#"{"type": "FeatureCollection", "features": [
      {"type": "Feature", "properties": null, "geometry": {"type": "Point", "coordinates": [37, 36]}},
      {"type": "Feature", "properties": {"radius_m": 500, "colour": "red"}, "geometry": {"type": "Point", "coordinates": [37, 36]}}]}"#;
    let (volumes, problems) = geojson::read_volumes("a.geojson", &mut text.as_bytes());
    assert_eq!(volumes.len(), 1);
    insta::assert_snapshot!(shown(&problems));
}

#[test]
fn a_reader_that_fails_is_reported() {
    struct Failing(usize);
    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let text = b"{\"type\": \"FeatureCollection\", \"features\": [{\"type\":";
            let Some(byte) = text.get(self.0) else {
                return Err(io::Error::other("disk gone"));
            };
            buffer[0] = *byte;
            self.0 += 1;
            Ok(1)
        }
    }
    let problems = geojson::read_records("t.geojson", &mut Failing(0), None, &mut |_, _| {});
    let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["unreadable_file"]);
}

#[test]
fn chunking_changes_nothing() {
    struct Chunks<'a>(&'a [u8], usize);
    impl Read for Chunks<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            let (now, rest) = self.0.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.0 = rest;
            Ok(count)
        }
    }
    let text = operation(
        r#"{"properties": {"name": "Хмеймим \" \\ {[", "forse": 1, "upper": {"reference": "X"}}}"#,
    );
    let whole = problems_of(&text);
    assert!(whole.contains("unknown_property"));
    for size in [1, 2, 3, 7, 64] {
        let mut input = Chunks(text.as_bytes(), size);
        let problems = geojson::read_records("t.geojson", &mut input, None, &mut |_, _| {});
        assert_eq!(shown(&problems), whole, "chunks of {size}");
    }
}
