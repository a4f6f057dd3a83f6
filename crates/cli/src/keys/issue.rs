//! Writing key events as ledger entries.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::{Entry, SALT_BYTES_MIN};
use detente_ledger::keys::{KEY_EVENT_KIND, KeyEvent, Role, RootSigner, SignedKeyEvent};
use detente_ledger::vkey::Vkey;
use detente_spacetime::Instant;

use super::chest::Chest;
use crate::failure::{Failure, FailureKind};

/// Makes the genesis entry.
pub(super) fn genesis(chest: &Chest) -> Result<Vec<u8>, Failure> {
    let event = event(chest, &[&chest.root()?], Vec::new())?;
    entry(chest, &event)
}

/// Makes the event that replaces `old` by `new`, optionally declaring a key compromised: that of any
/// generation, for which of them is in use is said by the ledger alone.
pub(super) fn rotation(
    old: &Chest,
    new: &Chest,
    revoked: Option<Vkey>,
) -> Result<SignedKeyEvent, Failure> {
    let revoked = revoked.into_iter().collect();
    event(new, &[&old.root()?, &new.root()?], revoked)
}

/// Writes the public keys of a chest under the number of the event that announces them, where no
/// later keys are written over them: what is signed before those are adopted is verified with these.
pub(super) fn keep(folder: &Path, chest: &Chest) -> Result<(), Failure> {
    for role in Role::ALL {
        let name = format!("{}-{}.vkey", role.name(), chest.sequence());
        publish(&folder.join(name), chest, role)?;
    }
    Ok(())
}

/// Writes an entry beside the keys, and the public keys as the newest; returns its path.
pub(super) fn write(
    folder: &Path,
    chest: &Chest,
    sequence: u64,
    entry: &[u8],
) -> Result<PathBuf, Failure> {
    let path = folder.join(format!("key-event-{sequence}.json"));
    std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, error))?;
    std::fs::write(&path, entry).map_err(|error| Failure::unwritable(&path, error))?;
    for role in Role::ALL {
        publish(&folder.join(format!("{}.vkey", role.name())), chest, role)?;
    }
    Ok(path)
}

fn publish(path: &Path, chest: &Chest, role: Role) -> Result<(), Failure> {
    let line = format!("{}\n", chest.signer(role)?.vkey());
    std::fs::write(path, line).map_err(|error| Failure::unwritable(path, error))
}

fn event(
    chest: &Chest,
    roots: &[&RootSigner],
    revoked: Vec<Vkey>,
) -> Result<SignedKeyEvent, Failure> {
    let mut keys = BTreeMap::new();
    for role in Role::ALL {
        keys.insert(role, chest.signer(role)?.vkey().clone());
    }
    let event = KeyEvent {
        participant: chest.name().to_owned(),
        sequence: chest.sequence(),
        root: chest.root()?.public(),
        next: chest.next_root()?.commitment(),
        keys,
        seal: Some(chest.seal().public().clone()),
        revoked,
    };
    Ok(SignedKeyEvent::sign(event, roots))
}

/// Writes an event as an entry.
pub(super) fn entry(chest: &Chest, event: &SignedKeyEvent) -> Result<Vec<u8>, Failure> {
    let mut salt = vec![0; SALT_BYTES_MIN];
    getrandom::fill(&mut salt).map_err(|error| Failure::new(FailureKind::Usage, error))?;
    let entry = Entry {
        kind: KEY_EVENT_KIND.to_owned(),
        author: chest.name().to_owned(),
        written_at: now(),
        salt,
        awareness: AwarenessKey::default(),
        unit_key: None,
        body: event.to_json(),
    };
    entry
        .to_bytes()
        .map_err(|error| Failure::new(FailureKind::Bug, error))
}

#[expect(
    clippy::disallowed_methods,
    reason = "an entry states when its author wrote it"
)]
fn now() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).unwrap_or(0);
    Instant::from_micros(micros).map_or_else(String::new, |instant| instant.to_string())
}
