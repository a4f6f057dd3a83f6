//! Acts about incidents: events as their sources tell them, without a legal label.

use super::member::acts;
use super::text::Account;
use crate::local_text::LocalText;

acts! {
    /// See [`super::Kind::IncidentReported`].
    IncidentReported {
        /// What it is called.
        title: LocalText,
        /// The first account.
        account: Account,
    }

    /// See [`super::Kind::IncidentSourceAdded`].
    IncidentSourceAdded {
        /// Another account; figures stand beside each other and are never averaged.
        account: Account,
    }
}
