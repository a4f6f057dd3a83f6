//! One segment and one volume: from where to where it is inside, and across which border it comes and goes.
//!
//! Inside is horizontally in, and in the heights, and in the window.
//! Along a segment the heights and the window each leave one stretch, the footprint any number.

use detente_spacetime::{Beforehand, Levels, Passage, Passages, Window};
use smallvec::SmallVec;

use crate::{event::Border, screen::Footing, segment::Segment, zone::Watched};

/// When and how high a volume is, for segments whose heights are told in one reference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) window: Window,
    /// Its heights in that reference, if they can be told.
    pub(crate) levels: Option<Levels>,
    /// Whether it reaches from the ground up without limit.
    pub(crate) is_every_height: bool,
}

/// A stretch of a segment inside a volume, as shares of the segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// What bounds it where it begins; none when it begins with the segment.
    pub(crate) entered: Option<Border>,
    /// What bounds it where it ends; none when it ends with the segment.
    pub(crate) left: Option<Border>,
}

/// Stretches of a segment: seldom more than one, for which no memory is asked for.
pub(crate) type Stretches = SmallVec<[Stretch; 1]>;

/// Where a segment is inside a volume.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Presence {
    /// Where it may be.
    pub(crate) possible: Stretches,
    /// Where it is under every assumption about air and ground.
    pub(crate) certain: Stretches,
}

/// The whole of a segment.
pub(crate) const WHOLE: Passage = Passage {
    enters: 0.0,
    leaves: 1.0,
};

impl Presence {
    /// Asks about everything.
    pub(crate) fn of(segment: &Segment, watched: &Watched) -> Self {
        Self::given(segment, watched, &Footing::Open(Beforehand::default()))
    }

    /// Asks about what is not known of the segment and the footprint.
    pub(crate) fn given(segment: &Segment, watched: &Watched, footing: &Footing) -> Self {
        let limits = watched.limits(segment);
        Self::within(segment, &limits, || match footing {
            Footing::Apart => Passages::new(),
            Footing::Within => Passages::from_slice(&[WHOLE]),
            Footing::Open(known) => watched.volume.footprint.passages_given(&segment.leg, known),
        })
    }

    /// Asks for the stretches in the footprint only when segment and volume share a time and a height.
    pub(crate) fn within(
        segment: &Segment,
        limits: &Limits,
        passages: impl FnOnce() -> Passages,
    ) -> Self {
        let Some(open) = segment.during(&limits.window) else {
            return Self::default();
        };
        let (possible, certain) = heights(segment, limits);
        let Some(possible) = possible else {
            return Self::default();
        };
        let passages = passages();
        let during = Stretch::between(open, Border::Window, Border::Window);
        let within = |heights: Stretch| {
            passages
                .iter()
                .map(Stretch::across)
                .filter_map(|stretch| stretch.shared(&heights)?.shared(&during))
                .collect()
        };
        Self {
            possible: within(possible),
            certain: certain.map(within).unwrap_or_default(),
        }
    }

    pub(crate) fn is_nowhere(&self) -> bool {
        self.possible.is_empty()
    }
}

impl Stretch {
    const WHOLE: Self = Self {
        from: 0.0,
        to: 1.0,
        entered: None,
        left: None,
    };

    fn between((from, to): (f64, f64), entered: Border, left: Border) -> Self {
        Self {
            from,
            to,
            entered: (from > 0.0).then_some(entered),
            left: (to < 1.0).then_some(left),
        }
    }

    fn across(passage: &Passage) -> Self {
        Self::between((passage.enters, passage.leaves), Border::Side, Border::Side)
    }

    /// What two stretches share; a stretch that only touches the end of a window shares nothing with it.
    fn shared(&self, other: &Self) -> Option<Self> {
        let first = if self.from >= other.from { self } else { other };
        let last = if self.to <= other.to { self } else { other };
        let (from, to) = (first.from, last.to);
        let closed = from == to && last.left == Some(Border::Window);
        (from <= to && !closed).then_some(Self {
            from,
            to,
            entered: first.entered,
            left: last.left,
        })
    }
}

/// The stretches of a segment that may be, and that surely are, in the heights of a volume.
fn heights(segment: &Segment, limits: &Limits) -> (Option<Stretch>, Option<Stretch>) {
    if limits.is_every_height {
        return (Some(Stretch::WHOLE), Some(Stretch::WHOLE));
    }
    let told = segment.heights();
    let Some(((from, _), levels)) = told.zip(limits.levels) else {
        return (Some(Stretch::WHOLE), None);
    };
    let climb_m = told.map_or(0.0, |(from, to)| to.value_m() - from.value_m());
    let within = |band| within(from.value_m(), climb_m, band);
    (within(levels.possible), levels.certain.and_then(within))
}

/// From where to where a height that changes evenly lies between two limits.
fn within(start_m: f64, climb_m: f64, (floor_m, ceiling_m): (f64, f64)) -> Option<Stretch> {
    if climb_m == 0.0 {
        return (floor_m <= start_m && start_m <= ceiling_m).then_some(Stretch::WHOLE);
    }
    let share = |height_m: f64| (height_m - start_m) / climb_m;
    let ends = if climb_m > 0.0 {
        (
            share(floor_m),
            share(ceiling_m),
            Border::Floor,
            Border::Ceiling,
        )
    } else {
        (
            share(ceiling_m),
            share(floor_m),
            Border::Ceiling,
            Border::Floor,
        )
    };
    let (from, to, entered, left) = ends;
    (from <= 1.0 && to >= 0.0 && from <= to)
        .then(|| Stretch::between((from.max(0.0), to.min(1.0)), entered, left))
}
