//! ID tokens: what a provider says of a user, believed only when all of it holds (OpenID Connect
//! Core 1.0, section 3.1.3.7; RFC 8725).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::keys::{KeyFault, Keys};

/// Longest token read; groups make tokens long, but not this long.
pub const TOKEN_BYTES_MAX: usize = 64 << 10;
/// Longest subject (OpenID Connect Core 1.0, section 2).
pub const SUBJECT_BYTES_MAX: usize = 255;
/// Groups of one user that are looked at.
pub const GROUPS_MAX: usize = 1_000;
/// How far two clocks may be apart, in seconds.
pub const LEEWAY_S: u64 = 60;
/// How old a token may be when it arrives, in seconds: it was made for this very sign-in.
pub const AGE_S_MAX: u64 = 600;

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who made it.
    pub issuer: &'a str,
    /// For whom.
    pub client_id: &'a str,
    /// In which sign-in.
    pub nonce: &'a str,
    /// What time it is, in seconds since 1970.
    pub now_s: u64,
}

/// What a verified token says.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    subject: String,
    members: Map<String, Value>,
}

impl Claims {
    /// The provider's own name of the user.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        let text = self.members.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    }

    /// A claim that is a text or a list of texts.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.members.get(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items
                .iter()
                .take(GROUPS_MAX)
                .filter_map(Value::as_str)
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// Verifies a token in the compact form (RFC 7515, section 7.1).
///
/// # Errors
///
/// [`TokenFault`]: the first thing that does not hold; the signature comes before what it signs.
pub fn verify(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Claims, TokenFault> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenFault::Form);
    }
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(TokenFault::Form);
    };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Form);
    let object = |bytes: Vec<u8>| match serde_json::from_slice(&bytes) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(TokenFault::Form),
    };
    let head = object(decoded(header)?)?;
    // Extensions that must be understood are not (RFC 7515, section 4.1.11).
    if head.contains_key("crit") {
        return Err(TokenFault::Form);
    }
    let algorithm = head.get("alg").and_then(Value::as_str);
    let algorithm = algorithm.ok_or(TokenFault::Form)?;
    let id = head.get("kid").and_then(Value::as_str);
    let message_end = header.len() + 1 + payload.len();
    let message = token.get(..message_end).ok_or(TokenFault::Form)?;
    keys.check(algorithm, id, message.as_bytes(), &decoded(signature)?)?;
    let members = object(decoded(payload)?)?;
    check(members, expected)
}

fn check(members: Map<String, Value>, expected: &Expected<'_>) -> Result<Claims, TokenFault> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(TokenFault::Issuer);
    }
    let audience: Vec<&str> = match members.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_ours = audience.contains(&expected.client_id);
    let party = text("azp");
    // With more than one audience it must say to which of them it was given.
    let is_given = match party {
        Some(party) => party == expected.client_id,
        None => audience.len() == 1 && !members.contains_key("azp"),
    };
    if !is_ours || !is_given {
        return Err(TokenFault::Audience);
    }
    let now_s = expected.now_s;
    let instant = |name: &str| members.get(name).and_then(seconds);
    let expires_s = instant("exp").ok_or(TokenFault::Expired)?;
    if expires_s.saturating_add(LEEWAY_S) <= now_s {
        return Err(TokenFault::Expired);
    }
    let issued_s = instant("iat").ok_or(TokenFault::Expired)?;
    if issued_s.saturating_add(AGE_S_MAX + LEEWAY_S) <= now_s {
        return Err(TokenFault::Expired);
    }
    let begins_s = instant("nbf").unwrap_or(0).max(issued_s);
    if begins_s > now_s.saturating_add(LEEWAY_S) {
        return Err(TokenFault::NotYet);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(TokenFault::Nonce);
    }
    let subject = text("sub").unwrap_or_default().to_owned();
    if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX {
        return Err(TokenFault::Subject);
    }
    Ok(Claims { subject, members })
}

/// Reads seconds since 1970; some providers write fractions.
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let seconds = value
            .as_f64()
            .filter(|seconds| (0.0..1e12).contains(seconds))?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked"
        )]
        let whole = seconds as u64;
        Some(whole)
    })
}

/// A token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// It is no signed token in the compact form.
    #[error("the token cannot be read")]
    Form,
    /// Its signature does not hold.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// Somebody else made it.
    #[error("the token is by another issuer")]
    Issuer,
    /// It was made for somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is from the future")]
    NotYet,
    /// It belongs to another sign-in.
    #[error("the token belongs to another sign-in")]
    Nonce,
    /// It names nobody.
    #[error("the token names no subject")]
    Subject,
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair as _};
    use serde_json::json;

    use super::*;

    const NOW_S: u64 = 1_473_732_600;

    fn signer() -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[5; 32]).expect("key")
    }

    fn keys() -> Keys {
        let x = URL_SAFE_NO_PAD.encode(signer().public_key().as_ref());
        let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]});
        Keys::parse(set.to_string().as_bytes()).expect("keys")
    }

    fn signed(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = signer().sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn right() -> Value {
        json!({
            "iss": "https://id.example", "aud": "detente", "sub": "u-1", "nonce": "n",
            "exp": NOW_S + 300, "iat": NOW_S, "groups": ["watch", 7],
        })
    }

    fn judged(token: &str) -> Result<Claims, TokenFault> {
        let expected = Expected {
            issuer: "https://id.example",
            client_id: "detente",
            nonce: "n",
            now_s: NOW_S,
        };
        verify(token, &keys(), &expected)
    }

    fn with(name: &str, value: Value) -> Result<Claims, TokenFault> {
        let mut claims = right();
        claims[name] = value;
        judged(&signed(&json!({"alg": "EdDSA", "kid": "k"}), &claims))
    }

    #[test]
    fn a_token_is_believed_only_when_all_of_it_holds() {
        let claims = with("name", json!("Alice")).expect("right");
        assert_eq!(claims.subject(), "u-1");
        assert_eq!(claims.text("name"), Some("Alice"));
        assert_eq!(claims.texts("groups"), ["watch"]);
        for (name, value, fault) in [
            ("iss", json!("https://id.example/"), TokenFault::Issuer),
            ("iss", json!(null), TokenFault::Issuer),
            ("aud", json!("other"), TokenFault::Audience),
            ("aud", json!(["detente", "other"]), TokenFault::Audience),
            ("azp", json!("other"), TokenFault::Audience),
            ("azp", json!(7), TokenFault::Audience),
            ("exp", json!(NOW_S - LEEWAY_S), TokenFault::Expired),
            ("exp", json!(null), TokenFault::Expired),
            ("iat", json!(NOW_S - 3_600), TokenFault::Expired),
            ("iat", json!(NOW_S + 3_600), TokenFault::NotYet),
            ("nbf", json!(NOW_S + 3_600), TokenFault::NotYet),
            ("nonce", json!("m"), TokenFault::Nonce),
            ("nonce", json!(null), TokenFault::Nonce),
            ("sub", json!(""), TokenFault::Subject),
            ("sub", json!("x".repeat(256)), TokenFault::Subject),
        ] {
            let judged = with(name, value.clone()).map(|_| ());
            assert_eq!(judged, Err(fault), "{name}: {value}");
        }
        assert!(with("exp", json!(1_473_732_600.5)).is_ok());
        let mut several = right();
        several["aud"] = json!(["detente", "other"]);
        several["azp"] = json!("detente");
        assert!(judged(&signed(&json!({"alg": "EdDSA", "kid": "k"}), &several)).is_ok());
    }

    /// What a provider sends is foreign: whatever it is, nothing panics, and nothing that was changed is
    /// believed.
    #[test]
    fn no_change_of_a_token_is_believed_and_none_breaks_the_reader() {
        let token = signed(&json!({"alg": "EdDSA", "kid": "k"}), &right());
        let mut state = 2_016_u64;
        let mut draw = |end: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(state >> 33).unwrap_or(0) % end
        };
        for _ in 0..4_000 {
            let mut changed = token.clone().into_bytes();
            for _ in 0..=draw(3) {
                let place = draw(changed.len());
                match draw(3) {
                    0 => drop(changed.remove(place)),
                    1 => changed.insert(place, b"Aa0_-.={\xff"[draw(9)]),
                    _ => changed[place] = b"Aa0_-.={\xff"[draw(9)],
                }
            }
            let _ = Keys::parse(&changed);
            if changed != token.as_bytes()
                && let Ok(text) = String::from_utf8(changed)
            {
                assert!(judged(&text).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn what_is_signed_otherwise_or_not_at_all_is_not_believed() {
        let fault = |token: &str| judged(token).map(|_| ()).unwrap_err();
        let head = |head: Value| fault(&signed(&head, &right()));
        assert_eq!(
            head(json!({"alg": "none"})),
            TokenFault::Key(KeyFault::Algorithm)
        );
        assert_eq!(
            head(json!({"alg": "HS256", "kid": "k"})),
            TokenFault::Key(KeyFault::Algorithm)
        );
        assert_eq!(
            head(json!({"alg": "EdDSA", "kid": "x"})),
            TokenFault::Key(KeyFault::Unknown)
        );
        assert_eq!(
            head(json!({"alg": "EdDSA", "crit": ["x"]})),
            TokenFault::Form
        );
        let token = signed(&json!({"alg": "EdDSA", "kid": "k"}), &right());
        let (message, signature) = token.rsplit_once('.').expect("parts");
        assert_eq!(
            fault(&format!("{message}.")),
            TokenFault::Key(KeyFault::Signature)
        );
        let (header, _) = message.split_once('.').expect("parts");
        let mut other = right();
        other["sub"] = json!("u-2");
        let other = URL_SAFE_NO_PAD.encode(other.to_string());
        let forged = format!("{header}.{other}.{signature}");
        assert_eq!(fault(&forged), TokenFault::Key(KeyFault::Signature));
        for form in [
            "",
            "a.b",
            "a.b.c.d",
            "....",
            &"x".repeat(TOKEN_BYTES_MAX + 1),
        ] {
            assert_eq!(fault(form), TokenFault::Form);
        }
    }
}
