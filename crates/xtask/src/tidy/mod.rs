//! `cargo xtask tidy`: the rules of docs/STYLE.md that a program can check.

mod direction;
mod documents;
mod licences;
mod purity;
mod requirements;
mod size;

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// One broken rule: where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    /// The file, relative to the workspace, and the line where there is one.
    place: String,
    /// What is wrong and the way out.
    message: String,
}

impl Fault {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }
}

/// A text file of the tree, as the checks see it.
#[derive(Debug)]
pub(crate) struct Source {
    /// The path relative to the workspace, with `/`.
    path: String,
    /// The whole text.
    text: String,
}

/// Runs every check and reports every fault, not the first.
pub(crate) fn run(root: &Path) -> Result<()> {
    let sources = sources(root)?;
    let mut faults = size::check(&sources);
    faults.extend(purity::check(&sources));
    faults.extend(documents::check(root, &sources)?);
    faults.extend(requirements::check(&sources));
    faults.extend(requirements::check_stories(&sources));
    let metadata = crate::steps::output(
        root,
        "cargo",
        &["metadata", "--format-version", "1", "--locked"],
    )?;
    let metadata: serde_json::Value =
        serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
    faults.extend(direction::check(&metadata));
    faults.extend(licences::check(
        &metadata,
        &std::fs::read_to_string(root.join("deny.toml")).context("deny.toml")?,
    ));
    faults.sort();
    faults.dedup();
    if faults.is_empty() {
        println!("tidy: {} files, no fault", sources.len());
        return Ok(());
    }
    for fault in &faults {
        eprintln!("{}: {}", fault.place, fault.message);
    }
    bail!("{} fault(s)", faults.len())
}

/// Reads every tracked text file, so that what git ignores is never judged.
fn sources(root: &Path) -> Result<Vec<Source>> {
    let listed = crate::steps::output(
        root,
        "git",
        &["ls-files", "--cached", "--others", "--exclude-standard"],
    )?;
    let mut sources = Vec::new();
    for path in listed.lines() {
        let full: PathBuf = root.join(path);
        if let Ok(bytes) = std::fs::read(&full)
            && let Ok(text) = String::from_utf8(bytes)
        {
            sources.push(Source {
                path: path.to_owned(),
                text,
            });
        }
    }
    Ok(sources)
}
