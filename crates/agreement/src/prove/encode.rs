//! Articles as formulas: what a clause says of the facts left open.

use std::collections::BTreeSet;

use cedar_policy::pst::{
    ActionConstraint, BinaryOp, Clause as Part, EntityOrSlot, EntityType, EntityUID, Expr, Literal,
    PatternElem, Policy, PrincipalConstraint, ResourceConstraint, UnaryOp, Var,
};

use super::formula::{Atoms, Formula, all, any};
use super::literal;
use super::symbol::{
    Choice, Entity, Text, Value, at_most, equal, like, meet, member_of, subset, sum, within,
};
use super::text::Pattern;
use super::world::{Scene, World};
use crate::case::ResourceType;
use crate::vocabulary::NAMESPACE;

/// Encodes clauses as they apply to one request.
pub(super) struct Encoder<'e, 'w> {
    pub(super) world: &'w World<'w>,
    pub(super) atoms: &'e mut Atoms,
    pub(super) scene: Scene,
}

impl Encoder<'_, '_> {
    /// When the clause applies: scope and conditions together.
    pub(super) fn applies(&mut self, policy: &Policy) -> Formula {
        let scope = self.scope(policy);
        if scope == Formula::FALSE {
            return scope;
        }
        let conditions = self.conditions(policy, |_| true);
        scope.and(conditions)
    }

    /// The `when` parts alone, or the `unless` parts alone, each as it must be for the clause to
    /// apply.
    pub(super) fn conditions(&mut self, policy: &Policy, keep: impl Fn(&Part) -> bool) -> Formula {
        let parts: Vec<Formula> = policy
            .body()
            .clauses()
            .iter()
            .filter(|part| keep(part))
            .map(|part| match part {
                Part::When(condition) => self.truth(condition),
                Part::Unless(condition) => !self.truth(condition),
            })
            .collect();
        all(parts)
    }

    pub(super) fn scope(&mut self, policy: &Policy) -> Formula {
        let body = policy.body();
        let action = match &body.action {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(action) => {
                name(action) == Entity::new("Action", self.scene.activity.wire_name())
            }
            ActionConstraint::In(actions) => {
                let own = self.actions();
                actions.iter().any(|action| own.contains(&name(action)))
            }
        };
        if !action {
            return Formula::FALSE;
        }
        let principal = Value::Entity(self.world.principal(self.atoms));
        let principal = match &body.principal {
            PrincipalConstraint::Any => Formula::TRUE,
            PrincipalConstraint::Eq(entity) => self.same(&principal, entity),
            PrincipalConstraint::In(entity) => self.below(&principal, entity),
            PrincipalConstraint::Is(kind) => Formula::Constant(type_name(kind) == "Force"),
            PrincipalConstraint::IsIn(kind, entity) => {
                Formula::Constant(type_name(kind) == "Force").and(self.below(&principal, entity))
            }
        };
        let resource = self.world.resource(self.atoms, self.scene);
        let kind_is = |kind: &EntityType, scene: Scene| {
            Formula::Constant(type_name(kind) == scene.kind.name())
        };
        let resource = match &body.resource {
            ResourceConstraint::Any => Formula::TRUE,
            ResourceConstraint::Eq(entity) => self.same(&resource, entity),
            ResourceConstraint::In(entity) => self.below(&resource, entity),
            ResourceConstraint::Is(kind) => kind_is(kind, self.scene),
            ResourceConstraint::IsIn(kind, entity) => {
                kind_is(kind, self.scene).and(self.below(&resource, entity))
            }
        };
        principal.and(resource)
    }

    fn same(&mut self, value: &Value, entity: &EntityOrSlot) -> Formula {
        match entity {
            EntityOrSlot::Entity(entity) => {
                let entity = Value::entity(name(entity));
                equal(self.atoms, value, &entity).unwrap_or(Formula::FALSE)
            }
            EntityOrSlot::Slot(_) => self.atoms.opaque("slot"),
        }
    }

    fn below(&mut self, value: &Value, entity: &EntityOrSlot) -> Formula {
        match entity {
            EntityOrSlot::Entity(entity) => {
                let entity = Value::entity(name(entity));
                self.inside(value, &entity).unwrap_or(Formula::FALSE)
            }
            EntityOrSlot::Slot(_) => self.atoms.opaque("slot"),
        }
    }

    /// The truth of a condition; what is not understood is a fact of its own, free to be either.
    fn truth(&mut self, expression: &Expr) -> Formula {
        match self.value(expression) {
            Value::Truth(formula) => formula,
            _ => self.opaque(expression),
        }
    }

    fn opaque(&mut self, expression: &Expr) -> Formula {
        let text = format!("{}{expression}", self.world.version);
        let text = self.scene.own(&text);
        self.atoms.opaque(text)
    }

    fn value(&mut self, expression: &Expr) -> Value {
        match expression {
            Expr::Literal(Literal::Bool(value)) => Value::Truth(Formula::Constant(*value)),
            Expr::Literal(Literal::Long(value)) => Value::constant(i128::from(*value)),
            Expr::Literal(Literal::String(text)) => {
                Value::Text(vec![(Formula::TRUE, Text::Literal(text.to_string()))])
            }
            Expr::Literal(Literal::EntityUID(entity)) => Value::entity(name(entity)),
            Expr::Var(Var::Principal) => Value::Entity(self.world.principal(self.atoms)),
            Expr::Var(Var::Action) => {
                Value::entity(Entity::new("Action", self.scene.activity.wire_name()))
            }
            Expr::Var(Var::Resource) => self.world.resource(self.atoms, self.scene),
            Expr::Var(Var::Context) => Value::Context,
            Expr::GetAttr { expr, attr } => {
                let of = self.value(expr);
                self.attribute(&of, attr)
            }
            Expr::HasAttr { expr, attrs } => {
                let mut of = self.value(expr);
                let mut found = Vec::new();
                for attr in attrs.iter() {
                    found.push(self.has(&of, attr));
                    of = self.attribute(&of, attr);
                }
                match found.into_iter().collect::<Option<Vec<_>>>() {
                    Some(found) => Value::Truth(all(found)),
                    None => Value::Opaque,
                }
            }
            Expr::UnaryOp { op, expr } => self.unary(*op, expr),
            Expr::BinaryOp {
                op:
                    op @ (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Offset | BinaryOp::DurationSince),
                left,
                right,
            } => {
                let (left, right) = (self.value(left), self.value(right));
                let subtract = matches!(op, BinaryOp::Sub | BinaryOp::DurationSince);
                sum(&left, &right, subtract).unwrap_or(Value::Opaque)
            }
            Expr::BinaryOp { op, left, right } => self
                .binary(*op, left, right)
                .map_or(Value::Opaque, Value::Truth),
            Expr::Is {
                expr,
                entity_type,
                in_expr,
            } => {
                let value = self.value(expr);
                let below = in_expr.as_ref().map(|parent| {
                    let parent = self.value(parent);
                    self.inside(&value, &parent)
                });
                let Value::Entity(choice) = &value else {
                    return Value::Opaque;
                };
                let wanted = type_name(entity_type);
                let kind = any(choice
                    .iter()
                    .filter(|(_, entity)| entity.kind == wanted)
                    .map(|(when, _)| when.clone()));
                match below {
                    None => Value::Truth(kind),
                    Some(Some(below)) => Value::Truth(kind.and(below)),
                    Some(None) => Value::Opaque,
                }
            }
            Expr::IfThenElse {
                cond,
                then_expr,
                else_expr,
            } => {
                let condition = self.truth(cond);
                let (then, other) = (self.value(then_expr), self.value(else_expr));
                then.or_else(&condition, other)
            }
            Expr::Set(items) => {
                let mut set = std::collections::BTreeMap::new();
                for item in items {
                    let Value::Entity(choice) = self.value(item) else {
                        return Value::Opaque;
                    };
                    for (when, entity) in choice {
                        let known = set.remove(&entity).unwrap_or(Formula::FALSE);
                        set.insert(entity, known.or(when));
                    }
                }
                Value::Set(set)
            }
            Expr::Like { expr, pattern } => {
                let of = self.value(expr);
                let pattern: Pattern = pattern
                    .iter()
                    .map(|part| match part {
                        PatternElem::Char(character) => Some(*character),
                        PatternElem::Wildcard => None,
                    })
                    .collect();
                like(self.atoms, &of, &pattern).map_or(Value::Opaque, Value::Truth)
            }
            _ => Value::Opaque,
        }
    }

    fn unary(&mut self, op: UnaryOp, expression: &Expr) -> Value {
        match (op, expression) {
            (UnaryOp::Neg, _) => {
                let of = self.value(expression);
                sum(&Value::constant(0), &of, true).unwrap_or(Value::Opaque)
            }
            // A duration is its milliseconds.
            (UnaryOp::ToMilliseconds, _) => self.value(expression),
            (UnaryOp::Not, _) => Value::Truth(!self.truth(expression)),
            (UnaryOp::IsEmpty, _) => match self.value(expression) {
                Value::Set(set) => Value::Truth(!any(set.into_values())),
                _ => Value::Opaque,
            },
            (UnaryOp::Datetime, Expr::Literal(Literal::String(text))) => {
                literal::datetime(text).map_or(Value::Opaque, Value::constant)
            }
            (UnaryOp::Duration, Expr::Literal(Literal::String(text))) => {
                literal::duration(text).map_or(Value::Opaque, Value::constant)
            }
            _ => Value::Opaque,
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Option<Formula> {
        match op {
            BinaryOp::And => return Some(self.truth(left).and(self.truth(right))),
            BinaryOp::Or => return Some(self.truth(left).or(self.truth(right))),
            // Membership in a set written out is being equal to one of its members, whatever they are.
            BinaryOp::Contains => {
                if let Expr::Set(items) = left {
                    let wanted = self.value(right);
                    let mut found = Vec::new();
                    for item in items {
                        let item = self.value(item);
                        found.push(equal(self.atoms, &item, &wanted)?);
                    }
                    return Some(any(found));
                }
            }
            _ => {}
        }
        let (left, right) = (self.value(left), self.value(right));
        match op {
            BinaryOp::Eq => equal(self.atoms, &left, &right),
            BinaryOp::NotEq => equal(self.atoms, &left, &right).map(|same| !same),
            BinaryOp::Less => at_most(self.atoms, &left, &right, -1),
            BinaryOp::LessEq => at_most(self.atoms, &left, &right, 0),
            BinaryOp::Greater => at_most(self.atoms, &right, &left, -1),
            BinaryOp::GreaterEq => at_most(self.atoms, &right, &left, 0),
            BinaryOp::In => self.inside(&left, &right),
            BinaryOp::Contains => match (&left, &right) {
                (Value::Set(set), Value::Entity(choice)) => Some(any(choice
                    .iter()
                    .map(|(when, entity)| when.clone().and(member_of(set, entity))))),
                _ => None,
            },
            BinaryOp::ContainsAll => match (&left, &right) {
                (Value::Set(set), Value::Set(wanted)) => Some(subset(wanted, set)),
                _ => None,
            },
            BinaryOp::ContainsAny => match (&left, &right) {
                (Value::Set(set), Value::Set(wanted)) => Some(meet(wanted, set)),
                _ => None,
            },
            _ => None,
        }
    }

    /// `one in other`, where `other` is an entity or a set of them.
    fn inside(&mut self, one: &Value, other: &Value) -> Option<Formula> {
        let Value::Entity(one) = one else { return None };
        if self.elsewhere(one) {
            return None;
        }
        let others: Vec<Choice<Entity>> = match other {
            Value::Entity(choice) => vec![choice.clone()],
            Value::Set(set) => set
                .iter()
                .map(|(entity, member)| vec![(member.clone(), entity.clone())])
                .collect(),
            _ => return None,
        };
        let found: Vec<Formula> = others
            .iter()
            .map(|other| self.inside_choice(one, other))
            .collect();
        Some(any(found))
    }

    fn inside_choice(&mut self, one: &Choice<Entity>, other: &Choice<Entity>) -> Formula {
        let object = one
            .iter()
            .any(|(_, entity)| entity.kind == "ProtectedObject");
        if object && self.scene.kind == ResourceType::ProtectedObject {
            // What a protected object is in depends on its category.
            let categories: Vec<String> = self.world.categories().map(str::to_owned).collect();
            let parts = categories.into_iter().map(|category| {
                let is = self.atoms.fact(format!("category is {category}"));
                is.and(within(one, other, |entity| {
                    self.world.above(entity, Some(&category))
                }))
            });
            return any(parts.collect::<Vec<_>>());
        }
        let actions = self.actions();
        within(one, other, |entity| {
            if entity.kind == "Action" {
                actions.clone()
            } else {
                self.world.above(entity, None)
            }
        })
    }

    /// Whether `choice` may be a thing other than the one touched: of that nothing is known here,
    /// since a request's world holds one thing only.
    fn elsewhere(&mut self, choice: &Choice<Entity>) -> bool {
        let known = |entity: &Entity| {
            matches!(
                entity.kind.as_str(),
                "Party"
                    | "Force"
                    | "Group"
                    | "Agreement"
                    | "Action"
                    | "AreaKind"
                    | "MeasureKind"
                    | "ObjectCategory"
            )
        };
        if choice.iter().all(|(_, entity)| known(entity)) {
            return false;
        }
        let resource = self.world.resource(self.atoms, self.scene);
        !matches!(resource, Value::Entity(resource) if resource == *choice)
    }

    /// The activity asked about and the groups it is in.
    fn actions(&self) -> BTreeSet<Entity> {
        let activity = self.scene.activity;
        let group = if activity.is_combat() {
            "combat"
        } else {
            "nonCombat"
        };
        [activity.wire_name(), group, "airOperation"]
            .map(|id| Entity::new("Action", id))
            .into()
    }

    fn attribute(&mut self, of: &Value, attribute: &str) -> Value {
        match of {
            Value::Context => self
                .world
                .context(self.atoms, self.scene, attribute)
                .unwrap_or(Value::Opaque),
            Value::Entity(choice) if self.elsewhere(choice) => Value::Opaque,
            Value::Entity(choice) => {
                let mut found: Option<Value> = None;
                for (when, entity) in choice {
                    // An entity without the attribute is one a `has` before has ruled out.
                    let Some(value) = self
                        .world
                        .attribute(self.atoms, self.scene, entity, attribute)
                    else {
                        continue;
                    };
                    found = Some(match found {
                        None => value,
                        Some(others) => value.or_else(when, others),
                    });
                }
                found.unwrap_or(Value::Opaque)
            }
            _ => Value::Opaque,
        }
    }

    fn has(&mut self, of: &Value, attribute: &str) -> Option<Formula> {
        match of {
            Value::Context => Some(Formula::Constant(
                self.world
                    .context(self.atoms, self.scene, attribute)
                    .is_some(),
            )),
            Value::Entity(choice) if self.elsewhere(choice) => None,
            Value::Entity(choice) => Some(any(choice
                .iter()
                .map(|(when, entity)| {
                    when.clone()
                        .and(self.world.has(self.atoms, self.scene, entity, attribute))
                })
                .collect::<Vec<_>>())),
            _ => None,
        }
    }
}

fn name(entity: &EntityUID) -> Entity {
    Entity::new(&type_name(&entity.ty), &entity.eid)
}

/// The name a type goes by here: the last part for the product's own, the whole for others.
pub(super) fn type_name(kind: &EntityType) -> String {
    match kind.0.namespace.as_slice() {
        [only] if only.as_str() == NAMESPACE => kind.0.id.as_str().to_owned(),
        _ => kind.0.to_string(),
    }
}
