//! What a node judges from, as it says and as others hear.

use super::*;

#[test]
fn who_judges_from_another_founding_is_noticed_until_it_says_otherwise() {
    let mut parties = Parties::new(2, Limits::standard());
    let says = |parties: &mut Parties, founding: &[u8]| {
        let founding = Hash::of(founding).to_hex();
        let body = json!({"subject": ALPHA, "role": "system", "founding": founding});
        let body = body.as_object().expect("object").clone();
        let now = parties.now;
        parties.adopt(ALPHA, entry("heartbeat", now, body));
        // Sooner than the node itself would say otherwise.
        parties.pass(5);
    };
    let noticed = |parties: &Parties| {
        let other = |finding: &&Finding| matches!(finding, Finding::OtherFounding { .. });
        let count = parties.of(BRAVO).findings.iter().filter(other).count();
        (count, parties.of(BRAVO).node.judges_otherwise(ALPHA))
    };
    says(&mut parties, &[]);
    assert_eq!(noticed(&parties), (0, false));
    says(&mut parties, b"another text");
    says(&mut parties, b"another text");
    assert_eq!(noticed(&parties), (1, true));
    says(&mut parties, &[]);
    assert_eq!(noticed(&parties), (1, false));
}

#[test]
fn what_a_node_judges_from_is_said_soon_after_the_start_and_not_at_every_start() {
    let mut parties = Parties::new(2, Limits::standard());
    let said = |parties: &Parties| -> Vec<String> {
        let entries = parties.of(ALPHA).log.iter();
        let entries = entries.filter_map(|bytes| {
            Some(
                detente_ledger::entry::SignedEntry::parse(bytes)
                    .ok()?
                    .into_entry(),
            )
        });
        let beats = entries.filter(|entry| entry.kind == HEARTBEAT_KIND);
        let founding = beats.map(|entry| entry.body["founding"].as_str().map(str::to_owned));
        founding.map(|hash| hash.expect("a hash")).collect()
    };
    // However busy the ledger is, and before it was quiet for as long as a sign of life takes.
    let work = |parties: &mut Parties| {
        for _ in 0..15 {
            parties.command(ALPHA, json!({"subject": "x"}));
            parties.pass(5);
        }
    };
    let restart = |parties: &mut Parties| {
        let log = parties.of(ALPHA).log.clone();
        let (machine, effects) = Machine::new(ALPHA, log, 2, Limits::standard(), parties.now);
        parties.machines.insert(Arc::from(ALPHA), machine);
        parties.carry_out(ALPHA, effects);
        work(parties);
    };
    let (this, other) = (Hash::of(&[]).to_hex(), Hash::of(b"another text").to_hex());
    assert!(said(&parties).is_empty());
    work(&mut parties);
    assert_eq!(said(&parties), [this.as_str()]);
    restart(&mut parties);
    assert_eq!(said(&parties), [this.as_str()]);

    // It judged from something else when it said so last.
    let body = json!({"subject": ALPHA, "role": "system", "founding": other});
    let body = body.as_object().expect("object").clone();
    let before = entry(HEARTBEAT_KIND, parties.now, body);
    parties.adopt(ALPHA, before);
    restart(&mut parties);
    assert_eq!(said(&parties), [&*this, &*other, &*this]);
    restart(&mut parties);
    assert_eq!(said(&parties).len(), 3);
}
