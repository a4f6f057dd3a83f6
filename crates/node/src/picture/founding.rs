//! What a picture starts from: who keeps which ledger, and the text in force, if one is.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::hash::Hash;
use detente_records::HolderId;
use detente_records::act::Digest;

use super::dossier::Dossier;

/// Separates this hash from every other.
const DOMAIN: &str = "detente/founding/v1";

/// What a picture starts from; the same for every holder of the agreement.
#[derive(Clone, Debug)]
pub struct Founding {
    /// Keepers of ledgers, by the origin of their ledger.
    pub holders: BTreeMap<Arc<str>, Holder>,
    /// The text in force from the beginning; without one, a text has to be tabled and adopted first.
    pub dossier: Option<Arc<Dossier>>,
}

impl Founding {
    /// Hashes it: the same for everybody who judges from the same.
    ///
    /// What is hashed is a line of text for the dossier, its SHA-256 or `none`, and one for every holder, in the order of
    /// origins: origin, id, identity and standing, with a blank between. None of them holds a blank or a line's end.
    pub fn hash(&self) -> Hash {
        let text = self
            .dossier
            .as_ref()
            .map(|text| Hash::from_bytes(text.sha256));
        let text = text.map_or_else(|| "none".to_owned(), |hash| hash.to_hex());
        let mut lines = format!("{DOMAIN}\n{text}\n");
        for (origin, holder) in &self.holders {
            let identity = Hash::from_bytes(*holder.identity.bytes()).to_hex();
            let standing = match holder.standing {
                Standing::Participant => "participant".to_owned(),
                Standing::Observer { notifier, monitor } => {
                    format!("observer/{notifier}/{monitor}")
                }
            };
            lines.push_str(&format!("{origin} {} {identity} {standing}\n", holder.id));
        }
        Hash::of(lines.as_bytes())
    }
}

/// Whoever keeps a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its id in the agreement.
    pub id: HolderId,
    /// SHA-256 of the first entry of its ledger: the key behind the id.
    pub identity: Digest,
    /// What it may do there.
    pub standing: Standing,
}

/// How somebody takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Signs and consents.
    Participant,
    /// Keeps a ledger and consents to nothing.
    Observer {
        /// Notifies protected objects and movements.
        notifier: bool,
        /// Watches whether the agreement is kept.
        monitor: bool,
    },
}
