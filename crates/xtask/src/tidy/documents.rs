//! The map shows the tree, scenarios explain themselves, and words are about the project.

use super::{Fault, Source};
use anyhow::{Context, Result};
use std::path::Path;

/// Checks the map, the scenarios, and that public rooms open with a description.
pub(super) fn check(root: &Path, sources: &[Source]) -> Result<Vec<Fault>> {
    let map = std::fs::read_to_string(root.join("docs/ARCHITECTURE.md"))
        .context("docs/ARCHITECTURE.md")?;
    let mut faults = rooms(&map, &folders(root, "crates")?);
    for scenario in folders(root, "scenarios")? {
        for needed in ["README.md", "agreement.toml", "expected.json"] {
            if !root
                .join("scenarios")
                .join(&scenario)
                .join(needed)
                .is_file()
            {
                faults.push(Fault::new(
                    format!("scenarios/{scenario}"),
                    format!("has no {needed}: a scenario explains itself and says what it expects"),
                ));
            }
        }
    }
    faults.extend(descriptions(sources));
    Ok(faults)
}

/// Every crate has a row in the map, and every row a crate.
fn rooms(map: &str, crates: &[String]) -> Vec<Fault> {
    let rows: Vec<&str> = map
        .lines()
        .filter_map(|line| line.strip_prefix("| `crates/"))
        .filter_map(|rest| rest.split('`').next())
        .collect();
    let missing = crates
        .iter()
        .filter(|name| !rows.contains(&name.as_str()))
        .map(|name| format!("the map has no row for `crates/{name}`"));
    let stale = rows
        .iter()
        .filter(|row| !crates.iter().any(|name| name == *row))
        .map(|row| format!("the map shows `crates/{row}`, which does not exist"));
    missing
        .chain(stale)
        .map(|message| Fault::new("docs/ARCHITECTURE.md", message))
        .collect()
}

/// Every source file of a crate opens with a description of what it is.
fn descriptions(sources: &[Source]) -> Vec<Fault> {
    sources
        .iter()
        .filter(|source| {
            source.path.starts_with("crates/")
                && source.path.contains("/src/")
                && source.path.ends_with(".rs")
        })
        .filter(|source| !source.text.starts_with("//!"))
        .map(|source| {
            Fault::new(
                &source.path,
                "opens without a `//!` line that says what the file holds",
            )
        })
        .collect()
}

fn folders(root: &Path, below: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    if !root.join(below).is_dir() {
        return Ok(names);
    }
    for entry in
        std::fs::read_dir(root.join(below)).with_context(|| format!("cannot list {below}"))?
    {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_and_the_tree_must_agree() {
        let map = "| `crates/spacetime` | shapes |\n| `crates/attic` | old |\n";
        let faults = rooms(map, &["ledger".into(), "spacetime".into()]);
        let messages: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "the map has no row for `crates/ledger`",
                "the map shows `crates/attic`, which does not exist"
            ]
        );
    }
}
