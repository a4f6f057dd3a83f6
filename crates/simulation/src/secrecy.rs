//! Worlds in which reports are released, passed on, corrected and recalled, and in which everything
//! that leaves a machine is overheard.
//!
//! Each report has what its recipients get and what stays at home: portions without a marking or
//! marked for nobody there is, sources, the exact place within its cell, the minute within its
//! hour, the full text above the tearline, fields that the terms leave out. The second part comes
//! from chance of its own ([`whisper`]'s `secret`): two worlds of one seed and different secrets
//! have to be alike to the last byte of every message, or something shows.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use detente_ledger::hash::Hash;
use detente_ledger::seal::SealSecretKey;
use detente_node::federation::{Answer, Message};
use detente_node::node::{Command, Node};
use detente_node::picture::{Picture, ReportFile};
use detente_records::act::edition::CellSize;
use detente_records::act::protected_object::{ObjectReleased, ReleasePrecision};
use detente_records::act::report::{ReportCorrected, ReportForwarded, ReportReleased, Sealed};
use detente_records::act::{Act, AtLeastOne, ExactPlace, Kind, ReportDraft, Role, Terms};
use detente_records::{HolderId, LocalText, RecordId};
use detente_sharing::{
    Author, Composed, Desk, Expected, ExpectedPlace, Marking, area_around, compose, edition_seed,
    exact_payload, forwarded, open, read, read_exact, seal_edition,
};
use detente_spacetime::{Footprint, Position};
use serde_json::{Map, Value, json};

use crate::Played;
use crate::air::command;
use crate::cast::Cast;
use crate::chance::Chance;
use crate::identity::seal_secret;
use crate::report::Report;
use crate::world::{Conditions, World};

/// Starts every word that must not leave; no hash, key or number holds it by chance.
const SECRET: &str = "zqsecret";
/// Most portions that stay at home, in front of what is released and behind it.
const HIDDEN_MAX: u64 = 4;

/// What was overheard of a world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overheard {
    /// By the machine they went to: a hash of every message, in their order.
    pub messages: BTreeMap<usize, Hash>,
    /// Messages that held a word that stays at home.
    pub leaks: Vec<String>,
    /// Editions that their recipients could open at the end.
    pub opened: u64,
    /// Exact places that their recipients could open at the end.
    pub placed: u64,
    /// Sealed bodies found with somebody they are not for.
    pub misplaced: u64,
    /// Machines and reports released, passed on and corrected.
    pub sent: u64,
}

/// Sealed bytes by their hash: what users bring to their machines.
type Chest = Rc<RefCell<BTreeMap<Hash, Vec<u8>>>>;

/// Plays the world of `seed` with what stays at home chosen by `secret`.
///
/// # Errors
///
/// A description of what could not be set up.
pub fn whisper(seed: u64, secret: u64) -> Result<(Report, Overheard), String> {
    play(seed, secret, false)
}

/// The same with a planted fault: notices of objects that are shown by their cells tell in their accuracy where within those
/// they stand.
///
/// # Errors
///
/// As [`whisper`].
pub fn blab(seed: u64, secret: u64) -> Result<(Report, Overheard), String> {
    play(seed, secret, true)
}

fn play(seed: u64, secret: u64, is_planted: bool) -> Result<(Report, Overheard), String> {
    let chest = Chest::default();
    let heard: Rc<RefCell<Overheard>> = Rc::default();
    let house = House {
        seed,
        secret,
        is_planted,
        chest: chest.clone(),
        heard: heard.clone(),
    };
    let (ear, end, keeper) = (heard.clone(), heard.clone(), chest.clone());
    let cast = Cast {
        wish: Box::new(move |picture: &Picture, chance: &mut Chance, own: &str| {
            house.wish(picture, chance, own)
        }),
        content: Box::new(move |command| named(command, &keeper.borrow())),
        overhear: Box::new(move |to, bytes| ear.borrow_mut().hear(to, bytes)),
        farewell: Box::new(move |number, node| {
            end.borrow_mut().look(seed, number, node, &chest.borrow());
        }),
        ..Cast::new(
            Box::new(<Picture as Played>::founding),
            Box::new(|_, _, _| None),
        )
    };
    let report = World::with(Conditions::any(seed), cast)?.play();
    let heard = heard.borrow().clone();
    Ok((report, heard))
}

/// The content an act names, as far as somebody here sealed it.
fn named(command: &Command, chest: &BTreeMap<Hash, Vec<u8>>) -> Vec<Vec<u8>> {
    let sealed = command.body.get("sealed").and_then(Value::as_array);
    let hashes = sealed.into_iter().flatten().filter_map(|sealed| {
        let hash = sealed.pointer("/blob/sha256")?.as_str()?;
        Hash::from_hex(hash)
    });
    hashes
        .filter_map(|hash| chest.get(&hash).cloned())
        .collect()
}

impl Overheard {
    fn hear(&mut self, to: usize, bytes: &[u8]) {
        let before = self.messages.get(&to).copied();
        let before = before.unwrap_or_else(Hash::empty_tree);
        let after = Hash::of_parts(&[before.as_bytes(), bytes]);
        self.messages.insert(to, after);
        let mut parts: Vec<Vec<u8>> = vec![bytes.to_vec()];
        // What is written in base64 is read as what it stands for.
        if let Ok(Message::Answer { answer, .. }) = Message::parse(bytes) {
            match answer {
                Answer::Entries { entries, .. } => parts.extend(entries),
                Answer::Blob(blob) => parts.push(blob),
                _ => {}
            }
        }
        let word = SECRET.as_bytes();
        let is_told = |part: &Vec<u8>| part.windows(word.len()).any(|found| found == word);
        if parts.iter().any(is_told) {
            self.leaks.push(String::from_utf8_lossy(bytes).into_owned());
        }
    }

    /// Looks at what a machine holds at the end, and opens what it can.
    fn look(
        &mut self,
        seed: u64,
        number: usize,
        node: &Node<Picture>,
        chest: &BTreeMap<Hash, Vec<u8>>,
    ) {
        let picture = node.picture();
        let Some(own) = holder_of(picture, number) else {
            return;
        };
        let secret = seal_secret(seed, number);
        self.look_at_places(&own, &secret, node, chest);
        for (id, matter) in picture.matters("report") {
            let report = ReportFile { id, matter };
            for (source, kind, sealed) in report.sealed_by_originator() {
                let hash = Hash::from_bytes(*sealed.blob.sha256.bytes());
                let is_ours = sealed.recipient == own || *report.originator() == own;
                if !node.holds_blob(hash) {
                    continue;
                }
                if !is_ours {
                    self.misplaced += 1;
                    continue;
                }
                let author = Author {
                    origin: &source.origin,
                    agreement: "plan",
                    kind,
                };
                let blob = chest.get(&hash).map_or(&[][..], Vec::as_slice);
                let Ok(opened) = open(&author, sealed, blob, &secret) else {
                    self.misplaced += 1;
                    continue;
                };
                let expected = Expected {
                    report: id,
                    originator: report.originator(),
                    recipient: &sealed.recipient,
                    forwarded: None,
                };
                let is_clean = !opened
                    .payload
                    .windows(SECRET.len())
                    .any(|found| found == SECRET.as_bytes());
                match read(&opened, &expected) {
                    Ok(_) if is_clean => {
                        self.opened += u64::from(sealed.recipient == own);
                    }
                    _ => self
                        .leaks
                        .push(format!("{id} opens to what was not released")),
                }
            }
        }
    }
}

impl Overheard {
    /// Looks at the exact places a machine holds: its own, and those it was told.
    fn look_at_places(
        &mut self,
        own: &HolderId,
        secret: &SealSecretKey,
        node: &Node<Picture>,
        chest: &BTreeMap<Hash, Vec<u8>>,
    ) {
        let picture = node.picture();
        for (id, file) in picture.protected_objects() {
            let originator = &file.matter.opened_by.holder;
            let lines = file.matter.lines.iter();
            let sealed = lines.filter_map(|line| match &*line.act {
                Act::ObjectReleased(act) => Some((line, act)),
                _ => None,
            });
            for (line, act) in sealed {
                for sealed in &act.sealed {
                    let hash = Hash::from_bytes(*sealed.blob.sha256.bytes());
                    if !node.holds_blob(hash) {
                        continue;
                    }
                    let author = Author {
                        origin: &line.source.origin,
                        agreement: "plan",
                        kind: Kind::ObjectReleased,
                    };
                    let expected = ExpectedPlace {
                        object: id,
                        version: act.version,
                        originator,
                        recipient: &sealed.recipient,
                        shown: file.shown_as(act.version),
                    };
                    let blob = chest.get(&hash).map_or(&[][..], Vec::as_slice);
                    let opened = open(&author, sealed, blob, secret);
                    let is_ours = sealed.recipient == *own || originator == own;
                    match opened {
                        Ok(opened) if is_ours => match read_exact(&opened, &expected) {
                            Ok(_) => self.placed += u64::from(sealed.recipient == *own),
                            Err(fault) => self.leaks.push(format!("{id}: {fault}")),
                        },
                        _ => self.misplaced += 1,
                    }
                }
            }
        }
    }
}

/// Whether the exact place of an object goes to anybody; of one that goes to nobody it is the world's secret.
fn goes_exactly(id: &str) -> bool {
    id.bytes().last().is_some_and(|last| last % 2 == 0)
}

/// An object as it stands: within its cell by the world's secret, or, where that goes to somebody, by its id alone.
fn standing(secret: u64, id: &str) -> Option<Value> {
    let public = Hash::of_parts(&[b"place", id.as_bytes()]);
    let (public, _) = public.as_bytes().split_first_chunk::<8>()?;
    let mut public = Chance::new(u64::from_be_bytes(*public));
    let (row, column) = (public.below(40) as f64, public.below(40) as f64);
    let secret = match goes_exactly(id) {
        true => 0,
        false => secret,
    };
    let within = Hash::of_parts(&[b"within", &secret.to_be_bytes(), id.as_bytes()]);
    let (within, _) = within.as_bytes().split_first_chunk::<8>()?;
    let mut within = Chance::new(u64::from_be_bytes(*within));
    // A cell of 10 km is a tenth of a degree high, and twice as wide.
    let mut inside = || (within.below(900) + 50) as f64 / 10_000.0;
    let (latitude_deg, longitude_deg) = (10.0 + row + inside(), 20.0 + column + inside());
    Some(json!({
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude_deg, latitude_deg]},
        "properties": {
            "kind": "protected_object", "id": id, "category": "clinic", "radius_m": 60,
            "accuracy_m": 30, "start": "2016-08-01T00:00:00Z", "end": "UFN",
        },
    }))
}

fn exact_place(secret: u64, id: &RecordId, own: &HolderId) -> Option<ExactPlace> {
    let place = json!({
        "form": "detente/exact-place/1", "object": id.as_str(), "version": 1,
        "originator": own.as_str(), "recipient": own.as_str(),
        "feature": standing(secret, id.as_str())?,
    });
    ExactPlace::parse("place", place.as_object()?).0
}

/// Notifies an object by an area of the grid.
fn notified((secret, is_planted): (u64, bool), id: &str) -> Option<Command> {
    let mut feature = standing(secret, id)?;
    let at = |index: usize| feature["geometry"]["coordinates"][index].as_f64();
    let (north_deg, east_deg) = (at(1)?, at(0)?);
    let middle = Position::new(north_deg, east_deg).ok()?;
    let circle = Footprint::circle(middle, 60.0).ok()?;
    let ring = area_around(circle.footprint.bounds(), 30.0, CellSize::Km10)?;
    feature["geometry"] = json!({"type": "Polygon", "coordinates": [ring]});
    let properties = feature["properties"].as_object_mut()?;
    properties.shift_remove("radius_m");
    let told_m = match is_planted {
        true => (north_deg * 10_000.0).rem_euclid(100.0).round(),
        false => 0.0,
    };
    properties.insert("accuracy_m".to_owned(), json!(told_m));
    properties.insert("edges".to_owned(), json!("parallel"));
    let body = json!({
        "feature": feature, "measured_how": "survey", "shown": "coarse",
        "consent": {"given_by": "Directorate", "at": "2016-08-01T00:00:00Z"},
    });
    Some(command("object_submitted", "notifier", id, body))
}

fn origin_of(number: usize) -> String {
    format!("party-{number}.example")
}

fn number_of(origin: &str) -> Option<usize> {
    let number = origin.strip_prefix("party-")?.strip_suffix(".example")?;
    number.parse().ok()
}

fn holder_of(picture: &Picture, number: usize) -> Option<HolderId> {
    let holder = picture.holders().get(origin_of(number).as_str())?;
    Some(holder.id.clone())
}

/// Everybody's release officers.
struct House {
    seed: u64,
    secret: u64,
    is_planted: bool,
    chest: Chest,
    heard: Rc<RefCell<Overheard>>,
}

impl House {
    fn wish(&self, picture: &Picture, chance: &mut Chance, own: &str) -> Option<Command> {
        let number = number_of(own)?;
        let own_holder = holder_of(picture, number)?;
        let reports: Vec<RecordId> = picture
            .matters("report")
            .map(|(id, _)| id.clone())
            .collect();
        let about = chance.pick(&reports).cloned();
        let is_own = |id: &RecordId| {
            let report = picture.report(id);
            report.is_some_and(|report| *report.originator() == own_holder)
        };
        let choice = chance.below(12);
        match (choice, about) {
            (10, _) => notified(
                (self.secret, self.is_planted),
                &format!("h-{number}-{}", chance.below(1_000_000)),
            ),
            (11, _) => self.show(picture, chance, number),
            (0..=3, _) | (_, None) => {
                let id = format!("r-{number}-{}", chance.below(1_000_000));
                self.release(picture, chance, number, &RecordId::parse(&id).ok()?, None)
            }
            (4, Some(id)) if is_own(&id) => {
                let reason = json!({"reason": "It was wrong."});
                Some(command(
                    "report_recalled",
                    "release_officer",
                    id.as_str(),
                    reason,
                ))
            }
            (5, Some(id)) if is_own(&id) => {
                let report = picture.report(&id)?;
                let recipients = report.recipients();
                self.release(picture, chance, number, &id, Some(recipients))
            }
            (4..=5, Some(id)) => {
                let grade = json!({"grade": {"reliability": "C", "credibility": "3"}});
                Some(command("report_graded", "inquiry", id.as_str(), grade))
            }
            (6, Some(id)) if is_own(&id) => {
                let holders: Vec<String> = others(picture, &own_holder)
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                let requester = chance.pick(&holders)?;
                let decision = json!({"requester": requester, "granted": chance.happens(700)});
                Some(command(
                    "onward_decided",
                    "release_officer",
                    id.as_str(),
                    decision,
                ))
            }
            (6, Some(id)) => {
                let all = others(picture, &own_holder);
                let to = chance.pick(&all)?;
                let request = json!({"recipients": [to.as_str()], "reason": "They ask."});
                Some(command(
                    "onward_requested",
                    "release_officer",
                    id.as_str(),
                    request,
                ))
            }
            (7, Some(id)) => self.forward(picture, number, &id),
            (_, Some(id)) => {
                let kind = match picture.report(&id)?.receipt(&own_holder)?.state {
                    "recall_due" | "recall_overdue" => "recall_acknowledged",
                    _ => "report_received",
                };
                Some(command(kind, "watch_officer", id.as_str(), json!({})))
            }
        }
    }

    /// Releases an own object that is shown by its cells: exactly to one recipient, if its place may go to anybody, or
    /// coarsely.
    fn show(&self, picture: &Picture, chance: &mut Chance, number: usize) -> Option<Command> {
        let own = holder_of(picture, number)?;
        let objects: Vec<(RecordId, u32)> = picture
            .protected_objects()
            .filter(|(_, file)| file.matter.opened_by.holder == own)
            .map(|(id, file)| (id.clone(), file.version))
            .collect();
        let (id, version) = chance.pick(&objects)?.clone();
        let all = others(picture, &own);
        let to = chance.pick(&all)?.clone();
        let (precision, sealed) = match goes_exactly(id.as_str()) {
            true => {
                let place = exact_place(self.secret, &id, &own)?;
                let payload = exact_payload(&place, &to)?;
                let payloads = vec![(to.clone(), payload)];
                let sealed = self.seal(number, Kind::ObjectReleased, payloads)?;
                (ReleasePrecision::Exact, sealed)
            }
            false => (ReleasePrecision::Coarse, Vec::new()),
        };
        let act = Act::ObjectReleased(ObjectReleased {
            subject: id,
            role: Role::Notifier,
            version,
            recipients: AtLeastOne::new(vec![to])?,
            precision,
            sealed,
        });
        Some(wish_of(&act))
    }

    /// Releases a report, or its correction to those who have it.
    fn release(
        &self,
        picture: &Picture,
        chance: &mut Chance,
        number: usize,
        id: &RecordId,
        corrected_for: Option<BTreeSet<HolderId>>,
    ) -> Option<Command> {
        let own = holder_of(picture, number)?;
        let all = others(picture, &own);
        let count = 1 + chance.index(all.len());
        let recipients: Vec<HolderId> = match &corrected_for {
            Some(recipients) => recipients
                .iter()
                .filter(|one| **one != own)
                .cloned()
                .collect(),
            None => all.iter().take(count).cloned().collect(),
        };
        let public = chance.bits();
        let draft = self.draft(id, public, &all);
        let corrections = picture.report(id).map_or(0, |report| report.corrections());
        let (directory, sources) = (picture.directory(), BTreeMap::<RecordId, Marking>::new());
        let desk = Desk {
            originator: &own,
            directory: &directory,
            sources: &sources,
            now: picture.newest(),
            number: corrections + 1 + u32::from(corrected_for.is_some()),
        };
        let terms: Option<Vec<Terms>> = recipients.iter().map(terms_for).collect();
        let composed = compose(&draft?, &terms?, &desk);
        let Ok(composed) = composed else {
            let mut heard = self.heard.borrow_mut();
            heard.leaks.push(format!("{id} is refused: {composed:?}"));
            return None;
        };
        let kind = match corrected_for {
            Some(_) => Kind::ReportCorrected,
            None => Kind::ReportReleased,
        };
        let payloads = composed
            .editions
            .iter()
            .map(|one| (one.recipient.clone(), one.payload.clone()));
        let sealed = self.seal(number, kind, payloads.collect())?;
        let act = act(id, kind, &composed, recipients, sealed)?;
        Some(wish_of(&act))
    }

    fn forward(&self, picture: &Picture, number: usize, id: &RecordId) -> Option<Command> {
        let own = holder_of(picture, number)?;
        let report = picture.report(id)?;
        let granted: Vec<HolderId> = report
            .granted_to(&own)
            .into_iter()
            .filter(|one| *one != own && one != report.originator())
            .collect();
        let received = report.sealed_for(&own)?;
        let author = Author {
            origin: &received.source.origin,
            agreement: "plan",
            kind: received.kind,
        };
        let hash = Hash::from_bytes(*received.sealed.blob.sha256.bytes());
        let blob = self.chest.borrow().get(&hash).cloned()?;
        let opened = open(
            &author,
            received.sealed,
            &blob,
            &seal_secret(self.seed, number),
        )
        .ok()?;
        let payloads = granted
            .iter()
            .map(|to| Some((to.clone(), forwarded(&own, to, &opened)?)));
        let payloads: Option<Vec<(HolderId, Vec<u8>)>> = payloads.collect();
        let sealed = self.seal(number, Kind::ReportForwarded, payloads?)?;
        let act = Act::ReportForwarded(ReportForwarded {
            subject: id.clone(),
            role: Role::ReleaseOfficer,
            recipients: AtLeastOne::new(granted)?,
            sealed: AtLeastOne::new(sealed)?,
        });
        Some(wish_of(&act))
    }

    fn seal(
        &self,
        number: usize,
        kind: Kind,
        payloads: Vec<(HolderId, Vec<u8>)>,
    ) -> Option<Vec<Sealed>> {
        let origin = origin_of(number);
        let author = Author {
            origin: &origin,
            agreement: "plan",
            kind,
        };
        let own = seal_secret(self.seed, number);
        let mut all = Vec::new();
        for (recipient, payload) in payloads {
            let to: usize = recipient.as_str().strip_prefix('P')?.parse().ok()?;
            let key = seal_secret(self.seed, to);
            let seed = edition_seed(&[9; 32], &author, &recipient, &payload);
            let keys = (&recipient, key.public());
            let (sealed, blob) = seal_edition(&author, &seed, &payload, keys, own.public()).ok()?;
            self.chest.borrow_mut().insert(Hash::of(&blob), blob);
            self.heard.borrow_mut().sent += 1;
            all.push(sealed);
        }
        Some(all)
    }

    /// What a report holds: `public` fixes what recipients get, the world's secret everything else.
    fn draft(&self, id: &RecordId, public: u64, all: &[HolderId]) -> Option<ReportDraft> {
        let parts: [&[u8]; 3] = [
            &self.secret.to_be_bytes(),
            &public.to_be_bytes(),
            id.as_str().as_bytes(),
        ];
        let hash = Hash::of_parts(&parts);
        let (first, _) = hash.as_bytes().split_first_chunk::<8>()?;
        let mut secret = Chance::new(u64::from_be_bytes(*first));
        let word = |secret: &mut Chance| format!("{SECRET}{:x}", secret.bits());
        let marking = marking(all);
        let within = |secret: &mut Chance| f64::from(secret.below(900) as u32 + 50) / 10_000.0;
        let (row, column) = ((public % 40) as u32, (public / 64 % 40) as u32);
        let latitude = 10.0 + f64::from(row) + within(&mut secret);
        let longitude = 20.0 + f64::from(column) + within(&mut secret);
        let (hour, minute) = (public / 4096 % 24, secret.below(60));
        let mut portions = vec![json!({
            "marking": marking,
            "tearline": format!("Vehicles were seen, {:x}.", public),
            "text": word(&mut secret),
            "place": {
                "settlement": word(&mut secret),
                "position": {"said": word(&mut secret), "latitude_deg": latitude, "longitude_deg": longitude},
            },
            "at": format!("2016-09-12T{hour:02}:{minute:02}:00Z"),
            "harm": {"killed": {"low": secret.below(90)}, "note": word(&mut secret)},
            "source": {"name": word(&mut secret), "method": word(&mut secret)},
        })];
        for _ in 0..secret.below(HIDDEN_MAX) {
            let mut hidden = json!({"text": word(&mut secret), "tearline": word(&mut secret)});
            match secret.below(3) {
                0 => {}
                1 => {
                    hidden["marking"] = json!({"releasable_to": all.iter().map(ToString::to_string).collect::<Vec<_>>()})
                }
                _ => {
                    hidden["marking"] = json!({
                        "classifications": [{"policy": "plan", "level": "secret"}],
                        "releasable_to": ["NOBODY"],
                    })
                }
            }
            let at = secret.index(portions.len() + 1);
            portions.insert(at, hidden);
        }
        let draft = json!({
            "report": id.as_str(), "title": format!("Report {:x}", public % 7),
            "marking": marking, "portions": portions,
        });
        let Value::Object(members) = draft else {
            return None;
        };
        let (draft, problems) = ReportDraft::parse("draft", &members);
        if draft.is_none() {
            self.heard.borrow_mut().leaks.push(problems.to_string());
        }
        draft
    }
}

fn others(picture: &Picture, own: &HolderId) -> Vec<HolderId> {
    let holders = picture.holders().values();
    let others = holders.filter(|holder| holder.id != *own);
    others.map(|holder| holder.id.clone()).collect()
}

fn marking(all: &[HolderId]) -> Value {
    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
    json!({
        "classifications": [{"policy": "plan", "level": "restricted"}],
        "releasable_to": names, "originator_control": true,
    })
}

fn terms_for(recipient: &HolderId) -> Option<Terms> {
    let terms = json!({
        "recipient": recipient.as_str(), "place": "grid_10km", "time": "hour",
        "without": ["harm", "grade"],
    });
    let Value::Object(members) = terms else {
        return None;
    };
    Terms::parse("terms", &members).0
}

fn act(
    id: &RecordId,
    kind: Kind,
    composed: &Composed,
    recipients: Vec<HolderId>,
    sealed: Vec<Sealed>,
) -> Option<Act> {
    let (subject, role) = (id.clone(), Role::ReleaseOfficer);
    let sealed = AtLeastOne::new(sealed)?;
    let edition = &composed.editions.first()?.edition;
    Some(match kind {
        Kind::ReportCorrected => Act::ReportCorrected(ReportCorrected {
            subject,
            role,
            sealed,
            reason: LocalText::Plain("A slip.".to_owned()),
        }),
        _ => Act::ReportReleased(ReportReleased {
            subject,
            role,
            title: edition.title.clone(),
            recipients: AtLeastOne::new(recipients)?,
            marking: composed.marking.clone(),
            sealed,
            derived_from: Vec::new(),
        }),
    })
}

fn wish_of(act: &Act) -> Command {
    let mut members: Map<String, Value> = act.to_body();
    members.shift_remove("subject");
    members.shift_remove("role");
    let (kind, role) = (act.kind().wire_name(), act.role().wire_name());
    command(kind, role, act.subject().as_str(), Value::Object(members))
}
