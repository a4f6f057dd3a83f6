//! Latitude and longitude bounds of a core with its offset.

use crate::{
    bounds::GeoBox,
    footprint::{PIECE_MAX_M, core::Core},
    position::Position,
    proximity::{edge, inside, tree::Content},
    surface::{CURVATURE_RADIUS_MIN_M, Vector},
};

/// Nearer to a pole than this, a boundary is given every longitude, metres.
const POLAR_M: f64 = 2.0 * PIECE_MAX_M;

/// The box around everything within `offset_m` of the core, rounded outward.
pub(crate) fn bounds(core: &Core, offset_m: f64) -> GeoBox {
    let mut latitudes = (f64::INFINITY, f64::NEG_INFINITY);
    let mut spans = Vec::with_capacity(core.chains.len());
    for chain in &core.chains {
        spans.extend(span(core.chain(chain), &mut latitudes));
    }
    let (mut south_deg, mut north_deg) = latitudes;
    let (mut west_deg, mut width_deg) = hull(spans);
    for pole_deg in [90.0, -90.0] {
        let Ok(pole) = Position::new(pole_deg, 0.0).map(Vector::of) else {
            continue;
        };
        let inside = inside::holds(core, pole);
        if inside || boundary_near(core, pole) {
            (west_deg, width_deg) = (-180.0, 360.0);
            (south_deg, north_deg) = (south_deg.min(pole_deg), north_deg.max(pole_deg));
        }
    }
    // A geodesic piece rises above the latitudes of its ends by L² tan φ / 8R; nearer to a pole than `POLAR_M` the
    // bound above has taken over.
    let steepest = south_deg
        .abs()
        .max(north_deg.abs())
        .to_radians()
        .tan()
        .min(CURVATURE_RADIUS_MIN_M / POLAR_M);
    let rise_m = edge::sagitta_max_m(longest_piece_m(core)) * steepest * 1.1 + 0.001;
    GeoBox::new(south_deg, north_deg, west_deg, width_deg).expanded(offset_m + rise_m)
}

fn longest_piece_m(core: &Core) -> f64 {
    let longest = |chain: &[Vector]| {
        chain
            .windows(2)
            .map(|pair| match pair {
                [a, b] => (*b - *a).length(),
                _ => 0.0,
            })
            .fold(0.0, f64::max)
    };
    core.chains
        .iter()
        .map(|chain| longest(core.chain(chain)))
        .fold(0.0, f64::max)
}

/// The longitudes a chain runs through, as its west side and its width, following it step by step.
fn span(chain: &[Vector], latitudes: &mut (f64, f64)) -> Option<(f64, f64)> {
    let mut course: Option<(f64, f64, f64)> = None; // longitude now, least, greatest, unrolled
    for vertex in chain {
        let (latitude, longitude) = vertex.latitude_longitude_deg();
        *latitudes = (latitudes.0.min(latitude), latitudes.1.max(latitude));
        course = Some(match course {
            None => (longitude, longitude, longitude),
            Some((now, least, greatest)) => {
                let turn = (longitude - now + 540.0).rem_euclid(360.0) - 180.0;
                (now + turn, least.min(now + turn), greatest.max(now + turn))
            }
        });
    }
    course.map(|(_, least, greatest)| (least, (greatest - least).min(360.0)))
}

/// The shortest arc of longitudes that holds all spans: the circle without its widest gap.
fn hull(mut spans: Vec<(f64, f64)>) -> (f64, f64) {
    for span in &mut spans {
        span.0 = (span.0 + 180.0).rem_euclid(360.0) - 180.0;
    }
    spans.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let Some(&(first, _)) = spans.first() else {
        return (-180.0, 360.0);
    };
    let mut covered = spans
        .iter()
        .map(|(west, width)| west + width)
        .fold(first, f64::max)
        - 360.0;
    let (mut gap, mut west) = (0.0, first);
    for (start, width) in &spans {
        if start - covered > gap {
            (gap, west) = (start - covered, *start);
        }
        covered = covered.max(start + width);
    }
    (west, 360.0 - gap)
}

fn boundary_near(core: &Core, point: Vector) -> bool {
    let mut pending = vec![0];
    while let Some(node) = pending.pop().and_then(|number| core.tree.node(number)) {
        if node.bounds.grown(POLAR_M).holds(point) {
            match node.content {
                Content::Branch(left, right) => pending.extend([left, right]),
                Content::Leaf(_) => return true,
            }
        }
    }
    false
}
