//! Who provably had an entry, by when: the node's answer for people.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_node::knowledge::{Cosigned, Proof, Witness, who_knew};
use detente_node::node::Node;
use detente_node::picture::Picture;
use detente_records::HolderId;
use detente_spacetime::Instant;

use schemars::JsonSchema;
use serde::Serialize;

use crate::runtime::Noted;

/// The earliest proof that a holder had an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KnownView {
    /// Who.
    pub holder: String,
    /// By when, RFC 3339.
    pub at: String,
    /// `written`, `entry` or `cosignature`.
    pub proof: &'static str,
    /// The ledger and index of the entry that proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<(String, u64)>,
    /// The size of the cosigned checkpoint that proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// Says who had an entry, in the order of time.
///
/// `holders` says whose ledger is whose, `noted` which cosignatures were seen.
pub fn of(
    node: &Node<Picture>,
    holders: &BTreeMap<Arc<str>, HolderId>,
    noted: &[Noted],
    origin: &str,
    index: u64,
) -> Vec<KnownView> {
    let history = node.history();
    if history.position(origin, index).is_none() {
        return Vec::new();
    }
    let noted = noted.iter().filter_map(|noted| {
        let holder = holders.get(&noted.by)?;
        let micros = i64::try_from(noted.cosigned.time_s)
            .ok()?
            .checked_mul(1_000_000)?;
        Some((noted, holder, Instant::from_micros(micros)?))
    });
    let witnesses = history.order().iter().filter_map(|placed| {
        Some(Witness {
            origin: &placed.origin,
            index: placed.index,
            holder: holders.get(&placed.origin)?,
            seen: history.seen_by(placed, origin),
            at: placed.at,
        })
    });
    let cosignatures = noted.map(|(noted, holder, at)| Cosigned {
        origin: &noted.origin,
        size: noted.cosigned.size,
        holder,
        at,
    });
    let known = who_knew(origin, index, witnesses, cosignatures);
    let mut shown: Vec<KnownView> = known
        .into_iter()
        .map(|(holder, known)| {
            let (proof, entry, size) = match known.proof {
                Proof::Written => ("written", None, None),
                Proof::Entry { origin, index } => {
                    ("entry", Some((origin.to_string(), index)), None)
                }
                Proof::Cosignature { size } => ("cosignature", None, Some(size)),
            };
            KnownView {
                holder: holder.to_string(),
                at: known.at.to_string(),
                proof,
                entry,
                size,
            }
        })
        .collect();
    shown.sort_by(|a, b| (&a.at, &a.holder).cmp(&(&b.at, &b.holder)));
    shown
}
