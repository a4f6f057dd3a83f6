//! Tiles: where hashes and entry bundles lie, and which of them a tree of a given size has.
//!
//! Source: <https://c2sp.org/tlog-tiles>, "Merkle Tree", "Partial Tiles", "Log entries".

use std::fmt;

use crate::hash::{HASH_BYTES, SIZE_MAX};

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;
/// Bytes in a full tile.
pub const TILE_BYTES: usize = 256 * HASH_BYTES;
/// Tree levels between a tile and its parent tile.
pub const TILE_HEIGHT: u32 = 8;
/// Highest level a path may name. A tree of 2^63 entries has tiles up to level 7 only.
pub const TILE_LEVEL_MAX: u8 = 63;
/// Longest path parsed: `tile/entries/` and seven index elements with a width fit easily.
const PATH_BYTES_MAX: usize = 64;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of the tree at heights `8 * level` to `8 * level + 8`.
    Hashes {
        /// 0 for leaf hashes.
        level: u8,
    },
    /// Entries themselves.
    Entries,
}

/// The address of a tile or bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl TilePath {
    /// Addresses the tile `index` of a level with `width` hashes (1 to 256).
    ///
    /// # Errors
    ///
    /// [`TilePathError`] for a level above 63, a width outside 1 to 256, or an index past 2^63 - 1.
    pub fn hashes(level: u8, index: u64, width: u64) -> Result<Self, TilePathError> {
        Self::checked(TileKind::Hashes { level }, index, width)
    }

    /// Addresses the bundle `index` with `width` entries (1 to 256).
    ///
    /// # Errors
    ///
    /// As [`TilePath::hashes`].
    pub fn entries(index: u64, width: u64) -> Result<Self, TilePathError> {
        Self::checked(TileKind::Entries, index, width)
    }

    fn checked(kind: TileKind, index: u64, width: u64) -> Result<Self, TilePathError> {
        if let TileKind::Hashes { level } = kind
            && level > TILE_LEVEL_MAX
        {
            return Err(TilePathError::Level);
        }
        if index > SIZE_MAX {
            return Err(TilePathError::Index);
        }
        let width = u16::try_from(width)
            .ok()
            .filter(|width| (1..=256).contains(width))
            .ok_or(TilePathError::Width)?;
        Ok(Self { kind, index, width })
    }

    /// Parses a relative path such as `tile/0/x001/x234/067.p/5` or `tile/entries/000`.
    pub fn parse(path: &str) -> Result<Self, TilePathError> {
        if path.len() > PATH_BYTES_MAX {
            return Err(TilePathError::Form);
        }
        let rest = path.strip_prefix("tile/").ok_or(TilePathError::Form)?;
        let (kind, rest) = rest.split_once('/').ok_or(TilePathError::Form)?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes {
                level: parse_level(level)?,
            },
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, parse_width(width)?),
            None => (rest, TILE_WIDTH),
        };
        Self::checked(kind, parse_index(index)?, width)
    }

    /// Returns what the tile holds.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Returns the index within the level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Returns how many hashes or entries it holds: 1 to 256.
    pub fn width(&self) -> u64 {
        u64::from(self.width)
    }

    /// Returns whether it is full.
    pub fn is_full(&self) -> bool {
        self.width() == TILE_WIDTH
    }

    /// Returns the address of the full tile with the same index.
    #[must_use]
    pub fn full(&self) -> Self {
        Self {
            width: 256,
            ..*self
        }
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes { level } => write!(formatter, "tile/{level}/")?,
            TileKind::Entries => formatter.write_str("tile/entries/")?,
        }
        let mut elements = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            elements.push(rest % 1000);
            rest /= 1000;
        }
        for element in elements.iter().skip(1).rev() {
            write!(formatter, "x{element:03}/")?;
        }
        write!(formatter, "{:03}", self.index % 1000)?;
        if !self.is_full() {
            write!(formatter, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

fn parse_level(text: &str) -> Result<u8, TilePathError> {
    small_decimal(text)
        .and_then(|level| u8::try_from(level).ok())
        .ok_or(TilePathError::Level)
}

fn parse_width(text: &str) -> Result<u64, TilePathError> {
    small_decimal(text)
        .filter(|width| (1..TILE_WIDTH).contains(width))
        .ok_or(TilePathError::Width)
}

/// Reads up to three digits with no leading zero.
fn small_decimal(text: &str) -> Option<u64> {
    crate::hash::parse_decimal(text).filter(|_| text.len() <= 3)
}

fn parse_index(text: &str) -> Result<u64, TilePathError> {
    let elements: Vec<&str> = text.split('/').collect();
    let last = elements.len() - 1;
    let mut index: u64 = 0;
    for (position, element) in elements.iter().enumerate() {
        let digits = match position == last {
            true => *element,
            false => element.strip_prefix('x').ok_or(TilePathError::Index)?,
        };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(TilePathError::Index);
        }
        // A first element `x000` would be a second spelling of the same index.
        if position == 0 && position != last && digits == "000" {
            return Err(TilePathError::Index);
        }
        let value: u64 = digits.parse().map_err(|_| TilePathError::Index)?;
        index = index
            .checked_mul(1000)
            .and_then(|index| index.checked_add(value))
            .ok_or(TilePathError::Index)?;
    }
    Ok(index)
}

/// Returns how many hashes a tree of `size` entries has at tile level `level`:
/// `floor(size / 256^level)`.
pub fn hashes_at_level(size: u64, level: u8) -> u64 {
    size.checked_shr(TILE_HEIGHT * u32::from(level))
        .unwrap_or(0)
}

/// Returns the address of the tile that a tree of `size` entries has at (`level`, `index`), full
/// or partial; `None` when the tree has no hash there.
pub fn tile_in_tree(size: u64, level: u8, index: u64) -> Option<TilePath> {
    let before = index.checked_mul(TILE_WIDTH)?;
    let width = hashes_at_level(size, level)
        .checked_sub(before)?
        .min(TILE_WIDTH);
    TilePath::hashes(level, index, width).ok()
}

/// Returns the address of the bundle that a tree of `size` entries has at `index`.
pub fn bundle_in_tree(size: u64, index: u64) -> Option<TilePath> {
    let tile = tile_in_tree(size, 0, index)?;
    TilePath::entries(index, tile.width()).ok()
}

/// A tile path was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TilePathError {
    /// Not `tile/<level or entries>/<index>[.p/<width>]`.
    #[error("a tile path reads `tile/<level or entries>/<index>[.p/<width>]`")]
    Form,
    /// The level is not a plain decimal from 0 to 63.
    #[error("the level is not a plain decimal from 0 to 63")]
    Level,
    /// The index is not in three-digit elements, or exceeds 2^63 - 1.
    #[error("the index is not in three-digit elements such as `x001/x234/067`")]
    Index,
    /// The width is not a plain decimal from 1 to 255.
    #[error("the width of a partial tile is a plain decimal from 1 to 255")]
    Width,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_the_specification() {
        let path = TilePath::hashes(0, 1_234_067, 256).expect("tile");
        assert_eq!(path.to_string(), "tile/0/x001/x234/067");
        let path = TilePath::entries(5, 17).expect("bundle");
        assert_eq!(path.to_string(), "tile/entries/005.p/17");
    }

    #[test]
    fn a_tree_of_seventy_thousand_has_the_tiles_the_specification_lists() {
        assert_eq!(
            tile_in_tree(70_000, 0, 272).map(|tile| tile.width()),
            Some(256)
        );
        assert_eq!(
            tile_in_tree(70_000, 0, 273).map(|tile| tile.width()),
            Some(112)
        );
        assert_eq!(tile_in_tree(70_000, 0, 274), None);
        assert_eq!(
            tile_in_tree(70_000, 1, 0).map(|tile| tile.width()),
            Some(256)
        );
        assert_eq!(
            tile_in_tree(70_000, 1, 1).map(|tile| tile.width()),
            Some(17)
        );
        assert_eq!(tile_in_tree(70_000, 2, 0).map(|tile| tile.width()), Some(1));
        assert_eq!(tile_in_tree(70_000, 3, 0), None);
        assert_eq!(tile_in_tree(256, 1, 0).map(|tile| tile.width()), Some(1));
    }

    #[test]
    fn one_spelling_for_each_path() {
        for refused in [
            "tile/22/200/80",
            "tile/64/000",
            "tile/00/000",
            "tile/0/00",
            "tile/0/0000",
            "tile/0/x000/001",
            "tile/0/001/002",
            "tile/0/x001/x002",
            "tile/0/001.p/0",
            "tile/0/001.p/256",
            "tile/0/001.p/01",
            "tile/0/001.p/",
            "tile/0/+01",
            "tile/-1/001",
            "tile/data/001",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
            "/tile/0/000",
            "tile/0/000/",
            "tile/8/0/000",
            "",
        ] {
            assert!(TilePath::parse(refused).is_err(), "{refused}");
        }
        assert!(TilePath::parse("tile/63/000").is_ok());
    }

    proptest::proptest! {
        #[test]
        fn writing_and_reading_agree(
            level in 0_u8..64,
            index in 0_u64..=SIZE_MAX,
            width in 1_u64..=256,
        ) {
            for path in [TilePath::hashes(level, index, width), TilePath::entries(index, width)] {
                let path = path.expect("in range");
                proptest::prop_assert_eq!(TilePath::parse(&path.to_string()), Ok(path));
            }
        }
    }
}
