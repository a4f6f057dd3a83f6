//! States kept along the order, dense near its end and sparse behind.

/// Entries between two snapshots near the end: refolding a late entry costs at most this many
/// steps more than what truly changed, and a clone of the state is paid once in as many.
pub const SNAPSHOT_EVERY: usize = 64;
/// Snapshots kept for each doubling of the distance from the end: a refold of a tail of `n`
/// entries starts at most `n / SNAPSHOTS_PER_OCTAVE` entries too early.
const SNAPSHOTS_PER_OCTAVE: usize = 4;

/// Returns how far apart two snapshots may be at a distance from the end.
fn spacing(from_end: usize) -> usize {
    (from_end / SNAPSHOTS_PER_OCTAVE).max(SNAPSHOT_EVERY)
}

/// States after the first `position` entries, ascending by position.
#[derive(Clone, Debug)]
pub(super) struct Snapshots<F> {
    kept: Vec<(usize, F)>,
}

impl<F: Clone> Snapshots<F> {
    /// Starts with the state before any entry, which is never dropped.
    pub(super) fn new(founding: F) -> Self {
        Self {
            kept: vec![(0, founding)],
        }
    }

    /// Starts with the state before any entry, and a later one.
    pub(super) fn beginning(founding: F, later: (usize, F)) -> Self {
        Self {
            kept: vec![(0, founding), later],
        }
    }

    /// Returns the last state at or before `position`, and forgets those after it.
    pub(super) fn rewind(&mut self, position: usize) -> Option<(usize, F)> {
        let keep = self.kept.partition_point(|(at, _)| *at <= position);
        self.kept.truncate(keep);
        self.kept.last().cloned()
    }

    /// Returns the last state at or before `position`, with where it stands.
    pub(super) fn before(&self, position: usize) -> Option<&(usize, F)> {
        let keep = self.kept.partition_point(|(at, _)| *at <= position);
        keep.checked_sub(1).and_then(|last| self.kept.get(last))
    }

    /// Offers the state after `position` entries, on the way to `end`: what would be superfluous
    /// there is not even copied, so that a long fold costs few copies.
    pub(super) fn offer(&mut self, position: usize, end: usize, state: &F) {
        let last = self.kept.last().map_or(0, |(at, _)| *at);
        if position < last + spacing(end.saturating_sub(position)) {
            return;
        }
        self.kept.push((position, state.clone()));
        let mut spaced: Vec<(usize, F)> = Vec::with_capacity(self.kept.len());
        for (at, state) in self.kept.drain(..) {
            // Walking from old to new, a state is superfluous when its predecessor's predecessor
            // is near enough for its distance from the end.
            let superfluous = spaced.len() >= 2
                && spaced
                    .get(spaced.len() - 2)
                    .is_some_and(|(before, _)| at - before <= spacing(end.max(position) - at));
            if superfluous {
                spaced.pop();
            }
            spaced.push((at, state));
        }
        self.kept = spaced;
    }

    /// Returns the positions kept.
    #[cfg(test)]
    fn positions(&self) -> Vec<usize> {
        self.kept.iter().map(|(at, _)| *at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_snapshots_reach_any_distance_back() {
        // One by one, and all at once.
        for known_end in [None, Some(100_000)] {
            let mut snapshots = Snapshots::new(0_usize);
            for position in 0..100_000 {
                snapshots.offer(position, known_end.unwrap_or(position), &position);
            }
            reaches_any_distance_back(&snapshots);
        }
    }

    fn reaches_any_distance_back(snapshots: &Snapshots<usize>) {
        let positions = snapshots.positions();
        assert!(positions.len() < 80, "{}", positions.len());
        for back in [1, 100, 1_000, 10_000, 90_000] {
            let wanted = 100_000 - back;
            let start = positions
                .iter()
                .copied()
                .filter(|at| *at <= wanted)
                .max()
                .expect("the first is kept");
            assert!(
                wanted - start <= 2 * SNAPSHOT_EVERY + back,
                "{back} back starts {} early",
                wanted - start
            );
        }
    }
}
