//! A footprint as area in a plane.

use i_overlay::core::overlay_rule::OverlayRule;

use super::{
    CURVE_ERROR_MIN_M, CURVE_PARTS, CURVE_PARTS_MIN, Footprint, Plane, Role, Shapes, overlay,
};
use crate::surface::Vector;

/// Turns of the boundary smaller than this need no round corner, radians.
const TURN_MIN: f64 = 1e-4;

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
    let mut patches: Shapes = region;
    for chain in &core.chains {
        let closed = chain.role != Role::Line;
        for patch in patches_along(core.chain(chain), closed, offset_m) {
            let flat: Option<Vec<[f64; 2]>> = patch
                .into_iter()
                .map(|point| project(plane, point))
                .collect();
            patches.push(vec![counter_clockwise(flat?)]);
        }
    }
    Some(overlay(&patches, &Vec::new(), OverlayRule::Subject))
}

/// The region of the core: what its outer rings wind around, without what its holes wind around.
fn region(footprint: &Footprint, plane: &Plane) -> Option<Shapes> {
    let core = footprint.core();
    let parts = core
        .chains
        .iter()
        .map(|chain| chain.part)
        .max()
        .map_or(0, |last| last + 1);
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
            if footprint.is_entangled() {
                shapes.extend(resolved(rings))
            } else {
                shapes.push(rings)
            }
        }
    }
    // Parts may overlap each other.
    Some(if parts > 1 || footprint.is_entangled() {
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

/// Patches whose union with the chain's region is everything within `offset_m`: a band along each piece, a fan at each turn.
fn patches_along(chain: &[Vector], closed: bool, offset_m: f64) -> Vec<Vec<Vector>> {
    let error_m = CURVE_ERROR_MIN_M
        .max(offset_m / CURVE_PARTS)
        .min(offset_m / CURVE_PARTS_MIN);
    // An arc of angle s has a sagitta of r s² / 8.
    let step = (8.0 * error_m / offset_m).sqrt();
    let mut patches = Vec::new();
    let pieces: Vec<(Vector, Vector)> = match chain {
        [a, b] if a == b => Vec::new(),
        _ => chain
            .iter()
            .zip(chain.iter().skip(1))
            .map(|(a, b)| (*a, *b))
            .collect(),
    };
    if pieces.is_empty() {
        patches.extend(chain.first().map(|centre| {
            let normal = centre.normal();
            let ahead = any_tangent(normal);
            arc(*centre, ahead, std::f64::consts::TAU, step, offset_m)
        }));
        return patches;
    }
    for (a, b) in &pieces {
        let (left_a, left_b) = (left(*a, *b - *a), left(*b, *b - *a));
        patches.push(vec![
            away(*a, left_a * -1.0, offset_m),
            away(*b, left_b * -1.0, offset_m),
            away(*b, left_b, offset_m),
            away(*a, left_a, offset_m),
        ]);
    }
    let turn = |at: Vector, before: Vector, after: Vector| fan(at, before, after, step, offset_m);
    patches.extend(pieces.windows(2).filter_map(|pair| match pair {
        [(a, b), (_, c)] => turn(*b, *b - *a, *c - *b),
        _ => None,
    }));
    if let (Some((first, second)), Some((before, last))) = (pieces.first(), pieces.last()) {
        if closed {
            patches.extend(turn(*first, *last - *before, *second - *first));
        } else {
            for (end, outward) in [(*first, *first - *second), (*last, *last - *before)] {
                let start = left(end, outward) * -1.0;
                patches.push(arc(end, start, std::f64::consts::PI, step, offset_m));
            }
        }
    }
    patches
}

/// The round corner on the outer side of a turn; `None` when the boundary runs straight on.
fn fan(at: Vector, before: Vector, after: Vector, step: f64, offset_m: f64) -> Option<Vec<Vector>> {
    let (left_before, left_after) = (left(at, before), left(at, after));
    let turn = left_before
        .cross(left_after)
        .dot(at.normal())
        .atan2(left_before.dot(left_after));
    if turn.abs() < TURN_MIN {
        return None;
    }
    // A left turn opens a gap on the right.
    let (from, angle) = if turn > 0.0 {
        (left_before * -1.0, turn)
    } else {
        (left_after, -turn)
    };
    let mut corner = arc(at, from, angle, step, offset_m);
    corner.push(at);
    Some(corner)
}

/// Points around `centre` at the offset, counter-clockwise from direction `from` over `angle` radians, both ends included.
fn arc(centre: Vector, from: Vector, angle: f64, step: f64, offset_m: f64) -> Vec<Vector> {
    let across = centre.normal().cross(from);
    let steps = (angle / step).ceil().max(1.0) as u32;
    (0..=steps)
        .map(|i| {
            let (sine, cosine) = (angle * f64::from(i) / f64::from(steps)).sin_cos();
            away(centre, from * cosine + across * sine, offset_m)
        })
        .collect()
}

/// The point `distance_m` away in a unit tangent direction, along the normal section.
fn away(from: Vector, direction: Vector, distance_m: f64) -> Vector {
    let radius_m = 1.0 / from.curvature(direction);
    let angle = (distance_m / radius_m).min(std::f64::consts::PI);
    (from + direction * (radius_m * angle.sin()) - from.normal() * (radius_m * (1.0 - angle.cos())))
        .lifted()
}

/// The unit tangent to the left of a heading.
fn left(at: Vector, heading: Vector) -> Vector {
    at.normal().cross(heading).unit()
}

fn any_tangent(normal: Vector) -> Vector {
    let axis = if normal.z.abs() < 0.7 {
        Vector::new(0.0, 0.0, 1.0)
    } else {
        Vector::new(1.0, 0.0, 0.0)
    };
    axis.cross(normal).unit()
}
