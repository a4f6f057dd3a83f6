//! Acts about reports: release to named recipients, passing on, correction, recall.

use super::member::{AtLeastOne, acts, parts, words};
use super::text::{Blob, Digest, Grade};
use crate::local_text::LocalText;
use crate::names::{HolderId, PolicyName, RecordId, SealKeyId};
use detente_spacetime::Instant;

words! {
    /// How far content is to be kept; each level holds back more than the one before.
    Level: "level" {
        /// Nothing in it would harm anybody.
        Open = "open",
        /// For those who work with it.
        Restricted = "restricted",
        /// Its loss would harm somebody.
        Confidential = "confidential",
        /// Its loss would cost lives, or the agreement.
        Secret = "secret",
    }

    /// How an account bears on another.
    Bearing: "bearing" {
        /// It says the same, on its own.
        Corroborates = "corroborates",
        /// Both cannot be true.
        Contradicts = "contradicts",
    }

    /// How the key of sealed content is wrapped.
    SealedWith: "seal suite" {
        /// DHKEM(X25519, HKDF-SHA256).
        X25519 = "x25519",
        /// ML-KEM-768 and X25519.
        XWing = "x-wing",
    }
}

parts! {
    /// A level under the policy that says what it asks for.
    pub Classification {
        /// Whose policy.
        policy: PolicyName,
        /// The level.
        level: Level,
    }

    /// Who may have something, and on which terms.
    pub Marking {
        /// How far it is to be kept, under every policy it falls under.
        classifications: AtLeastOne<Classification>,
        /// To whom it may be released, by their names in the agreement.
        releasable_to: AtLeastOne<HolderId>,
        /// To whom it may be released, by the hash of the first entry of their ledgers: a name binds nobody to a key.
        identities: AtLeastOne<Digest>,
        /// Whether only its originator may let it go further.
        originator_control: bool,
        /// How it is to be handled.
        handling: Vec<LocalText>,
        /// When it is no longer to be used.
        expires: Option<Instant>,
    }

    /// What one recipient alone can open: its commitment, and where the bytes are.
    pub Sealed {
        /// Who can open it, beside its author.
        recipient: HolderId,
        /// How its key is wrapped.
        suite: SealedWith,
        /// The salted commitment to the content.
        commitment: Digest,
        /// The keys it is sealed to, in the order of the wraps.
        keys: AtLeastOne<SealKeyId>,
        /// The encrypted content beside the ledger, of a length that says little.
        blob: Blob,
    }
}

acts! {
    /// See [`super::Kind::ReportReleased`].
    ReportReleased {
        /// What it is about, in words everybody may read.
        title: Option<LocalText>,
        /// To whom it goes now.
        recipients: AtLeastOne<HolderId>,
        /// On which terms; at least as strict as those of everything in it.
        marking: Marking,
        /// The content, sealed for each recipient on its own.
        sealed: AtLeastOne<Sealed>,
        /// The reports it was made from; their strictest marking is its own.
        derived_from: Vec<RecordId>,
    }

    /// See [`super::Kind::ReportReceived`].
    ReportReceived {}

    /// See [`super::Kind::ReportGraded`].
    ReportGraded {
        /// The recipient's grade.
        grade: Grade,
    }

    /// See [`super::Kind::ReportLinked`].
    ReportLinked {
        /// The report or incident it is held beside.
        with: RecordId,
        /// How the one bears on the other, in the recipient's judgement.
        bearing: Bearing,
        /// Words to go with it.
        note: Option<LocalText>,
    }

    /// See [`super::Kind::OnwardRequested`].
    OnwardRequested {
        /// To whom it is to go.
        recipients: AtLeastOne<HolderId>,
        /// What for.
        reason: LocalText,
    }

    /// See [`super::Kind::OnwardDecided`].
    OnwardDecided {
        /// Who had asked.
        requester: HolderId,
        /// Whether it may go there.
        granted: bool,
        /// Why, or on which terms.
        reason: Option<LocalText>,
    }

    /// See [`super::Kind::ReportForwarded`].
    ReportForwarded {
        /// To whom it goes now.
        recipients: AtLeastOne<HolderId>,
        /// What its forwarder had received, sealed for each recipient on its own.
        sealed: AtLeastOne<Sealed>,
    }

    /// See [`super::Kind::ReportRecalled`].
    ReportRecalled {
        /// Why.
        reason: LocalText,
    }

    /// See [`super::Kind::RecallAcknowledged`].
    RecallAcknowledged {}

    /// See [`super::Kind::ReportCorrected`].
    ReportCorrected {
        /// The corrected content, sealed for each recipient on its own.
        sealed: AtLeastOne<Sealed>,
        /// What was wrong.
        reason: LocalText,
    }
}
