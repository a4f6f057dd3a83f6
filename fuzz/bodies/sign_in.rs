//! The bodies of the fuzz targets for what a provider of sign-ins and a browser send, also run by the
//! tests of the server.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use detente_server::oidc::{Expected, KeyFault, Keys, SUBJECT_BYTES_MAX, TokenFault, verify};
use detente_server::session::Sessions;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// The time of the tests, in seconds since 1970.
pub(crate) const NOW_S: u64 = 1_473_732_600;
const SEED: [u8; 32] = [5; 32];
const HEADER: &str = r#"{"alg":"EdDSA","kid":"k"}"#;

fn signer() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap()
}

fn keys() -> Keys {
    let x = URL_SAFE_NO_PAD.encode(signer().public_key().as_ref());
    let set = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"k","x":"{x}"}}]}}"#);
    Keys::parse(set.as_bytes()).unwrap()
}

fn expected() -> Expected<'static> {
    Expected {
        issuer: "https://id.example",
        client_id: "detente",
        nonce: "n",
        now_s: NOW_S,
    }
}

/// Signs claims as the provider does.
pub(crate) fn signed(header: &[u8], claims: &[u8]) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = signer().sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Takes any bytes as a token, as the header and as the claims of one that is signed: what is believed
/// says who made it, for whom and in which sign-in, and is signed.
pub(crate) fn id_token(bytes: &[u8]) {
    let (keys, expected) = (keys(), expected());
    if let Ok(token) = std::str::from_utf8(bytes)
        && verify(token, &keys, &expected).is_ok()
    {
        let (message, signature) = token.rsplit_once('.').unwrap();
        let right = signer().sign(message.as_bytes());
        assert_eq!(
            URL_SAFE_NO_PAD.decode(signature).as_deref(),
            Ok(right.as_ref())
        );
    }
    if let Ok(claims) = verify(&signed(HEADER.as_bytes(), bytes), &keys, &expected) {
        let text: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(text["iss"], expected.issuer);
        assert_eq!(text["nonce"], expected.nonce);
        assert!(text["aud"].to_string().contains(expected.client_id));
        let subject = claims.subject();
        assert!(!subject.is_empty() && subject.len() <= SUBJECT_BYTES_MAX);
        let _ = (claims.text("name"), claims.texts("groups"));
    }
    // Whatever a header asks for, nothing unsigned is believed.
    let token = signed(bytes, b"{}");
    let (message, _) = token.rsplit_once('.').unwrap();
    let unsigned = verify(&format!("{message}."), &keys, &expected);
    assert!(matches!(
        unsigned,
        Err(TokenFault::Form | TokenFault::Key(_))
    ));
    let _ = verify(&token, &keys, &expected);
}

/// Takes any bytes as a set of keys, and asks it about a signature in every way there is: none of them
/// accepts an empty one, or one made for another message.
pub(crate) fn key_set(bytes: &[u8]) {
    let Some(keys) = Keys::parse(bytes) else {
        return;
    };
    let signature = signer().sign(b"another message");
    for algorithm in [
        "RS256", "RS512", "PS384", "ES256", "ES384", "EdDSA", "Ed25519",
    ] {
        for id in [None, Some("k"), Some("")] {
            for signature in [&[][..], signature.as_ref(), &[0; 64], &[0; 96], &[0; 256]] {
                assert!(keys.check(algorithm, id, b"message", signature).is_err());
            }
        }
    }
    for never in ["none", "HS256", ""] {
        let checked = keys.check(never, None, b"message", b"");
        assert_eq!(checked, Err(KeyFault::Algorithm));
    }
}

/// Takes any bytes as the value of a cookie, as a user's name and as what a request repeats: nothing is
/// found that was not opened here, and what was is found as it was.
pub(crate) fn session_cookie(bytes: &[u8]) {
    let sessions = Sessions::new(&[1; 32]);
    let text = String::from_utf8_lossy(bytes);
    if let Some(found) = sessions.find(&text, 0) {
        let (seal, _) = text.split_at(43);
        assert!(!seal.is_empty() && !found.user.is_empty());
    }
    let name: String = text.chars().take(128).collect();
    let (value, opened) = sessions.open(&name, 7, 100).unwrap();
    // A name that makes the cookie longer than any that is read signs nobody in.
    if let Some(found) = sessions.find(&value, 99) {
        assert_eq!(found, opened);
    } else {
        assert!(value.len() > 512);
    }
    assert_eq!(sessions.find(&value, 100), None);
    assert_eq!(Sessions::new(&[2; 32]).find(&value, 99), None);
    assert!(!sessions.repeats(&opened, &text));
    let header = format!("a=b; n={text}; c=d");
    let _ = detente_server::session::presented("n", &header);
}
