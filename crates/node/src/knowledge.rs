//! Who knew what, and when: what the ledgers prove of it.
//!
//! Two things prove that a holder had a record: an entry of its own whose awareness key covers it, and its cosignature under
//! a checkpoint that includes it. Neither says that anybody had read it; without either nothing is said at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_records::HolderId;
use detente_spacetime::Instant;

/// An entry as a witness of what its author's node had seen.
#[derive(Clone, Copy, Debug)]
pub struct Witness<'a> {
    /// The ledger it lies in.
    pub origin: &'a Arc<str>,
    /// Its index there.
    pub index: u64,
    /// Whose ledger that is.
    pub holder: &'a HolderId,
    /// How much of the ledger asked about it had seen.
    pub seen: u64,
    /// Its effective time.
    pub at: Instant,
}

/// A holder's cosignature under a checkpoint of another's ledger.
#[derive(Clone, Debug)]
pub struct Cosigned<'a> {
    /// The ledger cosigned.
    pub origin: &'a Arc<str>,
    /// How many entries the checkpoint covers.
    pub size: u64,
    /// Who cosigned.
    pub holder: &'a HolderId,
    /// By when it was made: a cosignature states whole seconds, and this is the end of its second.
    pub at: Instant,
}

/// What proves that a holder had a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It wrote the record.
    Written,
    /// The first of its entries that covers the record.
    Entry {
        /// The ledger the entry lies in.
        origin: Arc<str>,
        /// Its index there.
        index: u64,
    },
    /// Its first cosignature over the record.
    Cosignature {
        /// How many entries the cosigned checkpoint covers.
        size: u64,
    },
}

/// The earliest proof that a holder had a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The instant it had it at the latest.
    pub at: Instant,
    /// What proves it.
    pub proof: Proof,
}

/// Says for each holder by when it had entry `index` of the ledger `origin`; a holder of whom nothing proves it is left out.
///
/// `order` are all entries in their canonical order, `cosignatures` those at hand, in any order. Of two proofs the earlier
/// counts, and of two of one instant the entry.
///
/// # Cost
///
/// Linear in the entries.
pub fn who_knew<'a>(
    origin: &str,
    index: u64,
    order: impl IntoIterator<Item = Witness<'a>>,
    cosignatures: impl IntoIterator<Item = Cosigned<'a>>,
) -> BTreeMap<HolderId, Known> {
    let mut known: BTreeMap<HolderId, Known> = BTreeMap::new();
    for witness in order {
        let own = witness.origin.as_ref() == origin;
        let proof = if own && witness.index == index {
            Proof::Written
        } else if !own && index < witness.seen {
            Proof::Entry {
                origin: witness.origin.clone(),
                index: witness.index,
            }
        } else {
            continue;
        };
        let at = witness.at;
        known
            .entry(witness.holder.clone())
            .or_insert(Known { at, proof });
    }
    for cosigned in cosignatures {
        if cosigned.origin.as_ref() != origin || cosigned.size <= index {
            continue;
        }
        let at = cosigned.at;
        let proof = Proof::Cosignature {
            size: cosigned.size,
        };
        let earlier = |before: &Known| {
            let smaller =
                matches!(before.proof, Proof::Cosignature { size } if size > cosigned.size);
            at < before.at || (at == before.at && smaller)
        };
        match known.get_mut(cosigned.holder) {
            Some(before) if earlier(before) => *before = Known { at, proof },
            Some(_) => {}
            None => {
                known.insert(cosigned.holder.clone(), Known { at, proof });
            }
        }
    }
    known
}
