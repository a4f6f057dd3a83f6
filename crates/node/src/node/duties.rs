//! What a node puts on record by itself: heartbeats, and the forks it can prove.

use std::sync::Arc;

use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_spacetime::Instant;
use serde_json::{Map, Value, json};

use super::{Draft, Node, Shared};
use crate::effect::Errand;
use crate::federation::{
    FOUNDING_SAID_AFTER_S, Finding, HEARTBEAT_EVERY_S, HEARTBEAT_LATE_S, Presence, later,
};

/// Name under which a node writes by itself.
pub const NODE_AUTHOR: &str = "node";
/// Kind of an entry that only shows that its ledger is alive.
pub const HEARTBEAT_KIND: &str = "heartbeat";
/// The member of it that names what its node judges from.
const FOUNDING: &str = "founding";
/// Kind of an entry that publishes a fork proof.
pub const FORK_PUBLISHED_KIND: &str = "fork_published";
/// Media type of fork proof files, which are text.
const FORK_MEDIA_TYPE: &str = "text/plain";

/// What the own ledger tells of the founding its node judges from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    started: Instant,
    /// Whether the newest entry that names a founding names the one in use.
    is_current: bool,
    /// Whether it was written since the start, wherever that has got to.
    is_tried: bool,
}

impl Told {
    /// Nothing yet, by a node that starts now.
    pub(super) fn nothing(now: Instant) -> Self {
        Self {
            started: now,
            is_current: false,
            is_tried: false,
        }
    }

    /// Whether it is time to tell. It is tried once: what the disk does not take goes with the next sign of life.
    fn is_due(self, now: Instant) -> bool {
        !self.is_current && !self.is_tried && later(self.started, FOUNDING_SAID_AFTER_S) <= now
    }
}

impl<P: Shared> Node<P> {
    pub(super) fn do_duties(&mut self, now: Instant) {
        self.note_withheld(now);
        if !self.is_confirmed() {
            return;
        }
        self.publish_forks(now);
        self.beat(now);
    }

    /// Remembers what an own entry already did of these duties; returns whether it did anything.
    pub(super) fn note_own(&mut self, entry: &Entry) -> bool {
        if entry.kind == FORK_PUBLISHED_KIND
            && let Some(origin) = entry.body.get("origin").and_then(Value::as_str)
        {
            self.published.insert(Arc::from(origin));
            return true;
        }
        if entry.kind == HEARTBEAT_KIND
            && let Some(told) = entry.body.get(FOUNDING).and_then(Value::as_str)
        {
            let is_current = told == self.founding.identity().to_hex();
            return std::mem::replace(&mut self.told.is_current, is_current) != is_current;
        }
        false
    }

    /// Compares what another node says that it judges from with what this one does; returns whether that told anything new.
    pub(super) fn note_founding(&mut self, origin: &Arc<str>, entry: &Entry) -> bool {
        if entry.kind != HEARTBEAT_KIND || *origin == self.own {
            return false;
        }
        match entry.body.get(FOUNDING).and_then(Value::as_str) {
            None => false,
            Some(told) if told == self.founding.identity().to_hex() => {
                self.estranged.remove(origin)
            }
            Some(_) => {
                let is_new = self.estranged.insert(origin.clone());
                if is_new {
                    let origin = origin.clone();
                    self.found(Finding::OtherFounding { origin });
                }
                is_new
            }
        }
    }

    /// Shows that this ledger is alive, when nothing else has for a while; and soon after the start, where it does not say
    /// last what this node judges from, however busy it is.
    fn beat(&mut self, now: Instant) {
        let latest = self.history.latest(&self.own).max(self.last_written);
        let is_idle = self.pending.is_empty()
            && latest.is_none_or(|latest| later(latest, HEARTBEAT_EVERY_S) <= now);
        if self.heartbeat_pending || !(is_idle || self.told.is_due(now)) {
            return;
        }
        self.told.is_tried = true;
        let founding = Value::String(self.founding.identity().to_hex());
        let body = self.own_body([(FOUNDING.to_owned(), founding)]);
        self.heartbeat_pending = self.write_own(now, HEARTBEAT_KIND, body);
    }

    /// Puts every proof of a fork on record, once.
    fn publish_forks(&mut self, now: Instant) {
        let forks: Vec<(Arc<str>, Vec<u8>)> = self
            .federation
            .forks()
            .filter(|(origin, _)| !self.published.contains(*origin) && **origin != self.own)
            .map(|(origin, proof)| (origin.clone(), proof.to_vec()))
            .collect();
        for (origin, proof) in forks {
            let hash = Hash::of(&proof);
            let blob = json!({
                "sha256": hash.to_hex(),
                "bytes": proof.len(),
                "media_type": FORK_MEDIA_TYPE,
            });
            let body = self.own_body([
                ("origin".to_owned(), Value::String(origin.to_string())),
                ("proof".to_owned(), blob),
            ]);
            self.run(Errand::StoreBlob { hash, bytes: proof });
            if self.write_own(now, FORK_PUBLISHED_KIND, body) {
                self.published.insert(origin);
            }
        }
    }

    /// Reports reachable ledgers that show no heartbeat.
    fn note_withheld(&mut self, now: Instant) {
        let silent: Vec<(Arc<str>, Instant)> = self
            .federation
            .peers()
            .filter(|peer| self.federation.presence(peer, now) == Some(Presence::Normal))
            .filter_map(|peer| Some((peer.clone(), self.history.latest(peer)?)))
            .filter(|(_, latest)| later(*latest, HEARTBEAT_LATE_S) < now)
            .collect();
        for (origin, since) in silent {
            if self.withheld.insert(origin.clone(), since) != Some(since) {
                self.found(Finding::HeartbeatWithheld { origin, since });
            }
        }
    }

    fn own_body<const N: usize>(&self, members: [(String, Value); N]) -> Map<String, Value> {
        let subject = Value::String(self.own.to_string());
        let always = [
            ("subject".to_owned(), subject),
            ("role".to_owned(), Value::String("system".to_owned())),
        ];
        always.into_iter().chain(members).collect()
    }

    fn write_own(&mut self, now: Instant, kind: &str, body: Map<String, Value>) -> bool {
        let draft = Draft {
            author: NODE_AUTHOR.to_owned(),
            kind: kind.to_owned(),
            body,
        };
        let awareness = self.awareness(now);
        let salt = self.own_salt(now);
        self.write(now, draft, awareness, salt.to_vec(), None)
            .is_ok()
    }
}
