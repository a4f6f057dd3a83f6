//! What is odd about a notice, asked by everybody who folds it: its submitter may have left it out.
//!
//! The same ledgers give the same answers, so that a validation which accepts less is without effect everywhere.
//! How far an object lies from the place it is said to lie in is known to its submitter alone: a notice does not name the
//! place.

use detente_records::ProtectedObject;
use detente_records::act::protected_object::{NoticeWarning, ReleasePrecision};
use detente_sharing::notice::{NEAR_M, Notified, OUTSIDE_M, Oddity, middle, neighbours, outside};

use super::air::{Air, beside};
use super::protected_object::ObjectFile;

impl ObjectFile {
    /// Adds to the warnings of the newest version what its submitter did not say of it.
    pub(super) fn look_again(&mut self, air: &Air) {
        let found = oddities(air, self);
        let unsaid: Vec<NoticeWarning> = found
            .iter()
            .map(Oddity::warning)
            .filter(|warning| !self.warnings.contains(warning))
            .collect();
        self.warnings.extend(unsaid);
    }
}

fn oddities(air: &Air, file: &ObjectFile) -> Vec<Oddity> {
    let Some(object) = notified(&file.current) else {
        return Vec::new();
    };
    let mut oddities = Vec::new();
    let is_drawn = air.things().areas().next().is_some();
    if is_drawn {
        oddities.extend(outside(object.position, |there| {
            let mut areas = air.things().areas();
            areas.any(|area| {
                let around = area.volume.footprint.bounds().expanded(OUTSIDE_M);
                around.contains(there)
            })
        }));
    }
    // Of an object shown coarsely nothing but its cells is known.
    if file.shown == ReleasePrecision::Exact {
        let own: Vec<String> = file
            .previous
            .iter()
            .map(|(version, _)| beside(&object.id, *version))
            .collect();
        let others: Vec<Notified> = air
            .things()
            .protected_near(&file.current.volume, NEAR_M)
            .filter(|other| !own.iter().any(|own| own == other.id.as_str()))
            .filter_map(notified)
            .collect();
        oddities.extend(neighbours(&object, &others));
    }
    oddities
}

fn notified(object: &ProtectedObject) -> Option<Notified> {
    Some(Notified {
        id: object.id.to_string(),
        category: object.category.to_string(),
        position: middle(object.volume.footprint.bounds())?,
    })
}
