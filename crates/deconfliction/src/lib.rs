//! The index of volumes and the conflicts between them.
//!
//! [`Index`] holds 4D volumes by key and answers, exactly and in any argument order: what does a volume conflict with, which
//! of those held conflict with each other, what is nearest.
//!
//! Reading order: [`Index`] and its questions (`conflicts`, `nearest`); one `search` through `run`s of volumes; the box tree
//! (`bounds`, `order`, `tree`, `lanes`); the quick test (`shape`, `chart`, `quick`). What is exact is exact in
//! [`detente_spacetime`]; this crate only avoids asking.

mod index;

mod conflicts;
mod nearest;

mod search;

mod run;

mod bounds;
mod lanes;
mod order;
mod tree;

mod chart;
mod quick;
mod shape;
mod solid;

pub use conflicts::{Conflict, Pair};
pub use index::Index;
pub use nearest::Nearest;
pub use search::Scratch;
