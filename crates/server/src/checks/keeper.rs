//! Going on with open sessions: as soon as something new is on record, or its content has arrived; and again a little later
//! where something stood in the way that may pass.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use detente_node::node::{Command, NODE_AUTHOR};
use detente_node::picture::{Outcome, PRIVATE_CHECK};
use detente_node::private_check::{Next, is_open_for, known_at_end};
use detente_records::act::private_check::{
    PrivateCheckBrokenOff, PrivateCheckConcluded, PrivateCheckMessage,
};
use detente_records::act::report::Sealed;
use detente_records::act::{Act, Kind, Role};
use detente_records::{HolderId, LocalText, RecordId};
use detente_sharing::Author;
use detente_sharing::private_check::wrapped;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::api::{App, seal_all};
use crate::problem::Problem;
use crate::runtime::Change;

/// A step that something stood in the way of is tried again after this long.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What became of a session that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looked {
    /// It waits for something new.
    Waits,
    /// Something stood in the way, which may pass without anything new.
    Hindered,
    Over,
}

/// Goes on with every open session of this participant until the node stops.
pub(crate) async fn keep(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let mut changes = app.handle.changes();
    let mut open = standing(&app);
    // Sessions that rest until the instant after them.
    let mut hindered: BTreeMap<RecordId, Instant> = BTreeMap::new();
    let mut was_leading = false;
    loop {
        let version = app.handle.view().version;
        let is_leading = *app.handle.leading().borrow();
        let mut is_lost = is_leading && !was_leading;
        was_leading = is_leading;
        loop {
            match changes.try_recv() {
                Ok(Change::Applied { outcome, .. }) => open.extend(begun(&outcome)),
                Ok(Change::Found { .. }) => {}
                Err(TryRecvError::Lagged(_)) => is_lost = true,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Closed) => return,
            }
        }
        if is_lost {
            open.extend(standing(&app));
        }
        hindered.retain(|_, until| *until > Instant::now());
        if is_leading {
            for check in open.clone() {
                if hindered.contains_key(&check) {
                    continue;
                }
                match go_on(&app, &check).await {
                    Looked::Waits => {}
                    Looked::Hindered => {
                        hindered.insert(check, Instant::now() + AGAIN_AFTER);
                    }
                    Looked::Over => {
                        open.remove(&check);
                    }
                }
            }
        }
        let again = hindered.values().min().copied();
        tokio::select! {
            newer = app.handle.wait_for(|view| view.version > version) => {
                if newer.is_err() {
                    return;
                }
            }
            () = until(again) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

/// Waits until an instant, or for ever.
async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// Every open session of this participant.
fn standing(app: &App) -> BTreeSet<RecordId> {
    let own = app.own_holder();
    let view = app.handle.view();
    let checks = view.picture.private_checks();
    checks
        .filter(|file| is_open_for(file, &own))
        .map(|file| file.id.clone())
        .collect()
}

/// The sessions that an entry moves.
fn begun(outcome: &Outcome) -> Vec<RecordId> {
    let Outcome::Effective(changes) = outcome else {
        return Vec::new();
    };
    let moved = changes
        .iter()
        .filter(|change| change.machine == PRIVATE_CHECK);
    moved.map(|change| change.subject.clone()).collect()
}

/// Says whatever this side has to say.
async fn go_on(app: &Arc<App>, check: &RecordId) -> Looked {
    loop {
        let (next, known) = match look(app, check).await {
            Ok(Some(found)) => found,
            Ok(None) => return Looked::Waits,
            Err(looked) => return looked,
        };
        let act = match said(app, check, next, known).await {
            Ok(Some(act)) => act,
            Ok(None) => return Looked::Hindered,
            Err(problem) => {
                tracing::warn!(%check, status = %problem.status(), "a private check cannot go on yet");
                return Looked::Hindered;
            }
        };
        let command = Command {
            author: NODE_AUTHOR.to_owned(),
            kind: act.kind().wire_name().to_owned(),
            body: act.to_body(),
        };
        match app.handle.submit(command, None).await {
            Ok(Ok(accepted)) if matches!(accepted.outcome, Outcome::Effective(_)) => {}
            // Another entry came between.
            Ok(Ok(_)) => return Looked::Hindered,
            Ok(Err(refused)) => {
                tracing::debug!(%check, ?refused, "the next step of a private check is not recorded");
                return Looked::Hindered;
            }
            Err(_) => return Looked::Over,
        }
    }
}

/// What follows in a session, and what is known of it; computed where it holds up nobody.
async fn look(app: &Arc<App>, check: &RecordId) -> Result<Option<(Next, &'static str)>, Looked> {
    let (app, check) = (Arc::clone(app), check.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let view = app.handle.view();
        let picture = view.picture.at(app.clock.now());
        let own = app.own_holder();
        // What was told a moment ago may not be shown yet.
        let file = picture.private_check(&check).ok_or(Looked::Waits)?;
        if !is_open_for(&file, &own) {
            return Err(Looked::Over);
        }
        let next = app.checks.with(&app, &picture, &file, |talk| {
            talk.next(&file)
                .map(|next| (next, known_at_end(talk.outcome())))
        });
        Ok(next.flatten())
    });
    looked.await.unwrap_or(Err(Looked::Hindered))
}

/// The act that says it; `None` while it cannot be sealed.
async fn said(
    app: &Arc<App>,
    check: &RecordId,
    next: Next,
    known: &str,
) -> Result<Option<Act>, Problem> {
    Ok(Some(match next {
        Next::Message(number, bytes) => {
            let other = {
                let view = app.handle.view();
                let file = view.picture.private_check(check);
                file.and_then(|file| file.other(&app.own_holder()).cloned())
            };
            let Some(other) = other else {
                return Ok(None);
            };
            let sealed = seal_for(app, Kind::PrivateCheckMessage, &other, &bytes).await?;
            Act::PrivateCheckMessage(PrivateCheckMessage {
                subject: check.clone(),
                role: Role::System,
                number,
                sealed,
            })
        }
        Next::Conclude(found) => Act::PrivateCheckConcluded(PrivateCheckConcluded {
            subject: check.clone(),
            role: Role::System,
            found,
        }),
        Next::BreakOff(fault) => Act::PrivateCheckBrokenOff(PrivateCheckBrokenOff {
            subject: check.clone(),
            role: Role::System,
            reason: LocalText::Plain(format!("{fault}; {known}")),
        }),
    }))
}

/// Seals something for the other side alone.
pub(crate) async fn seal_for(
    app: &App,
    kind: Kind,
    other: &HolderId,
    bytes: &[u8],
) -> Result<Sealed, Problem> {
    let too_long = || Problem::malformed("the content is longer than anything that is sealed");
    let payload = wrapped(bytes).ok_or_else(too_long)?;
    let agreement = {
        let view = app.handle.view();
        view.picture
            .agreement()
            .map(|agreement| agreement.id.to_string())
    };
    let agreement = agreement.ok_or_else(|| Problem::unavailable("no agreement is in force"))?;
    let author = Author {
        origin: &app.origin,
        agreement: &agreement,
        kind,
    };
    let sealed = seal_all(app, &author, [(other.clone(), payload.as_slice())]).await?;
    sealed.into_iter().next().ok_or_else(too_long)
}
