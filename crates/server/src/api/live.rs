//! Server-sent events: what changed, as it changes (WHATWG HTML, section 9.2).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use detente_records::RecordId;
use futures_core::Stream;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::answer::Answer;
use super::route::{Gives, Needs, Route};
use super::visibility::is_hidden;
use super::{App, gate};
use crate::alarm;
use crate::authority::{Action, Object};
use crate::events::Event;
use crate::listen::Closing;
use crate::users::Identity;

/// A sign of life this often: proxies cut silent connections after a minute.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// Events on their way to one reader; a slower one is cut off and comes back with its last id.
const UNSENT_MAX: usize = 256;
/// What tells a proxy that keeps answers back until it has some of them to pass these on at once (nginx, among others).
const UNBUFFERED: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);
/// What a reader is told when it missed more than is kept.
const RESET: &str = "event: reset\ndata: {}\n\n";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/events",
            "follow_events",
            "Changes as they happen; `Last-Event-ID` resumes",
            Needs::Picture(Action::Read),
            Gives::Bytes("text/event-stream"),
            get(follow),
        )
        .endless(),
    ]
}

async fn follow(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Extension(mut closing): Extension<Closing>,
    headers: HeaderMap,
) -> Answer {
    let last = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let (sender, receiver) = mpsc::channel(UNSENT_MAX);
    let fed = feed(Reader { app, headers, who }, last, sender);
    tokio::spawn(async move {
        tokio::select! {
            () = fed => {}
            // The reader comes back with the number of the last change it saw.
            () = closing.wait() => {}
        }
    });
    let mut response = Response::new(Body::from_stream(Lines(receiver)));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    let (name, value) = UNBUFFERED;
    response.headers_mut().insert(name, value);
    Ok(response)
}

/// Who follows, and what it showed to be let in.
struct Reader {
    app: Arc<App>,
    headers: HeaderMap,
    who: Identity,
}

impl Reader {
    /// Looks again who follows: a session that ended or a user who was shut out hears nothing more,
    /// and whoever lost a role no more than is left.
    fn is_still_let_in(&mut self) -> bool {
        let who = gate::identify(&self.app, &Method::GET, &self.headers);
        let who = who.ok().filter(|who| {
            let object = Object::Picture;
            self.app
                .authority
                .grant(who, Action::Read, object)
                .is_some()
        });
        let is_let_in = who.is_some();
        if let Some(who) = who {
            self.who = who;
        }
        is_let_in
    }
}

/// Writes events until the reader hangs up, falls behind or is shut out.
async fn feed(mut reader: Reader, last: Option<String>, lines: mpsc::Sender<Bytes>) {
    let app = Arc::clone(&reader.app);
    let (missed, mut live) = app.events.subscribe(last.as_deref());
    let greeting = match &missed {
        Some(_) => Bytes::from_static(b": hello\n\n"),
        None => Bytes::from_static(RESET.as_bytes()),
    };
    if lines.send(greeting).await.is_err() {
        return;
    }
    for event in missed.into_iter().flatten() {
        if may_see(&app, &reader.who, &event) && lines.send(written(&app, &event)).await.is_err() {
            return;
        }
    }
    loop {
        let heard = tokio::time::timeout(HEARTBEAT_EVERY, live.recv()).await;
        if !reader.is_still_let_in() {
            return;
        }
        let line = match heard {
            Err(_) => Bytes::from_static(b": alive\n\n"),
            Ok(Ok(event)) if may_see(&app, &reader.who, &event) => written(&app, &event),
            Ok(Ok(_)) => continue,
            Ok(Err(RecvError::Lagged(_))) => Bytes::from_static(RESET.as_bytes()),
            Ok(Err(RecvError::Closed)) => return,
        };
        if lines.try_send(line).is_err() {
            return;
        }
    }
}

fn written(app: &App, event: &Event) -> Bytes {
    let id = app.events.id(event);
    Bytes::from(format!(
        "id: {id}\nevent: {}\ndata: {}\n\n",
        event.name, event.data
    ))
}

/// A change of what the reader may not see does not happen for it, and alarms ring for those who watch.
fn may_see(app: &App, who: &Identity, event: &Event) -> bool {
    if event.name == alarm::EVENT {
        return app
            .authority
            .grant(who, Action::Read, Object::Alarm)
            .is_some();
    }
    let view = app.handle.view();
    event.about.iter().all(|(_, subject)| {
        let id = RecordId::parse(subject).ok();
        id.is_none_or(|id| !is_hidden(app, &view.picture, who, &id))
    })
}

/// The lines of one reader as a body.
struct Lines(mpsc::Receiver<Bytes>);

impl Stream for Lines {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|line| line.map(Ok))
    }
}
