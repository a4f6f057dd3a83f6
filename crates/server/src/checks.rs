//! Private checks of this node: what it alone knows of them, and what it goes on saying in them.
//!
//! The secret of a session, its seed and plans, lies among the node's files and in no ledger; there is no route by which a
//! peer could ask for it. Everything else follows from it and from what is on record, so that a node that was restarted goes
//! on where it was.

mod keeper;
mod kept;
mod view;

pub(crate) use keeper::{keep, seal_for};
pub(crate) use kept::{Kept, find, forget, keep as keep_secret};
pub(crate) use view::{Knows, PrivateCheckView};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use detente_node::picture::{CheckFile, CheckSaid, Picture, SaidOfCheck};
use detente_node::private_check::{CheckSecret, Content, Talk};
use detente_records::act::report::Sealed;
use detente_records::{HolderId, RecordId};
use detente_sharing::private_check::Role;

use crate::api::App;
use crate::seals::{ContentFault, Shelf};

/// Sessions kept in memory: a few that are open, and those that were looked at last.
const TALKS_MAX: usize = 16;

/// The sessions in memory; any of them can be made anew.
#[derive(Debug, Default)]
pub struct Checks {
    talks: Mutex<BTreeMap<RecordId, Arc<Mutex<Talk>>>>,
    /// Held while one is proposed or answered, so that no second answer takes the place of the first one's secret.
    beginning: tokio::sync::Mutex<()>,
}

impl Checks {
    /// Works with a session that is brought to where the record is; `None` when its secret is not here.
    ///
    /// Takes as long as what is new in it takes to compute, which may be seconds: not for a thread that serves others.
    pub(crate) fn with<T>(
        &self,
        app: &App,
        picture: &Picture,
        file: &CheckFile<'_>,
        work: impl FnOnce(&Talk) -> T,
    ) -> Option<T> {
        let own = app.own_holder();
        let talk = self.talk(app, file, &own)?;
        let mut talk = talk.lock().unwrap_or_else(PoisonError::into_inner);
        talk.follow(file, |said| content(app, picture, &own, said));
        Some(work(&talk))
    }

    /// Waits until nobody else begins a session.
    pub(crate) async fn begin(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.beginning.lock().await
    }

    fn talk(&self, app: &App, file: &CheckFile<'_>, own: &HolderId) -> Option<Arc<Mutex<Talk>>> {
        let held = || self.talks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(talk) = held().get(file.id) {
            return Some(Arc::clone(talk));
        }
        // A secret may be drawn anew until what follows from it is on record; then it is this one.
        let is_initiator = file.role_of(own)? == Role::Initiator;
        let mut said = file.said();
        said.find(|said| {
            said.by_initiator == is_initiator && matches!(said.said, SaidOfCheck::Committed(_))
        })?;
        let kept = find(&app.reader, file.id)?;
        let talk = Talk::open(file.role_of(own)?, file.terms()?, kept.secret()).ok()?;
        let talk = Arc::new(Mutex::new(talk));
        let mut all = held();
        while all.len() >= TALKS_MAX && all.pop_first().is_some() {}
        // Whoever came first has gone further with its own.
        Some(Arc::clone(all.entry(file.id.clone()).or_insert(talk)))
    }
}

/// Opens what the other side said.
fn content(app: &App, picture: &Picture, own: &HolderId, said: &CheckSaid<'_>) -> Content {
    let (SaidOfCheck::Committed(sealed) | SaidOfCheck::Message(sealed)) = said.said else {
        return Content::Unreadable;
    };
    match opened(app, picture, own, said, sealed) {
        Ok(bytes) => Content::Opened(bytes),
        // It may yet arrive, and an agreement may yet be in force again.
        Err(ContentFault::NotHere | ContentFault::NoAgreement) => Content::Awaited,
        Err(_) => Content::Unreadable,
    }
}

/// Opens what either side said.
pub(crate) fn opened(
    app: &App,
    picture: &Picture,
    own: &HolderId,
    said: &CheckSaid<'_>,
    sealed: &Sealed,
) -> Result<Vec<u8>, ContentFault> {
    let shelf = Shelf {
        picture,
        holders: &app.holders,
        own,
        reader: &app.reader,
    };
    let origin = &said.line.source.origin;
    let kind = said.line.act.kind();
    let opened = app.seals.open(&shelf, origin, kind, sealed)?;
    Ok(opened.payload)
}

/// The secret of a session.
impl Kept {
    pub(crate) fn secret(&self) -> CheckSecret {
        CheckSecret {
            seed: self.seed,
            plans: self.plans.clone(),
        }
    }
}
