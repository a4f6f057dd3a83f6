//! Who may do what at this node's door: Cedar policies over role, action and object.
//!
//! A permission is a value that carries the object it was granted for, so that what was authorised
//! is what is acted on. What an act may say, and when, is for the workflows to decide.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::str::FromStr as _;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, RestrictedExpression, Schema, ValidationMode, Validator,
};

use crate::role::Role;
use crate::users::Identity;

const POLICIES: &str = include_str!("authority.cedar");
const SCHEMA: &str = include_str!("authority.cedarschema");

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Look at it.
    Read,
    /// Ask for a verdict without recording anything.
    Check,
    /// Put an act on the record.
    Submit,
    /// Take it out of the house.
    Export,
    /// Change it.
    Manage,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::Check,
        Self::Submit,
        Self::Export,
        Self::Manage,
    ];

    /// The name in the policies.
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Check => "check",
            Self::Submit => "submit",
            Self::Export => "export",
            Self::Manage => "manage",
        }
    }
}

/// What it is to be done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// What the watch sees.
    Picture,
    /// Alerts as they are raised.
    Alarm,
    /// The bytes of a ledger, by origin.
    Ledger(String),
    /// A report.
    Report {
        /// Its id.
        id: String,
        /// Whose it is.
        originator: String,
        /// To whom it was released.
        recipients: BTreeSet<String>,
    },
    /// A kind of act.
    Kind(String),
    /// Users, refused attempts, settings.
    House,
    /// An API token.
    Token {
        /// Its id.
        id: String,
        /// Whose it is.
        owner: String,
    },
    /// A user's sessions.
    Session {
        /// Whose they are.
        owner: String,
    },
}

/// A permission, for one action on one object.
#[derive(Debug)]
#[must_use = "a permission is there to be acted on"]
pub struct Granted {
    action: Action,
    object: Object,
}

impl Granted {
    /// The action that was granted.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The object it was granted for: act on this one, not on what the request says.
    pub fn object(&self) -> &Object {
        &self.object
    }
}

/// The policies of the door.
#[derive(Debug)]
pub struct Authority {
    policies: PolicySet,
    schema: Schema,
    authorizer: Authorizer,
    participant: String,
}

impl Authority {
    /// Loads the built-in policies for a participant's node.
    ///
    /// # Errors
    ///
    /// [`AuthorityError`] when the built-in policies do not validate: a defect.
    pub fn of(participant: &str) -> Result<Self, AuthorityError> {
        let defect = |error: &dyn std::fmt::Display| AuthorityError(error.to_string());
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(|error| defect(&error))?;
        let policies = PolicySet::from_str(POLICIES).map_err(|error| defect(&error))?;
        let validation = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if !validation.validation_passed() {
            return Err(defect(&validation));
        }
        Ok(Self {
            policies,
            schema,
            authorizer: Authorizer::new(),
            participant: participant.to_owned(),
        })
    }

    /// Grants an action on an object, or does not; any error is a no.
    pub fn grant(&self, who: &Identity, action: Action, object: Object) -> Option<Granted> {
        let decision = self.decide(who, action, &object)?;
        (decision == Decision::Allow).then_some(Granted { action, object })
    }

    fn decide(&self, who: &Identity, action: Action, object: &Object) -> Option<Decision> {
        let principal = uid("User", &who.name)?;
        let roles: HashSet<EntityUid> = who
            .roles
            .iter()
            .map(|role| uid("Role", role.wire_name()))
            .collect::<Option<_>>()?;
        let user = Entity::new_no_attrs(principal.clone(), roles);
        let resource = resource(object)?;
        let context = Context::from_pairs([
            (
                "participant".to_owned(),
                RestrictedExpression::new_string(self.participant.clone()),
            ),
            (
                "readOnly".to_owned(),
                RestrictedExpression::new_bool(who.read_only),
            ),
        ])
        .ok()?;
        let request = Request::new(
            principal,
            uid("Action", action.wire_name())?,
            resource.uid(),
            context,
            Some(&self.schema),
        )
        .ok()?;
        let owner = match object {
            Object::Token { owner, .. } | Object::Session { owner } if *owner != who.name => {
                Some(Entity::new_no_attrs(uid("User", owner)?, HashSet::new()))
            }
            _ => None,
        };
        let roles = Role::ALL
            .into_iter()
            .map(|role| {
                Some(Entity::new_no_attrs(
                    uid("Role", role.wire_name())?,
                    HashSet::new(),
                ))
            })
            .collect::<Option<Vec<_>>>()?;
        let entities = [user, resource].into_iter().chain(owner).chain(roles);
        let entities = Entities::from_entities(entities, None).ok()?;
        let response = self
            .authorizer
            .is_authorized(&request, &self.policies, &entities);
        let clean = response.diagnostics().errors().next().is_none();
        Some(if clean {
            response.decision()
        } else {
            Decision::Deny
        })
    }
}

fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    let name = EntityTypeName::from_str(&format!("Node::{kind}")).ok()?;
    Some(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
}

fn resource(object: &Object) -> Option<Entity> {
    let plain = |kind, id: &str| Some(Entity::new_no_attrs(uid(kind, id)?, HashSet::new()));
    let with = |kind, id: &str, attributes| {
        Entity::new(
            uid(kind, id)?,
            HashMap::from_iter(attributes),
            HashSet::new(),
        )
        .ok()
    };
    let owner = |owner: &str| {
        Some([(
            "owner".to_owned(),
            RestrictedExpression::new_entity_uid(uid("User", owner)?),
        )])
    };
    match object {
        Object::Picture => plain("Picture", "picture"),
        Object::Alarm => plain("Alarm", "alarm"),
        Object::Ledger(origin) => plain("Ledger", origin),
        Object::Kind(kind) => plain("Kind", kind),
        Object::House => plain("House", "house"),
        Object::Token { id, owner: name } => with("Token", id, owner(name)?.to_vec()),
        Object::Session { owner: name } => with("Session", name, owner(name)?.to_vec()),
        Object::Report {
            id,
            originator,
            recipients,
        } => {
            let recipients = recipients
                .iter()
                .map(|name| RestrictedExpression::new_string(name.clone()));
            with(
                "Report",
                id,
                vec![
                    (
                        "originator".to_owned(),
                        RestrictedExpression::new_string(originator.clone()),
                    ),
                    (
                        "recipients".to_owned(),
                        RestrictedExpression::new_set(recipients),
                    ),
                ],
            )
        }
    }
}

/// The built-in policies do not validate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the built-in policies do not validate: {0}")]
pub struct AuthorityError(String);

#[cfg(test)]
mod tests {
    use super::*;

    fn who(roles: &[Role]) -> Identity {
        Identity {
            name: "alice".to_owned(),
            roles: roles.iter().copied().collect(),
            read_only: false,
        }
    }

    fn objects() -> Vec<(&'static str, Object)> {
        let report = |id: &str, originator: &str, recipients: &[&str]| Object::Report {
            id: id.to_owned(),
            originator: originator.to_owned(),
            recipients: recipients.iter().map(|name| (*name).to_owned()).collect(),
        };
        let token = |owner: &str| Object::Token {
            id: "t".to_owned(),
            owner: owner.to_owned(),
        };
        vec![
            ("picture", Object::Picture),
            ("alarm", Object::Alarm),
            ("ledger", Object::Ledger("us.example".to_owned())),
            ("our report", report("r1", "US", &[])),
            ("report released to us", report("r2", "RU", &["US"])),
            ("report released to others", report("r3", "RU", &["UN"])),
            ("act", Object::Kind("operation_proposed".to_owned())),
            ("stop", Object::Kind("operation_stopped".to_owned())),
            ("house", Object::House),
            ("own token", token("alice")),
            ("another's token", token("bob")),
            (
                "own session",
                Object::Session {
                    owner: "alice".to_owned(),
                },
            ),
            (
                "another's session",
                Object::Session {
                    owner: "bob".to_owned(),
                },
            ),
        ]
    }

    /// Every role × action × object, own and foreign, as a table that people review.
    #[test]
    fn the_table_of_roles_actions_and_objects() {
        let authority = Authority::of("US").expect("policies");
        let mut table = String::new();
        for (name, object) in objects() {
            for action in Action::ALL {
                let allowed: Vec<&str> = Role::ALL
                    .into_iter()
                    .filter(|role| {
                        authority
                            .grant(&who(&[*role]), action, object.clone())
                            .is_some()
                    })
                    .map(Role::wire_name)
                    .collect();
                if !allowed.is_empty() {
                    table.push_str(&format!(
                        "{} {name}: {}\n",
                        action.wire_name(),
                        allowed.join(" ")
                    ));
                }
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn nobody_without_a_role_does_anything_but_keep_their_own() {
        let authority = Authority::of("US").expect("policies");
        for (name, object) in objects() {
            for action in Action::ALL {
                let granted = authority.grant(&who(&[]), action, object.clone()).is_some();
                assert_eq!(
                    granted,
                    name.starts_with("own ") && action == Action::Manage,
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn a_reading_token_changes_nothing_and_a_permission_names_its_object() {
        let authority = Authority::of("US").expect("policies");
        let reader = Identity {
            read_only: true,
            ..who(&Role::ALL)
        };
        for (_, object) in objects() {
            assert!(
                authority
                    .grant(&reader, Action::Submit, object.clone())
                    .is_none()
            );
            assert!(authority.grant(&reader, Action::Manage, object).is_none());
        }
        let granted = authority
            .grant(&reader, Action::Read, Object::Picture)
            .expect("granted");
        assert_eq!(
            (granted.action(), granted.object()),
            (Action::Read, &Object::Picture)
        );
    }
}
