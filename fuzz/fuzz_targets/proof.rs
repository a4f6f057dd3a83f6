//! See `detente_ledger::hostile::proof`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| detente_ledger::hostile::proof(bytes));
