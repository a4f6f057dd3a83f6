//! The secret of a session, as a file: what its side discloses when it is audited.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use detente_ledger::hash::Hash;
use detente_ledger::storage::{Storage as _, StorageError};
use detente_records::RecordId;
use detente_sharing::private_check::Leg;
use detente_stores::store::{Reader, Store};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Folder of the secrets.
const CHECKS: &str = "private-checks";
/// Longest secret that is read: the most legs in base64, beside the longest request that may bring their plans.
const BYTES_MAX: usize = 256 << 20;

/// What one side alone knows of a session.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// The session.
    pub(crate) check: RecordId,
    /// Everything else follows from it.
    pub(crate) seed: [u8; 32],
    /// The plans in whole numbers.
    pub(crate) plans: Vec<Vec<Leg>>,
    /// Their names, for people.
    pub(crate) names: Vec<String>,
    /// The plans as they were given.
    pub(crate) declared: Value,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    check: String,
    /// Everything secret of the session follows from it: disclose it only to be audited.
    seed: String,
    /// For each plan its legs, in base64.
    legs: Vec<Vec<String>>,
    names: Vec<String>,
    plans: Value,
}

/// The name of a session's file: ids may hold anything that can be printed, names of files may not.
fn path(check: &RecordId) -> String {
    let hash = Hash::of_parts(&[b"detente/private-check/file/v1", check.as_str().as_bytes()]);
    format!("{CHECKS}/{}.json", hash.to_hex())
}

impl Kept {
    /// Writes it as it is kept and disclosed.
    pub(crate) fn to_json(&self) -> Value {
        let each = |plan: &Vec<Leg>| -> Vec<String> {
            let legs = plan.iter();
            legs.map(|leg| STANDARD.encode(leg.to_bytes())).collect()
        };
        let wire = Wire {
            check: self.check.to_string(),
            seed: STANDARD.encode(self.seed),
            legs: self.plans.iter().map(each).collect(),
            names: self.names.clone(),
            plans: self.declared.clone(),
        };
        serde_json::to_value(wire).unwrap_or_default()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let wire: Wire = serde_json::from_slice(bytes).ok()?;
        let leg = |text: &String| Leg::from_bytes(&STANDARD.decode(text).ok()?);
        let legs = |plan: &Vec<String>| plan.iter().map(leg).collect::<Option<Vec<Leg>>>();
        Some(Self {
            check: RecordId::parse(&wire.check).ok()?,
            seed: STANDARD.decode(&wire.seed).ok()?.try_into().ok()?,
            plans: wire.legs.iter().map(legs).collect::<Option<_>>()?,
            names: wire.names,
            declared: wire.plans,
        })
    }
}

/// Keeps a secret durably.
///
/// # Errors
///
/// The storage's.
pub(crate) fn keep(files: &mut Store, kept: &Kept) -> Result<(), StorageError> {
    let bytes = serde_json::to_vec(&kept.to_json()).unwrap_or_default();
    files.replace(&path(&kept.check), &bytes)
}

/// Forgets the secret of a session that was never put on record.
///
/// # Errors
///
/// The storage's.
pub(crate) fn forget(files: &mut Store, check: &RecordId) -> Result<(), StorageError> {
    files.remove(&path(check))?;
    files.settle(&[])
}

/// Returns the secret of a session.
pub(crate) fn find(reader: &Reader, check: &RecordId) -> Option<Kept> {
    Kept::parse(&reader.read(&path(check), BYTES_MAX).ok()??)
}
