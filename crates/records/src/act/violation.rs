//! Acts about alleged violations, and about withdrawal obligations.

use detente_spacetime::Instant;

use super::member::{AtLeastOne, acts, words};
use super::text::{Evidence, StatedPlace, Verbatim};
use crate::local_text::LocalText;
use crate::names::{AreaId, ArticleId, HolderId, OfficeName, PartyId, RecordId};

words! {
    /// Who somebody is in the agreement.
    PartyClass: "class of party" {
        /// A participant.
        Participant = "participant",
        /// A party bound through a guarantor.
        BoundParty = "bound_party",
        /// A group that accepted the terms.
        AccedingGroup = "acceding_group",
        /// Somebody else.
        Outside = "outside",
        /// Not known.
        Unknown = "unknown",
    }

    /// What somebody finds about an allegation.
    Statement: "finding" {
        /// It happened so.
        Confirm = "confirm",
        /// It can be neither confirmed nor denied.
        CannotConfirm = "cannot_confirm",
        /// It did not happen so.
        Deny = "deny",
        /// The place could not be reached, or the evidence not seen.
        NoAccess = "no_access",
    }
}

acts! {
    /// See [`super::Kind::ViolationReported`].
    ViolationReported {
        /// What it is called.
        title: LocalText,
        /// The incident it rests on.
        incident: Option<RecordId>,
        /// The articles alleged to be broken.
        articles: Vec<ArticleId>,
        /// Whose conduct is alleged; nobody when that is not said.
        party: Option<PartyId>,
        /// Whether a breach is only held possible.
        possible: bool,
        /// The report, word for word.
        text: Verbatim,
        /// Where.
        place: Option<StatedPlace>,
        /// When.
        at: Option<Instant>,
        /// What shows it.
        evidence: Vec<Evidence>,
    }

    /// See [`super::Kind::ViolationTriaged`].
    ViolationTriaged {
        /// The matter it repeats, if it does.
        duplicate_of: Option<RecordId>,
        /// The articles in question.
        articles: Vec<ArticleId>,
        /// The area in question.
        area: Option<AreaId>,
        /// Who is alleged to have acted.
        party_class: PartyClass,
    }

    /// See [`super::Kind::ViolationNotified`].
    ViolationNotified {
        /// Who is told.
        recipients: AtLeastOne<HolderId>,
        /// The call over which it was told.
        call: Option<RecordId>,
    }

    /// See [`super::Kind::InformationRequested`].
    InformationRequested {
        /// From whom.
        from: HolderId,
        /// What is asked.
        question: LocalText,
    }

    /// See [`super::Kind::InformationGiven`].
    InformationGiven {
        /// The answer.
        text: LocalText,
        /// What shows it.
        evidence: Vec<Evidence>,
    }

    /// See [`super::Kind::InquiryOpened`].
    InquiryOpened {
        /// What it is to establish.
        terms: LocalText,
        /// Who conducts it.
        conducted_by: AtLeastOne<OfficeName>,
    }

    /// See [`super::Kind::ViolationAssessed`].
    ViolationAssessed {
        /// What kind of event it was.
        nature: LocalText,
        /// How far it went.
        extent: LocalText,
        /// What it means for the agreement.
        threat: LocalText,
    }

    /// See [`super::Kind::FindingStated`].
    FindingStated {
        /// The finding.
        statement: Statement,
        /// The words of it.
        text: LocalText,
        /// Who kept the inquirers out, where they were.
        access_denied_by: Option<PartyId>,
    }

    /// See [`super::Kind::ResponseRecorded`].
    ResponseRecorded {
        /// What was done.
        text: LocalText,
    }

    /// See [`super::Kind::ViolationClosed`].
    ViolationClosed {
        /// Words to go with it.
        note: Option<LocalText>,
    }

    /// See [`super::Kind::ViolationReopened`].
    ViolationReopened {
        /// Why.
        reason: LocalText,
    }

    /// See [`super::Kind::AccessRestricted`].
    AccessRestricted {
        /// Who was kept out.
        kept_out: OfficeName,
        /// From where.
        place: StatedPlace,
        /// By whom.
        by: Option<PartyId>,
        /// From when.
        from: Instant,
        /// Until when.
        until: Option<Instant>,
        /// The reason given.
        reason: Option<LocalText>,
    }

    /// See [`super::Kind::WithdrawalClaimed`].
    WithdrawalClaimed {
        /// The party that had to pull back.
        party: PartyId,
        /// What it pulled back.
        class: LocalText,
        /// From which line or area.
        line: AreaId,
        /// How far from it, in metres.
        distance_m: f64,
        /// When it was done.
        at: Instant,
    }

    /// See [`super::Kind::WithdrawalConfirmed`].
    WithdrawalConfirmed {
        /// How it was seen.
        text: LocalText,
        /// What shows it.
        evidence: Vec<Evidence>,
    }

    /// See [`super::Kind::WithdrawalNotConfirmable`].
    WithdrawalNotConfirmable {
        /// Why.
        reason: LocalText,
    }
}
