//! Who was told where the own objects stand and who has read it, beside what was reported near them since.
//!
//! Whether a list is used against what it protects cannot be read off a list. What can be shown is who was told exactly, who
//! was told coarsely and who not at all, which readings are on record, and how many objects of each kind have had an
//! incident near them: side by side, for whoever notified the objects and for a board of inquiry. Nobody is named as the
//! cause of anything.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::act::protected_object::ReleasePrecision;
use detente_records::act::text::Account;
use detente_records::act::{Act, PlaceReading};
use detente_records::{HolderId, RecordId};
use detente_sharing::notice::middle;
use detente_spacetime::geodesic::distance_m;
use detente_spacetime::{Instant, Position};

use crate::picture::{Line, ObjectFile, Picture, Source};

/// How near to an object an incident counts as near it, metres: accounts say a street or a quarter, rarely a house.
pub const NEAR_M: f64 = 1_000.0;

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
    /// The object.
    pub object: RecordId,
    /// How far away the nearest account puts it, metres.
    pub distance_m: f64,
    /// Who had been told exactly where the object stands.
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
            let before = |at: Option<Instant>| at.is_some_and(|at| at <= told.at);
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
        let since = |from: Instant| near.iter().any(|(told, _)| told.at >= from);
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

/// For each incident near a place after an instant, the account that lies nearest.
fn near<'a>(accounts: &'a [Told<'a>], place: Position, after: Instant) -> Vec<(&'a Told<'a>, f64)> {
    let mut nearest: BTreeMap<&RecordId, (&Told<'_>, f64)> = BTreeMap::new();
    for told in accounts.iter().filter(|told| told.at >= after) {
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
        Some(Told {
            incident,
            position: account.place.position.as_ref()?.position(),
            at: account.at.unwrap_or(line.at),
        })
    })
}
