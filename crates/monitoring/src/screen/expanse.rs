//! Wide parts of the grid without a border at the height of a flight: whole tiles, blocks of cells, a cell and those around it.
//!
//! Where no border is, every zone of that height lies everywhere or nowhere: what fills the place where a way begins is all
//! that is to be told of it, however long it is, and holds on as long as the flight stays there.

use super::{Calm, Look, Others, Screen, block_number, corner, number};
use crate::{
    grid::{RowFrame, STEP_BITS, Spot},
    mosaic::{BLOCK_BITS, Reach, Tile, least_height},
};

/// A part of a tile without a border at some heights.
pub(super) struct Expanse {
    /// Its south-west corner and its size in steps, less what the longest way within it may bulge.
    pub(super) corner: Spot,
    pub(super) size: [u32; 2],
    /// The borders of other heights.
    borders: Reach,
    kind: Kind,
}

/// What a part of a tile is.
#[derive(Clone, Copy)]
enum Kind {
    /// All of it.
    Tile,
    /// A block of cells.
    Block,
    /// A cell and those around it.
    Cells,
}

impl Expanse {
    /// None when it is too small for its longest way, or does not hold the spots.
    #[inline(always)]
    fn new(
        frame: &RowFrame,
        (corner, [width, height]): (Spot, [u32; 2]),
        spots: [Spot; 2],
        borders: Reach,
        kind: Kind,
    ) -> Option<Self> {
        let (along_x, along_y) = (width as f32, height as f32);
        let margin = (frame.bulge * (along_x * along_x + along_y * along_y)) as u32 + 2;
        let corner = Spot {
            x: corner.x + margin,
            y: corner.y + margin,
        };
        let size = [
            width.checked_sub(2 * margin)?,
            height.checked_sub(2 * margin)?,
        ];
        let holds = |spot: Spot| {
            spot.x.wrapping_sub(corner.x) < size[0] && spot.y.wrapping_sub(corner.y) < size[1]
        };
        spots.into_iter().all(holds).then_some(Self {
            corner,
            size,
            borders,
            kind,
        })
    }

    /// How high what holds on in it does.
    #[inline(always)]
    fn limits(&self, heights: [u8; 2], calm: &mut Calm) {
        let Reach { low, high } = self.borders;
        if self.borders.is_nothing() {
            return;
        }
        if heights[0] > high {
            calm.low = calm.low.max(least_height(high + 1));
        } else {
            calm.high = calm.high.min(least_height(low) - 1);
        }
    }
}

impl Screen {
    /// The widest part of a tile that holds two spots and no border at these coarse heights.
    #[inline(always)]
    pub(super) fn expanse(
        &self,
        tile: &Tile,
        frame: &RowFrame,
        spots: [Spot; 2],
        heights: [u8; 2],
    ) -> Option<Expanse> {
        let [from, _] = spots;
        let origin = Spot {
            x: from.x >> STEP_BITS << STEP_BITS,
            y: from.y >> STEP_BITS << STEP_BITS,
        };
        let borders = tile.filling.borders;
        if borders.misses(heights) {
            let whole = (origin, [1 << STEP_BITS; 2]);
            let expanse = Expanse::new(frame, whole, spots, borders, Kind::Tile);
            if expanse.is_some() {
                return expanse;
            }
        }
        if tile.cell_bits == STEP_BITS {
            // One cell is all there is.
            return None;
        }
        let borders = self.mosaic.block(block_number(tile, from)).borders;
        if borders.misses(heights) {
            let bits = tile.cell_bits + BLOCK_BITS;
            let block = Spot {
                x: from.x >> bits << bits,
                y: from.y >> bits << bits,
            };
            let whole = (block, [1 << bits; 2]);
            let expanse = Expanse::new(frame, whole, spots, borders, Kind::Block);
            if expanse.is_some() {
                return expanse;
            }
        }
        let borders = self.mosaic.cell(number(tile, from)).borders;
        if !borders.misses(heights) {
            return None;
        }
        let (cell, side) = (corner(tile, from), 1_u32 << tile.cell_bits);
        let ends = |at: u32, origin: u32| {
            let low = at.saturating_sub(side).max(origin);
            let high = (at + 2 * side).min(origin + (1 << STEP_BITS));
            (low, high - low)
        };
        let ((x, width), (y, height)) = (ends(cell.x, origin.x), ends(cell.y, origin.y));
        let whole = (Spot { x, y }, [width, height]);
        Expanse::new(frame, whole, spots, borders, Kind::Cells)
    }

    /// How long what is told of a flight at a spot holds on around it, given how high and until when it does there.
    #[inline(always)]
    pub(super) fn calm_around(&self, spot: Spot, heights: [u8; 2], mut calm: Calm) -> Calm {
        let (Some(tile), Some(frame)) = (self.mosaic.tile(spot.tile()), self.frame(spot)) else {
            return Calm::NONE;
        };
        let Some(expanse) = self.expanse(tile, frame, [spot; 2], heights) else {
            return Calm::NONE;
        };
        expanse.limits(heights, &mut calm);
        calm.in_box(expanse.corner, expanse.size, spot)
    }
}

impl<O: Others + ?Sized> Look<'_, O> {
    /// Looks at what fills the part of a tile in which the way lies.
    #[inline(always)]
    pub(super) fn across(&mut self, tile: &Tile, expanse: &Expanse) {
        expanse.limits(self.coarse, &mut self.calm);
        self.filling(tile, true);
        if let Kind::Cells = expanse.kind {
            self.cell(tile, self.way.from, true);
        }
    }
}
