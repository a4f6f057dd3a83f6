//! Sources of one message a line.

use std::io::{self, BufRead, Read};

use super::{LINE_BYTES_MAX, Message, Sink, Tally};

/// Reads every line and hands it to `message`; blank lines are nothing.
pub(super) fn each(
    input: &mut dyn BufRead,
    sink: &mut Sink<'_>,
    message: fn(&str, &mut Tally) -> Result<Message, String>,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut number = 0;
    while next(input, &mut bytes)? {
        number += 1;
        let line = match std::str::from_utf8(&bytes) {
            _ if bytes.len() > LINE_BYTES_MAX => Err(format!("longer than {LINE_BYTES_MAX} bytes")),
            Ok(line) => Ok(trimmed(line)),
            Err(_) => Err("not UTF-8".to_owned()),
        };
        match line {
            Ok("") => {}
            Ok(line) => {
                let read = message(line, sink.tally);
                sink.take(number, read);
            }
            Err(reason) => sink.take(number, Err(reason)),
        }
    }
    Ok(())
}

/// A line without blanks around it, and without the byte order mark that some programs begin a file with.
pub(super) fn trimmed(line: &str) -> &str {
    line.trim_start_matches('\u{feff}').trim()
}

/// Reads the next line, at most one byte more of it than is accepted; false at the end.
fn next(input: &mut dyn BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    let limit = LINE_BYTES_MAX as u64 + 1;
    if input.take(limit).read_until(b'\n', bytes)? == 0 {
        return Ok(false);
    }
    let cut_off = bytes.len() as u64 == limit && bytes.last() != Some(&b'\n');
    if cut_off {
        skip(input)?;
    }
    Ok(true)
}

/// Passes over the rest of a line without keeping it.
pub(super) fn skip(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let rest = input.fill_buf()?;
        let (passed, done) = match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (rest.len(), rest.is_empty()),
        };
        input.consume(passed);
        if done {
            return Ok(());
        }
    }
}
