//! What stands: the agreement, operations, areas, objects, movements, and every other matter.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::routing::get;
use detente_node::picture::Picture;
use detente_records::RecordId;
use detente_records::workflow::MACHINES;
use detente_spacetime::Instant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::App;
use super::answer::{
    Answer, Asked, Named, PAGE_ITEMS_MAX, PAGE_QUERY, Page, PageWish, bytes, json,
};
use super::route::{Gives, Needs, Parameter, Route, schema_of};
use super::visibility::is_hidden;
use crate::authority::Action;
use crate::problem::Problem;
use crate::users::Identity;
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
    /// Notified objects, whatever became of their notice.
    protected_objects: usize,
    /// Objects that are judged by now: notified ones, and those of the text that binds.
    binding_objects: usize,
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
        one(
            "/api/v1/areas/{id}",
            "read_area",
            "One area or pause",
            schema_of::<AreaView>,
            get(area),
        ),
        page(
            "/api/v1/protected-objects",
            "list_protected_objects",
            "Notified objects",
            schema_of::<Page<ObjectView>>,
            get(objects),
        ),
        one(
            "/api/v1/protected-objects/{id}",
            "read_protected_object",
            "One notified object",
            schema_of::<ObjectView>,
            get(object),
        ),
        page(
            "/api/v1/movements",
            "list_movements",
            "Humanitarian movements",
            schema_of::<Page<MovementView>>,
            get(movements),
        ),
        one(
            "/api/v1/movements/{id}",
            "read_movement",
            "One humanitarian movement",
            schema_of::<MovementView>,
            get(movement),
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
            "Every entry about a subject, and what became of it; `Link` names the next page",
            schema_of::<Vec<HistoryView>>,
            get(history),
        )
        .query(HISTORY_QUERY),
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

/// Returns a subject as its item shows it, for `If-Match`; `None` for one that is not there, or not
/// for this user.
pub(super) fn current(app: &App, who: &Identity, subject: &str) -> Option<Value> {
    let id = RecordId::parse(subject).ok()?;
    let at = app.clock.now();
    let shown = |value: Result<Value, serde_json::Error>| value.ok();
    now(app, |picture| {
        if is_hidden(app, picture, who, &id) {
            return None;
        }
        if let Some(file) = picture.operation(&id) {
            return shown(serde_json::to_value(OperationView::of(&id, file)));
        }
        if let Some(file) = picture.area(&id) {
            return shown(serde_json::to_value(AreaView::of(&id, file)));
        }
        if let Some(file) = picture.protected_object(&id) {
            return shown(serde_json::to_value(ObjectView::of(&id, file, at)));
        }
        if let Some(file) = picture.movement(&id) {
            return shown(serde_json::to_value(MovementView::of(&id, file)));
        }
        let matter = MACHINES
            .iter()
            .find_map(|machine| picture.matter(machine.name, &id));
        shown(serde_json::to_value(MatterView::of(&id, matter?)))
    })
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
        binding_objects: binding_objects(picture, at),
        movements: picture.movements().count(),
    });
    json(&headers, &summary)
}

/// Counts the objects that keep operations away at an instant.
fn binding_objects(picture: &Picture, at: Instant) -> usize {
    let protected = picture.things().protected();
    let lasting = protected.filter(|(object, _)| {
        let end = object.volume.window.end();
        end.is_none_or(|end| end > at)
    });
    lasting.count()
}

async fn agreement(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    let files: Vec<String> = app.dossier.keys().cloned().collect();
    json(
        &headers,
        &now(&app, |picture| AgreementView::of(picture, files)),
    )
}

async fn agreement_file(
    State(app): State<Arc<App>>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let file = app.dossier.get(&name).ok_or_else(Problem::not_found)?;
    bytes(&headers, "application/octet-stream", file.clone())
}

async fn workflows(headers: HeaderMap) -> Answer {
    json(&headers, &WorkflowView::all())
}

async fn operations(
    State(app): State<Arc<App>>,
    Asked(wish): Asked<PageWish>,
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
    Named(name): Named<String>,
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
    Asked(wish): Asked<PageWish>,
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

async fn area(
    State(app): State<Arc<App>>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let id = id(&name)?;
    let shown = now(&app, |picture| {
        let file = picture.area(&id);
        file.map(|file| AreaView::of(&id, file))
    });
    json(&headers, &shown.ok_or_else(Problem::not_found)?)
}

async fn object(
    State(app): State<Arc<App>>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let id = id(&name)?;
    let at = app.clock.now();
    let shown = now(&app, |picture| {
        let file = picture.protected_object(&id);
        file.map(|file| ObjectView::of(&id, file, at))
    });
    json(&headers, &shown.ok_or_else(Problem::not_found)?)
}

async fn movement(
    State(app): State<Arc<App>>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let id = id(&name)?;
    let shown = now(&app, |picture| {
        let file = picture.movement(&id);
        file.map(|file| MovementView::of(&id, file))
    });
    json(&headers, &shown.ok_or_else(Problem::not_found)?)
}

async fn objects(
    State(app): State<Arc<App>>,
    Asked(wish): Asked<PageWish>,
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
    Asked(wish): Asked<PageWish>,
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
    Named(workflow): Named<String>,
    Asked(wish): Asked<PageWish>,
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
    Named((workflow, name)): Named<(String, String)>,
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

/// Which part of a history is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HistoryWish {
    /// Lines to leave out from the beginning.
    #[serde(default)]
    skip: usize,
    /// Lines at most.
    #[serde(default)]
    limit: Option<usize>,
}

const HISTORY_QUERY: &[Parameter] = &[
    Parameter {
        name: "skip",
        says: "lines to leave out from the beginning",
        schema: || serde_json::json!({"type": "integer", "minimum": 0}),
    },
    Parameter {
        name: "limit",
        says: "lines at most; 1000 when not given",
        schema: || serde_json::json!({"type": "integer", "minimum": 1, "maximum": PAGE_ITEMS_MAX}),
    },
];

async fn history(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(subject): Named<String>,
    Asked(wish): Asked<HistoryWish>,
    headers: HeaderMap,
) -> Answer {
    let id = id(&subject)?;
    let limit = wish.limit.unwrap_or(PAGE_ITEMS_MAX);
    if limit == 0 || limit > PAGE_ITEMS_MAX {
        let message = format!("`limit` is from 1 to {PAGE_ITEMS_MAX}");
        return Err(Problem::malformed(message));
    }
    let end = wish.skip.saturating_add(limit);
    let (count, lines): (usize, Vec<HistoryView>) = now(&app, |picture| {
        // A report's history is as hidden as the report.
        if is_hidden(&app, picture, &who, &id) {
            return (0, Vec::new());
        }
        let history = picture.history_of(&id);
        let wanted = history.iter().skip(wish.skip).take(limit);
        (history.len(), wanted.map(HistoryView::of).collect())
    });
    if count == 0 {
        return Err(Problem::not_found());
    }
    let mut response = json(&headers, &lines)?;
    if end < count
        && let Ok(link) =
            HeaderValue::from_str(&format!("<?skip={end}&limit={limit}>; rel=\"next\""))
    {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}
