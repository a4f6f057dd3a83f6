//! An operation against everything in the air: what it meets, and what the articles say of it.
//!
//! `deconfliction` knows shapes and no articles, `agreement` knows articles and no shapes. [`Things`] holds everything that
//! can be met, and a [`Court`] turns what an operation meets of it into a case for the rulebook.

mod contact;
mod court;
mod remedy;
mod shelf;
mod things;

pub use contact::Contact;
pub use court::{Bearing, Court, ends};
pub use remedy::{Further, Remedies, Ways};
pub use things::{Subject, Things};
