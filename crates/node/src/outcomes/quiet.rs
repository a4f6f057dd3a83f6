//! Quiet hours, by each account on its own.

use std::collections::BTreeSet;

use detente_records::HolderId;
use detente_spacetime::Instant;

use super::period::Period;
use crate::picture::{Account, Allegation, Picture, Source};

/// Microseconds of an hour.
const HOUR_US: i64 = 3_600_000_000;

/// How quiet a period was by one account.
#[derive(Clone, Debug, PartialEq)]
pub struct Quiet {
    /// Whose account; `None` where anybody's allegation counts.
    pub holder: Option<HolderId>,
    /// Hours of the period that have passed, counted from its beginning, in which nothing is alleged to have happened.
    pub quiet_h: u64,
    /// Hours of the period.
    pub period_h: u64,
    /// Whole hours of the period that have passed.
    pub passed_h: u64,
    /// The same for the period before.
    pub previous_quiet_h: u64,
    /// Since when it has been quiet at the end of the period, or now.
    pub since: Instant,
    /// Whole consecutive quiet hours at the end of the period, or by now.
    pub consecutive_h: u64,
    /// The reports of what broke the quiet in the period.
    pub broken_by: Vec<Source>,
}

/// Counts quiet hours: by anybody's account first, then by each holder's.
pub(super) fn quiet(
    picture: &Picture,
    period: Period,
    previous: Period,
    now: Instant,
) -> Vec<Quiet> {
    let end = period.until().min(now);
    let participants = picture.participants();
    let holders: BTreeSet<HolderId> = picture
        .holders()
        .values()
        .map(|holder| holder.id.clone())
        .collect();
    let accounts = std::iter::once(None).chain(holders.into_iter().map(Some));
    let anchor = beginning(picture);
    accounts
        .map(|holder| {
            let account = holder.as_ref().map_or(Account::Anybody, Account::Of);
            let counted = |until: Instant| -> Vec<Allegation> {
                let all = picture.allegations(until);
                all.filter(|allegation| allegation.counts_for(account, &participants))
                    .collect()
            };
            let within_period = counted(period.until());
            let within = |allegation: &&Allegation| period.contains(allegation.happened_at);
            let since = picture.quiet_since(account, anchor.min(end), end);
            Quiet {
                quiet_h: quiet_hours(&within_period, period, end),
                period_h: hours(period.from(), period.until()),
                passed_h: hours(period.from(), end),
                previous_quiet_h: quiet_hours(&counted(previous.until()), previous, end),
                since,
                consecutive_h: hours(since, end),
                broken_by: within_period
                    .iter()
                    .filter(within)
                    .map(|allegation| allegation.source.clone())
                    .collect(),
                holder,
            }
        })
        .collect()
}

/// From when quiet can be counted at all: Day D, or the first entry.
fn beginning(picture: &Picture) -> Instant {
    let day_d = picture.agreement().and_then(|agreement| agreement.day_d);
    day_d.or_else(|| picture.oldest()).unwrap_or(Instant::MIN)
}

/// Hours of a period that have passed by `end` and are not broken: of what is still to come nobody can say that it is quiet.
fn quiet_hours(counted: &[Allegation], period: Period, end: Instant) -> u64 {
    let passed = hours(period.from(), period.until().min(end));
    let broken: BTreeSet<u64> = counted
        .iter()
        .filter(|allegation| period.contains(allegation.happened_at))
        .map(|allegation| hours(period.from(), allegation.happened_at))
        .filter(|hour| *hour < passed)
        .collect();
    passed.saturating_sub(broken.len() as u64)
}

/// Whole hours between two instants; none when the second is earlier.
pub(crate) fn hours(from: Instant, until: Instant) -> u64 {
    let micros = until.micros().saturating_sub(from.micros()).max(0);
    u64::try_from(micros / HOUR_US).unwrap_or(0)
}
