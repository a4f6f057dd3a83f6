//! Behaviour of the ledger at its public boundary.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic like the tests themselves"
)]

mod audit;
mod content;
mod differential;
mod golden;
mod hostile;
mod keys;
mod log;
mod rotation;
mod sample;
mod seal;
mod settling;
mod witness;
