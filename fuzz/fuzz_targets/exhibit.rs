//! See `detente_ledger::hostile::exhibit`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| detente_ledger::hostile::exhibit(bytes));
