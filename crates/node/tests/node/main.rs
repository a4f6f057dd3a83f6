//! The picture and the commands, through the crate's public surface.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod agreement;
mod operations;
mod shapes;
mod world;
