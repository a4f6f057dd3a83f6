//! Crates point one way: the table of docs/ARCHITECTURE.md, held against what cargo resolves.

use super::Fault;
use serde_json::Value;

/// For each room, the rooms it may use. `*` means every room but `xtask`.
const MAY_USE: [(&str, &[&str]); 17] = [
    ("persistent", &[]),
    ("spacetime", &[]),
    ("records", &["spacetime"]),
    ("ledger", &[]),
    ("verifier", &["ledger"]),
    ("agreement", &["spacetime", "records"]),
    ("deconfliction", &["persistent", "spacetime", "records"]),
    ("monitoring", &["spacetime", "records"]),
    ("streams", &["spacetime", "monitoring"]),
    ("sharing", &["spacetime", "records", "ledger"]),
    ("formats", &["spacetime", "records"]),
    (
        "node",
        &[
            "persistent",
            "spacetime",
            "records",
            "ledger",
            "agreement",
            "deconfliction",
            "monitoring",
            "sharing",
        ],
    ),
    ("stores", &["node", "ledger"]),
    (
        "simulation",
        &[
            "spacetime",
            "records",
            "ledger",
            "agreement",
            "deconfliction",
            "monitoring",
            "sharing",
            "node",
        ],
    ),
    (
        "server",
        &[
            "spacetime",
            "records",
            "ledger",
            "agreement",
            "deconfliction",
            "monitoring",
            "sharing",
            "formats",
            "node",
            "stores",
        ],
    ),
    ("cli", &["*"]),
    ("xtask", &[]),
];

const PREFIX: &str = "detente-";

/// Checks every arrow between our crates; arrows that only tests use count too.
pub(super) fn check(metadata: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let Some(room) = package["name"]
            .as_str()
            .and_then(|name| name.strip_prefix(PREFIX))
        else {
            continue;
        };
        let place = format!("crates/{room}/Cargo.toml");
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) else {
            faults.push(Fault::new(
                place,
                "the room has no row in the direction table",
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let Some(used) = dependency["name"]
                .as_str()
                .and_then(|name| name.strip_prefix(PREFIX))
            else {
                continue;
            };
            let open = allowed.contains(&"*") && used != "xtask";
            if !open && !allowed.contains(&used) {
                faults.push(Fault::new(
                    &place,
                    format!("`{room}` may not use `{used}`: join them in a room above both"),
                ));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_arrow_against_the_table_is_a_fault() {
        let metadata = json!({"packages": [
            {"name": "detente-agreement", "dependencies": [{"name": "detente-deconfliction"}, {"name": "detente-records"}]},
            {"name": "detente-cli", "dependencies": [{"name": "detente-ledger"}]},
            {"name": "detente-attic", "dependencies": []},
            {"name": "serde", "dependencies": []},
        ]});
        let faults = check(&metadata);
        assert_eq!(faults.len(), 2);
        assert!(faults[0].message.contains("may not use `deconfliction`"));
        assert!(faults[1].message.contains("no row"));
    }
}
