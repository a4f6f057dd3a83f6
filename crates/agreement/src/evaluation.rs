//! One request put to the articles.

use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy::{AuthorizationError, Authorizer, Context, Decision, PolicySet, Request, Schema};
use detente_records::names::ParticipantId;

use crate::case::{ResourceType, Touch};
use crate::facts::{Counted, OperationFacts};
use crate::slices::Slices;
use crate::store::Stores;
use crate::vocabulary::{Vocabulary, uid};

/// What the articles say to one request. Clauses are named by `@id`, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// These clauses permit it, and none forbids it.
    Permitted(BTreeSet<String>),
    /// These clauses forbid it.
    Forbidden(BTreeSet<String>),
    /// No clause permits it and none forbids it.
    NotPermitted,
    /// The articles could not be evaluated, which counts as a refusal whatever Cedar decided:
    /// Cedar skips a clause that errs, even one that forbids.
    Indeterminate {
        clauses: BTreeSet<String>,
        reason: String,
    },
}

impl Outcome {
    pub(crate) fn permitted(&self) -> bool {
        matches!(self, Self::Permitted(_))
    }
}

/// The articles made ready for requests.
#[derive(Debug)]
pub(crate) struct Evaluator {
    pub(crate) schema: Schema,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) stores: Stores,
    pub(crate) slices: Arc<Slices>,
    pub(crate) authorizer: Authorizer,
}

impl Evaluator {
    /// Asks about `touch`, or about the airspace, as if exactly `consents` had been given.
    ///
    /// Being near a protected object needs no article that permits it; one that forbids it binds.
    /// What only an area lets through that opens nothing is not let through.
    pub(crate) fn ask(
        &self,
        facts: &OperationFacts<'_>,
        touch: Option<&Touch>,
        consents: &BTreeSet<ParticipantId>,
    ) -> Outcome {
        let kind = touch.map_or(ResourceType::Airspace, |touch| touch.thing.resource_type());
        let Some(slice) = self.slices.binding(facts.case.activity, kind) else {
            return Outcome::NotPermitted;
        };
        let ask = |counted| match self.put_counting(slice, facts, touch, consents, counted) {
            Outcome::NotPermitted if touch.is_some_and(|touch| touch.thing.only_near()) => {
                Outcome::Permitted(BTreeSet::new())
            }
            other => other,
        };
        match ask(Counted::Touched) {
            Outcome::Permitted(_) if facts.counts_both_ways() => ask(Counted::Opening),
            outcome => outcome,
        }
    }

    /// Whether the articles let a request through where every area touched counts.
    pub(crate) fn opened_by_any_area(
        &self,
        facts: &OperationFacts<'_>,
        touch: Option<&Touch>,
        consents: &BTreeSet<ParticipantId>,
    ) -> bool {
        let kind = touch.map_or(ResourceType::Airspace, |touch| touch.thing.resource_type());
        let slice = self.slices.binding(facts.case.activity, kind);
        slice.is_some_and(|slice| self.put(slice, facts, touch, consents).permitted())
    }

    /// The disputed permits that would have let the request through.
    pub(crate) fn disputed_permits(
        &self,
        facts: &OperationFacts<'_>,
        touch: Option<&Touch>,
        consents: &BTreeSet<ParticipantId>,
    ) -> BTreeSet<String> {
        let kind = touch.map_or(ResourceType::Airspace, |touch| touch.thing.resource_type());
        let slice = self.slices.disputed_permits(facts.case.activity, kind);
        match slice.map(|slice| self.put(slice, facts, touch, consents)) {
            Some(Outcome::Permitted(clauses)) => clauses,
            _ => BTreeSet::new(),
        }
    }

    /// Puts the request about `touch` to `slice`, counting every area touched.
    pub(crate) fn put(
        &self,
        slice: &PolicySet,
        facts: &OperationFacts<'_>,
        touch: Option<&Touch>,
        consents: &BTreeSet<ParticipantId>,
    ) -> Outcome {
        self.put_counting(slice, facts, touch, consents, Counted::Touched)
    }

    fn put_counting(
        &self,
        slice: &PolicySet,
        facts: &OperationFacts<'_>,
        touch: Option<&Touch>,
        consents: &BTreeSet<ParticipantId>,
        counted: Counted,
    ) -> Outcome {
        let failed = |reason: String| Outcome::Indeterminate {
            clauses: BTreeSet::new(),
            reason,
        };
        let thing = touch.map(|touch| &touch.thing);
        let world = match self.stores.world(&facts.case.force, thing) {
            Ok(world) => world,
            Err(error) => return failed(error.to_string()),
        };
        let context = match Context::from_pairs(facts.context(touch, consents, counted)) {
            Ok(context) => context,
            Err(error) => return failed(error.to_string()),
        };
        let request = Request::new(
            uid(&self.vocabulary.force, facts.case.force.as_str()),
            self.vocabulary.action(facts.case.activity),
            world.resource,
            context,
            Some(&self.schema),
        );
        let request = match request {
            Ok(request) => request,
            Err(error) => return failed(error.to_string()),
        };
        decide(&self.authorizer, &request, slice, &world.entities)
    }
}

/// Puts `request` to `slice` and reads the answer so that an error is never an approval.
pub(crate) fn decide(
    authorizer: &Authorizer,
    request: &Request,
    slice: &PolicySet,
    entities: &cedar_policy::Entities,
) -> Outcome {
    let response = authorizer.is_authorized(request, slice, entities);
    let failed: BTreeSet<String> = response.diagnostics().errors().map(clause_of).collect();
    if !failed.is_empty() {
        let reasons: BTreeSet<String> = response
            .diagnostics()
            .errors()
            .map(ToString::to_string)
            .collect();
        let reason = reasons.into_iter().next().unwrap_or_default();
        return Outcome::Indeterminate {
            clauses: failed,
            reason,
        };
    }
    let clauses: BTreeSet<String> = response
        .diagnostics()
        .reason()
        .map(ToString::to_string)
        .collect();
    match response.decision() {
        Decision::Allow => Outcome::Permitted(clauses),
        Decision::Deny if clauses.is_empty() => Outcome::NotPermitted,
        Decision::Deny => Outcome::Forbidden(clauses),
    }
}

fn clause_of(error: &AuthorizationError) -> String {
    match error {
        AuthorizationError::PolicyEvaluationError(error) => error.policy_id().to_string(),
    }
}
