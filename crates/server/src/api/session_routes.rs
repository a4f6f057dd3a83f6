//! Signing in and out.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::{delete, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::App;
use super::answer::{Answer, Content, done, json};
use super::route::{Gives, Needs, Route, schema_of};
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
    let csrf = presented(&app, &headers)
        .and_then(|presented| app.sessions.find(presented, app.wall_s()))
        .map(|session| session.csrf);
    json(&headers, &signed_in(&app, who, csrf))
}

async fn sign_in(State(app): State<Arc<App>>, Content(body): Content) -> Answer {
    let wish: SignIn = super::acts::body(&body)?;
    let challenge = app.users().challenge(&wish.name);
    let slot = HASHING.acquire().await;
    let accepted = tokio::task::spawn_blocking(move || challenge.accepts(&wish.password)).await;
    drop(slot);
    let identity = match accepted {
        Ok(true) => app.users().identity(&wish.name),
        _ => None,
    };
    let identity = identity.ok_or_else(Problem::unauthenticated)?;
    let (cookie, session) = open(&app, &identity)?;
    let mut response = done(
        StatusCode::CREATED,
        &signed_in(&app, identity, Some(session.csrf)),
    )?;
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Signs somebody in who has shown who it is; returns the cookie.
pub(super) fn open(app: &App, who: &Identity) -> Result<(String, Session), Problem> {
    let expires_s = app.wall_s().saturating_add(app.session_hours * 3_600);
    let (secret, session) = app
        .sessions
        .open(&who.name, expires_s)
        .map_err(|error| Problem::unavailable(error.to_string()))?;
    let cookie = session::cookie(&app.cookie, &secret, app.session_hours);
    Ok((cookie, session))
}

async fn sign_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    if let Some(presented) = presented(&app, &headers) {
        app.sessions.close(presented);
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

fn presented<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    session::presented(&app.cookie, cookies)
}
