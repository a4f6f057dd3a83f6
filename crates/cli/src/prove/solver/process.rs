//! A solver in a process of its own, asked one question after the other.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use detente_agreement::prove::symbolic::{SmtAnswer, SmtFailure, SmtSolver};

use super::dialect;

/// How much longer than its own limit a solver may take before it is ended.
const GRACE: Duration = Duration::from_secs(5);
/// The longest line and the largest model read, in bytes; models of agreements have kilobytes.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Which words a solver reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Cvc5,
    Z3,
}

/// A solver that was found and tried: how to start it.
#[derive(Clone, Debug)]
pub(crate) struct Solver {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) dialect: Dialect,
    pub(super) name: String,
    pub(super) limit: Duration,
}

/// A solver at work, its process started when it is first asked.
#[derive(Debug)]
pub(crate) struct Session {
    solver: Solver,
    running: Option<Running>,
}

/// The process and the threads that write to it and read from it.
#[derive(Debug)]
struct Running {
    child: Child,
    asked: Sender<String>,
    answered: Receiver<String>,
}

impl Solver {
    pub(super) fn new(
        program: PathBuf,
        arguments: Vec<OsString>,
        dialect: Dialect,
        limit: Duration,
    ) -> Self {
        Self {
            program,
            arguments,
            dialect,
            name: String::new(),
            limit,
        }
    }

    /// Its name and version.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A process of its own, for one thread.
    pub(crate) fn session(&self) -> Session {
        Session {
            solver: self.clone(),
            running: None,
        }
    }

    fn start(&self) -> Result<Running, SmtFailure> {
        let died = |error: &dyn std::fmt::Display| {
            SmtFailure::Died(format!("{}: {error}", self.program.display()))
        };
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| died(&error))?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(died(&"it has no pipes"));
        };
        let (asked, questions) = channel::<String>();
        let (answers, answered) = channel::<String>();
        // A solver that stopped reading must not keep us waiting, nor one that never stops writing.
        std::thread::spawn(move || {
            for question in questions {
                if input.write_all(question.as_bytes()).is_err() || input.flush().is_err() {
                    break;
                }
            }
        });
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            loop {
                let mut line = Vec::new();
                let mut bounded = std::io::Read::take(&mut output, ANSWER_BYTES_MAX as u64);
                match bounded.read_until(b'\n', &mut line) {
                    Ok(0) | Err(_) => break,
                    Ok(_) => {}
                }
                let line = String::from_utf8_lossy(&line).into_owned();
                if answers.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Running {
            child,
            asked,
            answered,
        })
    }

    /// Options, `script` and the question, in the solver's words.
    fn question(&self, script: &str) -> Result<String, SmtFailure> {
        Ok(match self.dialect {
            Dialect::Cvc5 => format!("(reset)\n{script}\n(check-sat)\n"),
            Dialect::Z3 => {
                let script = dialect::to_z3(script)
                    .ok_or_else(|| SmtFailure::Garbled("an unbalanced script".to_owned()))?;
                format!(
                    "(reset)\n(set-option :timeout {})\n{}{script}(check-sat)\n",
                    self.limit.as_millis(),
                    dialect::Z3_OPTIONS
                )
            }
        })
    }
}

impl Session {
    fn put(&mut self, script: &str, model: bool) -> Result<SmtAnswer, SmtFailure> {
        let question = self.solver.question(script)?;
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(self.solver.start()?),
        };
        let wait = self.solver.limit + GRACE;
        running.ask(question)?;
        let first = running.line(wait)?;
        match first.trim() {
            "unsat" => Ok(SmtAnswer::Unsatisfiable),
            "unknown" | "timeout" => Ok(SmtAnswer::Unknown),
            "sat" if !model => Ok(SmtAnswer::Satisfiable(None)),
            "sat" => {
                running.ask("(get-model)\n".to_owned())?;
                let mut text = running.line(wait)?;
                if text.trim() != "(" {
                    return Err(SmtFailure::Garbled(shortened(&text)));
                }
                loop {
                    let line = running.line(wait)?;
                    text.push_str(&line);
                    if line.trim_end() == ")" {
                        break;
                    }
                    if text.len() > ANSWER_BYTES_MAX {
                        return Err(SmtFailure::Garbled("a model without end".to_owned()));
                    }
                }
                let model = match self.solver.dialect {
                    Dialect::Cvc5 => Some(text),
                    Dialect::Z3 => dialect::from_z3(&text),
                };
                let garbled = || SmtFailure::Garbled("a model that cannot be read".to_owned());
                model
                    .ok_or_else(garbled)
                    .map(|model| SmtAnswer::Satisfiable(Some(model)))
            }
            other => Err(SmtFailure::Garbled(shortened(other))),
        }
    }
}

impl SmtSolver for Session {
    fn name(&self) -> &str {
        &self.solver.name
    }

    fn ask(&mut self, script: &str, model: bool) -> Result<SmtAnswer, SmtFailure> {
        let answer = self.put(script, model);
        if !matches!(
            answer,
            Ok(SmtAnswer::Unsatisfiable | SmtAnswer::Satisfiable(_))
        ) {
            // Whatever state it is in, the next question deserves a fresh one.
            self.running = None;
        }
        answer.map_err(|failure| match failure {
            SmtFailure::TimedOut(_) => SmtFailure::TimedOut(self.solver.limit.as_secs()),
            other => other,
        })
    }
}

impl Running {
    fn ask(&mut self, question: String) -> Result<(), SmtFailure> {
        self.asked.send(question).map_err(|_| self.died())
    }

    fn line(&mut self, wait: Duration) -> Result<String, SmtFailure> {
        match self.answered.recv_timeout(wait) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => Err(SmtFailure::TimedOut(wait.as_secs())),
            Err(RecvTimeoutError::Disconnected) => Err(self.died()),
        }
    }

    fn died(&mut self) -> SmtFailure {
        // It closed its output: it is about to end, or has.
        let _ = self.child.kill();
        SmtFailure::Died(match self.child.wait() {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn shortened(text: &str) -> String {
    text.trim().chars().take(200).collect()
}
