//! What leaves a node, held against what must never.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod editions;
mod exact;
mod gazetteer;
mod grids;
mod in_the_clear;
mod markings;
mod notice;
mod peers;
mod private_check;
mod sample;
mod sealing;
