//! A ledger on a web server: plain or TLS, and never more than a named amount of anything.
//!
//! Authenticity comes from the ledger's signatures; TLS keeps others from reading along and from
//! withholding single files unseen.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use detente_ledger::bundle::BUNDLE_BYTES_MAX;
use detente_ledger::reader::{FetchError, TileSource};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::failure::{Failure, FailureKind};

/// Redirections followed for one file: a moved host and its `https`, and one to spare.
const REDIRECTS_MAX: u32 = 3;
/// Bytes of headers read: far above what servers of files send.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Seconds for one file when nothing else is asked: who takes longer is as good as not there.
const TIMEOUT_DEFAULT_S: u64 = 30;
/// Longest time for one file that may be asked for, in seconds.
const TIMEOUT_MAX_S: u64 = 3_600;

/// How a web server is reached.
#[derive(Args, Clone, Debug)]
pub(crate) struct Connection {
    /// Certificates (PEM) to trust for https:// instead of this machine's
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    ca: Option<PathBuf>,
    /// Seconds a server may take for one file
    #[arg(long, value_name = "SECONDS", help_heading = "Connection",
          default_value_t = TIMEOUT_DEFAULT_S,
          value_parser = clap::value_parser!(u64).range(1..=TIMEOUT_MAX_S))]
    timeout: u64,
}

impl Connection {
    /// What a folder needs of it: nothing.
    pub(super) fn unused() -> Self {
        Self {
            ca: None,
            timeout: TIMEOUT_DEFAULT_S,
        }
    }
}

/// A URL prefix.
#[derive(Debug)]
pub(crate) struct Web {
    prefix: String,
    agent: ureq::Agent,
}

impl Web {
    /// Returns whether a place is a URL this command fetches from.
    pub(crate) fn is_url(place: &str) -> bool {
        place.starts_with("http://") || place.starts_with("https://")
    }

    /// Prepares to fetch below a URL; nothing is connected yet.
    pub(crate) fn new(url: &str, connection: &Connection) -> Result<Self, Failure> {
        let secure = url.starts_with("https://");
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(connection.timeout)))
            .max_redirects(REDIRECTS_MAX)
            .max_redirects_will_error(true)
            .max_response_header_size(HEADER_BYTES_MAX)
            // A secure prefix must not be led to an open connection.
            .https_only(secure)
            .http_status_as_error(false);
        let config = match secure {
            true => config.tls_config(connection.tls()?),
            false => config,
        };
        Ok(Self {
            prefix: url.trim_end_matches('/').to_owned(),
            agent: config.build().new_agent(),
        })
    }

    /// Translates a failed fetch.
    pub(crate) fn unreachable(&self, error: FetchError) -> Failure {
        let untrusted = error.reason.contains("certificate");
        let failure = Failure::new(FailureKind::Unreachable, error);
        match untrusted {
            true => failure.hint("for a private authority, give its certificate with --ca FILE"),
            false => failure,
        }
    }
}

impl Connection {
    fn tls(&self) -> Result<TlsConfig, Failure> {
        let certificates = match &self.ca {
            Some(path) => {
                let pem = std::fs::read(path).map_err(|error| Failure::unreadable(path, error))?;
                let found = certificates(&pem);
                if found.is_empty() {
                    let message = format!("`{}` holds no certificate", path.display());
                    return Err(Failure::new(FailureKind::InvalidInput, message)
                        .hint("it must be PEM: `-----BEGIN CERTIFICATE-----`"));
                }
                found
            }
            None => machine_certificates()?,
        };
        // `ring` needs no C++ compiler and no cmake.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(RootCerts::Specific(Arc::new(certificates)))
            .build())
    }
}

fn certificates(pem: &[u8]) -> Vec<Certificate<'static>> {
    let items = parse_pem(pem);
    items
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect()
}

/// The authorities this machine's administration trusts.
fn machine_certificates() -> Result<Vec<Certificate<'static>>, Failure> {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        let message = "this machine trusts no certificate authority";
        return Err(Failure::new(FailureKind::Usage, message)
            .hint("install its certificates (ca-certificates), or give --ca FILE"));
    }
    let own = found
        .iter()
        .map(|der| Certificate::from_der(der).to_owned());
    Ok(own.collect())
}

impl TileSource for Web {
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        let failed = |reason: String| FetchError {
            path: path.to_owned(),
            reason,
        };
        let url = format!("{}/{path}", self.prefix);
        let mut response = self
            .agent
            .get(&url)
            .call()
            .map_err(|error| failed(error.to_string()))?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Ok(None),
            status => return Err(failed(format!("the server answered {status}"))),
        }
        let limit = BUNDLE_BYTES_MAX as u64;
        let body = response.body_mut().with_config().limit(limit).read_to_vec();
        body.map(Some).map_err(|error| failed(error.to_string()))
    }
}
