//! Solvers for the second proof: found on this machine, run as processes of their own.
//!
//! A solver is foreign code of considerable size. In a process of its own it can crash, hang or
//! eat memory without harm: the question is then undecided, and says so.

mod dialect;
mod find;
mod library;
mod process;

pub(crate) use find::{Choice, find};
pub(crate) use library::{Cvc5LibraryArgs, run as run_library};
pub(crate) use process::{Session, Solver};
