//! The proofs of one run, shared among threads.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use detente_agreement::Prover;
use detente_agreement::prove::{Proof, StandingKind};
use detente_formats::Dossier;
use detente_records::concern::Concern;

use super::answer::{DefectsAnswer, RulingAnswer};
use super::cache::Cache;
use super::ruling::{Opinion, Ruling};
use super::second::{Second, Worker};
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// The stack of each thread, in bytes. A clause of the longest and deepest sort is walked to its
/// depth several times over; memory that is not touched costs nothing.
const STACK_BYTES: usize = 256 << 20;
/// What the answer about defects is kept under.
const DEFECTS: &str = "defects";

/// What is to be proved, and with what.
pub(super) struct Work<'w> {
    pub(super) dossier: &'w Dossier,
    pub(super) prover: &'w Prover<'w>,
    pub(super) second: &'w Second,
    pub(super) cache: &'w Cache,
    pub(super) provers: usize,
}

/// One finished piece: a concern by its place, or the defects.
enum Done {
    Concern(usize, Box<RulingAnswer>, bool),
    Defects(DefectsAnswer),
}

impl Work<'_> {
    /// Proves everything; answers come in the order of the concerns, each with whether it was
    /// known before.
    pub(super) fn run(
        &self,
        printer: &Printer,
    ) -> Result<(Vec<(RulingAnswer, bool)>, DefectsAnswer), Failure> {
        let concerns = &self.dossier.concerns;
        let pieces = concerns.len() + 1;
        let mut progress = printer.progress("proving");
        let threads = std::thread::available_parallelism()
            .map_or(1, std::num::NonZeroUsize::get)
            .min(pieces);
        let next = AtomicUsize::new(0);
        let failure = Mutex::new(None);
        let (send, receive) = channel();
        let mut ruled: Vec<Option<(RulingAnswer, bool)>> = concerns.iter().map(|_| None).collect();
        let mut defects = None;
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let send = send.clone();
                let worker = std::thread::Builder::new().stack_size(STACK_BYTES);
                let (next, failure) = (&next, &failure);
                let started = worker.spawn_scoped(scope, move || {
                    let outcome = self.toil(next, pieces, |done| send.send(done).is_ok());
                    if let Err(error) = outcome {
                        *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                });
                if let Err(error) = started {
                    let error = Failure::new(FailureKind::Bug, error);
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
            }
            drop(send);
            progress.at(0, Some(pieces as u64));
            for (count, done) in receive.iter().enumerate() {
                match done {
                    Done::Concern(place, answer, cached) => {
                        if let Some(slot) = ruled.get_mut(place) {
                            *slot = Some((*answer, cached));
                        }
                    }
                    Done::Defects(answer) => defects = Some(answer),
                }
                progress.at(count as u64 + 1, Some(pieces as u64));
            }
        });
        progress.finish();
        if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let ruled: Option<Vec<(RulingAnswer, bool)>> = ruled.into_iter().collect();
        ruled.zip(defects).ok_or_else(|| {
            Failure::new(
                FailureKind::Bug,
                "proving ended in a defect; no answer was given",
            )
        })
    }

    /// Takes piece after piece until none is left. The defects, which take longest, come first.
    fn toil(
        &self,
        next: &AtomicUsize,
        pieces: usize,
        send: impl Fn(Done) -> bool,
    ) -> Result<(), Failure> {
        let mut worker = self.second.worker(self.prover)?;
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return Ok(());
            }
            let done = match piece.checked_sub(1) {
                None => Done::Defects(self.defects(&mut worker)),
                Some(place) => {
                    let Some(concern) = self.dossier.concerns.get(place) else {
                        return Ok(());
                    };
                    let (answer, cached) = self.concern(concern, &mut worker);
                    Done::Concern(place, Box::new(answer), cached)
                }
            };
            if !send(done) {
                return Ok(());
            }
        }
    }

    fn concern(&self, concern: &Concern, worker: &mut Worker<'_>) -> (RulingAnswer, bool) {
        let property = concern.property.as_ref();
        let text = property.map_or("", |property| property.text.as_str());
        let question = format!("property {text}");
        if concern.property.is_some()
            && let Some(known) = self.cache.get(&question)
        {
            return (known, true);
        }
        let (mut results, _) = self.prover.concerns(std::slice::from_ref(concern));
        let first = results
            .pop()
            .map_or(Proof::NotStated, |result| result.proof);
        let opinions = match first {
            Proof::NotStated => Vec::new(),
            _ => worker.opinions(concern),
        };
        let answer = RulingAnswer::of(&Ruling::of(first, opinions), self.dossier);
        if concern.property.is_some() && answer.settled(self.provers) {
            self.cache.put(&question, &answer);
        }
        (answer, false)
    }

    fn defects(&self, worker: &mut Worker<'_>) -> DefectsAnswer {
        if let Some(known) = self.cache.get(DEFECTS) {
            return known;
        }
        let mut findings = self.prover.standing(&mut |_, _| {});
        let suspected = |kind| kind == StandingKind::MayFail;
        let mut sound = Vec::new();
        if findings.iter().any(|finding| suspected(finding.kind)) {
            for (who, opinion) in worker.never_errs() {
                #[cfg(feature = "symbolic")]
                if opinion == Opinion::Proved {
                    sound.push(who);
                }
                #[cfg(not(feature = "symbolic"))]
                drop::<(String, Opinion)>((who, opinion));
            }
        }
        if !sound.is_empty() {
            findings.retain(|finding| !suspected(finding.kind));
        }
        let answer = DefectsAnswer::of(&findings, &sound);
        self.cache.put(DEFECTS, &answer);
        answer
    }
}
