//! Sources of JSON documents, one behind the other: where each begins and ends, without reading it.

use std::io::{self, BufRead, Read as _};

use super::{
    DOCUMENT_BYTES_MAX, Sink, TrackFormat,
    framing::{Found, Frame, document, line_ends},
    opensky, readsb,
};

/// Bytes read at once: as much as a file is buffered by, so that they come here without a stay there.
const READ_BYTES: u64 = 1 << 20;

/// What comes next in a source.
#[derive(Debug)]
pub(super) enum Next {
    /// A document, and the line it begins in.
    Document(Vec<u8>, u64),
    /// Something that is none, in which line, and why.
    Refused(u64, &'static str),
}

/// The documents of a source; behind one that breaks off, the next that begins a line.
#[derive(Debug, Default)]
pub(super) struct Documents {
    kept: Vec<u8>,
    /// How much of it was taken.
    taken: usize,
    /// How much behind that was looked at.
    seen: usize,
    /// Lines that ended in what was taken.
    lines: u64,
    frame: Frame,
    is_end: bool,
}

impl Documents {
    /// What comes next, reading on as far as it takes; none at the end.
    pub(super) fn next(&mut self, input: &mut dyn BufRead) -> io::Result<Option<Next>> {
        loop {
            let rest = self.kept.get(self.taken..).unwrap_or_default();
            let found = if rest.is_empty() {
                Found::More
            } else {
                let most = DOCUMENT_BYTES_MAX as usize;
                document(rest, &mut self.seen, self.is_end, &mut self.frame, most)
            };
            let line = self.lines + 1;
            match found {
                Found::Whole(length) => {
                    return Ok(Some(Next::Document(self.cut(length), line)));
                }
                Found::Bad(length, reason) => {
                    self.pass(length);
                    return Ok(Some(Next::Refused(line, reason)));
                }
                Found::Blank(length) => self.pass(length),
                Found::More if self.is_end => return Ok(None),
                Found::More => self.read(input)?,
            }
        }
    }

    /// Takes a document out; of it and what came behind it, what is shorter is copied.
    fn cut(&mut self, length: usize) -> Vec<u8> {
        let (begin, end) = (self.taken, self.taken + length);
        self.pass(length);
        if begin > 0 || length < self.kept.len() - end {
            return self.kept.get(begin..end).unwrap_or_default().to_vec();
        }
        self.taken = 0;
        let behind = self.kept.split_off(end);
        std::mem::replace(&mut self.kept, behind)
    }

    fn pass(&mut self, length: usize) {
        let passed = self.kept.get(self.taken..self.taken + length);
        self.lines += line_ends(passed.unwrap_or_default());
        self.taken += length;
        self.seen = 0;
    }

    fn read(&mut self, input: &mut dyn BufRead) -> io::Result<()> {
        if self.taken > 0 {
            self.kept.drain(..self.taken);
            self.taken = 0;
        }
        let length = input.take(READ_BYTES).read_to_end(&mut self.kept)?;
        self.is_end = length == 0;
        Ok(())
    }
}

/// Reads every document of a source.
pub(super) fn each(
    format: TrackFormat,
    input: &mut dyn BufRead,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    let mut documents = Documents::default();
    while let Some(next) = documents.next(input)? {
        take(format, next, sink);
    }
    Ok(())
}

/// Reads one document.
pub(super) fn take(format: TrackFormat, next: Next, sink: &mut Sink<'_>) {
    match next {
        Next::Document(bytes, line) if format == TrackFormat::OpenSky => {
            opensky::answer(&bytes, line, sink);
        }
        Next::Document(bytes, line) => readsb::snapshot(&bytes, line, sink),
        Next::Refused(line, reason) => sink.take(line, Err(reason.to_owned())),
    }
}
