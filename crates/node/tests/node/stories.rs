//! The failures this product is to make impossible or visible, each as a test: how the picture answers them.

use std::collections::BTreeSet;

use detente_node::picture::Outcome;
use serde_json::{Value, json};

use crate::shapes::{convoy, flight, hospital, proposal};
use crate::world::{World, at, dossier, holder, id, marking, sealed};

const PLACE: (f64, f64) = (36.6, 35.9);

fn watched(clock: &str, minutes: u32) -> World {
    let clocks = format!(
        "{{ id = \"RU\" }}]\nparameters.clocks = [{{ id = \"{clock}\", duration = \"{minutes}min\" }}]"
    );
    World::of(Some(dossier("{ id = \"RU\" }]", &clocks)))
}

fn state(world: &World, machine: &str, subject: &str) -> &'static str {
    let picture = world.picture.at(world.now);
    picture.matter(machine, &id(subject)).unwrap().course.state
}

/// A call as far as the message taken down: a position.
fn taken(position: Value) -> World {
    let mut world = World::new();
    world.does(
        "RU:oleg",
        "watch_officer",
        "call_rung",
        "c1",
        json!({"line": "hotline", "to": "US"}),
    );
    world.does(
        "US:night",
        "watch_officer",
        "call_answered",
        "c1",
        json!({"office": "Night watch"}),
    );
    world.does(
        "RU:oleg",
        "watch_officer",
        "priority_declared",
        "c1",
        json!({"priority": "stop"}),
    );
    let content = json!({"text": "You are striking soldiers.", "position": position});
    world.does("US:night", "watch_officer", "content_taken", "c1", content);
    world
}

fn position(latitude_deg: f64) -> Value {
    json!({"latitude_deg": latitude_deg, "longitude_deg": 40.14})
}

#[test]
fn liaison_unreachable_the_clock_runs_from_the_first_ring_in_view_of_both() {
    let mut world = watched("call-answer", 5);
    world.does(
        "RU:oleg",
        "watch_officer",
        "call_rung",
        "c1",
        json!({"line": "hotline", "to": "US"}),
    );
    let rung = world.now;
    world.now = at(13, 12, 27);
    assert_eq!(state(&world, "call", "c1"), "unanswered");
    let matter = world.picture.matter("call", &id("c1")).unwrap();
    assert_eq!(matter.opened_at, rung);
    world.does(
        "RU:oleg",
        "watch_officer",
        "call_escalated",
        "c1",
        json!({"to": "Deputy"}),
    );
    // Whoever is on watch may answer, not one named person.
    world.does(
        "US:anybody",
        "watch_officer",
        "call_answered",
        "c1",
        json!({"office": "Desk"}),
    );
}

#[test]
fn location_passed_nine_kilometres_wrong_is_caught_by_the_read_back() {
    let mut world = taken(position(35.30));
    let back = json!({"text": "Soldiers.", "position": position(35.38)});
    world.does("US:night", "watch_officer", "read_back", "c1", back);
    let refusal = world.refused(
        "RU:oleg",
        "watch_officer",
        "read_back_confirmed",
        "c1",
        json!({}),
    );
    assert!(refusal.contains("position"), "{refusal}");
    let wrong = json!({"reason": "Nine kilometres off.", "position": position(35.30)});
    world.does("RU:oleg", "watch_officer", "read_back_refused", "c1", wrong);
    let content = json!({"text": "Soldiers.", "position": position(35.30)});
    world.does(
        "US:night",
        "watch_officer",
        "content_taken",
        "c1",
        content.clone(),
    );
    world.does("US:night", "watch_officer", "read_back", "c1", content);
    world.does(
        "RU:oleg",
        "watch_officer",
        "read_back_confirmed",
        "c1",
        json!({}),
    );
}

#[test]
fn a_message_is_not_passed_on_before_its_read_back_is_confirmed() {
    let mut world = taken(Value::Null);
    world.refused(
        "US:night",
        "watch_officer",
        "passed_on",
        "c1",
        json!({"to": "Air operations"}),
    );
    world.does(
        "US:night",
        "watch_officer",
        "read_back",
        "c1",
        json!({"text": "Soldiers."}),
    );
    world.does(
        "RU:oleg",
        "watch_officer",
        "read_back_confirmed",
        "c1",
        json!({}),
    );
    world.does(
        "US:night",
        "watch_officer",
        "passed_on",
        "c1",
        json!({"to": "Air operations"}),
    );
    world.does(
        "US:night",
        "watch_officer",
        "action_confirmed",
        "c1",
        json!({"text": "Called off."}),
    );
    world.does("RU:oleg", "watch_officer", "call_closed", "c1", json!({}));
    assert_eq!(state(&world, "call", "c1"), "closed");
}

#[test]
fn second_strike_after_a_warning_the_ladder_shows_who_had_not_passed_it_on() {
    let mut world = watched("notification-disseminated", 30);
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h1",
        hospital("h1", PLACE),
    );
    let release = json!({"version": 1, "recipients": ["US"], "precision": "exact"});
    world.does("UN:clara", "notifier", "object_released", "h1", release);
    world.does(
        "US:bob",
        "watch_officer",
        "object_received",
        "h1",
        json!({"version": 1}),
    );
    world.does(
        "US:bob",
        "watch_officer",
        "object_loaded",
        "h1",
        json!({"version": 1, "systems": []}),
    );
    world.now = at(13, 13, 30);
    let picture = world.picture.at(world.now);
    let file = picture.protected_object(&id("h1")).unwrap();
    assert_eq!(
        file.deliveries.get(&holder("US")).unwrap().course.state,
        "overdue"
    );
}

#[test]
fn an_actor_outside_the_channel_is_reached_through_its_guarantor() {
    let mut world = World::new();
    world.refused(
        "US:bob",
        "planner",
        "flight_noticed",
        "f",
        flight("f", "SY", "medevac", PLACE),
    );
    world.does(
        "RU:igor",
        "planner",
        "flight_noticed",
        "f",
        flight("f", "SY", "medevac", PLACE),
    );
    let file = world.picture.operation(&id("f")).unwrap();
    assert_eq!(file.answerable.as_ref().unwrap().as_str(), "RU");
}

#[test]
fn one_minute_notice_is_its_own_category_and_excepts_nothing() {
    let lead = "{ id = \"RU\" }]\nparameters.lead_times = { medevac = \"1h\" }";
    let mut world = World::of(Some(dossier("{ id = \"RU\" }]", lead)));
    world.now = at(20, 1, 58);
    world.does(
        "RU:igor",
        "planner",
        "flight_noticed",
        "f",
        flight("f", "SY", "medevac", PLACE),
    );
    assert_eq!(world.operation_state("f"), "noticed_late");
}

#[test]
fn a_notification_is_no_permission_there_is_no_act_to_approve_it() {
    let mut world = World::new();
    world.does(
        "UN:clara",
        "notifier",
        "movement_notified",
        "aid",
        convoy("aid", PLACE),
    );
    for kind in ["movement_approved", "object_approved", "movement_permitted"] {
        let outcome = world.say("US:bob", "watch_officer", kind, "aid", json!({}));
        assert!(matches!(outcome, Outcome::Ineffective(refusal) if refusal.rule == "unreadable"));
    }
    // It waits for nobody's leave.
    world.now = at(20, 2, 0);
    world.does(
        "UN:clara",
        "notifier",
        "movement_departed",
        "aid",
        json!({"at": "2016-09-20T02:00:00Z"}),
    );
}

#[test]
fn armed_groups_outside_the_mechanism_show_by_not_being_recipients() {
    let mut world = World::new();
    world.does(
        "UN:clara",
        "notifier",
        "object_submitted",
        "h1",
        hospital("h1", PLACE),
    );
    let release = json!({"version": 1, "recipients": ["US"], "precision": "exact"});
    world.does("UN:clara", "notifier", "object_released", "h1", release);
    let file = world.picture.protected_object(&id("h1")).unwrap();
    let got_it: BTreeSet<&str> = file
        .deliveries
        .keys()
        .map(|holder| holder.as_str())
        .collect();
    assert_eq!(got_it, BTreeSet::from(["US"]));
}

/// A violation as far as assessed.
fn assessed() -> World {
    let mut world = watched("finding", 60);
    let report = json!({
        "title": "A strike", "articles": ["1"], "possible": true, "text": "They flew.", "evidence": [],
    });
    world.does("OSCE:emil", "monitor", "violation_reported", "v1", report);
    world.does(
        "OSCE:emil",
        "monitor",
        "violation_triaged",
        "v1",
        json!({"articles": ["1"], "party_class": "bound_party"}),
    );
    world.does(
        "OSCE:emil",
        "monitor",
        "violation_notified",
        "v1",
        json!({"recipients": ["US", "RU"]}),
    );
    world.does(
        "US:cole",
        "inquiry",
        "information_requested",
        "v1",
        json!({"from": "RU", "question": "Who flew?"}),
    );
    world.does(
        "RU:ivan",
        "inquiry",
        "information_given",
        "v1",
        json!({"text": "Nobody.", "evidence": []}),
    );
    world.does(
        "US:cole",
        "inquiry",
        "inquiry_opened",
        "v1",
        json!({"terms": "Who flew.", "conducted_by": ["Board"]}),
    );
    world.does(
        "US:cole",
        "inquiry",
        "violation_assessed",
        "v1",
        json!({"nature": "A strike", "extent": "Small", "threat": "None"}),
    );
    world
}

#[test]
fn thirteen_against_nineteen_findings_diverge_and_both_stand() {
    let mut world = assessed();
    world.does(
        "US:cole",
        "inquiry",
        "finding_stated",
        "v1",
        json!({"statement": "confirm", "text": "They did."}),
    );
    assert_eq!(state(&world, "violation", "v1"), "assessed");
    world.does(
        "RU:ivan",
        "inquiry",
        "finding_stated",
        "v1",
        json!({"statement": "deny", "text": "They did not."}),
    );
    assert_eq!(state(&world, "violation", "v1"), "findings_complete");
    let matter = world.picture.matter("violation", &id("v1")).unwrap();
    let stated = matter
        .lines
        .iter()
        .filter(|line| line.act.kind().wire_name() == "finding_stated");
    let by: Vec<&str> = stated.map(|line| line.author.holder.as_str()).collect();
    assert_eq!(by, ["US", "RU"]);
    world.does("US:cole", "inquiry", "violation_closed", "v1", json!({}));
    world.does(
        "RU:ivan",
        "inquiry",
        "violation_reopened",
        "v1",
        json!({"reason": "A film."}),
    );
}

#[test]
fn a_finding_nobody_stated_in_time_is_shown_as_missing_and_closes_nothing_before() {
    let mut world = assessed();
    world.does(
        "US:cole",
        "inquiry",
        "finding_stated",
        "v1",
        json!({"statement": "confirm", "text": "They did."}),
    );
    world.refused("US:cole", "inquiry", "violation_closed", "v1", json!({}));
    world.now = at(13, 14, 0);
    assert_eq!(state(&world, "violation", "v1"), "findings_lapsed");
    world.does("US:cole", "inquiry", "violation_closed", "v1", json!({}));
}

#[test]
fn counts_for_one_convoy_stand_beside_each_other_and_are_never_averaged() {
    let mut world = World::new();
    let account = |source: &str, low: u32, high: u32| {
        json!({"account": {
            "source": source, "text": "Trucks burned.", "language": "en",
            "place": {"name": "Urum al-Kubra", "precision": "settlement"}, "time_precision": "day",
            "harm": {"killed": {"low": low, "high": high}},
        }})
    };
    let mut first = account("A relief worker", 10, 20);
    first["title"] = json!("A convoy was hit");
    world.does("UN:clara", "notifier", "incident_reported", "i1", first);
    world.does(
        "US:cole",
        "inquiry",
        "incident_source_added",
        "i1",
        account("A board", 14, 14),
    );
    world.does(
        "RU:ivan",
        "inquiry",
        "incident_source_added",
        "i1",
        account("A ministry", 0, 18),
    );
    assert_eq!(
        world
            .picture
            .matter("incident", &id("i1"))
            .unwrap()
            .lines
            .len(),
        3
    );
}

#[test]
fn a_report_goes_only_where_its_originator_lets_it() {
    let mut world = watched("onward-decision", 60);
    let report = |recipients: &[&str], names: &[&str], control: bool| {
        json!({
            "recipients": recipients, "marking": marking(names, control),
            "sealed": sealed(recipients), "derived_from": [],
        })
    };
    let release = "report_released";
    let wider = report(&["RU", "OSCE"], &["RU"], true);
    world.refused("US:rita", "release_officer", release, "r1", wider);
    // Sealed for somebody else than it is released to, or for nobody.
    for other in [sealed(&["UN"]), sealed(&["RU", "UN"])] {
        let mut strange = report(&["RU"], &["RU", "UN"], true);
        strange["sealed"] = other;
        world.refused("US:rita", "release_officer", release, "r1", strange);
    }
    // The name is right and the key behind it is another's.
    let mut twin = report(&["RU"], &["RU"], true);
    twin["marking"]["identities"] = marking(&["UN"], true)["identities"].clone();
    world.refused("US:rita", "release_officer", release, "r1", twin);
    let first = report(&["RU"], &["RU", "UN"], true);
    world.does("US:rita", "release_officer", release, "r1", first);
    // Made from it, and marked for more: the strictest marking of the sources counts.
    for (recipients, names) in [(["OSCE"], ["OSCE"]), (["UN"], ["UN"])] {
        let mut derived = report(&recipients, &names, true);
        derived["derived_from"] = json!(["r1"]);
        world.refused("RU:rostislav", "release_officer", release, "r2", derived);
    }
    // Back to where it came from it may go, and less strictly marked it may not.
    let mut back = report(&["US"], &["US"], true);
    back["derived_from"] = json!(["r1"]);
    let mut looser = back.clone();
    looser["marking"]["originator_control"] = json!(false);
    world.refused("RU:rostislav", "release_officer", release, "r2", looser);
    world.does("RU:rostislav", "release_officer", release, "r2", back);
    world.does(
        "RU:oleg",
        "watch_officer",
        "report_received",
        "r1",
        json!({}),
    );
    // Unasked, it is not passed on.
    let passed = json!({"recipients": ["UN"], "sealed": sealed(&["UN"])});
    let forward = "report_forwarded";
    world.refused(
        "RU:rostislav",
        "release_officer",
        forward,
        "r1",
        passed.clone(),
    );
    let onward = json!({"recipients": ["UN"], "reason": "They ask."});
    world.does(
        "RU:rostislav",
        "release_officer",
        "onward_requested",
        "r1",
        onward,
    );
    // Silence is a refusal.
    world.now = at(13, 14, 0);
    let picture = world.picture.at(world.now);
    let course =
        picture.matter("report", &id("r1")).unwrap().holders[&("onward_release", holder("RU"))];
    assert_eq!(course.state, "refused");
    drop(picture);
    world.refused(
        "RU:rostislav",
        "release_officer",
        forward,
        "r1",
        passed.clone(),
    );
    let granted = json!({"requester": "RU", "granted": true});
    world.does(
        "US:rita",
        "release_officer",
        "onward_decided",
        "r1",
        granted,
    );
    let further = json!({"recipients": ["OSCE"], "sealed": sealed(&["OSCE"])});
    world.refused("RU:rostislav", "release_officer", forward, "r1", further);
    world.does(
        "RU:rostislav",
        "release_officer",
        forward,
        "r1",
        passed.clone(),
    );
    let owed = |world: &World| {
        let id = id("r1");
        let owed = world.picture.report(&id).unwrap().not_acknowledged();
        let owed = owed
            .iter()
            .map(|owed| (owed.holder.to_string(), owed.state));
        owed.collect::<Vec<_>>()
    };
    assert_eq!(owed(&world), [("UN".to_owned(), "sent")]);
    let receipt = |world: &mut World, who: &str, kind: &str| {
        world.does(who, "watch_officer", kind, "r1", json!({}));
    };
    receipt(&mut world, "UN:carl", "report_received");
    // A correction goes to everyone who has it, also to those it was passed on to.
    let correction = |names: &[&str]| json!({"sealed": sealed(names), "reason": "A slip."});
    let correct = "report_corrected";
    world.refused(
        "US:rita",
        "release_officer",
        correct,
        "r1",
        correction(&["RU"]),
    );
    world.does(
        "US:rita",
        "release_officer",
        correct,
        "r1",
        correction(&["RU", "UN"]),
    );
    let due = |state| [("RU".to_owned(), state), ("UN".to_owned(), state)];
    assert_eq!(owed(&world), due("correction_due"));
    receipt(&mut world, "RU:oleg", "report_received");
    let reason = json!({"reason": "Wrong."});
    world.does(
        "US:rita",
        "release_officer",
        "report_recalled",
        "r1",
        reason,
    );
    assert_eq!(owed(&world), due("recall_due"));
    world.refused("RU:rostislav", "release_officer", forward, "r1", passed);
    let mut derived = report(&["US"], &["US"], true);
    derived["derived_from"] = json!(["r1"]);
    world.refused("RU:rostislav", "release_officer", release, "r3", derived);
    receipt(&mut world, "RU:oleg", "recall_acknowledged");
    assert_eq!(owed(&world), [("UN".to_owned(), "recall_due")]);
    // What the recipient thinks of it stands beside it, and changes nothing of the sender's.
    let linked = json!({"with": "i1", "bearing": "contradicts"});
    world.does("UN:carl", "inquiry", "report_linked", "r1", linked);
    let grade = json!({"grade": {"reliability": "F", "credibility": "5"}});
    world.does("UN:carl", "inquiry", "report_graded", "r1", grade);
}

#[test]
fn secret_text_each_side_quotes_its_own_but_only_one_was_signed() {
    let mut world = World::new();
    let stated = json!({"publicity": "secret"});
    world.does("US:anna", "consenter", "publication_stated", "plan", stated);
    assert_eq!(world.picture.history_of(&id("plan")).len(), 1);
}

#[test]
fn a_truce_declared_over_leaves_the_convoy_protected() {
    let mut world = World::new();
    world.does(
        "UN:clara",
        "notifier",
        "movement_notified",
        "aid",
        convoy("aid", PLACE),
    );
    let suspend = json!({"scope": "all", "at": "2016-09-19T12:00:00Z", "reason": "Over."});
    world.does("RU:igor", "consenter", "suspension_notified", "s1", suspend);
    world.now = at(19, 20, 0);
    assert_eq!(world.picture.at(world.now).things().movements().count(), 1);
}

#[test]
fn a_hasty_switch_of_process_is_a_new_version_and_asks_for_consent_anew() {
    let mut world = World::new();
    let zone = json!({"feature": crate::shapes::area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    world.does(
        "US:anna",
        "planner",
        "operation_proposed",
        "op",
        proposal("op", "US", "strike", PLACE),
    );
    world.does(
        "RU:oleg",
        "consenter",
        "operation_consented",
        "op",
        json!({"version": 1}),
    );
    let mut hasty = crate::shapes::revision("op", "US", "strike", PLACE, 2);
    hasty["process_class"] = json!("dynamic");
    world.does("US:anna", "planner", "operation_revised", "op", hasty);
    assert_eq!(world.operation_state("op"), "proposed");
}

#[test]
fn nobody_talks_about_targets() {
    let mut world = World::new();
    let mut body = proposal("op", "US", "strike", PLACE);
    body["features"][0]["properties"]["aim_point"] = json!("36.6,35.9");
    let outcome = world.say("US:anna", "planner", "operation_proposed", "op", body);
    assert!(matches!(outcome, Outcome::Ineffective(refusal) if refusal.rule == "unreadable"));
}

#[test]
fn a_failed_attempt_stays_on_record_with_its_reason() {
    let mut world = World::new();
    world.refused(
        "US:anna",
        "consenter",
        "operation_consented",
        "nowhere",
        json!({"version": 1}),
    );
    let lines = world.picture.history_of(&id("nowhere"));
    assert!(
        matches!(&lines[0].outcome, Outcome::Ineffective(refusal) if refusal.rule == "unknown_subject")
    );
}

/// What is written beside a call is on record for both, and no clock stands still for it.
#[test]
fn what_is_written_beside_a_call_answers_nothing_and_stops_no_clock() {
    let mut world = watched("call-answer", 5);
    let ring = json!({"line": "hotline", "to": "US"});
    world.does("RU:oleg", "watch_officer", "call_rung", "c1", ring);
    let text = json!({"text": {"ru": "Вы нас слышите?", "en": "Do you hear us?"}});
    world.does(
        "RU:oleg",
        "watch_officer",
        "call_message",
        "c1",
        text.clone(),
    );
    world.does(
        "US:night",
        "watch_officer",
        "call_message",
        "c1",
        text.clone(),
    );
    assert_eq!(state(&world, "call", "c1"), "ringing");
    world.refused(
        "OSCE:emil",
        "watch_officer",
        "call_message",
        "c1",
        text.clone(),
    );
    world.now = at(13, 12, 6);
    assert_eq!(state(&world, "call", "c1"), "unanswered");
    world.does(
        "RU:oleg",
        "watch_officer",
        "call_message",
        "c1",
        text.clone(),
    );
    let close = json!({});
    world.does("RU:oleg", "watch_officer", "call_closed", "c1", close);
    world.refused("RU:oleg", "watch_officer", "call_message", "c1", text);
    let matter = world.picture.matter("call", &id("c1")).unwrap();
    let written = matter
        .lines
        .iter()
        .filter(|line| matches!(&*line.act, detente_records::act::Act::CallMessage(_)));
    assert_eq!(written.count(), 3);
}
