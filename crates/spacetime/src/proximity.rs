//! How near two cores are: the exact horizontal question behind every decision.
//!
//! A *core* is a region, a line or a point, its boundary cut into geodesic *pieces* no longer than
//! [`crate::footprint::PIECE_MAX_M`].
//! The distance between two cores is zero when they share a point.
//! Otherwise it is the least distance between a vertex of one and a piece of the other: on a surface that is
//! positively curved everywhere, two geodesics are never nearest in the interior of both.
//!
//! Reading order: [`edge`] (one point, one piece), [`tree`] (boxes over pieces), [`search`] (branch and bound),
//! [`inside`] (a point and a region).

use crate::{footprint::core::Core, surface::Vector};

pub(crate) mod edge;
pub(crate) mod inside;
pub(crate) mod search;
pub(crate) mod tree;

/// The distance between two cores, metres: zero when they share a point; `None` above `limit_m`.
///
/// Any distance up to `enough_m` may be returned for a smaller one.
pub(crate) fn core_distance_m(
    first: &Core,
    second: &Core,
    enough_m: f64,
    limit_m: f64,
) -> Option<f64> {
    if first.extent.gap_squared_m2(&second.extent) > limit_m * limit_m {
        return None;
    }
    if held(first, second)
        .or_else(|| held(second, first))
        .is_some()
    {
        return Some(0.0);
    }
    search::boundary_distance_m(first, second, enough_m, limit_m)
}

/// The first vertex of a chain of `guest` that lies inside `host`.
///
/// Where the boundaries do not touch, each chain is inside or outside as a whole; where they do, the distance says so.
fn held(host: &Core, guest: &Core) -> Option<Vector> {
    let holds = |vertex: &Vector| host.extent.holds(*vertex) && inside::holds(host, *vertex);
    if host.is_region() {
        guest.representatives().find(holds)
    } else {
        None
    }
}

/// A point of each core, as near to each other as the cores are; the same point where they overlap.
pub(crate) fn nearest_points(first: &Core, second: &Core) -> Option<(Vector, Vector)> {
    match held(first, second).or_else(|| held(second, first)) {
        Some(shared) => Some((shared, shared)),
        None => search::nearest_boundary_points(first, second),
    }
}
