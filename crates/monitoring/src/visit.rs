//! What a segment changes about a track's stay in a zone.

use detente_spacetime::Window;
use smallvec::SmallVec;

use crate::{event::Border, presence::Presence, segment::Segment};

/// Changes along one segment for which no memory is asked for.
const CHANGES_FEW: usize = 2;

/// Whether a track is in a zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// It is not.
    #[default]
    Out,
    /// It may be: its height against the zone's is only known within a range.
    Possible,
    /// It is.
    In,
}

/// A change of state along a segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) share: f64,
    pub(crate) before: State,
    pub(crate) after: State,
    pub(crate) border: Option<Border>,
    /// Whether the whole visit lies between the two fixes.
    pub(crate) between_fixes: bool,
}

/// The changes along a segment, in order, for a track that was in `state` before it.
pub(crate) fn changes(
    mut state: State,
    presence: &Presence,
    segment: &Segment,
    window: &Window,
) -> SmallVec<[Change; CHANGES_FEW]> {
    let mut found = SmallVec::new();
    let mut turn = |share: f64, after: State, border: Option<Border>, between_fixes: bool| {
        if after != state {
            found.push(Change {
                share,
                before: state,
                after,
                border,
                between_fixes,
            });
            state = after;
        }
    };
    if presence
        .possible
        .first()
        .is_none_or(|first| first.from > 0.0)
    {
        let expired = !window.contains(segment.from.at);
        let border = if expired {
            Border::Window
        } else {
            Border::Side
        };
        turn(0.0, State::Out, Some(border), false);
    }
    for stretch in &presence.possible {
        let between_fixes = stretch.from > 0.0 && stretch.to < 1.0;
        let sure = presence
            .certain
            .iter()
            .filter(|sure| stretch.from <= sure.from && sure.to <= stretch.to);
        let mut first = true;
        for sure in sure {
            if first && sure.from > stretch.from {
                turn(
                    stretch.from,
                    State::Possible,
                    stretch.entered,
                    between_fixes,
                );
            }
            first = false;
            turn(sure.from, State::In, sure.entered, between_fixes);
            if sure.to < stretch.to {
                turn(sure.to, State::Possible, sure.left, between_fixes);
            }
        }
        if first {
            turn(
                stretch.from,
                State::Possible,
                stretch.entered,
                between_fixes,
            );
        }
        if stretch.to < 1.0 {
            turn(stretch.to, State::Out, stretch.left, between_fixes);
        }
    }
    found
}
