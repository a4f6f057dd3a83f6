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
    /// By when, RFC 3339; of a cosignature, which states the second alone, the end of that second.
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
        Some((noted, holder, end_of_second(noted.cosigned.time_s)?))
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

/// The first instant by which a cosignature was made for certain: it states whole seconds and cuts the
/// rest, so that its beginning may lie before the entry it covers was written.
fn end_of_second(time_s: u64) -> Option<Instant> {
    let next_s = i64::try_from(time_s).ok()?.checked_add(1)?;
    Instant::from_micros(next_s.checked_mul(1_000_000)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosignature_is_no_earlier_than_what_it_covers() {
        let instant = |text: &str| Instant::parse_rfc3339(text).unwrap();
        let written = instant("2026-11-29T08:49:20.38Z");
        let cosigned_s = u64::try_from(written.micros() / 1_000_000).unwrap();
        let by = end_of_second(cosigned_s).unwrap();
        assert!(by >= written);
        assert_eq!(by, instant("2026-11-29T08:49:21Z"));
        assert_eq!(end_of_second(u64::MAX), None);
    }
}
