//! What the screen says of a segment, and how long it holds on.

/// How long what was told of a way in one cell holds on: in that cell, between these heights, before that second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Calm {
    pub(super) cell: u32,
    pub(super) low: i16,
    pub(super) high: i16,
    pub(super) until: u32,
}

/// What the screen says of a segment.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) calm: Calm,
    /// The zones it lies in as a whole, under every assumption, by number in order.
    pub(crate) whole: Vec<u32>,
    /// The zones to be asked about, by number in order.
    pub(crate) ask: Vec<u32>,
}

impl Calm {
    /// Nothing holds on.
    pub(crate) const NONE: Self = Self {
        cell: u32::MAX,
        low: i16::MIN,
        high: i16::MAX,
        until: u32::MAX,
    };
}

impl Default for Calm {
    fn default() -> Self {
        Self::NONE
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

    /// Puts the numbers in order; what is to be asked about is not told as whole.
    #[inline(always)]
    pub(super) fn settle(&mut self) {
        if self.ask.len() > 1 {
            self.ask.sort_unstable();
            self.ask.dedup();
        }
        if self.whole.len() > 1 {
            self.whole.sort_unstable();
        }
        if !self.ask.is_empty() {
            let ask = &self.ask;
            self.whole.retain(|zone| ask.binary_search(zone).is_err());
        }
    }
}
