//! What becomes of a ledger whose keys are replaced, at its own node and at others'.

use super::*;
use crate::federation::forest::Forest;

/// An administrator's wish that a node goes on with its next keys.
fn rotation(origin: &str, sequence: u8) -> Input {
    let seed = seed_of(origin);
    Input::Rotate {
        request: 1,
        event: Box::new(signed_key_event(origin, sequence, seed, true)),
        salt: [5; 16],
        successor: Box::new(Identity {
            origin: Arc::from(origin),
            cosigner: signer(origin, Role::Cosign, seed + sequence),
            salt_seed: [seed + sequence; 32],
            former_salt_seeds: vec![[seed; 32]],
        }),
    }
}

#[test]
fn a_replaced_key_signs_no_more() {
    let mut parties = Parties::new(2, Limits::standard());
    let rotation = key_event(ALPHA, 1, seed_of(ALPHA));
    let machine = parties.machines.get_mut(ALPHA).expect("machine");
    machine.log_seed += 1;
    parties.adopt(ALPHA, rotation);
    assert_eq!(parties.of(BRAVO).node.size(ALPHA), 2);
    let head = parties.of(BRAVO).node.head(ALPHA).expect("head");
    assert_eq!(head.checkpoint().size(), 2);

    // A thief of the old key continues the ledger: nobody takes it.
    let mut log = parties.of(ALPHA).log.clone();
    log.push(entry("note", 30, Map::new()));
    let forged = signed(ALPHA, seed_of(ALPHA), &log);
    let poll = |parties: &Parties| {
        let asked = parties.of(BRAVO).errands.iter().rev();
        asked
            .filter_map(|errand| match errand {
                Errand::Send {
                    message:
                        Message::Ask {
                            exchange,
                            ask: Ask::Heads { .. },
                        },
                    ..
                } => Some(*exchange),
                _ => None,
            })
            .next()
            .expect("a poll")
    };
    parties.is_cut = true;
    let exchange = poll(&parties);
    let answer = Answer::Heads(vec![forged]);
    let message = Message::Answer { exchange, answer };
    let peer = Arc::from(ALPHA);
    parties.input(BRAVO, Input::FromPeer { peer, message });
    let asked = parties.of(BRAVO).errands.last().cloned();
    // It asks for newer keys; there are none that would make it good.
    let Some(Errand::Send {
        message: Message::Ask {
            exchange,
            ask: Ask::Keys { .. },
        },
        ..
    }) = asked
    else {
        panic!("asked {asked:?}");
    };
    let message = Message::Answer {
        exchange,
        answer: Answer::Keys(Vec::new()),
    };
    let peer = Arc::from(ALPHA);
    parties.input(BRAVO, Input::FromPeer { peer, message });
    assert_eq!(parties.of(BRAVO).node.size(ALPHA), 2);
    let misbehaved = |finding: &Finding| matches!(finding, Finding::Misbehaved { .. });
    assert!(parties.of(BRAVO).findings.iter().any(misbehaved));
}

#[test]
fn a_node_goes_on_with_the_keys_its_roots_announced() {
    let mut parties = Parties::new(2, Limits::standard());
    let once = Once {
        key: "k".to_owned(),
        wish: Hash::of(b"wish"),
    };
    parties.wish(ALPHA, json!({"subject": "x"}), Some(once.clone()));
    parties.input(ALPHA, rotation(ALPHA, 1));
    parties.command(ALPHA, json!({"subject": "y"}));
    parties.pass(3);
    assert_eq!(parties.of(ALPHA).answers, [Ok(1), Ok(2), Ok(3)]);

    // The other holds all of it, and cosigned under the new key; the first checkpoint with the event
    // is already signed by it.
    let head = parties.of(BRAVO).node.head(ALPHA).expect("head").clone();
    assert_eq!(head.checkpoint().size(), 4);
    let new_key = signer(ALPHA, Role::Log, seed_of(ALPHA) + 1);
    assert!(head.verify_log(&[new_key.vkey().clone()]).is_ok());
    assert_eq!(
        parties.of(ALPHA).node.cosigned(ALPHA).expect("own")[BRAVO].size,
        4
    );
    // What this node cosigns now, it cosigns with the new key, and it counts.
    parties.command(BRAVO, json!({"subject": "z"}));
    let head = parties.of(BRAVO).node.head(BRAVO).expect("head").clone();
    let cosigner = signer(ALPHA, Role::Cosign, seed_of(ALPHA) + 1);
    assert!(head.note().verify(&[cosigner.vkey().clone()]).is_ok());

    // A wish put under the earlier keys is still the same wish.
    parties.wish(ALPHA, json!({"subject": "x"}), Some(once));
    assert_eq!(parties.of(ALPHA).answers.last(), Some(&Ok(1)));
    assert_eq!(parties.of(ALPHA).node.size(ALPHA), 4);
}

#[test]
fn keys_follow_one_another_in_the_order_their_roots_say() {
    let mut parties = Parties::new(2, Limits::standard());
    parties.input(ALPHA, rotation(ALPHA, 2));
    let refused = parties.of(ALPHA).answers.last().cloned();
    let reason = Refusal::<&str>::Keys(KeyEventError::Sequence).to_string();
    assert_eq!(refused, Some(Err(reason)));
    // An event that names another cosigning key than the node would use.
    let Input::Rotate {
        request,
        event,
        salt,
        successor,
    } = rotation(ALPHA, 1)
    else {
        panic!("a rotation");
    };
    let mut other = successor;
    other.cosigner = signer(ALPHA, Role::Cosign, 77);
    let wrong = Input::Rotate {
        request,
        event,
        salt,
        successor: other,
    };
    parties.input(ALPHA, wrong);
    let reason = Refusal::<&str>::Keys(KeyEventError::Keys).to_string();
    assert_eq!(parties.of(ALPHA).answers.last(), Some(&Err(reason)));
    assert_eq!(parties.of(ALPHA).node.size(ALPHA), 1);

    // While one is on its way to the disk, there is no other; and none after the disk failed.
    parties.hangs = true;
    parties.input(ALPHA, rotation(ALPHA, 1));
    parties.input(ALPHA, rotation(ALPHA, 1));
    let reason = Refusal::<&str>::UnderWay.to_string();
    assert_eq!(parties.of(ALPHA).answers.last(), Some(&Err(reason)));
    assert!(parties.of(ALPHA).node.is_rotating());
    parties.input(ALPHA, Input::AppendFailed { from: 0 });
    assert!(!parties.of(ALPHA).node.is_rotating());
}

#[test]
fn a_cosignature_by_a_replaced_key_is_no_news() {
    let mut parties = Parties::new(2, Limits::standard());
    parties.command(ALPHA, json!({"subject": "x"}));
    parties.input(BRAVO, rotation(BRAVO, 1));
    parties.pass(3);
    parties.is_cut = true;
    let replaced = signer(BRAVO, Role::Cosign, seed_of(BRAVO));
    let replaced = replaced.vkey().id();
    let mut left_out = 0;
    let alpha = &parties.of(ALPHA).node;
    let heads = [ALPHA, BRAVO].map(|origin| alpha.head(origin).expect("head"));
    let known = heads.into_iter().map(|head| {
        let lines = head.note().signatures().iter().map(|line| line.id());
        let ids: Vec<_> = lines.collect();
        left_out += ids.iter().filter(|id| **id == replaced).count();
        let cosigners = ids.into_iter().filter(|id| *id != replaced);
        Known {
            origin: Arc::from(head.checkpoint().origin()),
            size: head.checkpoint().size(),
            root: head.checkpoint().root(),
            cosigners: cosigners.map(|id| id.0).collect(),
            contested: false,
        }
    });
    let known: Vec<_> = known.collect();
    assert!(left_out > 0, "or nothing is left out");
    let before = parties.of(ALPHA).errands.len();
    let ask = Ask::Heads { known, wait: true };
    let message = Message::Ask { exchange: 1, ask };
    let peer = Arc::from(BRAVO);
    parties.input(ALPHA, Input::FromPeer { peer, message });
    let since = &parties.of(ALPHA).errands[before..];
    let answered = |errand: &Errand| {
        matches!(
            errand,
            Errand::Send {
                message: Message::Answer { exchange: 1, .. },
                ..
            }
        )
    };
    assert!(!since.iter().any(answered), "{since:?}");
}

#[test]
fn a_second_history_under_newer_keys_is_a_contradiction_and_no_proof() {
    let mut parties = Parties::new(2, Limits::standard());
    parties.command(ALPHA, json!({"subject": "x"}));
    assert_eq!(parties.of(BRAVO).node.size(ALPHA), 2);
    parties.is_cut = true;
    // Another history replaces the key where the one known here has a record.
    let event = key_event(ALPHA, 1, seed_of(ALPHA));
    let genesis = parties.of(ALPHA).log[0].clone();
    let other = [genesis, event.clone(), entry("note", 30, Map::new())];
    let mut forest = Forest::default();
    for entry in &other {
        forest.push(Hash::leaf(entry));
    }
    let head = signed(ALPHA, seed_of(ALPHA) + 1, &other);
    let answers = [
        Answer::Heads(vec![head]),
        Answer::Keys(vec![(1, event)]),
        Answer::Entries {
            entries: vec![other[2].clone()],
            proof: Vec::new(),
        },
        Answer::Proof {
            root: forest.root_at(2).expect("root"),
            proof: forest.consistency(2, 3).expect("proof"),
        },
    ];
    for answer in answers {
        let exchange = *parties.asked(BRAVO, ALPHA).last().expect("a question");
        let message = Message::Answer { exchange, answer };
        let peer = Arc::from(ALPHA);
        parties.input(BRAVO, Input::FromPeer { peer, message });
    }
    let bravo = parties.of(BRAVO);
    let contradicts = |finding: &Finding| matches!(finding, Finding::Contradiction { .. });
    assert!(
        bravo.findings.iter().any(contradicts),
        "{:?}",
        bravo.findings
    );
    assert_eq!(bravo.node.forks().count(), 0);
    assert_eq!(bravo.node.size(ALPHA), 2);
}
