//! What an act bears on: matters of one name, names of the text itself, whoever has left, and flights that account for themselves.

use std::sync::Arc;

use detente_node::picture::Dossier;
use serde_json::json;

use crate::shapes::{area, convoy, hospital, proposal, revision};
use crate::world::{ARTICLES, World, at, dossier, dossier_under, id};

const PLACE: (f64, f64) = (36.6, 35.9);
const FAR: (f64, f64) = (38.6, 35.9);

fn proposes(world: &mut World, name: &str, who: &str, activity: &str, place: (f64, f64)) {
    let (party, _) = who.split_once(':').unwrap();
    let body = proposal(name, party, activity, place);
    world.does(who, "planner", "operation_proposed", name, body);
}

/// A transit of the United States in the air on the 20th.
fn flying() -> World {
    let mut world = World::new();
    proposes(&mut world, "op", "US:anna", "transit", PLACE);
    world.now = at(20, 3, 0);
    let version = json!({"version": 1});
    world.does(
        "US:bob",
        "watch_officer",
        "operation_activated",
        "op",
        version,
    );
    world
}

#[test]
fn a_word_about_a_matter_whose_beginning_nobody_had_seen_is_about_another() {
    let mut world = World::new();
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    proposes(&mut world, "op", "US:anna", "strike", PLACE);
    world.aware = false;
    let version = || json!({"version": 1});
    let refusal = world.refused(
        "RU:oleg",
        "consenter",
        "operation_consented",
        "op",
        version(),
    );
    assert!(refusal.contains("about another"), "{refusal}");
    // A stop counts for whatever goes by the name.
    world.does(
        "RU:oleg",
        "watch_officer",
        "operation_stopped",
        "op",
        json!({}),
    );
    assert_eq!(world.operation_state("op"), "stopped");
}

#[test]
fn nobody_takes_the_place_of_what_the_text_itself_protects() {
    let mut notified = World::new();
    let body = hospital("h1", PLACE);
    notified.does("UN:clara", "notifier", "object_submitted", "h1", body);
    let moves = convoy("aid", PLACE);
    notified.does("UN:clara", "notifier", "movement_notified", "aid", moves);
    let things = notified.picture.things();
    let protected = things.protected().map(|(object, _)| object.clone());
    let of_text = Arc::new(Dossier {
        protected: protected.collect(),
        movements: things.movements().cloned().collect(),
        ..(*dossier_under("", "", ARTICLES)).clone()
    });
    let mut world = World::of(Some(of_text));
    let elsewhere = hospital("h1", FAR);
    let refusal = world.refused("UN:clara", "notifier", "object_submitted", "h1", elsewhere);
    assert!(
        refusal.contains("an object of the agreement itself"),
        "{refusal}"
    );
    let elsewhere = convoy("aid", FAR);
    let refusal = world.refused(
        "UN:clara",
        "notifier",
        "movement_notified",
        "aid",
        elsewhere,
    );
    assert!(
        refusal.contains("a movement of the agreement itself"),
        "{refusal}"
    );
    assert_eq!(world.picture.things().protected().count(), 1);
}

#[test]
fn a_text_takes_no_protection_from_what_was_notified_under_the_same_name() {
    let mut world = World::untabled();
    let body = hospital("h1", PLACE);
    world.does("UN:clara", "notifier", "object_submitted", "h1", body);
    let mut other = World::new();
    let body = hospital("h1", FAR);
    other.does("UN:clara", "notifier", "object_submitted", "h1", body);
    let things = other.picture.things();
    let of_text = Dossier {
        protected: things
            .protected()
            .map(|(object, _)| object.clone())
            .collect(),
        ..(*dossier_under("", "", ARTICLES)).clone()
    };
    crate::agreement::binds(&mut world, "plan", Arc::new(of_text));
    assert_eq!(world.picture.things().protected().count(), 2);
}

#[test]
fn a_flight_that_a_restraint_meets_in_the_air_still_accounts_for_itself() {
    let mut world = flying();
    let zone = json!({"feature": area("zone", "prohibited_area", PLACE)});
    world.does("US:anna", "consenter", "area_established", "zone", zone);
    assert_eq!(world.operation_state("op"), "recheck_in_flight");
    world.refused("US:anna", "planner", "operation_cancelled", "op", json!({}));
    world.now = at(20, 6, 0);
    assert_eq!(world.operation_state("op"), "nonconforming");
    let ended = json!({"at": "2016-09-20T06:00:00Z"});
    world.does("US:bob", "watch_officer", "operation_ended", "op", ended);
    assert_eq!(world.operation_state("op"), "ended");
}

#[test]
fn consent_given_anew_in_flight_lets_it_go_on() {
    let mut world = flying();
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    assert_eq!(world.operation_state("op"), "recheck_in_flight");
    let version = json!({"version": 1});
    world.does("RU:oleg", "consenter", "operation_consented", "op", version);
    assert_eq!(world.operation_state("op"), "active");
}

#[test]
fn a_flight_that_was_stopped_is_not_flown_again_and_owes_its_account() {
    let mut world = flying();
    world.does(
        "RU:oleg",
        "watch_officer",
        "operation_stopped",
        "op",
        json!({}),
    );
    assert_eq!(world.operation_state("op"), "stopped_in_flight");
    let again = revision("op", "US", "transit", PLACE, 2);
    world.refused("US:anna", "planner", "operation_revised", "op", again);
    world.refused("US:anna", "planner", "operation_cancelled", "op", json!({}));
}

#[test]
fn what_somebody_stopped_needs_the_word_of_whoever_did() {
    let mut world = World::new();
    proposes(&mut world, "op", "US:anna", "transit", PLACE);
    world.does(
        "RU:oleg",
        "watch_officer",
        "operation_stopped",
        "op",
        json!({}),
    );
    assert_eq!(world.operation_state("op"), "stopped");
    let again = revision("op", "US", "transit", PLACE, 2);
    world.does("US:anna", "planner", "operation_revised", "op", again);
    assert_eq!(world.operation_state("op"), "proposed");
    let judged = world
        .picture
        .operation(&id("op"))
        .unwrap()
        .judged
        .judgement
        .clone();
    assert!(
        judged
            .findings
            .iter()
            .any(|finding| finding.message.starts_with("RU stopped it"))
    );
    let version = json!({"version": 2});
    world.does("RU:igor", "consenter", "operation_consented", "op", version);
    assert_eq!(world.operation_state("op"), "consented");
    // Who stops its own operation asks nobody.
    proposes(&mut world, "own", "US:anna", "transit", FAR);
    world.does(
        "US:bob",
        "watch_officer",
        "operation_stopped",
        "own",
        json!({}),
    );
    let again = revision("own", "US", "transit", FAR, 2);
    world.does("US:anna", "planner", "operation_revised", "own", again);
    assert_eq!(world.operation_state("own"), "consented");
}

#[test]
fn a_dissent_hides_behind_no_other_of_its_name() {
    let mut world = World::new();
    proposes(&mut world, "op", "US:anna", "transit", PLACE);
    let dissent = |text: &str| json!({"dissent": "1", "office": "Analysts", "text": text});
    world.does(
        "US:anna",
        "planner",
        "dissent_noted",
        "op",
        dissent("Doubtful."),
    );
    let other = dissent("Our soldiers are there.");
    let refusal = world.refused("RU:oleg", "watch_officer", "dissent_noted", "op", other);
    assert!(
        refusal.contains("no dissent about it goes by the name"),
        "{refusal}"
    );
}

#[test]
fn a_suspension_ends_at_the_instant_that_everyone_has_named() {
    let mut world = World::new();
    let suspend = json!({"scope": "all", "at": "2016-09-13T13:00:00Z", "reason": "Unclear."});
    world.does("RU:igor", "consenter", "suspension_notified", "s1", suspend);
    let resume = |at: &str| json!({ "at": at });
    // Nothing is resumed before it is suspended: it would take effect at once instead.
    world.refused(
        "RU:igor",
        "consenter",
        "resumption_proposed",
        "s1",
        resume("2016-09-14T00:00:00Z"),
    );
    world.now = at(13, 13, 0);
    world.does(
        "RU:igor",
        "consenter",
        "resumption_proposed",
        "s1",
        resume("2016-09-14T00:00:00Z"),
    );
    let refusal = world.refused(
        "US:anna",
        "consenter",
        "resumption_agreed",
        "s1",
        resume("2016-09-13T14:00:00Z"),
    );
    assert!(refusal.contains("proposed last"), "{refusal}");
    world.does(
        "US:anna",
        "consenter",
        "resumption_agreed",
        "s1",
        resume("2016-09-14T00:00:00Z"),
    );
    let suspended = |now| {
        let picture = world.picture.at(now);
        picture.agreement().unwrap().status == detente_records::Status::Suspended
    };
    assert!(suspended(at(13, 23, 59)));
    assert!(!suspended(at(14, 0, 0)));
}

#[test]
fn who_has_left_has_no_veto_and_grounds_nobody() {
    let three = dossier("{ id = \"RU\" }]", "{ id = \"RU\" }, { id = \"FR\" }]");
    let mut world = World::of(Some(three));
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    let suspend = |at: &str| json!({"scope": "all", "at": at, "reason": "Enough."});
    world.does(
        "FR:odile",
        "consenter",
        "suspension_notified",
        "s1",
        suspend("2016-09-13T13:00:00Z"),
    );
    let leave = json!({"at": "2016-09-14T00:00:00Z", "reason": "Enough."});
    world.does("FR:odile", "consenter", "withdrawal_notified", "w1", leave);
    world.now = at(14, 0, 0);
    let refusal = world.refused(
        "FR:odile",
        "consenter",
        "suspension_notified",
        "s2",
        suspend("2016-09-14T01:00:00Z"),
    );
    assert!(refusal.contains("FR has left"), "{refusal}");
    let zone = json!({"feature": area("wall", "prohibited_area", PLACE)});
    world.refused("FR:odile", "consenter", "area_established", "wall", zone);
    // Those who stay resume without it, and give up an area without it.
    let at_two = || json!({"at": "2016-09-14T02:00:00Z"});
    world.does(
        "US:anna",
        "consenter",
        "resumption_proposed",
        "s1",
        at_two(),
    );
    world.does("RU:igor", "consenter", "resumption_agreed", "s1", at_two());
    let gone = json!({"reason": "Quiet."});
    world.does("US:anna", "consenter", "area_cancelled", "zone", gone);
    world.does(
        "RU:igor",
        "consenter",
        "area_change_agreed",
        "zone",
        json!({}),
    );
    assert_eq!(world.picture.things().areas().count(), 0);
}
