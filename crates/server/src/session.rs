//! Signed-in browsers: a secret in a cookie, its hash here, and a second secret against forged
//! requests from other sites.
//!
//! Sessions live in memory: whoever restarts a node signs everybody out.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use detente_ledger::hash::Hash;

use crate::chance::{self, NoChance};
use crate::secret::Secret;

/// How the names of the cookies begin; see [`cookie_name`].
pub const COOKIE: &str = "detente_session";
/// Where a browser repeats the second secret; a form on another site cannot set a header.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// Most sessions at a time: the oldest ends first.
pub const SESSIONS_MAX: usize = 10_000;

/// Everybody who is signed in.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<BTreeMap<String, Session>>);

/// One signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user.
    pub user: String,
    /// What a changing request must repeat.
    pub csrf: String,
    /// When it ends, in seconds since 1970.
    pub expires_s: u64,
}

impl Sessions {
    /// Signs a user in; the secret goes into the cookie.
    ///
    /// # Errors
    ///
    /// [`NoChance`].
    pub fn open(&self, user: &str, expires_s: u64) -> Result<(Secret, Session), NoChance> {
        let secret = chance::secret()?;
        let session = Session {
            user: user.to_owned(),
            csrf: chance::secret()?.reveal(),
            expires_s,
        };
        let mut sessions = self.lock();
        if sessions.len() >= SESSIONS_MAX {
            let oldest = sessions
                .iter()
                .min_by_key(|(_, session)| session.expires_s)
                .map(|(digest, _)| digest.clone());
            oldest.map(|digest| sessions.remove(&digest));
        }
        sessions.insert(secret.digest(), session.clone());
        Ok((secret, session))
    }

    /// Returns the session a cookie's value names.
    pub fn find(&self, presented: &str, now_s: u64) -> Option<Session> {
        let digest = Secret::parse(presented)?.digest();
        let mut sessions = self.lock();
        let session = sessions.get(&digest)?.clone();
        if session.expires_s <= now_s {
            sessions.remove(&digest);
            return None;
        }
        Some(session)
    }

    /// Signs a browser out.
    pub fn close(&self, presented: &str) {
        if let Some(secret) = Secret::parse(presented) {
            self.lock().remove(&secret.digest());
        }
    }

    /// Signs a user out everywhere.
    pub fn close_all(&self, user: &str) {
        self.lock().retain(|_, session| session.user != user);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names the cookie of a node by its ledger: cookies know no ports, and several nodes may run on one machine.
pub fn cookie_name(origin: &str) -> String {
    let hash = Hash::of(origin.as_bytes()).to_hex();
    format!("{COOKIE}_{}", hash.get(..12).unwrap_or(&hash))
}

/// Writes the cookie: unreadable for scripts, never sent by another site's request.
pub fn cookie(name: &str, secret: &Secret, hours: u64) -> String {
    let seconds = hours.saturating_mul(3_600);
    format!(
        "{name}={}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict",
        secret.reveal()
    )
}

/// Writes the cookie that ends a session.
pub fn ended_cookie(name: &str) -> String {
    format!("{name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict")
}

/// Finds the session's secret in a `Cookie` header.
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
        let sessions = Sessions::default();
        let (secret, session) = sessions.open("alice", 100).expect("open");
        let header = format!("theme=dark; {}", cookie("n_1", &secret, 1));
        assert_eq!(presented("n_2", &header), None);
        let header = header.split("; Path").next().unwrap_or_default();
        let shown = presented("n_1", header).expect("cookie");
        assert_eq!(sessions.find(shown, 99), Some(session));
        assert_eq!(sessions.find(shown, 100), None);
        assert_eq!(sessions.find("x", 0), None);
        let (other, _) = sessions.open("alice", 100).expect("open");
        sessions.close_all("alice");
        assert_eq!(sessions.find(&other.reveal(), 0), None);
    }
}
