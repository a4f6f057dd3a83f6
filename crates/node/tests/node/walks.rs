//! Random walks through every workflow: what must hold whatever is said, and that every step can be made.

use std::collections::BTreeSet;
use std::sync::Arc;

use detente_agreement::Verdict;
use detente_node::picture::{Cause, Change, Dossier, Outcome, Picture};
use detente_records::act::Kind;
use detente_records::workflow::{MACHINES, Machine, To};
use detente_spacetime::Span;
use serde_json::json;

use crate::bodies::body;
use crate::chance::Chance;
use crate::world::{World, dossier};

/// Everybody who writes in a walk.
const PEOPLE: [&str; 9] = [
    "US:anna",
    "US:bob",
    "RU:igor",
    "RU:oleg",
    "FR:jean",
    "FR:lea",
    "UN:clara",
    "UN:dora",
    "OSCE:emil",
];

/// What walks are about; each keeps to one of these, or to everything.
const FOCUSES: [&[&str]; 19] = [
    &[
        "operation",
        "operation",
        "operation",
        "operation",
        "operation",
        "operation",
        "area",
        "movement",
    ],
    &[
        "operation",
        "operation",
        "operation",
        "operation",
        "operation",
        "operation",
        "operation",
        "area",
    ],
    &["protected_object", "protected_object", "acknowledgement"],
    &["protected_object", "acknowledgement", "acknowledgement"],
    &[
        "report",
        "receipt",
        "receipt",
        "onward_release",
        "onward_release",
    ],
    &["agreement"],
    &["area", "pause"],
    &["call"],
    &["concern", "alert", "incident", "meeting"],
    &["movement"],
    &["operation", "excepted_flight"],
    &["operation", "operation", "operation", "area"],
    &["reading", "suspension"],
    &["violation"],
    &["withdrawal_obligation", "withdrawal"],
    &["private_check"],
    &["private_check"],
    &["private_check"],
    &[],
];

/// The clocks of the workflows, and a precondition.
fn under_clocks(ends: &str) -> Arc<Dossier> {
    let names = [
        "consent-answer",
        "return",
        "close-out",
        "close-out-answer",
        "area-answer",
        "resumption-answer",
        "concern-answer",
        "meeting-minutes",
        "movement-acknowledged",
        "notification-received",
        "notification-loaded",
        "notification-disseminated",
        "object-review",
        "onward-decision",
        "recall-acknowledged",
        "information-answer",
        "finding",
        "withdrawal-confirmation",
        "call-answer",
        "stop-call",
        "alert",
    ];
    let clocks: Vec<String> = names
        .iter()
        .map(|name| format!("{{ id = \"{name}\", duration = \"40min\" }}"))
        .collect();
    dossier(
        "{ id = \"RU\" }]",
        &format!(
            "{{ id = \"RU\" }}, {{ id = \"FR\" }}]\n{ends}preconditions = [{{ id = \"quiet\", text = \"Quiet\", article = \"1\" }}]\nparameters.clocks = [{}]",
            clocks.join(", ")
        ),
    )
}

fn state_of(picture: &Picture, machine: &Machine, subject: &str) -> Option<&'static str> {
    let id = crate::world::id(subject);
    let matter = match machine.name {
        "operation" | "excepted_flight" => &picture.operation(&id)?.matter,
        "area" | "pause" => &picture.area(&id)?.matter,
        "protected_object" | "acknowledgement" => &picture.protected_object(&id)?.matter,
        "movement" => &picture.movement(&id)?.matter,
        "agreement" => &picture.text(&id)?.matter,
        "receipt" | "onward_release" => picture.matter("report", &id)?,
        "reading" => {
            &picture
                .readings()
                .find(|(article, _)| article.as_str() == subject)?
                .1
                .matter
        }
        name => picture.matter(name, &id)?,
    };
    Some(matter.course.state)
}

/// A step of a workflow: machine, what makes it, from, to.
type Step = (&'static str, &'static str, &'static str, &'static str);

type Steps = BTreeSet<Step>;

/// Strikes off what was made.
fn strike(sought: &mut Steps, changes: &[Change]) {
    for change in changes {
        let machine = Machine::named(change.machine).unwrap();
        let cause = match &change.cause {
            Cause::Act(kind) => kind.wire_name(),
            Cause::Time(name) | Cause::Follows(name) => name,
        };
        let from = change.from.unwrap_or(machine.initial());
        sought.remove(&(machine.name, cause, from, change.to));
    }
}

/// Whatever was said, nothing flies or may be flown that is prohibited or lacks a consent.
fn nothing_flies_uncleared(picture: &Picture) {
    for (id, file) in picture.operations() {
        if matches!(file.matter.course.state, "consented" | "active") {
            let judged = picture.judge_on_record(id).unwrap();
            assert_eq!(
                judged.verdict,
                Verdict::Clear,
                "{id} is {}: {judged:?}",
                file.matter.course.state
            );
        }
    }
}

/// What was notified stays in the air until its workflow says that it is over.
fn nothing_notified_is_lost(picture: &Picture) {
    let objects: BTreeSet<&str> = picture
        .things()
        .protected()
        .map(|(object, _)| object.id.as_str())
        .collect();
    for (id, file) in picture.protected_objects() {
        assert_eq!(
            objects.contains(id.as_str()),
            !file.matter.course.is_over(),
            "{id}"
        );
    }
}

struct Walk {
    world: World,
    chance: Chance,
    focus: Vec<&'static Machine>,
    /// Steps that no walk has made yet: sought first.
    sought: Steps,
}

/// Attempts at saying something effective before a walk goes on without it.
const ATTEMPTS: usize = 4;

/// Steps of one walk.
const STEPS: u64 = 450;

/// Walks of each focus, unless every step it is about was made before.
const ROUNDS_MAX: u64 = 48;

/// Steps before a walk turns to new subjects.
const STEPS_A_SUBJECT: u64 = 75;

impl Walk {
    fn new(seed: u64, sought: Steps) -> Self {
        let focus = FOCUSES[seed as usize % FOCUSES.len()];
        let named = focus.iter().map(|name| Machine::named(name).unwrap());
        Self {
            world: World::of(Some(under_clocks(""))),
            chance: Chance::new(seed),
            focus: match focus.is_empty() {
                true => MACHINES.to_vec(),
                false => named.collect(),
            },
            sought,
        }
    }

    /// Says something effective, if a few attempts find anything; time may pass before.
    fn step(&mut self, number: u64) {
        if self.chance.one_in(8) {
            let minutes = *self.chance.one_of(&[3, 10, 45, 60, 130]);
            let passed = Span::from_micros(minutes * 60_000_000);
            self.world.now = self.world.now.plus(passed).unwrap();
            // Shows what ran out meanwhile.
            let outcome = self
                .world
                .say("UN:node", "system", "heartbeat", "un", json!({}));
            if let Outcome::Effective(changes) = &outcome {
                strike(&mut self.sought, changes);
            }
        }
        for _ in 0..ATTEMPTS {
            if self.attempt(number) {
                return;
            }
        }
    }

    fn attempt(&mut self, number: u64) -> bool {
        let chance = &mut self.chance;
        let picture = self.world.picture.at(self.world.now);
        let mut machine = *chance.one_of(&self.focus);
        let turn = number / STEPS_A_SUBJECT;
        if waits_for_a_restraint(&self.sought, &picture, machine, turn) && !chance.one_in(4) {
            machine = Machine::named("area").unwrap();
        }
        let subject = match machine.name {
            "reading" => "1".to_owned(),
            "receipt" | "onward_release" => format!("report-{turn}"),
            "acknowledgement" => format!("protected_object-{turn}"),
            "area" => format!("zone-{turn}"),
            name => format!("{name}-{turn}"),
        };
        let state = state_of(&picture, machine, &subject);
        let kinds: Vec<Kind> = machine
            .transitions
            .iter()
            .map(|transition| transition.act)
            .collect();
        let mut possible = state.map_or_else(
            || machine.acts_in(machine.initial()),
            |state| machine.acts_in(state),
        );
        if possible.is_empty()
            || chance.one_in(10)
            || machine.per == detente_records::workflow::Per::SubjectAndHolder
        {
            possible = kinds;
        }
        if state.is_some() && !chance.one_in(8) {
            // Tabling undoes whatever was initialled and adopted.
            possible.retain(|kind| *kind != Kind::AgreementTabled);
        }
        let from = state.unwrap_or(machine.initial());
        let mood = chance.below(4);
        let mut kinds = promising(&self.sought, machine, from, &possible, mood);
        if let Some(kind) = way_on(&self.sought, &picture, machine, &subject)
            && !chance.one_in(8)
        {
            kinds = vec![kind];
        }
        let kind = *chance.one_of(&kinds);
        let who = *chance.one_of(&PEOPLE);
        let roles: BTreeSet<_> = machine
            .transitions
            .iter()
            .filter(|transition| transition.act == kind)
            .flat_map(|transition| transition.by)
            .map(|actor| actor.role)
            .collect();
        let roles: Vec<_> = roles.into_iter().collect();
        let role = chance.one_of(&roles).wire_name();
        let body = body(kind, &subject, self.world.now, &picture, chance);
        let text =
            (kind == Kind::AgreementTabled).then(|| under_clocks("ends = 2016-09-16T00:00:00Z\n"));
        let outcome = self
            .world
            .say_with(who, role, kind.wire_name(), &subject, body, text);
        match &outcome {
            Outcome::Effective(changes) => {
                strike(&mut self.sought, changes);
                nothing_flies_uncleared(&self.world.picture);
                nothing_notified_is_lost(&self.world.picture);
                true
            }
            Outcome::Ineffective(refusal) => {
                assert_ne!(refusal.rule, "unreadable", "{kind:?}: {refusal}");
                false
            }
        }
    }
}

/// What leads on to steps that chance alone seldom comes to, as no single step leads there: an allegation that is assessed
/// after every finding; a private check with talk before anybody can consent, consent, and talk until its time is over.
fn way_on(sought: &Steps, picture: &Picture, machine: &Machine, subject: &str) -> Option<Kind> {
    if machine.name == "violation" {
        return way_to_findings(sought, picture, subject);
    }
    if machine.name == "call" {
        return way_through_a_call(sought, picture, subject);
    }
    let id = crate::world::id(subject);
    let file = picture.private_check(&id);
    let file = file.filter(|_| machine.name == "private_check")?;
    let is_sought = |state: &str| {
        let mut steps = sought.iter();
        steps.any(|(name, _, from, _)| *name == machine.name && *from == state)
    };
    let (initiator, responder) = file.messages();
    match file.matter.course.state {
        "comparing" if initiator < 2 || responder < 1 => Some(Kind::PrivateCheckMessage),
        "comparing" if !is_sought("comparing") => Some(Kind::PrivateCheckConsented),
        "consenting" if !is_sought("consenting") => Some(Kind::PrivateCheckConsented),
        "refining"
            if sought
                .iter()
                .all(|(_, cause, _, _)| *cause == "end_reached") =>
        {
            Some(Kind::PrivateCheckMessage)
        }
        _ => None,
    }
}

/// Whether an operation is in the air from which only a restraint leads to a step nobody has made.
fn waits_for_a_restraint(sought: &Steps, picture: &Picture, machine: &Machine, turn: u64) -> bool {
    if machine.name != "operation" {
        return false;
    }
    let state = state_of(picture, machine, &format!("operation-{turn}"));
    let from = |wanted: &str| {
        sought
            .iter()
            .any(|step| step.0 == "operation" && step.2 == wanted)
    };
    let restrained = |state: &str| {
        let mut steps = sought.iter();
        steps.any(|step| step.0 == "operation" && step.1 == "restraint_changed" && step.2 == state)
    };
    match state {
        Some(state @ ("active" | "nonconforming")) => {
            restrained(state) || (!from(state) && from("recheck_in_flight"))
        }
        _ => false,
    }
}

/// What leads a call on to where a message was passed on: a long way, which chance leaves early.
fn way_through_a_call(sought: &Steps, picture: &Picture, subject: &str) -> Option<Kind> {
    let steps = || sought.iter().filter(|step| step.0 == "call");
    let is_late = |step: &&Step| {
        let late = ["read_back_confirmed", "passed_on", "action_overdue"];
        late.contains(&step.2) || step.1 == "action_confirmed"
    };
    let state = picture
        .matter("call", &crate::world::id(subject))?
        .course
        .state;
    let chosen = |step: &Step| step.2 == state && step.1 != "action_due";
    if !steps().any(|step| is_late(&step)) || steps().any(chosen) {
        return None;
    }
    match state {
        "ringing" | "unanswered" => Some(Kind::CallAnswered),
        "answered" | "priority_declared" | "read_back_wrong" => Some(Kind::ContentTaken),
        "content_taken" => Some(Kind::ReadBack),
        "read_back" => Some(Kind::ReadBackConfirmed),
        "read_back_confirmed" => Some(Kind::PassedOn),
        "passed_on" if steps().any(|step| step.2 == "action_overdue" || step.1 == "action_due") => {
            Some(Kind::CallMessage)
        }
        "passed_on" | "action_overdue" => Some(Kind::CallEscalated),
        _ => None,
    }
}

/// What leads an allegation on to an assessment that finds every finding stated: all of them, before the assessment.
fn way_to_findings(sought: &Steps, picture: &Picture, subject: &str) -> Option<Kind> {
    let matter = picture.matter("violation", &crate::world::id(subject))?;
    let state = matter.course.state;
    let step = (
        "violation",
        "violation_assessed",
        state,
        "findings_complete",
    );
    if !sought.contains(&step) {
        return None;
    }
    let lines = matter.lines.iter().rev();
    let lines = lines.take_while(|line| line.act.kind() != Kind::ViolationReopened);
    let found: BTreeSet<_> = lines
        .filter(|line| line.act.kind() == Kind::FindingStated)
        .map(|line| line.author.holder.clone())
        .collect();
    match picture.participants().is_subset(&found) {
        true => Some(Kind::ViolationAssessed),
        false => Some(Kind::FindingStated),
    }
}

/// How many acts each state is from one in which something is sought.
fn steps_off(
    machine: &Machine,
    is_sought: &dyn Fn(&str) -> bool,
) -> std::collections::BTreeMap<&'static str, usize> {
    let mut off = std::collections::BTreeMap::new();
    for state in machine.states {
        if is_sought(state.name) {
            off.insert(state.name, 0);
        }
    }
    for far in 1..machine.states.len() {
        for way in machine.transitions {
            let To::State(to) = way.to else { continue };
            if off.get(to) == Some(&(far - 1)) {
                for from in way.from {
                    off.entry(*from).or_insert(far);
                }
            }
        }
    }
    off
}

/// The acts worth trying: mostly those that make a step nobody made, or lead to a state from which one can be made.
fn promising(
    sought: &Steps,
    machine: &Machine,
    from: &str,
    possible: &[Kind],
    mood: u64,
) -> Vec<Kind> {
    let is_sought = |act: Option<Kind>, from: &str| {
        sought.iter().any(|step| {
            step.0 == machine.name
                && step.2 == from
                && act.is_none_or(|act| act.wire_name() == step.1)
        })
    };
    let steps_off = steps_off(machine, &|state| is_sought(None, state));
    let leads = |kind: &Kind| {
        let here = steps_off.get(from).copied().unwrap_or(usize::MAX);
        let mut ways = machine.transitions.iter();
        ways.any(|way| {
            let to = match way.to {
                To::State(to) => to,
                To::Same => return false,
            };
            let nearer = steps_off.get(to).is_some_and(|there| *there < here);
            way.act == *kind && way.from.contains(&from) && nearer
        })
    };
    let kinds: Vec<Kind> = match mood {
        0 | 1 => possible
            .iter()
            .copied()
            .filter(|kind| is_sought(Some(*kind), from))
            .collect(),
        2 => possible.iter().copied().filter(leads).collect(),
        _ => Vec::new(),
    };
    match kinds.is_empty() {
        true => possible.to_vec(),
        false => kinds,
    }
}

/// Every step of every workflow's table, by act and by time.
fn every_step() -> Steps {
    let mut all = Steps::new();
    for machine in MACHINES {
        for transition in machine.transitions {
            for from in transition.from {
                let to = match transition.to {
                    To::State(to) => to,
                    To::Same => from,
                };
                all.insert((machine.name, transition.act.wire_name(), *from, to));
            }
        }
        for rule in machine.clocks.iter().filter(|rule| rule.state != rule.to) {
            all.insert((machine.name, rule.name, rule.state, rule.to));
        }
        for consequence in machine.consequences {
            for from in consequence.from {
                all.insert((
                    machine.name,
                    consequence.cause.wire_name(),
                    *from,
                    consequence.to,
                ));
            }
        }
    }
    all
}

/// Steps that only a sole participant could make: several never initial or adopt as the first and the last at once.
const ALONE: [Step; 2] = [
    ("agreement", "agreement_adopted", "initialled", "adopted"),
    (
        "agreement",
        "agreement_initialled",
        "technical_review",
        "initialled",
    ),
];

#[test]
fn walks_make_every_step_and_never_fly_what_is_not_cleared() {
    let mut sought = every_step();
    for step in ALONE {
        sought.remove(&step);
    }
    for round in 0..ROUNDS_MAX {
        for (number, focus) in (0..).zip(FOCUSES) {
            let about = |machine: &&str| sought.iter().any(|step| step.0 == *machine);
            if round > 0 && !focus.iter().any(about) {
                continue;
            }
            let mut walk = Walk::new(round * FOCUSES.len() as u64 + number, sought);
            for number in 0..STEPS {
                walk.step(number);
            }
            sought = walk.sought;
        }
    }
    let missing: Vec<String> = sought
        .iter()
        .map(|(machine, cause, from, to)| format!("{machine}: {cause}: {from} -> {to}"))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn equal_entries_fold_into_equal_pictures() {
    let mut walk = Walk::new(FOCUSES.len() as u64 - 1, Steps::new());
    let mut halfway = None;
    for number in 0..400 {
        walk.step(number);
        if number == 200 {
            halfway = Some((walk.world.picture.clone(), walk.world.said.len()));
        }
    }
    let (mut resumed, from) = halfway.unwrap();
    for recorded in &walk.world.said[from..] {
        resumed.apply(recorded);
    }
    assert_eq!(resumed.digest(), walk.world.picture.digest());
    let mut again = World::of(Some(under_clocks(""))).picture;
    for recorded in &walk.world.said {
        // Looking at it from the future changes nothing.
        let _ = again.at(crate::world::at(30, 0, 0));
        again.apply(recorded);
    }
    assert_eq!(again, walk.world.picture);
}
