//! In which role a verb writes: one that its act allows and whoever asks holds.

use detente_records::workflow::{Actor, MACHINES, STATEMENTS};
use serde_json::Value;

use super::Asker;

impl Asker {
    /// Returns the usual role where it is held, else another one that the act allows and that is held.
    ///
    /// Where none is, or the node does not say who asks, the usual one: the node's refusal then says why.
    pub(crate) fn role_for(&self, kind: &str, usual: &str) -> String {
        let session = self.read("/api/v1/session").unwrap_or(Value::Null);
        let held = session["roles"].as_array().into_iter().flatten();
        let held: Vec<&str> = held.filter_map(Value::as_str).collect();
        chosen(kind, usual, &held).to_owned()
    }
}

fn chosen<'a>(kind: &str, usual: &'a str, held: &[&str]) -> &'a str {
    let allowed = allowed(kind);
    let others = allowed.into_iter().filter(|role| *role != usual);
    let mut roles = std::iter::once(usual).chain(others);
    roles.find(|role| held.contains(role)).unwrap_or(usual)
}

/// The roles that acts of a kind are written in, by whoever it is.
fn allowed(kind: &str) -> Vec<&'static str> {
    let transitions = MACHINES.iter().flat_map(|machine| machine.transitions);
    let moved = transitions.map(|it| (it.act, it.by));
    let stated = STATEMENTS.iter().map(|it| (it.act, it.by));
    let of_kind = moved
        .chain(stated)
        .filter(|(act, _)| act.wire_name() == kind);
    let actors = of_kind.flat_map(|(_, by)| by);
    actors.map(|actor: &Actor| actor.role.wire_name()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_writes_in_a_role_that_is_allowed_and_held() {
        let stop = |held: &[&str]| chosen("operation_stopped", "watch_officer", held);
        assert_eq!(stop(&["planner"]), "planner");
        assert_eq!(stop(&["auditor", "consenter"]), "consenter");
        assert_eq!(stop(&["planner", "watch_officer"]), "watch_officer");
        assert_eq!(stop(&["auditor"]), "watch_officer");
        let contest = |held: &[&str]| chosen("object_contested", "watch_officer", held);
        assert_eq!(contest(&["inquiry"]), "inquiry");
        let release = |held: &[&str]| chosen("object_released", "notifier", held);
        assert_eq!(release(&["release_officer"]), "release_officer");
    }
}
