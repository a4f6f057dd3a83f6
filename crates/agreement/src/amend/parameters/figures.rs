//! The figures of an agreement: times, distances, and what is assumed.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::parameters::{Clock, Parameters};
use detente_records::private_checks::PrivateChecks;
use detente_records::standoff::StandoffPolicy;
use detente_records::{Activity, ArticleId, CategoryName, ClockId, Reporting};
use detente_spacetime::{Span, VerticalAssumptions};

use super::{Found, pairs};
use crate::prove::Change;

/// Every figure.
pub(super) fn changes(old: &Parameters, new: &Parameters, found: &mut Found) {
    let Parameters {
        clocks: old_clocks,
        standoff: old_standoff,
        lead_times: old_lead_times,
        vertical: old_vertical,
        reporting: old_reporting,
        private_checks: old_private_checks,
        notices_unvalidated_max,
    } = old;
    lead_times(old_lead_times, &new.lead_times, found);
    standoff(old_standoff, &new.standoff, found);
    clocks(old_clocks, &new.clocks, found);
    found.add(
        "unvalidated objects of one submitter at most",
        Some(notices_unvalidated_max.to_string()),
        Some(new.notices_unvalidated_max.to_string()),
        Change::Different,
    );
    vertical(old_vertical, &new.vertical, found);
    reporting(*old_reporting, new.reporting, found);
    private_checks(old_private_checks, &new.private_checks, found);
}

fn lead_times(
    before: &BTreeMap<Activity, Span>,
    after: &BTreeMap<Activity, Span>,
    found: &mut Found,
) {
    for activity in Activity::ALL {
        found.restraint(
            format!("lead time of {activity}"),
            before.get(&activity),
            after.get(&activity),
        );
    }
}

fn standoff(before: &StandoffPolicy, after: &StandoffPolicy, found: &mut Found) {
    let metres = |metres: f64| format!("{metres} m");
    let effect = |before: f64, after: f64| {
        if after >= before {
            Change::Stricter
        } else {
            Change::Looser
        }
    };
    found.add(
        "stand-off by default",
        Some(metres(before.default_m)),
        Some(metres(after.default_m)),
        effect(before.default_m, after.default_m),
    );
    let categories: BTreeSet<&CategoryName> =
        before.categories().chain(after.categories()).collect();
    for category in categories {
        let (was, is) = (before.standoff_m(category), after.standoff_m(category));
        found.add(
            format!("stand-off of {category}"),
            Some(metres(was)),
            Some(metres(is)),
            effect(was, is),
        );
        for activity in Activity::ALL {
            found.switch(
                format!("stand-off of {category} for {activity}"),
                !before.exempts(category, activity),
                !after.exempts(category, activity),
            );
        }
    }
}

fn clocks(old: &BTreeMap<ClockId, Clock>, new: &BTreeMap<ClockId, Clock>, found: &mut Found) {
    for (id, was, is) in pairs(old, new) {
        let told = |clock: Option<&Clock>| {
            let Clock {
                owner,
                duration,
                article: _, // compared below
            } = clock?;
            Some(match owner {
                Some(owner) => format!("{duration} for {owner}"),
                None => format!("{duration} for nobody"),
            })
        };
        // Whoever has less time is bound more; a clock that nobody owns binds nobody.
        let owned = |clock: Option<&Clock>| clock.and_then(|clock| clock.owner.clone());
        let effect = match (was, is) {
            (Some(was), Some(is)) if was.owner == is.owner => {
                if is.duration <= was.duration {
                    Change::Stricter
                } else {
                    Change::Looser
                }
            }
            _ => match (owned(was), owned(is)) {
                (None, Some(_)) => Change::Stricter,
                (Some(_), None) => Change::Looser,
                (None, None) => Change::Equivalent,
                (Some(_), Some(_)) => Change::Different,
            },
        };
        found.add(format!("clock {id}"), told(was), told(is), effect);
        if let (Some(was), Some(is)) = (was, is) {
            let name = |article: &Option<ArticleId>| article.as_ref().map(ToString::to_string);
            found.add(
                format!("article of clock {id}"),
                name(&was.article),
                name(&is.article),
                Change::Equivalent,
            );
        }
    }
}

/// Each bound by itself: the wider a range, the more may be meant by a height that is not exact, and
/// the more operations meet.
fn vertical(old: &VerticalAssumptions, new: &VerticalAssumptions, found: &mut Found) {
    let VerticalAssumptions {
        terrain_min_m,
        terrain_max_m,
        qnh_min_hpa,
        qnh_max_hpa,
        isa_deviation_min_k,
        isa_deviation_max_k,
    } = *old;
    let mut bound = |what: &str, unit: &str, before: f64, after: f64, wider: bool| {
        if before == after {
            return;
        }
        let (word, effect) = match wider {
            true => ("wider", Change::Stricter),
            false => ("narrower", Change::Looser),
        };
        found.add(
            format!("assumed {what}"),
            Some(format!("{before} {unit}")),
            Some(format!("{after} {unit}, which is {word}")),
            effect,
        );
    };
    let mut least = |what: &str, unit: &str, before: f64, after: f64| {
        bound(
            &format!("least {what}"),
            unit,
            before,
            after,
            after < before,
        );
    };
    least(
        "height of the ground",
        "m",
        terrain_min_m,
        new.terrain_min_m,
    );
    let pressure = "air pressure at mean sea level";
    least(pressure, "hPa", qnh_min_hpa, new.qnh_min_hpa);
    let deviation = "departure from the standard temperature";
    least(deviation, "K", isa_deviation_min_k, new.isa_deviation_min_k);
    let mut most = |what: &str, unit: &str, before: f64, after: f64| {
        bound(
            &format!("greatest {what}"),
            unit,
            before,
            after,
            after > before,
        );
    };
    most(
        "height of the ground",
        "m",
        terrain_max_m,
        new.terrain_max_m,
    );
    most(pressure, "hPa", qnh_max_hpa, new.qnh_max_hpa);
    most(deviation, "K", isa_deviation_max_k, new.isa_deviation_max_k);
}

/// Whoever reports has more time on one day and less on another.
fn reporting(old: Reporting, new: Reporting, found: &mut Found) {
    let told =
        |reporting: Reporting| Some(format!("{} {}", reporting.cut_off(), reporting.offset()));
    found.add(
        "time daily reports close",
        told(old),
        told(new),
        Change::Different,
    );
}

/// Distances let through what is nearer when they shrink. The other figures bound what a side can
/// find out and what it gives away, both at once.
fn private_checks(old: &PrivateChecks, new: &PrivateChecks, found: &mut Found) {
    let PrivateChecks {
        separation_m,
        vertical_m,
        time_s,
        cells_max,
        finest,
        sessions_per_day,
        hours,
    } = *old;
    for (what, unit, before, after) in [
        (
            "distance on the ground",
            "m",
            separation_m,
            new.separation_m,
        ),
        ("vertical distance", "m", vertical_m, new.vertical_m),
        ("time between plans", "s", time_s, new.time_s),
    ] {
        let effect = match after >= before {
            true => Change::Stricter,
            false => Change::Looser,
        };
        found.add(
            format!("least {what} in private checks"),
            Some(format!("{before} {unit}")),
            Some(format!("{after} {unit}")),
            effect,
        );
    }
    for (what, before, after) in [
        ("cells of a side at one level", cells_max, new.cells_max),
        ("finest level", finest, new.finest),
        ("sessions a day", sessions_per_day, new.sessions_per_day),
        ("hours of a session", hours, new.hours),
    ] {
        found.add(
            format!("{what} in private checks at most"),
            Some(before.to_string()),
            Some(after.to_string()),
            Change::Different,
        );
    }
}
