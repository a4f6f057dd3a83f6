//! Legs that both sides know, compared in the clear.

use detente_spacetime::{Encounter, VerticalAssumptions, encounter};

use super::leg::ROUNDING_M;
use super::{Leg, Terms};

/// Two legs that keep less than the agreed distances.
#[derive(Clone, Debug)]
pub struct Collision {
    /// Position of one's own leg in the list given.
    pub own: usize,
    /// Position of the other side's leg in the list given.
    pub other: usize,
    /// How they lie to each other: both to some metres, since legs are rounded.
    pub encounter: Encounter,
}

/// The pairs that keep less than the agreed distances, in order; what legs are rounded by counts as closeness.
///
/// Legs that cannot be made into shapes again are left out: the cells have told of them already.
#[must_use]
pub fn collisions(own: &[Leg], other: &[Leg], terms: &Terms) -> Vec<Collision> {
    let assumptions = VerticalAssumptions::default();
    let others: Vec<_> = other.iter().map(Leg::volume).collect();
    let mut found = Vec::new();
    for (own_at, own) in own.iter().enumerate() {
        let Some(volume) = own.volume() else {
            continue;
        };
        for (other_at, other) in others.iter().enumerate() {
            let Some(other) = other else {
                continue;
            };
            let encounter = encounter(&volume, other, &assumptions);
            if is_close(&encounter, terms) {
                found.push(Collision {
                    own: own_at,
                    other: other_at,
                    encounter,
                });
            }
        }
    }
    found
}

fn is_close(encounter: &Encounter, terms: &Terms) -> bool {
    let apart = match encounter {
        Encounter::Conflict(_) => return true,
        Encounter::Apart(apart) => apart,
    };
    let time_us = apart.time.map_or(0, |time| time.micros());
    apart.horizontal_m < f64::from(terms.separation_m) + 2.0 * ROUNDING_M
        && apart.vertical_m.unwrap_or(0.0) <= f64::from(terms.vertical_m)
        && time_us <= i64::from(terms.time_s) * 1_000_000
}
