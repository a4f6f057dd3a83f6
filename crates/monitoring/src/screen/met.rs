//! A way and the border of a zone in the cell where it starts.

use super::{
    probe::{Line, Meeting, Probe},
    verdict::Start,
};
use crate::mosaic::{BorderHere, POINT_INSIDE, Record, SIMPLE};

/// Whether a way starts inside a border of the cell it starts in, unless its side is known, and whether the border comes near.
#[inline(always)]
pub(super) fn met(
    record: &Record,
    here: &BorderHere<'_>,
    line: &Line,
    way: &Probe,
    side: Option<bool>,
) -> (Start, bool) {
    // From a point whose side is known to where the way starts.
    let known = here.point.filter(|_| side.is_none());
    let probe = Probe::new(known.unwrap_or(line.from), line.from, line.slack);
    let mut inside = side.unwrap_or(record.kind & POINT_INSIDE != 0);
    let (mut is_looked_for, mut is_near) = (known.is_some(), false);
    let mut unknown = side.is_none() && !is_looked_for;
    here.any(|piece| {
        is_near = is_near || way.meets(piece) != Meeting::Clear;
        if is_looked_for {
            match probe.meets(piece) {
                Meeting::Clear => {}
                Meeting::Crosses if record.kind & SIMPLE != 0 => inside = !inside,
                Meeting::Crosses | Meeting::Near => (is_looked_for, unknown) = (false, true),
            }
        }
        is_near && !is_looked_for
    });
    let start = match (unknown, inside) {
        (true, _) => Start::Unknown,
        (false, true) => Start::Inside,
        (false, false) => Start::Outside,
    };
    (start, is_near)
}
