//! One operation after another put before the articles, on every core.

use std::ops::Range;

use detente_agreement::Judgement;
use detente_deconfliction::Scratch;
use detente_node::judge::{Bearing, Contact, Court};
use detente_records::Operation;
use detente_spacetime::Instant;

use super::input::Input;
use super::lost_thread;
use super::report::Report;
use crate::failure::Failure;

/// What judging needs; shared by the threads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Session<'a> {
    pub(super) input: &'a Input,
    /// The instant operations are judged from.
    pub(super) at: Option<Instant>,
}

/// An operation with its answer.
#[derive(Debug)]
pub(super) struct Judged {
    /// Its place in the input.
    pub(super) place: usize,
    pub(super) report: Report,
}

impl Session<'_> {
    /// Judges a stretch of the operations, in order, shared among `threads`.
    pub(super) fn judge_all(
        &self,
        places: Range<usize>,
        threads: usize,
    ) -> Result<Vec<Judged>, Failure> {
        let share = places.len().div_ceil(threads.max(1)).max(1);
        let shares: Vec<Range<usize>> = places
            .clone()
            .step_by(share)
            .map(|from| from..places.end.min(from + share))
            .collect();
        std::thread::scope(|scope| {
            let running: Vec<_> = shares
                .into_iter()
                .map(|share| scope.spawn(|| self.judge_share(share)))
                .collect();
            let mut judged = Vec::with_capacity(places.len());
            for thread in running {
                judged.extend(thread.join().map_err(|_| lost_thread())?);
            }
            Ok(judged)
        })
    }

    fn judge_share(&self, places: Range<usize>) -> Vec<Judged> {
        let mut scratch = Scratch::default();
        let judged = places.filter_map(|place| {
            let operation = self.input.things.operation(place)?;
            let contacts = self.court().contacts(operation, &mut scratch);
            let judgement = self.judge(operation, &contacts);
            let report = Report::new(self, operation, &contacts, judgement);
            Some(Judged { place, report })
        });
        judged.collect()
    }

    fn judge(&self, operation: &Operation, contacts: &[Contact]) -> Judgement {
        let bearing = Bearing {
            notified: operation.notified.or(self.at),
            consents: operation.consents.clone(),
            awareness: Some(self.input.awareness),
        };
        self.court().judge(operation, &bearing, contacts)
    }

    /// The court all operations come before.
    pub(super) fn court(&self) -> Court<'_> {
        Court {
            rulebook: &self.input.rulebook,
            things: &self.input.things,
        }
    }
}
