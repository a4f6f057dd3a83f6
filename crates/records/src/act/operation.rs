//! Acts about operations, from the proposal to the answer to the close-out.

use detente_spacetime::Instant;

use super::feature::Drawn;
use super::member::{AtLeastOne, acts, parts, words};
use super::text::Harm;
use crate::local_text::LocalText;
use crate::names::{OfficeName, RecordId};
use crate::operation::Operation;

words! {
    /// How an operation was planned; a change of class is a change of the operation.
    ProcessClass: "class of process" {
        /// Planned with time to examine it.
        Deliberate = "deliberate",
        /// Planned in haste.
        Dynamic = "dynamic",
    }
}

parts! {
    /// An allegation of civilian harm linked to an operation.
    pub HarmAllegation {
        /// The incident on record, if there is one.
        incident: Option<RecordId>,
        /// What is alleged.
        text: LocalText,
        /// The casualties alleged.
        harm: Option<Harm>,
    }
}

acts! {
    /// See [`super::Kind::OperationProposed`].
    OperationProposed {
        /// Its volumes.
        features: Drawn<Operation>,
        /// The number of the version; the first is 1.
        version: u32,
        /// When the proposal is no longer open; silence until then is not consent.
        expires: Instant,
        /// How it was planned.
        process_class: ProcessClass,
        /// Words to go with it.
        note: Option<LocalText>,
    }

    /// See [`super::Kind::OperationRevised`].
    OperationRevised {
        /// Its volumes now.
        features: Drawn<Operation>,
        /// The number of the version, one more than before.
        version: u32,
        /// When the proposal is no longer open.
        expires: Instant,
        /// How it was planned.
        process_class: ProcessClass,
        /// Why it was revised.
        reason: Option<LocalText>,
    }

    /// See [`super::Kind::OperationConsented`].
    OperationConsented {
        /// The version consented to.
        version: u32,
    }

    /// See [`super::Kind::OperationConsentedWithConditions`].
    OperationConsentedWithConditions {
        /// The version meant.
        version: u32,
        /// The conditions.
        conditions: AtLeastOne<LocalText>,
    }

    /// See [`super::Kind::OperationConditionsAccepted`].
    OperationConditionsAccepted {
        /// The version meant.
        version: u32,
    }

    /// See [`super::Kind::OperationObjected`].
    OperationObjected {
        /// The version objected to.
        version: u32,
        /// Why.
        reason: LocalText,
    }

    /// See [`super::Kind::DissentNoted`].
    DissentNoted {
        /// Its id, for whoever has to see it.
        dissent: RecordId,
        /// Who disagrees.
        office: OfficeName,
        /// With what, and why.
        text: LocalText,
    }

    /// See [`super::Kind::DissentSeen`].
    DissentSeen {
        /// The dissent.
        dissent: RecordId,
    }

    /// See [`super::Kind::OperationActivated`].
    OperationActivated {
        /// The version flown.
        version: u32,
    }

    /// See [`super::Kind::NonconformanceObserved`].
    NonconformanceObserved {
        /// What was seen.
        text: LocalText,
        /// The observation on record.
        observation: Option<RecordId>,
    }

    /// See [`super::Kind::ConformanceRestored`].
    ConformanceRestored {
        /// What was seen.
        text: Option<LocalText>,
    }

    /// See [`super::Kind::ContingencyDeclared`].
    ContingencyDeclared {
        /// What happens instead.
        text: LocalText,
    }

    /// See [`super::Kind::OperationEnded`].
    OperationEnded {
        /// When.
        at: Instant,
    }

    /// See [`super::Kind::OperationClosedOut`].
    OperationClosedOut {
        /// When it really began.
        actual_start: Instant,
        /// When it really ended.
        actual_end: Instant,
        /// Where it differed from what was consented.
        deviations: Vec<LocalText>,
        /// Allegations of harm, linked.
        harm: Vec<HarmAllegation>,
    }

    /// See [`super::Kind::CloseoutAnswered`].
    CloseoutAnswered {
        /// Whether the account is shared.
        agrees: bool,
        /// The statement.
        text: LocalText,
    }

    /// See [`super::Kind::OperationCancelled`].
    OperationCancelled {
        /// Why.
        reason: Option<LocalText>,
    }

    /// See [`super::Kind::OperationStopped`].
    OperationStopped {
        /// Why; it may follow in another act.
        reason: Option<LocalText>,
        /// The call over which the stop came.
        call: Option<RecordId>,
    }
}
