#![no_main]

#[path = "../bodies/sign_in.rs"]
#[allow(dead_code, reason = "each target runs one of the bodies")]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::session_cookie(bytes));
