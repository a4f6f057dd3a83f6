//! The users of this node, kept by administrators.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::{delete, get, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::App;
use super::answer::{Answer, Asked, Content, Named, PAGE_QUERY, Page, PageWish, json, unchanged};
use super::route::{Gives, Needs, Route, schema_of};
use crate::authority::Action;
use crate::problem::Problem;
use crate::role::Role;
use crate::users::{PasswordHash, User};

/// What a user is to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// The roles the user holds from now on.
    #[schemars(with = "Vec<Role>")]
    roles: BTreeSet<Role>,
    /// A new password; without one the old stays.
    #[serde(default)]
    password: Option<String>,
}

/// One user.
#[derive(Serialize, JsonSchema)]
struct Shown {
    name: String,
    roles: Vec<Role>,
    is_disabled: bool,
}

pub(super) fn routes() -> Vec<Route> {
    let one = "/api/v1/users/{name}";
    vec![
        Route::get(
            "/api/v1/users",
            "list_users",
            "The users of this node",
            Needs::House(Action::Read),
            Gives::Json(200, schema_of::<Page<Shown>>),
            get(list),
        )
        .query(PAGE_QUERY),
        Route::get(
            one,
            "read_user",
            "One user",
            Needs::House(Action::Read),
            Gives::Json(200, schema_of::<Shown>),
            get(read),
        ),
        Route::get(
            one,
            "put_user",
            "Add a user, or change roles and password of one",
            Needs::House(Action::Manage),
            Gives::Nothing(204),
            put(put_one),
        )
        .method("put")
        .conditional()
        .takes(schema_of::<Wish>),
        Route::get(
            one,
            "disable_user",
            "Shut a user out, everywhere and at once",
            Needs::House(Action::Manage),
            Gives::Nothing(204),
            delete(disable),
        )
        .method("delete")
        .conditional(),
    ]
}

async fn list(
    State(app): State<Arc<App>>,
    Asked(wish): Asked<PageWish>,
    headers: HeaderMap,
) -> Answer {
    let users = app.users();
    let page = wish.cut(
        users
            .list()
            .map(|(name, user)| (name.to_owned(), (name, user))),
        |(name, user)| shown(name, user),
    );
    json(&headers, &page?)
}

async fn read(
    State(app): State<Arc<App>>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let found = find(&app, &name).ok_or_else(Problem::not_found)?;
    json(&headers, &found)
}

fn shown(name: &str, user: &User) -> Shown {
    Shown {
        name: name.to_owned(),
        roles: user.roles().iter().copied().collect(),
        is_disabled: user.is_disabled(),
    }
}

fn find(app: &App, name: &str) -> Option<Shown> {
    let users = app.users();
    let mut list = users.list();
    let found = list.find(|(known, _)| *known == name);
    found.map(|(name, user)| shown(name, user))
}

async fn put_one(
    State(app): State<Arc<App>>,
    Named(name): Named<String>,
    headers: HeaderMap,
    Content(body): Content,
) -> Answer {
    let wish: Wish = super::acts::body(&body)?;
    unchanged(&headers, find(&app, &name).as_ref())?;
    let hash = match wish.password {
        None => None,
        Some(password) => {
            let hashed = tokio::task::spawn_blocking(move || PasswordHash::of(&password)).await;
            let hashed = hashed.map_err(|_| Problem::unavailable("hashing failed"))?;
            Some(hashed.map_err(|error| Problem::malformed(error.to_string()))?)
        }
    };
    app.change_users(|users| users.put(&name, wish.roles, hash))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn disable(
    State(app): State<Arc<App>>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    unchanged(&headers, find(&app, &name).as_ref())?;
    let known = app.change_users(|users| Ok(users.disable(&name)))?;
    match known {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(Problem::not_found()),
    }
}
