//! Where a place is, quickly and roughly: whole steps of longitude and latitude, tiles of a degree, rows of tiles.
//!
//! The grid is a filter, never a decision: what is said by it holds whatever the error of a step, and what is near a border
//! is left to the exact geometry.
//! It ends at [`LATITUDE_MAX_DEG`] and is cut at the antimeridian; ways beyond and across go to the exact geometry at once.

use detente_spacetime::Position;

/// Steps in a degree, as a power of two: a step is 10.6 cm of latitude.
pub(crate) const STEP_BITS: u32 = 20;
/// Steps in a degree.
pub(crate) const STEPS: f64 = (1_u32 << STEP_BITS) as f64;
/// Tiles around the earth.
pub(crate) const TILES_AROUND: u32 = 360;
/// Rows of tiles from pole to pole.
pub(crate) const ROWS: u32 = 180;
/// No coordinate reaches its end.
const X_END: u32 = TILES_AROUND << STEP_BITS;
const Y_END: u32 = ROWS << STEP_BITS;
/// Beyond this latitude nothing is said: steps of longitude become too short to mean anything.
pub(crate) const LATITUDE_MAX_DEG: f64 = 84.0;
/// No step of latitude is shorter, metres: a(1 − e²) at the equator, rounded down; one of longitude times the cosine of latitude.
const STEP_MIN_M: f64 = 0.105;
/// No step is longer, metres, rounded up.
const STEP_MAX_M: f64 = 0.1066;
/// No radius of curvature of the ellipsoid is smaller, metres, rounded down.
const RADIUS_MIN_M: f64 = 6_335_000.0;
/// Longest straight piece of a border on the grid, metres: short enough to be straight to a decimetre at 84°.
pub(crate) const PIECE_M: f64 = 700.0;
/// How far an edge of a ring may bulge from the straight line between its corners on the grid, steps: then nothing is put
/// between them.
pub(crate) const RING_BULGE: f32 = 8.0;
/// How far the border of a circle or a corridor may be from its straight pieces on the grid, metres.
pub(crate) const SAGITTA_M: f64 = 0.1;
/// What else a border may be off, metres: contact counts within half a millimetre, chords are a little below the surface.
const REST_M: f64 = 0.05;
/// Steps that rounding of a way, of a piece, and of sums of `f32` may cost.
const ROUNDING_STEPS: f64 = 4.0;

/// A place in whole steps, east of the antimeridian and north of the south pole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) x: u32,
    pub(crate) y: u32,
}

impl Spot {
    #[inline(always)]
    pub(crate) fn of(position: Position) -> Self {
        Self::at(position.latitude_deg(), position.longitude_deg())
    }

    /// What is no place on earth gives some spot of the grid.
    #[inline(always)]
    pub(crate) fn at(latitude_deg: f64, longitude_deg: f64) -> Self {
        // Added to 2^52 a number keeps its whole part, to the nearest, in its last bits.
        const WHOLE: f64 = (1_u64 << 52) as f64;
        let x = ((longitude_deg + 180.0) * STEPS + WHOLE).to_bits() as u32;
        let y = ((latitude_deg + 90.0) * STEPS + WHOLE).to_bits() as u32;
        Self {
            x: if x < X_END { x } else { X_END - 1 },
            y: if y < Y_END { y } else { Y_END - 1 },
        }
    }

    /// The number of its tile.
    #[inline(always)]
    pub(crate) fn tile(self) -> u32 {
        (self.y >> STEP_BITS) * TILES_AROUND + (self.x >> STEP_BITS)
    }
}

/// What a straight line on the grid may be off in one row of tiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowFrame {
    /// How far a border may be from its pieces, steps.
    pub(crate) slack: f32,
    /// How far a geodesic may be from the straight line between its ends, steps for each squared step of its length.
    pub(crate) bulge: f32,
}

impl RowFrame {
    /// None beyond [`LATITUDE_MAX_DEG`].
    pub(crate) fn of(row: u32) -> Option<Self> {
        let south_deg = f64::from(row) - 90.0;
        let steepest_deg = south_deg.abs().max((south_deg + 1.0).abs());
        if steepest_deg > LATITUDE_MAX_DEG {
            return None;
        }
        // A way may begin in this row and bulge in the next.
        let (sine, cosine) = (steepest_deg + 1.0).to_radians().sin_cos();
        // On the grid a geodesic turns by at most 1.155 tan φ / R: (4/3)^½, the most of sin α (4 cos² α + sin² α)^½.
        let bend = 1.2 * sine / cosine / (8.0 * RADIUS_MIN_M);
        let step_m = STEP_MIN_M * cosine;
        let slack_m = bend * PIECE_M * PIECE_M + SAGITTA_M + REST_M;
        Some(Self {
            slack: (slack_m / step_m + ROUNDING_STEPS) as f32,
            bulge: (bend * STEP_MAX_M * STEP_MAX_M / step_m) as f32,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use detente_spacetime::Leg;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn geodesics_stay_within_the_stated_bulge_of_straight_lines(
            latitude in -83.9..83.9_f64, longitude in -179.0..179.0_f64,
            up in -0.4..0.4_f64, across in -0.4..0.4_f64, size in 0.0..1.0_f64,
        ) {
            let (to_latitude, to_longitude) = ((latitude + up * size).clamp(-83.9, 83.9), longitude + across * size);
            let from = Position::new(latitude, longitude).unwrap();
            let to = Position::new(to_latitude, to_longitude).unwrap();
            let leg = Leg::new(from, to).unwrap();
            let row = |degrees: f64| (degrees + 90.0) as u32;
            let frame = RowFrame::of(row(latitude)).unwrap();
            let (dx, dy) = ((to_longitude - longitude) * STEPS, (to_latitude - latitude) * STEPS);
            let bulge = f64::from(frame.bulge) * (dx * dx + dy * dy);
            for share in [0.1, 0.3, 0.5, 0.7, 0.9] {
                let place = leg.at(share).unwrap();
                let (x, y) = ((place.longitude_deg() - longitude) * STEPS, (place.latitude_deg() - latitude) * STEPS);
                let off = (x * dy - y * dx).abs() / dx.hypot(dy).max(1e-9);
                prop_assert!(off <= bulge + 0.01, "{off} > {bulge}");
            }
        }
    }
}
