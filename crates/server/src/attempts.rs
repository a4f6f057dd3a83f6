//! Passwords tried one after another, and how long whoever fails has to wait.
//!
//! Counted for a name and a place together: from where somebody guesses nobody guesses on, and
//! whoever guesses a watch officer's password does not keep the officer out. Names that nobody has
//! are counted like those of users, so that waiting tells nothing.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use detente_ledger::hash::Hash;

/// Failures that cost nothing: people mistype.
pub const FREE: u32 = 10;
/// Longest wait after a failure, in seconds; with [`FREE`] it leaves about 1,500 guesses a day, of
/// passwords with twelve characters at least.
pub const WAIT_S_MAX: u64 = 60;
/// How long a failure counts, in seconds.
pub const REMEMBERED_S: u64 = 24 * 3_600;
/// Pairs of name and place that are counted: the one that failed longest ago gives way.
pub const COUNTED_MAX: usize = 10_000;

/// Who failed how often.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<BTreeMap<Hash, Failures>>);

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last_s: u64,
}

impl Attempts {
    /// Returns how many seconds a name has to wait at a place; none when it may try now.
    pub fn wait_s(&self, name: &str, from: Option<IpAddr>, now_s: u64) -> Option<u64> {
        let counted = self.lock();
        let failures = counted.get(&key(name, from))?;
        if failures.last_s.saturating_add(REMEMBERED_S) <= now_s {
            return None;
        }
        let more = failures.count.checked_sub(FREE)?;
        let pause_s = 1_u64.checked_shl(more).unwrap_or(WAIT_S_MAX);
        let until_s = failures.last_s.saturating_add(pause_s.min(WAIT_S_MAX));
        until_s.checked_sub(now_s).filter(|wait_s| *wait_s > 0)
    }

    /// Counts a failure before it is known to be one: whoever tries many at a time is counted too.
    pub fn begin(&self, name: &str, from: Option<IpAddr>, now_s: u64) {
        let mut counted = self.lock();
        let key = key(name, from);
        if counted.len() >= COUNTED_MAX && !counted.contains_key(&key) {
            counted.retain(|_, failures| failures.last_s.saturating_add(REMEMBERED_S) > now_s);
            let oldest = counted.iter().min_by_key(|(_, failures)| failures.last_s);
            if counted.len() >= COUNTED_MAX
                && let Some(oldest) = oldest.map(|(key, _)| *key)
            {
                counted.remove(&oldest);
            }
        }
        let failures = counted.entry(key).or_insert(Failures {
            count: 0,
            last_s: now_s,
        });
        if failures.last_s.saturating_add(REMEMBERED_S) <= now_s {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last_s = now_s;
    }

    /// Forgets what was counted: the password was right.
    pub fn succeed(&self, name: &str, from: Option<IpAddr>) {
        self.lock().remove(&key(name, from));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Hash, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names a pair by a hash: names can be long. Of an IPv6 address the network counts, which one
/// machine has whole.
fn key(name: &str, from: Option<IpAddr>) -> Hash {
    let place: [u8; 16] = match from {
        None => [0; 16],
        Some(IpAddr::V4(address)) => address.to_ipv6_mapped().octets(),
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.to_ipv6_mapped().octets(),
            None => (u128::from_be_bytes(address.octets()) >> 64 << 64).to_be_bytes(),
        },
    };
    Hash::of_parts(&[&place, name.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_fails_waits_longer_every_time_and_nobody_else_does() {
        let attempts = Attempts::default();
        let here = Some(IpAddr::from([10, 0, 0, 1]));
        let there = Some(IpAddr::from([10, 0, 0, 2]));
        for _ in 0..FREE {
            assert_eq!(attempts.wait_s("alice", here, 0), None);
            attempts.begin("alice", here, 0);
        }
        let mut now_s = 0;
        for pause_s in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(attempts.wait_s("alice", here, now_s), Some(pause_s));
            now_s += pause_s;
            assert_eq!(attempts.wait_s("alice", here, now_s), None);
            attempts.begin("alice", here, now_s);
        }
        assert_eq!(attempts.wait_s("alice", there, now_s), None);
        assert_eq!(attempts.wait_s("bob", here, now_s), None);
        assert_eq!(attempts.wait_s("alice", here, now_s + REMEMBERED_S), None);
        attempts.succeed("alice", here);
        assert_eq!(attempts.wait_s("alice", here, now_s), None);
    }

    #[test]
    fn one_machines_addresses_are_one_place_and_memory_is_bounded() {
        let attempts = Attempts::default();
        let one: IpAddr = "2001:db8::1".parse().expect("address");
        let two: IpAddr = "2001:db8::2".parse().expect("address");
        assert_eq!(key("a", Some(one)), key("a", Some(two)));
        for number in 0..=COUNTED_MAX as u64 {
            attempts.begin(&number.to_string(), Some(one), number);
        }
        assert_eq!(attempts.lock().len(), COUNTED_MAX);
        assert!(!attempts.lock().contains_key(&key("0", Some(one))));
    }
}
