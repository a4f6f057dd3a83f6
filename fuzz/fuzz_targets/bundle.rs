//! See `detente_ledger::hostile::bundle`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| detente_ledger::hostile::bundle(bytes));
