//! Is there a case: a SAT solver for the facts, shortest paths for the quantities.

use std::collections::BTreeMap;

use batsat::{BasicSolver, Lit, SolverInterface, Var, lbool};

use super::formula::{Atom, AtomId, Atoms, Formula, NumberId, ZERO};

/// The most rounds between the solver and the quantities before giving up. Each round learns a
/// contradiction among quantities; agreements need tens.
const ROUNDS_MAX: usize = 20_000;

/// A case: what is true, and how large each quantity is.
#[derive(Clone, Debug)]
pub(super) struct Case {
    truth: Vec<bool>,
    numbers: Vec<i128>,
}

impl Case {
    /// A case of which nothing is said yet.
    #[cfg(feature = "symbolic")]
    pub(super) fn empty() -> Self {
        Self {
            truth: Vec::new(),
            numbers: Vec::new(),
        }
    }

    #[cfg(feature = "symbolic")]
    pub(super) fn assign(&mut self, atom: AtomId, value: bool) {
        if self.truth.len() <= atom.0 {
            self.truth.resize(atom.0 + 1, false);
        }
        if let Some(known) = self.truth.get_mut(atom.0) {
            *known = value;
        }
    }

    #[cfg(feature = "symbolic")]
    pub(super) fn assign_number(&mut self, number: NumberId, value: i128) {
        if self.numbers.len() <= number.0 {
            self.numbers.resize(number.0 + 1, 0);
        }
        if let Some(known) = self.numbers.get_mut(number.0) {
            *known = value;
        }
    }

    pub(super) fn holds(&self, atom: AtomId) -> bool {
        self.truth.get(atom.0).copied().unwrap_or(false)
    }

    pub(super) fn number(&self, number: NumberId) -> i128 {
        self.numbers.get(number.0).copied().unwrap_or(0)
    }
}

/// What a search found.
#[derive(Clone, Debug)]
pub(super) enum Search {
    /// A case in which every condition is true.
    Case(Case),
    /// There is none.
    None,
    /// The search was given up.
    GaveUp,
}

/// Conditions put to the solver.
pub(super) struct Question<'a> {
    atoms: &'a Atoms,
    solver: BasicSolver,
    vars: Vec<Var>,
    literals: BTreeMap<Formula, Lit>,
    contradiction: bool,
}

impl<'a> Question<'a> {
    pub(super) fn new(atoms: &'a Atoms) -> Self {
        let mut solver = BasicSolver::default();
        let vars = atoms
            .atoms
            .iter()
            .map(|_| solver.new_var_default())
            .collect();
        Self {
            atoms,
            solver,
            vars,
            literals: BTreeMap::new(),
            contradiction: false,
        }
    }

    /// Requires `condition`.
    pub(super) fn require(&mut self, condition: &Formula) {
        match condition {
            Formula::Constant(true) => {}
            Formula::Constant(false) => self.contradiction = true,
            Formula::And(parts) => parts.iter().for_each(|part| self.require(part)),
            other => {
                let literal = self.literal(other);
                self.clause(vec![literal]);
            }
        }
    }

    /// Searches a case; wishes are granted one after the other as far as they can be.
    pub(super) fn search(&mut self, wishes: &[Formula]) -> Search {
        let mut granted: Vec<Lit> = Vec::new();
        let mut best = match self.search_assuming(&granted) {
            Search::Case(case) => case,
            other => return other,
        };
        for wish in wishes {
            let literal = self.literal(wish);
            granted.push(literal);
            match self.search_assuming(&granted) {
                Search::Case(case) => best = case,
                Search::None | Search::GaveUp => drop(granted.pop()),
            }
        }
        Search::Case(best)
    }

    /// Searches a case of what is required and of `conditions` besides, which are forgotten after.
    pub(super) fn search_where(&mut self, conditions: &[Formula]) -> Search {
        let mut assumed = Vec::new();
        for condition in conditions {
            match condition {
                Formula::Constant(true) => {}
                Formula::Constant(false) => return Search::None,
                other => assumed.push(self.known_literal(other)),
            }
        }
        self.search_assuming(&assumed)
    }

    /// The literal of a formula asked about before, or a new one.
    fn known_literal(&mut self, formula: &Formula) -> Lit {
        if let Formula::Not(inner) = formula {
            return !self.known_literal(inner);
        }
        if let Some(known) = self.literals.get(formula) {
            return *known;
        }
        let literal = self.literal(formula);
        self.literals.insert(formula.clone(), literal);
        literal
    }

    fn search_assuming(&mut self, assumptions: &[Lit]) -> Search {
        for _ in 0..ROUNDS_MAX {
            if self.contradiction {
                return Search::None;
            }
            let answer = self.solver.solve_limited(assumptions);
            if answer == lbool::FALSE {
                return Search::None;
            }
            if answer != lbool::TRUE {
                return Search::GaveUp;
            }
            let truth: Vec<bool> = self
                .vars
                .iter()
                .map(|var| self.solver.value_var(*var) == lbool::TRUE)
                .collect();
            match quantities(self.atoms, &truth) {
                Ok(numbers) => return Search::Case(Case { truth, numbers }),
                Err(clash) => {
                    let clause = clash.into_iter().filter_map(|atom| {
                        let var = self.vars.get(atom.0)?;
                        Some(Lit::new(*var, !*truth.get(atom.0)?))
                    });
                    let clause = clause.collect();
                    self.clause(clause);
                }
            }
        }
        Search::GaveUp
    }

    fn clause(&mut self, mut literals: Vec<Lit>) {
        if !self.solver.add_clause_reuse(&mut literals) {
            self.contradiction = true;
        }
    }

    /// A literal that is true exactly when `formula` is (Tseitin's transformation).
    fn literal(&mut self, formula: &Formula) -> Lit {
        match formula {
            Formula::Constant(value) => {
                let fresh = Lit::new(self.solver.new_var_default(), true);
                self.clause(vec![if *value { fresh } else { !fresh }]);
                fresh
            }
            Formula::Atom(id) => match self.vars.get(id.0) {
                Some(var) => Lit::new(*var, true),
                None => Lit::new(self.solver.new_var_default(), true),
            },
            Formula::Not(inner) => !self.literal(inner),
            Formula::And(parts) => self.conjunction(parts, false),
            Formula::Or(parts) => !self.conjunction(parts, true),
        }
    }

    /// A literal for the conjunction of `parts`, each turned if `negated`.
    fn conjunction(&mut self, parts: &[Formula], negated: bool) -> Lit {
        let literals: Vec<Lit> = parts
            .iter()
            .map(|part| {
                if negated {
                    !self.literal(part)
                } else {
                    self.literal(part)
                }
            })
            .collect();
        let joined = Lit::new(self.solver.new_var_default(), true);
        for literal in &literals {
            self.clause(vec![!joined, *literal]);
        }
        let mut back: Vec<Lit> = literals.into_iter().map(|literal| !literal).collect();
        back.push(joined);
        self.clause(back);
        joined
    }
}

/// Whole numbers that satisfy every bound as `truth` has it, or bounds that cannot hold together:
/// a cycle of negative length in the graph of differences (Bellman and Ford).
fn quantities(atoms: &Atoms, truth: &[bool]) -> Result<Vec<i128>, Vec<AtomId>> {
    let edges = edges(atoms, truth);
    let mut distance = vec![0_i128; atoms.numbers.len()];
    let mut through: Vec<Option<usize>> = vec![None; atoms.numbers.len()];
    let mut last = None;
    for _ in 0..=atoms.numbers.len() {
        last = None;
        for (index, edge) in edges.iter().enumerate() {
            let reached = distance.get(edge.from).copied().unwrap_or(0) + edge.length;
            if let (Some(known), Some(step)) = (distance.get_mut(edge.to), through.get_mut(edge.to))
                && reached < *known
            {
                *known = reached;
                *step = Some(index);
                last = Some(edge.to);
            }
        }
        if last.is_none() {
            break;
        }
    }
    match last {
        Some(inside) => Err(cycle(&edges, &through, inside)),
        None => {
            let zero = distance.get(ZERO.0).copied().unwrap_or(0);
            Ok(distance.into_iter().map(|value| value - zero).collect())
        }
    }
}

/// `to - from <= length`, because of an atom.
struct Edge {
    from: usize,
    to: usize,
    length: i128,
    atom: AtomId,
}

fn edges(atoms: &Atoms, truth: &[bool]) -> Vec<Edge> {
    let bounds = atoms.atoms.iter().enumerate().filter_map(|(index, atom)| {
        let Atom::AtMost { left, right, bound } = atom else {
            return None;
        };
        let atom = AtomId(index);
        Some(if truth.get(index).copied().unwrap_or(false) {
            Edge {
                from: right.0,
                to: left.0,
                length: *bound,
                atom,
            }
        } else {
            Edge {
                from: left.0,
                to: right.0,
                length: -*bound - 1,
                atom,
            }
        })
    });
    bounds.collect()
}

/// The atoms of the negative cycle that `through` leads back to from `inside`.
fn cycle(edges: &[Edge], through: &[Option<usize>], inside: usize) -> Vec<AtomId> {
    let step = |node: usize| {
        through
            .get(node)
            .copied()
            .flatten()
            .and_then(|index| edges.get(index))
    };
    let mut node = inside;
    for _ in 0..through.len() {
        node = step(node).map_or(node, |edge| edge.from);
    }
    let start = node;
    let mut atoms = Vec::new();
    while let Some(edge) = step(node) {
        atoms.push(edge.atom);
        node = edge.from;
        if node == start || atoms.len() > through.len() {
            break;
        }
    }
    atoms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::formula::{all, exactly_one};
    use proptest::prelude::*;

    fn found(atoms: &Atoms, condition: &Formula) -> Option<Case> {
        let mut question = Question::new(atoms);
        question.require(condition);
        match question.search(&[]) {
            Search::Case(case) => Some(case),
            _ => None,
        }
    }

    #[test]
    fn contradictory_bounds_have_no_case_and_their_weakening_has_one() {
        let mut atoms = Atoms::new();
        let (x, y) = (atoms.number("x"), atoms.number("y"));
        // x < y, y < 0, 0 < x.
        let parts = [
            atoms.at_most(x, y, -1),
            atoms.at_most(y, ZERO, -1),
            atoms.at_most(ZERO, x, -1),
        ];
        assert!(found(&atoms, &all(parts.clone())).is_none());
        let case = found(&atoms, &all(parts.into_iter().take(2))).unwrap();
        assert!(case.number(x) < case.number(y) && case.number(y) < 0);
    }

    #[test]
    fn wishes_are_granted_only_as_far_as_they_can_be() {
        let mut atoms = Atoms::new();
        let parts: Vec<Formula> = ["a", "b", "c"].map(|name| atoms.fact(name)).to_vec();
        let mut question = Question::new(&atoms);
        question.require(&exactly_one(&parts));
        let Search::Case(case) = question.search(&[parts[2].clone(), parts[0].clone()]) else {
            panic!("no case")
        };
        assert_eq!(
            [0, 1, 2].map(|index| case.holds(AtomId(index))),
            [false, false, true]
        );
    }

    /// A small random formula over four facts and bounds on two quantities.
    fn any_formula() -> impl Strategy<Value = Vec<(u8, i8, i8, bool)>> {
        prop::collection::vec((0..6_u8, -3..4_i8, 0..4_i8, any::<bool>()), 1..9)
    }

    proptest! {
        #[test]
        fn agrees_with_trying_everything(parts in any_formula()) {
            let mut atoms = Atoms::new();
            let numbers = [ZERO, atoms.number("x"), atoms.number("y")];
            let mut clauses = Vec::new();
            for pair in parts.chunks(2) {
                let literals: Vec<Formula> = pair.iter().map(|(kind, bound, which, positive)| {
                    let atom = match kind {
                        0..=2 => atoms.fact(format!("f{which}")),
                        3 => atoms.at_most(numbers[1], numbers[0], i128::from(*bound)),
                        4 => atoms.at_most(numbers[0], numbers[2], i128::from(*bound)),
                        _ => atoms.at_most(numbers[1], numbers[2], i128::from(*bound)),
                    };
                    if *positive { atom } else { !atom }
                }).collect();
                clauses.push(super::super::formula::any(literals));
            }
            let condition = all(clauses);
            let tried = (0..16_u8).any(|facts| (-9..10).any(|x| (-9..10).any(|y| value(&atoms, &condition, facts, [0, x, y]))));
            prop_assert_eq!(found(&atoms, &condition).is_some(), tried);
        }
    }

    fn value(atoms: &Atoms, formula: &Formula, facts: u8, numbers: [i128; 3]) -> bool {
        match formula {
            Formula::Constant(value) => *value,
            Formula::Not(inner) => !value(atoms, inner, facts, numbers),
            Formula::And(parts) => parts.iter().all(|part| value(atoms, part, facts, numbers)),
            Formula::Or(parts) => parts.iter().any(|part| value(atoms, part, facts, numbers)),
            Formula::Atom(id) => match &atoms.atoms[id.0] {
                Atom::Fact(name) => facts & (1 << name[1..].parse::<u8>().unwrap()) != 0,
                Atom::AtMost { left, right, bound } => numbers[left.0] - numbers[right.0] <= *bound,
                Atom::Opaque(_) | Atom::Spelt { .. } | Atom::Like { .. } => false,
            },
        }
    }
}
