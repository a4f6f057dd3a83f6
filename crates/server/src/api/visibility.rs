//! What is there for one user and not for another: reports, and everything that is said about them.
//!
//! To whoever may not read a report nothing is there: not under its id, not in a history, not as a
//! source that another act names. The answers are those for an id that was never given out.

use std::collections::BTreeSet;
use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_node::node::{Command, Draft, Node, Shared};
use detente_node::picture::{Picture, Refusal};
use detente_records::RecordId;
use detente_records::act::Kind;
use detente_spacetime::Instant;
use serde_json::{Map, Value};

use super::App;
use super::picture::REPORT;
use super::reports;
use crate::authority::Action;
use crate::problem::Problem;
use crate::users::Identity;

/// Most values of a body that are looked at; no act comes near it.
const VALUES_MAX: usize = 100_000;
/// The workflows whose acts are about reports.
const ABOUT_REPORTS: [&str; 3] = [REPORT, "receipt", "onward_release"];

/// Returns whether a subject is a report that the asker may not read.
pub(super) fn is_hidden(app: &App, picture: &Picture, who: &Identity, subject: &RecordId) -> bool {
    picture.matter(REPORT, subject).is_some_and(|matter| {
        let object = reports::object(subject, matter);
        app.authority.grant(who, Action::Read, object).is_none()
    })
}

/// Returns whether a body names a report that somebody may not read.
pub(super) fn names_hidden(
    app: &App,
    picture: &Picture,
    who: &Identity,
    body: &Map<String, Value>,
) -> bool {
    ids_in(body).any(|id| is_hidden(app, picture, who, &id))
}

/// Returns every text of a body that could be an id.
fn ids_in(body: &Map<String, Value>) -> impl Iterator<Item = RecordId> {
    let mut open: Vec<&Value> = body.values().collect();
    let values = std::iter::from_fn(move || {
        let value = open.pop()?;
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
        Some(value)
    });
    let texts = values.take(VALUES_MAX).filter_map(Value::as_str);
    texts.filter_map(|text| RecordId::parse(text).ok())
}

/// How the rules judge a command if some reports had never been.
pub(super) struct Judged {
    /// Why they would refuse it; `None` when they would not.
    ///
    /// Only a command that would open a report under an id that is taken is not refused: that an id
    /// is taken cannot be kept from whoever tries to take it.
    pub(super) refusal: Option<Refusal>,
    /// Whether it is refused as things are, and leaves a record as every refusal of its kind does.
    pub(super) is_recorded: bool,
}

/// Judges a command as if the reports it names, and its author may not read, had never been; `None` for
/// one that names none.
///
/// An act about reports is judged so as well when what it names is not there, so that both take the
/// same way and the same time.
pub(super) async fn judge_unseen(
    app: &App,
    who: &Identity,
    command: &Command,
) -> Result<Option<Judged>, Problem> {
    let machine = Kind::from_wire_name(&command.kind).and_then(Kind::machine);
    let is_about_reports = machine.is_some_and(|machine| ABOUT_REPORTS.contains(&machine.name));
    let view = app.handle.view();
    if !is_about_reports && !names_hidden(app, &view.picture, who, &command.body) {
        return Ok(None);
    }
    let own = Arc::clone(&app.origin);
    // Of the node itself: what it answered a moment ago need not be in the view yet.
    let look = move |node: &Node<Picture>, now| Desk {
        picture: node.picture().clone(),
        awareness: node.awareness(now),
        size: node.size(&own),
        now,
    };
    let desk = app.handle.look(look).await;
    let desk = desk.map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    let unseen: BTreeSet<RecordId> = ids_in(&command.body)
        .filter(|id| match desk.picture.matter(REPORT, id) {
            None => is_about_reports,
            Some(_) => is_hidden(app, &desk.picture, who, id),
        })
        .collect();
    if unseen.is_empty() {
        return Ok(None);
    }
    let (own, command) = (Arc::clone(&app.origin), command.clone());
    // Of a large picture a copy takes its time.
    let judged = tokio::task::spawn_blocking(move || {
        let without = desk.picture.without(REPORT, &unseen);
        Judged {
            is_recorded: desk
                .refusal(&desk.picture, &own, &command)
                .is_some_and(|(_, record)| record.is_some()),
            refusal: desk
                .refusal(&without, &own, &command)
                .map(|(refusal, _)| refusal),
        }
    });
    let judged = judged.await;
    judged
        .map(Some)
        .map_err(|_| Problem::unavailable("the act could not be judged"))
}

/// What a command is judged by.
struct Desk {
    picture: Picture,
    awareness: AwarenessKey,
    size: u64,
    now: Instant,
}

impl Desk {
    fn refusal(
        &self,
        picture: &Picture,
        own: &Arc<str>,
        command: &Command,
    ) -> Option<(Refusal, Option<Draft>)> {
        let place = (own, self.size);
        Shared::draft(picture, place, command, self.now, &self.awareness).err()
    }
}
