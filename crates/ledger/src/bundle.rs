//! Entry bundles: up to 256 entries, each behind its big-endian `u16` length.
//!
//! Source: <https://c2sp.org/tlog-tiles>, "Log entries".

use crate::tile::TILE_WIDTH;

/// Longest entry: what a `u16` can say. Larger content is a blob beside the log.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;
/// Largest bundle.
pub const BUNDLE_BYTES_MAX: usize = 256 * (2 + ENTRY_BYTES_MAX);

/// Appends one entry to a bundle.
///
/// # Errors
///
/// [`BundleError::EntryTooLong`].
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), BundleError> {
    let length =
        u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong { bytes: entry.len() })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// Splits a bundle that holds exactly `width` entries.
///
/// # Errors
///
/// [`BundleError`] with the byte offset of the fault.
pub fn split_bundle(bytes: &[u8], width: u64) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let offset = bytes.len() - rest.len();
        if entries.len() as u64 >= width.min(TILE_WIDTH) {
            return Err(BundleError::Count { width, offset });
        }
        let cut = BundleError::CutShort { offset };
        let (length, more) = rest.split_first_chunk::<2>().ok_or(cut)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, more) = more.split_at_checked(length).ok_or(cut)?;
        entries.push(entry);
        rest = more;
    }
    if entries.len() as u64 != width {
        return Err(BundleError::Count {
            width,
            offset: bytes.len(),
        });
    }
    Ok(entries)
}

/// Splits `count` entries off the front; returns them and the rest, or `None` when cut short.
pub(crate) fn split_entries(bytes: &[u8], count: u32) -> Option<(Vec<&[u8]>, &[u8])> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    for _ in 0..count {
        let (length, more) = rest.split_first_chunk::<2>()?;
        let (entry, more) = more.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        rest = more;
    }
    Some((entries, rest))
}

/// A bundle was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// An entry above [`ENTRY_BYTES_MAX`].
    #[error("an entry of {bytes} bytes exceeds the {ENTRY_BYTES_MAX} that a bundle can hold")]
    EntryTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The bytes end inside an entry.
    #[error("the bundle ends inside the entry that starts at byte {offset}")]
    CutShort {
        /// Start of the entry.
        offset: usize,
    },
    /// More or fewer entries than the path says.
    #[error("the bundle does not hold {width} entries (noticed at byte {offset})")]
    Count {
        /// Entries expected.
        width: u64,
        /// Where it was noticed.
        offset: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_round_trip_and_count() {
        let mut bundle = Vec::new();
        for entry in [&b""[..], b"one", &vec![7; ENTRY_BYTES_MAX]] {
            push_entry(&mut bundle, entry).expect("fits");
        }
        let entries = split_bundle(&bundle, 3).expect("three");
        assert_eq!(entries[1], b"one");
        assert_eq!(entries[2].len(), ENTRY_BYTES_MAX);
        assert_eq!(
            split_bundle(&bundle, 2),
            Err(BundleError::Count {
                width: 2,
                offset: 7
            })
        );
        assert!(matches!(
            split_bundle(&bundle, 4),
            Err(BundleError::Count { width: 4, .. })
        ));
        let cut = &bundle[..bundle.len() - 1];
        assert_eq!(
            split_bundle(cut, 3),
            Err(BundleError::CutShort { offset: 7 })
        );
    }

    #[test]
    fn an_entry_of_65536_bytes_is_refused() {
        let result = push_entry(&mut Vec::new(), &vec![0; ENTRY_BYTES_MAX + 1]);
        assert_eq!(result, Err(BundleError::EntryTooLong { bytes: 65_536 }));
    }
}
