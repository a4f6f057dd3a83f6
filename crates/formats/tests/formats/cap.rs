//! Messages of the Common Alerting Protocol, held against the schema of OASIS by a validator that is not ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use detente_formats::cap::approach::ApproachNotice;
use detente_formats::cap::{
    AreaShape, CapError, CapMessage, MessageKind, Reference, Scope, Status,
};
use detente_spacetime::{Instant, Position};
use proptest::prelude::*;

/// Where `tests/peers/install.sh` puts the schema.
fn schema() -> PathBuf {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers/formats/CAP-v1.2.xsd");
    assert!(
        path.is_file(),
        "{} is missing: run crates/formats/tests/peers/install.sh, as `cargo xtask test` does",
        path.display()
    );
    path
}

/// What the validator says against documents; nothing when they are valid.
fn complaints(documents: &[String]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let mut validator = Command::new("xmllint");
    validator
        .args(["--noout", "--nonet", "--schema"])
        .arg(schema());
    for (number, document) in documents.iter().enumerate() {
        let path = folder.path().join(format!("{number}.xml"));
        std::fs::write(&path, document).expect("written");
        validator.arg(path);
    }
    let output = validator.output().expect("xmllint of libxml2-utils");
    if output.status.success() {
        String::new()
    } else {
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

fn instant(text: &str) -> Instant {
    Instant::parse_rfc3339(text).expect("an instant")
}

fn notice<'a>(kind: MessageKind, place: [&'a str; 3], sender: &'a str) -> ApproachNotice<'a> {
    let references = match kind {
        MessageKind::Alert => Vec::new(),
        MessageKind::Update | MessageKind::Cancel => vec![Reference {
            sender: "watch@example.org".to_owned(),
            identifier: "w-1".to_owned(),
            sent: instant("2016-09-13T08:58:00.5Z"),
        }],
    };
    ApproachNotice {
        identifier: "w-2".to_owned(),
        sender,
        sender_name: "Watch of the example",
        sent: instant("2016-09-13T08:59:10.999999Z"),
        status: Status::Exercise,
        scope: Scope::Private(vec!["civil-defence".to_owned(), "duty officer".to_owned()]),
        kind,
        references,
        place,
        shape: Some(AreaShape::Circle {
            center: Position::new(35.93, 36.7).expect("a position"),
            radius_m: 1_500.0,
        }),
        earliest: instant("2016-09-13T09:05:59.9Z"),
        expected: instant("2016-09-13T09:06:31Z"),
        latest: instant("2016-09-13T09:08:00.1Z"),
    }
}

const PLACE: [&str; 3] = ["Hospital H2", "Больница H2", "المستشفى H2"];

#[test]
fn a_warning_in_three_languages() {
    let message = notice(MessageKind::Update, PLACE, "watch@example.org").message();
    let xml = message.to_xml().expect("a message");
    insta::assert_snapshot!(xml);
}

#[test]
fn every_kind_of_message_and_reader_and_shape_is_valid() {
    let mut documents = Vec::new();
    for kind in [MessageKind::Alert, MessageKind::Update, MessageKind::Cancel] {
        let scopes = [
            Scope::Public,
            Scope::Restricted("civil defence only".to_owned()),
            Scope::Private(vec!["a".to_owned()]),
        ];
        for scope in scopes {
            let ring = [(35.0, 36.0), (35.0, 36.1), (35.1, 36.1)];
            let ring = ring.map(|(north, east)| Position::new(north, east).expect("a position"));
            for shape in [None, Some(AreaShape::Polygon(ring.into()))] {
                let mut notice = notice(kind, PLACE, "watch@example.org");
                notice.scope = scope.clone();
                notice.shape = shape;
                documents.push(notice.message().to_xml().expect("a message"));
            }
        }
    }
    assert_eq!(complaints(&documents), "");
    let broken = documents[0].replace("<urgency>Immediate", "<urgency>Soon");
    assert!(
        complaints(&[broken]).contains("Soon"),
        "the validator validates"
    );
}

#[test]
fn what_the_rules_in_words_exclude_is_not_written() {
    let message = || notice(MessageKind::Alert, PLACE, "watch@example.org").message();
    let refused = |change: fn(&mut CapMessage)| {
        let mut message = message();
        change(&mut message);
        message.to_xml().expect_err("refused")
    };
    assert!(matches!(
        refused(|m| m.sender = "two words".to_owned()),
        CapError::Name { what: "sender", .. }
    ));
    assert!(matches!(
        refused(|m| m.identifier = "a,b".to_owned()),
        CapError::Name {
            what: "identifier",
            ..
        }
    ));
    assert_eq!(
        refused(|m| m.kind = MessageKind::Cancel),
        CapError::NoReference
    );
    assert_eq!(
        refused(|m| m.scope = Scope::Private(vec![])),
        CapError::NoReader
    );
    assert_eq!(
        refused(|m| m.scope = Scope::Restricted(" ".to_owned())),
        CapError::NoReader
    );
    assert_eq!(refused(|m| m.infos.clear()), CapError::Silent);
    assert_eq!(
        refused(|m| m.infos[0].areas[0].shape = Some(AreaShape::Polygon(vec![]))),
        CapError::Polygon
    );
}

#[test]
fn whatever_a_place_and_its_readers_are_called_the_message_is_valid() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(64)
    });
    let documents = std::cell::RefCell::new(Vec::new());
    let names = (
        any::<String>(),
        any::<String>(),
        any::<String>(),
        any::<String>(),
    );
    runner
        .run(&names, |(english, russian, arabic, reader)| {
            let places = [english.as_str(), russian.as_str(), arabic.as_str()];
            let mut notice = notice(MessageKind::Alert, places, "watch@example.org");
            notice.scope = Scope::Private(vec!["somebody".to_owned(), reader]);
            documents
                .borrow_mut()
                .push(notice.message().to_xml().expect("a message"));
            Ok(())
        })
        .expect("every message is written");
    assert_eq!(complaints(&documents.into_inner()), "");
}
