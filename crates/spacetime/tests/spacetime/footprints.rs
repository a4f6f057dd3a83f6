//! Footprints at ordinary and at awkward places.

use detente_spacetime::{
    EdgeKind, Footprint, Position, Proximity, ShapeFaultKind, ShapeNoteKind, Shaped,
    geodesic::{destination, distance_m},
};

fn at(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position::new(latitude_deg, longitude_deg).expect("a position")
}

fn ring(points: &[(f64, f64)]) -> Vec<Position> {
    let mut ring: Vec<Position> = points.iter().map(|&(lat, lon)| at(lat, lon)).collect();
    ring.push(ring[0]);
    ring
}

fn shaped(points: &[(f64, f64)]) -> Shaped {
    Footprint::polygon(&[ring(points)], EdgeKind::Geodesic).expect("a polygon")
}

fn polygon(points: &[(f64, f64)]) -> Footprint {
    shaped(points).footprint
}

fn circle(latitude_deg: f64, longitude_deg: f64, radius_m: f64) -> Footprint {
    Footprint::circle(at(latitude_deg, longitude_deg), radius_m)
        .expect("a circle")
        .footprint
}

fn separation_m(a: &Footprint, b: &Footprint) -> Option<f64> {
    let (there, back) = (a.proximity(b), b.proximity(a));
    assert_eq!(there, back);
    assert_eq!(a.overlaps(b), there == Proximity::Overlap);
    match there {
        Proximity::Overlap => None,
        Proximity::Apart { separation_m } => Some(separation_m),
    }
}

#[test]
fn two_circles_are_as_far_apart_as_their_centres_less_their_radii() {
    for (lat, azimuth) in [(0.0, 90.0), (35.0, 10.0), (-72.0, 200.0), (89.99, 45.0)] {
        for apart_m in [5.0, 2e3, 9e4, 4e5, 5e6, 1.5e7] {
            let centre = at(lat, 179.999);
            let other = destination(centre, azimuth, apart_m);
            let a = Footprint::circle(centre, 1.0).unwrap().footprint;
            let b = Footprint::circle(other, 2.0).unwrap().footprint;
            let gap_m = separation_m(&a, &b).expect("apart");
            let error_m = gap_m - (apart_m - 3.0);
            assert!(error_m.abs() < 1e-5, "{lat} {apart_m} {gap_m}");
            assert_eq!(separation_m(&a.kept_out(apart_m - 3.0), &b), None);
            assert!(separation_m(&a.kept_out(apart_m - 3.002), &b).is_some());
        }
    }
}

#[test]
fn an_edge_is_the_geodesic_unless_it_is_said_to_be_the_parallel() {
    // One degree along 35° north: the geodesic runs 114 m north of the parallel in the middle.
    let triangle = [(35.0, 30.0), (34.0, 30.5), (35.0, 31.0)];
    let geodesic = polygon(&triangle);
    assert!(geodesic.contains(at(35.001, 30.5)));
    assert!(!geodesic.contains(at(35.0011, 30.5)));
    let parallel = Footprint::polygon(&[ring(&triangle)], EdgeKind::Parallel)
        .unwrap()
        .footprint;
    let above = circle(35.001, 30.5, 0.5);
    let expected_m = distance_m(at(35.0, 30.5), at(35.001, 30.5)) - 0.5;
    assert!((separation_m(&parallel, &above).unwrap() - expected_m).abs() < 0.001);
}

#[test]
fn latitudes_that_differ_by_rounding_are_of_one_parallel() {
    let parallel = |from: f64, to: f64, kind| {
        Footprint::corridor(&[at(from, 30.0), at(to, 32.0)], 1.0, kind).unwrap()
    };
    let middle = |latitude| circle(latitude, 31.0, 0.01);
    for latitude in [0.0, 35.0, -60.0, 80.0] {
        for apart in [0.0, f64::EPSILON * 64.0, 1e-12, 1e-9, 9e-7] {
            for kind in [EdgeKind::Parallel, EdgeKind::Rhumb] {
                for (from, to) in [(latitude, latitude + apart), (latitude + apart, latitude)] {
                    let shaped = parallel(from, to, kind);
                    let name = format!("{latitude} {apart:e} {kind:?}");
                    assert_eq!(shaped.notes, vec![], "{name}");
                    assert_eq!(
                        separation_m(&shaped.footprint, &middle(latitude)),
                        None,
                        "{name}"
                    );
                }
            }
        }
    }
    // Beyond that the edge is the geodesic, and that is said.
    let shaped = parallel(35.0, 35.000_01, EdgeKind::Parallel);
    let kinds: Vec<_> = shaped.notes.iter().map(|note| note.kind.clone()).collect();
    assert_eq!(kinds, vec![ShapeNoteKind::Slanted]);
    assert!(separation_m(&shaped.footprint, &middle(35.0)).expect("apart") > 300.0);
    // Meridians are geodesics anyway.
    let meridians = [(35.0, 30.0), (35.0, 31.0), (36.0, 31.0), (36.0, 30.0)];
    let framed = Footprint::polygon(&[ring(&meridians)], EdgeKind::Parallel).unwrap();
    assert_eq!(framed.notes, vec![]);
}

#[test]
fn a_rhumb_line_to_a_pole_is_refused_whatever_it_bounds() {
    let (from, pole) = (at(80.0, 10.0), at(90.0, 20.0));
    let line = Footprint::corridor(&[from, pole], 10.0, EdgeKind::Rhumb).unwrap_err();
    let area = Footprint::polygon(&[vec![from, at(80.0, 30.0), pole]], EdgeKind::Rhumb);
    for faults in [line, area.unwrap_err()] {
        let at_pole =
            |fault: &detente_spacetime::ShapeFault| fault.kind == ShapeFaultKind::RhumbAtPole;
        assert!(faults.iter().any(at_pole), "{faults:?}");
    }
}

#[test]
fn a_pole_and_the_antimeridian_are_ordinary_places() {
    let arctic = polygon(&[(85.0, 0.0), (85.0, 90.0), (85.0, 180.0), (85.0, -90.0)]);
    assert!(arctic.contains(at(90.0, 12.0)));
    assert!(!arctic.contains(at(-90.0, 12.0)));
    assert_eq!(separation_m(&arctic, &circle(89.9, -170.0, 10.0)), None);
    assert!(arctic.bounds().contains(at(90.0, 77.0)));
    let fiji = polygon(&[
        (-17.0, 179.0),
        (-17.0, -179.0),
        (-16.0, -179.0),
        (-16.0, 179.0),
    ]);
    assert!(fiji.contains(at(-16.5, 180.0)));
    assert!(fiji.contains(at(-16.5, 179.5)) && fiji.contains(at(-16.5, -179.5)));
    assert!(!fiji.contains(at(-16.5, 0.0)));
    assert!(fiji.bounds().contains(at(-16.5, 180.0)));
    assert!(!fiji.bounds().contains(at(-16.5, 178.0)));
}

#[test]
fn a_shape_in_a_hole_is_apart_and_its_distance_is_to_the_rim() {
    let outer = ring(&[(36.0, 37.0), (36.0, 38.0), (37.0, 38.0), (37.0, 37.0)]);
    let hole = ring(&[(36.4, 37.4), (36.6, 37.4), (36.6, 37.6), (36.4, 37.6)]);
    let shaped = Footprint::polygon(&[outer, hole], EdgeKind::Geodesic).unwrap();
    assert_eq!(shaped.notes, vec![]);
    let area = shaped.footprint;
    let inner = circle(36.5, 37.5, 100.0);
    let gap_m = separation_m(&area, &inner).expect("apart");
    assert!((8_000.0..11_100.0).contains(&gap_m), "{gap_m}");
    assert_eq!(separation_m(&area, &circle(36.2, 37.5, 100.0)), None);
    assert_eq!(separation_m(&area, &inner.kept_out(gap_m + 0.001)), None);
}

#[test]
fn a_large_region_holds_what_rises_above_its_boundary() {
    let wide = polygon(&[(0.0, 0.0), (0.0, 60.0), (50.0, 60.0), (50.0, 0.0)]);
    assert_eq!(separation_m(&wide, &circle(25.0, 30.0, 1.0)), None);
    assert!(wide.contains(at(25.0, 30.0)));
}

#[test]
fn clockwise_and_crossing_rings_are_used_and_noted() {
    let turned = shaped(&[(36.0, 37.0), (36.1, 37.0), (36.1, 37.1), (36.0, 37.1)]);
    let kinds: Vec<_> = turned.notes.iter().map(|note| note.kind.clone()).collect();
    assert_eq!(kinds, vec![ShapeNoteKind::Turned]);
    assert!(turned.footprint.contains(at(36.05, 37.05)));
    let bow = shaped(&[(36.0, 37.0), (36.1, 37.1), (36.1, 37.0), (36.0, 37.1)]);
    assert!(bow.notes.iter().any(|note| {
        note.kind == ShapeNoteKind::SelfCrossing && note.place.vertices == vec![0, 2]
    }));
    assert!(bow.footprint.contains(at(36.09, 37.05)));
    assert!(bow.footprint.contains(at(36.01, 37.05)));
    assert!(!bow.footprint.contains(at(36.05, 37.01)));
}

#[test]
fn faults_name_their_place() {
    let faults = |rings: &[Vec<Position>]| -> Vec<(usize, Vec<usize>, ShapeFaultKind)> {
        Footprint::polygon(rings, EdgeKind::Geodesic)
            .unwrap_err()
            .into_iter()
            .map(|fault| (fault.place.ring, fault.place.vertices, fault.kind))
            .collect()
    };
    let good = ring(&[(36.0, 37.0), (36.0, 38.0), (37.0, 38.0)]);
    let two = ring(&[(36.1, 37.1), (36.1, 37.2)]);
    let too_few = ShapeFaultKind::TooFewPoints {
        distinct: 2,
        needed: 3,
    };
    assert_eq!(faults(&[good, two]), vec![(1, vec![], too_few)]);
    let line = ring(&[(36.0, 37.0), (36.5, 37.0), (37.0, 37.0)]);
    assert_eq!(faults(&[line]), vec![(0, vec![], ShapeFaultKind::ZeroArea)]);
    let far = ring(&[(0.0, 0.0), (0.0, 179.0), (10.0, 90.0)]);
    assert_eq!(
        faults(&[far]),
        vec![(0, vec![0, 1], ShapeFaultKind::EdgeTooLong)]
    );
    let belt: Vec<(f64, f64)> = (0..6)
        .map(|i| (f64::from(i % 2), f64::from(i) * 60.0))
        .collect();
    assert_eq!(
        faults(&[ring(&belt)]),
        vec![(0, vec![], ShapeFaultKind::WiderThanHemisphere)]
    );
    assert!(Footprint::circle(at(0.0, 0.0), f64::NAN).is_err());
}

#[test]
fn a_rhumb_line_keeps_its_bearing() {
    for (lat, bearing_deg) in [(10.0, 80.0), (60.0, 271.0), (-75.0, 15.0), (45.0, 90.0)] {
        let line = loxodrome(lat, 179.0, bearing_deg, 300_000.0);
        let ends = [line[0], line[line.len() - 1]];
        let corridor =
            |half_m| Footprint::corridor(&ends, half_m, EdgeKind::Rhumb).expect("a line");
        let geodesic = Footprint::corridor(&ends, 0.01, EdgeKind::Geodesic).expect("a line");
        let middle = line[line.len() / 2];
        assert!(!geodesic.footprint.contains(middle), "{lat} {bearing_deg}");
        for place in line {
            assert!(
                corridor(0.01).footprint.contains(place),
                "{lat} {bearing_deg} {place:?}"
            );
        }
    }
}

/// Points of a line of constant bearing, by integrating its differential equations (Runge and Kutta, steps of 300 m).
fn loxodrome(
    latitude_deg: f64,
    longitude_deg: f64,
    bearing_deg: f64,
    length_m: f64,
) -> Vec<Position> {
    let (a, e2) = (6_378_137.0, 0.006_694_379_990_141_317);
    let (sine, cosine) = bearing_deg.to_radians().sin_cos();
    let slope = |latitude: f64| {
        let square = 1.0 - e2 * latitude.sin().powi(2);
        let meridian_m = a * (1.0 - e2) / square.powf(1.5);
        (
            cosine / meridian_m,
            sine * square.sqrt() / (a * latitude.cos()),
        )
    };
    let (mut latitude, mut longitude) = (latitude_deg.to_radians(), longitude_deg.to_radians());
    let step_m = 300.0;
    let mut line = vec![at(latitude_deg, longitude_deg)];
    for _ in 0..(length_m / step_m) as u32 {
        let one = slope(latitude);
        let two = slope(latitude + one.0 * step_m / 2.0);
        let three = slope(latitude + two.0 * step_m / 2.0);
        let four = slope(latitude + three.0 * step_m);
        latitude += step_m / 6.0 * (one.0 + 2.0 * two.0 + 2.0 * three.0 + four.0);
        longitude += step_m / 6.0 * (one.1 + 2.0 * two.1 + 2.0 * three.1 + four.1);
        line.push(at(latitude.to_degrees(), longitude.to_degrees()));
    }
    line
}
