//! Two nodes on loopback: how fast what one declares is cosigned by the other, and what the API bears.

use crate::steps;
use anyhow::Result;
use std::path::Path;

/// Runs the measurement.
pub(crate) fn run(root: &Path) -> Result<()> {
    let arguments = [
        "run",
        "--release",
        "--quiet",
        "--package",
        "detente-server",
        "--example",
        "bench_node",
    ];
    steps::run(root, "cargo", &arguments, &[])
}
