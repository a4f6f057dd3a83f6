//! The tables drawn: as Mermaid state diagrams and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::actor::described;
use super::{Cause, ClockRule, Guard, MACHINES, Machine, Per, Runs, STATEMENTS, Side, To};
use crate::act::Role;

/// Returns a machine as a Mermaid state diagram (`stateDiagram-v2`).
///
/// Acts that change nothing are left out; what leads from one state to the same other one shares
/// an arrow. Clocks are marked `clock`, consequences `then`.
pub fn diagram(machine: &Machine) -> String {
    let mut arrows: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
    let position = |name: &str| machine.states.iter().position(|state| state.name == name);
    let mut draw = |from: &str, to: &str, label: String| {
        if let (Some(from), Some(to)) = (position(from), position(to)) {
            let labels = arrows.entry((from, to)).or_default();
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
    };
    for transition in machine.transitions {
        if let To::State(to) = transition.to {
            for from in transition.from {
                draw(from, to, transition.act.wire_name().to_owned());
            }
        }
    }
    for clock in machine.clocks {
        draw(clock.state, clock.to, format!("clock {}", clock.name));
    }
    for consequence in machine.consequences {
        for from in consequence.from {
            draw(
                from,
                consequence.to,
                format!("then {}", consequence.cause.wire_name()),
            );
        }
    }
    let mut drawn = String::from("stateDiagram-v2\n");
    let _ = writeln!(drawn, "    [*] --> {}", machine.initial());
    for ((from, to), labels) in arrows {
        if let (Some(from), Some(to)) = (machine.states.get(from), machine.states.get(to)) {
            let labels = labels.join("<br/>");
            let _ = writeln!(drawn, "    {} --> {}: {labels}", from.name, to.name);
        }
    }
    for state in machine.states.iter().filter(|state| state.is_final) {
        let _ = writeln!(drawn, "    {} --> [*]", state.name);
    }
    drawn
}

/// Returns every machine, statement, side, role and guard as JSON, for programs that draw them.
pub fn described_machines() -> Json {
    json!({
        "machines": MACHINES.iter().copied().map(machine).collect::<Vec<_>>(),
        "statements": STATEMENTS.iter().map(|statement| json!({
            "act": statement.act.wire_name(),
            "by": described(statement.by),
        })).collect::<Vec<_>>(),
        "guards": Guard::ALL.iter().map(|guard| json!({
            "name": guard.wire_name(),
            "says": guard.says(),
        })).collect::<Vec<_>>(),
        "sides": Side::ALL.iter().map(|side| json!({
            "name": side.wire_name(),
            "says": side.says(),
        })).collect::<Vec<_>>(),
        "causes": Cause::ALL.iter().map(|(name, _, says)| json!({
            "name": name,
            "says": says,
        })).collect::<Vec<_>>(),
        "roles": Role::ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
    })
}

fn machine(machine: &Machine) -> Json {
    json!({
        "name": machine.name,
        "title": machine.title,
        "says": machine.says,
        "per": match machine.per {
            Per::Subject => "subject",
            Per::SubjectAndHolder => "subject_and_holder",
        },
        "states": machine.states.iter().map(|state| json!({
            "name": state.name,
            "says": state.says,
            "restraint": state.restraint,
            "final": state.is_final,
        })).collect::<Vec<_>>(),
        "transitions": machine.transitions.iter().map(|transition| json!({
            "act": transition.act.wire_name(),
            "from": transition.from,
            "to": match transition.to {
                To::Same => Json::Null,
                To::State(to) => json!(to),
            },
            "by": transition.by.iter().map(|actor| json!({
                "role": actor.role.wire_name(),
                "side": actor.side.wire_name(),
            })).collect::<Vec<_>>(),
            "guards": transition.guards.iter().map(|guard| guard.wire_name()).collect::<Vec<_>>(),
            "note": transition.note,
        })).collect::<Vec<_>>(),
        "clocks": machine.clocks.iter().map(clock).collect::<Vec<_>>(),
        "consequences": machine.consequences.iter().map(|consequence| json!({
            "cause": consequence.cause.wire_name(),
            "from": consequence.from,
            "to": consequence.to,
        })).collect::<Vec<_>>(),
    })
}

fn clock(clock: &ClockRule) -> Json {
    let (parameter, until) = match clock.runs {
        Runs::Parameter(name) => (json!(name), Json::Null),
        Runs::Until(instant) => (Json::Null, json!(instant)),
    };
    json!({
        "name": clock.name,
        "state": clock.state,
        "to": clock.to,
        "parameter": parameter,
        "until": until,
        "owner": clock.owner.wire_name(),
        "says": clock.says,
    })
}
