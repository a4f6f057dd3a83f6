//! Exhibits: what somebody may read and nothing else, sealed, and convincing without any node.

use detente_ledger::exhibit::Sealed;
use detente_ledger::vkey::Vkey;

use crate::matters::{HIDDEN, Matters};

/// What everybody who examines the record reads.
const THERE: [&str; 5] = [
    "r-own",
    "r-released",
    "us-strike-jisr",
    "ru-strike-silence",
    "clinic-c2",
];
/// Exhibits until what was just written is published.
const TRIES_MAX: usize = 1_000;

async fn exhibit(matters: &Matters, who: &str, query: &str) -> (Sealed, Vec<u8>) {
    let path = format!("/api/v1/exhibit{query}");
    let answer = matters.us().ask(Some(who), "get", &path, &[], None).await;
    let said = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status.as_u16(), 200, "{said}");
    (Sealed::parse(&answer.body).unwrap(), answer.body.to_vec())
}

/// What asking for an exhibit about a subject says that is not found.
async fn not_found(matters: &Matters, who: &str, subject: &str) -> Vec<u8> {
    let path = format!("/api/v1/exhibit?subject={subject}");
    let answer = matters.us().ask(Some(who), "get", &path, &[], None).await;
    assert_eq!(answer.status.as_u16(), 404, "{subject}");
    answer.body.to_vec()
}

async fn keys(matters: &Matters) -> Vec<Vkey> {
    let handle = matters.us().house.handle();
    let keys = handle.look(|node, _| {
        let origins: Vec<_> = node.ledgers().cloned().collect();
        let logs = origins.iter().filter_map(|origin| node.log_key(origin));
        logs.chain(node.own_cosigners()).collect::<Vec<_>>()
    });
    let mut keys = keys.await.unwrap();
    keys.push(matters.us().house.app.sealer.now().vkey().clone());
    keys
}

fn text(sealed: &Sealed) -> String {
    let entries = sealed
        .exhibit
        .ledgers
        .iter()
        .flat_map(|ledger| &ledger.entries);
    let bytes: Vec<u8> = entries.flat_map(|entry| entry.bytes.clone()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exhibit_holds_what_its_user_may_read_and_proves_it_without_a_node() {
    let matters = Matters::open().await;
    let keys = keys(&matters).await;
    let (mut by_auditor, mut bytes) = exhibit(&matters, "auditor", "").await;
    // Checkpoints are published behind the entries.
    for _ in 0..TRIES_MAX {
        if THERE.iter().all(|there| text(&by_auditor).contains(there)) {
            break;
        }
        (by_auditor, bytes) = exhibit(&matters, "auditor", "").await;
    }
    let findings = by_auditor.verify(&keys);
    assert!(findings.faults.is_empty(), "{:?}", findings.faults);
    assert_eq!(
        findings.sealed_by.unwrap().name().as_str(),
        "us.example/ledger/unit"
    );
    assert_eq!(by_auditor.exhibit.ledgers.len(), 3);
    let all = text(&by_auditor);
    assert!(
        !all.contains(HIDDEN),
        "a report between others leaves no trace"
    );
    for there in THERE {
        assert!(all.contains(there), "{there}");
    }
    // An auditor sees to the house and hears how much is kept from it; an inquirer does not.
    let withheld = |sealed: &Sealed| -> Vec<Option<u64>> {
        let ledgers = sealed.exhibit.ledgers.iter();
        ledgers.map(|ledger| ledger.withheld).collect()
    };
    assert_eq!(withheld(&by_auditor), [Some(1), Some(0), Some(0)]);
    let (by_inquiry, _) = exhibit(&matters, "inquiry", "").await;
    assert_eq!(withheld(&by_inquiry), [None, None, None]);
    assert!(by_inquiry.verify(&keys).faults.is_empty());
    assert!(!text(&by_inquiry).contains(HIDDEN));
    // Asking for the hidden report itself gives what asking for an absent one gives.
    let entries = |sealed: &Sealed| -> Vec<usize> {
        let ledgers = sealed.exhibit.ledgers.iter();
        ledgers.map(|ledger| ledger.entries.len()).collect()
    };
    let hidden = not_found(&matters, "inquiry", HIDDEN).await;
    assert_eq!(hidden, not_found(&matters, "inquiry", "r-absent").await);
    // A subject nobody wrote about is no exhibit of key events, for an auditor either.
    assert_eq!(hidden, not_found(&matters, "auditor", "r-absent").await);
    let (one, _) = exhibit(&matters, "inquiry", "?subject=r-own").await;
    let (other, _) = exhibit(&matters, "inquiry", "?subject=r-released").await;
    assert!(entries(&one).iter().sum::<usize>() > entries(&one).len());
    assert!(text(&one).contains("r-own") && !text(&one).contains("r-released"));
    assert!(text(&other).contains("r-released") && !text(&other).contains("r-own"));
    // Whatever is changed is noticed, wherever it is.
    for place in (0..bytes.len()).step_by(bytes.len() / 97) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let is_noticed = Sealed::parse(&changed).map_or(true, |sealed| {
            let findings = sealed.verify(&keys);
            !findings.faults.is_empty() || findings.sealed_by.is_none()
        });
        assert!(is_noticed, "{place}");
    }
    matters.close().await;
}
