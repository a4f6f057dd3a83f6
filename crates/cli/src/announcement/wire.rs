//! An announcement as its file has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use detente_node::life::wire::{
    ChannelView, ConcernView, MeetingView, MilestoneView, PreconditionView, ReadingView,
    SignatureView, StatedView, SuspensionView, WithdrawalView,
};
use detente_node::outcomes::wire::{OutcomesView, RecordRef, Words};

/// The file: what is stated, word for word, and what proves it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, schemars(rename = "Announcement"))]
pub(crate) struct AnnouncementFile {
    /// Version of the format.
    pub(crate) detente_announcement: u32,
    /// The statement's exact bytes: one JSON object, see `Statement`. Its SHA-256 is what participants put on record.
    pub(crate) statement: String,
    /// Entries in which participants vouch for the statement, by its hash.
    pub(crate) endorsements: Vec<ProvenEntry>,
    /// Entries by which participants signed the text.
    pub(crate) signatures: Vec<ProvenEntry>,
    /// The newest checkpoint of every ledger counted, and the proof that what was counted is its beginning.
    pub(crate) ledgers: Vec<ProvenLedger>,
}

/// An entry with its evidence file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ProvenEntry {
    /// Where it lies.
    pub(crate) record: RecordRef,
    /// Its exact bytes.
    pub(crate) entry: String,
    /// Its evidence file (c2sp.org/tlog-proof), with the checkpoint and its cosignatures.
    pub(crate) proof: String,
}

/// A ledger's checkpoint, and what ties the statement to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ProvenLedger {
    /// The ledger.
    pub(crate) origin: String,
    /// The checkpoint with its signatures (c2sp.org/tlog-checkpoint).
    pub(crate) checkpoint: String,
    /// The consistency proof from the size counted to the checkpoint's, base64, the lowest hash first.
    pub(crate) consistency: Vec<String>,
}

/// What is announced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Statement {
    /// Version of the format.
    pub(crate) detente_statement: u32,
    /// The document announced: the id of the text.
    pub(crate) document: String,
    /// What was counted and folded: everything said here follows from it.
    pub(crate) ledgers: Vec<CountedLedger>,
    /// As of when, RFC 3339; entries from then on are not part of it.
    pub(crate) as_of: String,
    /// The text, by its hash, and who signed it.
    pub(crate) text: TextStatement,
    /// Parts that every participant publishes, with each one's word for it.
    pub(crate) published: Vec<PublishedPart>,
    /// What is disclosed.
    pub(crate) disclosed: Disclosed,
    /// What is withheld, by kind and number; null where the participants have not agreed to say so much.
    pub(crate) withheld: Option<Vec<WithheldKind>>,
}

/// A ledger as far as it was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct CountedLedger {
    /// Whose it is.
    pub(crate) holder: String,
    /// Whether that is a participant; else an observer.
    pub(crate) is_participant: bool,
    /// The ledger.
    pub(crate) origin: String,
    /// Entries counted.
    pub(crate) size: u64,
    /// The root at that size, base64.
    pub(crate) root: String,
}

/// The signed text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct TextStatement {
    /// SHA-256 of the dossier: what every participant signed.
    pub(crate) sha256: String,
    /// Where it stands.
    pub(crate) state: String,
    /// Day D, once set, RFC 3339.
    pub(crate) day_d: Option<String>,
    /// Initials and adoptions.
    pub(crate) signatures: Vec<SignatureView>,
}

/// A part that every participant publishes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct PublishedPart {
    /// Its name.
    pub(crate) part: String,
    /// Each holder's word on this very part; who said nothing about it spoke of the whole.
    pub(crate) stated: BTreeMap<String, StatedView>,
}

/// A kind of what is withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct WithheldKind {
    /// The part it belongs to.
    pub(crate) part: String,
    /// How many.
    pub(crate) count: u64,
}

/// What is disclosed, part by part; what is not there is withheld.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Disclosed {
    /// The agreement's title.
    pub(crate) title: Option<Words>,
    /// Files of the dossier, word for word.
    pub(crate) files: BTreeMap<String, String>,
    /// Whether these are all its files: then their hash is that of the text.
    pub(crate) is_whole_dossier: bool,
    /// Concerns by office.
    pub(crate) concerns: Option<BTreeMap<String, Vec<ConcernView>>>,
    /// Technical meetings.
    pub(crate) meetings: Option<Vec<MeetingView>>,
    /// Readings of articles.
    pub(crate) readings: Option<Vec<ReadingView>>,
    /// Preconditions as they stand.
    pub(crate) preconditions: Option<Vec<PreconditionView>>,
    /// What is due when.
    pub(crate) timeline: Option<Vec<MilestoneView>>,
    /// Suspensions.
    pub(crate) suspensions: Option<Vec<SuspensionView>>,
    /// Withdrawals.
    pub(crate) withdrawals: Option<Vec<WithdrawalView>>,
    /// Channels, declared and observed.
    pub(crate) channels: Option<Vec<ChannelView>>,
    /// Outcome measures since Day D: figures; their lists are parts of their own.
    pub(crate) outcomes: Option<OutcomesView>,
}
