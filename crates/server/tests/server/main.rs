//! The server over real sockets: two participants' nodes on loopback, asked as their users ask.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests may panic and say what is missing like the tests themselves"
)]

mod acts;
mod analysis;
mod conditions;
mod console;
mod exhibit;
mod kept;
mod limits;
mod live;
mod matters;
mod objects;
mod oracle;
mod overdue;
mod peers;
mod permissions;
mod place_readings;
#[expect(
    dead_code,
    clippy::expect_used,
    reason = "the tests of the stores use more of it, and it is a helper of tests"
)]
#[path = "../../../stores/tests/stores/server.rs"]
mod postgres;
mod private_checks;
mod reports;
mod rotation;
mod schemathesis;
mod sessions;
mod sign_in;
mod sign_in_bytes;
mod tokens;
mod tracks;
mod witness;
mod world;
