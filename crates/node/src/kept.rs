//! What a node keeps between two runs so that it starts quickly, and never differently.
//!
//! A state that a million entries were folded into is written beside the ledgers, and read back when the node starts again.
//! It holds what cannot be read from the entries at once, and refers to them for the rest: no act is in it, only which entry
//! says it. It counts only for the very program that wrote it, for the same founding, and where every ledger still has the
//! root it had; whatever does not fit is left, and everything is folded anew. Before it is put to use it is read back and
//! compared with what it was written from.
//!
//! The bytes are nobody's protocol. Numbers are written in sevens of bits, the lower first; texts once, and then by number.

mod parts;

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::hash::Hash;
use detente_records::{HolderId, RecordId};

/// The first bytes of what is kept: its format.
const FORMAT: &[u8] = b"detente/kept/v1\n";
/// Bytes of the hash behind the format.
const HASH_BYTES: usize = 32;
/// Bits of a number in one byte.
const BITS: u32 = 7;

/// What can be kept.
pub trait Kept: Sized {
    /// Writes it.
    fn write(&self, to: &mut Writer);

    /// Reads it; `None` where the bytes are not what [`Kept::write`] writes.
    fn read(from: &mut Reader<'_>) -> Option<Self>;
}

/// Where what is kept finds what it only refers to.
pub trait Sources {
    /// Returns the bytes of an entry.
    fn entry(&self, origin: &str, index: u64) -> Option<Arc<[u8]>>;

    /// Returns content beside the ledgers.
    fn content(&self, hash: Hash) -> Option<Vec<u8>>;
}

/// Writes what is kept.
#[derive(Debug, Default)]
pub struct Writer {
    body: Vec<u8>,
    texts: Vec<Arc<str>>,
    numbers: BTreeMap<Arc<str>, u64>,
    contents: Vec<Hash>,
    obstacle: Option<String>,
}

impl Writer {
    /// Says why this state cannot be kept; the first reason counts.
    pub fn fail(&mut self, reason: impl Into<String>) {
        self.obstacle.get_or_insert_with(|| reason.into());
    }

    /// Writes a number.
    pub fn number(&mut self, number: u64) {
        let mut rest = number;
        loop {
            let low = rest.to_le_bytes()[0] & 0x7f;
            rest >>= BITS;
            if rest == 0 {
                self.body.push(low);
                return;
            }
            self.body.push(low | 0x80);
        }
    }

    /// Writes a length.
    pub fn length(&mut self, length: usize) {
        self.number(length as u64);
    }

    /// Writes bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.body.extend_from_slice(bytes);
    }

    /// Writes a text: once, and then its number.
    pub fn text(&mut self, text: &str) {
        let known = self.numbers.get(text).copied();
        let number = known.unwrap_or_else(|| {
            let number = self.texts.len() as u64;
            let text: Arc<str> = text.into();
            self.numbers.insert(text.clone(), number);
            self.texts.push(text);
            number
        });
        self.number(number);
    }

    /// Notes content that reading will ask for.
    pub fn content(&mut self, hash: Hash) {
        if !self.contents.contains(&hash) {
            self.contents.push(hash);
        }
        self.bytes(hash.as_bytes());
    }

    /// Returns everything that was written.
    ///
    /// # Errors
    ///
    /// Why the state cannot be kept.
    pub fn finish(self) -> Result<Vec<u8>, String> {
        if let Some(obstacle) = self.obstacle {
            return Err(obstacle);
        }
        let mut front = Self::default();
        front.length(self.contents.len());
        for hash in &self.contents {
            front.bytes(hash.as_bytes());
        }
        front.length(self.texts.len());
        for text in &self.texts {
            front.length(text.len());
            front.bytes(text.as_bytes());
        }
        let rest = [front.body, self.body].concat();
        let hash = Hash::of(&rest);
        let parts: [&[u8]; 3] = [FORMAT, hash.as_bytes(), &rest];
        Ok(parts.concat())
    }
}

/// Reads what is kept.
pub struct Reader<'a> {
    rest: &'a [u8],
    texts: Vec<Arc<str>>,
    /// Names made of the texts so far, so that each is checked and held once.
    records: Vec<Option<RecordId>>,
    holders: Vec<Option<HolderId>>,
    words: Vec<Option<&'static str>>,
    sources: &'a dyn Sources,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Reader");
        shown
            .field("rest", &self.rest.len())
            .finish_non_exhaustive()
    }
}

/// Returns the content that reading these bytes will ask for; nothing for bytes that will not be read.
pub fn contents_of(bytes: &[u8]) -> Vec<Hash> {
    let read = || {
        let mut rest = checked(bytes)?;
        hashes(&mut rest)
    };
    read().unwrap_or_default()
}

/// Returns what is behind the hash, where the hash is that of what is behind it.
fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (hash, rest) = bytes.strip_prefix(FORMAT)?.split_at_checked(HASH_BYTES)?;
    (Hash::of(rest).as_bytes() == hash).then_some(rest)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for place in 0..10 {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        let low = u64::from(byte & 0x7f);
        number |= low.checked_mul(1_u64.checked_shl(place * BITS)?)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Reads a length; what is counted takes a byte each at least.
fn length(rest: &mut &[u8]) -> Option<usize> {
    let length = usize::try_from(number(rest)?).ok()?;
    (length <= rest.len()).then_some(length)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(taken)
}

fn hashes(rest: &mut &[u8]) -> Option<Vec<Hash>> {
    let count = length(rest)?;
    let hash = |_| Some(Hash::from_bytes(take(rest, HASH_BYTES)?.try_into().ok()?));
    (0..count).map(hash).collect()
}

impl<'a> Reader<'a> {
    /// Reads bytes whose hash holds; `None` for others.
    pub fn new(bytes: &'a [u8], sources: &'a dyn Sources) -> Option<Self> {
        let mut rest = checked(bytes)?;
        hashes(&mut rest)?;
        let count = length(&mut rest)?;
        let mut texts = Vec::with_capacity(count);
        for _ in 0..count {
            let length = length(&mut rest)?;
            let text = std::str::from_utf8(take(&mut rest, length)?).ok()?;
            texts.push(Arc::from(text));
        }
        Some(Self {
            rest,
            records: vec![None; texts.len()],
            holders: vec![None; texts.len()],
            words: vec![None; texts.len()],
            texts,
            sources,
        })
    }

    /// Returns whether everything was read.
    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads a number.
    pub fn number(&mut self) -> Option<u64> {
        number(&mut self.rest)
    }

    /// Reads a length; what is counted takes a byte each at least.
    pub fn length(&mut self) -> Option<usize> {
        length(&mut self.rest)
    }

    /// Reads bytes as they are.
    pub fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        take(&mut self.rest, N)?.try_into().ok()
    }

    fn text_number(&mut self) -> Option<usize> {
        let number = usize::try_from(self.number()?).ok()?;
        (number < self.texts.len()).then_some(number)
    }

    /// Reads a text.
    pub fn text(&mut self) -> Option<Arc<str>> {
        let number = self.text_number()?;
        self.texts.get(number).cloned()
    }

    /// Reads what content was noted, and finds it.
    pub fn content(&mut self) -> Option<(Hash, Option<Vec<u8>>)> {
        let hash = Hash::from_bytes(self.bytes()?);
        let content = self.sources.content(hash);
        let content = content.filter(|content| Hash::of(content) == hash);
        Some((hash, content))
    }

    /// Returns the bytes of an entry.
    pub fn entry(&self, origin: &str, index: u64) -> Option<Arc<[u8]>> {
        self.sources.entry(origin, index)
    }

    fn record(&mut self) -> Option<RecordId> {
        let number = self.text_number()?;
        let text = self.texts.get(number)?;
        let known = self.records.get_mut(number)?;
        if known.is_none() {
            *known = RecordId::parse(text).ok();
        }
        known.clone()
    }

    fn word(&mut self) -> Option<&'static str> {
        let number = self.text_number()?;
        let text = self.texts.get(number)?;
        let known = self.words.get_mut(number)?;
        if known.is_none() {
            *known = parts::known(text);
        }
        *known
    }

    fn holder(&mut self) -> Option<HolderId> {
        let number = self.text_number()?;
        let text = self.texts.get(number)?;
        let known = self.holders.get_mut(number)?;
        if known.is_none() {
            *known = HolderId::parse(text).ok();
        }
        known.clone()
    }
}

/// Says how each field of a structure is kept: by itself, in the order given. A field left out does not compile.
macro_rules! kept {
    ($( $name:ty { $( $field:ident ),* $(,)? } )*) => {$(
        impl $crate::kept::Kept for $name {
            fn write(&self, to: &mut $crate::kept::Writer) {
                let Self { $( $field ),* } = self;
                $( $crate::kept::Kept::write($field, to); )*
            }

            fn read(from: &mut $crate::kept::Reader<'_>) -> Option<Self> {
                $( let $field = $crate::kept::Kept::read(from)?; )*
                Some(Self { $( $field ),* })
            }
        }
    )*};
}

/// Keeps values of a closed set by their numbers in it.
macro_rules! kept_words {
    ($( $name:ty: $all:expr; )*) => {$(
        impl $crate::kept::Kept for $name {
            fn write(&self, to: &mut $crate::kept::Writer) {
                match $all.iter().position(|word| word == self) {
                    Some(number) => to.length(number),
                    None => to.fail(concat!("a word that is none of ", stringify!($name))),
                }
            }

            fn read(from: &mut $crate::kept::Reader<'_>) -> Option<Self> {
                let number = usize::try_from(from.number()?).ok()?;
                $all.get(number).copied()
            }
        }
    )*};
}

pub(crate) use {kept, kept_words};
