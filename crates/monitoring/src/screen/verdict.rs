//! What the screen says of a segment, and how long it holds on.

use detente_spacetime::{Beforehand, PieceRun};

use crate::grid::Spot;

/// Steps by which the side of a box is counted, as a power of two: 1.7 m of latitude.
const REACH_BITS: u32 = 4;

/// How long what was told of a way holds on: in a box of the grid, between these heights, before that second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Calm {
    /// The south-west corner of the box, steps.
    corner: Spot,
    /// How far it reaches east and north, in sixteens of steps of which the last counts as well.
    reach: [u16; 2],
    pub(super) low: i16,
    pub(super) high: i16,
    pub(super) until: u32,
}

/// A zone that has to be asked about, with what is known already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) zone: u32,
    pub(super) start: Start,
    pub(super) near: Near,
}

/// Whether the way starts in the footprint of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// It starts where nothing is told of the zone: outside.
    Elsewhere,
    Inside,
    Outside,
    Unknown,
}

/// Which pieces of a footprint's boundary the way may come near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Near {
    Nothing,
    /// None but these.
    Pieces([PieceRun; 2]),
    Anything,
}

/// What is known of a way and the footprint of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Footing {
    /// It does not touch it.
    Apart,
    /// It lies inside as a whole.
    Within,
    /// It may do anything, within what is known beforehand.
    Open(Beforehand),
}

/// What the screen says of a segment.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// A span of time as seconds from and to, and its number: that of the last way, and most likely of the next.
    pub(super) span: (u32, u32, u8),
    pub(crate) calm: Calm,
    /// The zones it lies in as a whole, under every assumption, by number in order.
    pub(crate) whole: Vec<u32>,
    /// The zones to be asked about, by number in order.
    pub(crate) ask: Vec<Ask>,
}

impl Calm {
    /// Nothing holds on.
    pub(crate) const NONE: Self = Self {
        corner: Spot {
            x: u32::MAX,
            y: u32::MAX,
        },
        reach: [0; 2],
        low: i16::MIN,
        high: i16::MAX,
        until: u32::MAX,
    };

    /// The same for a box from its south-west corner, so many steps wide and high; [`Calm::NONE`] when `spot` is not in it.
    #[inline(always)]
    pub(super) fn in_box(self, corner: Spot, size: [u32; 2], spot: Spot) -> Self {
        let whole = size.map(|steps| (steps >> REACH_BITS).min(1 << u16::BITS));
        let [Some(east), Some(north)] = whole.map(|count| count.checked_sub(1)) else {
            return Self::NONE;
        };
        let calm = Self {
            corner,
            reach: [east as u16, north as u16],
            ..self
        };
        if calm.is_around(spot) {
            calm
        } else {
            Self::NONE
        }
    }

    /// Whether the box holds a spot.
    #[inline(always)]
    pub(super) fn is_around(&self, spot: Spot) -> bool {
        let (x, y) = (
            spot.x.wrapping_sub(self.corner.x) >> REACH_BITS,
            spot.y.wrapping_sub(self.corner.y) >> REACH_BITS,
        );
        x <= u32::from(self.reach[0]) && y <= u32::from(self.reach[1])
    }
}

impl Default for Verdict {
    fn default() -> Self {
        Self {
            span: (1, 0, 0),
            calm: Calm::NONE,
            whole: Vec::new(),
            ask: Vec::new(),
        }
    }
}

impl Default for Calm {
    fn default() -> Self {
        Self::NONE
    }
}

impl Ask {
    /// Of a zone of which nothing is known.
    pub(crate) fn anything(zone: u32) -> Self {
        Self {
            zone,
            start: Start::Unknown,
            near: Near::Anything,
        }
    }

    /// Of a zone whose footprint holds the way as a whole.
    pub(crate) fn within(zone: u32) -> Self {
        Self {
            zone,
            start: Start::Inside,
            near: Near::Nothing,
        }
    }

    /// Of a zone that the way does not touch.
    pub(crate) fn apart(zone: u32) -> Self {
        Self {
            zone,
            start: Start::Outside,
            near: Near::Nothing,
        }
    }

    pub(crate) fn zone(&self) -> u32 {
        self.zone
    }

    /// What is known of the way and the footprint.
    pub(crate) fn footing(&self) -> Footing {
        let starts_inside = match self.start {
            Start::Inside => Some(true),
            Start::Outside | Start::Elsewhere => Some(false),
            Start::Unknown => None,
        };
        match (self.near, starts_inside) {
            (Near::Nothing, Some(true)) => Footing::Within,
            (Near::Nothing, Some(false)) => Footing::Apart,
            (Near::Nothing, None) => Footing::Open(Beforehand {
                pieces: Some([PieceRun::default(); 2]),
                starts_inside,
            }),
            (Near::Pieces(pieces), _) => Footing::Open(Beforehand {
                pieces: Some(pieces),
                starts_inside,
            }),
            (Near::Anything, _) => Footing::Open(Beforehand {
                pieces: None,
                starts_inside,
            }),
        }
    }

    /// Joins what two cells say of one zone.
    fn join(&mut self, other: &Self) {
        if self.start == Start::Elsewhere {
            self.start = other.start;
        }
        self.near = match (self.near, other.near) {
            (Near::Nothing, near) | (near, Near::Nothing) => near,
            (Near::Pieces([one, none]), Near::Pieces([two, also_none]))
                if none.count == 0 && also_none.count == 0 =>
            {
                Near::Pieces([one, two])
            }
            _ => Near::Anything,
        };
    }
}

impl Near {
    pub(super) fn run(run: Option<PieceRun>) -> Self {
        run.map_or(Self::Anything, |run| {
            Self::Pieces([run, PieceRun::default()])
        })
    }
}

impl Verdict {
    pub(crate) fn clear(&mut self) {
        self.calm = Calm::NONE;
        self.whole.clear();
        self.ask.clear();
    }

    /// Whether it is to lie in `zones` as a whole, and nothing else.
    #[inline(always)]
    pub(crate) fn is(&self, zones: &[u32]) -> bool {
        // A call to compare memory is not worth its time for so few.
        self.ask.is_empty()
            && self.whole.len() == zones.len()
            && self.whole.iter().zip(zones).all(|(one, two)| one == two)
    }

    pub(crate) fn are_none(&self) -> bool {
        self.whole.is_empty() && self.ask.is_empty()
    }

    /// What is to be asked about a zone, if anything is.
    pub(crate) fn asks(&self, zone: u32) -> Option<&Ask> {
        let place = self.ask.binary_search_by_key(&zone, |ask| ask.zone);
        self.ask.get(place.ok()?)
    }

    /// What is known of the way and the footprint of a zone.
    pub(crate) fn footing(&self, zone: u32) -> Footing {
        match self.asks(zone) {
            Some(ask) => ask.footing(),
            None if self.whole.binary_search(&zone).is_ok() => Footing::Within,
            None => Footing::Apart,
        }
    }

    /// Puts the numbers in order; what is to be asked about is not told as whole.
    #[inline(always)]
    pub(super) fn settle(&mut self) {
        if self.ask.len() > 1 {
            // A stable order keeps the cell in which the way starts first.
            self.ask.sort_by_key(|ask| ask.zone);
            self.ask.dedup_by(|next, kept| {
                let same = next.zone == kept.zone;
                if same {
                    kept.join(next);
                }
                same
            });
        }
        if self.whole.len() > 1 {
            self.whole.sort_unstable();
        }
        if !self.ask.is_empty() {
            let ask = &mut self.ask;
            self.whole.retain(
                |zone| match ask.binary_search_by_key(zone, |ask| ask.zone) {
                    Ok(place) => {
                        // Told as whole where it starts, and near a border further on.
                        if let Some(ask) = ask.get_mut(place) {
                            ask.start = Start::Inside;
                        }
                        false
                    }
                    Err(_) => true,
                },
            );
        }
    }
}
