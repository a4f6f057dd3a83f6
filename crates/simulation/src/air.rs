//! Worlds whose users propose, consent to, fly and restrain operations: the real picture.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_agreement::{Declared, Document, Rulebook, Verdict};
use detente_ledger::hash::Hash;
use detente_node::node::Command;
use detente_node::picture::{
    Dossier, Founding, Holder, OperationFile, Outcome, Picture, Refusal, Standing,
};
use detente_records::act::Digest;
use detente_records::{Agreement, AreaRecordKind, HolderId};
use serde_json::{Map, Value, json};

use crate::Played;
use crate::chance::Chance;
use crate::script::Came;

/// Places far enough apart that nothing at one meets anything at another.
const PLACES: u64 = 3;
/// States in which an operation's volumes are used as if all were well.
const IN_USE: &str = "active";
/// States of an area in which it restrains.
const AREA_HOLDS: [&str; 3] = ["standing", "loosening_proposed", "end_proposed"];
/// States in which an object is not protected any more.
const OBJECT_OVER: [&str; 3] = ["draft", "revoked", "lapsed"];

/// Flights are permitted but where an area asks for consent or is closed.
const ARTICLES: &str = r#"
@id("fly") @article("1") @title("Flights are permitted") @consequence("none")
permit (principal, action in Detente::Action::"airOperation", resource)
when { context.agreement.inForce };
"#;

const RESTRAINTS: &str = r#"
@id("ask") @article("2") @title("Areas are entered by consent") @consequence("none")
forbid (principal, action in Detente::Action::"airOperation", resource is Detente::Area)
when { resource.measure != Detente::MeasureKind::"prohibited_area" }
unless { context.consents.containsAll(resource.consentOf) };

@id("closed") @article("3") @title("Prohibited areas are closed") @consequence("none")
forbid (principal, action in Detente::Action::"airOperation", resource is Detente::Area)
when { resource.measure == Detente::MeasureKind::"prohibited_area" };
"#;

/// What stands for the key behind a holder's name: the same in every node of a world.
pub(crate) fn identity(origin: &str) -> Digest {
    Digest::new(*Hash::of(origin.as_bytes()).as_bytes())
}

impl Played for Picture {
    fn founding(origins: &[String], is_odd: bool) -> Self {
        let last = origins.len().saturating_sub(1);
        let holders: BTreeMap<Arc<str>, Holder> = origins
            .iter()
            .enumerate()
            .filter_map(|(number, origin)| {
                let is_observer = number == last && origins.len() > 2;
                let standing = match is_observer {
                    true => Standing::Observer {
                        notifier: true,
                        monitor: false,
                    },
                    false => Standing::Participant,
                };
                let id = HolderId::parse(&party(number)).ok()?;
                Some((
                    Arc::from(origin.as_str()),
                    Holder {
                        id,
                        identity: identity(origin),
                        standing,
                    },
                ))
            })
            .collect();
        let participants = holders
            .values()
            .filter(|holder| holder.standing == Standing::Participant);
        let dossier = dossier(participants.count(), is_odd).map(Arc::new);
        Self::new(Founding { holders, dossier })
    }

    fn wish(&self, chance: &mut Chance, own: &str) -> Option<Command> {
        let holder = self.holders().get(own)?;
        if holder.standing != Standing::Participant {
            let place = chance.below(PLACES);
            let id = format!("clinic-{place}-{}", chance.below(1000));
            let body = hospital(&id, place);
            return Some(command("object_submitted", "notifier", &id, body));
        }
        let party = holder.id.as_str();
        match chance.below(10) {
            0..=3 => {
                let place = chance.below(PLACES);
                let id = format!("op-{place}-{}", chance.below(100_000));
                let body = proposal(&id, party, place);
                Some(command("operation_proposed", "planner", &id, body))
            }
            4..=6 => about(self, chance, "operation_consented", "consenter"),
            7..=8 => about(self, chance, "operation_activated", "watch_officer"),
            _ if chance.happens(400) => about(self, chance, "operation_stopped", "watch_officer"),
            _ => {
                let place = chance.below(PLACES);
                let id = format!("zone-{place}-{}", chance.below(1000));
                let kind = match chance.below(4) {
                    0 => "prohibited_area",
                    _ => "designated_area",
                };
                let participants: Vec<String> = self
                    .participants()
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                let body = json!({"feature": area(&id, kind, place, &participants)});
                Some(command("area_established", "consenter", &id, body))
            }
        }
    }

    fn digest(&self) -> Hash {
        Self::digest(self)
    }

    fn breaches(&self) -> Vec<String> {
        let in_use = self
            .operations()
            .filter(|(_, file)| file.matter.course.state == IN_USE);
        in_use
            .filter_map(|(id, file)| {
                let place = place_of(id.as_str());
                let by_place = place.and_then(|place| breach(self, place, file));
                let verdict = file.judged.judgement.verdict;
                let judged = || {
                    (verdict != Verdict::Clear).then(|| format!("it is {}", verdict.wire_name()))
                };
                let why = by_place.or_else(judged)?;
                Some(format!("{id} is flown although {why}"))
            })
            .collect()
    }

    fn came(outcome: &Outcome) -> Came {
        match outcome {
            Outcome::Effective(changes) => {
                let reached = changes
                    .iter()
                    .map(|change| (change.subject.to_string(), change.to.to_owned()));
                Came::Effective(reached.collect())
            }
            Outcome::Ineffective(refusal) => Came::Ineffective(refusal.rule.clone()),
        }
    }

    fn rule(refusal: &Refusal) -> String {
        refusal.rule.clone()
    }
}

/// Returns the operations that are flown although, judged anew, they are not clear: what can be said
/// of any scenario, wherever its places are.
pub(crate) fn flown_unclear(picture: &Picture) -> Vec<String> {
    let in_use = picture
        .operations()
        .filter(|(_, file)| file.matter.course.state == IN_USE);
    in_use
        .filter_map(|(id, _)| match picture.judge_on_record(id) {
            Some(judgement) if judgement.verdict == Verdict::Clear => None,
            Some(judgement) => {
                let verdict = judgement.verdict.wire_name();
                Some(format!("{id} is flown although it is {verdict}"))
            }
            None => Some(format!("{id} is flown although no text binds")),
        })
        .collect()
}

/// Returns an act about any operation on record, possible or not.
pub(crate) fn about(
    picture: &Picture,
    chance: &mut Chance,
    kind: &str,
    role: &str,
) -> Option<Command> {
    let operations: Vec<_> = picture.operations().collect();
    let (id, file) = chance.pick(&operations)?;
    let body = match kind {
        "operation_stopped" => json!({}),
        _ => json!({"version": file.version}),
    };
    Some(command(kind, role, id.as_str(), body))
}

/// Says why an operation at a place may not be in use: an oracle that looks at places and states
/// only, never at a judgement.
fn breach(picture: &Picture, place: u64, file: &OperationFile) -> Option<String> {
    let here = |id: &str| place_of(id) == Some(place);
    let mut objects = picture.protected_objects();
    let object = objects.find(|(id, object)| {
        here(id.as_str()) && !OBJECT_OVER.contains(&object.matter.course.state)
    });
    if let Some((id, _)) = object {
        return Some(format!("{id} is protected there"));
    }
    let areas = picture
        .areas()
        .filter(|(id, area)| here(id.as_str()) && AREA_HOLDS.contains(&area.matter.course.state));
    let own = file.answerable.as_ref().map(ToString::to_string);
    for (id, area) in areas {
        if area.current.kind == AreaRecordKind::ProhibitedArea {
            return Some(format!("{id} is closed"));
        }
        let consents: Vec<String> = file.consents.keys().map(ToString::to_string).collect();
        let lacking = picture.participants().into_iter().find(|holder| {
            let holder = holder.to_string();
            Some(&holder) != own.as_ref() && !consents.contains(&holder)
        });
        if let Some(lacking) = lacking {
            return Some(format!("{id} asks for the consent of {lacking}"));
        }
    }
    None
}

fn party(number: usize) -> String {
    format!("P{number}")
}

/// Returns the place in the middle of an id such as `op-2-17`.
fn place_of(id: &str) -> Option<u64> {
    id.split('-').nth(1)?.parse().ok()
}

fn dossier(participants: usize, is_odd: bool) -> Option<Dossier> {
    let parties: Vec<String> = (0..participants).map(party).collect();
    let listed =
        |item: &dyn Fn(&String) -> String| parties.iter().map(item).collect::<Vec<_>>().join(", ");
    let agreement = format!(
        "id = \"plan\"\ntitle = \"A plan\"\nlanguages = [\"en\"]\nstatus = \"in_force\"\n\
         day_d = 2016-09-11T00:00:00Z\nparticipants = [{}]\nforces = [{}]\n\
         [parameters.standoff]\ndefault_m = 1000\n",
        listed(&|id| format!("{{ id = \"{id}\" }}")),
        listed(&|id| format!("{{ id = \"{}-air\", party = \"{id}\" }}", id.to_lowercase())),
    );
    let (agreement, _) = Agreement::parse("agreement.toml", agreement.as_bytes());
    let text = match is_odd {
        true => ARTICLES.to_owned(),
        false => format!("{ARTICLES}{RESTRAINTS}"),
    };
    let document = Document {
        name: "articles.cedar",
        text: &text,
    };
    let (rulebook, _) = Rulebook::load(&agreement?, document, None, &Declared::default());
    Some(Dossier {
        sha256: [0; 32],
        rulebook: Arc::new(rulebook?),
        areas: Vec::new(),
        protected: Vec::new(),
        movements: Vec::new(),
        operations: Vec::new(),
        concerns: Vec::new(),
    })
}

pub(crate) fn command(kind: &str, role: &str, subject: &str, body: Value) -> Command {
    let mut members = Map::new();
    members.insert("subject".to_owned(), json!(subject));
    members.insert("role".to_owned(), json!(role));
    if let Value::Object(more) = body {
        members.extend(more);
    }
    Command {
        author: format!("{role} on duty"),
        kind: kind.to_owned(),
        body: members,
    }
}

fn square(place: u64) -> Value {
    let (lon, lat) = point(place);
    let (w, e, s, n) = (lon - 0.01, lon + 0.01, lat - 0.01, lat + 0.01);
    json!({"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]})
}

/// A degree apart: a hundred kilometres.
fn point(place: u64) -> (f64, f64) {
    let degrees = u32::try_from(place).unwrap_or(0);
    (36.5 + f64::from(degrees), 35.5)
}

fn feature(id: &str, kind: &str, geometry: Value, more: Value) -> Value {
    let mut properties = Map::new();
    properties.insert("id".to_owned(), json!(id));
    properties.insert("kind".to_owned(), json!(kind));
    properties.insert("lower".to_owned(), json!({"reference": "SFC"}));
    let upper = json!({"value": 9000, "unit": "m", "reference": "W84"});
    properties.insert("upper".to_owned(), upper);
    if let Value::Object(more) = more {
        properties.extend(more);
    }
    json!({"type": "Feature", "geometry": geometry, "properties": properties})
}

fn proposal(id: &str, party: &str, place: u64) -> Value {
    let force = format!("{}-air", party.to_lowercase());
    let more = json!({
        "operation": id, "party": party, "force": force, "activity": "strike",
        "start": "2016-09-12T00:00:20Z", "end": "2016-09-14T00:00:00Z",
    });
    json!({
        "features": [feature(&format!("{id}-volume"), "operation", square(place), more)],
        "version": 1, "expires": "2016-09-13T23:00:00Z", "process_class": "deliberate",
    })
}

fn area(id: &str, kind: &str, place: u64, consent_of: &[String]) -> Value {
    let mut more = json!({
        "start": "2016-09-11T00:00:00Z", "end": "UFN", "consent_of": consent_of,
    });
    if let (Value::Object(more), "designated_area") = (&mut more, kind) {
        more.insert("area_kind".to_owned(), json!("concentrated"));
    }
    feature(id, kind, square(place), more)
}

fn hospital(id: &str, place: u64) -> Value {
    let (lon, lat) = point(place);
    let geometry = json!({"type": "Point", "coordinates": [lon, lat]});
    let more = json!({
        "category": "hospital", "accuracy_m": 50, "radius_m": 50,
        "start": "2016-09-01T00:00:00Z", "end": "UFN",
    });
    json!({
        "feature": feature(id, "protected_object", geometry, more),
        "consent": {"given_by": "Health Directorate", "at": "2016-09-01T00:00:00Z"},
        "measured_how": "survey", "photo_hashes": [],
    })
}
