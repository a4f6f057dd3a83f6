//! Wishes that may be put twice and are fulfilled once, whatever happens in between.
//!
//! Whoever got no answer puts its wish again under the same key. The entry that fulfils a wish
//! carries a mark made from that key in its salt, so that the mark is durable exactly when the
//! entry is: after a crash, or at another server that took over, the same wish finds the entry it
//! already has. Marks are made with a secret, and mean nothing to anybody else.

use std::collections::{BTreeMap, VecDeque};

use detente_ledger::hash::Hash;

use super::{Accepted, Node, Refusal, Shared};

/// Marks remembered: at a few hundred wishes a second, longer than any client tries again.
pub const WISHES_KEPT_MAX: usize = 100_000;
/// Bytes of chance at the front of a salt.
const CHANCE_BYTES: usize = 16;
/// Bytes of each mark behind them: nobody finds two keys with one mark by chance.
const MARK_BYTES: usize = 16;

type Mark = [u8; MARK_BYTES];

/// A wish that may be put twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// Names the wish, among those of its author.
    pub key: String,
    /// Hash of all that was wished: another wish under the same key is refused.
    pub wish: Hash,
}

/// The marks of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    key: Mark,
    wish: Mark,
}

/// The wishes of this ledger that carry a mark.
#[derive(Clone, Debug, Default)]
pub(super) struct Wishes {
    by_key: BTreeMap<Mark, (Mark, State)>,
    /// Keys in the order they were first seen.
    order: VecDeque<Mark>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// On its way to the disk, by ticket.
    Written(u64),
    /// Durable, by index.
    Recorded(u64),
}

impl Marks {
    pub(super) fn of(secret: &[u8; 32], author: &str, once: &Once) -> Self {
        let length = (author.len() as u64).to_be_bytes();
        let mark = |purpose: &[u8], rest: &[u8]| {
            let parts: [&[u8]; 5] = [purpose, secret, &length, author.as_bytes(), rest];
            let mut mark = [0; MARK_BYTES];
            mark.copy_from_slice(&Hash::of_parts(&parts).as_bytes()[..MARK_BYTES]);
            mark
        };
        Self {
            key: mark(b"detente/once/key/v1", once.key.as_bytes()),
            wish: mark(b"detente/once/wish/v1", once.wish.as_bytes()),
        }
    }

    /// Reads the marks of an own entry from its salt.
    fn read(salt: &[u8]) -> Option<Self> {
        let marks = salt.get(CHANCE_BYTES..)?;
        let (key, wish) = marks.split_at_checked(MARK_BYTES)?;
        Some(Self {
            key: key.try_into().ok()?,
            wish: wish.try_into().ok()?,
        })
    }
}

/// Makes the salt of an entry: chance, and the marks of its wish.
pub(super) fn salt(chance: [u8; CHANCE_BYTES], marks: Option<Marks>) -> Vec<u8> {
    let mut salt = chance.to_vec();
    if let Some(marks) = marks {
        salt.extend(marks.key);
        salt.extend(marks.wish);
    }
    salt
}

/// A wish whose entry is durable, as it is kept between two runs.
#[derive(Clone, Debug)]
pub(super) struct Recalled {
    key: Mark,
    wish: Mark,
    index: u64,
}

crate::kept::kept! {
    Recalled { key, wish, index }
}

impl Wishes {
    /// Returns the wishes of entries before `size`, in the order they were first seen.
    pub(super) fn recalled(&self, size: u64) -> Vec<Recalled> {
        let recalled = self.order.iter().filter_map(|key| {
            let (wish, state) = self.by_key.get(key)?;
            match *state {
                State::Recorded(index) if index < size => Some(Recalled {
                    key: *key,
                    wish: *wish,
                    index,
                }),
                _ => None,
            }
        });
        recalled.collect()
    }

    /// Returns the wishes that were kept.
    pub(super) fn recall(recalled: Vec<Recalled>) -> Self {
        let mut wishes = Self::default();
        for Recalled { key, wish, index } in recalled {
            wishes.put(Marks { key, wish }, State::Recorded(index));
        }
        wishes
    }

    /// Notes that an entry with these marks was handed to the disk.
    pub(super) fn written(&mut self, marks: Marks, ticket: u64) {
        self.put(marks, State::Written(ticket));
    }

    /// Notes an own entry, by its salt.
    pub(super) fn recorded(&mut self, salt: &[u8], index: u64) {
        if let Some(marks) = Marks::read(salt) {
            self.put(marks, State::Recorded(index));
        }
    }

    /// Forgets what was handed to the disk from a ticket on and is not durable.
    pub(super) fn failed(&mut self, from: u64) {
        self.by_key
            .retain(|_, (_, state)| !matches!(state, State::Written(ticket) if *ticket >= from));
        let by_key = &self.by_key;
        self.order.retain(|key| by_key.contains_key(key));
    }

    fn put(&mut self, marks: Marks, state: State) {
        if self.by_key.insert(marks.key, (marks.wish, state)).is_none() {
            self.order.push_back(marks.key);
        }
        while self.order.len() > WISHES_KEPT_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.by_key.remove(&oldest);
            }
        }
    }
}

/// What a command is answered.
type Answer<P> =
    Result<Accepted<<P as crate::history::Fold>::Outcome>, Refusal<<P as Shared>::Refusal>>;

impl<P: Shared> Node<P> {
    /// Returns the answer to a wish of this author that was put before; `None` for a new one.
    pub fn answer_to(&self, author: &str, once: &Once) -> Option<Answer<P>> {
        let former = self.former_salt_seeds.iter().rev();
        std::iter::once(&self.salt_seed)
            .chain(former)
            .find_map(|secret| self.answered(Marks::of(secret, author, once)))
    }

    fn answered(&self, marks: Marks) -> Option<Answer<P>> {
        let (wish, state) = self.wishes.by_key.get(&marks.key)?;
        if *wish != marks.wish {
            return Some(Err(Refusal::KeyReused));
        }
        let State::Recorded(index) = *state else {
            return Some(Err(Refusal::UnderWay));
        };
        let position = self.history.position(&self.own, index);
        let outcome = position.and_then(|position| self.history.outcome(position));
        Some(match outcome {
            Some(outcome) => Ok(Accepted {
                origin: self.own.clone(),
                index,
                outcome: outcome.clone(),
            }),
            None => Err(Refusal::UnderWay),
        })
    }
}
