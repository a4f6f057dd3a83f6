//! The transport between participants: mutual TLS with pinned keys, one HTTP request a question.

mod carrier;
mod door;

pub use carrier::{Address, carry};
pub use door::router;

/// Where questions and notices are posted.
pub const MESSAGES_PATH: &str = "/peer/v1/messages";
