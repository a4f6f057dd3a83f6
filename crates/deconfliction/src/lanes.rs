//! Sixteen boxes compared with one, by the widest instructions the machine has.
//!
//! The choice is made while running, so that one binary serves every machine, and every choice gives the same answer.

use crate::bounds::{Bounds, DIMENSIONS};

/// Boxes compared at once: one 512-bit register of 32-bit lanes, or two of 256 bits.
pub(crate) const LANES: usize = 16;

/// One side of sixteen boxes, dimension by dimension.
pub(crate) type Sides = [[i32; LANES]; DIMENSIONS];

/// An instruction set.
pub(crate) trait Lanes: Copy {
    /// One bit for every one of the boxes `low`..=`high` that meets `search`.
    fn meeting(self, low: &Sides, high: &Sides, search: &Bounds) -> u32;

    /// One bit for every one of sixteen rectangles whose sides are all within the limits.
    fn within(self, sides: &[[u8; LANES]; 4], limits: [u8; 4]) -> u32;

    /// One bit for every number of the first eight that is greater than its counterpart.
    fn above(self, these: Eight, those: Eight) -> u32;
}

/// Eight numbers worked on together.
///
/// Arithmetic on them is compiled to vector instructions as it is written; only comparing needs [`Lanes`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Eight(pub(crate) [f64; 8]);

impl Eight {
    #[inline(always)]
    pub(crate) fn all(value: f64) -> Self {
        Self([value; 8])
    }

    #[inline(always)]
    pub(crate) fn from_fn(value: impl Fn(usize) -> f64) -> Self {
        Self(std::array::from_fn(value))
    }

    #[inline(always)]
    pub(crate) fn least(self, other: Self) -> Self {
        Self::from_fn(|i| least(self.0[i], other.0[i]))
    }

    #[inline(always)]
    pub(crate) fn greatest(self, other: Self) -> Self {
        Self::from_fn(|i| greatest(self.0[i], other.0[i]))
    }

    #[inline(always)]
    pub(crate) fn size(self) -> Self {
        Self(self.0.map(f64::abs))
    }
}

impl std::ops::Add for Eight {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::from_fn(|i| self.0[i] + other.0[i])
    }
}

impl std::ops::Sub for Eight {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self::from_fn(|i| self.0[i] - other.0[i])
    }
}

impl std::ops::Mul for Eight {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::from_fn(|i| self.0[i] * other.0[i])
    }
}

impl std::ops::Neg for Eight {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(|value| -value))
    }
}

/// The lesser number, as one instruction: unlike [`f64::min`] it promises nothing about what is not a number.
#[inline(always)]
pub(crate) fn least(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The greater number, as [`least`].
#[inline(always)]
pub(crate) fn greatest(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// No particular instructions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

impl Lanes for Portable {
    #[inline(always)]
    fn meeting(self, low: &Sides, high: &Sides, search: &Bounds) -> u32 {
        let mut bits = 0;
        for lane in 0..LANES {
            let mut both = true;
            for d in 0..DIMENSIONS {
                both &= low[d][lane] <= search.high[d];
                both &= high[d][lane] >= search.low[d];
            }
            bits |= u32::from(both) << lane;
        }
        bits
    }

    #[inline(always)]
    fn within(self, sides: &[[u8; LANES]; 4], limits: [u8; 4]) -> u32 {
        let within = |lane: usize| (0..4).all(|side| sides[side][lane] <= limits[side]);
        (0..LANES).fold(0, |bits, lane| bits | u32::from(within(lane)) << lane)
    }

    #[inline(always)]
    fn above(self, these: Eight, those: Eight) -> u32 {
        (0..8)
            .map(|i| u32::from(these.0[i] > those.0[i]) << i)
            .fold(0, |bits, bit| bits | bit)
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes for pulp::x86::V3 {
    #[inline(always)]
    fn meeting(self, low: &Sides, high: &Sides, search: &Bounds) -> u32 {
        let mut misses = [pulp::cast([0_i32; 8]); 2];
        for d in 0..DIMENSIONS {
            let (below, above) = (
                self.splat_i32x8(search.low[d]),
                self.splat_i32x8(search.high[d]),
            );
            let (low, high): ([pulp::i32x8; 2], [pulp::i32x8; 2]) =
                (pulp::cast(low[d]), pulp::cast(high[d]));
            for half in 0..2 {
                let beyond = self
                    .avx2
                    ._mm256_cmpgt_epi32(pulp::cast(low[half]), pulp::cast(above));
                let before = self
                    .avx2
                    ._mm256_cmpgt_epi32(pulp::cast(below), pulp::cast(high[half]));
                misses[half] = self
                    .avx2
                    ._mm256_or_si256(misses[half], self.avx2._mm256_or_si256(beyond, before));
            }
        }
        let bits = misses.map(|half| self.avx._mm256_movemask_ps(pulp::cast(half)) as u32);
        !(bits[0] | (bits[1] << 8)) & 0xFFFF
    }

    #[inline(always)]
    fn within(self, sides: &[[u8; LANES]; 4], limits: [u8; 4]) -> u32 {
        let within = |side: usize| {
            let (values, limit) = (pulp::cast(sides[side]), pulp::cast([limits[side]; LANES]));
            self.sse2
                ._mm_cmpeq_epi8(self.sse2._mm_min_epu8(values, limit), values)
        };
        let [a, b, c, d] = std::array::from_fn(within);
        let all = self
            .sse2
            ._mm_and_si128(self.sse2._mm_and_si128(a, b), self.sse2._mm_and_si128(c, d));
        self.sse2._mm_movemask_epi8(all) as u32
    }

    #[inline(always)]
    fn above(self, these: Eight, those: Eight) -> u32 {
        let (these, those): ([pulp::f64x4; 2], [pulp::f64x4; 2]) =
            (pulp::cast(these.0), pulp::cast(those.0));
        let bits = |half: usize| {
            self.avx
                ._mm256_movemask_pd(pulp::cast(self.cmp_gt_f64x4(these[half], those[half])))
                as u32
        };
        bits(0) | (bits(1) << 4)
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes for pulp::x86::V4 {
    #[inline(always)]
    fn meeting(self, low: &Sides, high: &Sides, search: &Bounds) -> u32 {
        let mut bits = u16::MAX;
        for d in 0..DIMENSIONS {
            let (below, above) = (
                self.splat_i32x16(search.low[d]),
                self.splat_i32x16(search.high[d]),
            );
            bits &= self.cmp_le_i32x16(pulp::cast(low[d]), above).0;
            bits &= self.cmp_ge_i32x16(pulp::cast(high[d]), below).0;
        }
        u32::from(bits)
    }

    #[inline(always)]
    fn within(self, sides: &[[u8; LANES]; 4], limits: [u8; 4]) -> u32 {
        Lanes::within(*self, sides, limits)
    }

    #[inline(always)]
    fn above(self, these: Eight, those: Eight) -> u32 {
        u32::from(
            self.cmp_gt_f64x8(pulp::cast(these.0), pulp::cast(those.0))
                .0,
        )
    }
}

/// Work that is compiled once for each instruction set.
pub(crate) trait Work {
    /// What it answers.
    type Output;

    /// Does the work. Implementations are `#[inline(always)]`, and so is what they call, or the instructions stay unused.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Does work with the widest instructions of this machine.
pub(crate) fn widest<W: Work>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    match pulp::x86::Arch::new() {
        pulp::x86::Arch::V4(lanes) => lanes.vectorize(
            #[inline(always)]
            || work.run(lanes),
        ),
        pulp::x86::Arch::V3(lanes) => lanes.vectorize(
            #[inline(always)]
            || work.run(lanes),
        ),
        _ => work.run(Portable),
    }
    #[cfg(not(target_arch = "x86_64"))]
    work.run(Portable)
}
