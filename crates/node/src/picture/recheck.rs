//! A restraint that is new or has changed: every live operation it may touch is judged again.

use std::collections::BTreeSet;
use std::sync::Arc;

use detente_agreement::{Effect, Finding, FindingKind, Judgement, PROTECTED_SEARCH_M, Verdict};
use detente_records::{ParticipantId, RecordId};
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
        let mut answer = self.air.judge(self.rulebook.as_ref()?, &question);
        let mut asked = file.stopped_by();
        asked.retain(|who| !file.consents.contains_key(who));
        if !asked.is_empty() {
            hold(&mut answer.judgement, file, asked);
        }
        Some(answer)
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

/// Holds back what somebody has stopped until whoever did consents to what is proposed instead.
fn hold(judgement: &mut Judgement, file: &OperationFile, asked: BTreeSet<ParticipantId>) {
    let names: Vec<&str> = asked.iter().map(ParticipantId::as_str).collect();
    judgement.findings.push(Finding {
        effect: Effect::Consent,
        kind: FindingKind::Consent,
        with: None,
        touch: None,
        since: file.declared.start(),
        articles: Vec::new(),
        clauses: BTreeSet::new(),
        consent_of: asked.clone(),
        facts: Vec::new(),
        message: format!(
            "{} stopped it: a new version needs the consent of whoever did",
            names.join(", ")
        ),
    });
    if judgement.verdict != Verdict::Prohibited {
        judgement.verdict = Verdict::ConsentRequired;
        judgement.consent_required.extend(asked);
        judgement.permitted_by.clear();
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
