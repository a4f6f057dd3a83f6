//! What the two sides send each other.
//!
//! ```text
//! kind (1)  level (1)  count (4, big-endian)  count × 32  [ count (4)  count × 32 ]
//! ```
//!
//! Kind 1 is one's own points, 2 one's own and the other's masked again, 3 the other's masked again; 4 the consent to enter the
//! finer levels and 5 the refusal to enter this one are without points. Kind 6 shows legs:
//!
//! ```text
//! 6 (1)  level (1)  leaves (4)  count (4)  [ place (4)  salt (16)  length (4)  leg  hashes (1)  path (32 each) ]…
//! ```
//!
//! There is no other form.

use detente_ledger::hash::Hash;

use super::shown::{LEGS_MAX, PATH_MAX, ShownLeg};
use super::{CELLS_MAX, LEVEL_FINEST, Leg};

/// A point of ristretto255 in its only form (RFC 9496).
pub type Point = [u8; 32];

/// Longest message, bytes: two lists of the largest size.
pub const MESSAGE_BYTES_MAX: usize = 10 + 2 * 32 * CELLS_MAX;

/// A step of the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The initiator's points of a level, masked.
    Own {
        /// The level.
        level: u8,
        /// The points.
        own: Vec<Point>,
    },
    /// The responder's points of a level, and the initiator's masked again.
    OwnAndYours {
        /// The level.
        level: u8,
        /// The responder's points.
        own: Vec<Point>,
        /// The initiator's points.
        yours: Vec<Point>,
    },
    /// The other side's points of a level, masked again.
    Yours {
        /// The level.
        level: u8,
        /// The points.
        yours: Vec<Point>,
    },
    /// This level is not entered: what is common one level coarser is the answer.
    Stop {
        /// The level.
        level: u8,
    },
    /// The legs that lie in the common cells of the finest level entered.
    Legs {
        /// The level.
        level: u8,
        /// How many leaves the tree of all legs has.
        leaves: u32,
        /// The legs, in the order of their places.
        legs: Vec<ShownLeg>,
    },
    /// Consent to learn which coarsest cells are common, and to enter the finer levels inside them.
    Consent,
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageFault {
    /// They end too early or too late, or begin with an unknown kind.
    #[error("the bytes are not in the form of a message")]
    Form,
    /// The level does not exist.
    #[error("there is no such level")]
    Level,
    /// More points than a side may have.
    #[error("the list has too many points")]
    TooMany,
}

impl Message {
    /// The message in its only form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, level, lists): (u8, u8, [Option<&[Point]>; 2]) = match self {
            Self::Own { level, own } => (1, *level, [Some(own), None]),
            Self::OwnAndYours { level, own, yours } => (2, *level, [Some(own), Some(yours)]),
            Self::Yours { level, yours } => (3, *level, [Some(yours), None]),
            Self::Consent => (4, 0, [None, None]),
            Self::Stop { level } => (5, *level, [None, None]),
            Self::Legs {
                level,
                leaves,
                legs,
            } => return legs_bytes(*level, *leaves, legs),
        };
        let mut bytes = vec![kind, level];
        for list in lists.into_iter().flatten() {
            bytes.extend(u32::try_from(list.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend(list.iter().flatten());
        }
        bytes
    }

    /// Reads a message.
    ///
    /// # Errors
    ///
    /// [`MessageFault`], for anything but the only form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageFault> {
        let ([kind, level], rest) = bytes.split_first_chunk::<2>().ok_or(MessageFault::Form)?;
        if *level > LEVEL_FINEST {
            return Err(MessageFault::Level);
        }
        let level = *level;
        let (message, rest) = match kind {
            1 => {
                let (own, rest) = list(rest)?;
                (Self::Own { level, own }, rest)
            }
            2 => {
                let (own, rest) = list(rest)?;
                let (yours, rest) = list(rest)?;
                (Self::OwnAndYours { level, own, yours }, rest)
            }
            3 => {
                let (yours, rest) = list(rest)?;
                (Self::Yours { level, yours }, rest)
            }
            4 if level == 0 => (Self::Consent, rest),
            5 if level > 0 => (Self::Stop { level }, rest),
            6 => return legs(level, rest).ok_or(MessageFault::Form),
            _ => return Err(MessageFault::Form),
        };
        if rest.is_empty() {
            Ok(message)
        } else {
            Err(MessageFault::Form)
        }
    }
}

fn list(bytes: &[u8]) -> Result<(Vec<Point>, &[u8]), MessageFault> {
    let (count, rest) = bytes.split_first_chunk::<4>().ok_or(MessageFault::Form)?;
    let count = usize::try_from(u32::from_be_bytes(*count)).unwrap_or(usize::MAX);
    if count > CELLS_MAX {
        return Err(MessageFault::TooMany);
    }
    let (points, rest) = rest
        .split_at_checked(count * 32)
        .ok_or(MessageFault::Form)?;
    let (points, _) = points.as_chunks::<32>();
    Ok((points.to_vec(), rest))
}

fn legs_bytes(level: u8, leaves: u32, legs: &[ShownLeg]) -> Vec<u8> {
    let mut bytes = vec![6, level];
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes();
    bytes.extend(leaves.to_be_bytes());
    bytes.extend(number(legs.len()));
    for shown in legs {
        let leg = shown.leg.to_bytes();
        bytes.extend(shown.place.to_be_bytes());
        bytes.extend(shown.salt);
        bytes.extend(number(leg.len()));
        bytes.extend(leg);
        bytes.push(u8::try_from(shown.path.len()).unwrap_or(u8::MAX));
        for hash in &shown.path {
            bytes.extend(hash.as_bytes());
        }
    }
    bytes
}

fn legs(level: u8, bytes: &[u8]) -> Option<Message> {
    let (leaves, bytes) = number(bytes)?;
    let (count, mut bytes) = number(bytes)?;
    let count = usize::try_from(count).ok()?;
    let mut legs: Vec<ShownLeg> = Vec::new();
    if count > LEGS_MAX {
        return None;
    }
    for _ in 0..count {
        let (place, rest) = number(bytes)?;
        let (salt, rest) = rest.split_first_chunk::<16>()?;
        let (length, rest) = number(rest)?;
        let (leg, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        let (hashes, rest) = rest.split_first()?;
        let hashes = usize::from(*hashes);
        let (path, rest) = rest.split_at_checked(hashes * 32)?;
        let is_next = legs.last().is_none_or(|last| last.place < place);
        if hashes > PATH_MAX || !is_next {
            return None;
        }
        let (path, _) = path.as_chunks::<32>();
        legs.push(ShownLeg {
            place,
            salt: *salt,
            leg: Leg::from_bytes(leg)?,
            path: path.iter().copied().map(Hash::from_bytes).collect(),
        });
        bytes = rest;
    }
    let message = Message::Legs {
        level,
        leaves,
        legs,
    };
    bytes.is_empty().then_some(message)
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*number), rest))
}
