//! Findings in words that a tired watch officer understands.

use detente_records::Activity;
use detente_records::area::AreaRecordKind;
use detente_spacetime::{Instant, Span};

use crate::articles::Clause;
use crate::case::{OperationCase, Thing, Touch};
use crate::facts::until;

/// The activity as the subject of a sentence.
pub(crate) fn activity(activity: Activity) -> &'static str {
    match activity {
        Activity::Strike => "a strike",
        Activity::Reconnaissance => "reconnaissance",
        Activity::Transit => "transit",
        Activity::Airlift => "an airlift",
        Activity::Airdrop => "an airdrop",
        Activity::Medevac => "a medical evacuation",
        Activity::SearchAndRescue => "search and rescue",
        Activity::Humanitarian => "a humanitarian flight",
    }
}

/// Who does what: "a strike by syrian-air-force".
pub(crate) fn operation(case: &OperationCase) -> String {
    format!("{} by {}", activity(case.activity), case.force)
}

/// The thing touched: "the designated area aleppo-2 (possible presence)".
pub(crate) fn thing(touch: &Touch) -> String {
    let with = &touch.with;
    match &touch.thing {
        Thing::Area(area) => {
            let measure = measure(area.measure);
            match (area.area_kind, area.kind_unknown()) {
                (Some(kind), _) => format!("the {measure} {with} ({} presence)", kind.wire_name()),
                (None, true) => format!("the {measure} {with} (kind not stated)"),
                (None, false) => format!("the {measure} {with}"),
            }
        }
        Thing::ProtectedObject { category, .. } => format!("the {category} {with}"),
        Thing::Movement { organisation } => {
            format!("the humanitarian movement {with} of {organisation}")
        }
        Thing::Operation {
            party,
            activity: other,
            ..
        } => {
            format!("{} {with} of {party}", activity(*other))
        }
    }
}

fn measure(measure: AreaRecordKind) -> &'static str {
    match measure {
        AreaRecordKind::DesignatedArea => "designated area",
        AreaRecordKind::ProhibitedArea => "prohibited area",
        AreaRecordKind::RestrictedOperationsZone => "restricted operations zone",
        AreaRecordKind::NoFireArea => "no-fire area",
        AreaRecordKind::Corridor => "corridor",
        AreaRecordKind::DemilitarisedZone => "demilitarised zone",
    }
}

/// How the operation meets the thing: "inside the corridor x", "1240 m from the hospital y".
pub(crate) fn encounter(touch: &Touch) -> String {
    let thing = thing(touch);
    match &touch.thing {
        Thing::ProtectedObject { .. } => {
            format!("{} m from {thing}", crate::facts::floor_m(touch.distance_m))
        }
        Thing::Area(_) => format!("inside {thing}"),
        Thing::Movement { .. } | Thing::Operation { .. } => format!("meeting {thing}"),
    }
}

/// When: "from … until …".
pub(crate) fn passage(touch: &Touch) -> String {
    let leaves = match touch.leaves {
        Some(leaves) => format!("until {leaves}"),
        None => until(None),
    };
    let certain = if touch.certain {
        ""
    } else {
        " (altitudes of different references, widened)"
    };
    format!("from {} {leaves}{certain}", touch.enters)
}

/// What notice there was: "notice was given 2 h before", "no notice is known".
pub(crate) fn notice(notified: Option<Instant>, lead_time: Span) -> String {
    match notified {
        None => "no notice is known".to_owned(),
        Some(_) if lead_time == Span::from_micros(0) => "notice came when it had begun".to_owned(),
        Some(_) => format!("notice was given {lead_time} before"),
    }
}

/// The articles with their titles: "article 3 (No one enters a prohibited area)".
pub(crate) fn articles<'a>(clauses: impl Iterator<Item = &'a Clause>) -> String {
    let mut cited: Vec<String> = Vec::new();
    for clause in clauses {
        let words = format!("article {} ({})", clause.article, clause.title);
        if !cited.contains(&words) {
            cited.push(words);
        }
    }
    match cited.as_slice() {
        [] => "no article".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
