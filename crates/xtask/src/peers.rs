//! Independent programs that tests compare with: each room keeps a script that installs its own.

use crate::steps;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Where a room may keep the script that installs its peers, below `crates/<room>`.
const SCRIPT: &str = "tests/peers/install.sh";

/// The oracles: programs that write cases, where they write them, and the variable that names the file to the test.
const ORACLES: [(&str, &str, &str); 2] = [
    (
        "crates/spacetime/tests/oracle/run.sh",
        "target/oracle/footprints.jsonl",
        "DETENTE_ORACLE",
    ),
    (
        "crates/monitoring/tests/oracle/run.sh",
        "target/oracle/crossings.bin",
        "DETENTE_CROSSINGS",
    ),
];

/// Has the oracles write their cases, and returns their files by the variables that name them.
pub(crate) fn oracles(root: &Path) -> Result<Vec<(&'static str, PathBuf)>> {
    let mut written = Vec::new();
    for (script, cases, variable) in ORACLES {
        let cases = root.join(cases);
        steps::run(root, "sh", &[script, &cases.to_string_lossy()], &[])?;
        written.push((variable, cases));
    }
    Ok(written)
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
