//! Articles as Cedar policies, facts, and decisions with reasons.
//!
//! An agreement's articles are Cedar policies with annotations ([`articles`]). Together with the
//! agreement they make a [`Rulebook`], which judges an [`OperationCase`]: one operation and what
//! it touches, computed elsewhere. This crate knows no geometry, opens no file, and reads no
//! clock; every answer is a function of what is handed in.

pub mod amend;
pub mod articles;
pub mod case;
mod decision;
mod evaluation;
pub mod facts;
pub mod finding;
mod moment;
pub mod prove;
mod roster;
mod rulebook;
mod rules;
mod schema;
mod slices;
mod store;
mod vocabulary;
mod words;

pub use amend::{Amendment, amend};
pub use articles::{Articles, Clause, Consequence};
pub use case::{AreaFacts, AwarenessKey, OperationCase, PROTECTED_SEARCH_M, Thing, Touch};
pub use facts::Fact;
pub use finding::{Effect, Finding, FindingKind, Judgement, Verdict};
pub use prove::Prover;
pub use roster::Roster;
pub use rulebook::{Declared, Document, Rulebook};
pub use schema::{SCHEMA_TEXT, SchemaError, request_types, schema};
