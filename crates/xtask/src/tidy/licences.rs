//! Every dependency's licence is one that deny.toml allows.

use super::Fault;
use serde_json::Value;

/// Checks each package's licence expression: one alternative must consist of allowed licences only.
pub(super) fn check(metadata: &Value, deny: &str) -> Vec<Fault> {
    let allowed = allowed(deny);
    let mut faults = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let expression = package["license"].as_str().unwrap_or_default();
        if !permits(expression, &allowed) {
            faults.push(Fault::new(
                "deny.toml",
                format!("`{name}` is under `{expression}`, which the allow list does not cover"),
            ));
        }
    }
    faults
}

/// The quoted names of the `allow = [ … ]` list.
fn allowed(deny: &str) -> Vec<&str> {
    let Some((_, rest)) = deny.split_once("allow = [") else {
        return Vec::new();
    };
    let list = rest.split(']').next().unwrap_or_default();
    list.split('"').skip(1).step_by(2).collect()
}

/// Whether an SPDX expression has an alternative made of allowed licences. Brackets are read as written by flattening:
/// `(A OR B) AND C` asks for C and for one of A and B.
fn permits(expression: &str, allowed: &[&str]) -> bool {
    let flat = expression.replace('/', " OR ");
    let mut groups = vec![String::new()];
    let mut depth = 0_i32;
    for word in flat
        .replace('(', " ( ")
        .replace(')', " ) ")
        .split_whitespace()
    {
        match word {
            "(" => depth += 1,
            ")" => depth -= 1,
            "AND" if depth == 0 => groups.push(String::new()),
            _ => {
                if let Some(group) = groups.last_mut() {
                    group.push(' ');
                    group.push_str(word);
                }
            }
        }
    }
    !expression.is_empty()
        && groups.iter().all(|group| {
            group.split(" OR ").any(|alternative| {
                alternative
                    .split(" AND ")
                    .all(|licence| allowed.contains(&licence.trim()))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_and_conjunctions_are_read() {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"];
        assert!(permits("MIT OR GPL-3.0", &allowed));
        assert!(permits("MIT/Apache-2.0", &allowed));
        assert!(permits("(MIT OR Apache-2.0) AND Unicode-3.0", &allowed));
        assert!(!permits("MIT AND GPL-3.0", &allowed));
        assert!(!permits("", &allowed));
    }

    #[test]
    fn the_allow_list_is_read_from_deny_toml() {
        assert_eq!(
            allowed("[licenses]\nallow = [\n \"MIT\",\n \"0BSD\",\n]\n"),
            ["MIT", "0BSD"]
        );
    }
}
