//! Clean tracks through zones.

use detente_monitoring::{Border, EventKind, Identity, Settings, Watch};
use detente_spacetime::{Altitude, AltitudeBand, Reference, Window, geodesic::distance_m};
use std::{collections::BTreeMap, sync::Arc};

use crate::world::{at, circle, events, fix, msl, second, told, volume, watch, zone};

#[test]
fn a_flight_through_between_two_fixes_is_seen_with_its_place_and_time() {
    let centre = at(36.0, 37.0);
    let area = zone("area", volume(circle(36.0, 37.0, 1_000.0)));
    let fixes = vec![
        fix(0.0, at(36.0, 36.9), 3_000.0),
        fix(60.0, at(36.0, 37.1), 3_000.0),
    ];
    let found = events(watch(vec![area], vec![]), fixes);
    let kinds: Vec<EventKind> = found.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Enter, EventKind::Leave]);
    for event in &found {
        let place = event.place.expect("a place");
        assert!((distance_m(place, centre) - 1_000.0).abs() < 0.01);
        assert!(event.between_fixes);
        assert_eq!(event.border, Some(Border::Side));
        assert_eq!(event.altitude, Some(msl(3_000.0)));
    }
    let length_m = distance_m(at(36.0, 36.9), at(36.0, 37.1));
    let stay_s = (found[1].at - found[0].at).micros() as f64 / 1e6;
    assert!(
        (stay_s - 60.0 * 2_000.0 / length_m).abs() < 0.001,
        "{stay_s}"
    );
}

#[test]
fn a_flight_is_inside_only_while_place_height_and_time_are() {
    let mut area = zone("area", volume(circle(36.0, 37.0, 20_000.0)));
    area.volume.altitude = AltitudeBand::new(msl(1_000.0), msl(2_000.0)).expect("a band");
    area.volume.window = Window::new(second(10.0), Some(second(80.0))).expect("a window");
    let fixes = vec![
        fix(0.0, at(36.0, 37.0), 0.0),
        fix(20.0, at(36.0, 37.01), 1_500.0),
        fix(40.0, at(36.0, 37.02), 2_500.0),
        fix(60.0, at(36.0, 37.03), 1_500.0),
        fix(80.0, at(36.0, 37.04), 1_500.0),
        fix(90.0, at(36.0, 37.05), 1_500.0),
    ];
    let found = events(watch(vec![area], vec![]), fixes);
    assert_eq!(
        told(&found),
        [
            "13.333 enter area certain unmatched_flight",
            "30.000 leave area certain unmatched_flight",
            "50.000 enter area certain unmatched_flight",
            "80.000 leave area certain unmatched_flight",
        ]
    );
    let borders: Vec<Option<Border>> = found.iter().map(|event| event.border).collect();
    let expected = [
        Border::Floor,
        Border::Ceiling,
        Border::Ceiling,
        Border::Window,
    ];
    assert_eq!(borders, expected.map(Some));
}

#[test]
fn a_height_that_must_be_converted_makes_a_stay_possible_until_it_is_certain() {
    let mut area = zone("area", volume(circle(36.0, 37.0, 20_000.0)));
    let upper = Altitude::flight_level(100.0).expect("a level");
    area.volume.altitude = AltitudeBand::new(Altitude::SURFACE, upper).expect("a band");
    let fixes = vec![
        fix(0.0, at(36.0, 37.0), 9_000.0),
        fix(60.0, at(36.0, 37.01), 0.0),
    ];
    let found = told(&events(watch(vec![area], vec![]), fixes));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].ends_with("enter area possible possible_unmatched_flight"));
    assert!(found[1].ends_with("enter area certain unmatched_flight"));
}

#[test]
fn nothing_is_attributed_beyond_what_a_source_says() {
    let everybody = || zone("all", volume(circle(36.0, 37.0, 1_000.0)));
    let some = || {
        let mut zone = zone("some", volume(circle(36.0, 37.0, 1_000.0)));
        zone.forces = Some([Arc::from("f")].into());
        zone
    };
    let fixes = || {
        vec![
            fix(0.0, at(36.0, 36.9), 3_000.0),
            fix(60.0, at(36.0, 37.0), 3_000.0),
        ]
    };
    let seen = |identities| {
        let settings = Settings::default();
        let watch = Watch::new(vec![everybody(), some()], vec![], identities, settings);
        told(&events(watch, fixes()))
    };
    let unknown = seen(BTreeMap::new());
    assert_eq!(unknown.len(), 1);
    assert!(unknown[0].ends_with("enter all certain"), "{unknown:?}");
    let civil = Identity {
        civil: true,
        ..Identity::default()
    };
    let nothing: Vec<String> = Vec::new();
    assert_eq!(seen(BTreeMap::from([(Arc::from("t"), civil)])), nothing);
}

#[test]
fn a_long_stay_is_loitering_once() {
    let area = zone("area", volume(circle(36.0, 37.0, 20_000.0)));
    let fixes = (0..60)
        .map(|step| {
            fix(
                f64::from(step) * 20.0,
                at(36.0, 37.0 + 1e-4 * f64::from(step)),
                100.0,
            )
        })
        .collect();
    assert_eq!(
        told(&events(watch(vec![area], vec![]), fixes)),
        [
            "0.000 inside area certain unmatched_flight",
            "600.000 loiter area certain unmatched_flight",
        ]
    );
}

#[test]
fn a_fix_without_a_height_may_be_at_any() {
    let mut area = zone("area", volume(circle(36.0, 37.0, 1_000.0)));
    area.volume.altitude = AltitudeBand::new(
        msl(0.0),
        Altitude::new(9_000.0, Reference::MeanSeaLevel).expect("a height"),
    )
    .expect("a band");
    let mut fixes = vec![
        fix(0.0, at(36.0, 36.9), 0.0),
        fix(60.0, at(36.0, 37.0), 0.0),
    ];
    for fix in &mut fixes {
        fix.altitude = None;
    }
    let found = told(&events(watch(vec![area], vec![]), fixes));
    assert_eq!(found.len(), 1);
    assert!(found[0].ends_with("enter area possible possible_unmatched_flight"));
}
