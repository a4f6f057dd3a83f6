//! Declared operations and the grid of their volumes: which of them a way may concern, without asking each.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use detente_spacetime::{Reference, Span, VerticalAssumptions, Volume4D, Window};

use crate::{
    conformity::Declared,
    presence::{Presence, Stretch, Stretches},
    screen::{Screen, Verdict, Way},
    segment::Segment,
    zone::{DeclaredOperation, Watched, Zone, ZoneKind},
};

/// A flight in an operation's space this long before its time is early; before that it is another flight.
const EARLY_MAX_MICROS: i64 = 3_600_000_000;

/// The operations of a watch.
#[derive(Debug)]
pub(crate) struct Declarations {
    operations: Vec<Declared>,
    /// The volumes of all of them: of each its own, then the space of its first ones in the hour before they begin.
    volumes: Vec<(Zone, Watched)>,
    /// Of which operation each volume is, by number.
    owners: Vec<usize>,
    /// Absent only where it is tested that it changes nothing.
    screen: Option<Screen>,
}

/// What is known of a way and the declared operations.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    verdict: Verdict,
    /// Whether the verdict says anything; otherwise every volume is to be asked about.
    is_told: bool,
}

impl Touched {
    /// Whether the way surely touches no volume.
    pub(crate) fn is_nothing(&self) -> bool {
        self.is_told && self.verdict.are_none()
    }

    /// Nothing is touched.
    pub(crate) fn clear(&mut self) {
        self.verdict.clear();
        self.is_told = true;
    }
}

impl Declarations {
    pub(crate) fn new(
        operations: Vec<DeclaredOperation>,
        assumptions: VerticalAssumptions,
    ) -> Self {
        let (mut volumes, mut owners) = (Vec::new(), Vec::new());
        let mut add = |operation: &DeclaredOperation, number: usize, added: Vec<Volume4D>| {
            let from = volumes.len();
            volumes.extend(added.into_iter().map(|volume| {
                let zone = Zone {
                    id: Arc::clone(&operation.id),
                    kind: ZoneKind::Operation,
                    volume: volume.clone(),
                    forces: Some(operation.forces.clone()),
                    unmatched: BTreeMap::new(),
                    operations: BTreeMap::new(),
                };
                (zone, Watched::new(volume, assumptions))
            }));
            owners.resize(volumes.len(), number);
            from..volumes.len()
        };
        let operations = operations.into_iter().enumerate();
        let operations: Vec<Declared> = operations
            .map(|(number, operation)| {
                let own = add(&operation, number, operation.volumes.clone());
                let before = add(&operation, number, before(&operation));
                Declared::new(operation, own, before)
            })
            .collect();
        Self {
            operations,
            // Receivers report pressure altitudes.
            screen: Some(Screen::new(&volumes, Reference::Pressure)),
            volumes,
            owners,
        }
    }

    /// The same with every volume asked about.
    #[cfg(test)]
    pub(crate) fn unscreened(self) -> Self {
        Self {
            screen: None,
            ..self
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.operations.len()
    }

    pub(crate) fn get(&self, number: usize) -> Option<&Declared> {
        self.operations.get(number)
    }

    /// Whether some operation may be flown by a force.
    pub(crate) fn any_of(&self, force: Option<&Arc<str>>) -> bool {
        let flies = |declared: &Declared| {
            force.is_some_and(|force| declared.operation.forces.contains(force))
        };
        self.operations.iter().any(flies)
    }

    /// Tells which volumes a way of a flight of a force may touch.
    pub(crate) fn touch(&self, way: &Way, force: Option<&Arc<str>>, touched: &mut Touched) {
        touched.clear();
        touched.is_told = self.screen.as_ref().is_some_and(|screen| {
            let bit = screen.bit(force);
            screen.answer(way, bit, &self.volumes[..], &mut touched.verdict)
        });
    }

    /// The numbers of the operations with a volume that is touched, in order.
    pub(crate) fn near(&self, touched: &Touched) -> Vec<usize> {
        if !touched.is_told {
            return (0..self.operations.len()).collect();
        }
        let asked = touched.verdict.ask.iter().map(|ask| ask.zone());
        let volumes = touched.verdict.whole.iter().copied().chain(asked);
        let owner = |volume: u32| self.owners.get(volume as usize).copied();
        let mut near: Vec<usize> = volumes.filter_map(owner).collect();
        near.sort_unstable();
        near.dedup();
        near
    }

    /// Where a segment may be inside the declared volumes of an operation.
    pub(crate) fn inside(
        &self,
        declared: &Declared,
        segment: &Segment,
        touched: &Touched,
    ) -> Vec<Stretch> {
        self.stretches(&declared.own, segment, touched)
    }

    /// Where it is in the space of the operation before its time.
    pub(crate) fn early(
        &self,
        declared: &Declared,
        segment: &Segment,
        touched: &Touched,
    ) -> Option<f64> {
        let stretches = self.stretches(&declared.before, segment, touched);
        stretches.first().map(|stretch| stretch.from)
    }

    /// Where a segment may be inside any of several volumes.
    fn stretches(
        &self,
        numbers: &Range<usize>,
        segment: &Segment,
        touched: &Touched,
    ) -> Vec<Stretch> {
        let volumes = self.volumes.get(numbers.clone()).unwrap_or_default();
        let mut all: Vec<Stretch> = volumes
            .iter()
            .zip(numbers.clone())
            .flat_map(|((_, watched), number)| {
                if !watched.volume.footprint.may_meet(&segment.leg) {
                    return Stretches::new();
                }
                let presence = if touched.is_told {
                    let footing = touched.verdict.footing(number as u32);
                    Presence::given(segment, watched, &footing)
                } else {
                    Presence::of(segment, watched)
                };
                presence.possible
            })
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
}

/// The space of the first volumes of an operation in the hour before they begin.
fn before(operation: &DeclaredOperation) -> Vec<Volume4D> {
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
    first.filter_map(hour_before).collect()
}
