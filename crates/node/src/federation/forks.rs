//! Two histories of one ledger: proved, kept, handed on.

use std::sync::Arc;

use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::fork::ForkProof;
use detente_ledger::hash::Hash;
use detente_spacetime::Instant;

use super::mirror::is_signed_at;
use super::{Federation, Finding, Notice};
use crate::effect::Errand;

impl Federation {
    /// Takes a checkpoint that is no larger than what is held and has another root.
    pub(super) fn on_other_root(
        &mut self,
        origin: &Arc<str>,
        name: &Arc<str>,
        other: SignedCheckpoint,
    ) -> bool {
        let Some(mirror) = self.mirrors.get(origin) else {
            return false;
        };
        if !mirror.is_signed(&other) {
            // Anybody can write down a root; only the ledger's key makes it a second history.
            return false;
        }
        let size = other.checkpoint().size();
        let whole = mirror
            .head()
            .filter(|head| head.checkpoint().size() >= size)
            .cloned();
        let root = mirror.root_at(size);
        let proof = whole
            .as_ref()
            .and_then(|head| mirror.consistency(size, head.checkpoint().size()));
        match (whole, root, proof) {
            (Some(whole), Some(root), Some(proof)) => {
                self.prove_fork((origin, name), other, whole, root, proof);
            }
            _ => self.contradict(origin, name),
        }
        true
    }

    /// Keeps and publishes the proof that two checkpoints contradict each other.
    ///
    /// Where the keys that count here do not bear it out (the history a peer showed goes on under a key that
    /// replaced the one known here), nothing is proved to others; the ledger is relied on no more all the same.
    pub(super) fn prove_fork(
        &mut self,
        (origin, peer): (&Arc<str>, &Arc<str>),
        smaller: SignedCheckpoint,
        larger: SignedCheckpoint,
        root_at_smaller: Hash,
        proof: Vec<Hash>,
    ) {
        let proof = ForkProof {
            smaller,
            larger,
            root_at_smaller,
            proof,
        };
        if self.is_proven(origin, &proof) {
            self.keep_fork(origin, &proof);
        } else {
            self.contradict(origin, peer);
        }
    }

    /// Takes a proof from a peer.
    pub(super) fn on_fork_proof(&mut self, _now: Instant, bytes: &[u8]) {
        let Ok(proof) = ForkProof::parse(bytes) else {
            return;
        };
        let origin = proof.smaller.checkpoint().origin();
        if let Some((origin, _)) = self.mirrors.get_key_value(origin) {
            let origin = origin.clone();
            self.keep_fork(&origin, &proof);
        }
    }

    /// Takes a proof back from the disk after a start.
    pub(crate) fn restore_fork(&mut self, bytes: &[u8]) {
        if let Ok(proof) = ForkProof::parse(bytes)
            && let Some((origin, _)) = self
                .mirrors
                .get_key_value(proof.smaller.checkpoint().origin())
        {
            let origin = origin.clone();
            if self.is_proven(&origin, &proof) {
                if origin == self.own {
                    self.confirmation.stop();
                }
                self.contested.insert(origin, bytes.to_vec());
            }
        }
    }

    /// Returns the proofs held, by ledger.
    pub(crate) fn forks(&self) -> impl Iterator<Item = (&Arc<str>, &[u8])> {
        let proofs = self.contested.iter();
        proofs
            .map(|(origin, proof)| (origin, proof.as_slice()))
            .filter(|(_, proof)| !proof.is_empty())
    }

    fn keep_fork(&mut self, origin: &Arc<str>, proof: &ForkProof) {
        let known = self.contested.get(origin);
        if known.is_some_and(|known| !known.is_empty()) || !self.is_proven(origin, proof) {
            return;
        }
        let bytes = proof.to_bytes();
        self.targets.remove(origin);
        self.contested.insert(origin.clone(), bytes.clone());
        if *origin == self.own {
            self.confirmation.stop();
            self.findings.push(Finding::OwnFork);
        }
        self.findings.push(Finding::Fork {
            origin: origin.clone(),
        });
        self.errands.push(Errand::KeepEvidence {
            origin: origin.clone(),
            proof: bytes.clone(),
        });
        for peer in self.peers.keys() {
            let notice = Notice::Fork(bytes.clone());
            self.errands.push(Errand::notice(peer, notice));
        }
    }

    /// Checks a proof with the keys that counted at each checkpoint's size, so that a stolen key
    /// that was replaced cannot accuse its former owner.
    fn is_proven(&self, origin: &Arc<str>, proof: &ForkProof) -> bool {
        let Some(keys) = self.keys(origin) else {
            return false;
        };
        let good = |signed: &SignedCheckpoint| {
            signed.checkpoint().origin() == &**origin && is_signed_at(keys, signed)
        };
        let held = keys.ever_held(detente_ledger::keys::Role::Log);
        good(&proof.smaller) && good(&proof.larger) && proof.verify(&held).is_ok()
    }

    /// Stops relying on a ledger whose second history is seen but not provable to others.
    pub(super) fn contradict(&mut self, origin: &Arc<str>, peer: &Arc<str>) {
        self.targets.remove(origin);
        if self.is_contested(origin) {
            return;
        }
        self.contested.insert(origin.clone(), Vec::new());
        if *origin == self.own {
            self.confirmation.stop();
            self.findings.push(Finding::OwnFork);
        }
        self.findings.push(Finding::Contradiction {
            origin: origin.clone(),
            peer: peer.clone(),
        });
    }
}
