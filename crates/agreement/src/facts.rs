//! The facts of one operation, as the context Cedar sees and as people are told them.

use std::collections::BTreeSet;

use cedar_policy::RestrictedExpression;
use detente_records::area::AreaKind;
use detente_records::names::{GroupId, ParticipantId, PartyId};
use detente_spacetime::{Instant, Span};

use crate::case::{AreaFacts, OperationCase, PROTECTED_SEARCH_M, Thing, Touch};
use crate::moment::{UNTIL_FURTHER_NOTICE, datetime_ceiling, datetime_floor, duration_floor};
use crate::roster::Roster;
use crate::store::{entities, entity};
use crate::vocabulary::{Vocabulary, uid};

/// One fact behind a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its name in the articles, such as `context.leadTime`.
    pub name: String,
    /// Its value, in words.
    pub value: String,
}

/// The facts of the context that tell of all areas touched together.
pub(crate) const GATHERED: [&str; 4] = ["areas", "areaKinds", "measures", "groups"];

/// What is the same in every request about one operation.
pub(crate) struct OperationFacts<'a> {
    pub(crate) case: &'a OperationCase,
    roster: &'a Roster,
    vocabulary: &'a Vocabulary,
    shared: Vec<(String, RestrictedExpression)>,
    touched: Vec<(String, RestrictedExpression)>,
    /// The same without areas that open nothing; `None` when there are none of those.
    opening: Option<Vec<(String, RestrictedExpression)>>,
}

/// Which of the areas an operation touches count, where a request asks about all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// All of them.
    Touched,
    /// Those that may open something.
    Opening,
}

/// Where a request places the operation: at the thing touched, or as a whole.
#[derive(Clone, Copy)]
pub(crate) struct Passage {
    pub(crate) enters: Instant,
    pub(crate) leaves: Option<Instant>,
    pub(crate) distance_m: f64,
    pub(crate) certain: bool,
}

impl Passage {
    pub(crate) fn of(case: &OperationCase, touch: Option<&Touch>) -> Self {
        match touch {
            Some(touch) => Self {
                enters: touch.enters,
                leaves: touch.leaves,
                distance_m: touch.distance_m,
                certain: touch.certain,
            },
            None => Self {
                enters: case.starts,
                leaves: case.ends,
                distance_m: 0.0,
                certain: case.touches.iter().all(|touch| touch.certain),
            },
        }
    }

    /// Time between notice and entering; zero without notice and when notice came later.
    pub(crate) fn lead_time(&self, notified: Option<Instant>) -> Span {
        let zero = Span::from_micros(0);
        notified.map_or(zero, |notified| (self.enters - notified).max(zero))
    }
}

impl<'a> OperationFacts<'a> {
    pub(crate) fn new(
        case: &'a OperationCase,
        answerable: &ParticipantId,
        roster: &'a Roster,
        vocabulary: &'a Vocabulary,
    ) -> Self {
        let areas: Vec<&AreaFacts> = areas(case).collect();
        let opening: Vec<&AreaFacts> = areas.iter().copied().filter(|area| area.opens).collect();
        let party = |id: &PartyId| entity(uid(&vocabulary.party, id.as_str()));
        let nearest = floor_m(case.nearest_protected_m.unwrap_or(PROTECTED_SEARCH_M));
        let shared = [
            (
                "agreement",
                entity(uid(&vocabulary.agreement, &roster.agreement)),
            ),
            ("party", party(&case.party)),
            ("participant", party(&PartyId::from(answerable))),
            (
                "participants",
                entities(&vocabulary.party, roster.signatories()),
            ),
            (
                "notified",
                RestrictedExpression::new_bool(case.notified.is_some()),
            ),
            ("nearestProtectedM", RestrictedExpression::new_long(nearest)),
        ];
        let shared = shared
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        Self {
            case,
            roster,
            vocabulary,
            shared,
            touched: gathered(&areas, vocabulary),
            opening: (opening.len() < areas.len()).then(|| gathered(&opening, vocabulary)),
        }
    }

    /// Whether it touches areas that open nothing, so that both ways of counting are asked.
    pub(crate) fn counts_both_ways(&self) -> bool {
        self.opening.is_some()
    }

    /// The areas touched that open nothing.
    pub(crate) fn restraining(&self) -> impl Iterator<Item = &'a str> {
        let restraining = areas(self.case).filter(|area| !area.opens);
        restraining.map(|area| area.id.as_str())
    }

    /// The context of the request about `touch`, or about the airspace, given `consents`.
    pub(crate) fn context(
        &self,
        touch: Option<&Touch>,
        consents: &BTreeSet<ParticipantId>,
        counted: Counted,
    ) -> impl Iterator<Item = (String, RestrictedExpression)> {
        let passage = Passage::of(self.case, touch);
        let own = [
            ("consents", entities(&self.vocabulary.party, consents)),
            ("enters", datetime_floor(passage.enters)),
            (
                "leaves",
                datetime_ceiling(passage.leaves.unwrap_or(UNTIL_FURTHER_NOTICE)),
            ),
            (
                "leadTime",
                duration_floor(passage.lead_time(self.case.notified)),
            ),
            (
                "distanceM",
                RestrictedExpression::new_long(floor_m(passage.distance_m)),
            ),
            ("certain", RestrictedExpression::new_bool(passage.certain)),
        ];
        let own = own.into_iter().map(|(key, value)| (key.to_owned(), value));
        let gathered = match (counted, &self.opening) {
            (Counted::Opening, Some(opening)) => opening,
            _ => &self.touched,
        };
        self.shared.iter().chain(gathered).cloned().chain(own)
    }

    /// Tells the facts named in `names` as they stand for `touch`, in order; names of things no
    /// one needs told, such as the party itself, are left out.
    pub(crate) fn told(
        &self,
        names: &BTreeSet<String>,
        touch: Option<&Touch>,
        consents: &BTreeSet<ParticipantId>,
    ) -> Vec<Fact> {
        let told = names.iter().filter_map(|name| {
            let value = self.value(name, touch, consents)?;
            Some(Fact {
                name: name.clone(),
                value,
            })
        });
        told.collect()
    }

    fn value(
        &self,
        name: &str,
        touch: Option<&Touch>,
        consents: &BTreeSet<ParticipantId>,
    ) -> Option<String> {
        let case = self.case;
        let passage = Passage::of(case, touch);
        let areas = || areas(case);
        let party = self.roster.parties.get(&case.party);
        let value = match name {
            "context.agreement.inForce" | "context.agreement.suspended" => {
                self.roster.status.wire_name().to_owned()
            }
            "context.consents" => list(consents.iter().map(ParticipantId::as_str)),
            "context.participants" => list(self.roster.signatories().map(ParticipantId::as_str)),
            "context.enters" => passage.enters.to_string(),
            "context.leaves" => until(passage.leaves),
            "context.leadTime" => passage.lead_time(case.notified).to_string(),
            "context.notified" => case
                .notified
                .map_or_else(|| "never".to_owned(), |instant| instant.to_string()),
            "context.areas" => list(areas().map(|area| area.id.as_str())),
            "context.areaKinds" => {
                let kinds: BTreeSet<AreaKind> = areas().flat_map(AreaFacts::kinds).collect();
                list(kinds.into_iter().map(AreaKind::wire_name))
            }
            "context.measures" => list(areas().map(|area| area.measure.wire_name())),
            "context.groups" => list(areas().flat_map(|area| &area.groups).map(GroupId::as_str)),
            "context.distanceM" => format!("{} m", floor_m(passage.distance_m)),
            "context.nearestProtectedM" => match case.nearest_protected_m {
                Some(metres) => format!("{} m", floor_m(metres)),
                None => format!("more than {} km", floor_m(PROTECTED_SEARCH_M / 1_000.0)),
            },
            "context.certain" => (if passage.certain {
                "exact"
            } else {
                "altitude widened"
            })
            .to_owned(),
            "principal.party.suspended" | "context.party.suspended" => party?.suspended.to_string(),
            "principal.party.withdrawn" | "context.party.withdrawn" => party?.withdrawn.to_string(),
            _ => return touch.and_then(|touch| thing_value(name, &touch.thing)),
        };
        Some(value)
    }
}

fn thing_value(name: &str, thing: &Thing) -> Option<String> {
    let value = match (name, thing) {
        ("resource.measure", Thing::Area(area)) => area.measure.wire_name().to_owned(),
        ("resource.kinds", Thing::Area(area)) => {
            list(area.kinds().into_iter().map(AreaKind::wire_name))
        }
        ("resource.consentOf", Thing::Area(area)) => {
            list(area.consent_of.iter().map(ParticipantId::as_str))
        }
        ("resource.groups", Thing::Area(area)) => list(area.groups.iter().map(GroupId::as_str)),
        ("resource.validFrom", Thing::Area(area)) => area.valid_from.to_string(),
        ("resource.validUntil", Thing::Area(area)) => until(area.valid_until),
        ("resource.category", Thing::ProtectedObject { category, .. }) => category.to_string(),
        ("resource.standoffM", Thing::ProtectedObject { standoff_m, .. }) => {
            format!("{standoff_m} m")
        }
        ("resource.keepOutM", Thing::ProtectedObject { keep_out_m, .. }) => {
            format!("{keep_out_m} m")
        }
        ("resource.organisation", Thing::Movement { organisation }) => organisation.to_string(),
        ("resource.party", Thing::Operation { party, .. }) => party.to_string(),
        ("resource.force", Thing::Operation { force, .. }) => force.to_string(),
        ("resource.combat", Thing::Operation { activity, .. }) => activity.is_combat().to_string(),
        _ => return None,
    };
    Some(value)
}

fn areas(case: &OperationCase) -> impl Iterator<Item = &AreaFacts> {
    case.touches.iter().filter_map(|touch| match &touch.thing {
        Thing::Area(area) => Some(area),
        _ => None,
    })
}

/// What articles can ask about all of these areas together.
fn gathered(areas: &[&AreaFacts], vocabulary: &Vocabulary) -> Vec<(String, RestrictedExpression)> {
    let kinds: BTreeSet<AreaKind> = areas.iter().flat_map(|area| area.kinds()).collect();
    let kinds = kinds
        .into_iter()
        .map(|kind| entity(uid(&vocabulary.area_kind, kind.wire_name())));
    let measures: BTreeSet<&str> = areas.iter().map(|area| area.measure.wire_name()).collect();
    let measures = measures
        .into_iter()
        .map(|name| entity(uid(&vocabulary.measure_kind, name)));
    let groups: BTreeSet<&GroupId> = areas.iter().flat_map(|area| &area.groups).collect();
    let pairs = [
        (
            GATHERED[0],
            entities(&vocabulary.area, areas.iter().map(|area| &area.id)),
        ),
        (GATHERED[1], RestrictedExpression::new_set(kinds)),
        (GATHERED[2], RestrictedExpression::new_set(measures)),
        (GATHERED[3], entities(&vocabulary.group, groups)),
    ];
    let pairs = pairs.into_iter();
    pairs.map(|(key, value)| (key.to_owned(), value)).collect()
}

pub(crate) fn until(end: Option<Instant>) -> String {
    end.map_or_else(|| "until further notice".to_owned(), |end| end.to_string())
}

/// Names in their order, without repetition: "RU and US", "nobody".
pub(crate) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: BTreeSet<&str> = names.collect();
    let names: Vec<&str> = names.into_iter().collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Whole metres, rounded down, so that "at least" is never satisfied by rounding; a distance that
/// is not a number counts as none at all.
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to what an i64 holds"
)]
pub(crate) fn floor_m(metres: f64) -> i64 {
    if metres.is_nan() {
        0
    } else {
        metres.floor().clamp(0.0, 1e15) as i64
    }
}
