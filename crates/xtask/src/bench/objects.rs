//! Four nodes on loopback: protected objects from a sheet to the last recipient's acknowledgement.

use crate::steps;
use anyhow::Result;
use std::path::Path;

/// Runs the measurement; an argument is the number of objects.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let fixed = [
        "run",
        "--release",
        "--quiet",
        "--package",
        "detente-server",
        "--example",
        "bench_objects",
        "--",
    ];
    let arguments: Vec<&str> = fixed
        .into_iter()
        .chain(arguments.iter().map(String::as_str))
        .collect();
    steps::run(root, "cargo", &arguments, &[])
}
