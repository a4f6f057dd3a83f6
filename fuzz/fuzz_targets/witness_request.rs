//! See `detente_ledger::hostile::witness_request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| detente_ledger::hostile::witness_request(bytes));
