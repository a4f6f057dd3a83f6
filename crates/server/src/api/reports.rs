//! Reports: shown where their originator released them, and absent everywhere else.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use detente_node::picture::{Matter, ReportFile};
use detente_records::RecordId;

use super::App;
use super::answer::{Answer, Asked, Named, PAGE_QUERY, Page, PageWish, json};
use super::picture::REPORT;
use super::route::{Gives, Needs, Route, schema_of};
use crate::authority::{Action, Object};
use crate::problem::Problem;
use crate::users::Identity;
use crate::view::MatterView;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/reports",
            "list_reports",
            "Reports released to this participant, or by it",
            Needs::Reports,
            Gives::Json(200, schema_of::<Page<MatterView>>),
            get(list),
        )
        .query(PAGE_QUERY),
        Route::get(
            "/api/v1/reports/{id}",
            "read_report",
            "One report",
            Needs::Reports,
            Gives::Json(200, schema_of::<MatterView>),
            get(read),
        ),
    ]
}

/// Says what the policies need to know about a report.
pub(super) fn object(id: &RecordId, matter: &Matter) -> Object {
    let report = ReportFile { id, matter };
    let recipients = report.recipients();
    Object::Report {
        id: id.to_string(),
        originator: report.originator().to_string(),
        recipients: recipients.iter().map(ToString::to_string).collect(),
    }
}

async fn list(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Asked(wish): Asked<PageWish>,
    headers: HeaderMap,
) -> Answer {
    let view = app.handle.view();
    let picture = view.picture.at(app.clock.now());
    let visible = picture.matters(REPORT).filter(|(id, matter)| {
        let granted = app.authority.grant(&who, Action::Read, object(id, matter));
        granted.is_some()
    });
    let page = wish.cut(
        visible.map(|(id, matter)| (id.to_string(), (id, matter))),
        |(id, matter)| MatterView::of(id, matter),
    );
    json(&headers, &page?)
}

async fn read(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let id = RecordId::parse(&name).map_err(|_| Problem::not_found())?;
    let view = app.handle.view();
    let picture = view.picture.at(app.clock.now());
    let matter = picture.matter(REPORT, &id).ok_or_else(Problem::not_found)?;
    let granted = app.grant(&who, Action::Read, object(&id, matter))?;
    match granted.object() {
        Object::Report { .. } => json(&headers, &MatterView::of(&id, matter)),
        _ => Err(Problem::not_found()),
    }
}
