//! Bounded runs of the fuzz targets' bodies: seeded mutations of sound documents.
//!
//! The same bodies run for as long as one likes under `fuzz/`.

#[path = "../../../../fuzz/bodies/act.rs"]
mod act;
#[path = "../../../../fuzz/bodies/agreement_toml.rs"]
mod agreement_toml;
#[path = "../../../../fuzz/bodies/edition.rs"]
mod edition_body;
#[path = "../../../../fuzz/bodies/gazetteer.rs"]
mod gazetteer_body;
#[path = "../../../../fuzz/bodies/geojson_profile.rs"]
mod geojson_profile;
#[path = "../../../../fuzz/bodies/mutation.rs"]
mod mutations;
#[path = "../../../../fuzz/bodies/notation.rs"]
mod notation_body;
#[path = "../../../../fuzz/bodies/objects.rs"]
mod objects_body;
#[path = "../../../../fuzz/bodies/tracks.rs"]
mod tracks_body;

use serde_json::{Map, Value, json};

use crate::dossier::{AGREEMENT, OPERATIONS};
use crate::profile::EVERY_KIND;
use crate::tracks::{GPX, JSON_LINES, OPENSKY, READSB, SBS};

/// Mutations of each seed document; a few seconds in all.
const ROUNDS: u64 = 3_000;

/// Fragments that documents go wrong with.
const FRAGMENTS: [&[u8]; 28] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"NaN",
    b"-Infinity",
    b"1e400",
    b"-0",
    b"1e-400",
    b"null",
    b"\xff",
    b"\xed\xa0\x80",
    b"\x00",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"\n",
    b"90.0000001",
    b"-180",
    b"360",
    b"9999-12-31T23:59:59Z",
    b"UFN",
    b"[[[[[[[[[[[[[[[[[[[[",
];

const EDITION: &str = r#"{"form":"detente/report/1","report":"r-1","number":1,"originator":"US","recipient":"RU","title":{"en":"North","ar":"شمال"},
"marking":{"classifications":[{"policy":"detente","level":"restricted"}],"releasable_to":["RU"],"identities":["1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],"originator_control":true,"handling":["by hand"],"expires":"2016-10-01T00:00:00Z"},
"portions":[{"marking":{"classifications":[{"policy":"detente","level":"open"}],"releasable_to":["RU"],"identities":["1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],"originator_control":false},"text":"Vehicles",
"place":{"settlement":"Azaz","area":"north","cell":{"grid":1,"size":"10km","south_deg":36.5,"west_deg":37,"north_deg":36.6,"east_deg":37.2}},"time":{"from":"2016-09-15T08:00:00Z","hours":1},"harm":{"killed":{"low":1,"best":2,"high":4}},"grade":{"reliability":"B","credibility":"2"},"derived_from":["r-0"]}],"derived_from":["r-0"]}"#;

const DRAFT: &str = r#"{"report":"r-1","title":"North","marking":{"classifications":[{"policy":"detente","level":"restricted"}],"releasable_to":["RU"],"originator_control":false},
"portions":[{"marking":{"classifications":[],"releasable_to":[]},"text":"Full","tearline":"Less","place":{"settlement":"Azaz","area":"north","position":{"said":"36 35 N","latitude_deg":36.5866,"longitude_deg":37.0463}},"at":"2016-09-15T08:47:13Z","harm":{"injured":{"low":0}},"grade":{"reliability":"F","credibility":"6"},"source":{"name":"Z","method":"seen","remark":"once"},"derived_from":[]}]}"#;

fn run(seed: u64, documents: &[&str], body: fn(&[u8])) {
    mutations::run(seed, ROUNDS, documents, &FRAGMENTS, body);
}

#[test]
fn no_bytes_break_the_profile_reader() {
    run(0x6765_6f00, &[OPERATIONS, EVERY_KIND], geojson_profile::run);
}

#[test]
fn no_bytes_break_the_agreement_reader() {
    run(0x746f_6d00, &[AGREEMENT], agreement_toml::run);
}

#[test]
fn no_bytes_break_the_readers_of_tracks() {
    let documents = [READSB, SNAPSHOT, SBS, OPENSKY, JSON_LINES, GPX];
    run(0x7472_6163_6b73, &documents, tracks_body::run);
}

/// A snapshot as a receiver writes it, with everything it says of an aircraft.
const SNAPSHOT: &str = r#"{ "now" : 1474182000.001,
  "messages" : 1000,
  "aircraft" : [
{"hex":"~000000","type":"adsb_icao","flight":"MADE0    ","alt_baro":6800,"alt_geom":8150,"gs":110.8,"tas":122,"track":346.26,"track_rate":0.00,"roll":1.12,"baro_rate":-384,"squawk":"0000","emergency":"none","category":"A3","nav_qnh":1013.6,"nav_altitude_mcp":6800,"nav_modes":["autopilot","vnav","tcas"],"lat":37.662572,"lon":39.559910,"nic":8,"rc":186,"seen_pos":2.600,"mlat":[],"tisb":[],"messages":38125,"seen":2.2,"rssi":-13.3},
{"hex":"~000001","type":"adsb_icao","flight":"MADE1    ","alt_baro":"ground","gs":0,"squawk":"0001","lat":-36.177784,"lon":38.368465,"nic":8,"rc":186,"seen_pos":0.352,"mlat":["lat","lon"],"tisb":[],"lastPosition":{"lat":36.1,"lon":38.3},"messages":11646,"seen":2.6,"rssi":-9.9}
  ]
}
"#;

#[test]
fn no_bytes_break_the_reader_of_objects() {
    let documents = [crate::objects::SHEET, crate::objects::COLLECTION];
    run(0x6f62_6a65_6374, &documents, objects_body::run);
}

#[test]
fn no_text_breaks_the_reader_of_positions() {
    let documents = [
        "36.20124, 37.16117",
        "36°12′04.5″N 37°09′40.2″E",
        "36,20124° с. ш., 37,16117° в. д.",
        "٣٦°١٢′٠٤٫٥″ ش ٣٧°٠٩′٤٠٫٢″ ق",
        "37S CA 34684 07836",
        "ZAF 19279 90660",
        "37 north 334684mE 4007836mN",
        "361204.464N 0370940.212E",
    ];
    let fragments: [&[u8]; 12] = [
        b"N",
        b"S",
        b"9",
        b"0",
        b" ",
        b",",
        b".",
        b"-",
        b"37X",
        b"60",
        b"\xe2\x80\xb2",
        b"e308",
    ];
    mutations::run(
        0x6e6f_7461,
        ROUNDS,
        &documents,
        &fragments,
        notation_body::run,
    );
}

#[test]
fn no_bytes_break_the_reader_of_gazetteers() {
    let documents = [crate::gazetteer::CSV, crate::gazetteer::GEOJSON];
    run(0x6761_7a65_7474, &documents, gazetteer_body::run);
}

/// An exact place as its recipient reads it.
const PLACE: &str = r#"{"form": "detente/exact-place/1", "object": "h-1", "version": 1, "originator": "US", "recipient": "RU", "feature": {"type": "Feature", "geometry": {"type": "Point", "coordinates": [36.82534, 36.13912]}, "properties": {"kind": "protected_object", "id": "h-1", "category": "clinic", "radius_m": 60, "accuracy_m": 30, "start": "2016-08-01T00:00:00Z", "end": "UFN"}}, "function": "Two floors", "photo_hashes": []}"#;

/// That somebody read one.
const READING: &str = r#"{"form": "detente/exact-place-read/1", "object": "h-1", "version": 1, "originator": "US", "holder": "RU", "user": "planner", "day": "2016-09-13T00:00:00Z"}"#;

#[test]
fn no_bytes_break_the_readers_of_reports() {
    let documents = [EDITION, DRAFT, PLACE, READING];
    run(0x6564_6974_696f, &documents, edition_body::run);
}

/// One sound act of every kind, as `{"kind": …, "body": …}`.
fn acts() -> Vec<Value> {
    let samples: Map<String, Value> =
        serde_json::from_str(include_str!("../../../records/testdata/acts.json")).unwrap();
    let act = |(kind, body)| json!({ "kind": kind, "body": body });
    samples.into_iter().map(act).collect()
}

#[test]
fn no_bytes_break_the_reader_of_acts() {
    let documents: Vec<String> = acts().iter().map(Value::to_string).collect();
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    run(0x0061_6374, &documents, act::run);
}

/// Returns every value inside `value`, itself included.
fn values<'a>(value: &'a Value, pointer: String, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(key, below)| values(below, format!("{pointer}/{key}"), found)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, below)| values(below, format!("{pointer}/{index}"), found)),
        _ => {}
    }
    found.push((pointer, value));
}

#[test]
fn no_value_grafted_from_elsewhere_breaks_the_reader_of_acts() {
    let acts = acts();
    let mut grafts = Vec::new();
    for act in &acts {
        values(act, String::new(), &mut grafts);
    }
    for round in 0..4 * ROUNDS {
        let mut numbers = mutations::Numbers(0x6772_6166_7400 + round);
        let mut document = acts[numbers.below(acts.len())].clone();
        for _ in 0..=numbers.below(3) {
            let mut spots = Vec::new();
            values(&document, String::new(), &mut spots);
            let spot = spots[numbers.below(spots.len())].0.clone();
            let graft = grafts[numbers.below(grafts.len())].1.clone();
            if let Some(value) = document.pointer_mut(&spot) {
                *value = graft;
            }
        }
        let bytes = document.to_string().into_bytes();
        let survived = std::panic::catch_unwind(|| act::run(&bytes)).is_ok();
        assert!(survived, "round {round}: {document}");
    }
}
