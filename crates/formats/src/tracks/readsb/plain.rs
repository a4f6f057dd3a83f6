//! Snapshots as receivers write them, read without a general reader of JSON.
//!
//! A receiver says some forty things of an aircraft, of which seven are read: the others are passed over eight bytes at a time.
//! What is read here is what the general reader reads, to the last bit of every number. Whatever is unusual, such as an escape
//! or anything wrong, is left to it whole, so that it alone decides what is refused and in which words.

use std::borrow::Cow;

use super::{Entry, Key, SHORT_BYTES, Snapshot, Told};

/// Arrays and objects in each other that are passed over here; deeper ones are none of a receiver.
const DEEP_MAX: u32 = 8;
/// Bytes of an aircraft as most receivers write it, at least: how many there may be in a document.
const ENTRY_BYTES: usize = 384;
/// Digits of which every whole number is exact in the form IEEE 754 binary64: a number with as many, divided by a power of ten
/// that is exact as well, is rounded once and so correctly. What has more digits is left to the general reader.
const DIGITS_MAX: usize = 15;
/// The powers of ten of as many decimals as a word holds.
const TENS: [u64; WORD_BYTES + 1] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// Bytes of a word.
const WORD_BYTES: usize = 8;
/// Words of the longest key that is known again, with its quotes, colon and blanks: `"nav_altitude_mcp":`.
const KEY_WORDS: usize = 3;
/// Keys that are known again: a receiver writes some forty different ones.
const KEYS_MAX: usize = 64;
/// A word of ones, of which every other is a multiple.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of every byte.
const HIGHEST: u64 = 0x80 * ONES;
const QUOTES: u64 = b'"' as u64 * ONES;
const BACKSLASHES: u64 = b'\\' as u64 * ONES;
const DIGITS: u64 = b'0' as u64 * ONES;

const NOW: u64 = word_of(b"now");
const AIRCRAFT: u64 = word_of(b"aircraft");
const AC: u64 = word_of(b"ac");
const HEX: u64 = word_of(b"hex");
const LAT: u64 = word_of(b"lat");
const LON: u64 = word_of(b"lon");
const SEEN_POS: u64 = word_of(b"seen_pos");
const ALT_BARO: u64 = word_of(b"alt_baro");
const ALTITUDE: u64 = word_of(b"altitude");
const ALT_GEOM: u64 = word_of(b"alt_geom");

/// Reads a document; none when it is left to the general reader.
pub(super) fn snapshot(bytes: &[u8]) -> Option<Snapshot<'_>> {
    let mut scan = Scan {
        bytes,
        place: 0,
        keys: Keys::default(),
    };
    let mut snapshot = Snapshot::default();
    scan.blanks();
    scan.members(|scan, key| {
        match key {
            Key::Now => snapshot.now = scan.told()?,
            Key::Aircraft => {
                // Said again, it takes the place of what was said before.
                let before = snapshot.aircraft.take();
                snapshot.aircraft = Some(scan.aircraft(before)?);
            }
            key => match snapshot.itself.slot(key) {
                Some(slot) => *slot = scan.told()?,
                None => scan.pass(DEEP_MAX)?,
            },
        }
        Some(())
    })?;
    scan.blanks();
    (scan.place == bytes.len()).then_some(snapshot)
}

/// A document, and how much of it was read.
struct Scan<'a> {
    bytes: &'a [u8],
    place: usize,
    keys: Keys,
}

impl<'a> Scan<'a> {
    /// The next byte; at the end one that begins and ends nothing.
    fn peek(&self) -> u8 {
        self.bytes.get(self.place).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\t' | b'\r') {
            self.place += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek() == byte).then(|| self.place += 1)
    }

    /// The next eight bytes, the first lowest; zeros behind the end.
    fn word(&self, place: usize) -> u64 {
        let rest = self.bytes.get(place..).unwrap_or_default();
        match rest.first_chunk::<WORD_BYTES>() {
            Some(eight) => u64::from_le_bytes(*eight),
            None => last_word(rest),
        }
    }

    /// The members of the object that comes next, each with its key in front of its value.
    fn members(&mut self, mut each: impl FnMut(&mut Self, Key) -> Option<()>) -> Option<()> {
        self.expect(b'{')?;
        self.blanks();
        if self.expect(b'}').is_some() {
            return Some(());
        }
        loop {
            let key = match self.known_key() {
                Some(key) => key,
                None => self.key()?,
            };
            each(self, key)?;
            self.blanks();
            if self.expect(b',').is_none() {
                return self.expect(b'}');
            }
            self.blanks();
        }
    }

    /// The elements of the array that comes next.
    fn elements(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'[')?;
        self.blanks();
        if self.expect(b']').is_some() {
            return Some(());
        }
        loop {
            each(self)?;
            self.blanks();
            if self.expect(b',').is_none() {
                return self.expect(b']');
            }
            self.blanks();
        }
    }

    fn aircraft(&mut self, before: Option<Vec<Entry<'a>>>) -> Option<Vec<Entry<'a>>> {
        let rest = self.bytes.len().saturating_sub(self.place);
        let mut entries = before.unwrap_or_else(|| Vec::with_capacity(rest / ENTRY_BYTES));
        entries.clear();
        self.elements(|scan| {
            let mut entry = Entry::default();
            scan.members(|scan, key| {
                match entry.slot(key) {
                    Some(slot) => *slot = scan.told()?,
                    None => scan.pass(DEEP_MAX)?,
                }
                Some(())
            })?;
            entries.push(entry);
            Some(())
        })?;
        Some(entries)
    }

    /// Which key comes next, if it is one that came after the last one before.
    #[inline(always)]
    fn known_key(&mut self) -> Option<Key> {
        let rest = self.bytes.get(self.place..)?;
        let (length, key) = self.keys.next(words(rest.first_chunk()?))?;
        self.place += length;
        self.blanks();
        Some(key)
    }

    /// Which key comes next, with all that stands between it and its value: those that are read have eight letters at most.
    #[inline(never)]
    fn key(&mut self) -> Option<Key> {
        let begin = self.place;
        let length = self.text()?.len();
        let key = match self.word(begin + 1) & low_bytes(length.min(WORD_BYTES)) {
            _ if length > WORD_BYTES => Key::Other,
            NOW => Key::Now,
            AIRCRAFT | AC => Key::Aircraft,
            HEX => Key::Hex,
            LAT => Key::Lat,
            LON => Key::Lon,
            SEEN_POS => Key::SeenPos,
            ALT_BARO => Key::AltBaro,
            ALTITUDE => Key::Altitude,
            ALT_GEOM => Key::AltGeom,
            _ => Key::Other,
        };
        self.blanks();
        self.expect(b':')?;
        self.blanks();
        self.keys.keep(key, self.bytes.get(begin..self.place)?);
        Some(key)
    }

    /// The text that comes next, if it is ASCII as it stands.
    fn text(&mut self) -> Option<&'a [u8]> {
        self.string(HIGHEST)
    }

    /// Passes over the string that comes next, and gives what is in it: no escapes, no control characters, and no byte with
    /// one of the bits of `refused`.
    fn string(&mut self, refused: u64) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let begin = self.place;
        loop {
            let word = self.word(self.place);
            let quotes = zeros(word ^ QUOTES);
            let controls = word.wrapping_sub(0x20 * ONES) & !word & HIGHEST;
            let unusual = controls | zeros(word ^ BACKSLASHES) | (word & refused);
            // Bits above the lowest may be of no meaning, but not those up to the lowest.
            let before = quotes ^ quotes.wrapping_sub(1);
            if unusual & before != 0 {
                return None;
            }
            if quotes != 0 {
                let end = self.place + first(quotes);
                self.place = end + 1;
                return self.bytes.get(begin..end);
            }
            self.place += WORD_BYTES;
        }
    }

    /// The value that comes next, of which something is read.
    fn told(&mut self) -> Option<Told<'a>> {
        match self.peek() {
            b'"' => {
                let begin = self.place + 1;
                let text = self.text()?;
                let first = self.bytes.get(begin..).and_then(<[u8]>::first_chunk);
                Some(match (first, u8::try_from(text.len())) {
                    // What stands behind it is copied along, and not looked at.
                    (Some(bytes), Ok(length)) if text.len() <= SHORT_BYTES => Told::Short {
                        bytes: *bytes,
                        length,
                    },
                    _ => Told::Text(Cow::Borrowed(std::str::from_utf8(text).ok()?)),
                })
            }
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.pass(DEEP_MAX).map(|()| Told::Other),
        }
    }

    /// Passes over the value that comes next.
    fn pass(&mut self, deep: u32) -> Option<()> {
        match self.peek() {
            b'"' => self.string(0).map(drop),
            b'-' | b'0'..=b'9' => self.numeral().map(drop),
            b'[' if deep > 0 => self.elements(|scan| scan.pass(deep - 1)),
            b'{' if deep > 0 => self.members(|scan, _| scan.pass(deep - 1)),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => None,
        }
    }

    fn literal(&mut self, word: &[u8]) -> Option<()> {
        let rest = self.bytes.get(self.place..)?;
        rest.starts_with(word).then(|| self.place += word.len())
    }

    /// The number that comes next.
    fn number(&mut self) -> Option<Told<'a>> {
        let begin = self.place;
        let Numeral {
            is_negative,
            whole,
            decimals,
            has_exponent,
        } = self.numeral()?;
        let is_short = whole.length.max(decimals.length) <= WORD_BYTES
            && whole.length + decimals.length <= DIGITS_MAX;
        if has_exponent || !is_short {
            return serde_json::from_slice(self.bytes.get(begin..self.place)?).ok();
        }
        let ten = *TENS.get(decimals.length)?;
        let digits = self.value(whole) * ten + self.value(decimals);
        // Of a whole number the division by one changes nothing.
        let number = digits as f64 / ten as f64;
        Some(Told::Number(if is_negative { -number } else { number }))
    }

    /// Passes over the number that comes next and says where its parts are.
    #[inline(always)]
    fn numeral(&mut self) -> Option<Numeral> {
        let is_negative = self.expect(b'-').is_some();
        let begin = self.place;
        let word = self.word(begin);
        let others = not_digits(word);
        let whole = first(others);
        let after = byte_of(word, whole);
        if whole == 0 || (whole > 1 && byte_of(word, 0) == b'0') {
            return None;
        }
        // Most numbers are in one word, with what comes behind them.
        let more = others & others.wrapping_sub(1);
        let (end, decimals) = match after {
            b'.' => (first(more), first(more).wrapping_sub(whole + 1)),
            _ => (whole, 0),
        };
        let is_whole = end < WORD_BYTES && !matches!(byte_of(word, end), b'e' | b'E' | b'.');
        if !is_whole {
            return self.long_numeral(is_negative);
        }
        self.place = begin + end;
        (end != whole + 1).then_some(Numeral {
            is_negative,
            whole: Run {
                begin,
                length: whole,
            },
            decimals: Run {
                begin: begin + whole + 1,
                length: decimals,
            },
            has_exponent: false,
        })
    }

    /// Passes over the rest of any number, from behind its sign.
    #[inline(never)]
    fn long_numeral(&mut self, is_negative: bool) -> Option<Numeral> {
        let is_zero = self.peek() == b'0';
        let whole = self.digits()?;
        if is_zero && whole.length > 1 {
            return None;
        }
        let decimals = match self.expect(b'.') {
            Some(()) => self.digits()?,
            None => Run::default(),
        };
        let has_exponent = matches!(self.peek(), b'e' | b'E');
        if has_exponent {
            self.place += 1;
            self.place += usize::from(matches!(self.peek(), b'+' | b'-'));
            self.digits()?;
        }
        Some(Numeral {
            is_negative,
            whole,
            decimals,
            has_exponent,
        })
    }

    /// Passes over the digits that come next, at least one.
    fn digits(&mut self) -> Option<Run> {
        let begin = self.place;
        loop {
            let others = not_digits(self.word(self.place));
            if others != 0 {
                self.place += first(others);
                let length = self.place - begin;
                return (length > 0).then_some(Run { begin, length });
            }
            self.place += WORD_BYTES;
        }
    }

    /// What a run of digits says, of which a word holds all.
    fn value(&self, run: Run) -> u64 {
        if run.length == 0 {
            return 0;
        }
        // As if zeros stood before them.
        let digits = (self.word(run.begin) ^ DIGITS) << (8 * (WORD_BYTES - run.length));
        value_of_eight(digits)
    }
}

/// A number as it is written.
struct Numeral {
    is_negative: bool,
    whole: Run,
    decimals: Run,
    has_exponent: bool,
}

/// Digits beside each other.
#[derive(Clone, Copy, Default)]
struct Run {
    begin: usize,
    length: usize,
}

/// Keys as they were written, each with all that stands between it and its value, and which one came next.
///
/// A receiver says the same of every aircraft in the same order, or leaves some of it out: comparing words with what is expected
/// costs less than reading every key again.
#[derive(Default)]
struct Keys {
    known: Vec<Known>,
    last: usize,
}

/// One of them.
struct Known {
    words: [u64; KEY_WORDS],
    /// Which bytes of the words it has.
    mask: [u64; KEY_WORDS],
    length: usize,
    key: Key,
    /// The one that came next.
    next: usize,
}

impl Keys {
    /// The one that some bytes begin with, if it is one of the next two.
    #[inline(always)]
    fn next(&mut self, words: [u64; KEY_WORDS]) -> Option<(usize, Key)> {
        let mut place = self.known.get(self.last)?.next;
        for _ in 0..2 {
            let known = self.known.get(place)?;
            let [first, second, third] = known.mask;
            let differs = (words[0] & first ^ known.words[0])
                | (words[1] & second ^ known.words[1])
                | (words[2] & third ^ known.words[2]);
            if differs == 0 {
                self.last = place;
                return Some((known.length, known.key));
            }
            place = known.next;
        }
        None
    }

    /// Keeps how a key is written, and behind which it came.
    fn keep(&mut self, key: Key, written: &[u8]) {
        let mut bytes = [0; KEY_WORDS * WORD_BYTES];
        let Some(begin) = bytes.get_mut(..written.len()) else {
            return;
        };
        begin.copy_from_slice(written);
        let words = words(&bytes);
        let same = |known: &Known| known.length == written.len() && known.words == words;
        let place = match self.known.iter().position(same) {
            Some(place) => place,
            None if self.known.len() == KEYS_MAX => return,
            None => {
                let left = |place: usize| written.len().saturating_sub(place * WORD_BYTES);
                self.known.push(Known {
                    words,
                    mask: [0, 1, 2].map(|place| low_bytes(left(place).min(WORD_BYTES))),
                    length: written.len(),
                    key,
                    next: 0,
                });
                self.known.len() - 1
            }
        };
        if let Some(last) = self.known.get_mut(self.last) {
            last.next = place;
        }
        self.last = place;
    }
}

/// Bytes as words, the first lowest.
fn words(bytes: &[u8; KEY_WORDS * WORD_BYTES]) -> [u64; KEY_WORDS] {
    let mut words = [0; KEY_WORDS];
    for (word, eight) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*eight);
    }
    words
}

/// The word that a document ends with, zeros behind it.
#[cold]
#[inline(never)]
fn last_word(rest: &[u8]) -> u64 {
    let mut eight = [0; WORD_BYTES];
    for (byte, of) in eight.iter_mut().zip(rest) {
        *byte = *of;
    }
    u64::from_le_bytes(eight)
}

/// A byte of a word; zero behind its end.
fn byte_of(word: u64, place: usize) -> u8 {
    word.checked_shr(8 * place as u32).unwrap_or(0) as u8
}

/// A key as a word.
const fn word_of(key: &[u8]) -> u64 {
    let (mut word, mut place) = (0, key.len());
    while place > 0 {
        place -= 1;
        word = (word << 8) | key[place] as u64;
    }
    word
}

/// A word of which so many of the first bytes are all ones.
fn low_bytes(count: usize) -> u64 {
    match count {
        0 => 0,
        count => !0 >> (8 * (WORD_BYTES - count)),
    }
}

/// The highest bit of the first byte that is zero; those above it may be of no meaning.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHEST
}

/// The highest bit of every byte that is no digit.
fn not_digits(word: u64) -> u64 {
    let digits = word ^ DIGITS;
    // The highest bits are kept apart, so that no byte carries into the next.
    ((digits & !HIGHEST).wrapping_add((0x80 - 10) * ONES) | digits) & HIGHEST
}

/// Which byte of a word has the lowest bit of some.
fn first(bits: u64) -> usize {
    bits.trailing_zeros() as usize / 8
}

/// What eight decimal digits say, each the value of a byte, the first lowest: pairs, fours, and all of them at once.
///
/// Source: Lemire, "Number parsing at a gigabyte per second" (2021), doi:10.1002/spe.2984.
fn value_of_eight(digits: u64) -> u64 {
    const PAIRS: u64 = 0x0000_00ff_0000_00ff;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let odd = (pairs & PAIRS).wrapping_mul(100 + (1_000_000 << 32));
    let even = ((pairs >> 16) & PAIRS).wrapping_mul(1 + (10_000 << 32));
    odd.wrapping_add(even) >> 32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the general reader says, and what is said here, as it prints: a number prints so that it is the same again.
    fn both(document: &str) -> (Option<String>, Option<String>) {
        let general = serde_json::from_slice::<Snapshot<'_>>(document.as_bytes());
        let shown = |snapshot: Snapshot<'_>| format!("{snapshot:?}");
        (
            general.ok().map(shown),
            snapshot(document.as_bytes()).map(shown),
        )
    }

    /// Numbers as receivers and others write them, and what is none.
    fn number() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => "-?(0|[1-9][0-9]{0,5})([.][0-9]{1,9})?",
            2 => "-?(0|[1-9][0-9]{0,20})([.][0-9]{1,22})?([eE][-+]?[0-9]{1,3})?",
            1 => "[-+]?[0-9.eE]{1,9}",
        ]
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => "\"[ -!#-\\[\\]-~]{0,20}\"",
            1 => "\"ground\"",
            1 => "\"[ -~\u{0}\t\né€]{0,12}\"",
        ]
    }

    fn scalar() -> impl Strategy<Value = String> {
        prop_oneof![
            6 => number(),
            4 => text(),
            1 => Just("null".to_owned()),
            1 => Just("true".to_owned()),
            1 => Just("false".to_owned()),
            1 => "[a-z]{1,5}",
        ]
    }

    fn key() -> impl Strategy<Value = String> {
        let known = [
            "now",
            "aircraft",
            "hex",
            "lat",
            "lon",
            "seen_pos",
            "alt_baro",
            "altitude",
            "alt_geom",
            "nav_altitude_mcp",
            "r",
            "rssi",
            "mlat",
            "a_key_that_is_longer_than_any_other",
            "",
        ];
        prop_oneof![
            20 => proptest::sample::select(known.to_vec()).prop_map(|key| format!("\"{key}\"")),
            1 => text(),
        ]
    }

    fn blank() -> impl Strategy<Value = &'static str> {
        prop_oneof![12 => Just(""), 1 => Just(" "), 1 => Just("\n  "), 1 => Just("\t\r")]
    }

    fn object(value: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
        let member = (blank(), key(), blank(), blank(), value, blank());
        let member =
            member.prop_map(|(a, key, b, c, value, d)| format!("{a}{key}{b}:{c}{value}{d}"));
        let members = proptest::collection::vec(member, 0..most);
        members.prop_map(|members| format!("{{{}}}", members.join(",")))
    }

    fn array(value: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
        proptest::collection::vec((blank(), value), 0..most).prop_map(|values| {
            let values: Vec<String> = values
                .into_iter()
                .map(|(a, value)| a.to_owned() + &value)
                .collect();
            format!("[{}]", values.join(","))
        })
    }

    fn value() -> impl Strategy<Value = String> {
        let value = scalar().prop_recursive(4, 12, 4, |inner| {
            prop_oneof![array(inner.clone(), 4), object(inner, 4)]
        });
        prop_oneof![6 => scalar(), 1 => value]
    }

    fn document() -> impl Strategy<Value = String> {
        let aircraft =
            array(object(value(), 12), 6).prop_map(|list| format!("\"aircraft\":{list}"));
        let document = (object(value(), 4), aircraft, blank(), 0_usize..40);
        document.prop_map(|(object, aircraft, blank, cut)| {
            let members = object.trim_start_matches('{');
            let comma = if members.starts_with('}') { "" } else { "," };
            let mut document = format!("{{{aircraft}{comma}{members}{blank}");
            if cut == 0 {
                document.pop();
            }
            document
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_read_is_what_the_general_reader_reads(document in document()) {
            let (general, plain) = both(&document);
            if plain.is_some() {
                prop_assert_eq!(plain, general);
            }
        }

        #[test]
        fn every_number_is_the_same_to_its_last_bit(number in number()) {
            let (general, plain) = both(&format!("{{\"lat\":{number},\"aircraft\":[{{\"lon\": {number}}}]}}"));
            prop_assert_eq!(plain, general);
        }
    }

    #[test]
    fn what_receivers_write_is_left_to_nobody() {
        let nothing_else = [
            include_str!(
                "../../../../../scenarios/syria-2016/tracks/readsb/aircraft-20160918T070000Z.json"
            ),
            "{ \"now\" : 1474182000.123,\n  \"messages\" : 9,\n  \"aircraft\" : [\n\
             {\"hex\":\"~a00001\",\"flight\":\"MADE1   \",\"alt_baro\":\"ground\",\"gs\":0.0,\"mlat\":[\"lat\",\"lon\"],\"tisb\":[],\
             \"lat\":-36.490001,\"lon\":40.700000,\"lastPosition\":{\"lat\":36.1,\"nic\":8,\"of\":[[],{}]},\"spi\":true,\"rssi\":-49.5},\n\
             {\"hex\":\"~a00002\",\"flight\":\"MADE2   \",\"lat\":36.49,\"rssi\":-0}\n  ]\n}\n",
            "{\"now\":1474182010.5,\"hex\":\"~a00001\",\"lat\":36.123456789012345,\"lon\":4.07e1,\"aircraft\":[],\"aircraft\":[{}]}",
            "{}",
        ];
        for document in nothing_else {
            let (general, plain) = both(document);
            assert!(general.is_some(), "{document}");
            assert_eq!(plain, general);
        }
    }

    #[test]
    fn what_is_wrong_or_unusual_is_left_to_the_general_reader() {
        for document in [
            "",
            "{",
            "[]",
            "{\"now\":1} x",
            "{\"now\":01}",
            "{\"now\":1.}",
            "{\"now\":-}",
            "{\"now\":.5}",
            "{\"now\":1e}",
            "{\"now\":1e999}",
            "{\"now\":1,}",
            "{\"now\" 1}",
            "{\"now\":tru}",
            "{\"now\":\"\\u0041\"}",
            "{\"n\\u006fw\":1}",
            "{\"aircraft\":{}}",
            "{\"aircraft\":[1]}",
            "{\"aircraft\":[{}",
            "{\"hex\":\"\u{e9}\"}",
            "{\"other\":\"\u{1}\"}",
            "{\"hex\":[[[[[[[[[[1]]]]]]]]]]}",
        ] {
            assert!(snapshot(document.as_bytes()).is_none(), "{document}");
        }
    }
}
