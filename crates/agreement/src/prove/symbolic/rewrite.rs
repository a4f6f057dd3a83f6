//! Articles rewritten for one force: what the roster fixes is put in its place, so that only what
//! is open is left to the solver.
//!
//! What the roster fixes is asked of the very entities the evaluator judges with. What is left are
//! attributes of the thing touched, facts of the operation, and the standing of parties.

use std::sync::Arc;

use cedar_policy::pst::{
    ActionConstraint, BinaryOp, Clause as Part, EntityOrSlot, EntityType, EntityUID, Expr, Literal,
    Policy, PrincipalConstraint, ResourceConstraint, UnaryOp, Var,
};
use cedar_policy::{Entities, EntityUid, EvalResult};

use super::super::encode::type_name;
use super::super::errors;
use crate::case::ResourceType;

/// Something of an article that cannot be rewritten.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an article says `{0}`, which is not put to the solver")]
pub(super) struct Unsupported(pub(super) String);

/// Facts that the request at large has of its own, kept below `context.large`.
const OWN_AT_LARGE: [&str; 4] = ["enters", "leaves", "leadTime", "certain"];
/// Attributes of parties and of the agreement that change while the articles stay.
const STANDING: [&str; 3] = ["suspended", "withdrawn", "inForce"];

/// Rewrites what is said of one request by one force.
pub(super) struct Rewriter<'a> {
    /// The world of a request by the force, without anything touched.
    pub(super) entities: &'a Entities,
    /// The schema's actions, with their groups.
    pub(super) actions: &'a Entities,
    pub(super) kind: ResourceType,
    pub(super) principal: EntityUID,
    pub(super) action: EntityUID,
    pub(super) airspace: EntityUID,
    pub(super) agreement: EntityUID,
    pub(super) party: EntityUID,
    pub(super) participant: EntityUID,
    pub(super) participants: Vec<EntityUID>,
    /// The force whose operation is met, and its party.
    pub(super) other: Option<(EntityUID, EntityUID)>,
}

impl Rewriter<'_> {
    /// When `policy` applies, as one expression.
    pub(super) fn applies(&self, policy: &Policy) -> Result<Expr, Unsupported> {
        let mut found = self.scope(policy)?;
        for part in policy.body().clauses() {
            if is(&found, false) {
                break;
            }
            let condition = match part {
                Part::When(condition) => self.expression(condition)?,
                Part::Unless(condition) => not(self.expression(condition)?),
            };
            found = and(found, condition);
        }
        Ok(found)
    }

    fn scope(&self, policy: &Policy) -> Result<Expr, Unsupported> {
        let body = policy.body();
        let action = match &body.action {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(action) => *action == self.action,
            ActionConstraint::In(groups) => groups
                .iter()
                .any(|group| below(self.actions, &self.action, group)),
        };
        let principal = match &body.principal {
            PrincipalConstraint::Any => true,
            PrincipalConstraint::Eq(entity) => *named(entity)? == self.principal,
            PrincipalConstraint::In(entity) => {
                below(self.entities, &self.principal, named(entity)?)
            }
            PrincipalConstraint::Is(kind) => *kind == self.principal.ty,
            PrincipalConstraint::IsIn(kind, entity) => {
                *kind == self.principal.ty && below(self.entities, &self.principal, named(entity)?)
            }
        };
        if !(action && principal) {
            return Ok(constant(false));
        }
        Ok(match &body.resource {
            ResourceConstraint::Any => constant(true),
            ResourceConstraint::Eq(entity) => self.resource_is(named(entity)?),
            ResourceConstraint::In(entity) => self.resource_below(named(entity)?),
            ResourceConstraint::Is(kind) => constant(self.is_resource(kind)),
            ResourceConstraint::IsIn(kind, entity) => and(
                constant(self.is_resource(kind)),
                self.resource_below(named(entity)?),
            ),
        })
    }

    fn is_resource(&self, kind: &EntityType) -> bool {
        type_name(kind) == self.kind.name()
    }

    fn resource_is(&self, entity: &EntityUID) -> Expr {
        if !self.is_resource(&entity.ty) {
            return constant(false);
        }
        if self.kind == ResourceType::Airspace {
            return constant(*entity == self.airspace);
        }
        binary(BinaryOp::Eq, Expr::Var(Var::Resource), literal(entity))
    }

    /// Things are below nothing but themselves, and protected objects below their category.
    fn resource_below(&self, entity: &EntityUID) -> Expr {
        if self.kind == ResourceType::ProtectedObject && type_name(&entity.ty) == "ObjectCategory" {
            let category = attribute(Expr::Var(Var::Resource), "category");
            return binary(BinaryOp::Eq, category, literal(entity));
        }
        self.resource_is(entity)
    }

    pub(super) fn expression(&self, expression: &Expr) -> Result<Expr, Unsupported> {
        let unsupported = || Err(Unsupported(expression.to_string()));
        Ok(match expression {
            Expr::Literal(_) => expression.clone(),
            Expr::Var(Var::Principal) => literal(&self.principal),
            Expr::Var(Var::Action) => literal(&self.action),
            Expr::Var(Var::Resource) if self.kind == ResourceType::Airspace => {
                literal(&self.airspace)
            }
            Expr::Var(Var::Resource) => Expr::Var(Var::Resource),
            Expr::GetAttr { expr, attr } => match &**expr {
                Expr::Var(Var::Context) => self.fact(attr).map_or_else(unsupported, Ok)?,
                other => {
                    let of = self.expression(other)?;
                    self.attribute(of, attr)
                }
            },
            Expr::HasAttr { expr, attrs } => {
                let mut of = match &**expr {
                    Expr::Var(Var::Context) if attrs.tail.is_empty() => {
                        return Ok(constant(self.fact(&attrs.head).is_some()));
                    }
                    Expr::Var(Var::Context) => return unsupported(),
                    other => self.expression(other)?,
                };
                let mut found = constant(true);
                for attr in attrs.iter() {
                    let here = match self.has(&of, attr) {
                        Some(here) => constant(here),
                        None if attrs.tail.is_empty() => Expr::HasAttr {
                            expr: Arc::new(of.clone()),
                            attrs: attrs.clone(),
                        },
                        None => return unsupported(),
                    };
                    found = and(found, here);
                    if is(&found, false) {
                        break;
                    }
                    of = self.attribute(of, attr);
                }
                found
            }
            Expr::UnaryOp {
                op: UnaryOp::Not,
                expr,
            } => not(self.expression(expr)?),
            Expr::UnaryOp { op, expr } => Expr::UnaryOp {
                op: *op,
                expr: Arc::new(self.expression(expr)?),
            },
            Expr::BinaryOp { op, left, right } => {
                let left = self.expression(left)?;
                match op {
                    BinaryOp::And if is(&left, false) => left,
                    BinaryOp::Or if is(&left, true) => left,
                    BinaryOp::And => and(left, self.expression(right)?),
                    BinaryOp::Or => or(left, self.expression(right)?),
                    BinaryOp::In => {
                        let right = self.expression(right)?;
                        self.inside(left, right)
                    }
                    _ => binary(*op, left, self.expression(right)?),
                }
            }
            Expr::Like { expr, pattern } => Expr::Like {
                expr: Arc::new(self.expression(expr)?),
                pattern: pattern.clone(),
            },
            Expr::Is {
                expr,
                entity_type,
                in_expr,
            } => {
                let of = self.expression(expr)?;
                let kind = match &of {
                    Expr::Literal(Literal::EntityUID(entity)) => {
                        constant(entity.ty == *entity_type)
                    }
                    Expr::Var(Var::Resource) => constant(self.is_resource(entity_type)),
                    _ => Expr::Is {
                        expr: Arc::new(of.clone()),
                        entity_type: entity_type.clone(),
                        in_expr: None,
                    },
                };
                match in_expr {
                    Some(_) if is(&kind, false) => kind,
                    Some(parent) => {
                        let parent = self.expression(parent)?;
                        and(kind, self.inside(of, parent))
                    }
                    None => kind,
                }
            }
            Expr::IfThenElse {
                cond,
                then_expr,
                else_expr,
            } => {
                let condition = self.expression(cond)?;
                if is(&condition, true) {
                    return self.expression(then_expr);
                }
                if is(&condition, false) {
                    return self.expression(else_expr);
                }
                Expr::IfThenElse {
                    cond: Arc::new(condition),
                    then_expr: Arc::new(self.expression(then_expr)?),
                    else_expr: Arc::new(self.expression(else_expr)?),
                }
            }
            Expr::Set(items) => {
                let items: Result<Vec<Arc<Expr>>, Unsupported> = items
                    .iter()
                    .map(|item| self.expression(item).map(Arc::new))
                    .collect();
                Expr::Set(items?)
            }
            Expr::Record(fields) => {
                let mut rewritten = std::collections::BTreeMap::new();
                for (name, field) in fields {
                    rewritten.insert(name.clone(), Arc::new(self.expression(field)?));
                }
                Expr::Record(rewritten)
            }
            _ => return unsupported(),
        })
    }

    /// A fact of the operation, by its name in the product's schema.
    fn fact(&self, name: &str) -> Option<Expr> {
        let context = Expr::Var(Var::Context);
        Some(match name {
            "agreement" => literal(&self.agreement),
            "party" => literal(&self.party),
            "participant" => literal(&self.participant),
            "participants" => Expr::Set(
                self.participants
                    .iter()
                    .map(|entity| Arc::new(literal(entity)))
                    .collect(),
            ),
            "distanceM" if self.kind == ResourceType::Airspace => Expr::Literal(Literal::Long(0)),
            own if OWN_AT_LARGE.contains(&own) && self.kind == ResourceType::Airspace => {
                attribute(attribute(context, "large"), own)
            }
            "consents" | "notified" | "areas" | "areaKinds" | "measures" | "groups"
            | "distanceM" | "nearestProtectedM" => attribute(context, name),
            own if OWN_AT_LARGE.contains(&own) => attribute(context, own),
            _ => return None,
        })
    }

    fn attribute(&self, of: Expr, attr: &str) -> Expr {
        if let (Expr::Var(Var::Resource), Some((force, party))) = (&of, &self.other) {
            match attr {
                "force" => return literal(force),
                "party" => return literal(party),
                _ => {}
            }
        }
        if let Some(value) = self.stored(&of, attr) {
            match value {
                EvalResult::Bool(value) => return constant(value),
                EvalResult::EntityUid(entity) => {
                    if let Some(entity) = uid(&entity) {
                        return literal(&entity);
                    }
                }
                _ => {}
            }
        }
        attribute(of, attr)
    }

    /// Whether an entity has an attribute, where that is fixed.
    fn has(&self, of: &Expr, attr: &str) -> Option<bool> {
        match of {
            Expr::Literal(Literal::EntityUID(entity)) if fixed(entity) => {
                let found = stored_entity(self.entities, entity);
                Some(found.is_some_and(|entity| entity.attr(attr).is_some()))
            }
            // Of the thing touched everything declared is there but what may be missing.
            Expr::Var(Var::Resource) if attr != "validUntil" => {
                let all: &[&str] = match self.kind {
                    ResourceType::Area => &["measure", "kinds", "consentOf", "groups", "validFrom"],
                    ResourceType::ProtectedObject => &["category", "standoffM", "keepOutM"],
                    ResourceType::Movement => &["organisation"],
                    ResourceType::Operation => &["party", "force", "combat"],
                    ResourceType::Airspace => &[],
                };
                Some(all.contains(&attr))
            }
            _ => None,
        }
    }

    /// What the evaluator's own entities say, where that does not change with time.
    fn stored(&self, of: &Expr, attr: &str) -> Option<EvalResult> {
        let Expr::Literal(Literal::EntityUID(entity)) = of else {
            return None;
        };
        if !fixed(entity) || STANDING.contains(&attr) {
            return None;
        }
        stored_entity(self.entities, entity)?.attr(attr)?.ok()
    }

    fn inside(&self, one: Expr, other: Expr) -> Expr {
        let parents: Option<Vec<EntityUID>> = match &other {
            Expr::Literal(Literal::EntityUID(parent)) => Some(vec![parent.clone()]),
            Expr::Set(items) => items
                .iter()
                .map(|item| match &**item {
                    Expr::Literal(Literal::EntityUID(parent)) => Some(parent.clone()),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        match (&one, parents) {
            (Expr::Literal(Literal::EntityUID(entity)), Some(parents)) if fixed(entity) => {
                constant(
                    parents
                        .iter()
                        .any(|parent| below(self.entities, entity, parent)),
                )
            }
            (Expr::Literal(Literal::EntityUID(entity)), Some(parents))
                if type_name(&entity.ty) == "Action" =>
            {
                constant(
                    parents
                        .iter()
                        .any(|parent| below(self.actions, entity, parent)),
                )
            }
            (Expr::Var(Var::Resource), Some(parents)) => any(parents
                .iter()
                .map(|parent| self.resource_below(parent))
                .collect()),
            _ => binary(BinaryOp::In, one, other),
        }
    }
}

/// Whether the evaluator's entities always hold `entity`.
fn fixed(entity: &EntityUID) -> bool {
    matches!(
        type_name(&entity.ty).as_str(),
        "Party" | "Force" | "Group" | "Agreement"
    )
}

fn stored_entity(entities: &Entities, entity: &EntityUID) -> Option<cedar_policy::Entity> {
    entities.get(&cedar_uid(entity)?).cloned()
}

fn below(entities: &Entities, entity: &EntityUID, parent: &EntityUID) -> bool {
    if entity == parent {
        return true;
    }
    match (cedar_uid(entity), cedar_uid(parent)) {
        (Some(entity), Some(parent)) => entities
            .ancestors(&entity)
            .is_some_and(|mut above| above.any(|above| *above == parent)),
        _ => false,
    }
}

fn cedar_uid(entity: &EntityUID) -> Option<EntityUid> {
    let kind = entity.ty.to_string().parse().ok()?;
    Some(EntityUid::from_type_name_and_id(
        kind,
        cedar_policy::EntityId::new(entity.eid.as_str()),
    ))
}

/// An entity of Cedar's in the words of its syntax trees.
pub(super) fn uid(entity: &EntityUid) -> Option<EntityUID> {
    let path: Vec<&str> = entity.type_name().namespace_components().collect();
    let name = cedar_policy::pst::Name::qualified(path, entity.type_name().basename()).ok()?;
    Some(EntityUID {
        ty: EntityType::from_name(name),
        eid: entity.id().unescaped().into(),
    })
}

fn named(entity: &EntityOrSlot) -> Result<&EntityUID, Unsupported> {
    match entity {
        EntityOrSlot::Entity(entity) => Ok(entity),
        EntityOrSlot::Slot(slot) => Err(Unsupported(slot.to_string())),
    }
}

/// Whether the operation is inside the keep-out of the object asked about.
pub(super) fn conflict() -> Expr {
    attribute(Expr::Var(Var::Context), "conflict")
}

pub(super) fn constant(value: bool) -> Expr {
    Expr::Literal(Literal::Bool(value))
}

pub(super) fn is(expression: &Expr, value: bool) -> bool {
    matches!(expression, Expr::Literal(Literal::Bool(found)) if *found == value)
}

fn literal(entity: &EntityUID) -> Expr {
    Expr::Literal(Literal::EntityUID(entity.clone()))
}

fn attribute(of: Expr, attr: &str) -> Expr {
    Expr::GetAttr {
        expr: Arc::new(of),
        attr: attr.into(),
    }
}

fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    Expr::BinaryOp {
        op,
        left: Arc::new(left),
        right: Arc::new(right),
    }
}

pub(super) fn not(expression: Expr) -> Expr {
    match expression {
        Expr::Literal(Literal::Bool(value)) => constant(!value),
        Expr::UnaryOp {
            op: UnaryOp::Not,
            expr,
        } => (*expr).clone(),
        other => Expr::UnaryOp {
            op: UnaryOp::Not,
            expr: Arc::new(other),
        },
    }
}

/// What Cedar makes of `left && right`, constants worked out where that hides no error.
pub(super) fn and(left: Expr, right: Expr) -> Expr {
    if is(&left, false) || is(&right, true) {
        return left;
    }
    if is(&left, true) || (is(&right, false) && !errors::expression(&left)) {
        return right;
    }
    binary(BinaryOp::And, left, right)
}

/// What Cedar makes of `left || right`, constants worked out where that hides no error.
pub(super) fn or(left: Expr, right: Expr) -> Expr {
    if is(&left, true) || is(&right, false) {
        return left;
    }
    if is(&left, false) || (is(&right, true) && !errors::expression(&left)) {
        return right;
    }
    binary(BinaryOp::Or, left, right)
}

/// One of `parts`, as a tree no deeper than it must be.
pub(super) fn any(mut parts: Vec<Expr>) -> Expr {
    parts.retain(|part| !is(part, false));
    while parts.len() > 1 {
        let mut joined = Vec::with_capacity(parts.len().div_ceil(2));
        let mut rest = parts.into_iter();
        while let Some(left) = rest.next() {
            joined.push(match rest.next() {
                Some(right) => or(left, right),
                None => left,
            });
        }
        parts = joined;
    }
    parts.pop().unwrap_or_else(|| constant(false))
}
