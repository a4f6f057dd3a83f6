//! The agreement as its users see it: articles in, judgements out.

mod articles;
mod decisions;
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test whose dossier is broken has failed"
)]
mod dossier;
mod fail_open;
mod properties;
mod unrelaxable;
