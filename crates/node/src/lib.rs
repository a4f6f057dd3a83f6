//! A participant's node: one picture, folded from every ledger it holds, and who may do what in it.
//!
//! This crate opens no file, speaks to no network, reads no clock and rolls no dice: everything is handed in, and so can be
//! replayed. Reading order: [`node`], [`history`], [`federation`], [`judge`], [`picture`], [`command`],
//! [`knowledge`], [`replay`], [`life`], [`outcomes`], [`announcement`], [`private_check`].

pub mod announcement;
pub mod command;
pub mod disclosure;
pub mod effect;
pub mod federation;
pub mod history;
pub mod judge;
pub mod kept;
pub mod knowledge;
pub mod life;
pub mod node;
pub mod outcomes;
pub mod picture;
pub mod private_check;
pub mod reconciliation;
pub mod replay;
