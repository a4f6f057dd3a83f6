//! Values of expressions in a world where most facts are open: each possible value with the
//! condition under which it is the value.

use std::collections::{BTreeMap, BTreeSet};

use super::formula::{Atoms, Formula, NumberId, ZERO, all, any};
use super::text::{self, Pattern};

/// An entity, by its type and its id. The product's own types go by the last part of their name,
/// those that a dossier adds by the whole of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entity {
    pub(super) kind: String,
    pub(super) id: String,
}

impl Entity {
    pub(super) fn new(kind: &str, id: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            id: id.to_owned(),
        }
    }
}

/// A whole number: one quantity less another, and something added. Either quantity may be zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term {
    pub(super) number: NumberId,
    pub(super) less: NumberId,
    pub(super) plus: i128,
}

impl Term {
    pub(super) fn constant(value: i128) -> Self {
        Self {
            number: ZERO,
            less: ZERO,
            plus: value,
        }
    }

    pub(super) fn of(number: NumberId) -> Self {
        Self {
            number,
            less: ZERO,
            plus: 0,
        }
    }

    fn negated(self) -> Self {
        Self {
            number: self.less,
            less: self.number,
            plus: -self.plus,
        }
    }

    /// The sum, where it is again a difference of two quantities.
    fn plus(self, other: Self) -> Option<Self> {
        let mut more = vec![self.number, other.number];
        let mut less = vec![self.less, other.less];
        // What is added and taken away again cancels; zero counts for nothing.
        more.retain(
            |number| match less.iter().position(|other| other == number) {
                Some(at) => {
                    less.swap_remove(at);
                    false
                }
                None => true,
            },
        );
        let only = |mut numbers: Vec<NumberId>| {
            numbers.retain(|number| *number != ZERO);
            match numbers.as_slice() {
                [] => Some(ZERO),
                [only] => Some(*only),
                _ => None,
            }
        };
        Some(Self {
            number: only(more)?,
            less: only(less)?,
            plus: self.plus.checked_add(other.plus)?,
        })
    }
}

/// `one + other`, or `one - other`; `None` when that is not known here.
pub(super) fn sum(one: &Value, other: &Value, subtract: bool) -> Option<Value> {
    let (Value::Number(one), Value::Number(other)) = (one, other) else {
        return None;
    };
    let mut joined: BTreeMap<Term, Formula> = BTreeMap::new();
    for (when, left) in one {
        for (and, right) in other {
            let both = when.clone().and(and.clone());
            if both == Formula::FALSE {
                continue;
            }
            let right = if subtract { right.negated() } else { *right };
            let known = joined.remove(&left.plus(right)?).unwrap_or(Formula::FALSE);
            joined.insert(left.plus(right)?, known.or(both));
        }
    }
    Some(Value::Number(
        joined
            .into_iter()
            .map(|(value, when)| (when, value))
            .collect(),
    ))
}

/// Possible values, each with its condition; exactly one condition is true.
pub(super) type Choice<T> = Vec<(Formula, T)>;

/// The value of an expression.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Truth(Formula),
    Entity(Choice<Entity>),
    Number(Choice<Term>),
    /// A text known only by which literals it equals: the name of the unknown, or a literal.
    Text(Choice<Text>),
    /// Each entity that may be in the set, with the condition under which it is.
    Set(BTreeMap<Entity, Formula>),
    /// The request's context.
    Context,
    /// Something this analysis does not look into.
    Opaque,
}

/// A text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Text {
    Literal(String),
    /// Whatever text the named fact has.
    Unknown(String),
}

impl Value {
    pub(super) fn entity(entity: Entity) -> Self {
        Self::Entity(vec![(Formula::TRUE, entity)])
    }

    pub(super) fn constant(value: i128) -> Self {
        Self::Number(vec![(Formula::TRUE, Term::constant(value))])
    }

    pub(super) fn number(number: NumberId) -> Self {
        Self::Number(vec![(Formula::TRUE, Term::of(number))])
    }

    /// `self` where `condition` is true, else `other`.
    pub(super) fn or_else(self, condition: &Formula, other: Self) -> Self {
        let not = !condition.clone();
        match (self, other) {
            (Self::Truth(one), Self::Truth(two)) => {
                Self::Truth(condition.clone().and(one).or(not.and(two)))
            }
            (Self::Entity(one), Self::Entity(two)) => {
                Self::Entity(merged(condition, &not, one, two))
            }
            (Self::Number(one), Self::Number(two)) => {
                Self::Number(merged(condition, &not, one, two))
            }
            (Self::Text(one), Self::Text(two)) => Self::Text(merged(condition, &not, one, two)),
            (Self::Set(one), Self::Set(two)) => {
                let mut joined = BTreeMap::new();
                for (guard, set) in [(condition, one), (&not, two)] {
                    for (entity, member) in set {
                        let here = guard.clone().and(member);
                        let known = joined.remove(&entity).unwrap_or(Formula::FALSE);
                        joined.insert(entity, here.or(known));
                    }
                }
                Self::Set(joined)
            }
            _ => Self::Opaque,
        }
    }
}

fn merged<T: Clone + Ord>(
    condition: &Formula,
    not: &Formula,
    one: Choice<T>,
    two: Choice<T>,
) -> Choice<T> {
    let mut joined: BTreeMap<T, Formula> = BTreeMap::new();
    for (guard, choice) in [(condition, one), (not, two)] {
        for (when, value) in choice {
            let here = guard.clone().and(when);
            let known = joined.remove(&value).unwrap_or(Formula::FALSE);
            joined.insert(value, here.or(known));
        }
    }
    joined
        .into_iter()
        .map(|(value, when)| (when, value))
        .collect()
}

/// Whether a text has the form of `pattern`; `None` when that is not known here.
pub(super) fn like(atoms: &mut Atoms, text: &Value, pattern: &Pattern) -> Option<Formula> {
    let Value::Text(choice) = text else {
        return None;
    };
    Some(any(choice
        .iter()
        .map(|(when, text)| {
            when.clone().and(match text {
                Text::Literal(text) => Formula::Constant(text::matches(pattern, text)),
                Text::Unknown(name) => atoms.like(name, pattern),
            })
        })
        .collect::<Vec<_>>()))
}

/// Whether two values are equal; `None` when that is not known here.
pub(super) fn equal(atoms: &mut Atoms, one: &Value, other: &Value) -> Option<Formula> {
    Some(match (one, other) {
        (Value::Truth(one), Value::Truth(other)) => one.clone().iff(other.clone()),
        (Value::Entity(one), Value::Entity(other)) => {
            pairs(one, other, |one, other| Formula::Constant(one == other))
        }
        (Value::Text(one), Value::Text(other)) => {
            pairs(one, other, |one, other| match (one, other) {
                (Text::Literal(one), Text::Literal(other)) => Formula::Constant(one == other),
                (Text::Unknown(name), Text::Literal(text))
                | (Text::Literal(text), Text::Unknown(name)) => atoms.spelt(name, text),
                (Text::Unknown(one), Text::Unknown(other)) if one == other => Formula::TRUE,
                _ => atoms.opaque(format!("{one:?} is {other:?}")),
            })
        }
        (Value::Number(_), Value::Number(_)) => {
            at_most(atoms, one, other, 0)?.and(at_most(atoms, other, one, 0)?)
        }
        (Value::Set(one), Value::Set(other)) => subset(one, other).and(subset(other, one)),
        _ => return None,
    })
}

/// Whether `left - right <= bound`; `None` when that is not known here.
pub(super) fn at_most(
    atoms: &mut Atoms,
    left: &Value,
    right: &Value,
    bound: i128,
) -> Option<Formula> {
    let (Value::Number(left), Value::Number(right)) = (left, right) else {
        return None;
    };
    // A comparison of more than two quantities is no bound on a difference; it may be either.
    Some(pairs(left, right, |left, right| {
        match left.plus(right.negated()) {
            Some(Term { number, less, plus }) => atoms.at_most(number, less, bound - plus),
            None => atoms.opaque(format!("{left:?} - {right:?} <= {bound}")),
        }
    }))
}

/// Whether every member of `one` is in `other`.
pub(super) fn subset(
    one: &BTreeMap<Entity, Formula>,
    other: &BTreeMap<Entity, Formula>,
) -> Formula {
    all(one
        .iter()
        .map(|(entity, member)| member.clone().implies(member_of(other, entity))))
}

/// Whether the two have a member in common.
pub(super) fn meet(one: &BTreeMap<Entity, Formula>, other: &BTreeMap<Entity, Formula>) -> Formula {
    any(one
        .iter()
        .map(|(entity, member)| member.clone().and(member_of(other, entity))))
}

pub(super) fn member_of(set: &BTreeMap<Entity, Formula>, entity: &Entity) -> Formula {
    set.get(entity).cloned().unwrap_or(Formula::FALSE)
}

/// Whether `one` is `other` or below it, `above` giving what each entity is below.
pub(super) fn within(
    one: &Choice<Entity>,
    other: &Choice<Entity>,
    above: impl Fn(&Entity) -> BTreeSet<Entity>,
) -> Formula {
    pairs(one, other, |one, other| {
        Formula::Constant(one == other || above(one).contains(other))
    })
}

fn pairs<T, U>(
    one: &Choice<T>,
    other: &Choice<U>,
    mut holds: impl FnMut(&T, &U) -> Formula,
) -> Formula {
    let mut found = Vec::new();
    for (when, left) in one {
        for (and, right) in other {
            let both = when.clone().and(and.clone());
            if both != Formula::FALSE {
                found.push(both.and(holds(left, right)));
            }
        }
    }
    any(found)
}
