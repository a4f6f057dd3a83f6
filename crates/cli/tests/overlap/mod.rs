//! `detente overlap`.

use crate::harness::{Folder, Run};

/// A circle of 1 km between two heights and two hours of one day.
fn circle(id: &str, longitude: f64, lower_m: u32, start: &str) -> String {
    format!(
        r#"{{"type": "Feature", "id": "{id}", "geometry": {{"type": "Point", "coordinates": [{longitude}, 36]}},
  "properties": {{"radius_m": 1000, "lower": {{"value": {lower_m}, "unit": "m", "reference": "W84"}},
  "upper": {{"value": 2000, "unit": "m", "reference": "W84"}},
  "start": "2016-09-12T{start}:00Z", "end": "2016-09-12T20:00:00Z"}}}}"#
    )
}

fn collection(features: &[String]) -> String {
    format!(
        r#"{{"type": "FeatureCollection", "features": [{}]}}"#,
        features.join(",\n")
    )
}

fn overlap(first: &[String], second: &[String], options: &[&str]) -> Run {
    let folder = Folder::new();
    let first = folder.write("a.geojson", &collection(first));
    let second = folder.write("b.geojson", &collection(second));
    let mut args = vec!["overlap", &first, &second];
    args.extend(options);
    folder.detente(&args)
}

#[test]
fn volumes_that_meet_are_told_with_place_height_and_time() {
    let first = [
        circle("a-1", 37.0, 500, "16:00"),
        circle("a-2", 40.0, 500, "16:00"),
    ];
    let second = [
        circle("b-1", 37.01, 1200, "18:00"),
        circle("b-2", 37.0, 0, "17:00"),
    ];
    insta::assert_snapshot!("overlap", overlap(&first, &second, &[]));
}

#[test]
fn volumes_apart_are_told_with_their_distance() {
    let first = [circle("a-1", 37.0, 500, "16:00")];
    let second = [
        circle("b-1", 37.1, 500, "16:00"),
        circle("b-2", 39.0, 500, "16:00"),
    ];
    insta::assert_snapshot!("overlap_apart", overlap(&first, &second, &[]));
}

#[test]
fn the_order_of_the_files_changes_no_answer() {
    let first = [circle("a-1", 37.0, 500, "16:00")];
    for longitude in [37.005, 37.03] {
        let second = [circle("b-1", longitude, 700, "19:00")];
        let one = overlap(&first, &second, &["--json"]).json();
        let other = overlap(&second, &first, &["--json"]).json();
        for key in [
            "overlap",
            "separation_m",
            "start",
            "end",
            "lower_m",
            "upper_m",
        ] {
            assert_eq!(one[key], other[key], "{key}");
        }
    }
}

#[test]
fn volumes_one_above_the_other_are_no_distance_apart_on_the_ground() {
    let first = [circle("a-1", 37.0, 1500, "16:00")];
    let second = [circle("b-1", 37.0, 1500, "16:00")
        .replace("2000", "2500")
        .replace("1500", "2100")];
    let run = overlap(&first, &second, &["--json"]);
    assert_eq!(run.exit, 0);
    let answer = run.json();
    assert_eq!(answer["overlap"], false);
    assert_eq!(answer["separation_m"], 0.0);
    assert_eq!(answer["vertical_separation_m"], 100.0);
    assert_eq!(answer["time_separation_s"], serde_json::Value::Null);
}

#[test]
fn windows_that_only_touch_do_not_overlap() {
    let first = [circle("a-1", 37.0, 500, "16:00").replace("T20:00:00Z", "T18:00:00Z")];
    let second = [circle("b-1", 37.0, 500, "18:00")];
    let answer = overlap(&first, &second, &["--json"]).json();
    assert_eq!(answer["overlap"], false);
    assert_eq!(answer["time_separation_s"], 0.0);
}

#[test]
fn the_json_of_an_overlap_holds_its_outline_and_every_pair() {
    let first = [circle("a-1", 37.0, 500, "16:00")];
    let second = [
        circle("b-1", 37.01, 1200, "18:00"),
        circle("b-2", 37.0, 0, "17:00").replace("2016-09-12T20:00:00Z", "UFN"),
    ];
    let run = overlap(&first, &second, &["--json"]);
    assert_eq!(run.exit, 1, "{run}");
    let answer = run.json();
    assert_eq!(answer["overlap"], true);
    assert_eq!(answer["separation_m"], serde_json::Value::Null);
    assert_eq!(answer["start"], "2016-09-12T17:00:00Z");
    assert_eq!(
        (&answer["lower_m"], &answer["upper_m"]),
        (&500.0.into(), &2000.0.into())
    );
    assert_eq!(answer["geometry"]["type"], "Polygon");
    assert_eq!(answer["pairs"].as_array().unwrap().len(), 2);
    assert_eq!(answer["pairs"][0]["b"], "b-2");
}

#[test]
fn a_file_without_volumes_is_an_error_and_not_an_all_clear() {
    let run = overlap(&[circle("a-1", 37.0, 500, "16:00")], &[], &[]);
    assert_eq!(run.exit, 3, "{run}");
    assert!(run.stderr.contains("no_volumes"), "{run}");
}

#[test]
fn a_missing_file_is_wrong_usage() {
    let run = Folder::new().detente(&["overlap", "a.geojson", "b.geojson"]);
    assert_eq!(run.exit, 2);
    insta::assert_snapshot!("overlap_missing_file", run);
}

#[test]
fn the_nearest_pair_is_the_same_in_any_order() {
    let height = |feature: String, lower: u32, upper: u32| {
        let value = |metres: u32| format!(r#""value": {metres},"#);
        let lowered = feature.replace(r#""value": 500,"#, "LOWER");
        let raised = lowered.replace(&value(2_000), &value(upper));
        raised.replace("LOWER", &value(lower))
    };
    let band = |id: &str, lower, upper| height(circle(id, 37.0, 500, "16:00"), lower, upper);
    let ours = [band("a", 0, 100)];
    let theirs = [band("x2", 5_000, 6_000), band("x1", 150, 200)];
    let turned = [theirs[1].clone(), theirs[0].clone()];
    for second in [&theirs, &turned] {
        let there = overlap(&ours, second, &["--json"]).json();
        let back = overlap(second, &ours, &["--json"]).json();
        for answer in [&there, &back] {
            assert_eq!(answer["vertical_separation_m"], 50.0);
        }
        assert_eq!(there["nearest"]["b"], "x1");
        assert_eq!(back["nearest"]["a"], "x1");
    }
}

#[test]
fn what_only_time_keeps_apart_is_not_one_above_the_other() {
    let first = [circle("a-1", 37.0, 500, "16:00").replace("T20:00:00Z", "T18:00:00Z")];
    let second = [circle("b-1", 37.0, 500, "18:00")];
    let run = overlap(&first, &second, &[]);
    assert!(
        run.stdout
            .contains("over the same ground; heights meet; one ends as the other begins"),
        "{run}"
    );
}

#[test]
fn a_feature_alone_in_its_file_needs_no_name() {
    let folder = Folder::new();
    let alone = circle("a-1", 37.0, 500, "16:00").replace(r#""id": "a-1", "#, "");
    let file = folder.write("a.geojson", &alone);
    let run = folder.detente(&["overlap", &file, &file]);
    assert!(
        run.stdout
            .contains("OVERLAP  the only feature and the only feature"),
        "{run}"
    );
    let named = circle(&"x".repeat(300), 37.0, 500, "16:00");
    let file = folder.write("b.geojson", &named);
    let run = folder.detente(&["overlap", &file, &file]);
    assert!(
        run.stderr.contains("id") && !run.stderr.contains("party, force"),
        "{run}"
    );
}
