//! Volumes: apart in one dimension is apart.

use detente_spacetime::{
    Altitude, AltitudeBand, Encounter, Footprint, Instant, Position, Reference, Separation, Span,
    VerticalAssumptions, Volume4D, Window, conflicts, encounter,
};

fn volume(latitude_deg: f64, metres: (f64, f64), hours: (i64, i64)) -> Volume4D {
    let centre = Position::new(latitude_deg, 37.0).expect("a position");
    let limit = |value_m| Altitude::new(value_m, Reference::MeanSeaLevel).expect("an altitude");
    let hour = |hour: i64| Instant::from_micros(hour * 3_600_000_000).expect("an instant");
    Volume4D {
        footprint: Footprint::circle(centre, 1_000.0)
            .expect("a circle")
            .footprint,
        altitude: AltitudeBand::new(limit(metres.0), limit(metres.1)).expect("a band"),
        window: Window::new(hour(hours.0), Some(hour(hours.1))).expect("a window"),
    }
}

fn separation(a: &Volume4D, b: &Volume4D) -> Option<Separation> {
    let assumptions = VerticalAssumptions::default();
    let conflict = conflicts(a, b, &assumptions);
    assert_eq!(conflict, conflicts(b, a, &assumptions));
    match (encounter(a, b, &assumptions), encounter(b, a, &assumptions)) {
        (Encounter::Conflict(one), Encounter::Conflict(two)) => {
            assert!(conflict && one.window == two.window && one.lower_m == two.lower_m);
            assert!(!one.outline().is_empty());
            None
        }
        (Encounter::Apart(one), Encounter::Apart(two)) => {
            assert!(!conflict && one == two);
            Some(one)
        }
        (one, two) => panic!("{one:?} one way, {two:?} the other"),
    }
}

#[test]
fn volumes_conflict_only_when_all_four_dimensions_do() {
    let one = volume(36.0, (1_000.0, 2_000.0), (0, 2));
    assert_eq!(
        separation(&one, &volume(36.001, (2_000.0, 3_000.0), (1, 3))),
        None
    );
    let later = separation(&one, &volume(36.0, (1_000.0, 2_000.0), (2, 3))).expect("apart");
    assert_eq!(later.horizontal_m, 0.0);
    assert_eq!((later.vertical_m, later.time), (None, Some(Span::ZERO)));
    let above = separation(&one, &volume(36.0, (2_100.0, 2_200.0), (0, 2))).expect("apart");
    assert_eq!((above.vertical_m, above.time), (Some(100.0), None));
    let north = separation(&one, &volume(36.1, (1_000.0, 2_000.0), (0, 2))).expect("apart");
    assert!((north.horizontal_m - 9_095.0).abs() < 10.0, "{north:?}");
    assert_eq!((north.vertical_m, north.time), (None, None));
}
