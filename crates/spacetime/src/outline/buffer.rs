//! A footprint as area in a plane.

use std::f64::consts::{PI, TAU};

use i_overlay::core::overlay_rule::OverlayRule;

use super::{
    CURVE_ERROR_MIN_M, CURVE_PARTS, CURVE_PARTS_MIN, Footprint, Plane, Role, Shapes, overlay,
};
use crate::surface::Vector;

/// Turns of the boundary smaller than this need no round corner, radians.
const TURN_MIN: f64 = 1e-4;

/// How far inside the curve of an offset its chords may lie, metres.
pub(super) fn curve_error_m(offset_m: f64) -> f64 {
    CURVE_ERROR_MIN_M
        .max(offset_m / CURVE_PARTS)
        .min(offset_m / CURVE_PARTS_MIN)
}

/// Patches united at a time: few enough that crossings stay few, many enough that levels do.
const NEIGHBOURS: usize = 8;

/// The area of a footprint in a plane; `None` when it does not fit in the plane.
pub(super) fn shapes(footprint: &Footprint, plane: &Plane) -> Option<Shapes> {
    let core = footprint.core();
    let region = if core.is_region() {
        region(footprint, plane)?
    } else {
        Vec::new()
    };
    let offset_m = footprint.offset_m();
    if offset_m <= 0.0 {
        return Some(region);
    }
    let brush = Brush::new(plane, offset_m);
    let mut buffers = Vec::new();
    for chain in &core.chains {
        let closed = chain.role != Role::Line;
        for patch in brush.patches(core.chain(chain), closed) {
            let flat: Option<Vec<[f64; 2]>> = patch
                .into_iter()
                .map(|point| project(plane, point))
                .collect();
            buffers.push(vec![vec![counter_clockwise(flat?)]]);
        }
    }
    let mut buffered = united(buffers);
    if region.is_empty() {
        return Some(buffered);
    }
    buffered.extend(region);
    Some(overlay(&buffered, &Vec::new(), OverlayRule::Subject))
}

/// The union, neighbours first: patches wider than they are long swallow each other early,
/// instead of all crossing one another.
fn united(mut areas: Vec<Shapes>) -> Shapes {
    loop {
        areas = areas
            .chunks(NEIGHBOURS)
            .map(|neighbours| overlay(&neighbours.concat(), &Vec::new(), OverlayRule::Subject))
            .collect();
        if areas.len() <= 1 {
            return areas.pop().unwrap_or_default();
        }
    }
}

/// The region of the core: what its outer rings wind around, without what its holes wind around.
fn region(footprint: &Footprint, plane: &Plane) -> Option<Shapes> {
    let core = footprint.core();
    let mut shapes: Shapes = Vec::new();
    let mut part: Vec<Vec<[f64; 2]>> = Vec::new();
    let mut chains = core.chains.iter().peekable();
    while let Some(chain) = chains.next() {
        let ring: Option<Vec<[f64; 2]>> = core
            .chain(chain)
            .iter()
            .skip(1)
            .map(|vertex| project(plane, *vertex))
            .collect();
        let ring = counter_clockwise(ring?);
        part.push(if chain.role == Role::Hole {
            ring.into_iter().rev().collect()
        } else {
            ring
        });
        if chains.peek().is_none_or(|next| next.part != chain.part) {
            let rings = std::mem::take(&mut part);
            if !footprint.is_clear() {
                shapes.extend(resolved(rings))
            } else {
                shapes.push(rings)
            }
        }
    }
    // Parts may overlap each other.
    Some(if core.parts() > 1 || !footprint.is_clear() {
        overlay(&shapes, &Vec::new(), OverlayRule::Subject)
    } else {
        shapes
    })
}

/// One polygon whose rings cross: the outer ring's windings without the holes'.
fn resolved(rings: Vec<Vec<[f64; 2]>>) -> Shapes {
    let mut rings = rings.into_iter();
    let shell: Shapes = rings.next().map(|ring| vec![ring]).into_iter().collect();
    let holes: Shapes = rings.map(|ring| vec![ring]).collect();
    overlay(&shell, &holes, OverlayRule::Difference)
}

fn project(plane: &Plane, point: Vector) -> Option<[f64; 2]> {
    plane.forward_vector(point).map(|(x, y)| [x, y])
}

fn counter_clockwise(ring: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let ends = ring.iter().cycle().skip(1);
    let origin = ring.first().copied().unwrap_or([0.0, 0.0]);
    let doubled: f64 = ring
        .iter()
        .zip(ends)
        .map(|(a, b)| {
            (a[0] - origin[0]) * (b[1] - origin[1]) - (a[1] - origin[1]) * (b[0] - origin[0])
        })
        .sum();
    if doubled < 0.0 {
        ring.into_iter().rev().collect()
    } else {
        ring
    }
}

/// Draws everything within an offset of a chain, as patches to be united.
struct Brush {
    offset_m: f64,
    /// The angle between the corners of a curve, a whole part of a turn.
    step: f64,
    /// Corners lie at multiples of the step from this direction, so that the curves around neighbouring vertices
    /// are copies of each other, which cross once and not at every corner.
    east: Vector,
}

impl Brush {
    fn new(plane: &Plane, offset_m: f64) -> Self {
        let error_m = curve_error_m(offset_m);
        // A chord over an angle s is r s² / 8 inside its arc.
        let step = (8.0 * error_m / offset_m).sqrt();
        Self {
            offset_m,
            step: TAU / (TAU / step).ceil(),
            east: plane.east(),
        }
    }

    /// Patches whose union with the chain's region is everything within the offset:
    /// a band along each piece, a fan at each turn, half a disc at each end of a line.
    fn patches(&self, chain: &[Vector], closed: bool) -> Vec<Vec<Vector>> {
        let mut patches = Vec::new();
        let (Some(first), Some(last)) = (chain.first(), chain.last()) else {
            return patches;
        };
        if let [a, b] = chain
            && a == b
        {
            patches.push(self.disc(*a));
            return patches;
        }
        for window in chain.windows(3) {
            if let [a, b, c] = window {
                patches.push(self.band(*a, *b));
                patches.extend(self.fan(*a, *b, *c));
            }
        }
        if let [.., before, _] = chain {
            patches.push(self.band(*before, *last));
        }
        if let ([_, second, ..], [.., before, _]) = (chain, chain) {
            if closed {
                patches.extend(self.fan(*before, *first, *second));
            } else {
                for (end, outward) in [(*first, *first - *second), (*last, *last - *before)] {
                    let left = left(end, outward);
                    patches.push(self.arc(end, left * -1.0, left, PI));
                }
            }
        }
        patches
    }

    fn band(&self, a: Vector, b: Vector) -> Vec<Vector> {
        let (left_a, left_b) = (left(a, b - a), left(b, b - a));
        vec![
            self.away(a, left_a * -1.0),
            self.away(b, left_b * -1.0),
            self.away(b, left_b),
            self.away(a, left_a),
        ]
    }

    /// The round corner on the outer side of the turn at `b`; `None` when the boundary runs straight on.
    fn fan(&self, a: Vector, b: Vector, c: Vector) -> Option<Vec<Vector>> {
        let (before, after) = (left(b, b - a), left(b, c - b));
        let turn = before.cross(after).dot(b.normal()).atan2(before.dot(after));
        if turn.abs() < TURN_MIN {
            return None;
        }
        // A left turn opens a gap on the right.
        let mut corner = if turn > 0.0 {
            self.arc(b, before * -1.0, after * -1.0, turn)
        } else {
            self.arc(b, after, before, -turn)
        };
        corner.push(b);
        Some(corner)
    }

    fn disc(&self, centre: Vector) -> Vec<Vector> {
        self.corners(centre, 0.0, TAU)
    }

    /// Points around `centre` at the offset, counter-clockwise from one direction to another, `angle` radians on.
    ///
    /// The ends are the very points in which the neighbouring bands end.
    fn arc(&self, centre: Vector, from: Vector, to: Vector, angle: f64) -> Vec<Vector> {
        let (east, north) = self.axes(centre);
        let start = from.dot(north).atan2(from.dot(east));
        let mut arc = vec![self.away(centre, from)];
        arc.extend(self.corners(centre, start, angle));
        arc.push(self.away(centre, to));
        arc
    }

    /// The points at whole steps strictly after `start` and before `start + angle`.
    fn corners(&self, centre: Vector, start: f64, angle: f64) -> Vec<Vector> {
        let (east, north) = self.axes(centre);
        let first = (start / self.step).floor() as i32 + 1;
        let last = ((start + angle) / self.step + 1e-9).ceil() as i32 - 1;
        let corner = |mark: i32| {
            let (sine, cosine) = (f64::from(mark) * self.step).sin_cos();
            self.away(centre, east * cosine + north * sine)
        };
        (first..=last).map(corner).collect()
    }

    fn axes(&self, centre: Vector) -> (Vector, Vector) {
        let normal = centre.normal();
        let north = normal.cross(self.east).unit();
        (north.cross(normal), north)
    }

    /// The point at the offset in a unit tangent direction, along the normal section.
    fn away(&self, from: Vector, direction: Vector) -> Vector {
        let radius_m = 1.0 / from.curvature(direction);
        let (sine, cosine) = (self.offset_m / radius_m).min(PI).sin_cos();
        let sideways = direction * (radius_m * sine);
        (from + sideways - from.normal() * (radius_m * (1.0 - cosine))).lifted()
    }
}

/// The unit tangent to the left of a heading.
fn left(at: Vector, heading: Vector) -> Vector {
    at.normal().cross(heading).unit()
}
