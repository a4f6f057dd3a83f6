//! Messages between this node and its peers: questions go out, answers find who waits for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use detente_ledger::hash::Hash;
use detente_node::federation::{Answer, Message};
use tokio::sync::{mpsc, oneshot};

/// Messages waiting to be sent to one peer; beyond it new ones are dropped, as a network would:
/// every question is asked again.
const UNSENT_MAX: usize = 1_024;
/// Questions of one peer that wait for an answer; an older one gives way.
const UNANSWERED_MAX: usize = 256;

/// Where answers are put for the requests that wait for them.
#[derive(Clone, Debug, Default)]
pub struct Outbox(Arc<Mutex<BTreeMap<Arc<str>, Waiting>>>);

type Waiting = BTreeMap<u64, oneshot::Sender<Message>>;

impl Outbox {
    /// Begins to wait for the answer to a peer's question.
    pub(crate) fn expect(&self, peer: &Arc<str>, exchange: u64) -> oneshot::Receiver<Message> {
        let (sender, receiver) = oneshot::channel();
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = peers.entry(peer.clone()).or_default();
        waiting.retain(|_, sender| !sender.is_closed());
        if waiting.len() >= UNANSWERED_MAX {
            waiting.pop_first();
        }
        waiting.insert(exchange, sender);
        receiver
    }

    /// Lets a peer's question go unanswered at once.
    pub(crate) fn decline(&self, peer: &str, exchange: u64) {
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        peers
            .get_mut(peer)
            .and_then(|waiting| waiting.remove(&exchange));
    }

    /// Gives an answer to the request that waits for it; without one it is dropped.
    pub(crate) fn answer(&self, peer: &Arc<str>, exchange: u64, answer: Answer) {
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = peers.get_mut(peer).and_then(|peer| peer.remove(&exchange));
        if let Some(waiting) = waiting {
            let _ = waiting.send(Message::Answer { exchange, answer });
        }
    }
}

/// A peer, and what is to be carried to it.
pub type LineEnd = (Arc<str>, mpsc::Receiver<Message>);

/// The lines to every peer.
#[derive(Debug)]
pub struct Mail {
    outbox: Outbox,
    lines: BTreeMap<Arc<str>, mpsc::Sender<Message>>,
}

impl Mail {
    /// Makes a line to each peer; the receivers are for whoever carries messages out.
    pub fn new(peers: &[Arc<str>]) -> (Self, Vec<LineEnd>) {
        let mut lines = BTreeMap::new();
        let mut ends = Vec::new();
        for peer in peers {
            let (line, end) = mpsc::channel(UNSENT_MAX);
            lines.insert(peer.clone(), line);
            ends.push((peer.clone(), end));
        }
        let mail = Self {
            outbox: Outbox::default(),
            lines,
        };
        (mail, ends)
    }

    pub(super) fn outbox(&self) -> Outbox {
        self.outbox.clone()
    }

    pub(super) fn send(&self, peer: &Arc<str>, message: Message) {
        if let Some(line) = self.lines.get(peer) {
            // A full line loses messages, as a network does.
            let _ = line.try_send(message);
        }
    }

    pub(super) fn answer(&self, peer: &Arc<str>, exchange: u64, answer: Answer) {
        self.outbox.answer(peer, exchange, answer);
    }

    pub(super) fn answer_entries(
        &self,
        peer: &Arc<str>,
        exchange: u64,
        entries: Vec<Vec<u8>>,
        proof: Vec<Hash>,
    ) {
        self.answer(peer, exchange, Answer::Entries { entries, proof });
    }
}
