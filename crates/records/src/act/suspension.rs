//! Acts of suspension, resumption and withdrawal.

use detente_spacetime::Instant;
use serde_json::{Value as Json, json};

use super::member::{Content, Reading, acts, member, refuse_unknown};
use crate::document::{Located, Value};
use crate::local_text::LocalText;
use crate::names::{AreaId, ArticleId, ChannelName};
use crate::place::{Path, Place};
use crate::table::Table;

/// What is suspended; protected objects, movements, the liaison line and the ledger never are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One channel of the cooperation.
    Channel(ChannelName),
    /// One article.
    Article(ArticleId),
    /// One area.
    Area(AreaId),
    /// Everything but the safety floor.
    All,
}

impl Content for Scope {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if value.value == Value::Text("all".into()) {
            return Some(Self::All);
        }
        let mut table = Table::of(value, path, &mut reading.problems)?;
        let channel: Option<ChannelName> = member(&mut table, "channel", reading)?;
        let article: Option<ArticleId> = member(&mut table, "article", reading)?;
        let area: Option<AreaId> = member(&mut table, "area", reading)?;
        refuse_unknown(&table, &mut reading.problems);
        match (channel, article, area) {
            (Some(channel), None, None) => Some(Self::Channel(channel)),
            (None, Some(article), None) => Some(Self::Article(article)),
            (None, None, Some(area)) => Some(Self::Area(area)),
            _ => {
                reading
                    .problems
                    .error(
                        "invalid_scope",
                        Place::new(path, 0..0),
                        "the scope names not exactly one thing",
                    )
                    .help("write one of `channel`, `article`, `area`, or \"all\" for everything");
                None
            }
        }
    }

    fn written(&self) -> Option<Json> {
        Some(match self {
            Self::Channel(channel) => json!({ "channel": channel.as_str() }),
            Self::Article(article) => json!({ "article": article.as_str() }),
            Self::Area(area) => json!({ "area": area.as_str() }),
            Self::All => json!("all"),
        })
    }
}

acts! {
    /// See [`super::Kind::SuspensionNotified`].
    SuspensionNotified {
        /// What is suspended.
        scope: Scope,
        /// From when.
        at: Instant,
        /// Why.
        reason: LocalText,
    }

    /// See [`super::Kind::ResumptionProposed`].
    ResumptionProposed {
        /// From when.
        at: Instant,
        /// On which terms.
        terms: Option<LocalText>,
    }

    /// See [`super::Kind::ResumptionAgreed`].
    ResumptionAgreed {
        /// From when.
        at: Instant,
    }

    /// See [`super::Kind::WithdrawalNotified`].
    WithdrawalNotified {
        /// When it takes effect.
        at: Instant,
        /// Why.
        reason: LocalText,
    }
}
