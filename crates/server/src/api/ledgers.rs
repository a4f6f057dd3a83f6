//! The ledgers held here, and their files for whoever verifies them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::{get, put};
use detente_ledger::hash::Hash;
use detente_ledger::reader::TileSource as _;
use detente_ledger::tile::TilePath;
use detente_node::federation::{BLOB_BYTES_MAX, Presence};
use detente_node::node::Input;
use schemars::JsonSchema;
use serde::Serialize;

use super::App;
use super::answer::{Answer, Content, Named, bytes, fixed, json};
use super::route::{Gives, Needs, Route, schema_of};
use crate::authority::Action;
use crate::problem::Problem;
use crate::runtime::{BLOB_READ_MAX, blob_path, ledger_folder};

const BINARY: &str = "application/octet-stream";

/// One ledger as it is held here.
#[derive(Serialize, JsonSchema)]
struct LedgerView {
    origin: String,
    /// Whose it is.
    holder: String,
    /// Entries verified and durable here.
    size: u64,
    /// Base64; null before the first checkpoint.
    root: Option<String>,
    /// `normal`, `unknown` or `down`; null for the own ledger.
    presence: Option<&'static str>,
    /// When its owner last spoke to this node, RFC 3339; null when it has not since the start.
    heard_at: Option<String>,
    /// Whether its owner's node said that it judges from another founding than this one: other keepers of ledgers, or another
    /// text in force from the beginning.
    other_founding: bool,
    /// Whether two histories of it are proved: nothing depends on it any more, and its own node has stopped for good.
    contested: bool,
    /// The newest cosignature of every other participant.
    cosigned: Vec<CosignedView>,
}

/// A cosignature: its holder had this many entries by then.
#[derive(Serialize, JsonSchema)]
struct CosignedView {
    /// The ledger of who cosigned.
    by: String,
    size: u64,
    /// Seconds since 1970.
    time_s: u64,
}

pub(super) fn routes() -> Vec<Route> {
    let files = Needs::Ledger(Action::Export);
    vec![
        Route::get(
            "/api/v1/ledgers",
            "list_ledgers",
            "Every ledger of the agreement: how far it is held, who cosigned, who answers",
            Needs::Picture(Action::Read),
            Gives::Json(200, schema_of::<Vec<LedgerView>>),
            get(list),
        ),
        Route::get(
            "/api/v1/ledgers/{origin}/checkpoint",
            "read_checkpoint",
            "The newest published checkpoint with its cosignatures",
            files,
            Gives::Bytes("text/plain"),
            get(checkpoint),
        ),
        Route::get(
            "/api/v1/ledgers/{origin}/tile/{*path}",
            "read_tile",
            "A tile or bundle of entries (C2SP tlog-tiles)",
            files,
            Gives::Bytes(BINARY),
            get(tile),
        ),
        Route::get(
            "/api/v1/blobs/{hash}",
            "read_blob",
            "Content that an entry names by its SHA-256",
            files,
            Gives::Bytes(BINARY),
            get(blob),
        ),
        Route::get(
            "/api/v1/blobs/{hash}",
            "put_blob",
            "Keep content that an act is going to name by its SHA-256",
            Needs::Acts,
            Gives::Nothing(204),
            put(put_blob),
        )
        .method("put")
        .takes_bytes()
        // No peer would fetch more: an act that names it would point at nothing elsewhere.
        .bytes_max(BLOB_BYTES_MAX as usize),
    ]
}

async fn list(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    let view = app.handle.view();
    let shown: Vec<LedgerView> = view
        .ledgers
        .iter()
        .map(|(origin, ledger)| LedgerView {
            origin: origin.to_string(),
            holder: app
                .holders
                .get(origin)
                .map(ToString::to_string)
                .unwrap_or_default(),
            heard_at: ledger.heard.map(|at| at.to_string()),
            other_founding: ledger.other_founding,
            contested: ledger.contested,
            size: ledger.size,
            root: ledger
                .head
                .as_ref()
                .map(|head| head.checkpoint().root().to_base64()),
            presence: ledger.presence.map(|presence| match presence {
                Presence::Normal => "normal",
                Presence::Unknown => "unknown",
                Presence::Down => "down",
            }),
            cosigned: ledger
                .cosigned
                .iter()
                .map(|(by, cosigned)| CosignedView {
                    by: by.to_string(),
                    size: cosigned.size,
                    time_s: cosigned.time_s,
                })
                .collect(),
        })
        .collect();
    json(&headers, &shown)
}

async fn checkpoint(
    State(app): State<Arc<App>>,
    Named(origin): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let file = file(&app, &origin, "checkpoint".to_owned()).await?;
    bytes(&headers, "text/plain", file)
}

async fn tile(
    State(app): State<Arc<App>>,
    Named((origin, path)): Named<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let path = format!("tile/{path}");
    TilePath::parse(&path).map_err(|_| Problem::not_found())?;
    // A tile of a given width never changes, whatever the ledger does (C2SP tlog-tiles).
    let file = file(&app, &origin, path).await?;
    fixed(&headers, BINARY, file)
}

async fn blob(
    State(app): State<Arc<App>>,
    Named(hash): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let hash = Hash::from_hex(&hash).ok_or_else(Problem::not_found)?;
    let (reader, path) = (app.reader.clone(), blob_path(hash));
    let read = tokio::task::spawn_blocking(move || reader.read(&path, BLOB_READ_MAX)).await;
    let read = read.map_err(|_| Problem::unavailable("the blob could not be read"))?;
    let bytes = read.map_err(|_| Problem::unavailable("the blob could not be read"))?;
    let found = bytes.ok_or_else(Problem::not_found)?;
    fixed(&headers, BINARY, found)
}

async fn put_blob(
    State(app): State<Arc<App>>,
    Named(hash): Named<String>,
    Content(bytes): Content,
) -> Answer {
    let named = Hash::from_hex(&hash).ok_or_else(Problem::not_found)?;
    if Hash::of(&bytes) != named {
        return Err(Problem::malformed("the content does not have this SHA-256"));
    }
    let length = bytes.len() as u64;
    let keeper = Arc::clone(&app);
    let kept = tokio::task::spawn_blocking(move || {
        let keep = |files: &mut _| crate::house::keep_blob(files, &bytes);
        keeper.office.with(keep)
    });
    let kept = match kept.await {
        Ok(None) => return Err(Problem::elsewhere()),
        Ok(Some(kept)) => kept.ok(),
        Err(_) => None,
    };
    let hash = kept.ok_or_else(|| Problem::unavailable("the content could not be kept"))?;
    let stored = Input::BlobStored {
        hash,
        bytes: length,
    };
    let told = app.handle.tell(stored).await;
    told.map_err(|stopped| Problem::unavailable(stopped.to_string()))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn file(app: &App, origin: &str, path: String) -> Result<Vec<u8>, Problem> {
    if !app.handle.view().ledgers.contains_key(origin) {
        return Err(Problem::not_found());
    }
    let files = app.reader.below(&ledger_folder(&app.origin, origin));
    let read = tokio::task::spawn_blocking(move || files.fetch(&path)).await;
    let read = read.map_err(|_| Problem::unavailable("the file could not be read"))?;
    let bytes = read.map_err(|_| Problem::unavailable("the file could not be read"))?;
    bytes.ok_or_else(Problem::not_found)
}
