//! Outlines: shown to people, written to GeoJSON.

use std::f64::consts::PI;

use detente_spacetime::{
    EdgeKind, Footprint, Outline, OutlinePoint, Position,
    geodesic::{destination, distance_m},
};

fn at(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position::new(latitude_deg, longitude_deg).expect("a position")
}

fn polygon(points: &[(f64, f64)]) -> Footprint {
    let ring: Vec<Position> = points.iter().map(|&(lat, lon)| at(lat, lon)).collect();
    Footprint::polygon(&[ring], EdgeKind::Geodesic)
        .expect("a polygon")
        .footprint
}

fn circle(centre: Position, radius_m: f64) -> Footprint {
    Footprint::circle(centre, radius_m)
        .expect("a circle")
        .footprint
}

/// Twice the signed area in square degrees: positive when counter-clockwise.
fn doubled_area(ring: &[OutlinePoint]) -> f64 {
    ring.windows(2)
        .map(|pair| {
            pair[0].longitude_deg * pair[1].latitude_deg
                - pair[1].longitude_deg * pair[0].latitude_deg
        })
        .sum()
}

fn assert_rfc7946(outline: &Outline) {
    for polygon in outline.polygons() {
        for (i, ring) in polygon.iter().enumerate() {
            assert!(ring.len() >= 4 && ring.first() == ring.last());
            assert_eq!(doubled_area(ring) > 0.0, i == 0, "ring {i}");
            for pair in ring.windows(2) {
                assert!(
                    (pair[0].longitude_deg - pair[1].longitude_deg).abs() <= 180.0
                        || pair[0].latitude_deg.abs() == 90.0
                );
            }
        }
    }
}

#[test]
fn a_circle_is_drawn_at_its_radius() {
    for (lat, lon) in [(0.0, 0.0), (35.0, 37.0), (-60.0, 179.99), (89.9, 10.0)] {
        for radius_m in [1.0, 100.0, 5_000.0, 300_000.0] {
            let shape = circle(at(lat, lon), radius_m);
            let outline = shape.outline();
            assert_rfc7946(&outline);
            for point in outline.polygons().iter().flatten().flatten() {
                if point.longitude_deg.abs() == 180.0 || point.latitude_deg.abs() == 90.0 {
                    continue; // Cut at the antimeridian.
                }
                let position = at(point.latitude_deg, point.longitude_deg);
                let error_m = distance_m(at(lat, lon), position) - radius_m;
                assert!(
                    error_m.abs() < 0.001 + radius_m * 1e-5,
                    "{lat} {radius_m} {error_m}"
                );
            }
            let flat_m2 = PI * radius_m * radius_m;
            assert!(
                (shape.area_m2() / flat_m2 - 1.0).abs() < 0.01,
                "{lat} {radius_m} {}",
                shape.area_m2() / flat_m2
            );
        }
    }
}

#[test]
fn an_outline_never_goes_out_and_back_along_one_line() {
    let line = [
        at(35.4011, 35.9486),
        at(35.2, 36.3),
        at(35.3, 37.05),
        at(35.7325, 37.1031),
        at(36.1808, 37.2244),
    ];
    let corridor = Footprint::corridor(&line, 4_000.0, EdgeKind::Geodesic)
        .expect("a corridor")
        .footprint;
    let square = polygon(&[
        (38.878, -120.662),
        (38.878, -120.658),
        (38.881, -120.658),
        (38.881, -120.662),
    ]);
    for shape in [corridor, square.kept_out(420.0)] {
        let outline = shape.outline();
        assert_rfc7946(&outline);
        for ring in outline.polygons().iter().flatten() {
            for step in ring.windows(3) {
                let [out, back] = [[0, 1], [1, 2]].map(|[from, to]| {
                    [
                        step[to].longitude_deg - step[from].longitude_deg,
                        step[to].latitude_deg - step[from].latitude_deg,
                    ]
                });
                let cosine = (out[0] * back[0] + out[1] * back[1])
                    / (out[0].hypot(out[1]) * back[0].hypot(back[1]));
                assert!(cosine > -0.999_999, "back from {:?}", step[1]);
            }
        }
    }
}

#[test]
fn an_outline_is_cut_at_the_antimeridian() {
    let fiji = polygon(&[
        (-17.0, 179.0),
        (-17.0, -179.0),
        (-16.0, -179.0),
        (-16.0, 179.0),
    ]);
    let outline = fiji.outline();
    assert_rfc7946(&outline);
    assert_eq!(outline.polygons().len(), 2);
    for polygon in outline.polygons() {
        let east = polygon[0]
            .iter()
            .all(|point| (179.0..=180.0).contains(&point.longitude_deg));
        let west = polygon[0]
            .iter()
            .all(|point| (-180.0..=-179.0).contains(&point.longitude_deg));
        assert!(east || west);
    }
}

#[test]
fn an_outline_around_a_pole_runs_along_it() {
    for sign in [1.0, -1.0] {
        let arctic = polygon(&[
            (sign * 85.0, 0.0),
            (sign * 85.0, 90.0),
            (sign * 85.0, -180.0),
            (sign * 85.0, -90.0),
        ]);
        let outline = arctic.outline();
        assert_rfc7946(&outline);
        assert_eq!(outline.polygons().len(), 1);
        let ring = &outline.polygons()[0][0];
        assert!(
            ring.iter()
                .any(|point| point.latitude_deg == sign * 90.0 && point.longitude_deg == 180.0)
        );
        assert!(
            ring.iter()
                .any(|point| point.latitude_deg == sign * 90.0 && point.longitude_deg == -180.0)
        );
        assert!((doubled_area(ring) / 2.0 - 360.0 * 4.0).abs() < 360.0);
    }
}

#[test]
fn what_two_shapes_share_has_the_area_they_share() {
    let a = polygon(&[(36.0, 37.0), (36.0, 37.2), (36.2, 37.2), (36.2, 37.0)]);
    let b = polygon(&[(36.1, 37.1), (36.1, 37.3), (36.3, 37.3), (36.3, 37.1)]);
    let outline = a.overlap_outline(&b);
    assert_rfc7946(&outline);
    let ring = &outline.polygons()[0][0];
    assert!((doubled_area(ring) / 2.0 - 0.01).abs() < 1e-5);
    assert_eq!(outline, b.overlap_outline(&a));
}

#[test]
fn what_one_shape_has_beyond_another_is_the_rest_of_its_area() {
    let a = polygon(&[(36.0, 37.0), (36.0, 37.2), (36.2, 37.2), (36.2, 37.0)]);
    let b = polygon(&[(36.1, 37.1), (36.1, 37.3), (36.3, 37.3), (36.3, 37.1)]);
    for (one, other) in [(&a, &b), (&b, &a)] {
        let outline = one.outline_beyond(other);
        assert_rfc7946(&outline);
        assert_eq!(outline.polygons().len(), 1);
        let ring = &outline.polygons()[0][0];
        assert!((doubled_area(ring) / 2.0 - 0.03).abs() < 1e-5);
    }
    // A shape that lies within leaves a hole, and nothing of itself.
    let within = circle(at(36.1, 37.1), 2_000.0);
    let outline = a.outline_beyond(&within);
    assert_rfc7946(&outline);
    assert_eq!(outline.polygons()[0].len(), 2);
    assert!(within.outline_beyond(&a).is_empty());
    assert!(a.outline_beyond(&a).is_empty());
    // Apart, each keeps the whole of itself.
    let apart = circle(at(10.0, 10.0), 2_000.0);
    assert_eq!(a.outline_beyond(&apart), a.outline());
}

#[test]
fn contact_is_a_point() {
    let centre = at(36.0, 37.0);
    let other = destination(centre, 77.0, 300.0);
    let (a, b) = (circle(centre, 100.0), circle(other, 200.0));
    let outline = a.overlap_outline(&b);
    assert!(!outline.is_empty());
    if let Some(point) = outline.point() {
        assert!((distance_m(centre, point) - 100.0).abs() < 0.001);
    }
    assert!(a.overlap_outline(&circle(other, 199.99)).is_empty());
    let touching = polygon(&[(36.0, 37.0), (36.0, 37.2), (36.2, 37.2)]);
    let corner = polygon(&[(36.0, 37.0), (35.9, 37.0), (35.9, 36.9)]);
    let point = touching.overlap_outline(&corner).point().expect("a point");
    assert!(distance_m(point, centre) < 0.001);
}

#[test]
fn a_hole_stays_in_the_outline_of_a_buffer() {
    let outer = [(36.0, 37.0), (36.0, 37.2), (36.2, 37.2), (36.2, 37.0)];
    let hole = [
        (36.05, 37.05),
        (36.05, 37.15),
        (36.15, 37.15),
        (36.15, 37.05),
    ];
    let ring = |points: &[(f64, f64)]| {
        points
            .iter()
            .map(|&(lat, lon)| at(lat, lon))
            .collect::<Vec<_>>()
    };
    let shaped =
        Footprint::polygon(&[ring(&outer), ring(&hole)], EdgeKind::Geodesic).expect("a polygon");
    for buffer_m in [0.0, 500.0] {
        let outline = shaped.footprint.kept_out(buffer_m).outline();
        assert_rfc7946(&outline);
        assert_eq!(outline.polygons().len(), 1);
        assert_eq!(outline.polygons()[0].len(), 2);
    }
    assert_eq!(
        shaped.footprint.kept_out(10_000.0).outline().polygons()[0].len(),
        1
    );
}
