//! Instants and figures that cannot be: what has happened before it could, ends before their starts, words that say another
//! place than the figures beside them.

use detente_records::ProtectedObject;
use detente_records::act::protected_object::ReleasePrecision;
use detente_records::act::{Act, StatedPosition};
use detente_spacetime::notation::{self, NotationError, Stated};
use detente_spacetime::{Instant, Span, geodesic};

use super::Picture;
use super::outcome::Refusal;
use super::plain::READ_BACK_TOLERANCE_M;
use super::said::Said;

/// How far the clock that somebody read an instant from may run ahead of the ledger's, in hours: further than a watch is ever
/// wrong by itself, and as far as one that was not set back from summer time.
const CLOCK_ERROR_HOURS: i64 = 1;

/// What an object shown coarsely measures at least from south to north, metres: the smallest cell of the grid, but for rounding.
const COARSE_M_MIN: f64 = 1_000.0;
/// The least metres in a degree of latitude on WGS84, at the equator, rounded down.
const LEAST_M_PER_DEG: f64 = 110_574.0;

impl Picture {
    /// Whether what an act states could be.
    pub(super) fn could_be(&self, said: &Said<'_>) -> Result<(), Refusal> {
        match said.act {
            Act::OperationEnded(act) => has_come("at", act.at, said),
            Act::OperationClosedOut(act) => {
                has_come("actual_start", act.actual_start, said)?;
                has_come("actual_end", act.actual_end, said)?;
                in_order(act.actual_start, act.actual_end)
            }
            Act::MeetingHeld(act) => has_come("at", act.at, said),
            Act::MovementDeparted(act) => has_come("at", act.at, said),
            Act::MovementArrived(act) => has_come("at", act.at, said),
            Act::MovementAborted(act) => has_come("at", act.at, said),
            Act::MovementLegReached(act) => {
                has_come("at", act.at, said)?;
                self.has_leg(act.leg, said)
            }
            Act::WithdrawalClaimed(act) => {
                has_come("at", act.at, said)?;
                is_distance(act.distance_m)
            }
            Act::ViolationReported(act) => act.at.map_or(Ok(()), |at| has_come("at", at, said)),
            Act::ObjectSubmitted(act) => is_as_coarse_as_it_says(act.shown, act.feature.record()),
            Act::ObjectAmended(act) => is_as_coarse_as_it_says(act.shown, act.feature.record()),
            Act::ContentTaken(act) => says_one_place(act.position.as_ref()),
            Act::ReadBack(act) => says_one_place(act.position.as_ref()),
            Act::ReadBackRefused(act) => says_one_place(act.position.as_ref()),
            _ => Ok(()),
        }
    }

    fn has_leg(&self, leg: u32, said: &Said<'_>) -> Result<(), Refusal> {
        let Some(movement) = self.movements.get(said.act.subject()) else {
            return Ok(());
        };
        let legs = movement.current.legs.len();
        if usize::try_from(leg).is_ok_and(|leg| (1..=legs).contains(&leg)) {
            return Ok(());
        }
        let says = match legs {
            0 => "the movement states no legs: state its `legs` by `movement_changed`, or say `movement_arrived`".to_owned(),
            _ => format!("there is no leg {leg}: the movement has {legs}, counted from 1; after the last comes `movement_arrived`"),
        };
        Err(Refusal::by("no_such_leg", says))
    }
}

/// Whether an instant of what has happened lies no later than the entry, but for what clocks may differ.
fn has_come(member: &str, at: Instant, said: &Said<'_>) -> Result<(), Refusal> {
    let error = Span::from_hours(CLOCK_ERROR_HOURS);
    let latest = error.and_then(|error| said.at.plus(error));
    if latest.is_none_or(|latest| at <= latest) {
        return Ok(());
    }
    let says = format!(
        "`{member}` {at} has not come at {}: say what has happened once it has",
        said.at
    );
    Err(Refusal::by("not_yet", says))
}

fn in_order(start: Instant, end: Instant) -> Result<(), Refusal> {
    if start <= end {
        return Ok(());
    }
    let says = format!("`actual_end` {end} lies before `actual_start` {start}: exchange them");
    Err(Refusal::by("end_before_start", says))
}

/// Whether what is said to be shown coarsely is: everybody who holds the ledgers reads the area.
fn is_as_coarse_as_it_says(
    shown: Option<ReleasePrecision>,
    object: &ProtectedObject,
) -> Result<(), Refusal> {
    if shown != Some(ReleasePrecision::Coarse) {
        return Ok(());
    }
    let bounds = object.volume.footprint.bounds();
    let height_m = (bounds.north_deg() - bounds.south_deg()) * LEAST_M_PER_DEG;
    if height_m >= COARSE_M_MIN {
        return Ok(());
    }
    let says = format!(
        "everybody would read where it stands to within {height_m:.0} m: show it by an area of {COARSE_M_MIN:.0} m or more from south to north, or say that it is shown exactly"
    );
    Err(Refusal::by("not_coarse", says))
}

fn is_distance(distance_m: f64) -> Result<(), Refusal> {
    if distance_m.is_finite() && distance_m >= 0.0 {
        return Ok(());
    }
    let says =
        format!("`distance_m` {distance_m} is no distance: say how many metres it is, 0 or more");
    Err(Refusal::by("no_distance", says))
}

/// Whether the words of a position, where they can be read as one, say the place that the figures do.
fn says_one_place(position: Option<&StatedPosition>) -> Result<(), Refusal> {
    let Some((position, said)) = position.and_then(|it| Some((it.position(), it.said()?))) else {
        return Ok(());
    };
    let readings: Vec<Stated> = match notation::read(said) {
        Ok(stated) => vec![stated],
        Err(NotationError::Ambiguous { first, second }) => vec![first, second],
        Err(_) => return Ok(()),
    };
    let beyond = readings.iter().map(|stated| {
        let apart_m = geodesic::distance_m(stated.position, position);
        (apart_m - stated.precision_m, apart_m)
    });
    let nearest = beyond.min_by(|one, other| one.0.total_cmp(&other.0));
    let Some((_, apart_m)) = nearest.filter(|(beyond, _)| *beyond > READ_BACK_TOLERANCE_M) else {
        return Ok(());
    };
    let says = format!(
        "the words \"{said}\" say a place {apart_m:.0} m from {}, {}: give figures that say what was said, or leave `said` out",
        position.latitude_deg(),
        position.longitude_deg()
    );
    Err(Refusal::by("words_and_figures_differ", says))
}
