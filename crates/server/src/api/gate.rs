//! What every request passes: who asks, may they, how long may it take, and the count of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;

use super::App;
use super::route::Needs;
use crate::problem::Problem;
use crate::session::{self, CSRF_HEADER, Session};
use crate::users::Identity;

/// Most that is read of a request that is refused for its size: what people send by mistake, a film from a telephone.
const READ_AWAY_BYTES_MAX: u64 = 64 << 20;

/// What the gate knows about a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate {
    pub(super) method: &'static str,
    pub(super) name: &'static str,
    pub(super) needs: Needs,
    pub(super) is_endless: bool,
    pub(super) bytes_max: usize,
}

/// Lets a request through, or not.
pub(super) async fn pass(
    State((app, gate)): State<(Arc<App>, Gate)>,
    mut request: Request,
    next: Next,
) -> Response {
    let begun = monotonic();
    let response = match admit(&app, gate, &mut request) {
        Err(problem) => problem.into_response(),
        Ok(()) if is_larger(request.headers(), gate.bytes_max) => {
            let limit = Duration::from_secs(app.request_s_max);
            // Whether all of it came or not, the answer is the same.
            let _ = tokio::time::timeout(limit, read_away(request.into_body())).await;
            Problem::too_large(gate.bytes_max).into_response()
        }
        Ok(()) if gate.is_endless => next.run(request).await,
        Ok(()) => {
            let limit = Duration::from_secs(app.request_s_max);
            match tokio::time::timeout(limit, next.run(request)).await {
                Ok(response) => response,
                Err(_) => Problem::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "too-slow",
                    "the request took too long",
                )
                .into_response(),
            }
        }
    };
    let response = match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(gate.bytes_max).into_response(),
        _ => response,
    };
    let status = response.status().as_u16();
    let took = begun.elapsed();
    app.metrics.request(gate.method, gate.name, status, took);
    // The path may name a subject; the route does not.
    tracing::debug!(
        route = gate.name,
        status,
        took_us = took.as_micros(),
        "request"
    );
    with_safety(response)
}

/// Whether a request says itself that it is larger than its route reads.
fn is_larger(headers: &HeaderMap, bytes_max: usize) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    length.is_some_and(|length| length > bytes_max as u64)
}

/// Reads a body away: whoever is still sending hears why it is refused, and not only that the line broke.
async fn read_away(mut body: Body) {
    let mut left = READ_AWAY_BYTES_MAX;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        match left.checked_sub(bytes) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

fn admit(app: &App, gate: Gate, request: &mut Request) -> Result<(), Problem> {
    check_site(request)?;
    if gate.needs == Needs::Nobody {
        return Ok(());
    }
    let identity = identify(app, request.method(), request.headers())?;
    if let Some((action, object)) = gate.needs.question(&app.participant)
        && app.authority.grant(&identity, action, object).is_none()
    {
        return Err(Problem::forbidden());
    }
    request.extensions_mut().insert(identity);
    Ok(())
}

/// Refuses what another site has a browser send: signing somebody in unseen is a forgery as well, and
/// comes before there is a session whose second secret could be asked for (W3C Fetch Metadata).
fn check_site(request: &Request) -> Result<(), Problem> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let site = request.headers().get("sec-fetch-site");
    let is_ours = site.is_none_or(|site| site == "same-origin" || site == "none");
    match reads || is_ours {
        true => Ok(()),
        false => Err(forged("the request comes from another site")),
    }
}

fn forged(title: &'static str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "csrf", title)
}

/// Says who asks.
pub(super) fn identify(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Identity, Problem> {
    let now_s = app.wall_s();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(presented) = text(header::AUTHORIZATION) {
        let token = presented
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let identity = token.and_then(|(_, token)| app.users().by_token(token.trim(), now_s));
        return identity.ok_or_else(Problem::unauthenticated);
    }
    let session = open_session(app, headers).ok_or_else(Problem::unauthenticated)?;
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let repeated = headers
        .get(CSRF_HEADER)
        .and_then(|value| value.to_str().ok());
    if !reads && !repeated.is_some_and(|repeated| app.sessions.repeats(&session, repeated)) {
        return Err(forged(
            "the request does not repeat the session's second secret",
        ));
    }
    let identity = app.users().identity(&session.user);
    identity.ok_or_else(Problem::unauthenticated)
}

/// Returns the session that a browser shows, unless it was ended.
pub(super) fn open_session(app: &App, headers: &HeaderMap) -> Option<Session> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let presented = session::presented(&app.cookie, cookies)?;
    let session = app.sessions.find(presented, app.wall_s())?;
    let is_open = app.users().is_open(&session);
    is_open.then_some(session)
}

/// Adds what keeps browsers from doing more with an answer than it is for.
fn with_safety(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
    response
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a request took is measured, and decides nothing"
)]
fn monotonic() -> Instant {
    Instant::now()
}
