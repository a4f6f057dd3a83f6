//! Exactness of the shapes and of the distances between them, seen from outside.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot build its shapes, or cannot compare, has failed"
)]

mod away;
mod footprints;
mod notations;
mod oracle;
mod outlines;
mod passages;
mod properties;
mod volumes;
