//! An operation and its declared volumes: whether the flight that is matched to it stays inside them.

use std::ops::Range;

use detente_spacetime::{Instant, Span};

use crate::{
    event::{Border, EventKind},
    presence::Stretch,
    segment::Segment,
    wire::ConductState,
    zone::DeclaredOperation,
};

/// A declared operation made ready.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) operation: DeclaredOperation,
    /// The numbers of its volumes.
    pub(crate) own: Range<usize>,
    /// And those of the space of its first volumes in the hour before they begin.
    pub(crate) before: Range<usize>,
    ends: Option<Instant>,
}

/// How a track that is matched to an operation has flown so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conduct {
    /// Whether it was seen inside the declared volumes at all; before that it is not matched.
    seen: bool,
    inside: bool,
    early_told: bool,
    /// Since when it has been outside, after it was inside.
    outside_since: Option<Instant>,
    contingent_told: bool,
    /// Whether it was told that the agreement holds the operation back as a whole.
    standing_told: bool,
}

/// Something about an operation that a segment shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Deviation {
    pub(crate) share: f64,
    pub(crate) kind: EventKind,
    pub(crate) border: Option<Border>,
}

impl Declared {
    pub(crate) fn new(
        operation: DeclaredOperation,
        own: Range<usize>,
        before: Range<usize>,
    ) -> Self {
        Self {
            own,
            before,
            ends: operation.ends(),
            operation,
        }
    }

    fn is_over(&self, at: Instant) -> bool {
        self.ends.is_some_and(|end| end <= at)
    }
}

impl Conduct {
    /// Whether a way that touches no volume of the operation says nothing new of it.
    pub(crate) fn is_idle(&self) -> bool {
        !self.inside && (self.outside_since.is_none() || self.contingent_told)
    }

    /// Takes what a segment shows of the flight; returns what does not conform, in the order of time.
    pub(crate) fn follow(
        &mut self,
        declared: &Declared,
        inside: &[Stretch],
        segment: &Segment,
        coming_back: Span,
    ) -> Vec<Deviation> {
        let mut found = Vec::new();
        let starts_inside = inside.first().is_some_and(|first| first.from == 0.0);
        if self.inside && !starts_inside {
            self.leave(declared, segment, 0.0, None, &mut found);
        }
        for stretch in inside {
            self.give_up(declared, segment, stretch.from, coming_back, &mut found);
            // Who was told to be early is in its volume in its time now.
            if (self.seen || self.early_told) && !self.inside {
                found.push(Deviation {
                    share: stretch.from,
                    kind: EventKind::BackInVolume,
                    border: stretch.entered,
                });
            }
            (self.seen, self.inside) = (true, true);
            (self.outside_since, self.contingent_told) = (None, false);
            if stretch.to < 1.0 {
                self.leave(declared, segment, stretch.to, stretch.left, &mut found);
            }
        }
        if !self.inside {
            self.give_up(declared, segment, 1.0, coming_back, &mut found);
        }
        found
    }

    /// Tells once, up to a share of the segment, that it has been outside for too long to be taken to come back.
    fn give_up(
        &mut self,
        declared: &Declared,
        segment: &Segment,
        until: f64,
        coming_back: Span,
        found: &mut Vec<Deviation>,
    ) {
        let due = self.outside_since.and_then(|since| since.plus(coming_back));
        let Some(due) = due.filter(|due| !self.contingent_told && !declared.is_over(*due)) else {
            return;
        };
        if due > segment.instant(until) {
            return;
        }
        self.contingent_told = true;
        let passed = (due - segment.from.at).micros().max(0) as f64;
        found.push(Deviation {
            share: (passed / segment.micros().max(1) as f64).min(until),
            kind: EventKind::Contingent,
            border: None,
        });
    }

    pub(crate) fn saved(&self, operation: u64) -> ConductState {
        ConductState {
            operation,
            seen: self.seen,
            inside: self.inside,
            early_told: self.early_told,
            outside_since: self.outside_since.map(Instant::micros),
            contingent_told: self.contingent_told,
            standing_told: self.standing_told,
        }
    }

    pub(crate) fn restored(state: &ConductState) -> Option<Self> {
        Some(Self {
            seen: state.seen,
            inside: state.inside,
            early_told: state.early_told,
            outside_since: crate::wire::instant(state.outside_since)?,
            contingent_told: state.contingent_told,
            standing_told: state.standing_told,
        })
    }

    /// Whether to tell that the agreement holds the operation back as a whole; once.
    pub(crate) fn tell_standing(&mut self) -> bool {
        !std::mem::replace(&mut self.standing_told, true)
    }

    /// Whether to tell that the flight is early; once.
    pub(crate) fn tell_early(&mut self) -> bool {
        !std::mem::replace(&mut self.early_told, true) && !self.seen
    }

    fn leave(
        &mut self,
        declared: &Declared,
        segment: &Segment,
        share: f64,
        border: Option<Border>,
        found: &mut Vec<Deviation>,
    ) {
        self.inside = false;
        self.outside_since = Some(segment.instant(share));
        let over = declared.is_over(segment.instant(share));
        let kind = match border {
            _ if over => EventKind::Late,
            Some(Border::Floor) => EventKind::BelowVolume,
            Some(Border::Ceiling) => EventKind::AboveVolume,
            Some(Border::Side | Border::Window) | None => EventKind::LeftVolume,
        };
        let border = if over { Some(Border::Window) } else { border };
        found.push(Deviation {
            share,
            kind,
            border,
        });
    }
}
