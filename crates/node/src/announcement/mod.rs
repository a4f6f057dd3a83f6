//! Announcements: what participants have agreed to publish, with proofs that need no node.
//!
//! A [`Statement`](wire::Statement) follows from ledgers up to stated sizes: anybody who holds them composes the same bytes.
//! Participants put the hash of these bytes on record in their own ledgers; the file joins the bytes with the evidence of
//! these entries. Whoever has the participants' keys sees whether a byte was changed since. What not every participant has
//! stated to be published is left out as if it did not exist. Nothing here opens a file. Reading order: [`part`],
//! `compose`, `verify`.

mod compose;
pub mod part;
mod verify;
pub mod wire;

pub use compose::compose;
pub use verify::{ANNOUNCEMENT_BYTES_MAX, Verified, verify};

/// Version of the format.
pub const VERSION: u32 = 1;
/// The part of a document that stands for its announcements: an entry that publishes it names the statement's hash.
pub const ANNOUNCEMENT: &str = "announcement";
