//! The timeline of the scenario: who says what, when, and what must come of it.

use detente_formats::Timeline;

use super::scenario;
use crate::failure::{Failure, FailureKind};
pub(super) use crate::timeline::{Step, Told};

/// Reads the timeline, every reference replaced by what it stands for.
pub(super) fn read() -> Result<Told, Failure> {
    let (timeline, problems) = Timeline::parse("timeline.toml", scenario::TIMELINE);
    let timeline = timeline.filter(|_| !problems.has_errors());
    let timeline = timeline.ok_or_else(|| defect(&format!("{problems:?}")))?;
    Told::of(&timeline, &|name| scenario::file(name).map(<[u8]>::to_vec))
        .map_err(|error| defect(&error))
}

fn defect(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        FailureKind::Bug,
        format!("the built-in scenario cannot be told: {error}"),
    )
}
