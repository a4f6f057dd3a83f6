//! What must hold for every pair of shapes, wherever they are.

use detente_spacetime::{
    EdgeKind, Footprint, Position, Proximity,
    geodesic::{azimuth_deg, destination, distance_m},
};
use proptest::prelude::*;

/// Two ways to compute one distance may differ by this, metres: a fiftieth of the boundary.
const NOISE_M: f64 = 0.000_01;

/// The distance between two footprints, zero when they overlap; the same bits both ways.
fn separation_m(a: &Footprint, b: &Footprint) -> f64 {
    let (there, back) = (a.proximity(b), b.proximity(a));
    assert_eq!(there, back);
    assert_eq!(a.overlaps(b), there == Proximity::Overlap);
    match there {
        Proximity::Overlap => 0.0,
        Proximity::Apart { separation_m } => separation_m,
    }
}

/// A shape by its numbers, so that it can be made again elsewhere or otherwise.
#[derive(Clone, Debug)]
enum Sketch {
    Polygon(Vec<Position>),
    Circle(Position, f64),
    Corridor(Vec<Position>, f64),
}

impl Sketch {
    fn footprint(&self) -> Footprint {
        let shaped = match self {
            Self::Polygon(ring) => {
                Footprint::polygon(std::slice::from_ref(ring), EdgeKind::Geodesic)
            }
            Self::Circle(centre, radius_m) => Footprint::circle(*centre, *radius_m),
            Self::Corridor(line, half_m) => Footprint::corridor(line, *half_m, EdgeKind::Geodesic),
        };
        shaped.expect("a shape").footprint
    }

    fn mapped(&self, map: impl Fn(&[Position], bool) -> Vec<Position>) -> Self {
        match self {
            Self::Polygon(ring) => Self::Polygon(map(ring, true)),
            Self::Circle(centre, radius_m) => Self::Circle(map(&[*centre], false)[0], *radius_m),
            Self::Corridor(line, half_m) => Self::Corridor(map(line, false), *half_m),
        }
    }

    fn turned(&self, degrees: f64) -> Self {
        self.mapped(|points, _| {
            let turn = |p: &Position| {
                let longitude_deg = (p.longitude_deg() + degrees + 540.0).rem_euclid(360.0) - 180.0;
                Position::new(p.latitude_deg(), longitude_deg).expect("a position")
            };
            points.iter().map(turn).collect()
        })
    }

    /// The same shape with a point added in every edge, on its geodesic.
    fn subdivided(&self, share: f64) -> Self {
        self.mapped(|points, closed| {
            let ends = points
                .iter()
                .skip(1)
                .chain(points.first().filter(|_| closed));
            let mut all = Vec::new();
            for (from, to) in points.iter().zip(ends) {
                let along_m = distance_m(*from, *to) * share;
                all.extend([*from, destination(*from, azimuth_deg(*from, *to), along_m)]);
            }
            if !closed {
                all.extend(points.last());
            }
            all
        })
    }
}

fn places() -> impl Strategy<Value = Position> {
    let latitudes = prop_oneof![4 => -85.0..85.0_f64, 1 => 89.0..90.0_f64, 1 => -90.0..-89.9_f64];
    let longitudes = prop_oneof![3 => -180.0..180.0_f64, 1 => 179.99..180.01_f64];
    (latitudes, longitudes).prop_map(|(lat, lon)| Position::new(lat, lon).expect("a position"))
}

fn sizes_m() -> impl Strategy<Value = f64> {
    (0.0..5.5_f64).prop_map(|power| 10_f64.powf(power))
}

/// A shape around a place: a star polygon, a circle or a corridor.
fn sketch(centre: Position, size_m: f64) -> impl Strategy<Value = Sketch> {
    let corner = move |(i, n, share): (usize, usize, f64)| {
        destination(centre, 360.0 * i as f64 / n as f64, size_m * share)
    };
    let shares = prop::collection::vec(0.3..1.0_f64, 3..12);
    let ring = move |shares: Vec<f64>| {
        let n = shares.len();
        let numbered = shares.into_iter().enumerate();
        numbered
            .map(|(i, share)| corner((i, n, share)))
            .collect::<Vec<_>>()
    };
    prop_oneof![
        shares.clone().prop_map(ring).prop_map(Sketch::Polygon),
        (0.05..1.0_f64).prop_map(move |share| Sketch::Circle(centre, size_m * share)),
        (shares, 0.05..0.3_f64)
            .prop_map(move |(shares, half)| Sketch::Corridor(ring(shares), size_m * half)),
    ]
}

/// Two shapes near each other.
fn pairs() -> impl Strategy<Value = (Sketch, Sketch)> {
    (places(), sizes_m(), sizes_m(), 0.0..360.0_f64, 0.0..2.5_f64).prop_flat_map(
        |(centre, size_m, other_m, azimuth_deg, share)| {
            let near = destination(centre, azimuth_deg, size_m * share + other_m * share / 2.0);
            (sketch(centre, size_m), sketch(near, other_m))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_earth_may_turn((a, b) in pairs(), degrees in -180.0..180.0_f64) {
        let here_m = separation_m(&a.footprint(), &b.footprint());
        let there_m = separation_m(&a.turned(degrees).footprint(), &b.turned(degrees).footprint());
        // Turning rounds the longitudes to 10⁻¹⁴ of a turn, some nanometres; contact itself may flip.
        prop_assert!((here_m - there_m).abs() < 0.000_6, "{here_m} {there_m}");
        prop_assert!((here_m - there_m).abs() < NOISE_M || here_m.min(there_m) == 0.0);
    }

    #[test]
    fn points_on_an_edge_change_nothing((a, b) in pairs(), share in 0.05..0.95_f64) {
        let whole_m = separation_m(&a.footprint(), &b.footprint());
        let cut_m = separation_m(&a.subdivided(share).footprint(), &b.footprint());
        prop_assert!((whole_m - cut_m).abs() < NOISE_M || whole_m.min(cut_m) == 0.0);
        prop_assert!((whole_m - cut_m).abs() < 0.000_6, "{whole_m} {cut_m}");
    }

    #[test]
    fn keeping_farther_out_never_frees((a, b) in pairs(), share in 0.0..1.5_f64) {
        let (a, b) = (a.footprint(), b.footprint());
        let apart_m = separation_m(&a, &b);
        let buffer_m = if apart_m == 0.0 { share * 1_000.0 } else { share * apart_m };
        let kept_m = separation_m(&a.kept_out(buffer_m), &b);
        let expected_m = (apart_m - buffer_m).max(0.0);
        prop_assert!((kept_m - expected_m).abs() < 0.000_6, "{apart_m} {buffer_m} {kept_m}");
        // The sum of the offsets rounds one way or the other.
        let other_m = separation_m(&a, &b.kept_out(buffer_m));
        prop_assert!((kept_m - other_m).abs() < NOISE_M || kept_m.min(other_m) == 0.0);
    }

    #[test]
    fn what_holds_a_shape_is_no_farther_than_it((a, b) in pairs(), (c, _) in pairs()) {
        let (a, b, c) = (a.footprint(), b.footprint(), c.footprint());
        let inner_m = separation_m(&a, &b);
        prop_assert!(separation_m(&a.kept_out(7.0), &b) <= inner_m);
        let both = [&a, &b].map(|shape| separation_m(shape, &c));
        prop_assert!(both.iter().all(|gap_m| gap_m.is_finite() && *gap_m >= 0.0));
    }

    #[test]
    fn an_outline_lies_on_its_footprint((a, _) in pairs()) {
        let footprint = a.footprint();
        let (wider, offset_m) = (footprint.kept_out(0.01), footprint.offset_m());
        let drawn = footprint.outline();
        prop_assert!(drawn.point().is_none() && !drawn.polygons().is_empty());
        for corner in drawn.polygons().iter().flatten().flatten() {
            // A ring around a pole is drawn along the pole, which belongs to the cut and not to the
            // outline: where a hole holds the pole, ring and hole both run there.
            if corner.latitude_deg.abs() == 90.0 {
                continue;
            }
            let place = Position::new(corner.latitude_deg, corner.longitude_deg).expect("a position");
            // Away from its centre a normal section strays from the geodesic with the cube of the distance.
            let slack_m = 1e-5 * offset_m;
            prop_assert!(wider.kept_out(slack_m).contains(place), "{corner:?}");
            prop_assert!(footprint.bounds().expanded(slack_m + 0.01).contains(place));
        }
    }

    #[test]
    fn a_point_is_a_circle_without_radius((a, _) in pairs(), (_, other) in pairs(), place in places()) {
        for footprint in [a.footprint(), other.footprint()] {
            let tiny = Footprint::circle(place, 0.01).expect("a circle").footprint;
            let gap_m = separation_m(&footprint, &tiny);
            prop_assert!(!footprint.contains(place) || gap_m == 0.0);
            prop_assert!(footprint.contains(place) || gap_m > 0.0 || footprint.kept_out(0.011).contains(place));
        }
    }

    #[test]
    fn no_points_break_it(
        points in prop::collection::vec(places(), 0..9),
        others in prop::collection::vec(places(), 0..9),
        kind in prop_oneof![Just(EdgeKind::Geodesic), Just(EdgeKind::Parallel), Just(EdgeKind::Rhumb)],
    ) {
        // A thirtieth of the globe is enough for parallels and rhumb lines, which are cut finely.
        let close = |p: &Position| {
            Position::new(p.latitude_deg(), p.longitude_deg() / 30.0).expect("a position")
        };
        let rings = [points.clone(), others.clone()];
        let narrow: Vec<Position> = points.iter().map(close).collect();
        let shapes = [
            Footprint::polygon(&rings, EdgeKind::Geodesic),
            Footprint::polygon(&[narrow], kind),
            Footprint::corridor(&others, 1_000.0, EdgeKind::Geodesic),
            Footprint::multi_polygon(&[vec![points], vec![others]], EdgeKind::Geodesic),
        ];
        let shapes: Vec<Footprint> = shapes.into_iter().flatten().map(|shaped| shaped.footprint).collect();
        for (a, b) in shapes.iter().zip(shapes.iter().skip(1)) {
            let apart_m = separation_m(a, b);
            prop_assert_eq!(a.overlap_outline(b).is_empty(), apart_m > 0.0);
            prop_assert!(a.area_m2() >= 0.0);
        }
    }
}
