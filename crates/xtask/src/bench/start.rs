//! A node with a long ledger, started twice: everything folded, and from what was kept.

use crate::steps;
use anyhow::Result;
use std::path::Path;

/// Runs the measurement; an argument is the number of entries.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let fixed = [
        "run",
        "--release",
        "--quiet",
        "--package",
        "detente-server",
        "--example",
        "bench_start",
        "--",
    ];
    let arguments: Vec<&str> = fixed
        .into_iter()
        .chain(arguments.iter().map(String::as_str))
        .collect();
    steps::run(root, "cargo", &arguments, &[])
}
