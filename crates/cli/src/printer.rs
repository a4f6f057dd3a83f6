//! Where words go: the answer to the standard output, everything else to the standard error.

use std::io::{self, BufWriter, IsTerminal, Write};

use serde::Serialize;

use crate::args::{Appearance, ColorChoice};
use crate::failure::{Failure, PrintError};
use crate::palette::{Label, Palette};
use crate::progress::Progress;

/// The two streams of a run, and how they may look.
///
/// A reader that closes its end early is no error: what is left of the answer is dropped and the
/// verb still ends with the exit code of its answer.
#[derive(Debug)]
pub(crate) struct Printer {
    answer: BufWriter<io::Stdout>,
    answer_closed: bool,
    answer_palette: Palette,
    notes_palette: Palette,
    quiet: bool,
    progress: bool,
}

impl Printer {
    /// Decides once, from what was asked and from the surroundings, how everything looks.
    ///
    /// `no_color` is whether the variable `NO_COLOR` is set and not empty (no-color.org).
    pub(crate) fn new(appearance: &Appearance, no_color: bool) -> Self {
        let palette = |terminal: bool| {
            Palette::new(match appearance.color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => terminal && !no_color,
            })
        };
        Self {
            answer: BufWriter::new(io::stdout()),
            answer_closed: false,
            answer_palette: palette(io::stdout().is_terminal()),
            notes_palette: palette(io::stderr().is_terminal()),
            quiet: appearance.quiet,
            progress: io::stderr().is_terminal() && !appearance.quiet && !appearance.no_progress,
        }
    }

    /// Returns the colours of the answer.
    pub(crate) const fn palette(&self) -> Palette {
        self.answer_palette
    }

    /// Returns the colours of everything else.
    pub(crate) const fn notes_palette(&self) -> Palette {
        self.notes_palette
    }

    /// Writes a piece of the answer, as it is.
    pub(crate) fn answer(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.answer.write_all(text.as_bytes());
        self.settle(written)
    }

    /// Writes the whole answer as one JSON object.
    pub(crate) fn answer_json(&mut self, answer: &impl Serialize) -> Result<(), Failure> {
        let written =
            serde_json::to_writer_pretty(&mut self.answer, answer).map_err(io::Error::from);
        self.settle(written)?;
        self.answer("\n")
    }

    /// Writes a piece of the answer as JSON in one line.
    pub(crate) fn answer_compact(&mut self, piece: &impl Serialize) -> Result<(), Failure> {
        let written = serde_json::to_writer(&mut self.answer, piece).map_err(io::Error::from);
        self.settle(written)
    }

    /// Writes the members of an object whose beginning has been written, and closes it.
    pub(crate) fn answer_rest(&mut self, members: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(members).unwrap_or_default();
        self.answer(text.strip_prefix('{').unwrap_or("\n}").trim_start())?;
        self.answer("\n")
    }

    /// Pushes out what is buffered; called once, when the verb is done.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        let flushed = self.answer.flush();
        self.settle(flushed)
    }

    /// Pushes out what is buffered, for an answer that grows while somebody reads.
    pub(crate) fn push(&mut self) -> Result<(), Failure> {
        let flushed = self.answer.flush();
        self.settle(flushed)
    }

    /// Says something beside the answer; silent under `--quiet`.
    pub(crate) fn note(&mut self, text: &str) {
        if !self.quiet {
            write_to_stderr(text);
        }
    }

    /// Says why the verb failed; never silent.
    pub(crate) fn fail(&mut self, failure: &Failure) {
        let word = self.notes_palette.paint(Label::Error, "error:");
        write_to_stderr(&format!("{word} {}", failure.explanation()));
    }

    /// Says what is wrong with an input; never silent.
    pub(crate) fn diagnose(&mut self, text: &str) {
        write_to_stderr(text);
    }

    /// Starts a progress line, hidden unless someone is watching.
    pub(crate) fn progress(&self, doing: &'static str) -> Progress {
        Progress::new(doing, self.progress)
    }

    /// Treats a closed pipe as the end of the reader's interest.
    fn settle(&mut self, written: io::Result<()>) -> Result<(), Failure> {
        match written {
            _ if self.answer_closed => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.answer_closed = true;
                Ok(())
            }
            written => Ok(written.map_err(PrintError::from)?),
        }
    }
}

/// Writes to the standard error; when that is gone there is nobody left to tell.
fn write_to_stderr(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
