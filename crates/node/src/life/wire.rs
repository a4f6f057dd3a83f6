//! The agreement's life as answers and announcements write it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::outcomes::wire::{RecordRef, Words};

/// Where an agreement stands in its life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementLife {
    /// The instant it is shown at, RFC 3339.
    pub at: String,
    /// The agreement that binds; null while none does.
    pub agreement: Option<String>,
    /// Its state: `tabled`, `in_force`, `suspended` or `ended`.
    pub status: Option<String>,
    /// Texts that were tabled, by id.
    pub texts: Vec<TextView>,
    /// Concerns by the office that keeps them.
    pub concerns: BTreeMap<String, Vec<ConcernView>>,
    /// Technical meetings.
    pub meetings: Vec<MeetingView>,
    /// Readings of articles on record.
    pub readings: Vec<ReadingView>,
    /// Groups that answered to the terms.
    pub accessions: Vec<AccessionView>,
    /// What is due when, in order.
    pub timeline: Vec<MilestoneView>,
    /// Suspensions, those that are lifted too.
    pub suspensions: Vec<SuspensionView>,
    /// Withdrawals, and what is wound down.
    pub withdrawals: Vec<WithdrawalView>,
    /// Channels, declared and observed.
    pub channels: Vec<ChannelView>,
    /// Who is on watch, by line.
    pub watches: Vec<LineWatchView>,
    /// Who may know which part of which document.
    pub publication: Vec<PublicationView>,
    /// What stays whatever is suspended or left.
    pub safety_floor: SafetyFloorView,
}

/// A text of the agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextView {
    /// Its id.
    pub id: String,
    /// Where it stands: `tabled`, `technical_review`, `initialling`, …
    pub state: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// Whether it is the text that binds.
    pub binds: bool,
    /// SHA-256 of its dossier: what participants sign.
    pub sha256: String,
    /// Its languages, and how the text in each stands to the others.
    pub languages: BTreeMap<String, String>,
    /// Initials and adoptions of this very text.
    pub signatures: Vec<SignatureView>,
    /// Participants that have not initialled it.
    pub not_initialled: Vec<String>,
    /// Participants that have not adopted it.
    pub not_adopted: Vec<String>,
    /// What stands in the way of signing: blocking concerns, by id and state.
    pub blocked_by: Vec<String>,
    /// Day D, once every participant names the same, RFC 3339.
    pub day_d: Option<String>,
    /// Day D as each participant names it.
    pub day_d_named: BTreeMap<String, String>,
    /// When it ends, renewals counted, RFC 3339.
    pub ends: Option<String>,
    /// The end each participant agreed to.
    pub renewals: BTreeMap<String, String>,
    /// What has to hold, with what it rests on.
    pub preconditions: Vec<PreconditionView>,
    /// Articles that permit nothing until their preconditions hold.
    pub held_back: Vec<String>,
    /// What can be written next, and by whom.
    pub next: Vec<String>,
}

/// An initial or an adoption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureView {
    /// Whose.
    pub holder: String,
    /// `agreement_initialled` or `agreement_adopted`.
    pub act: String,
    /// When, RFC 3339.
    pub at: String,
    /// The entry.
    pub record: RecordRef,
}

/// A precondition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreconditionView {
    /// Its id.
    pub id: String,
    /// What has to hold.
    pub text: Words,
    /// The article that asks for it.
    pub article: Option<String>,
    /// The articles it opens; none where it holds back Day D.
    pub opens: Vec<String>,
    /// `holds`, `waiting`, `unreported`, `contradicted`, `not_borne_out` or `overdue`.
    pub holding: String,
    /// When it came to hold, RFC 3339.
    pub met_at: Option<String>,
    /// The entry by which it came to hold.
    pub met_by: Option<RecordRef>,
    /// Not before, RFC 3339.
    pub earliest: Option<String>,
    /// By when, RFC 3339.
    pub due: Option<String>,
    /// Quiet, where it asks for that.
    pub quiet: Option<QuietNeedView>,
    /// What each holder reported last.
    pub reports: BTreeMap<String, ReportView>,
    /// Participants that have not reported.
    pub lacking: Vec<String>,
}

/// Consecutive quiet, counted from the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietNeedView {
    /// Hours it has to be quiet without a break.
    pub needed_h: u64,
    /// Whole consecutive quiet hours by anybody's account: what counts.
    pub counted_h: u64,
    /// Since when, RFC 3339; null before it can be counted.
    pub since: Option<String>,
    /// Whole consecutive quiet hours by each holder's own account.
    pub by_account_h: BTreeMap<String, u64>,
}

/// A report about a precondition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportView {
    /// Whether it holds.
    pub holds: bool,
    /// Since when, RFC 3339.
    pub since: Option<String>,
    /// When it was reported, RFC 3339.
    pub at: String,
    /// The entry.
    pub record: RecordRef,
    /// What shows it.
    pub evidence: Vec<EvidenceView>,
}

/// An item of evidence, by its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceView {
    /// What it is.
    pub title: Words,
    /// SHA-256 of the original.
    pub sha256: String,
}

/// A concern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConcernView {
    /// Its id.
    pub id: String,
    /// What it is about.
    pub title: Words,
    /// The reservation in full.
    pub text: Words,
    /// `blocking` or `non_blocking`.
    pub severity: String,
    /// Where it stands: `raised`, `assigned`, `overdue`, `answered`, `maintained`, `accepted`, `withdrawn`, `overridden`.
    pub state: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// Whose ledger it was raised in.
    pub holder: String,
    /// The articles it is about.
    pub articles: Vec<String>,
    /// Whether it stands in the way of signing now.
    pub blocks: bool,
    /// Who is to answer.
    pub assigned_to: Option<String>,
    /// The last answer.
    pub answer: Option<Words>,
    /// Why it is maintained.
    pub maintained_because: Option<Words>,
    /// Who took it upon himself to go on in spite of it, and why.
    pub overridden_by: Option<OverrideView>,
    /// Everything effective that was said about it.
    pub records: Vec<RecordRef>,
}

/// A named override.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideView {
    /// Who answers for it.
    pub name: String,
    /// Why.
    pub reason: Words,
}

/// A technical meeting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeetingView {
    /// Its id.
    pub id: String,
    /// `called`, `overdue` or `held`.
    pub state: String,
    /// When, RFC 3339.
    pub at: Option<String>,
    /// Where.
    pub place: Option<Words>,
    /// What was to be talked about.
    pub agenda: Vec<Words>,
    /// Who came: holder and office.
    pub attendance: Vec<(String, String)>,
    /// What was decided.
    pub decisions: Vec<DecisionView>,
    /// The entries about it.
    pub records: Vec<RecordRef>,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionView {
    /// What was decided.
    pub text: Words,
    /// The articles it is about.
    pub articles: Vec<String>,
    /// The concerns it is about.
    pub concerns: Vec<String>,
}

/// Readings of an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingView {
    /// The article.
    pub article: String,
    /// Whether the readings are in dispute: then the stricter one counts.
    pub disputed: bool,
    /// The reading of each participant.
    pub readings: BTreeMap<String, Words>,
    /// The entries about it.
    pub records: Vec<RecordRef>,
}

/// A group's answer to the terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessionView {
    /// The group.
    pub group: String,
    /// `pending`, `accepted`, `declined` or `withdrawn`.
    pub status: String,
    /// The participant it answered through.
    pub channel: String,
    /// By when it had to answer, RFC 3339.
    pub deadline: Option<String>,
    /// When that was recorded, RFC 3339.
    pub at: String,
    /// Whether it was recorded after the deadline.
    pub late: bool,
    /// The entry.
    pub record: RecordRef,
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MilestoneView {
    /// What it is: `day_d`, `precondition_earliest`, `precondition_due`, `end`, `suspension`, `withdrawal`.
    pub kind: String,
    /// What it belongs to, by id.
    pub of: String,
    /// When, RFC 3339; null before Day D is set.
    pub at: Option<String>,
    /// The same counted from Day D, such as `D+48h`.
    pub relative: Option<String>,
    /// `past`, `to_come`, `met`, `overdue` or `not_anchored`.
    pub status: String,
}

/// A suspension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspensionView {
    /// Its id.
    pub id: String,
    /// Whose.
    pub holder: String,
    /// `channel`, `article`, `area` or `all`.
    pub scope: String,
    /// Which of these; null for everything.
    pub what: Option<String>,
    /// `notified`, `in_effect`, `resumption_proposed`, `resumption_agreed` or `lifted`.
    pub state: String,
    /// From when it takes effect, RFC 3339.
    pub effect: String,
    /// Why.
    pub reason: Words,
    /// The entries about it.
    pub records: Vec<RecordRef>,
}

/// A withdrawal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalView {
    /// Its id.
    pub id: String,
    /// Whose.
    pub holder: String,
    /// `winding_down` or `withdrawn`.
    pub state: String,
    /// When it takes effect, RFC 3339.
    pub effect: String,
    /// Why.
    pub reason: Words,
    /// Operations and flights that are under way or could still be flown, and have to come to an end.
    pub wind_down: Vec<String>,
    /// The entries about it.
    pub records: Vec<RecordRef>,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelView {
    /// Its name.
    pub name: String,
    /// What each holder declares it to be: `open`, `suspended` or `out_of_order`.
    pub declared: BTreeMap<String, DeclaredView>,
    /// Who has suspended it, with the state of the suspension.
    pub suspended_by: BTreeMap<String, String>,
    /// Calls since the last declaration.
    pub calls: u64,
    /// Of these, answered.
    pub answered: u64,
    /// The last call, RFC 3339.
    pub last_call: Option<String>,
    /// `unknown`, `agrees`, `open_and_silent`, `closed_and_used` or `declared_differently`.
    pub comparison: String,
    /// The calls counted.
    pub records: Vec<RecordRef>,
}

/// A line, and who is on watch at it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineWatchView {
    /// The line.
    pub line: String,
    /// The newest watch of each holder at it, by holder.
    pub watches: BTreeMap<String, WatchView>,
    /// Participants of whom nobody has the watch now.
    pub unwatched: Vec<String>,
}

/// A watch at a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WatchView {
    /// The office on watch.
    pub office: String,
    /// Who has it, where that is on record.
    pub person: Option<String>,
    /// Who is called when nobody answers.
    pub alternate: Option<String>,
    /// Since when, RFC 3339.
    pub since: String,
    /// Until when, RFC 3339.
    pub until: String,
    /// Whether it has ended, and nobody has said that he took the next.
    pub is_over: bool,
    /// The entry.
    pub record: RecordRef,
}

/// What a holder declares of a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredView {
    /// `open`, `suspended` or `out_of_order`.
    pub state: String,
    /// Since when, RFC 3339.
    pub at: String,
    /// The entry.
    pub record: RecordRef,
}

/// Who may know a part of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicationView {
    /// The document.
    pub document: String,
    /// The part; null for the whole.
    pub part: Option<String>,
    /// `secret`, `parties_only` or `published`: what the most reticent participant says.
    pub publicity: String,
    /// What each holder said last.
    pub stated: BTreeMap<String, StatedView>,
}

/// What a holder said about a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatedView {
    /// `secret`, `parties_only` or `published`.
    pub publicity: String,
    /// Who published it, where that is known.
    pub by: Option<String>,
    /// When it was published, where that is known, RFC 3339.
    pub published_at: Option<String>,
    /// When this was stated, RFC 3339.
    pub at: String,
    /// The entry.
    pub record: RecordRef,
}

/// What stays whatever is suspended or left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SafetyFloorView {
    /// Objects that are protected now.
    pub protected_objects: u64,
    /// Humanitarian movements that are not over.
    pub movements: u64,
    /// Ledgers that go on.
    pub ledgers: u64,
}
