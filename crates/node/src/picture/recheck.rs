//! A restraint that is new or has changed: every live operation it may touch is judged again.

use std::sync::Arc;

use detente_agreement::PROTECTED_SEARCH_M;
use detente_records::RecordId;
use detente_spacetime::{Footprint, Instant, Proximity};

use super::Picture;
use super::air::{Answer, Question};
use super::operation::{Judged, OperationFile};
use super::outcome::Change;

/// Which operations a change may touch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reach<'a> {
    /// Whatever flies: articles, parties or distances to objects have changed.
    Everything,
    /// What meets these grounds.
    Ground(&'a [Footprint]),
}

impl Picture {
    /// Judges an operation as it stands; `None` while no text binds.
    pub(super) fn judge_file(&self, file: &OperationFile) -> Option<Answer> {
        let question = Question {
            declared: &file.declared,
            turn: file.turn,
            notified: file.proposed_at,
            consents: file.consenting(),
        };
        Some(self.air.judge(self.rulebook.as_ref()?, &question))
    }

    /// Judges again every live operation a change may touch, and suspends those that stand worse or meet something new.
    pub(super) fn recheck(&mut self, reach: Reach<'_>, at: Instant) -> Vec<Change> {
        let live: Vec<RecordId> = self.live.keys().cloned().collect();
        let mut changes = Vec::new();
        for id in live {
            let Some(file) = self.operations.get(&id) else {
                continue;
            };
            if !touched(file, reach) {
                continue;
            }
            let Some(answer) = self.judge_file(file) else {
                continue;
            };
            let now = Judged::new(answer, at);
            let overtaken = file.judged.is_overtaken_by(&now);
            let mut next = (**file).clone();
            next.judged = now;
            if overtaken {
                // Consents were given in view of less: they are void.
                next.consents.clear();
                next.conditions.clear();
                if let Some(answer) = self.judge_file(&next) {
                    next.judged = Judged::new(answer, at);
                }
                changes.extend(next.suspend(&id, at));
            }
            self.keep_operation(id, Arc::new(next));
        }
        changes
    }
}

fn touched(file: &OperationFile, reach: Reach<'_>) -> bool {
    let Reach::Ground(grounds) = reach else {
        return true;
    };
    file.declared.volumes.iter().any(|volume| {
        grounds
            .iter()
            .any(|ground| volume.footprint.proximity(ground) == Proximity::Overlap)
    })
}

/// Whether an operation comes within the distance at which articles hear of a protected object.
pub(super) fn is_near(file: &OperationFile, ground: &Footprint) -> bool {
    file.declared
        .volumes
        .iter()
        .any(|volume| match volume.footprint.proximity(ground) {
            Proximity::Overlap => true,
            Proximity::Apart { separation_m } => separation_m <= PROTECTED_SEARCH_M,
        })
}
