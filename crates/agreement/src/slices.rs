//! The clauses that can bear on each kind of request, chosen once.

use std::collections::BTreeMap;

use cedar_policy::{Policy, PolicyId, PolicySet, Schema};
use detente_records::Activity;

use crate::articles::{Articles, Clause};
use crate::case::ResourceType;

/// What a disputed clause does while its reading is open, and which clauses are disputed.
#[derive(Debug)]
pub(crate) struct Slices {
    by_type: BTreeMap<(Activity, ResourceType), PolicySet>,
    disputed_permits: BTreeMap<(Activity, ResourceType), PolicySet>,
}

impl Slices {
    /// Sorts the clauses by the requests they can apply to. A clause in dispute is read the
    /// stricter way: see [`stricter`].
    pub(crate) fn new(
        articles: &Articles,
        disputed: impl Fn(&Clause) -> bool,
        schema: &Schema,
    ) -> Result<Self, String> {
        let mut slices = Self {
            by_type: empty(),
            disputed_permits: empty(),
        };
        for clause in articles.clauses() {
            let open = disputed(clause);
            let binding = if open {
                stricter(clause)?
            } else {
                Some(clause.policy.clone())
            };
            for env in clause.policy.get_valid_request_envs(schema) {
                let action = env.action().id().unescaped();
                let resource = env.resource().basename();
                let Some(activity) = Activity::from_wire_name(action) else {
                    continue;
                };
                let kind = ResourceType::ALL
                    .into_iter()
                    .find(|kind| kind.name() == resource);
                let Some(kind) = kind else { continue };
                if let Some(policy) = &binding {
                    add(&mut slices.by_type, (activity, kind), policy)?;
                }
                if open && !clause.forbids() {
                    add(
                        &mut slices.disputed_permits,
                        (activity, kind),
                        &clause.policy,
                    )?;
                }
            }
        }
        Ok(slices)
    }

    /// The clauses that can decide a request, disputes read the stricter way.
    pub(crate) fn binding(&self, activity: Activity, kind: ResourceType) -> Option<&PolicySet> {
        self.by_type.get(&(activity, kind))
    }

    /// Whether a clause that can bear on protected objects reads their distance.
    pub(crate) fn ask_how_near(&self, articles: &Articles) -> bool {
        let mut sets = self.by_type.iter().chain(&self.disputed_permits);
        sets.any(|((_, kind), set)| {
            *kind == ResourceType::ProtectedObject
                && set.policies().any(|policy| {
                    let clause = articles.clause(policy.id().as_ref());
                    clause.is_some_and(|clause| clause.reads("context.distanceM"))
                })
        })
    }

    /// The permits that would have applied if nobody disputed them.
    pub(crate) fn disputed_permits(
        &self,
        activity: Activity,
        kind: ResourceType,
    ) -> Option<&PolicySet> {
        self.disputed_permits
            .get(&(activity, kind))
            .filter(|permits| !permits.is_empty())
    }
}

/// The stricter reading of a disputed clause.
///
/// A forbid binds as written, and where its readings are separate clauses all of them bind. A
/// permit permits nothing. An exception does more: what it would let through is forbidden, since
/// the forbid it is an exception to has an `unless` that still stands open for other permits.
pub(crate) fn stricter(clause: &Clause) -> Result<Option<Policy>, String> {
    if clause.forbids() {
        return Ok(Some(clause.policy.clone()));
    }
    if clause.excepts.is_empty() {
        return Ok(None);
    }
    let mut json = clause.policy.to_json().map_err(|error| error.to_string())?;
    if let Some(effect) = json.get_mut("effect") {
        *effect = "forbid".into();
    }
    let policy = Policy::from_json(Some(PolicyId::new(clause.id.as_str())), json);
    policy.map(Some).map_err(|error| error.to_string())
}

fn empty() -> BTreeMap<(Activity, ResourceType), PolicySet> {
    let kinds = Activity::ALL
        .into_iter()
        .flat_map(|activity| ResourceType::ALL.map(|kind| (activity, kind)));
    kinds.map(|key| (key, PolicySet::new())).collect()
}

fn add(
    slices: &mut BTreeMap<(Activity, ResourceType), PolicySet>,
    key: (Activity, ResourceType),
    policy: &Policy,
) -> Result<(), String> {
    let Some(slice) = slices.get_mut(&key) else {
        return Ok(());
    };
    slice.add(policy.clone()).map_err(|error| error.to_string())
}
