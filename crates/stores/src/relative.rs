//! Paths that stay inside a ledger.

use std::path::{Component, Path};

/// Whether a path is relative, not empty, and goes nowhere but down.
pub(crate) fn is_plain(path: &str) -> bool {
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    !path.is_empty() && Path::new(path).components().all(plain)
}
