//! TLS to the database by rustls: its certificate is checked against authorities and its name, or there
//! is no TLS at all. Modes of PostgreSQL that encrypt to whoever answers are not offered.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use postgres::Socket;
use postgres::config::Host;
use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;

use super::PostgresError;

/// The parameter of a connection string that says how the connection is secured.
const PARAMETER: &str = "sslmode";

/// How a connection to the database is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Not at all.
    Plain,
    /// By TLS, with a certificate of this very host by a known authority.
    Verified,
}

/// Takes the mode out of a connection string, which the library knows fewer modes of.
pub(super) fn split_mode(url: &str) -> Result<(String, Option<Mode>), PostgresError> {
    let (rest, said): (String, Vec<&str>) = match url.contains("://") {
        true => {
            let (place, query) = url.split_once('?').unwrap_or((url, ""));
            let (said, kept): (Vec<&str>, Vec<&str>) =
                query.split('&').partition(|pair| value_of(pair).is_some());
            let joint = if kept.iter().all(|pair| pair.is_empty()) {
                ""
            } else {
                "?"
            };
            (format!("{place}{joint}{}", kept.join("&")), said)
        }
        false => {
            let (said, kept): (Vec<&str>, Vec<&str>) =
                url.split(' ').partition(|pair| value_of(pair).is_some());
            (kept.join(" "), said)
        }
    };
    let modes: Result<Vec<Mode>, PostgresError> = said
        .into_iter()
        .filter_map(value_of)
        .map(|value| match value.trim_matches('\'') {
            "disable" => Ok(Mode::Plain),
            "verify-full" => Ok(Mode::Verified),
            _ => Err(address(
                "`sslmode` is `verify-full`, which checks whom it encrypts to, or `disable`",
            )),
        })
        .collect();
    Ok((rest, modes?.pop()))
}

fn value_of(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=')?;
    (name == PARAMETER).then_some(value)
}

/// Decides how a connection is secured: plain only on this machine, or where somebody said so.
pub(super) fn decide(said: Option<Mode>, hosts: &[Host]) -> Result<Mode, PostgresError> {
    let is_here = |host: &Host| match host {
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
        Host::Unix(_) => true,
    };
    match said {
        Some(mode) => Ok(mode),
        None if hosts.iter().all(is_here) => Ok(Mode::Plain),
        None => Err(address(
            "a database on another machine takes `sslmode=verify-full`; `sslmode=disable` where \
             something else protects the line",
        )),
    }
}

fn address(reason: &str) -> PostgresError {
    PostgresError::Address {
        reason: reason.to_owned(),
    }
}

/// Makes TLS sessions with those whom the authorities vouch for.
#[derive(Clone)]
pub(super) struct Verified(Arc<ClientConfig>);

impl Verified {
    /// Takes the authorities, PEM.
    pub(super) fn by(authorities: &[u8]) -> Result<Self, PostgresError> {
        let mut roots = RootCertStore::empty();
        let certificates = CertificateDer::pem_slice_iter(authorities).flatten();
        let (taken, _) = roots.add_parsable_certificates(certificates);
        if taken == 0 {
            return Err(PostgresError::Authorities);
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| PostgresError::Authorities)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

impl MakeTlsConnect<Socket> for Verified {
    type Stream = Secured;
    type TlsConnect = Connect;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Connect, InvalidDnsNameError> {
        Ok(Connect {
            connector: TlsConnector::from(Arc::clone(&self.0)),
            name: ServerName::try_from(host)?.to_owned(),
        })
    }
}

/// One handshake to come.
pub(super) struct Connect {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl TlsConnect<Socket> for Connect {
    type Stream = Secured;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Secured>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let stream = self.connector.connect(self.name, socket).await?;
            Ok(Secured(Box::new(stream)))
        })
    }
}

/// A connection inside TLS.
pub(super) struct Secured(Box<tokio_rustls::client::TlsStream<Socket>>);

impl TlsStream for Secured {
    /// None: the certificate was checked, which is what binding to the channel would be for.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_is_found_wherever_it_stands_and_nothing_else_is_changed() {
        let split = |url| split_mode(url).expect("a mode");
        for (url, rest, mode) in [
            ("postgres://u@h/d", "postgres://u@h/d", None),
            (
                "postgres://u@h/d?sslmode=verify-full",
                "postgres://u@h/d",
                Some(Mode::Verified),
            ),
            (
                "postgres://u@h/d?connect_timeout=3&sslmode=disable&options=x",
                "postgres://u@h/d?connect_timeout=3&options=x",
                Some(Mode::Plain),
            ),
            ("host=h user=u", "host=h user=u", None),
            (
                "host=h sslmode='verify-full' user=u",
                "host=h user=u",
                Some(Mode::Verified),
            ),
        ] {
            assert_eq!(split(url), (rest.to_owned(), mode), "{url}");
        }
        for wrong in ["prefer", "require", "allow", "verify-ca", "", "VERIFY-FULL"] {
            assert!(split_mode(&format!("host=h sslmode={wrong}")).is_err());
            assert!(split_mode(&format!("postgres://h/d?sslmode={wrong}")).is_err());
        }
    }

    #[test]
    fn another_machine_is_asked_in_the_open_only_when_somebody_says_so() {
        let far = [
            Host::Tcp("localhost".to_owned()),
            Host::Tcp("db.example".to_owned()),
        ];
        let near = [
            Host::Unix("/run/postgresql".into()),
            Host::Tcp("::1".to_owned()),
        ];
        assert!(decide(None, &far).is_err());
        assert_eq!(decide(Some(Mode::Plain), &far).ok(), Some(Mode::Plain));
        assert_eq!(
            decide(Some(Mode::Verified), &far).ok(),
            Some(Mode::Verified)
        );
        assert_eq!(decide(None, &near).ok(), Some(Mode::Plain));
        assert!(Verified::by(b"no certificate").is_err());
    }
}
