//! The witness answers like the specification, and remembers before it answers.

use detente_ledger::checkpoint::{Checkpoint, SignedCheckpoint};
use detente_ledger::fork::{ForkError, ForkProof};
use detente_ledger::hash::Hash;
use detente_ledger::reader::LogReader;
use detente_ledger::storage::Storage;
use detente_ledger::storage::memory::{Fault, MemoryDisk};
use detente_ledger::vkey::SignatureType;
use detente_ledger::witness::{AddCheckpoint, Response, Witness, WitnessError, checkpoint_path};

use crate::sample::{ORIGIN, key, log_key, sample_log, signed, witness_key};

fn open(disk: MemoryDisk) -> Witness<MemoryDisk> {
    Witness::open(disk, witness_key(), &[log_key().vkey().clone()]).expect("witness")
}

fn head(size: u64) -> SignedCheckpoint {
    sample_log(size).1
}

/// A request with the right proof from `old` to `size`.
fn request(old: u64, size: u64) -> AddCheckpoint {
    let (files, checkpoint) = sample_log(size);
    let proof = match size {
        0 => Vec::new(),
        _ => LogReader::open(files, checkpoint.checkpoint().clone())
            .expect("log")
            .consistency_proof(old)
            .expect("proof"),
    };
    AddCheckpoint {
        old_size: old,
        proof,
        checkpoint,
    }
}

fn send(witness: &mut Witness<MemoryDisk>, request: &AddCheckpoint, now_s: u64) -> Response {
    witness.add_checkpoint(&request.to_bytes(), now_s)
}

#[test]
fn a_growing_log_is_cosigned() {
    let mut witness = open(MemoryDisk::new());
    for (old, size, now_s) in [
        (0, 0, 5),
        (0, 3, 10),
        (3, 3, 11),
        (3, 300, 12),
        (300, 301, 12),
    ] {
        let request = request(old, size);
        let response = send(&mut witness, &request, now_s);
        assert_eq!(response.status, 200, "{old} to {size}: {}", response.body);
        let mut note = request.checkpoint.note().clone();
        note.add_lines(&response.body).expect("signature lines");
        let keys = [witness_key().vkey().clone()];
        assert_eq!(note.verify(&keys).expect("cosigned")[0].time_s, Some(now_s));
    }
}

#[test]
fn another_old_size_is_answered_with_ours() {
    let mut witness = open(MemoryDisk::new());
    assert_eq!(send(&mut witness, &request(0, 300), 1).status, 200);
    for (old, size) in [(0, 400), (299, 400), (301, 400), (400, 400), (200, 250)] {
        let response = send(&mut witness, &request(old, size), 2);
        assert_eq!((response.status, response.body.as_str()), (409, "300\n"));
        assert_eq!(response.content_type, "text/x.tlog.size");
    }
    let behind = AddCheckpoint {
        old_size: 300,
        proof: Vec::new(),
        checkpoint: head(299),
    };
    assert_eq!(send(&mut witness, &behind, 2).status, 400);
}

#[test]
fn a_bad_proof_is_refused_and_changes_nothing() {
    let mut witness = open(MemoryDisk::new());
    assert_eq!(send(&mut witness, &request(0, 300), 1).status, 200);
    let good = request(300, 400);
    for place in 0..good.proof.len() {
        let mut bad = good.clone();
        bad.proof[place] = Hash::of(b"bad");
        assert_eq!(send(&mut witness, &bad, 2).status, 422);
        bad.proof.remove(place);
        assert_eq!(send(&mut witness, &bad, 2).status, 422);
    }
    let not_empty = AddCheckpoint {
        proof: vec![Hash::of(b"x")],
        ..request(300, 300)
    };
    assert_eq!(send(&mut witness, &not_empty, 2).status, 422);
    assert_eq!(
        witness
            .latest(ORIGIN)
            .map(|latest| latest.checkpoint().size()),
        Some(300)
    );
    assert_eq!(send(&mut witness, &good, 3).status, 200);
    // From size zero nothing needs a proof, so none is accepted.
    let mut fresh = open(MemoryDisk::new());
    let needless = AddCheckpoint {
        proof: vec![Hash::of(b"x")],
        ..request(0, 300)
    };
    assert_eq!(send(&mut fresh, &needless, 1).status, 422);
    assert!(fresh.latest(ORIGIN).is_none());
}

#[test]
fn a_fork_is_refused_and_its_proof_kept() {
    let mut witness = open(MemoryDisk::new());
    assert_eq!(send(&mut witness, &request(0, 300), 1).status, 200);
    let other = signed(300, Hash::of(b"another history"));
    let forked = AddCheckpoint {
        old_size: 300,
        proof: Vec::new(),
        checkpoint: other.clone(),
    };
    let response = send(&mut witness, &forked, 2);
    assert_eq!(response.status, 422);
    let fork = response.fork.expect("fork proof");
    assert_eq!(fork.verify(&[log_key().vkey().clone()]), Ok(()));
    let hidden = AddCheckpoint {
        old_size: 0,
        proof: Vec::new(),
        checkpoint: other,
    };
    let response = send(&mut witness, &hidden, 2);
    assert_eq!(response.status, 409);
    assert!(response.fork.is_some());

    let directory = checkpoint_path(ORIGIN).replace("/checkpoint", "/forks");
    let kept = witness.storage().list(&directory).expect("list");
    assert_eq!(kept.len(), 1);
    let path = format!("{directory}/{}", kept[0]);
    let bytes = witness.storage().read(&path).expect("read").expect("kept");
    let read = ForkProof::parse(&bytes).expect("fork proof");
    assert_eq!(read, *fork);
}

#[test]
fn strangers_and_malformed_requests_are_refused() {
    let mut witness = open(MemoryDisk::new());
    let unknown = {
        let head = Checkpoint::new("unknown.example", 1, Hash::of(b"r")).expect("head");
        let mut note = head.to_note().expect("note");
        note.sign(&log_key());
        SignedCheckpoint::from_note(note).expect("checkpoint")
    };
    let request_for = |checkpoint| AddCheckpoint {
        old_size: 0,
        proof: Vec::new(),
        checkpoint,
    };
    assert_eq!(send(&mut witness, &request_for(unknown), 1).status, 404);
    let forged = {
        let head = Checkpoint::new(ORIGIN, 1, Hash::of(b"r")).expect("head");
        let mut note = head.to_note().expect("note");
        note.sign(&key(ORIGIN, SignatureType::Ed25519, 77));
        SignedCheckpoint::from_note(note).expect("checkpoint")
    };
    assert_eq!(send(&mut witness, &request_for(forged), 1).status, 403);
    // The trusted key's name and identifier over a signature of another text.
    let transplanted = {
        let head = Checkpoint::new(ORIGIN, 1, Hash::of(b"r")).expect("head");
        let mut note = head.to_note().expect("note");
        let line = self::head(3).note().signatures()[0].to_line();
        note.add_lines(&line).expect("line");
        SignedCheckpoint::from_note(note).expect("checkpoint")
    };
    let response = send(&mut witness, &request_for(transplanted), 1);
    assert_eq!(response.status, 403);
    let good = String::from_utf8(request(0, 3).to_bytes()).expect("text");
    for bad in [
        String::new(),
        good.replace("old 0", "old 00"),
        good.replace("old 0", "old -1"),
        good.replace("old 0", "OLD 0"),
        good.replace("old 0\n", "old 0\nnot base64\n"),
        good.replace("old 0\n\n", "old 0\n"),
        good.replace("\n3\n", "\n03\n"),
        good.replace(
            "old 0\n",
            &format!("old 0\n{}", format!("{}\n", Hash::of(b"")).repeat(64)),
        ),
    ] {
        assert_eq!(
            witness.add_checkpoint(bad.as_bytes(), 1).status,
            400,
            "{bad}"
        );
    }
    assert_eq!(witness.add_checkpoint(&[0xff; 9], 1).status, 400);
}

#[test]
fn an_empty_log_has_the_root_of_no_entries() {
    let mut witness = open(MemoryDisk::new());
    let wrong = AddCheckpoint {
        old_size: 0,
        proof: Vec::new(),
        checkpoint: signed(0, Hash::of(b"not empty")),
    };
    assert_eq!(send(&mut witness, &wrong, 1).status, 422);
}

#[test]
fn time_never_runs_backwards() {
    let mut witness = open(MemoryDisk::new());
    assert_eq!(send(&mut witness, &request(0, 3), 100).status, 200);
    assert_eq!(send(&mut witness, &request(3, 4), 99).status, 500);
    assert_eq!(send(&mut witness, &request(3, 4), u64::MAX).status, 500);
    assert_eq!(send(&mut witness, &request(3, 4), 100).status, 200);
}

#[test]
fn no_cosigned_size_shrinks_whatever_step_of_the_disk_fails() {
    let faults = [
        Fault::Fails,
        Fault::FailsButPersisted,
        Fault::Crash,
        Fault::CrashAfter,
    ];
    for step in 0..8 {
        for fault in faults {
            for seed in 0..8 {
                let mut witness = open(MemoryDisk::new());
                assert_eq!(send(&mut witness, &request(0, 3), 1).status, 200);
                let mut disk = witness.storage().clone();
                disk.fail_at(step, fault);
                let mut witness = open(disk);
                let mut answered = 3;
                for (old, size) in [(3, 5), (5, 9)] {
                    if send(&mut witness, &request(old, size), 2).status == 200 {
                        answered = size;
                    }
                }
                let disk = witness.storage();
                let restarted = [disk.after_process_crash(), disk.after_power_loss(seed)];
                for disk in restarted {
                    let witness = open(disk);
                    let size = witness
                        .latest(ORIGIN)
                        .map_or(0, |latest| latest.checkpoint().size());
                    assert!(size >= answered, "step {step} {fault:?} seed {seed}");
                }
            }
        }
    }
}

#[test]
fn a_damaged_memory_refuses_to_open() {
    let mut witness = open(MemoryDisk::new());
    assert_eq!(send(&mut witness, &request(0, 3), 1).status, 200);
    let mut disk = witness.storage().clone();
    disk.tamper(&checkpoint_path(ORIGIN), |bytes| {
        bytes[ORIGIN.len() + 1] = b'2'
    });
    let result = Witness::open(disk, witness_key(), &[log_key().vkey().clone()]);
    assert!(matches!(result, Err(WitnessError::State { .. })));
}

#[test]
fn forks_between_different_sizes_are_proven_too() {
    let (files, large) = sample_log(700);
    let mut reader = LogReader::open(files, large.checkpoint().clone()).expect("log");
    let keys = [log_key().vkey().clone()];
    let honest_root = reader.root_at(300).expect("root");
    let proof = reader.consistency_proof(300).expect("proof");
    let fork = ForkProof {
        smaller: signed(300, Hash::of(b"what another party was shown")),
        larger: large.clone(),
        root_at_smaller: honest_root,
        proof,
    };
    assert_eq!(ForkProof::parse(&fork.to_bytes()), Ok(fork.clone()));
    assert_eq!(fork.verify(&keys), Ok(()));

    let honest = ForkProof {
        smaller: signed(300, honest_root),
        ..fork.clone()
    };
    assert_eq!(honest.verify(&keys), Err(ForkError::Consistent));
    let slander = ForkProof {
        root_at_smaller: Hash::of(b"made up"),
        ..honest
    };
    assert!(matches!(slander.verify(&keys), Err(ForkError::Proof(_))));
}

#[test]
fn two_checkpoints_are_compared_over_the_tiles_of_the_larger() {
    let (files, large) = sample_log(700);
    let mut reader = LogReader::open(&files, large.checkpoint().clone()).expect("log");
    let keys = [log_key().vkey().clone()];
    for size in [1, 255, 256, 300, 512, 699, 700] {
        let honest = signed(size, reader.root_at(size).expect("root"));
        let other = signed(size, Hash::of(b"what another party was shown"));
        for turned in [false, true] {
            let compare = |small: &SignedCheckpoint| match turned {
                false => ForkProof::compare(small.clone(), large.clone(), &files),
                true => ForkProof::compare(large.clone(), small.clone(), &files),
            };
            assert_eq!(compare(&honest), Ok(None), "{size}");
            let fork = compare(&other).expect("tiles").expect("another history");
            assert_eq!(fork.verify(&keys), Ok(()), "{size}");
        }
    }
    // Tiles of nobody prove nothing, in either direction.
    let nothing = std::collections::BTreeMap::new();
    assert!(ForkProof::compare(signed(300, Hash::of(b"x")), large, nothing).is_err());
}
