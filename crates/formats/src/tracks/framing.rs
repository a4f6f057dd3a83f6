//! Where a JSON document begins and ends in a row of them, found without reading it.
//!
//! Most of a document is looked at in blocks: which of their bytes are quotes, brackets or ends of lines becomes the bits of a
//! number, and what stands between quotes is left out of it at once. Blocks with anything unusual, and the last bytes that
//! came, are looked at byte by byte.
//! Source of the manner: Langdale and Lemire, "Parsing gigabytes of JSON per second" (2019), doi:10.1007/s00778-019-00578-5.

/// Bytes of a block: one for each bit of the widest number.
const BLOCK_BYTES: usize = 64;
/// So much behind a brace tells whether a document begins there.
const AHEAD_BYTES: usize = 16;
/// Of a line's ends so many are counted together as fit into a byte.
const COUNTED_BYTES: usize = 255;

/// The byte order mark that some programs begin a file of UTF-8 with: it says nothing.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Where in a document the bytes looked at end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Passing over the rest of a line that is no good.
    pub(super) skipping: bool,
}

/// What to do with the bytes looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// So many bytes are a line or a document.
    Whole(usize),
    /// So many bytes are no good.
    Bad(usize, &'static str),
    /// So many bytes tell nothing.
    Blank(usize),
    /// More has to come.
    More,
}

/// Finds the end of the JSON object that `rest` begins with.
///
/// # Cost
///
/// Linear in what was not looked at before.
pub(super) fn document(
    rest: &[u8],
    seen: &mut usize,
    is_end: bool,
    frame: &mut Frame,
    bytes_max: usize,
) -> Found {
    if frame.depth == 0
        && let Some(found) = beginning(rest, is_end, frame)
    {
        return found;
    }
    let mut place = *seen;
    while place < rest.len() {
        let block = rest.get(place..).and_then(<[u8]>::first_chunk);
        let looked = match block {
            Some(block) if !frame.escaped => frame.block(rest, block, place, is_end),
            _ => None,
        };
        let (passed, found) = match looked {
            Some(found) => (BLOCK_BYTES, found),
            None => frame.bytes(rest, place, is_end),
        };
        if let Some(found) = found {
            match found {
                Stopped::At(place) => {
                    *seen = place;
                    return Found::More;
                }
                Stopped::For(found) => {
                    *frame = Frame::default();
                    return found;
                }
            }
        }
        place += passed;
    }
    if rest.len() > bytes_max || is_end {
        *frame = Frame {
            skipping: true,
            ..Frame::default()
        };
        let reason = if is_end {
            "a document that breaks off"
        } else {
            "a document that is too large"
        };
        return Found::Bad(rest.len(), reason);
    }
    *seen = rest.len();
    Found::More
}

/// How many lines end in some bytes.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let count = |some: &[u8]| {
        some.iter().fold(0_u8, |count, byte| {
            count.wrapping_add(u8::from(*byte == b'\n'))
        })
    };
    bytes
        .chunks(COUNTED_BYTES)
        .map(|some| u64::from(count(some)))
        .sum()
}

/// What stands before a document.
fn beginning(rest: &[u8], is_end: bool, frame: &mut Frame) -> Option<Found> {
    let blank = rest
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    if blank > 0 && !frame.skipping {
        return Some(Found::Blank(blank));
    }
    if !frame.skipping && rest.starts_with(MARK) {
        return Some(Found::Blank(MARK.len()));
    }
    if !frame.skipping && !is_end && MARK.starts_with(rest) {
        return Some(Found::More);
    }
    if !frame.skipping && rest.first() == Some(&b'{') {
        return None;
    }
    let end = rest.iter().position(|byte| *byte == b'\n');
    let length = end.map_or(rest.len(), |end| end + 1);
    let told = std::mem::replace(&mut frame.skipping, end.is_none());
    Some(if told {
        Found::Blank(length)
    } else {
        Found::Bad(length, "not the beginning of a document")
    })
}

/// Why looking stops.
enum Stopped {
    /// Because of what was found.
    For(Found),
    /// Because what comes behind this place has to be known first.
    At(usize),
}

impl Frame {
    /// Looks at a block; none when it has to be looked at byte by byte, and then nothing has changed.
    fn block(
        &mut self,
        rest: &[u8],
        block: &[u8; BLOCK_BYTES],
        place: usize,
        is_end: bool,
    ) -> Option<Option<Stopped>> {
        let holds = |wanted: u8| {
            let found = block
                .iter()
                .fold(0_u8, |found, byte| found | u8::from(*byte == wanted));
            found != 0
        };
        if holds(b'\\') {
            return None;
        }
        let before = if self.in_string { !0 } else { 0 };
        let in_string = within(bits(block, |byte| byte == b'"')) ^ before;
        if holds(b'\n') && bits(block, |byte| byte == b'\n') & in_string != 0 {
            return None;
        }
        // Brackets and braces, and a few bytes that stand in no document outside of strings.
        let mut brackets = bits(block, |byte| byte | 0x26 == 0x7f) & !in_string;
        // No bracket that is looked at is in a string, so that where looking stops the frame is as it is there.
        self.in_string = false;
        while brackets != 0 {
            let at = place + brackets.trailing_zeros() as usize;
            if let Some(stopped) = self.bracket(rest, at, is_end) {
                return Some(Some(stopped));
            }
            brackets &= brackets.wrapping_sub(1);
        }
        self.in_string = in_string >> (BLOCK_BYTES - 1) != 0;
        Some(None)
    }

    /// Looks at the bytes of a block, or at those that came, one by one: how many, and whether looking stops in them.
    fn bytes(&mut self, rest: &[u8], place: usize, is_end: bool) -> (usize, Option<Stopped>) {
        let bytes = rest.get(place..).unwrap_or_default();
        let bytes = bytes.get(..BLOCK_BYTES).unwrap_or(bytes);
        for (byte, at) in bytes.iter().zip(place..) {
            match byte {
                b'\n' if self.in_string => {
                    let found = Found::Bad(at + 1, "a document that breaks off");
                    return (0, Some(Stopped::For(found)));
                }
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' | b'}' | b']' => {
                    if let Some(stopped) = self.bracket(rest, at, is_end) {
                        return (0, Some(stopped));
                    }
                }
                _ => {}
            }
        }
        (bytes.len(), None)
    }

    /// Takes a bracket or brace that is in no string.
    fn bracket(&mut self, rest: &[u8], place: usize, is_end: bool) -> Option<Stopped> {
        match rest.get(place)? {
            b'{' if self.depth > 0 && begins_line(rest, place) => {
                let ahead = rest.get(place + 1..).unwrap_or_default();
                if ahead.len() < AHEAD_BYTES && !is_end {
                    return Some(Stopped::At(place));
                }
                if begins_document(ahead) {
                    let found = Found::Bad(place, "a document that breaks off");
                    return Some(Stopped::For(found));
                }
                self.depth += 1;
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 {
                    return Some(Stopped::For(Found::Whole(place + 1)));
                }
            }
            _ => {}
        }
        None
    }
}

/// A bit for each byte of a block that is something.
fn bits(block: &[u8; BLOCK_BYTES], is: impl Fn(u8) -> bool) -> u64 {
    /// Moves the lowest bits of eight bytes beside each other, into the highest byte.
    const TOGETHER: u64 = 0x0102_0408_1020_4080;
    let mut hits = [0_u8; BLOCK_BYTES];
    for (hit, byte) in hits.iter_mut().zip(block) {
        *hit = u8::from(is(*byte));
    }
    let eights = hits.as_chunks::<8>().0.iter();
    eights.rev().fold(0, |bits, eight| {
        (bits << 8) | (u64::from_le_bytes(*eight).wrapping_mul(TOGETHER) >> 56)
    })
}

/// From each odd bit to before the next: of quotes, what stands between them, with those that open.
fn within(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// Whether nothing but blanks stands before a place on its line.
fn begins_line(rest: &[u8], place: usize) -> bool {
    let before = rest.get(..place).unwrap_or_default();
    let mut before = before
        .iter()
        .rev()
        .skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
    before.next() == Some(&b'\n')
}

/// Whether a brace is followed by the first key of a snapshot rather than of something inside one.
fn begins_document(ahead: &[u8]) -> bool {
    let ahead = ahead.trim_ascii_start();
    [&b"\"now\""[..], b"\"time\"", b"\"ac\""]
        .iter()
        .any(|key| ahead.starts_with(key))
}
