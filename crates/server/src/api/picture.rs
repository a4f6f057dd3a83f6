//! What stands: the agreement, operations, areas, objects, movements, and every other matter.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use detente_node::picture::Picture;
use detente_records::RecordId;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::App;
use super::answer::{Answer, PAGE_QUERY, Page, PageWish, json};
use super::route::{Gives, Needs, Route, schema_of};
use crate::authority::Action;
use crate::problem::Problem;
use crate::view::{
    AgreementView, AreaView, HistoryView, MatterView, MovementView, ObjectView, OperationView,
    WorkflowView,
};

/// The workflow whose matters are released, not shared: [`super::reports`] serves it.
pub(super) const REPORT: &str = "report";

/// How everything stands, in numbers.
#[derive(Serialize, JsonSchema)]
struct Summary {
    participant: String,
    /// The instant of this answer, RFC 3339.
    at: String,
    /// Entries folded so far.
    applied: u64,
    /// Hash over everything that stands: equal for nodes that hold equal ledgers.
    digest: String,
    agreement: Option<String>,
    operations: usize,
    areas: usize,
    protected_objects: usize,
    movements: usize,
}

const READ: Needs = Needs::Picture(Action::Read);

pub(super) fn routes() -> Vec<Route> {
    let page = |path, name, summary, gives, handler| {
        Route::get(path, name, summary, READ, Gives::Json(200, gives), handler).query(PAGE_QUERY)
    };
    let one = |path, name, summary, gives, handler| {
        Route::get(path, name, summary, READ, Gives::Json(200, gives), handler)
    };
    vec![
        one(
            "/api/v1/picture",
            "read_picture",
            "How everything stands, in numbers",
            schema_of::<Summary>,
            get(summary),
        ),
        one(
            "/api/v1/agreement",
            "read_agreement",
            "The agreement as it stands",
            schema_of::<AgreementView>,
            get(agreement),
        ),
        Route::get(
            "/api/v1/agreement/files/{name}",
            "read_agreement_file",
            "A file of the dossier, byte for byte",
            READ,
            Gives::Bytes("application/octet-stream"),
            get(agreement_file),
        ),
        one(
            "/api/v1/workflows",
            "list_workflows",
            "Every workflow: states, transitions, who, and clocks",
            schema_of::<Vec<WorkflowView>>,
            get(workflows),
        ),
        page(
            "/api/v1/operations",
            "list_operations",
            "Operations and excepted flights",
            schema_of::<Page<OperationView>>,
            get(operations),
        ),
        one(
            "/api/v1/operations/{id}",
            "read_operation",
            "One operation",
            schema_of::<OperationView>,
            get(operation),
        ),
        page(
            "/api/v1/areas",
            "list_areas",
            "Areas and pauses established in the ledgers",
            schema_of::<Page<AreaView>>,
            get(areas),
        ),
        page(
            "/api/v1/protected-objects",
            "list_protected_objects",
            "Notified objects",
            schema_of::<Page<ObjectView>>,
            get(objects),
        ),
        page(
            "/api/v1/movements",
            "list_movements",
            "Humanitarian movements",
            schema_of::<Page<MovementView>>,
            get(movements),
        ),
        page(
            "/api/v1/matters/{workflow}",
            "list_matters",
            "Matters of another workflow: concerns, calls, violations, incidents, …",
            schema_of::<Page<MatterView>>,
            get(matters),
        ),
        one(
            "/api/v1/matters/{workflow}/{id}",
            "read_matter",
            "One matter",
            schema_of::<MatterView>,
            get(matter),
        ),
        one(
            "/api/v1/history/{subject}",
            "read_history",
            "Every entry about a subject, and what became of it",
            schema_of::<Vec<HistoryView>>,
            get(history),
        ),
    ]
}

/// Runs with the picture as it stands now.
fn now<T>(app: &App, look: impl FnOnce(&Picture) -> T) -> T {
    let view = app.handle.view();
    let picture: Cow<'_, Picture> = view.picture.at(app.clock.now());
    look(&picture)
}

fn id(text: &str) -> Result<RecordId, Problem> {
    RecordId::parse(text).map_err(|_| Problem::not_found())
}

/// Returns a subject as its item shows it, for `If-Match`; null for an unknown one.
pub(super) fn current(app: &App, subject: &str) -> Value {
    let Ok(id) = RecordId::parse(subject) else {
        return Value::Null;
    };
    let shown = now(app, |picture| {
        picture
            .operation(&id)
            .map(|file| serde_json::to_value(OperationView::of(&id, file)).unwrap_or(Value::Null))
    });
    shown.unwrap_or(Value::Null)
}

async fn summary(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    let at = app.clock.now();
    let summary = now(&app, |picture| Summary {
        participant: app.participant.clone(),
        at: at.to_string(),
        applied: picture.applied(),
        digest: picture.digest().to_hex(),
        agreement: picture
            .agreement()
            .map(|agreement| agreement.id.to_string()),
        operations: picture.operations().count(),
        areas: picture.areas().count(),
        protected_objects: picture.protected_objects().count(),
        movements: picture.movements().count(),
    });
    json(&headers, &summary)
}

async fn agreement(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    let files: Vec<String> = app.dossier.keys().cloned().collect();
    json(
        &headers,
        &now(&app, |picture| AgreementView::of(picture, files)),
    )
}

async fn agreement_file(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer {
    let bytes = app.dossier.get(&name).ok_or_else(Problem::not_found)?;
    let media = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((media, bytes.clone()).into_response())
}

async fn workflows(headers: HeaderMap) -> Answer {
    json(&headers, &WorkflowView::all())
}

async fn operations(
    State(app): State<Arc<App>>,
    Query(wish): Query<PageWish>,
    headers: HeaderMap,
) -> Answer {
    let page = now(&app, |picture| {
        let items = picture.operations();
        wish.cut(
            items.map(|(id, file)| (id.to_string(), (id, file))),
            |(id, file)| OperationView::of(id, file),
        )
    });
    json(&headers, &page?)
}

async fn operation(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let id = id(&name)?;
    let shown = now(&app, |picture| {
        let file = picture.operation(&id);
        file.map(|file| OperationView::of(&id, file))
    });
    json(&headers, &shown.ok_or_else(Problem::not_found)?)
}

async fn areas(
    State(app): State<Arc<App>>,
    Query(wish): Query<PageWish>,
    headers: HeaderMap,
) -> Answer {
    let page = now(&app, |picture| {
        let items = picture.areas();
        wish.cut(
            items.map(|(id, file)| (id.to_string(), (id, file))),
            |(id, file)| AreaView::of(id, file),
        )
    });
    json(&headers, &page?)
}

async fn objects(
    State(app): State<Arc<App>>,
    Query(wish): Query<PageWish>,
    headers: HeaderMap,
) -> Answer {
    let at = app.clock.now();
    let page = now(&app, |picture| {
        let items = picture.protected_objects();
        wish.cut(
            items.map(|(id, file)| (id.to_string(), (id, file))),
            |(id, file)| ObjectView::of(id, file, at),
        )
    });
    json(&headers, &page?)
}

async fn movements(
    State(app): State<Arc<App>>,
    Query(wish): Query<PageWish>,
    headers: HeaderMap,
) -> Answer {
    let page = now(&app, |picture| {
        let items = picture.movements();
        wish.cut(
            items.map(|(id, file)| (id.to_string(), (id, file))),
            |(id, file)| MovementView::of(id, file),
        )
    });
    json(&headers, &page?)
}

async fn matters(
    State(app): State<Arc<App>>,
    Path(workflow): Path<String>,
    Query(wish): Query<PageWish>,
    headers: HeaderMap,
) -> Answer {
    if workflow == REPORT {
        return Err(Problem::not_found());
    }
    let page = now(&app, |picture| {
        let items = picture.matters(&workflow);
        wish.cut(
            items.map(|(id, matter)| (id.to_string(), (id, matter))),
            |(id, matter)| MatterView::of(id, matter),
        )
    });
    json(&headers, &page?)
}

async fn matter(
    State(app): State<Arc<App>>,
    Path((workflow, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    if workflow == REPORT {
        return Err(Problem::not_found());
    }
    let id = id(&name)?;
    let shown = now(&app, |picture| {
        let matter = picture.matter(&workflow, &id);
        matter.map(|matter| MatterView::of(&id, matter))
    });
    json(&headers, &shown.ok_or_else(Problem::not_found)?)
}

async fn history(
    State(app): State<Arc<App>>,
    Path(subject): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let id = id(&subject)?;
    let lines: Vec<HistoryView> = now(&app, |picture| {
        // A report's history is as hidden as the report.
        if picture.matter(REPORT, &id).is_some() {
            return Vec::new();
        }
        picture
            .history_of(&id)
            .iter()
            .map(HistoryView::of)
            .collect()
    });
    match lines.is_empty() {
        true => Err(Problem::not_found()),
        false => json(&headers, &lines),
    }
}
