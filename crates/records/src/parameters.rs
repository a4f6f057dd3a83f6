//! The parameters of an agreement: clocks, stand-off policy, lead times, vertical assumptions.

use std::collections::{BTreeMap, BTreeSet};

use detente_spacetime::{Span, VerticalAssumptions};

use crate::activity::Activity;
use crate::document::Located;
use crate::finding::{Problems, quoted};
use crate::names::{ArticleId, CategoryName, ClockId, PartyId};
use crate::place::{Path, Place};
use crate::private_checks::PrivateChecks;
use crate::reporting::Reporting;
use crate::standoff::StandoffPolicy;
use crate::table::{Table, span_of, unknown_name, word_of};

/// The parameters of an agreement.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// Time limits and who must keep them.
    pub clocks: BTreeMap<ClockId, Clock>,
    /// How far operations stay from protected objects.
    pub standoff: StandoffPolicy,
    /// How long before its start an operation must be notified, by activity.
    pub lead_times: BTreeMap<Activity, Span>,
    /// What is assumed where altitudes of different references meet.
    pub vertical: VerticalAssumptions,
    /// When daily reports close.
    pub reporting: Reporting,
    /// How plans are compared in private.
    pub private_checks: PrivateChecks,
    /// Most protected objects on record that one keeper of a ledger submitted and nobody validated.
    pub notices_unvalidated_max: u32,
}

/// Most unvalidated objects of one submitter where the agreement says nothing: twice what a country at war has notified
/// at once, and a bound on what one submitter can close by notices that nobody looks at.
pub const NOTICES_UNVALIDATED_MAX: u32 = 20_000;

/// A time limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Who must act before it runs out; a clock nobody owns is a finding of the lint.
    pub owner: Option<PartyId>,
    /// How long it runs.
    pub duration: Span,
    /// The article that sets it.
    pub article: Option<ArticleId>,
}

impl Parameters {
    /// Reads the table `parameters` of an agreement; `parties` are the ids a clock's owner may
    /// have. Missing parameters take the restrictive defaults.
    pub(crate) fn read(
        agreement: &mut Table<'_, '_>,
        parties: &BTreeSet<String>,
        problems: &mut Problems,
    ) -> Self {
        let mut parameters = Self {
            clocks: BTreeMap::new(),
            standoff: StandoffPolicy::default(),
            lead_times: BTreeMap::new(),
            vertical: VerticalAssumptions::default(),
            reporting: Reporting::default(),
            private_checks: PrivateChecks::default(),
            notices_unvalidated_max: NOTICES_UNVALIDATED_MAX,
        };
        let path = agreement.path().key("parameters");
        let Some(value) = agreement.get("parameters") else {
            return parameters;
        };
        let Some(mut table) = Table::of(value, &path, problems) else {
            return parameters;
        };
        parameters.clocks = clocks(&mut table, parties, problems);
        if let Some(value) = table.get("standoff") {
            standoff(
                value,
                &path.key("standoff"),
                &mut parameters.standoff,
                problems,
            );
        }
        if let Some(value) = table.get("lead_times") {
            lead_times(
                value,
                &path.key("lead_times"),
                &mut parameters.lead_times,
                problems,
            );
        }
        if let Some(value) = table.get("vertical") {
            vertical(
                value,
                &path.key("vertical"),
                &mut parameters.vertical,
                problems,
            );
        }
        if let Some(value) = table.get("daily_report") {
            let path = path.key("daily_report");
            parameters.reporting = Reporting::read(value, &path, problems);
        }
        if let Some(value) = table.get("private_check") {
            let path = path.key("private_check");
            parameters.private_checks = PrivateChecks::read(value, &path, problems);
        }
        let range = 1.0..=f64::from(NOTICES_UNVALIDATED_MAX) * 50.0;
        let key = "notices_unvalidated_max";
        if let Some(most) = table.number_within(key, range, "objects", problems) {
            // Whole and within the range above.
            parameters.notices_unvalidated_max = most.floor() as u32;
        }
        table.warn_of_unknown(problems);
        parameters
    }
}

fn clocks(
    table: &mut Table<'_, '_>,
    parties: &BTreeSet<String>,
    problems: &mut Problems,
) -> BTreeMap<ClockId, Clock> {
    let mut clocks = BTreeMap::new();
    table.each("clocks", problems, |clock, problems| {
        clock.require(&["id", "duration"], problems);
        let id: Option<ClockId> = clock.name("id", problems);
        let owner: Option<PartyId> = clock.name("owner", problems);
        let article: Option<ArticleId> = clock.name("article", problems);
        let path = clock.path().key("duration");
        let duration = clock
            .get("duration")
            .and_then(|value| span_of(value, &path, problems));
        clock.warn_of_unknown(problems);
        if let Some(owner) = owner
            .as_ref()
            .filter(|owner| !parties.contains(owner.as_str()))
        {
            let known = parties.iter().map(String::as_str);
            unknown_name(
                "party",
                owner.as_str(),
                clock.place_of("owner"),
                known,
                problems,
            );
        }
        let (Some(id), Some(duration)) = (id, duration) else {
            return;
        };
        if clocks
            .insert(
                id.clone(),
                Clock {
                    owner,
                    duration,
                    article,
                },
            )
            .is_some()
        {
            let message = format!("clock {} is declared twice", quoted(id.as_str()));
            problems
                .error("duplicate_id", clock.place_of("id"), message)
                .help("give each clock its own id, or remove one");
        }
    });
    clocks
}

fn standoff(
    value: &Located<'_>,
    path: &Path<'_>,
    policy: &mut StandoffPolicy,
    problems: &mut Problems,
) {
    let Some(mut table) = Table::of(value, path, problems) else {
        return;
    };
    if let Some(metres) = standoff_m(&mut table, "default_m", problems) {
        policy.default_m = metres;
    }
    let path = path.key("categories");
    let categories = table
        .get("categories")
        .and_then(|value| Table::of(value, &path, problems));
    for member in categories.iter().flat_map(|table| table.members()) {
        let path = path.key(&member.key);
        let name = match CategoryName::parse(&member.key) {
            Ok(name) => name,
            Err(error) => {
                problems
                    .error(
                        "invalid_name",
                        Place::new(&path, member.key_span.clone()),
                        error.to_string(),
                    )
                    .help("a category is a short word such as hospital");
                continue;
            }
        };
        let Some(mut category) = Table::of(&member.value, &path, problems) else {
            continue;
        };
        let metres = standoff_m(&mut category, "standoff_m", problems);
        let exempt = activities(&mut category, "exempt_activities", problems);
        category.warn_of_unknown(problems);
        policy.set_category(name, metres, exempt.into_iter().collect());
    }
    table.warn_of_unknown(problems);
}

fn standoff_m(
    table: &mut Table<'_, '_>,
    key: &'static str,
    problems: &mut Problems,
) -> Option<f64> {
    table.number_within(key, 0.0..=crate::standoff::STANDOFF_MAX_M, "m", problems)
}

/// Returns the activities listed in `key`; nothing when the list is absent.
pub(crate) fn activities(
    table: &mut Table<'_, '_>,
    key: &'static str,
    problems: &mut Problems,
) -> Vec<Activity> {
    let path = table.path().key(key);
    let items = table.list(key, problems).unwrap_or_default();
    let mut found: Vec<Activity> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if let Some(activity) = activity_of(item, &path.index(index), problems)
            && !found.contains(&activity)
        {
            found.push(activity);
        }
    }
    found
}

/// Takes `value` as an activity; reports anything else.
pub(crate) fn activity_of(
    value: &Located<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<Activity> {
    let words = Activity::ALL.map(|activity| (activity.wire_name(), activity));
    word_of(
        value,
        path,
        "unknown_activity",
        "activity",
        &words,
        problems,
    )
}

fn lead_times(
    value: &Located<'_>,
    path: &Path<'_>,
    lead_times: &mut BTreeMap<Activity, Span>,
    problems: &mut Problems,
) {
    let Some(mut table) = Table::of(value, path, problems) else {
        return;
    };
    for activity in Activity::ALL {
        let key = activity.wire_name();
        let path = path.key(key);
        if let Some(span) = table
            .get(key)
            .and_then(|value| span_of(value, &path, problems))
        {
            lead_times.insert(activity, span);
        }
    }
    for member in table.members() {
        if Activity::from_wire_name(&member.key).is_none()
            && crate::exclusion::excluded_term(&member.key).is_none()
        {
            let known = Activity::ALL.map(Activity::wire_name);
            let place = Place::new(&path.key(&member.key), member.key_span.clone());
            unknown_name("activity", &member.key, place, known.into_iter(), problems);
        }
    }
}

fn vertical(
    value: &Located<'_>,
    path: &Path<'_>,
    vertical: &mut VerticalAssumptions,
    problems: &mut Problems,
) {
    let Some(mut table) = Table::of(value, path, problems) else {
        return;
    };
    // The lowest land is the shore of the Dead Sea and the highest Everest; the air pressures
    // are those ever measured at sea level, rounded outward.
    let terrain = -500.0..=9_000.0;
    let pressure = 850.0..=1_100.0;
    let mut set = |key, range: &std::ops::RangeInclusive<f64>, unit, place: &mut f64| {
        if let Some(number) = table.number_within(key, range.clone(), unit, problems) {
            *place = number;
        }
    };
    let mut read = *vertical;
    set("terrain_min_m", &terrain, "m", &mut read.terrain_min_m);
    set("terrain_max_m", &terrain, "m", &mut read.terrain_max_m);
    set("qnh_min_hpa", &pressure, "hPa", &mut read.qnh_min_hpa);
    set("qnh_max_hpa", &pressure, "hPa", &mut read.qnh_max_hpa);
    set(
        "isa_deviation_min_k",
        &(-80.0..=80.0),
        "K",
        &mut read.isa_deviation_min_k,
    );
    set(
        "isa_deviation_max_k",
        &(-80.0..=80.0),
        "K",
        &mut read.isa_deviation_max_k,
    );
    table.warn_of_unknown(problems);
    for (low, high, what) in [
        (read.terrain_min_m, read.terrain_max_m, "terrain"),
        (read.qnh_min_hpa, read.qnh_max_hpa, "qnh"),
        (
            read.isa_deviation_min_k,
            read.isa_deviation_max_k,
            "isa_deviation",
        ),
    ] {
        if low > high {
            problems
                .error(
                    "empty_range",
                    table.place(),
                    format!("`{what}` has its minimum above its maximum"),
                )
                .help("exchange the two");
            return;
        }
    }
    *vertical = read;
}
