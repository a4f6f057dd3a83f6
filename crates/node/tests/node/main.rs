//! The picture and the commands, through the crate's public surface.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod agreement;
mod bearing;
mod bodies;
mod chance;
mod commands;
mod disclosures;
mod kept;
mod life;
mod mistakes;
mod notices;
mod operations;
mod outcomes;
mod private_checks;
mod restraints;
mod shapes;
mod stories;
mod visible;
mod walks;
mod world;
