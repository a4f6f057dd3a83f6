//! Propositional formulas over facts, and the facts they are over.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::text::Pattern;

/// A fact that is true or false, by index into [`Atoms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AtomId(pub(super) usize);

/// A quantity that is some whole number, by index into [`Atoms`]; the first is always zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NumberId(pub(super) usize);

/// The quantity that is zero, so that a bound on one quantity is a bound on a difference.
pub(super) const ZERO: NumberId = NumberId(0);

/// What an atom means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Atom {
    /// A fact of its own, by name.
    Fact(String),
    /// `left - right <= bound`.
    AtMost {
        left: NumberId,
        right: NumberId,
        bound: i128,
    },
    /// The text of the named fact is this one.
    Spelt { name: String, text: String },
    /// The text of the named fact has this form.
    Like { name: String, pattern: Pattern },
    /// A condition taken as it stands, whose truth nothing here bounds.
    Opaque(String),
}

/// The facts and quantities of one question, each once.
#[derive(Debug)]
pub(super) struct Atoms {
    pub(super) atoms: Vec<Atom>,
    known: BTreeMap<Atom, AtomId>,
    pub(super) numbers: Vec<String>,
    named: BTreeMap<String, NumberId>,
}

impl Atoms {
    pub(super) fn new() -> Self {
        let zero = "zero".to_owned();
        Self {
            atoms: Vec::new(),
            known: BTreeMap::new(),
            numbers: vec![zero.clone()],
            named: BTreeMap::from([(zero, ZERO)]),
        }
    }

    pub(super) fn fact(&mut self, name: impl Into<String>) -> Formula {
        self.atom(Atom::Fact(name.into()))
    }

    pub(super) fn spelt(&mut self, name: &str, text: &str) -> Formula {
        self.atom(Atom::Spelt {
            name: name.to_owned(),
            text: text.to_owned(),
        })
    }

    pub(super) fn like(&mut self, name: &str, pattern: &Pattern) -> Formula {
        self.atom(Atom::Like {
            name: name.to_owned(),
            pattern: pattern.clone(),
        })
    }

    pub(super) fn opaque(&mut self, text: impl Into<String>) -> Formula {
        self.atom(Atom::Opaque(text.into()))
    }

    pub(super) fn number(&mut self, name: &str) -> NumberId {
        if let Some(found) = self.named.get(name) {
            return *found;
        }
        let id = NumberId(self.numbers.len());
        self.numbers.push(name.to_owned());
        self.named.insert(name.to_owned(), id);
        id
    }

    /// `left - right <= bound`.
    pub(super) fn at_most(&mut self, left: NumberId, right: NumberId, bound: i128) -> Formula {
        if left == right {
            return Formula::Constant(bound >= 0);
        }
        // One spelling for a bound and its opposite: the smaller quantity stands left.
        if left > right {
            return !self.atom(Atom::AtMost {
                left: right,
                right: left,
                bound: -bound - 1,
            });
        }
        self.atom(Atom::AtMost { left, right, bound })
    }

    pub(super) fn known_fact(&self, name: &str) -> Option<AtomId> {
        self.known.get(&Atom::Fact(name.to_owned())).copied()
    }

    pub(super) fn known_number(&self, name: &str) -> Option<NumberId> {
        self.named.get(name).copied()
    }

    fn atom(&mut self, atom: Atom) -> Formula {
        let next = AtomId(self.atoms.len());
        let id = *self.known.entry(atom.clone()).or_insert(next);
        if id == next {
            self.atoms.push(atom);
        }
        Formula::Atom(id)
    }
}

/// A formula; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Formula {
    Constant(bool),
    Atom(AtomId),
    Not(Arc<Formula>),
    And(Arc<[Formula]>),
    Or(Arc<[Formula]>),
}

impl Formula {
    pub(super) const TRUE: Self = Self::Constant(true);
    pub(super) const FALSE: Self = Self::Constant(false);

    pub(super) fn and(self, other: Self) -> Self {
        all([self, other])
    }

    pub(super) fn or(self, other: Self) -> Self {
        any([self, other])
    }

    pub(super) fn implies(self, other: Self) -> Self {
        any([!self, other])
    }

    pub(super) fn iff(self, other: Self) -> Self {
        all([self.clone().implies(other.clone()), other.implies(self)])
    }
}

impl std::ops::Not for Formula {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(!value),
            Self::Not(inner) => (*inner).clone(),
            other => Self::Not(Arc::new(other)),
        }
    }
}

/// True when every one of `parts` is.
pub(super) fn all(parts: impl IntoIterator<Item = Formula>) -> Formula {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            Formula::Constant(true) => {}
            Formula::Constant(false) => return Formula::FALSE,
            Formula::And(inner) => kept.extend(inner.iter().cloned()),
            other => kept.push(other),
        }
    }
    match kept.len() {
        0 => Formula::TRUE,
        1 => kept.swap_remove(0),
        _ => Formula::And(kept.into()),
    }
}

/// True when one of `parts` is.
pub(super) fn any(parts: impl IntoIterator<Item = Formula>) -> Formula {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            Formula::Constant(false) => {}
            Formula::Constant(true) => return Formula::TRUE,
            Formula::Or(inner) => kept.extend(inner.iter().cloned()),
            other => kept.push(other),
        }
    }
    match kept.len() {
        0 => Formula::FALSE,
        1 => kept.swap_remove(0),
        _ => Formula::Or(kept.into()),
    }
}

/// True when exactly one of `parts` is.
pub(super) fn exactly_one(parts: &[Formula]) -> Formula {
    let mut clauses = vec![any(parts.iter().cloned())];
    for (index, one) in parts.iter().enumerate() {
        for other in parts.get(index + 1..).unwrap_or_default() {
            clauses.push(!one.clone().and(other.clone()));
        }
    }
    all(clauses)
}
