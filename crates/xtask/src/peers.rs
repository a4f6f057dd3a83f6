//! Independent programs that tests compare with: each room keeps a script that installs its own.

use crate::steps;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Where a room may keep the script that installs its peers, below `crates/<room>`.
const SCRIPT: &str = "tests/peers/install.sh";

/// The geometry oracle: a program that writes cases, and where the test reads them.
const ORACLE: (&str, &str) = (
    "crates/spacetime/tests/oracle/run.sh",
    "target/oracle/footprints.jsonl",
);

/// Has the oracle write its cases, and returns their file.
pub(crate) fn oracle(root: &Path) -> Result<PathBuf> {
    let (script, cases) = ORACLE;
    let cases = root.join(cases);
    steps::run(root, "sh", &[script, &cases.to_string_lossy()], &[])?;
    Ok(cases)
}

/// Runs every room's install script; a script that cannot install says what to install and why.
pub(crate) fn install(root: &Path) -> Result<()> {
    for script in scripts(root)? {
        let path = script.to_string_lossy().into_owned();
        steps::run(root, "bash", &[&path], &[])?;
    }
    Ok(())
}

fn scripts(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join("crates"))? {
        let script = entry?.path().join(SCRIPT);
        if script.is_file() {
            found.push(script);
        }
    }
    found.sort();
    Ok(found)
}
