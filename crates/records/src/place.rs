//! Where in a document something stands: JSON pointer, bytes, line and column.

use std::fmt;
use std::ops::Range;

/// A place in a document.
///
/// `pointer` is an RFC 6901 JSON pointer (used for TOML documents in the same sense);
/// `span` counts bytes from the start of the document; `line` and `column` count from 1,
/// a column being one Unicode scalar value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// RFC 6901 pointer to the value, `""` being the whole document.
    pub pointer: Option<String>,
    /// Bytes of the document that are meant.
    pub span: Option<Range<usize>>,
    /// Line of the first byte, from 1.
    pub line: Option<u32>,
    /// Column of the first byte, in Unicode scalar values from 1.
    pub column: Option<u32>,
}

impl Place {
    /// Returns the place of the value at `path` that fills `span`; line and column come later,
    /// from [`crate::Problems::locate`].
    pub fn new(path: &Path<'_>, span: Range<usize>) -> Self {
        Self {
            pointer: Some(path.pointer()),
            span: Some(span),
            line: None,
            column: None,
        }
    }

    /// Returns the place of a bare span, where no value could be told apart.
    pub fn of_span(span: Range<usize>) -> Self {
        Self {
            span: Some(span),
            ..Self::default()
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(formatter, "line {line}, column {column}")?;
            separator = ", ";
        }
        match &self.pointer {
            Some(pointer) if !pointer.is_empty() => {
                write!(formatter, "{separator}at {}", pointer.escape_debug())
            }
            _ => Ok(()),
        }
    }
}

/// The way from the top of a document down to a value, kept on the stack while reading.
///
/// Costs nothing until [`Path::pointer`] is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The whole document.
    Root,
    /// The member of a table.
    Key(&'a Path<'a>, &'a str),
    /// The element of a list, from 0.
    Index(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    /// Returns the path of the member `key` below this path.
    pub fn key(&'a self, key: &'a str) -> Path<'a> {
        Path::Key(self, key)
    }

    /// Returns the path of element `index` below this path.
    pub fn index(&'a self, index: usize) -> Path<'a> {
        Path::Index(self, index)
    }

    /// Returns the path as an RFC 6901 pointer.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.write(&mut pointer);
        pointer
    }

    fn write(&self, pointer: &mut String) {
        match self {
            Path::Root => {}
            Path::Key(parent, key) => {
                parent.write(pointer);
                pointer.push('/');
                for character in key.chars() {
                    match character {
                        '~' => pointer.push_str("~0"),
                        '/' => pointer.push_str("~1"),
                        other => pointer.push(other),
                    }
                }
            }
            Path::Index(parent, index) => {
                parent.write(pointer);
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_escapes_what_rfc_6901_escapes() {
        let features = Path::Key(&Path::Root, "features");
        let third = features.index(3);
        assert_eq!(third.key("a/b~c").pointer(), "/features/3/a~1b~0c");
        assert_eq!(Path::Root.pointer(), "");
    }
}
