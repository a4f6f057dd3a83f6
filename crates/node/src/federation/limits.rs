//! What a peer may cost us, and how long we wait for one.

use detente_spacetime::{Instant, Span};

/// The period quotas count in: short enough that a throttled peer recovers soon, long enough that
/// catching up after a partition is not mistaken for a flood.
pub const PERIOD_S: i64 = 60;
/// Questions answered a period: a poll, a fetch and a notice for each of a hundred commits a
/// second, and room.
pub const REQUESTS_MAX: u64 = 30_000;
/// Bytes sent to a peer a period: a catch-up at about 4 MB/s, which any office line carries.
pub const SERVED_BYTES_MAX: u64 = 256 << 20;
/// Entries taken from one ledger a period: a thousand a second, ten times the busiest agreement.
pub const ENTRIES_MAX: u64 = 60_000;
/// Bytes of entries taken from one ledger a period: a thousand average entries a second.
pub const ENTRY_BYTES_MAX: u64 = 64 << 20;
/// Blobs taken for one ledger a period: ten thousand exact places that are released at once arrive within it, and room.
pub const BLOBS_MAX: u64 = 12_000;
/// Bytes of blobs taken for one ledger a period.
pub const BLOB_PERIOD_BYTES_MAX: u64 = 256 << 20;
/// Largest blob taken: a scanned treaty fits, a film does not.
pub const BLOB_BYTES_MAX: u64 = 8 << 20;
/// Blobs asked of one peer at a time while they are small: as many as keep a line busy whose answers take a tenth of a second.
pub const BLOBS_ASKED_MAX: usize = 16;
/// Bytes of the blobs asked of one peer at a time, where it is more than one: documents never delay entries.
pub const BLOB_BYTES_ASKED_MAX: u64 = 64 << 10;
/// Entries in one answer.
pub const CHUNK_ENTRIES_MAX: u64 = 4096;
/// Bytes of entries in one answer: a bound on what one message costs either side in memory.
pub const CHUNK_BYTES_MAX: u64 = 1 << 20;
/// How long an answer may wait for something to say: below the minute after which middleboxes
/// drop idle connections.
pub const LONG_POLL_S: i64 = 20;
/// How much longer than that an answer may take.
pub const ANSWER_WITHIN_S: i64 = 10;
/// Shortest wait after a failure; doubled each time.
pub const RETRY_FIRST_S: i64 = 1;
/// Longest wait after a failure: a healed line is found within it.
pub const RETRY_LAST_S: i64 = 30;
/// Polls in a row that may bring nothing: more than notices can cross with, far below a loop.
pub const IDLE_POLLS_MAX: u32 = 4;
/// Pause after more of them, so that a peer repeating itself costs little.
pub const IDLE_PAUSE_S: i64 = 5;
/// Silence after which a peer's state is unknown: two long polls and an answer.
pub const UNKNOWN_AFTER_S: i64 = 60;
/// Silence after which a peer counts as down: ten minutes without a line is not a hiccup.
pub const DOWN_AFTER_S: i64 = 600;
/// A ledger shows a heartbeat at least this often: with it, silence becomes a fact on the record.
pub const HEARTBEAT_EVERY_S: i64 = 300;
/// A heartbeat this late counts as withheld: two are missing, so it is no hiccup.
pub const HEARTBEAT_LATE_S: i64 = 2 * HEARTBEAT_EVERY_S + 60;
/// How long after its start a node says what it judges from, where its ledger does not say it yet: whoever starts a node to
/// do one thing and stops it again puts nothing more on record.
pub const FOUNDING_SAID_AFTER_S: i64 = 60;
/// How far another's clock may differ from ours before a claim is worth a finding.
pub const CLOCK_TOLERANCE_S: i64 = 120;
/// How long a node that was started waits for every peer to say what it holds of its ledger;
/// afterwards one suffices, so that a lost peer does not silence the others for ever.
pub const CONFIRM_WITHIN_S: i64 = 120;

/// The limits in force: the constants, or less where an agreement is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// [`REQUESTS_MAX`].
    pub requests: u64,
    /// [`SERVED_BYTES_MAX`].
    pub served_bytes: u64,
    /// [`ENTRIES_MAX`].
    pub entries: u64,
    /// [`ENTRY_BYTES_MAX`].
    pub entry_bytes: u64,
    /// [`BLOBS_MAX`].
    pub blobs: u64,
    /// [`BLOB_PERIOD_BYTES_MAX`].
    pub blob_period_bytes: u64,
    /// [`BLOB_BYTES_MAX`].
    pub blob_bytes: u64,
    /// [`CHUNK_ENTRIES_MAX`].
    pub chunk_entries: u64,
    /// Whether every peer must answer after a start, however long it takes.
    pub confirm_by_all: bool,
}

impl Limits {
    /// Returns the named constants.
    pub fn standard() -> Self {
        Self {
            requests: REQUESTS_MAX,
            served_bytes: SERVED_BYTES_MAX,
            entries: ENTRIES_MAX,
            entry_bytes: ENTRY_BYTES_MAX,
            blobs: BLOBS_MAX,
            blob_period_bytes: BLOB_PERIOD_BYTES_MAX,
            blob_bytes: BLOB_BYTES_MAX,
            chunk_entries: CHUNK_ENTRIES_MAX,
            confirm_by_all: false,
        }
    }
}

/// Returns the instant `seconds` after `now`; the last instant when there is none.
pub(crate) fn later(now: Instant, seconds: i64) -> Instant {
    let span = Span::from_seconds(seconds).unwrap_or(Span::ZERO);
    now.plus(span).unwrap_or(Instant::MAX)
}

/// Counts one kind of cost within a period.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    since: Instant,
    used: u64,
    reported: bool,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self {
            since: Instant::MIN,
            used: 0,
            reported: false,
        }
    }

    /// Adds to the cost of the period; a clock that went back starts a new one.
    pub(crate) fn charge(&mut self, now: Instant, amount: u64) {
        self.roll(now);
        self.used = self.used.saturating_add(amount);
    }

    /// Returns whether the period's limit is used up.
    pub(crate) fn is_spent(&mut self, now: Instant, limit: u64) -> bool {
        self.roll(now);
        self.used >= limit
    }

    /// Returns `true` once a period.
    pub(crate) fn report_once(&mut self) -> bool {
        !std::mem::replace(&mut self.reported, true)
    }

    fn roll(&mut self, now: Instant) {
        if now < self.since || now >= later(self.since, PERIOD_S) {
            *self = Self {
                since: now,
                ..Self::new()
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_grants_its_limit_once() {
        let start = Instant::parse_rfc3339("2016-09-12T16:00:00Z").expect("instant");
        let mut meter = Meter::new();
        meter.charge(start, 9);
        assert!(!meter.is_spent(later(start, 1), 10));
        meter.charge(later(start, 59), 1);
        assert!(meter.is_spent(later(start, 59), 10));
        assert!(meter.report_once());
        assert!(!meter.report_once());
        assert!(!meter.is_spent(later(start, 60), 10));
        assert!(meter.report_once());
        meter.charge(later(start, 60), 10);
        assert!(!meter.is_spent(later(start, -5), 10), "a clock set back");
    }
}
