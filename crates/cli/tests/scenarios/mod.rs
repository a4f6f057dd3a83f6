//! The dossiers under `scenarios/` give the verdicts they say, and every clause of them counts.

#![expect(
    clippy::unwrap_used,
    reason = "a dossier that cannot be read or judged fails the test at that line"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Folder, command};

const SYRIA: &str = "syria-2016";
const WILDFIRE: &str = "wildfire-airspace";

/// One reason: what kind of finding, about which thing, by which article (empty when none).
type Reason = (String, String, String);

/// What is said of one operation.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    verdict: String,
    consent_required: BTreeSet<String>,
    reasons: BTreeSet<Reason>,
}

#[test]
fn the_plan_of_2016_is_judged_as_expected() {
    assert_eq!(judged(&dossier(SYRIA)), expected(SYRIA));
}

#[test]
fn the_air_over_the_fire_is_judged_as_expected() {
    assert_eq!(judged(&dossier(WILDFIRE)), expected(WILDFIRE));
}

#[test]
fn every_clause_of_the_plan_of_2016_decides_something() {
    assert_no_clause_is_idle(SYRIA);
}

#[test]
fn every_clause_over_the_fire_decides_something() {
    assert_no_clause_is_idle(WILDFIRE);
}

fn dossier(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../scenarios")
        .join(name)
}

/// What `detente check --json` says of the dossier at `path`.
fn judged(path: &Path) -> BTreeMap<String, Said> {
    let folder = Folder::new();
    let output = command(&folder.path("."))
        .args(["check", "--json"])
        .arg(path)
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}: {complaints}",
        path.display()
    );
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let operations = answer["operations"].as_array().unwrap();
    operations
        .iter()
        .map(|operation| {
            let found = operation["findings"].as_array().unwrap();
            let decisive = found.iter().filter(|finding| finding["effect"] != "warn");
            (text(&operation["operation"]), said(operation, decisive))
        })
        .collect()
}

/// What `expected.json` of the dossier says of it.
fn expected(name: &str) -> BTreeMap<String, Said> {
    let written = std::fs::read_to_string(dossier(name).join("expected.json")).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    let operations = written["operations"].as_object().unwrap();
    operations
        .iter()
        .map(|(id, operation)| {
            let reasons = operation["why"].as_array().unwrap();
            (id.clone(), said(operation, reasons.iter()))
        })
        .collect()
}

fn said<'a>(operation: &Value, reasons: impl Iterator<Item = &'a Value>) -> Said {
    Said {
        verdict: text(&operation["verdict"]),
        consent_required: texts(&operation["consent_required"]).collect(),
        reasons: reasons.flat_map(reasons_of).collect(),
    }
}

fn reasons_of(finding: &Value) -> Vec<Reason> {
    let about = |clause: String| (text(&finding["kind"]), text(&finding["with"]), clause);
    let clauses: Vec<String> = texts(&finding["clauses"]).collect();
    if clauses.is_empty() {
        return vec![about(String::new())];
    }
    clauses.into_iter().map(about).collect()
}

/// Text, empty where there is none.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    value.as_array().into_iter().flatten().map(text)
}

/// Takes each clause out of a copy of the dossier in turn: some verdict or its reasons change.
fn assert_no_clause_is_idle(name: &str) {
    let source = dossier(name);
    let whole = std::fs::read_to_string(source.join("articles.cedar")).unwrap();
    let clauses = clauses(&whole);
    let folder = Folder::new();
    copy_without_references(&source, &folder);
    let judged_without = |left_out: Option<usize>| {
        let kept = clauses
            .iter()
            .enumerate()
            .filter(|(index, _)| Some(*index) != left_out);
        let text: Vec<&str> = kept.map(|(_, clause)| clause.as_str()).collect();
        std::fs::write(folder.path("articles.cedar"), text.join("\n")).unwrap();
        judged(&folder.path("."))
    };
    let with_all = judged_without(None);
    assert_eq!(with_all, judged(&source));
    let idle: Vec<&str> = clauses
        .iter()
        .enumerate()
        .filter(|(index, _)| judged_without(Some(*index)) == with_all)
        .filter_map(|(_, clause)| clause.lines().next())
        .collect();
    assert!(idle.is_empty(), "{name}: nothing depends on {idle:?}");
}

/// The clauses of an articles file, each from its `@id` on, without what they say of each other.
fn clauses(text: &str) -> Vec<String> {
    let without_references: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("@exception(") && !line.starts_with("@excepts("))
        .collect();
    let text = without_references.join("\n");
    text.split("@id(")
        .skip(1)
        .map(|clause| format!("@id({clause}"))
        .collect()
}

/// Copies a dossier; clocks no longer say which article they belong to, so that any can be left
/// out.
fn copy_without_references(source: &Path, folder: &Folder) {
    for entry in std::fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_file() {
            std::fs::copy(&path, folder.path(name)).unwrap();
        }
    }
    let agreement = std::fs::read_to_string(source.join("agreement.toml")).unwrap();
    let lines: Vec<&str> = agreement
        .lines()
        .filter(|line| !line.starts_with("article = "))
        .collect();
    std::fs::write(folder.path("agreement.toml"), lines.join("\n")).unwrap();
}
