//! Answers: JSON with a strong entity tag, conditions on it, and pages of lists.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use detente_ledger::hash::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Items of a page when nothing is said.
pub(crate) const PAGE_ITEMS: usize = 100;
/// Most items of a page: a page is made at once, in memory.
pub(crate) const PAGE_ITEMS_MAX: usize = 1_000;

/// What every handler gives.
pub(crate) type Answer = Result<Response, Problem>;

/// Answers with JSON, or with 304 when the asker has it already.
pub(crate) fn json(headers: &HeaderMap, value: &impl Serialize) -> Answer {
    let body = encode(value)?;
    let tag = tag(&body);
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| names(known, &tag)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        set_tag(&mut response, &tag);
        return Ok(response);
    }
    let mut response = plain_json(StatusCode::OK, body);
    set_tag(&mut response, &tag);
    Ok(response)
}

/// Answers with JSON of this status, for what was just done.
pub(crate) fn done(status: StatusCode, value: &impl Serialize) -> Answer {
    Ok(plain_json(status, encode(value)?))
}

/// Checks `If-Match` against what the item is now.
pub(crate) fn unchanged(headers: &HeaderMap, value: &impl Serialize) -> Result<(), Problem> {
    let Some(wanted) = headers.get(header::IF_MATCH) else {
        return Ok(());
    };
    let tag = tag(&encode(value)?);
    match wanted.to_str() {
        Ok(wanted) if names(wanted, &tag) => Ok(()),
        _ => Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "changed",
            "it changed since you looked",
        )),
    }
}

pub(crate) fn plain_json(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

fn encode(value: &impl Serialize) -> Result<Bytes, Problem> {
    let body = serde_json::to_vec(value);
    body.map(Bytes::from).map_err(|_| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "defect",
            "this is a defect of the node",
        )
    })
}

/// The entity tag of a body: part of its hash.
pub(crate) fn tag(body: &[u8]) -> String {
    let hex = Hash::of(body).to_hex();
    format!("\"{}\"", hex.get(..32).unwrap_or(&hex))
}

fn names(list: &str, tag: &str) -> bool {
    let mut tags = list.split(',').map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

fn set_tag(response: &mut Response, tag: &str) {
    if let Ok(value) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
}

/// Which page of a list is wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageWish {
    /// The `next` of the page before.
    #[serde(default)]
    after: Option<String>,
    /// How many items at most.
    #[serde(default)]
    limit: Option<usize>,
}

/// The parameters of [`PageWish`], for the document.
pub(crate) const PAGE_QUERY: &[(&str, &str)] = &[
    ("after", "the `next` of the page before"),
    ("limit", "items at most, up to 1000; 100 when not given"),
];

/// A part of a list, in the order of ids.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Page<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// What to give as `after` for the next page; null at the end.
    pub(crate) next: Option<String>,
}

impl PageWish {
    /// Cuts a page out of items in the order of their ids.
    pub(crate) fn cut<T, U>(
        &self,
        items: impl Iterator<Item = (String, T)>,
        make: impl Fn(T) -> U,
    ) -> Result<Page<U>, Problem> {
        let limit = self.limit.unwrap_or(PAGE_ITEMS);
        if limit == 0 || limit > PAGE_ITEMS_MAX {
            let message = format!("`limit` is from 1 to {PAGE_ITEMS_MAX}");
            return Err(Problem::malformed(message));
        }
        let after = self.after.as_deref();
        let mut rest = items.filter(|(id, _)| after.is_none_or(|after| id.as_str() > after));
        let mut page = Vec::new();
        let mut last = None;
        for (id, item) in rest.by_ref().take(limit) {
            page.push(make(item));
            last = Some(id);
        }
        let next = rest.next().and(last);
        Ok(Page { items: page, next })
    }
}
