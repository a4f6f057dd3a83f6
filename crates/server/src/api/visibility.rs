//! What is there for one user and not for another: reports, and everything that is said about them.
//!
//! To whoever may not read a report nothing is there: not under its id, not in a history, not as a
//! source that another act names. The answers are those for an id that was never given out.

use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_node::node::{Command, Node, Shared};
use detente_node::picture::{Picture, Refusal};
use detente_records::RecordId;
use serde_json::{Map, Value};

use super::App;
use super::picture::REPORT;
use super::reports;
use crate::authority::Action;
use crate::users::Identity;

/// Most values of a body that are looked at; no act comes near it.
const VALUES_MAX: usize = 100_000;

/// Returns whether a subject is a report that the asker may not read.
pub(super) fn is_hidden(app: &App, picture: &Picture, who: &Identity, subject: &RecordId) -> bool {
    picture.matter(REPORT, subject).is_some_and(|matter| {
        let object = reports::object(subject, matter);
        app.authority.grant(who, Action::Read, object).is_none()
    })
}

/// Returns the reports that an act names, as its subject or anywhere in its body, and that its author
/// may not read.
pub(super) fn hidden_in(
    app: &App,
    picture: &Picture,
    who: &Identity,
    command: &Command,
) -> Vec<RecordId> {
    hidden_ids(app, picture, who, &command.body)
}

/// Returns whether a body names a report that somebody may not read.
pub(super) fn names_hidden(
    app: &App,
    picture: &Picture,
    who: &Identity,
    body: &Map<String, Value>,
) -> bool {
    !hidden_ids(app, picture, who, body).is_empty()
}

fn hidden_ids(
    app: &App,
    picture: &Picture,
    who: &Identity,
    body: &Map<String, Value>,
) -> Vec<RecordId> {
    let mut hidden = Vec::new();
    let mut open: Vec<&Value> = body.values().collect();
    let mut seen = 0;
    while let Some(value) = open.pop() {
        seen += 1;
        if seen > VALUES_MAX {
            break;
        }
        match value {
            Value::String(text) => {
                let id = RecordId::parse(text).ok();
                hidden.extend(id.filter(|id| is_hidden(app, picture, who, id)));
            }
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    hidden
}

/// Returns how the rules would refuse a command if these reports had never been; `None` when they
/// would not.
///
/// Only a command that would open a report under an id that is taken comes back as `None`: that an
/// id is taken cannot be kept from whoever tries to take it.
pub(super) async fn refusal_without(
    app: &App,
    reports: Vec<RecordId>,
    command: Command,
) -> Option<Refusal> {
    let own = Arc::clone(&app.origin);
    let look = move |node: &Node<Picture>, now| {
        let mut picture = node.picture().clone();
        for report in &reports {
            picture = picture.without(REPORT, report);
        }
        let awareness: AwarenessKey = node.awareness(now);
        let place = (&own, node.size(&own));
        let drafted = Shared::draft(&picture, place, &command, now, &awareness);
        drafted.err().map(|(refusal, _)| refusal)
    };
    app.handle.look(look).await.ok().flatten()
}
