//! The text of the agreement: from tabling to force; concerns, Day D, preconditions, readings.

use std::sync::Arc;

use detente_node::picture::{Dossier, Standing};
use serde_json::json;

use crate::shapes::proposal;
use crate::world::{World, dossier, founding, id};

const PLACE: (f64, f64) = (36.6, 35.9);
const SHA256: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// A text with one precondition, tabled and under review.
fn tabled() -> World {
    let mut world = World::untabled();
    let text = dossier(
        "groups = [{",
        "preconditions = [{ id = \"quiet\", text = \"Seven quiet days\", article = \"1\" }]\ngroups = [{",
    );
    let body = json!({
        "dossier": {"sha256": SHA256, "bytes": 1000, "media_type": "application/json"},
        "translations": [{"language": "en", "equivalence": "original"}],
    });
    world.say_with(
        "US:anna",
        "consenter",
        "agreement_tabled",
        "plan",
        body,
        Some(text),
    );
    world.does(
        "RU:oleg",
        "consenter",
        "technical_review_opened",
        "plan",
        json!({}),
    );
    world
}

/// Has both participants adopt a text, which binds from the next midnight on.
pub(crate) fn binds(world: &mut World, name: &str, text: Arc<Dossier>) {
    let body = json!({
        "dossier": {"sha256": SHA256, "bytes": 1000, "media_type": "application/json"},
        "translations": [{"language": "en", "equivalence": "original"}],
    });
    world.say_with(
        "US:anna",
        "consenter",
        "agreement_tabled",
        name,
        body,
        Some(text),
    );
    world.does(
        "RU:oleg",
        "consenter",
        "technical_review_opened",
        name,
        json!({}),
    );
    for kind in ["agreement_initialled", "agreement_adopted"] {
        for who in ["US:anna", "RU:oleg"] {
            world.does(who, "consenter", kind, name, json!({"sha256": SHA256}));
        }
    }
    for who in ["US:anna", "RU:oleg"] {
        let day_d = json!({"at": "2016-09-14T00:00:00Z"});
        world.does(who, "consenter", "day_d_set", name, day_d);
    }
}

fn state(world: &World) -> String {
    let picture = world.picture.at(world.now);
    picture
        .text(&id("plan"))
        .unwrap()
        .matter
        .course
        .state
        .to_owned()
}

fn adopted() -> World {
    let mut world = tabled();
    for kind in ["agreement_initialled", "agreement_adopted"] {
        for who in ["US:anna", "RU:oleg"] {
            world.does(who, "consenter", kind, "plan", json!({"sha256": SHA256}));
        }
    }
    assert_eq!(state(&world), "adopted");
    world
}

#[test]
fn a_founding_is_another_with_another_text_keeper_or_standing() {
    let text = dossier("groups = [{", "groups = [{");
    let plain = founding(Some(text.clone()));
    assert_eq!(plain.hash(), founding(Some(text.clone())).hash());
    let mut keeper = plain.clone();
    keeper.holders.pop_last();
    let mut standing = plain.clone();
    for holder in standing.holders.values_mut() {
        holder.standing = Standing::Participant;
    }
    let changed = Dossier {
        sha256: [8; 32],
        ..(*text).clone()
    };
    for other in [
        founding(Some(Arc::new(changed))),
        founding(None),
        keeper,
        standing,
    ] {
        assert_ne!(plain.hash(), other.hash(), "{:?}", other.holders);
    }
}

#[test]
fn nothing_is_flown_before_a_text_binds() {
    let mut world = adopted();
    let refusal = world.refused(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "transit", PLACE),
    );
    assert!(refusal.contains("no text"), "{refusal}");
}

#[test]
fn a_text_binds_once_day_d_is_agreed_and_every_precondition_holds() {
    let mut world = adopted();
    let day_d = || json!({"at": "2016-09-14T00:00:00Z"});
    world.does("US:anna", "consenter", "day_d_set", "plan", day_d());
    world.does("RU:oleg", "consenter", "day_d_set", "plan", day_d());
    assert_eq!(state(&world), "adopted");
    let holds = || json!({"precondition": "quiet", "holds": true, "evidence": []});
    world.does(
        "US:anna",
        "consenter",
        "precondition_reported",
        "plan",
        holds(),
    );
    assert_eq!(state(&world), "adopted");
    world.does(
        "RU:oleg",
        "consenter",
        "precondition_reported",
        "plan",
        holds(),
    );
    assert_eq!(state(&world), "in_force");
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "transit", PLACE),
    );
}

#[test]
fn another_hash_is_another_text() {
    let mut world = tabled();
    let other = json!({"sha256": SHA256.replace('7', "8")});
    let refusal = world.refused(
        "US:anna",
        "consenter",
        "agreement_initialled",
        "plan",
        other,
    );
    assert!(refusal.contains("hash"), "{refusal}");
}

#[test]
fn a_blocking_concern_holds_back_signing_until_it_is_settled_or_somebody_overrides_it_by_name() {
    let raise = json!({
        "title": "Prisoners", "office": "Legal", "severity": "blocking",
        "text": "Nothing is said about prisoners.", "articles": ["1"],
    });
    let initial = || json!({"sha256": SHA256});
    let mut world = tabled();
    world.does("RU:lena", "inquiry", "concern_raised", "c1", raise.clone());
    let refusal = world.refused(
        "US:anna",
        "consenter",
        "agreement_initialled",
        "plan",
        initial(),
    );
    assert!(refusal.contains("concern c1 is raised"), "{refusal}");
    world.does(
        "US:anna",
        "consenter",
        "concern_answered",
        "c1",
        json!({"text": "See article 9."}),
    );
    world.does(
        "RU:lena",
        "inquiry",
        "concern_maintained",
        "c1",
        json!({"reason": "It says nothing."}),
    );
    world.refused(
        "US:anna",
        "consenter",
        "agreement_initialled",
        "plan",
        initial(),
    );
    // Only its owner lets go of it.
    world.refused("US:anna", "inquiry", "concern_accepted", "c1", json!({}));
    let name = json!({"name": "J. Doe", "reason": "Time presses."});
    world.does("US:anna", "consenter", "override_named", "c1", name);
    world.does(
        "US:anna",
        "consenter",
        "agreement_initialled",
        "plan",
        initial(),
    );
}

#[test]
fn tabling_a_changed_text_voids_what_was_initialled() {
    let mut world = tabled();
    world.does(
        "US:anna",
        "consenter",
        "agreement_initialled",
        "plan",
        json!({"sha256": SHA256}),
    );
    let body = json!({
        "dossier": {"sha256": SHA256, "bytes": 1000, "media_type": "application/json"},
        "translations": [],
    });
    world.does("RU:oleg", "consenter", "agreement_tabled", "plan", body);
    assert!(
        world
            .picture
            .text(&id("plan"))
            .unwrap()
            .initialled
            .is_empty()
    );
}

#[test]
fn a_text_takes_the_place_of_one_that_is_on_record() {
    let mut world = tabled();
    let body = |supersedes: &str| {
        json!({
            "dossier": {"sha256": SHA256, "bytes": 1000, "media_type": "application/json"},
            "translations": [],
            "supersedes": supersedes,
        })
    };
    let refusal = world.refused(
        "RU:oleg",
        "consenter",
        "agreement_tabled",
        "plan-2",
        body("paln"),
    );
    assert_eq!(refusal, "there is no such text to be superseded on record");
    assert!(world.picture.text(&id("plan-2")).is_none());
    world.does(
        "RU:oleg",
        "consenter",
        "agreement_tabled",
        "plan-2",
        body("plan"),
    );
    assert!(world.picture.text(&id("plan-2")).is_some());
}

#[test]
fn readings_that_differ_put_an_article_in_dispute_and_the_stricter_counts() {
    let mut world = World::new();
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "transit", PLACE),
    );
    assert_eq!(world.operation_state("op"), "consented");
    let reading = |text: &str| json!({"reading": text});
    world.does(
        "US:anna",
        "consenter",
        "interpretation_recorded",
        "1",
        reading("All flights."),
    );
    assert_eq!(world.operation_state("op"), "consented");
    world.does(
        "RU:oleg",
        "consenter",
        "interpretation_recorded",
        "1",
        reading("No flights at night."),
    );
    // The permit no longer permits, and what relied on it is suspended.
    assert_eq!(world.operation_state("op"), "recheck_required");
    world.does(
        "US:anna",
        "consenter",
        "interpretation_settled",
        "1",
        reading("All by day."),
    );
    assert_eq!(world.operation_state("op"), "recheck_required");
    world.does(
        "RU:oleg",
        "consenter",
        "interpretation_settled",
        "1",
        reading("All by day."),
    );
    assert!(world.picture.agreement().unwrap().disputes.is_empty());
    world.does(
        "RU:oleg",
        "consenter",
        "operation_consented",
        "op",
        json!({"version": 1}),
    );
    assert_eq!(world.operation_state("op"), "consented");
}

#[test]
fn day_d_may_not_lie_in_the_past() {
    let mut world = adopted();
    let refusal = world.refused(
        "US:anna",
        "consenter",
        "day_d_set",
        "plan",
        json!({"at": "2016-09-01T00:00:00Z"}),
    );
    assert!(refusal.contains("past"), "{refusal}");
}
