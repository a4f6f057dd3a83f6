//! Seeded mutations of good inputs for every fuzz target, and a differential corpus.

use detente_ledger::checkpoint::Checkpoint;
use detente_ledger::evidence::Evidence;
use detente_ledger::exhibit::{Exhibit, ExhibitedEntry, ExhibitedLedger};
use detente_ledger::fork::ForkProof;
use detente_ledger::hash::Hash;
use detente_ledger::hostile::TARGETS;
use detente_ledger::note::Note;
use detente_ledger::reader::LogReader;
use detente_ledger::seal::{SealContext, SealSecretKey, SealSuite, seal};
use detente_ledger::witness::AddCheckpoint;

use crate::sample::{entry, log_key, sample_log, signed, witness_key};

/// Mutations of each good input.
const ROUNDS: u64 = 4_000;

/// A small deterministic generator (splitmix64).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound as u64).max(1)).expect("small")
    }
}

/// Bends bytes in one to four places: flip, insert, delete, double, cut, swap of digits and signs.
pub(crate) fn bend(good: &[u8], chance: &mut Chance) -> Vec<u8> {
    const PIECES: [&[u8]; 14] = [
        b"\n",
        b"\n\n",
        b"0",
        b"00",
        b"-",
        b"+",
        b" ",
        b"=",
        b"\xff",
        b"\0",
        b"\xe2\x80\x94 ",
        b"9223372036854775808",
        b"x000/",
        b".p/",
    ];
    let mut bytes = good.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len() + 1);
        match chance.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            1 if at < bytes.len() => {
                bytes.remove(at);
            }
            2 => bytes.truncate(at),
            3 => {
                let end = (at + chance.below(40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            4 if at < bytes.len() => bytes[at] = chance.next().to_le_bytes()[0],
            _ => {
                let piece = PIECES[chance.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
    bytes
}

/// Good inputs of every format, whichever target they belong to.
fn corpus() -> Vec<Vec<u8>> {
    let (files, head) = sample_log(300);
    let mut reader = LogReader::open(files.clone(), head.checkpoint().clone()).expect("log");
    let proof = reader.inclusion_proof(7).expect("proof");
    let consistency = reader.consistency_proof(100).expect("proof");
    let mut note = head.note().clone();
    note.cosign(&witness_key(), 5);
    let evidence = Evidence {
        extra: Some(vec![1, 2]),
        index: 7,
        proof: proof.clone(),
        checkpoint: head.clone(),
    };
    let request = AddCheckpoint {
        old_size: 100,
        proof: consistency.clone(),
        checkpoint: head.clone(),
    };
    let fork = ForkProof::of_equal_sizes(signed(300, Hash::of(b"other")), head.clone());
    let policy = format!(
        "# trust\nlog {}\nwitness w {}\ngroup g all w\nquorum g\n",
        log_key().vkey(),
        witness_key().vkey()
    );
    let context = SealContext {
        origin: "o".to_owned(),
        kind: "k".to_owned(),
        agreement: "a".to_owned(),
    };
    let secret = SealSecretKey::from_seed(SealSuite::X25519, &[1; 32]);
    let (_, blob) = seal(&[2; 32], &context, b"payload", &[secret.public().clone()]).expect("seal");
    let mut numbers = [7_u64.to_be_bytes(), 300_u64.to_be_bytes()].concat();
    for hash in [head.checkpoint().root()].iter().chain(&proof) {
        numbers.extend_from_slice(hash.as_bytes());
    }
    let exhibit = Exhibit {
        statement: serde_json::Map::from_iter([("by".to_owned(), "auditor".into())]),
        ledgers: vec![ExhibitedLedger {
            checkpoint: evidence.checkpoint.clone(),
            entries: vec![ExhibitedEntry {
                index: evidence.index,
                bytes: entry(evidence.index),
                proof: evidence.proof.clone(),
            }],
            withheld: Some(2),
        }],
        contents: vec![b"content".to_vec()],
    };
    let exhibit = exhibit.seal(&log_key()).expect("exhibit");
    let envelope = br#"{"detente":1,"kind":"report","author":"a","written_at":"2016-09-12T16:00:00Z","salt":"BwcHBwcHBwcHBwcHBwcHBw==","awareness":[],"body":{}}"#;
    vec![
        note.to_bytes(),
        head.checkpoint().to_text().into_bytes(),
        log_key().vkey().to_string().into_bytes(),
        b"tile/0/x001/x234/067.p/5".to_vec(),
        b"tile/22/200/80".to_vec(),
        b"tile/entries/000".to_vec(),
        [vec![44], files["tile/entries/001.p/44"].clone()].concat(),
        numbers,
        policy.into_bytes(),
        evidence.to_bytes(),
        exhibit,
        fork.to_bytes(),
        request.to_bytes(),
        envelope.to_vec(),
        blob,
        entry(1),
    ]
}

#[test]
fn no_bytes_break_a_parser_and_nothing_has_two_spellings() {
    let corpus = corpus();
    for (name, target) in TARGETS {
        // The seed is fixed and the target's name part of it: a failure can be run again.
        let seed = name.bytes().fold(11_u64, |seed, byte| {
            seed.wrapping_mul(31).wrapping_add(byte.into())
        });
        let mut chance = Chance(seed);
        for good in &corpus {
            target(good);
            for _ in 0..ROUNDS {
                target(&bend(good, &mut chance));
            }
        }
    }
}

/// What the published crates `tlog_tiles` and `signed_note` 0.2.0 accept and we refuse, or the
/// reverse, is listed here; everything else they judge alike.
#[test]
fn the_published_crates_judge_notes_and_checkpoints_alike() {
    let corpus = corpus();
    let mut chance = Chance(77);
    for round in 0..3 * ROUNDS {
        let bytes = match round {
            0 => corpus[0].clone(),
            1 => corpus[1].clone(),
            _ => bend(&corpus[usize::from(round % 2 == 1)], &mut chance),
        };
        let ours = Note::parse(&bytes).is_ok();
        let theirs = signed_note::Note::from_bytes(&bytes).is_ok();
        assert_eq!(ours, theirs, "note {:?}", String::from_utf8_lossy(&bytes));
        let Ok(text) = std::str::from_utf8(&bytes) else {
            continue;
        };
        let ours = Checkpoint::parse(text);
        let theirs = tlog_tiles::Checkpoint::from_bytes(&bytes);
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => {
                assert_eq!(
                    (ours.origin(), ours.size()),
                    (theirs.origin(), theirs.size())
                );
            }
            // They stop at 2^64, we at 2^63, where Go's reader stops.
            (Err(_), Ok(theirs)) if theirs.size() > detente_ledger::hash::SIZE_MAX => {}
            (Err(_), Err(_)) => {}
            // Control characters are the note's business there, the checkpoint's here.
            (Err(_), Ok(_)) if bytes.iter().any(|byte| *byte < b' ' && *byte != b'\n') => {}
            (ours, theirs) => panic!("{text:?}: ours {ours:?}, theirs {}", theirs.is_ok()),
        }
    }
}
