//! From composing to reading, through the seal; and everything that must not open or not be believed.

use std::collections::BTreeMap;

use detente_ledger::seal::{OpenError, SealSecretKey, SealSuite};
use detente_records::act::Kind;
use detente_records::act::report::Sealed;
use detente_records::{HolderId, RecordId};
use detente_sharing::{
    Author, BUCKETS, Content, Denial, Directory, Expected, OpenFault, Opened, Passed, ReadFault,
    Reader, compose, forwarded, open, padded, padded_bytes, read, seal_edition, shut_out,
};
use proptest::prelude::*;
use serde_json::json;

use crate::sample::{desk, directory, draft, holder, marking, now, report, terms};

const RELEASED: Author<'static> = Author {
    origin: "us.example/ledger",
    agreement: "plan",
    kind: Kind::ReportReleased,
};
const FORWARDED: Author<'static> = Author {
    origin: "ru.example/ledger",
    agreement: "plan",
    kind: Kind::ReportForwarded,
};

fn secret(name: &str) -> SealSecretKey {
    let mut seed = [3; 32];
    seed[..name.len()].copy_from_slice(name.as_bytes());
    SealSecretKey::from_seed(SealSuite::X25519, &seed)
}

fn payload() -> Vec<u8> {
    payload_of(&report())
}

/// What RU reads of a report.
fn payload_of(report: &serde_json::Value) -> Vec<u8> {
    let (directory, us, sources) = (directory(), holder("US"), BTreeMap::new());
    let wanted = terms(&json!([{"recipient": "RU", "place": "grid_10km"}]));
    let composed = compose(&draft(report), &wanted, &desk(&directory, &us, &sources));
    composed.unwrap().editions.remove(0).payload
}

fn passed<'a>(
    names: &'a Names,
    received: &'a [&'a Sealed],
    directory: &'a Directory,
) -> Expected<'a> {
    Expected {
        forwarded: Some(Passed {
            forwarder: &names.ru,
            author: RELEASED,
            received,
            directory,
        }),
        ..direct(names, &names.un)
    }
}

fn sealed(author: &Author<'_>, payload: &[u8], to: &str, own: &str) -> (Sealed, Vec<u8>) {
    let keys = (secret(to), secret(own));
    let recipient = holder(to);
    seal_edition(
        author,
        &[5; 32],
        payload,
        (&recipient, keys.0.public()),
        keys.1.public(),
    )
    .unwrap()
}

struct Names {
    report: RecordId,
    us: HolderId,
    ru: HolderId,
    un: HolderId,
}

fn names() -> Names {
    Names {
        report: RecordId::parse("r-1").unwrap(),
        us: holder("US"),
        ru: holder("RU"),
        un: holder("UN"),
    }
}

fn direct<'a>(names: &'a Names, recipient: &'a HolderId) -> Expected<'a> {
    Expected {
        report: &names.report,
        originator: &names.us,
        recipient,
        forwarded: None,
    }
}

#[test]
fn what_was_previewed_is_what_is_read() {
    let payload = payload();
    let (sealed, blob) = sealed(&RELEASED, &payload, "RU", "US");
    let names = names();
    for reader in ["RU", "US"] {
        let opened = open(&RELEASED, &sealed, &blob, &secret(reader)).unwrap();
        assert_eq!(opened.payload, payload);
        let content = read(&opened, &direct(&names, &names.ru)).unwrap();
        assert_eq!(content.payload, payload);
        assert_eq!(content.edition.recipient, names.ru);
    }
    let stranger = open(&RELEASED, &sealed, &blob, &secret("UN"));
    assert_eq!(stranger, Err(OpenFault::Seal(OpenError::NotARecipient)));
}

#[test]
fn content_opens_only_where_it_was_put() {
    let (sealed, blob) = sealed(&RELEASED, &payload(), "RU", "US");
    for author in [
        Author {
            origin: "un.example/ledger",
            ..RELEASED
        },
        Author {
            agreement: "other",
            ..RELEASED
        },
        Author {
            kind: Kind::ReportCorrected,
            ..RELEASED
        },
    ] {
        let opened = open(&author, &sealed, &blob, &secret("RU"));
        assert!(matches!(opened, Err(OpenFault::Seal(_))), "{opened:?}");
    }
}

#[test]
fn content_about_something_else_is_not_believed() {
    let opened = Opened {
        payload: payload(),
        salt: detente_records::act::Digest::new([0; 32]),
    };
    let names = names();
    let other = RecordId::parse("r-2").unwrap();
    let wrong = [
        (
            Expected {
                report: &other,
                ..direct(&names, &names.ru)
            },
            "report",
        ),
        (
            Expected {
                originator: &names.un,
                ..direct(&names, &names.ru)
            },
            "originator",
        ),
        (direct(&names, &names.un), "recipient"),
    ];
    for (expected, what) in wrong {
        assert_eq!(read(&opened, &expected), Err(ReadFault::Other(what)));
    }
    let text = String::from_utf8(opened.payload.clone()).unwrap();
    let forged = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let payload = text.replacen(from, to, 1).into_bytes();
        read(
            &Opened {
                payload,
                ..opened.clone()
            },
            &direct(&names, &names.ru),
        )
    };
    assert_eq!(
        forged("\"south_deg\":36.5", "\"south_deg\":36.5866"),
        Err(ReadFault::NoCell)
    );
    assert!(matches!(
        forged("\"text\"", "\"source\""),
        Err(ReadFault::Form(_))
    ));
    assert!(matches!(
        forged("{\"form\"", "{\"form\":1,\"form\""),
        Err(ReadFault::Form(_))
    ));
}

#[test]
fn what_is_passed_on_proves_itself() {
    let payload = payload();
    let (original, blob) = sealed(&RELEASED, &payload, "RU", "US");
    let received = open(&RELEASED, &original, &blob, &secret("RU")).unwrap();
    let names = names();
    let sent = forwarded(&names.ru, &names.un, &received).unwrap();
    let (onward, blob) = sealed(&FORWARDED, &sent, "UN", "RU");
    let opened = open(&FORWARDED, &onward, &blob, &secret("UN")).unwrap();
    let (his, directory) = ([&original], directory());
    let expected = passed(&names, &his, &directory);
    let content = read(&opened, &expected).unwrap();
    let wanted = Content {
        edition: content.edition.clone(),
        payload: payload.clone(),
        forwarder: Some(names.ru.clone()),
        held_back: vec![2],
    };
    assert_eq!(content, wanted);
    // A word of his own is not the originator's.
    let text = String::from_utf8(received.payload.clone()).unwrap();
    let tampered = Opened {
        payload: text.replace("Vehicles", "Tankers!").into_bytes(),
        salt: received.salt,
    };
    let sent = forwarded(&names.ru, &names.un, &tampered).unwrap();
    let opened = Opened {
        payload: sent,
        salt: received.salt,
    };
    assert_eq!(read(&opened, &expected), Err(ReadFault::NotTheOriginal));
}

/// What its forwarder passes on against the marking of a portion is not read by whom it reaches.
#[test]
fn a_portion_marked_for_its_forwarder_alone_is_read_by_nobody_else() {
    let (names, directory) = (names(), directory());
    let reads = |report: &serde_json::Value| {
        let (original, blob) = sealed(&RELEASED, &payload_of(report), "RU", "US");
        let received = open(&RELEASED, &original, &blob, &secret("RU")).unwrap();
        let whole = read(&received, &direct(&names, &names.ru)).unwrap();
        let sent = forwarded(&names.ru, &names.un, &received).unwrap();
        let opened = Opened {
            payload: sent,
            salt: received.salt,
        };
        let his = [&original];
        let content = read(&opened, &passed(&names, &his, &directory));
        let un = Reader::named(&names.un, &directory);
        (content, shut_out(&whole.edition, un.as_ref(), now()))
    };
    // The second portion is for RU alone.
    let (content, denied) = reads(&report());
    let content = content.unwrap();
    assert_eq!(content.edition.portions.as_slice().len(), 1);
    assert_eq!(content.held_back, [2]);
    assert_eq!(denied, [(2, Denial::NotNamed)]);
    // Of one whose every portion is, nothing is left to read.
    let mut his = report();
    his["portions"][0]["marking"] = marking("restricted", &["RU"]);
    let (content, denied) = reads(&his);
    assert_eq!(content, Err(ReadFault::NotForReader));
    assert_eq!(denied, [(1, Denial::NotNamed), (2, Denial::NotNamed)]);
    // A name that stands for no ledger is given nothing.
    let (original, blob) = sealed(&RELEASED, &payload(), "RU", "US");
    let received = open(&RELEASED, &original, &blob, &secret("RU")).unwrap();
    let whole = read(&received, &direct(&names, &names.ru)).unwrap();
    assert_eq!(shut_out(&whole.edition, None, now()).len(), 2);
}

proptest! {
    #[test]
    fn lengths_tell_the_bucket_alone(bytes in 0_usize..(70 << 10), more in 0_usize..(70 << 10)) {
        let filled = padded(vec![b'x'; bytes], more).unwrap();
        prop_assert!(BUCKETS.contains(&filled.len()));
        prop_assert_eq!(Some(filled.len()), padded_bytes(bytes.max(more)));
    }

    /// Bytes from whoever may seal to us: read or refused, never a panic.
    #[test]
    fn any_payload_is_read_or_refused(payload in proptest::collection::vec(any::<u8>(), 0..200)) {
        let names = names();
        let opened = Opened { payload, salt: detente_records::act::Digest::new([0; 32]) };
        prop_assert!(read(&opened, &direct(&names, &names.ru)).is_err());
        let directory = directory();
        let expected = passed(&names, &[], &directory);
        prop_assert!(read(&opened, &expected).is_err());
    }
}

#[test]
fn what_is_too_long_is_not_sealed() {
    assert_eq!(padded_bytes((15 << 20) + 1), None);
    assert!(padded(vec![0; (15 << 20) + 1], 0).is_none());
}
