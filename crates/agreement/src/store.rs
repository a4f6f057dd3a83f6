//! The small closed world each request is asked in.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use cedar_policy::{Entities, Entity, EntityUid, EvalResult, RestrictedExpression, Schema};
use detente_records::names::{CategoryName, ForceId};
use detente_records::{Name, Status};

use crate::case::{AreaFacts, Thing};
use crate::moment;
use crate::roster::Roster;
use crate::vocabulary::{AIRSPACE_ID, Vocabulary, uid};

/// The most worlds kept ready; each holds a few dozen entities, some tens of kilobytes.
const STORES_MAX: usize = 4_096;

/// Why no world could be built; the request is then refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("{0} is not declared")]
    Undeclared(String),
    #[error("the facts do not fit the schema: {0}")]
    Schema(String),
}

/// Builds the entities a request can reach, and keeps them for the next request like it.
///
/// Three of Cedar's silent fail-opens end here: entities are always built with the schema
/// (without it action groups vanish and articles written on `combat` stop matching), a store is
/// refused unless everything it refers to is in it (Cedar skips an article that meets a missing
/// entity), and nothing outside the request is in it, so that its size never depends on the
/// dossier's.
#[derive(Debug)]
pub(crate) struct Stores {
    roster: Roster,
    schema: Schema,
    vocabulary: Vocabulary,
    ready: Mutex<Ready>,
}

/// Worlds by who asks about what.
type Ready = BTreeMap<(ForceId, Option<Thing>), Arc<Entities>>;

/// A built world and what to ask in it.
pub(crate) struct World {
    pub(crate) entities: Arc<Entities>,
    pub(crate) resource: EntityUid,
}

impl Stores {
    pub(crate) fn new(roster: Roster, schema: Schema, vocabulary: Vocabulary) -> Self {
        Self {
            roster,
            schema,
            vocabulary,
            ready: Mutex::new(BTreeMap::new()),
        }
    }

    pub(crate) fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Returns the world of a request by `force` about `thing`, or about the airspace.
    pub(crate) fn world(
        &self,
        force: &ForceId,
        thing: Option<&Thing>,
    ) -> Result<World, StoreError> {
        let resource = self.resource(thing);
        let key = (force.clone(), thing.cloned());
        let found = self
            .ready
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        if let Some(entities) = found {
            return Ok(World { entities, resource });
        }
        let entities = Arc::new(self.build(force, thing, &resource)?);
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.len() >= STORES_MAX {
            ready.clear();
        }
        ready.insert(key, Arc::clone(&entities));
        Ok(World { entities, resource })
    }

    /// The entity a request about `thing` names. Articles cannot name single objects, movements
    /// or operations, so that alike ones share an entity.
    fn resource(&self, thing: Option<&Thing>) -> EntityUid {
        let names = &self.vocabulary;
        match thing {
            None => uid(&names.airspace, AIRSPACE_ID),
            Some(Thing::Area(area)) => uid(&names.area, area.id.as_str()),
            Some(Thing::ProtectedObject { category, .. }) => {
                uid(&names.protected_object, category.as_str())
            }
            Some(Thing::Movement { organisation }) => uid(&names.movement, organisation.as_str()),
            Some(Thing::Operation { force, .. }) => uid(&names.operation, force.as_str()),
        }
    }

    fn build(
        &self,
        force: &ForceId,
        thing: Option<&Thing>,
        resource: &EntityUid,
    ) -> Result<Entities, StoreError> {
        let mut builder = Builder {
            names: &self.vocabulary,
            roster: &self.roster,
            entities: BTreeMap::new(),
        };
        builder.agreement()?;
        builder.parties()?;
        builder.groups()?;
        builder.forces(force)?;
        match thing {
            None => builder.add(resource.clone(), [], [])?,
            Some(Thing::Area(area)) => builder.area(resource.clone(), area)?,
            Some(Thing::ProtectedObject {
                category,
                standoff_m,
                keep_out_m,
                ..
            }) => {
                builder.object(resource.clone(), category, *standoff_m, *keep_out_m)?;
            }
            Some(Thing::Movement { organisation }) => {
                let organisation =
                    RestrictedExpression::new_string(organisation.as_str().to_owned());
                builder.add(resource.clone(), [("organisation", organisation)], [])?;
            }
            Some(Thing::Operation {
                party,
                force,
                activity,
            }) => {
                builder.forces(force)?;
                let attributes = [
                    ("party", entity(uid(&self.vocabulary.party, party.as_str()))),
                    ("force", entity(uid(&self.vocabulary.force, force.as_str()))),
                    (
                        "combat",
                        RestrictedExpression::new_bool(activity.is_combat()),
                    ),
                ];
                builder.add(resource.clone(), attributes, [])?;
            }
        }
        let entities = Entities::from_entities(builder.entities.into_values(), Some(&self.schema))
            .map_err(|error| StoreError::Schema(error.to_string()))?;
        closed(&entities)?;
        Ok(entities)
    }
}

/// Returns an error unless everything the entities refer to is among them.
///
/// Members of enumerated types need not be: they have no attributes to miss.
pub(crate) fn closed(entities: &Entities) -> Result<(), StoreError> {
    for entity in entities.iter() {
        let parents = entities
            .ancestors(&entity.uid())
            .into_iter()
            .flatten()
            .cloned();
        let mut referred: Vec<EntityUid> = parents.collect();
        for (_, value) in entity.attrs() {
            match value {
                Ok(value) => references(&value, &mut referred),
                Err(error) => return Err(StoreError::Schema(error.to_string())),
            }
        }
        for reference in referred {
            let enumerated = matches!(reference.type_name().basename(), "AreaKind" | "MeasureKind");
            if !enumerated && entities.get(&reference).is_none() {
                return Err(StoreError::Undeclared(reference.to_string()));
            }
        }
    }
    Ok(())
}

fn references(value: &EvalResult, found: &mut Vec<EntityUid>) {
    match value {
        EvalResult::EntityUid(reference) => found.push(reference.clone()),
        EvalResult::Set(items) => items.iter().for_each(|item| references(item, found)),
        EvalResult::Record(fields) => fields
            .iter()
            .for_each(|(_, field)| references(field, found)),
        _ => {}
    }
}

struct Builder<'a> {
    names: &'a Vocabulary,
    roster: &'a Roster,
    entities: BTreeMap<EntityUid, Entity>,
}

impl Builder<'_> {
    fn add<const N: usize, const M: usize>(
        &mut self,
        uid: EntityUid,
        attributes: [(&str, RestrictedExpression); N],
        parents: [EntityUid; M],
    ) -> Result<(), StoreError> {
        let attributes = attributes
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        self.insert(uid, attributes, HashSet::from(parents))
    }

    fn insert(
        &mut self,
        uid: EntityUid,
        attributes: HashMap<String, RestrictedExpression>,
        parents: HashSet<EntityUid>,
    ) -> Result<(), StoreError> {
        let entity = Entity::new(uid.clone(), attributes, parents)
            .map_err(|error| StoreError::Schema(error.to_string()))?;
        self.entities.insert(uid, entity);
        Ok(())
    }

    fn agreement(&mut self) -> Result<(), StoreError> {
        let attributes = [
            (
                "inForce",
                RestrictedExpression::new_bool(self.roster.status == Status::InForce),
            ),
            (
                "suspended",
                RestrictedExpression::new_bool(self.roster.status == Status::Suspended),
            ),
        ];
        self.add(
            uid(&self.names.agreement, &self.roster.agreement),
            attributes,
            [],
        )
    }

    fn parties(&mut self) -> Result<(), StoreError> {
        for (id, party) in &self.roster.parties {
            let mut attributes = HashMap::from([
                (
                    "participant".to_owned(),
                    RestrictedExpression::new_bool(party.participant.is_some()),
                ),
                (
                    "suspended".to_owned(),
                    RestrictedExpression::new_bool(party.suspended),
                ),
                (
                    "withdrawn".to_owned(),
                    RestrictedExpression::new_bool(party.withdrawn),
                ),
            ]);
            if let Some(guarantor) = &party.guarantor {
                let guarantor = entity(uid(&self.names.party, guarantor.as_str()));
                attributes.insert("guarantor".to_owned(), guarantor);
            }
            self.insert(
                uid(&self.names.party, id.as_str()),
                attributes,
                HashSet::new(),
            )?;
        }
        Ok(())
    }

    fn groups(&mut self) -> Result<(), StoreError> {
        for group in &self.roster.groups {
            self.add(uid(&self.names.group, group.as_str()), [], [])?;
        }
        Ok(())
    }

    /// Every force: an article may ask about one it names as well as about the one that flies.
    fn forces(&mut self, asked: &ForceId) -> Result<(), StoreError> {
        if !self.roster.forces.contains_key(asked) {
            return Err(StoreError::Undeclared(format!("the force {asked}")));
        }
        for (id, entry) in &self.roster.forces {
            let party = uid(&self.names.party, entry.party.as_str());
            let groups = entry
                .groups
                .iter()
                .map(|group| uid(&self.names.group, group.as_str()));
            let within = entry
                .within
                .iter()
                .map(|parent| uid(&self.names.force, parent.as_str()));
            let parents: HashSet<EntityUid> = groups.chain(within).chain([party.clone()]).collect();
            let attributes = HashMap::from([("party".to_owned(), entity(party))]);
            self.insert(uid(&self.names.force, id.as_str()), attributes, parents)?;
        }
        Ok(())
    }

    fn area(&mut self, resource: EntityUid, area: &AreaFacts) -> Result<(), StoreError> {
        let names = self.names;
        let kinds = area.kinds();
        let kinds = kinds
            .iter()
            .map(|kind| entity(uid(&names.area_kind, kind.wire_name())));
        let consent = area
            .consent_of
            .iter()
            .map(|id| entity(uid(&names.party, id.as_str())));
        let groups = area
            .groups
            .iter()
            .map(|id| entity(uid(&names.group, id.as_str())));
        let mut attributes = HashMap::from([
            (
                "measure".to_owned(),
                entity(uid(&names.measure_kind, area.measure.wire_name())),
            ),
            ("kinds".to_owned(), RestrictedExpression::new_set(kinds)),
            (
                "consentOf".to_owned(),
                RestrictedExpression::new_set(consent),
            ),
            ("groups".to_owned(), RestrictedExpression::new_set(groups)),
            (
                "validFrom".to_owned(),
                moment::datetime_floor(area.valid_from),
            ),
        ]);
        if let Some(until) = area.valid_until {
            attributes.insert("validUntil".to_owned(), moment::datetime_floor(until));
        }
        self.insert(resource, attributes, HashSet::new())
    }

    fn object(
        &mut self,
        resource: EntityUid,
        category: &CategoryName,
        standoff_m: i64,
        keep_out_m: i64,
    ) -> Result<(), StoreError> {
        let category = uid(&self.names.category, category.as_str());
        self.add(category.clone(), [], [])?;
        let attributes = [
            ("category", entity(category.clone())),
            ("standoffM", RestrictedExpression::new_long(standoff_m)),
            ("keepOutM", RestrictedExpression::new_long(keep_out_m)),
        ];
        self.add(resource, attributes, [category])
    }
}

pub(crate) fn entity(uid: EntityUid) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(uid)
}

/// The entities of `names` as a set.
pub(crate) fn entities<'a, N: Name + 'a>(
    kind: &cedar_policy::EntityTypeName,
    names: impl IntoIterator<Item = &'a N>,
) -> RestrictedExpression {
    let members: BTreeSet<EntityUid> = names
        .into_iter()
        .map(|name| uid(kind, name.as_str()))
        .collect();
    RestrictedExpression::new_set(members.into_iter().map(entity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::schema;

    fn party(id: &str, guarantor: Option<&str>) -> Entity {
        let names = Vocabulary::new();
        let mut attributes = HashMap::from(["participant", "suspended", "withdrawn"].map(|key| {
            (
                key.to_owned(),
                RestrictedExpression::new_bool(key == "suspended"),
            )
        }));
        if let Some(guarantor) = guarantor {
            attributes.insert("guarantor".to_owned(), entity(uid(&names.party, guarantor)));
        }
        Entity::new(uid(&names.party, id), attributes, HashSet::new()).unwrap()
    }

    #[test]
    fn cedar_takes_a_store_that_points_outside_itself_and_we_do_not() {
        let schema = schema(None).unwrap();
        let build = |parties: Vec<Entity>| Entities::from_entities(parties, Some(&schema)).unwrap();
        assert_eq!(
            closed(&build(vec![party("N", Some("B")), party("B", None)])),
            Ok(())
        );
        let open = closed(&build(vec![party("N", Some("B"))]));
        assert_eq!(
            open,
            Err(StoreError::Undeclared("Detente::Party::\"B\"".to_owned()))
        );
    }

    #[test]
    fn a_parent_that_is_not_in_the_store_is_refused_too() {
        let schema = schema(None).unwrap();
        let names = Vocabulary::new();
        let attributes = HashMap::from([("party".to_owned(), entity(uid(&names.party, "B")))]);
        let parents = HashSet::from([uid(&names.group, "moderate")]);
        let force = Entity::new(uid(&names.force, "b-air"), attributes, parents).unwrap();
        let store = Entities::from_entities([force, party("B", None)], Some(&schema)).unwrap();
        assert_eq!(
            closed(&store),
            Err(StoreError::Undeclared(
                "Detente::Group::\"moderate\"".to_owned()
            ))
        );
    }

    #[test]
    fn every_store_holds_the_action_groups() {
        let toml = include_str!("../testdata/agreement.toml");
        let (agreement, _) = detente_records::Agreement::parse("agreement.toml", toml.as_bytes());
        let roster = Roster::of(&agreement.unwrap());
        let names = Vocabulary::new();
        let stores = Stores::new(roster, schema(None).unwrap(), names.clone());
        let force = ForceId::parse("north-helicopters").unwrap();
        let world = stores.world(&force, None).unwrap();
        let strike = names.action(detente_records::Activity::Strike);
        let combat = "Detente::Action::\"combat\"".parse().unwrap();
        assert!(world.entities.is_ancestor_of(&combat, &strike));
        let air_force = uid(&names.force, "north-air-force");
        assert!(
            world
                .entities
                .is_ancestor_of(&air_force, &uid(&names.force, "north-helicopters"))
        );
    }
}
