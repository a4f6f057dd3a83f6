//! The words of an act on record, read from its entry when somebody asks for them.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use detente_ledger::entry::SignedEntry;
use detente_records::RecordId;
use detente_records::act::node::Heartbeat;
use detente_records::act::{Act, Kind, Role};

use super::said::Said;
use super::shared::read_act;

/// An act on record: as many bytes as its entry, until somebody looks at what it says.
///
/// Most of what a long ledger holds nobody looks at again, and what an act says takes ten times the room of its bytes.
#[derive(Clone)]
pub struct Words {
    kind: Kind,
    subject: RecordId,
    /// The ledger and the bytes it is read from; `None` where it was never written.
    entry: Option<(Arc<str>, Arc<[u8]>)>,
    act: OnceLock<Arc<Act>>,
}

impl Words {
    /// The words of an act that is being folded.
    pub(super) fn of(said: &Said<'_>) -> Self {
        let entry = said.bytes.map(|bytes| (said.origin.clone(), bytes.clone()));
        let act = match entry {
            Some(_) => OnceLock::new(),
            None => OnceLock::from(said.shared.clone()),
        };
        Self {
            kind: said.act.kind(),
            subject: said.act.subject().clone(),
            entry,
            act,
        }
    }

    /// The words of an act whose entry was read before.
    pub(super) fn on_record(
        kind: Kind,
        subject: RecordId,
        origin: Arc<str>,
        bytes: Arc<[u8]>,
    ) -> Self {
        Self {
            kind,
            subject,
            entry: Some((origin, bytes)),
            act: OnceLock::new(),
        }
    }

    /// Returns whether they are in a ledger.
    pub(super) fn is_on_record(&self) -> bool {
        self.entry.is_some()
    }

    /// Returns the kind, without looking at the rest.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns what the act is about, without looking at the rest.
    pub fn subject(&self) -> &RecordId {
        &self.subject
    }

    /// Reads them again. They were read before, and reading depends on nothing but the bytes.
    fn read(&self) -> Option<Act> {
        let (origin, bytes) = self.entry.as_ref()?;
        let entry = SignedEntry::parse(bytes).ok()?.into_entry();
        read_act(origin, &entry.kind, &entry.body).ok()
    }
}

impl Deref for Words {
    type Target = Act;

    fn deref(&self) -> &Act {
        self.act.get_or_init(|| {
            let nothing = || {
                Act::Heartbeat(Heartbeat {
                    subject: self.subject.clone(),
                    role: Role::System,
                    founding: None,
                })
            };
            Arc::new(self.read().unwrap_or_else(nothing))
        })
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Words")
            .field(&self.kind)
            .field(&self.subject)
            .finish()
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
