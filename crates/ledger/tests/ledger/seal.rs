//! Sealed entries: only recipients read, everyone can check a reveal, cheats are convicted.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use detente_ledger::complaint::{Complaint, Judgement, Reveal, SealedBody, judge};
use detente_ledger::hash::Hash;
use detente_ledger::seal::{
    OpenError, RevealFault, Seal, SealContext, SealError, SealPublicKey, SealSecretKey, SealSuite,
    check_reveal, open, seal,
};
use num_bigint::BigUint;

const SEED: [u8; 32] = [42; 32];
const PAYLOAD: &[u8] = b"two aircraft, corridor 3, from 04:00";

fn context() -> SealContext {
    SealContext {
        origin: "alpha.example".to_owned(),
        kind: "operation".to_owned(),
        agreement: "syria-2016".to_owned(),
    }
}

fn secrets(suite: SealSuite) -> Vec<SealSecretKey> {
    (1..4)
        .map(|seed| SealSecretKey::from_seed(suite, &[seed; 32]))
        .collect()
}

fn publics(secrets: &[SealSecretKey]) -> Vec<SealPublicKey> {
    secrets
        .iter()
        .map(|secret| secret.public().clone())
        .collect()
}

fn sealed_body(seal: Seal) -> SealedBody {
    let context = context();
    SealedBody {
        kind: context.kind,
        agreement: context.agreement,
        seal,
        reveal_by_s: 1000,
    }
}

#[test]
fn every_recipient_opens_and_nobody_else() {
    for suite in [SealSuite::X25519, SealSuite::XWing] {
        let secrets = secrets(suite);
        let (public, blob) = seal(&SEED, &context(), PAYLOAD, &publics(&secrets)).expect("seal");
        for secret in &secrets {
            assert_eq!(
                open(&public, &context(), &blob, secret).as_deref(),
                Ok(PAYLOAD)
            );
        }
        let stranger = SealSecretKey::from_seed(suite, &[9; 32]);
        let result = open(&public, &context(), &blob, &stranger);
        assert_eq!(result, Err(OpenError::NotARecipient));
        let elsewhere = SealContext {
            agreement: "another".to_owned(),
            ..context()
        };
        let result = open(&public, &elsewhere, &blob, &secrets[0]);
        assert_eq!(result, Err(OpenError::AnotherPayload));
        let body = sealed_body(public);
        assert_eq!(SealedBody::from_json(&body.to_json()), Some(body));
    }
}

#[test]
fn a_reveal_is_checked_byte_for_byte_by_anyone() {
    let recipients = publics(&secrets(SealSuite::X25519));
    let (public, _) = seal(&SEED, &context(), PAYLOAD, &recipients).expect("seal");
    let check = |seed: &[u8; 32], payload: &[u8], recipients: &[SealPublicKey]| {
        check_reveal(&public, &context(), seed, payload, recipients)
    };
    assert_eq!(check(&SEED, PAYLOAD, &recipients), Ok(()));
    assert_eq!(
        check(&[1; 32], PAYLOAD, &recipients),
        Err(RevealFault::Commitment)
    );
    assert_eq!(
        check(&SEED, b"another", &recipients),
        Err(RevealFault::Commitment)
    );
    assert_eq!(
        check(&SEED, PAYLOAD, &recipients[..2]),
        Err(RevealFault::Recipients)
    );
}

/// Every byte of the blob, for every recipient: never another payload, and the author, who must
/// answer a complaint with a reveal, is convicted exactly when the blob is not the right one.
#[test]
fn a_bent_blob_gives_a_complaint_that_convicts_its_author() {
    let secrets = secrets(SealSuite::X25519);
    let recipients = publics(&secrets);
    let (honest, blob) = seal(&SEED, &context(), PAYLOAD, &recipients).expect("seal");
    let reveal = Reveal {
        index: 7,
        seed: SEED,
        payload: PAYLOAD.to_vec(),
    };
    for place in 0..blob.len() {
        let mut bent = blob.clone();
        bent[place] ^= 0x10;
        // The author publishes the bent blob's hash, so the ledger matches what it hands out.
        let public = Seal {
            blob: Hash::of(&bent),
            ..honest.clone()
        };
        let mut opened = 0;
        for secret in &secrets {
            match open(&public, &context(), &bent, secret) {
                Ok(payload) => {
                    assert_eq!(payload, PAYLOAD);
                    opened += 1;
                }
                Err(error) => {
                    let id = secret.public().id();
                    let complaint = Complaint::new("alpha.example", 7, id, error);
                    let complaint = complaint.expect("ground for a complaint");
                    assert_eq!(Complaint::from_json(&complaint.to_json()), Some(complaint));
                }
            }
        }
        assert!(
            opened < 3,
            "byte {place} is covered for at least one recipient"
        );
        let judgement = judge(
            &sealed_body(public),
            "alpha.example",
            Some(&reveal),
            &recipients,
            500,
        );
        assert_eq!(
            judgement,
            Judgement::Fraud(RevealFault::Blob),
            "byte {place}"
        );
    }
}

#[test]
fn an_honest_author_is_never_convicted_and_silence_has_a_deadline() {
    let recipients = publics(&secrets(SealSuite::XWing));
    let (public, blob) = seal(&SEED, &context(), PAYLOAD, &recipients).expect("seal");
    let mut damaged = blob;
    damaged[20] ^= 1;
    let secret = &secrets(SealSuite::XWing)[0];
    assert_eq!(
        open(&public, &context(), &damaged, secret),
        Err(OpenError::OtherBlob)
    );
    let body = sealed_body(public);
    let reveal = Reveal {
        index: 7,
        seed: SEED,
        payload: PAYLOAD.to_vec(),
    };
    assert_eq!(Reveal::from_json(&reveal.to_json()), Some(reveal.clone()));
    let judged = |reveal, at| judge(&body, "alpha.example", reveal, &recipients, at);
    assert_eq!(judged(Some(&reveal), 5000), Judgement::Unfounded);
    assert_eq!(judged(None, 1000), Judgement::Pending);
    assert_eq!(judged(None, 1001), Judgement::RevealRefused);
    let lie = Reveal {
        payload: b"something harmless".to_vec(),
        ..reveal
    };
    assert_eq!(
        judged(Some(&lie), 500),
        Judgement::Fraud(RevealFault::Commitment)
    );
}

/// ChaCha20-Poly1305 does not commit to its key: one body can be made to open under two keys to
/// two texts. Two recipients can then read different payloads; the commitment exposes it.
#[test]
fn a_body_with_two_plaintexts_is_exposed() {
    let aad = Hash::of(b"commitment").as_bytes().to_vec();
    let (first, second) = ([1_u8; 32], [2_u8; 32]);
    let body = two_faced_body(&first, &second, &aad);
    let plain = |key: &[u8; 32]| {
        ChaCha20Poly1305::new(&Key::from(*key))
            .decrypt(
                &Nonce::default(),
                Payload {
                    msg: &body,
                    aad: &aad,
                },
            )
            .expect("the tag holds under both keys")
    };
    assert_ne!(plain(&first), plain(&second));
    // The same two texts as payloads: at most one of them can be what C commits to.
    let recipients = publics(&secrets(SealSuite::X25519));
    let (public, _) = seal(&SEED, &context(), &plain(&first), &recipients).expect("seal");
    let result = check_reveal(&public, &context(), &SEED, &plain(&second), &recipients);
    assert_eq!(result, Err(RevealFault::Commitment));
}

/// Solves for one ciphertext block that gives the same Poly1305 tag under both keys.
fn two_faced_body(first: &[u8; 32], second: &[u8; 32], aad: &[u8]) -> Vec<u8> {
    let prime = (BigUint::from(1_u8) << 130) - 5_u8;
    let (r1, s1) = one_time_key(first);
    let (r2, s2) = one_time_key(second);
    for filler in 0..=255_u8 {
        let mut text = vec![filler; 64];
        // tag = (sum of block_i * r^(n-i)) mod p + s mod 2^128; block 4 of the text is free.
        let evaluate = |r: &BigUint, text: &[u8]| {
            let mut blocks: Vec<Vec<u8>> = aad.chunks(16).map(<[u8]>::to_vec).collect();
            blocks.extend(text.chunks(16).map(<[u8]>::to_vec));
            let lengths = [
                (aad.len() as u64).to_le_bytes(),
                (text.len() as u64).to_le_bytes(),
            ];
            blocks.push(lengths.concat());
            blocks.iter().fold(BigUint::from(0_u8), |sum, block| {
                let block = BigUint::from_bytes_le(block) + (BigUint::from(1_u8) << 128);
                (sum + block) * r % &prime
            })
        };
        text[48..].fill(0);
        let (a1, a2) = (evaluate(&r1, &text), evaluate(&r2, &text));
        let slope: BigUint = (&prime + r1.pow(2) % &prime - r2.pow(2) % &prime) % &prime;
        let inverse = slope.modpow(&(&prime - 2_u8), &prime);
        for wraps in 0..4_u8 {
            // (a1 + x r1^2) - (a2 + x r2^2) = s2 - s1 + wraps * 2^128 (mod p)
            let shift = BigUint::from(wraps) << 128;
            let right: BigUint = (&prime * 4_u8 + &s2 + &shift - &s1 + &a2 - &a1) % &prime;
            let block: BigUint = right * &inverse % &prime;
            let bytes = block.to_bytes_le();
            if bytes.len() > 16 {
                continue;
            }
            text[48..].fill(0);
            text[48..48 + bytes.len()].copy_from_slice(&bytes);
            let modulus = BigUint::from(1_u8) << 128;
            let tag = |r: &BigUint, s: &BigUint| -> BigUint { (evaluate(r, &text) + s) % &modulus };
            if tag(&r1, &s1) == tag(&r2, &s2) {
                let mut tag = tag(&r1, &s1).to_bytes_le();
                tag.resize(16, 0);
                return [text, tag].concat();
            }
        }
    }
    panic!("no colliding block among 1,024 tries; each succeeds with probability near 1/8");
}

/// RFC 8439 section 2.6: the first 32 bytes of the key stream are r (clamped) and s.
fn one_time_key(key: &[u8; 32]) -> (BigUint, BigUint) {
    use chacha20::cipher::{KeyIvInit as _, StreamCipher as _};
    let mut stream = [0; 32];
    chacha20::ChaCha20::new(&(*key).into(), &[0; 12].into()).apply_keystream(&mut stream);
    let (r, s) = stream.split_at(16);
    let mut r = r.to_vec();
    for place in [3, 7, 11, 15] {
        r[place] &= 15;
    }
    for place in [4, 8, 12] {
        r[place] &= 252;
    }
    (BigUint::from_bytes_le(&r), BigUint::from_bytes_le(s))
}

#[test]
fn limits_are_kept() {
    let one = publics(&secrets(SealSuite::X25519));
    let other = publics(&secrets(SealSuite::XWing));
    let refused = |recipients: &[SealPublicKey]| seal(&SEED, &context(), b"", recipients).err();
    assert_eq!(refused(&[]), Some(SealError::Recipients));
    assert_eq!(
        refused(&[one[0].clone(), other[0].clone()]),
        Some(SealError::Recipients)
    );
    assert_eq!(
        refused(&vec![one[0].clone(); 65]),
        Some(SealError::Recipients)
    );
    let long = vec![0; detente_ledger::seal::PAYLOAD_BYTES_MAX + 1];
    assert!(seal(&SEED, &context(), &long, &one).is_err());
    assert_eq!(SealPublicKey::new(SealSuite::XWing, &[0; 32]), None);
}
