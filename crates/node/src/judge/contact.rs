//! One thing met, over one stretch of time.

use std::cmp::Ordering;

use detente_deconfliction::Conflict;
use detente_spacetime::{Instant, Widening, Window};

use super::things::Subject;

/// One thing met, over one stretch of time.
#[derive(Clone, Debug)]
pub struct Contact {
    /// What is met.
    pub subject: Subject,
    /// The first shared instant.
    pub enters: Instant,
    /// The end of what is shared; `None` until further notice.
    pub leaves: Option<Instant>,
    /// Metres above the WGS84 ellipsoid.
    pub lower_m: f64,
    /// Metres above the WGS84 ellipsoid; infinite without a limit.
    pub upper_m: f64,
    /// Whether they meet whatever is within the assumptions about air and ground.
    pub certain: bool,
    /// What was widened to compare the heights.
    pub widenings: Vec<Widening>,
    /// Metres between the footprints without any stand-off; 0 where they overlap.
    pub distance_m: f64,
    /// Metres that the operation has to move directly away to leave the keep-out of a protected object; `None` where that
    /// cannot be said of its shape.
    pub further_m: Option<f64>,
    /// Whether the operation only comes near the thing, a protected object, and stays out of its keep-out; its heights
    /// are not looked at then, and without limits here.
    pub near: bool,
    /// The volumes that meet: the operation's own, and the thing's.
    pub(super) meetings: Vec<(usize, usize)>,
}

impl Contact {
    /// One volume of an operation meets one of a thing.
    pub(super) fn new<K>(
        subject: Subject,
        meeting: (usize, usize),
        conflict: &Conflict<K>,
        distance_m: f64,
    ) -> Self {
        Self {
            subject,
            enters: conflict.window.start(),
            leaves: conflict.window.end(),
            lower_m: conflict.lower_m,
            upper_m: conflict.upper_m,
            certain: conflict.certain,
            widenings: conflict.widenings.clone(),
            distance_m,
            further_m: None,
            near: false,
            meetings: vec![meeting],
        }
    }

    /// An operation comes near a protected object without meeting its keep-out.
    pub(super) fn near(subject: Subject, window: &Window, distance_m: f64) -> Self {
        Self {
            subject,
            enters: window.start(),
            leaves: window.end(),
            lower_m: f64::NEG_INFINITY,
            upper_m: f64::INFINITY,
            certain: true,
            widenings: Vec::new(),
            distance_m,
            further_m: None,
            near: true,
            meetings: Vec::new(),
        }
    }

    fn by_thing_and_time(&self, other: &Self) -> Ordering {
        (self.subject, self.enters, &self.meetings).cmp(&(
            other.subject,
            other.enters,
            &other.meetings,
        ))
    }

    /// Whether `next`, which does not begin earlier, carries on where this one ends.
    fn continues_into(&self, next: &Self) -> bool {
        self.subject == next.subject && self.leaves.is_none_or(|leaves| next.enters <= leaves)
    }

    fn absorb(&mut self, next: Self) {
        self.leaves = self
            .leaves
            .zip(next.leaves)
            .map(|(one, other)| one.max(other));
        self.lower_m = self.lower_m.min(next.lower_m);
        self.upper_m = self.upper_m.max(next.upper_m);
        self.certain |= next.certain;
        self.distance_m = self.distance_m.min(next.distance_m);
        let further_m = self.further_m.zip(next.further_m);
        self.further_m = further_m.map(|(one, other)| one.max(other));
        for widening in next.widenings {
            if !self.widenings.contains(&widening) {
                self.widenings.push(widening);
            }
        }
        self.meetings.extend(next.meetings);
    }
}

/// Sorts by thing, then by time, and joins stretches of one thing that touch or overlap in time.
pub(super) fn joined(mut contacts: Vec<Contact>) -> Vec<Contact> {
    contacts.sort_by(Contact::by_thing_and_time);
    let mut joined: Vec<Contact> = Vec::new();
    for contact in contacts {
        match joined.last_mut() {
            Some(last) if last.continues_into(&contact) => last.absorb(contact),
            _ => joined.push(contact),
        }
    }
    joined
}
