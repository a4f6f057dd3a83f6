//! Alarms: alerts as they are raised, for those who watch, and the notice a node gives by itself.
//!
//! An operation that is seen outside what it declared, or is not taken to come back, alarms the watch of every participant: each
//! node raises the alert in its own ledger, under a name made from the operation and the instant, so that it is raised once.

mod overdue;

pub(crate) use overdue::watch;

use detente_node::node::{Command, NODE_AUTHOR};
use detente_node::picture::{Change, Outcome, Picture};
use detente_records::RecordId;
use detente_records::act::Role;
use detente_spacetime::Instant;
use serde_json::{Map, Value, json};

use crate::events::Events;
use crate::runtime::{Handle, View};

/// The event that alerts are told as.
pub const EVENT: &str = "alert";
/// The workflow of alerts.
const ALERT: &str = "alert";
/// The workflow of operations.
const OPERATION: &str = "operation";
/// The states of an operation that alarm, and what is said.
const ALARMING: [(&str, &str); 3] = [
    (
        "recheck_in_flight",
        "is flown where a restraint has come upon it",
    ),
    (
        "nonconforming",
        "is flown outside what it declared, or beyond its time",
    ),
    (
        "contingent",
        "cannot be flown as declared, and is being brought to an end",
    ),
];

/// Tells every alert that an entry raises.
pub(crate) fn tell(events: &Events, view: &View<Picture>, outcome: &Outcome) {
    for change in raised(outcome) {
        let matter = view.picture.matter(ALERT, &change.subject);
        let said = matter.and_then(|matter| matter.lines.first());
        let Some(line) = said else {
            continue;
        };
        let body = Value::Object(line.act.to_body());
        let data = json!({
            "subject": change.subject.to_string(),
            "holder": line.author.holder.to_string(),
            "at": change.at.to_string(),
            "body": body,
        });
        events.publish(EVENT, vec![(ALERT, change.subject.to_string())], data);
    }
}

/// Whether an entry raises an alert.
pub(crate) fn is_raised_by(outcome: &Outcome) -> bool {
    raised(outcome).next().is_some()
}

fn raised(outcome: &Outcome) -> impl Iterator<Item = &Change> {
    let changes: &[Change] = match outcome {
        Outcome::Effective(changes) => changes,
        Outcome::Ineffective(_) => &[],
    };
    changes
        .iter()
        .filter(|change| change.machine == ALERT && change.to == "raised")
}

/// Raises an alert for every operation that an entry finds flown otherwise than declared.
pub(crate) async fn notice(handle: &Handle<Picture>, participant: &str, outcome: &Outcome) {
    let Outcome::Effective(changes) = outcome else {
        return;
    };
    for change in changes.iter() {
        let alarming = ALARMING.iter().find(|(state, _)| *state == change.to);
        let Some((state, words)) =
            alarming.filter(|_| change.machine == OPERATION && change.from != Some(change.to))
        else {
            continue;
        };
        raise(
            handle,
            participant,
            &change.subject,
            state,
            words,
            change.at,
        )
        .await;
    }
}

/// Raises what was not raised yet for operations that stand so already: the node may have been away.
pub(crate) async fn catch_up(handle: &Handle<Picture>, participant: &str) {
    let view = handle.view();
    let standing: Vec<(RecordId, &str, &str, Instant)> = view
        .picture
        .operations()
        .filter_map(|(id, file)| {
            let (state, words) = ALARMING
                .iter()
                .find(|(state, _)| *state == file.matter.course.state)?;
            Some((id.clone(), *state, *words, file.matter.course.since))
        })
        .collect();
    for (id, state, words, since) in standing {
        raise(handle, participant, &id, state, words, since).await;
    }
}

async fn raise(
    handle: &Handle<Picture>,
    participant: &str,
    operation: &RecordId,
    state: &str,
    words: &str,
    since: Instant,
) {
    let subject = format!("{state}-{operation}-{}-{participant}", since.micros());
    let Ok(id) = RecordId::parse(&subject) else {
        tracing::warn!(%operation, "no alert can be named after the operation");
        return;
    };
    if handle.view().picture.matter(ALERT, &id).is_some() {
        return;
    }
    let mut body = Map::new();
    body.insert("subject".to_owned(), json!(subject));
    body.insert("role".to_owned(), json!(Role::System.wire_name()));
    body.insert(
        "text".to_owned(),
        json!(format!("Operation {operation} {words}")),
    );
    body.insert("about".to_owned(), json!(operation.to_string()));
    body.insert("articles".to_owned(), json!([]));
    let command = Command {
        author: NODE_AUTHOR.to_owned(),
        kind: "alert_raised".to_owned(),
        body,
    };
    match handle.submit(command, None).await {
        Ok(Ok(_)) => {}
        Ok(Err(refused)) => {
            tracing::warn!(%operation, ?refused, "the notice was not put on record")
        }
        // The node is stopping: the next start catches up.
        Err(_) => {}
    }
}

/// Tells what a change raises, given a picture that shows it.
pub(crate) fn tell_raised(events: &Events, view: &View<Picture>, outcome: &Outcome) {
    if is_raised_by(outcome) {
        tell(events, view, outcome);
    }
}
