//! `cargo xtask test`: everything that must hold before a change lands.

use crate::{console, peers, steps, tidy, verifier};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Installs what the tests need, checks the source, then runs every test and prints one closing line.
pub(crate) fn run(root: &Path) -> Result<()> {
    steps::run(root, "cargo", &["fmt", "--all", "--check"], &[])?;
    tidy::run(root)?;
    verifier::install(root)?;
    steps::run(
        root,
        "cargo",
        &[
            "clippy",
            "--release",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ],
        &[],
    )?;
    peers::install(root)?;
    let oracles = peers::oracles(root)?;
    let mut tally = tests(root, &oracles)?;
    let of_console = console::test(root)?;
    tally.passed += of_console.passed;
    tally.failed += of_console.failed;
    tally.success &= of_console.success;
    println!("\n{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed > 0 || !tally.success {
        bail!("tests failed");
    }
    if tally.passed == 0 {
        bail!("no test ran");
    }
    Ok(())
}

/// What the test programs said in their closing lines.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    success: bool,
}

impl Tally {
    /// Adds a line of a test program when it is a closing line: `test result: ok. 3 passed; 0 failed; …`.
    fn add(&mut self, line: &str) {
        let Some(rest) = line.trim_start().strip_prefix("test result:") else {
            return;
        };
        for part in rest.split([';', '.']) {
            let words: Vec<&str> = part.split_whitespace().collect();
            if let [count, kind] = words.as_slice()
                && let Ok(count) = count.parse::<u64>()
            {
                match *kind {
                    "passed" => self.passed += count,
                    "failed" => self.failed += count,
                    _ => {}
                }
            }
        }
    }
}

/// The seed of the properties' random cases: the same in every run, so that a run can be repeated; whoever wants to
/// explore sets `PROPTEST_RNG_SEED` to another.
fn seed() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "a developer command reads its own settings"
    )]
    let chosen = std::env::var("PROPTEST_RNG_SEED");
    chosen.unwrap_or_else(|_| "2016".to_owned())
}

/// What is built and run: everything but the examples, which are benchmarks; clippy has looked at those.
const WHAT: [&str; 3] = ["--lib", "--bins", "--tests"];
/// Tests that run at once, for each core: most of them wait for a disk or for another process.
const TESTS_PER_CORE: usize = 2;

/// Runs the whole workspace's tests once, showing their output as it comes.
///
/// `DETENTE_PEERS=required` makes a test that compares with an independent program fail, not skip, where that program is missing;
/// the variables of the oracles name the cases that the geometry and the watch must agree with.
fn tests(root: &Path, oracles: &[(&'static str, PathBuf)]) -> Result<Tally> {
    let mut tally = Tally {
        success: true,
        ..Tally::default()
    };
    cargo_test(root, oracles, &WHAT, &mut tally)?;
    cargo_test(root, oracles, &["--doc"], &mut tally)?;
    Ok(tally)
}

fn cargo_test(
    root: &Path,
    oracles: &[(&'static str, PathBuf)],
    what: &[&str],
    tally: &mut Tally,
) -> Result<()> {
    let arguments = ["test", "--release", "--workspace", "--no-fail-fast"];
    println!("\n=== cargo {} {}", arguments.join(" "), what.join(" "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut child = Command::new("cargo")
        .args(arguments)
        .args(what)
        .env("RUST_TEST_THREADS", (cores * TESTS_PER_CORE).to_string())
        .env("DETENTE_PEERS", "required")
        .envs(oracles.iter().map(|(variable, cases)| (variable, cases)))
        .env("PROPTEST_RNG_SEED", seed())
        .env("INSTA_UPDATE", "no")
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo test")?;
    let pipe = child.stdout.take().context("cargo test has no output")?;
    for line in BufReader::new(pipe).lines() {
        let line = line.context("cannot read what cargo test writes")?;
        println!("{line}");
        tally.add(&line);
    }
    tally.success &= child.wait().context("cargo test did not end")?.success();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn closing_lines_are_added_up() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
        ] {
            tally.add(line);
        }
        assert_eq!((tally.passed, tally.failed), (8, 2));
    }
}
