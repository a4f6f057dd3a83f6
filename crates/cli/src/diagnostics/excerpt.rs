//! The piece of a document around a problem: one line, and of a long line only what is near.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::printable::printable_in_place;

/// Bytes of a line shown before the place meant.
const BEFORE: usize = 48;
/// Bytes of a line shown from the place meant on.
const AFTER: usize = 72;
/// What stands for the cut ends of a long line.
const CUT: &str = "…";

/// A piece of one line, with the part of it that is meant.
///
/// Read from the file when it is shown, so that a problem in a huge document costs as little as one in a small one.
#[derive(Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    label: Range<usize>,
    line: u32,
    column: u32,
}

impl Excerpt {
    /// Reads the piece of the file at `path` around `span`; `None` when the file has changed or gone.
    ///
    /// `line` and `column` are those of the start of the span, from 1.
    pub(super) fn read(
        name: &str,
        path: &Path,
        span: Range<usize>,
        line: u32,
        column: u32,
    ) -> Option<Self> {
        let start = span.start.saturating_sub(BEFORE);
        let mut file = File::open(path).ok()?;
        file.seek(SeekFrom::Start(u64::try_from(start).ok()?))
            .ok()?;
        let mut bytes = Vec::new();
        let wanted = span.start - start + AFTER;
        // One byte beyond tells whether the line goes on.
        file.take(u64::try_from(wanted).ok()? + 1)
            .read_to_end(&mut bytes)
            .ok()?;
        Some(Self::cut(name, &bytes, start, span, line, column))
    }

    /// Cuts the piece around `span` out of a whole text.
    pub(super) fn of(name: &str, text: &str, span: Range<usize>, line: u32, column: u32) -> Self {
        let start = text.floor_char_boundary(span.start.saturating_sub(BEFORE));
        let end = span.start.saturating_add(AFTER + 1).min(text.len());
        let bytes = text.as_bytes().get(start..end).unwrap_or_default();
        Self::cut(name, bytes, start, span, line, column)
    }

    /// Cuts the excerpt out of the bytes that begin at `start`.
    fn cut(
        name: &str,
        bytes: &[u8],
        start: usize,
        span: Range<usize>,
        line: u32,
        column: u32,
    ) -> Self {
        let at = (span.start - start).min(bytes.len());
        let (head, tail) = bytes.split_at(at);
        let from = head
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map(|newline| newline + 1);
        let until = tail.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let cut_head = from.is_none() && start > 0;
        let cut_tail = until.is_none() && tail.len() > AFTER;
        let head = whole_characters(head.get(from.unwrap_or(0)..).unwrap_or_default());
        let tail = whole_characters(
            tail.get(..until.unwrap_or(tail.len().min(AFTER)))
                .unwrap_or_default(),
        );
        let mut text = String::new();
        if cut_head {
            text.push_str(CUT);
        }
        text.push_str(&head);
        let label_start = text.len();
        text.push_str(&tail);
        if tail.is_empty() {
            // The end of a line can be meant too; something must stand there to be pointed at.
            text.push(' ');
        }
        let most = text.len() - label_start;
        let label_end = next_boundary(&text, label_start + span.len().clamp(1, most));
        if cut_tail {
            text.push_str(CUT);
        }
        Self {
            name: printable_in_place(name),
            text,
            label: label_start..label_end,
            line,
            column,
        }
    }

    /// Returns the part meant, in bytes of the excerpt.
    pub(super) fn label(&self) -> SourceSpan {
        SourceSpan::new(self.label.start.into(), self.label.len())
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        _span: &SourceSpan,
        _context_lines_before: usize,
        _context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (line, column) = (self.line.saturating_sub(1), self.column.saturating_sub(1));
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            self.text.as_bytes(),
            SourceSpan::new(0.into(), self.text.len()),
            usize::try_from(line).unwrap_or(usize::MAX),
            usize::try_from(column).unwrap_or(usize::MAX),
            1,
        )))
    }
}

/// Returns the bytes as text of the same length: whatever is no character, or acts on a terminal, is replaced.
fn whole_characters(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    printable_in_place(&text)
}

/// The first character boundary from `index` on.
fn next_boundary(text: &str, index: usize) -> usize {
    (index..=text.len())
        .find(|&index| text.is_char_boundary(index))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &[u8], span: Range<usize>) -> (String, String) {
        let start = span.start.saturating_sub(BEFORE);
        let end = text.len().min(span.start + AFTER + 1);
        let excerpt = Excerpt::cut("name", &text[start..end], start, span, 1, 1);
        (
            excerpt.text.clone(),
            excerpt.text[excerpt.label.clone()].to_owned(),
        )
    }

    #[test]
    fn a_short_line_is_shown_whole() {
        let text = b"first\nsecond line\nthird";
        assert_eq!(
            cut(text, 13..17),
            ("second line".to_owned(), "line".to_owned())
        );
    }

    #[test]
    fn a_span_over_several_lines_is_meant_by_its_first() {
        let text = b"{\n  \"a\": {\n    1\n  }\n}";
        assert_eq!(cut(text, 9..20), ("  \"a\": {".to_owned(), "{".to_owned()));
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides() {
        let text = vec![b'x'; 10_000_000];
        let (shown, label) = cut(&text, 5_000_000..5_000_004);
        assert_eq!(shown.len(), BEFORE + AFTER + 2 * CUT.len());
        assert_eq!(label, "xxxx");
    }

    #[test]
    fn bytes_that_are_no_text_keep_the_place() {
        let (shown, label) = cut(b"ab\xff\x1b[2Jcd", 7..9);
        assert_eq!((shown.as_str(), label.as_str()), ("ab??[2Jcd", "cd"));
        let (shown, label) = cut("Алеппо и Хама".as_bytes(), 3..4);
        assert_eq!(label.chars().count(), 1, "{shown}");
    }

    #[test]
    fn the_end_of_a_file_can_be_meant() {
        assert_eq!(
            cut(b"{\"a\":", 5..5),
            ("{\"a\": ".to_owned(), " ".to_owned())
        );
    }
}
