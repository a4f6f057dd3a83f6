//! The agreement's life and its outcome measures, as the picture shows them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use detente_node::life::{self, wire::AgreementLife};
use detente_node::outcomes::{Outcomes, wire::DailyReport};
use detente_node::reconciliation::{self, Reconciliation};
use detente_records::Reporting;
use detente_spacetime::Instant;
use serde::Deserialize;

use super::App;
use super::answer::{Answer, Asked, json};
use super::features::stood;
use super::route::{Gives, Needs, Parameter, Route, schema_of};
use crate::authority::Action;
use crate::problem::Problem;

const READ: Needs = Needs::Picture(Action::Read);

const LIFE_QUERY: &[Parameter] = &[Parameter {
    name: "at",
    says: "the instant to show it at, RFC 3339, by the entries of until then; now when not given",
    schema: || serde_json::json!({"type": "string", "format": "date-time"}),
}];

const OUTCOMES_QUERY: &[Parameter] = &[
    Parameter {
        name: "for",
        says: "the date, such as 2016-09-17; the last that has closed when not given",
        schema: || serde_json::json!({"type": "string", "format": "date"}),
    },
    Parameter {
        name: "cut_off",
        says: "time of the day at which it closes, such as 19:30; that of the agreement when not given",
        schema: || serde_json::json!({"type": "string", "minLength": 1}),
    },
    Parameter {
        name: "utc_offset",
        says: "offset from UTC in which that is meant, such as +03:00",
        schema: || serde_json::json!({"type": "string", "minLength": 1}),
    },
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/agreement/life",
            "read_agreement_life",
            "Texts, signatures, concerns, preconditions, timeline, suspensions, channels, publication",
            READ,
            Gives::Json(200, schema_of::<AgreementLife>),
            get(agreement_life),
        )
        .query(LIFE_QUERY),
        Route::get(
            "/api/v1/reconciliation",
            "read_reconciliation",
            "What the sides say of the same things: findings, pull-backs, access, channels",
            READ,
            Gives::Json(200, schema_of::<Reconciliation>),
            get(reconciled),
        ),
        Route::get(
            "/api/v1/outcomes",
            "read_outcomes",
            "A daily report: what a day and its week brought, each figure with its entries",
            READ,
            Gives::Json(200, schema_of::<DailyReport>),
            get(outcomes),
        )
        .query(OUTCOMES_QUERY),
    ]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LifeWish {
    at: Option<String>,
}

async fn agreement_life(
    State(app): State<Arc<App>>,
    Asked(wish): Asked<LifeWish>,
    headers: HeaderMap,
) -> Answer {
    let at = match &wish.at {
        Some(text) => Instant::parse_rfc3339(text)
            .map_err(|error| Problem::malformed(format!("`at`: {error}")))?,
        None => app.clock.now(),
    };
    let picture = stood(&app, at).await?;
    // Entries dated ahead of this machine's clock count already.
    let at = match wish.at {
        Some(_) => at,
        None => at.max(picture.newest()),
    };
    let shown = tokio::task::spawn_blocking(move || life::of(&picture.at(at), at));
    let shown = shown
        .await
        .map_err(|_| Problem::unavailable("the agreement's life could not be told"))?;
    json(&headers, &shown)
}

async fn reconciled(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    let now = app.clock.now();
    let view = app.handle.view();
    json(&headers, &reconciliation::of(&view.picture.at(now), now))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomesWish {
    r#for: Option<String>,
    cut_off: Option<String>,
    utc_offset: Option<String>,
}

async fn outcomes(
    State(app): State<Arc<App>>,
    Asked(wish): Asked<OutcomesWish>,
    headers: HeaderMap,
) -> Answer {
    let now = app.clock.now();
    let view = app.handle.view();
    let picture = view.picture.at(now);
    let agreed = picture
        .agreement()
        .map(|agreement| agreement.parameters.reporting);
    let reporting = changed(agreed.unwrap_or_default(), &wish)?;
    let date = match &wish.r#for {
        Some(date) => Some(date.clone()),
        None => reporting.last_closed(now),
    };
    let report = date.and_then(|date| Outcomes::daily(&picture, &date, reporting, now));
    let report = report.ok_or_else(|| Problem::malformed("`for` is a date, such as 2016-09-17"))?;
    json(&headers, &report)
}

/// What the agreement says about closing, changed as the request asks.
fn changed(agreed: Reporting, wish: &OutcomesWish) -> Result<Reporting, Problem> {
    let mut reporting = agreed;
    if let Some(text) = &wish.cut_off {
        reporting = reporting.closing_at(text).ok_or_else(|| {
            Problem::malformed("`cut_off` is a time of the day from 00:01 to 24:00")
        })?;
    }
    if let Some(text) = &wish.utc_offset {
        reporting = reporting.at_offset(text).ok_or_else(|| {
            Problem::malformed("`utc_offset` is an offset from UTC, such as +03:00")
        })?;
    }
    Ok(reporting)
}
