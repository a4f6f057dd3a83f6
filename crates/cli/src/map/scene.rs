//! What there is to draw, in degrees and words.

use super::projection::LonLat;
use super::style::{AreaStyle, MarkStyle, VerdictStyle};

/// Everything on one sheet.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// What was judged.
    pub(crate) title: String,
    /// Counts, instant, or whatever one line under the title says.
    pub(crate) subtitle: String,
    pub(crate) areas: Vec<AreaShape>,
    pub(crate) protected: Vec<ProtectedShape>,
    pub(crate) movements: Vec<MovementShape>,
    /// Worst verdict first.
    pub(crate) operations: Vec<OperationShape>,
    pub(crate) conflicts: Vec<ConflictShape>,
    /// How many operations there are beyond those drawn.
    pub(crate) operations_left_out: usize,
    /// The table of the page.
    pub(crate) findings: Vec<FindingRow>,
    pub(crate) tracks: Vec<TrackShape>,
    /// In the order of time.
    pub(crate) marks: Vec<MarkShape>,
    /// What must be in view; everything, when there is nothing here.
    pub(crate) focus: Vec<LonLat>,
}

/// A track as it was seen.
#[derive(Debug)]
pub(crate) struct TrackShape {
    pub(crate) name: String,
    /// In the order of time.
    pub(crate) places: Vec<LonLat>,
    pub(crate) note: String,
}

/// Where something was observed.
#[derive(Debug)]
pub(crate) struct MarkShape {
    pub(crate) at: LonLat,
    pub(crate) style: MarkStyle,
    /// When, who, what.
    pub(crate) title: String,
    /// What it concerns.
    pub(crate) summary: String,
}

/// A shape on the ground: rings filled by the even-odd rule; a ring of one place is a point.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patch {
    /// Each ring without its closing place.
    pub(crate) rings: Vec<Vec<LonLat>>,
}

/// An area of the agreement.
#[derive(Debug)]
pub(crate) struct AreaShape {
    pub(crate) name: String,
    pub(crate) style: AreaStyle,
    pub(crate) patch: Patch,
    /// Shown on hover.
    pub(crate) note: String,
}

/// A protected object and what is kept out around it.
#[derive(Debug)]
pub(crate) struct ProtectedShape {
    pub(crate) name: String,
    pub(crate) patch: Patch,
    pub(crate) keep_out: Patch,
    pub(crate) note: String,
}

/// A humanitarian movement.
#[derive(Debug)]
pub(crate) struct MovementShape {
    pub(crate) name: String,
    pub(crate) patch: Patch,
    pub(crate) note: String,
}

/// An operation with its verdict.
#[derive(Debug)]
pub(crate) struct OperationShape {
    pub(crate) name: String,
    pub(crate) verdict: VerdictStyle,
    /// One a volume.
    pub(crate) patches: Vec<Patch>,
    /// One line for the panel: who flies what.
    pub(crate) summary: String,
    pub(crate) note: String,
}

/// Where two things meet.
#[derive(Debug)]
pub(crate) struct ConflictShape {
    pub(crate) patch: Patch,
    pub(crate) note: String,
}

/// A row of the page's table.
#[derive(Debug)]
pub(crate) struct FindingRow {
    pub(crate) operation: String,
    pub(crate) verdict: VerdictStyle,
    pub(crate) finding: String,
    pub(crate) articles: String,
    pub(crate) message: String,
}

impl Scene {
    /// Returns every place that must be in view.
    pub(super) fn places(&self) -> impl Iterator<Item = LonLat> + '_ {
        let areas = self.areas.iter().map(|area| &area.patch);
        let protected = self.protected.iter().map(|object| &object.keep_out);
        let movements = self.movements.iter().map(|movement| &movement.patch);
        let operations = self
            .operations
            .iter()
            .flat_map(|operation| &operation.patches);
        areas
            .chain(protected)
            .chain(movements)
            .chain(operations)
            .flat_map(|patch| patch.rings.iter().flatten().copied())
    }
}
