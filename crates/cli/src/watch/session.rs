//! A run of the watch: fixes in, everything that is told out, and what is kept of it.

use std::time::{Duration, Instant};

use detente_monitoring::approach::Lookout;
use detente_monitoring::{Fix, Watch};

use super::keep::{Fits, Journal, Keeper, Parts};
use super::told::{Lost, Told};
use crate::failure::Failure;
use crate::printer::Printer;

/// Fixes between two looks at the clock.
const LOOK_EVERY: u64 = 2_048;
/// A checkpoint is written no more often than this.
const KEEP_EVERY: Duration = Duration::from_millis(500);
/// And so seldom that writing it takes no more than this part of the time.
const KEEP_SHARE: u32 = 20;

/// Everything a run holds.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) watch: Watch,
    pub(super) lookout: Lookout,
    pub(super) told: Told,
    pub(super) lost: Lost,
    /// Reports taken from sources that can be read again.
    pub(super) reports: u64,
    /// Reports that an earlier run has taken.
    pub(super) skip: u64,
    pub(super) keeper: Option<(Keeper, Fits)>,
    pub(super) kept_at: Instant,
    pub(super) keep_after: Duration,
    failed: Option<Failure>,
}

impl Session {
    pub(super) fn new(watch: Watch, lookout: Lookout, told: Told) -> Self {
        Self {
            watch,
            lookout,
            told,
            lost: Lost::default(),
            reports: 0,
            skip: 0,
            keeper: None,
            kept_at: now(),
            keep_after: KEEP_EVERY,
            failed: None,
        }
    }

    /// Takes a report of a source that can be read again; what an earlier run has taken is passed over.
    pub(super) fn take_again(&mut self, fix: Fix, printer: &mut Printer) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        self.reports += 1;
        self.take(fix, printer);
        if self.reports.is_multiple_of(LOOK_EVERY) {
            self.keep_if_due();
        }
    }

    /// Takes a fix.
    pub(super) fn take(&mut self, fix: Fix, printer: &mut Printer) {
        if self.failed.is_some() {
            return;
        }
        let (told, failed) = (&mut self.told, &mut self.failed);
        if let Some(picture) = &mut told.picture {
            picture.see(&fix);
        }
        self.lookout.observe(&fix, &mut |warning| {
            if failed.is_none() {
                *failed = told.warning(&warning, printer).err();
            }
        });
        self.watch.observe(fix, &mut |event| {
            if failed.is_none() {
                *failed = told.event(&event, printer).err();
            }
        });
    }

    /// Why the run cannot go on, if it cannot.
    pub(super) fn failure(&mut self) -> Result<(), Failure> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Writes a checkpoint when it is time.
    pub(super) fn keep_if_due(&mut self) {
        let due = self.keeper.is_some() && now().duration_since(self.kept_at) >= self.keep_after;
        if due && self.failed.is_none() {
            self.failed = self.keep().err();
        }
    }

    /// Writes a checkpoint now.
    pub(super) fn keep(&mut self) -> Result<(), Failure> {
        let Some((keeper, fits)) = &mut self.keeper else {
            return Ok(());
        };
        let began = now();
        let told = &mut self.told;
        let events_bytes = match &mut told.events_file {
            Some(file) => Some(file.settle()?),
            None => None,
        };
        keeper.keep(Parts {
            fits,
            reports: self.reports,
            watch: self.watch.saved(),
            sightings: self.lookout.saved(),
            sums: told.sums,
            rows: &told.rows,
            lost: self.lost,
            events_bytes,
            picture: told.picture.as_ref().map(super::picture::Picture::state),
            outbox: told
                .feed
                .as_ref()
                .map(super::feed::Feed::outstanding)
                .unwrap_or_default(),
        })?;
        if told.json {
            // Lines of an earlier run that were not met again yet may still be.
            told.journal = Some(Journal::begin(
                keeper.path(),
                keeper.generation(),
                &told.printed,
            )?);
        }
        self.kept_at = now();
        let took = self.kept_at.duration_since(began);
        self.keep_after = KEEP_EVERY.max(took * KEEP_SHARE);
        Ok(())
    }

    /// Takes the end of every source.
    pub(super) fn finish(&mut self, printer: &mut Printer) -> Result<(), Failure> {
        let (told, failed) = (&mut self.told, &mut self.failed);
        self.watch.finish(&mut |event| {
            if failed.is_none() {
                *failed = told.event(&event, printer).err();
            }
        });
        self.failure()
    }
}

/// Reads the monotonic clock, for the pace of checkpoints alone.
#[expect(
    clippy::disallowed_methods,
    reason = "how often a checkpoint is written decides nothing else"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
