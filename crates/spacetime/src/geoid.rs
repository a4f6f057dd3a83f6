//! Mean sea level: the height of the EGM96 geoid above the WGS84 ellipsoid.

use crate::bounds::{GeoBox, Rect};
use crate::position::Position;

/// NGA's grid of 15 minutes of arc, `data/README.md` says where it comes from.
static GRID: &[u8; ROWS * COLUMNS * 2] = include_bytes!("../data/WW15MGH.DAC");

/// Rows from the north to the south pole, both included.
const ROWS: usize = 721;
/// Columns from Greenwich eastward; the one after the last is the first.
const COLUMNS: usize = 1440;
/// Grid lines in a degree.
const LINES_PER_DEGREE: f64 = 4.0;

/// How far [`undulation_m`] can be from EGM96 itself, in metres.
///
/// 1.152 m is the greatest error of bilinear interpolation in this grid against the full spherical harmonics, anywhere on
/// Earth (GeographicLib 2.1.2, "Geoid height", table of interpolation errors; the root mean square is 0.04 m), and 5 mm the
/// rounding of the grid to centimetres, rounded up together.
pub const UNDULATION_ERROR_MAX_M: f64 = 1.16;

/// The lowest height in the grid, in metres: south of India.
const GRID_MIN_M: f64 = -106.99;
/// The greatest height in the grid, in metres: New Guinea.
const GRID_MAX_M: f64 = 85.39;
/// The most grid points that are searched for the range in a box (about 64 by 64 degrees);
/// a larger box takes the range of the whole grid, so that no box costs more than some ten microseconds.
const SEARCH_MAX: usize = 65_536;

/// The height of mean sea level above the WGS84 ellipsoid, in metres, by bilinear interpolation.
///
/// `ellipsoid_m = mean_sea_level_m + undulation_m`. Within [`UNDULATION_ERROR_MAX_M`] of EGM96.
pub fn undulation_m(position: Position) -> f64 {
    let (row, down) = cell((90.0 - position.latitude_deg()) * LINES_PER_DEGREE);
    let (column, east) = cell((position.longitude_deg() + 360.0) * LINES_PER_DEGREE);
    let north = between(height_m(row, column), height_m(row, column + 1), east);
    let south = between(
        height_m(row + 1, column),
        height_m(row + 1, column + 1),
        east,
    );
    between(north, south, down)
}

/// The least and the greatest height of EGM96 above the ellipsoid anywhere in the box, in metres, rounded outward by
/// [`UNDULATION_ERROR_MAX_M`].
///
/// Bilinear interpolation stays between the four corners of its cell, so the corners of every cell that the box touches
/// bound it. Cost: the grid points in the box.
pub fn undulation_range_m(over: &GeoBox) -> (f64, f64) {
    let (min_m, max_m) = over
        .rects()
        .map(|rect| grid_range_m(&rect))
        .fold((f64::INFINITY, f64::NEG_INFINITY), |all, range| {
            (all.0.min(range.0), all.1.max(range.1))
        });
    (
        min_m - UNDULATION_ERROR_MAX_M,
        max_m + UNDULATION_ERROR_MAX_M,
    )
}

/// The least and the greatest grid height at the corners of the cells that the rectangle touches.
fn grid_range_m(rect: &Rect) -> (f64, f64) {
    let line = |degrees: f64| (degrees * LINES_PER_DEGREE).max(0.0);
    let north = line(90.0 - rect.north_deg).floor() as usize;
    let south = (line(90.0 - rect.south_deg).ceil() as usize).min(ROWS - 1);
    // A rectangle lies within -180 and 180, so its columns go past Greenwich at most once.
    let west = line(rect.west_deg + 360.0).floor() as usize;
    let east = line(rect.east_deg + 360.0).ceil() as usize;
    if (south - north.min(south) + 1).saturating_mul(east - west + 1) > SEARCH_MAX {
        return (GRID_MIN_M, GRID_MAX_M);
    }
    let before = west..(east + 1).min(COLUMNS);
    let after = west.max(COLUMNS) - COLUMNS..(east + 1).max(COLUMNS) - COLUMNS;
    let (mut least_cm, mut greatest_cm) = (i16::MAX, i16::MIN);
    for row in north..=south {
        for columns in [&before, &after] {
            let points = row * COLUMNS + columns.start..row * COLUMNS + columns.end;
            for height in GRID.as_chunks().0.get(points).unwrap_or_default() {
                let height_cm = i16::from_be_bytes(*height);
                least_cm = least_cm.min(height_cm);
                greatest_cm = greatest_cm.max(height_cm);
            }
        }
    }
    (f64::from(least_cm) / 100.0, f64::from(greatest_cm) / 100.0)
}

/// The grid line at or before a place on the grid, and how far beyond it the place lies, 0 to 1.
fn cell(lines: f64) -> (usize, f64) {
    let first = lines.floor();
    (first as usize, lines - first)
}

/// The height at a grid point, in metres; rows past the south pole are the south pole, columns go round.
fn height_m(row: usize, column: usize) -> f64 {
    let point = row.min(ROWS - 1) * COLUMNS + column % COLUMNS;
    let height = GRID.as_chunks().0.get(point).copied();
    f64::from(i16::from_be_bytes(height.unwrap_or_default())) / 100.0
}

fn between(first: f64, second: f64, share: f64) -> f64 {
    first * (1.0 - share) + second * share
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(latitude_deg: f64, longitude_deg: f64) -> Position {
        Position::new(latitude_deg, longitude_deg).unwrap()
    }

    /// NGA's test points: latitude, longitude, the full harmonics (program F477) and NGA's own interpolation (INTPT).
    const PUBLISHED: [(f64, f64, f64, f64); 6] = [
        (38.628_155, 269.779_155, -31.629, -31.628),
        (-14.621_217, 305.021_114, -2.966, -2.969),
        (46.874_319, 102.448_729, -43.572, -43.575),
        (-23.617_446, 133.874_712, 15.868, 15.871),
        (38.625_473, 359.999_5, 50.065, 50.066),
        (-0.466_744, 0.002_3, 17.330, 17.329),
    ];

    #[test]
    fn agrees_with_the_published_test_points() {
        for (latitude_deg, longitude_deg, harmonics_m, interpolated_m) in PUBLISHED {
            let ours_m = undulation_m(at(latitude_deg, longitude_deg));
            assert!(
                (ours_m - harmonics_m).abs() < 0.06,
                "{ours_m} {harmonics_m}"
            );
            assert!(
                (ours_m - interpolated_m).abs() < 0.06,
                "{ours_m} {interpolated_m}"
            );
        }
        // GeographicLib's announcement of its geoid: Timbuktu by the 5 minute grid.
        let timbuktu_m = undulation_m(at(16.0 + 46.0 / 60.0 + 33.0 / 3600.0, -3.0 - 34.0 / 3600.0));
        assert!((timbuktu_m - 28.7068).abs() < 0.02, "{timbuktu_m}");
    }

    #[test]
    fn grid_points_are_exact_and_the_poles_have_one_height() {
        assert_eq!(undulation_m(at(4.75, 78.75)), GRID_MIN_M);
        assert_eq!(undulation_m(at(-8.25, 147.25)), GRID_MAX_M);
        for longitude_deg in [-180.0, -77.3, 0.0, 179.9] {
            assert!((undulation_m(at(90.0, longitude_deg)) - 13.61).abs() < 1e-9);
            assert!((undulation_m(at(-90.0, longitude_deg)) + 29.53).abs() < 1e-9);
        }
        let (west_m, east_m) = (
            undulation_m(at(10.0, 180.0)),
            undulation_m(at(10.0, 179.999_999)),
        );
        assert!((west_m - east_m).abs() < 1e-4);
    }

    #[test]
    fn the_grid_is_the_published_file() {
        use sha2::{Digest, Sha256};
        let sum: String = Sha256::digest(GRID)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert!(
            include_str!("../data/README.md").contains(&format!("SHA-256 `{sum}`")),
            "{sum}"
        );
    }

    #[test]
    fn a_range_is_that_of_the_corners_around_the_box() {
        for (south_deg, west_deg, width_deg) in [
            (36.1, 37.1, 0.1),
            (-1.0, -0.6, 1.1),
            (10.0, 179.6, 1.0),
            (88.0, -20.0, 30.0),
            (-89.9, 5.0, 2.0),
        ] {
            let over = GeoBox::new(south_deg, south_deg + 1.0, west_deg, width_deg);
            let mut corners = Vec::new();
            for rect in over.rects() {
                let (north, south) = ((90.0 - rect.north_deg) * 4.0, (90.0 - rect.south_deg) * 4.0);
                for row in north.floor() as usize..=south.ceil() as usize {
                    let (west, east) =
                        ((rect.west_deg + 360.0) * 4.0, (rect.east_deg + 360.0) * 4.0);
                    for column in west.floor() as usize..=east.ceil() as usize {
                        corners.push(height_m(row, column));
                    }
                }
            }
            let least_m = corners.iter().copied().fold(f64::INFINITY, f64::min);
            let greatest_m = corners.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(
                undulation_range_m(&over),
                (
                    least_m - UNDULATION_ERROR_MAX_M,
                    greatest_m + UNDULATION_ERROR_MAX_M
                )
            );
        }
    }

    #[test]
    fn the_stated_extremes_are_those_of_the_grid() {
        let heights = || (0..ROWS * COLUMNS).map(|i| height_m(i / COLUMNS, i % COLUMNS));
        assert_eq!(heights().fold(f64::INFINITY, f64::min), GRID_MIN_M);
        assert_eq!(heights().fold(f64::NEG_INFINITY, f64::max), GRID_MAX_M);
        assert_eq!(
            undulation_range_m(&GeoBox::WORLD),
            (
                GRID_MIN_M - UNDULATION_ERROR_MAX_M,
                GRID_MAX_M + UNDULATION_ERROR_MAX_M
            )
        );
    }

    #[test]
    fn a_small_box_has_a_small_range() {
        let (min_m, max_m) = undulation_range_m(&GeoBox::around(at(36.2, 37.1), 5_000.0));
        let aleppo_m = undulation_m(at(36.2, 37.1));
        assert!(min_m < aleppo_m && aleppo_m < max_m);
        assert!(
            max_m - min_m < 2.0 * UNDULATION_ERROR_MAX_M + 5.0,
            "{min_m} {max_m}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn the_range_holds_every_height_in_the_box(
            latitude_deg in -90.0..=90.0_f64, longitude_deg in -180.0..180.0_f64,
            other_latitude_deg in -90.0..=90.0_f64, other_longitude_deg in -180.0..180.0_f64,
            radius_m in prop_oneof![0.0..1e4_f64, 0.0..4e6_f64],
        ) {
            let place = at(latitude_deg, longitude_deg);
            let other = at(other_latitude_deg, other_longitude_deg);
            let over = GeoBox::around(place, radius_m);
            let (min_m, max_m) = undulation_range_m(&over);
            for inside in [place, other] {
                let height_m = undulation_m(inside);
                if over.contains(inside) {
                    prop_assert!(min_m <= height_m - 1.0 && height_m + 1.0 <= max_m);
                }
            }
        }

        #[test]
        fn the_height_is_continuous(
            latitude_deg in -90.0..=90.0_f64, longitude_deg in -180.0..180.0_f64,
        ) {
            let here_m = undulation_m(at(latitude_deg, longitude_deg));
            let near_m = undulation_m(at(
                (latitude_deg + 1e-6).min(90.0), longitude_deg + 1e-6,
            ));
            prop_assert!((here_m - near_m).abs() < 1e-3, "{here_m} {near_m}");
        }
    }
}
