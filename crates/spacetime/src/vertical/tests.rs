//! Tests of the vertical relation, with worlds drawn at random as the judge.

use proptest::prelude::*;

use super::*;
use crate::position::Position;

const WORLD: VerticalAssumptions = VerticalAssumptions::WORLD;

fn at(value_m: f64, reference: Reference) -> Altitude {
    match reference {
        Reference::Surface => Altitude::SURFACE,
        Reference::Unlimited => Altitude::UNLIMITED,
        _ => Altitude::new(value_m, reference).unwrap(),
    }
}

fn w84(value_m: f64) -> Altitude {
    at(value_m, Reference::Ellipsoid)
}

fn msl(value_m: f64) -> Altitude {
    at(value_m, Reference::MeanSeaLevel)
}

fn agl(value_m: f64) -> Altitude {
    at(value_m, Reference::AboveGround)
}

fn level(level: f64) -> Altitude {
    Altitude::flight_level(level).unwrap()
}

fn band(lower: Altitude, upper: Altitude) -> AltitudeBand {
    AltitudeBand::new(lower, upper).unwrap()
}

fn aleppo() -> GeoBox {
    GeoBox::around(Position::new(36.2, 37.1).unwrap(), 5_000.0)
}

/// The relation of two bands, checked to be the same the other way round.
fn relation(
    a: AltitudeBand,
    b: AltitudeBand,
    assumptions: &VerticalAssumptions,
) -> VerticalRelation {
    let relation = vertical_overlap(&a, &b, &aleppo(), assumptions);
    assert_eq!(relation, vertical_overlap(&b, &a, &aleppo(), assumptions));
    relation
}

fn gap_m(a: AltitudeBand, b: AltitudeBand) -> Option<f64> {
    match relation(a, b, &WORLD) {
        VerticalRelation::Apart { gap_m, .. } => Some(gap_m),
        VerticalRelation::Overlap { .. } => None,
    }
}

fn is_certain(a: AltitudeBand, b: AltitudeBand) -> bool {
    matches!(
        relation(a, b, &WORLD),
        VerticalRelation::Overlap { certain: true, .. }
    )
}

fn told(relation: &VerticalRelation) -> Vec<String> {
    let (VerticalRelation::Overlap { widenings, .. } | VerticalRelation::Apart { widenings, .. }) =
        relation;
    widenings.iter().map(ToString::to_string).collect()
}

#[test]
fn one_reference_is_compared_as_written_to_the_centimetre() {
    for reference in [
        Reference::Ellipsoid,
        Reference::MeanSeaLevel,
        Reference::Pressure,
        Reference::AboveGround,
    ] {
        let below = band(at(100.0, reference), at(200.0, reference));
        let from = |m| band(at(m, reference), at(m + 50.0, reference));
        assert!(is_certain(below, from(200.0)), "touching");
        assert!(is_certain(below, from(199.99)));
        let gap_m = gap_m(below, from(200.01)).unwrap();
        assert!((gap_m - 0.01).abs() < 1e-9, "{gap_m}");
        assert!(told(&relation(below, from(200.01), &WORLD)).is_empty());
    }
    assert_eq!(
        gap_m(
            band(level(250.0), level(260.0)),
            band(level(270.0), level(280.0))
        ),
        Some(8_229.6 - 7_924.8)
    );
    let feet = Altitude::from_feet(25_000.0, Reference::Pressure).unwrap();
    assert!(is_certain(
        band(level(240.0), feet),
        band(level(250.0), level(260.0))
    ));
}

#[test]
fn sea_level_and_ellipsoid_differ_by_the_geoid() {
    // Near Aleppo mean sea level is about 27 m above the ellipsoid.
    let sea = band(msl(100.0), msl(200.0));
    assert!(is_certain(sea, band(w84(150.0), w84(160.0))));
    assert!(gap_m(sea, band(w84(0.0), w84(116.0))).is_some_and(|gap_m| gap_m > 8.0));
    assert_eq!(gap_m(sea, band(w84(0.0), w84(127.0))), None);
    assert!(
        !is_certain(sea, band(w84(0.0), w84(127.0))),
        "within the error of the geoid"
    );
    assert!(is_certain(sea, band(w84(0.0), w84(135.0))));
}

#[test]
fn sea_level_pressure_and_ground_are_compared_without_the_geoid() {
    let assumptions = VerticalAssumptions {
        terrain_min_m: 300.0,
        terrain_max_m: 500.0,
        ..WORLD
    };
    let drone = band(Altitude::SURFACE, agl(120.0));
    let apart = relation(drone, band(msl(620.01), msl(900.0)), &assumptions);
    assert!(matches!(apart, VerticalRelation::Apart { gap_m, .. } if (gap_m - 0.01).abs() < 1e-9));
    let touching = relation(drone, band(msl(620.0), msl(900.0)), &assumptions);
    assert!(matches!(
        touching,
        VerticalRelation::Overlap { certain: false, .. }
    ));
}

#[test]
fn nothing_lies_below_the_surface_or_above_no_limit() {
    for other in [
        band(w84(-50_000.0), w84(-40_000.0)),
        band(w84(90_000.0), w84(100_000.0)),
        band(msl(-1_000.0), msl(-900.0)),
        band(agl(-30.0), agl(-20.0)),
        band(level(0.0), level(999.0)),
        band(Altitude::SURFACE, Altitude::SURFACE),
        AltitudeBand::EVERY_HEIGHT,
    ] {
        assert!(is_certain(AltitudeBand::EVERY_HEIGHT, other), "{other}");
    }
    // The ground itself, against what begins above it.
    let ground = band(Altitude::SURFACE, Altitude::SURFACE);
    assert_eq!(gap_m(ground, band(agl(10.0), agl(20.0))), Some(10.0));
    assert!(is_certain(ground, band(agl(0.0), agl(20.0))));
}

#[test]
fn a_level_without_pressure_is_wide_and_the_answer_says_so() {
    let airway = band(level(250.0), level(260.0));
    let answer = relation(airway, band(msl(6_000.0), msl(7_000.0)), &WORLD);
    let VerticalRelation::Overlap {
        lower_m,
        upper_m,
        certain,
        ..
    } = answer
    else {
        panic!("{answer:?}");
    };
    assert!(!certain);
    assert!((6_000.0..6_050.0).contains(&lower_m) && (7_000.0..7_050.0).contains(&upper_m));
    assert_eq!(
        told(&answer),
        [
            "FL250 without QNH taken as 4 800 to 9 700 m above the ellipsoid",
            "FL260 without QNH taken as 5 100 to 10 100 m above the ellipsoid",
            "6 000 m MSL by EGM96 taken as 6 025.6 to 6 028.3 m above the ellipsoid",
            "7 000 m MSL by EGM96 taken as 7 025.6 to 7 028.3 m above the ellipsoid",
        ]
    );
    // Twenty thousand feet are well clear of three thousand metres whatever the weather.
    assert!(
        gap_m(
            band(level(200.0), level(210.0)),
            band(msl(0.0), msl(3_000.0))
        )
        .is_some()
    );
}

#[test]
fn an_agreement_that_knows_its_weather_and_ground_is_told_less() {
    let levant = VerticalAssumptions {
        terrain_min_m: -430.0,
        terrain_max_m: 2_850.0,
        qnh_min_hpa: 990.0,
        qnh_max_hpa: 1_040.0,
        isa_deviation_min_k: -25.0,
        isa_deviation_max_k: 30.0,
    };
    let airway = band(level(250.0), level(260.0)).ellipsoid(&aleppo(), &levant);
    let words: Vec<String> = airway.widenings.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "FL250 without QNH taken as 6 700 to 8 800 m above the ellipsoid",
            "FL260 without QNH taken as 6 900 to 9 200 m above the ellipsoid",
        ]
    );
    assert!(airway.lower_m > 6_700.0 && airway.upper_m < 9_200.0);
}

#[test]
fn mixed_bands_are_judged_limit_by_limit() {
    // From a height above ground up to a level, as much controlled airspace is.
    let area = band(agl(300.0), level(100.0));
    assert_eq!(
        gap_m(area, band(Altitude::SURFACE, agl(120.0))),
        Some(180.0)
    );
    assert_eq!(
        gap_m(area, band(level(110.0), level(120.0))),
        Some(3_352.8 - 3_048.0)
    );
    assert_eq!(gap_m(area, band(agl(300.0), agl(400.0))), None);
    assert_eq!(gap_m(area, band(msl(2_000.0), msl(2_100.0))), None);
    assert!(gap_m(area, band(w84(9_000.0), w84(9_100.0))).is_some());
}

#[test]
fn a_band_upside_down_is_taken_as_all_between_its_limits() {
    let high = VerticalAssumptions {
        terrain_min_m: 1_000.0,
        terrain_max_m: 1_500.0,
        ..WORLD
    };
    let slip = band(agl(3_000.0), msl(3_000.0));
    assert!(slip.is_upside_down(&aleppo(), &high));
    assert!(!slip.is_upside_down(&aleppo(), &WORLD));
    let answer = relation(slip, band(msl(3_500.0), msl(3_600.0)), &high);
    assert!(
        matches!(answer, VerticalRelation::Overlap { certain: false, .. }),
        "{answer:?}"
    );
    assert!(told(&answer).contains(
        &"3 000 m AGL to 3 000 m MSL is upside down everywhere it applies, taken as all heights between its limits"
            .to_owned()
    ));
    let EllipsoidBand {
        lower_m, upper_m, ..
    } = slip.ellipsoid(&aleppo(), &high);
    assert!(
        lower_m < 3_030.0 && upper_m > 4_500.0,
        "{lower_m} {upper_m}"
    );
    assert!(band(level(600.0), msl(1_000.0)).is_upside_down(&aleppo(), &WORLD));
}

#[test]
fn assumptions_that_are_none_are_the_worlds() {
    let broken = VerticalAssumptions {
        terrain_min_m: f64::NAN,
        terrain_max_m: f64::INFINITY,
        qnh_min_hpa: f64::NEG_INFINITY,
        qnh_max_hpa: f64::NAN,
        isa_deviation_min_k: f64::NAN,
        isa_deviation_max_k: f64::NAN,
    };
    let turned = VerticalAssumptions {
        terrain_min_m: WORLD.terrain_max_m,
        terrain_max_m: WORLD.terrain_min_m,
        qnh_min_hpa: WORLD.qnh_max_hpa,
        qnh_max_hpa: WORLD.qnh_min_hpa,
        isa_deviation_min_k: WORLD.isa_deviation_max_k,
        isa_deviation_max_k: WORLD.isa_deviation_min_k,
    };
    let (one, two) = (
        band(agl(100.0), level(100.0)),
        band(msl(1_000.0), w84(2_000.0)),
    );
    for assumptions in [broken, turned] {
        assert_eq!(relation(one, two, &assumptions), relation(one, two, &WORLD));
    }
    let vacuum = VerticalAssumptions {
        qnh_min_hpa: -5.0,
        qnh_max_hpa: 0.0,
        ..WORLD
    };
    let EllipsoidBand {
        lower_m, upper_m, ..
    } = one.ellipsoid(&aleppo(), &vacuum);
    assert!(lower_m.is_finite() && upper_m.is_finite());
}

/// One way the world may be at one place and time.
#[derive(Clone, Debug)]
struct Weather {
    ground_msl_m: f64,
    undulation_m: f64,
    qnh_hpa: f64,
    isa_deviation_k: f64,
}

impl Weather {
    /// The true height of a limit above the ellipsoid, by formulas of its own.
    fn height_m(&self, limit: Altitude) -> f64 {
        let value_m = limit.value_m();
        match limit.reference() {
            Reference::Ellipsoid => value_m,
            Reference::MeanSeaLevel => self.undulation_m + value_m,
            Reference::Pressure => self.undulation_m + self.level_msl_m(value_m),
            Reference::AboveGround | Reference::Surface => {
                self.undulation_m + self.ground_msl_m + value_m
            }
            Reference::Unlimited => f64::INFINITY,
        }
    }

    /// The height of a pressure level above mean sea level: hydrostatic steps from the sea up, each as thick as its air is
    /// warm.
    fn level_msl_m(&self, pressure_altitude_m: f64) -> f64 {
        const STEPS: i32 = 400;
        // The standard pressure at a pressure altitude below 11 km, as ICAO Doc 7488 gives it.
        let top_hpa = 1_013.25 * (1.0 - 2.255_769e-5 * pressure_altitude_m).powf(5.255_88);
        let step = (self.qnh_hpa / top_hpa).ln() / f64::from(STEPS);
        (0..STEPS)
            .map(|index| {
                let pressure_hpa = self.qnh_hpa * (-(f64::from(index) + 0.5) * step).exp();
                let standard_k = 288.15 * (pressure_hpa / 1_013.25).powf(0.190_263);
                29.271_27 * (standard_k + self.isa_deviation_k) * step
            })
            .sum()
    }

    /// Whether both bands hold one height in this world; the surface and what lies below it belong together.
    fn share_a_height(&self, a: &AltitudeBand, b: &AltitudeBand) -> bool {
        let ends = |band: &AltitudeBand| {
            let lower_m = match band.lower().reference() {
                Reference::Surface => f64::NEG_INFINITY,
                _ => self.height_m(band.lower()),
            };
            (lower_m, self.height_m(band.upper()))
        };
        let ((a_lower_m, a_upper_m), (b_lower_m, b_upper_m)) = (ends(a), ends(b));
        a_lower_m.max(b_lower_m) <= a_upper_m.min(b_upper_m)
    }
}

/// Some assumptions, and a world that is as they say.
fn worlds() -> impl Strategy<Value = (VerticalAssumptions, Weather)> {
    let range = |least: f64, greatest: f64| {
        (least..=greatest, least..=greatest, 0.0..=1.0_f64)
            .prop_map(|(one, two, share)| (one.min(two), one.max(two), one + (two - one) * share))
    };
    (
        range(WORLD.terrain_min_m, WORLD.terrain_max_m),
        range(WORLD.qnh_min_hpa, WORLD.qnh_max_hpa),
        range(WORLD.isa_deviation_min_k, WORLD.isa_deviation_max_k),
        0.0..=1.0_f64,
    )
        .prop_map(|(terrain, qnh, isa, share)| {
            let (least_m, greatest_m) = undulation_range_m(&aleppo());
            let assumptions = VerticalAssumptions {
                terrain_min_m: terrain.0,
                terrain_max_m: terrain.1,
                qnh_min_hpa: qnh.0,
                qnh_max_hpa: qnh.1,
                isa_deviation_min_k: isa.0,
                isa_deviation_max_k: isa.1,
            };
            let weather = Weather {
                ground_msl_m: terrain.2,
                undulation_m: least_m + (greatest_m - least_m) * share,
                qnh_hpa: qnh.2,
                isa_deviation_k: isa.2,
            };
            (assumptions, weather)
        })
}

fn limits() -> impl Strategy<Value = Altitude> {
    let valued = prop_oneof![
        Just(Reference::Ellipsoid),
        Just(Reference::MeanSeaLevel),
        Just(Reference::Pressure),
        Just(Reference::AboveGround),
    ];
    let heights = prop_oneof![
        4 => -500.0..10_000.0_f64,
        1 => (0..20_i32).prop_map(|step| f64::from(step) * 500.0),
    ];
    prop_oneof![
        8 => (valued, heights).prop_map(|(reference, value_m)| at(value_m, reference)),
        1 => Just(Altitude::SURFACE),
        1 => Just(Altitude::UNLIMITED),
    ]
}

fn bands() -> impl Strategy<Value = AltitudeBand> {
    (limits(), limits()).prop_filter_map("in order", |(one, two)| {
        let (this, other) = (
            AltitudeBand::new(one, two).ok(),
            AltitudeBand::new(two, one).ok(),
        );
        // Of mixed limits one order is often upside down; most bands people write are not.
        let (this, other) = if two.value_m() < one.value_m() {
            (other, this)
        } else {
            (this, other)
        };
        this.or(other)
    })
}

fn wider(assumptions: &VerticalAssumptions, by: f64) -> VerticalAssumptions {
    VerticalAssumptions {
        terrain_min_m: assumptions.terrain_min_m - 900.0 * by,
        terrain_max_m: assumptions.terrain_max_m + 900.0 * by,
        qnh_min_hpa: assumptions.qnh_min_hpa - 20.0 * by,
        qnh_max_hpa: assumptions.qnh_max_hpa + 20.0 * by,
        isa_deviation_min_k: assumptions.isa_deviation_min_k - 10.0 * by,
        isa_deviation_max_k: assumptions.isa_deviation_max_k + 10.0 * by,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8_192))]

    #[test]
    fn no_world_within_the_assumptions_gives_the_answer_the_lie(
        a in bands(), b in bands(), (assumptions, weather) in worlds(),
    ) {
        let turned = [a, b].iter().any(|band| band.is_upside_down(&aleppo(), &assumptions));
        let shared = weather.share_a_height(&a, &b);
        match relation(a, b, &assumptions) {
            VerticalRelation::Apart { .. } => prop_assert!(!shared, "{} / {} share a height in {:?}", a, b, weather),
            VerticalRelation::Overlap { certain: true, .. } => {
                // A band may still be upside down in this very world; then it holds no height at all.
                let empty = |band: &AltitudeBand| !weather.share_a_height(band, band);
                prop_assert!(turned || shared || empty(&a) || empty(&b), "{} / {} in {:?}", a, b, weather);
            }
            VerticalRelation::Overlap { .. } => {}
        }
    }

    #[test]
    fn shared_heights_hold_every_height_shared_in_any_world(
        a in bands(), b in bands(), (assumptions, weather) in worlds(),
    ) {
        let relation = relation(a, b, &assumptions);
        let VerticalRelation::Overlap { lower_m, upper_m, .. } = relation else { return Ok(()) };
        prop_assert!(lower_m.is_finite() && lower_m <= upper_m, "{} {}", lower_m, upper_m);
        if weather.share_a_height(&a, &b) {
            let lower = weather.height_m(a.lower()).max(weather.height_m(b.lower()));
            let upper = weather.height_m(a.upper()).min(weather.height_m(b.upper()));
            prop_assert!(lower_m <= lower + 1e-6 && upper <= upper_m + 1e-6);
        }
    }

    #[test]
    fn an_ellipsoid_band_holds_the_band_in_any_world(
        a in bands(), (assumptions, weather) in worlds(),
    ) {
        let EllipsoidBand { lower_m, upper_m, .. } = a.ellipsoid(&aleppo(), &assumptions);
        let (lower, upper) = (weather.height_m(a.lower()), weather.height_m(a.upper()));
        prop_assert!(lower_m <= upper_m);
        prop_assert!(lower_m <= lower.min(upper) + 1e-6 || lower > upper, "{} {} {}", a, lower_m, lower);
        prop_assert!(upper <= upper_m + 1e-6, "{} {} {}", a, upper_m, upper);
    }

    #[test]
    fn assuming_less_never_turns_an_overlap_into_apart(
        a in bands(), b in bands(), (assumptions, _) in worlds(), by in 0.0..1.0_f64, metres in 0.0..1e6_f64,
    ) {
        if [a, b].iter().any(|band| band.is_upside_down(&aleppo(), &assumptions)) {
            return Ok(());
        }
        let (narrow, wide) = (aleppo(), aleppo().expanded(metres));
        let before = vertical_overlap(&a, &b, &narrow, &assumptions);
        let after = vertical_overlap(&a, &b, &wide, &wider(&assumptions, by));
        match (before, after) {
            (VerticalRelation::Overlap { .. }, VerticalRelation::Apart { .. }) => {
                prop_assert!(false, "{} / {} came apart", a, b);
            }
            (VerticalRelation::Apart { gap_m: before, .. }, VerticalRelation::Apart { gap_m: after, .. }) => {
                prop_assert!(after <= before + 1e-9);
            }
            (
                VerticalRelation::Overlap { certain: before, lower_m: low, upper_m: high, .. },
                VerticalRelation::Overlap { certain: after, lower_m, upper_m, .. },
            ) => {
                prop_assert!(before || !after);
                // Bands that only touch are told with one height, which may lie off by as much.
                prop_assert!(lower_m <= low + VERTICAL_BOUNDARY_M && high <= upper_m);
            }
            (VerticalRelation::Apart { .. }, VerticalRelation::Overlap { .. }) => {}
        }
    }

    #[test]
    fn raising_a_band_that_lies_above_opens_the_gap_by_as_much(
        a in bands(), from in 0.0..15_000.0_f64, depth in 0.0..500.0_f64, up in 0.0..3_000.0_f64,
    ) {
        let raised = |by: f64| band(msl(from + by), msl(from + depth + by));
        let place = aleppo();
        let clearance = Surroundings::new(&place, &WORLD).clearance(raised(0.0).lower(), a.upper());
        if !clearance.is_apart() || a.is_upside_down(&place, &WORLD) {
            return Ok(());
        }
        match (gap_m(a, raised(0.0)), gap_m(a, raised(up))) {
            (Some(before), Some(after)) => prop_assert!((after - before - up).abs() < 1e-6),
            _ => prop_assert!(false, "{} came back", a),
        }
    }
}
