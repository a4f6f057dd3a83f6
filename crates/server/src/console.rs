//! The console's files, embedded when it was built with the node, and served beside the API.
//!
//! Pages may load nothing from elsewhere and run no script or style that is not a file of this node: the policy says so
//! to the browser, whatever a report or a name contains.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::problem::Problem;

/// A file of the console.
#[derive(Debug)]
struct File {
    /// Its path below `/`.
    path: &'static str,
    /// Its entity tag, quotes included.
    tag: &'static str,
    /// Whether the bytes are packed with gzip.
    is_packed: bool,
    bytes: &'static [u8],
}

mod built {
    use super::File;

    include!(concat!(env!("OUT_DIR"), "/console.rs"));
}

/// The page that loads everything else.
const PAGE: &str = "index.html";
/// What vite puts here is named after its content, and never changes under its name.
const NAMED_BY_CONTENT: &str = "assets/";
/// What pages may do: use files of this node, nothing else; `data:` and `blob:` are for pictures drawn in the browser.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; media-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// What is said when the console was not built.
const WITHOUT: &str = "This node was built without its console. Its API is at /api/v1/openapi.json.\n\
     To get the console, install Node.js 20.19 or later with npm and build the node again.\n";

/// Returns whether the console was built with this node.
pub fn is_built() -> bool {
    find(PAGE).is_some()
}

/// Serves the console's files.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(|headers: HeaderMap| async move { page(&headers) }))
        .route("/{*path}", get(file))
}

async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match find(&path) {
        Some(file) => answer(file, &headers),
        None => Problem::not_found().into_response(),
    }
}

fn page(headers: &HeaderMap) -> Response {
    match find(PAGE) {
        Some(file) => answer(file, headers),
        None => {
            let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            (plain, WITHOUT).into_response()
        }
    }
}

fn find(path: &str) -> Option<&'static File> {
    let place = built::FILES.binary_search_by(|file| file.path.cmp(path));
    place.ok().and_then(|place| built::FILES.get(place))
}

fn answer(file: &'static File, headers: &HeaderMap) -> Response {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let mut response = if knows(text(header::IF_NONE_MATCH), file.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if file.is_packed && !unpacks(text(header::ACCEPT_ENCODING)) {
        let detail = "this file is kept packed: ask with `Accept-Encoding: gzip`";
        return Problem::new(
            StatusCode::NOT_ACCEPTABLE,
            "packed",
            "the file is packed with gzip",
        )
        .detail(detail)
        .into_response();
    } else {
        let mut response = Response::new(Body::from(file.bytes));
        if file.is_packed {
            set(&mut response, header::CONTENT_ENCODING, "gzip");
        }
        set(&mut response, header::CONTENT_TYPE, content_type(file.path));
        response
    };
    let kept = match file.path.starts_with(NAMED_BY_CONTENT) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    for (name, value) in [
        (header::ETAG, file.tag),
        (header::CACHE_CONTROL, kept),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        set(&mut response, name, value);
    }
    response
}

fn set(response: &mut Response, name: header::HeaderName, value: &'static str) {
    let value = HeaderValue::from_static(value);
    response.headers_mut().insert(name, value);
}

fn knows(tags: Option<&str>, tag: &str) -> bool {
    let mut tags = tags.unwrap_or_default().split(',').map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// Whether an `Accept-Encoding` takes gzip (RFC 9110, section 12.5.3).
fn unpacks(accepted: Option<&str>) -> bool {
    let codings = accepted.unwrap_or_default().split(',');
    codings
        .filter_map(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let weight = weight.trim().strip_prefix("q=")?.trim().parse::<f32>();
            Some((name.trim(), weight.ok()?))
        })
        .any(|(name, weight)| (name == "gzip" || name == "*") && weight > 0.0)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("pbf") => "application/x-protobuf",
        Some("wasm") => "application/wasm",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sorted_for_searching_and_have_a_type() {
        assert!(
            built::FILES
                .windows(2)
                .all(|pair| pair[0].path < pair[1].path)
        );
        for file in built::FILES {
            assert_ne!(
                content_type(file.path),
                "application/octet-stream",
                "{}",
                file.path
            );
        }
    }

    #[test]
    fn packed_files_go_to_whoever_unpacks() {
        assert!(unpacks(Some("gzip, deflate, br")));
        assert!(unpacks(Some("br;q=1.0, gzip;q=0.5")));
        assert!(unpacks(Some("*")));
        for refused in [
            None,
            Some(""),
            Some("identity"),
            Some("gzip;q=0"),
            Some("gzip;q=x"),
        ] {
            assert!(!unpacks(refused), "{refused:?}");
        }
    }

    #[test]
    fn the_policy_lets_nothing_inline_run() {
        assert!(!POLICY.contains("unsafe-inline") && !POLICY.contains("'unsafe-eval'"));
        assert!(!POLICY.contains("http"));
        // The ledger's checks are compiled from a file of this node; that word evaluates no text.
        assert!(POLICY.contains("script-src 'self' 'wasm-unsafe-eval';"));
    }
}
