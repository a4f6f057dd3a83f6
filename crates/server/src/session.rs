//! Signed-in browsers: a cookie that says who signed in until when, sealed by the node's own key, and
//! a second secret against forged requests from other sites.
//!
//! Nothing is kept of an open session, so that it outlives a restart and counts at every server of a
//! node. What ends one before its time is kept with the users, durably: signing out, and whatever
//! ends all sessions of somebody (`docs/decisions/0018-sessions.md`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use detente_ledger::hash::Hash;
use ring::hmac;

use crate::chance::{self, NoChance};
use crate::renewed::Renewed;

/// How the names of the cookies begin; see [`cookie_name`].
pub const COOKIE: &str = "detente_session";
/// Where a browser repeats the second secret; a form on another site cannot set a header.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// Bytes that name a session among all there ever are.
pub const ID_BYTES: usize = 16;
/// Longest cookie value read: a user's name, some numbers and a seal are far shorter.
const COOKIE_BYTES_MAX: usize = 1_024;
/// Tells a seal of a session from everything else that is made with the key.
const SEAL: &[u8] = b"detente session v1\n";
/// The same for what is repeated in [`CSRF_HEADER`].
const SECOND: &[u8] = b"detente session's second secret v1\n";

/// Makes sessions, and knows its own.
pub struct Sessions(Renewed<hmac::Key>);

/// One signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names it among all there ever are.
    pub id: [u8; ID_BYTES],
    /// The user.
    pub user: String,
    /// How often everything of the user had been ended before; see [`crate::users::User::generation`].
    pub generation: u64,
    /// When it ends, in seconds since 1970.
    pub expires_s: u64,
}

impl Sessions {
    /// Takes the key; every server of a node has the same.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Renewed::new(hmac::Key::new(hmac::HMAC_SHA256, key)))
    }

    /// Goes on with another key, which ends every session opened with the one before.
    pub fn renew(&self, key: &[u8; 32]) {
        self.0.replace(hmac::Key::new(hmac::HMAC_SHA256, key));
    }

    /// Opens a session; the value goes into the cookie.
    ///
    /// # Errors
    ///
    /// [`NoChance`].
    pub fn open(
        &self,
        user: &str,
        generation: u64,
        expires_s: u64,
    ) -> Result<(String, Session), NoChance> {
        let session = Session {
            id: chance::draw()?,
            user: user.to_owned(),
            generation,
            expires_s,
        };
        let said = session.to_bytes();
        let seal = self.tag(SEAL, &said);
        let value = [seal.as_ref(), &said].concat();
        Ok((URL_SAFE_NO_PAD.encode(value), session))
    }

    /// Returns the session a cookie's value names, if this node opened it and its time is not over;
    /// whether it was ended before that, the users know.
    pub fn find(&self, presented: &str, now_s: u64) -> Option<Session> {
        if presented.len() > COOKIE_BYTES_MAX {
            return None;
        }
        let value = URL_SAFE_NO_PAD.decode(presented).ok()?;
        let (seal, said) =
            value.split_at_checked(hmac::HMAC_SHA256.digest_algorithm().output_len())?;
        hmac::verify(&self.0.now(), &[SEAL, said].concat(), seal).ok()?;
        let session = Session::from_bytes(said)?;
        (session.expires_s > now_s).then_some(session)
    }

    /// Returns what a changing request must repeat.
    pub fn csrf(&self, session: &Session) -> String {
        URL_SAFE_NO_PAD.encode(self.tag(SECOND, &session.id))
    }

    /// Returns whether a request repeats it.
    pub fn repeats(&self, session: &Session, repeated: &str) -> bool {
        let repeated = URL_SAFE_NO_PAD.decode(repeated).unwrap_or_default();
        hmac::verify(&self.0.now(), &[SECOND, &session.id].concat(), &repeated).is_ok()
    }

    fn tag(&self, purpose: &[u8], said: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0.now(), &[purpose, said].concat())
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sessions(…)")
    }
}

impl Session {
    /// Names it in the list of ended ones.
    pub fn name(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.id)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.id.to_vec();
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend(self.expires_s.to_be_bytes());
        bytes.extend(self.user.as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (generation, rest) = rest.split_first_chunk()?;
        let (expires, user) = rest.split_first_chunk()?;
        Some(Self {
            id: *id,
            user: std::str::from_utf8(user).ok()?.to_owned(),
            generation: u64::from_be_bytes(*generation),
            expires_s: u64::from_be_bytes(*expires),
        })
    }
}

/// Names the cookie of a node by its ledger: cookies know no ports, and several nodes may run on one machine.
pub fn cookie_name(origin: &str) -> String {
    let hash = Hash::of(origin.as_bytes()).to_hex();
    format!("{COOKIE}_{}", hash.get(..12).unwrap_or(&hash))
}

/// Writes the cookie: unreadable for scripts, never sent by another site's request.
pub fn cookie(name: &str, value: &str, hours: u64) -> String {
    let seconds = hours.saturating_mul(3_600);
    format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict")
}

/// Writes the cookie that ends a session.
pub fn ended_cookie(name: &str) -> String {
    format!("{name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict")
}

/// Finds the session's value in a `Cookie` header.
pub fn presented<'a>(name: &str, cookies: &'a str) -> Option<&'a str> {
    cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_found_by_its_cookie_until_it_ends() {
        let sessions = Sessions::new(&[1; 32]);
        let (value, session) = sessions.open("alice", 3, 100).expect("open");
        let header = format!("theme=dark; {}", cookie("n_1", &value, 1));
        assert_eq!(presented("n_2", &header), None);
        let header = header.split("; Path").next().unwrap_or_default();
        let shown = presented("n_1", header).expect("cookie");
        assert_eq!(sessions.find(shown, 99), Some(session.clone()));
        assert_eq!(sessions.find(shown, 100), None);
        // Another server of the node finds it as well, another node does not.
        assert_eq!(Sessions::new(&[1; 32]).find(shown, 99), Some(session));
        assert_eq!(Sessions::new(&[2; 32]).find(shown, 99), None);
        for wrong in ["", "x", "AAAA", &"A".repeat(2_000)] {
            assert_eq!(sessions.find(wrong, 0), None);
        }
    }

    #[test]
    fn nothing_about_a_session_can_be_changed() {
        let sessions = Sessions::new(&[1; 32]);
        let (value, session) = sessions.open("alice", 3, 100).expect("open");
        let sealed = URL_SAFE_NO_PAD.decode(&value).expect("bytes");
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            let shown = URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(sessions.find(&shown, 0), None, "{place}");
        }
        let longer = URL_SAFE_NO_PAD.encode([&sealed[..], b"x"].concat());
        assert_eq!(sessions.find(&longer, 0), None);
        // The second secret is another one for every session, and not the first.
        let csrf = sessions.csrf(&session);
        assert!(sessions.repeats(&session, &csrf));
        let (_, other) = sessions.open("alice", 3, 100).expect("open");
        assert!(!sessions.repeats(&other, &csrf));
        for wrong in ["", "x", value.as_str()] {
            assert!(!sessions.repeats(&session, wrong));
        }
    }
}
