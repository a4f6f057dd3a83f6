//! What ties a sign-in to the browser that began it, without keeping anything until it comes back:
//! everything is made from one random value and the node's own key.
//!
//! Anybody can begin sign-ins, and none of them costs memory here; whichever server of a node the
//! browser comes back to knows it again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::{PENDING_S, SignInFault};
use crate::renewed::Renewed;
use crate::secret::Secret;

/// Finished sign-ins that are remembered, so that none comes back twice: a provider takes a code once
/// as well, so that nothing is lost when the oldest give way.
const FINISHED_MAX: usize = 10_000;
/// What the values are for; none can be taken for another.
const NONCE: &[u8] = b"detente sign-in v1 nonce\n";
const VERIFIER: &[u8] = b"detente sign-in v1 verifier\n";
const BROWSER: &[u8] = b"detente sign-in v1 browser\n";

/// Makes sign-ins, and knows its own.
pub(super) struct Ties {
    key: Renewed<hmac::Key>,
    finished: Mutex<BTreeMap<String, u64>>,
}

/// What belongs to one sign-in.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Tied {
    /// Comes back inside the token.
    pub(super) nonce: String,
    /// Proves at the token endpoint who began (RFC 7636).
    pub(super) verifier: String,
}

impl Ties {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self {
            key: Renewed::new(hmac::Key::new(hmac::HMAC_SHA256, key)),
            finished: Mutex::default(),
        }
    }

    pub(super) fn renew(&self, key: &[u8; 32]) {
        self.key.replace(hmac::Key::new(hmac::HMAC_SHA256, key));
    }

    /// Returns what belongs to a sign-in.
    pub(super) fn of(&self, state: &Secret) -> Tied {
        let made = |purpose: &[u8]| {
            let message = [purpose, state.bytes()].concat();
            URL_SAFE_NO_PAD.encode(hmac::sign(&self.key.now(), &message))
        };
        Tied {
            nonce: made(NONCE),
            verifier: made(VERIFIER),
        }
    }

    /// Returns what the browser keeps of a sign-in that begins now.
    pub(super) fn to_browser(&self, state: &Secret, now_s: u64) -> String {
        let until = now_s.saturating_add(PENDING_S).to_be_bytes();
        let tag = hmac::sign(&self.key.now(), &[BROWSER, &until, state.bytes()].concat());
        URL_SAFE_NO_PAD.encode([&until, tag.as_ref()].concat())
    }

    /// Takes the sign-in that comes back: once, in time, and in the browser that began it.
    pub(super) fn take(
        &self,
        state: Option<&str>,
        browser: Option<&str>,
        now_s: u64,
    ) -> Result<Tied, SignInFault> {
        let state = state.and_then(Secret::parse);
        let state = state.ok_or(SignInFault::Unknown)?;
        let until_s = browser.and_then(|browser| self.until_s(&state, browser));
        let until_s = until_s
            .filter(|until_s| *until_s > now_s)
            .ok_or(SignInFault::Unknown)?;
        let mut finished = self.lock();
        finished.retain(|_, until_s| *until_s > now_s);
        if finished.len() >= FINISHED_MAX {
            let oldest = finished.iter().min_by_key(|(_, until_s)| **until_s);
            let oldest = oldest.map(|(state, _)| state.clone());
            oldest.map(|oldest| finished.remove(&oldest));
        }
        match finished.insert(state.digest(), until_s) {
            None => Ok(self.of(&state)),
            Some(_) => Err(SignInFault::Unknown),
        }
    }

    /// Until when a browser may come back with a sign-in, if it is the one that began it.
    fn until_s(&self, state: &Secret, browser: &str) -> Option<u64> {
        let kept = URL_SAFE_NO_PAD.decode(browser).ok()?;
        let (until, tag) = kept.split_first_chunk::<8>()?;
        let message = [BROWSER, until, state.bytes()].concat();
        hmac::verify(&self.key.now(), &message, tag).ok()?;
        Some(u64::from_be_bytes(*until))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Ties {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Ties(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_comes_back_once_in_time_and_to_its_own_browser() {
        let ties = Ties::new(&[1; 32]);
        let (state, other) = (Secret::new([1; 32]), Secret::new([2; 32]));
        let take = |ties: &Ties, state: &Secret, browser: &str, now_s| {
            ties.take(Some(&state.reveal()), Some(browser), now_s)
                .is_ok()
        };
        let kept = ties.to_browser(&state, 100);
        let last_s = 100 + PENDING_S - 1;
        assert!(!take(&ties, &state, &kept, last_s + 1), "too late");
        assert!(!take(&ties, &other, &kept, 100), "another sign-in's");
        let elsewhere = ties.to_browser(&other, 100);
        assert!(!take(&ties, &state, &elsewhere, 100), "another browser");
        for wrong in ["", "x", &"A".repeat(54)] {
            assert!(!take(&ties, &state, wrong, 100));
        }
        assert!(ties.take(None, Some(&kept), 100).is_err());
        assert!(ties.take(Some(&state.reveal()), None, 100).is_err());
        // Nobody can end it from elsewhere, another node does not know it, another server does.
        assert!(!take(&Ties::new(&[2; 32]), &state, &kept, 100));
        assert!(take(&Ties::new(&[1; 32]), &state, &kept, last_s));
        assert!(take(&ties, &state, &kept, last_s));
        assert!(!take(&ties, &state, &kept, last_s), "a second time");
    }

    #[test]
    fn no_value_is_that_of_another_sign_in_or_purpose() {
        let ties = Ties::new(&[1; 32]);
        let (one, two) = (
            ties.of(&Secret::new([1; 32])),
            ties.of(&Secret::new([2; 32])),
        );
        let values = [&one.nonce, &one.verifier, &two.nonce, &two.verifier];
        let different: std::collections::BTreeSet<_> = values.into_iter().collect();
        assert_eq!(different.len(), 4);
        // RFC 7636, section 4.1: 43 to 128 unreserved characters.
        assert_eq!(one.verifier.len(), 43);
    }
}
