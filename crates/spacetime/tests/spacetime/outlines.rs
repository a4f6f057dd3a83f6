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
fn a_shape_holds_another_only_where_it_holds_all_of_it() {
    let square = polygon(&[(35.0, 36.0), (35.0, 36.1), (35.1, 36.1), (35.1, 36.0)]);
    // Every corner of the bar lies in an arm, no corner of the arms lies in the bar, and the gap runs through it.
    let arms = polygon(&[
        (35.0, 36.0),
        (35.0, 36.1),
        (35.03, 36.1),
        (35.03, 36.01),
        (35.07, 36.01),
        (35.07, 36.1),
        (35.1, 36.1),
        (35.1, 36.0),
    ]);
    let bar = polygon(&[
        (35.01, 36.04),
        (35.01, 36.06),
        (35.09, 36.06),
        (35.09, 36.04),
    ]);
    assert!(!arms.surely_holds(&bar));
    assert!(square.surely_holds(&bar) && !bar.surely_holds(&square));
    assert!(square.surely_holds(&arms) && !arms.surely_holds(&square));
    // The same ground from another corner, and with a corner more on an edge.
    let again = polygon(&[(35.1, 36.1), (35.1, 36.0), (35.0, 36.0), (35.0, 36.1)]);
    let more = polygon(&[
        (35.0, 36.0),
        (35.0, 36.1),
        (35.05, 36.1),
        (35.1, 36.1),
        (35.1, 36.0),
    ]);
    for same in [&again, &more] {
        assert!(square.surely_holds(same) && same.surely_holds(&square));
    }
    let pulled = polygon(&[(35.0, 36.0), (35.0, 36.1), (35.1, 36.1), (35.099_999, 36.0)]);
    assert!(square.surely_holds(&pulled) && !pulled.surely_holds(&square));
    let pole = circle(at(89.99, 0.0), 50_000.0);
    assert!(pole.surely_holds(&circle(at(89.99, 180.0), 40_000.0)));
    assert!(!pole.surely_holds(&circle(at(89.99, 180.0), 49_000.0)));
    let wide = circle(at(35.05, 36.05), 20_000.0);
    assert!(wide.surely_holds(&square) && !square.surely_holds(&wide));
    assert!(wide.surely_holds(&circle(at(35.05, 36.05), 20_000.0)));
    assert!(!wide.surely_holds(&circle(at(35.05, 36.05), 20_000.1)));
    let far = circle(at(-35.05, -143.95), 20_000.0);
    assert!(!wide.surely_holds(&far));
    let route = |half_width_m| {
        let line = [at(35.0, 36.0), at(35.2, 36.1), at(35.1, 36.4)];
        Footprint::corridor(&line, half_width_m, EdgeKind::Geodesic)
            .expect("a corridor")
            .footprint
    };
    assert!(route(2_000.5).surely_holds(&route(2_000.0)));
    assert!(!route(2_000.0).surely_holds(&route(2_000.5)));
    assert!(route(2_000.0).surely_holds(&circle(at(35.2, 36.1), 1_990.0)));
    assert!(!route(2_000.0).surely_holds(&circle(at(35.2, 36.1), 2_010.0)));
}

/// Of what one shape is said to hold no corner and none of many places lies outside.
#[test]
fn what_is_held_has_no_place_outside() {
    let mut seed = 2_016_u64;
    let mut chance = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let (mut held, mut not) = (0, 0);
    for _ in 0..300 {
        let mut shape = || {
            let centre = at(64.0 + 0.02 * chance(), 179.98 + 0.02 * chance());
            let reach_m = 200.0 + 2_000.0 * chance();
            match (3.0 * chance()) as u8 {
                0 => circle(centre, reach_m),
                1 => {
                    let end = destination(centre, 360.0 * chance(), reach_m);
                    Footprint::corridor(
                        &[centre, end],
                        100.0 + reach_m * chance(),
                        EdgeKind::Geodesic,
                    )
                    .expect("a corridor")
                    .footprint
                }
                _ => {
                    let corners = 3 + (8.0 * chance()) as u32;
                    let corner = |number: u32, share: f64| {
                        let turn = 360.0 * f64::from(number) / f64::from(corners);
                        destination(centre, turn, reach_m * (0.2 + 0.8 * share))
                    };
                    let ring: Vec<Position> = (0..corners)
                        .map(|number| corner(number, chance()))
                        .collect();
                    Footprint::polygon(&[ring], EdgeKind::Geodesic)
                        .expect("a polygon")
                        .footprint
                }
            }
        };
        let (one, other) = (shape(), shape());
        let drawn = other.outline();
        let corners = drawn.polygons().iter().flatten().flatten();
        let mut places: Vec<Position> = corners
            .map(|corner| at(corner.latitude_deg, corner.longitude_deg))
            .collect();
        for _ in 0..400 {
            places.push(destination(
                at(64.01, 179.99),
                360.0 * chance(),
                4_000.0 * chance(),
            ));
        }
        let outside = places
            .into_iter()
            .any(|place| other.contains(place) && !one.kept_out(0.02).contains(place));
        if one.surely_holds(&other) {
            held += 1;
            assert!(!outside);
        } else {
            not += 1;
        }
    }
    assert!(held > 20 && not > 100, "{held} and {not}");
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

#[test]
fn a_pole_in_a_hole_is_outside_the_outline() {
    for north in [1.0, -1.0] {
        let ring = |latitude: f64| -> Vec<Position> {
            let around = (0..36).map(|step| f64::from(step) * 10.0 - 180.0);
            around
                .map(|longitude| Position::new(north * latitude, longitude).expect("a position"))
                .collect()
        };
        let area = |rings: &[Vec<Position>]| {
            Footprint::polygon(rings, EdgeKind::Geodesic)
                .expect("a polygon")
                .footprint
        };
        let wide = area(&[ring(70.0)]);
        let belt = area(&[ring(80.0), ring(85.0)]);
        for outline in [
            belt.outline(),
            wide.overlap_outline(&belt),
            belt.overlap_outline(&wide),
        ] {
            let drawn = |longitude: f64, latitude: f64| {
                let crossed = |ring: &Vec<detente_spacetime::OutlinePoint>| {
                    let pairs = ring.windows(2);
                    pairs
                        .filter(|ends| {
                            let (a, b) = (&ends[0], &ends[1]);
                            (a.longitude_deg > longitude) != (b.longitude_deg > longitude)
                                && a.latitude_deg
                                    + (longitude - a.longitude_deg)
                                        / (b.longitude_deg - a.longitude_deg)
                                        * (b.latitude_deg - a.latitude_deg)
                                    > latitude
                        })
                        .count()
                };
                outline
                    .polygons()
                    .iter()
                    .flatten()
                    .map(crossed)
                    .sum::<usize>()
                    % 2
                    == 1
            };
            for longitude in [-179.3, -57.1, 3.3, 171.7] {
                assert!(drawn(longitude, north * 82.5), "{longitude}");
                for latitude in [50.0, 75.0, 86.0, 89.0] {
                    assert!(
                        !drawn(longitude, north * latitude),
                        "{longitude} {latitude}"
                    );
                }
            }
        }
    }
}
