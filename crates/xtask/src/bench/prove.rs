//! `cargo xtask bench prove`: a long agreement proved, by the built-in analysis and beside the solvers that are there.
//!
//! The agreement is the scenario's, its articles copied under names of their own until there are enough: every question is then
//! about all of them. Answers are not taken from a cache.

use anyhow::{Context, Result, bail, ensure};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::steps;

/// Articles of the agreement that the aim is stated for.
const ARTICLES: usize = 100;
/// More than any agreement has; the file of articles stays below its limit.
const ARTICLES_MAX: usize = 1_000;
/// What stands before the name of every article.
const NAME: &str = "@id(\"";
/// Exit codes of a proof that came to its end: every concern proved, or some not.
const ANSWERED: [i32; 2] = [0, 1];

/// Runs the measurement; an argument is the number of articles, another the `detente` to measure instead of one built here.
#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
pub(super) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let (count, program) = match arguments.split_first() {
        Some((count, [program])) => (std::slice::from_ref(count), Some(PathBuf::from(program))),
        _ => (arguments, None),
    };
    let articles = match count {
        [] => ARTICLES,
        [number] => number
            .parse()
            .context("the argument is a number of articles")?,
        _ => bail!("cargo xtask bench prove [ARTICLES [PROGRAM]]"),
    };
    ensure!(
        (1..=ARTICLES_MAX).contains(&articles),
        "1 to {ARTICLES_MAX} articles"
    );
    let program = match program {
        Some(program) => program,
        None => {
            let build = ["build", "--release", "--quiet", "--package", "detente-cli"];
            steps::run(root, "cargo", &build, &[])?;
            root.join("target/release/detente")
        }
    };
    let dossier = made(root, articles)?;
    for solver in provers(root)? {
        let begun = Instant::now();
        let output = Command::new(&program)
            .arg("prove")
            .arg(&dossier)
            .args(["--quiet", "--no-cache", "--solver"])
            .arg(&solver)
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start `detente prove`")?;
        let took = begun.elapsed();
        let words = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output
                .status
                .code()
                .is_some_and(|code| ANSWERED.contains(&code)),
            "`detente prove` ended with {}",
            output.status
        );
        println!("{articles} articles: {:.1} s", took.as_secs_f64());
        for line in words
            .lines()
            .filter(|line| line.contains("concerns:") || line.starts_with("asked:"))
        {
            println!("  {line}");
        }
    }
    Ok(())
}

/// No solver, and each that the tests' own script has installed.
fn provers(root: &Path) -> Result<Vec<PathBuf>> {
    steps::run(root, "bash", &["crates/cli/tests/peers/install.sh"], &[])?;
    let solvers = root.join("target/peers/solvers");
    let mut found = vec![PathBuf::from("none"), solvers.join("bin/z3")];
    if let Ok(libraries) = std::fs::read_dir(solvers.join("cvc5.libs")) {
        let paths = libraries.filter_map(|entry| Some(entry.ok()?.path()));
        let is_parser = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libcvc5parser-")
        };
        found.extend(paths.filter(is_parser));
    }
    found.retain(|path| path.as_os_str() == "none" || path.is_file());
    Ok(found)
}

/// Writes the dossier anew.
fn made(root: &Path, articles: usize) -> Result<PathBuf> {
    let scenario = root.join("scenarios/syria-2016");
    let folder = root.join("target/bench/prove");
    std::fs::create_dir_all(&folder).context("cannot make the folder of the dossier")?;
    for file in std::fs::read_dir(&scenario).context("cannot read the scenario")? {
        let file = file?;
        if file.file_type()?.is_file() {
            std::fs::copy(file.path(), folder.join(file.file_name()))?;
        }
    }
    let text = std::fs::read_to_string(scenario.join("articles.cedar"))?;
    let (_, after) = text
        .split_once(NAME)
        .context("the scenario has no articles")?;
    let own: Vec<&str> = after.split(NAME).collect();
    let mut long = text.clone();
    for number in own.len()..articles {
        let article = own
            .get(number % own.len())
            .context("the scenario has no articles")?;
        let (name, rest) = article
            .split_once('"')
            .context("an article without a name")?;
        let rest = renamed(rest, number);
        write!(long, "\n{NAME}{name}-x{number}\"{rest}")?;
    }
    std::fs::write(folder.join("articles.cedar"), long)?;
    Ok(folder)
}

/// The copy is an article of its own.
fn renamed(article: &str, number: usize) -> String {
    const ARTICLE: &str = "@article(\"";
    let Some((before, rest)) = article.split_once(ARTICLE) else {
        return article.to_owned();
    };
    match rest.split_once('"') {
        Some((name, rest)) => format!("{before}{ARTICLE}{name}-x{number}\"{rest}"),
        None => article.to_owned(),
    }
}
