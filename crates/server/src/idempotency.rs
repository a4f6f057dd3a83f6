//! Requests that may be sent twice and are done once.
//!
//! A client that got no answer sends its request again with the same `Idempotency-Key`; whoever
//! sends another request with that key is told so. Kept in memory: after a restart the workflows
//! themselves refuse what was already done.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use bytes::Bytes;
use detente_ledger::hash::Hash;

/// The header.
pub const HEADER: &str = "idempotency-key";
/// Longest key.
pub const KEY_BYTES_MAX: usize = 128;
/// How long an answer is kept, in seconds: longer than any client tries.
pub const KEPT_S: u64 = 24 * 3_600;
/// Answers kept: at some kilobytes each a bounded memory.
pub const KEPT_MAX: usize = 10_000;

/// What was already answered.
#[derive(Debug, Default)]
pub struct Answered(Mutex<BTreeMap<(String, String), Kept>>);

#[derive(Clone, Debug)]
struct Kept {
    request: Hash,
    at_s: u64,
    answer: Option<(StatusCode, Bytes)>,
}

/// What to do with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Do it, then [`Answered::keep`] the answer.
    First,
    /// It was done: answer this.
    Again(StatusCode, Bytes),
    /// The first one is still being done.
    UnderWay,
    /// The key belongs to another request.
    Other,
}

impl Answered {
    /// Looks a request up and reserves its key.
    pub fn begin(&self, user: &str, key: &str, request: Hash, now_s: u64) -> Turn {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, kept| kept.at_s.saturating_add(KEPT_S) > now_s);
        }
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, kept| kept.answer.is_none());
        }
        let key = (user.to_owned(), key.to_owned());
        match kept.get(&key) {
            Some(known) if known.request != request => Turn::Other,
            Some(Kept {
                answer: Some((status, body)),
                ..
            }) => Turn::Again(*status, body.clone()),
            Some(_) => Turn::UnderWay,
            None => {
                let reserved = Kept {
                    request,
                    at_s: now_s,
                    answer: None,
                };
                kept.insert(key, reserved);
                Turn::First
            }
        }
    }

    /// Gives a key back that was reserved and never answered: its request was given up on the way.
    pub fn release(&self, user: &str, key: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (user.to_owned(), key.to_owned());
        if kept.get(&key).is_some_and(|kept| kept.answer.is_none()) {
            kept.remove(&key);
        }
    }

    /// Keeps an answer; one that says "not now" is forgotten, so that the client may try again.
    pub fn keep(&self, user: &str, key: &str, status: StatusCode, body: Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (user.to_owned(), key.to_owned());
        if status.is_server_error() {
            kept.remove(&key);
        } else if let Some(reserved) = kept.get_mut(&key) {
            reserved.answer = Some((status, body));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_done_once_and_answered_as_often_as_asked() {
        let answered = Answered::default();
        let request = Hash::of(b"request");
        assert_eq!(answered.begin("alice", "k", request, 0), Turn::First);
        assert_eq!(answered.begin("alice", "k", request, 0), Turn::UnderWay);
        assert_eq!(answered.begin("bob", "k", request, 0), Turn::First);
        let body = Bytes::from_static(b"{}");
        answered.keep("alice", "k", StatusCode::CREATED, body.clone());
        assert_eq!(
            answered.begin("alice", "k", request, 1),
            Turn::Again(StatusCode::CREATED, body)
        );
        assert_eq!(
            answered.begin("alice", "k", Hash::of(b"other"), 1),
            Turn::Other
        );
        answered.keep("bob", "k", StatusCode::SERVICE_UNAVAILABLE, Bytes::new());
        assert_eq!(answered.begin("bob", "k", request, 2), Turn::First);
        // Given up on the way it may be tried again; what was answered stays answered.
        answered.release("bob", "k");
        assert_eq!(answered.begin("bob", "k", request, 2), Turn::First);
        answered.release("alice", "k");
        assert_ne!(answered.begin("alice", "k", request, 2), Turn::First);
    }
}
