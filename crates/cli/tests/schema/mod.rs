//! Every `--json` answer against the schema published for it.

#![expect(
    clippy::unwrap_used,
    reason = "a schema that cannot be read fails the test at that line"
)]

use std::path::Path;

use crate::harness::{Folder, Run, detente_at_root};

#[test]
fn answers_of_check_follow_their_schema() {
    for scenario in ["scenarios/syria-2016", "scenarios/wildfire-airspace"] {
        assert_follows(
            "check.schema.json",
            &detente_at_root(&["check", scenario, "--json"]),
        );
    }
}

#[test]
fn answers_of_overlap_follow_their_schema() {
    let operations = "scenarios/syria-2016/operations.geojson";
    for other in [
        "scenarios/syria-2016/areas.geojson",
        "scenarios/wildfire-airspace/areas.geojson",
    ] {
        assert_follows(
            "overlap.schema.json",
            &detente_at_root(&["overlap", operations, other, "--json"]),
        );
    }
}

#[test]
fn answers_of_prove_follow_their_schema() {
    for scenario in ["scenarios/syria-2016", "scenarios/syria-2016-july"] {
        assert_follows(
            "prove.schema.json",
            &detente_at_root(&["prove", scenario, "--solver", "none", "--json"]),
        );
    }
}

#[test]
fn answers_of_amend_follow_their_schema() {
    let july = "scenarios/syria-2016-july";
    for other in [
        "scenarios/syria-2016-july/amendments/possible-presence.cedar",
        "scenarios/syria-2016",
        july,
    ] {
        assert_follows(
            "amend.schema.json",
            &detente_at_root(&["amend", july, other, "--json"]),
        );
    }
}

#[test]
fn lists_of_problems_follow_their_schema() {
    let folder = Folder::new();
    folder.starter_with("areas.geojson", "\"significant\"", "\"some\"");
    assert_follows(
        "problems.schema.json",
        &folder.detente(&["check", "dossier", "--json"]),
    );
}

#[test]
fn answers_of_rehearse_follow_their_schema() {
    let args = [
        "rehearse",
        "scenarios/wildfire-airspace",
        "--seed",
        "1",
        "--json",
    ];
    assert_follows("rehearse.schema.json", &detente_at_root(&args));
}

#[track_caller]
pub(crate) fn assert_follows(schema: &str, run: &Run) {
    assert_valid(schema, &run.json());
}

#[track_caller]
pub(crate) fn assert_valid(schema: &str, answer: &serde_json::Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/reference")
        .join(schema);
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(answer)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
