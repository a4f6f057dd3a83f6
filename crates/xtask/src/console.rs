//! The console's own checks: types, unit tests, and the tests that drive `detente demo` with a browser.

use crate::steps;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the console's tests said in their closing lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Tests that passed.
    pub(crate) passed: u64,
    /// Tests that failed.
    pub(crate) failed: u64,
    /// Whether every program ended well.
    pub(crate) success: bool,
}

/// Runs every check of the console, after `cargo test` has built the command it is driven by.
pub(crate) fn test(root: &Path) -> Result<Counts> {
    let web = root.join("web");
    steps::run(root, "bash", &["web/install.sh"], &[])?;
    steps::run(&web, "npm", &["run", "--silent", "check"], &[])?;
    let binary = target(root)?.join("release").join("detente");
    let binary = binary.to_string_lossy().into_owned();
    let mut counts = Counts {
        success: true,
        ..Counts::default()
    };
    counts.run(&web, &["run", "--silent", "test"], &[])?;
    counts.run(
        &web,
        &["run", "--silent", "e2e"],
        &[("DETENTE_BIN", binary.as_str())],
    )?;
    if counts.passed == 0 {
        bail!("no test of the console ran");
    }
    Ok(counts)
}

/// The console's part of `cargo xtask test` alone.
pub(crate) fn run(root: &Path) -> Result<()> {
    let counts = test(root)?;
    println!("\n{} passed, {} failed", counts.passed, counts.failed);
    if !counts.success || counts.failed > 0 {
        bail!("tests of the console failed");
    }
    Ok(())
}

/// Where cargo puts what it builds.
fn target(root: &Path) -> Result<PathBuf> {
    let arguments = ["metadata", "--format-version", "1", "--no-deps"];
    let text = steps::output(root, "cargo", &arguments)?;
    let metadata: serde_json::Value =
        serde_json::from_str(&text).context("cargo metadata is not JSON")?;
    let folder = metadata["target_directory"].as_str();
    Ok(PathBuf::from(folder.context("cargo names no target")?))
}

impl Counts {
    fn run(&mut self, web: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
        println!("\n=== npm {} (in web)", arguments.join(" "));
        let mut child = Command::new("npm")
            .args(arguments)
            .envs(environment.iter().copied())
            .env("NO_COLOR", "1")
            .env("CI", "1")
            .current_dir(web)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start npm")?;
        let pipe = child.stdout.take().context("npm has no output")?;
        for line in BufReader::new(pipe).lines() {
            let line = line.context("cannot read what npm writes")?;
            println!("{line}");
            self.add(&line);
        }
        self.success &= child.wait().context("npm did not end")?.success();
        Ok(())
    }

    /// Adds a closing line: `Tests  2 failed | 66 passed (68)` of vitest, `12 passed (1.2m)` or `1 failed` of Playwright.
    fn add(&mut self, line: &str) {
        let line = line.trim();
        let (of_vitest, rest) = match line.strip_prefix("Tests ") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let words: Vec<&str> = rest
            .split(['|', ' '])
            .filter(|word| !word.is_empty())
            .collect();
        let counted: Vec<(u64, &str)> = words
            .windows(2)
            .filter_map(|pair| match pair {
                [count, kind] => Some((count.parse().ok()?, *kind)),
                _ => None,
            })
            .collect();
        let closes = of_vitest
            || words
                .first()
                .is_some_and(|word| word.parse::<u64>().is_ok());
        let short =
            of_vitest || words.len() == 2 || words.get(2).is_some_and(|word| word.starts_with('('));
        if !closes || !short {
            return;
        }
        for (count, kind) in counted {
            match kind {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn closing_lines_of_both_runners_are_added_up() {
        let mut counts = Counts::default();
        for line in [
            " ✓ src/map/coordinates.test.ts (21 tests) 80ms",
            " Test Files  1 failed | 11 passed (12)",
            "      Tests  1 failed | 67 passed (68)",
            "  ✓  1 tests/e2e/shell.spec.ts:8:1 › 3 passed it on (2.1s)",
            "  2 failed",
            "  12 passed (1.2m)",
            "  1 did not run",
        ] {
            counts.add(line);
        }
        assert_eq!((counts.passed, counts.failed), (79, 3));
    }
}
