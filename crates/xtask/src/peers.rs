//! Independent programs that tests compare with: each room keeps a script that installs its own.

use crate::steps;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Where a room may keep the script that installs its peers, below `crates/<room>/tests`.
const SCRIPTS: [&str; 2] = ["oracle/install.sh", "peers/install.sh"];

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
        let tests = entry?.path().join("tests");
        found.extend(
            SCRIPTS
                .iter()
                .map(|script| tests.join(script))
                .filter(|path| path.is_file()),
        );
    }
    found.sort();
    Ok(found)
}
