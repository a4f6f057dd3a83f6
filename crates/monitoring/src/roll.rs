//! All zones by number: when, how high and for whom each applies, and the rings of most in six bytes a corner.
//!
//! Published coordinates have at most seven decimals of a degree, eleven millimetres; such a corner is a whole number, and a
//! ring of them is kept as three bytes north and three bytes east of its first corner.
//! That is exact: the grid looks at these corners, and the exact geometry is given the few of them that are near
//! ([`detente_spacetime::Leg::passages_of_ring`]).
//! A ring that cannot be kept so is kept as the footprint it is.

use detente_spacetime::{
    Footprint, Position,
    footprint::{CORNER_UNITS, corner},
};

use crate::grid::{LATITUDE_MAX_DEG, RING_BULGE, RowFrame, STEPS, Spot};

/// Steps in a unit of a corner.
const UNIT_STEPS: f64 = STEPS / CORNER_UNITS;
/// No coordinate of a corner is further from the first one's, units: three bytes.
const AWAY_MAX: i32 = (1 << 23) - 1;
/// Most corners of a ring that is kept here: records count them in two bytes.
const CORNERS_MAX: usize = u16::MAX as usize;

/// When, how high and for whom a zone applies, coarsely and safely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Whole seconds since 2000 when it begins and ends, both rounded down.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// One bit for each force it applies to.
    pub(crate) forces: u32,
    /// The heights that may be in it, and those that surely are: four limits in metres.
    pub(crate) heights: [i16; 4],
}

/// What is known of a zone: half a line of the cache.
#[derive(Clone, Copy, Debug)]
struct Row {
    terms: Terms,
    /// Its first corner.
    base: [i32; 2],
    /// Where its corners begin; they end where those of the next begin.
    first: u32,
}

/// All zones in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Roll {
    rows: Vec<Row>,
    corners: Vec<[u8; 6]>,
}

/// The ring of a zone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ring<'a> {
    base: [i32; 2],
    corners: &'a [[u8; 6]],
}

impl Roll {
    /// Adds the next zone without its ring.
    pub(crate) fn add(&mut self, terms: Terms) {
        self.rows.push(Row {
            terms,
            base: [0; 2],
            first: self.corners.len() as u32,
        });
    }

    /// Adds the next zone with its ring; false, and it is added without, when its ring cannot be kept here.
    pub(crate) fn add_ring(&mut self, terms: Terms, footprint: &Footprint) -> bool {
        self.add(terms);
        let Some(corners) = corners(footprint) else {
            return false;
        };
        let full = self.corners.len() + corners.len() > u32::MAX as usize;
        let (Some(row), Some(base), false) = (self.rows.last_mut(), corners.first(), full) else {
            return false;
        };
        row.base = *base;
        self.corners.extend(corners.iter().map(|corner| {
            let [[n0, n1, n2, _], [e0, e1, e2, _]] =
                [0, 1].map(|axis: usize| (corner[axis] - base[axis]).to_le_bytes());
            [n0, n1, n2, e0, e1, e2]
        }));
        true
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        self.rows.shrink_to_fit();
        self.corners.shrink_to_fit();
    }

    #[inline(always)]
    pub(crate) fn terms(&self, zone: u32) -> Option<&Terms> {
        self.rows.get(zone as usize).map(|row| &row.terms)
    }

    pub(crate) fn all_terms(&self) -> impl Iterator<Item = &Terms> {
        self.rows.iter().map(|row| &row.terms)
    }

    /// The ring of a zone; none when it is not kept here.
    #[inline(always)]
    pub(crate) fn ring(&self, zone: u32) -> Option<Ring<'_>> {
        let zone = zone as usize;
        let row = self.rows.get(zone)?;
        let next = self.rows.get(zone.wrapping_add(1));
        let end = next.map_or(self.corners.len(), |next| next.first as usize);
        let corners = self.corners.get(row.first as usize..end)?;
        (!corners.is_empty()).then_some(Ring {
            base: row.base,
            corners,
        })
    }

    /// Reads a little of a corner of the ring of a zone, so that it is near.
    #[inline(always)]
    pub(crate) fn touch(&self, zone: u32, corner: u32) -> u32 {
        let first = self.rows.get(zone as usize).map_or(0, |row| row.first);
        let bytes = self.corners.get(first.wrapping_add(corner) as usize);
        bytes.map_or(0, |bytes| u32::from(bytes[0]))
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.rows) + size_of_val(&*self.corners)
    }
}

impl Ring<'_> {
    pub(crate) fn len(&self) -> u32 {
        self.corners.len() as u32
    }

    /// The position of a corner, exactly.
    pub(crate) fn position(&self, number: u32) -> Option<Position> {
        corner(self.units(number)?)
    }

    #[inline(always)]
    fn units(&self, number: u32) -> Option<[i32; 2]> {
        let [n0, n1, n2, e0, e1, e2] = *self.corners.get(number as usize)?;
        let away = |bytes: [u8; 3]| {
            let [low, middle, high] = bytes;
            i32::from_le_bytes([0, low, middle, high]) >> 8
        };
        Some([
            self.base[0].wrapping_add(away([n0, n1, n2])),
            self.base[1].wrapping_add(away([e0, e1, e2])),
        ])
    }

    /// A corner in steps of the grid.
    #[inline(always)]
    pub(crate) fn steps(&self, number: u32) -> Option<[f64; 2]> {
        self.units(number).map(steps)
    }

    /// Calls `look` with each of `count` pieces from number `first` on, around the ring, in units of so many steps
    /// (`1 / unit`) from a spot; stops and returns true when it returns true.
    #[inline(always)]
    pub(crate) fn any_piece(
        &self,
        (first, count): (u32, u32),
        from: Spot,
        unit: f32,
        mut look: impl FnMut(u32, [f32; 4]) -> bool,
    ) -> bool {
        let around = self.len();
        let from = [f64::from(from.x), f64::from(from.y)];
        let local = |number: u32| {
            let [x, y] = self.steps(number).unwrap_or(from);
            [(x - from[0]) as f32 * unit, (y - from[1]) as f32 * unit]
        };
        let mut number = first;
        let mut before = local(number);
        for _ in 0..count.min(around) {
            let next = if number.wrapping_add(1) >= around {
                0
            } else {
                number + 1
            };
            let here = local(next);
            if look(number, [before[0], before[1], here[0], here[1]]) {
                return true;
            }
            (number, before) = (next, here);
        }
        false
    }
}

/// The corners of a footprint that can be kept in few bytes and looked at as straight lines on the grid.
fn corners(footprint: &Footprint) -> Option<Vec<[i32; 2]>> {
    let corners = footprint
        .corners()
        .filter(|corners| corners.len() <= CORNERS_MAX)?;
    let base = corners.first()?;
    let is_near = |corner: &[i32; 2]| {
        [0, 1].iter().all(|axis: &usize| {
            let away = i64::from(corner[*axis]) - i64::from(base[*axis]);
            away.abs() <= i64::from(AWAY_MAX)
        }) && f64::from(corner[0]).abs() < LATITUDE_MAX_DEG * CORNER_UNITS
    };
    let is_straight = |(one, two): (&[i32; 2], &[i32; 2])| {
        let ([one_x, one_y], [two_x, two_y]) = (steps(*one), steps(*two));
        let (along_x, along_y) = (two_x - one_x, two_y - one_y);
        let frames = [one_y, two_y].map(|y| RowFrame::of((y / STEPS) as u32));
        frames.iter().all(|frame| {
            let bulge = frame.map_or(f64::INFINITY, |frame| f64::from(frame.bulge));
            bulge * (along_x * along_x + along_y * along_y) <= f64::from(RING_BULGE)
        })
    };
    let around = corners.iter().skip(1).chain(corners.first());
    let held = corners.iter().all(is_near) && corners.iter().zip(around).all(is_straight);
    held.then_some(corners)
}

fn steps([north, east]: [i32; 2]) -> [f64; 2] {
    [
        (f64::from(east) + 180.0 * CORNER_UNITS) * UNIT_STEPS,
        (f64::from(north) + 90.0 * CORNER_UNITS) * UNIT_STEPS,
    ]
}

#[cfg(test)]
mod tests {
    use detente_spacetime::EdgeKind;

    use super::*;

    const TERMS: Terms = Terms {
        start: 0,
        end: 0,
        forces: 0,
        heights: [0; 4],
    };

    fn ring(places: &[(f64, f64)]) -> Footprint {
        let ring: Vec<Position> = places
            .iter()
            .map(|(latitude, longitude)| Position::new(*latitude, *longitude).unwrap())
            .collect();
        let shaped = Footprint::polygon(&[ring], EdgeKind::Geodesic);
        shaped.unwrap().footprint
    }

    #[test]
    fn corners_with_seven_decimals_come_back_to_the_last_bit() {
        let places = [
            (35.123_456_7, -17.000_000_1),
            (35.12, -16.98),
            (35.15, -16.999_999_9),
        ];
        let mut roll = Roll::default();
        assert!(roll.add_ring(TERMS, &ring(&places)));
        assert!(roll.add_ring(TERMS, &ring(&[(-1.0, 1.0), (-1.0, 1.01), (-0.99, 1.0)])));
        let held = roll.ring(0).unwrap();
        assert_eq!(held.len(), 3);
        for (number, (latitude, longitude)) in (0..).zip(places) {
            let place = held.position(number).unwrap();
            assert_eq!(place.latitude_deg().to_bits(), latitude.to_bits());
            assert_eq!(place.longitude_deg().to_bits(), longitude.to_bits());
        }
        assert_eq!(roll.ring(1).unwrap().len(), 3);
    }

    #[test]
    fn what_is_finer_longer_or_across_the_antimeridian_is_not_kept_here() {
        let mut roll = Roll::default();
        let finer = [(35.0, 17.0), (35.0, 17.01), (35.000_000_05, 17.01)];
        let longer = [(60.0, 17.0), (60.0, 17.5), (60.1, 17.2)];
        let across = [(35.0, 179.99), (35.0, -179.99), (35.01, -180.0)];
        for places in [finer, longer, across] {
            assert!(!roll.add_ring(TERMS, &ring(&places)), "{places:?}");
        }
        assert!(roll.ring(0).is_none() && roll.ring(2).is_none());
        assert!(roll.terms(2).is_some() && roll.terms(3).is_none());
    }
}
