//! Files and databases keep what the ledger's port promises, and strangers' verifiers read them.

#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "helpers of tests may panic and speak like the tests themselves"
)]

mod conformance;
mod encrypted;
mod files;
mod killed;
mod peers;
mod server;
