//! A database on another machine: TLS with a checked certificate, or nothing.

use detente_ledger::storage::Storage as _;
use detente_stores::postgres::{Database, Postgres, PostgresError, PostgresReader, SCHEMA_DEFAULT};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::server::Server;

/// An authority, its certificate, and one it made for `localhost`, with the key.
fn certificates() -> (String, String, String) {
    let mut params = CertificateParams::new(Vec::new()).expect("params");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("authority");
    let key = KeyPair::generate().expect("key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("params");
    let certificate = params.signed_by(&key, &authority).expect("certificate");
    (authority.pem(), certificate.pem(), key.serialize_pem())
}

fn stand(url: &str, authorities: &str) -> Result<Postgres, PostgresError> {
    let database = Database::new(url, SCHEMA_DEFAULT)?;
    assert!(database.needs_authorities());
    Postgres::stand(
        &database.with_authorities(authorities.as_bytes())?,
        "ledger",
    )
}

#[test]
fn a_database_is_asked_by_tls_once_its_certificate_is_checked() {
    let (authority, certificate, key) = certificates();
    let (stranger, ..) = certificates();
    let Some((server, port)) = Server::start_encrypted(&certificate, &key) else {
        return;
    };
    let url = |host: &str, mode: &str| {
        format!("postgres://postgres@{host}:{port}/postgres?sslmode={mode}")
    };
    let right = url("localhost", "verify-full");
    let mut store = stand(&right, &authority).expect("elected");
    store.replace("file", b"kept").expect("written");
    assert_eq!(store.read("file"), Ok(Some(b"kept".to_vec())));
    let database = Database::new(&right, SCHEMA_DEFAULT).expect("an address");
    let database = database
        .with_authorities(authority.as_bytes())
        .expect("authorities");
    let reader = PostgresReader::open(&database, "ledger").expect("connected");
    assert_eq!(
        reader.read("file", 100).expect("read"),
        Some(b"kept".to_vec())
    );
    // By an authority that nobody named, by another name, and by nobody.
    let refused = [
        stand(&right, &stranger),
        stand(&url("127.0.0.1", "verify-full"), &authority),
        stand(&right, "no certificate"),
    ];
    for refused in refused {
        let said = refused.expect_err("not trusted").in_full();
        assert!(said.contains("certificate"), "{said}");
    }
    // The server takes nothing in the open over the network, so that what was written above was
    // encrypted; a database that cannot encrypt is not asked at all.
    let open = Database::new(&url("localhost", "disable"), SCHEMA_DEFAULT).expect("an address");
    assert!(Postgres::stand(&open, "ledger").is_err());
    let local = format!("{} sslmode=verify-full", server.url);
    assert!(stand(&local, &authority).is_err(), "a socket has no TLS");
}
