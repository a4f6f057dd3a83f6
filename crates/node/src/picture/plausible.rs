//! Instants and figures that cannot be: what has happened before it could, ends before their starts.

use detente_records::act::Act;
use detente_spacetime::{Instant, Span};

use super::Picture;
use super::outcome::Refusal;
use super::said::Said;

/// How far the clock that somebody read an instant from may run ahead of the ledger's, in hours: further than a watch is ever
/// wrong by itself, and as far as one that was not set back from summer time.
const CLOCK_ERROR_HOURS: i64 = 1;

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
            Act::WithdrawalClaimed(act) => is_distance(act.distance_m),
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

fn is_distance(distance_m: f64) -> Result<(), Refusal> {
    if distance_m.is_finite() && distance_m >= 0.0 {
        return Ok(());
    }
    let says =
        format!("`distance_m` {distance_m} is no distance: say how many metres it is, 0 or more");
    Err(Refusal::by("no_distance", says))
}
