//! Exhibits: one sealed file for a board of inquiry, with entries of several ledgers, the proof of
//! each, and the contents they name.
//!
//! The file begins with a signed note over the hash of everything behind it: whoever exported it
//! answers for what was put in and left out, and nothing in it can be exchanged unseen. Each entry
//! stands for itself besides: its inclusion is proved under its own ledger's signed checkpoint, so
//! that an exhibit convinces whoever does not trust the exporter either.
//!
//! ```text
//! detente exhibit v1
//! sha256 <hex of the body>
//! bytes <length of the body>
//!
//! — <exporter's unit key> <signature>
//! <body: one JSON object without spaces, in the order written here>
//! ```

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::checkpoint::SignedCheckpoint;
use crate::hash::{Hash, decode_base64, encode_base64};
use crate::note::{NOTE_BYTES_MAX, Note, NoteError};
use crate::proof::{PROOF_HASHES_MAX, check_inclusion};
use crate::vkey::{NoteSigner, SignatureType, Vkey};

/// First line of every exhibit.
pub const EXHIBIT_HEADER: &str = "detente exhibit v1";
/// Recommended file extension.
pub const EXHIBIT_EXTENSION: &str = "exhibit";
/// Largest exhibit read: it is held in memory, several times over while it is checked.
pub const EXHIBIT_BYTES_MAX: usize = 256 << 20;

/// A sealed file of evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Exhibit {
    /// What the exporter says about it: who, when, for whom, about what.
    pub statement: Map<String, Value>,
    /// The ledgers.
    pub ledgers: Vec<ExhibitedLedger>,
    /// Contents that entries name by their hashes.
    pub contents: Vec<Vec<u8>>,
}

/// Entries of one ledger under one checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct ExhibitedLedger {
    /// The checkpoint, with the signatures it had.
    pub checkpoint: SignedCheckpoint,
    /// The entries, by ascending index.
    pub entries: Vec<ExhibitedEntry>,
    /// Entries that were left out because of their markings; `None` where that is not to be known.
    pub withheld: Option<u64>,
}

/// One entry and its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExhibitedEntry {
    /// Its index.
    pub index: u64,
    /// Its exact bytes.
    pub bytes: Vec<u8>,
    /// Its inclusion proof, the leaf's sibling first.
    pub proof: Vec<Hash>,
}

/// A parsed exhibit and the seal that it was found under.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    /// What was sealed.
    pub exhibit: Exhibit,
    /// The seal; its signatures are checked by [`Sealed::verify`].
    pub seal: Note,
}

/// What an exhibit shows to whoever holds these keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// The key that sealed it, if it is among those given.
    pub sealed_by: Option<Vkey>,
    /// For each ledger, in order: the key that signed it, and who cosigned when.
    pub ledgers: Vec<SignedBy>,
    /// Everything that does not hold.
    pub faults: Vec<String>,
}

/// Who signed a checkpoint, of the keys that were given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SignedBy {
    /// The ledger's own key.
    pub log: Option<Vkey>,
    /// Cosigners, with seconds since 1970.
    pub cosigned: Vec<(Vkey, u64)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBody {
    statement: Map<String, Value>,
    ledgers: Vec<WireLedger>,
    contents: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLedger {
    checkpoint: String,
    withheld: Option<u64>,
    entries: Vec<WireEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEntry {
    index: u64,
    entry: String,
    proof: Vec<String>,
}

impl Exhibit {
    /// Writes the file under the exporter's signature.
    ///
    /// # Errors
    ///
    /// [`ExhibitError::Form`] when the statement cannot be written, or the exhibit is too large.
    pub fn seal(&self, signer: &NoteSigner) -> Result<Vec<u8>, ExhibitError> {
        let body = self.body()?;
        let text = format!(
            "{EXHIBIT_HEADER}\nsha256 {}\nbytes {}\n",
            Hash::of(&body).to_hex(),
            body.len()
        );
        let mut note = Note::new(text).map_err(|_| ExhibitError::Form)?;
        note.sign(signer);
        let mut bytes = note.to_bytes();
        bytes.extend_from_slice(&body);
        match bytes.len() <= EXHIBIT_BYTES_MAX {
            true => Ok(bytes),
            false => Err(ExhibitError::TooLong),
        }
    }

    fn body(&self) -> Result<Vec<u8>, ExhibitError> {
        let ledgers = self.ledgers.iter().map(|ledger| {
            let checkpoint = String::from_utf8(ledger.checkpoint.note().to_bytes());
            let entries = ledger.entries.iter().map(|entry| WireEntry {
                index: entry.index,
                entry: encode_base64(&entry.bytes),
                proof: entry.proof.iter().map(Hash::to_base64).collect(),
            });
            Ok(WireLedger {
                checkpoint: checkpoint.map_err(|_| ExhibitError::Form)?,
                withheld: ledger.withheld,
                entries: entries.collect(),
            })
        });
        let wire = WireBody {
            statement: self.statement.clone(),
            ledgers: ledgers.collect::<Result<_, _>>()?,
            contents: self.contents.iter().map(|it| encode_base64(it)).collect(),
        };
        serde_json::to_vec(&wire).map_err(|_| ExhibitError::Form)
    }
}

impl Sealed {
    /// Reads a file and checks its seal's hash; signatures and proofs are for [`Sealed::verify`].
    ///
    /// # Errors
    ///
    /// [`ExhibitError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ExhibitError> {
        if bytes.len() > EXHIBIT_BYTES_MAX {
            return Err(ExhibitError::TooLong);
        }
        let (seal, body) = split(bytes).ok_or(ExhibitError::Header)?;
        let seal = Note::parse(seal).map_err(|_| ExhibitError::Header)?;
        let expected = format!(
            "{EXHIBIT_HEADER}\nsha256 {}\nbytes {}\n",
            Hash::of(body).to_hex(),
            body.len()
        );
        if !seal.text().starts_with(EXHIBIT_HEADER) {
            return Err(ExhibitError::Header);
        }
        if seal.text() != expected {
            return Err(ExhibitError::Broken);
        }
        let wire: WireBody = serde_json::from_slice(body).map_err(|_| ExhibitError::Form)?;
        let exhibit = read(wire).ok_or(ExhibitError::Form)?;
        // One spelling for one exhibit.
        if exhibit.body()? != body {
            return Err(ExhibitError::Form);
        }
        Ok(Self { exhibit, seal })
    }

    /// Returns the file's bytes.
    ///
    /// # Errors
    ///
    /// As [`Exhibit::seal`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, ExhibitError> {
        let mut bytes = self.seal.to_bytes();
        bytes.extend(self.exhibit.body()?);
        Ok(bytes)
    }

    /// Checks everything with the keys at hand: the seal, each checkpoint, each entry's place, and that
    /// every content is named by an entry.
    ///
    /// A unit's key is one for the seal, which has to be by such a key when there is one.
    /// A cosigner's key makes its cosignature required, of some ledger that is not its own, unless it is the exporter's:
    /// nobody cosigns all at every moment, and the findings tell for each ledger who did.
    pub fn verify(&self, keys: &[Vkey]) -> Findings {
        let mut faults = Vec::new();
        let sealed_by = self.sealed_by(keys, &mut faults);
        let mut named = std::collections::BTreeSet::new();
        let mut ledgers = Vec::new();
        let mut shown = std::collections::BTreeSet::new();
        for ledger in &self.exhibit.ledgers {
            let origin = ledger.checkpoint.checkpoint().origin().to_owned();
            if !shown.insert(origin.clone()) {
                // Two selections of one ledger would be read as one.
                faults.push(format!("`{origin}`: the ledger is in the exhibit twice"));
            }
            ledgers.push(ledger.verify(keys, &mut faults));
            for entry in &ledger.entries {
                if let Ok(value) = serde_json::from_slice::<Value>(&entry.bytes) {
                    collect_named(&value, &mut named);
                }
            }
            if ledger.entries.windows(2).any(|pair| match pair {
                [one, other] => one.index >= other.index,
                _ => false,
            }) {
                faults.push(format!("`{origin}`: the entries are not in their order"));
            }
        }
        for key in keys {
            // Who sealed it says so by the seal, and holds checkpoints as they came.
            let is_cosigner = key.signature_type() == SignatureType::CosignatureV1
                && !self.is_of_the_exporter(key);
            let mut others = self.exhibit.ledgers.iter().filter(|ledger| {
                let origin = ledger.checkpoint.checkpoint().origin();
                !is_below(key.name().as_str(), origin)
            });
            let mut cosigned = ledgers.iter().flat_map(|signed| &signed.cosigned);
            if is_cosigner && others.next().is_some() && !cosigned.any(|(by, _)| by == key) {
                let name = key.name();
                faults.push(format!(
                    "no checkpoint carries the cosignature of `{name}`, whose key was given"
                ));
            }
        }
        for content in &self.exhibit.contents {
            let hash = Hash::of(content).to_hex();
            if !named.contains(&hash) {
                faults.push(format!("no entry names the content {hash}"));
            }
        }
        Findings {
            sealed_by,
            ledgers,
            faults,
        }
    }
}

impl Sealed {
    /// Whether a key is of the participant whose unit the seal names.
    fn is_of_the_exporter(&self, key: &Vkey) -> bool {
        let mut lines = self.seal.signatures().iter();
        lines.any(|line| {
            let origin = line.name().as_str().strip_suffix(UNIT_SUFFIX);
            origin.is_some_and(|origin| is_below(key.name().as_str(), origin))
        })
    }

    /// Returns the key that made the seal; none is a fault only where a key for it is at hand.
    fn sealed_by(&self, keys: &[Vkey], faults: &mut Vec<String>) -> Option<Vkey> {
        let verified = match self.seal.verify(keys) {
            Ok(verified) => verified,
            Err(NoteError::NoKnownSignature) => Vec::new(),
            Err(error) => {
                faults.push(format!("the seal: {error}"));
                return None;
            }
        };
        let made_it = |key: &Vkey| verified.iter().any(|verified| verified.key == key);
        let is_by_name = |key: &&Vkey| {
            let mut lines = self.seal.signatures().iter();
            lines.any(|line| line.name() == key.name())
        };
        let is_for_seals = |key: &&Vkey| {
            key.signature_type() != SignatureType::CosignatureV1
                && key.name().as_str().ends_with(UNIT_SUFFIX)
        };
        // Who is named on a line has to have written it, by one of the keys under that name.
        let forged = keys.iter().filter(is_by_name).find(|key| {
            let mut others = keys.iter().filter(|other| other.name() == key.name());
            !others.any(made_it)
        });
        let mut for_seals = keys.iter().filter(is_for_seals);
        let awaited = for_seals.clone().next().filter(|_| !for_seals.any(made_it));
        if let Some(key) = forged.or(awaited) {
            let name = key.name();
            faults.push(format!(
                "the seal is not by the key of `{name}` that was given: somebody else may have sealed it anew"
            ));
        }
        verified.first().map(|verified| verified.key.clone())
    }
}

impl ExhibitedLedger {
    fn verify(&self, keys: &[Vkey], faults: &mut Vec<String>) -> SignedBy {
        let head = self.checkpoint.checkpoint();
        let origin = head.origin();
        let mut signed = SignedBy::default();
        for key in keys {
            let verified = match self.checkpoint.note().verify(std::slice::from_ref(key)) {
                Ok(verified) => verified,
                Err(NoteError::NoKnownSignature) => continue,
                Err(error) => {
                    faults.push(format!("`{origin}`: {error}"));
                    continue;
                }
            };
            for verified in verified {
                match verified.time_s {
                    Some(time_s) => signed.cosigned.push((key.clone(), time_s)),
                    None if key.name().as_str() == origin => signed.log = Some(key.clone()),
                    None => {}
                }
            }
        }
        if signed.log.is_none() {
            let message = "no key that was given signed the checkpoint";
            faults.push(format!("`{origin}`: {message}"));
        }
        for entry in &self.entries {
            let leaf = Hash::leaf(&entry.bytes);
            let place = check_inclusion(&entry.proof, entry.index, leaf, head.size(), head.root());
            if let Err(error) = place {
                faults.push(format!("`{origin}` entry {}: {error}", entry.index));
            }
        }
        signed
    }
}

/// How names of units' keys end: they sign entries and seals, and no checkpoint.
const UNIT_SUFFIX: &str = "/unit";

/// Whether a key is of the participant whose ledger that is, who does not cosign it.
fn is_below(name: &str, origin: &str) -> bool {
    let rest = name.strip_prefix(origin);
    rest.is_some_and(|rest| rest.starts_with('/'))
}

/// Parts the seal from the body: the text up to the first empty line, then the lines of signatures.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let window = bytes.get(..bytes.len().min(NOTE_BYTES_MAX))?;
    let text_end = window.windows(2).position(|pair| pair == b"\n\n")? + 2;
    let mut end = text_end;
    let dash = "\u{2014} ".as_bytes();
    while window.get(end..)?.starts_with(dash) {
        let length = window.get(end..)?.iter().position(|byte| *byte == b'\n')?;
        end += length + 1;
    }
    (end > text_end).then(|| bytes.split_at(end))
}

fn read(wire: WireBody) -> Option<Exhibit> {
    let ledgers = wire.ledgers.into_iter().map(|ledger| {
        let entries = ledger.entries.into_iter().map(|entry| {
            let proof: Option<Vec<Hash>> = entry
                .proof
                .iter()
                .take(PROOF_HASHES_MAX + 1)
                .map(|hash| Hash::from_base64(hash))
                .collect();
            Some(ExhibitedEntry {
                index: entry.index,
                bytes: decode_base64(&entry.entry)?,
                proof: proof.filter(|proof| proof.len() <= PROOF_HASHES_MAX)?,
            })
        });
        Some(ExhibitedLedger {
            checkpoint: SignedCheckpoint::parse(ledger.checkpoint.as_bytes()).ok()?,
            entries: entries.collect::<Option<_>>()?,
            withheld: ledger.withheld,
        })
    });
    Some(Exhibit {
        statement: wire.statement,
        ledgers: ledgers.collect::<Option<_>>()?,
        contents: wire
            .contents
            .iter()
            .map(|content| decode_base64(content))
            .collect::<Option<_>>()?,
    })
}

/// Collects the hashes of contents that a body names: objects with `sha256` and `bytes`.
pub fn collect_named(value: &Value, named: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_named(item, named)),
        Value::Object(members) => {
            if let (Some(hash), Some(_)) = (
                members.get("sha256").and_then(Value::as_str),
                members.get("bytes").and_then(Value::as_u64),
            ) {
                named.insert(hash.to_owned());
            }
            members
                .values()
                .for_each(|member| collect_named(member, named));
        }
        _ => {}
    }
}

/// An exhibit cannot be read, or is not what was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExhibitError {
    /// More than [`EXHIBIT_BYTES_MAX`] bytes.
    #[error("the exhibit is longer than {EXHIBIT_BYTES_MAX} bytes")]
    TooLong,
    /// It does not begin with a seal.
    #[error("the file does not begin with the seal of an exhibit")]
    Header,
    /// The seal is of something else: the file was changed after it was sealed.
    #[error("the file is not what was sealed: it was changed afterwards")]
    Broken,
    /// What was sealed cannot be read.
    #[error("what was sealed is not an exhibit")]
    Form,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::vkey::{KeyName, SignatureType};

    fn signer(name: &str, seed: u8) -> NoteSigner {
        let name = KeyName::parse(name).expect("name");
        NoteSigner::new(name, SignatureType::Ed25519, &[seed; 32]).expect("key")
    }

    fn sample() -> (Exhibit, NoteSigner, NoteSigner) {
        let (log, unit) = (signer("log.example", 1), signer("log.example/unit", 2));
        let content = b"photograph".to_vec();
        let entry = json!({"body": {"photo": {
            "sha256": Hash::of(&content).to_hex(), "bytes": content.len(),
        }}});
        let entry = entry.to_string().into_bytes();
        let (left, right) = (Hash::leaf(b"left"), Hash::leaf(&entry));
        let head = Checkpoint::new("log.example", 2, Hash::node(&left, &right)).expect("head");
        let mut note = head.to_note().expect("note");
        note.sign(&log);
        let exhibit = Exhibit {
            statement: Map::from_iter([("by".to_owned(), json!("auditor"))]),
            ledgers: vec![ExhibitedLedger {
                checkpoint: SignedCheckpoint::from_note(note).expect("checkpoint"),
                entries: vec![ExhibitedEntry {
                    index: 1,
                    bytes: entry,
                    proof: vec![left],
                }],
                withheld: Some(1),
            }],
            contents: vec![content],
        };
        (exhibit, log, unit)
    }

    #[test]
    fn an_exhibit_is_read_as_it_was_sealed_and_convinces_by_keys_alone() {
        let (exhibit, log, unit) = sample();
        let bytes = exhibit.seal(&unit).expect("sealed");
        let sealed = Sealed::parse(&bytes).expect("read");
        assert_eq!(sealed.exhibit, exhibit);
        assert_eq!(sealed.to_bytes().as_ref(), Ok(&bytes));
        let keys = [log.vkey().clone(), unit.vkey().clone()];
        let findings = sealed.verify(&keys);
        assert!(findings.faults.is_empty(), "{findings:?}");
        assert_eq!(findings.sealed_by.as_ref(), Some(unit.vkey()));
        assert_eq!(findings.ledgers[0].log.as_ref(), Some(log.vkey()));
        // Without the exporter's key the ledgers still prove their entries; without theirs nothing does.
        assert!(sealed.verify(&keys[..1]).faults.is_empty());
        assert_eq!(sealed.verify(&keys[1..]).faults.len(), 1);
        // A key that was given for the seal has to have made it, whatever it is called.
        for name in ["log.example/unit", "other.example/unit"] {
            let other = signer(name, 9);
            let wrong = [log.vkey().clone(), other.vkey().clone()];
            let findings = sealed.verify(&wrong);
            assert_eq!(findings.sealed_by, None);
            assert_eq!(findings.faults.len(), 1, "{findings:?}");
        }
    }

    #[test]
    fn whoever_seals_anew_is_not_taken_for_the_exporter_whose_key_was_given() {
        let (mut exhibit, log, unit) = sample();
        exhibit.contents.clear();
        exhibit.ledgers[0].entries.clear();
        let keys = [log.vkey().clone(), unit.vkey().clone()];
        for stranger in [signer("log.example/unit", 9), signer("stranger.example", 9)] {
            let bytes = exhibit.seal(&stranger).expect("sealed");
            let sealed = Sealed::parse(&bytes).expect("read");
            assert_eq!(sealed.verify(&keys).faults.len(), 1);
            // Without a key for the seal it is nobody's, which is told and no fault.
            let findings = sealed.verify(&keys[..1]);
            assert!(findings.faults.is_empty() && findings.sealed_by.is_none());
        }
    }

    #[test]
    fn a_cosigner_whose_key_was_given_has_to_have_cosigned() {
        let (exhibit, log, unit) = sample();
        let cosigner = |name: &str| {
            let name = KeyName::parse(name).expect("name");
            NoteSigner::new(name, SignatureType::CosignatureV1, &[5; 32]).expect("key")
        };
        let bytes = exhibit.seal(&unit).expect("sealed");
        let sealed = Sealed::parse(&bytes).expect("read");
        let faults = |cosigner: NoteSigner| {
            let keys = [log.vkey().clone(), cosigner.vkey().clone()];
            sealed.verify(&keys).faults
        };
        let lacking = faults(cosigner("other.example/cosign"));
        assert!(matches!(lacking.as_slice(), [fault] if fault.contains("other.example/cosign")));
        // Nobody cosigns a ledger of their own.
        assert!(faults(cosigner("log.example/cosign")).is_empty());
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let (exhibit, log, unit) = sample();
        let bytes = exhibit.seal(&unit).expect("sealed");
        let keys = [log.vkey().clone(), unit.vkey().clone()];
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let is_noticed = match Sealed::parse(&changed) {
                Err(_) => true,
                Ok(sealed) => {
                    let findings = sealed.verify(&keys);
                    !findings.faults.is_empty() || findings.sealed_by.is_none()
                }
            };
            assert!(is_noticed, "byte {place}");
        }
    }

    #[test]
    fn whoever_seals_anew_cannot_make_entries_up() {
        let (exhibit, log, unit) = sample();
        let keys = [log.vkey().clone(), unit.vkey().clone()];
        let faults = |change: &dyn Fn(&mut Exhibit)| {
            let mut other = exhibit.clone();
            change(&mut other);
            let bytes = other.seal(&unit).expect("sealed");
            Sealed::parse(&bytes).expect("read").verify(&keys).faults
        };
        assert_eq!(
            faults(&|it| it.ledgers[0].entries[0].bytes.push(b'x')).len(),
            2
        );
        assert_eq!(faults(&|it| it.ledgers[0].entries[0].index = 0).len(), 1);
        assert_eq!(
            faults(&|it| it.ledgers[0].entries[0].proof.clear()).len(),
            1
        );
        assert_eq!(
            faults(&|it| it.ledgers.push(it.ledgers[0].clone())),
            ["`log.example`: the ledger is in the exhibit twice"]
        );
        assert_eq!(faults(&|it| it.contents.push(b"made up".to_vec())).len(), 1);
        assert_eq!(faults(&|it| it.statement.clear()).len(), 0);
    }
}
