//! Ordered maps and lists whose copies share what they have in common.
//!
//! A picture is published after every change and kept at many instants. Copying it has to cost nothing that grows with it,
//! and changing a copy no more than what changes.

mod list;
mod map;

pub use list::{Items, List};
pub use map::{Entries, Map};
