//! After a start: is our own ledger as long as what others hold of it?
//!
//! A restored backup looks like a node that was merely stopped. Signing from it would fork the
//! ledger, so nothing is signed before peers have said what they hold. What they hold more is
//! taken back from them first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_spacetime::Instant;

use super::limits::CONFIRM_WITHIN_S;
use super::peer::is_over;
use super::{Arrived, Federation};
use crate::effect::Errand;

/// What peers said.
#[derive(Clone, Debug)]
pub(super) struct Confirmation {
    since: Instant,
    /// By peer: the checkpoint of our ledger it holds, if any.
    held: BTreeMap<Arc<str>, Option<SignedCheckpoint>>,
    /// Peers that could not be reached when they were asked.
    lost: BTreeSet<Arc<str>>,
    /// Whether an operator said that the ledger is new.
    is_new: bool,
    state: State,
    /// Own entries that only a peer still had.
    recovered: Vec<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Asking,
    /// Lost entries are on their way back into the log.
    CatchingUp,
    Done,
    /// The ledger forked: nothing is signed any more.
    Stopped,
}

impl Confirmation {
    pub(super) fn new(since: Instant) -> Self {
        Self {
            since,
            held: BTreeMap::new(),
            lost: BTreeSet::new(),
            is_new: false,
            state: State::Asking,
            recovered: Vec::new(),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    pub(super) fn stop(&mut self) {
        self.state = State::Stopped;
    }
}

impl Federation {
    /// Returns whether the node may sign.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.confirmation.is_done()
    }

    /// Notes what a peer said to hold of our ledger; a larger checkpoint becomes a target, and
    /// another root a fork, when the checkpoint itself is looked at.
    pub(super) fn note_held(&mut self, name: &Arc<str>, head: Option<SignedCheckpoint>) {
        if self.confirmation.state != State::Asking {
            return;
        }
        let Some(own) = self.mirrors.get(&self.own) else {
            return;
        };
        let ours = match &head {
            None => true,
            Some(head) => {
                let seen = head.checkpoint();
                own.is_signed(head) && own.root_at(seen.size()) == Some(seen.root())
            }
        };
        if ours {
            self.confirmation.held.insert(name.clone(), head);
        }
    }

    /// Lets the log sign once enough peers agreed.
    pub(super) fn confirm(&mut self, now: Instant) {
        if self.confirmation.state != State::Asking || self.targets.contains_key(&self.own) {
            return;
        }
        let answered = self.confirmation.held.len();
        let all = answered == self.peers.len();
        let enough = answered > 0
            && !self.limits.confirm_by_all
            && is_over(self.confirmation.since, CONFIRM_WITHIN_S, now);
        let held = &self.confirmation.held;
        let mut silent = self.peers.keys().filter(|name| !held.contains_key(*name));
        let is_new =
            self.confirmation.is_new && silent.all(|name| self.confirmation.lost.contains(name));
        if !all && !enough && !is_new {
            return;
        }
        let held = self.confirmation.held.values().flatten().cloned().collect();
        self.errands.push(Errand::Confirm { held });
        self.confirmation.state = State::Done;
        self.cosign_all(now);
    }

    /// Allows signing on an operator's word that no peer holds more than this node.
    pub(crate) fn confirm_unshared(&mut self, now: Instant) {
        if self.confirmation.state == State::Asking {
            self.confirmation.state = State::Done;
            self.errands.push(Errand::Confirm { held: Vec::new() });
            self.cosign_all(now);
            self.drive(now);
        }
    }

    /// Allows signing on an operator's word that the ledger is new, once every peer has answered or could not be
    /// reached: whoever holds more of it is believed before the operator.
    pub(crate) fn confirm_new(&mut self, now: Instant) {
        self.confirmation.is_new = true;
        self.drive(now);
    }

    /// Notes that a peer could not be asked what it holds.
    pub(super) fn note_lost(&mut self, name: &Arc<str>) {
        if self.confirmation.state == State::Asking {
            self.confirmation.lost.insert(name.clone());
        }
    }

    /// Takes verified entries of our own ledger from a peer.
    pub(super) fn recover_own(&mut self, arrived: Arrived, whole: Option<&SignedCheckpoint>) {
        self.confirmation.recovered.extend(arrived.entries);
        let Some(held) = whole else {
            return;
        };
        self.confirmation.state = State::CatchingUp;
        self.errands.push(Errand::CatchUp {
            entries: self.confirmation.recovered.clone(),
            held: held.clone(),
        });
    }

    /// Notes that the log took its lost entries back; peers are asked once more.
    pub(crate) fn on_caught_up(&mut self, now: Instant) {
        if self.confirmation.state != State::CatchingUp {
            return;
        }
        let entries = std::mem::take(&mut self.confirmation.recovered);
        if let Some(mirror) = self.mirrors.get_mut(&self.own) {
            let first_index = mirror.size() - entries.len() as u64;
            mirror.durable = mirror.size();
            self.arrived.push(Arrived {
                origin: self.own.clone(),
                first_index,
                entries,
            });
        }
        self.confirmation.held.clear();
        self.confirmation.state = State::Asking;
        self.drive(now);
    }
}
