//! Who was told where the own objects stand and who has read it, beside what was reported near them since.
//!
//! Whether a list is used against what it protects cannot be read off a list. What can be shown is who was told exactly, who
//! was told coarsely and who not at all, which readings are on record, and how many objects of each kind have had an
//! incident near them: side by side, for whoever notified the objects and for a board of inquiry. Nobody is named as the
//! cause of anything.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::act::protected_object::ReleasePrecision;
use detente_records::act::text::{Account, TimePrecision};
use detente_records::act::{Act, PlaceReading};
use detente_records::{HolderId, RecordId};
use detente_sharing::notice::middle;
use detente_spacetime::geodesic::distance_m;
use detente_spacetime::{Instant, Position, Span};

use crate::picture::{Line, ObjectFile, Picture, Source};

/// How near to an object an incident counts as near it, metres: accounts say a street or a quarter, rarely a house.
pub const NEAR_M: f64 = 1_000.0;

/// Microseconds of a minute.
const MINUTE_US: i64 = 60_000_000;

/// What none of this proves.
pub const CANNOT_PROVE: [&str; 4] = [
    "A reading shows that a place was shown to a user by a node, not what anybody did with it.",
    "Each node puts its own readings on record: what was copied from its files or told on was read without one.",
    "What is notified exactly is read by everybody who holds the ledgers, and no reading of it is on record.",
    "An incident after a reading, or a rate that differs, is no cause: objects are told where they are in danger.",
];

/// A reading of an exact place, as its node put it on record.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What was read by whom, on which day.
    pub said: PlaceReading,
    /// When it went on record: before the place was first shown on that day.
    pub at: Instant,
    /// The entry.
    pub source: Source,
}

/// An incident near an own object after its notice.
#[derive(Clone, Debug, PartialEq)]
pub struct NearIncident {
    /// The incident.
    pub incident: RecordId,
    /// When the account that lies nearest says that it happened; where it says nothing, when it was recorded.
    pub at: Instant,
    /// The earliest that the account may mean, as exactly as it says when; `None` where it does not say.
    pub earliest: Option<Instant>,
    /// The latest that it may mean: never later than the account was recorded. What was told or read by then counts.
    pub latest: Instant,
    /// The object.
    pub object: RecordId,
    /// How far away the nearest account puts it, metres.
    pub distance_m: f64,
    /// Who had been told exactly where the object stands by the latest instant that the account may mean.
    pub told_exactly: BTreeSet<HolderId>,
    /// Who had been told coarsely, and not exactly.
    pub told_coarsely: BTreeSet<HolderId>,
    /// On whose nodes its exact place had been read.
    pub read_by: BTreeSet<HolderId>,
}

/// So many objects, and how many of them had an incident near them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Objects.
    pub objects: usize,
    /// Those near which an incident was reported after they came to be counted here.
    pub with_incident: usize,
}

impl Share {
    fn count(&mut self, is_near: bool) {
        self.objects += 1;
        self.with_incident += usize::from(is_near);
    }
}

/// The own objects as one other holder knows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// It was told exactly.
    pub exactly: Share,
    /// It was told coarsely only.
    pub coarsely: Share,
    /// It was told nothing about.
    pub not_told: Share,
    /// Of those it was told exactly: its node has shown the place to somebody.
    pub read: Share,
}

/// What was told of the own objects, beside what happened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Disclosure {
    /// Incidents near own objects, the latest first.
    pub incidents: Vec<NearIncident>,
    /// By every other holder.
    pub known: BTreeMap<HolderId, Known>,
}

/// Somebody's account of an incident: where and when.
struct Told<'a> {
    incident: &'a RecordId,
    position: Position,
    at: Instant,
    earliest: Option<Instant>,
    latest: Instant,
}

/// Puts what was told of a holder's objects beside the incidents near them.
///
/// `exact` gives the exact place of an own object that is shown coarsely, where it is kept.
///
/// # Cost
///
/// A distance for each own object and account of an incident.
pub fn disclosure(
    picture: &Picture,
    own: &HolderId,
    readings: &[Reading],
    exact: impl Fn(&RecordId, u32) -> Option<Position>,
) -> Disclosure {
    let accounts: Vec<Told<'_>> = accounts(picture).collect();
    let mut first_read: BTreeMap<(&RecordId, &HolderId), Instant> = BTreeMap::new();
    for reading in readings {
        let key = (&reading.said.object, &reading.said.holder);
        let first = first_read.entry(key).or_insert(reading.at);
        *first = reading.at.min(*first);
    }
    let others: BTreeSet<&HolderId> = picture
        .holders()
        .values()
        .map(|holder| &holder.id)
        .filter(|holder| *holder != own)
        .collect();
    let mut found = Disclosure::default();
    for (id, file) in picture.protected_objects() {
        if file.matter.opened_by.holder != *own {
            continue;
        }
        let place =
            exact(id, file.version).or_else(|| middle(file.current.volume.footprint.bounds()));
        let Some(place) = place else {
            continue;
        };
        let near = near(&accounts, place, file.matter.opened_at);
        for holder in &others {
            let told = Knowledge {
                exactly: told_at(file, holder, ReleasePrecision::Exact),
                coarsely: told_at(file, holder, ReleasePrecision::Coarse),
                read: first_read.get(&(id, *holder)).copied(),
            };
            let known = found.known.entry((*holder).clone()).or_default();
            told.count(known, &near, file.matter.opened_at);
        }
        for (told, distance_m) in near {
            let before = |at: Option<Instant>| at.is_some_and(|at| at <= told.latest);
            let exactly: BTreeSet<HolderId> = others
                .iter()
                .filter(|holder| before(told_at(file, holder, ReleasePrecision::Exact)))
                .map(|holder| (*holder).clone())
                .collect();
            let coarsely = others.iter().filter(|holder| {
                !exactly.contains(**holder)
                    && before(told_at(file, holder, ReleasePrecision::Coarse))
            });
            let read_by = others
                .iter()
                .filter(|holder| before(first_read.get(&(id, **holder)).copied()));
            found.incidents.push(NearIncident {
                incident: told.incident.clone(),
                at: told.at,
                earliest: told.earliest,
                latest: told.latest,
                object: id.clone(),
                distance_m,
                told_coarsely: coarsely.map(|holder| (*holder).clone()).collect(),
                read_by: read_by.map(|holder| (*holder).clone()).collect(),
                told_exactly: exactly,
            });
        }
    }
    found
        .incidents
        .sort_by(|one, other| other.at.cmp(&one.at).then(one.object.cmp(&other.object)));
    found
}

/// Since when a holder knows an object, and how.
struct Knowledge {
    exactly: Option<Instant>,
    coarsely: Option<Instant>,
    read: Option<Instant>,
}

impl Knowledge {
    fn count(&self, known: &mut Known, near: &[(&Told<'_>, f64)], notified_at: Instant) {
        let since = |from: Instant| near.iter().any(|(told, _)| told.latest >= from);
        match (self.exactly, self.coarsely) {
            (Some(from), _) => known.exactly.count(since(from)),
            (None, Some(from)) => known.coarsely.count(since(from)),
            (None, None) => known.not_told.count(since(notified_at)),
        }
        if let Some(from) = self.read {
            known.read.count(since(from));
        }
    }
}

/// When a holder was first told of an object so; `None` when it was not.
fn told_at(file: &ObjectFile, holder: &HolderId, how: ReleasePrecision) -> Option<Instant> {
    let mut lines = file.matter.lines.iter();
    let told = |line: &&Line| match &*line.act {
        Act::ObjectReleased(act) => {
            act.precision == how && act.recipients.as_slice().contains(holder)
        }
        _ => false,
    };
    lines.find(told).map(|line| line.at)
}

/// For each incident near a place that may have been after an instant, the account that lies nearest.
fn near<'a>(accounts: &'a [Told<'a>], place: Position, after: Instant) -> Vec<(&'a Told<'a>, f64)> {
    let mut nearest: BTreeMap<&RecordId, (&Told<'_>, f64)> = BTreeMap::new();
    for told in accounts.iter().filter(|told| told.latest >= after) {
        let distance_m = distance_m(told.position, place);
        if distance_m > NEAR_M {
            continue;
        }
        let kept = nearest.entry(told.incident).or_insert((told, distance_m));
        if distance_m < kept.1 {
            *kept = (told, distance_m);
        }
    }
    nearest.into_values().collect()
}

fn accounts(picture: &Picture) -> impl Iterator<Item = Told<'_>> {
    let lines = picture
        .matters("incident")
        .flat_map(|(id, matter)| matter.lines.iter().map(move |line| (id, line)));
    lines.filter_map(|(incident, line)| {
        let account: &Account = match &*line.act {
            Act::IncidentReported(act) => &act.account,
            Act::IncidentSourceAdded(act) => &act.account,
            _ => return None,
        };
        let (earliest, latest) = interval(account.at, account.time_precision, line.at);
        Some(Told {
            incident,
            position: account.place.position.as_ref()?.position(),
            at: account.at.unwrap_or(line.at),
            earliest,
            latest,
        })
    })
}

/// From when until when something may have happened that is stated so: as far before and after the instant as it is stated
/// exactly, whichever part of its day or hour was written and in whichever offset from UTC.
///
/// Nothing happens after it was recorded: a date ahead of that counts as the instant of the record.
fn interval(
    stated: Option<Instant>,
    precision: TimePrecision,
    recorded: Instant,
) -> (Option<Instant>, Instant) {
    let micros = match precision {
        TimePrecision::Minute => Some(MINUTE_US),
        TimePrecision::Hour => Some(60 * MINUTE_US),
        TimePrecision::PartOfDay => Some(12 * 60 * MINUTE_US),
        TimePrecision::Day => Some(24 * 60 * MINUTE_US),
        TimePrecision::Unknown => None,
    };
    let Some((stated, micros)) = stated.zip(micros) else {
        return (None, recorded);
    };
    let earliest = stated.plus(Span::from_micros(-micros));
    let latest = stated.plus(Span::from_micros(micros));
    (
        earliest.map(|earliest| earliest.min(recorded)),
        latest.map_or(recorded, |latest| latest.min(recorded)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_time_means_all_that_it_may_mean_and_nothing_after_its_record() {
        let recorded = instant("2016-09-20T12:00:00Z");
        let means = |at: Option<&str>, precision| {
            let (earliest, latest) = interval(at.map(instant), precision, recorded);
            let earliest = earliest.map_or_else(|| "–".to_owned(), |at| at.to_string());
            format!("{earliest} {latest}")
        };
        let day = Some("2016-09-18T00:00:00Z");
        let found = [
            means(day, TimePrecision::Minute),
            means(day, TimePrecision::Hour),
            means(day, TimePrecision::PartOfDay),
            means(day, TimePrecision::Day),
            means(day, TimePrecision::Unknown),
            means(None, TimePrecision::Minute),
            // Ahead of its record, and a day that had only begun by then.
            means(Some("2036-01-01T00:00:00Z"), TimePrecision::Minute),
            means(Some("2016-09-20T00:00:00Z"), TimePrecision::Day),
        ];
        assert_eq!(
            found,
            [
                "2016-09-17T23:59:00Z 2016-09-18T00:01:00Z",
                "2016-09-17T23:00:00Z 2016-09-18T01:00:00Z",
                "2016-09-17T12:00:00Z 2016-09-18T12:00:00Z",
                "2016-09-17T00:00:00Z 2016-09-19T00:00:00Z",
                "– 2016-09-20T12:00:00Z",
                "– 2016-09-20T12:00:00Z",
                "2016-09-20T12:00:00Z 2016-09-20T12:00:00Z",
                "2016-09-19T00:00:00Z 2016-09-20T12:00:00Z",
            ]
        );
    }
}
