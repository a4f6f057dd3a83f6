//! An announcement as its file has it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::life::wire::{
    ChannelView, ConcernView, MeetingView, MilestoneView, PreconditionView, ReadingView,
    SignatureView, StatedView, SuspensionView, WithdrawalView,
};
use crate::outcomes::wire::{OutcomesView, RecordRef, Words};

/// The file: what is stated, word for word, and what proves it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Announcement")]
pub struct AnnouncementFile {
    /// Version of the format.
    pub detente_announcement: u32,
    /// The statement's exact bytes: one JSON object, see `Statement`. Its SHA-256 is what participants put on record.
    pub statement: String,
    /// Entries in which participants vouch for the statement, by its hash.
    pub endorsements: Vec<ProvenEntry>,
    /// Entries by which participants signed the text.
    pub signatures: Vec<ProvenEntry>,
    /// The newest checkpoint of every ledger counted, and the proof that what was counted is its beginning.
    pub ledgers: Vec<ProvenLedger>,
}

/// An entry with its evidence file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvenEntry {
    /// Where it lies.
    pub record: RecordRef,
    /// Its exact bytes.
    pub entry: String,
    /// Its evidence file (c2sp.org/tlog-proof), with the checkpoint and its cosignatures.
    pub proof: String,
}

/// A ledger's checkpoint, and what ties the statement to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvenLedger {
    /// The ledger.
    pub origin: String,
    /// The checkpoint with its signatures (c2sp.org/tlog-checkpoint).
    pub checkpoint: String,
    /// The consistency proof from the size counted to the checkpoint's, base64, the lowest hash first.
    pub consistency: Vec<String>,
}

/// What is announced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Version of the format.
    pub detente_statement: u32,
    /// The document announced: the id of the text.
    pub document: String,
    /// What was counted and folded: everything said here follows from it.
    pub ledgers: Vec<CountedLedger>,
    /// As of when, RFC 3339; entries from then on are not part of it.
    pub as_of: String,
    /// The text, by its hash, and who signed it.
    pub text: TextStatement,
    /// Parts that every participant publishes, with each one's word for it.
    pub published: Vec<PublishedPart>,
    /// What is disclosed.
    pub disclosed: Disclosed,
    /// What is withheld, by kind and number; null where the participants have not agreed to say so much.
    pub withheld: Option<Vec<WithheldKind>>,
}

/// A ledger as far as it was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountedLedger {
    /// Whose it is.
    pub holder: String,
    /// Whether that is a participant; else an observer.
    pub is_participant: bool,
    /// The ledger.
    pub origin: String,
    /// Entries counted.
    pub size: u64,
    /// The root at that size, base64.
    pub root: String,
}

/// The signed text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextStatement {
    /// SHA-256 of the dossier: what every participant signed.
    pub sha256: String,
    /// Where it stands.
    pub state: String,
    /// Day D, once set, RFC 3339.
    pub day_d: Option<String>,
    /// Initials and adoptions.
    pub signatures: Vec<SignatureView>,
}

/// A part that every participant publishes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedPart {
    /// Its name.
    pub part: String,
    /// Each holder's word on this very part; who said nothing about it spoke of the whole.
    pub stated: BTreeMap<String, StatedView>,
}

/// A kind of what is withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithheldKind {
    /// The part it belongs to.
    pub part: String,
    /// How many.
    pub count: u64,
}

/// What is disclosed, part by part; what is not there is withheld.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disclosed {
    /// The agreement's title.
    pub title: Option<Words>,
    /// Files of the dossier, word for word.
    pub files: BTreeMap<String, String>,
    /// Whether these are all its files: then their hash is that of the text.
    pub is_whole_dossier: bool,
    /// Concerns by office.
    pub concerns: Option<BTreeMap<String, Vec<ConcernView>>>,
    /// Technical meetings.
    pub meetings: Option<Vec<MeetingView>>,
    /// Readings of articles.
    pub readings: Option<Vec<ReadingView>>,
    /// Preconditions as they stand.
    pub preconditions: Option<Vec<PreconditionView>>,
    /// What is due when.
    pub timeline: Option<Vec<MilestoneView>>,
    /// Suspensions.
    pub suspensions: Option<Vec<SuspensionView>>,
    /// Withdrawals.
    pub withdrawals: Option<Vec<WithdrawalView>>,
    /// Channels, declared and observed.
    pub channels: Option<Vec<ChannelView>>,
    /// Outcome measures since Day D: figures; their lists are parts of their own.
    pub outcomes: Option<OutcomesView>,
}
