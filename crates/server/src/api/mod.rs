//! The HTTP API of a node, under `/api/v1`.

pub(crate) mod answer;
mod gate;
mod openapi;
pub(crate) mod route;

mod acts;
mod analysis;
mod awareness;
mod batch;
mod check;
mod distinct;
mod exact_places;
mod exhibit_routes;
mod features;
mod health;
mod key_routes;
mod ledgers;
mod life;
mod live;
mod objects;
mod picture;
mod place_readings;
mod places;
mod private_checks;
mod records;
mod report_drafts;
mod report_verbs;
mod reports;
mod sealing;
mod session_routes;
mod sign_in_routes;
mod token_routes;
mod tracks;
mod user_routes;
mod visibility;
mod witness_routes;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse as _;
use detente_ledger::vkey::NoteSigner;
use detente_node::picture::Picture;
use detente_records::HolderId;
use detente_sharing::gazetteer::Gazetteer;
use detente_stores::store::Reader;
use serde_json::Value;

use crate::attempts::Attempts;
use crate::authority::{Action, Authority, Granted, Object};
use crate::checks::Checks;
use crate::clock::Clock;
use crate::events::Events;
use crate::house::KeySource;
use crate::idempotency::Answered;
use crate::metrics::Metrics;
use crate::oidc::SignIns;
use crate::problem::Problem;
use crate::renewed::Renewed;
use crate::runtime::{Handle, Office};
use crate::seals::Seals;
use crate::session::Sessions;
use crate::users::{Identity, Users, UsersError};
use crate::witness::Booth;
pub use analysis::Proofs;
use gate::Gate;
use route::Route;
pub(crate) use sealing::seal_all;

/// Everything the API needs.
#[derive(Debug)]
pub struct App {
    /// The node.
    pub handle: Handle<Picture>,
    /// Its id in the agreement.
    pub participant: String,
    /// Origin of its ledger.
    pub origin: Arc<str>,
    /// Whose ledger is whose.
    pub holders: Arc<BTreeMap<Arc<str>, HolderId>>,
    /// The clock acts are dated by.
    pub clock: Clock,
    /// The clock sessions and tokens end by.
    pub wall: Clock,
    /// What it keeps, to read from.
    pub reader: Reader,
    /// The dossier's files, by name.
    pub dossier: BTreeMap<String, Vec<u8>>,
    /// Places known by name.
    pub gazetteer: Gazetteer,
    /// Opens what is sealed for this participant, and seals what it releases.
    pub seals: Seals,
    /// Who may do what.
    pub authority: Authority,
    /// What this server may write beside the ledgers.
    pub office: Office,
    /// Who there is.
    pub directory: RwLock<Users>,
    /// Name of the cookie of this node's sessions.
    pub cookie: String,
    /// Opens sessions and knows them again.
    pub sessions: Sessions,
    /// Who failed to sign in how often.
    pub attempts: Attempts,
    /// Where the node's keys are read again.
    pub keys: KeySource,
    /// Seals what is taken out of the house: the unit's key.
    pub sealer: Renewed<NoteSigner>,
    /// Cosigns what others bring.
    pub witness: Booth,
    /// Where users may sign in elsewhere.
    pub sign_ins: Option<SignIns>,
    /// How long a sign-in lasts.
    pub session_hours: u64,
    /// What was proved of the articles.
    pub proofs: Proofs,
    /// What happened, numbered.
    pub events: Events,
    /// What was counted.
    pub metrics: Metrics,
    /// What was already answered.
    pub answered: Answered,
    /// Whether only this very machine reaches the socket of the API.
    pub is_local: bool,
    /// Private checks under way.
    pub checks: Checks,
    /// Longest request.
    pub request_s_max: u64,
    /// Largest request body.
    pub body_bytes_max: usize,
    /// Oldest signed checkpoint of a healthy node.
    pub checkpoint_s_max: u64,
}

impl App {
    /// Returns who there is.
    pub(crate) fn users(&self) -> RwLockReadGuard<'_, Users> {
        self.directory
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over who there is, as it is kept.
    pub(crate) fn replace_users(&self, users: Users) {
        *self
            .directory
            .write()
            .unwrap_or_else(PoisonError::into_inner) = users;
    }

    /// Changes who there is, and keeps it.
    pub(crate) fn change_users<T>(
        &self,
        change: impl FnOnce(&mut Users) -> Result<T, UsersError>,
    ) -> Result<T, Problem> {
        let changed = self.try_change_users(change)?;
        changed.map_err(|error| Problem::malformed(error.to_string()))
    }

    /// The same; what cannot be changed is for the caller to tell.
    pub(crate) fn try_change_users<T>(
        &self,
        change: impl FnOnce(&mut Users) -> Result<T, UsersError>,
    ) -> Result<Result<T, UsersError>, Problem> {
        let changed = self.office.with(|files| {
            let changed = crate::house::change_users(files, change)
                .map_err(|error| Problem::unavailable(error.to_string()))?;
            Ok(changed.map(|(users, value)| {
                self.replace_users(users);
                value
            }))
        });
        changed.ok_or_else(Problem::elsewhere)?
    }

    /// Whose node this is, as the agreement names it.
    pub(crate) fn own_holder(&self) -> HolderId {
        let own = self.holders.get(&self.origin).cloned();
        own.unwrap_or_else(|| unreachable!("the own card is among the cards"))
    }

    pub(crate) fn wall_s(&self) -> u64 {
        self.wall.now_s()
    }

    /// Grants an action on one object, or says that nothing is there.
    pub(crate) fn grant(
        &self,
        who: &Identity,
        action: Action,
        object: Object,
    ) -> Result<Granted, Problem> {
        let granted = self.authority.grant(who, action, object);
        granted.ok_or_else(Problem::not_found)
    }
}

/// Every route.
fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(session_routes::routes());
    routes.extend(sign_in_routes::routes());
    routes.extend(token_routes::routes());
    routes.extend(user_routes::routes());
    routes.extend(key_routes::routes());
    routes.extend(picture::routes());
    routes.extend(objects::routes());
    routes.extend(exact_places::routes());
    routes.extend(place_readings::routes());
    routes.extend(features::routes());
    routes.extend(tracks::routes());
    routes.extend(awareness::routes());
    routes.extend(places::routes());
    routes.extend(reports::routes());
    routes.extend(report_drafts::routes());
    routes.extend(report_verbs::routes());
    routes.extend(private_checks::routes());
    routes.extend(life::routes());
    routes.extend(analysis::routes());
    routes.extend(check::routes());
    routes.extend(acts::routes());
    routes.extend(batch::routes());
    routes.extend(records::routes());
    routes.extend(ledgers::routes());
    routes.extend(exhibit_routes::routes());
    routes.extend(live::routes());
    routes.extend(witness_routes::routes());
    routes.extend(health::routes());
    routes
}

/// The OpenAPI document of the API.
pub fn openapi_document() -> Value {
    openapi::document(&routes())
}

/// The API's router.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    let body_bytes_max = app.body_bytes_max;
    for route in routes() {
        let gate = Gate {
            method: route.method,
            name: route.name,
            needs: route.needs,
            is_endless: route.is_endless,
            bytes_max: route.bytes_max.unwrap_or(body_bytes_max),
        };
        let state = (Arc::clone(&app), gate);
        let handler = match route.bytes_max {
            Some(most) => route.handler.layer(DefaultBodyLimit::max(most)),
            None => route.handler,
        };
        let handler = handler.layer(from_fn_with_state(state, gate::pass));
        router = router.route(route.path, handler);
    }
    router
        .merge(crate::console::router())
        .fallback(|| async { Problem::not_found().into_response() })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method",
                "this is not done here",
            )
            .into_response()
        })
        .layer(DefaultBodyLimit::max(body_bytes_max))
        .with_state(app)
}
