//! What a person does here: the roles of a node's users.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A role; a person holds one or more, and no person signs both sides of one act.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Proposes operations.
    Planner,
    /// Consents and objects.
    Consenter,
    /// Takes calls, stops operations, acknowledges.
    WatchOfficer,
    /// Decides what leaves the house.
    ReleaseOfficer,
    /// Establishes what happened.
    Inquiry,
    /// Reads everything, changes nothing.
    Auditor,
    /// Keeps users, tabled texts and the node itself.
    Administrator,
    /// Notifies protected objects and movements.
    Notifier,
    /// Watches whether the agreement is kept.
    Monitor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::Planner,
        Self::Consenter,
        Self::WatchOfficer,
        Self::ReleaseOfficer,
        Self::Inquiry,
        Self::Auditor,
        Self::Administrator,
        Self::Notifier,
        Self::Monitor,
    ];

    /// The name in files, requests and entries.
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::Planner => "planner",
            Self::Consenter => "consenter",
            Self::WatchOfficer => "watch_officer",
            Self::ReleaseOfficer => "release_officer",
            Self::Inquiry => "inquiry",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
            Self::Notifier => "notifier",
            Self::Monitor => "monitor",
        }
    }

    /// Reads the name.
    pub fn from_wire_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.wire_name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_name_is_the_serialised_name() {
        for role in Role::ALL {
            let written = serde_json::to_string(&role).expect("json");
            assert_eq!(written, format!("\"{}\"", role.wire_name()));
            assert_eq!(Role::from_wire_name(role.wire_name()), Some(role));
        }
    }
}
