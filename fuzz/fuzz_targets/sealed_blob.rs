//! See `detente_ledger::hostile::sealed_blob`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| detente_ledger::hostile::sealed_blob(bytes));
