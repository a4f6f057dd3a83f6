//! Keys that ledgers say are theirs: what a reader compares with what their owners gave him.

use detente_ledger::entry::SignedEntry;
use detente_ledger::keys::{KEY_EVENT_KIND, KeyEvent, Role, SignedKeyEvent};
use detente_ledger::vkey::Vkey;

use super::Held;

/// The key events of a ledger, in order; an audit says which of them follow from one another.
fn events(entries: &[Vec<u8>]) -> impl Iterator<Item = KeyEvent> {
    entries.iter().filter_map(|bytes| {
        let signed = SignedEntry::parse(bytes).ok()?;
        let entry = signed.entry();
        let event = (entry.kind == KEY_EVENT_KIND)
            .then(|| SignedKeyEvent::from_json(&entry.body))
            .flatten()?;
        Some(event.event().clone())
    })
}

/// Every log key the ledger's key events name, the newest first.
pub(super) fn log_keys(entries: &[Vec<u8>]) -> Vec<Vkey> {
    let mut keys: Vec<Vkey> = events(entries)
        .filter_map(|event| event.keys.get(&Role::Log).cloned())
        .collect();
    keys.reverse();
    keys
}

/// Writes a policy (c2sp.org/tlog-policy) that trusts these ledgers, each cosigned by all the others.
///
/// Whoever verifies has to compare its keys with those the owners gave him.
pub(crate) fn trust_policy(ledgers: &[Held]) -> String {
    let mut text = String::from(
        "# Keys as the ledgers themselves name them: compare each with what its owner gave you.\n",
    );
    let mut witnesses = Vec::new();
    for held in ledgers {
        let keys = events(&held.entries).last().map(|event| event.keys);
        let keys = keys.unwrap_or_default();
        if let Some(key) = keys.get(&Role::Log) {
            text.push_str(&format!("log {key}\n"));
        }
        if let Some(key) = keys.get(&Role::Cosign) {
            let name = format!("by-{}", held.holder);
            text.push_str(&format!("witness {name} {key}\n"));
            witnesses.push(name);
        }
    }
    // A ledger's owner does not cosign it himself.
    match witnesses.len() {
        0 | 1 => text.push_str("quorum none\n"),
        count => {
            let names = witnesses.join(" ");
            text.push_str(&format!(
                "group others {} {names}\nquorum others\n",
                count - 1
            ));
        }
    }
    text
}
