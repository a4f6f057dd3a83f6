//! How things stood at an earlier instant.

use super::{Fold, Placed};

/// An earlier state: a snapshot, and the entries between it and the instant asked for.
#[derive(Clone, Debug)]
pub struct Past<F: Fold> {
    state: F,
    rest: Vec<(Placed, Option<F::Act>)>,
}

impl<F: Fold> Past<F> {
    pub(super) fn new(state: F, rest: Vec<(Placed, Option<F::Act>)>) -> Self {
        Self { state, rest }
    }

    /// Folds what is missing.
    ///
    /// # Cost
    ///
    /// A step for each entry since the snapshot: at most [`super::SNAPSHOT_EVERY`], or a fourth of the entries behind the
    /// instant, whichever is more.
    pub fn replay(self) -> F {
        let mut state = self.state;
        for (placed, whole) in self.rest {
            let recorded = placed.recorded(&state, whole);
            state.apply(&recorded);
        }
        state
    }
}
