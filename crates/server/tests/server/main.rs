//! The server over real sockets: two participants' nodes on loopback, asked as their users ask.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests may panic like the tests themselves"
)]

mod acts;
mod console;
mod limits;
mod live;
mod peers;
mod permissions;
mod reports;
mod world;
