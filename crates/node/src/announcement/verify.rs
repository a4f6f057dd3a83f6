//! From a file and keys to an answer: was this stated, by whom, and is it what they signed?

use std::collections::{BTreeMap, BTreeSet};

use crate::outcomes::wire::RecordRef;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::entry::SignedEntry;
use detente_ledger::evidence::Evidence;
use detente_ledger::hash::Hash;
use detente_ledger::policy::Policy;
use detente_ledger::proof::check_consistency;
use detente_records::act::agreement::Publicity;
use detente_records::act::{Act, ActContext, Role};

use super::wire::{AnnouncementFile, CountedLedger, ProvenEntry, ProvenLedger, Statement};
use super::{ANNOUNCEMENT, VERSION};

/// Largest file read: a dossier with its proofs, and room.
pub const ANNOUNCEMENT_BYTES_MAX: usize = 64 << 20;
/// Faults kept; a file that is not what it says has as many as it has lines.
const FAULTS_MAX: usize = 100;

/// What a verified announcement says, and who vouches for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// The file.
    pub file: AnnouncementFile,
    /// What is stated.
    pub statement: Statement,
    /// SHA-256 of the statement's bytes.
    pub sha256: Hash,
    /// Participants that put this hash on record.
    pub endorsed_by: BTreeSet<String>,
    /// Participants that did not, as far as the file shows.
    pub not_endorsed_by: BTreeSet<String>,
    /// Participants whose adoption of the text is proved.
    pub adopted_by: BTreeSet<String>,
}

/// Reads an announcement and checks everything in it against keys.
///
/// `bundle_sha256` hashes the files of a dossier the way they were hashed when they were tabled.
///
/// # Errors
///
/// Every fault, in words: no file with a fault is to be believed in any part.
pub fn verify(
    bytes: &[u8],
    policy: &Policy,
    bundle_sha256: &dyn Fn(&BTreeMap<String, String>) -> Option<Hash>,
) -> Result<Verified, Vec<String>> {
    let (file, statement) = read(bytes).map_err(|fault| vec![fault])?;
    let sha256 = Hash::of(file.statement.as_bytes());
    let mut check = Check {
        policy,
        ledgers: statement
            .ledgers
            .iter()
            .map(|ledger| (ledger.origin.as_str(), ledger))
            .collect(),
        faults: Vec::new(),
    };
    let endorsed_by = check.endorsements(&file, &statement, sha256);
    let adopted_by = check.signatures(&file, &statement);
    check.counted(&file, &statement);
    if statement.disclosed.is_whole_dossier {
        let hash = bundle_sha256(&statement.disclosed.files);
        if hash.map(|hash| hash.to_hex()).as_deref() != Some(&statement.text.sha256) {
            check.fault("the dossier disclosed is not the text that was signed");
        }
    }
    if !check.faults.is_empty() {
        return Err(check.faults);
    }
    let participants = statement
        .ledgers
        .iter()
        .filter(|ledger| ledger.is_participant);
    let not_endorsed_by = participants
        .map(|ledger| ledger.holder.clone())
        .filter(|holder| !endorsed_by.contains(holder))
        .collect();
    Ok(Verified {
        file,
        statement,
        sha256,
        endorsed_by,
        not_endorsed_by,
        adopted_by,
    })
}

/// Reads the file; only the bytes that [`AnnouncementFile::to_bytes`] writes are one.
fn read(bytes: &[u8]) -> Result<(AnnouncementFile, Statement), String> {
    if bytes.len() > ANNOUNCEMENT_BYTES_MAX {
        return Err(format!("longer than {ANNOUNCEMENT_BYTES_MAX} bytes"));
    }
    let file: AnnouncementFile =
        serde_json::from_slice(bytes).map_err(|error| format!("not an announcement: {error}"))?;
    if file.detente_announcement != VERSION {
        return Err(format!("the format is not version {VERSION}"));
    }
    if file.to_bytes() != bytes {
        return Err("it was not written as announcements are".to_owned());
    }
    let statement: Statement = serde_json::from_str(&file.statement)
        .map_err(|error| format!("the statement cannot be read: {error}"))?;
    if statement.to_text() != file.statement || statement.detente_statement != VERSION {
        return Err("the statement was not written as statements are".to_owned());
    }
    Ok((file, statement))
}

impl AnnouncementFile {
    /// Participants that the statement counts and no endorsement here is of; nothing is verified.
    pub fn not_endorsed_by(&self) -> Vec<String> {
        let statement: Option<Statement> = serde_json::from_str(&self.statement).ok();
        let ledgers = statement.map(|statement| statement.ledgers);
        let vouches = |origin: &str| {
            let mut proven = self.endorsements.iter();
            proven.any(|proven| proven.record.origin == origin)
        };
        let missing = ledgers.into_iter().flatten();
        missing
            .filter(|ledger| ledger.is_participant && !vouches(&ledger.origin))
            .map(|ledger| ledger.holder)
            .collect()
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

impl Statement {
    /// The exact text whose hash participants put on record.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

struct Check<'a> {
    policy: &'a Policy,
    ledgers: BTreeMap<&'a str, &'a CountedLedger>,
    faults: Vec<String>,
}

impl Check<'_> {
    fn fault(&mut self, fault: impl Into<String>) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault.into());
        }
    }

    /// Checks one proof; returns whose entry it is and what that says.
    fn proven(&mut self, what: &str, proven: &ProvenEntry) -> Option<(String, Act)> {
        let RecordRef { origin, index } = &proven.record;
        let place = format!("the {what} in entry {index} of `{origin}`");
        let checked = self.check(proven);
        match checked {
            Ok(found) => Some(found),
            Err(reason) => {
                self.fault(format!("{place}: {reason}"));
                None
            }
        }
    }

    fn check(&self, proven: &ProvenEntry) -> Result<(String, Act), String> {
        let RecordRef { origin, index } = &proven.record;
        let ledger = self
            .ledgers
            .get(origin.as_str())
            .ok_or("the ledger is none of those counted")?;
        if !ledger.is_participant {
            return Err(format!("{} is no participant", ledger.holder));
        }
        let evidence =
            Evidence::parse(proven.proof.as_bytes()).map_err(|error| error.to_string())?;
        if evidence.to_bytes() != proven.proof.as_bytes() || evidence.extra.is_some() {
            return Err("the evidence was not written as evidence is".to_owned());
        }
        if evidence.index != *index || evidence.checkpoint.checkpoint().origin() != origin {
            return Err("the evidence is of another entry".to_owned());
        }
        let trusted = evidence
            .verify(proven.entry.as_bytes(), self.policy)
            .map_err(|error| error.to_string())?;
        if trusted.log.is_none() {
            return Err("the keys given name no log for it".to_owned());
        }
        let signed =
            SignedEntry::parse(proven.entry.as_bytes()).map_err(|error| error.to_string())?;
        let entry = signed.entry();
        let context = ActContext {
            document: origin.as_str().into(),
            agreement: None,
        };
        let (act, problems) = Act::parse(&entry.kind, &entry.body, &context);
        let act = act.ok_or_else(|| problems.to_string())?;
        if act.role() != Role::Consenter {
            return Err("it was not written in a role that gives a participant's word".to_owned());
        }
        Ok((ledger.holder.clone(), act))
    }

    fn endorsements(
        &mut self,
        file: &AnnouncementFile,
        statement: &Statement,
        sha256: Hash,
    ) -> BTreeSet<String> {
        let mut by = BTreeSet::new();
        for proven in &file.endorsements {
            let Some((holder, act)) = self.proven("endorsement", proven) else {
                continue;
            };
            let names_it = match &act {
                Act::PublicationStated(act) => {
                    let content = act.content.as_ref();
                    act.subject.as_str() == statement.document
                        && act.publicity == Publicity::Published
                        && act
                            .part
                            .as_ref()
                            .is_some_and(|part| part.to_string() == ANNOUNCEMENT)
                        && content.is_some_and(|blob| blob.sha256.bytes() == sha256.as_bytes())
                }
                _ => false,
            };
            match names_it {
                true => {
                    by.insert(holder);
                }
                false => self.fault(format!(
                    "{holder} put another statement on record than this"
                )),
            }
        }
        if by.is_empty() {
            self.fault("no participant vouches for this statement");
        }
        by
    }

    fn signatures(&mut self, file: &AnnouncementFile, statement: &Statement) -> BTreeSet<String> {
        let mut adopted = BTreeSet::new();
        let mut open: BTreeMap<&RecordRef, &str> = statement
            .text
            .signatures
            .iter()
            .map(|signature| (&signature.record, signature.act.as_str()))
            .collect();
        for proven in &file.signatures {
            let Some((holder, act)) = self.proven("signature", proven) else {
                continue;
            };
            let sha256 = match &act {
                Act::AgreementInitialled(act) => act.sha256.to_string(),
                Act::AgreementAdopted(act) => act.sha256.to_string(),
                _ => String::new(),
            };
            if sha256 != statement.text.sha256 {
                self.fault(format!(
                    "{holder} signed another text than the one announced"
                ));
            }
            if open.remove(&proven.record) != Some(act.kind().wire_name()) {
                self.fault("a signature is proved that the statement does not name");
            }
            if matches!(act, Act::AgreementAdopted(_)) {
                adopted.insert(holder);
            }
        }
        if !open.is_empty() {
            self.fault(format!(
                "{} signatures are stated and not proved",
                open.len()
            ));
        }
        adopted
    }

    /// Every ledger counted is the beginning of one whose checkpoint is signed.
    fn counted(&mut self, file: &AnnouncementFile, statement: &Statement) {
        let proven: BTreeMap<&str, &ProvenLedger> = file
            .ledgers
            .iter()
            .map(|ledger| (ledger.origin.as_str(), ledger))
            .collect();
        if proven.len() != file.ledgers.len() || proven.len() != statement.ledgers.len() {
            self.fault("the ledgers proved are not those counted");
        }
        for ledger in &statement.ledgers {
            let checked = match proven.get(ledger.origin.as_str()) {
                Some(proven) => self.is_beginning(ledger, proven),
                None => Err("it has no checkpoint here".to_owned()),
            };
            if let Err(reason) = checked {
                self.fault(format!("the ledger `{}`: {reason}", ledger.origin));
            }
        }
    }

    fn is_beginning(&self, ledger: &CountedLedger, proven: &ProvenLedger) -> Result<(), String> {
        let signed = SignedCheckpoint::parse(proven.checkpoint.as_bytes())
            .map_err(|error| error.to_string())?;
        let head = signed.checkpoint();
        if head.origin() != ledger.origin {
            return Err("the checkpoint is another ledger's".to_owned());
        }
        let trusted = self
            .policy
            .check(&signed)
            .map_err(|error| error.to_string())?;
        if trusted.log.is_none() {
            return Err("the keys given name no log for it".to_owned());
        }
        let hashes: Option<Vec<Hash>> = proven
            .consistency
            .iter()
            .map(|hash| Hash::from_base64(hash))
            .collect();
        let hashes = hashes.ok_or("the consistency proof cannot be read")?;
        let root = Hash::from_base64(&ledger.root).ok_or("the root cannot be read")?;
        check_consistency(&hashes, ledger.size, root, head.size(), head.root())
            .map_err(|error| error.to_string())
    }
}
