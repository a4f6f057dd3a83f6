//! The order in which volumes are packed into a tree: time slices, and a Hilbert curve inside each.

use crate::bounds::{Bounds, LATITUDE, LONGITUDE, TIME};
use crate::tree::FAN_OUT;

/// Bits per axis of the Hilbert curve; 65 536 cells a side tell 600 m apart around the whole world.
const CURVE_BITS: u32 = 16;

/// The largest number of time slices considered.
const SLICES_MAX: u32 = 256;

/// The positions of `boxes` in packing order: neighbours in the answer are neighbours in space and time.
///
/// Deterministic: ties keep the order given.
pub(crate) fn packing_order(boxes: &[Bounds]) -> Vec<u32> {
    if boxes.is_empty() {
        return Vec::new();
    }
    let world = boxes.iter().fold(Bounds::EMPTY, |all, one| all.union(one));
    let slices = i64::from(slice_count(boxes, &world));
    let start = starts(boxes);
    let mut keyed: Vec<(u64, u32)> = boxes
        .iter()
        .zip(0_u32..)
        .map(|(one, place)| {
            let slice = scaled(i64::from(one.low[TIME]), start, slices) as u64;
            let x = scaled(
                one.middle(LONGITUDE),
                axis(&world, LONGITUDE),
                1 << CURVE_BITS,
            );
            let y = scaled(
                one.middle(LATITUDE),
                axis(&world, LATITUDE),
                1 << CURVE_BITS,
            );
            (
                (slice << (2 * CURVE_BITS)) | hilbert(x as u32, y as u32),
                place,
            )
        })
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, place)| place).collect()
}

/// The number of time slices that makes a search visit the fewest leaves, for searches like the volumes themselves.
///
/// A search of mean size meets a leaf with a probability that is the product, over the axes, of the sum of their lengths.
/// More slices make leaves shorter in time and wider on the ground; this weighs one against the other.
fn slice_count(boxes: &[Bounds], world: &Bounds) -> u32 {
    let count = boxes.len().max(1) as f64;
    let mean = |axis: usize| boxes.iter().map(|b| b.extent(axis) as f64).sum::<f64>() / count;
    let (first, last) = starts(boxes);
    let (width, height, duration) = (
        world.extent(LONGITUDE) as f64,
        world.extent(LATITUDE) as f64,
        (last - first) as f64,
    );
    let (mean_width, mean_height, mean_duration) = (mean(LONGITUDE), mean(LATITUDE), mean(TIME));
    let cost = |slices: u32| {
        let side = (f64::from(slices) * FAN_OUT as f64 / count).sqrt().min(1.0);
        (width * side + 2.0 * mean_width)
            * (height * side + 2.0 * mean_height)
            * (duration / f64::from(slices) + 2.0 * mean_duration)
    };
    let mut best = 1;
    let mut slices = 2;
    while slices <= SLICES_MAX {
        if cost(slices) < cost(best) {
            best = slices;
        }
        slices *= 2;
    }
    best
}

/// First and last start, in ticks.
fn starts(boxes: &[Bounds]) -> (i64, i64) {
    boxes
        .iter()
        .fold((i64::MAX, i64::MIN), |(first, last), one| {
            let start = i64::from(one.low[TIME]);
            (first.min(start), last.max(start))
        })
}

fn axis(world: &Bounds, dimension: usize) -> (i64, i64) {
    (
        i64::from(world.low[dimension]),
        i64::from(world.high[dimension]),
    )
}

/// Which of `cells` equal cells of `range` a value falls in.
fn scaled(value: i64, range: (i64, i64), cells: i64) -> i64 {
    let length = (range.1 - range.0).max(0) + 1;
    ((value - range.0) * cells / length).clamp(0, cells - 1)
}

/// Distance along the Hilbert curve of order [`CURVE_BITS`] (D. Hilbert, Mathematische Annalen 38, 1891).
fn hilbert(mut x: u32, mut y: u32) -> u64 {
    let mut distance = 0;
    for bit in (0..CURVE_BITS).rev() {
        let (right, top) = ((x >> bit) & 1, (y >> bit) & 1);
        distance = (distance << 2) | u64::from((3 * right) ^ top);
        if top == 0 {
            if right == 1 {
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_steps_from_neighbour_to_neighbour() {
        const SIDE: u32 = 32;
        let mut cells: Vec<(u64, u32, u32)> = (0..SIDE)
            .flat_map(|x| (0..SIDE).map(move |y| (hilbert(x, y), x, y)))
            .collect();
        cells.sort_unstable();
        for pair in cells.windows(2) {
            let (_, x, y) = pair[0];
            let (_, u, v) = pair[1];
            assert_eq!(x.abs_diff(u) + y.abs_diff(v), 1);
        }
    }

    #[test]
    fn the_order_is_a_permutation_even_of_equal_boxes() {
        let same = Bounds::new([1.0, 2.0], [3.0, 4.0], [0.0, 1.0], 0, Some(10));
        assert_eq!(packing_order(&[same; 5]), [0, 1, 2, 3, 4]);
        assert!(packing_order(&[]).is_empty());
    }

    #[test]
    fn many_short_volumes_are_sliced_by_time_and_few_are_not() {
        let spread = |count: i64| -> Vec<Bounds> {
            (0..count)
                .map(|i| {
                    let (x, y) = (
                        (i * 7919 % 1000) as f64 / 100.0,
                        (i * 104_729 % 1000) as f64 / 100.0,
                    );
                    let start = (i * 15_485_863 % 86_400) * 1_000_000;
                    Bounds::new(
                        [x, x + 0.05],
                        [y, y + 0.05],
                        [0.0, 1.0],
                        start,
                        Some(start + 7_200_000_000),
                    )
                })
                .collect()
        };
        let slices = |boxes: &[Bounds]| {
            slice_count(
                boxes,
                &boxes.iter().fold(Bounds::EMPTY, |all, one| all.union(one)),
            )
        };
        assert!(slices(&spread(1_000)) < slices(&spread(100_000)));
    }
}
