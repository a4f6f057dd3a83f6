//! A PostgreSQL server of the tests' own.

use std::path::{Path, PathBuf};
use std::process::Command;

use detente_stores::postgres::{Database, SCHEMA_DEFAULT};
use tempfile::TempDir;

/// Says that PostgreSQL is not installed; see `tests/peers/postgres.sh`.
const NOT_INSTALLED: i32 = 69;

/// A running server; it ends with the value.
pub(crate) struct Server {
    folder: TempDir,
    /// How to connect to it.
    pub(crate) url: String,
}

impl Server {
    /// Starts a server; `None`, with the reason printed, where PostgreSQL is not installed and the
    /// environment does not require it.
    pub(crate) fn start() -> Option<Self> {
        let folder = TempDir::new().expect("folder");
        let url = script("start", folder.path())?;
        Some(Self { folder, url })
    }

    /// Starts a server that takes connections over the network by TLS only, with this certificate and
    /// key, PEM; returns its port as well.
    pub(crate) fn start_encrypted(certificate: &str, key: &str) -> Option<(Self, u16)> {
        let folder = TempDir::new().expect("folder");
        let inside = folder.path().join("server");
        std::fs::create_dir(&inside).expect("folder");
        // The port is free once this socket is closed.
        let door = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = door.local_addr().expect("an address").port();
        drop(door);
        for (name, text) in [
            ("server.crt", certificate),
            ("server.key", key),
            ("port", &port.to_string()),
        ] {
            std::fs::write(inside.join(name), text).expect("written");
        }
        let url = script("start", folder.path())?;
        Some((Self { folder, url }, port))
    }

    /// The database with the schema of whoever names none.
    pub(crate) fn database(&self) -> Database {
        Database::new(&self.url, SCHEMA_DEFAULT).expect("an address")
    }

    /// Stops it as a crash would, and starts it again.
    pub(crate) fn crash(&self) {
        script("stop", self.folder.path());
        script("start", self.folder.path()).expect("started again");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        script("stop", self.folder.path());
    }
}

fn script(verb: &str, folder: &Path) -> Option<String> {
    // Tests of other crates use this file as well.
    let script =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../stores/tests/peers/postgres.sh");
    // Temporary folders are closed to the account that PostgreSQL runs under; a folder below is not.
    let open = Command::new("chmod").arg("755").arg(folder).status();
    assert!(open.expect("chmod").success());
    let output = Command::new(script)
        .arg(verb)
        .arg(folder.join("server"))
        .output()
        .expect("bash");
    if output.status.code() == Some(NOT_INSTALLED) {
        assert!(
            std::env::var_os("DETENTE_PEERS").is_none_or(|peers| peers != "required"),
            "PostgreSQL is required and not installed"
        );
        eprintln!("skipped: PostgreSQL is not installed (crates/stores/tests/peers/install.sh)");
        return None;
    }
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    Some(said.trim().to_owned())
}
