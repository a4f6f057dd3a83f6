//! Cutting an articles file into its statements, so that a fault in one does not hide the others.

use std::ops::Range;

/// Returns the bytes each statement fills, from its first annotation to its semicolon.
///
/// Comments and space around statements belong to none. What follows the last semicolon is a
/// statement too, for the parser to refuse, unless it is only comments and space.
pub(crate) fn statements(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut start: Option<usize> = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = end_of_line(bytes, at);
                continue;
            }
            b'"' => {
                start.get_or_insert(at);
                at = end_of_string(bytes, at);
                continue;
            }
            b';' => found.push(start.take().unwrap_or(at)..at + 1),
            byte if byte.is_ascii_whitespace() => {}
            _ => {
                start.get_or_insert(at);
            }
        }
        at += 1;
    }
    if let Some(start) = start {
        found.push(start..start + text.get(start..).unwrap_or_default().trim_end().len());
    }
    found
}

/// Returns the deepest nesting of brackets in `statement`, strings and comments left out.
pub(super) fn nesting(statement: &str) -> usize {
    let bytes = statement.as_bytes();
    let (mut at, mut depth, mut deepest) = (0, 0_usize, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = end_of_line(bytes, at);
                continue;
            }
            b'"' => {
                at = end_of_string(bytes, at);
                continue;
            }
            b'(' | b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    deepest
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |length| from + length)
}

/// Returns the place after the string that opens at `from`, or the end of the text.
fn end_of_string(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        statements(text)
            .into_iter()
            .map(|span| &text[span])
            .collect()
    }

    #[test]
    fn semicolons_in_strings_and_comments_end_nothing() {
        let text =
            "// a; b\n@title(\"x; \\\" y\")\npermit (principal); // c;\n\nforbid();  \n// end";
        assert_eq!(
            cut(text),
            ["@title(\"x; \\\" y\")\npermit (principal);", "forbid();"]
        );
    }

    #[test]
    fn an_unfinished_statement_is_kept_for_the_parser() {
        assert_eq!(cut("permit(); forbid(\"é\n"), ["permit();", "forbid(\"é"]);
        assert_eq!(cut("; ;"), [";", ";"]);
        assert_eq!(cut(" \n// only a comment"), Vec::<&str>::new());
    }

    #[test]
    fn nesting_counts_brackets_outside_strings() {
        assert_eq!(nesting("permit (a) when { (b && [\"((((\"]) };"), 3);
    }
}
