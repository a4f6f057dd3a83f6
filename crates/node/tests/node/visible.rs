//! Failures that nobody can make impossible, and that the record makes visible.

use detente_node::life;
use detente_node::picture::Comparison;
use detente_records::ChannelName;
use detente_records::act::{Act, Kind};
use serde_json::json;

use crate::shapes::hospital;
use crate::world::{World, at, id};

const PLACE: (f64, f64) = (36.6, 35.9);

#[test]
fn an_emergency_frequency_that_nobody_answers_leaves_a_log_of_every_hail() {
    let mut world = World::new();
    let open = json!({"state": "open"});
    world.does(
        "RU:dima",
        "watch_officer",
        "line_state_declared",
        "guard",
        open,
    );
    for hail in ["h1", "h2", "h3"] {
        let call = json!({"line": "guard", "to": "RU"});
        world.does("US:will", "watch_officer", "call_rung", hail, call);
        world.does(
            "US:will",
            "watch_officer",
            "call_unanswered",
            hail,
            json!({}),
        );
    }
    let channels = world.picture.channels();
    let channel = &channels[&ChannelName::parse("guard").unwrap()];
    let hails: Vec<(bool, detente_spacetime::Instant)> = channel
        .calls
        .iter()
        .map(|call| (call.answered, call.at))
        .collect();
    assert_eq!(
        hails,
        [
            (false, at(13, 12, 2)),
            (false, at(13, 12, 4)),
            (false, at(13, 12, 6))
        ]
    );
    // It was declared open, and that stands beside what was heard of it.
    assert_eq!(channel.comparison(), Comparison::OpenAndSilent);
}

#[test]
fn who_is_on_watch_is_seen_by_all_and_a_watch_that_ran_out_is_nobodys() {
    let mut world = World::new();
    let watch = |office: &str, until: &str| json!({"office": office, "alternate": "Duty general", "until": until});
    for (who, office, until) in [
        ("US:will", "Air operations centre", "2016-09-13T20:00:00Z"),
        ("RU:dima", "Operations room", "2016-09-13T18:00:00Z"),
        ("US:will", "Night shift", "2016-09-14T06:00:00Z"),
    ] {
        let body = watch(office, until);
        world.does(who, "watch_officer", "watch_taken", "flight-safety", body);
    }
    let seen = |now| {
        let lines = life::of(&world.picture.at(now), now).watches;
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        let over = |holder: &str| line.watches[holder].is_over;
        (over("US"), over("RU"), line.unwatched.clone())
    };
    assert_eq!(seen(at(13, 17, 59)), (false, false, vec![]));
    // The last to have the watch stays on view with the time at which it ended.
    assert_eq!(seen(at(13, 18, 0)), (false, true, vec!["RU".to_owned()]));
    let lines = life::of(&world.picture.at(at(13, 18, 0)), at(13, 18, 0)).watches;
    assert_eq!(lines[0].watches["US"].office, "Night shift");
    assert_eq!(
        lines[0].watches["RU"].alternate.as_deref(),
        Some("Duty general")
    );
}

#[test]
fn without_a_verification_unit_every_object_shows_that_nobody_has_checked_it() {
    let mut world = World::new();
    for object in ["h1", "h2"] {
        let shape = hospital(object, PLACE);
        world.does("UN:clara", "notifier", "object_submitted", object, shape);
    }
    // Years later nobody has: it shows on each object, and in the notifier's count; all protect.
    let later = at(30, 12, 0);
    let picture = world.picture.at(later);
    for (_, file) in picture.protected_objects() {
        assert!(file.validated.is_none());
        assert!(
            file.matter
                .course
                .machine
                .state(file.matter.course.state)
                .unwrap()
                .restraint
                > 0
        );
    }
    let counts = picture.submissions();
    let (_, count) = counts.first_key_value().unwrap();
    assert_eq!((count.submitted, count.validated), (2, 0));
    world.does(
        "UN:david",
        "notifier",
        "object_validated",
        "h1",
        json!({"version": 1, "checks": ["vicinity", "footprint", "neighbours"]}),
    );
    let counts = world.picture.submissions();
    assert_eq!(counts.first_key_value().unwrap().1.validated, 1);
}

#[test]
fn a_camera_whose_clock_was_three_minutes_off_keeps_its_offset_and_how_that_is_known() {
    let mut world = World::new();
    let film = json!({
        "title": "Film from the roof",
        "original": {"sha256": "0".repeat(64), "bytes": 9, "media_type": "video/mp4"},
        "custody": [{"keeper": "Invented Civil Defence", "since": "2016-09-13T09:00:00Z"}],
        "clock_ahead_s": -181.5, "clock_basis": "compared with the call to prayer",
    });
    let report = json!({
        "title": "A strike", "articles": ["1"], "possible": true, "text": "They flew.",
        "at": "2016-09-13T11:00:00Z", "evidence": [film],
    });
    world.does("OSCE:emil", "monitor", "violation_reported", "v1", report);
    let matter = world.picture.matter("violation", &id("v1")).unwrap();
    let Act::ViolationReported(act) = &*matter.lines[0].act else {
        panic!("a report")
    };
    let kept = &act.evidence[0];
    assert_eq!(kept.clock_ahead_s, Some(-181.5));
    assert_eq!(
        kept.clock_basis
            .as_ref()
            .map(|basis| basis.in_language(&["en"]).to_owned()),
        Some("compared with the call to prayer".to_owned())
    );
    // The instant stays as it was stated: nobody corrects evidence in silence.
    assert_eq!(act.at, Some(at(13, 11, 0)));
}

#[test]
fn an_inquiry_that_was_let_in_late_shows_who_kept_it_out_and_for_how_long() {
    let mut world = World::new();
    let restricted = json!({
        "kept_out": "Commission of Inquiry", "place": {"name": "Urum al-Kubra", "precision": "settlement"},
        "by": "SY", "from": "2016-09-13T06:00:00Z", "until": "2016-09-18T06:00:00Z", "reason": "Safety",
    });
    world.does(
        "OSCE:emil",
        "monitor",
        "access_restricted",
        "a1",
        restricted,
    );
    let mut statements = world.picture.statements(Kind::AccessRestricted);
    let (subject, lines) = statements.next().unwrap();
    assert_eq!((subject.as_str(), lines.len()), ("a1", 1));
    let Act::AccessRestricted(act) = &*lines[0].act else {
        panic!("a restriction")
    };
    assert_eq!(act.by.as_ref().map(|by| by.as_str()), Some("SY"));
    assert_eq!((act.from, act.until), (at(13, 6, 0), Some(at(18, 6, 0))));
}
