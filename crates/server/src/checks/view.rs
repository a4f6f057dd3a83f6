//! A private check as its own side sees it.

use detente_node::picture::CheckFile;
use detente_node::private_check::Talk;
use detente_records::HolderId;
use detente_records::act::private_check::Found;
use detente_sharing::private_check::{Collision, Leg, Outcome, Role, Terms, collisions};
use detente_spacetime::Encounter;
use schemars::JsonSchema;
use serde::Serialize;

use super::Kept;

/// A private check of this participant.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PrivateCheckView {
    check: String,
    /// The other side.
    with: String,
    /// `initiator` or `responder`.
    role: &'static str,
    /// Where it stands in its workflow.
    state: &'static str,
    /// Since when, RFC 3339.
    since: String,
    /// When it ends, however far it has come.
    expires: String,
    us: Party,
    them: Party,
    /// What this side knows; null in lists, and where its secret is not here.
    knows: Option<Knows>,
}

/// What a side has put on record.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Party {
    messages: usize,
    consented: bool,
    /// `apart` or `close`.
    found: Option<&'static str>,
}

/// What this side alone knows.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Knows {
    /// `nothing`, `common`, `apart` or `close`.
    state: &'static str,
    /// The level it is of.
    level: Option<u8>,
    /// How many cells are common.
    common: Option<usize>,
    /// One's own plans that share cells.
    plans: Vec<String>,
    /// How one's own plans lie to the legs shown by the other side: those that keep less than the agreed distances.
    collisions: Vec<CollisionView>,
    /// What the other side did that ended the session.
    fault: Option<String>,
}

/// A plan of one's own and a leg of the other side, closer than agreed; legs are rounded by some metres.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CollisionView {
    plan: String,
    overlap: bool,
    /// Metres on the ground.
    horizontal_m: f64,
    /// What they share, where they overlap.
    start: Option<String>,
    end: Option<String>,
    lower_m: Option<f64>,
    upper_m: Option<f64>,
}

fn word(found: Found) -> &'static str {
    found.wire_name()
}

impl Party {
    fn of(file: &CheckFile<'_>, is_initiator: bool) -> Self {
        let (initiator, responder) = file.messages();
        Self {
            messages: if is_initiator { initiator } else { responder },
            consented: file.has_consented(is_initiator),
            found: file.found(is_initiator).map(word),
        }
    }
}

impl PrivateCheckView {
    /// Shows a session to one of its sides; `None` to anybody else.
    pub(crate) fn of(file: &CheckFile<'_>, own: &HolderId, knows: Option<Knows>) -> Option<Self> {
        let role = file.role_of(own)?;
        let is_initiator = role == Role::Initiator;
        let course = &file.matter.course;
        Some(Self {
            check: file.id.to_string(),
            with: file.other(own)?.to_string(),
            role: match role {
                Role::Initiator => "initiator",
                Role::Responder => "responder",
            },
            state: course.state,
            since: course.since.to_string(),
            expires: file.expires()?.to_string(),
            us: Party::of(file, is_initiator),
            them: Party::of(file, !is_initiator),
            knows,
        })
    }
}

impl Knows {
    /// What a side knows of a session that is held under these terms.
    pub(crate) fn of(talk: &Talk, kept: &Kept, terms: &Terms) -> Self {
        let named = |plans: &[usize]| -> Vec<String> {
            let names = plans.iter().filter_map(|plan| kept.names.get(*plan));
            names.cloned().collect()
        };
        let mut knows = Self {
            state: "nothing",
            level: None,
            common: None,
            plans: Vec::new(),
            collisions: Vec::new(),
            fault: talk.fault().map(|fault| fault.to_string()),
        };
        match talk.outcome() {
            None => {}
            Some(Outcome::Apart { level }) => {
                (knows.state, knows.level, knows.common) = ("apart", Some(*level), Some(0));
            }
            Some(Outcome::Common { count }) => {
                (knows.state, knows.level, knows.common) = ("common", Some(0), Some(*count));
            }
            Some(Outcome::Close {
                level,
                cells,
                plans,
            }) => {
                (knows.state, knows.level) = ("close", Some(*level));
                knows.common = Some(cells.len());
                knows.plans = named(plans);
            }
            Some(Outcome::Shown {
                level,
                cells,
                plans,
                legs,
            }) => {
                let own: Vec<(usize, Leg)> = plans
                    .iter()
                    .filter_map(|plan| Some((*plan, kept.plans.get(*plan)?)))
                    .flat_map(|(plan, legs)| legs.iter().map(move |leg| (plan, leg.clone())))
                    .collect();
                let own_legs: Vec<Leg> = own.iter().map(|(_, leg)| leg.clone()).collect();
                let found = collisions(&own_legs, legs, terms);
                let view = |found: &Collision| {
                    let plan = own.get(found.own).map(|(plan, _)| *plan);
                    let name = plan.and_then(|plan| kept.names.get(plan));
                    CollisionView::of(name.map_or("?", String::as_str), found)
                };
                knows.collisions = found.iter().map(view).collect();
                // What shares cells may still keep the distance: the legs say so in the clear.
                knows.state = if found.is_empty() { "apart" } else { "close" };
                (knows.level, knows.common) = (Some(*level), Some(*cells));
                knows.plans = named(plans);
            }
        }
        knows
    }
}

impl CollisionView {
    fn of(plan: &str, found: &Collision) -> Self {
        let plan = plan.to_owned();
        match &found.encounter {
            Encounter::Conflict(extent) => Self {
                plan,
                overlap: true,
                horizontal_m: 0.0,
                start: Some(extent.window.start().to_string()),
                end: extent.window.end().map(|end| end.to_string()),
                lower_m: Some(extent.lower_m),
                upper_m: Some(extent.upper_m),
            },
            Encounter::Apart(apart) => Self {
                plan,
                overlap: false,
                horizontal_m: apart.horizontal_m.round(),
                start: None,
                end: None,
                lower_m: None,
                upper_m: None,
            },
        }
    }
}
