//! The index against the plainest oracle there is: every volume compared with every other, exactly.

#![expect(clippy::unwrap_used, reason = "a test may end at the first surprise")]

use std::collections::BTreeMap;

use detente_deconfliction::{Index, Nearest, Scratch};
use detente_spacetime::{
    Altitude, AltitudeBand, EdgeKind, Footprint, Instant, Position, Proximity, Reference,
    VerticalAssumptions, VerticalRelation, Volume4D, Window, vertical_overlap,
};
use proptest::prelude::*;

const WORLD: VerticalAssumptions = VerticalAssumptions::WORLD;

fn position(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position::new(latitude_deg.clamp(-90.0, 90.0), longitude_deg).unwrap()
}

fn minutes(minutes: i64) -> Instant {
    Instant::from_micros(1_795_305_600_000_000 + minutes * 60_000_000).unwrap()
}

fn window(start: i64, end: Option<i64>) -> Window {
    Window::new(minutes(start), end.map(minutes)).unwrap()
}

fn ellipsoid_band(lower_m: f64, upper_m: f64) -> AltitudeBand {
    let height = |metres| Altitude::new(metres, Reference::Ellipsoid).unwrap();
    AltitudeBand::new(height(lower_m), height(upper_m)).unwrap()
}

/// A square with sides of a number of degrees of latitude, in the middle of the day.
fn square(latitude_deg: f64, longitude_deg: f64, side_deg: f64) -> Volume4D {
    let half = side_deg / 2.0;
    let corner =
        |north: f64, east: f64| position(latitude_deg + north * half, longitude_deg + east * half);
    let ring = vec![
        corner(-1.0, -1.0),
        corner(-1.0, 1.0),
        corner(1.0, 1.0),
        corner(1.0, -1.0),
    ];
    Volume4D {
        footprint: Footprint::polygon(&[ring], EdgeKind::Geodesic)
            .unwrap()
            .footprint,
        altitude: ellipsoid_band(0.0, 100.0),
        window: window(600, Some(720)),
    }
}

fn shares_height(a: &Volume4D, b: &Volume4D) -> bool {
    let (one, two) = (a.footprint.bounds(), b.footprint.bounds());
    let over = one.intersection(two).unwrap_or_else(|| one.union(two));
    matches!(
        vertical_overlap(&a.altitude, &b.altitude, &over, &WORLD),
        VerticalRelation::Overlap { .. }
    )
}

fn shares_time(a: &Volume4D, b: &Volume4D) -> bool {
    a.window.intersection(&b.window).is_some()
}

fn conflict(a: &Volume4D, b: &Volume4D) -> bool {
    shares_time(a, b) && shares_height(a, b) && a.footprint.overlaps(&b.footprint)
}

fn keys(index: &Index<u16>, asked: &Volume4D) -> Vec<u16> {
    index
        .conflicts(asked)
        .into_iter()
        .map(|conflict| conflict.key)
        .collect()
}

/// Everything the index answers about a world, against the oracle.
fn judge(
    index: &Index<u16>,
    world: &BTreeMap<u16, Volume4D>,
    asked: &[Volume4D],
) -> Result<(), TestCaseError> {
    prop_assert_eq!(index.len(), world.len());
    for asked in asked {
        let expected: Vec<u16> = world
            .iter()
            .filter(|(_, volume)| conflict(asked, volume))
            .map(|(key, _)| *key)
            .collect();
        prop_assert_eq!(keys(index, asked), expected);
        for max_m in [1_000.0, 200_000.0, f64::INFINITY] {
            prop_assert_eq!(index.nearest(asked, max_m), nearest(world, asked, max_m));
        }
    }
    let expected: Vec<(u16, u16)> = world
        .iter()
        .flat_map(|(a, one)| {
            world
                .range(a + 1..)
                .filter(|(_, two)| conflict(one, two))
                .map(|(b, _)| (*a, *b))
        })
        .collect();
    let pairs: Vec<(u16, u16)> = index
        .all_pairs()
        .into_iter()
        .map(|pair| (pair.first, pair.conflict.key))
        .collect();
    prop_assert_eq!(pairs, expected);
    Ok(())
}

fn nearest(world: &BTreeMap<u16, Volume4D>, asked: &Volume4D, max_m: f64) -> Option<Nearest<u16>> {
    world
        .iter()
        .filter(|(_, volume)| shares_time(asked, volume) && shares_height(asked, volume))
        .map(
            |(key, volume)| match asked.footprint.proximity(&volume.footprint) {
                Proximity::Overlap => Nearest {
                    key: *key,
                    separation_m: 0.0,
                },
                Proximity::Apart { separation_m } => Nearest {
                    key: *key,
                    separation_m,
                },
            },
        )
        .filter(|nearest| nearest.separation_m <= max_m)
        .min_by(|a, b| {
            a.separation_m
                .total_cmp(&b.separation_m)
                .then(a.key.cmp(&b.key))
        })
}

/// Places where worlds are crowded, so that things meet: ordinary, across the antimeridian, around both poles.
fn crowd() -> impl Strategy<Value = (f64, f64)> {
    prop_oneof![
        Just((35.0, 36.0)),
        Just((10.0, 179.9)),
        Just((89.8, 40.0)),
        Just((-89.9, -100.0)),
        Just((-60.0, -179.95))
    ]
}

fn altitude() -> impl Strategy<Value = AltitudeBand> {
    let height = |reference| move |metres: f64| Altitude::new(metres, reference).unwrap();
    let band = |reference| {
        (0.0..3_000.0, 0.0..500.0).prop_map(move |(lower, thickness): (f64, f64)| {
            AltitudeBand::new(
                height(reference)(lower.round()),
                height(reference)((lower + thickness).round()),
            )
            .unwrap()
        })
    };
    prop_oneof![
        4 => band(Reference::Ellipsoid),
        1 => band(Reference::MeanSeaLevel),
        1 => band(Reference::AboveGround),
        1 => (0_u16..200, 0_u16..100).prop_map(|(lower, thickness)| AltitudeBand::new(
            Altitude::flight_level(lower.into()).unwrap(), Altitude::flight_level((lower + thickness).into()).unwrap(),
        ).unwrap()),
        1 => Just(AltitudeBand::EVERY_HEIGHT),
        1 => (0.0..1_000.0).prop_map(move |upper| AltitudeBand::new(
            Altitude::SURFACE, Altitude::new(upper, Reference::AboveGround).unwrap(),
        ).unwrap()),
    ]
}

fn times() -> impl Strategy<Value = Window> {
    // Whole hours, so that windows often touch.
    (0_i64..20, 1_i64..4, prop::bool::weighted(0.1)).prop_map(|(start, hours, endless)| {
        window(start * 60, (!endless).then_some((start + hours) * 60))
    })
}

fn footprint(centre: (f64, f64)) -> impl Strategy<Value = Footprint> {
    let size_deg = prop_oneof![3 => 0.001..0.1, 1 => 0.1..2.0];
    (
        -0.5..0.5_f64,
        -0.5..0.5_f64,
        size_deg,
        prop::collection::vec(0.3..1.0, 3..12),
        0_u8..6,
    )
        .prop_map(
            move |(north, east, size_deg, spread, kind): (f64, f64, f64, Vec<f64>, u8)| {
                let (latitude, longitude) = (centre.0 + north, centre.1 + east);
                let widen = 1.0 / latitude.clamp(-88.0, 88.0).to_radians().cos();
                let ring: Vec<Position> = (0..)
                    .zip(&spread)
                    .map(|(i, share)| {
                        let angle = std::f64::consts::TAU * f64::from(i) / spread.len() as f64;
                        let (y, x) = (
                            size_deg * share * angle.sin(),
                            size_deg * share * angle.cos() * widen,
                        );
                        position(latitude + y, longitude + x)
                    })
                    .collect();
                let at = position(latitude, longitude);
                let radius_m = size_deg * 50_000.0;
                let circle = || Footprint::circle(at, radius_m).unwrap().footprint;
                let polygon =
                    || Footprint::polygon(std::slice::from_ref(&ring), EdgeKind::Geodesic);
                match kind {
                    0 => circle(),
                    1 => Footprint::corridor(&ring, radius_m * 0.1, EdgeKind::Geodesic)
                        .map_or_else(|_| circle(), |s| s.footprint),
                    2 => polygon()
                        .map_or_else(|_| circle(), |s| s.footprint.kept_out(radius_m * 0.2)),
                    _ => polygon().map_or_else(|_| circle(), |s| s.footprint),
                }
            },
        )
}

fn volume(centre: (f64, f64)) -> impl Strategy<Value = Volume4D> {
    (footprint(centre), altitude(), times()).prop_map(|(footprint, altitude, window)| Volume4D {
        footprint,
        altitude,
        window,
    })
}

/// One change of the index: a key with its new volume, or without one.
type Change = (u16, Option<Volume4D>);

fn changes() -> impl Strategy<Value = (Vec<Change>, Vec<Volume4D>)> {
    crowd().prop_flat_map(|centre| {
        let change = (0_u16..60, prop::option::weighted(0.8, volume(centre)));
        (
            prop::collection::vec(change, 0..120),
            prop::collection::vec(volume(centre), 1..4),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_the_oracles_through_any_changes((changes, asked) in changes(), at_once in prop::bool::ANY) {
        let (mut index, mut world) = (Index::new(WORLD), BTreeMap::new());
        let (first, later) = changes.split_at(changes.len() / 2);
        for (key, volume) in first.iter().filter_map(|(key, volume)| Some((key, volume.as_ref()?))) {
            world.insert(*key, volume.clone());
        }
        if at_once {
            index.insert_all(world.iter().map(|(key, volume)| (*key, volume)));
        } else {
            for (key, volume) in &world {
                prop_assert!(index.insert(*key, volume).is_none());
            }
        }
        for (key, volume) in later {
            let before = match volume {
                Some(volume) => {
                    world.insert(*key, volume.clone());
                    index.insert(*key, volume)
                }
                None => {
                    world.remove(key);
                    index.remove(key)
                }
            };
            prop_assert!(before.is_none() || index.get(key).is_some() == volume.is_some());
        }
        judge(&index, &world, &asked)?;
    }

    #[test]
    fn the_answer_does_not_depend_on_who_asks(a in volume((35.0, 36.0)), b in volume((35.0, 36.0))) {
        let of = |held: &Volume4D, asked: &Volume4D| {
            let mut index = Index::new(WORLD);
            index.insert(7_u16, held);
            (index.conflicts(asked), index.nearest(asked, f64::INFINITY))
        };
        prop_assert_eq!(of(&a, &b), of(&b, &a));
    }
}

#[test]
fn an_empty_index_answers() {
    let index = Index::<u16>::new(WORLD);
    let asked = square(35.0, 36.0, 0.1);
    assert!(index.is_empty());
    assert!(index.conflicts(&asked).is_empty());
    assert!(index.all_pairs().is_empty());
    assert_eq!(index.nearest(&asked, f64::INFINITY), None);
}

#[test]
fn an_index_emptied_again_answers() {
    let mut index = Index::new(WORLD);
    let squares: Vec<Volume4D> = (0..600)
        .map(|i| square(35.0, 36.0 + f64::from(i) * 0.01, 0.02))
        .collect();
    for (key, volume) in (0_u16..).zip(&squares) {
        index.insert(key, volume);
    }
    assert_eq!(keys(&index, &squares[300]), [298, 299, 300, 301, 302]);
    for key in 0..600 {
        assert!(index.remove(&key).is_some());
        assert!(index.remove(&key).is_none());
    }
    assert!(index.is_empty());
    assert!(index.conflicts(&squares[300]).is_empty());
    index.insert(1, &squares[300]);
    assert_eq!(keys(&index, &squares[300]), [1]);
}

#[test]
fn equal_volumes_under_different_keys_are_all_found() {
    let (mut index, same) = (Index::new(WORLD), square(35.0, 36.0, 0.1));
    for key in 0_u16..1_000 {
        index.insert(key, &same);
    }
    assert_eq!(keys(&index, &same), (0..1_000).collect::<Vec<_>>());
    assert_eq!(
        index.nearest(&same, 0.0),
        Some(Nearest {
            key: 0,
            separation_m: 0.0
        })
    );
    assert_eq!(index.all_pairs().len(), 1_000 * 999 / 2);
}

#[test]
fn inserting_a_key_again_replaces_its_volume() {
    let mut index = Index::new(WORLD);
    index.insert(1_u16, &square(35.0, 36.0, 0.1));
    assert!(index.insert(1, &square(40.0, 36.0, 0.1)).is_some());
    assert_eq!(index.len(), 1);
    assert!(index.conflicts(&square(35.0, 36.0, 0.1)).is_empty());
    assert_eq!(keys(&index, &square(40.0, 36.0, 0.1)), [1]);
}

#[test]
fn a_shape_across_the_antimeridian_is_one_answer() {
    let mut index = Index::new(WORLD);
    index.insert(1_u16, &square(10.0, 180.0, 1.0));
    assert_eq!(keys(&index, &square(10.0, -179.6, 0.3)), [1]);
    assert_eq!(keys(&index, &square(10.0, 179.6, 0.3)), [1]);
    assert_eq!(keys(&index, &square(10.0, 180.0, 3.0)), [1]);
    assert!(index.conflicts(&square(10.0, 0.0, 3.0)).is_empty());
}

#[test]
fn windows_that_touch_do_not_conflict_and_bands_that_touch_do() {
    let held = square(35.0, 36.0, 0.1);
    let mut index = Index::new(WORLD);
    index.insert(1_u16, &held);
    let after = Volume4D {
        window: window(720, None),
        ..held.clone()
    };
    assert!(index.conflicts(&after).is_empty());
    let above = Volume4D {
        altitude: ellipsoid_band(100.0, 200.0),
        ..held.clone()
    };
    assert_eq!(keys(&index, &above), [1]);
    let clear = Volume4D {
        altitude: ellipsoid_band(100.01, 200.0),
        ..held
    };
    assert!(index.conflicts(&clear).is_empty());
}

#[test]
fn the_extent_of_a_conflict_is_what_both_share() {
    let held = square(35.0, 36.0, 0.1);
    let mut index = Index::new(WORLD);
    index.insert(1_u16, &held);
    let asked = Volume4D {
        altitude: ellipsoid_band(40.0, 300.0),
        window: window(700, None),
        ..held
    };
    let conflicts = index.conflicts(&asked);
    assert_eq!(conflicts.len(), 1);
    assert_eq!((conflicts[0].lower_m, conflicts[0].upper_m), (40.0, 100.0));
    assert_eq!(conflicts[0].window, window(700, Some(720)));
    assert!(conflicts[0].certain && conflicts[0].widenings.is_empty());
}

#[test]
fn a_keep_out_is_a_volume_like_others() {
    let hospital = position(36.2, 37.1);
    let footprint = Footprint::circle(hospital, 50.0)
        .unwrap()
        .footprint
        .kept_out(500.0 + 100.0);
    let keep_out = Volume4D {
        footprint,
        altitude: AltitudeBand::EVERY_HEIGHT,
        window: window(0, None),
    };
    let mut index = Index::new(WORLD);
    index.insert(1_u16, &keep_out);
    let near = square(36.2, 37.11, 0.01);
    let separation_m = index.nearest(&near, 1_000.0).unwrap().separation_m;
    assert_eq!(separation_m, 0.0);
    assert_eq!(keys(&index, &near), [1]);
    let far = square(36.2, 37.2, 0.01);
    assert!(index.conflicts(&far).is_empty());
    assert_eq!(index.nearest(&far, 1_000.0), None);
    let nearest = index.nearest(&far, 10_000.0).unwrap();
    assert!(
        (7_000.0..9_000.0).contains(&nearest.separation_m),
        "{nearest:?}"
    );
}

#[test]
fn a_hundred_thousand_come_one_by_one() {
    let mut index = Index::new(WORLD);
    let place = |i: u32| {
        (
            30.0 + f64::from(i % 317) * 0.03,
            20.0 + f64::from(i / 317) * 0.03,
        )
    };
    let side_deg = 0.02;
    for key in 0..100_000 {
        let (latitude, longitude) = place(key);
        index.insert(key, &square(latitude, longitude, side_deg));
    }
    assert_eq!(index.len(), 100_000);
    let (mut scratch, mut found) = (Scratch::default(), Vec::new());
    for key in (0..100_000).step_by(997) {
        let (latitude, longitude) = place(key);
        index.conflicts_into(
            &square(latitude, longitude, side_deg),
            &mut scratch,
            &mut found,
        );
        assert_eq!(
            found
                .iter()
                .map(|conflict| conflict.key)
                .collect::<Vec<_>>(),
            [key]
        );
    }
    for key in (0..100_000).filter(|key| key % 3 != 0) {
        assert!(index.remove(&key).is_some());
    }
    let (latitude, longitude) = place(50_000);
    index.conflicts_into(&square(latitude, longitude, 0.1), &mut scratch, &mut found);
    assert!(!found.is_empty() && found.iter().all(|conflict| conflict.key % 3 == 0));
}
