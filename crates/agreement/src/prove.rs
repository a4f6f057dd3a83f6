//! Can it happen: what the articles never allow, always allow, or fail to say.
//!
//! The analysis is propositional. Parties, forces and their ties are those of the agreement;
//! everything else an article can ask is left open: who is suspended, who consents, what is
//! touched, when and how far. Articles become formulas over those facts, quantities become bounds
//! on differences, and a SAT solver looks for a case. What an article says that the formulas do
//! not capture becomes a fact free to be either, so that finding no case is a proof; a case found
//! is shown only after the real evaluator has confirmed it on a concrete operation.
//!
//! Minimum lead times in the agreement's parameters are set aside throughout: they change without
//! an article changing.

mod compare;
mod concerns;
mod concretise;
mod encode;
mod errors;
mod formula;
mod literal;
#[cfg(test)]
mod oracle;
mod sketch;
mod solve;
mod standing;
mod story;
mod symbol;
#[cfg(feature = "symbolic")]
pub mod symbolic;
mod text;
mod world;

use std::collections::BTreeSet;

use cedar_policy::pst;
use detente_records::Activity;

pub use compare::{Change, RequestChange};
pub use concerns::{ConcernResult, Proof, Stance};
pub use concretise::Counterexample;
pub use sketch::{Sketch, free_place};
pub use standing::{StandingFinding, StandingKind, StandingProperty};

use crate::case::ResourceType;
use crate::rulebook::Rulebook;
use crate::slices;
use formula::{Atoms, Formula, any};
use world::{CONFLICT, Scene, World};

/// Changes whenever the same question could get another answer than before: what was proved by an
/// earlier revision is proved again.
pub const REVISION: u32 = 3;

/// The articles of one agreement, made ready for proofs.
#[derive(Debug)]
pub struct Prover<'a> {
    pub(crate) rulebook: &'a Rulebook,
    bindings: Vec<Binding>,
    areas: BTreeSet<String>,
}

/// A clause as it binds, disputes read the stricter way.
#[derive(Debug)]
struct Binding {
    id: String,
    forbids: bool,
    policy: pst::Policy,
    /// Whether it is an exception, which cites rather than adds.
    exception: bool,
}

/// A clause could not be taken apart for proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("clause {clause} cannot be analysed: {reason}")]
pub struct ProverError {
    clause: String,
    reason: String,
}

impl<'a> Prover<'a> {
    /// Prepares the articles of `rulebook`.
    ///
    /// # Errors
    ///
    /// [`ProverError`] when a clause has no syntax tree, which validated articles always have.
    pub fn new(rulebook: &'a Rulebook) -> Result<Self, ProverError> {
        let mut bindings = Vec::new();
        let mut areas = BTreeSet::new();
        for clause in rulebook.articles.clauses() {
            let failed = |reason: String| ProverError {
                clause: clause.id.to_string(),
                reason,
            };
            areas.extend(area_literals(&clause.policy));
            let binding = if rulebook.in_dispute(clause) {
                slices::stricter(clause).map_err(failed)?
            } else {
                Some(clause.policy.clone())
            };
            let Some(policy) = binding else { continue };
            let forbids = policy.effect() == cedar_policy::Effect::Forbid;
            let policy = policy.to_pst().map_err(|error| failed(error.to_string()))?;
            let exception = !clause.excepts.is_empty();
            bindings.push(Binding {
                id: clause.id.to_string(),
                forbids,
                policy,
                exception,
            });
        }
        Ok(Self {
            rulebook,
            bindings,
            areas,
        })
    }

    fn world(&self, also: &BTreeSet<String>) -> World<'_> {
        World {
            roster: self.rulebook.evaluator.stores.roster(),
            agreement: &self.rulebook.agreement,
            areas: self.areas.union(also).cloned().collect(),
            version: "",
        }
    }

    /// When an operation that touches only the thing of `scene` is let through by the articles:
    /// there, and at large.
    fn allowed(&self, world: &World<'_>, atoms: &mut Atoms, scene: Scene) -> Formula {
        let there = self.request_allowed(world, atoms, scene, None);
        if scene.kind == ResourceType::Airspace {
            return there;
        }
        there.and(self.request_allowed(world, atoms, scene.at_large(), None))
    }

    /// When the articles, but for the clause `without`, let one request through.
    fn request_allowed(
        &self,
        world: &World<'_>,
        atoms: &mut Atoms,
        scene: Scene,
        without: Option<&str>,
    ) -> Formula {
        let (mut permits, mut forbids) = (Vec::new(), Vec::new());
        for binding in self
            .bindings
            .iter()
            .filter(|binding| Some(binding.id.as_str()) != without)
        {
            let applies = encode::Encoder {
                world,
                atoms,
                scene,
            }
            .applies(&binding.policy);
            if binding.forbids {
                forbids.push(applies)
            } else {
                permits.push(applies)
            }
        }
        let mut permitted = any(permits);
        if scene.kind == ResourceType::ProtectedObject {
            // Being near needs no article that permits it.
            permitted = permitted.or(!atoms.fact(CONFLICT));
        }
        permitted.and(!any(forbids))
    }
}

/// Every kind of request, in the order of activities and things.
fn scenes() -> impl Iterator<Item = Scene> {
    Activity::ALL
        .into_iter()
        .flat_map(|activity| ResourceType::ALL.map(|kind| Scene::of(activity, kind)))
}

/// The ids of the areas a policy names.
fn area_literals(policy: &cedar_policy::Policy) -> BTreeSet<String> {
    crate::articles::named(policy, "Area")
}
