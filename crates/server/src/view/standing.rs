//! What stands in the air and on the ground: operations, areas, objects, movements, the agreement.

use std::collections::BTreeMap;

use detente_agreement::{Clause, Finding, Judgement, Rulebook};
use detente_node::picture::{AreaFile, MovementFile, ObjectFile, OperationFile, Picture};
use detente_records::{Agreement, RecordId};
use detente_spacetime::Instant;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::MatterView;
use super::shape::local_text;

/// A verdict with its reasons.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct JudgementView {
    /// `clear`, `consent_required` or `prohibited`.
    pub verdict: &'static str,
    /// Whose consent is missing.
    pub consent_required: Vec<String>,
    /// The articles that permit it.
    pub permitted_by: Vec<String>,
    /// Every reason, worst first.
    pub findings: Vec<FindingView>,
}

/// One reason for a verdict.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FindingView {
    /// What it is about.
    pub kind: String,
    /// `forbid`, `consent` or `warn`.
    pub effect: String,
    /// The articles that decide it.
    pub articles: Vec<String>,
    /// The thing it is about; null for the operation at large.
    pub with: Option<String>,
    /// In words.
    pub message: String,
}

impl JudgementView {
    /// Shows a verdict.
    pub fn of(judgement: &Judgement) -> Self {
        Self {
            verdict: judgement.verdict.wire_name(),
            consent_required: names(&judgement.consent_required),
            permitted_by: names(&judgement.permitted_by),
            findings: judgement.findings.iter().map(FindingView::of).collect(),
        }
    }
}

impl FindingView {
    fn of(finding: &Finding) -> Self {
        Self {
            kind: finding.kind.wire_name().to_owned(),
            effect: finding.effect.wire_name().to_owned(),
            articles: names(&finding.articles),
            with: finding.with.clone(),
            message: finding.message.clone(),
        }
    }
}

fn names<'a, T: ToString + 'a>(items: impl IntoIterator<Item = &'a T>) -> Vec<String> {
    items.into_iter().map(ToString::to_string).collect()
}

/// An operation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OperationView {
    /// Its course.
    pub matter: MatterView,
    /// The version that counts, from 1.
    pub version: u32,
    /// Whose it is.
    pub party: String,
    /// Which force flies it.
    pub force: String,
    /// What it does.
    pub activity: String,
    /// Who proposed this version.
    pub proposed_by: String,
    /// When, RFC 3339.
    pub proposed_at: String,
    /// When the proposal lapses, RFC 3339.
    pub expires: Option<String>,
    /// Who answers for it.
    pub answerable: Option<String>,
    /// Who consented to this version.
    pub consents: Vec<String>,
    /// Whose conditions are not accepted yet.
    pub conditions_of: Vec<String>,
    /// Dissents that the decider has to see.
    pub dissents: Vec<String>,
    /// How it was judged last.
    pub judgement: JudgementView,
    /// As of when, RFC 3339.
    pub judged_at: String,
}

impl OperationView {
    /// Shows an operation.
    pub fn of(id: &RecordId, file: &OperationFile) -> Self {
        Self {
            matter: MatterView::of(id, &file.matter),
            version: file.version,
            party: file.declared.party.to_string(),
            force: file.declared.force.to_string(),
            activity: file.declared.activity.wire_name().to_owned(),
            proposed_by: file.proposed_by.holder.to_string(),
            proposed_at: file.proposed_at.to_string(),
            expires: file.expires.map(|at| at.to_string()),
            answerable: file.answerable.as_ref().map(ToString::to_string),
            consents: names(file.consents.keys()),
            conditions_of: names(file.conditions.keys()),
            dissents: names(file.dissents.keys()),
            judgement: JudgementView::of(&file.judged.judgement),
            judged_at: file.judged.at.to_string(),
        }
    }
}

/// An area or a pause.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AreaView {
    /// Its course; what it looks like is in the last line that draws it.
    pub matter: MatterView,
    /// The version that holds, from 1.
    pub version: u32,
    /// Whether it is a humanitarian pause.
    pub is_pause: bool,
    /// Who has agreed to the version that holds: it holds back from the beginning and opens nothing before every participant
    /// has. Null for an area of the text itself, to which everybody has.
    pub agreed_by: Option<Vec<String>>,
    /// Who has agreed to the change that is proposed; null when none is.
    pub change_agreed_by: Option<Vec<String>>,
}

impl AreaView {
    /// Shows an area.
    pub fn of(id: &RecordId, file: &AreaFile) -> Self {
        let pending = file.pending.as_ref();
        Self {
            matter: MatterView::of(id, &file.matter),
            version: file.version,
            is_pause: file.pause,
            agreed_by: file.agreed.as_ref().map(|agreed| names(agreed.keys())),
            change_agreed_by: pending.map(|pending| names(pending.agreed.keys())),
        }
    }
}

/// A notified object.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ObjectView {
    /// Its course; what it looks like is in the last line that draws it.
    pub matter: MatterView,
    /// The newest version, from 1.
    pub version: u32,
    /// What kind of object.
    pub category: String,
    /// The version that was checked by a second person; null when none was.
    pub validated: Option<u32>,
    /// Who contests it; it stays protected.
    pub contested_by: Vec<String>,
    /// Whether a look at it is overdue; it stays protected.
    pub is_stale: bool,
    /// How far the notice has come at each recipient.
    pub deliveries: Vec<DeliveryView>,
    /// When protection ends, RFC 3339; null while no end is set.
    pub protection_ends: Option<String>,
    /// What is odd or assumed about the newest version; whoever validates it accepts each.
    pub warnings: Vec<NoticeWarningView>,
    /// When the submitter means to look at it again, RFC 3339.
    pub review_by: Option<String>,
    /// How exactly it is shown to everybody: `exact`, or `coarse` when its outline is an area that holds it.
    pub shown: &'static str,
}

/// Something odd about a notice.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NoticeWarningView {
    /// The check that has to look at it.
    pub check: &'static str,
    /// What is odd, as text or by language tag.
    pub text: Value,
}

/// A rung of the ladder: sent, received, loaded, disseminated.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeliveryView {
    /// Who.
    pub recipient: String,
    /// How far.
    pub state: &'static str,
    /// Since when, RFC 3339.
    pub since: String,
    /// The version released.
    pub version: u32,
    /// How exactly it was released: `exact` or `coarse`.
    pub precision: &'static str,
}

impl ObjectView {
    /// Shows an object as of an instant.
    pub fn of(id: &RecordId, file: &ObjectFile, now: Instant) -> Self {
        let deliveries = file
            .deliveries
            .iter()
            .map(|(recipient, delivery)| DeliveryView {
                recipient: recipient.to_string(),
                state: delivery.course.state,
                since: delivery.course.since.to_string(),
                version: delivery.version,
                precision: delivery.precision.wire_name(),
            });
        Self {
            matter: MatterView::of(id, &file.matter),
            version: file.version,
            category: file.current.category.to_string(),
            validated: file.validated.as_ref().map(|(version, _)| *version),
            contested_by: names(file.contested_by.keys()),
            is_stale: file.is_stale(now),
            deliveries: deliveries.collect(),
            protection_ends: file.protection_ends().map(|at| at.to_string()),
            warnings: file
                .warnings
                .iter()
                .map(|warning| NoticeWarningView {
                    check: warning.check.wire_name(),
                    text: local_text(&warning.text),
                })
                .collect(),
            review_by: file.review_by.map(|at| at.to_string()),
            shown: file.shown.wire_name(),
        }
    }
}

/// A humanitarian movement.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MovementView {
    /// Its course; its way is in the last line that draws it.
    pub matter: MatterView,
    /// The newest version, from 1.
    pub version: u32,
    /// Who has acknowledged which version.
    pub acknowledged: Vec<(String, u32)>,
    /// When it set out, RFC 3339.
    pub departed: Option<String>,
    /// The leg it is on, from 1.
    pub leg: Option<u32>,
}

impl MovementView {
    /// Shows a movement.
    pub fn of(id: &RecordId, file: &MovementFile) -> Self {
        let acknowledged = file.acknowledged.iter();
        Self {
            matter: MatterView::of(id, &file.matter),
            version: file.version,
            acknowledged: acknowledged
                .map(|(holder, version)| (holder.to_string(), *version))
                .collect(),
            departed: file.departed.map(|at| at.to_string()),
            leg: file.leg,
        }
    }
}

/// The agreement: what binds, what lies on the table, and the files it consists of.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AgreementView {
    /// What binds; null while no text does.
    pub standing: Option<StandingView>,
    /// Texts that were tabled, each with its course.
    pub texts: Vec<MatterView>,
    /// The dossier's files; see `/api/v1/agreement/files/{name}`.
    pub files: Vec<String>,
}

/// The agreement as it stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StandingView {
    /// Its id.
    pub id: String,
    /// Its title, as text or by language tag.
    pub title: Value,
    /// Its working languages.
    pub languages: Vec<String>,
    /// Its state.
    pub status: String,
    /// Who signs.
    pub participants: Vec<String>,
    /// Who is bound through a guarantor.
    pub bound_parties: Vec<String>,
    /// Who keeps a ledger beside them.
    pub observers: Vec<String>,
    /// The anchor of relative times, RFC 3339.
    pub day_d: Option<String>,
    /// When it ends, RFC 3339, where that is fixed.
    pub ends: Option<String>,
    /// Articles whose reading is in dispute: the stricter one holds.
    pub disputed: Vec<String>,
    /// Everybody it names: participants, bound parties, observers.
    pub names: Vec<NamedView>,
    /// Whatever flies.
    pub forces: Vec<ForceView>,
    /// What its articles say, clause by clause.
    pub clauses: Vec<ClauseView>,
}

/// Somebody the agreement names.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NamedView {
    /// The id.
    pub id: String,
    /// `participant`, `bound_party` or `observer`.
    pub standing: &'static str,
    /// Name for people, as text or by language tag; null when the id says it all.
    pub name: Option<Value>,
    /// The participant that answers for a bound party.
    pub guarantor: Option<String>,
    /// Whether its part is suspended.
    pub is_suspended: bool,
    /// Whether it has left.
    pub is_withdrawn: bool,
}

/// A force of a party.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ForceView {
    /// The id.
    pub id: String,
    /// Whose it is.
    pub party: String,
    /// Name for people, as text or by language tag.
    pub name: Option<Value>,
}

/// One clause of an article.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClauseView {
    /// Its id.
    pub id: String,
    /// The article it belongs to.
    pub article: String,
    /// What it says, by language tag; the agreement's first language under the empty tag.
    pub titles: BTreeMap<String, String>,
    /// The policy itself, in Cedar.
    pub text: String,
    /// Whether it forbids.
    pub forbids: bool,
}

impl AgreementView {
    /// Shows the agreement.
    pub fn of(picture: &Picture, files: Vec<String>) -> Self {
        Self {
            standing: picture
                .rulebook()
                .map(|rulebook| StandingView::of(rulebook)),
            texts: picture
                .texts()
                .map(|(id, file)| MatterView::of(id, &file.matter))
                .collect(),
            files,
        }
    }
}

impl StandingView {
    fn of(rulebook: &Rulebook) -> Self {
        let agreement = rulebook.agreement();
        let clauses = rulebook.articles().clauses().iter().map(ClauseView::of);
        let forces = agreement.forces.iter().map(|(id, force)| ForceView {
            id: id.to_string(),
            party: force.party.to_string(),
            name: force.name.as_ref().map(local_text),
        });
        Self {
            id: agreement.id.to_string(),
            title: local_text(&agreement.title),
            languages: names(&agreement.languages),
            ends: agreement.ends.map(|at| at.to_string()),
            names: NamedView::all(agreement),
            forces: forces.collect(),
            clauses: clauses.collect(),
            status: agreement.status.wire_name().to_owned(),
            participants: names(agreement.participants.keys()),
            bound_parties: names(agreement.bound_parties.keys()),
            observers: names(agreement.observers.keys()),
            day_d: agreement.day_d.map(|at| at.to_string()),
            disputed: names(agreement.disputes.keys()),
        }
    }
}

impl NamedView {
    fn all(agreement: &Agreement) -> Vec<Self> {
        let participants = agreement.participants.iter().map(|(id, it)| Self {
            id: id.to_string(),
            standing: "participant",
            name: it.name.as_ref().map(local_text),
            guarantor: None,
            is_suspended: it.suspended,
            is_withdrawn: it.withdrawn,
        });
        let bound = agreement.bound_parties.iter().map(|(id, it)| Self {
            id: id.to_string(),
            standing: "bound_party",
            name: it.name.as_ref().map(local_text),
            guarantor: it.guarantor.as_ref().map(ToString::to_string),
            is_suspended: it.suspended,
            is_withdrawn: it.withdrawn,
        });
        let observers = agreement.observers.iter().map(|(id, it)| Self {
            id: id.to_string(),
            standing: "observer",
            name: it.name.as_ref().map(local_text),
            guarantor: None,
            is_suspended: false,
            is_withdrawn: false,
        });
        participants.chain(bound).chain(observers).collect()
    }
}

impl ClauseView {
    fn of(clause: &Clause) -> Self {
        let mut titles = clause.titles.clone();
        titles.insert(String::new(), clause.title.clone());
        Self {
            id: clause.id.to_string(),
            article: clause.article.to_string(),
            titles,
            text: clause.text.clone(),
            forbids: clause.forbids(),
        }
    }
}
