//! The schema's names as Cedar entities.

use cedar_policy::{EntityId, EntityTypeName, EntityUid};
use detente_records::Activity;

/// The namespace of the product's schema.
pub(crate) const NAMESPACE: &str = "Detente";

/// The one airspace: the resource of the request about an operation at large.
pub(crate) const AIRSPACE_ID: &str = "airspace";

/// Entity names, parsed once.
#[derive(Clone, Debug)]
pub(crate) struct Vocabulary {
    pub(crate) party: EntityTypeName,
    pub(crate) group: EntityTypeName,
    pub(crate) force: EntityTypeName,
    pub(crate) area: EntityTypeName,
    pub(crate) area_kind: EntityTypeName,
    pub(crate) measure_kind: EntityTypeName,
    pub(crate) category: EntityTypeName,
    pub(crate) protected_object: EntityTypeName,
    pub(crate) movement: EntityTypeName,
    pub(crate) operation: EntityTypeName,
    pub(crate) airspace: EntityTypeName,
    pub(crate) agreement: EntityTypeName,
    action: EntityTypeName,
}

impl Vocabulary {
    pub(crate) fn new() -> Self {
        Self {
            party: entity_type("Party"),
            group: entity_type("Group"),
            force: entity_type("Force"),
            area: entity_type("Area"),
            area_kind: entity_type("AreaKind"),
            measure_kind: entity_type("MeasureKind"),
            category: entity_type("ObjectCategory"),
            protected_object: entity_type("ProtectedObject"),
            movement: entity_type("Movement"),
            operation: entity_type("Operation"),
            airspace: entity_type("Airspace"),
            agreement: entity_type("Agreement"),
            action: entity_type("Action"),
        }
    }

    pub(crate) fn action(&self, activity: Activity) -> EntityUid {
        uid(&self.action, activity.wire_name())
    }
}

pub(crate) fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

#[expect(
    clippy::expect_used,
    reason = "the names are constants, and every test builds them all"
)]
fn entity_type(name: &str) -> EntityTypeName {
    format!("{NAMESPACE}::{name}")
        .parse()
        .expect("a valid entity type name")
}
