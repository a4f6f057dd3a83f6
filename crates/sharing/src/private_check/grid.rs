//! The grid of cells: binary angles, centimetres and microseconds, so that nobody's arithmetic can differ.
//!
//! A turn is 2^32 units of angle (0.93 cm at the equator). A cell of the coarsest level is 2^20 units high and wide (some
//! 9.8 km at the equator), 480 m thick and 20 minutes long; each finer level cuts it into four by four by two by two. Nearer
//! to the poles cells are two, four or eight times as wide in longitude, so that they stay about square on the ground.

/// The finest level: cells of some 150 m, 60 m and 150 s.
pub const LEVEL_FINEST: u8 = 3;
/// Units of angle in a full turn.
pub const TURN: i64 = 1 << 32;
/// No cell lies beyond this latitude, degrees: there covers would need another projection.
pub const LATITUDE_MAX_DEG: f64 = 85.0;

/// Exponent of a coarsest cell's side, units of angle.
const SIDE_BITS: u32 = 20;
/// How much finer a side is from level to level, as an exponent.
const SIDE_STEP_BITS: u32 = 2;
/// Thickness of a coarsest cell, centimetres.
const THICKNESS_CM: i64 = 48_000;
/// Duration of a coarsest cell, microseconds.
const DURATION_US: i64 = 20 * 60 * 1_000_000;
/// Coarsest rows, counted from the equator, from which cells are twice, four and eight times as wide: near 60°, 75.5° and
/// 82.8°, where the cosine of the latitude is a half, a quarter and an eighth.
const WIDER_FROM: [i64; 3] = [683, 860, 943];
/// Side of a coarsest cell at the equator, metres: 2^20 of 2^32 parts of the equator.
const SIDE_M: f64 = 9_784.0;

/// A cell of the grid at some level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Counted northward from the equator.
    pub row: i32,
    /// Counted eastward from the meridian of Greenwich, always positive.
    pub column: u32,
    /// Counted upward from the ellipsoid.
    pub layer: i32,
    /// Counted from 1970.
    pub slot: i64,
}

/// Bytes of a cell in hashes.
pub const CELL_BYTES: usize = 20;

impl Cell {
    /// The cell one level coarser that holds this one.
    #[must_use]
    pub fn parent(self) -> Self {
        Self {
            row: self.row >> SIDE_STEP_BITS,
            column: self.column >> SIDE_STEP_BITS,
            layer: self.layer >> 1,
            slot: self.slot >> 1,
        }
    }

    /// The cell in a fixed form, big-endian.
    #[must_use]
    pub fn bytes(self) -> [u8; CELL_BYTES] {
        let mut bytes = [0; CELL_BYTES];
        bytes[..4].copy_from_slice(&self.row.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.column.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.layer.to_be_bytes());
        bytes[12..].copy_from_slice(&self.slot.to_be_bytes());
        bytes
    }
}

/// Exponent of the height of a row of a level, units of angle.
pub(super) fn row_bits(level: u8) -> u32 {
    SIDE_BITS - SIDE_STEP_BITS * u32::from(level)
}

/// Exponent of the width of the columns in a row of a level, units of angle.
pub(super) fn column_bits(level: u8, row: i64) -> u32 {
    let coarsest = row >> (SIDE_STEP_BITS * u32::from(level));
    // Rows south of the equator are counted −1, −2, …: row −1 mirrors row 0.
    let from_equator = if coarsest < 0 {
        -coarsest - 1
    } else {
        coarsest
    };
    let wider = WIDER_FROM.iter().filter(|from| from_equator >= **from);
    row_bits(level) + u32::try_from(wider.count()).unwrap_or(0)
}

/// Thickness of the cells of a level, centimetres.
pub(super) fn thickness_cm(level: u8) -> i64 {
    THICKNESS_CM >> level
}

/// Duration of the cells of a level, microseconds.
pub(super) fn duration_us(level: u8) -> i64 {
    DURATION_US >> level
}

/// The greatest side of a cell of a level on the ground, metres, at the equator.
#[must_use]
pub fn side_m(level: u8) -> f64 {
    // Where columns become wider a cell is as wide as at the equator, and never wider.
    SIDE_M / f64::from(1_u32 << (SIDE_STEP_BITS * u32::from(level.min(LEVEL_FINEST))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_cuts_the_one_above() {
        for level in 0..LEVEL_FINEST {
            assert_eq!(row_bits(level), row_bits(level + 1) + 2);
            assert_eq!(thickness_cm(level), 2 * thickness_cm(level + 1));
            assert_eq!(duration_us(level), 2 * duration_us(level + 1));
            for row in [-4_000, -3_999, -1, 0, 1, 2_731, 2_732, 3_772] {
                assert_eq!(
                    column_bits(level, row >> 2),
                    column_bits(level + 1, row) + 2
                );
            }
        }
    }

    #[test]
    fn south_mirrors_north() {
        for row in 0..970 {
            assert_eq!(column_bits(0, row), column_bits(0, -row - 1));
        }
    }
}
