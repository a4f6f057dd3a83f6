//! Matters: where each stands in its workflow, and what was said about it.

use detente_node::picture::{Cause, Change, HistoryLine, Line, Matter, Outcome, Refusal};
use detente_records::RecordId;
use detente_records::workflow::{MACHINES, Machine, To};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// A matter.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MatterView {
    /// Its id.
    pub id: String,
    /// Its workflow.
    pub workflow: &'static str,
    /// Where it stands.
    pub state: &'static str,
    /// Since when, RFC 3339.
    pub since: String,
    /// Whether it is over.
    pub is_over: bool,
    /// Whose ledger brought it up.
    pub opened_by: String,
    /// When, RFC 3339.
    pub opened_at: String,
    /// Everything effective that was said about it, in order.
    pub lines: Vec<LineView>,
}

/// One act that took effect.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LineView {
    /// The ledger.
    pub origin: String,
    /// Its index there.
    pub index: u64,
    /// Whose ledger.
    pub holder: String,
    /// Who wrote it.
    pub author: String,
    /// In which role.
    pub role: String,
    /// When it counts from, RFC 3339.
    pub at: String,
    /// Its kind.
    pub kind: &'static str,
    /// What it says.
    pub body: Value,
}

impl MatterView {
    /// Shows a matter.
    pub fn of(id: &RecordId, matter: &Matter) -> Self {
        Self {
            id: id.to_string(),
            workflow: matter.course.machine.name,
            state: matter.course.state,
            since: matter.course.since.to_string(),
            is_over: matter.course.is_over(),
            opened_by: matter.opened_by.holder.to_string(),
            opened_at: matter.opened_at.to_string(),
            lines: matter.lines.iter().map(LineView::of).collect(),
        }
    }
}

impl LineView {
    fn of(line: &Line) -> Self {
        Self {
            origin: line.source.origin.to_string(),
            index: line.source.index,
            holder: line.author.holder.to_string(),
            author: line.author.user.to_string(),
            role: line.role.wire_name().to_owned(),
            at: line.at.to_string(),
            kind: line.act.kind().wire_name(),
            body: Value::Object(line.act.to_body()),
        }
    }
}

/// What an entry did.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OutcomeView {
    /// Whether it took effect.
    pub is_effective: bool,
    /// The matters that stand differently.
    pub changes: Vec<Value>,
    /// Why it did nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Value>,
}

impl OutcomeView {
    /// Shows an outcome.
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Effective(changes) => Self {
                is_effective: true,
                changes: changes.iter().map(change).collect(),
                refusal: None,
            },
            Outcome::Ineffective(reason) => Self {
                is_effective: false,
                changes: Vec::new(),
                refusal: Some(refusal(reason)),
            },
        }
    }
}

fn change(change: &Change) -> Value {
    let cause = match change.cause {
        Cause::Act(kind) => json!({"act": kind.wire_name()}),
        Cause::Time(name) => json!({"time": name}),
        Cause::Follows(name) => json!({"follows": name}),
    };
    json!({
        "workflow": change.machine,
        "subject": change.subject.to_string(),
        "from": change.from,
        "to": change.to,
        "at": change.at.to_string(),
        "cause": cause,
    })
}

/// Shows a refusal: the state, the rule, and who could act.
pub fn refusal(refusal: &Refusal) -> Value {
    json!({
        "attempted": refusal.attempted.map(|kind| kind.wire_name()),
        "subject": refusal.subject.as_ref().map(ToString::to_string),
        "state": refusal.state,
        "rule": refusal.rule,
        "says": refusal.says,
        "who_could_act": refusal.who_could_act,
    })
}

/// One entry about a subject, effective or not.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HistoryView {
    /// The ledger.
    pub origin: String,
    /// Its index there.
    pub index: u64,
    /// Whose ledger.
    pub holder: String,
    /// Who wrote it.
    pub author: String,
    /// What it attempted.
    pub kind: &'static str,
    /// When it counts from, RFC 3339.
    pub at: String,
    /// What became of it.
    pub outcome: OutcomeView,
}

impl HistoryView {
    /// Shows a line of a history.
    pub fn of(line: &HistoryLine) -> Self {
        Self {
            origin: line.source.origin.to_string(),
            index: line.source.index,
            holder: line.author.holder.to_string(),
            author: line.author.user.to_string(),
            kind: line.kind.wire_name(),
            at: line.at.to_string(),
            outcome: OutcomeView::of(&line.outcome),
        }
    }
}

/// A workflow, for drawing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WorkflowView {
    /// Its name.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it is about.
    pub says: &'static str,
    /// Its states; the first is where everything begins.
    pub states: Vec<&'static str>,
    /// By an act from some states to another; to null where it stays.
    pub transitions: Vec<Value>,
}

impl WorkflowView {
    /// Shows every workflow.
    pub fn all() -> Vec<Self> {
        MACHINES.iter().map(|machine| Self::of(machine)).collect()
    }

    fn of(machine: &Machine) -> Self {
        let transitions = machine.transitions.iter().map(|transition| {
            let to = match transition.to {
                To::Same => None,
                To::State(name) => Some(name),
            };
            json!({
                "act": transition.act.wire_name(),
                "from": transition.from,
                "to": to,
            })
        });
        Self {
            name: machine.name,
            title: machine.title,
            says: machine.says,
            states: machine.states.iter().map(|state| state.name).collect(),
            transitions: transitions.collect(),
        }
    }
}
