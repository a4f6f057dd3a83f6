//! Moving away by what is advised: it clears, and little less does not.

use detente_spacetime::{
    EdgeKind, Footprint, Position, Proximity,
    geodesic::{azimuth_deg, destination},
};
use proptest::prelude::*;

fn at(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position::new(latitude_deg, longitude_deg).expect("a position")
}

fn circle(centre: Position, radius_m: f64) -> Footprint {
    let shaped = Footprint::circle(centre, radius_m).expect("a circle");
    shaped.footprint
}

/// A regular polygon, or with two corners a corridor.
fn convex(centre: Position, corners: u32, radius_m: f64, turn_deg: f64) -> Footprint {
    let ring: Vec<Position> = (0..corners)
        .map(|corner| {
            let azimuth = turn_deg + 360.0 * f64::from(corner) / f64::from(corners);
            destination(centre, azimuth, radius_m)
        })
        .collect();
    let shaped = match corners {
        2 => Footprint::corridor(&ring, radius_m / 10.0, EdgeKind::Geodesic),
        _ => Footprint::polygon(&[ring], EdgeKind::Geodesic),
    };
    shaped.expect("a shape").footprint
}

fn separation_m(a: &Footprint, b: &Footprint) -> f64 {
    match a.proximity(b) {
        Proximity::Overlap => 0.0,
        Proximity::Apart { separation_m } => separation_m,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn circles_clear_by_the_way_told(
        (latitude, longitude) in (-88.0..88.0_f64, -180.0..180.0_f64),
        (azimuth, apart_m) in (0.0..360.0_f64, 0.0..20_000.0_f64),
        (radius_m, other_m, kept_m) in (0.01..8_000.0_f64, 0.01..3_000.0_f64, 1.0..5_000.0_f64),
    ) {
        let centre = at(latitude, longitude);
        let from = destination(centre, azimuth, apart_m);
        let object = circle(centre, other_m);
        let way_m = circle(from, radius_m).way_out_m(&object, kept_m).expect("circles");
        let moved = |way_m: f64| circle(destination(centre, azimuth, apart_m + way_m), radius_m);
        prop_assert!(separation_m(&moved(way_m), &object) >= kept_m - 0.001);
        prop_assert!(!object.kept_out(kept_m).overlaps(&moved(way_m + 0.002)));
        prop_assert!(way_m < 0.01 || object.kept_out(kept_m).overlaps(&moved(way_m - 0.01)));
    }

    #[test]
    fn convex_shapes_clear_by_the_way_told(
        (latitude, longitude) in (-80.0..80.0_f64, -180.0..180.0_f64),
        (corners, other_corners) in (2..8_u32, 2..8_u32),
        (azimuth, turn, other_turn) in (0.0..360.0_f64, 0.0..360.0_f64, 0.0..360.0_f64),
        (radius_m, other_m, between_m) in (20.0..2_000.0_f64, 20.0..2_000.0_f64, 0.0..6_000.0_f64),
        kept_m in 1.0..8_000.0_f64,
    ) {
        let centre = at(latitude, longitude);
        let from = destination(centre, azimuth, between_m);
        let object = convex(centre, other_corners, other_m, other_turn);
        let own = convex(from, corners, radius_m, turn);
        let Some(way_m) = own.way_out_m(&object, kept_m) else {
            prop_assert!(own.overlaps(&object));
            return Ok(());
        };
        prop_assert!(way_m >= kept_m - separation_m(&own, &object) - 0.001);
        // Directly away is the direction in which the distance grows most.
        let moved = |bearing: f64| {
            let there = destination(from, bearing, way_m);
            // The shape keeps its bearing to the way it went.
            let turned = azimuth_deg(there, from) + 180.0 - bearing;
            let turned = if way_m < 0.001 { 0.0 } else { turned };
            convex(there, corners, radius_m, turn + turned)
        };
        let best_m = (0..720_u32)
            .map(|step| separation_m(&moved(f64::from(step) / 2.0), &object))
            .fold(0.0, f64::max);
        prop_assert!(best_m >= kept_m - 0.02 - 2e-5 * way_m, "{best_m} {kept_m} {way_m}");
    }
}

#[test]
fn no_way_is_told_of_shapes_that_have_the_other_on_several_sides() {
    let corner = [(36.0, 37.0), (36.0, 37.2), (36.2, 37.2)].map(|(lat, lon)| at(lat, lon));
    let bent = Footprint::corridor(&corner, 500.0, EdgeKind::Geodesic)
        .expect("a corridor")
        .footprint;
    let object = circle(at(36.05, 37.1), 10.0);
    assert!(separation_m(&bent, &object) > 0.0);
    assert_eq!(bent.way_out_m(&object, 10_000.0), None);
    let frame = [(36.0, 37.0), (36.0, 37.2), (36.2, 37.2), (36.2, 37.0)];
    let ring = frame.map(|(lat, lon)| at(lat, lon)).to_vec();
    let area = Footprint::polygon(&[ring], EdgeKind::Geodesic)
        .expect("a polygon")
        .footprint;
    assert_eq!(area.way_out_m(&object, 1_000.0), None);
    let school = circle(at(36.05, 37.1), 100.0);
    let over = circle(at(36.05, 37.1), 5_000.0);
    let way_m = over.way_out_m(&school, 1_000.0).expect("circles");
    assert!((way_m - 6_100.0).abs() < 0.001);
}
