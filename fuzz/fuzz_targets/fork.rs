//! See `detente_ledger::hostile::fork`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| detente_ledger::hostile::fork(bytes));
