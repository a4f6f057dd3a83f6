//! A web server of ledger files, honest or not, on a port of its own.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How the server answers.
#[derive(Clone, Debug)]
pub(super) enum Manner {
    /// With the file that was asked for.
    Honest,
    /// Takes connections and says nothing.
    Silent,
    /// Sends a file without an end.
    Endless,
    /// Sends everybody to another place.
    Elsewhere(String),
    /// Sends everybody back to where they came from.
    Circle,
    /// Fails.
    Broken,
    /// Talks without an end before it comes to the file.
    Talkative,
}

/// A running server; it stops when dropped.
pub(super) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves a folder over plain HTTP.
    pub(super) fn plain(root: &Path, manner: Manner) -> Self {
        Self::start(root, manner, None)
    }

    /// Serves a folder over TLS, with a certificate of a new private authority; returns that
    /// authority's certificate as PEM.
    pub(super) fn secure(root: &Path, manner: Manner) -> (Self, String) {
        let (config, authority) = certificate();
        (Self::start(root, manner, Some(Arc::new(config))), authority)
    }

    fn start(root: &Path, manner: Manner, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, root) = (Arc::clone(&stop), root.to_owned());
        let thread = std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                if stopped.load(Ordering::Acquire) {
                    return;
                }
                let stream = stream.unwrap();
                if matches!(manner, Manner::Silent) {
                    silent.push(stream);
                    continue;
                }
                // A client that hangs up early is the client's business.
                let _ = match &tls {
                    None => answer(stream, &root, &manner),
                    Some(config) => {
                        let connection = ServerConnection::new(Arc::clone(config)).unwrap();
                        answer(StreamOwned::new(connection, stream), &root, &manner)
                    }
                };
            }
        });
        Self {
            address,
            scheme,
            stop,
            thread: Some(thread),
        }
    }

    /// The prefix of every file.
    pub(super) fn url(&self) -> String {
        format!("{}://{}/log", self.scheme, self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn answer<S: Read + Write>(stream: S, root: &Path, manner: &Manner) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut stream = reader.into_inner();
    match manner {
        Manner::Honest => match std::fs::read(local(root, &path)) {
            Ok(bytes) => send(&mut stream, "200 OK", "", &bytes)?,
            Err(_) => send(&mut stream, "404 Not Found", "", b"")?,
        },
        Manner::Silent => {}
        Manner::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            let zeros = [0; 65_536];
            loop {
                stream.write_all(&zeros)?;
            }
        }
        Manner::Elsewhere(prefix) => {
            let header = format!("Location: {prefix}{path}\r\n");
            send(&mut stream, "302 Found", &header, b"")?;
        }
        Manner::Circle => {
            let header = format!("Location: {path}\r\n");
            send(&mut stream, "302 Found", &header, b"")?;
        }
        Manner::Broken => send(&mut stream, "500 Internal Server Error", "", b"")?,
        Manner::Talkative => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            loop {
                stream.write_all(b"X-More: and more, and more, and more, and more\r\n")?;
            }
        }
    }
    stream.flush()
}

fn local(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

fn send(stream: &mut impl Write, status: &str, header: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{header}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

/// A server certificate and the private authority that issued it.
fn certificate() -> (ServerConfig, String) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (config, authority_certificate.pem())
}
