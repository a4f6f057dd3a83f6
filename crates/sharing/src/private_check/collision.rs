//! Legs that both sides know, compared in the clear.

use detente_spacetime::{Encounter, Separation, VerticalAssumptions, encounter};

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
/// A leg that cannot be read again is close to every other: the cells have told of it already.
#[must_use]
pub fn collisions(own: &[Leg], other: &[Leg], terms: &Terms) -> Vec<Collision> {
    let assumptions = VerticalAssumptions::default();
    let read = |legs: &[Leg]| legs.iter().map(Leg::volume).collect::<Vec<_>>();
    let (owns, others) = (read(own), read(other));
    let mut found = Vec::new();
    for (own_at, (own, own_leg)) in owns.iter().zip(own).enumerate() {
        for (other_at, (other, other_leg)) in others.iter().zip(other).enumerate() {
            let encounter = match (own, other) {
                (Some(own), Some(other)) => encounter(own, other, &assumptions),
                _ => Encounter::Apart(Separation {
                    horizontal_m: 0.0,
                    vertical_m: None,
                    time: None,
                    widenings: Vec::new(),
                }),
            };
            let rounded_m = own_leg.rounded_m() + other_leg.rounded_m();
            if is_close(&encounter, terms, rounded_m) {
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

fn is_close(encounter: &Encounter, terms: &Terms, rounded_m: f64) -> bool {
    let apart = match encounter {
        Encounter::Conflict(_) => return true,
        Encounter::Apart(apart) => apart,
    };
    let time_us = apart.time.map_or(0, |time| time.micros());
    apart.horizontal_m < f64::from(terms.separation_m) + rounded_m
        && apart.vertical_m.unwrap_or(0.0) <= f64::from(terms.vertical_m)
        && time_us <= i64::from(terms.time_s) * 1_000_000
}
