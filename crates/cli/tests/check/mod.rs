//! `detente check`.

use serde_json::Value;

use crate::harness::{Folder, detente_at_root};

#[test]
fn the_scenario_of_2016_is_told_in_full() {
    insta::assert_snapshot!(
        "syria_2016",
        detente_at_root(&["check", "scenarios/syria-2016"])
    );
}

#[test]
fn the_civil_scenario_is_told_in_full() {
    insta::assert_snapshot!(
        "wildfire_airspace",
        detente_at_root(&["check", "scenarios/wildfire-airspace"])
    );
}

#[test]
fn the_consent_taken_out_of_the_starter_is_asked_for() {
    let folder = Folder::new();
    folder.starter_with(
        "operations.geojson",
        "\"consents\": [\"NORTH\"]",
        "\"consents\": []",
    );
    let run = folder.detente(&["check", "dossier"]);
    assert_eq!(run.exit, 1);
    insta::assert_snapshot!("consent_required", run);
}

#[test]
fn judged_from_too_late_an_instant_notice_is_short() {
    let folder = Folder::new();
    folder.starter_with(
        "operations.geojson",
        "\"notified\": \"2030-06-10T12:00:00Z\",",
        "",
    );
    assert_eq!(
        folder.detente(&["check", "dossier"]).exit,
        0,
        "as_of of the agreement is early enough"
    );
    let run = folder.detente(&["check", "dossier", "--at", "2030-06-11T01:00:00Z", "--json"]);
    assert_eq!(run.exit, 1);
    let answer = run.json();
    assert_eq!(answer["at"], "2030-06-11T01:00:00Z");
    let strike = &answer["operations"][1];
    assert_eq!(strike["verdict"], "prohibited");
    assert_eq!(strike["findings"][0]["kind"], "notice");
}

#[test]
fn an_instant_without_an_offset_is_wrong_usage() {
    let run = Folder::new().detente(&["check", "dossier", "--at", "2030-06-11T01:00:00"]);
    assert_eq!(run.exit, 2, "{run}");
}

#[test]
fn proposed_operations_meet_those_already_declared() {
    let folder = Folder::new();
    folder.starter_with("operations.geojson", "", "");
    let declared =
        std::fs::read_to_string(folder.path("dossier").join("operations.geojson")).unwrap();
    let mut proposed: Value = serde_json::from_str(&declared).unwrap();
    let features = proposed["features"].as_array_mut().unwrap();
    features.truncate(1);
    let properties = &mut features[0]["properties"];
    properties["operation"] = "south-look".into();
    properties["id"] = "south-look-a".into();
    properties["party"] = "SOUTH".into();
    properties["force"] = "south-air".into();
    folder.write("proposed.geojson", &proposed.to_string());
    let run = folder.detente(&[
        "check",
        "dossier",
        "--operations",
        "proposed.geojson",
        "--json",
    ]);
    assert_eq!(run.exit, 1, "{run}");
    let answer = run.json();
    assert_eq!(
        answer["operations"].as_array().unwrap().len(),
        1,
        "only what was proposed is judged"
    );
    assert_eq!(
        answer["operations"][0]["findings"][0]["with"],
        "north-reconnaissance-1"
    );
    assert_eq!(
        answer["operations"][0]["consent_required"],
        serde_json::json!(["NORTH"])
    );
}

#[test]
fn an_operation_proposed_anew_replaces_the_one_declared() {
    let folder = Folder::new();
    folder.starter_with("operations.geojson", "", "");
    let run = folder.detente(&[
        "check",
        "dossier",
        "--operations",
        "dossier/operations.geojson",
    ]);
    assert_eq!(
        run.exit, 0,
        "an operation does not conflict with its own earlier version: {run}"
    );
}

#[test]
fn the_map_is_written_whole_and_only_where_its_ending_says_what_it_is() {
    let folder = Folder::new();
    folder.starter_with("operations.geojson", "", "");
    for name in ["map.svg", "map.html"] {
        assert_eq!(folder.detente(&["check", "dossier", "--map", name]).exit, 0);
        let drawn = std::fs::read_to_string(folder.path(name)).unwrap();
        assert!(drawn.contains("south-strike-1") && drawn.contains("Camp hospital"));
        assert!(drawn.trim_end().ends_with("</svg>") || drawn.trim_end().ends_with("</html>"));
    }
    assert_eq!(
        folder
            .detente(&["check", "dossier", "--map", "map.png"])
            .exit,
        2
    );
    assert_eq!(
        folder
            .detente(&["check", "dossier", "--map", "nowhere/map.svg"])
            .exit,
        2
    );
}

#[test]
fn a_hostile_name_reaches_neither_the_terminal_nor_the_page_as_code() {
    let folder = Folder::new();
    folder.starter_with(
        "protected.geojson",
        "Camp hospital",
        "<script>alert(1)</script>",
    );
    let run = folder.detente(&["check", "dossier", "--map", "map.html"]);
    assert_eq!(run.exit, 0, "{run}");
    assert!(
        !std::fs::read_to_string(folder.path("map.html"))
            .unwrap()
            .contains("<script")
    );
}

#[test]
fn the_answer_is_the_same_however_often_it_is_asked() {
    let ask = || detente_at_root(&["check", "scenarios/syria-2016", "--json"]).stdout;
    assert_eq!(ask(), ask());
}

#[test]
fn an_article_about_nearness_gets_no_advice_that_does_not_help() {
    let folder = Folder::new();
    folder.starter_with(
        "articles.cedar",
        "@id(\"movements\")",
        r#"@id("near")
@article("7")
@title("No combat within 90 km of a protected object")
@consequence("none")
forbid (
  principal,
  action in Detente::Action::"combat",
  resource is Detente::ProtectedObject
) when {
  context.distanceM < 90000
};

@id("movements")"#,
    );
    let run = folder.detente(&["check", "dossier"]);
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stdout.contains("forbidden by article 7"), "{run}");
    for wrong in ["inf", "further away", "above"] {
        assert!(!run.stdout.contains(wrong), "{wrong}: {run}");
    }
    let answer = folder.detente(&["check", "dossier", "--json"]).json();
    let finding = &answer["operations"][1]["findings"][0];
    assert_eq!(finding["clauses"][0], "near");
    assert_eq!(finding["overlap"], Value::Null);
    assert!(finding["separation_m"].as_f64().unwrap() > 1_000.0);
    assert_eq!(finding["remedies"].as_array().map(Vec::len), Some(0));
}

#[test]
fn an_operation_moved_as_far_away_as_is_told_is_clear() {
    let folder = Folder::new();
    let judged = |longitude: f64| {
        folder.starter_with("operations.geojson", "{", "{");
        let operation = format!(
            r#"{{"type": "FeatureCollection", "features": [{{"type": "Feature",
"geometry": {{"type": "Point", "coordinates": [{longitude}, 64.9]}},
"properties": {{"id": "survey", "kind": "operation", "party": "NORTH", "force": "north-air",
"activity": "reconnaissance", "radius_m": 5000, "lower": {{"reference": "SFC"}},
"upper": {{"value": 500, "unit": "m", "reference": "AGL"}}, "start": "2030-06-10T08:00:00Z",
"end": "2030-06-10T09:00:00Z", "notified": "2030-06-09T20:00:00Z"}}}}]}}"#
        );
        std::fs::write(folder.path("dossier").join("operations.geojson"), operation).unwrap();
        let run = folder.detente(&["check", "dossier"]);
        std::fs::remove_dir_all(folder.path("dossier")).unwrap();
        run
    };
    // 5 000 m of the operation, 100 m of the hospital, 2 050 m kept out around it.
    let run = judged(-17.6);
    assert!(
        run.stdout
            .contains("7.2 km further away (2.1 km is kept out)"),
        "{run}"
    );
    // A degree of longitude is 47 352 m there.
    let moved = |metres: f64| judged(-17.6 + metres / 47_352.0);
    let run = moved(7_100.0);
    assert!(run.stdout.contains("further away"), "{run}");
    assert!(!moved(7_200.0).stdout.contains("further away"), "{run}");
}
