//! Answers: JSON and bytes with a strong entity tag, conditions on it, and pages of lists.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use detente_ledger::hash::Hash;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::route::Parameter;
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
    Ok(tagged(headers, "application/json", body))
}

/// Answers with bytes of a media type, or with 304 when the asker has them already.
pub(crate) fn bytes(headers: &HeaderMap, media: &'static str, body: impl Into<Bytes>) -> Answer {
    Ok(tagged(headers, media, body.into()))
}

/// As [`bytes`], for content that is named by its hash or never changes: whoever has it need not ask.
pub(crate) fn fixed(headers: &HeaderMap, media: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut response = tagged(headers, media, body.into());
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=31536000, immutable"),
    );
    Ok(response)
}

fn tagged(headers: &HeaderMap, media: &'static str, body: Bytes) -> Response {
    let tag = tag(&body);
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let mut response = match known.is_some_and(|known| names(known, &tag)) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => of_media(StatusCode::OK, media, body),
    };
    set_tag(&mut response, &tag);
    response
}

/// Answers with JSON of this status, for what was just done.
pub(crate) fn done(status: StatusCode, value: &impl Serialize) -> Answer {
    Ok(plain_json(status, encode(value)?))
}

/// Checks `If-Match`, and `If-None-Match` for whoever means to make something new, against what the
/// item is now; `None` when there is none (RFC 9110, section 13.1).
pub(crate) fn unchanged<T: Serialize>(
    headers: &HeaderMap,
    current: Option<&T>,
) -> Result<(), Problem> {
    let tag = current.map(|value| encode(value).map(|body| tag(&body)));
    let tag = tag.transpose()?;
    let names_it = |name| {
        let listed = headers.get(name)?.to_str().unwrap_or_default();
        let named = tag.as_ref().is_some_and(|tag| names(listed, tag));
        Some(named)
    };
    let holds =
        names_it(header::IF_MATCH) != Some(false) && names_it(header::IF_NONE_MATCH) != Some(true);
    match holds {
        true => Ok(()),
        false => Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "changed",
            "it is not as you last saw it",
        )),
    }
}

pub(crate) fn plain_json(status: StatusCode, body: Bytes) -> Response {
    of_media(status, "application/json", body)
}

fn of_media(status: StatusCode, media: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// The parameters of a query; what cannot be read is a problem like any other.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        read.map(|Query(wish)| Self(wish))
            .map_err(|error| Problem::malformed(error.body_text()))
    }
}

/// The parameters of a path; what cannot be read names nothing.
pub(crate) struct Named<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Path::<T>::from_request_parts(parts, state).await;
        read.map(|Path(name)| Self(name))
            .map_err(|_| Problem::not_found())
    }
}

/// The body of a request, up to the limit; what cannot be read is a problem like any other.
pub(crate) struct Content(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Content {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = Bytes::from_request(request, state).await;
        read.map(Self).map_err(|error| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "the request is larger than this node reads",
            ),
            _ => Problem::malformed(error.body_text()),
        })
    }
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
pub(crate) const PAGE_QUERY: &[Parameter] = &[
    Parameter {
        name: "after",
        says: "the `next` of the page before",
        schema: || json!({"type": "string"}),
    },
    Parameter {
        name: "limit",
        says: "items at most; 100 when not given",
        schema: || json!({"type": "integer", "minimum": 1, "maximum": PAGE_ITEMS_MAX}),
    },
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

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).expect("header"))])
    }

    #[test]
    fn conditions_are_those_of_rfc_9110() {
        let item = json!({"id": "a"});
        let own = tag(&encode(&item).unwrap_or_default());
        let passes = |headers: &HeaderMap, item: Option<&serde_json::Value>| {
            unchanged(headers, item).is_ok()
        };
        assert!(passes(&HeaderMap::new(), Some(&item)));
        assert!(passes(&with(header::IF_MATCH, &own), Some(&item)));
        assert!(passes(&with(header::IF_MATCH, "*"), Some(&item)));
        assert!(!passes(&with(header::IF_MATCH, "*"), None));
        assert!(!passes(&with(header::IF_MATCH, "\"other\""), Some(&item)));
        assert!(!passes(&with(header::IF_NONE_MATCH, "*"), Some(&item)));
        assert!(passes(&with(header::IF_NONE_MATCH, "*"), None));
        assert!(!passes(&with(header::IF_NONE_MATCH, &own), Some(&item)));
        let answered = tagged(
            &with(header::IF_NONE_MATCH, &own),
            "text/plain",
            Bytes::new(),
        );
        assert_eq!(answered.status(), StatusCode::OK);
    }
}
