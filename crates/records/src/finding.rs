//! Problems found while reading what a person wrote: all of them, each with its place and a way out.

use std::fmt;
use std::ops::Range;

use crate::place::{Path, Place};

/// The most problems kept for one document.
///
/// Nobody reads ten thousand; the limit keeps a hostile file from filling memory with its own
/// faults. What is left out is counted, never forgotten ([`Problems::left_out`]).
pub const PROBLEMS_MAX: usize = 10_000;

/// The longest excerpt of a document repeated inside a message, in characters.
///
/// Enough to recognise a name, too little to flood a terminal.
pub const EXCERPT_CHARACTERS_MAX: usize = 80;

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The document cannot be used.
    Error,
    /// The document is used, read the restrictive way, but its author probably meant otherwise.
    Warning,
    /// Something was assumed or repaired without changing the meaning.
    Note,
}

impl Severity {
    /// Returns the word shown to people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One problem of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable name of the kind of problem, in snake case.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Name of the document, as it was handed in.
    pub document: String,
    /// Where in the document.
    pub place: Place,
    /// What is wrong: lower case, one line, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.document)?;
        if let (Some(line), Some(column)) = (self.place.line, self.place.column) {
            write!(formatter, ":{line}:{column}")?;
        }
        write!(
            formatter,
            ": {}[{}]: {}",
            self.severity.word(),
            self.code,
            self.message
        )?;
        match &self.place.pointer {
            Some(pointer) if !pointer.is_empty() => {
                write!(formatter, " (at {})", pointer.escape_debug())?;
            }
            _ => {}
        }
        match &self.help {
            Some(help) => write!(formatter, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

/// The problems of one or several documents, in the order they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    document: String,
    items: Vec<Problem>,
    errors: usize,
    left_out: usize,
    /// Problems before this one have been placed.
    located: usize,
}

/// A problem just reported, to which a way out can be added.
#[derive(Debug)]
pub struct Reported<'a>(Option<&'a mut Problem>);

impl Reported<'_> {
    /// Says what to do about the problem.
    pub fn help(self, help: impl Into<String>) {
        if let Some(problem) = self.0 {
            problem.help = Some(help.into());
        }
    }

    /// Says what to do about the problem, if anything is known. Nothing is worked out for a
    /// problem beyond [`PROBLEMS_MAX`].
    pub fn suggest(self, help: impl FnOnce() -> Option<String>) {
        if let Some(problem) = self.0 {
            problem.help = help();
        }
    }
}

impl Problems {
    /// Returns an empty list for the document called `document`.
    pub fn new(document: impl Into<String>) -> Self {
        Self {
            document: document.into(),
            ..Self::default()
        }
    }

    /// Returns the name of the document that problems are now reported for.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Reports something that makes the document unusable.
    pub fn error(
        &mut self,
        code: &'static str,
        place: Place,
        message: impl Into<String>,
    ) -> Reported<'_> {
        self.report(code, Severity::Error, place, message.into())
    }

    /// Reports something that was read the restrictive way.
    pub fn warning(
        &mut self,
        code: &'static str,
        place: Place,
        message: impl Into<String>,
    ) -> Reported<'_> {
        self.report(code, Severity::Warning, place, message.into())
    }

    /// Reports an assumption or a repair.
    pub fn note(
        &mut self,
        code: &'static str,
        place: Place,
        message: impl Into<String>,
    ) -> Reported<'_> {
        self.report(code, Severity::Note, place, message.into())
    }

    fn report(
        &mut self,
        code: &'static str,
        severity: Severity,
        place: Place,
        message: String,
    ) -> Reported<'_> {
        if severity == Severity::Error {
            self.errors += 1;
        }
        if self.items.len() >= PROBLEMS_MAX {
            self.left_out += 1;
            return Reported(None);
        }
        let document = self.document.clone();
        self.items.push(Problem {
            code,
            severity,
            document,
            place,
            message,
            help: None,
        });
        Reported(self.items.last_mut())
    }

    /// Takes over the problems of another document.
    pub fn append(&mut self, other: Problems) {
        self.errors += other.errors;
        self.left_out += other.left_out;
        for problem in other.items {
            if self.items.len() >= PROBLEMS_MAX {
                self.left_out += 1;
            } else {
                self.items.push(problem);
            }
        }
    }

    /// Says whether any document is unusable.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Returns the number of errors, those left out included.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Returns how many problems were found beyond [`PROBLEMS_MAX`] and not kept.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Says whether nothing at all was found.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns the number of problems kept.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Iterates over the problems in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.items.iter()
    }

    /// Orders the problems of each document by place, keeping documents in the order met.
    pub fn sort_by_place(&mut self) {
        self.located = self.items.len();
        let mut documents: Vec<String> = Vec::new();
        for problem in &self.items {
            if !documents.contains(&problem.document) {
                documents.push(problem.document.clone());
            }
        }
        self.items.sort_by_key(|problem| {
            let document = documents.iter().position(|name| *name == problem.document);
            let start = problem
                .place
                .span
                .as_ref()
                .map_or(usize::MAX, |span| span.start);
            (document, start, problem.severity)
        });
    }

    /// Takes the problems of a text into the document that the text stands in.
    pub fn within(mut self, text: &TextPlace) -> Self {
        for problem in &mut self.items {
            problem.document = text.provenance().document.to_string();
            problem.place = text.place_of(&problem.place);
        }
        self
    }

    /// Drops the byte spans, where what was read is not a text; pointers stay.
    pub(crate) fn forget_spans(&mut self) {
        for problem in &mut self.items {
            problem.place.span = None;
        }
    }

    /// Fills in line and column of the problems reported since the last call, where their span
    /// starts inside `text`.
    ///
    /// `text` is the part of the document that begins at `origin`. Costs one pass over `text`
    /// when there is anything to place, nothing otherwise.
    pub fn locate(&mut self, text: &[u8], origin: Origin) {
        let end = origin.offset.saturating_add(text.len());
        let mut open: Vec<(usize, &mut Problem)> = Vec::new();
        for problem in self.items.iter_mut().skip(self.located) {
            let Some(Range { start, .. }) = problem.place.span else {
                continue;
            };
            let here = problem.document == self.document && problem.place.line.is_none();
            if here && (origin.offset..=end).contains(&start) {
                open.push((start, problem));
            }
        }
        open.sort_by_key(|(start, _)| *start);
        let mut at = origin;
        for (start, problem) in open {
            let passed = text.get(at.offset - origin.offset..start - origin.offset);
            at.advance(passed.unwrap_or_default());
            problem.place.line = Some(at.line);
            problem.place.column = Some(at.column);
        }
        self.located = self.items.len();
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.items {
            writeln!(formatter, "{problem}")?;
        }
        match self.left_out {
            0 => Ok(()),
            count => writeln!(formatter, "and {count} more problems"),
        }
    }
}

/// A byte offset in a document together with its line and column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Bytes from the start of the document.
    pub offset: usize,
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

impl Origin {
    /// The first byte of a document.
    pub const START: Self = Self {
        offset: 0,
        line: 1,
        column: 1,
    };

    /// Moves past `bytes`, which begin at this offset.
    pub fn advance(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' {
                self.line = self.line.saturating_add(1);
                self.column = 1;
            } else if byte & 0b1100_0000 != 0b1000_0000 {
                self.column = self.column.saturating_add(1);
            }
        }
        self.offset = self.offset.saturating_add(bytes.len());
    }
}

/// The place in a document a record was read from; kept with the record so that an answer about
/// it can point into the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Name of the document.
    pub document: std::sync::Arc<str>,
    /// RFC 6901 pointer to the record.
    pub pointer: String,
    /// Where the record begins.
    pub start: Origin,
    /// Length of the record's text in bytes.
    pub length: usize,
}

impl Provenance {
    /// Returns the same place in the form problems use.
    pub fn place(&self) -> Place {
        Place {
            pointer: Some(self.pointer.clone()),
            span: Some(self.start.offset..self.start.offset.saturating_add(self.length)),
            line: Some(self.start.line),
            column: Some(self.start.column),
        }
    }

    /// Returns the provenance of something not read from any document, such as a test's record.
    pub fn none() -> Self {
        let document = std::sync::Arc::from("");
        Self {
            document,
            pointer: Path::Root.pointer(),
            start: Origin::START,
            length: 0,
        }
    }
}

/// Where a text that is itself checked stands in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPlace {
    /// Byte for byte, so that every place in the text is one of the document.
    Verbatim(Provenance),
    /// Written otherwise, such as with escapes: only the whole of it can be pointed at.
    Escaped(Provenance),
}

impl TextPlace {
    /// Returns where the whole text stands.
    pub fn provenance(&self) -> &Provenance {
        match self {
            Self::Verbatim(whole) | Self::Escaped(whole) => whole,
        }
    }

    /// Returns the place in the document of a place in the text.
    fn place_of(&self, inside: &Place) -> Place {
        let whole = self.provenance().place();
        let (Self::Verbatim(at), Some(span)) = (self, &inside.span) else {
            return whole;
        };
        let start = &at.start;
        let moved = |offset: usize| start.offset.saturating_add(offset);
        let line = inside.line.unwrap_or(1);
        let first = if line == 1 { start.column } else { 1 };
        let column = inside.column.unwrap_or(1);
        Place {
            span: Some(moved(span.start)..moved(span.end)),
            line: Some(start.line.saturating_add(line.saturating_sub(1))),
            column: Some(first.saturating_add(column.saturating_sub(1))),
            ..whole
        }
    }
}

/// Returns `text` between backticks, shortened, with every invisible character spelled out, so
/// that a message can repeat what a document says without being rewritten by it.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(EXCERPT_CHARACTERS_MAX) + 2);
    out.push('`');
    for (count, character) in text.chars().enumerate() {
        if count == EXCERPT_CHARACTERS_MAX {
            out.push('…');
            break;
        }
        if crate::characters::is_invisible(character) || character.is_control() {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out.push('`');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_not_bytes() {
        let text = "первая\nвторая строка\r\nx";
        let mut problems = Problems::new("a.toml");
        let inside = text.find("строка").unwrap_or_default();
        problems.error("one", Place::of_span(inside..inside + 1), "one");
        problems.error("two", Place::of_span(text.len() - 1..text.len()), "two");
        problems.locate(text.as_bytes(), Origin::START);
        let places: Vec<_> = problems
            .iter()
            .map(|p| (p.place.line, p.place.column))
            .collect();
        assert_eq!(places, [(Some(2), Some(8)), (Some(3), Some(1))]);
    }

    #[test]
    fn a_later_part_of_a_document_is_placed_from_its_own_origin() {
        let mut problems = Problems::new("a.geojson");
        problems.error("code", Place::of_span(105..106), "message");
        problems.locate(
            b"ab\ncd\nef",
            Origin {
                offset: 100,
                line: 7,
                column: 3,
            },
        );
        let placed = problems
            .iter()
            .next()
            .map(|p| (p.place.line, p.place.column));
        assert_eq!(placed, Some((Some(8), Some(3))));
    }

    #[test]
    fn problems_beyond_the_limit_are_counted() {
        let mut problems = Problems::new("a");
        for _ in 0..PROBLEMS_MAX + 7 {
            problems
                .error("code", Place::default(), "message")
                .help("help");
        }
        assert_eq!((problems.len(), problems.left_out()), (PROBLEMS_MAX, 7));
        assert_eq!(problems.errors(), PROBLEMS_MAX + 7);
    }

    #[test]
    fn an_excerpt_is_short_and_shows_what_is_invisible() {
        assert_eq!(quoted("a\u{202e}b\n"), "`a\\u{202e}b\\u{a}`");
        assert_eq!(
            quoted(&"x".repeat(500)).chars().count(),
            EXCERPT_CHARACTERS_MAX + 3
        );
    }
}
