//! Keys that follow keys: a node goes on under the next ones its participant's roots announced.
//!
//! The event is an entry like any other, and the first checkpoint that covers it is signed by the
//! key it names: whoever holds the ledger up to there knows both. The node's own secrets change when
//! the entry is durable, and not before.

use detente_ledger::keys::{KEY_EVENT_KIND, KeyEventError, Role, SignedKeyEvent};
use detente_spacetime::Instant;

use super::{Draft, Effect, Identity, Node, PENDING_MAX, Refusal, Shared};
use crate::effect::Errand;

impl<P: Shared> Node<P> {
    /// Returns whether a key event is on its way to the disk.
    pub fn is_rotating(&self) -> bool {
        self.successor.is_some()
    }

    /// Says who the node is once the own ledger names these keys, for a ledger that is taken back from
    /// peers up to there.
    pub fn expect_successor(&mut self, successor: Identity) {
        self.successor = Some((0, successor));
    }

    pub(super) fn on_rotate(
        &mut self,
        now: Instant,
        request: u64,
        event: &SignedKeyEvent,
        salt: [u8; 16],
        successor: Identity,
    ) {
        if let Err(refusal) = self.try_rotate(now, request, event, salt, successor) {
            let answer = Err(refusal);
            self.effects.push(Effect::Answer { request, answer });
        }
    }

    fn try_rotate(
        &mut self,
        now: Instant,
        request: u64,
        event: &SignedKeyEvent,
        salt: [u8; 16],
        successor: Identity,
    ) -> Result<(), Refusal<P::Refusal>> {
        if !self.is_confirmed() {
            return Err(Refusal::NotConfirmed);
        }
        if self.is_rotating() {
            return Err(Refusal::UnderWay);
        }
        if self.pending.len() >= PENDING_MAX {
            return Err(Refusal::Busy);
        }
        let index = self.federation.size(&self.own) + self.pending.len() as u64;
        let keys = self.federation.keys(&self.own);
        let mut keys = keys.cloned().ok_or(Refusal::NoSuccessor)?;
        keys.apply(index, event).map_err(Refusal::Keys)?;
        let cosigns = keys.active(Role::Cosign) == Some(successor.cosigner.vkey());
        let key = keys
            .active(Role::Log)
            .filter(|key| cosigns && key.name().as_str() == &*self.own)
            .cloned()
            .ok_or(Refusal::Keys(KeyEventError::Keys))?;
        let draft = Draft {
            author: event.event().participant.clone(),
            kind: KEY_EVENT_KIND.to_owned(),
            body: event.to_json(),
        };
        let awareness = self.awareness(now);
        let entry = self.compose(now, draft, awareness, salt.to_vec());
        let entry = entry.map_err(Refusal::Entry)?;
        let ticket = self.hand_over(entry, Some(request), |ticket, entry| Errand::Rotate {
            ticket,
            entry,
            key: Box::new(key),
        });
        self.successor = Some((ticket, successor));
        Ok(())
    }

    /// Goes on as the successor, when the own ledger says so.
    pub(super) fn succeed(&mut self, now: Instant) {
        let keys = self.federation.keys(&self.own);
        let named = keys.and_then(|keys| keys.active(Role::Cosign)).cloned();
        let successor = self
            .successor
            .take_if(|(_, next)| named.as_ref() == Some(next.cosigner.vkey()));
        let Some((_, successor)) = successor else {
            return;
        };
        let before = std::mem::replace(&mut self.salt_seed, successor.salt_seed);
        self.former_salt_seeds.push(before);
        self.federation.cosign_with(now, successor.cosigner);
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        let said = |identity: &Self| {
            (
                identity.origin.clone(),
                identity.cosigner.vkey().clone(),
                identity.salt_seed,
            )
        };
        said(self) == said(other)
    }
}
