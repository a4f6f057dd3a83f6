//! The agreement as its users see it: articles in, judgements out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test whose dossier is broken has failed"
)]

mod amendments;
mod articles;
mod decisions;
mod dossier;
mod fail_open;
mod founding;
mod july;
mod mutation;
mod proofs;
mod properties;
mod unrelaxable;
