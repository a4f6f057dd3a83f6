//! Problems in answers: RFC 9457, `application/problem+json`.
//!
//! "Hidden" and "absent" are one constructor, [`Problem::not_found`], without a word about the
//! object: what cannot be told apart in code cannot be told apart in bytes.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// Media type of RFC 9457, section 3.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
// In the document it is what it says: a name of its own would refer to itself.
#[schemars(inline)]
pub struct Problem(Box<Said>);

/// What a problem says; boxed, because it travels as the rare half of many results.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
struct Said {
    /// The kind of problem: a page of the documentation, relative.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status, repeated.
    status: u16,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Members that the kind adds, such as `refusal` or `problems`.
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Problem {
    /// A problem of a kind.
    pub fn new(status: StatusCode, kind: &str, title: &'static str) -> Self {
        Self(Box::new(Said {
            kind: format!("/api/v1/problems#{kind}"),
            title,
            status: status.as_u16(),
            detail: None,
            more: Map::new(),
        }))
    }

    /// Nothing is here, or nothing that this user may see.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "there is nothing here")
    }

    /// The request names no user.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "sign in first")
    }

    /// The user may not do this kind of thing at all.
    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "your role does not allow this",
        )
    }

    /// The request cannot be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "the request cannot be read",
        )
        .detail(detail)
    }

    /// The request is larger than is taken here; nothing of it was kept.
    pub fn too_large(bytes_max: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "the request is larger than this node takes; nothing of it was kept",
        )
        .detail(format!("at most {bytes_max} bytes are taken here"))
        .with("bytes_max", Value::from(bytes_max))
    }

    /// The node cannot answer now.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "the node cannot do this now",
        )
        .detail(detail)
    }

    /// Another server of this participant can do it.
    pub fn elsewhere() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "elsewhere",
            "another server of this participant writes; this one only reads",
        )
    }

    /// Adds what happened this time.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds a member.
    pub fn with(mut self, member: &str, value: Value) -> Self {
        self.0.more.insert(member.to_owned(), value);
        self
    }

    /// Returns the kind in words.
    pub fn title(&self) -> &'static str {
        self.0.title
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status(), body).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if self.status() == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
