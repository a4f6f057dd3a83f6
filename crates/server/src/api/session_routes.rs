//! Signing in and out.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::App;
use super::answer::{Answer, Content, done, json};
use super::gate::open_session;
use super::route::{Gives, Needs, Route, schema_of};
use crate::listen::Caller;
use crate::problem::Problem;
use crate::role::Role;
use crate::session::{self, Session};
use crate::users::Identity;

/// Passwords hashed at a time: each takes 19 MiB and tens of milliseconds.
const HASHING_MAX: usize = 2;
static HASHING: Semaphore = Semaphore::const_new(HASHING_MAX);

/// Name and password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    name: String,
    password: String,
}

/// Who is signed in.
#[derive(Serialize, JsonSchema)]
struct SignedIn {
    name: String,
    roles: Vec<Role>,
    participant: String,
    /// What changing requests repeat in `X-CSRF-Token`; only with a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    let path = "/api/v1/session";
    vec![
        Route::get(
            path,
            "read_session",
            "Who is signed in",
            Needs::SignedIn,
            Gives::Json(200, schema_of::<SignedIn>),
            get(read),
        ),
        Route::get(
            path,
            "sign_in",
            "Sign in with name and password",
            Needs::Nobody,
            Gives::Json(201, schema_of::<SignedIn>),
            post(sign_in),
        )
        .method("post")
        .takes(schema_of::<SignIn>),
        Route::get(
            path,
            "sign_out",
            "Sign out",
            Needs::SignedIn,
            Gives::Nothing(204),
            delete(sign_out),
        )
        .method("delete"),
    ]
}

async fn read(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    headers: HeaderMap,
) -> Answer {
    let session = open_session(&app, &headers);
    let csrf = session.map(|session| app.sessions.csrf(&session));
    json(&headers, &signed_in(&app, who, csrf))
}

async fn sign_in(
    State(app): State<Arc<App>>,
    from: Option<Extension<Caller>>,
    headers: HeaderMap,
    Content(body): Content,
) -> Answer {
    let wish: SignIn = super::acts::body(&body)?;
    let from = from.map(|Extension(Caller(address))| address);
    let now_s = app.wall_s();
    if let Some(wait_s) = app.attempts.wait_s(&wish.name, from, now_s) {
        return Ok(later(wait_s));
    }
    app.attempts.begin(&wish.name, from, now_s);
    let challenge = app.users().challenge(&wish.name);
    let slot = HASHING.acquire().await;
    let accepted = tokio::task::spawn_blocking(move || challenge.accepts(&wish.password)).await;
    drop(slot);
    let identity = match accepted {
        Ok(true) => app.users().identity(&wish.name),
        _ => None,
    };
    let identity = identity.ok_or_else(Problem::unauthenticated)?;
    app.attempts.succeed(&identity.name, from);
    let (cookie, session) = open(&app, &identity, &headers)?;
    let csrf = app.sessions.csrf(&session);
    let mut response = done(StatusCode::CREATED, &signed_in(&app, identity, Some(csrf)))?;
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn later(wait_s: u64) -> Response {
    let mut response = Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many",
        "too many passwords were wrong",
    )
    .into_response();
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
    response
}

/// Signs somebody in who has shown who it is; returns the cookie. Whatever session the browser had
/// before is over.
pub(super) fn open(
    app: &App,
    who: &Identity,
    headers: &HeaderMap,
) -> Result<(String, Session), Problem> {
    if let Some(before) = open_session(app, headers) {
        // At a server that only reads it ends in time: the browser has forgotten it anyway.
        let _ = end(app, &before);
    }
    let expires_s = app.wall_s().saturating_add(app.session_hours * 3_600);
    let generation = app.users().generation(&who.name);
    let (value, session) = app
        .sessions
        .open(&who.name, generation, expires_s)
        .map_err(|error| Problem::unavailable(error.to_string()))?;
    let cookie = session::cookie(&app.cookie, &value, app.session_hours);
    Ok((cookie, session))
}

async fn sign_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    if let Some(session) = open_session(&app, &headers) {
        end(&app, &session)?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Ok(cookie) = HeaderValue::from_str(&session::ended_cookie(&app.cookie)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn signed_in(app: &App, who: Identity, csrf: Option<String>) -> SignedIn {
    SignedIn {
        name: who.name,
        roles: who.roles.into_iter().collect(),
        participant: app.participant.clone(),
        csrf,
    }
}

/// Ends a session, durably and for every server.
fn end(app: &App, session: &Session) -> Result<(), Problem> {
    let now_s = app.wall_s();
    app.change_users(|users| {
        users.end_session(session, now_s);
        Ok(())
    })
}
