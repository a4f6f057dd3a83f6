//! A byte stream that finds where JSON values end without reading them.

use std::io::{self, Read};
use std::ops::Range;

use detente_records::Origin;
use detente_records::document::NESTING_MAX;

/// How much is read at a time, in bytes.
const CHUNK: usize = 64 << 10;

/// Bytes of a document, a window at a time, with the origin of the next byte.
pub(super) struct Stream<'r> {
    input: &'r mut dyn Read,
    buffer: Vec<u8>,
    /// Index in `buffer` of the next byte.
    at: usize,
    origin: Origin,
    ended: bool,
    failure: Option<io::Error>,
    kept: Option<Vec<u8>>,
    kept_max: usize,
}

/// What was found where a value should be.
pub(super) enum Value {
    /// A value that fills these bytes of [`Stream::bytes`]; it still has to be passed.
    Whole(Range<usize>),
    /// A value larger than the limit; it has been passed.
    TooLarge {
        /// Where it began.
        start: Origin,
        /// Its length in bytes.
        length: usize,
    },
    /// A value whose end cannot be found.
    Broken {
        /// Where reading broke off.
        at: Origin,
        /// The closing bracket that does not fit, or nothing at the end of the document.
        found: Option<u8>,
    },
}

impl<'r> Stream<'r> {
    /// Begins a document. The first `kept_max` bytes are kept until [`Stream::forget`].
    pub(super) fn new(input: &'r mut dyn Read, kept_max: usize) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            at: 0,
            origin: Origin::START,
            ended: false,
            failure: None,
            kept: Some(Vec::new()),
            kept_max,
        }
    }

    /// Returns where the next byte stands.
    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    /// Returns why the input could not be read to its end, if so.
    pub(super) fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    /// Returns the bytes of a value found by [`Stream::value`].
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// Stops keeping the beginning of the document.
    pub(super) fn forget(&mut self) {
        self.kept = None;
    }

    /// Returns all bytes passed so far, if they were kept and not too many.
    pub(super) fn kept(&self) -> Option<&[u8]> {
        self.kept.as_deref()
    }

    /// Returns the next byte without passing it.
    pub(super) fn peek(&mut self) -> Option<u8> {
        if self.at == self.buffer.len() && !self.fill() {
            return None;
        }
        self.buffer.get(self.at).copied()
    }

    /// Returns the next `count` bytes, or as many as there are.
    pub(super) fn ahead(&mut self, count: usize) -> &[u8] {
        while self.buffer.len() - self.at < count && self.fill() {}
        let end = self.buffer.len().min(self.at + count);
        self.bytes(self.at..end)
    }

    /// Passes `count` bytes of the buffer.
    pub(super) fn pass(&mut self, count: usize) {
        let end = self.buffer.len().min(self.at + count);
        let passed = self.buffer.get(self.at..end).unwrap_or_default();
        self.origin.advance(passed);
        match &mut self.kept {
            Some(kept) if kept.len() + passed.len() <= self.kept_max => {
                kept.extend_from_slice(passed);
            }
            Some(_) => self.kept = None,
            None => {}
        }
        self.at = end;
    }

    /// Passes white space.
    pub(super) fn space(&mut self) {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            let blank = rest
                .iter()
                .take_while(|byte| b" \n\r\t".contains(byte))
                .count();
            let more = blank == rest.len();
            self.pass(blank);
            if !more || !self.fill() {
                return;
            }
        }
    }

    /// Finds the end of the value that begins at the next byte. Brackets and quotes are matched;
    /// nothing else is looked at.
    pub(super) fn value(&mut self, bytes_max: usize) -> Value {
        let start = self.origin;
        let mut scan = Scan::default();
        let mut length = 0;
        let mut large = false;
        loop {
            let rest = self.buffer.get(self.at + length..).unwrap_or_default();
            let (step, done) = scan.advance(rest);
            length += step;
            if let Some(Err(found)) = done {
                self.pass(length);
                return Value::Broken {
                    at: self.origin,
                    found: Some(found),
                };
            }
            if length > bytes_max || large {
                self.pass(length);
                length = 0;
                large = true;
            }
            if done.is_some() || (scan.is_scalar() && self.ended_after(length)) {
                let passed = self.origin.offset - start.offset;
                return match large {
                    true => Value::TooLarge {
                        start,
                        length: passed,
                    },
                    false => Value::Whole(self.at..self.at + length),
                };
            }
            if !self.fill() {
                self.pass(length);
                return Value::Broken {
                    at: self.origin,
                    found: None,
                };
            }
        }
    }

    /// Says whether the document ends `length` bytes on.
    fn ended_after(&mut self, length: usize) -> bool {
        self.at + length == self.buffer.len() && !self.fill()
    }

    /// Reads another chunk behind the buffer; returns whether there was anything.
    fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if self.at > 0 {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
        let filled = self.buffer.len();
        self.buffer.resize(filled + CHUNK, 0);
        let target = self.buffer.get_mut(filled..).unwrap_or_default();
        let read = loop {
            match self.input.read(target) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let count = match read {
            Ok(count) => count.min(CHUNK),
            Err(error) => {
                self.failure = Some(error);
                0
            }
        };
        self.buffer.truncate(filled + count);
        self.ended = count == 0;
        count > 0
    }
}

/// Where in a value the scan stands.
#[derive(Default)]
struct Scan {
    begun: bool,
    in_text: bool,
    escaped: bool,
    depth: usize,
    /// Closing brackets expected, innermost last; only as deep as documents may be nested.
    open: Vec<u8>,
}

impl Scan {
    /// Says whether the value is a number or a word, which nothing closes.
    fn is_scalar(&self) -> bool {
        self.begun && self.depth == 0 && !self.in_text
    }

    /// Takes `bytes` into account; returns how many belong to the value, and whether it ended
    /// there, or with which bracket that does not fit.
    fn advance(&mut self, bytes: &[u8]) -> (usize, Option<Result<(), u8>>) {
        for (index, byte) in bytes.iter().copied().enumerate() {
            if self.in_text {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.in_text = false;
                        if self.depth == 0 {
                            return (index + 1, Some(Ok(())));
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' if self.is_scalar() => return (index, Some(Ok(()))),
                b'"' => self.in_text = true,
                b'{' | b'[' => {
                    if self.is_scalar() {
                        return (index, Some(Ok(())));
                    }
                    self.depth += 1;
                    if self.open.len() < NESTING_MAX + 2 && self.depth == self.open.len() + 1 {
                        self.open.push(if byte == b'{' { b'}' } else { b']' });
                    }
                }
                b'}' | b']' => {
                    if self.depth == 0 {
                        return (index, Some(Ok(())));
                    }
                    if self.depth == self.open.len() && self.open.pop() != Some(byte) {
                        return (index, Some(Err(byte)));
                    }
                    self.depth -= 1;
                    if self.depth == 0 {
                        return (index + 1, Some(Ok(())));
                    }
                }
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' if self.is_scalar() => {
                    return (index, Some(Ok(())));
                }
                _ => {}
            }
            self.begun = true;
        }
        (bytes.len(), None)
    }
}
