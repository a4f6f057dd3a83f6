//! Asking a node: where it is, who asks, and what its answers mean for the exit code.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use detente_ledger::hash::Hash;
use detente_node::federation::BLOB_BYTES_MAX;
use detente_server::answer::{Answer, Client, ClientError, HeaderName, Method, header};
use detente_server::tls::public_client;
use serde_json::Value;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};

/// Longest wait for an answer: a stop call must not hang.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest answer read.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Which node, and who asks.
#[derive(Args, Debug)]
#[command(next_help_heading = "Node")]
pub(crate) struct NodeArgs {
    /// The node's API
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "DETENTE_NODE",
        default_value = "http://127.0.0.1:7070"
    )]
    pub(crate) node: String,
    /// File whose first line is an API token
    #[arg(long, global = true, value_name = "FILE", env = "DETENTE_TOKEN_FILE")]
    token_file: Option<PathBuf>,
    /// Authorities that vouch for an https:// node, PEM
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "/etc/ssl/certs/ca-certificates.crt"
    )]
    authorities: PathBuf,
}

/// A connection to a node.
#[derive(Debug)]
pub(crate) struct Asker {
    runtime: tokio::runtime::Runtime,
    client: Client,
    token: Option<String>,
    node: String,
}

impl NodeArgs {
    /// Names a node for a verb whose own options say where it is.
    pub(crate) fn at(url: &str, token_file: Option<PathBuf>, authorities: PathBuf) -> Self {
        Self {
            node: url.to_owned(),
            token_file,
            authorities,
        }
    }

    /// Prepares to ask.
    pub(crate) fn open(&self) -> Result<Asker, Failure> {
        self.open_with(self.token_file.as_deref())
    }

    /// Prepares to ask with a token of another person or role.
    pub(crate) fn open_with(&self, token_file: Option<&Path>) -> Result<Asker, Failure> {
        let usage = |message: &str| Failure::new(FailureKind::Usage, message.to_owned());
        let (tls, rest) = match self.node.split_once("://") {
            Some(("http", rest)) => (None, rest),
            Some(("https", rest)) => {
                let pem = std::fs::read(&self.authorities)
                    .map_err(|error| Failure::unreadable(&self.authorities, error))?;
                let config = public_client(&pem)
                    .map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
                (Some(Arc::new(config)), rest)
            }
            _ => {
                return Err(usage(
                    "the node is a URL: http://… on loopback, or https://…",
                ));
            }
        };
        let host = rest.trim_end_matches('/');
        if host.contains('/') {
            return Err(usage("the node's URL has no path"));
        }
        let authority = match (host.rsplit_once(':'), &tls) {
            (Some((_, port)), _) if port.parse::<u16>().is_ok() => host.to_owned(),
            (_, Some(_)) => format!("{host}:443"),
            (_, None) => format!("{host}:80"),
        };
        let token = match token_file {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Failure::unreadable(path, error))?;
                text.lines().next().map(|line| line.trim().to_owned())
            }
            None => None,
        };
        Ok(Asker {
            runtime: runtime()?,
            client: Client::new(&authority, tls, ANSWER_BYTES_MAX),
            token,
            node: self.node.clone(),
        })
    }
}

/// Says before anything is sent whether content can lie beside a ledger.
fn fits(bytes: usize) -> Result<(), Failure> {
    if bytes as u64 <= BLOB_BYTES_MAX {
        return Ok(());
    }
    let message =
        format!("{bytes} bytes, and nothing larger than {BLOB_BYTES_MAX} lies beside a ledger");
    Err(Failure::new(FailureKind::InvalidInput, message)
        .hint("split it, or keep it elsewhere and name its hash; nothing was sent"))
}

/// Starts what carries requests.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(FailureKind::Bug, error))
}

impl Asker {
    /// Prepares to ask a node of this very process.
    pub(crate) fn on_loopback(
        address: std::net::SocketAddr,
        token: Option<String>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            runtime: runtime()?,
            client: Client::new(&address.to_string(), None, ANSWER_BYTES_MAX),
            token,
            node: format!("http://{address}"),
        })
    }

    /// Returns the token it asks with.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Reads JSON; an answer that says no becomes a failure.
    pub(crate) fn read(&self, path: &str) -> Result<Value, Failure> {
        let answer = self.ask(Method::GET, path, &[], None)?;
        self.favourable(answer)
    }

    /// Reads bytes; `None` when nothing is there.
    pub(crate) fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        let answer = self.ask(Method::GET, path, &[], None)?;
        match answer.status.as_u16() {
            200 => Ok(Some(answer.body.to_vec())),
            404 => Ok(None),
            _ => Err(self.refused(&answer)),
        }
    }

    /// Has content kept that an act is going to name by its SHA-256.
    pub(crate) fn keep(&self, hash: Hash, bytes: &[u8]) -> Result<(), Failure> {
        fits(bytes.len())?;
        let path = format!("/api/v1/blobs/{}", hash.to_hex());
        let kind = (header::CONTENT_TYPE, "application/octet-stream".to_owned());
        let answer = self.carry(Method::PUT, &path, &[kind], bytes.to_vec())?;
        match answer.status.as_u16() {
            204 => Ok(()),
            _ => Err(self.refused(&answer)),
        }
    }

    /// Puts an act on the record; a refusal is an answer, not a failure.
    pub(crate) fn act(&self, act: &Value, key: Option<&str>) -> Result<(Exit, Value), Failure> {
        let mut headers = Vec::new();
        if let Some(key) = key {
            let name = HeaderName::from_static("idempotency-key");
            headers.push((name, key.to_owned()));
        }
        let answer = self.ask(Method::POST, "/api/v1/acts", &headers, Some(act))?;
        self.answered(&answer)
    }

    /// Sends JSON; a refusal is an answer, not a failure.
    pub(crate) fn send(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<(Exit, Value), Failure> {
        let answer = self.ask(method, path, &[], Some(body))?;
        self.answered(&answer)
    }

    /// Ends what is there.
    pub(crate) fn remove(&self, path: &str) -> Result<(), Failure> {
        let answer = self.ask(Method::DELETE, path, &[], None)?;
        match answer.status.as_u16() {
            204 => Ok(()),
            _ => Err(self.refused(&answer)),
        }
    }

    fn answered(&self, answer: &Answer) -> Result<(Exit, Value), Failure> {
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        match answer.status.as_u16() {
            200 | 201 | 204 => Ok((Exit::Favourable, said)),
            409 | 412 => Ok((Exit::Unfavourable, said)),
            _ => Err(self.refused(answer)),
        }
    }

    /// Waits before the node is asked again.
    pub(crate) fn wait(&self, time: Duration) {
        // The timer has to be made inside the runtime.
        self.runtime
            .block_on(async { tokio::time::sleep(time).await });
    }

    /// Sends bytes of a kind and waits as long as they take; a refusal is an answer, not a failure.
    pub(crate) fn send_bytes(
        &self,
        path: &str,
        (kind, bytes): (&str, Vec<u8>),
        patience: Duration,
    ) -> Result<(Exit, Value), Failure> {
        let headers = [(header::CONTENT_TYPE, kind.to_owned())];
        let answer = self.carry_for(Method::POST, path, &headers, bytes, patience)?;
        self.answered(&answer)
    }

    fn ask(
        &self,
        method: Method,
        path: &str,
        more: &[(HeaderName, String)],
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let mut headers = more.to_vec();
        if body.is_some() {
            headers.push((header::CONTENT_TYPE, "application/json".to_owned()));
        }
        let bytes = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        self.carry(method, path, &headers, bytes)
    }

    fn carry(
        &self,
        method: Method,
        path: &str,
        more: &[(HeaderName, String)],
        bytes: Vec<u8>,
    ) -> Result<Answer, Failure> {
        self.carry_for(method, path, more, bytes, PATIENCE)
    }

    fn carry_for(
        &self,
        method: Method,
        path: &str,
        more: &[(HeaderName, String)],
        bytes: Vec<u8>,
        patience: Duration,
    ) -> Result<Answer, Failure> {
        let mut headers = more.to_vec();
        if let Some(token) = &self.token {
            headers.push((header::AUTHORIZATION, format!("Bearer {token}")));
        }
        let asked = self
            .client
            .ask(method, path, &headers, bytes.into(), patience);
        self.runtime.block_on(asked).map_err(|error| {
            let kind = match error {
                ClientError::Request => FailureKind::Usage,
                _ => FailureKind::Unreachable,
            };
            Failure::new(kind, error).hint(format!("is `{}` the node, and does it run?", self.node))
        })
    }

    fn favourable(&self, answer: Answer) -> Result<Value, Failure> {
        if answer.status.as_u16() != 200 {
            return Err(self.refused(&answer));
        }
        serde_json::from_slice(&answer.body)
            .map_err(|error| Failure::new(FailureKind::Unreachable, error))
    }

    fn refused(&self, answer: &Answer) -> Failure {
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut message = format!(
            "the node answers {}: {}",
            answer.status.as_u16(),
            text("title")
        );
        if !text("detail").is_empty() {
            message.push_str(&format!(" ({})", text("detail")));
        }
        for problem in said["problems"].as_array().into_iter().flatten() {
            let part = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
            message.push_str(&format!("\n  {}: {}", part("pointer"), part("message")));
        }
        match answer.status.as_u16() {
            401 => Failure::new(FailureKind::Usage, message)
                .hint("give a token with --token-file; `detente user` makes one"),
            403 | 404 => Failure::new(FailureKind::Usage, message),
            500..=599 => Failure::new(FailureKind::Unreachable, message),
            _ => Failure::new(FailureKind::InvalidInput, message),
        }
    }
}
