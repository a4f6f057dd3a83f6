//! Acts about reports: release to named recipients, passing on, recall.

use detente_spacetime::Instant;

use super::member::{AtLeastOne, acts, parts};
use super::text::{Blob, Digest, Grade};
use crate::local_text::LocalText;
use crate::names::{HolderId, RecordId};

parts! {
    /// Who may have a report, and on which terms.
    pub Marking {
        /// To whom it may be released.
        releasable_to: AtLeastOne<HolderId>,
        /// Whether only its originator may let it go further.
        originator_control: bool,
        /// How it is to be handled.
        handling: Option<LocalText>,
    }

    /// Content that only its recipients can open: its commitment, and where the bytes are.
    pub Sealed {
        /// The salted commitment to the content.
        commitment: Digest,
        /// The encrypted content beside the ledger.
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
        /// On which terms.
        marking: Marking,
        /// The content.
        sealed: Sealed,
        /// The reports it was made from; their strictest marking is its own.
        derived_from: Vec<RecordId>,
        /// When it is no longer to be used.
        expires: Option<Instant>,
    }

    /// See [`super::Kind::ReportReceived`].
    ReportReceived {}

    /// See [`super::Kind::ReportGraded`].
    ReportGraded {
        /// The recipient's grade.
        grade: Grade,
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

    /// See [`super::Kind::ReportRecalled`].
    ReportRecalled {
        /// Why.
        reason: LocalText,
    }

    /// See [`super::Kind::RecallAcknowledged`].
    RecallAcknowledged {}

    /// See [`super::Kind::ReportCorrected`].
    ReportCorrected {
        /// The corrected content.
        sealed: Sealed,
        /// What was wrong.
        reason: LocalText,
    }
}
