//! What is put to a solver, held against what the evaluator really does, without a solver.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{
    Authorizer, Context, Decision, Policy, PolicySet, Request, RestrictedExpression,
};

use cedar_policy_symcc::CompiledPolicy;

use super::super::concerns::Property;
use super::super::world::Scene;
use super::{Prover, ResourceType, Setting, Stance, SymbolicProver};
use crate::case::{OperationCase, Touch};
use crate::evaluation::Outcome;
use crate::facts::{Counted, OperationFacts};
use crate::rules;

/// Whether `policy` matches the widened request of `case` about its first touch.
fn matches(
    symbolic: &SymbolicProver<'_>,
    policy: &Policy,
    case: &OperationCase,
    touch: Option<&Touch>,
) -> Result<bool, String> {
    let evaluator = &symbolic.prover.rulebook.evaluator;
    let roster = evaluator.stores.roster();
    let answerable = rules::admit(case, roster).map_err(|finding| finding.message.clone())?;
    let facts = OperationFacts::new(case, answerable, roster, &evaluator.vocabulary);
    let held = rules::consents_held(case, roster);
    let dropped = BTreeSet::from(["agreement", "party", "participant", "participants"]);
    let mut context: BTreeMap<String, RestrictedExpression> = facts
        .context(touch, &held, Counted::Touched)
        .filter(|(name, _)| !dropped.contains(name.as_str()))
        .collect();
    let own = ["enters", "leaves", "leadTime", "certain"];
    let large: BTreeMap<String, RestrictedExpression> = facts
        .context(None, &held, Counted::Touched)
        .filter(|(name, _)| own.contains(&name.as_str()))
        .collect();
    let large = RestrictedExpression::new_record(large).map_err(|error| error.to_string())?;
    context.insert("large".to_owned(), large);
    let conflict = matches!(
        touch.map(|touch| &touch.thing),
        Some(crate::case::Thing::ProtectedObject { conflict: true, .. })
    );
    context.insert(
        "conflict".to_owned(),
        RestrictedExpression::new_bool(conflict),
    );
    let context = Context::from_pairs(context).map_err(|error| error.to_string())?;
    let thing = touch.map(|touch| &touch.thing);
    let world = evaluator
        .stores
        .world(&case.force, thing)
        .map_err(|error| error.to_string())?;
    let request = Request::new(
        crate::vocabulary::uid(&evaluator.vocabulary.force, case.force.as_str()),
        evaluator.vocabulary.action(case.activity),
        world.resource,
        context,
        Some(&symbolic.schema),
    )
    .map_err(|error| error.to_string())?;
    let set = PolicySet::from_policies([policy.clone()]).map_err(|error| error.to_string())?;
    let response = Authorizer::new().is_authorized(&request, &set, &world.entities);
    Ok(response.decision() == Decision::Allow)
}

fn touched(case: &OperationCase) -> impl Iterator<Item = (Scene, Option<&Touch>)> {
    let touches = case
        .touches
        .iter()
        .filter(|touch| rules::concerns_articles(case, touch))
        .map(|touch| {
            let scene = Scene::of(case.activity, touch.thing.resource_type());
            (scene, Some(touch))
        });
    touches.chain([(Scene::of(case.activity, ResourceType::Airspace), None)])
}

fn setting<'w>(
    prover: &'w Prover<'_>,
    case: &'w OperationCase,
    touch: Option<&'w Touch>,
) -> Result<Setting<'w>, String> {
    let roster = prover.rulebook.evaluator.stores.roster();
    let participant = roster.answerable(&case.party).ok_or("nobody answers")?;
    let other = match touch.map(|touch| &touch.thing) {
        Some(crate::case::Thing::Operation { force, .. }) => Some(force),
        _ => None,
    };
    Ok(Setting {
        force: &case.force,
        party: &case.party,
        participant,
        other,
    })
}

/// Whether the assumptions hold of every request of `case`.
pub(in super::super) fn assumptions_hold(
    symbolic: &SymbolicProver<'_>,
    case: &OperationCase,
) -> Result<(), String> {
    let prover = symbolic.prover;
    let world = prover.world(&Default::default());
    for (scene, touch) in touched(case) {
        let setting = setting(prover, case, touch)?;
        let policy = symbolic
            .policy(&world, scene, &setting, [])
            .map_err(|error| error.to_string())?;
        if !matches(symbolic, &policy, case, touch)? {
            return Err(format!("{policy}\n{case:#?}"));
        }
    }
    Ok(())
}

/// Whether the question about `property` matches a request of `case` exactly when the evaluator
/// says that the request matches the property and is let through (or is not, for a promise).
pub(in super::super) fn compare(
    symbolic: &SymbolicProver<'_>,
    property: &Property,
    case: &OperationCase,
) -> Result<(), String> {
    let prover = symbolic.prover;
    let world = prover.world(&property.areas);
    let evaluator = &prover.rulebook.evaluator;
    let roster = evaluator.stores.roster();
    let answerable = rules::admit(case, roster).map_err(|finding| finding.message.clone())?;
    let own_rules = rules::check(case, answerable, &prover.rulebook.agreement, roster);
    if own_rules
        .iter()
        .any(|finding| finding.effect == crate::finding::Effect::Forbid)
    {
        return Ok(());
    }
    let facts = OperationFacts::new(case, answerable, roster, &evaluator.vocabulary);
    let held = rules::consents_held(case, roster);
    let only = PolicySet::from_policies([property.clause.policy.clone()])
        .map_err(|error| error.to_string())?;
    for (scene, touch) in touched(case) {
        if touch.is_some_and(rules::needs_everyone) {
            continue;
        }
        let setting = setting(prover, case, touch)?;
        let asked = |touch| evaluator.ask(&facts, touch, &held);
        let answers = [asked(touch), asked(None)];
        let failed = answers
            .iter()
            .any(|answer| matches!(answer, Outcome::Indeterminate { .. }));
        let allowed = answers.iter().all(Outcome::permitted);
        let matched = matches!(
            evaluator.put(&only, &facts, touch, &held),
            Outcome::Permitted(_) | Outcome::Forbidden(_)
        );
        let breaks = matched && (allowed == (property.stance == Stance::Never));
        let question = symbolic
            .question(&world, scene, &setting, property)
            .map_err(|error| error.to_string())?;
        let (text, found) = match &question {
            None => ("plainly never".to_owned(), false),
            Some(policy) => {
                let compiled =
                    CompiledPolicy::compile(policy, &symbolic.env(scene), &symbolic.schema);
                if let Err(error) = compiled {
                    return Err(format!("{policy}\n{}", super::told(&error)));
                }
                (policy.to_string(), matches(symbolic, policy, case, touch)?)
            }
        };
        // Where an article fails, the question may be either; the prover asks about that apart.
        if found != breaks && !failed {
            return Err(format!("{scene:?}: {found} and not {breaks}\n{text}"));
        }
    }
    Ok(())
}
