//! Accepting connections: plain on loopback, TLS elsewhere, mutual TLS between peers.
//!
//! Every connection has a deadline for its handshake and for its headers, and there are only so
//! many: a client that is slow on purpose costs a slot for a while, never the node.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::tls::Pins;

/// Connections served at a time; each costs some kilobytes.
pub const CONNECTIONS_MAX: usize = 4_096;
/// A handshake takes milliseconds; whoever needs longer is not talking TLS.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// Headers arrive at once from every honest client; this also ends idle connections.
const HEADERS_MAX: Duration = Duration::from_secs(30);
/// Bytes of headers read at most.
const HEADER_BYTES_MAX: usize = 64 * 1024;
/// How long open requests may go on after a shutdown was asked for.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// How connections are secured.
#[derive(Clone)]
pub enum Security {
    /// Not at all: loopback only.
    Plain,
    /// TLS with a certificate for everybody.
    Tls(Arc<ServerConfig>),
    /// Mutual TLS; requests carry the [`PeerName`] of the pinned key.
    Mutual(Arc<ServerConfig>, Arc<Pins>),
}

impl std::fmt::Debug for Security {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Plain => "Plain",
            Self::Tls(_) => "Tls",
            Self::Mutual(..) => "Mutual",
        })
    }
}

/// Whose key signed this connection; set by [`serve`] and by nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerName(pub String);

/// Where a request comes from; set by [`serve`] and by nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller(pub IpAddr);

/// Says when the door that a request came through closes, for answers that would wait longer than that.
#[derive(Clone, Debug)]
pub struct Closing(watch::Receiver<bool>);

impl Closing {
    /// Waits until the door closes.
    pub async fn wait(&mut self) {
        // A door that is gone is closed.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

/// Binds an address.
///
/// # Errors
///
/// The operating system's, with the address.
pub async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let refused = |error: std::io::Error| {
        std::io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    };
    TcpListener::bind(address).await.map_err(refused)
}

/// Serves until `stop` says so, then lets open requests end.
pub async fn serve(
    listener: TcpListener,
    security: Security,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            return;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        // A connection that died in the queue, or no descriptors left: the next accept tells.
        let Ok((stream, from)) = accepted else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (security, router, stop) = (security.clone(), router.clone(), stop.clone());
        tokio::spawn(async move {
            connection(stream, Caller(from.ip()), security, router, stop).await;
            drop(slot);
        });
    }
    // Whoever takes over may listen here at once.
    drop(listener);
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    // Open requests end by themselves or are cut off.
    let _ = tokio::time::timeout(DRAIN_MAX, slots.acquire_many(all)).await;
}

async fn connection(
    stream: TcpStream,
    from: Caller,
    security: Security,
    router: Router,
    stop: watch::Receiver<bool>,
) {
    // Small answers must not wait for one another.
    let _ = stream.set_nodelay(true);
    match security {
        Security::Plain => requests(stream, router, (from, None), stop).await,
        Security::Tls(config) => {
            let accepted = TlsAcceptor::from(config).accept(stream);
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_MAX, accepted).await {
                requests(stream, router, (from, None), stop).await;
            }
        }
        Security::Mutual(config, pins) => {
            let accepted = TlsAcceptor::from(config).accept(stream);
            let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_MAX, accepted).await else {
                return;
            };
            let shown = stream.get_ref().1.peer_certificates();
            let owner = shown
                .and_then(<[_]>::first)
                .and_then(|certificate| pins.owner(certificate));
            if let Some(owner) = owner.map(str::to_owned) {
                requests(stream, router, (from, Some(PeerName(owner))), stop).await;
            }
        }
    }
}

async fn requests<S>(
    stream: S,
    router: Router,
    (from, peer): (Caller, Option<PeerName>),
    mut stop: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let closing = Closing(stop.clone());
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(from);
        request.extensions_mut().insert(closing.clone());
        if let Some(peer) = &peer {
            request.extensions_mut().insert(peer.clone());
        }
        let mut router = router.clone();
        async move { tower_service::Service::call(&mut router, request).await }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_MAX)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut served = std::pin::pin!(served);
    tokio::select! {
        // A client that hung up has been answered or does not care.
        _ = served.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => served.as_mut().graceful_shutdown(),
    }
    let _ = served.await;
}
