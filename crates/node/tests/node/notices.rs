//! Notices of protected objects: what is odd about them reaches a second person, and nobody floods the record with them.

use detente_node::reconciliation;
use serde_json::json;

use crate::outcomes::finding;
use crate::shapes::{area, hospital};
use crate::world::{World, at, dossier, id};

const PLACE: (f64, f64) = (36.6, 35.9);

#[test]
fn what_is_odd_about_a_notice_is_accepted_by_whoever_validates_it() {
    let mut world = World::new();
    let mut body = hospital("h1", PLACE);
    body["warnings"] = json!([
        {"check": "vicinity", "text": "7 km from Ariha"},
        {"check": "neighbours", "text": "h0 stands 40 m away"},
    ]);
    world.does("UN:clara", "notifier", "object_submitted", "h1", body);
    let mut check = json!({"version": 1, "checks": ["datum"]});
    let refusal = world.refused(
        "UN:dora",
        "notifier",
        "object_validated",
        "h1",
        check.clone(),
    );
    assert!(refusal.contains("warning"), "{refusal}");
    check["warnings_accepted"] = json!(2);
    // Accepted, and yet one of them was never looked at.
    check["checks"] = json!(["vicinity"]);
    world.refused(
        "UN:dora",
        "notifier",
        "object_validated",
        "h1",
        check.clone(),
    );
    check["checks"] = json!(["vicinity", "neighbours"]);
    world.does("UN:dora", "notifier", "object_validated", "h1", check);
    let file = world.picture.protected_object(&id("h1")).unwrap();
    assert_eq!(file.matter.course.state, "validated");
    // A new version stands for itself.
    let mut body = hospital("h1", PLACE);
    let kept = body.as_object_mut().unwrap();
    kept.retain(|name, _| matches!(name.as_str(), "feature" | "measured_how"));
    body["version"] = json!(2);
    body["reason"] = json!("Measured anew");
    world.does("UN:clara", "notifier", "object_amended", "h1", body);
    let check = json!({"version": 2, "checks": ["datum"]});
    world.does("UN:dora", "notifier", "object_validated", "h1", check);
}

/// Whoever submits a notice may leave out what is odd about it: every picture finds it again.
#[test]
fn what_a_notice_leaves_out_is_found_by_everybody_and_accepted_all_the_same() {
    let mut world = World::new();
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h1",
        hospital("h1", PLACE),
    );
    // Some twenty metres from the other, of the same category, and not a word of it.
    let beside = (PLACE.0, PLACE.1 + 0.000_2);
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h2",
        hospital("h2", beside),
    );
    // On the other side of the equator from everything the agreement draws.
    let exchanged = (PLACE.0, -PLACE.1);
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h3",
        hospital("h3", exchanged),
    );
    let warnings = |world: &World, name: &str| -> Vec<String> {
        let file = world.picture.protected_object(&id(name)).unwrap();
        let warnings = file.warnings.iter();
        warnings
            .map(|warning| warning.text.in_language(&["en"]).to_owned())
            .collect()
    };
    assert_eq!(warnings(&world, "h1"), [""; 0]);
    assert_eq!(
        warnings(&world, "h2"),
        ["`h1` of the same category stands 22 m away: is it the same object?"]
    );
    assert_eq!(
        warnings(&world, "h3"),
        [
            "it lies more than 100 km outside everything the agreement draws; it would lie inside if north and south are exchanged"
        ]
    );
    for (name, checks) in [("h2", "neighbours"), ("h3", "datum")] {
        let mut check = json!({"version": 1, "checks": [checks]});
        let refusal = world.refused(
            "UN:dora",
            "notifier",
            "object_validated",
            name,
            check.clone(),
        );
        assert!(refusal.contains("1 warnings"), "{refusal}");
        check["warnings_accepted"] = json!(1);
        world.does("UN:dora", "notifier", "object_validated", name, check);
    }
    // What the notice says itself is not said twice, and a new version is no neighbour of the one before.
    let mut amended = hospital("h2", beside);
    let kept = amended.as_object_mut().unwrap();
    kept.retain(|name, _| matches!(name.as_str(), "feature" | "measured_how"));
    amended["version"] = json!(2);
    amended["reason"] = json!("Said in full");
    amended["warnings"] = json!([{
        "check": "neighbours",
        "text": "`h1` of the same category stands 22 m away: is it the same object?",
    }]);
    world.does("UN:clara", "notifier", "object_amended", "h2", amended);
    assert_eq!(warnings(&world, "h2").len(), 1);
}

#[test]
fn nobody_has_more_unvalidated_objects_than_the_agreement_lets_it() {
    let limit = "[parameters.standoff]";
    let with = "[parameters]\nnotices_unvalidated_max = 2\n[parameters.standoff]";
    let mut world = World::of(Some(dossier(limit, with)));
    for name in ["h1", "h2"] {
        world.does(
            "UN:clara",
            "notifier",
            "object_submitted",
            name,
            hospital(name, PLACE),
        );
    }
    let third = || hospital("h3", PLACE);
    let refusal = world.refused("UN:clara", "notifier", "object_submitted", "h3", third());
    assert!(refusal.contains("validated"), "{refusal}");
    // Somebody else's notices are counted for themselves; a validation makes room.
    let check = json!({"version": 1, "checks": ["datum"]});
    world.does("UN:dora", "notifier", "object_validated", "h1", check);
    world.does("UN:clara", "notifier", "object_submitted", "h3", third());
    world.refused(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h4",
        hospital("h4", PLACE),
    );
}

#[test]
fn what_the_sides_say_stands_side_by_side() {
    let mut world = World::new();
    for (who, name) in [("US:anna", "v1"), ("US:anna", "v2"), ("RU:oleg", "v3")] {
        let body = json!({"title": name, "articles": ["1"], "party": "SY", "possible": false, "text": "Restated.", "evidence": []});
        world.does(who, "inquiry", "violation_reported", name, body);
    }
    finding(&mut world, "US:anna", "v2", "confirm");
    finding(&mut world, "RU:oleg", "v2", "deny");
    finding(&mut world, "RU:oleg", "v1", "confirm");
    let claim = |class: &str| json!({"party": "SY", "class": class, "line": "line-1", "distance_m": 3_000, "at": "2016-09-13T00:00:00Z"});
    world.does(
        "RU:oleg",
        "consenter",
        "withdrawal_claimed",
        "w1",
        claim("tanks"),
    );
    world.does(
        "RU:oleg",
        "consenter",
        "withdrawal_claimed",
        "w2",
        claim("tanks"),
    );
    world.does(
        "RU:oleg",
        "consenter",
        "withdrawal_claimed",
        "w3",
        claim("artillery"),
    );
    let reason = json!({"reason": "No line of sight"});
    world.does(
        "OSCE:mona",
        "monitor",
        "withdrawal_not_confirmable",
        "w2",
        reason,
    );
    let seen = json!({"text": "Seen on the road", "evidence": []});
    world.does("OSCE:mona", "monitor", "withdrawal_confirmed", "w3", seen);
    let kept_out = json!({"kept_out": "Monitors", "place": {"name": "Castello", "precision": "settlement"}, "by": "SY", "from": "2016-09-13T06:00:00Z"});
    world.does("OSCE:mona", "monitor", "access_restricted", "a1", kept_out);
    world.now = at(14, 0, 0);
    let shown = reconciliation::of(&world.picture, world.now);
    assert_eq!((shown.counts["US"], shown.counts["RU"]), (2, 2));
    let first = &shown.violations[0];
    assert_eq!(
        (first.id.as_str(), first.comparison.as_str()),
        ("v2", "divergent")
    );
    assert_eq!(
        (
            first.findings["US"].finding.as_str(),
            first.findings["RU"].finding.as_str()
        ),
        ("confirm", "deny")
    );
    assert_eq!(first.counted_by, ["US"]);
    let classes: Vec<(&str, u64, u64, u64)> = shown
        .withdrawals
        .iter()
        .map(|class| {
            (
                class.class.as_str(),
                class.claimed,
                class.confirmed,
                class.not_confirmable,
            )
        })
        .collect();
    assert_eq!(classes, [("artillery", 0, 1, 0), ("tanks", 1, 0, 1)]);
    let said = &shown.withdrawals[1].claims[1].said;
    assert_eq!(said["OSCE"].word, "not_confirmable");
    // Two sides that say different things stand beside each other.
    let seen = json!({"text": "Gone.", "evidence": []});
    let (who, kind) = ("US:cole", "withdrawal_confirmed");
    world.does(who, "inquiry", kind, "w2", seen);
    let anew = reconciliation::of(&world.picture, at(14, 1, 0));
    let tanks = &anew.withdrawals[1];
    assert_eq!((tanks.not_confirmable, tanks.divergent), (0, 1));
    assert_eq!(tanks.claims[1].state, "divergent");
    assert_eq!(tanks.claims[1].said["US"].word, "confirmed");
    assert_eq!(shown.access_restrictions[0].reported_by, "OSCE");
    assert_eq!(shown.access_restrictions[0].by.as_deref(), Some("SY"));
}
