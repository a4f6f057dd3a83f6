//! The body of the fuzz target for what the other side of a private check sends, also run by the tests of the crate.

use detente_sharing::private_check::{Commitment, Leg, Message, unwrapped, wrapped};

/// Reads any bytes as a message, a commitment, a leg and something wrapped; what is read must be written as it was.
pub(crate) fn run(bytes: &[u8]) {
    if let Ok(message) = Message::from_bytes(bytes) {
        assert_eq!(message.to_bytes(), bytes);
    }
    if let Some(commitment) = Commitment::from_bytes(bytes) {
        assert_eq!(commitment.to_bytes(), bytes);
    }
    if let Some(leg) = Leg::from_bytes(bytes) {
        assert_eq!(leg.to_bytes(), bytes);
        // Whatever a leg holds, it can be drawn or not, and is itself.
        let _ = leg.volume();
        assert!(leg.agrees_with(&leg));
    }
    if let Some(content) = unwrapped(bytes) {
        assert_eq!(wrapped(content).as_deref(), Some(bytes));
    }
}
