//! The second way to a proof: articles compiled to a solver's language by `cedar-policy-symcc`,
//! which Cedar's authors proved to say what Cedar says.
//!
//! The two ways share what the question is (the agreement as it binds, the property, what is true
//! of every operation) and nothing else: not how an article is read, not how a case is searched.
//! So that an operation's two requests, at the thing touched and at large, are one question, the
//! schema's context is widened: facts of the request at large are below `context.large`. Each
//! force is asked about by itself, with what the roster fixes put in its place; forces that the
//! articles treat alike make one question.
//!
//! A model that the solver finds is made an operation and judged for real before it counts.

mod assumptions;
#[cfg(test)]
pub(super) mod checks;
mod decode;
mod rewrite;
mod solver;

use std::collections::BTreeMap;

use cedar_policy::pst::{self, Clause as Part, Expr};
use cedar_policy::{Entities, Policy, RequestEnv, Schema, SchemaFragment};
use cedar_policy_symcc::err::Error;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, ResetMode};
use detente_records::concern::Concern;
use detente_records::names::{ForceId, ParticipantId, PartyId};

pub use solver::{SmtAnswer, SmtFailure, SmtSolver};

use super::concerns::{self, Property, Stance};
use super::concretise::{self, Counterexample};
use super::world::{Scene, World};
use super::{Prover, errors, scenes};
use crate::case::ResourceType;
use crate::schema::SCHEMA_TEXT;
use crate::vocabulary::uid;
use rewrite::{Rewriter, Unsupported, and, any, is, not, or};
use solver::{Adapter, finish};

/// What the second way found.
#[derive(Clone, Debug, PartialEq)]
pub enum Opinion {
    /// The property holds for every operation.
    Proved,
    /// It does not: this operation, judged for real, breaks it.
    Refuted(Box<Counterexample>),
    /// Neither was shown.
    Undecided {
        /// Why.
        reason: String,
    },
}

/// The second prover of one agreement.
///
/// Answers of the solver are kept: the same question is asked once.
pub struct SymbolicProver<'a> {
    prover: &'a Prover<'a>,
    schema: Schema,
    actions: Entities,
    answers: BTreeMap<String, Answer>,
}

impl std::fmt::Debug for SymbolicProver<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SymbolicProver")
            .field("answers", &self.answers.len())
            .finish_non_exhaustive()
    }
}

/// The answer to one question.
#[derive(Clone, Debug)]
enum Answer {
    Never,
    Sometimes(Box<cedar_policy_symcc::Env>),
    Undecided(String),
}

/// Who flies, and whose operation is met.
struct Setting<'w> {
    force: &'w ForceId,
    party: &'w PartyId,
    participant: &'w ParticipantId,
    other: Option<&'w ForceId>,
}

impl<'a> SymbolicProver<'a> {
    /// Prepares the second way for the articles of `prover`.
    ///
    /// # Errors
    ///
    /// Words, when the schema cannot be widened, which a dossier's additions could bring about.
    pub fn new(prover: &'a Prover<'a>) -> Result<Self, String> {
        let schema = widened(prover.rulebook.additions.as_deref())?;
        let actions = schema
            .action_entities()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            prover,
            schema,
            actions,
            answers: BTreeMap::new(),
        })
    }

    /// Asks `solver` about the property of `concern`; `None` when it states none that can be read.
    pub fn opinion(&mut self, concern: &Concern, solver: &mut dyn SmtSolver) -> Option<Opinion> {
        let (property, _) = self.prover.stated(concern)?;
        property.map(|property| self.prove(&property, solver))
    }

    /// Asks `solver` whether no clause of those that the built-in analysis suspects can fail.
    pub fn never_errs(&mut self, solver: &mut dyn SmtSolver) -> Opinion {
        let world = self.prover.world(&Default::default());
        for scene in scenes() {
            for setting in settings(&world, scene) {
                if let Err(reason) = self.never_err(&world, scene, &setting, solver) {
                    return Opinion::Undecided { reason };
                }
            }
        }
        Opinion::Proved
    }

    fn prove(&mut self, property: &Property, solver: &mut dyn SmtSolver) -> Opinion {
        let prover = self.prover;
        let world = prover.world(&property.areas);
        let mut undecided = None;
        for scene in scenes() {
            for setting in settings(&world, scene) {
                let answer = match self.question(&world, scene, &setting, property) {
                    Ok(None) => continue,
                    Ok(Some(question)) => self.ask(question, scene, solver),
                    Err(Unsupported(what)) => Answer::Undecided(Unsupported(what).to_string()),
                };
                match answer {
                    Answer::Never => {
                        if property.stance == Stance::Always
                            && let Err(reason) = self.never_err(&world, scene, &setting, solver)
                        {
                            undecided = undecided.or(Some(reason));
                        }
                    }
                    Answer::Undecided(reason) => undecided = undecided.or(Some(reason)),
                    Answer::Sometimes(model) => {
                        let found = self.confirm(&world, scene, &setting, property, &model);
                        if let Some(counterexample) = found {
                            return Opinion::Refuted(Box::new(counterexample));
                        }
                        undecided = undecided.or_else(|| {
                            Some(format!(
                                "its case of {} about {} is none that can happen",
                                scene.activity,
                                scene.kind.name()
                            ))
                        });
                    }
                }
            }
        }
        match undecided {
            None => Opinion::Proved,
            Some(reason) => Opinion::Undecided { reason },
        }
    }

    /// The one policy that matches exactly the cases that break the property; `None` when it is
    /// plain that there are none.
    fn question(
        &self,
        world: &World<'_>,
        scene: Scene,
        setting: &Setting<'_>,
        property: &Property,
    ) -> Result<Option<Policy>, Unsupported> {
        let there = self.world_of(setting)?;
        let rewriter = self.rewriter(world, scene, setting, &there)?;
        let matched = rewriter.applies(&property.policy)?;
        if is(&matched, false) {
            return Ok(None);
        }
        let mut allowed = self.allowed(&rewriter)?;
        if scene.kind != ResourceType::Airspace {
            let at_large = self.rewriter(world, scene.at_large(), setting, &there)?;
            allowed = and(allowed, self.allowed(&at_large)?);
        }
        let broken = match property.stance {
            Stance::Never => allowed,
            Stance::Always => not(allowed),
        };
        if is(&broken, false) {
            return Ok(None);
        }
        self.policy(world, scene, setting, [matched, broken])
            .map(Some)
    }

    /// When the articles let one request through.
    fn allowed(&self, rewriter: &Rewriter<'_>) -> Result<Expr, Unsupported> {
        let (mut permits, mut forbids) = (Vec::new(), Vec::new());
        for binding in &self.prover.bindings {
            let applies = rewriter.applies(&binding.policy)?;
            if binding.forbids {
                forbids.push(applies);
            } else {
                permits.push(applies);
            }
        }
        let mut permitted = any(permits);
        if rewriter.kind == ResourceType::ProtectedObject {
            // Being near needs no article that permits it.
            permitted = or(permitted, not(rewrite::conflict()));
        }
        Ok(and(permitted, not(any(forbids))))
    }

    /// A policy of `scene` that applies when the assumptions hold and `conditions` do.
    fn policy(
        &self,
        world: &World<'_>,
        scene: Scene,
        setting: &Setting<'_>,
        conditions: impl IntoIterator<Item = Expr>,
    ) -> Result<Policy, Unsupported> {
        let names = &self.prover.rulebook.evaluator.vocabulary;
        let assumed = assumptions::assumptions(
            world,
            names,
            scene,
            setting.party.as_str(),
            setting.participant.as_str(),
        );
        let text = format!(
            "permit (principal, action == {}, resource is Detente::{}) when {{ {} }};",
            names.action(scene.activity),
            scene.kind.name(),
            assumed.join(" && ")
        );
        let refused = |error: String| Unsupported(error);
        let frame = Policy::parse(None, text).map_err(|error| refused(error.to_string()))?;
        let frame = frame.to_pst().map_err(|error| refused(error.to_string()))?;
        let mut body = frame.body().clone();
        for condition in conditions {
            body.try_add_clause(Part::When(std::sync::Arc::new(condition)))
                .map_err(|error| refused(error.to_string()))?;
        }
        let body = pst::StaticPolicy::try_from(body).map_err(|error| refused(error.to_string()))?;
        Policy::from_pst(pst::Policy::Static(body)).map_err(|error| refused(error.to_string()))
    }

    fn ask(&mut self, question: Policy, scene: Scene, solver: &mut dyn SmtSolver) -> Answer {
        let key = format!("{}: {question}", solver.name());
        if let Some(known) = self.answers.get(&key) {
            return known.clone();
        }
        let answer = self.compiled(&question, scene, solver, |compiler, policy| {
            let found = finish(compiler.check_never_matches_with_counterexample_opt(policy));
            found.map_err(Box::new).map(|found| match found {
                None => Answer::Never,
                Some(model) => Answer::Sometimes(Box::new(model)),
            })
        });
        self.answers.insert(key, answer.clone());
        answer
    }

    /// The kind of request of `scene`.
    fn env(&self, scene: Scene) -> RequestEnv {
        let names = &self.prover.rulebook.evaluator.vocabulary;
        let kind = match scene.kind {
            ResourceType::Airspace => &names.airspace,
            ResourceType::Area => &names.area,
            ResourceType::ProtectedObject => &names.protected_object,
            ResourceType::Movement => &names.movement,
            ResourceType::Operation => &names.operation,
        };
        RequestEnv::new(
            names.force.clone(),
            names.action(scene.activity),
            kind.clone(),
        )
    }

    /// Compiles `question` and has `put` ask it.
    fn compiled(
        &self,
        question: &Policy,
        scene: Scene,
        solver: &mut dyn SmtSolver,
        put: impl FnOnce(
            &mut CedarSymCompiler<Adapter<'_>>,
            &CompiledPolicy,
        ) -> Result<Answer, Box<Error>>,
    ) -> Answer {
        let env = self.env(scene);
        let policy = match CompiledPolicy::compile(question, &env, &self.schema) {
            Ok(policy) => policy,
            Err(error) => return Answer::Undecided(told(&error)),
        };
        let name = solver.name().to_owned();
        let compiler = CedarSymCompiler::new(Adapter::new(solver));
        let mut compiler = match compiler {
            Ok(compiler) => compiler.with_reset_mode(ResetMode::Comment),
            Err(error) => return Answer::Undecided(told(&error)),
        };
        let error = match put(&mut compiler, &policy) {
            Ok(answer) => return answer,
            Err(error) => error,
        };
        Answer::Undecided(match (*error, &compiler.solver().failure) {
            (Error::SolverUnknown, _) => format!("{name} did not decide it"),
            (Error::SolverError(_), Some(failure)) => format!("{name} failed: {failure}"),
            (Error::SolverError(_), None) => format!("{name} failed"),
            (error, _) => told(&error),
        })
    }

    /// Whether no article can fail in the requests of `scene`: one that fails refuses, so that
    /// nothing that the articles say would be allowed for certain.
    fn never_err(
        &mut self,
        world: &World<'_>,
        scene: Scene,
        setting: &Setting<'_>,
        solver: &mut dyn SmtSolver,
    ) -> Result<(), String> {
        let failing = self.prover.bindings.iter();
        let failing: Vec<&super::Binding> = failing
            .filter(|binding| errors::may_err(&binding.policy))
            .collect();
        if failing.is_empty() {
            return Ok(());
        }
        let there = self.world_of(setting).map_err(|error| error.to_string())?;
        let mut requests = vec![scene];
        if scene.kind != ResourceType::Airspace {
            requests.push(scene.at_large());
        }
        let mut questions = Vec::new();
        for request in requests {
            let rewriter = self
                .rewriter(world, request, setting, &there)
                .map_err(|error| error.to_string())?;
            for binding in &failing {
                let question = rewriter
                    .applies(&binding.policy)
                    .and_then(|applies| self.policy(world, scene, setting, [applies]))
                    .map_err(|error| error.to_string())?;
                questions.push((binding.id.as_str(), question));
            }
        }
        for (clause, question) in questions {
            let key = format!("{}: never errs: {question}", solver.name());
            let known = self.answers.get(&key).cloned();
            let answer = match known {
                Some(known) => known,
                None => self.compiled(&question, scene, solver, |compiler, policy| {
                    let never = finish(compiler.check_never_errors_opt(policy));
                    never.map_err(Box::new).map(|never| {
                        if never {
                            Answer::Never
                        } else {
                            Answer::Undecided(format!("clause {clause} may fail, and then refuses"))
                        }
                    })
                }),
            };
            self.answers.insert(key, answer.clone());
            if let Answer::Undecided(reason) = answer {
                return Err(reason);
            }
        }
        Ok(())
    }

    /// Makes an operation of the solver's model and judges it.
    fn confirm(
        &self,
        world: &World<'_>,
        scene: Scene,
        setting: &Setting<'_>,
        property: &Property,
        model: &cedar_policy_symcc::Env,
    ) -> Option<Counterexample> {
        let rulebook = self.prover.rulebook;
        let (atoms, case) = decode::case(
            world,
            &rulebook.evaluator.vocabulary,
            scene,
            setting.force.as_str(),
            setting.other.map(ForceId::as_str),
            model,
        );
        let candidate = concretise::candidate(rulebook, world, &atoms, scene, &case)?;
        concerns::replay(candidate, scene, property)
    }

    /// The evaluator's own entities for a request by the force.
    fn world_of(&self, setting: &Setting<'_>) -> Result<std::sync::Arc<Entities>, Unsupported> {
        let stores = &self.prover.rulebook.evaluator.stores;
        let world = stores.world(setting.force, None);
        world
            .map(|world| world.entities)
            .map_err(|error| Unsupported(error.to_string()))
    }

    fn rewriter<'r>(
        &'r self,
        world: &World<'_>,
        scene: Scene,
        setting: &Setting<'_>,
        entities: &'r Entities,
    ) -> Result<Rewriter<'r>, Unsupported> {
        let names = &self.prover.rulebook.evaluator.vocabulary;
        let named = |entity: cedar_policy::EntityUid| {
            rewrite::uid(&entity).ok_or_else(|| Unsupported(entity.to_string()))
        };
        let other = match setting.other {
            Some(force) => {
                let party = world.roster.forces.get(force).map(|entry| &entry.party);
                let party = party.ok_or_else(|| Unsupported(force.to_string()))?;
                Some((
                    named(uid(&names.force, force.as_str()))?,
                    named(uid(&names.party, party.as_str()))?,
                ))
            }
            None => None,
        };
        let participants: Result<Vec<_>, Unsupported> = world
            .participants()
            .map(|id| named(uid(&names.party, id.as_str())))
            .collect();
        Ok(Rewriter {
            entities,
            actions: &self.actions,
            kind: scene.kind,
            principal: named(uid(&names.force, setting.force.as_str()))?,
            action: named(names.action(scene.activity))?,
            airspace: named(uid(&names.airspace, crate::vocabulary::AIRSPACE_ID))?,
            agreement: named(uid(&names.agreement, &world.roster.agreement))?,
            party: named(uid(&names.party, setting.party.as_str()))?,
            participant: named(uid(&names.party, setting.participant.as_str()))?,
            participants: participants?,
            other,
        })
    }
}

/// Every force that may ask, and with it every force whose operation it may meet.
fn settings<'w>(world: &'w World<'_>, scene: Scene) -> Vec<Setting<'w>> {
    let mut found = Vec::new();
    for (force, party, participant) in world.forces() {
        let setting = |other| Setting {
            force,
            party,
            participant,
            other,
        };
        if scene.kind != ResourceType::Operation {
            found.push(setting(None));
            continue;
        }
        let others = world.roster.forces.iter();
        let others = others.filter(|(_, entry)| entry.party != *party);
        found.extend(others.map(|(other, _)| setting(Some(other))));
    }
    found
}

/// The product's schema with both requests of an operation in one context, and a dossier's
/// additions.
fn widened(additions: Option<&str>) -> Result<Schema, String> {
    const CONTEXT: &str = "type Both = {
    consents: Set<Party>, notified: Bool, areas: Set<Area>, areaKinds: Set<AreaKind>,
    measures: Set<MeasureKind>, groups: Set<Group>, nearestProtectedM: Long,
    enters: datetime, leaves: datetime, leadTime: duration, distanceM: Long, certain: Bool,
    conflict: Bool,
    large: { enters: datetime, leaves: datetime, leadTime: duration, certain: Bool },
  };

  action airOperation;";
    let text = SCHEMA_TEXT
        .replace("context: Facts", "context: Both")
        .replace("action airOperation;", CONTEXT);
    let fragment = |text: &str| {
        SchemaFragment::from_cedarschema_str(text)
            .map(|(fragment, _)| fragment)
            .map_err(|error| error.to_string())
    };
    let mut fragments = vec![fragment(&text)?];
    if let Some(additions) = additions.filter(|text| text.trim() != SCHEMA_TEXT.trim()) {
        fragments.push(fragment(additions)?);
    }
    Schema::from_schema_fragments(fragments).map_err(|error| error.to_string())
}

/// An error and what it is about, in one line.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    if let Error::PolicyNotWellTyped { errs } = error {
        for error in errs {
            text.push_str(&format!(": {error}"));
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
