//! Concerns that state a property: proved, refuted by an operation, or undecided.

use std::collections::BTreeSet;

use cedar_policy::{Effect, PolicySet};
use detente_records::concern::Concern;
use detente_records::finding::Problems;
use detente_records::names::ConcernId;

use super::concretise::{self, Counterexample};
use super::encode::Encoder;
use super::formula::{Atoms, Formula};
use super::solve::{Question, Search};
use super::world::{Scene, World};
use super::{Prover, area_literals, errors, scenes, story};
use crate::articles::{Articles, Clause};
use crate::case::ResourceType;
use crate::evaluation::Outcome;
use crate::facts::OperationFacts;
use crate::finding::Verdict;
use crate::rules;

/// What a property says of the requests it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    /// They are never allowed.
    Never,
    /// They are always allowed.
    Always,
}

/// What became of a property.
#[derive(Clone, Debug, PartialEq)]
pub enum Proof {
    /// It holds for every operation the agreement can be asked about.
    Proved,
    /// It does not: an operation breaks it.
    Refuted(Box<Counterexample>),
    /// Neither was shown.
    Unknown {
        /// Why.
        reason: String,
    },
    /// The concern states no property.
    NotStated,
}

/// What became of one concern.
#[derive(Clone, Debug, PartialEq)]
pub struct ConcernResult {
    /// The concern.
    pub id: ConcernId,
    /// What became of its property.
    pub proof: Proof,
}

/// A property made ready.
pub(super) struct Property {
    pub(super) clause: Clause,
    pub(super) stance: Stance,
    pub(super) policy: cedar_policy::pst::Policy,
    pub(super) areas: BTreeSet<String>,
}

impl Prover<'_> {
    /// Proves or refutes the property of every concern, in order.
    ///
    /// A property is a single policy. `forbid (…)` says that no operation with a request it
    /// matches is ever allowed, whatever else the articles say. `permit (…)` says that every
    /// operation with a request it matches, that the product's own rules let through and that
    /// touches nothing else, is allowed.
    ///
    /// A property is checked like an article: strictly validated, every name known. Its problems
    /// are reported where it stands in its file, or under `concerns.toml` with the concern's id
    /// when no file states it, and the concern is then [`Proof::Unknown`].
    pub fn concerns(&self, concerns: &[Concern]) -> (Vec<ConcernResult>, Problems) {
        let mut problems = Problems::new("concerns.toml");
        let results = concerns.iter().map(|concern| {
            let proof = match self.stated(concern) {
                None => Proof::NotStated,
                Some((property, found)) => {
                    problems.append(found);
                    match property {
                        Some(property) => self.prove(&property),
                        None => Proof::Unknown {
                            reason: "the property cannot be read".to_owned(),
                        },
                    }
                }
            };
            ConcernResult {
                id: concern.id.clone(),
                proof,
            }
        });
        (results.collect(), problems)
    }

    /// The problems of every property that a concern states, as [`Self::concerns`] reports them.
    pub fn check_properties(&self, concerns: &[Concern]) -> Problems {
        let mut problems = Problems::new("concerns.toml");
        for concern in concerns {
            if let Some((_, found)) = self.stated(concern) {
                problems.append(found);
            }
        }
        problems
    }

    /// Makes the property of a concern ready; `None` when it states none.
    pub(super) fn stated(&self, concern: &Concern) -> Option<(Option<Property>, Problems)> {
        let stated = concern.property.as_ref()?;
        let (property, problems) = self.property(&concern.id, &stated.text);
        let problems = match &stated.place {
            Some(place) => problems.within(place),
            None => problems,
        };
        Some((property, problems))
    }

    pub(super) fn property(&self, id: &ConcernId, text: &str) -> (Option<Property>, Problems) {
        let document = format!("concerns.toml, property of {id}");
        let evaluator = &self.rulebook.evaluator;
        let (clause, problems) = Articles::read_property(
            &document,
            text,
            &evaluator.schema,
            evaluator.stores.roster(),
        );
        let Some(clause) = clause.filter(|_| !problems.has_errors()) else {
            return (None, problems);
        };
        let stance = match clause.policy.effect() {
            Effect::Forbid => Stance::Never,
            Effect::Permit => Stance::Always,
        };
        let areas = area_literals(&clause.policy);
        let property = clause.policy.to_pst().ok().map(|policy| Property {
            clause,
            stance,
            policy,
            areas,
        });
        (property, problems)
    }

    pub(super) fn prove(&self, property: &Property) -> Proof {
        let world = self.world(&property.areas);
        let mut undecided = None;
        for scene in scenes() {
            match self.prove_in(&world, scene, property) {
                Proof::Refuted(counterexample) => return Proof::Refuted(counterexample),
                Proof::Unknown { reason } => undecided = undecided.or(Some(reason)),
                Proof::Proved | Proof::NotStated => {}
            }
        }
        undecided.map_or(Proof::Proved, |reason| Proof::Unknown { reason })
    }

    fn prove_in(&self, world: &World<'_>, scene: Scene, property: &Property) -> Proof {
        let mut atoms = Atoms::new();
        let matched = Encoder {
            world,
            atoms: &mut atoms,
            scene,
        }
        .applies(&property.policy);
        if matched == Formula::FALSE {
            return Proof::Proved;
        }
        let allowed = self.allowed(world, &mut atoms, scene);
        let bounds = world.bounds(&mut atoms, scene);
        let broken = match property.stance {
            Stance::Never => allowed,
            Stance::Always => !allowed,
        };
        let wishes = concretise::wishes(world, &mut atoms, scene);
        let kind = scene.kind.name();
        for wishes in [wishes.as_slice(), &[]] {
            let mut question = Question::new(&atoms);
            for condition in [&bounds, &matched, &broken] {
                question.require(condition);
            }
            match question.search(wishes) {
                Search::None if self.errors_matter(property) => {
                    let reason = "an article whose arithmetic can fail may refuse it".to_owned();
                    return Proof::Unknown { reason };
                }
                Search::None => return Proof::Proved,
                Search::GaveUp => break,
                Search::Case(case) => {
                    let found = concretise::candidate(self.rulebook, world, &atoms, scene, &case)
                        .and_then(|candidate| replay(candidate, scene, property));
                    if let Some(counterexample) = found {
                        return Proof::Refuted(Box::new(counterexample));
                    }
                }
            }
        }
        let reason = format!(
            "a case of {} about {kind} may break it, but no concrete operation was found that does",
            scene.activity
        );
        Proof::Unknown { reason }
    }

    /// A failing article is a refusal, which never breaks "never" and may break "always".
    fn errors_matter(&self, property: &Property) -> bool {
        property.stance == Stance::Always
            && self
                .bindings
                .iter()
                .any(|binding| errors::may_err(&binding.policy))
    }
}

/// Judges the candidate for real; a counterexample only if it matches the property and breaks it.
pub(super) fn replay(
    candidate: concretise::Candidate,
    scene: Scene,
    property: &Property,
) -> Option<Counterexample> {
    let concretise::Candidate {
        operation,
        rulebook,
        assumed,
    } = candidate;
    let judgement = rulebook.judge(&operation);
    let breaks = match property.stance {
        Stance::Never => judgement.verdict == Verdict::Clear,
        Stance::Always => judgement.verdict != Verdict::Clear,
    };
    let roster = rulebook.evaluator.stores.roster();
    let answerable = rules::admit(&operation, roster).ok()?;
    let facts = OperationFacts::new(
        &operation,
        answerable,
        roster,
        &rulebook.evaluator.vocabulary,
    );
    let held = rules::consents_held(&operation, roster);
    let touch = if scene.kind == ResourceType::Airspace {
        None
    } else {
        operation.touches.first()
    };
    let only = PolicySet::from_policies([property.clause.policy.clone()]).ok()?;
    let outcome = rulebook.evaluator.put(&only, &facts, touch, &held);
    let matched = matches!(outcome, Outcome::Permitted(_) | Outcome::Forbidden(_));
    if !(breaks && matched) {
        return None;
    }
    let story = story::tell(&operation, &assumed, &judgement);
    Some(Counterexample {
        operation,
        assumed,
        agreement: rulebook.agreement().clone(),
        judgement,
        story,
    })
}
