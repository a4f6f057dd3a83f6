//! Asking another server: peers, the provider of sign-ins, and the command's own node.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;

/// Reaching a host takes longer only when it is not there.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// One server, and at most one open connection to it.
#[derive(Debug)]
pub struct Client {
    authority: String,
    tls: Option<Arc<ClientConfig>>,
    /// Bytes of an answer that are read.
    answer_bytes_max: usize,
    open: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: axum::http::HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Client {
    /// Names a server as `host:port`; without a TLS configuration the connection is plain.
    pub fn new(authority: &str, tls: Option<Arc<ClientConfig>>, answer_bytes_max: usize) -> Self {
        Self {
            authority: authority.to_owned(),
            tls,
            answer_bytes_max,
            open: Mutex::new(None),
        }
    }

    /// The server's `host:port`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Asks, within a time.
    ///
    /// # Errors
    ///
    /// [`ClientError`]; an answer with any status is not an error.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, String)],
        body: Bytes,
        within: Duration,
    ) -> Result<Answer, ClientError> {
        tokio::time::timeout(within, self.exchange(method, path, headers, body))
            .await
            .map_err(|_| ClientError::TooSlow)?
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, String)],
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let uri: Uri = path.parse().map_err(|_| ClientError::Request)?;
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header(header::HOST, &self.authority);
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).map_err(|_| ClientError::Request)?;
            request = request.header(name, value);
        }
        let request = request
            .body(Full::new(body))
            .map_err(|_| ClientError::Request)?;
        // The connection is taken out while it is used: whoever comes meanwhile opens another.
        let kept = self.open.lock().await.take();
        let mut sender = match kept {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.connect().await?,
        };
        let response = sender
            .send_request(request)
            .await
            .map_err(|error| ClientError::Broken(error.to_string()))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, self.answer_bytes_max)
            .collect()
            .await
            .map_err(|error| ClientError::Broken(error.to_string()))?
            .to_bytes();
        *self.open.lock().await = Some(sender);
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, ClientError> {
        let unreachable = |error: std::io::Error| ClientError::Unreachable(error.to_string());
        let connected = tokio::time::timeout(CONNECT_MAX, TcpStream::connect(&self.authority));
        let stream = connected
            .await
            .map_err(|_| ClientError::TooSlow)?
            .map_err(unreachable)?;
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return self.shake(stream).await;
        };
        let host = self
            .authority
            .rsplit_once(':')
            .map_or(self.authority.as_str(), |(host, _)| host);
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
            .map_err(|_| ClientError::Request)?;
        let connector = TlsConnector::from(Arc::clone(tls));
        let stream = connector.connect(name, stream).await.map_err(unreachable)?;
        self.shake(stream).await
    }

    async fn shake<S>(&self, stream: S) -> Result<SendRequest<Full<Bytes>>, ClientError>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let (sender, connection) = handshake(TokioIo::new(stream))
            .await
            .map_err(|error| ClientError::Broken(error.to_string()))?;
        // Its end is seen by the sender.
        tokio::spawn(async move { connection.await.ok() });
        Ok(sender)
    }
}

/// A server gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// It is not there, or its key is not the pinned one.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The connection broke or the answer is too large.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// No answer in time.
    #[error("the server did not answer in time")]
    TooSlow,
    /// The request cannot be written.
    #[error("the request cannot be written")]
    Request,
}
