//! Behaviour of the ledger at its public boundary.

mod sample;
mod witness;
