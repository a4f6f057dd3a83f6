//! The one translation of errors into what a person reads and a script sees: kind, hints, exit code.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::path::Path;

use detente_stores::store::PlaceError;

use crate::exit::Exit;
use crate::printable::printable;

/// Why a verb could not give its answer.
///
/// A refusal (prohibited, in conflict) is an answer, never a failure.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: FailureKind,
    error: Box<dyn Error + Send + Sync>,
    hints: Vec<String>,
}

/// The kinds of failure, each with its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The command line, or a file it names, cannot be used.
    Usage,
    /// An input document is invalid.
    InvalidInput,
    /// A signature, proof or ledger does not verify.
    Verification,
    /// A node or store could not be reached in time.
    Unreachable,
    /// A defect of the command itself.
    Bug,
}

impl Failure {
    /// Wraps `error` with its kind.
    pub(crate) fn new(kind: FailureKind, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind,
            error: error.into(),
            hints: Vec::new(),
        }
    }

    /// A place that a node keeps its files in cannot be opened.
    pub(crate) fn place(error: PlaceError) -> Self {
        let kind = match error.is_unreachable() {
            true => FailureKind::Unreachable,
            false => FailureKind::Usage,
        };
        Self::new(kind, error)
    }

    /// A file or folder of the command line that cannot be read.
    pub(crate) fn unreadable(path: &Path, error: std::io::Error) -> Self {
        Self::new(
            FailureKind::Usage,
            FileError {
                act: "read",
                path: path.display().to_string(),
                error,
            },
        )
    }

    /// A file or folder of the command line that cannot be written.
    pub(crate) fn unwritable(path: &Path, error: std::io::Error) -> Self {
        Self::new(
            FailureKind::Usage,
            FileError {
                act: "write",
                path: path.display().to_string(),
                error,
            },
        )
    }

    /// Adds a way out, printed after the causes.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns the code the process ends with.
    pub(crate) const fn exit(&self) -> Exit {
        match self.kind {
            FailureKind::Usage => Exit::Usage,
            FailureKind::InvalidInput => Exit::InvalidInput,
            FailureKind::Verification => Exit::VerificationFailed,
            FailureKind::Unreachable => Exit::Unreachable,
            FailureKind::Bug => Exit::Bug,
        }
    }

    /// Returns the lines after the word `error:`: message, causes, hints.
    pub(crate) fn explanation(&self) -> String {
        let mut text = format!("{}\n", printable(&self.error.to_string()));
        let mut cause = self.error.source();
        while let Some(error) = cause {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  caused by: {}", printable(&error.to_string()));
            cause = error.source();
        }
        for hint in &self.hints {
            let _ = writeln!(text, "  hint: {}", printable(hint));
        }
        text
    }
}

impl From<PrintError> for Failure {
    fn from(error: PrintError) -> Self {
        Self::new(FailureKind::Usage, error)
    }
}

/// The answer could not be written to the standard output.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the answer to the standard output")]
pub(crate) struct PrintError(#[from] std::io::Error);

/// A file or folder could not be read or written.
#[derive(Debug)]
struct FileError {
    act: &'static str,
    path: String,
    error: std::io::Error,
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot {} `{}`", self.act, self.path)
    }
}

impl Error for FileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_explanation_lists_causes_and_hints_and_disarms_escape_sequences() {
        let failure = Failure::unreadable(
            Path::new("dossier\u{1b}[2J"),
            std::io::Error::new(std::io::ErrorKind::NotFound, "no such file"),
        )
        .hint("name a folder that `detente init` wrote");
        assert_eq!(failure.exit(), Exit::Usage);
        insta::assert_snapshot!(failure.explanation(), @r"
        cannot read `dossier\u{1b}[2J`
          caused by: no such file
          hint: name a folder that `detente init` wrote
        ");
    }
}
