//! Signing in at a provider: there, and back again.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::App;
use super::answer::{Answer, Asked, json};
use super::route::{Gives, Needs, Route, schema_of};
use super::session_routes;
use crate::chance;
use crate::oidc::{self, Returned, SignInFault, SignIns, Vouched};
use crate::problem::Problem;
use crate::session;

/// Where browsers keep what ties a sign-in to them: sent nowhere else.
const PATH: &str = "/api/v1/sign-in";
/// What a browser shows for a moment. The session's cookie is for requests that begin here, so the
/// way on begins here.
const ARRIVED: &str = "<!doctype html><meta charset=\"utf-8\"><title>Detente</title>\
<meta http-equiv=\"refresh\" content=\"0; url=/\"><p><a href=\"/\">Detente</a></p>";

/// How one can sign in here.
#[derive(Serialize, JsonSchema)]
struct Ways {
    /// With a name and a password, at `POST /api/v1/session`.
    password: bool,
    /// At a provider, beginning at `GET /api/v1/sign-in`; null when there is none.
    provider: Option<String>,
}

/// What the provider sends back by way of the browser.
#[derive(Debug, Default, Deserialize)]
struct Callback {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/sign-in/ways",
            "list_ways_to_sign_in",
            "How one can sign in here",
            Needs::Nobody,
            Gives::Json(200, schema_of::<Ways>),
            get(ways),
        ),
        Route::get(
            PATH,
            "begin_sign_in",
            "Go to the provider to sign in there",
            Needs::Nobody,
            Gives::Nothing(303),
            get(begin),
        ),
        Route::get(
            "/api/v1/sign-in/callback",
            "finish_sign_in",
            "Come back from the provider",
            Needs::Nobody,
            Gives::Untagged("text/html", None),
            get(finish),
        ),
    ]
}

async fn ways(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    let ways = Ways {
        password: true,
        provider: app
            .sign_ins
            .as_ref()
            .map(|sign_ins| sign_ins.issuer().to_owned()),
    };
    json(&headers, &ways)
}

fn provider(app: &App) -> Result<&SignIns, Problem> {
    app.sign_ins.as_ref().ok_or_else(Problem::not_found)
}

async fn begin(State(app): State<Arc<App>>) -> Answer {
    let sign_ins = provider(&app)?;
    let state = chance::secret().map_err(|error| Problem::unavailable(error.to_string()))?;
    let begun = sign_ins.begin(state, app.wall_s()).await.map_err(problem)?;
    let cookie = format!(
        "{}={}; Path={PATH}; Max-Age={}; Secure; HttpOnly; SameSite=Lax",
        oidc::COOKIE,
        begun.browser,
        oidc::PENDING_S,
    );
    let mut response = StatusCode::SEE_OTHER.into_response();
    set(&mut response, header::LOCATION, &begun.url);
    set(&mut response, header::SET_COOKIE, &cookie);
    set(&mut response, header::CACHE_CONTROL, "no-store");
    Ok(response)
}

async fn finish(
    State(app): State<Arc<App>>,
    Asked(callback): Asked<Callback>,
    headers: HeaderMap,
) -> Answer {
    let sign_ins = provider(&app)?;
    let cookies = headers
        .get(header::COOKIE)
        .and_then(|value| value.to_str().ok());
    let returned = Returned {
        code: callback.code,
        state: callback.state,
        issuer: callback.iss,
        error: callback.error,
        browser: cookies
            .and_then(|cookies| session::presented(oidc::COOKIE, cookies))
            .map(str::to_owned),
    };
    let vouched = sign_ins
        .finish(&returned, app.wall_s())
        .await
        .map_err(problem)?;
    if vouched.roles.is_empty() {
        return Err(Problem::forbidden().detail("none of your groups has a role here"));
    }
    let name = admit(&app, &vouched)?;
    let identity = app.users().identity(&name);
    let identity = identity.ok_or_else(Problem::unauthenticated)?;
    let (cookie, _) = session_routes::open(&app, &identity, &headers)?;
    let mut response = ARRIVED.into_response();
    set(
        &mut response,
        header::CONTENT_TYPE,
        "text/html; charset=utf-8",
    );
    set(&mut response, header::CACHE_CONTROL, "no-store");
    set(&mut response, header::SET_COOKIE, &cookie);
    let over = format!(
        "{}=; Path={PATH}; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
        oidc::COOKIE
    );
    if let Ok(over) = HeaderValue::from_str(&over) {
        response.headers_mut().append(header::SET_COOKIE, over);
    }
    Ok(response)
}

/// Returns who somebody is here; whoever has not changed since the last sign-in is admitted by every
/// server of a node, not only by the one that writes.
fn admit(app: &App, vouched: &Vouched) -> Result<String, Problem> {
    let known = app.users().known(vouched).map(str::to_owned);
    if let Some(name) = known {
        return Ok(name);
    }
    let admitted = app.try_change_users(|users| users.admit(vouched))?;
    admitted.map_err(|error| {
        // Whose name it is here is nobody's business at the provider.
        tracing::warn!(%error, "somebody whom the provider vouches for is not admitted");
        Problem::forbidden().detail("this node does not admit you; its administrator sees why")
    })
}

fn set(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// What a browser is told; why a token was not believed is for the operator's log alone.
fn problem(fault: SignInFault) -> Problem {
    tracing::warn!(%fault, "a sign-in at the provider failed");
    match fault {
        SignInFault::Remote(_) => Problem::unavailable("the provider cannot be asked"),
        SignInFault::Unknown | SignInFault::Declined(_) => {
            Problem::unauthenticated().detail(fault.to_string())
        }
        _ => Problem::unauthenticated().detail("the provider's answer is not believed"),
    }
}
