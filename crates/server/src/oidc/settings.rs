//! What a node is told about its provider, and which of its groups have which roles here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustls::ClientConfig;

use crate::role::Role;

/// Most groups that a map names; an organisation's staff has some tens.
const GROUPS_MAX: usize = 1_000;

/// A provider, and this node as its client.
#[derive(Clone)]
pub struct Settings {
    /// The provider's issuer identifier, exactly as it writes it.
    pub issuer: String,
    /// Who this node is there.
    pub client_id: String,
    /// What proves it; none for a public client, which PKCE alone protects.
    pub client_secret: Option<String>,
    /// Where browsers come back to: this node's `/api/v1/sign-in/callback`.
    pub redirect: String,
    /// What is asked for; `openid` at least.
    pub scopes: String,
    /// The claim that names the user.
    pub name_claim: String,
    /// The claim with the user's groups.
    pub roles_claim: String,
    /// Which groups have which roles.
    pub roles: RoleMap,
    /// Who vouches for the provider's certificate; none for a provider on this machine.
    pub tls: Option<Arc<ClientConfig>>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The roles of groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleMap(BTreeMap<String, BTreeSet<Role>>);

impl RoleMap {
    /// Reads a TOML inline table such as `{ staff = "planner", watch = ["watch_officer", "auditor"] }`.
    ///
    /// # Errors
    ///
    /// [`RoleMapError`].
    pub fn parse(text: &str) -> Result<Self, RoleMapError> {
        let table: toml::Table = format!("map = {text}")
            .parse()
            .map_err(|_| RoleMapError::Form)?;
        let groups = table.get("map").and_then(toml::Value::as_table);
        let groups = groups
            .filter(|_| table.len() == 1)
            .ok_or(RoleMapError::Form)?;
        if groups.len() > GROUPS_MAX {
            return Err(RoleMapError::Form);
        }
        let mut map = BTreeMap::new();
        for (group, value) in groups {
            let names = match value {
                toml::Value::String(name) => vec![name.clone()],
                toml::Value::Array(names) => names
                    .iter()
                    .map(|name| name.as_str().map(str::to_owned))
                    .collect::<Option<_>>()
                    .ok_or(RoleMapError::Form)?,
                _ => return Err(RoleMapError::Form),
            };
            let roles = names
                .into_iter()
                .map(|name| Role::from_wire_name(&name).ok_or(RoleMapError::Role(name)))
                .collect::<Result<_, _>>()?;
            map.insert(group.clone(), roles);
        }
        Ok(Self(map))
    }

    /// Returns the roles of somebody in these groups.
    pub fn of(&self, groups: &[&str]) -> BTreeSet<Role> {
        let roles = groups.iter().filter_map(|group| self.0.get(*group));
        roles.flatten().copied().collect()
    }

    /// Returns whether nobody would have any role.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(BTreeSet::is_empty)
    }
}

/// A map of roles cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoleMapError {
    /// It is no table of groups and roles.
    #[error("it is not a table such as {{ staff = \"planner\", watch = [\"watch_officer\"] }}")]
    Form,
    /// There is no such role.
    #[error("there is no role `{0}`")]
    Role(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_have_the_roles_that_the_table_gives_them_and_strangers_none() {
        let map = RoleMap::parse(
            "{ \"air staff\" = \"planner\", watch = [\"watch_officer\", \"auditor\"] }",
        );
        let map = map.expect("right");
        assert_eq!(map.of(&["air staff"]), BTreeSet::from([Role::Planner]));
        assert_eq!(map.of(&["watch", "air staff", "x"]).len(), 3);
        assert!(map.of(&["Watch", "everybody"]).is_empty());
        for wrong in ["", "x", "{ a = 1 }", "{ a = \"planner\" }\nb = 1", "[]"] {
            assert_eq!(RoleMap::parse(wrong), Err(RoleMapError::Form), "{wrong}");
        }
        assert_eq!(
            RoleMap::parse("{ a = \"king\" }"),
            Err(RoleMapError::Role("king".to_owned()))
        );
    }
}
