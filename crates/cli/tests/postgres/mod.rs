//! A PostgreSQL server of the tests' own, and the demonstration on it.

#![expect(
    clippy::print_stderr,
    reason = "a test that is skipped says so where tests say things"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::Folder;

/// Says that PostgreSQL is not installed.
const NOT_INSTALLED: i32 = 69;

/// A running server; it ends with the value.
pub(crate) struct Server {
    /// Sockets have short paths, so not among the other folders of the tests.
    folder: PathBuf,
    /// How to connect to it.
    pub(crate) url: String,
}

impl Server {
    /// Starts a server; `None`, with the reason printed, where PostgreSQL is not installed and the
    /// environment does not require it.
    pub(crate) fn start(name: &str) -> Option<Self> {
        let folder = std::env::temp_dir().join(format!("detente-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let url = script("start", &folder)?;
        Some(Self { folder, url })
    }

    /// Stops it as a crash would, and starts it again.
    pub(crate) fn crash(&self) {
        script("stop", &self.folder);
        script("start", &self.folder).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        script("stop", &self.folder);
        // What cannot be removed is left to the operating system.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn script(verb: &str, folder: &Path) -> Option<String> {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../stores/tests/peers/postgres.sh"
    );
    let output = Command::new(script)
        .args([verb.as_ref(), folder.join("server").as_os_str()])
        .output()
        .unwrap();
    if output.status.code() == Some(NOT_INSTALLED) {
        assert!(
            std::env::var_os("DETENTE_PEERS").is_none_or(|peers| peers != "required"),
            "PostgreSQL is required and not installed"
        );
        eprintln!("skipped: PostgreSQL is not installed (crates/stores/tests/peers/install.sh)");
        return None;
    }
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[test]
fn the_scenario_goes_as_told_on_a_database_and_leaves_nothing_behind() {
    let Some(server) = Server::start("demo") else {
        return;
    };
    let folder = Folder::new();
    let output = Command::new(env!("CARGO_BIN_EXE_detente"))
        .args(["demo", "--exit", "--store", &server.url])
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}\n{output:?}");
    assert!(!text.contains("NOT AS EXPECTED"), "{text}");
    for holder in ["us", "ru", "un"] {
        assert!(text.contains(&format!("_{holder}")), "{text}");
    }
    let left = Command::new("psql")
        .args([
            &server.url,
            "-Atc",
            "select nspname from pg_namespace where nspname like 'detente%'",
        ])
        .output();
    if let Ok(left) = left {
        assert_eq!(String::from_utf8_lossy(&left.stdout), "", "{left:?}");
    }
}

#[test]
fn an_address_that_cannot_be_read_or_reached_is_said_without_its_password() {
    let folder = Folder::new();
    for (url, exit) in [
        ("postgres://us:secret@localhost:port/x", 2),
        ("postgres://us:secret@127.0.0.1:1/x", 5),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_detente"))
            .args(["demo", "--exit", "--store", url])
            .current_dir(folder.path(""))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}
