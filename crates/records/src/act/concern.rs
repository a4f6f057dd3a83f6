//! Acts about concerns: formal reservations, open until they are answered.

use serde_json::Value as Json;

use super::member::{Content, Reading, acts};
use super::text::Verbatim;
use crate::concern::ConcernSeverity;
use crate::document::Located;
use crate::local_text::LocalText;
use crate::names::{ArticleId, OfficeName, PersonName};
use crate::place::Path;
use crate::table::word_of;

impl Content for ConcernSeverity {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let problems = &mut reading.problems;
        let what = "severity of a concern";
        word_of(value, path, "unknown_severity", what, &Self::ALL, problems)
    }

    fn written(&self) -> Option<Json> {
        Some(Json::from(self.wire_name()))
    }
}

acts! {
    /// See [`super::Kind::ConcernRaised`].
    ConcernRaised {
        /// What it is about.
        title: LocalText,
        /// The office that keeps it.
        office: OfficeName,
        /// Whether it stands in the way of signing.
        severity: ConcernSeverity,
        /// The reservation in full.
        text: LocalText,
        /// The articles it is about.
        articles: Vec<ArticleId>,
        /// What would settle it, in Cedar terms; proved or refuted by the analysis.
        property: Option<Verbatim>,
    }

    /// See [`super::Kind::ConcernAssigned`].
    ConcernAssigned {
        /// The office that is to answer.
        office: OfficeName,
    }

    /// See [`super::Kind::ConcernAnswered`].
    ConcernAnswered {
        /// The answer.
        text: LocalText,
    }

    /// See [`super::Kind::ConcernAccepted`].
    ConcernAccepted {
        /// Words to go with it.
        note: Option<LocalText>,
    }

    /// See [`super::Kind::ConcernMaintained`].
    ConcernMaintained {
        /// Why the answer does not do.
        reason: LocalText,
    }

    /// See [`super::Kind::ConcernWithdrawn`].
    ConcernWithdrawn {
        /// Why.
        reason: Option<LocalText>,
    }

    /// See [`super::Kind::OverrideNamed`].
    OverrideNamed {
        /// Who answers for it.
        name: PersonName,
        /// Why.
        reason: LocalText,
    }
}
