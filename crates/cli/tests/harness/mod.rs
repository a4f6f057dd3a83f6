//! Runs the command in a folder of its own and writes down what came out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a harness that cannot run the command has nothing to report but that"
)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Returns the answer of a run with `--json`.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(formatter, "exit: {}", self.exit)?;
        writeln!(formatter, "--- stdout\n{}", self.stdout.trim_end())?;
        write!(formatter, "--- stderr\n{}", self.stderr.trim_end())
    }
}

/// A folder that is removed when the test ends.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes an empty folder nobody else uses.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "detente-cli-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Returns the path of `name` inside.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file and returns its path as an argument.
    pub(crate) fn write(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).unwrap();
        name.to_owned()
    }

    /// Writes the starter dossier into `dossier`, with one piece of one file replaced.
    pub(crate) fn starter_with(&self, file: &str, piece: &str, replacement: &str) {
        let run = self.detente(&["init", "dossier"]);
        assert_eq!(run.exit, 0, "{run}");
        let path = self.path("dossier").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(piece), "{file} holds no {piece}");
        std::fs::write(&path, text.replacen(piece, replacement, 1)).unwrap();
    }

    /// Runs `detente` here and returns what it said, with the path of this folder written as `DIR`.
    pub(crate) fn detente<S: AsRef<OsStr>>(&self, args: &[S]) -> Run {
        run(&self.0, args)
    }
}

/// Runs `detente` in the root of the repository.
pub(crate) fn detente_at_root<S: AsRef<OsStr>>(args: &[S]) -> Run {
    run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), args)
}

fn run<S: AsRef<OsStr>>(folder: &Path, args: &[S]) -> Run {
    let output = command(folder).args(args).output().unwrap();
    let readable = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec())
            .unwrap()
            .replace(&folder.display().to_string(), "DIR")
    };
    Run {
        exit: output.status.code().unwrap(),
        stdout: readable(&output.stdout),
        stderr: readable(&output.stderr),
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The command in an environment that is the same everywhere.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
    command
        .current_dir(folder)
        .env_clear()
        .env("COLUMNS", "100")
        .env("TZ", "UTC")
        .stdin(Stdio::null());
    command
}
