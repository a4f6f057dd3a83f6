//! `cargo xtask fuzz`: every parser of foreign bytes under libFuzzer, on the stable compiler.

use crate::steps;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What makes the compiler count edges and report comparisons, for libFuzzer to steer by; the same as `cargo fuzz` passes.
const INSTRUMENTATION: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing";

/// Seconds for each target when nothing else is said.
const SECONDS: u32 = 60;

/// Seconds for each target of a brief run.
const BRIEF_SECONDS: u32 = 3;

/// The longest input, in bytes: longer ones find little and cost much.
const INPUT_BYTES_MAX: u32 = 32 << 10;

/// Seconds after which one input counts as a hang; the slowest sound ones take milliseconds.
const HANG_SECONDS: u32 = 20;

/// The targets that are too dear to build for a brief run: Cedar, and the server, which holds it (see
/// docs/decisions/0007-fuzzing.md).
const DEAR: [&str; 4] = ["articles", "id_token", "key_set", "session_cookie"];

/// Finds or installs a C++ compiler, which libFuzzer needs.
const COMPILER: &str = "command -v c++ >/dev/null && exit 0; \
    [ \"$(id -u)\" = 0 ] && command -v apt-get >/dev/null \
        && apt-get install --yes --no-install-recommends g++ && exit 0; \
    echo 'libFuzzer needs a C++ compiler: install one (on Debian: apt install g++)' >&2; exit 1";

/// Sound documents that a target's mutations start from: the folder or file below the root, and the ending.
const SEEDS: [(&str, &str, &str); 15] = [
    ("agreement_toml", "scenarios/syria-2016", "toml"),
    ("agreement_toml", "scenarios/wildfire-airspace", "toml"),
    ("agreement_toml", "crates/agreement/testdata", "toml"),
    ("articles", "scenarios/syria-2016", "cedar"),
    ("articles", "scenarios/wildfire-airspace", "cedar"),
    ("articles", "crates/agreement/testdata", "cedar"),
    ("articles", "crates/agreement/src", "cedarschema"),
    ("geojson_profile", "scenarios/syria-2016", "geojson"),
    ("geojson_profile", "scenarios/wildfire-airspace", "geojson"),
    ("gazetteer", "scenarios/syria-2016", "csv"),
    ("tracks", "scenarios/syria-2016/tracks", "jsonl"),
    ("tracks", "scenarios/syria-2016/tracks/readsb", "json"),
    ("tracks", "scenarios/syria-2016/tracks/readsb", "gz"),
    ("evidence", "crates/ledger/testdata", "tlog-proof"),
    ("policy", "crates/ledger/testdata", "policy"),
];

/// What one target did.
struct Ran {
    target: String,
    executions: u64,
    corpus: usize,
}

/// Builds the targets of `fuzz/` and runs those that `arguments` name, or all, one after another.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    if let [only] = arguments
        && only == "--brief"
    {
        return briefly(root);
    }
    let (chosen, seconds) = read(arguments)?;
    let all = targets(root)?;
    for name in &chosen {
        ensure!(
            all.contains(name),
            "no fuzz target is called `{name}`; there are {}",
            all.join(", ")
        );
    }
    let chosen = if chosen.is_empty() { all } else { chosen };
    run_all(root, &chosen, seconds)
}

/// Runs every target but [`DEAR`] for [`BRIEF_SECONDS`].
fn briefly(root: &Path) -> Result<()> {
    let mut chosen = targets(root)?;
    chosen.retain(|target| !DEAR.contains(&target.as_str()));
    run_all(root, &chosen, BRIEF_SECONDS)
}

fn run_all(root: &Path, chosen: &[String], seconds: u32) -> Result<()> {
    let binaries = build(
        root,
        chosen.iter().any(|target| DEAR.contains(&target.as_str())),
    )?;
    let mut ran = Vec::new();
    let mut broken = Vec::new();
    for target in chosen {
        match fuzz(root, &binaries, target, seconds)? {
            Some(done) => ran.push(done),
            None => broken.push(target.as_str()),
        }
    }
    println!();
    for Ran {
        target,
        executions,
        corpus,
    } in &ran
    {
        println!("fuzz {target}: {executions} inputs in {seconds} s, {corpus} kept");
    }
    if !broken.is_empty() {
        bail!(
            "broken: {}; the inputs are in fuzz/artifacts",
            broken.join(", ")
        );
    }
    Ok(())
}

/// Takes target names and `--seconds N`.
fn read(arguments: &[String]) -> Result<(Vec<String>, u32)> {
    let mut chosen = Vec::new();
    let mut seconds = SECONDS;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--seconds" {
            let number = rest.next().context("--seconds needs a number")?;
            seconds = number
                .parse()
                .with_context(|| format!("--seconds {number}"))?;
            ensure!(seconds > 0, "--seconds must be above zero");
        } else if argument.starts_with('-') {
            bail!("unknown option {argument}");
        } else {
            chosen.push(argument.clone());
        }
    }
    Ok((chosen, seconds))
}

/// The names of the targets, in order.
fn targets(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "rs")
            && let Some(stem) = path.file_stem()
        {
            found.push(stem.to_string_lossy().into_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// Builds every target with instrumentation, and returns their folder.
///
/// `--target` keeps the instrumentation out of build scripts and macros, which run inside the compiler.
fn build(root: &Path, all: bool) -> Result<PathBuf> {
    steps::run(root, "sh", &["-c", COMPILER], &[])?;
    // What is fuzzed has the versions that are shipped.
    std::fs::copy(root.join("Cargo.lock"), root.join("fuzz/Cargo.lock"))
        .context("cannot copy Cargo.lock")?;
    let host = host(root)?;
    let built = root.join("target/fuzz");
    let folder = built.to_string_lossy();
    let mut arguments = vec!["build", "--release", "--bins", "--quiet"];
    arguments.extend(["--target", &host, "--target-dir", &folder]);
    if !all {
        arguments.push("--no-default-features");
    }
    steps::run(
        &root.join("fuzz"),
        "cargo",
        &arguments,
        &[("RUSTFLAGS", INSTRUMENTATION)],
    )?;
    Ok(built.join(host).join("release"))
}

/// The triple of this machine.
fn host(root: &Path) -> Result<String> {
    let version = steps::output(root, "rustc", &["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}

/// Runs one target; `None` when an input broke it.
fn fuzz(root: &Path, binaries: &Path, target: &str, seconds: u32) -> Result<Option<Ran>> {
    println!("\n=== fuzz {target} for {seconds} s");
    let corpus = root.join("fuzz/corpus").join(target);
    let seeds = root.join("target/fuzz/seeds").join(target);
    let artifacts = root.join("fuzz/artifacts").join(target);
    for folder in [&corpus, &seeds, &artifacts] {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    gather(root, target, &seeds)?;
    let mut child = Command::new(binaries.join(target));
    child
        .arg(&corpus)
        .arg(&seeds)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-timeout={HANG_SECONDS}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(["-seed=2016", "-print_final_stats=1", "-verbosity=0"]);
    let regressions = root.join("fuzz/regressions").join(target);
    if regressions.is_dir() {
        child.arg(&regressions);
    }
    let output = child
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start the fuzz target {target}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        eprintln!("{told}");
        return Ok(None);
    }
    Ok(Some(Ran {
        target: target.to_owned(),
        executions: executions(&told).unwrap_or_default(),
        corpus: std::fs::read_dir(&corpus)?.count(),
    }))
}

/// Copies the documents a target starts from into `seeds`.
fn gather(root: &Path, target: &str, seeds: &Path) -> Result<()> {
    for (number, (_, folder, ending)) in SEEDS
        .iter()
        .enumerate()
        .filter(|(_, (name, ..))| *name == target)
    {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|known| known == *ending)
                && let Some(name) = path.file_name()
            {
                let copy = seeds.join(format!("{number}-{}", name.to_string_lossy()));
                std::fs::copy(&path, &copy)?;
                if *ending == "cedar" {
                    cut(&copy)?;
                }
            }
        }
    }
    Ok(())
}

/// Writes each clause of an articles file beside it: short inputs are tried far more often.
fn cut(articles: &Path) -> Result<()> {
    let text = std::fs::read_to_string(articles)?;
    for (number, clause) in text.split("\n@id(").skip(1).enumerate() {
        let name = format!("{}-{number}", articles.display());
        std::fs::write(name, format!("@id({clause}"))?;
    }
    Ok(())
}

/// The number of inputs tried, from libFuzzer's closing figures.
fn executions(told: &str) -> Option<u64> {
    told.lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .and_then(|number| number.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::{executions, read};

    #[test]
    fn targets_and_seconds_are_told_apart() {
        let words =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        let read_words = |text: &str| read(&words(text)).ok();
        assert_eq!(
            read_words("articles --seconds 600 tracks"),
            Some((words("articles tracks"), 600))
        );
        assert_eq!(read_words(""), Some((Vec::new(), super::SECONDS)));
        for wrong in ["--seconds", "--seconds x", "--seconds 0", "--long"] {
            assert_eq!(read_words(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_closing_figures_are_read() {
        let told = "Done 12 runs\nstat::number_of_executed_units: 1234\nstat::peak_rss_mb: 40\n";
        assert_eq!(executions(told), Some(1234));
        assert_eq!(executions("nothing"), None);
    }
}
