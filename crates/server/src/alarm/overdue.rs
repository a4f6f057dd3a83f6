//! Overdue acknowledgements ring, once for every clock that runs out.
//!
//! The clocks are the picture's. Whoever waits for a step rings first; whoever owes it rings only where that alert has not
//! arrived, as when the line between the two is down. Alerts are on record and say which clocks they were raised for: a
//! restart, another server of the same node and another node find them there, and do not ring again. Once every step of an
//! alert is on record, the node that raised it takes it back. An alert says what is not on record, and not why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_ledger::hash::Hash;
use detente_node::node::{Command, NODE_AUTHOR};
use detente_node::picture::{Matter, OverdueStep, OwedStep, Picture};
use detente_records::act::{Act, Kind, Role};
use detente_records::{HolderId, RecordId};
use detente_spacetime::{Instant, Span};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::ALERT;
use crate::api::App;

/// Notices that one alert names: an entry holds no more than 65,535 bytes, and an id may have a hundred.
const SUBJECTS_MAX: usize = 256;
/// Seconds between two looks at least: a look goes through every delivery of every object, and nobody needs to hear sooner.
const LOOK_EVERY_S: i64 = 1;
/// Seconds between two looks at most, whatever is or is not expected in between.
const LOOK_AGAIN_S: i64 = 60;
/// Seconds that whoever owes a step leaves to the alert of whoever waits for it.
const OTHER_FIRST_S: i64 = 60;

/// Characters of a hash that tell apart alerts of one holder and instant.
const HASH_CHARS: usize = 16;

/// Rings for what runs out, until the node stops.
pub(crate) async fn watch(
    app: Arc<App>,
    every: std::time::Duration,
    mut stopped: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut last: Option<Look> = None;
    let mut noticed = Noticed::default();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        let view = app.handle.view();
        if !view.is_confirmed || !*app.handle.leading().borrow() {
            // Whoever comes to write looks at once.
            last = None;
            continue;
        }
        let (now, applied) = (app.clock.now(), view.picture.applied());
        if last
            .as_ref()
            .is_some_and(|last| !last.is_over(applied, now))
        {
            continue;
        }
        let own = app.own_holder();
        noticed.began.get_or_insert(now);
        let picture = view.picture.at(now);
        let wishes = wishes(&picture, &own, &mut noticed, now);
        last = Some(Look {
            at: now,
            applied,
            again: match wishes.is_empty() {
                true => [picture.next_deadline(), noticed.next(now)]
                    .into_iter()
                    .flatten()
                    .fold(later(now, LOOK_AGAIN_S), Instant::min),
                // What is refused now is still overdue then, or it is not.
                false => now,
            },
        });
        for wish in wishes {
            match app.handle.submit(wish, None).await {
                Ok(Ok(_)) => {}
                Ok(Err(refused)) => tracing::warn!(?refused, "an overdue step does not ring yet"),
                Err(_) => return,
            }
        }
    }
}

/// A look at what is overdue: it stands until something is put on record or a clock runs out.
struct Look {
    at: Instant,
    /// Entries that were on record.
    applied: u64,
    /// When it is to be repeated.
    again: Instant,
}

impl Look {
    fn is_over(&self, applied: u64, now: Instant) -> bool {
        let is_soon = now < later(self.at, LOOK_EVERY_S);
        !is_soon && (applied != self.applied || now >= self.again)
    }
}

fn later(instant: Instant, seconds: i64) -> Instant {
    let span = Span::from_seconds(seconds);
    let after = span.and_then(|span| instant.plus(span));
    after.unwrap_or(Instant::MAX)
}

/// When this process found a step overdue that is another's to ring for: what was overdue before it started is told by the
/// other's alert, which may be on its way.
#[derive(Debug, Default)]
struct Noticed {
    /// When this process looked first.
    began: Option<Instant>,
    first: BTreeMap<(OwedStep, RecordId, Instant), Instant>,
}

impl Noticed {
    /// Keeps what is still overdue.
    fn keep(&mut self, late: &[OverdueStep]) {
        let late: BTreeSet<(OwedStep, &RecordId, Instant)> = late
            .iter()
            .map(|late| (late.step, &late.subject, late.since))
            .collect();
        let is_late = |(step, subject, since): &(OwedStep, RecordId, Instant)| {
            late.contains(&(*step, subject, *since))
        };
        self.first.retain(|key, _| is_late(key));
    }

    /// Whether whoever waits for the step has had the time to ring first.
    fn had_its_time(&mut self, late: &OverdueStep, now: Instant) -> bool {
        let key = (late.step, late.subject.clone(), late.since);
        let first = *self.first.entry(key).or_insert(now);
        now >= later(first, OTHER_FIRST_S)
    }

    /// When the next of those that wait for the steps has had that time.
    fn next(&self, now: Instant) -> Option<Instant> {
        let ends = self
            .first
            .values()
            .map(|first| later(*first, OTHER_FIRST_S));
        ends.filter(|end| now < *end).min()
    }
}

/// An alert about overdue steps, of whichever node.
struct Rung<'a> {
    id: &'a RecordId,
    by: &'a HolderId,
    owed_by: &'a HolderId,
    step: OwedStep,
    subjects: BTreeSet<&'a RecordId>,
    at: Instant,
    is_open: bool,
}

impl<'a> Rung<'a> {
    fn of(id: &'a RecordId, matter: &'a Matter) -> Option<Self> {
        let line = matter.lines.first()?;
        let Act::AlertRaised(act) = &*line.act else {
            return None;
        };
        if line.role != Role::System {
            return None;
        }
        Some(Self {
            id,
            by: &line.author.holder,
            owed_by: act.owed_by.as_ref()?,
            // Which report was recalled is not told to those who may not read it.
            step: match act.subjects.is_empty() {
                true => OwedStep::Recall,
                false => OwedStep::Notice,
            },
            subjects: act.subjects.iter().collect(),
            at: line.at,
            is_open: matter.course.state != "acknowledged",
        })
    }

    /// Whether it is about this step: a recall is told by the instant in the name of its alert.
    fn is_about(&self, late: &OverdueStep) -> bool {
        self.step == late.step
            && *self.owed_by == late.owed_by
            && match self.step {
                OwedStep::Notice => self.subjects.contains(&late.subject),
                OwedStep::Recall => {
                    self.id.as_str() == name(late.step, &late.owed_by, late, self.by)
                }
            }
    }
}

/// What the node has to put on record: alerts for clocks that have not rung, and the end of those whose reason is gone.
fn wishes(picture: &Picture, own: &HolderId, noticed: &mut Noticed, now: Instant) -> Vec<Command> {
    let late: Vec<OverdueStep> = picture
        .overdue_steps()
        .filter(|late| late.owed_by == *own || late.owed_to == *own)
        .collect();
    let rung: Vec<Rung<'_>> = picture
        .matters(ALERT)
        .filter_map(|(id, matter)| Rung::of(id, matter))
        .collect();
    let mut wishes = Vec::new();
    noticed.keep(&late);
    for (step, owed_by, late) in unrung(&late, &rung, own, noticed, now) {
        for some in late.chunks(SUBJECTS_MAX) {
            wishes.extend(raised(step, owed_by, some, own));
        }
    }
    let late_by: BTreeMap<&HolderId, Vec<&OverdueStep>> =
        late.iter().fold(BTreeMap::new(), |mut all, late| {
            all.entry(&late.owed_by).or_default().push(late);
            all
        });
    for rung in rung.iter().filter(|rung| rung.is_open && rung.by == own) {
        let late = late_by.get(rung.owed_by).map_or(&[][..], Vec::as_slice);
        if !late.iter().any(|late| rung.is_about(late)) {
            let note = [("note", json!("What was overdue is on record now."))];
            wishes.push(command(Kind::AlertAcknowledged, rung.id.as_str(), note));
        }
    }
    wishes
}

/// The overdue steps that have not rung and are this node's to ring for: those of notices by holder, each recall by itself.
fn unrung<'l>(
    late: &'l [OverdueStep],
    rung: &[Rung<'_>],
    own: &HolderId,
    noticed: &mut Noticed,
    now: Instant,
) -> Vec<(OwedStep, &'l HolderId, Vec<&'l OverdueStep>)> {
    let mut last: BTreeMap<(&HolderId, &RecordId), Instant> = BTreeMap::new();
    for rung in rung {
        for subject in &rung.subjects {
            let at = last.entry((rung.owed_by, *subject)).or_insert(rung.at);
            *at = rung.at.max(*at);
        }
    }
    let mut notices: BTreeMap<&HolderId, Vec<&OverdueStep>> = BTreeMap::new();
    let mut recalls = BTreeMap::new();
    for late in late {
        // What ran out while this node was away may have rung elsewhere.
        let was_away = noticed.began.is_some_and(|began| late.since < began);
        let is_others = late.owed_to != *own;
        if (is_others || was_away) && !noticed.had_its_time(late, now) {
            continue;
        }
        match late.step {
            OwedStep::Notice => {
                // A clock that ran out before the last alert about the same object has rung with it.
                let at = last.get(&(&late.owed_by, &late.subject));
                if at.is_none_or(|at| *at < late.since) {
                    notices.entry(&late.owed_by).or_default().push(late);
                }
            }
            OwedStep::Recall => {
                if !rung.iter().any(|rung| rung.is_about(late)) {
                    recalls.insert((&late.owed_by, late.since), late);
                }
            }
        }
    }
    let notices = notices
        .into_iter()
        .map(|(owed_by, late)| (OwedStep::Notice, owed_by, late));
    let recalls = recalls
        .into_iter()
        .map(|((owed_by, _), late)| (OwedStep::Recall, owed_by, vec![late]));
    notices.chain(recalls).collect()
}

/// The name of an alert about steps of which this is the last to run out; the same on every server of a node.
fn name(step: OwedStep, owed_by: &HolderId, last: &OverdueStep, own: &HolderId) -> String {
    let since = last.since.micros();
    match step {
        OwedStep::Notice => {
            // An id may be as long as a name can be, its hash is not.
            let hash = Hash::of(last.subject.as_str().as_bytes()).to_hex();
            let hash = hash.get(..HASH_CHARS).unwrap_or_default();
            format!("overdue-notice-{owed_by}-{since}-{hash}-{own}")
        }
        OwedStep::Recall => format!("overdue-recall-{owed_by}-{since}-{own}"),
    }
}

/// The alert for steps that one holder owes.
fn raised(
    step: OwedStep,
    owed_by: &HolderId,
    late: &[&OverdueStep],
    own: &HolderId,
) -> Option<Command> {
    let first = late.iter().min_by_key(|late| late.since)?;
    let last = late.iter().max_by_key(|late| late.since)?;
    let since = first.since;
    let text = match (step, late.len()) {
        (OwedStep::Notice, 1) => format!(
            "No next step of {owed_by} for the notice {} is on record here; it was due by {since}",
            first.subject
        ),
        (OwedStep::Notice, count) => format!(
            "No next step of {owed_by} for {count} notices is on record here; the first was due by {since}"
        ),
        (OwedStep::Recall, _) => format!(
            "That {owed_by} took note of the recall of a report is not on record here; it was due by {since}"
        ),
    };
    let Ok(id) = RecordId::parse(&name(step, owed_by, last, own)) else {
        tracing::warn!(%owed_by, "no alert can be named after the step");
        return None;
    };
    let mut members = vec![
        ("text", json!(text)),
        ("articles", json!([])),
        ("owed_by", json!(owed_by.as_str())),
    ];
    if step == OwedStep::Notice {
        let subjects: Vec<&str> = late.iter().map(|late| late.subject.as_str()).collect();
        members.push(("about", json!(first.subject.as_str())));
        members.push(("subjects", json!(subjects)));
    }
    Some(command(Kind::AlertRaised, id.as_str(), members))
}

fn command(
    kind: Kind,
    subject: &str,
    members: impl IntoIterator<Item = (&'static str, Value)>,
) -> Command {
    let always = [
        ("subject", json!(subject)),
        ("role", json!(Role::System.wire_name())),
    ];
    let members = always.into_iter().chain(members);
    Command {
        author: NODE_AUTHOR.to_owned(),
        kind: kind.wire_name().to_owned(),
        body: members
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<String, Value>>(),
    }
}
