//! Two versions of an agreement's articles, request type by request type: what the new one lets
//! through that the old one did not, and the other way round.

use std::collections::BTreeSet;

use detente_records::Activity;

use super::concretise::{self, Candidate, Counterexample};
use super::formula::{Atoms, Formula};
use super::solve::{Question, Search};
use super::world::{Scene, World};
use super::{Prover, errors, scenes, story};
use crate::case::ResourceType;
use crate::facts::OperationFacts;
use crate::rules;

/// How the answers to one kind of request change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Every answer stays.
    Equivalent,
    /// Some refusals become permissions, no permission becomes a refusal.
    Looser,
    /// Some permissions become refusals, no refusal becomes a permission.
    Stricter,
    /// Both happen.
    Different,
    /// Not decided.
    Undecided,
}

impl Change {
    /// The word used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Equivalent => "equivalent",
            Self::Looser => "looser",
            Self::Stricter => "stricter",
            Self::Different => "different",
            Self::Undecided => "undecided",
        }
    }

    /// The change that covers both `self` and `other`.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Undecided, _) | (_, Self::Undecided) => Self::Undecided,
            (Self::Equivalent, change) | (change, Self::Equivalent) => change,
            (one, other) if one == other => one,
            _ => Self::Different,
        }
    }
}

/// How the answers to one kind of request change, with an operation for each direction.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestChange {
    /// What the operation does.
    pub activity: Activity,
    /// What the request is about, as the schema names it: `Area`, `Airspace`, ….
    pub about: &'static str,
    /// How the answers change.
    pub change: Change,
    /// An operation that only the new version lets through here; told by the new version.
    pub looser: Option<Box<Counterexample>>,
    /// An operation that only the old version lets through here; told by the new version.
    pub stricter: Option<Box<Counterexample>>,
}

/// One direction of a comparison.
enum Difference {
    None,
    Found(Box<Counterexample>),
    Undecided,
}

impl Prover<'_> {
    /// Compares the articles of `self` with those of `new`, for every kind of request by a force
    /// that both versions know.
    pub fn changes(&self, new: &Prover<'_>) -> Vec<RequestChange> {
        scenes().map(|scene| self.change_in(new, scene)).collect()
    }

    fn change_in(&self, new: &Prover<'_>, scene: Scene) -> RequestChange {
        let looser = difference(new, self, new, scene);
        let stricter = difference(self, new, new, scene);
        let change = match (&looser, &stricter) {
            (Difference::Undecided, _) | (_, Difference::Undecided) => Change::Undecided,
            (Difference::None, Difference::None) => Change::Equivalent,
            (Difference::Found(_), Difference::None) => Change::Looser,
            (Difference::None, Difference::Found(_)) => Change::Stricter,
            (Difference::Found(_), Difference::Found(_)) => Change::Different,
        };
        let witness = |difference| match difference {
            Difference::Found(witness) => Some(witness),
            Difference::None | Difference::Undecided => None,
        };
        RequestChange {
            activity: scene.activity,
            about: scene.kind.name(),
            change,
            looser: witness(looser),
            stricter: witness(stricter),
        }
    }

    /// The clauses that may fail, as text: where both versions share them, both refuse together.
    fn failing(&self) -> BTreeSet<String> {
        let failing = self
            .bindings
            .iter()
            .filter(|binding| errors::may_err(&binding.policy));
        failing
            .map(|binding| binding.policy.body().to_string())
            .collect()
    }
}

/// Searches a request that `lets` lets through and `refuses` does not; `teller` judges it.
fn difference(
    lets: &Prover<'_>,
    refuses: &Prover<'_>,
    teller: &Prover<'_>,
    scene: Scene,
) -> Difference {
    let (mut lets_world, mut refuses_world) =
        (lets.world(&refuses.areas), refuses.world(&lets.areas));
    if !lets_world.roster.same_names(refuses_world.roster) {
        (lets_world.version, refuses_world.version) = ("as one version has it: ", "as the other: ");
    }
    let mut atoms = Atoms::new();
    let permitted = lets.request_allowed(&lets_world, &mut atoms, scene, None);
    if permitted == Formula::FALSE {
        return Difference::None;
    }
    let refused = !refuses.request_allowed(&refuses_world, &mut atoms, scene, None);
    let bounds = lets_world
        .bounds(&mut atoms, scene)
        .and(refuses_world.bounds(&mut atoms, scene));
    let wishes = concretise::wishes(&lets_world, &mut atoms, scene);
    for wishes in [wishes.as_slice(), &[]] {
        let mut question = Question::new(&atoms);
        for condition in [&bounds, &permitted, &refused] {
            question.require(condition);
        }
        match question.search(wishes) {
            Search::None if lets.failing() == refuses.failing() => return Difference::None,
            Search::None | Search::GaveUp => return Difference::Undecided,
            Search::Case(case) => {
                let make = |prover: &Prover<'_>, world: &World<'_>| {
                    concretise::candidate(prover.rulebook, world, &atoms, scene, &case)
                };
                let teller_world =
                    teller.world(&lets.areas.union(&refuses.areas).cloned().collect());
                let found = (|| {
                    let yes = make(lets, &lets_world)?;
                    let no = make(refuses, &refuses_world)?;
                    (passes(&yes, scene)? && !passes(&no, scene)?).then_some(())?;
                    let Candidate {
                        operation,
                        rulebook,
                        assumed,
                    } = make(teller, &teller_world)?;
                    let judgement = rulebook.judge(&operation);
                    let story = story::tell(&operation, &assumed, &judgement);
                    Some(Counterexample {
                        operation,
                        assumed,
                        agreement: rulebook.agreement().clone(),
                        judgement,
                        story,
                    })
                })();
                if let Some(witness) = found {
                    return Difference::Found(Box::new(witness));
                }
            }
        }
    }
    Difference::Undecided
}

/// Whether the real evaluator lets the one request of `scene` through.
fn passes(candidate: &Candidate, scene: Scene) -> Option<bool> {
    let Candidate {
        operation,
        rulebook,
        ..
    } = candidate;
    let roster = rulebook.evaluator.stores.roster();
    let answerable = rules::admit(operation, roster).ok()?;
    let facts = OperationFacts::new(
        operation,
        answerable,
        roster,
        &rulebook.evaluator.vocabulary,
    );
    let held = rules::consents_held(operation, roster);
    let touch = if scene.kind == ResourceType::Airspace {
        None
    } else {
        operation.touches.first()
    };
    Some(rulebook.evaluator.ask(&facts, touch, &held).permitted())
}
