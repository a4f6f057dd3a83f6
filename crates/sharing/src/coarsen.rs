//! Places and times made coarse: whole numbers in, whole numbers out, the same on every machine.
//!
//! Version 1 of the grid. Rows are 1°, 30′, 6′, 3′ or 0.6′ of latitude. A row is divided so that no
//! cell is narrower than it is high: by 2 times its height up to 60° of latitude, 4 times up to 75°,
//! 8 times up to 82°, 20 times up to 86°, 40 times up to 88°, and beyond that into one cell around
//! the pole. All of these divide the circle, so that no cell is a remainder.

use detente_records::act::draft::{PlaceTerms, TimeTerms};
use detente_records::act::edition::{Cell, CellSize, EditionTime};
use detente_spacetime::{Instant, Position};

/// The version of the grid and of the roundings; whoever changes a number here changes this.
pub const GRID_VERSION: u32 = 1;
/// Whole units of a degree: 1.1 cm, finer than any place in a report.
const UNITS_PER_DEG: i64 = 10_000_000;
pub(crate) const QUARTER: i64 = 90 * UNITS_PER_DEG;
pub(crate) const HALF: i64 = 180 * UNITS_PER_DEG;
/// Up to which latitude, in degrees, a cell is how many times as wide in degrees as it is high.
///
/// The cosine of the latitude times the factor is at least one in each band.
const WIDTHS: [(i64, i64); 5] = [(60, 2), (75, 4), (82, 8), (86, 20), (88, 40)];
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// Returns the size of a cell that terms ask for; none when they ask for no cell.
pub fn cell_size(terms: PlaceTerms) -> Option<CellSize> {
    match terms {
        PlaceTerms::Grid100Km => Some(CellSize::Km100),
        PlaceTerms::Grid50Km => Some(CellSize::Km50),
        PlaceTerms::Grid10Km => Some(CellSize::Km10),
        PlaceTerms::Grid5Km => Some(CellSize::Km5),
        PlaceTerms::Grid1Km => Some(CellSize::Km1),
        PlaceTerms::Withheld | PlaceTerms::Area | PlaceTerms::Settlement => None,
    }
}

/// Returns the cell that a position lies in. Cells hold their southern and western edges.
pub fn cell_of(position: Position, size: CellSize) -> Cell {
    let latitude = units(position.latitude_deg()).clamp(-QUARTER, QUARTER - 1);
    let longitude = units(position.longitude_deg());
    let longitude = (longitude + HALF).rem_euclid(2 * HALF) - HALF;
    cell_at(latitude, longitude, size)
}

/// Says whether a cell is one of the grid; anything else could be a point in disguise.
pub fn is_cell(cell: &Cell) -> bool {
    let (south, west) = (units(cell.south_deg), units(cell.west_deg));
    (-QUARTER..QUARTER).contains(&south)
        && (-HALF..HALF).contains(&west)
        && cell_at(south, west, cell.size) == *cell
}

/// Returns the stretch of time that an instant lies in; none when it is withheld.
pub fn time_of(at: Instant, terms: TimeTerms) -> Option<EditionTime> {
    let hours = match terms {
        TimeTerms::Withheld => return None,
        TimeTerms::Day => 24,
        TimeTerms::SixHours => 6,
        TimeTerms::Hour => 1,
    };
    let micros = at.micros();
    let from = micros - micros.rem_euclid(i64::from(hours) * MICROS_PER_HOUR);
    Some(EditionTime {
        from: Instant::from_micros(from)?,
        hours,
    })
}

/// Says whether a stretch of time is one that instants are rounded to.
pub fn is_coarse(time: &EditionTime) -> bool {
    let terms = [TimeTerms::Day, TimeTerms::SixHours, TimeTerms::Hour];
    terms
        .into_iter()
        .any(|terms| time_of(time.from, terms).as_ref() == Some(time))
}

fn cell_at(latitude: i64, longitude: i64, size: CellSize) -> Cell {
    let height = height(size);
    let south = latitude.div_euclid(height) * height;
    let north = south + height;
    let outer = north.abs().max(south.abs());
    let factor = WIDTHS
        .into_iter()
        .find(|(latitude, _)| outer <= latitude * UNITS_PER_DEG);
    let width = factor.map_or(2 * HALF, |(_, factor)| height * factor);
    let west = (longitude + HALF).div_euclid(width) * width - HALF;
    Cell {
        grid: GRID_VERSION,
        size,
        south_deg: degrees(south),
        west_deg: degrees(west),
        north_deg: degrees(north),
        east_deg: degrees(west + width),
    }
}

/// Height of a row; divides a degree or is one, so that bands end with rows.
fn height(size: CellSize) -> i64 {
    match size {
        CellSize::Km100 => UNITS_PER_DEG,
        CellSize::Km50 => UNITS_PER_DEG / 2,
        CellSize::Km10 => UNITS_PER_DEG / 10,
        CellSize::Km5 => UNITS_PER_DEG / 20,
        CellSize::Km1 => UNITS_PER_DEG / 100,
    }
}

/// Whole units of a number of degrees; one multiplication and one rounding, which IEEE 754 fixes.
pub(crate) fn units(degrees: f64) -> i64 {
    (degrees * UNITS_PER_DEG as f64).round() as i64
}

pub(crate) fn degrees(units: i64) -> f64 {
    units as f64 / UNITS_PER_DEG as f64
}
