//! The cells that a leg touches, by whole numbers only.
//!
//! For each row of cells, widened by the leg's reach, the stretch of longitude that the leg has in it is exactly what its
//! edges have in it, together with what lies inside along the row's two borders: from any inner point, moving north meets an
//! edge or the border. Those stretches are widened by the reach and cut into columns.

use super::Terms;
use super::grid::{self, Cell, TURN};
use super::leg::Leg;

/// Heights are cut to this range, centimetres above the ellipsoid: below lies no air, and above it one layer stands for all.
const HEIGHT_RANGE_CM: (i64, i64) = (-100_000, 3_000_000);

/// Units of angle in a centimetre northward, at most, as a fraction: 2^32 / (2π · 6 335 439 m) is 1.0790 (WGS84, equator,
/// where a degree of latitude is shortest).
const NORTH_UNITS_IN_CM: (i64, i64) = (27, 25);
/// Units of angle in a centimetre eastward at the equator, at most, as a fraction: 2^32 / (2π · 6 378 137 m) is 1.0717.
const EAST_UNITS_IN_CM: (i64, i64) = (268, 250);
/// 1024 times the secant of 1°, 2°, … 86°, rounded up: how much more longitude a distance takes there.
const SECANTS: [i64; 86] = [
    1025, 1025, 1026, 1027, 1028, 1030, 1032, 1035, 1037, 1040, 1044, 1047, 1051, 1056, 1061, 1066,
    1071, 1077, 1084, 1090, 1097, 1105, 1113, 1121, 1130, 1140, 1150, 1160, 1171, 1183, 1195, 1208,
    1221, 1236, 1251, 1266, 1283, 1300, 1318, 1337, 1357, 1378, 1401, 1424, 1449, 1475, 1502, 1531,
    1561, 1594, 1628, 1664, 1702, 1743, 1786, 1832, 1881, 1933, 1989, 2048, 2113, 2182, 2256, 2336,
    2423, 2518, 2621, 2734, 2858, 2994, 3146, 3314, 3503, 3716, 3957, 4233, 4553, 4926, 5367, 5897,
    6546, 7358, 8403, 9797, 11750, 14680,
];

/// A leg has more cells than a side may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany;

/// A leg, and half of the agreed separation that is added around it.
struct Widened<'a> {
    leg: &'a Leg,
    /// How far around its rings it reaches, centimetres.
    reach_cm: i64,
    heights_cm: (i64, i64),
    window_us: (i64, i64),
}

impl<'a> Widened<'a> {
    fn new(leg: &'a Leg, terms: &Terms) -> Self {
        let half_cm = |metres: u32| i64::from(metres) * 50;
        let (least, most) = HEIGHT_RANGE_CM;
        let (lower, upper) = leg.heights_cm;
        let vertical_cm = half_cm(terms.vertical_m);
        let half_us = i64::from(terms.time_s) * 500_000;
        let (start, end) = leg.window_us;
        Self {
            leg,
            reach_cm: half_cm(terms.separation_m) + leg.rounded_cm,
            // Outside the range heights are clamped, which keeps their order and so never loses an overlap.
            heights_cm: (
                (lower - vertical_cm).clamp(least, most),
                (upper + vertical_cm).clamp(least, most),
            ),
            window_us: (start.saturating_sub(half_us), end.saturating_add(half_us)),
        }
    }
}

/// Cells as they are found; in the end each once, in order.
#[derive(Debug)]
pub(super) struct Found {
    cells: Vec<Cell>,
    most: usize,
}

impl Found {
    /// Takes in up to so many different cells.
    pub(super) fn new(most: usize) -> Self {
        Self {
            cells: Vec::new(),
            most,
        }
    }

    fn push(&mut self, cell: Cell) -> Result<(), TooMany> {
        // Legs share cells: what is there twice is let go before it costs more than the most there may be.
        if self.cells.len() > self.most.saturating_mul(2) {
            self.settle()?;
        }
        self.cells.push(cell);
        Ok(())
    }

    fn settle(&mut self) -> Result<(), TooMany> {
        self.cells.sort_unstable();
        self.cells.dedup();
        match self.cells.len() > self.most {
            true => Err(TooMany),
            false => Ok(()),
        }
    }

    /// The cells found.
    pub(super) fn finish(mut self) -> Result<Vec<Cell>, TooMany> {
        self.settle()?;
        Ok(self.cells)
    }
}

/// Adds the cells of a level that the leg, widened by half of the separation, touches; below the coarsest level only those
/// inside `within`, cells of the level above in order.
pub(super) fn cover(
    leg: &Leg,
    terms: &Terms,
    (level, within): (u8, Option<&[Cell]>),
    found: &mut Found,
) -> Result<(), TooMany> {
    let leg = Widened::new(leg, terms);
    let bits = grid::row_bits(level);
    let reach = ceil_times(leg.reach_cm, NORTH_UNITS_IN_CM);
    let latitudes = || leg.leg.rings().flatten().map(|corner| corner.1);
    let (Some(south), Some(north)) = (latitudes().min(), latitudes().max()) else {
        return Ok(());
    };
    let layers = range(leg.heights_cm, grid::thickness_cm(level));
    // The window's end does not count, so the last slot is that of the microsecond before it.
    let slots = range(
        (leg.window_us.0, leg.window_us.1 - 1),
        grid::duration_us(level),
    );
    let rows = ((south - reach) >> bits, (north + reach) >> bits);
    let within = within.map(|within| candidates(within, rows, layers, slots));
    for row in rows.0..=rows.1 {
        let above = within.as_deref();
        let above = above.map(|above| part(above, |cell| i64::from(cell.row), row >> 2));
        if above.is_some_and(<[Cell]>::is_empty) {
            continue;
        }
        let column_bits = grid::column_bits(level, row);
        let columns_in_turn = TURN >> column_bits;
        for (west, east) in stretches(&leg, row << bits, ((row + 1) << bits) - 1, reach) {
            let (west, east) = (west >> column_bits, east >> column_bits);
            for column in west..=east.min(west + columns_in_turn - 1) {
                let column = column.rem_euclid(columns_in_turn);
                let Some(flat) = flat(row, column) else {
                    continue;
                };
                match above {
                    None => stack(flat, layers, slots, found)?,
                    Some(above) => {
                        for parent in part(above, |cell| i64::from(cell.column), column >> 2) {
                            let layers = inside(layers, i64::from(parent.layer));
                            stack(flat, layers, inside(slots, parent.slot), found)?;
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

/// The cells of the level above that a leg of these rows, layers and slots may touch, in order: without them nothing is
/// computed of most of its rows.
fn candidates(
    within: &[Cell],
    rows: (i64, i64),
    layers: (i64, i64),
    slots: (i64, i64),
) -> Vec<Cell> {
    let meets = |range, parent| {
        let (from, to) = inside(range, parent);
        from <= to
    };
    let from = within.partition_point(|cell| i64::from(cell.row) < rows.0 >> 2);
    let of_rows = within.iter().skip(from);
    of_rows
        .take_while(|cell| i64::from(cell.row) <= rows.1 >> 2)
        .filter(|cell| meets(layers, i64::from(cell.layer)) && meets(slots, cell.slot))
        .copied()
        .collect()
}

/// The cells in which a member has a value, of cells that are in order by that member.
fn part(cells: &[Cell], member: impl Fn(&Cell) -> i64, value: i64) -> &[Cell] {
    let from = cells.partition_point(|cell| member(cell) < value);
    let cells = cells.get(from..).unwrap_or_default();
    let to = cells.partition_point(|cell| member(cell) == value);
    cells.get(..to).unwrap_or_default()
}

/// The part of a range that lies in the two halves of a layer or slot of the level above.
fn inside((from, to): (i64, i64), parent: i64) -> (i64, i64) {
    let first = parent.saturating_mul(2);
    (from.max(first), to.min(first.saturating_add(1)))
}

/// A cell's row and column, when they fit.
fn flat(row: i64, column: i64) -> Option<(i32, u32)> {
    Some((i32::try_from(row).ok()?, u32::try_from(column).ok()?))
}

/// Adds the cells above one place.
fn stack(
    (row, column): (i32, u32),
    layers: (i64, i64),
    slots: (i64, i64),
    found: &mut Found,
) -> Result<(), TooMany> {
    for layer in layers.0..=layers.1 {
        let Ok(layer) = i32::try_from(layer) else {
            continue;
        };
        for slot in slots.0..=slots.1 {
            found.push(Cell {
                row,
                column,
                layer,
                slot,
            })?;
        }
    }
    Ok(())
}

/// The first and the last index of cells of a size that values from one to another lie in, both held.
fn range((from, to): (i64, i64), size: i64) -> (i64, i64) {
    (from.div_euclid(size), to.div_euclid(size))
}

/// `value` times a fraction, rounded away from zero.
fn ceil_times(value: i64, (over, under): (i64, i64)) -> i64 {
    (value * over) / under + 1
}

/// The stretches of longitude that the leg and its reach have between two latitudes, merged, from west to east.
fn stretches(leg: &Widened<'_>, south: i64, north: i64, reach: i64) -> Vec<(i64, i64)> {
    let (south, north) = (south - reach, north + reach);
    let mut found = Vec::new();
    let mut southern = Vec::new();
    let mut northern = Vec::new();
    for (from, to) in leg.leg.edges() {
        let (low, high) = if from.1 <= to.1 {
            (from, to)
        } else {
            (to, from)
        };
        if let Some(stretch) = clipped(low, high, south, north) {
            found.push(stretch);
        }
        southern.extend(crossing(low, high, south));
        northern.extend(crossing(low, high, north));
    }
    for crossings in [&mut southern, &mut northern] {
        crossings.sort_unstable();
        for pair in crossings.chunks_exact(2) {
            if let [west, east] = pair {
                found.push((west.0, east.1));
            }
        }
    }
    let width = ceil_times(
        leg.reach_cm * secant(south.abs().max(north.abs())),
        (EAST_UNITS_IN_CM.0, EAST_UNITS_IN_CM.1 * 1024),
    );
    merged(found, width)
}

/// The stretch of longitude that an edge has between two latitudes, rounded outward.
fn clipped(low: (i64, i64), high: (i64, i64), south: i64, north: i64) -> Option<(i64, i64)> {
    if high.1 < south || low.1 > north {
        return None;
    }
    let at_south = if low.1 < south {
        along(low, high, south)
    } else {
        (low.0, low.0)
    };
    let at_north = if high.1 > north {
        along(low, high, north)
    } else {
        (high.0, high.0)
    };
    Some((at_south.0.min(at_north.0), at_south.1.max(at_north.1)))
}

/// Where an edge crosses a latitude, rounded down and up; the southern end belongs to the edge and the northern does not.
fn crossing(low: (i64, i64), high: (i64, i64), latitude: i64) -> Option<(i64, i64)> {
    (low.1 <= latitude && latitude < high.1).then(|| along(low, high, latitude))
}

/// The longitude of an edge at a latitude between its ends, rounded down and up.
fn along(low: (i64, i64), high: (i64, i64), latitude: i64) -> (i64, i64) {
    let over = i128::from(high.0 - low.0) * i128::from(latitude - low.1);
    let under = i128::from(high.1 - low.1).max(1);
    let down = low.0 + i64::try_from(over.div_euclid(under)).unwrap_or(0);
    (down, down + i64::from(over.rem_euclid(under) != 0))
}

/// 1024 times the secant of a latitude, at least.
fn secant(latitude: i64) -> i64 {
    let degrees = usize::try_from((latitude * 360) >> 32).unwrap_or(usize::MAX);
    SECANTS
        .get(degrees)
        .or(SECANTS.last())
        .copied()
        .unwrap_or(1024)
}

/// The stretches widened on both sides, in order, those that meet made one.
fn merged(mut stretches: Vec<(i64, i64)>, width: i64) -> Vec<(i64, i64)> {
    stretches.sort_unstable();
    let mut result: Vec<(i64, i64)> = Vec::new();
    for (west, east) in stretches {
        let (west, east) = (west - width, east + width);
        match result.last_mut() {
            Some(last) if west <= last.1 => last.1 = last.1.max(east),
            _ => result.push((west, east)),
        }
    }
    result
}
