//! Clocks: what runs out by itself, and always toward restraint.

use detente_records::{HolderId, RecordId};
use detente_spacetime::Instant;

use super::Picture;
use super::course::Pending;
use super::fold::Field;
use super::outcome::Change;

/// A matter whose clock runs: its workflow, its id, and the recipient where each has a course of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deadline {
    pub(super) machine: &'static str,
    pub(super) subject: RecordId,
    pub(super) recipient: Option<HolderId>,
}

impl Picture {
    /// Whether a clock runs out by `now`.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        let first = self.deadlines.first();
        first.is_some_and(|((due, _), ())| *due <= now)
    }

    /// Runs every clock out that is due by `to`, the earliest first.
    pub(super) fn advance(&mut self, to: Instant) -> Vec<Change> {
        let mut changes = Vec::new();
        while self.is_due(to)
            && let Some((next, ())) = self.deadlines.first()
        {
            let next = next.clone();
            self.deadlines.remove(&next);
            self.due.remove(&next.1);
            changes.extend(self.run_out(&next.1));
        }
        self.clock = self.clock.max(to);
        changes
    }

    /// Notes when a matter's clock runs out next; `None` when none runs.
    pub(super) fn set_due(
        &mut self,
        machine: &'static str,
        subject: &RecordId,
        recipient: Option<HolderId>,
        pending: Option<Pending>,
    ) {
        let deadline = Deadline {
            machine,
            subject: subject.clone(),
            recipient,
        };
        let before = self.due.get(&deadline).copied();
        let after = pending.map(|pending| pending.at);
        if before == after {
            return;
        }
        if let Some(before) = before {
            self.due.remove(&deadline);
            self.deadlines.remove(&(before, deadline.clone()));
        }
        if let Some(after) = after {
            self.due.insert(deadline.clone(), after);
            self.deadlines.insert((after, deadline), ());
        }
    }

    fn run_out(&mut self, deadline: &Deadline) -> Vec<Change> {
        let Deadline {
            machine,
            subject,
            recipient,
        } = deadline;
        match (Field::named(machine), recipient) {
            (Field::Text, _) => self.run_out_text(subject),
            (Field::Operation, _) => self.run_out_operation(subject),
            (Field::Area, _) => self.run_out_area(subject),
            (Field::Object | Field::Acknowledgement, recipient) => {
                self.run_out_object(subject, recipient.as_ref())
            }
            (Field::Movement, _) => self.run_out_movement(subject),
            (Field::Own, Some(holder)) => self.run_out_own(subject, machine, holder),
            (Field::Reading | Field::Own | Field::Noted, _) => Vec::new(),
            (Field::Suspension | Field::Plain, _) => self.run_out_matter(subject, machine),
        }
    }
}
