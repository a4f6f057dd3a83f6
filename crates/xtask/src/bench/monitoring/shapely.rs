//! The first peer: shapely, by the script beside this file, in the virtual environment of the geometry oracle.

use super::measure::Measure;
use crate::steps;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// Pinned packages, and the script that asks.
const REQUIREMENTS: &str = "crates/spacetime/tests/oracle/requirements.txt";
const SCRIPT: &str = "crates/xtask/src/bench/monitoring/with_shapely.py";

/// What shapely did.
pub(crate) struct Figures {
    pub(super) version: String,
    pub(super) per_cpu_second: f64,
    pub(super) build_cpu_s: f64,
    pub(super) changes: u64,
    pub(super) only_detente: u64,
    pub(super) only_shapely: u64,
    /// Pairs on which the two differ, and those on which shapely agrees with us on geodesic edges.
    pub(super) disputed: u64,
    pub(super) settled: u64,
}

impl Figures {
    /// Whether shapely agrees with us on every pair, given the same edges.
    pub(super) fn explained(&self) -> bool {
        self.settled == self.disputed
    }
}

/// Writes the world into `folder` and has shapely judge all of it.
pub(super) fn measured(
    root: &Path,
    folder: &Path,
    measure: &Measure,
    zones: u32,
) -> Result<Figures> {
    let python = environment(root)?;
    let changes = folder.join("changes.csv");
    measure.world(folder, zones, &changes)?;
    let output = Command::new(python)
        .arg("-B")
        .arg(root.join(SCRIPT))
        .arg(folder)
        .arg(&changes)
        .envs([("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1")])
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start python")?;
    if !output.status.success() {
        bail!("with_shapely.py ended with {}", output.status);
    }
    let found: Value =
        serde_json::from_slice(&output.stdout).context("with_shapely.py says nothing")?;
    let number = |name: &str| {
        found[name]
            .as_f64()
            .with_context(|| format!("with_shapely.py does not say {name}"))
    };
    Ok(Figures {
        version: found["version"].as_str().unwrap_or_default().into(),
        per_cpu_second: number("per_cpu_second")?,
        build_cpu_s: number("build_cpu_s")?,
        changes: number("changes")? as u64,
        only_detente: number("only_detente")? as u64,
        only_shapely: number("only_shapely")? as u64,
        disputed: number("disputed")? as u64,
        settled: number("settled")? as u64,
    })
}

/// The interpreter of a virtual environment with the pinned packages.
fn environment(root: &Path) -> Result<std::path::PathBuf> {
    let venv = root.join("target/bench/python");
    let (wanted, installed) = (root.join(REQUIREMENTS), venv.join("installed.txt"));
    let python = venv.join("bin/python");
    let same = |one: &Path, two: &Path| {
        std::fs::read(one)
            .ok()
            .zip(std::fs::read(two).ok())
            .is_some_and(|(one, two)| one == two)
    };
    if !same(&wanted, &installed) {
        let path = venv.to_string_lossy().into_owned();
        steps::run(root, "python3", &["-m", "venv", "--clear", &path], &[])?;
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
            REQUIREMENTS,
        ];
        steps::run(root, &python.to_string_lossy(), &pip, &[])?;
        std::fs::copy(&wanted, &installed)?;
    }
    Ok(python)
}
