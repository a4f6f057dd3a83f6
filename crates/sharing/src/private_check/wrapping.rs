//! Messages as they are sealed: with their length before them, filled up to one of a few lengths, so that whoever sees only the
//! sealed bytes learns next to nothing from how many there are.

use crate::padding::padded_bytes;

/// Bytes of the length.
const LENGTH_BYTES: usize = 4;

/// Wraps a message or a commitment; `None` when it is longer than anything that is sealed.
#[must_use]
pub fn wrapped(content: &[u8]) -> Option<Vec<u8>> {
    let filled = padded_bytes(LENGTH_BYTES + content.len())?;
    let length = u32::try_from(content.len()).ok()?;
    let mut bytes = Vec::with_capacity(filled);
    bytes.extend(length.to_be_bytes());
    bytes.extend(content);
    bytes.resize(filled, 0);
    Some(bytes)
}

/// Returns what was wrapped; `None` for anything but its only form.
#[must_use]
pub fn unwrapped(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (content, filler) = rest.split_at_checked(length)?;
    let is_only_form = padded_bytes(LENGTH_BYTES + length) == Some(bytes.len())
        && filler.iter().all(|byte| *byte == 0);
    is_only_form.then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrapped_comes_out_and_nothing_else_does() {
        for length in [0, 1, 135, 16_380, 16_381] {
            let content = vec![7; length];
            let bytes = wrapped(&content).expect("wrapped");
            assert_eq!(unwrapped(&bytes), Some(content.as_slice()));
            assert_eq!(unwrapped(&bytes[1..]), None);
            let mut longer = bytes.clone();
            longer.push(0);
            assert_eq!(unwrapped(&longer), None);
            let mut filled = bytes;
            if let Some(last) = filled.last_mut().filter(|last| **last == 0) {
                *last = 1;
                assert_eq!(unwrapped(&filled), None);
            }
        }
        assert_eq!(unwrapped(b"abc"), None);
    }
}
