//! Acts of the watch: observations and alerts.

use detente_spacetime::Instant;

use super::member::{acts, words};
use super::text::{Blob, Evidence, Grade, StatedPlace, TimePrecision, Verbatim};
use crate::local_text::LocalText;
use crate::names::{ArticleId, HolderId, OfficeName, RecordId, TrackId};

words! {
    /// By what something was observed.
    ObservationMeans: "means of observation" {
        /// A radar.
        Radar = "radar",
        /// A person on the ground.
        Spotter = "spotter",
        /// An acoustic or other sensor on the ground.
        Sensor = "sensor",
        /// Signals that the aircraft itself sends.
        Transponder = "transponder",
        /// An image or a film.
        Imagery = "imagery",
        /// A radio call, answered or not.
        Radio = "radio",
        /// Something else.
        Other = "other",
    }
}

acts! {
    /// See [`super::Kind::ObservationRecorded`].
    ObservationRecorded {
        /// When.
        at: Instant,
        /// How exactly that is known.
        time_precision: TimePrecision,
        /// By what.
        means: ObservationMeans,
        /// By whom.
        source: OfficeName,
        /// Where.
        place: Option<StatedPlace>,
        /// What.
        text: Verbatim,
        /// What the source calls the track that it is part of, as recorded; it says nothing of who flies.
        track_id: Option<TrackId>,
        /// The track beside the ledger.
        track: Option<Blob>,
        /// The grade given by whoever records it.
        grade: Option<Grade>,
        /// What shows it.
        evidence: Vec<Evidence>,
    }

    /// See [`super::Kind::AlertRaised`].
    AlertRaised {
        /// What is the matter.
        text: LocalText,
        /// The observation behind it.
        observation: Option<RecordId>,
        /// The operation, flight or area it is about.
        about: Option<RecordId>,
        /// The articles it is about.
        articles: Vec<ArticleId>,
        /// Everything it is about, where that is several things.
        subjects: Vec<RecordId>,
        /// Who owes the steps that are overdue, or answers for the flight as a guarantor, where it is about such.
        owed_by: Option<HolderId>,
    }

    /// See [`super::Kind::AlertAcknowledged`].
    AlertAcknowledged {
        /// Words to go with it.
        note: Option<LocalText>,
    }
}
