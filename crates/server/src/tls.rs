//! TLS: certificates bound to a participant's key, and peers known by that key alone.
//!
//! A peer's certificate is self-signed and says nothing that is believed: what counts is that the
//! connection was signed with the Ed25519 key that the peer's card pins. No authority, no expiry
//! date, no name on a certificate can stand in for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    ClientConfig, DigitallySignedStruct, DistinguishedName, Error as TlsFault, RootCertStore,
    ServerConfig, SignatureScheme,
};

/// Bytes of an Ed25519 key.
pub const KEY_BYTES: usize = 32;
/// PKCS #8 of an Ed25519 seed, up to the seed (RFC 8410, section 7).
const PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// SubjectPublicKeyInfo of an Ed25519 key, up to the key (RFC 8410, section 4).
const SPKI_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// A public transport key.
pub type TransportKey = [u8; KEY_BYTES];

/// The key this node shows its peers.
pub struct Transport {
    certificate: CertificateDer<'static>,
    private: Vec<u8>,
    public: TransportKey,
}

impl Transport {
    /// Makes the certificate of a seed; the same seed gives the same key, which is what peers pin.
    ///
    /// # Errors
    ///
    /// [`TlsError`].
    pub fn from_seed(seed: &[u8; KEY_BYTES], name: &str) -> Result<Self, TlsError> {
        let private = [PKCS8_PREFIX.as_slice(), seed].concat();
        let der = PrivatePkcs8KeyDer::from(private.as_slice());
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ED25519)
            .map_err(|error| TlsError::Certificate(error.to_string()))?;
        let public = pair
            .public_key_raw()
            .try_into()
            .map_err(|_| TlsError::Certificate("not an Ed25519 key".to_owned()))?;
        let params = CertificateParams::new(vec![name.to_owned()])
            .map_err(|error| TlsError::Certificate(error.to_string()))?;
        let certificate = params
            .self_signed(&pair)
            .map_err(|error| TlsError::Certificate(error.to_string()))?;
        Ok(Self {
            certificate: certificate.der().clone(),
            private,
            public,
        })
    }

    /// The key that peers pin.
    pub fn public(&self) -> TransportKey {
        self.public
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.private.clone()))
    }

    /// The side that peers connect to: only pinned keys get past the handshake.
    ///
    /// # Errors
    ///
    /// [`TlsError`].
    pub fn server(&self, pins: Arc<Pins>) -> Result<ServerConfig, TlsError> {
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(pins)
            .with_single_cert(vec![self.certificate.clone()], self.key())?;
        Ok(config)
    }

    /// The side that connects to one peer: only that peer's key gets past the handshake.
    ///
    /// # Errors
    ///
    /// [`TlsError`].
    pub fn client(&self, pin: Arc<Pins>) -> Result<ClientConfig, TlsError> {
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(pin)
            .with_client_auth_cert(vec![self.certificate.clone()], self.key())?;
        Ok(config)
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Transport")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// The keys that count, each with the name of its owner.
#[derive(Debug)]
pub struct Pins {
    names: BTreeMap<TransportKey, String>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pins {
    /// Pins keys.
    pub fn new(names: impl IntoIterator<Item = (TransportKey, String)>) -> Self {
        Self {
            names: names.into_iter().collect(),
            algorithms: provider().signature_verification_algorithms,
        }
    }

    /// Returns whose certificate it is.
    pub fn owner(&self, certificate: &CertificateDer<'_>) -> Option<&str> {
        self.names
            .get(&public_key(certificate)?)
            .map(String::as_str)
    }

    fn check(&self, certificate: &CertificateDer<'_>) -> Result<(), TlsFault> {
        match self.owner(certificate) {
            Some(_) => Ok(()),
            None => Err(TlsFault::General("the key is not pinned".to_owned())),
        }
    }
}

fn public_key(certificate: &CertificateDer<'_>) -> Option<TransportKey> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    let info = parsed.subject_public_key_info();
    info.as_ref().strip_prefix(&SPKI_PREFIX)?.try_into().ok()
}

impl ClientCertVerifier for Pins {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, TlsFault> {
        self.check(certificate)
            .map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFault> {
        Err(TlsFault::General("TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFault> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

impl ServerCertVerifier for Pins {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsFault> {
        self.check(certificate)
            .map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFault> {
        Err(TlsFault::General("TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFault> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

/// The API's side of TLS, from PEM files that the operator got elsewhere.
///
/// # Errors
///
/// [`TlsError`].
pub fn public_server(chain: &[u8], private_key: &[u8]) -> Result<ServerConfig, TlsError> {
    let chain = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TlsError::Certificate(error.to_string()))?;
    let key = PrivateKeyDer::from_pem_slice(private_key)
        .map_err(|error| TlsError::Certificate(error.to_string()))?;
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(config)
}

/// The side of a client that trusts these authorities, from a PEM file.
///
/// # Errors
///
/// [`TlsError`].
pub fn public_client(authorities: &[u8]) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    let authorities = CertificateDer::pem_slice_iter(authorities).flatten();
    roots.add_parsable_certificates(authorities);
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// TLS could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A certificate or key cannot be used.
    #[error("the certificate or its key cannot be used: {0}")]
    Certificate(String),
    /// The library refuses.
    #[error("TLS cannot be set up")]
    Refused(#[from] TlsFault),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_shows_the_same_key_and_only_pinned_keys_have_an_owner() {
        let first = Transport::from_seed(&[1; 32], "us.example").expect("made");
        let again = Transport::from_seed(&[1; 32], "us.example").expect("made");
        let other = Transport::from_seed(&[2; 32], "us.example").expect("made");
        assert_eq!(first.public(), again.public());
        let pins = Pins::new([(first.public(), "us.example".to_owned())]);
        assert_eq!(pins.owner(&again.certificate), Some("us.example"));
        assert_eq!(pins.owner(&other.certificate), None);
        assert!(pins.check(&other.certificate).is_err());
    }
}
