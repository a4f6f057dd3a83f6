//! See `detente_ledger::hostile::tile_path`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| detente_ledger::hostile::tile_path(bytes));
