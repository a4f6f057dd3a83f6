//! Signed, append-only ledgers and the proofs that let strangers verify them.
//!
//! What it holds: the C2SP formats (signed notes, checkpoints, tiles, cosignatures, policies,
//! evidence files), the witness, entries and sealed entries, key events, and the write-ahead log
//! behind a [`storage::Storage`] port. What it must not know: files, sockets, clocks, chance, and
//! any other room. The trade-off: every reader checks everything against a signed root before it
//! returns it, which costs a hash a byte read and buys that a stranger's disk can be trusted.
//!
//! ```
//! use detente_ledger::{hash::Hash, tree::Tree};
//!
//! let mut tree = Tree::new();
//! let mut finished = Vec::new();
//! assert!(tree.push(Hash::leaf(b"an entry"), &mut finished));
//! assert_eq!(tree.root(), Hash::leaf(b"an entry"));
//! ```

pub mod audit;
pub mod awareness;
pub mod bundle;
pub mod checkpoint;
pub mod complaint;
mod cosignature;
pub mod entry;
pub mod evidence;
pub mod exhibit;
pub mod fork;
pub mod hash;
pub mod hostile;
pub mod json;
pub mod keys;
pub mod log;
pub mod note;
pub mod policy;
pub mod proof;
pub mod reader;
pub mod seal;
pub mod storage;
pub mod tile;
pub mod tree;
pub mod vkey;
mod wal;
pub mod witness;
