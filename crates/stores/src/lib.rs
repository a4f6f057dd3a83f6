//! Files and databases behind the ledger's storage port.
//!
//! Here, and not below, are real files. What it must not know: clocks, sockets, and what an entry
//! means.

pub mod committer;
pub mod directory;
pub mod files;
pub mod mirror;
pub mod postgres;
mod relative;
pub mod store;
