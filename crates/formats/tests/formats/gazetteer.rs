//! Gazetteers: read whole, and with every fault in its place.

use std::path::Path;

use detente_formats::read_gazetteer;

pub(crate) const CSV: &str = "id,latitude_deg,longitude_deg,accuracy_m,names,source,remark\n\
    aleppo,36.2012,37.1612,1000,en:Aleppo|ar:حلب|ru:Алеппо,a table,\n\
    \"kafr, nabl\",35.6138,36.5645,1000,\"en:Kafr \"\"Nabl\"\"\",a table,\"two\nlines\"\n";
pub(crate) const GEOJSON: &str = r#"{"type": "FeatureCollection", "features": [{"type": "Feature",
  "geometry": {"type": "Point", "coordinates": [37.1612, 36.2012]},
  "properties": {"id": "aleppo", "accuracy_m": 1000, "source": "a table",
    "names": {"en": ["Aleppo", "Halab"], "ar": "حلب"}}}]}"#;

#[test]
fn both_forms_are_read_alike() {
    let (places, problems) = read_gazetteer("gazetteer.csv", CSV.as_bytes());
    assert!(problems.is_empty(), "{problems}");
    assert_eq!(places.len(), 2);
    assert_eq!(places[1].id.as_str(), "kafr, nabl");
    assert_eq!(places[1].names[0].text, "Kafr \"Nabl\"");
    let (drawn, problems) = read_gazetteer("gazetteer.geojson", GEOJSON.as_bytes());
    assert!(problems.is_empty(), "{problems}");
    assert_eq!(drawn[0].position, places[0].position);
    let names: Vec<&str> = drawn[0]
        .names
        .iter()
        .map(|name| name.text.as_str())
        .collect();
    assert_eq!(names, ["Aleppo", "Halab", "حلب"]);
}

#[test]
fn every_fault_is_told_with_its_line() {
    let text = "id,latitude_deg,longitude_deg,accuracy_m,names,source\n\
        one,96,37,1000,en:One,a table\n\
        two,36,x,-1,en:T\u{202e}wo,\n\
        three,36,37,10,,a table\n\
        four,36,37\n\
        five,36,37,10,en:Five,a table\n\
        five,36,37,10,en:Five,a table\n";
    let (places, problems) = read_gazetteer("gazetteer.csv", text.as_bytes());
    assert_eq!(places.len(), 1);
    let found: Vec<(&str, u32)> = problems
        .iter()
        .map(|problem| (problem.code, problem.place.line.unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            ("wrong_type", 5),
            ("invalid_position", 2),
            ("invalid_number", 3),
            ("out_of_range", 3),
            ("invalid_name", 3),
            ("missing_property", 3),
            ("out_of_range", 4),
            ("duplicate_id", 7),
        ]
    );
}

#[test]
fn other_encodings_and_other_files_are_refused_with_the_way_out() {
    for bytes in [
        &b"\xcd\xe0\xeb\xe1"[..],
        b"{}",
        b"name,lat\nAleppo,36\n",
        b"",
    ] {
        let (places, problems) = read_gazetteer("gazetteer.csv", bytes);
        assert!(places.is_empty() && problems.has_errors());
        assert!(problems.iter().all(|problem| problem.help.is_some()));
    }
}

#[test]
fn the_places_of_2016_are_sound_and_say_how_they_are_known() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016/gazetteer.csv");
    let (places, problems) = read_gazetteer("gazetteer.csv", &std::fs::read(path).unwrap());
    assert!(problems.is_empty(), "{problems}");
    assert_eq!(places.len(), 51);
    for place in &places {
        let languages: Vec<&str> = place
            .names
            .iter()
            .map(|name| name.language.as_str())
            .collect();
        for language in ["en", "ar", "ru"] {
            assert!(languages.contains(&language), "{}: {language}", place.id);
        }
    }
}
