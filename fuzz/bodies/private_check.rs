//! The body of the fuzz target for what the other side of a private check sends, also run by the tests of the crate.

use detente_sharing::private_check::{Commitment, Message};

/// Reads any bytes as a message and as a commitment; what is read must be written as it was.
pub(crate) fn run(bytes: &[u8]) {
    if let Ok(message) = Message::from_bytes(bytes) {
        assert_eq!(message.to_bytes(), bytes);
    }
    if let Some(commitment) = Commitment::from_bytes(bytes) {
        assert_eq!(commitment.to_bytes(), bytes);
    }
}
