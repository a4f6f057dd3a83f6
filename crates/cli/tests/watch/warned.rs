//! Early warnings: for whom, where, and nothing about what is coming.

use serde_json::Value;

use super::syria;
use crate::harness::Folder;

/// A flight from the west towards hospital H1, one fix every five seconds.
fn approach(fixes: u32) -> String {
    let line = |step: u32| {
        let (minute, second) = (step * 5 / 60, step * 5 % 60);
        let east = 35.8 + 0.011 * f64::from(step);
        format!(
            "{{\"t\": \"2016-09-13T09:{minute:02}:{second:02}Z\", \"id\": \"syaf-9\", \"lat\": 35.855, \"lon\": {east}, \
             \"alt_m\": 900, \"reference\": \"MSL\"}}\n"
        )
    };
    (0..fixes).map(line).collect()
}

const SUBSCRIBERS: &str = r#"{
  "places": [{"id": "town", "name": {"en": "Town", "ru": "Город", "ar": "مدينة"}, "latitude_deg": 35.85, "longitude_deg": 36.28, "radius_m": 2500}],
  "subscribers": [
    {"id": "civil-defence", "places": ["town", "hospital-h1"], "addresses": ["duty@example.org"]},
    {"id": "hospital", "places": ["hospital-h1"]}
  ]
}"#;

fn watched(identity: &str, more: &[&str]) -> (Folder, crate::harness::Run) {
    let folder = Folder::new();
    folder.write("tracks.jsonl", &approach(40));
    folder.write("subscribers.json", SUBSCRIBERS);
    folder.write(
        "identities.json",
        &format!("{{\"identities\": [{identity}]}}"),
    );
    let dossier = syria().display().to_string();
    let mut args = vec!["watch", &dossier, "--tracks", "tracks.jsonl"];
    args.extend(more);
    let run = folder.detente(&args);
    (folder, run)
}

const BOUND: &str = r#"{"track": "syaf-9", "force": "syrian-air-force", "stated_by": "post"}"#;

#[test]
fn the_places_ahead_are_warned_and_nothing_is_said_of_what_is_coming() {
    let cap = [
        "--json",
        "--cap",
        "cap",
        "--sender",
        "watch@example.org",
        "--cap-status",
        "exercise",
    ];
    let (folder, run) = watched(BOUND, &cap);
    assert_eq!(run.exit, 1, "{run}");
    let warnings: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|event: &Value| event["event"] == "early_warning")
        .collect();
    let first = |place: &str| {
        warnings
            .iter()
            .find(|warning| warning["place"] == place)
            .unwrap()
    };
    assert_eq!(
        first("town")["subscribers"],
        serde_json::json!(["civil-defence"])
    );
    let hospital = first("hospital-h1");
    assert_eq!(
        hospital["subscribers"],
        serde_json::json!(["civil-defence", "hospital"])
    );
    assert_eq!(hospital["does"], "raised");
    for warning in &warnings {
        let keys: Vec<&str> = warning
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let known = [
            "id",
            "event",
            "does",
            "first",
            "number",
            "place",
            "at",
            "earliest",
            "expected",
            "latest",
            "subscribers",
        ];
        assert_eq!(keys, known, "a warning has no place for what is coming");
        assert!(!warning.to_string().contains("syaf-9"));
    }
    // It passes some 200 m from the hospital at 09:04:13.
    let expected = hospital["expected"].as_str().unwrap();
    assert!(expected.starts_with("2016-09-13T09:04:1"), "{expected}");
    let id = hospital["id"].as_str().unwrap();
    let xml = std::fs::read_to_string(folder.path(&format!("cap/{id}.xml"))).unwrap();
    for piece in [
        "<sender>watch@example.org</sender>",
        "<status>Exercise</status>",
        "<msgType>Alert</msgType>",
        "<addresses>duty@example.org</addresses>",
        "<language>ru</language>",
        "<language>ar</language>",
        "<areaDesc>Hospital H1 (invented)</areaDesc>",
    ] {
        assert!(xml.contains(piece), "{piece} is not in {xml}");
    }
    assert!(!xml.contains("syaf-9"));
    let files = std::fs::read_dir(folder.path("cap")).unwrap().count();
    assert_eq!(files, warnings.len());
}

#[test]
fn civil_and_unknown_flights_warn_nobody() {
    for identity in [
        r#"{"track": "syaf-9", "civil": true, "stated_by": "post"}"#,
        r#"{"track": "other", "civil": true, "stated_by": "post"}"#,
    ] {
        let (_, run) = watched(identity, &["--json"]);
        assert!(!run.stdout.contains("early_warning"), "{run}");
    }
}

#[test]
fn a_force_that_may_do_nothing_warns_a_place_whatever_the_place() {
    // Without a guarantor nothing of the party's is permitted anywhere.
    let dossier = super::dossier_with(super::GUARANTOR_OF_SY, "");
    dossier.write("tracks.jsonl", &approach(40));
    dossier.write("subscribers.json", SUBSCRIBERS);
    dossier.write("identities.json", &format!("{{\"identities\": [{BOUND}]}}"));
    let run = dossier.detente(&["watch", ".", "--tracks", "tracks.jsonl", "--json"]);
    let warns_hospital =
        |line: &str| line.contains("early_warning") && line.contains("\"place\":\"hospital-h1\"");
    assert!(run.stdout.lines().any(warns_hospital), "{run}");
}

#[test]
fn people_read_the_place_and_the_time_in_the_table() {
    let (_, run) = watched(BOUND, &["--quiet"]);
    insta::assert_snapshot!(run);
}

#[test]
fn every_fault_of_the_subscribers_is_told_at_once() {
    let folder = Folder::new();
    folder.write("tracks.jsonl", &approach(40));
    folder.write(
        "subscribers.json",
        r#"{"places": [{"id": "hospital-h1", "latitude_deg": 0, "longitude_deg": 0, "radius_m": 1},
            {"id": "far", "latitude_deg": 91, "longitude_deg": 0, "radius_m": 1}],
            "subscribers": [{"id": "s", "places": ["nowhere"]}]}"#,
    );
    let dossier = syria().display().to_string();
    let run = folder.detente(&["watch", &dossier, "--tracks", "tracks.jsonl"]);
    assert_eq!(run.exit, 3, "{run}");
    for word in ["the id is taken", "`far`", "no place `nowhere`"] {
        assert!(run.stderr.contains(word), "{word}: {run}");
    }
}

#[test]
fn the_map_shows_tracks_zones_and_what_was_observed() {
    let (folder, _) = watched(BOUND, &["--quiet"]);
    folder.write("tracks.jsonl", &approach(70));
    let dossier = syria().display().to_string();
    let run = folder.detente(&[
        "watch",
        &dossier,
        "--tracks",
        "tracks.jsonl",
        "--map",
        "map.svg",
    ]);
    assert_eq!(run.exit, 1, "{run}");
    let svg = std::fs::read_to_string(folder.path("map.svg")).unwrap();
    for piece in [
        "Observations",
        "syaf-9",
        "track, and where it was seen last",
        " early warnings",
        "Hospital H1",
    ] {
        assert!(svg.contains(piece), "{piece}");
    }
    assert!(!svg.contains("<script"));
    let wrong = folder.detente(&[
        "watch",
        &syria().display().to_string(),
        "--tracks",
        "tracks.jsonl",
        "--map",
        "map.png",
    ]);
    assert_eq!(wrong.exit, 2, "{wrong}");
}
