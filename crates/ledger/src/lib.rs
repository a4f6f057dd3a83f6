//! Signed, append-only ledgers and the proofs that let strangers verify them.
pub mod bundle;
pub mod checkpoint;
mod cosignature;
pub mod hash;
pub mod note;
pub mod proof;
pub mod reader;
pub mod tile;
pub mod tree;
pub mod vkey;
