//! Protected objects: what no operation may touch, whoever consents.

use detente_spacetime::{Footprint, Volume4D};

use crate::drawing::Drawing;
use crate::finding::Provenance;
use crate::local_text::LocalText;
use crate::names::{CategoryName, ObjectId, OfficeName};
use crate::standoff::{ACCURACY_UNSTATED_M, StandoffPolicy};

/// A notified civilian or humanitarian object.
#[derive(Clone, Debug)]
pub struct ProtectedObject {
    /// Its id.
    pub id: ObjectId,
    /// What it is, such as `hospital`; decides the stand-off.
    pub category: CategoryName,
    /// Name for people.
    pub name: Option<LocalText>,
    /// Where it stands and when it is protected; the footprint without any stand-off.
    pub volume: Volume4D,
    /// Its outline as drawn.
    pub drawing: Drawing,
    /// How far the true place may lie from the stated one, in metres, if the notification says.
    pub accuracy_m: Option<f64>,
    /// The stand-off in metres, if the notification asks for its own.
    pub standoff_m: Option<f64>,
    /// Who notified it.
    pub submitted_by: Option<OfficeName>,
    /// Where it was read.
    pub provenance: Provenance,
}

/// How far operations keep from an object, and why.
#[derive(Clone, Debug)]
pub struct KeepOut {
    /// Metres by policy or by the object's own notification.
    pub standoff_m: f64,
    /// Metres for the uncertainty of the place.
    pub accuracy_m: f64,
    /// Whether the accuracy was not stated and the restrictive one was taken.
    pub accuracy_assumed: bool,
    /// Everything within both distances of the object.
    pub footprint: Footprint,
}

impl KeepOut {
    /// Returns stand-off plus accuracy, in metres.
    pub fn distance_m(&self) -> f64 {
        self.standoff_m + self.accuracy_m
    }
}

impl ProtectedObject {
    /// Returns what operations must stay out of under `policy`: the footprint, the object's own
    /// stand-off (else the policy's for its category), and the accuracy of its place, of which
    /// [`ACCURACY_UNSTATED_M`] is assumed when the notification says nothing.
    pub fn keep_out(&self, policy: &StandoffPolicy) -> KeepOut {
        let standoff_m = self
            .standoff_m
            .unwrap_or_else(|| policy.standoff_m(&self.category));
        let accuracy_m = self.accuracy_m.unwrap_or(ACCURACY_UNSTATED_M);
        let footprint = self.volume.footprint.kept_out(standoff_m + accuracy_m);
        let accuracy_assumed = self.accuracy_m.is_none();
        KeepOut {
            standoff_m,
            accuracy_m,
            accuracy_assumed,
            footprint,
        }
    }
}
