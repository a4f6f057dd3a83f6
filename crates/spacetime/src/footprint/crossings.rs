//! What the rings of a region look like as a whole: where they cross, which way they run, how wide they are.

use std::collections::BTreeSet;

use crate::{
    footprint::{
        SLIVER_WIDTH_M, ZERO_WIDTH_M,
        core::{Core, Role},
        fault::{ShapeFault, ShapeFaultKind, ShapeNote, ShapeNoteKind, ShapePlace},
        ring::Origin,
    },
    plane::Plane,
    proximity::{
        edge::{Edge, cross},
        inside,
        tree::{Content, Node, Run},
    },
    surface::Vector,
};

/// Crossings listed for one shape: enough to see what is wrong, and bounded.
const CROSSINGS_MAX: usize = 50;
/// Pairs of pieces looked at before giving up the list, some 0.3 s of work: only hopelessly tangled rings need more.
const PAIRS_MAX: usize = 20_000_000;
/// Edges that pass each other by less than this touch rather than cross, metres.
const DEPTH_M: f64 = 0.000_1;
/// Edges this near to each other may touch, metres: well more than [`DEPTH_M`] and the reach of a boundary.
const TOUCH_M: f64 = 0.002;
/// Pairs of touching edges beside which windings are counted: enough to say what is wrong with a ring, and bounded.
const TOUCHES_MAX: usize = 256;
/// How far beside an edge windings are counted, metres: beyond whatever touches it, and within loops of any size that matter.
const BESIDE_M: [f64; 3] = [0.005, 0.1, 2.0];
/// Places of a touching hole that are asked for whether it lies in its outer ring.
const PLACES_MAX: usize = 32;

/// What was found out about the rings of a region.
pub(crate) struct Judged {
    pub(crate) notes: Vec<ShapeNote>,
    pub(crate) faults: Vec<ShapeFault>,
    /// Whether rings keep clear of themselves and each other and no hole lies in another: then no place is wound around
    /// twice.
    pub(crate) clear: bool,
}

/// Adds what is true of whole rings to the notes, and finds rings that enclose nothing.
pub(crate) fn judge(core: &Core, origins: &[Origin], notes: Vec<ShapeNote>) -> Judged {
    let mut notes = notes;
    let mut faults = Vec::new();
    let mut clear = true;
    if core.is_region() {
        let mut crossings = Crossings {
            core,
            origins,
            found: BTreeSet::new(),
            pairs: 0,
            touched: BTreeSet::new(),
            touching: Vec::new(),
        };
        crossings.search();
        crossings.note(&mut notes);
        crossings.note_windings(&mut notes);
        let plane = Plane::along(core.cap.axis);
        for (chain, origin) in core.chains.iter().zip(origins) {
            let crossed = crossings
                .found
                .iter()
                .any(|crossing| crossing.touches(origin));
            if let Some(kind) = judge_ring(core.chain(chain), chain.role, &plane, crossed, |kind| {
                notes.push(ShapeNote {
                    place: origin.place(Vec::new()),
                    kind,
                });
            }) {
                faults.push(ShapeFault {
                    place: origin.place(Vec::new()),
                    kind,
                });
            }
        }
        crossings.note_holes(&mut notes);
        let within = |note: &ShapeNote| note.kind == ShapeNoteKind::HoleWithinHole;
        clear = crossings.touched.is_empty() && !entangled(&notes) && !notes.iter().any(within);
    }
    notes.sort_by(|a, b| {
        let key = |note: &ShapeNote| {
            (
                note.place.polygon,
                note.place.ring,
                note.place.vertices.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    Judged {
        notes,
        faults,
        clear,
    }
}

/// Whether the notes say that the rings do not draw the region.
pub(crate) fn entangled(notes: &[ShapeNote]) -> bool {
    notes.iter().any(|note| {
        matches!(
            note.kind,
            ShapeNoteKind::SelfCrossing
                | ShapeNoteKind::WindsTwice
                | ShapeNoteKind::RingsCross
                | ShapeNoteKind::HoleOutside
                | ShapeNoteKind::CrossingsNotListed
        )
    })
}

/// Notes the sense and the width of a ring; returns the fault of one that encloses nothing.
fn judge_ring(
    ring: &[Vector],
    role: Role,
    plane: &Plane,
    crossed: bool,
    mut note: impl FnMut(ShapeNoteKind),
) -> Option<ShapeFaultKind> {
    let points: Vec<(f64, f64)> = ring
        .iter()
        .filter_map(|vertex| plane.forward_vector(*vertex))
        .collect();
    let (mut doubled_m2, mut perimeter_m) = (0.0, 0.0);
    let origin = points.first().copied().unwrap_or((0.0, 0.0));
    for pair in points.windows(2) {
        if let [(ax, ay), (bx, by)] = pair {
            doubled_m2 += (ax - origin.0) * (by - origin.1) - (ay - origin.1) * (bx - origin.0);
            perimeter_m += (bx - ax).hypot(by - ay);
        }
    }
    let width_m = doubled_m2.abs() / perimeter_m.max(f64::MIN_POSITIVE);
    if !crossed && width_m < ZERO_WIDTH_M {
        return Some(ShapeFaultKind::ZeroArea);
    }
    if !crossed && width_m < SLIVER_WIDTH_M {
        note(ShapeNoteKind::Sliver { width_m });
    }
    let counter_clockwise = doubled_m2 > 0.0;
    if counter_clockwise != (role == Role::Shell) {
        note(ShapeNoteKind::Turned);
    }
    None
}

/// Two edges that cross: polygon, ring and first vertex of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Crossing {
    first: (usize, usize, u32),
    second: (usize, usize, u32),
}

impl Crossing {
    fn touches(&self, origin: &Origin) -> bool {
        [self.first, self.second]
            .iter()
            .any(|(polygon, ring, _)| (*polygon, *ring) == (origin.polygon, origin.ring))
    }
}

struct Crossings<'a> {
    core: &'a Core,
    origins: &'a [Origin],
    found: BTreeSet<Crossing>,
    pairs: usize,
    /// Chains with pieces that come near others that they do not follow, of the same chain or another.
    touched: BTreeSet<u32>,
    /// Pieces of one chain that do, as the number of the chain and of their first vertices.
    touching: Vec<(u32, [u32; 2])>,
}

impl<'a> Crossings<'a> {
    fn search(&mut self) {
        let mut pending: Vec<(&Node, &Node)> = self
            .core
            .tree
            .root()
            .map(|root| (root, root))
            .into_iter()
            .collect();
        while let Some((a, b)) = pending.pop() {
            if self.full() {
                return;
            }
            if a.bounds.gap_squared_m2(&b.bounds) > TOUCH_M * TOUCH_M {
                continue;
            }
            let same = std::ptr::eq(a, b);
            let child = |number| self.core.tree.node(number);
            match (a.content, b.content) {
                (Content::Leaf(run_a), Content::Leaf(run_b)) => self.leaves(&run_a, &run_b),
                (Content::Branch(left, right), _) if same => {
                    if let (Some(left), Some(right)) = (child(left), child(right)) {
                        pending.extend([(left, left), (right, right), (left, right)]);
                    }
                }
                (Content::Branch(left, right), Content::Leaf(_)) => {
                    pending.extend(
                        [left, right]
                            .into_iter()
                            .filter_map(child)
                            .map(|node| (node, b)),
                    );
                }
                (Content::Branch(left, right), _) if a.bounds.wider_than(&b.bounds) => {
                    pending.extend(
                        [left, right]
                            .into_iter()
                            .filter_map(child)
                            .map(|node| (node, b)),
                    );
                }
                (_, Content::Branch(left, right)) => {
                    pending.extend(
                        [left, right]
                            .into_iter()
                            .filter_map(child)
                            .map(|node| (a, node)),
                    );
                }
            }
        }
    }

    fn full(&self) -> bool {
        self.found.len() >= CROSSINGS_MAX || self.pairs >= PAIRS_MAX
    }

    fn leaves(&mut self, run_a: &Run, run_b: &Run) {
        for (i, edge_a) in run_a.edges(&self.core.vertices).enumerate() {
            let ball = edge_a.ball();
            for (j, edge_b) in run_b.edges(&self.core.vertices).enumerate() {
                self.pairs += 1;
                let (at_a, at_b) = (run_a.first + i as u32, run_b.first + j as u32);
                let once = at_a < at_b || run_a.first != run_b.first;
                if !once || !edge_b.ball().within(&ball, TOUCH_M) {
                    continue;
                }
                let chains = (run_a.chain, run_b.chain);
                if joined(&edge_a, &edge_b) {
                    if chains.0 != chains.1 || !self.follow(chains.0, at_a, at_b) {
                        self.touch(chains, [at_a, at_b]);
                    }
                } else if cross(&edge_a, &edge_b, -TOUCH_M) {
                    self.touch(chains, [at_a, at_b]);
                    if cross(&edge_a, &edge_b, DEPTH_M) {
                        self.report((run_a.chain, at_a), (run_b.chain, at_b));
                    }
                }
            }
        }
    }

    fn touch(&mut self, chains: (u32, u32), vertices: [u32; 2]) {
        self.touched.extend([chains.0, chains.1]);
        if chains.0 == chains.1 && self.touching.len() < TOUCHES_MAX {
            self.touching.push((chains.0, vertices));
        }
    }

    /// Whether two pieces of a chain come one after the other, the last before the first.
    fn follow(&self, chain: u32, one: u32, two: u32) -> bool {
        let chain = self.core.chains.get(chain as usize);
        chain.is_some_and(|chain| {
            let apart = one.abs_diff(two);
            apart == 1 || apart + 1 == chain.last - chain.first
        })
    }

    fn report(&mut self, a: (u32, u32), b: (u32, u32)) {
        let of = |(chain, vertex): (u32, u32)| {
            let origin = self.origins.get(chain as usize)?;
            let first = self.core.chains.get(chain as usize)?.first;
            let edge = origin.edges.get(vertex.checked_sub(first)? as usize)?;
            Some((origin.polygon, origin.ring, *edge))
        };
        let (Some(a), Some(b)) = (of(a), of(b)) else {
            return;
        };
        // Polygons of one shape may overlap: their union is meant.
        if a.0 == b.0 {
            self.found.insert(Crossing {
                first: a.min(b),
                second: a.max(b),
            });
        }
    }

    /// Notes rings that wind around a place more than once without crossing themselves.
    ///
    /// Where a ring only touches itself it is made of loops, and every loop has an edge that touches.
    fn note_windings(&self, notes: &mut Vec<ShapeNote>) {
        let mut noted = BTreeSet::new();
        for (chain, vertices) in &self.touching {
            let Some(origin) = self.origins.get(*chain as usize) else {
                continue;
            };
            let known =
                noted.contains(chain) || self.found.iter().any(|crossing| crossing.touches(origin));
            if known
                || !vertices
                    .iter()
                    .any(|vertex| self.winds_twice(*chain, *vertex))
            {
                continue;
            }
            noted.insert(*chain);
            let first = self.core.chains.get(*chain as usize).map_or(0, |c| c.first);
            let edge = |vertex: &u32| origin.edges.get(vertex.checked_sub(first)? as usize);
            let mut vertices: Vec<usize> = vertices
                .iter()
                .filter_map(edge)
                .map(|edge| *edge as usize)
                .collect();
            vertices.sort_unstable();
            notes.push(ShapeNote {
                place: origin.place(vertices),
                kind: ShapeNoteKind::WindsTwice,
            });
        }
    }

    /// Whether the ring winds more than once around a place beside one of its pieces.
    fn winds_twice(&self, chain: u32, vertex: u32) -> bool {
        let at = |vertex: u32| self.core.vertices.get(vertex as usize).copied();
        let (Some(a), Some(b)) = (at(vertex), at(vertex + 1)) else {
            return false;
        };
        let edge = Edge { a, b };
        let left = edge.left_normal().unit();
        [0.37, 0.63].iter().any(|share| {
            let place = edge.at(*share);
            let beside = BESIDE_M.iter().flat_map(|metres| [*metres, -metres]);
            beside
                .map(|metres| (place + left * metres).lifted())
                .any(|place| {
                    inside::windings(self.core, place)
                        .iter()
                        .any(|(number, winding)| *number == chain && winding.abs() > 1)
                })
        })
    }

    /// Notes holes that do not lie in their outer ring, or in another hole.
    fn note_holes(&self, notes: &mut Vec<ShapeNote>) {
        for (number, origin) in self.origins.iter().enumerate() {
            let Some(chain) = self.core.chains.get(number) else {
                continue;
            };
            let crossed = self.found.iter().any(|crossing| crossing.touches(origin));
            if chain.role != Role::Hole || crossed {
                continue;
            }
            let holds = |role: Role, place: Vector| {
                let others = inside::windings(self.core, place).into_iter();
                others
                    .filter(|(other, _)| *other as usize != number)
                    .filter_map(|(other, _)| self.core.chains.get(other as usize))
                    .any(|other| other.part == chain.part && other.role == role)
            };
            let places = self.places(number as u32, self.core.chain(chain));
            let mostly = |role: Role| {
                let held = places.iter().filter(|place| holds(role, **place)).count();
                2 * held > places.len()
            };
            let kind = match (mostly(Role::Shell), mostly(Role::Hole)) {
                (false, _) => ShapeNoteKind::HoleOutside,
                (true, true) => ShapeNoteKind::HoleWithinHole,
                (true, false) => continue,
            };
            notes.push(ShapeNote {
                place: origin.place(Vec::new()),
                kind,
            });
        }
    }

    /// Places of a ring that say on which side of other rings it lies: any one does, unless it touches them there.
    fn places(&self, number: u32, ring: &[Vector]) -> Vec<Vector> {
        if !self.touched.contains(&number) {
            return ring.first().copied().into_iter().collect();
        }
        let stride = ring.len().div_ceil(PLACES_MAX).max(1);
        let edges = ring.iter().zip(ring.iter().skip(1)).step_by(stride);
        edges.map(|(a, b)| Edge { a: *a, b: *b }.at(0.41)).collect()
    }

    fn note(&self, notes: &mut Vec<ShapeNote>) {
        for crossing in &self.found {
            let (polygon, ring, edge) = crossing.first;
            let kind = if ring == crossing.second.1 {
                ShapeNoteKind::SelfCrossing
            } else {
                ShapeNoteKind::RingsCross
            };
            let vertices = vec![edge as usize, crossing.second.2 as usize];
            notes.push(ShapeNote {
                place: ShapePlace {
                    polygon,
                    ring,
                    vertices,
                },
                kind,
            });
        }
        if self.full() {
            notes.push(ShapeNote {
                place: ShapePlace::default(),
                kind: ShapeNoteKind::CrossingsNotListed,
            });
        }
    }
}

/// Whether two pieces share an end: neighbours do, and touch there without crossing.
fn joined(a: &Edge, b: &Edge) -> bool {
    a.a == b.a || a.a == b.b || a.b == b.a || a.b == b.b
}
