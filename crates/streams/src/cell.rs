//! Which partition a place belongs to.

use detente_spacetime::Position;

/// Side of a cell, degrees: an airliner crosses it in some eight minutes, so that tracks seldom change hands.
const CELL_DEG: f64 = 1.0;
/// A track stays with its cell until it is so far beyond the border, degrees: who flies along a border is not handed to and fro.
const BEYOND_DEG: f64 = 0.05;
/// Partitions of a new set of logs: more than workers, so that they can be shared out evenly.
pub const PARTITIONS: u32 = 32;
/// Most partitions: each has a log of its own on the server.
pub const PARTITIONS_MAX: u32 = 1_024;

/// A cell of latitude and longitude.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    row: i32,
    column: i32,
}

impl Cell {
    /// The cell of a place.
    #[must_use]
    pub fn of(position: Position) -> Self {
        Self {
            row: step(position.latitude_deg()),
            column: step(position.longitude_deg()),
        }
    }

    /// The cell of a row and a column.
    pub(crate) fn at((row, column): (i32, i32)) -> Self {
        Self { row, column }
    }

    /// Its row and its column.
    pub(crate) fn parts(self) -> (i32, i32) {
        (self.row, self.column)
    }

    /// Whether a place is in the cell, or only just beyond its border.
    #[must_use]
    pub fn holds(self, position: Position) -> bool {
        let beside = |degrees: f64, own: i32| {
            step(degrees - BEYOND_DEG) == own
                || step(degrees + BEYOND_DEG) == own
                || step(degrees) == own
        };
        beside(position.latitude_deg(), self.row) && beside(position.longitude_deg(), self.column)
    }

    /// The partition the cell belongs to: neighbours belong to different ones.
    #[must_use]
    pub fn partition(self, partitions: u32) -> u32 {
        // A lattice that scatters a crowded region over all partitions.
        let number = i64::from(self.row) * 7 + i64::from(self.column) * 3;
        u32::try_from(number.rem_euclid(i64::from(partitions.max(1)))).unwrap_or(0)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees have three digits before the point"
)]
fn step(degrees: f64) -> i32 {
    (degrees / CELL_DEG).floor() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude_deg: f64, longitude_deg: f64) -> Position {
        Position::new(latitude_deg, longitude_deg).expect("a position")
    }

    #[test]
    fn who_flies_along_a_border_stays_and_who_crosses_it_leaves() {
        let cell = Cell::of(at(36.5, 36.99));
        assert!(cell.holds(at(36.5, 37.04)));
        assert!(!cell.holds(at(36.5, 37.06)));
        assert!(cell.holds(at(35.96, 36.5)));
        assert!(!cell.holds(at(35.9, 36.5)));
    }

    #[test]
    fn neighbours_belong_to_different_partitions_of_those_there_are() {
        for partitions in [2, 5, 32] {
            let here = Cell::of(at(36.5, 36.5)).partition(partitions);
            assert!(here < partitions);
            assert_ne!(here, Cell::of(at(36.5, 37.5)).partition(partitions));
            assert_ne!(here, Cell::of(at(37.5, 36.5)).partition(partitions));
        }
        assert_eq!(Cell::of(at(-90.0, -180.0)).partition(1), 0);
    }
}
