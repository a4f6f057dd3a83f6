//! Acts of the liaison line: calls with read-back, the watch, the state of the line.

use detente_spacetime::Instant;

use super::member::{acts, words};
use super::text::{StatedPosition, Verbatim};
use crate::local_text::LocalText;
use crate::names::{ChannelName, HolderId, LanguageTag, OfficeName, PersonName, RecordId};

words! {
    /// How urgent a call is.
    CallPriority: "priority of a call" {
        /// Something is to be stopped at once.
        Stop = "stop",
        /// Lives may depend on it.
        Flash = "flash",
        /// It can wait its turn.
        Routine = "routine",
    }

    /// How a line is.
    LineState: "state of a line" {
        /// Manned.
        Open = "open",
        /// Declared suspended.
        Suspended = "suspended",
        /// Out of order.
        OutOfOrder = "out_of_order",
    }
}

acts! {
    /// See [`super::Kind::CallRung`].
    CallRung {
        /// The line.
        line: ChannelName,
        /// Whom the call is for.
        to: HolderId,
        /// The first ring, if that was before the entry.
        at: Option<Instant>,
    }

    /// See [`super::Kind::CallUnanswered`].
    CallUnanswered {}

    /// See [`super::Kind::CallAnswered`].
    CallAnswered {
        /// The office on watch; never one person alone.
        office: OfficeName,
    }

    /// See [`super::Kind::PriorityDeclared`].
    PriorityDeclared {
        /// How urgent.
        priority: CallPriority,
    }

    /// See [`super::Kind::ContentTaken`].
    ContentTaken {
        /// The message, word for word.
        text: Verbatim,
        /// In which language.
        language: Option<LanguageTag>,
        /// The position it gives.
        position: Option<StatedPosition>,
        /// The operation or other matter it is about.
        about: Option<RecordId>,
    }

    /// See [`super::Kind::ReadBack`].
    ReadBack {
        /// The message as understood.
        text: Verbatim,
        /// The position as understood.
        position: Option<StatedPosition>,
        /// How far that is from the position meant by the caller, in metres.
        distance_m: Option<f64>,
    }

    /// See [`super::Kind::ReadBackConfirmed`].
    ReadBackConfirmed {}

    /// See [`super::Kind::ReadBackRefused`].
    ReadBackRefused {
        /// What is wrong with it.
        reason: LocalText,
        /// The position meant.
        position: Option<StatedPosition>,
    }

    /// See [`super::Kind::PassedOn`].
    PassedOn {
        /// Who can act on it.
        to: OfficeName,
    }

    /// See [`super::Kind::ActionConfirmed`].
    ActionConfirmed {
        /// What was done.
        text: LocalText,
    }

    /// See [`super::Kind::CallClosed`].
    CallClosed {
        /// Words to go with it.
        note: Option<LocalText>,
    }

    /// See [`super::Kind::CallEscalated`].
    CallEscalated {
        /// The alternate.
        to: OfficeName,
    }

    /// See [`super::Kind::LineStateDeclared`]; its subject is the line.
    LineStateDeclared {
        /// How the line is declared to be; how it is used shows by itself.
        state: LineState,
        /// Why.
        reason: Option<LocalText>,
    }

    /// See [`super::Kind::CallMessage`].
    CallMessage {
        /// What is written.
        text: LocalText,
    }

    /// See [`super::Kind::WatchTaken`]; its subject is the line.
    WatchTaken {
        /// The office on watch.
        office: OfficeName,
        /// Who has it, if that is to be on record.
        person: Option<PersonName>,
        /// Who is called when nobody answers.
        alternate: Option<OfficeName>,
        /// Until when.
        until: Instant,
    }
}
