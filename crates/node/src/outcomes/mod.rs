//! Outcome measures: what a period brought, counted from the record, each figure with the entries behind it.
//!
//! [`Outcomes::of`] is a pure fold of a picture. Counts of different holders stand beside each other and are never merged:
//! where two sides count differently, both counts are the answer. Casualties are told source by source and never averaged
//! or added up. Reading order: [`Period`], [`Outcomes`], `counts`, `quiet`, `harm`.

mod counts;
mod harm;
mod period;
mod quiet;
pub mod wire;

pub use counts::{Count, Measure};
pub use harm::{HarmAccount, HarmEvent};
pub use period::{Period, WEEK_DAYS};
pub use quiet::Quiet;
pub(crate) use quiet::hours;

use std::collections::BTreeMap;

use detente_records::act::Act;
use detente_records::act::violation::AccessRestricted;
use detente_records::{AreaId, HolderId, Kind, PartyId, Reporting};
use detente_spacetime::Instant;

use crate::picture::{Allegation, Picture, Source};

/// What a period brought, beside what the one before it did.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    /// The period.
    pub period: Period,
    /// The period of the same length before it.
    pub previous: Period,
    /// Counts, in the order of their measures, then of whose, of whom and where.
    pub counts: Vec<Count>,
    /// Quiet hours by each account, the strictest first.
    pub quiet: Vec<Quiet>,
    /// Allegations that were reported or found upon in the period, as they stood at its end.
    pub allegations: Vec<Allegation>,
    /// Events with alleged civilian casualties that somebody spoke of in the period, with every account on record.
    pub harm: Vec<HarmEvent>,
    /// Restrictions of access recorded in the period.
    pub access: Vec<Access>,
}

/// Somebody was kept from a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// Who recorded it.
    pub holder: HolderId,
    /// When it was recorded.
    pub at: Instant,
    /// The entry.
    pub source: Source,
    /// What it says.
    pub act: AccessRestricted,
}

impl Outcomes {
    /// Counts a period, as of `now`.
    ///
    /// What was recorded at or after the end of a period is not part of it, whatever it speaks of; so the same entries give
    /// the same figures however late they are counted. Of a period that is not over only the hours that have passed can be
    /// quiet.
    ///
    /// # Cost
    ///
    /// Linear in everything on record.
    pub fn of(picture: &Picture, period: Period, now: Instant) -> Self {
        let previous = period.before();
        let mut allegations: Vec<Allegation> = picture.allegations(period.until()).collect();
        let spoken_of = |allegation: &Allegation| {
            let matter = picture.matter("violation", &allegation.id);
            let mut lines = matter.into_iter().flat_map(|matter| &matter.lines);
            lines.any(|line| {
                let counts = matches!(
                    line.act.kind(),
                    Kind::ViolationReported | Kind::FindingStated | Kind::ViolationAssessed
                );
                counts && period.contains(line.at)
            })
        };
        allegations.retain(spoken_of);
        Self {
            period,
            previous,
            counts: counts::counts(picture, period, previous),
            quiet: quiet::quiet(picture, period, previous, now),
            allegations,
            harm: harm::events(picture, period),
            access: access(picture, period),
        }
    }
}

impl Outcomes {
    /// Violations of each party in each area, as every holder counts them; a holder that counts none is there with none.
    pub fn accounts(&self) -> BTreeMap<(Option<PartyId>, Option<AreaId>), BTreeMap<HolderId, u64>> {
        let mut accounts: BTreeMap<_, BTreeMap<HolderId, u64>> = BTreeMap::new();
        let counted = self.counts.iter();
        for count in counted.filter(|count| count.measure == Measure::ViolationsCounted) {
            let place = (count.party.clone(), count.area.clone());
            let counts = accounts.entry(place).or_default();
            counts.insert(count.holder.clone(), count.records.len() as u64);
        }
        for counts in accounts.values_mut() {
            for holder in self.quiet.iter().filter_map(|quiet| quiet.holder.as_ref()) {
                counts.entry(holder.clone()).or_default();
            }
        }
        accounts
    }

    /// A daily report: the day that closes on a date, beside the day before, and the week it closes; as of `now` it may
    /// not have closed yet.
    ///
    /// `None` where a date is none, or lies at the end of time.
    pub fn daily(
        picture: &Picture,
        date: &str,
        reporting: Reporting,
        now: Instant,
    ) -> Option<wire::DailyReport> {
        let closes = reporting.closes_on(date)?;
        let week = Period::days_until(WEEK_DAYS, closes)?;
        let days = week.days();
        let each = days
            .iter()
            .map(|day| wire::DayView::of(&Self::of(picture, *day, now)));
        Some(wire::DailyReport {
            agreement: picture
                .agreement()
                .map(|agreement| agreement.id.to_string()),
            date: date.to_owned(),
            cut_off: reporting.into(),
            is_closed: closes <= now,
            day: wire::OutcomesView::of(&Self::of(picture, *days.last()?, now)),
            week: wire::OutcomesView::of(&Self::of(picture, week, now)),
            days: each.collect(),
        })
    }
}

fn access(picture: &Picture, period: Period) -> Vec<Access> {
    let mut found: Vec<Access> = picture
        .statements(Kind::AccessRestricted)
        .flat_map(|(_, lines)| lines)
        .filter(|line| period.contains(line.at))
        .filter_map(|line| match &*line.act {
            Act::AccessRestricted(act) => Some(Access {
                holder: line.author.holder.clone(),
                at: line.at,
                source: line.source.clone(),
                act: act.clone(),
            }),
            _ => None,
        })
        .collect();
    found.sort_by(|a, b| (a.at, &a.source).cmp(&(b.at, &b.source)));
    found
}
