//! `cargo xtask bench NAME`: a room measured beside its peers, in the same run.

use anyhow::{Result, bail};
use std::path::Path;

/// Runs the benchmark that `arguments` name.
pub(crate) fn run(_root: &Path, arguments: &[String]) -> Result<()> {
    match arguments.first().map(String::as_str) {
        Some(other) => bail!("no benchmark is called `{other}`"),
        None => bail!("name a benchmark"),
    }
}
