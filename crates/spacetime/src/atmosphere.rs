//! The standard atmosphere, and how far the real one may be from it.

use crate::vertical::VerticalAssumptions;

/// Pressure at height 0 of the standard atmosphere, in hPa (ISO 2533, ICAO Doc 7488).
const STANDARD_PRESSURE_HPA: f64 = 1_013.25;
/// Temperature at height 0 of the standard atmosphere, in kelvin.
const STANDARD_TEMPERATURE_K: f64 = 288.15;
/// Standard gravity over the specific gas constant of dry air, in kelvin per metre: 9.80665 / 287.05287.
const GRAVITY_OVER_GAS: f64 = 9.806_65 / 287.052_87;

/// Layers of the standard atmosphere: where each begins, in geopotential metres, and how its temperature changes, in
/// kelvin per metre (ISO 2533, table 1; US Standard Atmosphere 1976 from 51 km up, constant beyond 84 852 m).
const LAYERS: [(f64, f64); 8] = [
    (0.0, -0.006_5),
    (11_000.0, 0.0),
    (20_000.0, 0.001),
    (32_000.0, 0.002_8),
    (47_000.0, 0.0),
    (51_000.0, -0.002_8),
    (71_000.0, -0.002),
    (84_852.0, 0.0),
];

/// Standard gravity over gravity at sea level at the poles (9.8322 m/s²), rounded down.
const GEOPOTENTIAL_METRE_MIN: f64 = 0.997_4;
/// Standard gravity over gravity at sea level at the equator (9.7803 m/s²), rounded up.
const GEOPOTENTIAL_METRE_MAX: f64 = 1.002_7;
/// The Earth's radius for the decrease of gravity with height, in metres, rounded down.
const EARTH_RADIUS_M: f64 = 6_356_000.0;

/// The least and the greatest height above mean sea level, in metres, at which an altimeter set to 1013.25 hPa can show
/// `pressure_altitude_m`; rounded outward to whole metres.
///
/// The hypsometric equation from mean sea level at pressure `q` to the pressure `p` of the level, with the temperature of
/// every layer off the standard one by the same `d`: `H = H(p) − H(q) + d · R/g · ln(q/p)`. `H` grows with `q` (as long as
/// there is any warmth in the air) and is linear in `d`, so the extremes lie at the ends of both ranges.
pub(crate) fn sea_level_range_m(
    pressure_altitude_m: f64,
    assumptions: &VerticalAssumptions,
) -> (f64, f64) {
    let (qnh_min_hpa, qnh_max_hpa) = assumptions.qnh_hpa();
    let (colder_k, warmer_k) = assumptions.isa_deviation_k();
    let depth = log_pressure_drop(pressure_altitude_m);
    let height_m = |qnh_hpa: f64, deviation_k: f64| {
        let below = (qnh_hpa / STANDARD_PRESSURE_HPA).ln() + depth;
        pressure_altitude_m - height_of_pressure_m(qnh_hpa) + deviation_k / GRAVITY_OVER_GAS * below
    };
    let low_m = height_m(qnh_min_hpa, colder_k).min(height_m(qnh_min_hpa, warmer_k));
    let high_m = height_m(qnh_max_hpa, colder_k).max(height_m(qnh_max_hpa, warmer_k));
    (lowest_metres(low_m).floor(), highest_metres(high_m).ceil())
}

/// The logarithm of the pressure at height 0 over that at a height, in the standard atmosphere.
fn log_pressure_drop(geopotential_m: f64) -> f64 {
    let mut drop = 0.0;
    let mut temperature_k = STANDARD_TEMPERATURE_K;
    for (index, &(base_m, lapse)) in LAYERS.iter().enumerate() {
        let top_m = LAYERS.get(index + 1).map_or(f64::INFINITY, |next| next.0);
        // Below height 0 the first layer goes on downward.
        let thickness_m = geopotential_m.min(top_m) - base_m;
        let top_k = temperature_k + lapse * thickness_m;
        drop += if lapse == 0.0 {
            GRAVITY_OVER_GAS * thickness_m / temperature_k
        } else {
            GRAVITY_OVER_GAS / lapse * (top_k / temperature_k).ln()
        };
        temperature_k = top_k;
        if geopotential_m <= top_m {
            break;
        }
    }
    drop
}

/// The height of a pressure found at sea level, in the lowest layer of the standard atmosphere.
fn height_of_pressure_m(pressure_hpa: f64) -> f64 {
    let (_, lapse) = LAYERS[0];
    let ratio = (pressure_hpa / STANDARD_PRESSURE_HPA).powf(-lapse / GRAVITY_OVER_GAS);
    STANDARD_TEMPERATURE_K / -lapse * (1.0 - ratio)
}

/// The least geometric height of a geopotential one, wherever on Earth.
fn lowest_metres(geopotential_m: f64) -> f64 {
    let metre = if geopotential_m < 0.0 {
        GEOPOTENTIAL_METRE_MAX
    } else {
        GEOPOTENTIAL_METRE_MIN
    };
    geopotential_m * metre
}

/// The greatest geometric height of a geopotential one, wherever on Earth.
fn highest_metres(geopotential_m: f64) -> f64 {
    let metre = if geopotential_m < 0.0 {
        GEOPOTENTIAL_METRE_MIN
    } else {
        GEOPOTENTIAL_METRE_MAX
    };
    geopotential_m * metre / (1.0 - geopotential_m * metre / EARTH_RADIUS_M)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Geopotential height and pressure of ISO 2533, table of the standard atmosphere.
    const TABULATED: [(f64, f64); 9] = [
        (-1_000.0, 1_139.29),
        (0.0, 1_013.25),
        (1_000.0, 898.746),
        (5_000.0, 540.199),
        (10_000.0, 264.363),
        (11_000.0, 226.321),
        (15_000.0, 120.446),
        (20_000.0, 54.748_9),
        (32_000.0, 8.680_19),
    ];

    #[test]
    fn agrees_with_the_tables_of_the_standard_atmosphere() {
        for (height_m, pressure_hpa) in TABULATED {
            let ours_hpa = STANDARD_PRESSURE_HPA * (-log_pressure_drop(height_m)).exp();
            assert!(
                (ours_hpa / pressure_hpa - 1.0).abs() < 1e-5,
                "{height_m} {ours_hpa}"
            );
        }
        // US Standard Atmosphere 1976, tables by geopotential altitude.
        for (height_m, pressure_hpa) in [(47_000.0, 1.109_06), (71_000.0, 0.039_564)] {
            let ours_hpa = STANDARD_PRESSURE_HPA * (-log_pressure_drop(height_m)).exp();
            assert!(
                (ours_hpa / pressure_hpa - 1.0).abs() < 1e-4,
                "{height_m} {ours_hpa}"
            );
        }
        assert!((height_of_pressure_m(898.746) - 1_000.0).abs() < 0.01);
        assert!((height_of_pressure_m(1_139.29) + 1_000.0).abs() < 0.01);
    }

    fn assumed(qnh_hpa: f64, deviation_k: f64) -> VerticalAssumptions {
        VerticalAssumptions {
            qnh_min_hpa: qnh_hpa,
            qnh_max_hpa: qnh_hpa,
            isa_deviation_min_k: deviation_k,
            isa_deviation_max_k: deviation_k,
            ..VerticalAssumptions::WORLD
        }
    }

    #[test]
    fn a_standard_day_leaves_a_level_where_it_is_but_for_gravity() {
        let (low_m, high_m) = sea_level_range_m(7_620.0, &assumed(1_013.25, 0.0));
        assert_eq!((low_m, high_m), (7_600.0, 7_650.0));
    }

    #[test]
    fn low_pressure_and_cold_bring_a_level_down() {
        // 27 ft a hectopascal near the sea, and 4 percent for 10 K (ICAO Doc 8168, temperature correction).
        let (standard_m, _) = sea_level_range_m(3_048.0, &assumed(1_013.25, 0.0));
        let (low_pressure_m, _) = sea_level_range_m(3_048.0, &assumed(1_003.25, 0.0));
        let (cold_m, _) = sea_level_range_m(3_048.0, &assumed(1_013.25, -10.0));
        assert!(
            (standard_m - low_pressure_m - 83.0).abs() < 3.0,
            "{low_pressure_m}"
        );
        assert!(
            (standard_m - cold_m - 0.036 * 3_048.0).abs() < 5.0,
            "{cold_m}"
        );
    }

    #[test]
    fn no_height_of_pressure_ever_measured_lies_outside() {
        // The 500 hPa surface lies between about 4 500 m (polar vortex) and 6 000 m (subtropical ridge).
        let (low_m, high_m) = sea_level_range_m(5_574.0, &VerticalAssumptions::WORLD);
        assert!(low_m < 4_500.0 && high_m > 6_000.0, "{low_m} {high_m}");
        // A level as wide as the troposphere would say nothing.
        assert!(high_m - low_m < 4_500.0, "{low_m} {high_m}");
    }

    #[test]
    fn every_altitude_has_a_finite_range_in_order() {
        for step in -100..=100 {
            let altitude_m = f64::from(step) * 1_000.0;
            let (low_m, high_m) = sea_level_range_m(altitude_m, &VerticalAssumptions::WORLD);
            assert!(
                low_m.is_finite() && high_m.is_finite() && low_m < high_m,
                "{altitude_m}"
            );
        }
    }
}
