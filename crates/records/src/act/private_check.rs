//! Acts of a private check: two participants find out whether plans of theirs come close, without showing the plans.
//!
//! What the sides say to each other is sealed for the other side alone; the acts say who, with whom, when and how far it
//! went, which everybody who holds the ledgers reads.

use detente_spacetime::Instant;

use super::member::{acts, parts, words};
use super::report::Sealed;
use super::text::Digest;
use crate::local_text::LocalText;
use crate::names::HolderId;

words! {
    /// What a side has found.
    Found: "finding" {
        /// No plans come closer than the terms say.
        Apart = "apart",
        /// Plans come close, or nearly.
        Close = "close",
    }
}

parts! {
    /// What a session is held under; the agreement's parameters and nothing else.
    pub CheckTerms {
        /// SHA-256 of the dossier of the agreement.
        agreement: Digest,
        /// Least distance on the ground that plans should keep, metres.
        separation_m: u32,
        /// Least vertical distance, metres.
        vertical_m: u32,
        /// Least time between plans, seconds.
        time_s: u32,
        /// Most cells a side may bring at one level.
        cells_max: u32,
        /// The finest level that may be entered.
        finest: u32,
    }
}

acts! {
    /// See [`super::Kind::PrivateCheckProposed`].
    PrivateCheckProposed {
        /// The other side.
        with: HolderId,
        /// What it is held under.
        terms: CheckTerms,
        /// The commitment to one's plans, sealed for the other side.
        sealed: Sealed,
        /// When the session ends, however far it has come.
        expires: Instant,
    }

    /// See [`super::Kind::PrivateCheckAnswered`].
    PrivateCheckAnswered {
        /// The commitment to one's plans, sealed for the other side.
        sealed: Sealed,
    }

    /// See [`super::Kind::PrivateCheckRefused`].
    PrivateCheckRefused {
        /// Why.
        reason: LocalText,
    }

    /// See [`super::Kind::PrivateCheckMessage`].
    PrivateCheckMessage {
        /// Which of its side's messages, from 1.
        number: u32,
        /// The message, sealed for the other side.
        sealed: Sealed,
    }

    /// See [`super::Kind::PrivateCheckConsented`].
    PrivateCheckConsented {}

    /// See [`super::Kind::PrivateCheckConcluded`].
    PrivateCheckConcluded {
        /// What its side has found.
        found: Found,
    }

    /// See [`super::Kind::PrivateCheckBrokenOff`].
    PrivateCheckBrokenOff {
        /// Why, and what is known.
        reason: LocalText,
    }
}
