//! The pages `docs/reference/workflows.md`, `workflows.json` and `acts.md`, and their freshness.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;
use std::path::Path;

use detente_records::workflow::{
    Cause, Guard, MACHINES, Machine, Per, Runs, STATEMENTS, Side, To, described,
    described_machines, diagram,
};
use detente_records::{Agreement, Kind};

#[test]
fn the_pages_of_workflows_and_acts_are_what_the_tables_say() {
    let mut json = serde_json::to_string_pretty(&described_machines()).unwrap();
    json.push('\n');
    let pages = [
        ("workflows.md", workflows()),
        ("workflows.json", json),
        ("acts.md", acts()),
    ];
    for (name, expected) in pages {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
        let path = path.join(name);
        if std::env::var_os("UPDATE_REFERENCE").is_some() {
            std::fs::write(&path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "docs/reference/{name} is stale; run `UPDATE_REFERENCE=1 cargo test --release -p detente-records` and commit it"
        );
    }
}

fn workflows() -> String {
    let mut page = String::from(
        "# Workflows\n\n\
        Generated from `crates/records/src/workflow`; a test keeps this page fresh.\n\
        The same tables as data: [workflows.json](workflows.json).\n\
        What each act holds: [acts.md](acts.md).\n\n\
        An entry of a ledger is an act.\n\
        It moves the matter it is about from one state to another when somebody in the right role, on the right side, writes it, and every guard holds.\n\
        Of several rows for the same act and state the first that fits is taken.\n\
        Anything else is refused, and the refusal names the state, the rule and who could act.\n\n\
        Clocks lead to states that hold back at least as much; silence consents to nothing.\n\
        A clock is set by the agreement's clock of the parameter's name, or of that name and whatever follows a hyphen, such as `consent-answer-us`.\n\
        In the diagrams `clock` marks a clock that runs out, `then` what follows without an act of its own.\n\n",
    );
    for machine in MACHINES {
        let _ = writeln!(page, "- [{}](#{})", machine.title, anchor(machine.title));
    }
    for machine in MACHINES {
        page.push_str(&chapter(machine));
    }
    page.push_str("\n## Statements\n\nThese acts state something and move no workflow.\n\n| act | who |\n|---|---|\n");
    for statement in STATEMENTS {
        let who = described(statement.by).join(", or ");
        let _ = writeln!(page, "| `{}` | {who} |", statement.act.wire_name());
    }
    page.push_str("\n## Guards\n\n| guard | holds when |\n|---|---|\n");
    for guard in Guard::ALL {
        let _ = writeln!(page, "| `{}` | {} |", guard.wire_name(), guard.says());
    }
    page.push_str("\n## Sides\n\n| side | who that is |\n|---|---|\n");
    for side in Side::ALL {
        let _ = writeln!(page, "| {} | {} |", side.says(), side.meaning());
    }
    page.push_str("\n## Causes\n\n| cause | when |\n|---|---|\n");
    for (name, _, says) in Cause::ALL {
        let _ = writeln!(page, "| `{name}` | {says} |");
    }
    page
}

fn anchor(title: &str) -> String {
    title.to_lowercase().replace(' ', "-")
}

fn chapter(machine: &Machine) -> String {
    let mut page = format!(
        "\n## {}\n\n{}\n",
        machine.title,
        machine.says.replace(". ", ".\n")
    );
    if machine.per == Per::SubjectAndHolder {
        page.push_str("Every participant or observer concerned has a state of its own.\n");
    }
    let _ = write!(page, "\n```mermaid\n{}```\n", diagram(machine));
    page.push_str("\n| state | holds back | means |\n|---|---|---|\n");
    for state in machine.states {
        let over = if state.is_final { " (final)" } else { "" };
        let _ = writeln!(
            page,
            "| `{}`{over} | {} | {} |",
            state.name, state.restraint, state.says
        );
    }
    page.push_str("\n| act | from | to | who | guards |\n|---|---|---|---|---|\n");
    for transition in machine.transitions {
        let to = match transition.to {
            To::Same => "the same".to_owned(),
            To::State(to) => format!("`{to}`"),
        };
        let guards: Vec<String> = transition
            .guards
            .iter()
            .map(|guard| code(guard.wire_name()))
            .collect();
        let from: Vec<String> = transition.from.iter().copied().map(code).collect();
        let _ = writeln!(
            page,
            "| `{}` | {} | {to} | {} | {} |",
            transition.act.wire_name(),
            from.join(", "),
            described(transition.by).join(", or "),
            guards.join(", "),
        );
    }
    let noted = machine
        .transitions
        .iter()
        .filter(|found| !found.note.is_empty());
    for (index, transition) in noted.enumerate() {
        page.push_str(if index == 0 { "\n" } else { "" });
        let _ = writeln!(
            page,
            "- `{}`: {}",
            transition.act.wire_name(),
            transition.note
        );
    }
    if !machine.clocks.is_empty() {
        page.push_str(
            "\n| clock | runs in | for | owner | leads to | meaning |\n|---|---|---|---|---|---|\n",
        );
    }
    for clock in machine.clocks {
        let runs = match clock.runs {
            Runs::Parameter(name) => format!("parameter `{name}`"),
            Runs::Until(instant) => format!("until {instant}"),
        };
        let _ = writeln!(
            page,
            "| `{}` | `{}` | {runs} | {} | `{}` | {} |",
            clock.name,
            clock.state,
            clock.owner.says(),
            clock.to,
            clock.says,
        );
    }
    if !machine.consequences.is_empty() {
        page.push_str("\n| cause | from | to |\n|---|---|---|\n");
    }
    for found in machine.consequences {
        let from: Vec<String> = found.from.iter().copied().map(code).collect();
        let _ = writeln!(
            page,
            "| `{}` | {} | `{}` |",
            found.cause.wire_name(),
            from.join(", "),
            found.to
        );
    }
    page
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

fn acts() -> String {
    let samples: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(include_str!("../testdata/acts.json")).unwrap();
    let mut page = String::from(
        "# Acts\n\n\
        Generated from `crates/records/src/act`; a test keeps this page fresh.\n\
        Every entry of a ledger is one of these acts: its kind is the heading, its body an object with these members.\n\
        Beside them every body has `subject`, what the act is about, and `role`, in which its author acts.\n\
        Unknown members are errors, and what [R50](../requirements.md) excludes is refused at any depth.\n\
        Who may write which act when: [workflows.md](workflows.md).\n",
    );
    for kind in Kind::ALL.iter().copied() {
        let name = kind.wire_name();
        let place = match kind.machine() {
            Some(machine) => format!(
                "[{}](workflows.md#{})",
                machine.title,
                anchor(machine.title)
            ),
            None => "[Statements](workflows.md#statements)".to_owned(),
        };
        let says = kind.says().replace(". ", ".\n");
        let _ = write!(page, "\n## `{name}`\n\n{says}\nWorkflow: {place}.\n");
        if !kind.members().is_empty() {
            page.push_str("\n| member | | meaning |\n|---|---|---|\n");
        }
        for member in kind.members() {
            let presence = if member.is_required {
                "required"
            } else {
                "optional"
            };
            let _ = writeln!(page, "| `{}` | {presence} |{} |", member.name, member.says);
        }
        let example = serde_json::to_string(&samples[name]).unwrap();
        let _ = write!(page, "\n```json\n{example}\n```\n");
    }
    page
}

#[test]
fn the_page_of_the_agreements_file_shows_a_file_without_a_fault() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    let page = std::fs::read_to_string(page.join("agreement-file.md")).unwrap();
    let (_, example) = page.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let (agreement, problems) = Agreement::parse("agreement.toml", example.as_bytes());
    assert!(problems.is_empty(), "{problems}");
    let agreement = agreement.unwrap();
    assert_eq!(agreement.preconditions.len(), 2);
    assert!(!agreement.held_back.is_empty());
}
