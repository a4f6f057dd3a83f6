//! The ledger beside a raw fdatasync loop on the same disk.

use crate::steps;
use anyhow::Result;
use std::path::Path;

/// Runs the measurement; the pictures land in `target/bench`.
pub(crate) fn run(root: &Path) -> Result<()> {
    let folder = root.join("target/bench/ledger");
    std::fs::create_dir_all(&folder)?;
    let (disk, commit) = (folder.join("disk"), folder.join("commit.svg"));
    let verify = folder.join("verify.svg");
    let arguments = [
        "run",
        "--release",
        "--quiet",
        "--package",
        "detente-stores",
        "--bin",
    ];
    let paths = [&disk, &commit, &verify].map(|path| path.to_string_lossy());
    let all: Vec<&str> = arguments
        .into_iter()
        .chain(["bench_ledger", "--"])
        .chain(paths.iter().map(AsRef::as_ref))
        .collect();
    steps::run(root, "cargo", &all, &[])
}
