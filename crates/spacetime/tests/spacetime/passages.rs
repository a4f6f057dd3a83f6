//! Stretches of a way in a footprint, against a dense row of points asked one by one.

use detente_spacetime::{
    EdgeKind, Footprint, Leg, Passage, Position,
    geodesic::{azimuth_deg, destination, distance_m},
};

fn at(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position::new(latitude_deg, longitude_deg).expect("a position")
}

/// Numbers that are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.word() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn pick(&mut self, count: u64) -> u64 {
        self.word() % count
    }
}

/// A shape of about `size_m` metres around `centre`: a star with a hole, a corridor or a circle.
fn shape(numbers: &mut Numbers, centre: Position, size_m: f64) -> Footprint {
    let ring = |numbers: &mut Numbers, from: f64, to: f64| {
        let corners = 3 + numbers.pick(20);
        let mut ring: Vec<Position> = (0..corners)
            .map(|corner| {
                let azimuth = 360.0 - 360.0 * corner as f64 / corners as f64;
                destination(centre, azimuth, size_m * numbers.between(from, to))
            })
            .collect();
        ring.push(ring[0]);
        ring
    };
    let shaped = match numbers.pick(4) {
        0 => Footprint::circle(centre, size_m),
        1 => {
            let line: Vec<Position> = (0..2 + numbers.pick(6))
                .map(|_| {
                    let azimuth = numbers.between(0.0, 360.0);
                    destination(centre, azimuth, size_m * numbers.between(0.1, 1.0))
                })
                .collect();
            Footprint::corridor(
                &line,
                size_m * numbers.between(0.01, 0.3),
                EdgeKind::Geodesic,
            )
        }
        2 => {
            let rings = [ring(numbers, 0.5, 1.0), ring(numbers, 0.02, 0.2)];
            Footprint::polygon(&rings, EdgeKind::Geodesic)
        }
        _ => Footprint::polygon(&[ring(numbers, 0.2, 1.0)], EdgeKind::Geodesic),
    };
    shaped.expect("a shape").footprint
}

fn somewhere(numbers: &mut Numbers) -> Position {
    match numbers.pick(6) {
        0 => at(numbers.between(89.9, 90.0), numbers.between(-180.0, 180.0)),
        1 => at(
            numbers.between(-80.0, 80.0),
            numbers.between(179.95, 180.05),
        ),
        2 => at(numbers.between(-0.1, 0.1), numbers.between(-180.0, 180.0)),
        _ => at(numbers.between(-89.0, 89.0), numbers.between(-180.0, 180.0)),
    }
}

fn says_inside(passages: &[Passage], share: f64) -> bool {
    passages
        .iter()
        .any(|passage| passage.enters <= share && share <= passage.leaves)
}

/// Whether the boundary is within a centimetre of a place.
fn at_boundary(footprint: &Footprint, place: Position) -> bool {
    let inside = footprint.contains(place);
    (0..16)
        .any(|step| footprint.contains(destination(place, f64::from(step) * 22.5, 0.01)) != inside)
}

/// Asks `samples` points of the leg one by one; returns how many stretches they see.
fn check_against_points(footprint: &Footprint, leg: &Leg, samples: u32) -> usize {
    let passages = footprint.passages(leg);
    for pair in passages.windows(2) {
        assert!(pair[0].leaves < pair[1].enters, "{passages:?}");
    }
    let mut seen = 0;
    let mut before = false;
    for sample in 0..=samples {
        let share = f64::from(sample) / f64::from(samples);
        let place = leg.at(share).expect("a place");
        let inside = footprint.contains(place);
        if inside != says_inside(&passages, share) {
            assert!(
                at_boundary(footprint, place),
                "{footprint:?} {leg:?} at {share}: {inside}, {passages:?}"
            );
        }
        seen += usize::from(inside && !before);
        before = inside;
    }
    for passage in &passages {
        for (share, bound) in [(passage.enters, 0.0), (passage.leaves, 1.0)] {
            let place = leg.at(share).expect("a place");
            assert!(
                share == bound || at_boundary(footprint, place),
                "{footprint:?} {share}"
            );
        }
    }
    seen
}

#[test]
fn points_asked_one_by_one_agree_with_the_stretches() {
    let mut numbers = Numbers(1);
    let mut seen = 0;
    for _ in 0..1_500 {
        let centre = somewhere(&mut numbers);
        let size_m = 10_f64.powf(numbers.between(1.0, 5.3));
        let footprint = shape(&mut numbers, centre, size_m);
        for _ in 0..2 {
            let end = |numbers: &mut Numbers| {
                let away_m = size_m * numbers.between(0.0, 2.0);
                destination(centre, numbers.between(0.0, 360.0), away_m)
            };
            let leg = Leg::new(end(&mut numbers), end(&mut numbers)).expect("a leg");
            seen += check_against_points(&footprint, &leg, 100);
        }
    }
    assert!(seen > 1_500, "the legs miss the shapes: {seen}");
}

/// Ways that pass a corner, an edge or a rim by millimetres.
#[test]
fn a_graze_is_told_from_a_miss_to_the_centimetre() {
    let mut numbers = Numbers(2);
    for _ in 0..400 {
        let centre = somewhere(&mut numbers);
        let radius_m = 10_f64.powf(numbers.between(0.0, 4.5));
        let circle = Footprint::circle(centre, radius_m)
            .expect("a circle")
            .footprint;
        let half_m = 10_f64.powf(numbers.between(0.0, 4.5));
        for past_m in [-0.1, -0.02, -0.01, -0.005, 0.005, 0.01, 0.02, 0.1] {
            let nearest = destination(centre, numbers.between(0.0, 360.0), radius_m + past_m);
            let across = azimuth_deg(nearest, centre) + 90.0;
            let leg = Leg::new(
                destination(nearest, across, half_m),
                destination(nearest, across + 180.0, half_m * numbers.between(0.1, 1.0)),
            )
            .expect("a leg");
            assert_eq!(
                circle.passages(&leg).len(),
                usize::from(past_m < 0.0),
                "{centre:?} {radius_m} {past_m}"
            );
        }
    }
}

#[test]
fn a_corner_cut_by_a_centimetre_is_seen_and_a_corner_missed_by_one_is_not() {
    let mut numbers = Numbers(3);
    for _ in 0..400 {
        let corner = somewhere(&mut numbers);
        let ahead = numbers.between(0.0, 360.0);
        let size_m = 10_f64.powf(numbers.between(1.0, 4.5));
        let triangle = [
            corner,
            destination(corner, ahead + 150.0, size_m),
            destination(corner, ahead + 210.0, size_m),
            corner,
        ];
        let triangle = Footprint::polygon(&[triangle.to_vec()], EdgeKind::Geodesic)
            .expect("a triangle")
            .footprint;
        for past_m in [-0.05, -0.01, -0.002, 0.002, 0.01, 0.05] {
            let passed = destination(corner, ahead, past_m);
            let leg = Leg::new(
                destination(passed, ahead + 90.0, size_m),
                destination(passed, ahead - 90.0, size_m),
            )
            .expect("a leg");
            let count = triangle.passages(&leg).len();
            assert_eq!(
                count,
                usize::from(past_m < 0.0),
                "{corner:?} {size_m} {past_m}"
            );
        }
    }
}

#[test]
fn in_and_out_and_in_gives_every_stretch() {
    // A comb with three teeth, crossed by a way through all of them.
    let comb = [
        (0.0, 0.0),
        (0.0, 0.05),
        (0.02, 0.05),
        (0.02, 0.04),
        (0.01, 0.04),
        (0.01, 0.03),
        (0.02, 0.03),
        (0.02, 0.02),
        (0.01, 0.02),
        (0.01, 0.01),
        (0.02, 0.01),
        (0.02, 0.0),
        (0.0, 0.0),
    ];
    let ring: Vec<Position> = comb.iter().map(|&(lat, lon)| at(lat, lon)).collect();
    let comb = Footprint::polygon(&[ring], EdgeKind::Geodesic)
        .expect("a comb")
        .footprint;
    let leg = Leg::new(at(0.015, -0.01), at(0.015, 0.06)).expect("a leg");
    let shares: Vec<f64> = comb
        .passages(&leg)
        .iter()
        .flat_map(|passage| [passage.enters, passage.leaves])
        .collect();
    let tooth_m = distance_m(at(0.0, 0.0), at(0.0, 0.01));
    let expected: Vec<f64> = (1..=6).map(|tooth| f64::from(tooth) / 7.0).collect();
    assert_eq!(shares.len(), expected.len());
    for (share, expected) in shares.iter().zip(expected) {
        assert!(
            (share - expected).abs() * 7.0 * tooth_m < 0.01,
            "{share} {expected}"
        );
    }
}

#[test]
fn standing_still_is_inside_or_outside_as_a_whole() {
    let circle = Footprint::circle(at(36.0, 37.0), 100.0)
        .expect("a circle")
        .footprint;
    let stay = |latitude| Leg::new(at(latitude, 37.0), at(latitude, 37.0)).expect("a leg");
    let whole = Passage {
        enters: 0.0,
        leaves: 1.0,
    };
    assert_eq!(circle.passages(&stay(36.0)).as_slice(), [whole]);
    assert!(circle.passages(&stay(36.1)).is_empty());
}

#[test]
fn there_is_no_way_to_the_other_side_of_the_earth() {
    assert!(Leg::new(at(10.0, 20.0), at(-10.0, -160.0)).is_err());
}
