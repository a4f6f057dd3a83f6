//! Outcome measures: divergent counts side by side, casualties source by source, each period by itself.

use std::collections::BTreeMap;

use detente_node::outcomes::wire::{DayView, OutcomesView};
use detente_node::outcomes::{Measure, Outcomes, Period};
use detente_records::Reporting;
use detente_spacetime::{Instant, Span};
use serde_json::json;

use crate::shapes::proposal;
use crate::world::{World, at, id};

const PLACE: (f64, f64) = (36.6, 35.9);

fn day(day: u32) -> Period {
    Period::new(at(day, 0, 0), at(day + 1, 0, 0)).unwrap()
}

fn shown(world: &World, period: Period) -> OutcomesView {
    OutcomesView::of(&Outcomes::of(&world.picture, period, period.until()))
}

fn figure(view: &OutcomesView, measure: Measure, holder: &str) -> (u64, u64) {
    let mut counts = view.counts.iter();
    let found = counts.find(|count| count.measure == measure.wire_name() && count.holder == holder);
    found.map_or((0, 0), |count| (count.count, count.previous))
}

fn allege(world: &mut World, who: &str, name: &str, party: &str) {
    let body = json!({
        "title": name, "articles": ["1"], "party": party, "possible": false,
        "text": "Restated.", "evidence": [],
    });
    world.does(who, "inquiry", "violation_reported", name, body);
}

/// States a finding about an allegation, which is first taken as far as findings can be stated.
pub(crate) fn finding(world: &mut World, who: &str, violation: &str, statement: &str) {
    let steps = [
        (
            "reported",
            "violation_triaged",
            json!({"articles": [], "party_class": "bound_party"}),
        ),
        (
            "triaged",
            "violation_notified",
            json!({"recipients": ["US", "RU"]}),
        ),
        (
            "notified",
            "inquiry_opened",
            json!({"terms": "What happened.", "conducted_by": ["Monitors"]}),
        ),
        (
            "inquiry",
            "violation_assessed",
            json!({"nature": "n", "extent": "e", "threat": "t"}),
        ),
    ];
    for (state, kind, body) in steps {
        if world
            .picture
            .matter("violation", &id(violation))
            .unwrap()
            .course
            .state
            == state
        {
            world.does(who, "inquiry", kind, violation, body);
        }
    }
    let body = json!({"statement": statement, "text": "So."});
    world.does(who, "inquiry", "finding_stated", violation, body);
}

#[test]
fn each_side_keeps_its_own_count_and_a_difference_is_shown_as_one() {
    let mut world = World::new();
    allege(&mut world, "US:anna", "v1", "SY");
    allege(&mut world, "US:anna", "v2", "SY");
    allege(&mut world, "RU:oleg", "v3", "US");
    finding(&mut world, "RU:oleg", "v1", "confirm");
    finding(&mut world, "US:anna", "v1", "confirm");
    let view = shown(&world, day(13));
    assert_eq!(figure(&view, Measure::ViolationsAlleged, "US"), (2, 0));
    let of = |party: &str| {
        let found = view
            .divergent
            .iter()
            .find(|group| group.party.as_deref() == Some(party));
        found.map(|group| group.counts.clone()).unwrap_or_default()
    };
    let counts = of("SY");
    assert_eq!((counts["US"], counts["RU"], counts["UN"]), (2, 1, 0));
    let counts = of("US");
    assert_eq!((counts["US"], counts["RU"]), (0, 1));
    let v1 = view
        .violations
        .iter()
        .find(|violation| violation.id == "v1")
        .unwrap();
    assert_eq!(v1.agreement_of_findings, "concordant");
    assert_eq!(v1.record.origin, "us.example/plan");
}

#[test]
fn a_figure_names_its_entries_and_the_period_before() {
    let mut world = World::new();
    let op = |name| proposal(name, "US", "transit", PLACE);
    world.does("US:anna", "planner", "operation_proposed", "op1", op("op1"));
    world.now = at(14, 8, 0);
    world.does("US:anna", "planner", "operation_proposed", "op2", op("op2"));
    world.does("US:anna", "planner", "operation_proposed", "op3", op("op3"));
    let view = shown(&world, day(14));
    assert_eq!(figure(&view, Measure::OperationsProposed, "US"), (2, 1));
    let count = view
        .counts
        .iter()
        .find(|count| count.measure == "operations_proposed")
        .unwrap();
    assert!(
        count
            .records
            .iter()
            .all(|record| record.origin == "us.example/plan")
    );
    assert_eq!(count.records.len(), 2);
    // What is recorded later changes no figure of a period that has ended.
    let before = shown(&world, day(13));
    world.now = at(15, 8, 0);
    world.does("US:anna", "planner", "operation_proposed", "op4", op("op4"));
    assert_eq!(shown(&world, day(13)), before);
}

#[test]
fn quiet_hours_are_those_without_an_allegation() {
    let mut world = World::new();
    allege(&mut world, "US:anna", "v1", "SY");
    let view = shown(&world, day(13));
    let by = |holder: Option<&str>| {
        let found = view
            .quiet
            .iter()
            .find(|quiet| quiet.holder.as_deref() == holder);
        found.map(|quiet| (quiet.quiet_h, quiet.period_h)).unwrap()
    };
    assert_eq!(by(None), (23, 24));
    assert_eq!(by(Some("US")), (23, 24));
    assert_eq!(by(Some("RU")), (24, 24));
    assert_eq!(view.quiet[0].consecutive_h, 11);
    assert_eq!(view.quiet[0].broken_by.len(), 1);
}

#[test]
fn hours_that_have_not_passed_are_not_quiet() {
    let mut world = World::new();
    allege(&mut world, "US:anna", "v1", "SY");
    // The 13th closes at 24:00; the allegation is of noon.
    let reporting = Reporting::default();
    let daily =
        |now: Instant| Outcomes::daily(&world.picture, "2016-09-13", reporting, now).unwrap();
    let over = daily(at(14, 6, 0));
    let from = Instant::parse_rfc3339(&over.day.period.from).unwrap();
    let hours = |hours: i64| from.plus(Span::from_hours(hours).unwrap()).unwrap();
    for (now, quiet, passed) in [(hours(0), 0, 0), (hours(5), 5, 5), (hours(20), 19, 20)] {
        let report = daily(now);
        assert!(!report.is_closed);
        let strictest = &report.day.quiet[0];
        let found = (strictest.quiet_h, strictest.period_h, strictest.passed_h);
        assert_eq!(found, (quiet, 24, Some(passed)));
        let last = report.days.last().unwrap();
        assert_eq!((last.quiet_h, last.passed_h), (quiet, Some(passed)));
        assert_eq!(report.days[0].passed_h, None, "over, and counted whole");
        let week = &report.week.quiet[0];
        assert_eq!(
            (week.quiet_h, week.passed_h),
            (6 * 24 + quiet, Some(6 * 24 + passed))
        );
    }
    assert_eq!(over.day.quiet[0].quiet_h, 23);
    assert_eq!(over.day.quiet[0].passed_h, None);
    let text = serde_json::to_string(&over).unwrap();
    assert!(!text.contains("passed_h"));
}

#[test]
fn casualties_stay_with_their_sources_and_are_never_averaged() {
    let mut world = World::new();
    let account = |source: &str, harm: serde_json::Value| {
        json!({
            "source": source, "text": "Restated.", "language": "en",
            "place": {"precision": "unknown"}, "time_precision": "day", "harm": harm,
        })
    };
    let first = json!({"title": "A blast", "account": account("A", json!({"killed": {"low": 1, "best": 2, "high": 4}}))});
    world.does("OSCE:mona", "monitor", "incident_reported", "i1", first);
    let second = json!({"account": account("B", json!({"killed": {"low": 10, "high": 20}}))});
    world.does("RU:oleg", "inquiry", "incident_source_added", "i1", second);
    let view = shown(&world, day(13));
    let event = &view.harm[0];
    let killed = event.killed.clone().unwrap();
    assert_eq!((killed.lowest, killed.highest), (1, Some(20)));
    assert_eq!(event.accounts.len(), 2);
    assert_eq!(event.accounts[0].killed.unwrap().best, Some(2));
    assert_eq!(event.accounts[1].killed.unwrap().best, None);
    let text = serde_json::to_string(&view).unwrap();
    assert!(!text.contains("mean") && !text.contains("average"));
    let third = json!({"account": account("C", json!({"killed": {"low": 3}}))});
    world.does("RU:oleg", "inquiry", "incident_source_added", "i1", third);
    let view = shown(&world, day(13));
    assert_eq!(view.harm[0].killed.clone().unwrap().highest, None);
}

#[test]
fn a_week_is_its_days() {
    let mut world = World::new();
    for (number, day) in [13, 13, 15, 18].into_iter().enumerate() {
        world.now = world.now.max(at(day, 13, 0));
        allege(&mut world, "US:anna", &format!("v{number}"), "SY");
    }
    let reporting = Reporting::default();
    let report = Outcomes::daily(&world.picture, "2016-09-18", reporting, at(19, 0, 0)).unwrap();
    assert!(report.is_closed);
    let alleged = |days: &[DayView]| -> u64 {
        let counts = days
            .iter()
            .filter_map(|day| day.counts.get("violations_alleged"));
        counts.flat_map(BTreeMap::values).sum()
    };
    assert_eq!(report.days.len(), 7);
    assert_eq!(alleged(&report.days), 4);
    assert_eq!(
        figure(&report.week, Measure::ViolationsAlleged, "US"),
        (4, 0)
    );
    assert_eq!(
        report.days.iter().map(|day| day.quiet_h).sum::<u64>(),
        report.week.quiet[0].quiet_h
    );
    assert!(Outcomes::daily(&world.picture, "2016-02-30", reporting, at(19, 0, 0)).is_none());
}
