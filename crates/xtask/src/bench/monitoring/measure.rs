//! Our side: the example `measure` of `detente-monitoring`.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

/// The built example, and the traffic it makes: aircraft, fixes of each, milliseconds between them.
pub(super) struct Measure {
    program: PathBuf,
    traffic: [u32; 3],
}

/// Figures of one number of zones.
pub(crate) struct Figures {
    pub(super) per_cpu_second: f64,
    pub(super) segments: f64,
    pub(super) entered: f64,
    pub(super) left: f64,
    pub(super) through: f64,
    /// Share of the segments of which the exact geometry was asked.
    pub(super) asked: f64,
    pub(super) build_cpu_s: f64,
    pub(super) index_bytes: f64,
    pub(super) process_bytes: f64,
}

impl Measure {
    pub(super) fn build(root: &Path, traffic: [u32; 3]) -> Result<Self> {
        let output = Command::new("cargo")
            .args([
                "build",
                "--release",
                "--quiet",
                "--package",
                "detente-monitoring",
            ])
            .args(["--example", "measure_tracks", "--message-format=json"])
            .current_dir(root)
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start cargo")?;
        let program = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)));
        match program {
            Some(program) if output.status.success() => Ok(Self { program, traffic }),
            _ => bail!("the example `measure_tracks` does not build"),
        }
    }

    pub(super) fn patrol(&self, zones: u32, rounds: u32) -> Result<Figures> {
        self.figures(&["patrol".into(), zones.to_string()], rounds)
    }

    pub(super) fn crowd(&self, share: f64, zones: u32, rounds: u32) -> Result<Figures> {
        self.figures(
            &["crowd".into(), share.to_string(), zones.to_string()],
            rounds,
        )
    }

    fn figures(&self, head: &[String], rounds: u32) -> Result<Figures> {
        let output = self
            .command(head)
            .arg(rounds.to_string())
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start `measure`")?;
        let found: Value =
            serde_json::from_slice(&output.stdout).context("`measure` says nothing")?;
        let number = |name: &str| {
            found[name]
                .as_f64()
                .with_context(|| format!("`measure` does not say {name}"))
        };
        Ok(Figures {
            per_cpu_second: number("per_cpu_second")?,
            segments: number("segments")?,
            entered: number("entered")?,
            left: number("left")?,
            through: number("through")?,
            asked: number("asked")?,
            build_cpu_s: number("build_cpu_s")?,
            index_bytes: number("index_bytes")?,
            process_bytes: number("process_bytes")?,
        })
    }

    /// Writes the world for other engines, and what we say changes.
    pub(super) fn world(&self, folder: &Path, zones: u32, changes: &Path) -> Result<()> {
        let path = folder.to_string_lossy().into_owned();
        self.run(&mut self.command(&["columns".into(), path, zones.to_string()]))?;
        let file =
            File::create(changes).with_context(|| format!("cannot write {}", changes.display()))?;
        self.run(
            self.command(&["changes".into(), zones.to_string()])
                .stdout(file),
        )
    }

    /// Rows for COPY, written while they are read.
    pub(super) fn zone_rows(&self, zones: u32) -> Result<ChildStdout> {
        let mut command = Command::new(&self.program);
        self.piped(command.args(["rows", "zones", &zones.to_string()]))
    }

    /// The same of the first segments.
    pub(super) fn segment_rows(&self, count: u32) -> Result<ChildStdout> {
        let mut command = self.command(&["rows".into(), "segments".into()]);
        self.piped(command.arg(count.to_string()))
    }

    fn piped(&self, command: &mut Command) -> Result<ChildStdout> {
        let child = command
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start `measure`")?;
        child.stdout.context("`measure` has no output")
    }

    fn command(&self, head: &[String]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(head)
            .args(self.traffic.map(|number| number.to_string()));
        command
    }

    fn run(&self, command: &mut Command) -> Result<()> {
        match command.status().context("cannot start `measure`")? {
            status if status.success() => Ok(()),
            status => bail!("`measure` ended with {status}"),
        }
    }
}
