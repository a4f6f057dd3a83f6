//! The content of a Detente ledger: envelopes, keys, unit signatures, awareness, seals.

use std::collections::BTreeMap;

use super::Faults;
use super::structure::Visitor;
use crate::complaint::{
    COMPLAINT_KIND, Complaint, Judgement, REVEAL_KIND, Reveal, SEALED_KIND, SealedBody, judge,
};
use crate::entry::SignedEntry;
use crate::hash::Hash;
use crate::keys::{
    Cosigned, KEY_EVENT_KIND, KeyHistory, Role, SignedKeyEvent, Standing, first_cosigned,
};
use crate::reader::TileSource;
use crate::seal::{RevealFault, SealPublicKey, blob_recipients};
use crate::tile::{TILE_WIDTH, TilePath};
use crate::vkey::Vkey;

/// Returns the path of a blob beside the log.
pub fn blob_path(hash: &Hash) -> String {
    format!("blob/{}", hash.to_hex())
}

/// Gathers the entries of one ledger and judges them together at the end.
#[derive(Debug)]
pub struct ContentAudit<'source, S> {
    source: &'source S,
    origin: String,
    cosigned: Vec<Cosigned>,
    faults: Faults,
    history: Option<KeyHistory>,
    /// Latest awareness of each ledger, to see it never shrinks.
    seen: BTreeMap<String, (u64, Hash)>,
    /// Sizes of the own ledger cited in awareness keys, to be checked against its tree.
    own_citations: Vec<(u64, u64, Hash)>,
    /// Sizes of other ledgers cited, by origin.
    citations: BTreeMap<String, Vec<(u64, u64, Hash)>>,
    sealed: BTreeMap<u64, SealedBody>,
    reveals: BTreeMap<u64, Reveal>,
    complaints: Vec<(u64, Complaint)>,
    /// What other ledgers say about this one.
    known: Known,
    unit_signatures: u64,
    kinds: BTreeMap<String, u64>,
}

/// What was learnt from other participants' ledgers.
#[derive(Debug, Default)]
struct Known {
    seal_keys: Vec<SealPublicKey>,
    complaints: Vec<Complaint>,
}

/// What an audit of the content found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentReport {
    /// Faults with their places.
    pub faults: Faults,
    /// Entries of each kind.
    pub kinds: BTreeMap<String, u64>,
    /// Key events applied.
    pub key_events: u64,
    /// Unit signatures that hold.
    pub unit_signatures: u64,
    /// Sealed entries, and how many of them were revealed truthfully.
    pub sealed: u64,
    /// Reveals that match their seal.
    pub revealed: u64,
    /// Of these, reveals with a recipient whose key is unknown: commitment and body are checked,
    /// what that recipient was given is not.
    pub revealed_in_part: u64,
    /// Sealed blobs that are not there: no fault, a blob may be withheld or pruned.
    pub blobs_absent: u64,
    /// Awareness keys for other ledgers: (entry, size, root) by origin, for checking against them.
    pub citations: BTreeMap<String, Vec<(u64, u64, Hash)>>,
    /// Awareness keys for this ledger itself, for checking against its tree.
    pub own_citations: Vec<(u64, u64, Hash)>,
    /// Identity of the participant, when there is a genesis event.
    pub identity: Option<Hash>,
    /// Every log key of the key history.
    pub log_keys: Vec<Vkey>,
    /// Every seal key of the key history.
    pub seal_keys: Vec<SealPublicKey>,
    /// Complaints about other ledgers' seals.
    pub complaints: Vec<Complaint>,
}

impl<'source, S: TileSource> ContentAudit<'source, S> {
    /// Starts the audit of the ledger `origin`, dated by the counterparties' cosignatures.
    pub fn new(source: &'source S, origin: &str, mut cosigned: Vec<Cosigned>) -> Self {
        cosigned.sort_by_key(|cosigned| (cosigned.size, cosigned.time_s));
        Self {
            source,
            origin: origin.to_owned(),
            cosigned,
            faults: Faults::new(),
            history: None,
            seen: BTreeMap::new(),
            own_citations: Vec::new(),
            citations: BTreeMap::new(),
            sealed: BTreeMap::new(),
            reveals: BTreeMap::new(),
            complaints: Vec::new(),
            known: Known::default(),
            unit_signatures: 0,
            kinds: BTreeMap::new(),
        }
    }

    /// Takes in what the audit of another participant's ledger found: its seal keys, for checking
    /// what was sealed for it, and its complaints about this ledger. To be called before
    /// [`ContentAudit::finish`].
    pub fn know(&mut self, other: &ContentReport) {
        let about_us = |complaint: &&Complaint| complaint.origin == self.origin;
        let complaints = other.complaints.iter().filter(about_us).cloned();
        self.known.complaints.extend(complaints);
        self.known.seal_keys.extend(other.seal_keys.iter().cloned());
    }

    /// Ends the audit.
    pub fn finish(mut self) -> ContentReport {
        let mut report = ContentReport::default();
        for (index, sealed) in std::mem::take(&mut self.sealed) {
            report.sealed += 1;
            let absent = self.check_blob(index, &sealed);
            report.blobs_absent += u64::from(absent);
            if let Some(reveal) = self.reveals.get(&index).cloned() {
                let (fault, whole) = self.check_reveal(&sealed, &reveal);
                report.revealed += u64::from(fault.is_none());
                report.revealed_in_part += u64::from(fault.is_none() && !whole);
                if let Some(message) = fault {
                    self.fault(index, message);
                }
            } else if let Some(message) = self.check_deadline(index, &sealed) {
                self.fault(index, message);
            }
        }
        report.identity = self.history.as_ref().map(KeyHistory::identity);
        report.key_events = self.history.as_ref().map_or(0, |h| h.events().len() as u64);
        report.log_keys = self
            .history
            .as_ref()
            .map_or(Vec::new(), |h| h.ever_held(Role::Log));
        report.seal_keys = self.seal_keys();
        let about_others = |(_, complaint): &(u64, Complaint)| complaint.origin != self.origin;
        self.complaints.retain(about_others);
        report.complaints = self.complaints.into_iter().map(|(_, told)| told).collect();
        report.kinds = self.kinds;
        report.unit_signatures = self.unit_signatures;
        report.citations = self.citations;
        report.own_citations = self.own_citations;
        report.faults = self.faults;
        report
    }

    fn fault(&mut self, index: u64, message: impl Into<String>) {
        let path = TilePath::entries(index / TILE_WIDTH, TILE_WIDTH);
        let path = path.map_or_else(|_| "tile/entries".to_owned(), |path| path.to_string());
        self.faults.add(path, Some(index), message);
    }

    fn key_event(&mut self, index: u64, bytes: &[u8], signed: &SignedEntry) {
        let Some(event) = SignedKeyEvent::from_json(&signed.entry().body) else {
            return self.fault(index, "malformed key event");
        };
        let result = match self.history.as_mut() {
            None => KeyHistory::genesis(index, bytes, &event).map(|history| {
                self.history = Some(history);
            }),
            Some(history) => history.apply(index, &event),
        };
        if let Err(error) = result {
            self.fault(index, error.to_string());
        }
    }

    fn unit_signature(&mut self, index: u64, signed: &SignedEntry) {
        let Some(holds) = signed.unit_signature_holds(&self.origin) else {
            return;
        };
        let Some(key) = signed.entry().unit_key.clone() else {
            return;
        };
        if !holds {
            return self.fault(index, "the unit signature does not hold");
        }
        let standing = self
            .history
            .as_ref()
            .map(|history| history.standing(Role::Unit, &key, index, &self.cosigned));
        match standing {
            Some(Standing::Good) => self.unit_signatures += 1,
            Some(Standing::Ended { by, .. }) => {
                self.fault(index, format!("signed with a key that entry {by} ended"));
            }
            Some(Standing::NeverHeld) | None => {
                self.fault(index, "signed with a key that no key event introduced");
            }
        }
    }

    fn awareness(&mut self, index: u64, signed: &SignedEntry) {
        let ledgers: Vec<_> = signed
            .entry()
            .awareness
            .ledgers()
            .map(|(origin, seen)| (origin.to_owned(), seen))
            .collect();
        for (origin, seen) in ledgers {
            let now = (seen.size, seen.root);
            if let Some((size, root)) = self.seen.insert(origin.clone(), now)
                && (seen.size < size || (seen.size == size && seen.root != root))
            {
                let message = format!("its awareness of `{origin}` contradicts an earlier entry");
                self.fault(index, message);
            }
            let citation = (index, seen.size, seen.root);
            if origin == self.origin {
                if seen.size > index {
                    self.fault(
                        index,
                        "it cites a size of its own ledger that did not exist yet",
                    );
                }
                self.own_citations.push(citation);
            } else {
                self.citations.entry(origin).or_default().push(citation);
            }
        }
    }

    /// Checks a sealed blob; returns whether it is absent.
    fn check_blob(&mut self, index: u64, sealed: &SealedBody) -> bool {
        let path = blob_path(&sealed.seal.blob);
        let Ok(Some(blob)) = self.source.fetch(&path) else {
            return true;
        };
        if Hash::of(&blob) != sealed.seal.blob {
            self.faults.add(
                path,
                Some(index),
                "the blob is not the one named in the ledger",
            );
        } else if blob_recipients(&blob).as_deref() != Some(&sealed.seal.recipients) {
            self.faults.add(
                path,
                Some(index),
                "the blob lists other recipients than the ledger",
            );
        }
        false
    }

    /// Returns what is wrong with a reveal, and whether every recipient's key was there to tell.
    fn check_reveal(&self, sealed: &SealedBody, reveal: &Reveal) -> (Option<String>, bool) {
        // Recipients' keys live in their own ledgers; without all of them commitment and body
        // alone are checked.
        let mut keys = self.seal_keys();
        keys.extend(self.known.seal_keys.iter().cloned());
        let ids = sealed.seal.recipients.iter();
        let listed: Vec<SealPublicKey> = ids
            .filter_map(|id| keys.iter().find(|key| key.id() == *id).cloned())
            .collect();
        let whole = listed.len() == sealed.seal.recipients.len();
        match judge(sealed, &self.origin, Some(reveal), &listed, 0) {
            Judgement::Fraud(RevealFault::Recipients) if !whole => (None, false),
            Judgement::Fraud(fault) => (Some(fault.to_string()), whole),
            _ => (None, whole),
        }
    }

    fn seal_keys(&self) -> Vec<SealPublicKey> {
        let events = self.history.iter().flat_map(|history| history.events());
        events.filter_map(|(_, event)| event.seal.clone()).collect()
    }

    /// A complaint about a seal of this ledger, here or at its recipient, unanswered past the
    /// deadline.
    fn check_deadline(&self, index: u64, sealed: &SealedBody) -> Option<String> {
        let decided_at_s = self.cosigned.last()?.time_s;
        let told_here = self.complaints.iter().any(|(at, complaint)| {
            complaint.origin == self.origin
                && complaint.index == index
                && first_cosigned(*at, &self.cosigned).is_some()
        });
        let mut foreign = self.known.complaints.iter();
        let told_there = foreign.any(|complaint| complaint.index == index);
        if !told_here && !told_there {
            return None;
        }
        let judgement = judge(sealed, &self.origin, None, &[], decided_at_s);
        (judgement == Judgement::RevealRefused)
            .then(|| "a complaint was not answered with a reveal in time".to_owned())
    }
}

impl<S: TileSource> Visitor for ContentAudit<'_, S> {
    fn entry(&mut self, index: u64, bytes: &[u8]) {
        let signed = match SignedEntry::parse(bytes) {
            Ok(signed) => signed,
            Err(error) => return self.fault(index, error.to_string()),
        };
        let kind = signed.entry().kind.clone();
        *self.kinds.entry(kind.clone()).or_default() += 1;
        if kind == KEY_EVENT_KIND {
            self.key_event(index, bytes, &signed);
        }
        self.unit_signature(index, &signed);
        self.awareness(index, &signed);
        let body = &signed.entry().body;
        let readable = match kind.as_str() {
            SEALED_KIND => SealedBody::from_json(body)
                .map(|sealed| self.sealed.insert(index, sealed))
                .is_some(),
            REVEAL_KIND => Reveal::from_json(body)
                .filter(|reveal| self.sealed.contains_key(&reveal.index))
                .map(|reveal| self.reveals.insert(reveal.index, reveal))
                .is_some(),
            COMPLAINT_KIND => Complaint::from_json(body)
                .map(|complaint| self.complaints.push((index, complaint)))
                .is_some(),
            _ => true,
        };
        if !readable {
            self.fault(index, format!("malformed `{kind}` entry"));
        }
    }
}
