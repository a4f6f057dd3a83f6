//! Alarms: alerts as they are raised, for those who watch, and the notice a node gives by itself.
//!
//! An operation that is seen outside what it declared, or is not taken to come back, alarms the watch of every participant: each
//! node raises the alert in its own ledger, under a name made from the operation and the instant, so that it is raised once.
//!
//! What a node put on record may lose its effect when entries arrive that were written before it, as after a line was down:
//! another side used the same name, or had said no. Whoever wrote it has gone on by then, so the node alarms its own watch.

mod overdue;

pub(crate) use overdue::watch;

use detente_ledger::hash::Hash;
use detente_node::node::{Command, NODE_AUTHOR};
use detente_node::picture::{Change, Outcome, Picture, Refusal};
use detente_records::RecordId;
use detente_records::act::{Act, Kind, Role};
use detente_spacetime::Instant;
use serde_json::{Map, Value, json};

use crate::events::Events;
use crate::runtime::{Handle, View};

/// The event that alerts are told as.
pub const EVENT: &str = "alert";
/// The workflow of alerts.
const ALERT: &str = "alert";
/// How the names of alerts begin that are about entries without effect.
const LOST: &str = "lost-";
/// Characters of a hash that tell apart alerts whose names are too long.
const HASH_CHARS: usize = 16;
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
        let told = Told::flown((&change.subject, state, words), change.at, participant);
        told.raise(handle).await;
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
        let told = Told::flown((&id, state, words), since, participant);
        told.raise(handle).await;
    }
}

/// Raises an alert for an entry of this node's own that had taken effect and has none any more.
///
/// What follows from it loses its effect as well: only the first of a matter alarms, until somebody has taken note.
pub(crate) async fn notice_lost(
    handle: &Handle<Picture>,
    participant: &str,
    index: u64,
    refusal: &Refusal,
) {
    let (Some(kind), Some(matter)) = (refusal.attempted, &refusal.subject) else {
        return;
    };
    if kind.machine().is_some_and(|machine| machine.name == ALERT) {
        return;
    }
    let protects = matches!(
        kind,
        Kind::ObjectSubmitted
            | Kind::ObjectAmended
            | Kind::MovementNotified
            | Kind::MovementChanged
    );
    let unprotected = match protects {
        true => " What it notifies is not protected by it.",
        false => "",
    };
    let told = Told {
        name: format!("{LOST}{matter}-{index}-{participant}"),
        about: matter,
        text: format!(
            "Entry {index} of this ledger ({}) has no effect any more, now that what others wrote before it has arrived: {refusal}.{unprotected} Say anew what was said about {matter}, under another name where this one is taken.",
            kind.wire_name(),
        ),
    };
    let view = handle.view();
    let mut alerts = view.picture.matters(ALERT);
    let is_told = alerts.any(|(id, alert)| {
        let is_open = matches!(alert.course.state, "raised" | "overdue");
        is_open
            && id.as_str().starts_with(LOST)
            && alert.lines.first().is_some_and(|line| {
                matches!(&*line.act, Act::AlertRaised(act) if act.about.as_ref() == Some(matter))
            })
    });
    if !is_told {
        told.raise(handle).await;
    }
}

/// An alert that the node raises by itself.
struct Told<'a> {
    /// What it is called, so that it is raised once.
    name: String,
    about: &'a RecordId,
    text: String,
}

impl<'a> Told<'a> {
    /// An operation in one of the [`ALARMING`] states.
    fn flown(
        (operation, state, words): (&'a RecordId, &str, &str),
        since: Instant,
        participant: &str,
    ) -> Self {
        Self {
            name: format!("{state}-{operation}-{}-{participant}", since.micros()),
            about: operation,
            text: format!("Operation {operation} {words}"),
        }
    }

    /// Puts it on record, unless it is there.
    async fn raise(&self, handle: &Handle<Picture>) {
        let Some(id) = alert_id(&self.name) else {
            tracing::error!(about = %self.about, "no alert can be named after it");
            return;
        };
        if handle.view().picture.matter(ALERT, &id).is_some() {
            return;
        }
        let mut body = Map::new();
        body.insert("subject".to_owned(), json!(id.as_str()));
        body.insert("role".to_owned(), json!(Role::System.wire_name()));
        body.insert("text".to_owned(), json!(self.text));
        body.insert("about".to_owned(), json!(self.about.as_str()));
        body.insert("articles".to_owned(), json!([]));
        let command = Command {
            author: NODE_AUTHOR.to_owned(),
            kind: "alert_raised".to_owned(),
            body,
        };
        match handle.submit(command, None).await {
            Ok(Ok(_)) => {}
            Ok(Err(refused)) => {
                tracing::warn!(about = %self.about, ?refused, "the notice was not put on record")
            }
            // The node is stopping: the next start catches up.
            Err(_) => {}
        }
    }
}

/// The id of an alert: its name, or the beginning of it and its hash where an id of somebody's own makes it too long.
fn alert_id(name: &str) -> Option<RecordId> {
    if let Ok(id) = RecordId::parse(name) {
        return Some(id);
    }
    let (begins, _) = name.split_once('-')?;
    let hash = Hash::of(name.as_bytes()).to_hex();
    RecordId::parse(&format!("{begins}-{}", hash.get(..HASH_CHARS)?)).ok()
}

/// Tells what a change raises, given a picture that shows it.
pub(crate) fn tell_raised(events: &Events, view: &View<Picture>, outcome: &Outcome) {
    if is_raised_by(outcome) {
        tell(events, view, outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_with_the_longest_name_alarms_like_any_other() {
        let id = |operation: &str| {
            let name = format!("nonconforming-{operation}-1473732000000000-US");
            alert_id(&name).map(|id| id.to_string())
        };
        assert_eq!(
            id("op-1").as_deref(),
            Some("nonconforming-op-1-1473732000000000-US")
        );
        let (one, other) = (id(&"a".repeat(128)).unwrap(), id(&"b".repeat(128)).unwrap());
        assert!(one.starts_with("nonconforming-") && one.len() == 14 + HASH_CHARS);
        assert_ne!(one, other);
    }
}
