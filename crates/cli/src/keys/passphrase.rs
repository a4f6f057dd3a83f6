//! The passphrase of the key file: from a file, or typed without being shown.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::Path;

use age::secrecy::{ExposeSecret as _, SecretString};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// What unlocks the key file.
#[derive(Clone)]
pub(super) struct Passphrase(SecretString);

impl Passphrase {
    /// Reads the passphrase of existing keys from a file's first line, or asks for it.
    pub(super) fn read(file: Option<&Path>, printer: &mut Printer) -> Result<Self, Failure> {
        match file {
            Some(path) => from_file(path),
            None => ask("passphrase: ", printer),
        }
    }

    /// Reads the passphrase of keys to be made; whoever types it types it twice.
    pub(super) fn choose(file: Option<&Path>, printer: &mut Printer) -> Result<Self, Failure> {
        let Some(path) = file else {
            let chosen = ask("new passphrase: ", printer)?;
            // A script does not mistype.
            if io::stdin().is_terminal() {
                let again = ask("the same again: ", printer)?;
                if chosen.0.expose_secret() != again.0.expose_secret() {
                    let message = "the two passphrases differ; nothing was written";
                    return Err(Failure::new(FailureKind::Usage, message));
                }
            }
            return Ok(chosen);
        };
        from_file(path)
    }

    /// Returns it for the key derivation.
    pub(super) fn secret(&self) -> SecretString {
        self.0.clone()
    }

    fn new(line: String) -> Result<Self, Failure> {
        if line.is_empty() {
            return Err(Failure::new(FailureKind::Usage, "the passphrase is empty")
                .hint("give a file with --unlock-file"));
        }
        Ok(Self(SecretString::from(line)))
    }
}

fn from_file(path: &Path) -> Result<Passphrase, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::unreadable(path, error))?;
    Passphrase::new(text.lines().next().unwrap_or_default().to_owned())
}

fn ask(prompt: &str, printer: &mut Printer) -> Result<Passphrase, Failure> {
    let usage = |error| Failure::new(FailureKind::Usage, error);
    // Silence first: what is typed at the sight of the prompt must not show.
    let silence = Silence::begin().map_err(usage)?;
    if silence.is_some() {
        printer.note(prompt);
    }
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    if silence.is_some() {
        printer.note("\n");
    }
    read.map_err(usage)?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Passphrase::new(line)
}

/// A terminal that does not show what is typed, until this is dropped.
struct Silence(Termios);

impl Silence {
    /// Silences the standard input; `None` when it is no terminal.
    fn begin() -> io::Result<Option<Self>> {
        let input = io::stdin();
        if !input.is_terminal() {
            return Ok(None);
        }
        let before = tcgetattr(&input)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&input, OptionalActions::Flush, &silent)?;
        Ok(Some(Self(before)))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // A terminal that is gone needs no echo.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
