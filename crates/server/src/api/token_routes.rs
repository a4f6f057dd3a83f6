//! API tokens: everyone keeps their own, administrators all.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{delete, get, post};
use detente_ledger::hash::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::App;
use super::acts::once;
use super::answer::{
    Answer, Asked, Content, Named, PAGE_QUERY, Page, PageWish, done, json, unchanged,
};
use super::route::{Gives, Needs, Route, schema_of};
use crate::authority::{Action, Object};
use crate::problem::Problem;
use crate::role::Role;
use crate::users::{Identity, Token, TokenWish};

/// Longest life of a token, in days: whoever forgets one does not leave a door open for ever.
const DAYS_MAX: u64 = 366;
/// Longest time that a replaced token goes on beside the new one, in hours: a week for whoever has to
/// carry it to many machines.
const OVERLAP_HOURS_MAX: u64 = 168;
/// That time when nothing is said, in hours.
const OVERLAP_HOURS: u64 = 24;
/// Longest label.
const LABEL_BYTES_MAX: usize = 128;

/// A token somebody wants.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// What it is for.
    #[schemars(length(max = LABEL_BYTES_MAX))]
    label: String,
    /// The roles it carries; only ones its owner holds.
    #[schemars(with = "Vec<Role>")]
    roles: BTreeSet<Role>,
    /// Whether it may only read.
    #[serde(default)]
    read_only: bool,
    /// How many days it lasts.
    #[schemars(range(min = 1, max = DAYS_MAX))]
    days: u64,
}

/// How a token is to be replaced.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RotationWish {
    /// How many days the new one lasts.
    #[schemars(range(min = 1, max = DAYS_MAX))]
    days: u64,
    /// How many hours the one before still works, if it lasts as long; 0 ends it at once.
    #[serde(default = "overlap_hours")]
    #[schemars(range(max = OVERLAP_HOURS_MAX))]
    overlap_hours: u64,
}

fn overlap_hours() -> u64 {
    OVERLAP_HOURS
}

/// A token, without its secret.
#[derive(Serialize, JsonSchema)]
struct Shown {
    id: String,
    user: String,
    label: String,
    roles: Vec<Role>,
    read_only: bool,
    /// Seconds since 1970.
    expires_s: u64,
}

/// A new token: its secret is shown once.
#[derive(Serialize, JsonSchema)]
struct Issued {
    id: String,
    token: String,
}

pub(super) fn routes() -> Vec<Route> {
    let path = "/api/v1/tokens";
    vec![
        Route::get(
            path,
            "list_tokens",
            "The tokens you may end",
            Needs::SignedIn,
            Gives::Json(200, schema_of::<Page<Shown>>),
            get(list),
        )
        .query(PAGE_QUERY),
        Route::get(
            path,
            "issue_token",
            "A new token of your own",
            Needs::SignedIn,
            Gives::Json(201, schema_of::<Issued>),
            post(issue),
        )
        .method("post")
        .keyed()
        .takes(schema_of::<Wish>),
        Route::get(
            "/api/v1/tokens/{id}",
            "read_token",
            "A token you may end",
            Needs::SignedIn,
            Gives::Json(200, schema_of::<Shown>),
            get(read),
        ),
        Route::get(
            "/api/v1/tokens/{id}/rotation",
            "rotate_token",
            "A new token in place of one of your own, which goes on for a while",
            Needs::SignedIn,
            Gives::Json(201, schema_of::<Issued>),
            post(rotate),
        )
        .method("post")
        .keyed()
        .takes(schema_of::<RotationWish>),
        Route::get(
            "/api/v1/tokens/{id}",
            "revoke_token",
            "End a token",
            Needs::SignedIn,
            Gives::Nothing(204),
            delete(revoke),
        )
        .method("delete")
        .conditional(),
    ]
}

async fn list(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Asked(wish): Asked<PageWish>,
    headers: HeaderMap,
) -> Answer {
    let users = app.users();
    let visible = users
        .tokens()
        .filter(|(id, token)| may_see(&app, &who, id, token));
    let page = wish.cut(
        visible.map(|(id, token)| (id.to_owned(), (id, token))),
        |(id, token)| shown(id, token),
    );
    json(&headers, &page?)
}

async fn read(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(id): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let users = app.users();
    let mut tokens = users.tokens();
    let found = tokens.find(|(known, token)| *known == id && may_see(&app, &who, known, token));
    let (id, token) = found.ok_or_else(Problem::not_found)?;
    json(&headers, &shown(id, token))
}

/// Seeing a token is being able to end it; a reading token sees its owner's.
fn may_see(app: &App, who: &Identity, id: &str, token: &Token) -> bool {
    token.user() == who.name
        || app
            .authority
            .grant(who, Action::Manage, object(id, token.user()))
            .is_some()
}

fn shown(id: &str, token: &Token) -> Shown {
    Shown {
        id: id.to_owned(),
        user: token.user().to_owned(),
        label: token.label().to_owned(),
        roles: token.roles().iter().copied().collect(),
        read_only: token.is_read_only(),
        expires_s: token.expires_s(),
    }
}

async fn issue(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    headers: HeaderMap,
    Content(body): Content,
) -> Answer {
    let wish: Wish = super::acts::body(&body)?;
    // The key belongs to the route as well: another route's request is another request.
    let request = Hash::of_parts(&[b"issue_token", &body]);
    let (here, owner) = (&app, &who);
    let doing = move |_| async move {
        let issued = try_issue(here, owner, wish);
        issued.unwrap_or_else(IntoResponse::into_response)
    };
    once(&app, &who, &headers, request, doing).await
}

fn try_issue(app: &App, who: &Identity, wish: Wish) -> Answer {
    let right = (1..=DAYS_MAX).contains(&wish.days)
        && wish.label.len() <= LABEL_BYTES_MAX
        && wish.roles.is_subset(&who.roles);
    if !right {
        return Err(Problem::malformed(format!(
            "a token lasts 1 to {DAYS_MAX} days, its label has at most {LABEL_BYTES_MAX} bytes, \
             and it carries only roles you hold"
        )));
    }
    let granted = app.grant(who, Action::Manage, object("new", &who.name))?;
    let Object::Token { owner, .. } = granted.object() else {
        return Err(Problem::not_found());
    };
    let wish = TokenWish {
        user: owner.clone(),
        label: wish.label,
        roles: wish.roles,
        read_only: wish.read_only,
        expires_s: app.wall_s().saturating_add(wish.days * 86_400),
    };
    let now_s = app.wall_s();
    let (id, token) = app.change_users(|users| {
        users.forget_ended_tokens(now_s);
        users.issue_token(&wish)
    })?;
    done(StatusCode::CREATED, &Issued { id, token })
}

async fn rotate(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(id): Named<String>,
    headers: HeaderMap,
    Content(body): Content,
) -> Answer {
    let wish: RotationWish = super::acts::body(&body)?;
    let request = Hash::of_parts(&[b"rotate_token", id.as_bytes(), b"\n", &body]);
    let (here, owner, id) = (&app, &who, &id);
    let doing = move |_| async move {
        let issued = try_rotate(here, owner, id, &wish);
        issued.unwrap_or_else(IntoResponse::into_response)
    };
    once(&app, &who, &headers, request, doing).await
}

fn try_rotate(app: &App, who: &Identity, id: &str, wish: &RotationWish) -> Answer {
    let right = (1..=DAYS_MAX).contains(&wish.days) && wish.overlap_hours <= OVERLAP_HOURS_MAX;
    if !right {
        return Err(Problem::malformed(format!(
            "a token lasts 1 to {DAYS_MAX} days, and the one before goes on for at most \
             {OVERLAP_HOURS_MAX} hours"
        )));
    }
    let (owner, roles) = {
        let users = app.users();
        let mut tokens = users.tokens();
        let found = tokens.find(|(known, _)| *known == id);
        let (_, token) = found.ok_or_else(Problem::not_found)?;
        (token.user().to_owned(), token.roles().clone())
    };
    // Whoever makes a token knows it: nobody makes one of somebody else's, nor with more powers than
    // this request has.
    if owner != who.name {
        return Err(Problem::not_found());
    }
    let granted = app.grant(who, Action::Manage, object(id, &owner))?;
    if !roles.is_subset(&who.roles) {
        return Err(Problem::forbidden());
    }
    let Object::Token { id, .. } = granted.object() else {
        return Err(Problem::not_found());
    };
    let now_s = app.wall_s();
    let expires_s = now_s.saturating_add(wish.days * 86_400);
    let until_s = now_s.saturating_add(wish.overlap_hours * 3_600);
    let (id, token) =
        app.change_users(|users| users.rotate_token(id, expires_s, (now_s, until_s)))?;
    done(StatusCode::CREATED, &Issued { id, token })
}

async fn revoke(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(id): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let found = {
        let users = app.users();
        let mut tokens = users.tokens();
        let found = tokens.find(|(known, _)| *known == id);
        found.map(|(id, token)| (token.user().to_owned(), shown(id, token)))
    };
    let (owner, shown) = found.ok_or_else(Problem::not_found)?;
    let granted = app.grant(&who, Action::Manage, object(&id, &owner))?;
    unchanged(&headers, Some(&shown))?;
    if let Object::Token { id, .. } = granted.object() {
        app.change_users(|users| Ok(users.revoke_token(id)))?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn object(id: &str, owner: &str) -> Object {
    Object::Token {
        id: id.to_owned(),
        owner: owner.to_owned(),
    }
}
