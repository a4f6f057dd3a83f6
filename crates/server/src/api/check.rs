//! Asking for a verdict without recording anything.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use detente_records::act::Act;
use serde_json::Value;

use super::App;
use super::acts::{Wish, body, check_form};
use super::answer::{Answer, Content, json};
use super::route::{Gives, Needs, Route, schema_of};
use crate::authority::Action;
use crate::problem::Problem;
use crate::users::Identity;
use crate::view::CheckView;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/check",
            "check_operation",
            "Judge an operation as if it were proposed now",
            Needs::Picture(Action::Check),
            Gives::Json(200, schema_of::<CheckView>),
            post(check),
        )
        .method("post")
        .takes(schema_of::<Wish>),
    ]
}

async fn check(
    State(app): State<Arc<App>>,
    Extension(_): Extension<Identity>,
    headers: HeaderMap,
    Content(bytes): Content,
) -> Answer {
    let wish: Wish = body(&bytes)?;
    let mut members = wish.body;
    members.insert("subject".to_owned(), Value::String(wish.subject));
    members
        .entry("role")
        .or_insert_with(|| Value::String("planner".to_owned()));
    let act = check_form(&app, &wish.kind, &members)?;
    let operation = match &act {
        Act::OperationProposed(act) => act.features.record(),
        Act::OperationRevised(act) => act.features.record(),
        Act::FlightNoticed(act) => act.features.record(),
        _ => return Err(Problem::malformed("only operations and flights are judged")),
    };
    let now = app.clock.now();
    let view = app.handle.view();
    let answer = CheckView::of(&view.picture.at(now), operation, now);
    let answer = answer.ok_or_else(|| {
        Problem::new(
            StatusCode::CONFLICT,
            "no-agreement",
            "no text of the agreement binds yet",
        )
    })?;
    json(&headers, &answer)
}
