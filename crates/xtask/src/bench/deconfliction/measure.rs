//! Our side: the example `measure` of `detente-deconfliction`.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

/// The built example.
pub(super) struct Measure {
    program: PathBuf,
}

/// Figures of one operation against many.
pub(super) struct Search {
    /// Asked one after another.
    pub(super) per_cpu_second: f64,
    /// Asked side by side.
    pub(super) together_per_cpu_second: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    pub(super) build_cpu_s: f64,
    pub(super) index_bytes: f64,
    pub(super) process_bytes: f64,
    pub(super) conflicts: u64,
}

/// Figures of all against all.
pub(super) struct Pairs {
    pub(super) pairs: u64,
    pub(super) cpu_s: f64,
}

/// Which operation asked about is in conflict with which stored one.
pub(super) type Conflicts = BTreeSet<(u32, u32)>;

impl Measure {
    pub(super) fn build(root: &Path) -> Result<Self> {
        let output = Command::new("cargo")
            .args([
                "build",
                "--release",
                "--quiet",
                "--package",
                "detente-deconfliction",
                "--example",
                "measure",
            ])
            .arg("--message-format=json")
            .current_dir(root)
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start cargo")?;
        let program = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)));
        match program {
            Some(program) if output.status.success() => Ok(Self { program }),
            _ => bail!("the example `measure` does not build"),
        }
    }

    pub(super) fn search(&self, size: u32, asked: u32, rounds: u32) -> Result<Search> {
        let found = self.json(&[
            "search",
            &size.to_string(),
            &asked.to_string(),
            &rounds.to_string(),
        ])?;
        let number = |name: &str| {
            found[name]
                .as_f64()
                .with_context(|| format!("`measure` does not say {name}"))
        };
        Ok(Search {
            per_cpu_second: number("per_cpu_second")?,
            together_per_cpu_second: number("together_per_cpu_second")?,
            p50_us: number("p50_us")?,
            p99_us: number("p99_us")?,
            build_cpu_s: number("build_cpu_s")?,
            index_bytes: number("index_bytes")?,
            process_bytes: number("process_bytes")?,
            conflicts: number("conflicts")? as u64,
        })
    }

    pub(super) fn pairs(&self, size: u32) -> Result<Pairs> {
        let found = self.json(&["pairs", &size.to_string()])?;
        let number = |name: &str| {
            found[name]
                .as_f64()
                .with_context(|| format!("`measure` does not say {name}"))
        };
        Ok(Pairs {
            pairs: number("pairs")? as u64,
            cpu_s: number("cpu_s")?,
        })
    }

    pub(super) fn conflicts(&self, size: u32, asked: u32) -> Result<Conflicts> {
        conflicts(&self.output(&["conflicts", &size.to_string(), &asked.to_string()], None)?)
    }

    /// Rows for COPY, written while they are read.
    pub(super) fn rows(&self, set: &str, size: u32) -> Result<ChildStdout> {
        let child = Command::new(&self.program)
            .args(["copy", set, &size.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start `measure`")?;
        child.stdout.context("`measure` has no output")
    }

    /// Rows for COPY of both rings of each pair, densified.
    pub(super) fn densified(&self, pairs: &[(u32, u32)]) -> Result<String> {
        let lines: String = pairs
            .iter()
            .map(|(asked, stored)| format!("{asked},{stored}\n"))
            .collect();
        self.output(&["densify"], Some(lines))
    }

    fn json(&self, arguments: &[&str]) -> Result<Value> {
        Ok(serde_json::from_str(&self.output(arguments, None)?)?)
    }

    fn output(&self, arguments: &[&str], input: Option<String>) -> Result<String> {
        let mut child = Command::new(&self.program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start `measure`")?;
        let mut stdin = child.stdin.take().context("`measure` has no input")?;
        let writer =
            std::thread::spawn(move || stdin.write_all(input.unwrap_or_default().as_bytes()));
        let output = child.wait_with_output()?;
        writer
            .join()
            .map_err(|_| anyhow::anyhow!("feeding `measure` failed"))??;
        if !output.status.success() {
            bail!(
                "`measure {}` ended with {}",
                arguments.join(" "),
                output.status
            );
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// Reads `asked,stored` lines.
pub(super) fn conflicts(text: &str) -> Result<Conflicts> {
    text.lines()
        .map(|line| {
            let (asked, stored) = line
                .split_once(',')
                .with_context(|| format!("`{line}` is no pair"))?;
            Ok((asked.parse()?, stored.parse()?))
        })
        .collect()
}
