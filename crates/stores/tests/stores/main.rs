//! Real files, and strangers' verifiers reading them.

#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "helpers of tests may panic and speak like the tests themselves"
)]

mod files;
mod peers;
