//! Acts about protected objects: notification, release, the ladder of acknowledgement, revocation.

use detente_spacetime::Instant;

use super::feature::Drawn;
use super::member::{AtLeastOne, acts, parts, words};
use super::report::Sealed;
use super::text::{Digest, Evidence};
use crate::local_text::LocalText;
use crate::names::{HolderId, OfficeName};
use crate::protected::ProtectedObject;

words! {
    /// How a place was measured.
    Measurement: "way of measuring" {
        /// By surveying equipment.
        Survey = "survey",
        /// By a hand-held receiver at the place.
        Handheld = "handheld",
        /// On an image.
        Imagery = "imagery",
        /// On a map.
        Map = "map",
        /// From an address or a description.
        Described = "described",
        /// Not known.
        Unknown = "unknown",
    }

    /// What was checked before a notification was validated.
    ValidationCheck: "check of a notification" {
        /// The datum is WGS84 and the axes are not exchanged.
        Datum = "datum",
        /// The place lies where the object is said to be.
        Vicinity = "vicinity",
        /// The footprint holds the stated point.
        Footprint = "footprint",
        /// Photographs match the place.
        Photographs = "photographs",
        /// No other notification is the same object, or suspiciously near.
        Neighbours = "neighbours",
        /// The object is used as stated, now.
        Function = "function",
    }

    /// How exactly an object is shown to a recipient.
    ReleasePrecision: "precision of a release" {
        /// As notified.
        Exact = "exact",
        /// An area that holds it.
        Coarse = "coarse",
    }
}

parts! {
    /// Something odd about a notice, found by whoever submitted it or by whoever folds it.
    pub NoticeWarning {
        /// The check that has to look at it.
        check: ValidationCheck,
        /// What is odd.
        text: LocalText,
    }

    /// Consent of those who run the object to its notification.
    pub NotificationConsent {
        /// Who consented.
        given_by: OfficeName,
        /// When.
        at: Instant,
        /// To what: recipients, exactness, limits.
        terms: Option<LocalText>,
    }
}

acts! {
    /// See [`super::Kind::ObjectSubmitted`].
    ObjectSubmitted {
        /// The object.
        feature: Drawn<ProtectedObject>,
        /// That those who run it agreed.
        consent: NotificationConsent,
        /// How its place was measured.
        measured_how: Measurement,
        /// Hashes of photographs.
        photo_hashes: Vec<Digest>,
        /// What it was used for, and when that was seen.
        function: Option<LocalText>,
        /// When protection ends by itself; without it, only a revocation ends it.
        explicit_end: Option<Instant>,
        /// When the submitter means to look at it again.
        review_by: Option<Instant>,
        /// What was odd or assumed when it was submitted; whoever validates it accepts each.
        warnings: Vec<NoticeWarning>,
        /// How exactly the feature shows the object: coarsely, when it is an area that holds it; else exactly.
        shown: Option<ReleasePrecision>,
    }

    /// See [`super::Kind::ObjectValidated`].
    ObjectValidated {
        /// The version checked; the first is 1.
        version: u32,
        /// What was checked.
        checks: AtLeastOne<ValidationCheck>,
        /// How many warnings of that version were seen and accepted; without it, none.
        warnings_accepted: Option<u32>,
    }

    /// See [`super::Kind::ObjectReturned`].
    ObjectReturned {
        /// The version returned.
        version: u32,
        /// What is to be corrected.
        reason: LocalText,
    }

    /// See [`super::Kind::ObjectReleased`].
    ObjectReleased {
        /// The version released.
        version: u32,
        /// To whom.
        recipients: AtLeastOne<HolderId>,
        /// How exactly.
        precision: ReleasePrecision,
        /// The exact place, sealed for each recipient alone: where an object that is shown coarsely is released exactly.
        sealed: Vec<Sealed>,
    }

    /// See [`super::Kind::ObjectReceived`].
    ObjectReceived {
        /// The version received.
        version: u32,
    }

    /// See [`super::Kind::ObjectLoaded`].
    ObjectLoaded {
        /// The version loaded.
        version: u32,
        /// Into which systems.
        systems: Vec<OfficeName>,
    }

    /// See [`super::Kind::ObjectDisseminated`].
    ObjectDisseminated {
        /// The version passed on.
        version: u32,
        /// To which units.
        units: AtLeastOne<OfficeName>,
    }

    /// See [`super::Kind::ObjectRejected`].
    ObjectRejected {
        /// The version.
        version: u32,
        /// Why it could not be taken.
        reason: LocalText,
    }

    /// See [`super::Kind::ObjectContested`].
    ObjectContested {
        /// What is claimed.
        claim: LocalText,
        /// What shows it.
        evidence: Vec<Evidence>,
    }

    /// See [`super::Kind::ContestAnswered`].
    ContestAnswered {
        /// The answer.
        text: LocalText,
        /// What shows it.
        evidence: Vec<Evidence>,
    }

    /// See [`super::Kind::ObjectAmended`].
    ObjectAmended {
        /// The object as it is now.
        feature: Drawn<ProtectedObject>,
        /// The number of that version, one more than before.
        version: u32,
        /// How its place was measured.
        measured_how: Measurement,
        /// Why.
        reason: LocalText,
        /// What is odd or assumed about this version; whoever validates it accepts each.
        warnings: Vec<NoticeWarning>,
        /// How exactly the feature shows the object: coarsely, when it is an area that holds it; else exactly.
        shown: Option<ReleasePrecision>,
    }

    /// See [`super::Kind::ObjectRevoked`].
    ObjectRevoked {
        /// From when the object is no longer notified.
        at: Instant,
        /// Until when it is kept out of nevertheless.
        grace_ends: Instant,
        /// Why.
        reason: LocalText,
    }

    /// See [`super::Kind::ObjectReviewed`].
    ObjectReviewed {
        /// The version that still holds.
        version: u32,
        /// When the submitter means to look at it again.
        review_by: Option<Instant>,
    }

    /// See [`super::Kind::ExactPlaceRead`].
    ExactPlaceRead {
        /// Who read what on which day, for whoever notified the object.
        sealed: Sealed,
    }
}
