//! Steps that somebody owes and has not made in time.

use detente_records::{HolderId, RecordId};
use detente_spacetime::Instant;

use super::Picture;
use super::report::{RECEIPT, REPORT};

/// Where a recipient's copy of a notice stands when its next step was not made in time.
const OVERDUE: &str = "overdue";
/// Where a movement stands that somebody has not acknowledged in time.
const ACKNOWLEDGEMENT_OVERDUE: &str = "acknowledgement_overdue";
/// Where a receipt stands when a recall was not acknowledged in time.
const RECALL_OVERDUE: &str = "recall_overdue";

/// What is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwedStep {
    /// The next step of acknowledging the notice of a protected object, or of a movement.
    Notice,
    /// Taking note of the recall of a report.
    Recall,
}

/// A step whose clock has run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverdueStep {
    /// What is owed.
    pub step: OwedStep,
    /// About what.
    pub subject: RecordId,
    /// Who owes it.
    pub owed_by: HolderId,
    /// Who waits for it.
    pub owed_to: HolderId,
    /// When its clock ran out.
    pub since: Instant,
}

impl Picture {
    /// Every step that is overdue, by what is owed and about what.
    ///
    /// # Cost
    ///
    /// A step for each recipient of each object, movement and report.
    pub fn overdue_steps(&self) -> impl Iterator<Item = OverdueStep> {
        let notices = self.objects.iter().flat_map(|(id, file)| {
            let is_over = file.matter.course.is_over();
            let deliveries = file.deliveries.iter().filter(move |_| !is_over);
            let late = deliveries.filter(|(_, delivery)| delivery.course.state == OVERDUE);
            late.map(|(holder, delivery)| OverdueStep {
                step: OwedStep::Notice,
                subject: id.clone(),
                owed_by: holder.clone(),
                owed_to: file.matter.opened_by.holder.clone(),
                since: delivery.course.since,
            })
        });
        let participants = self.participants();
        let movements = self.movements.iter().flat_map(move |(id, file)| {
            let is_late = file.matter.course.state == ACKNOWLEDGEMENT_OVERDUE;
            let owing = participants.clone().into_iter().filter(move |holder| {
                is_late
                    && *holder != file.matter.opened_by.holder
                    && file.acknowledged.get(holder) != Some(&file.version)
            });
            owing.map(|holder| OverdueStep {
                step: OwedStep::Notice,
                subject: id.clone(),
                owed_by: holder,
                owed_to: file.matter.opened_by.holder.clone(),
                since: file.matter.course.since,
            })
        });
        let recalls = self.matters(REPORT).flat_map(|(id, matter)| {
            let late = matter.holders.iter().filter(|((machine, _), course)| {
                *machine == RECEIPT && course.state == RECALL_OVERDUE
            });
            late.map(|((_, holder), course)| OverdueStep {
                step: OwedStep::Recall,
                subject: id.clone(),
                owed_by: holder.clone(),
                owed_to: matter.opened_by.holder.clone(),
                since: course.since,
            })
        });
        notices.chain(movements).chain(recalls)
    }
}
