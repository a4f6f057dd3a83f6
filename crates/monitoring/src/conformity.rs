//! An operation and its declared volumes: whether the flight that is matched to it stays inside them.

use detente_spacetime::{Instant, Span, VerticalAssumptions, Volume4D, Window};

use crate::{
    event::{Border, EventKind},
    presence::{Presence, Stretch},
    segment::Segment,
    wire::ConductState,
    zone::{DeclaredOperation, Watched},
};

/// A flight in an operation's space this long before its time is early; before that it is another flight.
const EARLY_MAX_MICROS: i64 = 3_600_000_000;

/// A declared operation made ready.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) operation: DeclaredOperation,
    volumes: Vec<Watched>,
    /// The space of its first volumes in the hour before they begin.
    before: Vec<Watched>,
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
}

/// Something about an operation that a segment shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Deviation {
    pub(crate) share: f64,
    pub(crate) kind: EventKind,
    pub(crate) border: Option<Border>,
}

impl Declared {
    pub(crate) fn new(operation: DeclaredOperation, assumptions: VerticalAssumptions) -> Self {
        let watched = |volume: Volume4D| Watched::new(volume, assumptions);
        let starts = operation.starts();
        let first = operation
            .volumes
            .iter()
            .filter(|volume| Some(volume.window.start()) == starts);
        let hour_before = |volume: &Volume4D| {
            let start = volume.window.start();
            let from = start.plus(Span::from_micros(-EARLY_MAX_MICROS))?;
            let window = Window::new(from, Some(start)).ok()?;
            Some(Volume4D {
                window,
                ..volume.clone()
            })
        };
        Self {
            before: first.filter_map(hour_before).map(watched).collect(),
            volumes: operation.volumes.iter().cloned().map(watched).collect(),
            ends: operation.ends(),
            operation,
        }
    }

    /// Where a segment may be inside the declared volumes.
    pub(crate) fn stretches(&self, segment: &Segment) -> Vec<Stretch> {
        stretches(&self.volumes, segment)
    }

    /// Where it is in the space of the operation before its time.
    pub(crate) fn early(&self, segment: &Segment) -> Option<f64> {
        stretches(&self.before, segment)
            .first()
            .map(|stretch| stretch.from)
    }

    fn is_over(&self, at: Instant) -> bool {
        self.ends.is_some_and(|end| end <= at)
    }
}

impl Conduct {
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
            if self.seen && !self.inside {
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
        }
    }

    pub(crate) fn restored(state: &ConductState) -> Option<Self> {
        Some(Self {
            seen: state.seen,
            inside: state.inside,
            early_told: state.early_told,
            outside_since: crate::wire::instant(state.outside_since)?,
            contingent_told: state.contingent_told,
        })
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

/// Where a segment may be inside any of several volumes.
fn stretches(volumes: &[Watched], segment: &Segment) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = volumes
        .iter()
        .filter(|watched| watched.volume.footprint.may_meet(&segment.leg))
        .flat_map(|watched| Presence::of(segment, watched).possible)
        .collect();
    all.sort_by(|one, two| one.from.total_cmp(&two.from));
    let mut out: Vec<Stretch> = Vec::new();
    for stretch in all {
        match out.last_mut() {
            Some(last) if stretch.from <= last.to => {
                if stretch.to > last.to {
                    (last.to, last.left) = (stretch.to, stretch.left);
                }
            }
            _ => out.push(stretch),
        }
    }
    out
}
