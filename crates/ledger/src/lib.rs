//! Signed, append-only ledgers and the proofs that let strangers verify them.
