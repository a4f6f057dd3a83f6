//! From ledgers to a statement, and from entries on record to its proofs.

use std::collections::BTreeMap;
use std::path::Path;

use detente_ledger::evidence::Evidence;
use detente_ledger::hash::Hash;
use detente_ledger::reader::{LogReader, ReadError};
use detente_node::history::History;
use detente_node::outcomes::wire::RecordRef;
use detente_node::picture::{Picture, Standing};
use detente_records::Kind;
use detente_server::house::bundle;
use detente_spacetime::{Instant, Span};
use serde_json::Value;

use crate::failure::{Failure, FailureKind};
use crate::holdings::{Held, Holdings};
use detente_node::announcement::wire::{
    AnnouncementFile, CountedLedger, ProvenEntry, ProvenLedger, Statement,
};
use detente_node::announcement::{ANNOUNCEMENT, VERSION, compose};

/// Microseconds of a second.
const SECOND_US: i64 = 1_000_000;

/// What would be stated.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    statement: Statement,
    text: String,
}

impl Draft {
    fn new(statement: Statement) -> Self {
        let text = statement.to_text();
        Self { statement, text }
    }

    /// The statement.
    pub(crate) fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Its exact text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of its text.
    pub(crate) fn sha256(&self) -> Hash {
        Hash::of(self.text.as_bytes())
    }
}

/// Composes a statement from everything that was recorded before `at`.
pub(crate) fn draft(holdings: &Holdings, at: Option<Instant>) -> Result<Draft, Failure> {
    let history = holdings.fold(None)?;
    let as_of = match at {
        Some(at) => at,
        None => after(history.state().newest()),
    };
    let sizes = sizes_before(&history, as_of);
    composed(holdings, &sizes, as_of)
}

/// The whole second after an instant.
fn after(newest: Instant) -> Instant {
    let rest = newest.micros().rem_euclid(SECOND_US);
    let next = newest.plus(Span::from_micros(SECOND_US - rest));
    next.unwrap_or(newest)
}

/// How much of each ledger was recorded before an instant.
fn sizes_before(history: &History<Picture>, as_of: Instant) -> BTreeMap<String, u64> {
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for recorded in history.order() {
        let size = sizes.entry(recorded.origin.to_string()).or_default();
        if recorded.at < as_of {
            *size = (*size).max(recorded.index + 1);
        }
    }
    sizes
}

/// Composes a statement from as much of each ledger as `sizes` says.
fn composed(
    holdings: &Holdings,
    sizes: &BTreeMap<String, u64>,
    as_of: Instant,
) -> Result<Draft, Failure> {
    let history = holdings.fold(Some(sizes))?;
    let picture = history.state().at(as_of);
    let counted = holdings.ledgers.iter().map(|held| {
        let size = sizes.get(&held.origin).copied().unwrap_or(0);
        let keeper = picture.holders().get(held.origin.as_str());
        Some(CountedLedger {
            holder: held.holder.clone(),
            is_participant: keeper?.standing == Standing::Participant,
            origin: held.origin.clone(),
            size,
            root: holdings.root_at(&held.origin, size)?.to_base64(),
        })
    });
    let counted: Option<Vec<CountedLedger>> = counted.collect();
    let counted = counted.ok_or_else(|| {
        Failure::new(
            FailureKind::InvalidInput,
            "a ledger is shorter than it was when the statement was composed",
        )
    })?;
    let files = binding_files(holdings, &picture).unwrap_or_default();
    let statement = compose(&picture, counted, &files, as_of).map_err(|error| {
        Failure::new(FailureKind::InvalidInput, error).hint(
            "each participant states what may be published: `publication_stated`, part by part (docs/guides/publish.md)",
        )
    })?;
    Ok(Draft::new(statement))
}

/// The files of the text that binds, as they were tabled.
fn binding_files(holdings: &Holdings, picture: &Picture) -> Option<BTreeMap<String, String>> {
    let file = picture.text(picture.binding_text()?)?;
    let bytes = (holdings.blobs)(Hash::from_bytes(file.sha256))?;
    let files = bundle::files(&bytes)?.into_iter();
    files
        .map(|(name, bytes)| Some((name, String::from_utf8(bytes).ok()?)))
        .collect()
}

/// Composes the statement of an announcement anew; the difference where it says something else.
pub(super) fn again(holdings: &Holdings, path: &Path) -> Result<Result<Draft, String>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, error))?;
    let invalid = |error: serde_json::Error| {
        let message = format!(
            "`{}` is neither an announcement nor a draft: {error}",
            path.display()
        );
        Failure::new(FailureKind::InvalidInput, message)
    };
    let statement: Statement = match serde_json::from_slice::<AnnouncementFile>(&bytes) {
        Ok(file) => serde_json::from_str(&file.statement).map_err(invalid)?,
        Err(_) => serde_json::from_slice(&bytes).map_err(invalid)?,
    };
    recomposed(holdings, &statement)
}

/// Composes a statement anew from the ledgers here; the place of the first difference where it says something else.
pub(crate) fn recomposed(
    holdings: &Holdings,
    statement: &Statement,
) -> Result<Result<Draft, String>, Failure> {
    let as_of = Instant::parse_rfc3339(&statement.as_of)
        .map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
    let sizes: BTreeMap<String, u64> = statement
        .ledgers
        .iter()
        .map(|ledger| (ledger.origin.clone(), ledger.size))
        .collect();
    let draft = composed(holdings, &sizes, as_of)?;
    if draft.statement == *statement {
        return Ok(Ok(draft));
    }
    let value = |statement: &Statement| serde_json::to_value(statement).unwrap_or(Value::Null);
    let (theirs, ours) = (value(statement), value(&draft.statement));
    Ok(Err(difference("", &theirs, &ours)))
}

/// The first place where two values differ.
fn difference(place: &str, theirs: &Value, ours: &Value) -> String {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            let differing = theirs
                .iter()
                .find(|(name, value)| ours.get(*name) != Some(value));
            if let Some((name, value)) = differing {
                let ours = ours.get(name).unwrap_or(&Value::Null);
                return difference(&format!("{place}/{name}"), value, ours);
            }
        }
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
            let pairs = theirs.iter().zip(ours).enumerate();
            if let Some((index, (theirs, ours))) = pairs.into_iter().find(|(_, (a, b))| a != b) {
                return difference(&format!("{place}/{index}"), theirs, ours);
            }
        }
        _ => {}
    }
    format!("at `{place}`")
}

/// Joins the statement that most participants vouch for, the newest of several, with its proofs; or the one of this hash.
///
/// The statement is composed anew from the ledgers here: what is on record and does not follow from them is refused.
pub(crate) fn gather(
    holdings: &Holdings,
    wanted: Option<Hash>,
) -> Result<Option<AnnouncementFile>, Failure> {
    let mut on_record: BTreeMap<Hash, (u64, String, Vec<RecordRef>)> = BTreeMap::new();
    for held in &holdings.ledgers {
        for (index, bytes) in (0..).zip(&held.entries) {
            if let Some((hash, written_at)) = endorsed(bytes) {
                let found = on_record.entry(hash).or_default();
                found.0 += 1;
                found.1 = found.1.clone().max(written_at);
                found.2.push(RecordRef {
                    origin: held.origin.clone(),
                    index,
                });
            }
        }
    }
    let chosen = match wanted {
        Some(hash) => on_record.remove(&hash).map(|found| (hash, found)),
        None => on_record
            .into_iter()
            .max_by(|(_, a), (_, b)| (a.0, &a.1).cmp(&(b.0, &b.1))),
    };
    let Some((hash, (_, _, records))) = chosen else {
        return Ok(None);
    };
    let text = (holdings.blobs)(hash).filter(|bytes| Hash::of(bytes) == hash);
    let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(|| {
        let message = format!(
            "the statement {} does not lie beside the ledgers",
            hash.to_hex()
        );
        Failure::new(FailureKind::InvalidInput, message)
            .hint("take the folder of a node: it keeps what entries name by hash")
    })?;
    let refused = |reason: String| {
        let message = format!("the statement {} is on record, and {reason}", hash.to_hex());
        Failure::new(FailureKind::Verification, message)
    };
    let statement: Statement =
        serde_json::from_str(&text).map_err(|error| refused(format!("cannot be read: {error}")))?;
    match recomposed(holdings, &statement)? {
        Ok(draft) if draft.text() == text => {}
        Ok(_) => return Err(refused("was not written as statements are".to_owned())),
        Err(place) => {
            let reason = format!("does not follow from the ledgers it names: it differs {place}");
            return Err(refused(reason));
        }
    }
    let signatures = statement.text.signatures.iter();
    let signatures: Vec<RecordRef> = signatures
        .map(|signature| signature.record.clone())
        .collect();
    Ok(Some(AnnouncementFile {
        detente_announcement: VERSION,
        endorsements: proven_all(holdings, &records)?,
        signatures: proven_all(holdings, &signatures)?,
        ledgers: statement
            .ledgers
            .iter()
            .map(|ledger| proven_ledger(holdings, ledger))
            .collect::<Result<_, _>>()?,
        statement: text,
    }))
}

/// The hash of the statement an entry vouches for, and when it was written.
fn endorsed(bytes: &[u8]) -> Option<(Hash, String)> {
    let entry: Value = serde_json::from_slice(bytes).ok()?;
    let body = &entry["body"];
    let is_one = entry["kind"] == Kind::PublicationStated.wire_name()
        && body["part"] == ANNOUNCEMENT
        && body["publicity"] == "published";
    let hash = Hash::from_hex(body["content"]["sha256"].as_str()?)?;
    let written_at = entry["written_at"].as_str()?.to_owned();
    is_one.then_some((hash, written_at))
}

fn held<'a>(holdings: &'a Holdings, origin: &str) -> Result<&'a Held, Failure> {
    let found = holdings.ledgers.iter().find(|held| held.origin == origin);
    found.ok_or_else(|| {
        let message = format!("the ledger `{origin}` is not here");
        Failure::new(FailureKind::InvalidInput, message)
    })
}

fn proven_all(holdings: &Holdings, records: &[RecordRef]) -> Result<Vec<ProvenEntry>, Failure> {
    let proven = records.iter().map(|record| {
        let held = held(holdings, &record.origin)?;
        let unproven = |error: ReadError| Failure::new(FailureKind::Verification, error);
        let mut reader =
            LogReader::open(&*held.files, held.head.checkpoint().clone()).map_err(unproven)?;
        let entry = reader.entry(record.index).map_err(unproven)?;
        let evidence = Evidence {
            extra: None,
            index: record.index,
            proof: reader.inclusion_proof(record.index).map_err(unproven)?,
            checkpoint: held.head.clone(),
        };
        Ok(ProvenEntry {
            record: record.clone(),
            entry: String::from_utf8_lossy(&entry).into_owned(),
            proof: String::from_utf8_lossy(&evidence.to_bytes()).into_owned(),
        })
    });
    proven.collect()
}

fn proven_ledger(holdings: &Holdings, ledger: &CountedLedger) -> Result<ProvenLedger, Failure> {
    let held = held(holdings, &ledger.origin)?;
    let unproven = |error: ReadError| Failure::new(FailureKind::Verification, error);
    let mut reader =
        LogReader::open(&*held.files, held.head.checkpoint().clone()).map_err(unproven)?;
    let consistency = reader.consistency_proof(ledger.size).map_err(unproven)?;
    let note = held.head.note().to_bytes();
    Ok(ProvenLedger {
        origin: ledger.origin.clone(),
        checkpoint: String::from_utf8_lossy(&note).into_owned(),
        consistency: consistency.iter().map(|hash| hash.to_base64()).collect(),
    })
}
