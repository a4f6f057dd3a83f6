//! Acts about the text of an agreement: tabling, meetings, signing, Day D, readings.

use detente_spacetime::Instant;

use super::member::{AtLeastOne, acts, parts, words};
use super::text::{Blob, Digest, Evidence};
use crate::local_text::LocalText;
use crate::names::{
    ArticleId, ConcernId, GroupId, HolderId, LanguageTag, OfficeName, PersonName, PreconditionId,
    RecordId,
};

words! {
    /// How the text in one language stands to the others.
    Equivalence: "state of a translation" {
        /// The language it was negotiated in.
        Original = "original",
        /// Found to say the same.
        Equivalent = "equivalent",
        /// Not compared yet.
        Unchecked = "unchecked",
        /// Found to differ; the stricter reading counts.
        Differs = "differs",
    }

    /// Who may know a document.
    Publicity: "state of publication" {
        /// Nobody beyond those named in it.
        Secret = "secret",
        /// The participants and whom they choose.
        PartiesOnly = "parties_only",
        /// Everybody.
        Published = "published",
    }

    /// A group's answer to the terms.
    AccessionStatus: "status of an accession" {
        /// It was asked and has not answered.
        Pending = "pending",
        /// It accepts.
        Accepted = "accepted",
        /// It declines.
        Declined = "declined",
        /// It no longer accepts.
        Withdrawn = "withdrawn",
    }
}

parts! {
    /// The text in one language.
    pub Translation {
        /// The language.
        language: LanguageTag,
        /// How it stands to the others.
        equivalence: Equivalence,
    }

    /// Somebody at a meeting.
    pub Attendee {
        /// For whom.
        holder: HolderId,
        /// From which office.
        office: OfficeName,
        /// Who, if that is to be on record.
        person: Option<PersonName>,
    }

    /// A decision of a meeting.
    pub Decision {
        /// What was decided.
        text: LocalText,
        /// The articles it is about.
        articles: Vec<ArticleId>,
        /// The concerns it is about.
        concerns: Vec<ConcernId>,
    }
}

acts! {
    /// See [`super::Kind::AgreementTabled`].
    AgreementTabled {
        /// The dossier: a canonical bundle of its files.
        dossier: Blob,
        /// The languages of the text.
        translations: Vec<Translation>,
        /// The text it is to take the place of.
        supersedes: Option<RecordId>,
        /// Words to go with it.
        note: Option<LocalText>,
    }

    /// See [`super::Kind::TechnicalReviewOpened`].
    TechnicalReviewOpened {}

    /// See [`super::Kind::AgreementInitialled`].
    AgreementInitialled {
        /// Hash of the dossier initialled.
        sha256: Digest,
    }

    /// See [`super::Kind::AgreementAdopted`].
    AgreementAdopted {
        /// Hash of the dossier adopted.
        sha256: Digest,
    }

    /// See [`super::Kind::DayDSet`].
    DayDSet {
        /// Day D.
        at: Instant,
    }

    /// See [`super::Kind::PreconditionReported`].
    PreconditionReported {
        /// The precondition.
        precondition: PreconditionId,
        /// Whether it holds.
        holds: bool,
        /// Since when, where that counts.
        since: Option<Instant>,
        /// What shows it.
        evidence: Vec<Evidence>,
        /// Words about it.
        note: Option<LocalText>,
    }

    /// See [`super::Kind::RenewalAgreed`].
    RenewalAgreed {
        /// The new end.
        until: Instant,
    }

    /// See [`super::Kind::MeetingCalled`].
    MeetingCalled {
        /// When.
        at: Instant,
        /// Where.
        place: Option<LocalText>,
        /// What is to be talked about.
        agenda: AtLeastOne<LocalText>,
    }

    /// See [`super::Kind::MeetingHeld`].
    MeetingHeld {
        /// When.
        at: Instant,
        /// Who came.
        attendance: AtLeastOne<Attendee>,
        /// What was talked about.
        agenda: Vec<LocalText>,
        /// What was decided.
        decisions: Vec<Decision>,
    }

    /// See [`super::Kind::InterpretationRecorded`]; its subject is the article.
    InterpretationRecorded {
        /// The reading.
        reading: LocalText,
    }

    /// See [`super::Kind::InterpretationSettled`]; its subject is the article.
    InterpretationSettled {
        /// The common reading.
        reading: LocalText,
    }

    /// See [`super::Kind::PublicationStated`]; its subject is the document.
    PublicationStated {
        /// The part that is meant; none for the whole.
        part: Option<LocalText>,
        /// Who may know it.
        publicity: Publicity,
        /// Who published it, where that is known.
        by: Option<OfficeName>,
        /// When.
        at: Option<Instant>,
        /// The very bytes published, kept beside the ledger; whoever states this vouches for them.
        content: Option<Blob>,
    }

    /// See [`super::Kind::AccessionRecorded`].
    AccessionRecorded {
        /// The group.
        group: GroupId,
        /// The participant through which it answers.
        channel: HolderId,
        /// Its answer.
        status: AccessionStatus,
        /// By when it had to answer.
        deadline: Option<Instant>,
    }
}
