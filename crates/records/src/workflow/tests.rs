//! Properties of the tables, and refusals as people read them.

use super::*;
use crate::Agreement;
use crate::names::PartyId;

fn every_transition() -> impl Iterator<Item = (&'static Machine, &'static Transition)> {
    let all = MACHINES.iter();
    all.flat_map(|machine| {
        machine
            .transitions
            .iter()
            .map(move |found| (*machine, found))
    })
}

/// Returns every step a machine can make, by act, clock or consequence.
fn steps(machine: &Machine) -> BTreeSet<(&'static str, &'static str)> {
    let mut steps = BTreeSet::new();
    for transition in machine.transitions {
        if let To::State(to) = transition.to {
            steps.extend(transition.from.iter().map(|from| (*from, to)));
        }
    }
    steps.extend(machine.clocks.iter().map(|clock| (clock.state, clock.to)));
    for consequence in machine.consequences {
        steps.extend(consequence.from.iter().map(|from| (*from, consequence.to)));
    }
    steps
}

#[test]
fn every_kind_moves_one_machine_or_is_a_statement() {
    for kind in Kind::ALL.iter().copied() {
        let moved: BTreeSet<&str> = every_transition()
            .filter(|(_, transition)| transition.act == kind)
            .map(|(machine, _)| machine.name)
            .collect();
        let stated = STATEMENTS.iter().filter(|found| found.act == kind).count();
        assert_eq!(moved.len() + stated, 1, "{kind:?}: {moved:?}");
        assert_eq!(kind.machine().is_some(), stated == 0);
        assert_eq!(kind.statement().is_some(), stated == 1);
    }
}

#[test]
fn names_are_unique_and_every_state_named_exists() {
    let names: BTreeSet<&str> = MACHINES.iter().map(|machine| machine.name).collect();
    assert_eq!(names.len(), MACHINES.len());
    for machine in MACHINES {
        let states: BTreeSet<&str> = machine.states.iter().map(|state| state.name).collect();
        assert_eq!(states.len(), machine.states.len(), "{}", machine.name);
        for (from, to) in steps(machine) {
            assert!(states.contains(from) && states.contains(to), "{from} {to}");
        }
        for transition in machine.transitions {
            assert!(!transition.by.is_empty() && !transition.from.is_empty());
            assert!(transition.from.iter().all(|from| states.contains(from)));
        }
        let clocks: BTreeSet<&str> = machine.clocks.iter().map(|clock| clock.name).collect();
        assert_eq!(clocks.len(), machine.clocks.len(), "{}", machine.name);
        assert!(Machine::named(machine.name).is_some());
    }
}

#[test]
fn every_state_is_reached_from_the_first() {
    for machine in MACHINES {
        let mut reached = BTreeSet::from([machine.initial()]);
        let steps = steps(machine);
        loop {
            let further: Vec<_> = steps
                .iter()
                .filter(|(from, to)| reached.contains(from) && !reached.contains(to))
                .map(|(_, to)| *to)
                .collect();
            if further.is_empty() {
                break;
            }
            reached.extend(further);
        }
        for state in machine.states {
            assert!(
                reached.contains(state.name),
                "{} of {}",
                state.name,
                machine.name
            );
        }
    }
}

#[test]
fn a_final_state_is_left_only_by_what_reopens() {
    for machine in MACHINES {
        for state in machine.states.iter().filter(|state| state.is_final) {
            for transition in machine.leaving(state.name) {
                let reopens = machine.reopened_by.contains(&transition.act);
                assert!(reopens || transition.to == To::Same, "{transition:?}");
            }
            assert!(machine.clocks.iter().all(|clock| clock.state != state.name));
            let from = |found: &Consequence| found.from.contains(&state.name);
            assert!(!machine.consequences.iter().any(from), "{}", state.name);
        }
    }
    let reopening: Vec<Kind> = MACHINES
        .iter()
        .flat_map(|m| m.reopened_by.iter().copied())
        .collect();
    assert_eq!(reopening, [Kind::ViolationReopened]);
}

#[test]
fn clocks_lead_to_restraint_and_never_in_a_circle() {
    for machine in MACHINES {
        let restraint = |name: &str| machine.state(name).unwrap().restraint;
        for clock in machine.clocks {
            let (from, to) = (restraint(clock.state), restraint(clock.to));
            assert!(to >= from, "{} of {} loosens", clock.name, machine.name);
            assert!(clock.owner != Side::Node, "{} has no owner", clock.name);
            let mut at = clock.to;
            for _ in machine.states {
                at = match machine.clocks.iter().find(|next| next.state == at) {
                    Some(next) => next.to,
                    None => break,
                };
                assert_ne!(at, clock.state, "{} runs in a circle", clock.name);
            }
        }
    }
}

#[test]
fn no_silence_consents() {
    let operation = Machine::named("operation").unwrap();
    for clock in operation.clocks {
        assert!(
            !["consented", "active"].contains(&clock.to),
            "{}",
            clock.name
        );
    }
    for consequence in operation.consequences {
        assert!(!["consented", "active"].contains(&consequence.to));
    }
    for (_, transition) in every_transition().filter(|(_, t)| t.to == To::State("active")) {
        assert!(transition.guards.contains(&Guard::Clear), "{transition:?}");
    }
}

#[test]
fn protection_ends_by_revocation_or_a_stated_end_only() {
    let object = Machine::named("protected_object").unwrap();
    for (from, to) in steps(object) {
        let protects = |name: &str| object.state(name).unwrap().restraint > 0;
        if protects(from) && !protects(to) {
            let causes: Vec<Cause> = object
                .consequences
                .iter()
                .filter(|found| found.to == to)
                .map(|found| found.cause)
                .collect();
            assert!(
                causes == [Cause::GraceEnded] || causes == [Cause::EndReached],
                "{from} to {to}"
            );
        }
    }
}

#[test]
fn everyone_who_takes_part_can_stop_every_operation_that_is_live() {
    let operation = Machine::named("operation").unwrap();
    for state in operation.states {
        let over = state.is_final
            || ["draft", "ended", "close_out_overdue", "closed_out"].contains(&state.name);
        let stop = operation.actors_of(state.name, Kind::OperationStopped);
        let watch = Actor {
            role: Role::WatchOfficer,
            side: Side::AnyParticipant,
        };
        assert_eq!(stop.contains(&watch), !over, "{}", state.name);
    }
    for (_, transition) in every_transition().filter(|(_, t)| t.act == Kind::OperationStopped) {
        assert!(
            transition.guards.is_empty(),
            "nothing stands in the way of a stop"
        );
    }
}

#[test]
fn of_two_ways_for_one_act_the_more_general_comes_last() {
    for machine in MACHINES {
        for (index, later) in machine.transitions.iter().enumerate() {
            for earlier in machine.transitions.iter().take(index) {
                let same = earlier.act == later.act
                    && earlier.from.iter().any(|from| later.from.contains(from))
                    && earlier.by.iter().any(|actor| later.by.contains(actor));
                let hides = earlier
                    .guards
                    .iter()
                    .all(|guard| later.guards.contains(guard));
                assert!(!(same && hides), "{:?} hides {:?}", earlier, later);
            }
        }
    }
}

#[test]
fn every_guard_side_and_role_is_used_and_said_once() {
    let used: BTreeSet<Guard> = every_transition()
        .flat_map(|(_, t)| t.guards.iter().copied())
        .collect();
    assert_eq!(used, Guard::ALL.iter().copied().collect());
    let actors = every_transition().flat_map(|(_, t)| t.by.iter().copied());
    let stated = STATEMENTS.iter().flat_map(|found| found.by.iter().copied());
    let actors: BTreeSet<Actor> = actors.chain(stated).collect();
    let roles: BTreeSet<Role> = actors.iter().map(|actor| actor.role).collect();
    let idle: Vec<Role> = Role::ALL
        .iter()
        .map(|(_, role)| *role)
        .filter(|role| !roles.contains(role))
        .collect();
    assert_eq!(
        idle,
        [Role::Auditor, Role::Administrator],
        "both write nothing that binds"
    );
    let words: BTreeSet<&str> = Guard::ALL.iter().map(|guard| guard.says()).collect();
    assert_eq!(words.len(), Guard::ALL.len());
    let names: BTreeSet<&str> = Cause::ALL.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(names.len(), Cause::ALL.len());
}

fn author(role: Role, sides: &[Side]) -> ActorFacts {
    ActorFacts {
        role,
        sides: sides.iter().copied().collect(),
    }
}

#[test]
fn consent_is_complete_only_with_the_last_one() {
    let operation = Machine::named("operation").unwrap();
    let consenter = author(Role::Consenter, &[Side::AnyParticipant, Side::Counterparty]);
    let step = |state: &str, lacking: &[Guard]| {
        let holds = |guard: Guard| GuardAnswer::of(!lacking.contains(&guard));
        operation.step(state, Kind::OperationConsented, &consenter, &holds)
    };
    assert_eq!(step("proposed", &[]), Ok("consented"));
    assert_eq!(step("recheck_required", &[]), Ok("consented"));
    assert_eq!(step("proposed", &[Guard::OthersConsented]), Ok("proposed"));
    let stale = step("proposed", &[Guard::CurrentVersion]).unwrap_err();
    assert_eq!(stale.rule.code(), "guards");
    assert_eq!(
        stale.to_string(),
        "`operation_consented` in state `proposed` of `operation` needs that the version named is the last"
    );
}

#[test]
fn a_refusal_names_state_rule_and_who_could_act() {
    let operation = Machine::named("operation").unwrap();
    let refusal = |state: &str, act: Kind, facts: &ActorFacts| {
        let holds = |guard| match guard {
            Guard::NoticesLoaded => GuardAnswer::Fails {
                because: vec!["hospital-h1 is not passed on by US".to_owned()],
            },
            guard => GuardAnswer::of(guard != Guard::DissentsSeen),
        };
        operation
            .step(state, act, facts, &holds)
            .unwrap_err()
            .to_string()
    };
    let watch = author(Role::WatchOfficer, &[Side::AnyParticipant, Side::Proposer]);
    let other = author(
        Role::WatchOfficer,
        &[Side::AnyParticipant, Side::Counterparty],
    );
    let said = [
        refusal("proposed", Kind::OperationActivated, &watch),
        refusal("consented", Kind::OperationActivated, &other),
        refusal("consented", Kind::OperationActivated, &watch),
        refusal("proposed", Kind::OperationConsented, &watch),
        refusal("cancelled", Kind::OperationStopped, &watch),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    no `operation_activated` in state `proposed` of `operation`; possible: operation_revised: planner of the participant that proposed it; operation_consented: consenter of another participant, or consenter of the guarantor of the party that flies; operation_consented_with_conditions: consenter of another participant; operation_objected: consenter of another participant; dissent_noted: planner or consenter or watch officer or inquiry of any participant; dissent_seen: watch officer or planner of the participant that proposed it; operation_cancelled: planner of the participant that proposed it; operation_stopped: watch officer or consenter or planner of any participant
    `operation_activated` in state `consented` of `operation` is for another side; possible: watch officer of the participant that proposed it
    `operation_activated` in state `consented` of `operation` needs that every protected object near it is loaded and passed on to those who execute, by the participant that acts (hospital-h1 is not passed on by US); and that every dissent noted about it has been seen by whoever decides
    `operation_consented` in state `proposed` of `operation` is not for the role `watch_officer`; possible: consenter of another participant; consenter of the guarantor of the party that flies
    no `operation_stopped` in state `cancelled` of `operation`; the matter is over
    ");
}

#[test]
fn the_clock_that_ran_out_first_is_taken() {
    let operation = Machine::named("operation").unwrap();
    let at = |minutes: i64| Instant::from_micros(minutes * 60_000_000).unwrap();
    let deadline = |rule: &ClockRule| match rule.name {
        "proposal_open" => Some(at(90)),
        "consent_answer" => Some(at(60)),
        _ => None,
    };
    assert_eq!(operation.lapse("proposed", at(59), &deadline), None);
    let lapse = operation.lapse("proposed", at(120), &deadline).unwrap();
    assert_eq!(
        (lapse.state, lapse.at, lapse.rule.name),
        ("expired", at(60), "consent_answer")
    );
    assert_eq!(operation.lapse("expired", at(500), &deadline), None);
    assert_eq!(
        operation.follow("active", Cause::RestraintChanged),
        Some("recheck_in_flight")
    );
    assert_eq!(operation.follow("ended", Cause::RestraintChanged), None);
}

#[test]
fn the_agreement_sets_the_clocks() {
    let text = r#"
        id = "plan"
        title = "Plan"
        status = "in_force"
        participants = [{ id = "US" }, { id = "RU" }]
        [[parameters.clocks]]
        id = "consent-answer-us"
        owner = "US"
        duration = "24h"
        [[parameters.clocks]]
        id = "consent-answer-ru"
        owner = "RU"
        duration = "12h"
        [[parameters.clocks]]
        id = "close-out"
        duration = "3d"
    "#;
    let agreement = Agreement::parse("agreement.toml", text.as_bytes())
        .0
        .unwrap();
    let operation = Machine::named("operation").unwrap();
    let hours = |clock: &str, owner: Option<&str>| {
        let rule = operation
            .clocks
            .iter()
            .find(|rule| rule.name == clock)
            .unwrap();
        let owner = owner.map(|owner| PartyId::parse(owner).unwrap());
        let span = rule.duration(&agreement.parameters, owner.as_ref());
        span.map(|span| span.micros() / 3_600_000_000)
    };
    assert_eq!(hours("consent_answer", Some("US")), Some(24));
    assert_eq!(hours("consent_answer", None), Some(12));
    assert_eq!(hours("close_out_due", Some("US")), Some(72));
    assert_eq!(hours("close_out_answer", Some("US")), None);
    assert_eq!(hours("proposal_open", None), None);
}
