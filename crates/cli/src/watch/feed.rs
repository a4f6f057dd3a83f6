//! Observations on the record of a node: what was seen, what needs attention, and how operations are flown.
//!
//! Each act goes under the name of the event it tells of, so that a node that is told twice does it once. An act waits here
//! until the node has answered it; a node that is away costs a bounded queue, and then the watch waits for it.
//!
//! Alarms have a line of their own. What an alarm rests on (the raw fixes, the observation) costs the node several durable
//! writes, and the next alarm does not wait for them.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use detente_ledger::hash::Hash;
use detente_monitoring::approach::{Warning, WarningKind};
use detente_monitoring::{Alert, Event, EventKind, Evidence};
use detente_records::TrackId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::identities::ClockOffset;
use super::items::evidence_of;
use super::told::concerns;
use super::warned::Warned;
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::node::Asker;

/// Acts that wait in one line for the node, at most: a minute of alarms, before the watch itself has to wait.
const LETTERS_MAX: usize = 4_096;
/// The first wait before a node that is away is asked again; each further one is twice as long.
const BACK_FIRST: Duration = Duration::from_millis(250);
/// The longest wait before it is asked again.
const BACK_MAX: Duration = Duration::from_secs(15);
/// At the end of a run, a node that is away is asked so often before the run gives up.
const TRIES_MAX: u32 = 8;
/// Characters of the words of an act; what is longer is in the evidence.
const TEXT_CHARS_MAX: usize = 900;

/// The kind of act that rings.
const ALARM: &str = "alert_raised";

/// In which role acts are written, by the first that whoever holds the token has; a node asks those with several to say it.
const ROLES: [&str; 2] = ["watch_officer", "monitor"];

/// An act on its way to the node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Letter {
    key: String,
    act: Value,
    /// What the act names by its hash, to be kept first.
    blob: Option<(String, String)>,
}

/// The way to a node.
#[derive(Debug)]
pub(super) struct Feed {
    /// What rings.
    alarms: Line,
    /// What alarms rest on, and how operations are flown.
    records: Line,
}

/// Acts that go to the node one after another, past those of other lines.
#[derive(Debug)]
struct Line {
    post: Arc<Post>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Post {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    letters: VecDeque<Letter>,
    /// No more will come: what is left is sent, or given up.
    is_closing: bool,
    recorded: u64,
    refused: u64,
    failed: Option<String>,
}

/// What came of everything sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Delivered {
    pub(super) recorded: u64,
    pub(super) refused: u64,
}

impl Feed {
    /// Starts to speak to the node, with what an earlier run left; each line asks for itself.
    pub(super) fn start(
        mut asker: impl FnMut() -> Result<Asker, Failure>,
        left: Vec<Letter>,
    ) -> Result<Self, Failure> {
        let (alarms, records) = left.into_iter().partition(Letter::is_alarm);
        Ok(Self {
            alarms: Line::start("alarms", asker()?, alarms)?,
            records: Line::start("records", asker()?, records)?,
        })
    }

    /// Puts what an event says on the record.
    pub(super) fn event(
        &mut self,
        event: &Event,
        id: &str,
        evidence: &Evidence,
        offset: Option<&ClockOffset>,
    ) -> Result<(), Failure> {
        let Some(alert) = &event.alert else {
            return Ok(());
        };
        let seen = words(event);
        let observation = format!("obs-{id}");
        // The alarm rings first; what it rests on follows at once.
        if event.kind != EventKind::BackInVolume {
            self.alarms
                .post(raised(event, alert, id, &observation, &seen))?;
        }
        let last = event.evidence.last();
        let source = last
            .and_then(|fix| fix.source.as_ref())
            .or(event.stated_by.as_ref());
        let mut body = json!({
            "at": event.at.to_string(),
            "time_precision": "minute",
            "means": "other",
            "source": source.map_or("unnamed source", AsRef::as_ref),
            "text": seen,
            "evidence": [evidence_of(event, evidence, offset)],
        });
        // A name that no record can hold is in the evidence all the same.
        if let (Ok(track), Some(members)) = (TrackId::parse(&event.track), body.as_object_mut()) {
            members.insert("track_id".to_owned(), json!(track.as_str()));
        }
        if let (Some(place), Some(members)) = (event.place, body.as_object_mut()) {
            let position = json!({
                "latitude_deg": place.latitude_deg(),
                "longitude_deg": place.longitude_deg(),
            });
            members.insert(
                "place".to_owned(),
                json!({"position": position, "precision": "exact"}),
            );
        }
        let text = String::from_utf8_lossy(evidence.bytes()).into_owned();
        self.records.post(Letter {
            key: format!("{id}-observation"),
            act: json!({"kind": "observation_recorded", "subject": observation, "body": body}),
            blob: Some((evidence.sha256(), text)),
        })?;
        let Some(kind) = conduct(event.kind) else {
            return Ok(());
        };
        let body = match kind {
            "conformance_restored" => json!({"text": seen}),
            _ => json!({"text": seen, "observation": observation}),
        };
        self.records.post(Letter {
            key: format!("{id}-conduct"),
            act: json!({"kind": kind, "subject": event.operation, "body": body}),
            blob: None,
        })
    }

    /// Raises an early warning, once for an approach.
    pub(super) fn warning(&mut self, warning: &Warning, warned: &Warned) -> Result<(), Failure> {
        if warning.kind != WarningKind::Raised {
            return Ok(());
        }
        let [english, ..] = warned.names(&warning.place);
        let arrival = &warning.arrival;
        let text = format!(
            "Early warning for {english}: something may arrive at {}, between {} and {}",
            arrival.expected, arrival.earliest, arrival.latest
        );
        let id = warning.id;
        self.alarms.post(Letter {
            key: format!("{id}-warning"),
            act: json!({
                "kind": ALARM,
                "subject": format!("warning-{id}"),
                "body": {"text": shortened(&text), "about": warning.place},
            }),
            blob: None,
        })
    }

    /// What the node has not answered yet.
    pub(super) fn outstanding(&self) -> Vec<Letter> {
        let lines = [&self.alarms, &self.records];
        lines.into_iter().flat_map(Line::outstanding).collect()
    }

    /// Waits until the node has answered everything, or is given up.
    pub(super) fn finish(&mut self) -> Result<Delivered, Failure> {
        let lines = [&mut self.alarms, &mut self.records];
        for line in &lines {
            line.post.change(|state| state.is_closing = true);
        }
        let mut sum = Delivered::default();
        // Every line is seen to its end before one that failed is told of.
        let delivered = lines.map(Line::finish);
        for delivered in delivered {
            let delivered = delivered?;
            sum.recorded += delivered.recorded;
            sum.refused += delivered.refused;
        }
        Ok(sum)
    }
}

impl Letter {
    fn is_alarm(&self) -> bool {
        self.act.get("kind").and_then(Value::as_str) == Some(ALARM)
    }
}

impl Line {
    fn start(name: &str, asker: Asker, left: VecDeque<Letter>) -> Result<Self, Failure> {
        let post = Arc::new(Post {
            state: Mutex::new(State {
                letters: left,
                ..State::default()
            }),
            changed: Condvar::new(),
        });
        let own = Arc::clone(&post);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || own.deliver(&asker))
            .map_err(|error| Failure::new(FailureKind::Bug, error))?;
        Ok(Self {
            post,
            thread: Some(thread),
        })
    }

    fn outstanding(&self) -> Vec<Letter> {
        self.post.lock().letters.iter().cloned().collect()
    }

    fn finish(&mut self) -> Result<Delivered, Failure> {
        if let Some(thread) = self.thread.take() {
            // A thread that is gone has said why.
            let _ = thread.join();
        }
        let state = self.post.lock();
        match &state.failed {
            Some(reason) => Err(failure(reason)),
            None => Ok(Delivered {
                recorded: state.recorded,
                refused: state.refused,
            }),
        }
    }

    fn post(&self, letter: Letter) -> Result<(), Failure> {
        let mut state = self.post.lock();
        loop {
            if let Some(reason) = &state.failed {
                return Err(failure(reason));
            }
            if state.letters.len() < LETTERS_MAX {
                state.letters.push_back(letter);
                drop(state);
                self.post.changed.notify_all();
                return Ok(());
            }
            let waited = self.post.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Post {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn deliver(&self, asker: &Asker) {
        let (mut wait, mut tries) = (BACK_FIRST, 0);
        let mut role = None;
        while let Some(letter) = self.next() {
            let known = role.map_or_else(|| role_of(asker), Ok);
            let sent = known.and_then(|known| {
                role = Some(known);
                send(asker, &letter, known)
            });
            match sent {
                Ok(recorded) => {
                    (wait, tries) = (BACK_FIRST, 0);
                    self.change(|state| {
                        state.letters.pop_front();
                        state.recorded += u64::from(recorded);
                        state.refused += u64::from(!recorded);
                    });
                }
                Err(failure) if failure.exit() == Exit::Unreachable => {
                    tries += 1;
                    if self.wait_before_again(wait) && tries >= TRIES_MAX {
                        return self.give_up(&failure);
                    }
                    wait = (wait * 2).min(BACK_MAX);
                }
                Err(failure) => return self.give_up(&failure),
            }
        }
    }

    /// The next letter, which stays until it is answered; none when no more will come.
    fn next(&self) -> Option<Letter> {
        let state = self.lock();
        let waited = self
            .changed
            .wait_while(state, |state| state.letters.is_empty() && !state.is_closing);
        let state = waited.unwrap_or_else(PoisonError::into_inner);
        state.letters.front().cloned()
    }

    /// Waits before the node is asked again; whether the run is at its end.
    fn wait_before_again(&self, wait: Duration) -> bool {
        let state = self.lock();
        let was_closing = state.is_closing;
        let waited = self
            .changed
            .wait_timeout_while(state, wait, |state| state.is_closing == was_closing);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_closing
    }

    fn give_up(&self, failure: &Failure) {
        let reason = failure.explanation().trim_end().to_owned();
        self.change(|state| state.failed = Some(reason));
    }
}

/// The role in which whoever holds the token observes; none leaves it to the node.
fn role_of(asker: &Asker) -> Result<Option<&'static str>, Failure> {
    let session = asker.read("/api/v1/session")?;
    let roles = session.get("roles").and_then(Value::as_array);
    let holds = |role: &&str| roles.is_some_and(|roles| roles.iter().any(|held| held == role));
    Ok(ROLES.into_iter().find(holds))
}

/// Puts one act on the record; false when the rules refuse it, such as for an operation that is not flown.
fn send(asker: &Asker, letter: &Letter, role: Option<&str>) -> Result<bool, Failure> {
    if let Some((_, text)) = &letter.blob {
        asker.keep(Hash::of(text.as_bytes()), text.as_bytes())?;
    }
    let mut act = letter.act.clone();
    if let (Some(role), Some(members)) = (role, act.as_object_mut()) {
        members.insert("role".to_owned(), json!(role));
    }
    let (exit, _) = asker.act(&act, Some(&letter.key))?;
    Ok(exit == Exit::Favourable)
}

fn failure(reason: &str) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("the node was given up: {reason}"),
    )
    .hint("what it has not answered is kept with --resume, and sent by the next run")
}

/// The alert that an event raises.
fn raised(event: &Event, alert: &Alert, id: &str, observation: &str, seen: &str) -> Letter {
    let articles: Vec<&str> = alert.answer.articles.iter().map(AsRef::as_ref).collect();
    let mut body = json!({
        "text": seen,
        "observation": observation,
        "articles": articles,
    });
    if let (Some((about, _)), Some(members)) = (&event.with, body.as_object_mut()) {
        members.insert("about".to_owned(), json!(about));
    }
    if let (Some(guarantor), Some(members)) = (&alert.answer.guarantor, body.as_object_mut()) {
        members.insert("owed_by".to_owned(), json!(guarantor));
    }
    Letter {
        key: format!("{id}-alert"),
        act: json!({"kind": ALARM, "subject": format!("alert-{id}"), "body": body}),
        blob: None,
    }
}

/// What an event says of how an operation is flown.
fn conduct(kind: EventKind) -> Option<&'static str> {
    match kind {
        EventKind::LeftVolume
        | EventKind::BelowVolume
        | EventKind::AboveVolume
        | EventKind::Early
        | EventKind::Late
        | EventKind::Contingent => Some("nonconformance_observed"),
        EventKind::BackInVolume => Some("conformance_restored"),
        EventKind::Inside
        | EventKind::Enter
        | EventKind::Leave
        | EventKind::Loiter
        | EventKind::PossiblePresence
        | EventKind::Gap
        | EventKind::Teleport
        | EventKind::IdentitySwap
        | EventKind::FrozenClock => None,
    }
}

fn words(event: &Event) -> String {
    let mut text = format!(
        "{} {}",
        event.track,
        event.kind.wire_name().replace('_', " ")
    );
    if let Some((with, _)) = &event.with {
        text.push_str(&format!(" {with}"));
    }
    text.push_str(&format!(
        " at {} ({})",
        event.at,
        event.certainty.wire_name()
    ));
    let concerns = concerns(event);
    if !concerns.is_empty() {
        text.push_str(&format!(": {concerns}"));
    }
    shortened(&text)
}

fn shortened(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}
