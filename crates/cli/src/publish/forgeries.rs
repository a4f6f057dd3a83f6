//! What is withheld leaves no byte, and what is stated follows from the record alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::Checkpoint;
use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_ledger::policy::Policy;
use detente_ledger::tree::Tree;
use detente_node::outcomes::wire::RecordRef;
use detente_node::picture::Picture;
use detente_node::replay::{LedgerEntries, replay};
use detente_server::house::{bundle, founding_of};
use detente_spacetime::Instant;
use proptest::prelude::*;
use serde_json::{Value, json};

use detente_node::announcement::wire::{AnnouncementFile, CountedLedger, ProvenEntry, Statement};
use detente_node::announcement::{compose, part, verify};

/// Parts with something in them that must not be seen where they are kept, each with its mark.
const MARKED: [(&str, &str); 11] = [
    (part::CONCERNS, "markconcern"),
    (part::MEETINGS, "markmeeting"),
    (part::READINGS, "markreading"),
    (part::PRECONDITIONS, "markprecondition"),
    (part::SUSPENSIONS, "marksuspension"),
    (part::CHANNELS, "markchannel"),
    (part::VIOLATIONS, "markviolation"),
    (part::HARM, "markharm"),
    (part::ACCESS, "markaccess"),
    ("articles.cedar", "markarticles"),
    ("areas.geojson", "markarea"),
];

const AGREEMENT: &str = r#"
id = "plan"
title = "A plan"
languages = ["en"]
status = "in_force"
participants = [{ id = "US" }, { id = "RU" }]
bound_parties = [{ id = "SY" }]
guarantors = [{ participant = "RU", for = "SY" }]
observers = [{ id = "UN", functions = ["monitor"] }]
groups = [{ id = "bound" }]
forces = [{ id = "us-air", party = "US" }]
[parameters.standoff]
default_m = 1000
"#;

const ARTICLES: &str = r#"
// markarticles
@id("fly") @article("1") @title("Flights are permitted") @consequence("none")
permit (principal, action in Detente::Action::"airOperation", resource)
when { context.agreement.inForce };
"#;

const AREAS: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"markarea",
"geometry":{"type":"Point","coordinates":[37.0,36.0]},
"properties":{"kind":"designated_area","area_kind":"possible","radius_m":1000,"name":"markarea",
"lower":{"value":0,"unit":"m","reference":"SFC"},"upper":{"value":9000,"unit":"m","reference":"MSL"},
"start":"2016-09-01T00:00:00Z","end":"UFN"}}]}"#;

/// Entries of three ledgers, and how they were written.
struct Record {
    files: BTreeMap<String, Vec<u8>>,
    ledgers: BTreeMap<&'static str, Vec<Vec<u8>>>,
    minute: u32,
}

fn origin(holder: &str) -> String {
    format!("{}.example/plan", holder.to_lowercase())
}

impl Record {
    /// A text in force, with something in every part.
    fn new() -> Self {
        // The precondition's words are in agreement.toml too, which is a part of its own: they differ there by an escape.
        let precondition = "\npreconditions = [{ id = \"calm\", text = \"\\u006darkprecondition\" }]\n[parameters.standoff]";
        let agreement = AGREEMENT.replace("\n[parameters.standoff]", precondition);
        let files = [
            ("agreement.toml", agreement.as_str()),
            ("articles.cedar", ARTICLES),
            ("areas.geojson", AREAS),
        ];
        let mut record = Self {
            files: files
                .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
                .into(),
            ledgers: BTreeMap::from([("US", Vec::new()), ("RU", Vec::new()), ("UN", Vec::new())]),
            minute: 0,
        };
        let bundle = record.bundle();
        let sha256 = Hash::of(&bundle).to_hex();
        let tabled = json!({
            "dossier": {"sha256": sha256, "bytes": bundle.len(), "media_type": bundle::MEDIA_TYPE},
            "translations": [{"language": "en", "equivalence": "original"}],
        });
        record.says("US", "consenter", "agreement_tabled", "plan", tabled);
        record.says(
            "RU",
            "consenter",
            "technical_review_opened",
            "plan",
            json!({}),
        );
        let concern = json!({
            "title": "markconcern", "office": "markconcern", "severity": "non_blocking",
            "text": "markconcern", "articles": ["1"],
        });
        record.says("RU", "inquiry", "concern_raised", "c1", concern);
        let meeting = json!({
            "at": "2016-09-01T00:00:00Z", "attendance": [{"holder": "US", "office": "markmeeting"}],
            "decisions": [{"text": "markmeeting"}],
        });
        record.says("US", "consenter", "meeting_held", "m1", meeting);
        for kind in ["agreement_initialled", "agreement_adopted"] {
            for who in ["US", "RU"] {
                record.says(who, "consenter", kind, "plan", json!({"sha256": sha256}));
            }
        }
        for who in ["US", "RU"] {
            let holds = json!({"precondition": "calm", "holds": true});
            record.says(who, "consenter", "precondition_reported", "plan", holds);
            let day_d = json!({"at": "2016-09-12T01:00:00Z"});
            record.says(who, "consenter", "day_d_set", "plan", day_d);
        }
        record.minute = 90;
        let reading = json!({"reading": "markreading"});
        record.says("US", "consenter", "interpretation_recorded", "1", reading);
        let open = json!({"state": "open"});
        record.says(
            "RU",
            "watch_officer",
            "line_state_declared",
            "markchannel",
            open,
        );
        let suspension = json!({
            "scope": {"channel": "marksuspension"}, "at": "2016-09-12T20:00:00Z", "reason": "marksuspension",
        });
        record.says("RU", "consenter", "suspension_notified", "s1", suspension);
        let alleged = json!({
            "title": "markviolation", "articles": ["1"], "party": "SY", "possible": false, "text": "Restated.",
        });
        record.says("US", "inquiry", "violation_reported", "v1", alleged);
        let triaged = json!({"area": "markarea", "party_class": "bound_party"});
        record.says("US", "inquiry", "violation_triaged", "v1", triaged);
        let incident = json!({"title": "markharm", "account": {
            "source": "markharm", "text": "Restated.", "language": "en", "place": {"precision": "unknown"},
            "time_precision": "day", "harm": {"killed": {"low": 1}, "note": "markharm"},
        }});
        record.says("UN", "monitor", "incident_reported", "i1", incident);
        let kept_out = json!({
            "kept_out": "markaccess", "place": {"name": "markaccess", "precision": "unknown"},
            "from": "2016-09-12T02:00:00Z",
        });
        record.says("UN", "monitor", "access_restricted", "a1", kept_out);
        record
    }

    fn bundle(&self) -> Vec<u8> {
        bundle::write(&self.files).expect("text")
    }

    /// Writes an entry; a minute passes.
    fn says(&mut self, who: &'static str, role: &str, kind: &str, subject: &str, mut body: Value) {
        self.minute += 1;
        body["subject"] = json!(subject);
        body["role"] = json!(role);
        // Whoever writes has seen everything written so far.
        let seen = self
            .ledgers
            .iter()
            .filter(|(_, entries)| !entries.is_empty());
        let seen: Vec<Checkpoint> = seen
            .map(|(holder, entries)| {
                let mut tree = Tree::default();
                for entry in entries {
                    assert!(tree.push(Hash::leaf(entry), &mut Vec::new()));
                }
                let size = entries.len() as u64;
                Checkpoint::new(&origin(holder), size, tree.root()).expect("a checkpoint")
            })
            .collect();
        let entry = Entry {
            kind: kind.to_owned(),
            author: "somebody".to_owned(),
            written_at: format!(
                "2016-09-12T{:02}:{:02}:00Z",
                self.minute / 60,
                self.minute % 60
            ),
            salt: vec![7; 16],
            awareness: AwarenessKey::of(&seen),
            unit_key: None,
            body: body.as_object().cloned().unwrap_or_default(),
        };
        let bytes = entry.to_bytes().expect("an entry");
        self.ledgers.entry(who).or_default().push(bytes);
    }

    /// States who may know a part; without one, the whole.
    fn states(&mut self, who: &'static str, part: Option<&str>, publicity: &str) {
        let mut body = json!({"publicity": publicity});
        if let Some(part) = part {
            body["part"] = json!(part);
        }
        self.says(who, "consenter", "publication_stated", "plan", body);
    }

    fn composed(&self) -> Result<Statement, String> {
        let origins: Vec<(&str, String)> = self
            .ledgers
            .keys()
            .map(|holder| (*holder, origin(holder)))
            .collect();
        let holders: Vec<(&str, &str, &[u8])> = origins
            .iter()
            .map(|(holder, origin)| (*holder, origin.as_str(), holder.as_bytes()))
            .collect();
        let founding = founding_of(&holders, &self.files, false).expect("a sound dossier");
        let ledgers: Vec<LedgerEntries> = self
            .ledgers
            .iter()
            .map(|(holder, entries)| LedgerEntries {
                origin: Arc::from(origin(holder)),
                entries: entries.clone(),
            })
            .collect();
        let bundle = self.bundle();
        let blob = |hash| (hash == Hash::of(&bundle)).then(|| bundle.clone());
        let picture = Picture::new(founding).reading_with(bundle::read);
        let replayed = replay(picture, &ledgers, &blob);
        assert!(replayed.missing.is_empty());
        let as_of = Instant::parse_rfc3339("2016-09-13T00:00:00Z").expect("instant");
        let counted = vec![CountedLedger {
            holder: "US".to_owned(),
            is_participant: true,
            origin: origin("US"),
            size: 1,
            root: String::new(),
        }];
        let files = self.files.iter();
        let files = files
            .map(|(name, bytes)| (name.clone(), String::from_utf8_lossy(bytes).into_owned()))
            .collect();
        let shown = replayed.history.state().at(as_of);
        compose(&shown, counted, &files, as_of).map_err(|error| error.to_string())
    }
}

#[test]
fn without_everybodys_word_for_the_signatures_nothing_is_announced() {
    let mut record = Record::new();
    record.states("US", None, "published");
    let refused = record.composed().expect_err("refused");
    assert!(refused.contains("not published by RU"), "{refused}");
}

#[test]
fn how_much_is_withheld_is_said_only_where_that_is_agreed_by_name() {
    let mut record = Record::new();
    for who in ["US", "RU"] {
        record.states(who, None, "published");
        record.states(who, Some("areas.geojson"), "parties_only");
    }
    let withheld = |record: &Record| record.composed().expect("composed").withheld;
    assert_eq!(withheld(&record), None);
    record.states("US", Some(part::WITHHELD), "published");
    assert_eq!(withheld(&record), None);
    record.states("RU", Some(part::WITHHELD), "published");
    let kinds = withheld(&record).expect("agreed");
    let said: Vec<_> = kinds
        .iter()
        .map(|kind| (kind.part.as_str(), kind.count))
        .collect();
    assert_eq!(said, [("areas.geojson", 1)]);
}

#[test]
fn everything_published_is_there_and_is_read_without_loss() {
    let mut record = Record::new();
    for who in ["US", "RU"] {
        record.states(who, None, "published");
    }
    let statement = record.composed().expect("composed");
    assert!(statement.disclosed.is_whole_dossier);
    assert_eq!(statement.text.signatures.len(), 4);
    let text = statement.to_text();
    for (name, mark) in MARKED {
        assert!(
            text.contains(mark),
            "{name} is published and not there: {text}"
        );
    }
    let read: Statement = serde_json::from_str(&text).expect("a statement");
    assert_eq!((read.to_text(), read), (text, statement));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever any participant keeps leaves no byte in the statement, and so none in the page, which is made of it.
    #[test]
    fn nothing_withheld_is_there(kept in proptest::collection::vec(0..4_u8, MARKED.len())) {
        let mut record = Record::new();
        for who in ["US", "RU"] {
            record.states(who, None, "published");
            record.states(who, Some(part::WITHHELD), "published");
        }
        for ((name, _), kept) in MARKED.iter().zip(&kept) {
            for (who, bit, publicity) in [("US", 1, "secret"), ("RU", 2, "parties_only")] {
                if kept & bit != 0 {
                    record.states(who, Some(name), publicity);
                }
            }
        }
        let text = record.composed().expect("composed").to_text();
        for ((name, mark), kept) in MARKED.iter().zip(&kept) {
            prop_assert_eq!(*kept == 0, text.contains(mark), "{}", name);
        }
    }
}

proptest! {
    /// Nobody's bytes are believed without a participant's word, whatever they are, and none are fatal.
    #[test]
    fn bytes_without_a_participants_word_are_never_believed(
        entry in "\\PC{0,200}",
        proof in "\\PC{0,200}",
        index in any::<u64>(),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut record = Record::new();
        for who in ["US", "RU"] {
            record.states(who, None, "published");
        }
        let proven = ProvenEntry {
            record: RecordRef { origin: origin("US"), index },
            entry,
            proof: format!("{}{proof}", detente_ledger::evidence::EVIDENCE_HEADER),
        };
        let file = AnnouncementFile {
            detente_announcement: detente_node::announcement::VERSION,
            statement: record.composed().expect("composed").to_text(),
            endorsements: vec![proven.clone()],
            signatures: vec![proven],
            ledgers: Vec::new(),
        };
        let policy = Policy::parse(b"quorum none\n").expect("a policy");
        let hash = |_: &BTreeMap<String, String>| None;
        let bytes = file.to_bytes();
        let faults = verify(&bytes, &policy, &hash).expect_err("nobody vouches");
        prop_assert!(faults.iter().any(|fault| fault.contains("no participant vouches")));
        let cut = cut.index(bytes.len());
        prop_assert!(verify(&bytes[..cut], &policy, &hash).is_err());
    }
}
