//! Operations: consent, versions, stops, activation, and what suspends them.

use detente_agreement::Verdict;
use serde_json::json;

use crate::shapes::{area, building, convoy, flight, hospital, proposal, revision};
use crate::world::{World, at, id};

const PLACE: (f64, f64) = (36.6, 35.9);

/// An operation of the United States in an area that asks for everyone's consent.
fn proposed() -> World {
    let mut world = World::new();
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "strike", PLACE),
    );
    world
}

fn consented() -> World {
    let mut world = proposed();
    world.does(
        "RU:oleg",
        "consenter",
        "operation_consented",
        "op",
        json!({"version": 1}),
    );
    world
}

pub(crate) fn active() -> World {
    let mut world = consented();
    world.now = at(20, 3, 0);
    world.does(
        "US:bob",
        "watch_officer",
        "operation_activated",
        "op",
        json!({"version": 1}),
    );
    world
}

#[test]
fn an_operation_in_an_area_waits_for_the_consent_it_asks_for() {
    let mut world = proposed();
    assert_eq!(world.operation_state("op"), "proposed");
    let judged = &world.picture.operation(&id("op")).unwrap().judged.judgement;
    assert_eq!(judged.verdict, Verdict::ConsentRequired);
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
fn what_needs_nobodys_consent_may_be_flown_once_declared() {
    let mut world = World::new();
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "transit", PLACE),
    );
    assert_eq!(world.operation_state("op"), "consented");
}

#[test]
fn silence_never_consents() {
    let mut world = proposed();
    world.now = at(19, 0, 1);
    assert_eq!(world.operation_state("op"), "expired");
    let refusal = world.refused(
        "RU:oleg",
        "consenter",
        "operation_consented",
        "op",
        json!({"version": 1}),
    );
    assert!(refusal.contains("expired"), "{refusal}");
}

#[test]
fn the_proposer_consents_for_nobody_else() {
    let mut world = proposed();
    let refusal = world.refused(
        "US:anna",
        "consenter",
        "operation_consented",
        "op",
        json!({"version": 1}),
    );
    assert!(refusal.contains("another side"), "{refusal}");
    assert!(
        refusal.contains("consenter of another participant"),
        "{refusal}"
    );
}

#[test]
fn an_observer_consents_to_nothing() {
    let mut world = proposed();
    world.refused(
        "UN:clara",
        "consenter",
        "operation_consented",
        "op",
        json!({"version": 1}),
    );
    assert_eq!(world.operation_state("op"), "proposed");
}

#[test]
fn a_correction_of_the_place_voids_consent() {
    let mut world = consented();
    let moved = revision("op", "US", "strike", (PLACE.0 + 0.002, PLACE.1), 2);
    world.does("US:anna", "planner", "operation_revised", "op", moved);
    assert_eq!(world.operation_state("op"), "proposed");
    let refusal = world.refused(
        "RU:oleg",
        "consenter",
        "operation_consented",
        "op",
        json!({"version": 1}),
    );
    assert!(refusal.contains("version"), "{refusal}");
    world.does(
        "RU:oleg",
        "consenter",
        "operation_consented",
        "op",
        json!({"version": 2}),
    );
    assert_eq!(world.operation_state("op"), "consented");
}

#[test]
fn a_hospital_prohibits_whatever_is_consented() {
    let mut world = World::new();
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h1",
        hospital("h1", PLACE),
    );
    let refusal = world.refused(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "strike", PLACE),
    );
    assert!(refusal.contains("hospital h1"), "{refusal}");
    assert!(world.picture.operation(&id("op")).is_none());
}

#[test]
fn a_hospital_suspends_a_consented_operation() {
    let mut world = consented();
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h1",
        hospital("h1", PLACE),
    );
    assert_eq!(world.operation_state("op"), "recheck_required");
    // Nobody can consent it away.
    let refusal = world.refused(
        "RU:oleg",
        "consenter",
        "operation_consented",
        "op",
        json!({"version": 1}),
    );
    assert!(refusal.contains("hospital h1"), "{refusal}");
    world.now = at(20, 3, 0);
    world.refused(
        "US:bob",
        "watch_officer",
        "operation_activated",
        "op",
        json!({"version": 1}),
    );
}

#[test]
fn a_hospital_suspends_an_active_operation() {
    let mut world = active();
    assert_eq!(world.operation_state("op"), "active");
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h1",
        hospital("h1", PLACE),
    );
    assert_eq!(world.operation_state("op"), "recheck_in_flight");
}

#[test]
fn a_new_area_suspends_until_it_is_consented_anew() {
    let mut world = consented();
    let zone = json!({"feature": area("zone-2", "restricted_operations_zone", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone-2", zone);
    assert_eq!(world.operation_state("op"), "recheck_required");
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
fn an_area_elsewhere_suspends_nothing() {
    let mut world = consented();
    let zone = json!({"feature": area("far", "restricted_operations_zone", (40.0, 35.0))});
    world.does("RU:igor", "consenter", "area_established", "far", zone);
    assert_eq!(world.operation_state("op"), "consented");
}

#[test]
fn a_convoy_suspends_a_strike_on_its_way() {
    let mut world = consented();
    world.does(
        "UN:clara",
        "notifier",
        "movement_notified",
        "aid",
        convoy("aid", PLACE),
    );
    assert_eq!(world.operation_state("op"), "recheck_required");
}

#[test]
fn a_new_restraint_voids_consents_given_before() {
    let mut world = World::of(Some(crate::world::dossier(
        "{ id = \"RU\" }]",
        "{ id = \"RU\" }, { id = \"FR\" }]",
    )));
    let everyone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", everyone);
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "strike", PLACE),
    );
    let zone = json!({"feature": area("zone-2", "restricted_operations_zone", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone-2", zone);
    assert!(
        world
            .picture
            .operation(&id("op"))
            .unwrap()
            .consents
            .is_empty()
    );
}

#[test]
fn any_watch_officer_stops_at_once() {
    let mut world = active();
    world.does(
        "RU:night-watch",
        "watch_officer",
        "operation_stopped",
        "op",
        json!({}),
    );
    assert_eq!(world.operation_state("op"), "stopped_in_flight");
    world.refused(
        "US:bob",
        "watch_officer",
        "operation_activated",
        "op",
        json!({"version": 1}),
    );
}

#[test]
fn who_had_not_seen_a_restraint_proposes_nothing_against_it() {
    let mut world = World::new();
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    world.aware = false;
    let refusal = world.refused(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "strike", PLACE),
    );
    assert!(refusal.contains("area zone"), "{refusal}");
}

#[test]
fn nothing_is_activated_before_its_time_nor_goes_on_after_it() {
    let mut world = consented();
    let refusal = world.refused(
        "US:bob",
        "watch_officer",
        "operation_activated",
        "op",
        json!({"version": 1}),
    );
    assert!(refusal.contains("open now"), "{refusal}");
    let mut world = active();
    world.now = at(20, 6, 0);
    assert_eq!(world.operation_state("op"), "nonconforming");
}

#[test]
fn what_nobody_activated_expires() {
    let mut world = consented();
    world.now = at(20, 6, 0);
    assert_eq!(world.operation_state("op"), "expired");
}

#[test]
fn an_unseen_dissent_holds_back_the_activation() {
    let mut world = consented();
    let dissent = json!({"dissent": "d1", "office": "Analysts", "text": "These are not fighters."});
    world.does("US:cole", "inquiry", "dissent_noted", "op", dissent);
    world.now = at(20, 3, 0);
    let refusal = world.refused(
        "US:bob",
        "watch_officer",
        "operation_activated",
        "op",
        json!({"version": 1}),
    );
    assert!(refusal.contains("Analysts"), "{refusal}");
    world.does(
        "US:bob",
        "watch_officer",
        "dissent_seen",
        "op",
        json!({"dissent": "d1"}),
    );
    world.does(
        "US:bob",
        "watch_officer",
        "operation_activated",
        "op",
        json!({"version": 1}),
    );
}

#[test]
fn conditions_consent_once_the_proposer_takes_them_on() {
    let mut world = proposed();
    let conditions = json!({"version": 1, "conditions": ["Not before dawn."]});
    world.does(
        "RU:oleg",
        "consenter",
        "operation_consented_with_conditions",
        "op",
        conditions,
    );
    assert_eq!(world.operation_state("op"), "conditions_open");
    world.does(
        "US:anna",
        "planner",
        "operation_conditions_accepted",
        "op",
        json!({"version": 1}),
    );
    assert_eq!(world.operation_state("op"), "consented");
}

#[test]
fn a_consent_can_be_taken_back_until_the_volumes_are_used() {
    let mut world = consented();
    world.does(
        "RU:oleg",
        "consenter",
        "operation_objected",
        "op",
        json!({"version": 1, "reason": "No."}),
    );
    assert_eq!(world.operation_state("op"), "objected");
    let mut world = active();
    world.refused(
        "RU:oleg",
        "consenter",
        "operation_objected",
        "op",
        json!({"version": 1, "reason": "No."}),
    );
}

#[test]
fn an_operation_is_ended_accounted_for_and_answered() {
    let mut world = active();
    let seen = json!({"text": "Outside its volume."});
    world.does(
        "RU:night-watch",
        "watch_officer",
        "nonconformance_observed",
        "op",
        seen,
    );
    world.does(
        "US:bob",
        "watch_officer",
        "conformance_restored",
        "op",
        json!({}),
    );
    world.does(
        "US:bob",
        "watch_officer",
        "contingency_declared",
        "op",
        json!({"text": "Engine."}),
    );
    world.does(
        "US:bob",
        "watch_officer",
        "operation_ended",
        "op",
        json!({"at": "2016-09-20T04:00:00Z"}),
    );
    let account = json!({
        "actual_start": "2016-09-20T03:01:00Z", "actual_end": "2016-09-20T04:00:00Z",
        "deviations": [], "harm": [],
    });
    world.does("US:anna", "planner", "operation_closed_out", "op", account);
    assert_eq!(world.operation_state("op"), "closed_out");
    let answer = json!({"agrees": false, "text": "We saw otherwise."});
    world.does("RU:oleg", "consenter", "closeout_answered", "op", answer);
    assert_eq!(world.operation_state("op"), "settled");
}

#[test]
fn a_proposal_can_be_given_up() {
    let mut world = consented();
    world.does("US:anna", "planner", "operation_cancelled", "op", json!({}));
    assert_eq!(world.operation_state("op"), "cancelled");
}

#[test]
fn the_participant_that_answers_for_a_party_proposes_for_it() {
    let mut world = World::new();
    let body = || proposal("op", "SY", "strike", PLACE);
    let refusal = world.refused("US:anna", "planner", "operation_proposed", "op", body());
    assert!(refusal.contains("another side"), "{refusal}");
    world.does("RU:igor", "planner", "operation_proposed", "op", body());
}

#[test]
fn a_guarantors_consent_is_given_by_somebody_else_than_the_proposer() {
    let mut world = World::new();
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("US:anna", "consenter", "area_established", "zone", zone);
    world.does(
        "RU:igor",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "SY", "strike", PLACE),
    );
    let version = || json!({"version": 1});
    world.does(
        "US:carl",
        "consenter",
        "operation_consented",
        "op",
        version(),
    );
    assert_eq!(world.operation_state("op"), "proposed");
    let refusal = world.refused(
        "RU:igor",
        "consenter",
        "operation_consented",
        "op",
        version(),
    );
    assert!(refusal.contains("other side"), "{refusal}");
    world.does(
        "RU:oleg",
        "consenter",
        "operation_consented",
        "op",
        version(),
    );
    assert_eq!(world.operation_state("op"), "consented");
}

#[test]
fn an_excepted_flight_is_noticed_by_its_guarantor_before_it_begins() {
    let mut world = World::new();
    let body = || flight("f", "SY", "medevac", PLACE);
    world.refused("US:anna", "watch_officer", "flight_noticed", "f", body());
    world.does("RU:igor", "watch_officer", "flight_noticed", "f", body());
    assert_eq!(world.operation_state("f"), "noticed");
    world.now = at(20, 6, 0);
    assert_eq!(world.operation_state("f"), "over");
    let mut world = World::new();
    world.now = at(20, 2, 30);
    world.does("RU:igor", "watch_officer", "flight_noticed", "f", body());
    assert_eq!(world.operation_state("f"), "noticed_late");
}

#[test]
fn who_comes_later_yields() {
    let mut world = World::new();
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "first",
        proposal("first", "US", "transit", PLACE),
    );
    world.does(
        "RU:igor",
        "planner",
        "operation_proposed",
        "second",
        proposal("second", "RU", "transit", PLACE),
    );
    let met = |op: &str| world.picture.operation(&id(op)).unwrap().judged.met.len();
    assert_eq!((met("first"), met("second")), (0, 1));
    assert_eq!(world.operation_state("first"), "consented");
}

#[test]
fn notices_that_reached_nobody_hold_back_the_activation() {
    let mut world = consented();
    // Fifteen kilometres away: no conflict, and near enough to have to be known.
    let place = (PLACE.0 + 0.17, PLACE.1);
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h1",
        hospital("h1", place),
    );
    let release = json!({"version": 1, "recipients": ["US", "RU"], "precision": "exact"});
    world.does("UN:clara", "notifier", "object_released", "h1", release);
    world.now = at(20, 3, 0);
    let activate = json!({"version": 1});
    let refusal = world.refused(
        "US:bob",
        "watch_officer",
        "operation_activated",
        "op",
        activate.clone(),
    );
    assert!(refusal.contains("h1"), "{refusal}");
    for (kind, body) in [
        ("object_received", json!({"version": 1})),
        (
            "object_loaded",
            json!({"version": 1, "systems": ["Planning"]}),
        ),
        (
            "object_disseminated",
            json!({"version": 1, "units": ["Crews"]}),
        ),
    ] {
        world.does("US:bob", "watch_officer", kind, "h1", body);
    }
    world.does(
        "US:bob",
        "watch_officer",
        "operation_activated",
        "op",
        activate,
    );
    assert_eq!(building("h1", place)["type"], "Feature");
}
