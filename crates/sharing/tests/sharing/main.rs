//! What leaves a node, held against what must never.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod editions;
mod gazetteer;
mod grids;
mod markings;
mod sample;
mod sealing;
