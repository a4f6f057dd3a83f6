//! Volumes as the index sees them: boxes for the tree, earth-centred chains for the quick test.

use detente_spacetime::{
    AltitudeBand, Footprint, Reference, VerticalAssumptions, VerticalRelation, Volume4D,
    vertical_overlap,
};

use crate::bounds::Bounds;
use crate::shape::{Nature, Solid};

/// The boxes of a volume: one, or two where it crosses the antimeridian.
pub(crate) fn bounds_of(
    volume: &Volume4D,
    assumptions: &VerticalAssumptions,
) -> impl Iterator<Item = Bounds> {
    let place = volume.footprint.bounds();
    let height_m = heights_m(volume, assumptions);
    let (start, end) = (volume.window.start(), volume.window.end());
    place.rects().map(move |rect| {
        Bounds::new(
            [rect.west_deg, rect.east_deg],
            [rect.south_deg, rect.north_deg],
            height_m,
            start.micros(),
            end.map(|end| end.micros()),
        )
    })
}

/// Heights that hold the band of a volume wherever it applies, metres above the ellipsoid.
///
/// Nothing lies below SFC, so a band that names it reaches down without limit: what [`vertical_overlap`] finds is found.
fn heights_m(volume: &Volume4D, assumptions: &VerticalAssumptions) -> [f64; 2] {
    let band: &AltitudeBand = &volume.altitude;
    let heights = band.ellipsoid(volume.footprint.bounds(), assumptions);
    let from_ground = [band.lower(), band.upper()]
        .iter()
        .any(|limit| limit.reference() == Reference::Surface);
    [
        if from_ground {
            f64::NEG_INFINITY
        } else {
            heights.lower_m
        },
        heights.upper_m,
    ]
}

/// How the bands of two volumes lie to each other where both apply.
pub(crate) fn vertical_relation(
    a: &Volume4D,
    b: &Volume4D,
    assumptions: &VerticalAssumptions,
) -> VerticalRelation {
    let (one, two) = (a.footprint.bounds(), b.footprint.bounds());
    let over = one.intersection(two).unwrap_or_else(|| one.union(two));
    vertical_overlap(&a.altitude, &b.altitude, &over, assumptions)
}

/// Fills `solid` with the chains of a footprint.
pub(crate) fn fill(solid: &mut Solid, footprint: &Footprint) {
    let (clean, region) = (!footprint.is_entangled(), footprint.is_region());
    solid.begin(Nature {
        offset_m: footprint.offset_m(),
        region,
        parity: region && footprint.is_clear() && footprint.part_count() == 1,
        clean,
        single: footprint.chains().count() == 1,
    });
    for chain in footprint.chains() {
        solid.chain(chain);
    }
}
