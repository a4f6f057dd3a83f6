//! Dossiers: files checked against each other.

use detente_formats::{Dossier, DossierPart, DossierSource, read_dossier, warn_of_transposed};
use detente_records::Problems;

use crate::shown;

pub(crate) const AGREEMENT: &str = r#"
id = "plan-2016"
title = { en = "Terms of reference", ru = "Круг ведения" }
languages = ["en", "ru"]
status = "in_force"
day_d = 2016-09-12T16:00:00Z
as_of = "2016-09-13T00:00:00Z"

participants = [{ id = "US", name = "United States" }, { id = "RU" }]
bound_parties = [{ id = "SY" }]
guarantors = [{ participant = "RU", for = "SY" }]
groups = [{ id = "opposition" }]

[[forces]]
id = "us-air-force"
party = "US"

[[forces]]
id = "syrian-air-force"
party = "SY"
groups = []

[parameters.standoff]
default_m = 500
[parameters.standoff.categories.hospital]
standoff_m = 1000
exempt_activities = ["medevac"]
[[parameters.clocks]]
id = "answer"
owner = "RU"
duration = "24h"
[parameters.lead_times]
strike = "6h"
"#;

pub(crate) const OPERATIONS: &str = r#"{"type": "FeatureCollection", "features": [
{"type": "Feature", "id": "op-1", "geometry": {"type": "Point", "coordinates": [37, 36]}, "properties": {"kind": "operation", "party": "SY", "force": "syrian-air-force", "activity": "transit", "radius_m": 1000, "lower": {"reference": "SFC"}, "upper": {"value": 100, "unit": "FL"}, "start": "2016-09-14T00:00:00Z", "end": "2016-09-14T01:00:00Z", "consents": ["US"]}},
{"type": "Feature", "properties": {"operation": "op-1", "kind": "operation", "party": "SY", "force": "syrian-air-force", "activity": "transit", "radius_m": 1000, "lower": {"reference": "SFC"}, "upper": {"value": 100, "unit": "FL"}, "start": "2016-09-14T01:00:00Z", "end": "2016-09-14T02:00:00Z"}, "geometry": {"type": "Point", "coordinates": [37.1, 36]}}
]}"#;

fn read(files: &[(DossierPart, &[u8])]) -> (Option<Dossier>, Problems) {
    let mut contents: Vec<(DossierPart, &[u8])> = files.to_vec();
    let sources = contents
        .iter_mut()
        .map(|(part, content)| DossierSource {
            part: *part,
            name: part.file_name().to_owned(),
            content,
        })
        .collect();
    read_dossier(sources)
}

fn with(part: DossierPart, text: &str) -> (Option<Dossier>, Problems) {
    let mut files: Vec<(DossierPart, &[u8])> = vec![
        (DossierPart::Agreement, AGREEMENT.as_bytes()),
        (
            DossierPart::Articles,
            b"permit(principal, action, resource);",
        ),
        (DossierPart::Operations, OPERATIONS.as_bytes()),
    ];
    files.retain(|(known, _)| *known != part);
    files.push((part, text.as_bytes()));
    read(&files)
}

#[test]
fn a_sound_dossier_is_read_whole() {
    let (dossier, problems) = with(DossierPart::Operations, OPERATIONS);
    assert_eq!(shown(&problems), "");
    let dossier = dossier.unwrap();
    assert_eq!(dossier.operations.len(), 1);
    assert_eq!(dossier.operations[0].volumes.len(), 2);
    assert_eq!(dossier.operations[0].consents.len(), 1);
    let syria = &dossier.operations[0].party;
    assert_eq!(dossier.agreement.answerable(syria).unwrap().as_str(), "RU");
    assert_eq!(
        dossier.articles.text,
        "permit(principal, action, resource);"
    );
}

#[test]
fn names_nobody_declared_are_reported_with_the_nearest() {
    let areas = r#"{"type": "FeatureCollection", "features": [
{"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [37, 36]}, "properties": {"kind": "designated_area", "area_kind": "concentrate", "radius_m": 5000, "applies_to": ["syrian-airforce"], "groups": ["oposition"], "consent_of": ["USA", "SY"], "activities": ["strikes"]}},
{"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [37, 36]}, "properties": {"kind": "prohibited_area", "radius_m": 5000}},
{"type": "Feature", "id": "b", "geometry": {"type": "Point", "coordinates": [37, 36]}, "properties": {"kind": "safe_zone", "radius_m": 5000}}]}"#;
    insta::assert_snapshot!(shown(&with(DossierPart::Areas, areas).1));
}

#[test]
fn operations_that_contradict_the_agreement_or_themselves_are_reported() {
    let text = OPERATIONS
        .replace(
            "\"operation\": \"op-1\", \"kind\": \"operation\", \"party\": \"SY\"",
            "\"operation\": \"op-1\", \"kind\": \"operation\", \"party\": \"US\"",
        )
        .replace(
            "\"consents\": [\"US\"]",
            "\"consents\": [\"FR\", \"US\", \"US\"], \"notified\": \"2016-09-14T00:30:00Z\"",
        );
    insta::assert_snapshot!(shown(&with(DossierPart::Operations, &text).1));
}

#[test]
fn every_fault_of_an_agreement_is_reported() {
    let text = r#"
id = "plan\u202e2016"
title = {}
status = "signed"
day_d = 2016-09-12T16:00:00
ends = "yesterday"
colour = "blue"
participants = [{ id = "US" }, { id = "US" }, { name = "nobody" }, 5]
bound_parties = [{ id = "SY" }, { id = "US" }]
guarantors = [{ participant = "RU", for = "SY" }, { participant = "US", for = "IR" }]
weapon_release_authority = "x"

[[forces]]
id = "a"
party = "UK"
within = ["b"]
[[forces]]
id = "b"
party = "US"
within = ["a", "c"]
groups = ["g"]

[parameters.standoff]
default_m = -5
categories.hospital = { exempt_activities = ["ambulance"] }
[parameters.lead_times]
strike = "6m"
bombing = "1h"
[parameters.vertical]
terrain_min_m = 900
terrain_max_m = 100
[[parameters.clocks]]
id = "k"
owner = "FR"
duration = 24
[[disputes]]
article = "4"
readings = [{ participant = "DE", text = "x" }]
"#;
    insta::assert_snapshot!(shown(&with(DossierPart::Agreement, text).1));
}

#[test]
fn concerns_are_read_and_checked() {
    let text = r#"
[[concerns]]
id = "c1"
title = "No consequence"
owner = "Defense"
severity = "blocking"
raised_by = "RU"
property = "forbid(principal, action, resource);"
[[concerns]]
id = "c2"
title = "Raised by nobody who is known"
owner = "Defense"
severity = "blocking"
raised_by = "FR"
[[concerns]]
id = "c3"
title = "Raised by a slip of the pen"
owner = "Defense"
severity = "blocking"
raised_by = "R-U"
[[concerns]]
id = "c1"
title = "Again"
owner = "Defense"
severity = "bloking"
[[concern]]
id = "lost"
"#;
    let (dossier, problems) = with(DossierPart::Concerns, text);
    assert_eq!(dossier.unwrap().concerns.len(), 3);
    insta::assert_snapshot!(shown(&problems));
}

#[test]
fn missing_and_unreadable_files_are_reported() {
    let (dossier, problems) = read(&[(DossierPart::Articles, b"\xff")]);
    assert!(dossier.is_none());
    insta::assert_snapshot!(shown(&problems));
}

#[test]
fn a_byte_order_mark_is_noted_and_moves_no_place() {
    let articles = b"\xef\xbb\xbfpermit (principal, action, resource);";
    let agreement = (DossierPart::Agreement, AGREEMENT.as_bytes());
    let (dossier, problems) = read(&[agreement, (DossierPart::Articles, articles)]);
    assert!(shown(&problems).contains("articles.cedar:1:1: note[byte_order_mark]"));
    let text = dossier.unwrap().articles.text;
    assert_eq!(text, "   permit (principal, action, resource);");
    assert_eq!(text.len(), articles.len());
}

#[test]
fn the_digest_covers_every_byte_and_not_the_order() {
    let digest = |files: &[(DossierPart, &[u8])]| read(files).0.unwrap().content.to_string();
    let agreement = (DossierPart::Agreement, AGREEMENT.as_bytes());
    let operations = (DossierPart::Operations, OPERATIONS.as_bytes());
    let first = digest(&[agreement, operations]);
    assert_eq!(first, digest(&[operations, agreement]));
    let longer = format!("{OPERATIONS} ");
    assert_ne!(
        first,
        digest(&[agreement, (DossierPart::Operations, longer.as_bytes())])
    );
    assert_ne!(first, digest(&[agreement]));
}

#[test]
fn what_an_agreement_lacks_hides_no_fault_of_the_other_files() {
    let without = AGREEMENT
        .replace("id = \"plan-2016\"", "")
        .replace("status = ", "state = ");
    let operations = OPERATIONS.replace("transit", "transfer");
    let (dossier, problems) = read(&[
        (DossierPart::Agreement, without.as_bytes()),
        (
            DossierPart::Articles,
            b"permit(principal, action, resource);",
        ),
        (DossierPart::Operations, operations.as_bytes()),
    ]);
    assert!(dossier.is_some(), "the articles can be checked as well");
    insta::assert_snapshot!(shown(&problems), @r"
    agreement.toml:1:1: error[missing_property]: `id` is missing
      help: add `id`
    agreement.toml:1:1: error[missing_property]: `status` is missing
      help: add `status`
    agreement.toml:5:1: warning[unknown_property]: `state` is not known here and is ignored (at /state)
      help: did you mean `status`?
    operations.geojson:2:183: error[unknown_activity]: `transfer` is not a known activity (at /features/0/properties/activity)
      help: known are `strike`, `reconnaissance`, `transit`, `airlift`, `airdrop`, `medevac`, `search_and_rescue` and `humanitarian`
    operations.geojson:3:134: error[unknown_activity]: `transfer` is not a known activity (at /features/1/properties/activity)
      help: known are `strike`, `reconnaissance`, `transit`, `airlift`, `airdrop`, `medevac`, `search_and_rescue` and `humanitarian`
    ");
}

#[test]
fn positions_that_look_exchanged_are_warned_of() {
    let area = |id: &str, place: &str| {
        format!(
            r#"{{"type": "Feature", "id": "{id}", "geometry": {{"type": "Point", "coordinates": {place}}}, "properties": {{"kind": "prohibited_area", "radius_m": 5000, "lower": {{"reference": "SFC"}}, "upper": {{"reference": "UNL"}}, "start": "2016-09-12T16:00:00Z", "end": "UFN"}}}}"#
        )
    };
    let areas = |places: &[&str]| {
        let features = places.iter().enumerate();
        let features: Vec<String> = features
            .map(|(number, place)| area(&format!("a{number}"), place))
            .collect();
        format!(
            r#"{{"type": "FeatureCollection", "features": [{}]}}"#,
            features.join(",\n")
        )
    };
    let warned = |places: &[&str], operation: &str| {
        let areas = areas(places);
        let operations = OPERATIONS.replace("[37, 36]", operation);
        let (dossier, problems) = read(&[
            (DossierPart::Agreement, AGREEMENT.as_bytes()),
            (DossierPart::Articles, b""),
            (DossierPart::Areas, areas.as_bytes()),
            (DossierPart::Operations, operations.as_bytes()),
        ]);
        assert_eq!(shown(&problems), "");
        let dossier = dossier.unwrap();
        let mut problems = Problems::default();
        warn_of_transposed(&dossier, &dossier.operations, &mut problems);
        let places = problems.iter().map(|problem| {
            assert_eq!(problem.code, "perhaps_transposed");
            let line = problem.place.line.unwrap_or_default();
            format!("{}:{line}", problem.document)
        });
        places.collect::<Vec<_>>().join(" ")
    };
    // Around 36 N 37 E both readings are near one another: nothing can be said.
    assert_eq!(warned(&["[37, 36]", "[37.2, 35.5]"], "[36, 37]"), "");
    assert_eq!(warned(&["[37, 36]"], "[37, 36]"), "");
    // Around 64 N 18 W.
    let north = ["[37, 36]", "[-18.9, 64.7]", "[-17.6, 64.9]"];
    assert_eq!(warned(&north, "[-18.5, 64.5]"), "");
    assert_eq!(warned(&north, "[64.5, -18.5]"), "operations.geojson:2");
    assert_eq!(
        warned(&["[37, 36]", "[-18.9, 64.7]", "[64.9, -17.6]"], "[37, 36]"),
        "areas.geojson:2 areas.geojson:3"
    );
    // Far away, but exchanged no nearer: a place like any other.
    assert_eq!(warned(&north, "[100, 10]"), "");
    // The square across the antimeridian is a neighbour.
    assert_eq!(warned(&["[179.9, 10]", "[37, 36]"], "[-179.9, 10]"), "");
}
