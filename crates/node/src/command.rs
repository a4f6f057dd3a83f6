//! A user's wish, held against the picture before anything is written.
//!
//! The same rules decide as in the fold: a command is applied to a copy of the picture as it stands now, with what the node
//! has seen. What would take effect becomes the draft of an entry; what would not is refused with the state, the rule and who
//! could act. Refusals of weight are put on record themselves.

use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::Entry;
use detente_records::act::{Act, Kind, Role};
use detente_records::workflow::Machine;
use detente_spacetime::Instant;
use serde_json::{Map, Value, json};

use crate::history::Moment;
use crate::picture::{Change, Dossier, Outcome, Picture, Recorded, Refusal, Spoken};

/// What a user of a node wants to put on record.
#[derive(Clone, Debug)]
pub struct Command {
    /// The name the user goes by in the ledger.
    pub user: String,
    /// What to say.
    pub act: Act,
    /// The dossier of a text that is tabled.
    pub dossier: Option<Arc<Dossier>>,
}

/// Where and when a command would be written, and what its node has seen.
#[derive(Clone, Debug)]
pub struct Desk<'a> {
    /// The node's own ledger.
    pub origin: &'a Arc<str>,
    /// How many entries it has.
    pub size: u64,
    /// The time the entry will state.
    pub now: Instant,
    /// What the node has seen of every ledger.
    pub awareness: &'a AwarenessKey,
}

/// An entry that would take effect, ready to be salted and written.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Its kind.
    pub kind: Kind,
    /// Its author.
    pub author: String,
    /// Its body.
    pub body: Map<String, Value>,
    /// What it would change.
    pub changes: Vec<Change>,
}

impl Picture {
    /// Returns the entry a command would make, or why it would have no effect.
    ///
    /// # Errors
    ///
    /// The [`Refusal`] of the same rule that the fold would find.
    ///
    /// # Cost
    ///
    /// A copy of the picture that shares every matter, and what applying the act costs.
    pub fn draft(&self, command: &Command, desk: &Desk<'_>) -> Result<Draft, Refusal> {
        let mut trial = self.clone();
        let holder = self.holders().get(desk.origin);
        if holder.is_none() {
            return Err(Refusal::unknown_ledger());
        }
        let body = command.act.to_body();
        let kind = command.act.kind();
        let entry = Entry {
            kind: kind.wire_name().to_owned(),
            author: command.user.clone(),
            written_at: desk.now.to_string(),
            salt: Vec::new(),
            awareness: desk.awareness.clone(),
            unit_key: None,
            body: body.clone(),
        };
        let spoken = Spoken {
            act: Ok(Arc::new(command.act.clone())),
            dossier: command.dossier.clone(),
        };
        let moment = Moment {
            at: desk.now.max(self.newest()),
            rank: 0,
        };
        let place = (desk.origin.clone(), desk.size);
        let recorded = Recorded::new(place, Arc::new(entry), spoken, moment);
        match trial.apply(&recorded) {
            Outcome::Effective(changes) => Ok(Draft {
                kind,
                author: command.user.clone(),
                body,
                changes: changes.to_vec(),
            }),
            Outcome::Ineffective(refusal) => Err(Arc::unwrap_or_clone(refusal)),
        }
    }
}

/// Whether a refused attempt is put on record: it bore on what may be flown, on whom it may strike, or on the agreement.
///
/// What only concerns the desk work of one side, such as a report or a meeting, is refused without a trace.
pub fn is_weighty(kind: Kind) -> bool {
    let machine = kind.machine().map(|machine: &Machine| machine.name);
    matches!(
        machine,
        Some(
            "operation"
                | "excepted_flight"
                | "area"
                | "pause"
                | "protected_object"
                | "movement"
                | "agreement"
                | "suspension"
                | "withdrawal"
        )
    )
}

/// Returns the body of the `attempt_refused` by which a node puts a refusal on record.
///
/// `node` is what the entry is about: the node's own name.
pub fn refused_attempt(node: &str, attempted: &str, refusal: &Refusal) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("subject".to_owned(), json!(node));
    body.insert("role".to_owned(), json!(Role::System.wire_name()));
    body.insert("attempted".to_owned(), json!(attempted));
    if let Some(about) = &refusal.subject {
        body.insert("about".to_owned(), json!(about.as_str()));
    }
    let reason = shortened(&refusal.says);
    body.insert("reasons".to_owned(), json!([reason]));
    body
}

/// Words that fit into an entry, whatever a refusal quotes.
fn shortened(words: &str) -> String {
    const CHARACTERS_MAX: usize = 1_000;
    words.chars().take(CHARACTERS_MAX).collect()
}
