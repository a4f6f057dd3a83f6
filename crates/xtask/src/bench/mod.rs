//! `cargo xtask bench NAME`: a room measured beside its peers, in the same run.

mod alarm;
mod deconfliction;
mod ledger;
mod monitoring;
mod node;
mod objects;
mod prove;
mod start;

use anyhow::{Result, bail};
use std::path::Path;

/// Runs the benchmark that `arguments` name.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let rest = arguments.get(1..).unwrap_or_default();
    match arguments.first().map(String::as_str) {
        Some("alarm") => alarm::run(root, rest),
        Some("deconfliction") => deconfliction::run(root, rest),
        Some("ledger") => ledger::run(root),
        Some("monitoring") => monitoring::run(root, rest),
        Some("node") => node::run(root),
        Some("objects") => objects::run(root, rest),
        Some("prove") => prove::run(root, rest),
        Some("start") => start::run(root, rest),
        Some(other) => bail!("no benchmark is called `{other}`"),
        None => bail!("name a benchmark"),
    }
}
