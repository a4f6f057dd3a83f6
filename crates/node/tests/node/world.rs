//! A small world: two participants, a notifier and a monitor, each with a ledger, and one picture of all they say.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_agreement::{Declared, Document, Rulebook};
use detente_ledger::awareness::AwarenessKey;
use detente_ledger::checkpoint::Checkpoint;
use detente_ledger::hash::Hash;
use detente_node::history::Moment;
use detente_node::picture::{
    Dossier, Founding, Holder, Outcome, Picture, Recorded, Spoken, Standing,
};
use detente_records::act::{Act, ActContext, Digest};
use detente_records::{Agreement, HolderId, RecordId};
use detente_spacetime::Instant;
use serde_json::{Map, Value, json};

/// The agreement of the tests: invented, and as short as it can be.
pub(crate) const AGREEMENT: &str = r#"
id = "plan"
title = "A plan"
languages = ["en"]
status = "in_force"
day_d = 2016-09-12T16:00:00Z
participants = [{ id = "US" }, { id = "RU" }]
bound_parties = [{ id = "SY" }]
guarantors = [{ participant = "RU", for = "SY" }]
groups = [{ id = "bound" }]
forces = [
    { id = "us-air", party = "US" },
    { id = "ru-air", party = "RU" },
    { id = "sy-air", party = "SY", groups = ["bound"] },
]
[parameters.standoff]
default_m = 1000
[parameters.standoff.categories.hospital]
standoff_m = 1000
"#;

/// Everything is permitted but in areas, where everyone has to consent.
pub(crate) const ARTICLES: &str = r#"
@id("fly") @article("1") @title("Flights are permitted") @consequence("none")
permit (principal, action in Detente::Action::"airOperation", resource)
when { context.agreement.inForce };

@id("ask") @article("2") @title("Areas are entered with the consent of those they name") @consequence("none")
forbid (principal, action in Detente::Action::"airOperation", resource is Detente::Area)
when { resource.measure != Detente::MeasureKind::"prohibited_area" }
unless { context.consents.containsAll(resource.consentOf) };

@id("closed") @article("3") @title("Prohibited areas are closed") @consequence("none")
forbid (principal, action in Detente::Action::"airOperation", resource is Detente::Area)
when { resource.measure == Detente::MeasureKind::"prohibited_area" };

@id("convoys") @article("4") @title("Nobody strikes near a convoy") @consequence("none")
forbid (principal, action in Detente::Action::"combat", resource is Detente::Movement);
"#;

/// Acts between two times that what was said is written and read back, in a story.
const ACTS_BETWEEN_KEEPS: usize = 5;
/// Acts of a story; what is longer is a walk, and is written when it has become twice as long.
const STORY_ACTS_MAX: usize = 40;

/// One picture and the ledgers behind it.
pub(crate) struct World {
    /// The picture before anything was said.
    pub(crate) founding: Picture,
    pub(crate) picture: Picture,
    pub(crate) said: Vec<Recorded<Spoken>>,
    sizes: BTreeMap<Arc<str>, u64>,
    pub(crate) now: Instant,
    /// Where false, the next entries claim to have seen nothing.
    pub(crate) aware: bool,
}

/// An instant of September 2016: day, hour, minute.
pub(crate) fn at(day: u32, hour: u32, minute: u32) -> Instant {
    let text = format!("2016-09-{day:02}T{hour:02}:{minute:02}:00Z");
    Instant::parse_rfc3339(&text).unwrap()
}

pub(crate) fn id(text: &str) -> RecordId {
    RecordId::parse(text).unwrap()
}

pub(crate) fn holder(text: &str) -> HolderId {
    HolderId::parse(text).unwrap()
}

/// The dossier of the tests, with something replaced in its agreement.
pub(crate) fn dossier(replaced: &str, by: &str) -> Arc<Dossier> {
    dossier_under(replaced, by, ARTICLES)
}

/// The same under other articles.
pub(crate) fn dossier_under(replaced: &str, by: &str, articles: &str) -> Arc<Dossier> {
    let text = AGREEMENT.replace(replaced, by);
    let (agreement, problems) = Agreement::parse("agreement.toml", text.as_bytes());
    assert!(!problems.has_errors(), "{problems}");
    let document = Document {
        name: "articles.cedar",
        text: articles,
    };
    let declared = Declared::default();
    let (rulebook, problems) = Rulebook::load(&agreement.unwrap(), document, None, &declared);
    assert!(!problems.has_errors(), "{problems}");
    Arc::new(Dossier {
        sha256: [7; 32],
        rulebook: Arc::new(rulebook.unwrap()),
        areas: Vec::new(),
        protected: Vec::new(),
        movements: Vec::new(),
        operations: Vec::new(),
        concerns: Vec::new(),
    })
}

/// What stands for the first entry of somebody's ledger.
pub(crate) fn identity(name: &str) -> Digest {
    Digest::new(*Hash::of(origin(name).as_bytes()).as_bytes())
}

/// A marking that names some holders.
pub(crate) fn marking(names: &[&str], originator_control: bool) -> Value {
    let identities: Vec<String> = names
        .iter()
        .map(|name| identity(name).to_string())
        .collect();
    json!({
        "classifications": [{"policy": "plan", "level": "restricted"}],
        "releasable_to": names,
        "identities": identities,
        "originator_control": originator_control,
    })
}

/// Content sealed for each of some holders.
pub(crate) fn sealed(names: &[&str]) -> Value {
    let sealed = names.iter().map(|name| {
        let digest = identity(name).to_string();
        json!({
            "recipient": name, "suite": "x25519", "commitment": digest, "keys": ["0011223344556677"],
            "blob": {"sha256": digest, "bytes": 16_640, "media_type": "application/octet-stream"},
        })
    });
    sealed.collect()
}

pub(crate) fn founding(dossier: Option<Arc<Dossier>>) -> Founding {
    let keeper = |name: &str, standing| {
        let holder = Holder {
            id: holder(name),
            identity: identity(name),
            standing,
        };
        (Arc::from(origin(name)), holder)
    };
    let observer = |notifier| Standing::Observer {
        notifier,
        monitor: !notifier,
    };
    let named = |dossier: &Arc<Dossier>| dossier.agreement().participants.contains_key("FR");
    let third = dossier.as_ref().is_some_and(named);
    let mut holders = BTreeMap::from([
        keeper("US", Standing::Participant),
        keeper("RU", Standing::Participant),
        keeper("UN", observer(true)),
        keeper("OSCE", observer(false)),
    ]);
    holders.extend(third.then(|| keeper("FR", Standing::Participant)));
    Founding { holders, dossier }
}

fn origin(name: &str) -> String {
    format!("{}.example/plan", name.to_lowercase())
}

impl World {
    /// The agreement is in force; it is noon of the 13th, the day after Day D.
    pub(crate) fn new() -> Self {
        Self::of(Some(dossier("", "")))
    }

    /// Nothing has been tabled yet.
    pub(crate) fn untabled() -> Self {
        Self::of(None)
    }

    pub(crate) fn of(dossier: Option<Arc<Dossier>>) -> Self {
        let picture = Picture::new(founding(dossier));
        Self {
            founding: picture.clone(),
            picture,
            said: Vec::new(),
            sizes: BTreeMap::new(),
            now: at(13, 12, 0),
            aware: true,
        }
    }

    /// Says something as `who` (`US:anna`) in the role of the body; a minute passes.
    pub(crate) fn say(
        &mut self,
        who: &str,
        role: &str,
        kind: &str,
        subject: &str,
        body: Value,
    ) -> Outcome {
        self.say_with(who, role, kind, subject, body, None)
    }

    /// Says something that must be effective.
    pub(crate) fn does(&mut self, who: &str, role: &str, kind: &str, subject: &str, body: Value) {
        match self.say(who, role, kind, subject, body) {
            Outcome::Effective(_) => {}
            Outcome::Ineffective(refusal) => panic!("{kind} by {who} was refused: {refusal:?}"),
        }
    }

    /// Says something that must be refused; returns the rule.
    pub(crate) fn refused(
        &mut self,
        who: &str,
        role: &str,
        kind: &str,
        subject: &str,
        body: Value,
    ) -> String {
        match self.say(who, role, kind, subject, body) {
            Outcome::Effective(changes) => panic!("{kind} by {who} was effective: {changes:?}"),
            Outcome::Ineffective(refusal) => refusal.to_string(),
        }
    }

    pub(crate) fn say_with(
        &mut self,
        who: &str,
        role: &str,
        kind: &str,
        subject: &str,
        body: Value,
        dossier: Option<Arc<Dossier>>,
    ) -> Outcome {
        let recorded = self.recorded(who, role, kind, subject, body, dossier);
        let outcome = self.picture.apply(&recorded);
        self.said.push(recorded);
        let said = self.said.len();
        let is_due = match said <= STORY_ACTS_MAX {
            true => said.is_multiple_of(ACTS_BETWEEN_KEEPS),
            false => said.is_power_of_two(),
        };
        if is_due {
            crate::kept::goes_on_alike(self);
        }
        outcome
    }

    fn recorded(
        &mut self,
        who: &str,
        role: &str,
        kind: &str,
        subject: &str,
        body: Value,
        dossier: Option<Arc<Dossier>>,
    ) -> Recorded<Spoken> {
        let (name, user) = who.split_once(':').unwrap_or((who, "watch"));
        let origin: Arc<str> = origin(name).into();
        let mut members = Map::new();
        members.insert("subject".to_owned(), json!(subject));
        members.insert("role".to_owned(), json!(role));
        if let Value::Object(more) = body {
            members.extend(more);
        }
        let context = ActContext {
            document: kind.into(),
            agreement: None,
        };
        let (act, problems) = Act::parse(kind, &members, &context);
        let act = act.map(Arc::new);
        let act = act.ok_or_else(|| Arc::from(problems.to_string()));
        self.now = self
            .now
            .plus(detente_spacetime::Span::from_micros(60_000_000))
            .unwrap();
        let seen = self
            .sizes
            .iter()
            .map(|(origin, size)| Checkpoint::new(origin, *size, Hash::of(b"root")).unwrap());
        let seen: Vec<Checkpoint> = seen.filter(|_| self.aware).collect();
        let entry = detente_ledger::entry::Entry {
            kind: kind.to_owned(),
            author: user.to_owned(),
            written_at: self.now.to_string(),
            salt: vec![0; 16],
            awareness: AwarenessKey::of(&seen),
            unit_key: None,
            body: members,
        };
        let size = self.sizes.entry(origin.clone()).or_default();
        let index = *size;
        *size += 1;
        let moment = Moment {
            at: self.now,
            rank: 0,
        };
        let spoken = Spoken { act, dossier };
        Recorded::new((origin, index), Arc::new(entry), spoken, moment)
    }

    pub(crate) fn operation_state(&self, subject: &str) -> String {
        self.picture
            .at(self.now)
            .operation(&id(subject))
            .map(|file| file.matter.course.state.to_string())
            .unwrap_or_default()
    }
}
