//! Legs compared in the clear: whatever cannot be told from them is close.

use detente_sharing::private_check::{Leg, Outcome, collisions};
use detente_spacetime::{
    Altitude, AltitudeBand, EdgeKind, Footprint, Position, Reference, Volume4D,
};

use crate::private_check::{corridor, leg, metres, plans, position, terms, told};

/// The same corridor between these heights.
fn between(lower: Altitude, upper: Altitude) -> Volume4D {
    let line = [(35.10, 36.00), (35.10, 36.02)];
    Volume4D {
        altitude: AltitudeBand::new(lower, upper).unwrap(),
        ..corridor(line, 50.0, (0.0, 1.0), (0, 300))
    }
}

/// Whether the legs of two volumes, read again from their bytes, are close in the clear.
fn close_in_the_clear(ours: &Volume4D, theirs: &Volume4D) -> bool {
    let read = |volume| vec![Leg::from_bytes(&leg(volume).to_bytes()).unwrap()];
    let (ours, theirs) = (read(ours), read(theirs));
    let found = collisions(&ours, &theirs, &terms());
    assert_eq!(
        found.len(),
        collisions(&theirs, &ours, &terms()).len(),
        "the order matters"
    );
    !found.is_empty()
}

#[test]
fn heights_beyond_the_range_of_altitudes_are_never_apart_for_that() {
    let of = |value, reference| Altitude::new(value, reference).unwrap();
    let agl = |value| of(value, Reference::AboveGround);
    let msl = |value| of(value, Reference::MeanSeaLevel);
    let unlimited = between(metres(1_000.0), Altitude::UNLIMITED);
    let edge_of_space = between(agl(90_000.0), agl(95_000.0));
    let deep = between(msl(-100_000.0), msl(-99_999.0));
    for (ours, theirs) in [
        (&unlimited, &unlimited),
        (&unlimited, &between(metres(99_000.0), metres(100_000.0))),
        (&unlimited, &between(metres(500.0), metres(950.0))),
        (&edge_of_space, &edge_of_space),
        (&edge_of_space, &unlimited),
        (
            &between(msl(1_000.0), msl(99_999.0)),
            &between(msl(1_000.0), msl(1_100.0)),
        ),
        (&between(agl(99_999.0), agl(100_000.0)), &unlimited),
        (&deep, &deep),
    ] {
        assert!(
            close_in_the_clear(ours, theirs),
            "{} {}",
            ours.altitude,
            theirs.altitude
        );
    }
    let below = between(metres(0.0), metres(800.0));
    assert!(!close_in_the_clear(&unlimited, &below));
    assert!(!close_in_the_clear(&edge_of_space, &below));
}

#[test]
fn a_shape_that_whole_numbers_flatten_is_close_to_itself() {
    let circle = |radius_m| Volume4D {
        footprint: Footprint::circle(position(35.1, 36.0), radius_m)
            .unwrap()
            .footprint,
        ..between(metres(0.0), metres(100.0))
    };
    for radius_m in [0.01, 0.012, 0.02, 0.05] {
        assert!(close_in_the_clear(&circle(radius_m), &circle(radius_m)));
    }
    let ring = [(35.1, 36.0), (35.1, 36.01), (35.1 + 1e-8, 36.005)];
    let ring: Vec<Position> = ring.map(|(north, east)| position(north, east)).into();
    let sliver = Volume4D {
        footprint: Footprint::polygon(&[ring], EdgeKind::Geodesic)
            .unwrap()
            .footprint,
        ..circle(1.0)
    };
    assert!(close_in_the_clear(&sliver, &sliver));
}

#[test]
fn a_wide_curve_is_compared_with_what_it_is_rounded_by() {
    // Half a kilometre of a circle of 500 km is within what its corners leave out.
    let wide = Volume4D {
        footprint: Footprint::circle(position(35.1, 36.0), 500_000.0)
            .unwrap()
            .footprint,
        ..between(metres(0.0), metres(100.0))
    };
    for azimuth_deg in [1.0, 33.3, 77.7, 123.4, 200.0] {
        let away_m = 500_000.0 + 1.0 + f64::from(terms().separation_m) - 10.0;
        let place =
            detente_spacetime::geodesic::destination(position(35.1, 36.0), azimuth_deg, away_m);
        let beside = Volume4D {
            footprint: Footprint::circle(place, 1.0).unwrap().footprint,
            ..wide.clone()
        };
        assert!(close_in_the_clear(&wide, &beside), "{azimuth_deg}");
    }
}

#[test]
fn the_inside_of_a_ring_drawn_twice_is_inside() {
    let ring = [(34.9, 35.8), (34.9, 36.3), (35.3, 36.3), (35.3, 35.8)];
    let twice: Vec<Position> = [ring, ring]
        .concat()
        .into_iter()
        .map(|(north, east)| position(north, east))
        .collect();
    let area = Volume4D {
        footprint: Footprint::polygon(&[twice], EdgeKind::Geodesic)
            .unwrap()
            .footprint,
        ..between(metres(0.0), metres(100.0))
    };
    let inside = between(metres(0.0), metres(100.0));
    assert!(close_in_the_clear(&area, &inside));
    let told = told(plans(&[area]), plans(&[inside]));
    assert!(matches!(
        told.learnt.last(),
        Some(Outcome::Shown { .. } | Outcome::Close { .. })
    ));
}
