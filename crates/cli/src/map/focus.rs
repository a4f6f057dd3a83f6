//! Where the crowd is: the part of a scene worth a large scale when a few operations lie far away.

use super::projection::{LonLat, Projection};
use super::scene::{Patch, Scene};
use super::view::{extent, middle};

/// Fewer operations than this are no crowd.
const OPERATIONS_MIN: usize = 6;
/// The part of the operations that makes the crowd.
const CROWD: f64 = 0.7;
/// The crowd gets its own view only where that shows it this much larger.
const GAIN_MIN: f64 = 1.8;

/// Returns the places of the crowd; `None` when one view does for everything.
pub(super) fn crowd(scene: &Scene) -> Option<Vec<LonLat>> {
    if scene.operations.len() < OPERATIONS_MIN {
        return None;
    }
    let everything: Vec<LonLat> = scene.places().collect();
    let projection = Projection::around(middle(&everything)?);
    let mut operations: Vec<(f64, Vec<LonLat>)> = Vec::new();
    let centers: Vec<[f64; 2]> = scene
        .operations
        .iter()
        .filter_map(|operation| center(&projection, &operation.patches))
        .collect();
    let crowd_center = median(&centers)?;
    for operation in &scene.operations {
        let Some(at) = center(&projection, &operation.patches) else {
            continue;
        };
        let distance = (at[0] - crowd_center[0]).hypot(at[1] - crowd_center[1]);
        operations.push((distance, places(&operation.patches).collect()));
    }
    operations.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    // Rounding up keeps a majority in view.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a length is a length"
    )]
    let members = (operations.len() as f64 * CROWD).ceil() as usize;
    let mut crowd: Vec<LonLat> = operations
        .into_iter()
        .take(members)
        .flat_map(|(_, places)| places)
        .collect();
    surroundings(scene, &projection, &mut crowd);
    let size = |places: &[LonLat]| {
        let (low, high) = extent(&projection, places);
        (high[0] - low[0]).max(high[1] - low[1])
    };
    (size(&everything) >= GAIN_MIN * size(&crowd)).then_some(crowd)
}

/// Adds what lies among the crowd: areas, objects and movements centred there, and no larger than it.
fn surroundings(scene: &Scene, projection: &Projection, crowd: &mut Vec<LonLat>) {
    let (low, high) = extent(projection, crowd);
    let (width, height) = (high[0] - low[0], high[1] - low[1]);
    let among = |patch: &Patch| {
        let around: Vec<LonLat> = patch.rings.iter().flatten().copied().collect();
        let (from, to) = extent(projection, &around);
        let at = [f64::midpoint(from[0], to[0]), f64::midpoint(from[1], to[1])];
        let inside = at[0] >= low[0] && at[0] <= high[0] && at[1] >= low[1] && at[1] <= high[1];
        !around.is_empty() && inside && to[0] - from[0] <= width && to[1] - from[1] <= height
    };
    let areas = scene.areas.iter().map(|area| &area.patch);
    let protected = scene.protected.iter().map(|object| &object.keep_out);
    let movements = scene.movements.iter().map(|movement| &movement.patch);
    let added: Vec<LonLat> = areas
        .chain(protected)
        .chain(movements)
        .filter(|patch| among(patch))
        .flat_map(|patch| patch.rings.iter().flatten().copied())
        .collect();
    crowd.extend(added);
}

fn places(patches: &[Patch]) -> impl Iterator<Item = LonLat> + '_ {
    patches
        .iter()
        .flat_map(|patch| patch.rings.iter().flatten().copied())
}

/// The middle of an operation's bounding box on the plane.
fn center(projection: &Projection, patches: &[Patch]) -> Option<[f64; 2]> {
    let around: Vec<LonLat> = places(patches).collect();
    if around.is_empty() {
        return None;
    }
    let (low, high) = extent(projection, &around);
    Some([
        f64::midpoint(low[0], high[0]),
        f64::midpoint(low[1], high[1]),
    ])
}

/// The median of each coordinate: few outliers do not move it.
fn median(points: &[[f64; 2]]) -> Option<[f64; 2]> {
    let along = |axis: usize| {
        let mut values: Vec<f64> = points
            .iter()
            .filter_map(|point| point.get(axis).copied())
            .collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    Some([along(0)?, along(1)?])
}
