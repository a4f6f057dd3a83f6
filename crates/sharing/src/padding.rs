//! Lengths that say little: content is filled up to one of a few lengths before it is sealed.

/// The lengths content can have when it is sealed, in bytes.
///
/// The length of a sealed body stands in the ledger for everybody to read. Nearly every report fits
/// into the first; each next one is four times as long, so that a length tells at most which of six.
pub const BUCKETS: [usize; 6] = [16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 15 << 20];

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
