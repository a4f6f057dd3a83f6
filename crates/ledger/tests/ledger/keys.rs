//! Keys rotate only by the announced root, and revocation is dated by the counterparty.

use std::collections::BTreeMap;

use detente_ledger::hash::Hash;
use detente_ledger::keys::{
    Cosigned, KeyEvent, KeyEventError, KeyHistory, Role, RootSigner, SignedKeyEvent, Standing,
};
use detente_ledger::vkey::Vkey;
use proptest::prelude::{any, prop, proptest};

use crate::sample::key;

fn root(seed: u8) -> RootSigner {
    RootSigner::from_seed(&[seed; 32]).expect("root")
}

fn role_key(role: Role, seed: u8) -> Vkey {
    key(
        &format!("alpha.example/{}", role.name()),
        role.signature_type(),
        seed,
    )
    .vkey()
    .clone()
}

fn event(sequence: u64, root_seed: u8, key_seed: u8) -> KeyEvent {
    let keys = Role::ALL.into_iter().zip(0..);
    let keys: BTreeMap<Role, Vkey> = keys
        .map(|(role, place)| (role, role_key(role, key_seed + place)))
        .collect();
    KeyEvent {
        participant: "alpha.example".to_owned(),
        sequence,
        root: root(root_seed).public(),
        next: root(root_seed + 1).commitment(),
        keys,
        seal: None,
        revoked: Vec::new(),
    }
}

fn genesis() -> KeyHistory {
    let signed = SignedKeyEvent::sign(event(0, 100, 1), &[&root(100)]);
    KeyHistory::genesis(0, b"genesis entry", &signed).expect("genesis")
}

#[test]
fn events_survive_their_json_form() {
    let mut original = event(0, 100, 1);
    original.seal = Some(
        detente_ledger::seal::SealSecretKey::from_seed(
            detente_ledger::seal::SealSuite::X25519,
            &[9; 32],
        )
        .public()
        .clone(),
    );
    let signed = SignedKeyEvent::sign(original, &[&root(100)]);
    assert_eq!(SignedKeyEvent::from_json(&signed.to_json()), Some(signed));
}

#[test]
fn identity_is_the_hash_of_the_genesis_entry() {
    assert_eq!(genesis().identity(), Hash::of(b"genesis entry"));
}

#[test]
fn rotation_needs_the_announced_root_and_the_old_one() {
    let mut history = genesis();
    let next = event(1, 101, 20);
    let only_new = SignedKeyEvent::sign(next.clone(), &[&root(101)]);
    assert_eq!(history.apply(5, &only_new), Err(KeyEventError::Signature));
    let only_old = SignedKeyEvent::sign(next.clone(), &[&root(100)]);
    assert_eq!(history.apply(5, &only_old), Err(KeyEventError::Signature));
    let thief = SignedKeyEvent::sign(event(1, 50, 20), &[&root(100), &root(50)]);
    assert_eq!(history.apply(5, &thief), Err(KeyEventError::NotTheNextRoot));
    let skipped = SignedKeyEvent::sign(event(2, 101, 20), &[&root(100), &root(101)]);
    assert_eq!(history.apply(5, &skipped), Err(KeyEventError::Sequence));
    let good = SignedKeyEvent::sign(next, &[&root(100), &root(101)]);
    assert_eq!(history.apply(5, &good), Ok(()));
    assert_eq!(history.active(Role::Log), Some(&role_key(Role::Log, 20)));
}

#[test]
fn one_key_serves_one_role_and_never_comes_back() {
    let mut shared = event(0, 100, 1);
    let log = key("alpha.example/log", Role::Log.signature_type(), 2)
        .vkey()
        .clone();
    shared.keys.insert(Role::Log, log);
    let signed = SignedKeyEvent::sign(shared, &[&root(100)]);
    assert_eq!(
        KeyHistory::genesis(0, b"", &signed),
        Err(KeyEventError::Keys)
    );

    let mut history = genesis();
    let mut revoking = event(1, 101, 20);
    revoking.revoked = vec![role_key(Role::Log, 1)];
    let signed = SignedKeyEvent::sign(revoking, &[&root(100), &root(101)]);
    assert_eq!(history.apply(5, &signed), Ok(()));
    let back = SignedKeyEvent::sign(event(2, 102, 1), &[&root(101), &root(102)]);
    assert_eq!(history.apply(6, &back), Err(KeyEventError::Keys));
}

#[test]
fn revocation_counts_from_the_counterpartys_cosignature() {
    let mut history = genesis();
    let signed = SignedKeyEvent::sign(event(1, 101, 20), &[&root(100), &root(101)]);
    history.apply(5, &signed).expect("rotation");
    let old = role_key(Role::Unit, 3);
    let cosigned = [
        Cosigned {
            size: 4,
            time_s: 10,
        },
        Cosigned {
            size: 6,
            time_s: 20,
        },
    ];
    assert_eq!(
        history.standing(Role::Unit, &old, 4, &cosigned),
        Standing::Good
    );
    let ended = Standing::Ended {
        by: 5,
        since_s: Some(20),
    };
    assert_eq!(history.standing(Role::Unit, &old, 5, &cosigned), ended);
    let undated = Standing::Ended {
        by: 5,
        since_s: None,
    };
    assert_eq!(
        history.standing(Role::Unit, &old, 9, &cosigned[..1]),
        undated
    );
    assert_eq!(
        history.standing(Role::Log, &old, 4, &cosigned),
        Standing::NeverHeld
    );
    assert_eq!(
        history.stood_at(Role::Unit, &old, 19, &cosigned),
        Some(true)
    );
    assert_eq!(
        history.stood_at(Role::Unit, &old, 20, &cosigned),
        Some(false)
    );
    assert_eq!(history.stood_at(Role::Unit, &old, 19, &cosigned[..1]), None);
}

proptest! {
    /// A reference model: whoever lacks the announced root never changes the keys.
    #[test]
    fn only_the_announced_root_ever_rotates(
        attempts in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 1..12)
    ) {
        let mut history = genesis();
        let (mut sequence, mut current) = (0_u64, 100_u8);
        for (index, (knows_old, knows_next, right_number)) in (1_u64..).zip(attempts) {
            let disclosed = if knows_next { current + 1 } else { 10 };
            let number = if right_number { sequence + 1 } else { sequence };
            let old = root(if knows_old { current } else { 11 });
            let signed = SignedKeyEvent::sign(
                event(number, disclosed, 20 + 3 * u8::try_from(index).expect("small")),
                &[&old, &root(disclosed)],
            );
            let accepted = history.apply(index, &signed).is_ok();
            proptest::prop_assert_eq!(accepted, knows_old && knows_next && right_number);
            if accepted {
                sequence += 1;
                current += 1;
            }
        }
    }
}
