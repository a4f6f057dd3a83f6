//! What is sealed for recipients, and the acts about reports that name it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use detente_ledger::hash::Hash;
use detente_ledger::seal::SealPublicKey;
use detente_node::node::{Input, Node, Once};
use detente_node::picture::Picture;
use detente_records::HolderId;
use detente_records::act::Act;
use detente_records::act::report::Sealed;
use detente_sharing::Author;
use serde_json::Value;

use super::App;
use super::acts::{Wish, once, write};
use super::answer::Answer;
use crate::authority::Granted;
use crate::problem::Problem;
use crate::users::Identity;

/// Who asked for an act about a report, and how: what every such act goes on record with.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) app: &'a App,
    pub(super) who: &'a Identity,
    pub(super) headers: &'a HeaderMap,
}

impl Asker<'_> {
    /// Does what a request asks for; once, when it comes with an idempotency key. The key belongs to
    /// this verb and this report.
    pub(super) async fn once<F: Future<Output = Answer>>(
        self,
        (verb, report): (&str, &str),
        bytes: &[u8],
        doing: impl FnOnce(Option<Once>) -> F,
    ) -> Answer {
        let request = Hash::of_parts(&[verb.as_bytes(), b"\0", report.as_bytes(), b"\0", bytes]);
        let answered = |kept| {
            let doing = doing(kept);
            async move { doing.await.unwrap_or_else(IntoResponse::into_response) }
        };
        once(self.app, self.who, self.headers, request, answered).await
    }

    /// Puts an act on the record that was granted before anything was done towards it.
    pub(super) async fn put(self, granted: &Granted, act: &Act, kept: Option<Once>) -> Response {
        let mut members = act.to_body();
        members.shift_remove("subject");
        members.shift_remove("role");
        let wish = Wish {
            kind: act.kind().wire_name().to_owned(),
            subject: act.subject().to_string(),
            role: Some(act.role().wire_name().to_owned()),
            body: members,
        };
        write(self.app, self.who, granted, wish, self.headers, kept).await
    }
}

/// Seals a payload for each recipient and lays the bytes beside the ledger, before any entry names
/// them.
pub(crate) async fn seal_all<'a>(
    app: &App,
    author: &Author<'_>,
    payloads: impl IntoIterator<Item = (HolderId, &'a [u8])>,
) -> Result<Vec<Sealed>, Problem> {
    let keys = seal_keys(app).await?;
    let mut sealed = Vec::new();
    let mut blobs = Vec::new();
    for (recipient, payload) in payloads {
        let key = keys.get(&recipient).ok_or_else(|| no_key(&recipient))?;
        let made = app.seals.seal(author, &recipient, key, payload);
        let (part, blob) = made.map_err(|error| Problem::unavailable(error.to_string()))?;
        sealed.push(part);
        blobs.push(blob);
    }
    lay(app, &blobs).await?;
    Ok(sealed)
}

/// A recipient has published no key.
pub(super) fn no_key(recipient: &HolderId) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "no-seal-key",
        "a recipient has published no key to seal to",
    )
    .with("recipient", Value::String(recipient.to_string()))
}

/// Lays sealed bytes beside the ledger.
pub(super) async fn lay(app: &App, blobs: &[Vec<u8>]) -> Result<(), Problem> {
    if blobs.is_empty() {
        return Ok(());
    }
    let kept = app
        .office
        .with(|files| crate::house::keep_blobs(files, blobs));
    let hashes = kept
        .ok_or_else(Problem::elsewhere)?
        .map_err(|_| Problem::unavailable("the sealed content could not be kept"))?;
    for (hash, blob) in hashes.into_iter().zip(blobs) {
        let bytes = blob.len() as u64;
        let told = app.handle.tell(Input::BlobStored { hash, bytes }).await;
        told.map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    }
    Ok(())
}

/// The keys everybody has published to be sealed to.
pub(super) async fn seal_keys(app: &App) -> Result<BTreeMap<HolderId, SealPublicKey>, Problem> {
    let holders = Arc::clone(&app.holders);
    let look = move |node: &Node<Picture>, _| {
        let found = holders
            .iter()
            .filter_map(|(origin, holder)| Some((holder.clone(), node.seal_key(origin)?.clone())));
        found.collect()
    };
    let found = app.handle.look(look).await;
    found.map_err(|stopped| Problem::unavailable(stopped.to_string()))
}
