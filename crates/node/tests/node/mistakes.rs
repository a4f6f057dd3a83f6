//! What people say by mistake: names nobody has, instants that have not come, decisions said twice.

use serde_json::{Value, json};

use crate::operations::active;
use crate::shapes::{area, convoy, flight, hospital};
use crate::world::{World, at, dossier, holder, id, marking, sealed};

const PLACE: (f64, f64) = (36.6, 35.9);

/// The agreement of the tests with a parameter more.
fn with(parameter: &str) -> World {
    let by = format!("{{ id = \"RU\" }}]\nparameters.{parameter}");
    World::of(Some(dossier("{ id = \"RU\" }]", &by)))
}

fn state(world: &World, machine: &str, subject: &str) -> &'static str {
    let picture = world.picture.at(world.now);
    picture.matter(machine, &id(subject)).unwrap().course.state
}

/// Says something that must be refused; returns the rule's name, the words and the state.
fn refusal(
    world: &mut World,
    who: &str,
    role: &str,
    kind: &str,
    subject: &str,
    body: Value,
) -> (String, String, Option<&'static str>) {
    match world.say(who, role, kind, subject, body) {
        detente_node::picture::Outcome::Effective(changes) => panic!("{kind}: {changes:?}"),
        detente_node::picture::Outcome::Ineffective(refusal) => {
            (refusal.rule.clone(), refusal.says.clone(), refusal.state)
        }
    }
}

#[test]
fn a_grant_said_twice_stays_one_and_one_the_marking_forbids_decides_nothing() {
    let mut world = World::new();
    let release = json!({
        "recipients": ["RU"], "marking": marking(&["RU", "UN"], true),
        "sealed": sealed(&["RU"]), "derived_from": [],
    });
    let officer = "release_officer";
    world.does("US:rita", officer, "report_released", "r1", release);
    let onward = |world: &World| {
        let picture = world.picture.at(world.now);
        picture.matter("report", &id("r1")).unwrap().holders[&("onward_release", holder("RU"))]
            .state
    };
    let asks = |name: &str| json!({"recipients": [name], "reason": "They ask."});
    let says = |granted: bool| json!({"requester": "RU", "granted": granted});
    world.does("RU:ros", officer, "onward_requested", "r1", asks("OSCE"));
    let (rule, words, _) = refusal(
        &mut world,
        "US:rita",
        officer,
        "onward_decided",
        "r1",
        says(true),
    );
    assert_eq!(rule, "marking_allows");
    assert!(
        words.contains("the marking does not allow it for OSCE"),
        "{words}"
    );
    assert_eq!(onward(&world), "requested");
    world.does("US:rita", officer, "onward_decided", "r1", says(false));
    assert_eq!(onward(&world), "refused");
    world.does("RU:ros", officer, "onward_requested", "r1", asks("UN"));
    for _ in 0..2 {
        world.does("US:rita", officer, "onward_decided", "r1", says(true));
        assert_eq!(onward(&world), "granted");
    }
    world.does("US:rita", officer, "onward_decided", "r1", says(false));
    assert_eq!(onward(&world), "refused");
}

#[test]
fn a_pause_ends_by_itself_and_keeps_people_out() {
    let mut world = World::new();
    let mut declare = |kind: &str, end: &str| {
        let mut feature = area("pause", kind, PLACE);
        feature["properties"]["end"] = json!(end);
        let body = json!({"feature": feature, "purpose": "Aid"});
        refusal(
            &mut world,
            "UN:clara",
            "notifier",
            "pause_declared",
            "pause",
            body,
        )
    };
    let (rule, words, _) = declare("prohibited_area", "UFN");
    assert_eq!(rule, "pause_without_end");
    assert!(words.contains("needs an end"), "{words}");
    for kind in ["designated_area", "demilitarised_zone"] {
        let (rule, words, _) = declare(kind, "2016-09-21T00:00:00Z");
        assert_eq!(rule, "pause_keeps_nobody_out");
        assert!(words.contains("no_fire_area"), "{words}");
    }
}

#[test]
fn whom_and_what_an_act_names_has_to_be_there() {
    let mut world = World::new();
    let report = json!({
        "title": "A strike", "articles": ["1"], "possible": true, "text": "They flew.", "evidence": [],
    });
    world.does("US:cole", "inquiry", "violation_reported", "v1", report);
    let submitted = hospital("h1", PLACE);
    world.does("UN:clara", "notifier", "object_submitted", "h1", submitted);
    let zone = json!({"feature": area("zone", "designated_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "zone", zone);
    let suspends =
        |scope: Value| json!({"scope": scope, "at": "2016-09-15T00:00:00Z", "reason": "So."});
    let faults = [
        (
            "UN:clara",
            "notifier",
            "object_released",
            "h1",
            json!({"version": 1, "recipients": ["US", "NATO"], "precision": "exact"}),
            "NATO keeps no ledger under the agreement; name one of OSCE, RU, UN, US",
        ),
        (
            "US:cole",
            "inquiry",
            "violation_notified",
            "v1",
            json!({"recipients": ["NATO"]}),
            "NATO keeps no ledger under the agreement; name one of OSCE, RU, UN, US",
        ),
        (
            "US:bob",
            "watch_officer",
            "call_rung",
            "c1",
            json!({"line": "hotline", "to": "NATO"}),
            "NATO keeps no ledger under the agreement; name one of OSCE, RU, UN, US",
        ),
        (
            "US:bob",
            "watch_officer",
            "call_rung",
            "c1",
            json!({"line": "hotline", "to": "US"}),
            "nobody rings itself: ring one of OSCE, RU, UN",
        ),
        (
            "US:anna",
            "consenter",
            "suspension_notified",
            "s1",
            suspends(json!({"area": "zon"})),
            "there is no area zon; name zone",
        ),
        (
            "US:anna",
            "consenter",
            "suspension_notified",
            "s1",
            suspends(json!({"article": "17"})),
            "the text has no article 17; name one of 1, 2, 3, 4",
        ),
        (
            "US:anna",
            "consenter",
            "interpretation_recorded",
            "17",
            json!({"reading": "By day."}),
            "the text has no article 17; name one of 1, 2, 3, 4",
        ),
    ];
    for (who, role, kind, subject, body, expected) in faults {
        assert_eq!(world.refused(who, role, kind, subject, body), expected);
    }
    let told = json!({"recipients": ["RU"]});
    world.does("US:cole", "inquiry", "violation_notified", "v1", told);
    let asks = json!({"from": "NATO", "question": "Who flew?"});
    let kind = "information_requested";
    let (rule, _, stands) = refusal(&mut world, "US:cole", "inquiry", kind, "v1", asks);
    assert_eq!(
        (rule.as_str(), stands),
        ("unknown_holder", Some("notified"))
    );
    let clause = suspends(json!({"article": "fly"}));
    world.does("US:anna", "consenter", "suspension_notified", "s1", clause);
}

#[test]
fn findings_stated_before_the_assessment_count_and_those_before_a_reopening_do_not() {
    let mut world = with("clocks = [{ id = \"finding\", duration = \"60min\" }]");
    let report = json!({
        "title": "A strike", "articles": ["1"], "possible": true, "text": "They flew.", "evidence": [],
    });
    world.does("US:cole", "inquiry", "violation_reported", "v1", report);
    let told = json!({"recipients": ["RU"]});
    world.does("US:cole", "inquiry", "violation_notified", "v1", told);
    let finding = |statement: &str| json!({"statement": statement, "text": "So."});
    let assessment = json!({"nature": "A strike", "extent": "Small", "threat": "None"});
    let (said, assessed) = ("finding_stated", "violation_assessed");
    world.does("US:cole", "inquiry", said, "v1", finding("confirm"));
    world.does("RU:ivan", "inquiry", said, "v1", finding("deny"));
    assert_eq!(state(&world, "violation", "v1"), "notified");
    world.does("US:cole", "inquiry", assessed, "v1", assessment.clone());
    assert_eq!(state(&world, "violation", "v1"), "findings_complete");
    world.now = at(13, 18, 0);
    assert_eq!(state(&world, "violation", "v1"), "findings_complete");
    world.does("US:cole", "inquiry", "violation_closed", "v1", json!({}));
    let anew = json!({"reason": "A film."});
    world.does("US:cole", "inquiry", "violation_reopened", "v1", anew);
    world.does("US:cole", "inquiry", assessed, "v1", assessment);
    assert_eq!(state(&world, "violation", "v1"), "assessed");
    world.does("US:cole", "inquiry", said, "v1", finding("confirm"));
    assert_eq!(state(&world, "violation", "v1"), "assessed");
    world.does("RU:ivan", "inquiry", said, "v1", finding("confirm"));
    assert_eq!(state(&world, "violation", "v1"), "findings_complete");
}

#[test]
fn each_contest_has_its_own_answer() {
    let mut world = World::new();
    let submitted = hospital("h1", PLACE);
    world.does("UN:clara", "notifier", "object_submitted", "h1", submitted);
    let release = json!({"version": 1, "recipients": ["US", "RU"], "precision": "exact"});
    world.does("UN:clara", "notifier", "object_released", "h1", release);
    let claim = || json!({"claim": "It is a depot.", "evidence": []});
    let contest = "object_contested";
    world.does("US:bob", "watch_officer", contest, "h1", claim());
    world.does("RU:oleg", "watch_officer", contest, "h1", claim());
    let open = |world: &World| -> Vec<String> {
        let file = world.picture.protected_object(&id("h1")).unwrap();
        file.contested_by.keys().map(ToString::to_string).collect()
    };
    assert_eq!(open(&world), ["RU", "US"]);
    let answer = || json!({"text": "It is a hospital.", "evidence": []});
    world.does("UN:clara", "notifier", "contest_answered", "h1", answer());
    assert_eq!(open(&world), ["RU"]);
    world.does("UN:clara", "notifier", "contest_answered", "h1", answer());
    assert_eq!(open(&world), [""; 0]);
    world.refused("UN:clara", "notifier", "contest_answered", "h1", answer());
}

#[test]
fn an_operation_has_not_ended_before_it_could() {
    let mut world = active();
    let (bob, watch, ends) = ("US:bob", "watch_officer", "operation_ended");
    let later = json!({"at": "2031-01-01T00:00:00Z"});
    let (rule, words, stands) = refusal(&mut world, bob, watch, ends, "op", later);
    assert_eq!((rule.as_str(), stands), ("not_yet", Some("active")));
    assert!(words.contains("2031-01-01T00:00:00Z"), "{words}");
    // Somebody's clock runs ahead.
    let ended = json!({"at": "2016-09-20T03:40:00Z"});
    world.does(bob, watch, ends, "op", ended);
    let account = |start: &str, end: &str| {
        json!({
            "actual_start": format!("2016-09-20T{start}:00Z"),
            "actual_end": format!("2016-09-20T{end}:00Z"), "deviations": [], "harm": [],
        })
    };
    let closes = "operation_closed_out";
    for (body, expected) in [
        (account("04:00", "03:30"), "end_before_start"),
        (account("03:00", "09:00"), "not_yet"),
        (account("09:00", "09:30"), "not_yet"),
    ] {
        let (rule, _, _) = refusal(&mut world, "US:anna", "planner", closes, "op", body);
        assert_eq!(rule, expected);
    }
    let right = account("03:00", "03:40");
    world.does("US:anna", "planner", closes, "op", right);
}

#[test]
fn a_movement_has_the_legs_it_states_and_no_step_of_it_lies_ahead() {
    let mut world = World::new();
    let (departs, arrives, reaches) = (
        "movement_departed",
        "movement_arrived",
        "movement_leg_reached",
    );
    let late = || json!({"at": "2031-01-01T00:00:00Z"});
    let notice = convoy("aid", PLACE);
    world.does("UN:clara", "notifier", "movement_notified", "aid", notice);
    world.now = at(20, 2, 0);
    let (rule, _, _) = refusal(&mut world, "UN:clara", "notifier", departs, "aid", late());
    assert_eq!(rule, "not_yet");
    let now = || json!({"at": "2016-09-20T02:00:00Z"});
    world.does("UN:clara", "notifier", departs, "aid", now());
    let leg = |leg: u32| json!({"leg": leg, "at": "2016-09-20T02:00:00Z"});
    for reached in 1..=2 {
        world.does("UN:clara", "notifier", reaches, "aid", leg(reached));
    }
    let (rule, words, _) = refusal(&mut world, "UN:clara", "notifier", reaches, "aid", leg(3));
    assert_eq!(rule, "no_such_leg");
    assert!(words.contains("has 2"), "{words}");
    let (rule, _, _) = refusal(&mut world, "UN:clara", "notifier", arrives, "aid", late());
    assert_eq!(rule, "not_yet");
}

#[test]
fn a_meeting_was_not_held_tomorrow_and_a_pull_back_goes_no_negative_way() {
    let mut world = World::new();
    let meeting = json!({
        "at": "2016-09-14T12:00:00Z", "attendance": [{"holder": "US", "office": "Legal"}],
        "agenda": [], "decisions": [],
    });
    let kind = "meeting_held";
    let (rule, _, _) = refusal(&mut world, "US:anna", "consenter", kind, "m1", meeting);
    assert_eq!(rule, "not_yet");
    let claim = json!({
        "party": "RU", "class": "Tanks", "line": "zone", "distance_m": -5.0,
        "at": "2016-09-13T06:00:00Z",
    });
    let kind = "withdrawal_claimed";
    let (rule, _, _) = refusal(&mut world, "RU:igor", "consenter", kind, "w1", claim);
    assert_eq!(rule, "no_distance");
}

/// A call as far as answered.
fn answered(world: &mut World) {
    let ring = json!({"line": "hotline", "to": "US"});
    world.does("RU:oleg", "watch_officer", "call_rung", "c1", ring);
    let office = json!({"office": "Night watch"});
    world.does("US:night", "watch_officer", "call_answered", "c1", office);
}

#[test]
fn a_stop_that_was_passed_on_is_confirmed_at_once_even_when_it_was_escalated() {
    let clocks = "clocks = [{ id = \"call-answer\", duration = \"5min\" }, { id = \"stop-call\", duration = \"5min\" }]";
    let mut world = with(clocks);
    answered(&mut world);
    let alternate = || json!({"to": "Deputy"});
    let done = || json!({"text": "Called off."});
    let watch = "watch_officer";
    let text = || json!({"text": "Stop."});
    world.does("US:night", watch, "content_taken", "c1", text());
    // The other side falls silent before it has passed anything on.
    world.does("RU:oleg", watch, "call_escalated", "c1", alternate());
    let refused = world.refused("US:night", watch, "action_confirmed", "c1", done());
    assert!(refused.contains("passed on before"), "{refused}");
    let office = json!({"office": "Deputy"});
    world.does("US:deputy", watch, "call_answered", "c1", office);
    world.does("US:deputy", watch, "content_taken", "c1", text());
    world.does("US:deputy", watch, "read_back", "c1", text());
    world.does("RU:oleg", watch, "read_back_confirmed", "c1", json!({}));
    let to = json!({"to": "Air operations"});
    world.does("US:deputy", watch, "passed_on", "c1", to);
    world.now = at(13, 12, 30);
    assert_eq!(state(&world, "call", "c1"), "action_overdue");
    world.does("RU:oleg", watch, "call_escalated", "c1", alternate());
    let silent = world.picture.at(at(13, 12, 40)).into_owned();
    world.does("US:deputy", watch, "action_confirmed", "c1", done());
    assert_eq!(state(&world, "call", "c1"), "action_confirmed");
    // The clock that ran while it rang runs for the alternate too.
    let course = silent.matter("call", &id("c1")).unwrap().course;
    assert_eq!(course.state, "unanswered");
}

#[test]
fn a_caller_ends_a_call_whose_other_side_has_fallen_silent() {
    let mut world = World::new();
    answered(&mut world);
    let text = json!({"text": "Stop."});
    let watch = "watch_officer";
    world.does("US:night", watch, "content_taken", "c1", text);
    world.refused("US:night", watch, "call_closed", "c1", json!({}));
    world.does("RU:oleg", watch, "call_closed", "c1", json!({}));
}

#[test]
fn words_that_say_another_place_than_the_figures_are_not_taken_down() {
    let mut world = World::new();
    answered(&mut world);
    let content = |said: &str, latitude_deg: f64| {
        let position = json!({"said": said, "latitude_deg": latitude_deg, "longitude_deg": 40.14});
        json!({"text": "Soldiers.", "position": position})
    };
    let (night, watch, taken) = ("US:night", "watch_officer", "content_taken");
    let wrong = content("N 35 18 36, E 040 08 24", 35.38);
    let (rule, words, stands) = refusal(&mut world, night, watch, taken, "c1", wrong);
    assert_eq!(
        (rule.as_str(), stands),
        ("words_and_figures_differ", Some("answered"))
    );
    // Seven hundredths of a degree of latitude.
    assert!(
        words.contains("776") && words.contains(" m from 35.38, 40.14"),
        "{words}"
    );
    world.does(
        night,
        watch,
        taken,
        "c1",
        content("N 35 18 36, E 040 08 24", 35.31),
    );
    // What was read back wrongly in words is not read back.
    let back = content("35.25, 40.14", 35.31);
    world.refused(night, watch, "read_back", "c1", back);
    // Coarse words cover all they may mean, and words that are no position say nothing.
    for said in ["35.3, 40.1", "at the silo, near the bridge"] {
        let mut world = World::new();
        answered(&mut world);
        world.does(night, watch, taken, "c1", content(said, 35.31));
    }
}

#[test]
fn what_is_announced_in_time_and_prohibited_is_refused_and_not_late() {
    let mut world = with("lead_times = { medevac = \"1min\" }");
    let closed = json!({"feature": area("shut", "prohibited_area", PLACE)});
    world.does("RU:igor", "consenter", "area_established", "shut", closed);
    let body = || flight("f", "SY", "medevac", PLACE);
    let (rule, words, _) = refusal(
        &mut world,
        "RU:igor",
        "watch_officer",
        "flight_noticed",
        "f",
        body(),
    );
    assert_eq!(rule, "consentable");
    assert!(words.contains("shut"), "{words}");
    assert!(!words.contains("late"), "{words}");
    // Announced too late it is late, whatever else stands in its way.
    world.now = at(20, 2, 30);
    world.does("RU:igor", "watch_officer", "flight_noticed", "f", body());
    assert_eq!(world.operation_state("f"), "noticed_late");
}

#[test]
fn a_question_waits_for_its_answer_before_somebody_else_asks() {
    let mut world = with("clocks = [{ id = \"information-answer\", duration = \"60min\" }]");
    let report = json!({
        "title": "A strike", "articles": ["1"], "possible": true, "text": "They flew.", "evidence": [],
    });
    world.does("US:cole", "inquiry", "violation_reported", "v1", report);
    let own = json!({"recipients": ["US"]});
    let told = "violation_notified";
    let (rule, words, _) = refusal(&mut world, "US:cole", "inquiry", told, "v1", own);
    assert_eq!(rule, "notifies_itself");
    assert_eq!(words, "nobody notifies itself: name one of OSCE, RU, UN");
    let recipients = json!({"recipients": ["RU"]});
    world.does("US:cole", "inquiry", told, "v1", recipients);
    let asks = |from: &str| json!({"from": from, "question": "Who flew?"});
    let kind = "information_requested";
    world.does("US:cole", "inquiry", kind, "v1", asks("RU"));
    let (rule, words, stands) = refusal(&mut world, "RU:ivan", "inquiry", kind, "v1", asks("US"));
    assert_eq!(
        (rule.as_str(), stands),
        ("question_open", Some("information_requested"))
    );
    assert_eq!(
        words,
        "US waits for an answer of RU: ask once it has come, or its time has passed"
    );
    world.now = at(13, 18, 0);
    assert_eq!(state(&world, "violation", "v1"), "no_response");
    world.does("RU:ivan", "inquiry", kind, "v1", asks("US"));
}

#[test]
fn parties_are_those_of_the_agreement_and_whoever_answers_for_one_claims_its_withdrawal() {
    let mut world = World::new();
    let report = |party: &str| {
        json!({
            "title": "A strike", "articles": ["1"], "party": party, "possible": true, "text": "They flew.",
            "evidence": [],
        })
    };
    let kind = "violation_reported";
    let (rule, _, _) = refusal(&mut world, "US:cole", "inquiry", kind, "v1", report("XX"));
    assert_eq!(rule, "unknown_party");
    let claim = |party: &str, at: &str| json!({"party": party, "class": "Tanks", "line": "zone", "distance_m": 1000, "at": at});
    let past = "2016-09-13T00:00:00Z";
    let kind = "withdrawal_claimed";
    let mut refused = |party: &str, at: &str| {
        refusal(
            &mut world,
            "RU:igor",
            "consenter",
            kind,
            "w1",
            claim(party, at),
        )
        .0
    };
    assert_eq!(refused("US", past), "answers_for_other");
    assert_eq!(refused("XX", past), "unknown_party");
    assert_eq!(refused("SY", "2016-10-13T00:00:00Z"), "not_yet");
    world.does("RU:igor", "consenter", kind, "w1", claim("SY", past));
}

#[test]
fn what_is_said_to_be_shown_coarsely_is() {
    let mut world = World::new();
    let mut body = hospital("h1", PLACE);
    body["shown"] = json!("coarse");
    let (who, kind) = ("UN:clara", "object_submitted");
    let (rule, words, _) = refusal(&mut world, who, "notifier", kind, "h1", body);
    assert_eq!(rule, "not_coarse");
    assert!(words.contains("to within 100 m"), "{words}");
}

#[test]
fn a_suspension_ends_no_earlier_than_it_was_agreed_to() {
    let mut world = World::new();
    let suspends = json!({"scope": "all", "at": "2016-09-14T00:00:00Z", "reason": "So."});
    world.does(
        "US:anna",
        "consenter",
        "suspension_notified",
        "s1",
        suspends,
    );
    world.now = at(15, 0, 0);
    let resumes = json!({"at": "2016-09-13T12:00:00Z"});
    world.does(
        "US:anna",
        "consenter",
        "resumption_proposed",
        "s1",
        resumes.clone(),
    );
    world.does("RU:igor", "consenter", "resumption_agreed", "s1", resumes);
    let picture = world.picture.at(world.now);
    let course = picture.matter("suspension", &id("s1")).unwrap().course;
    assert_eq!((course.state, course.since), ("lifted", at(15, 0, 2)));
}

#[test]
fn a_movement_that_somebody_has_not_acknowledged_in_time_is_owed_like_a_notice() {
    let mut world = with("clocks = [{ id = \"movement-acknowledged\", duration = \"60min\" }]");
    let (who, role) = ("UN:clara", "notifier");
    world.does(who, role, "movement_notified", "aid", convoy("aid", PLACE));
    let seen = json!({"version": 1});
    let kind = "movement_acknowledged";
    world.does("US:bob", "watch_officer", kind, "aid", seen);
    world.now = at(14, 0, 0);
    let picture = world.picture.at(world.now);
    let late: Vec<(String, String, String)> = picture
        .overdue_steps()
        .map(|late| {
            let (by, to) = (late.owed_by.to_string(), late.owed_to.to_string());
            (late.subject.to_string(), by, to)
        })
        .collect();
    assert_eq!(late, [("aid".to_owned(), "RU".to_owned(), "UN".to_owned())]);
}

#[test]
fn the_minutes_of_a_meeting_are_due_after_it() {
    let mut world = with("clocks = [{ id = \"meeting-minutes\", duration = \"60min\" }]");
    let called = json!({"at": "2016-09-16T10:00:00Z", "agenda": ["Coordinates"]});
    world.does("US:anna", "consenter", "meeting_called", "m1", called);
    world.now = at(16, 10, 59);
    assert_eq!(state(&world, "meeting", "m1"), "called");
    world.now = at(16, 11, 0);
    assert_eq!(state(&world, "meeting", "m1"), "overdue");
}
