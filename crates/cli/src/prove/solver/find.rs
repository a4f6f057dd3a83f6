//! Where a solver may be, and whether what is there can be used.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use detente_agreement::prove::symbolic::{SmtAnswer, SmtSolver as _};

use super::process::{Dialect, Solver};

/// How long a program may take to say its version.
const VERSION_WAIT: Duration = Duration::from_secs(20);

/// Contradictory and sound assertions about sets and texts: what symcc's questions are made of.
const NONSENSE: &str = "(set-logic ALL)\n(declare-const s (Set String))\n(declare-const x String)\n(assert (set.member x s))\n(assert (= s (as set.empty (Set String))))\n";
const SENSE: &str = "(set-option :produce-models true)\n(set-logic ALL)\n(declare-const s (Set (_ BitVec 64)))\n(assert (set.member (_ bv7 64) (set.inter s (set.insert (_ bv7 64) (as set.empty (Set (_ BitVec 64)))))))\n";

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Whatever is found.
    Any,
    /// None.
    None,
    /// This program or library.
    At(PathBuf),
}

impl Choice {
    /// Reads the value of `--solver`.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "clap takes functions that can fail; every text is a choice"
    )]
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "auto" => Self::Any,
            "none" => Self::None,
            path => Self::At(PathBuf::from(path)),
        })
    }
}

/// What was found: solvers that work, the first to be asked first, and why others do not.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) solvers: Vec<Solver>,
    pub(crate) unusable: Vec<String>,
    /// Whether somebody named a solver, so that not having it is an error.
    pub(crate) asked_for: bool,
}

/// Looks for solvers: what `--solver` names, else `DETENTE_CVC5`, `CVC5` and `DETENTE_Z3` of the
/// environment, else `cvc5` and `z3` on the path.
pub(crate) fn find(choice: &Choice, limit: Duration) -> Found {
    let mut found = Found::default();
    let candidates = match choice {
        Choice::None => return found,
        Choice::At(path) => {
            found.asked_for = true;
            vec![path.clone()]
        }
        Choice::Any => {
            let named: Vec<PathBuf> = ["DETENTE_CVC5", "CVC5", "DETENTE_Z3"]
                .into_iter()
                .filter_map(std::env::var_os)
                .filter(|path| !path.is_empty())
                .map(PathBuf::from)
                .collect();
            if named.is_empty() {
                ["cvc5", "z3"].into_iter().filter_map(on_path).collect()
            } else {
                found.asked_for = true;
                named
            }
        }
    };
    let mut tried: Vec<PathBuf> = Vec::new();
    for path in candidates {
        if tried.contains(&path) {
            continue;
        }
        match ready(&path, limit) {
            Ok(solver) => found.solvers.push(solver),
            Err(reason) => found.unusable.push(format!("{}: {reason}", path.display())),
        }
        tried.push(path);
    }
    found
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// A solver at `path` that has answered two questions rightly.
fn ready(path: &Path, limit: Duration) -> Result<Solver, String> {
    if !path.is_file() {
        return Err("no such file".to_owned());
    }
    let mut solver = if is_library(path) {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let arguments = vec![
            OsString::from("cvc5-library"),
            path.into(),
            format!("tlimit-per={}", limit.as_millis()).into(),
        ];
        Solver::new(own, arguments, Dialect::Cvc5, limit)
    } else {
        Solver::new(path.to_owned(), Vec::new(), Dialect::Cvc5, limit)
    };
    let version = version(&solver)?;
    if is_library(path) {
        solver.name = format!("cvc5 {version}");
    } else if let Some(number) = version.strip_prefix("Z3 version ") {
        solver.dialect = Dialect::Z3;
        solver.arguments = vec!["-in".into(), "-smt2".into()];
        solver.name = format!("z3 {}", first_word(number));
    } else if let Some(number) = version.split("cvc5 version ").nth(1) {
        solver.arguments = vec![
            "--lang=smt2".into(),
            format!("--tlimit-per={}", limit.as_millis()).into(),
        ];
        solver.name = format!("cvc5 {}", first_word(number));
    } else {
        return Err(format!(
            "neither cvc5 nor z3: its --version says {version:?}"
        ));
    }
    tried(&solver).map_err(|reason| format!("{} cannot be used: {reason}", solver.name))?;
    Ok(solver)
}

fn is_library(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| {
        name.contains(".so") || name.ends_with(".dylib") || name.ends_with(".dll")
    })
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or("")
}

/// The first line that says a version.
fn version(solver: &Solver) -> Result<String, String> {
    let mut arguments = solver.arguments.clone();
    arguments.push("--version".into());
    let mut child = Command::new(&solver.program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let Some(output) = child.stdout.take() else {
        return Err("it has no output".to_owned());
    };
    let (said, heard) = channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let mut bounded = std::io::BufReader::new(std::io::Read::take(output, 4_096));
        let _ = std::io::BufRead::read_line(&mut bounded, &mut line);
        let _ = said.send(line);
    });
    let line = heard.recv_timeout(VERSION_WAIT);
    let _ = child.kill();
    let _ = child.wait();
    match line {
        Ok(line) if !line.trim().is_empty() => Ok(line.trim().to_owned()),
        Ok(_) => Err("it does not say its version".to_owned()),
        Err(_) => Err("it did not say its version in time".to_owned()),
    }
}

/// Tries whether the solver knows the theories that questions are put in.
fn tried(solver: &Solver) -> Result<(), String> {
    let mut session = solver.session();
    let wrong = |said: &dyn std::fmt::Debug| format!("it answers a simple question with {said:?}");
    match session.ask(NONSENSE, false) {
        Ok(SmtAnswer::Unsatisfiable) => {}
        Ok(other) => return Err(wrong(&other)),
        Err(failure) => return Err(failure.to_string()),
    }
    match session.ask(SENSE, true) {
        Ok(SmtAnswer::Satisfiable(Some(_))) => Ok(()),
        Ok(other) => Err(wrong(&other)),
        Err(failure) => Err(failure.to_string()),
    }
}
