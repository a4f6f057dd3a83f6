//! Putting acts on the record.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use detente_ledger::hash::Hash;
use detente_node::node::{Command, Once, Refusal};
use detente_node::picture::Outcome;
use detente_records::act::{Act, ActContext, Kind};
use detente_records::finding::quoted;
use detente_records::nearest::way_out;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Content, done, plain_json, unchanged};
use super::picture::current;
use super::route::{Gives, Needs, Route, schema_of};
use super::visibility::judge_unseen;
use super::{App, distinct};
use crate::authority::{Action, Granted, Object};
use crate::idempotency::{self, Turn};
use crate::problem::Problem;
use crate::runtime::Answered;
use crate::users::Identity;
use crate::view::{self, OutcomeView};
use detente_node::picture::Picture;

/// Members named of those a body should not have: whoever mistook a few is helped, and a flood is not sent back.
const UNKNOWN_TOLD_MAX: usize = 20;

/// An act somebody wants on the record.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// Its kind, such as `operation_proposed`.
    #[schemars(schema_with = "kinds")]
    pub(crate) kind: String,
    /// What it is about.
    pub(crate) subject: String,
    /// The role it is written in; not needed by whoever holds one role only.
    #[serde(default)]
    pub(crate) role: Option<String>,
    /// What the kind asks for beside subject and role.
    #[serde(default)]
    pub(crate) body: Map<String, Value>,
}

/// Where the record lies, and what it did.
#[derive(Debug, Serialize, JsonSchema)]
struct Recorded {
    origin: String,
    index: u64,
    outcome: OutcomeView,
}

/// Every kind of act there is.
fn kinds(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.wire_name()).collect();
    json_schema!({"type": "string", "enum": names})
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/acts",
            "submit_act",
            "Put an act on the record; answered when it is durable",
            Needs::Acts,
            Gives::Json(201, schema_of::<Recorded>),
            post(submit),
        )
        .method("post")
        .keyed()
        .conditional()
        .takes(schema_of::<Wish>),
    ]
}

/// Reads a JSON body: an object that says everything once.
pub(crate) fn body<T: DeserializeOwned + JsonSchema>(bytes: &Bytes) -> Result<T, Problem> {
    let read = serde_json::from_slice(bytes).map_err(|error| {
        let members = misplaced::<T>(bytes);
        Problem::malformed(members.unwrap_or_else(|| error.to_string()))
    })?;
    distinct::object(bytes).map_err(Problem::malformed)?;
    Ok(read)
}

/// Names every member that a body lacks, and those that it has and nobody reads; `None` where something else is wrong.
fn misplaced<T: JsonSchema>(bytes: &Bytes) -> Option<String> {
    let given: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let schema = SchemaGenerator::default().into_root_schema_for::<T>();
    let known = schema.get("properties")?.as_object()?;
    let required = schema.get("required").and_then(Value::as_array);
    let missing = required.into_iter().flatten().filter_map(Value::as_str);
    let missing = missing.filter(|name| !given.contains_key(*name));
    let missing = missing.map(|name| format!("`{name}` is missing"));
    let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    let unknown = given
        .keys()
        .filter(|name| is_closed && !known.contains_key(*name));
    let unknown = unknown.take(UNKNOWN_TOLD_MAX).map(|name| {
        let names = known.keys().map(String::as_str);
        let way_out = way_out(name, names).map_or_else(String::new, |it| format!(" ({it})"));
        format!("{} is not known here{way_out}", quoted(name))
    });
    let found: Vec<String> = missing.chain(unknown).collect();
    (!found.is_empty()).then(|| found.join("; "))
}

async fn submit(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    headers: HeaderMap,
    Content(bytes): Content,
) -> Answer {
    let wish: Wish = body(&bytes)?;
    let granted = may_write(&app, &who, &wish.kind)?;
    let doing = |once| write(&app, &who, &granted, wish, &headers, once);
    once(&app, &who, &headers, Hash::of(&bytes), doing).await
}

/// Grants the writing of a kind of act; asked before anything is done towards one.
pub(super) fn may_write(app: &App, who: &Identity, kind: &str) -> Result<Granted, Problem> {
    let kind = Object::Kind(kind.to_owned());
    let granted = app.authority.grant(who, Action::Submit, kind);
    granted.ok_or_else(Problem::forbidden)
}

/// Does what a request asks for, or answers as before when its idempotency key was seen.
pub(super) async fn once<F: Future<Output = Response>>(
    app: &App,
    who: &Identity,
    headers: &HeaderMap,
    request: Hash,
    doing: impl FnOnce(Option<Once>) -> F,
) -> Answer {
    let Some(key) = headers.get(idempotency::HEADER) else {
        return Ok(doing(None).await);
    };
    let key = key
        .to_str()
        .ok()
        .filter(|key| (1..=idempotency::KEY_BYTES_MAX).contains(&key.len()))
        .ok_or_else(|| Problem::malformed("the idempotency key is 1 to 128 bytes of text"))?;
    match app.answered.begin(&who.name, key, request, app.wall_s()) {
        Turn::First => {}
        Turn::Again(status, body) => return Ok(again(status, body)),
        Turn::UnderWay => {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "under-way",
                "the same request is still being done",
            ));
        }
        Turn::Other => {
            return Err(key_reused());
        }
    }
    // A client that hangs up, or a request that takes too long, ends this here: the node may have
    // written the record, and knows by the key that it did when the request comes again.
    let _reserved = Reserved { app, who, key };
    let once = Once {
        key: key.to_owned(),
        wish: request,
    };
    let response = doing(Some(once)).await;
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, app.body_bytes_max)
        .await
        .map_err(|_| Problem::unavailable("the answer is too large"))?;
    app.answered
        .keep(&who.name, key, parts.status, body.clone());
    Ok(Response::from_parts(parts, body.into()))
}

/// A key that is given back unless an answer was kept for it.
struct Reserved<'a> {
    app: &'a App,
    who: &'a Identity,
    key: &'a str,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.app.answered.release(&self.who.name, self.key);
    }
}

/// Gives an answer once more: what was refused is a problem as it was then.
fn again(status: StatusCode, body: Bytes) -> Response {
    let mut response = plain_json(status, body);
    if !status.is_success() {
        let media = HeaderValue::from_static(crate::problem::MEDIA_TYPE);
        response.headers_mut().insert(header::CONTENT_TYPE, media);
    }
    response
}

/// Puts an act on the record that was granted, or says why not.
pub(super) async fn write(
    app: &App,
    who: &Identity,
    granted: &Granted,
    wish: Wish,
    headers: &HeaderMap,
    once: Option<Once>,
) -> Response {
    let written = match granted.object() {
        Object::Kind(kind) if *kind == wish.kind => {
            try_record(app, who, kind, wish, headers, once).await
        }
        _ => Err(Problem::forbidden()),
    };
    written.unwrap_or_else(IntoResponse::into_response)
}

async fn try_record(
    app: &App,
    who: &Identity,
    kind: &str,
    wish: Wish,
    headers: &HeaderMap,
    once: Option<Once>,
) -> Answer {
    let members = members(who, wish)?;
    if let Some(once) = once
        .clone()
        .filter(|_| headers.contains_key(header::IF_MATCH))
    {
        // What was done under this key changed the very thing the condition is about.
        let author = who.name.clone();
        let look = app
            .handle
            .look(move |node, _| node.answer_to(&author, &once));
        let known = look.await;
        let known = known.map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
        if let Some(answered) = known {
            return told(answered);
        }
    }
    let subject = members.get("subject").and_then(Value::as_str).unwrap_or("");
    unchanged(headers, current(app, who, subject).as_ref())?;
    check_form(app, kind, &members)?;
    super::report_drafts::check_reason(app, kind, &members)?;
    let command = Command {
        author: who.name.clone(),
        kind: kind.to_owned(),
        body: members,
    };
    if let Some(judged) = judge_unseen(app, who, &command).await?
        && let Some(refusal) = judged.refusal
    {
        if judged.is_recorded {
            // Not its answer, which knows too much, but the record of it.
            let _ = app.handle.submit(command, once).await;
        }
        return told(Err(Refusal::Rules(refusal)));
    }
    let answered = app.handle.submit(command, once).await;
    let answered = answered.map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    told(answered)
}

/// Puts subject and role in front of what the kind asks for.
fn members(who: &Identity, wish: Wish) -> Result<Map<String, Value>, Problem> {
    let role = match wish.role {
        Some(role) => role,
        None => match who.roles.iter().collect::<Vec<_>>().as_slice() {
            [role] => role.wire_name().to_owned(),
            _ => return Err(Problem::malformed("say in which `role` the act is written")),
        },
    };
    if !who.roles.iter().any(|held| held.wire_name() == role) {
        return Err(Problem::forbidden());
    }
    let mut members = Map::new();
    members.insert("subject".to_owned(), Value::String(wish.subject));
    members.insert("role".to_owned(), Value::String(role));
    for (name, value) in wish.body {
        if members.contains_key(&name) {
            return Err(Problem::malformed(format!(
                "`{name}` stands beside the body, not in it"
            )));
        }
        members.insert(name, value);
    }
    Ok(members)
}

/// Says everything that is wrong with an act at once, before anything is tried.
pub(super) fn check_form(
    app: &App,
    kind: &str,
    members: &Map<String, Value>,
) -> Result<Act, Problem> {
    let view = app.handle.view();
    let context = ActContext {
        document: Arc::from("act"),
        agreement: view.picture.agreement(),
    };
    let (act, problems) = Act::parse(kind, members, &context);
    if let Some(act) = act {
        return Ok(act);
    }
    let problems: Vec<Value> = problems
        .iter()
        .map(|problem| {
            json!({
                "code": problem.code,
                "severity": problem.severity.word(),
                "pointer": problem.place.pointer,
                "message": problem.message,
                "help": problem.help,
            })
        })
        .collect();
    Err(Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid-act",
        "the act is not complete and correct",
    )
    .with("problems", Value::Array(problems)))
}

fn told(answered: Answered<Picture>) -> Answer {
    match answered {
        Ok(accepted) => {
            let refused = match &accepted.outcome {
                Outcome::Effective(_) => None,
                Outcome::Ineffective(refusal) => Some(view::refusal(refusal)),
            };
            if let Some(refusal) = refused {
                // Somebody else's entry came between: it is on record and changed nothing.
                return Err(refused_problem()
                    .with("refusal", refusal)
                    .with("origin", json!(accepted.origin))
                    .with("index", json!(accepted.index)));
            }
            done(
                StatusCode::CREATED,
                &Recorded {
                    origin: accepted.origin.to_string(),
                    index: accepted.index,
                    outcome: OutcomeView::of(&accepted.outcome),
                },
            )
        }
        Err(Refusal::Rules(refusal)) => {
            Err(refused_problem().with("refusal", view::refusal(&refusal)))
        }
        Err(Refusal::Entry(error)) => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "entry",
            "the act does not fit an entry",
        )
        .detail(error.to_string())),
        Err(Refusal::NoContent(hash)) => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "content",
            "the act names content that this node does not hold",
        )
        .detail(format!(
            "send it first: PUT /api/v1/blobs/{}",
            hash.to_hex()
        ))),
        Err(Refusal::Elsewhere) => Err(Problem::elsewhere()),
        Err(Refusal::KeyReused) => Err(key_reused()),
        Err(other) => Err(Problem::unavailable(other.to_string())),
    }
}

fn key_reused() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "key-reused",
        "the idempotency key belongs to another request",
    )
}

fn refused_problem() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "refused",
        "the rules of the workflow refuse the act",
    )
}
