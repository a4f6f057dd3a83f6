//! The watch, from fixes to events.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot be set up has nothing to report but that"
)]

mod approach;
mod crossings;
mod day;
mod geos;
mod messy;
mod operations;
mod oracle;
mod replay;
mod state;
mod world;
