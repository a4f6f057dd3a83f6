//! Asking the provider: what it is (OpenID Connect Discovery 1.0), its keys, and a token for a code.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use rustls::ClientConfig;
use serde::Deserialize;

use super::{Keys, Settings};
use crate::client::{Client, ClientError};

/// Largest answer read of a provider: keys and tokens are some kilobytes.
pub const ANSWER_BYTES_MAX: usize = 512 << 10;
/// Longest wait for one answer.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// Where a provider describes itself, below its issuer identifier.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// What a provider says of itself, as far as it is used.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Discovery {
    issuer: String,
    pub(super) authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// The way to a provider.
#[derive(Debug)]
pub(super) struct Remote {
    tls: Option<Arc<ClientConfig>>,
}

/// A URL of a provider, taken apart.
struct Place<'a> {
    is_plain: bool,
    authority: String,
    path: &'a str,
}

impl Remote {
    pub(super) fn new(tls: Option<Arc<ClientConfig>>) -> Self {
        Self { tls }
    }

    /// Reads what a provider says of itself.
    pub(super) async fn discover(&self, issuer: &str) -> Result<Discovery, RemoteFault> {
        let url = format!("{}{WELL_KNOWN}", issuer.trim_end_matches('/'));
        let body = self.get(&url).await?;
        let unreadable = |what: &str| RemoteFault::Unreadable(what.to_owned());
        let discovery: Discovery =
            serde_json::from_slice(&body).map_err(|_| unreadable("its description"))?;
        if discovery.issuer != issuer {
            return Err(RemoteFault::Issuer);
        }
        let methods = discovery.code_challenge_methods_supported.as_ref();
        if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            return Err(RemoteFault::Challenge);
        }
        for url in [
            &discovery.authorization_endpoint,
            &discovery.token_endpoint,
            &discovery.jwks_uri,
        ] {
            place(url)?;
        }
        Ok(discovery)
    }

    /// Reads a provider's keys.
    pub(super) async fn keys(&self, discovery: &Discovery) -> Result<Keys, RemoteFault> {
        let body = self.get(&discovery.jwks_uri).await?;
        Keys::parse(&body).ok_or_else(|| RemoteFault::Unreadable("its keys".to_owned()))
    }

    /// Exchanges a code for an ID token (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
    pub(super) async fn exchange(
        &self,
        settings: &Settings,
        discovery: &Discovery,
        code: &str,
        verifier: &str,
    ) -> Result<String, RemoteFault> {
        let mut parameters = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", settings.redirect.as_str()),
            ("code_verifier", verifier),
        ];
        let mut headers = vec![
            (
                header::CONTENT_TYPE,
                "application/x-www-form-urlencoded".to_owned(),
            ),
            (header::ACCEPT, "application/json".to_owned()),
        ];
        let methods = discovery.token_endpoint_auth_methods_supported.as_ref();
        // Basic is what a provider accepts that does not say (OpenID Connect Discovery 1.0, section 3).
        let takes = |method: &str| methods.is_some_and(|known| known.iter().any(|it| it == method));
        let by_header = methods.is_none() || takes("client_secret_basic");
        match &settings.client_secret {
            Some(secret) if by_header => {
                // Both parts are written as in a form first (RFC 6749, section 2.3.1).
                let pair = format!("{}:{}", encoded(&settings.client_id), encoded(secret));
                let basic = format!("Basic {}", STANDARD.encode(pair));
                headers.push((header::AUTHORIZATION, basic));
            }
            Some(secret) => {
                parameters.push(("client_id", settings.client_id.as_str()));
                parameters.push(("client_secret", secret.as_str()));
            }
            None => parameters.push(("client_id", settings.client_id.as_str())),
        }
        let body = Bytes::from(form(&parameters));
        let url = &discovery.token_endpoint;
        let (status, body) = self.ask(Method::POST, url, &headers, body).await?;
        if status != StatusCode::OK {
            let refused: Option<Refused> = serde_json::from_slice(&body).ok();
            let error = refused.map_or_else(|| status.to_string(), |refused| refused.error);
            return Err(RemoteFault::Refused(error.chars().take(64).collect()));
        }
        let tokens: Tokens = serde_json::from_slice(&body)
            .map_err(|_| RemoteFault::Unreadable("its tokens".to_owned()))?;
        Ok(tokens.id_token)
    }

    async fn get(&self, url: &str) -> Result<Bytes, RemoteFault> {
        let headers = [(header::ACCEPT, "application/json".to_owned())];
        let (status, body) = self.ask(Method::GET, url, &headers, Bytes::new()).await?;
        match status {
            StatusCode::OK => Ok(body),
            other => Err(RemoteFault::Refused(other.to_string())),
        }
    }

    /// Asks once, over a connection of its own; redirections are not followed.
    async fn ask(
        &self,
        method: Method,
        url: &str,
        headers: &[(header::HeaderName, String)],
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), RemoteFault> {
        let place = place(url)?;
        let tls = match (place.is_plain, &self.tls) {
            (true, _) => None,
            (false, Some(tls)) => Some(Arc::clone(tls)),
            (false, None) => return Err(RemoteFault::Place(url.to_owned())),
        };
        let client = Client::new(&place.authority, tls, ANSWER_BYTES_MAX);
        let answer = client
            .ask(method, place.path, headers, body, PATIENCE)
            .await?;
        Ok((answer.status, answer.body))
    }
}

/// Takes a URL apart: `https`, or `http` to this very machine.
fn place(url: &str) -> Result<Place<'_>, RemoteFault> {
    let wrong = || RemoteFault::Place(url.chars().take(200).collect());
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if host.is_empty() || host.contains('@') || path.contains('#') || path.starts_with('?') {
        return Err(wrong());
    }
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        Some((_, _)) if !host.ends_with(']') => return Err(wrong()),
        _ => host,
    };
    let is_here = matches!(name, "127.0.0.1" | "localhost" | "[::1]");
    let is_plain = match scheme {
        "https" => false,
        "http" if is_here => true,
        _ => return Err(wrong()),
    };
    let port = if is_plain { 80 } else { 443 };
    let authority = match name.len() == host.len() {
        true => format!("{host}:{port}"),
        false => host.to_owned(),
    };
    Ok(Place {
        is_plain,
        authority,
        path: if path.is_empty() { "/" } else { path },
    })
}

/// Writes parameters as a form does.
pub(super) fn form(parameters: &[(&str, &str)]) -> String {
    let pairs = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Escapes everything but unreserved characters (RFC 3986, section 2.3).
fn encoded(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

/// A provider cannot be asked, or its answer not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteFault {
    /// A URL is neither `https` nor on this machine.
    #[error("`{0}` is not a place to ask: it takes https, or http on this machine")]
    Place(String),
    /// It cannot be reached.
    #[error("the provider cannot be reached")]
    Unreachable(#[from] ClientError),
    /// It says no.
    #[error("the provider refuses: {0}")]
    Refused(String),
    /// Its answer cannot be read.
    #[error("the provider's answer cannot be read: {0}")]
    Unreadable(String),
    /// It calls itself something else than the settings do.
    #[error("the provider is not the issuer that the settings name")]
    Issuer,
    /// It does not take the proof that a code is used by whoever asked for it.
    #[error("the provider does not support PKCE with S256")]
    Challenge,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_https_or_on_this_machine() {
        let right = |url| {
            let place = place(url).expect("right");
            (place.is_plain, place.authority, place.path.to_owned())
        };
        assert_eq!(
            right("https://id.example/a?b=c"),
            (false, "id.example:443".to_owned(), "/a?b=c".to_owned())
        );
        assert_eq!(
            right("http://127.0.0.1:9000"),
            (true, "127.0.0.1:9000".to_owned(), "/".to_owned())
        );
        assert_eq!(
            right("https://[2001:db8::1]:8443/x").1,
            "[2001:db8::1]:8443"
        );
        for wrong in [
            "http://id.example/",
            "ftp://id.example/",
            "https://",
            "https://user@id.example/",
            "https://id.example:port/",
            "https://id.example/#a",
            "id.example",
        ] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn forms_escape_whatever_could_be_taken_for_structure() {
        let pairs = [("scope", "openid profile"), ("x", "a&b=c+д")];
        assert_eq!(form(&pairs), "scope=openid%20profile&x=a%26b%3Dc%2B%D0%B4");
    }
}
