//! Cells and hours: what is told of a place or a time is which cell, and nothing more.

use detente_records::act::draft::TimeTerms;
use detente_records::act::edition::CellSize;
use detente_sharing::coarsen::{cell_of, is_cell, is_coarse, time_of};
use detente_spacetime::{Instant, Position, geodesic};
use proptest::prelude::*;

fn size() -> impl Strategy<Value = CellSize> {
    let sizes = CellSize::ALL
        .iter()
        .map(|(_, size)| *size)
        .collect::<Vec<_>>();
    proptest::sample::select(sizes)
}

fn least_m(size: CellSize) -> f64 {
    match size {
        CellSize::Km100 => 100_000.0,
        CellSize::Km50 => 50_000.0,
        CellSize::Km10 => 10_000.0,
        CellSize::Km5 => 5_000.0,
        CellSize::Km1 => 1_000.0,
    }
}

proptest! {
    #[test]
    fn every_position_lies_in_its_cell_and_cells_are_as_large_as_they_say(
        latitude in -90.0_f64..=90.0, longitude in -180.0_f64..=180.0, size in size(),
    ) {
        let position = Position::new(latitude, longitude).unwrap();
        let cell = cell_of(position, size);
        prop_assert!(is_cell(&cell));
        // A unit of rounding: 1.1 cm.
        prop_assert!(cell.south_deg <= latitude + 1e-7 && latitude <= cell.north_deg + 1e-7);
        let east = if longitude >= 180.0 - 1e-7 { longitude - 360.0 } else { longitude };
        prop_assert!(cell.west_deg <= east + 1e-7 && east <= cell.east_deg + 1e-7);
        let at = |latitude: f64, longitude: f64| Position::new(latitude, longitude).unwrap();
        let middle = (cell.south_deg + cell.north_deg) / 2.0;
        let height = geodesic::distance_m(at(cell.south_deg, 0.0), at(cell.north_deg, 0.0));
        prop_assert!(height >= least_m(size), "{height}");
        let halfway = (cell.east_deg - cell.west_deg) / 2.0;
        let half = geodesic::distance_m(at(middle, 0.0), at(middle, halfway));
        prop_assert!(2.0 * half >= least_m(size) || halfway == 180.0, "{half}");
    }

    #[test]
    fn positions_of_one_cell_cannot_be_told_apart(
        latitude in -90.0_f64..90.0, longitude in -180.0_f64..180.0, size in size(),
        north in 0.001_f64..0.999, east in 0.001_f64..0.999,
    ) {
        let cell = cell_of(Position::new(latitude, longitude).unwrap(), size);
        let other = Position::new(
            cell.south_deg + north * (cell.north_deg - cell.south_deg),
            cell.west_deg + east * (cell.east_deg - cell.west_deg),
        );
        prop_assert_eq!(cell_of(other.unwrap(), size), cell);
    }

    #[test]
    fn a_smaller_box_is_no_cell(
        latitude in -89.0_f64..89.0, longitude in -179.0_f64..179.0, size in size(),
    ) {
        let cell = cell_of(Position::new(latitude, longitude).unwrap(), size);
        let mut forged = cell.clone();
        forged.south_deg = latitude;
        forged.north_deg = latitude;
        prop_assert!(forged == cell || !is_cell(&forged));
        let mut shifted = cell.clone();
        shifted.west_deg += 0.001;
        prop_assert!(!is_cell(&shifted));
        let mut later = cell;
        later.grid += 1;
        prop_assert!(!is_cell(&later));
    }

    #[test]
    fn instants_of_one_stretch_cannot_be_told_apart(seconds in -4_000_000_000_i64..4_000_000_000) {
        let at = Instant::from_micros(seconds * 1_000_000).unwrap();
        for (terms, hours) in [(TimeTerms::Day, 24), (TimeTerms::SixHours, 6), (TimeTerms::Hour, 1)] {
            let time = time_of(at, terms).unwrap();
            prop_assert_eq!(time.hours, hours);
            prop_assert!(is_coarse(&time));
            let end = time.from.micros() + i64::from(hours) * 3_600_000_000;
            prop_assert!(time.from <= at && at.micros() < end);
            let last = Instant::from_micros(end - 1).unwrap();
            prop_assert_eq!(time_of(last, terms), Some(time));
        }
        prop_assert_eq!(time_of(at, TimeTerms::Withheld), None);
    }
}

/// The numbers of version 1, so that no change of them goes unnoticed.
#[test]
fn the_grid_is_version_1() {
    let cells = [
        (36.2012, 37.1612, CellSize::Km10),
        (36.2012, 37.1612, CellSize::Km1),
        (-0.0001, -179.9999, CellSize::Km100),
        (67.3, 24.9, CellSize::Km50),
        (90.0, 12.0, CellSize::Km5),
    ];
    let shown = cells.map(|(latitude, longitude, size)| {
        let cell = cell_of(Position::new(latitude, longitude).unwrap(), size);
        (cell.south_deg, cell.west_deg, cell.north_deg, cell.east_deg)
    });
    assert_eq!(
        shown,
        [
            (36.2, 37.0, 36.3, 37.2),
            (36.2, 37.16, 36.21, 37.18),
            (-1.0, -180.0, 0.0, -178.0),
            (67.0, 24.0, 67.5, 26.0),
            (89.95, -180.0, 90.0, 180.0),
        ]
    );
}
