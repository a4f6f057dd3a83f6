//! Acts about humanitarian movements and excepted flights.

use detente_spacetime::Instant;
use serde_json::Value as Json;

use super::feature::Drawn;
use super::member::{Content, Reading, acts, words};
use crate::activity::Activity;
use crate::document::Located;
use crate::local_text::LocalText;
use crate::movement::HumanitarianMovement;
use crate::names::ArticleId;
use crate::operation::Operation;
use crate::parameters::activity_of;
use crate::place::Path;

words! {
    /// How long ahead a movement is notified.
    LeadTimeClass: "class of lead time" {
        /// As long ahead as the agreement asks for.
        Normal = "normal",
        /// Less, for a reason.
        Short = "short",
        /// At once, because lives depend on it.
        Emergency = "emergency",
    }
}

impl Content for Activity {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        activity_of(value, path, &mut reading.problems)
    }

    fn written(&self) -> Option<Json> {
        Some(Json::from(self.wire_name()))
    }
}

acts! {
    /// See [`super::Kind::MovementNotified`].
    MovementNotified {
        /// Route, time and legs.
        feature: Drawn<HumanitarianMovement>,
        /// How long ahead.
        lead_time_class: LeadTimeClass,
        /// Whom to call when something goes wrong.
        emergency_line: Option<LocalText>,
    }

    /// See [`super::Kind::MovementChanged`].
    MovementChanged {
        /// Route, time and legs as they are now.
        feature: Drawn<HumanitarianMovement>,
        /// The number of that version; the first was 1.
        version: u32,
        /// Why.
        reason: Option<LocalText>,
    }

    /// See [`super::Kind::MovementAcknowledged`].
    MovementAcknowledged {
        /// The version received.
        version: u32,
    }

    /// See [`super::Kind::MovementDeparted`].
    MovementDeparted {
        /// When.
        at: Instant,
    }

    /// See [`super::Kind::MovementLegReached`].
    MovementLegReached {
        /// Which leg, from 1.
        leg: u32,
        /// When.
        at: Instant,
    }

    /// See [`super::Kind::MovementArrived`].
    MovementArrived {
        /// When.
        at: Instant,
    }

    /// See [`super::Kind::MovementAborted`].
    MovementAborted {
        /// When.
        at: Instant,
        /// Why.
        reason: LocalText,
    }

    /// See [`super::Kind::MovementClosed`].
    MovementClosed {
        /// What is to be said about it.
        text: Option<LocalText>,
    }

    /// See [`super::Kind::FlightNoticed`].
    FlightNoticed {
        /// Its volumes.
        features: Drawn<Operation>,
        /// The excepted purpose.
        exception: Activity,
        /// The article that excepts it.
        article: ArticleId,
    }

    /// See [`super::Kind::FlightCancelled`].
    FlightCancelled {
        /// Why.
        reason: Option<LocalText>,
    }
}
