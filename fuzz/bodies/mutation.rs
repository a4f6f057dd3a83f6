//! Seeded mutations of sound documents: how the crates' own tests run the bodies for a while.

/// A small generator of reproducible numbers (splitmix64, Steele, Lea and Flood 2014).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`, 0 when there is none.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

fn mutated(seed_document: &[u8], fragments: &[&[u8]], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seed_document.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len());
        let length = numbers.below(24).min(bytes.len() - at);
        match numbers.below(6) {
            0 => {
                bytes.drain(at..at + length);
            }
            1 => {
                let fragment = fragments[numbers.below(fragments.len())];
                bytes.splice(at..at, fragment.iter().copied());
            }
            2 => {
                let copy = bytes[at..at + length].to_vec();
                let to = numbers.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            3 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << numbers.below(8);
                }
            }
            4 => bytes.truncate(at),
            _ => {
                let fragment = fragments[numbers.below(fragments.len())];
                bytes.splice(at..at + length, fragment.iter().copied());
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

/// Runs `body` over `rounds` mutations of `documents`, made with `fragments`.
pub(crate) fn run(
    seed: u64,
    rounds: u64,
    documents: &[&str],
    fragments: &[&[u8]],
    body: fn(&[u8]),
) {
    for round in 0..rounds {
        // The number of the round is the seed: a failure is repeated by running that round alone.
        let mut numbers = Numbers(seed.wrapping_add(round));
        let document = documents[numbers.below(documents.len())];
        let bytes = mutated(document.as_bytes(), fragments, &mut numbers);
        let survived = std::panic::catch_unwind(|| body(&bytes)).is_ok();
        assert!(
            survived,
            "seed {seed} round {round}: {}",
            String::from_utf8_lossy(&bytes)
        );
    }
}
