//! Exactness of the shapes and of the distances between them, seen from outside.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot build its shapes has failed"
)]

mod footprints;
mod outlines;
