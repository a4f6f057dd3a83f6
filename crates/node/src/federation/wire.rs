//! Messages as JSON, one object a message.
//!
//! Hashes and bytes are base64, checkpoints the text of their notes. Unknown members, unknown
//! types and anything above [`MESSAGE_BYTES_MAX`] are refused.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::hash::Hash;
use serde::{Deserialize, Serialize};

use super::limits::BLOB_BYTES_MAX;
use super::message::{Answer, Ask, Known, Message, Notice, Refused};

/// Longest message read: the largest blob in base64, and room for the rest.
pub const MESSAGE_BYTES_MAX: usize = (BLOB_BYTES_MAX as usize) / 3 * 4 + (1 << 20);
/// Most items of one list in a message; an answer's entries are the longest.
const ITEMS_MAX: usize = super::limits::CHUNK_ENTRIES_MAX as usize;

/// A message cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Above [`MESSAGE_BYTES_MAX`].
    #[error("the message has {bytes} bytes; at most {MESSAGE_BYTES_MAX} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not a message of this protocol.
    #[error("the message is malformed: {reason}")]
    Form {
        /// What the parser said.
        reason: String,
    },
    /// A member is not what its name says.
    #[error("the member `{member}` is malformed")]
    Member {
        /// Its name.
        member: &'static str,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Wire {
    GetHeads {
        exchange: u64,
        known: Vec<WireKnown>,
        wait: bool,
    },
    GetEntries {
        exchange: u64,
        origin: String,
        from: u64,
        size: u64,
        root: String,
    },
    GetKeys {
        exchange: u64,
        origin: String,
        after: u64,
    },
    GetProof {
        exchange: u64,
        origin: String,
        old: u64,
        size: u64,
        root: String,
    },
    GetBlob {
        exchange: u64,
        hash: String,
    },
    Heads {
        exchange: u64,
        heads: Vec<String>,
    },
    Entries {
        exchange: u64,
        entries: Vec<String>,
        proof: Vec<String>,
    },
    Keys {
        exchange: u64,
        events: Vec<(u64, String)>,
    },
    Proof {
        exchange: u64,
        root: String,
        proof: Vec<String>,
    },
    Blob {
        exchange: u64,
        bytes: String,
    },
    Throttled {
        exchange: u64,
    },
    NotHeld {
        exchange: u64,
    },
    Cosignature {
        origin: String,
        size: u64,
        line: String,
    },
    Fork {
        proof: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireKnown {
    origin: String,
    size: u64,
    root: String,
    cosigners: Vec<u32>,
    contested: bool,
}

impl Message {
    /// Returns the JSON of the message.
    pub fn to_bytes(&self) -> Vec<u8> {
        // These types have no map with odd keys and no float: nothing that JSON cannot say.
        serde_json::to_vec(&to_wire(self)).unwrap_or_default()
    }

    /// Reads a message; nothing in it is believed by that.
    ///
    /// # Errors
    ///
    /// [`WireError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > MESSAGE_BYTES_MAX {
            let bytes = bytes.len();
            return Err(WireError::TooLong { bytes });
        }
        let wire: Wire = serde_json::from_slice(bytes).map_err(|error| WireError::Form {
            reason: error.to_string(),
        })?;
        from_wire(wire)
    }
}

fn to_wire(message: &Message) -> Wire {
    match message.clone() {
        Message::Ask { exchange, ask } => ask_to_wire(exchange, ask),
        Message::Answer { exchange, answer } => answer_to_wire(exchange, answer),
        Message::Notice(Notice::Cosignature { origin, size, line }) => Wire::Cosignature {
            origin: origin.to_string(),
            size,
            line,
        },
        Message::Notice(Notice::Fork(proof)) => Wire::Fork {
            proof: STANDARD.encode(proof),
        },
    }
}

fn ask_to_wire(exchange: u64, ask: Ask) -> Wire {
    match ask {
        Ask::Heads { known, wait } => Wire::GetHeads {
            exchange,
            known: known.into_iter().map(WireKnown::from).collect(),
            wait,
        },
        Ask::Entries {
            origin,
            from,
            size,
            root,
        } => Wire::GetEntries {
            exchange,
            origin: origin.to_string(),
            from,
            size,
            root: root.to_base64(),
        },
        Ask::Keys { origin, after } => Wire::GetKeys {
            exchange,
            origin: origin.to_string(),
            after,
        },
        Ask::Proof {
            origin,
            old,
            size,
            root,
        } => Wire::GetProof {
            exchange,
            origin: origin.to_string(),
            old,
            size,
            root: root.to_base64(),
        },
        Ask::Blob { hash } => Wire::GetBlob {
            exchange,
            hash: hash.to_base64(),
        },
    }
}

fn answer_to_wire(exchange: u64, answer: Answer) -> Wire {
    let hashes = |proof: Vec<Hash>| proof.iter().map(Hash::to_base64).collect();
    match answer {
        Answer::Heads(heads) => Wire::Heads {
            exchange,
            heads: heads
                .iter()
                .map(|head| String::from_utf8_lossy(&head.note().to_bytes()).into_owned())
                .collect(),
        },
        Answer::Entries { entries, proof } => Wire::Entries {
            exchange,
            entries: entries.iter().map(|entry| STANDARD.encode(entry)).collect(),
            proof: hashes(proof),
        },
        Answer::Keys(events) => Wire::Keys {
            exchange,
            events: events
                .into_iter()
                .map(|(index, entry)| (index, STANDARD.encode(entry)))
                .collect(),
        },
        Answer::Proof { root, proof } => Wire::Proof {
            exchange,
            root: root.to_base64(),
            proof: hashes(proof),
        },
        Answer::Blob(bytes) => Wire::Blob {
            exchange,
            bytes: STANDARD.encode(bytes),
        },
        Answer::Refused(Refused::Throttled) => Wire::Throttled { exchange },
        Answer::Refused(Refused::NotHeld) => Wire::NotHeld { exchange },
    }
}

impl From<Known> for WireKnown {
    fn from(known: Known) -> Self {
        Self {
            origin: known.origin.to_string(),
            size: known.size,
            root: known.root.to_base64(),
            cosigners: known
                .cosigners
                .into_iter()
                .map(u32::from_be_bytes)
                .collect(),
            contested: known.contested,
        }
    }
}

fn from_wire(wire: Wire) -> Result<Message, WireError> {
    let ask = |exchange, ask| Ok(Message::Ask { exchange, ask });
    let answer = |exchange, answer| Ok(Message::Answer { exchange, answer });
    match wire {
        Wire::GetHeads {
            exchange,
            known,
            wait,
        } => {
            let known = list("known", known, known_from_wire)?;
            ask(exchange, Ask::Heads { known, wait })
        }
        Wire::GetEntries {
            exchange,
            origin,
            from,
            size,
            root,
        } => {
            let (origin, root) = (name(origin)?, hash(&root)?);
            let entries = Ask::Entries {
                origin,
                from,
                size,
                root,
            };
            ask(exchange, entries)
        }
        Wire::GetKeys {
            exchange,
            origin,
            after,
        } => {
            let origin = name(origin)?;
            ask(exchange, Ask::Keys { origin, after })
        }
        Wire::GetProof {
            exchange,
            origin,
            old,
            size,
            root,
        } => {
            let (origin, root) = (name(origin)?, hash(&root)?);
            let proof = Ask::Proof {
                origin,
                old,
                size,
                root,
            };
            ask(exchange, proof)
        }
        Wire::GetBlob { exchange, hash: of } => ask(exchange, Ask::Blob { hash: hash(&of)? }),
        Wire::Heads { exchange, heads } => {
            let head = |text: String| SignedCheckpoint::parse(text.as_bytes()).ok();
            answer(exchange, Answer::Heads(list("heads", heads, head)?))
        }
        Wire::Entries {
            exchange,
            entries,
            proof,
        } => {
            let entries = list("entries", entries, |entry| STANDARD.decode(entry).ok())?;
            let proof = hashes(proof)?;
            answer(exchange, Answer::Entries { entries, proof })
        }
        Wire::Keys { exchange, events } => {
            let event = |(index, entry): (u64, String)| Some((index, STANDARD.decode(entry).ok()?));
            answer(exchange, Answer::Keys(list("events", events, event)?))
        }
        Wire::Proof {
            exchange,
            root,
            proof,
        } => {
            let (root, proof) = (hash(&root)?, hashes(proof)?);
            answer(exchange, Answer::Proof { root, proof })
        }
        Wire::Blob { exchange, bytes } => answer(exchange, Answer::Blob(binary("bytes", &bytes)?)),
        Wire::Throttled { exchange } => answer(exchange, Answer::Refused(Refused::Throttled)),
        Wire::NotHeld { exchange } => answer(exchange, Answer::Refused(Refused::NotHeld)),
        Wire::Cosignature { origin, size, line } => {
            let origin = name(origin)?;
            let notice = Notice::Cosignature { origin, size, line };
            Ok(Message::Notice(notice))
        }
        Wire::Fork { proof } => Ok(Message::Notice(Notice::Fork(binary("proof", &proof)?))),
    }
}

fn known_from_wire(known: WireKnown) -> Option<Known> {
    Some(Known {
        origin: name(known.origin).ok()?,
        size: known.size,
        root: Hash::from_base64(&known.root)?,
        cosigners: known.cosigners.into_iter().map(u32::to_be_bytes).collect(),
        contested: known.contested,
    })
}

fn list<T, U>(
    member: &'static str,
    items: Vec<T>,
    read: impl Fn(T) -> Option<U>,
) -> Result<Vec<U>, WireError> {
    if items.len() > ITEMS_MAX {
        return Err(WireError::Member { member });
    }
    let items: Option<Vec<U>> = items.into_iter().map(read).collect();
    items.ok_or(WireError::Member { member })
}

fn hashes(proof: Vec<String>) -> Result<Vec<Hash>, WireError> {
    list("proof", proof, |hash| Hash::from_base64(&hash))
}

fn hash(text: &str) -> Result<Hash, WireError> {
    Hash::from_base64(text).ok_or(WireError::Member { member: "hash" })
}

fn binary(member: &'static str, text: &str) -> Result<Vec<u8>, WireError> {
    STANDARD
        .decode(text)
        .map_err(|_| WireError::Member { member })
}

fn name(origin: String) -> Result<Arc<str>, WireError> {
    let right = !origin.is_empty() && origin.len() <= detente_ledger::checkpoint::ORIGIN_BYTES_MAX;
    right
        .then(|| Arc::from(origin))
        .ok_or(WireError::Member { member: "origin" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_round_trips_and_nonsense_is_refused() {
        let origin: Arc<str> = Arc::from("alpha.example");
        let root = Hash::of(b"root");
        let known = Known {
            origin: origin.clone(),
            size: 7,
            root,
            cosigners: vec![[1, 2, 3, 4]],
            contested: false,
        };
        let asks = [
            Ask::Heads {
                known: vec![known],
                wait: true,
            },
            Ask::Entries {
                origin: origin.clone(),
                from: 1,
                size: 7,
                root,
            },
            Ask::Keys {
                origin: origin.clone(),
                after: 0,
            },
            Ask::Proof {
                origin: origin.clone(),
                old: 3,
                size: 7,
                root,
            },
            Ask::Blob { hash: root },
        ];
        let answers = [
            Answer::Heads(Vec::new()),
            Answer::Entries {
                entries: vec![b"entry".to_vec()],
                proof: vec![root],
            },
            Answer::Keys(vec![(4, b"event".to_vec())]),
            Answer::Proof {
                root,
                proof: Vec::new(),
            },
            Answer::Blob(vec![0, 255]),
            Answer::Refused(Refused::Throttled),
            Answer::Refused(Refused::NotHeld),
        ];
        let line = "\u{2014} bravo.example AAAA\n".to_owned();
        let notices = [
            Notice::Cosignature {
                origin,
                size: 7,
                line,
            },
            Notice::Fork(b"proof".to_vec()),
        ];
        let asks = asks.map(|ask| Message::Ask { exchange: 9, ask });
        let answers = answers.map(|answer| Message::Answer {
            exchange: u64::MAX,
            answer,
        });
        let notices = notices.map(Message::Notice);
        for message in asks.into_iter().chain(answers).chain(notices) {
            let bytes = message.to_bytes();
            assert_eq!(Message::parse(&bytes), Ok(message));
            let bent = [&bytes[..bytes.len() - 1], b",\"more\":1}"].concat();
            assert!(Message::parse(&bent).is_err());
        }
        assert!(Message::parse(b"{\"type\":\"fork\",\"proof\":\"*\"}").is_err());
        assert!(Message::parse(&vec![b' '; MESSAGE_BYTES_MAX + 1]).is_err());
    }
}
