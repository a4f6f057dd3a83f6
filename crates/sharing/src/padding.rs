//! Lengths that say little: content is filled up to one of a few lengths before it is sealed.

/// The lengths content can have when it is sealed, in bytes.
///
/// The length of a sealed body stands in the ledger for everybody to read. Nearly every report fits
/// into the first; each next one is four times as long, so that a length tells at most which of six.
pub const BUCKETS: [usize; 6] = [16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 15 << 20];

/// The length a place, or that it was read, is filled up to where it fits, in bytes.
///
/// A point with its name, its function and some hashes of photographs takes a quarter of it, an outline of thirty corners all
/// of it. What does not fit has one of the [`BUCKETS`]: ten thousand places are released at a time, and reports are not.
pub const PLACE_BYTES: usize = 2 << 10;

/// What fills: JSON may end in spaces.
const FILLER: u8 = b' ';

/// Returns the length that content of `bytes` bytes is filled up to; none when it is too long.
pub fn padded_bytes(bytes: usize) -> Option<usize> {
    BUCKETS.into_iter().find(|bucket| bytes <= *bucket)
}

/// Fills content up to the bucket that also holds `at_least` bytes; none when it is too long.
pub fn padded(mut content: Vec<u8>, at_least: usize) -> Option<Vec<u8>> {
    let bytes = padded_bytes(content.len().max(at_least))?;
    content.resize(bytes, FILLER);
    Some(content)
}

/// Fills up a place, or that it was read; none when it is too long.
pub(crate) fn padded_place(mut content: Vec<u8>) -> Option<Vec<u8>> {
    if content.len() > PLACE_BYTES {
        return padded(content, 0);
    }
    content.resize(PLACE_BYTES, FILLER);
    Some(content)
}
