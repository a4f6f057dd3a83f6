//! Bounded runs of the fuzz targets' bodies for ID tokens, sets of keys and session cookies.

#[path = "../../../../fuzz/bodies/mutation.rs"]
mod mutations;
#[path = "../../../../fuzz/bodies/sign_in.rs"]
mod sign_in;

use sign_in::NOW_S;

/// Mutations of the sound documents; a few seconds in all.
const ROUNDS: u64 = 3_000;

const FRAGMENTS: [&[u8]; 20] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"\\u0000",
    b"\xff",
    b"\x00",
    b".",
    b"=",
    b"null",
    b"1e400",
    b"-1",
    b"\"aud\":[]",
    b"\"alg\":\"none\"",
    b"\"crit\":[\"b64\"]",
    b"AAAA",
    b"\"kty\":\"RSA\"",
];

const CLAIMS: &str = r#"{"iss":"https://id.example","aud":["detente"],"sub":"u-1","nonce":"n","exp":1473732900,"iat":1473732600,"nbf":1473732600.5,"name":"Alice","groups":["watch",7]}"#;
const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","use":"sig","x":"bnpCbRzNGXxRaH3NlGSIkWXA0aTxSYdBrwHVjvdLdS0"},{"kty":"RSA","kid":"r","alg":"RS256","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-256","kid":"e","x":"AAAA","y":"AAAA"},7]}"#;

#[test]
fn tokens_of_a_provider() {
    let token = sign_in::signed(br#"{"alg":"EdDSA","kid":"k"}"#, CLAIMS.as_bytes());
    assert!(CLAIMS.contains(&NOW_S.to_string()));
    let header = r#"{"alg":"EdDSA","kid":"k","typ":"JWT"}"#;
    let sound = [CLAIMS, &token, header];
    mutations::run(1, ROUNDS, &sound, &FRAGMENTS, sign_in::id_token);
}

#[test]
fn sets_of_keys() {
    mutations::run(
        2,
        ROUNDS,
        &[KEYS, "{\"keys\":[]}"],
        &FRAGMENTS,
        sign_in::key_set,
    );
}

#[test]
fn cookies_of_sessions() {
    let sessions = detente_server::session::Sessions::new(&[1; 32]);
    let (value, _) = sessions.open("alice", 3, u64::MAX).unwrap();
    let sound = [value.as_str(), "alice", "\u{202e}name"];
    mutations::run(3, ROUNDS, &sound, &FRAGMENTS, sign_in::session_cookie);
}
