//! Signed, append-only ledgers and the proofs that let strangers verify them.
pub mod bundle;
pub mod checkpoint;
mod cosignature;
pub mod evidence;
pub mod fork;
pub mod hash;
pub mod note;
pub mod policy;
pub mod proof;
pub mod reader;
pub mod storage;
pub mod tile;
pub mod tree;
pub mod vkey;
pub mod witness;
