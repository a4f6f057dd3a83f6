//! Flights matched to declared operations.

use std::sync::Arc;

use detente_monitoring::{Answer, DeclaredOperation, Standing};
use detente_spacetime::{AltitudeBand, Volume4D, Window};

use crate::world::{at, circle, events, fix, msl, operation, second, told, volume, watch, zone};

fn hour_of(footprint: detente_spacetime::Footprint) -> Volume4D {
    Volume4D {
        altitude: AltitudeBand::new(msl(1_000.0), msl(2_000.0)).expect("a band"),
        window: Window::new(second(0.0), Some(second(3_600.0))).expect("a window"),
        ..volume(footprint)
    }
}

#[test]
fn a_flight_that_leaves_its_volume_and_comes_back_does_not_conform_meanwhile() {
    let declared = operation("o", vec![hour_of(circle(36.0, 37.0, 9_000.0))]);
    let fixes = vec![
        fix(0.0, at(36.0, 37.0), 1_500.0),
        fix(60.0, at(36.0, 37.12), 1_500.0),
        fix(120.0, at(36.0, 37.05), 1_500.0),
        fix(150.0, at(36.0, 37.04), 500.0),
        fix(180.0, at(36.0, 37.03), 1_500.0),
        fix(210.0, at(36.0, 37.02), 2_500.0),
    ];
    assert_eq!(
        told(&events(watch(vec![], vec![declared]), fixes)),
        [
            "49.909 left_volume o certain nonconforming",
            "77.298 back_in_volume o certain nonconforming",
            "135.000 below_volume o certain altitude_bust",
            "165.000 back_in_volume o certain altitude_bust",
            "195.000 above_volume o certain altitude_bust",
        ]
    );
}

#[test]
fn volumes_that_meet_are_one_way_and_the_end_of_the_last_is_the_end() {
    let mut second_half = hour_of(circle(36.0, 37.1, 9_000.0));
    second_half.window = Window::new(second(0.0), Some(second(100.0))).expect("a window");
    let mut first_half = hour_of(circle(36.0, 37.0, 9_000.0));
    first_half.window = second_half.window;
    let declared = operation("o", vec![first_half, second_half]);
    let fixes = vec![
        fix(-20.0, at(36.0, 36.98), 1_500.0),
        fix(-10.0, at(36.0, 36.99), 1_500.0),
        fix(0.0, at(36.0, 37.0), 1_500.0),
        fix(30.0, at(36.0, 37.05), 1_500.0),
        fix(60.0, at(36.0, 37.1), 1_500.0),
        fix(90.0, at(36.0, 37.11), 1_500.0),
        fix(120.0, at(36.0, 37.12), 1_500.0),
    ];
    assert_eq!(
        told(&events(watch(vec![], vec![declared]), fixes)),
        [
            "-20.000 early o certain nonconforming",
            "0.000 back_in_volume o certain nonconforming",
            "100.000 late o certain nonconforming"
        ]
    );
}

#[test]
fn what_the_agreement_says_of_the_operation_decides_the_alert() {
    let answer = Answer {
        articles: vec![Arc::from("a-3")],
        guarantor: Some(Arc::from("G")),
        clock: None,
    };
    let standings = [
        (Standing::Cleared, vec!["enter area certain"]),
        (Standing::Exempt, vec![]),
        (
            Standing::LateNotice(answer.clone()),
            vec!["enter area certain late_notice"],
        ),
        (
            Standing::Refused(answer),
            vec!["enter area certain not_allowed"],
        ),
    ];
    for (standing, expected) in standings {
        let mut area = zone("area", volume(circle(36.0, 37.05, 1_000.0)));
        area.operations.insert(Arc::from("o"), standing);
        let declared = operation("o", vec![hour_of(circle(36.0, 37.0, 9_000.0))]);
        let fixes = vec![
            fix(0.0, at(36.0, 37.0), 1_500.0),
            fix(30.0, at(36.0, 37.05), 1_500.0),
        ];
        let found = told(&events(watch(vec![area], vec![declared]), fixes));
        let found: Vec<&str> = found
            .iter()
            .filter_map(|line| Some(line.split_once(' ')?.1))
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn outside_its_own_volume_a_flight_is_matched_by_nothing() {
    let area = zone("area", volume(circle(36.0, 37.12, 1_000.0)));
    let declared = operation("o", vec![hour_of(circle(36.0, 37.0, 9_000.0))]);
    let fixes = vec![
        fix(0.0, at(36.0, 37.0), 1_500.0),
        fix(60.0, at(36.0, 37.12), 1_500.0),
    ];
    let found = told(&events(watch(vec![area], vec![declared]), fixes));
    assert_eq!(found.len(), 2);
    assert!(found[0].ends_with("left_volume o certain nonconforming"));
    assert!(found[1].ends_with("enter area certain unmatched_flight"));
}

#[test]
fn an_operation_that_does_not_come_back_is_taken_for_contingent_once() {
    let declared = operation("o", vec![hour_of(circle(36.0, 37.0, 9_000.0))]);
    let fixes = (0..40).map(|step| {
        let seconds = f64::from(step) * 20.0;
        let east = if step == 0 || step == 35 { 37.0 } else { 37.12 };
        fix(seconds, at(36.0, east), 1_500.0)
    });
    let found = told(&events(watch(vec![], vec![declared]), fixes.collect()));
    assert_eq!(
        found,
        [
            "16.636 left_volume o certain nonconforming",
            "316.636 contingent o certain contingent",
            "683.364 back_in_volume o certain nonconforming",
            "716.636 left_volume o certain nonconforming",
        ]
    );
}

/// An operation that the agreement holds back as a whole.
fn held_back(id: &str, volumes: Vec<Volume4D>, standing: Standing) -> DeclaredOperation {
    DeclaredOperation {
        standing,
        ..operation(id, volumes)
    }
}

#[test]
fn a_flight_of_an_operation_that_is_held_back_as_a_whole_is_told_once() {
    let standings = [
        (Standing::Cleared, vec![]),
        (
            Standing::LateNotice(Answer::default()),
            vec!["30.000 enter o certain late_notice"],
        ),
        (
            Standing::Refused(Answer::default()),
            vec!["30.000 enter o certain not_allowed"],
        ),
    ];
    for (standing, expected) in standings {
        let declared = held_back("o", vec![hour_of(circle(36.0, 37.0, 9_000.0))], standing);
        let fixes = vec![
            fix(0.0, at(36.0, 37.0), 500.0),
            fix(60.0, at(36.0, 37.01), 1_500.0),
            fix(90.0, at(36.0, 37.02), 1_500.0),
            fix(120.0, at(36.0, 37.03), 1_500.0),
        ];
        assert_eq!(
            told(&events(watch(vec![], vec![declared]), fixes)),
            expected
        );
    }
}

#[test]
fn a_flight_that_may_be_one_of_two_operations_is_taken_for_the_one_that_is_held_back_less() {
    let refused = || Standing::Refused(Answer::default());
    let wide = || vec![hour_of(circle(36.0, 37.0, 9_000.0))];
    let narrow = || vec![hour_of(circle(36.0, 37.0, 3_000.0))];
    let fixes = || {
        vec![
            fix(0.0, at(36.0, 37.0), 1_500.0),
            fix(30.0, at(36.0, 37.02), 1_500.0),
            fix(60.0, at(36.0, 37.04), 1_500.0),
            fix(90.0, at(36.0, 37.06), 1_500.0),
        ]
    };
    let cleared = operation("cleared", wide());
    let operations = vec![cleared, held_back("refused", narrow(), refused())];
    let shown = told(&events(watch(vec![], operations), fixes()));
    assert!(
        !shown.iter().any(|line| line.contains("not_allowed")),
        "{shown:?}"
    );
    // Outside what is cleared it can only be the other.
    let cleared = operation("cleared", narrow());
    let operations = vec![cleared, held_back("refused", wide(), refused())];
    let shown = told(&events(watch(vec![], operations), fixes()));
    let alarms: Vec<&String> = shown
        .iter()
        .filter(|line| line.contains("not_allowed"))
        .collect();
    assert_eq!(alarms, ["60.000 enter refused certain not_allowed"]);
}
