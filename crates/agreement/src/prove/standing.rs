//! What every agreement should be able to say of itself, whatever it is about.

use std::collections::BTreeSet;

use cedar_policy::{PolicyId, PolicySet};
use detente_records::names::ArticleId;

use super::encode::Encoder;
use super::formula::{Atoms, Formula, any};
use super::solve::{Case, Question, Search};
use super::world::{CONFLICT, Scene, World};
use super::{Binding, Prover, concretise, errors, scenes};
use crate::case::ResourceType;
use crate::evaluation::Outcome;

/// A defect of the agreement itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingFinding {
    /// Which defect.
    pub kind: StandingKind,
    /// The property it breaks or leaves open.
    pub property: StandingProperty,
    /// The clause concerned, where it is about one.
    pub clause: Option<ArticleId>,
    /// The articles concerned, by number.
    pub articles: Vec<ArticleId>,
    /// The defect in words.
    pub message: String,
}

/// The defects looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StandingKind {
    /// An article whose arithmetic can fail; what it is about is then refused.
    MayFail,
    /// An article that applies to no operation.
    NeverApplies,
    /// An article whose removal would change no decision.
    NoEffect,
    /// A prohibition that lets through more than its exceptions permit.
    ExceptionWider,
    /// An article that does not say what follows when it is broken.
    NoConsequence,
    /// A clock that nobody owns.
    ClockWithoutOwner,
    /// The stand-off policy lets an activity near a protected object.
    StandoffExempts,
    /// One of these could not be decided.
    Undecided,
}

impl StandingKind {
    /// The word used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::MayFail => "may_fail",
            Self::NeverApplies => "never_applies",
            Self::NoEffect => "no_effect",
            Self::ExceptionWider => "exception_wider",
            Self::NoConsequence => "no_consequence",
            Self::ClockWithoutOwner => "clock_without_owner",
            Self::StandoffExempts => "standoff_exempts",
            Self::Undecided => "undecided",
        }
    }
}

/// What is asked of every agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StandingProperty {
    /// No article can fail to be evaluated.
    NeverErrs,
    /// Every article applies to some operation.
    EveryArticleApplies,
    /// Every article decides something that no other decides.
    EveryArticleMatters,
    /// What a prohibition leaves open, its exceptions permit: outside them it holds.
    ProhibitionsHoldOutsideExceptions,
    /// No consent opens the keep-out of a protected object.
    ProtectedNeverConsentable,
    /// The stand-off policy lets no combat near a protected object.
    StandoffExemptsNoCombat,
    /// Every clock has an owner.
    EveryClockOwned,
    /// Every article states what follows when it is broken, or that nothing does.
    EveryConsequenceStated,
}

impl StandingProperty {
    /// Every property, in the order it is told.
    pub const ALL: [Self; 8] = [
        Self::NeverErrs,
        Self::EveryArticleApplies,
        Self::EveryArticleMatters,
        Self::ProhibitionsHoldOutsideExceptions,
        Self::ProtectedNeverConsentable,
        Self::StandoffExemptsNoCombat,
        Self::EveryClockOwned,
        Self::EveryConsequenceStated,
    ];

    /// The word used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::NeverErrs => "never_errs",
            Self::EveryArticleApplies => "every_article_applies",
            Self::EveryArticleMatters => "every_article_matters",
            Self::ProhibitionsHoldOutsideExceptions => "prohibitions_hold_outside_exceptions",
            Self::ProtectedNeverConsentable => "protected_never_consentable",
            Self::StandoffExemptsNoCombat => "standoff_exempts_no_combat",
            Self::EveryClockOwned => "every_clock_owned",
            Self::EveryConsequenceStated => "every_consequence_stated",
        }
    }

    /// The property in words.
    pub fn told(self) -> &'static str {
        match self {
            Self::NeverErrs => "no article can fail to be evaluated",
            Self::EveryArticleApplies => "every article applies to some operation",
            Self::EveryArticleMatters => "every article decides something that no other decides",
            Self::ProhibitionsHoldOutsideExceptions => {
                "every prohibition holds outside its exceptions"
            }
            Self::ProtectedNeverConsentable => {
                "no consent opens the keep-out of a protected object"
            }
            Self::StandoffExemptsNoCombat => {
                "the stand-off policy lets no combat near a protected object"
            }
            Self::EveryClockOwned => "every clock has an owner",
            Self::EveryConsequenceStated => {
                "every article says what follows when it is broken, or that nothing does"
            }
        }
    }

    /// Whether it holds, as far as `findings` of [`Prover::standing`] say: `None` where one of
    /// them could not be decided and none shows that it does not.
    pub fn holds(self, findings: &[StandingFinding]) -> Option<bool> {
        let own = || findings.iter().filter(|finding| finding.property == self);
        let open = |finding: &StandingFinding| {
            matches!(
                finding.kind,
                StandingKind::Undecided | StandingKind::MayFail
            )
        };
        if own().any(|finding| !open(finding)) {
            Some(false)
        } else if own().next().is_some() {
            None
        } else {
            Some(true)
        }
    }
}

/// How far one question about one clause has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// No request shows it.
    No,
    /// The search was given up, or what it found is none that can happen.
    Open,
    /// A request shows it, as the evaluator says.
    Yes,
}

impl Known {
    fn learn(&mut self, found: Self) {
        *self = match (*self, found) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Open, _) | (_, Self::Open) => Self::Open,
            _ => Self::No,
        };
    }
}

/// What is known of one clause.
struct Standing {
    applies: Known,
    matters: Known,
    wider: Known,
}

impl Prover<'_> {
    /// Looks for every [`StandingKind`] of defect; an agreement without findings has none.
    ///
    /// Articles in dispute are taken as they bind now, the stricter way. That conflicts with
    /// protected objects cannot be consented to needs no search: no article is asked about them.
    /// `done` is told after each kind of request how many of how many are done.
    pub fn standing(&self, done: &mut dyn FnMut(u64, u64)) -> Vec<StandingFinding> {
        let world = self.world(&Default::default());
        let mut known: Vec<Standing> = self
            .bindings
            .iter()
            .map(|_| Standing {
                applies: Known::No,
                matters: Known::No,
                wider: Known::No,
            })
            .collect();
        let all: Vec<Scene> = scenes().collect();
        for (number, scene) in all.iter().enumerate() {
            done(number as u64, all.len() as u64);
            self.learn(&world, *scene, &mut known);
        }
        let mut findings = self.written();
        for (binding, known) in self.bindings.iter().zip(&known) {
            self.tell(binding, known, &mut findings);
        }
        findings
    }

    fn tell(&self, binding: &Binding, known: &Standing, findings: &mut Vec<StandingFinding>) {
        use StandingKind::{ExceptionWider, MayFail, NeverApplies, NoEffect, Undecided};
        use StandingProperty::{
            EveryArticleApplies, EveryArticleMatters, NeverErrs,
            ProhibitionsHoldOutsideExceptions as Hold,
        };
        let mut tell = |kind, property, message| {
            findings.push(self.finding(kind, property, binding, message));
        };
        let may_fail = errors::may_err(&binding.policy);
        if may_fail {
            tell(
                MayFail,
                NeverErrs,
                "contains arithmetic that can fail; an operation is then refused",
            );
        }
        match known.applies {
            Known::No => tell(
                NeverApplies,
                EveryArticleApplies,
                "applies to no operation that can be asked about",
            ),
            Known::Open => tell(
                Undecided,
                EveryArticleApplies,
                "may apply to no operation; this was not decided",
            ),
            Known::Yes => {}
        }
        // An exception that permits what another article permits too is not idle: it is what a
        // decision cites. A clause that can fail refuses by failing, whatever it says.
        let cited = binding.exception && !binding.forbids;
        match known.matters {
            _ if cited || known.applies == Known::No => {}
            Known::No if !may_fail => tell(
                NoEffect,
                EveryArticleMatters,
                "could be left out without changing any decision",
            ),
            Known::No | Known::Open => tell(
                Undecided,
                EveryArticleMatters,
                "may have no effect; this was not decided",
            ),
            Known::Yes => {}
        }
        match known.wider {
            Known::No => {}
            Known::Yes => tell(
                ExceptionWider,
                Hold,
                "lets through, under `unless`, more than its exceptions permit, and another article permits it",
            ),
            Known::Open => tell(
                Undecided,
                Hold,
                "may let through more than its exceptions permit; this was not decided",
            ),
        }
    }

    /// What the text itself shows.
    fn written(&self) -> Vec<StandingFinding> {
        let mut findings = Vec::new();
        let silent = self
            .rulebook
            .articles
            .clauses()
            .iter()
            .filter(|clause| clause.consequence.is_none());
        for clause in silent {
            let message = format!(
                "article {} ({}) does not say what follows when it is broken",
                clause.article, clause.title
            );
            findings.push(StandingFinding {
                kind: StandingKind::NoConsequence,
                property: StandingProperty::EveryConsequenceStated,
                clause: Some(clause.id.clone()),
                articles: vec![clause.article.clone()],
                message,
            });
        }
        let parameters = &self.rulebook.agreement.parameters;
        for (id, clock) in parameters
            .clocks
            .iter()
            .filter(|(_, clock)| clock.owner.is_none())
        {
            let message = format!("nobody owns the clock {id}");
            findings.push(StandingFinding {
                kind: StandingKind::ClockWithoutOwner,
                property: StandingProperty::EveryClockOwned,
                clause: None,
                articles: clock.article.iter().cloned().collect(),
                message,
            });
        }
        for category in parameters.standoff.categories() {
            let exempt: Vec<&str> = detente_records::Activity::ALL
                .into_iter()
                .filter(|activity| {
                    parameters.standoff.exempts(category, *activity) && activity.is_combat()
                })
                .map(detente_records::Activity::wire_name)
                .collect();
            if !exempt.is_empty() {
                let message = format!(
                    "the stand-off policy lets {} near every {category}",
                    exempt.join(", ")
                );
                findings.push(StandingFinding {
                    kind: StandingKind::StandoffExempts,
                    property: StandingProperty::StandoffExemptsNoCombat,
                    clause: None,
                    articles: Vec::new(),
                    message,
                });
            }
        }
        findings
    }

    /// Asks everything still open about every clause of one kind of request. All of it is put to
    /// one solver, which remembers from one question to the next what it learnt.
    fn learn(&self, world: &World<'_>, scene: Scene, known: &mut [Standing]) {
        let mut atoms = Atoms::new();
        let mut encoder = Encoder {
            world,
            atoms: &mut atoms,
            scene,
        };
        let applies: Vec<Formula> = self
            .bindings
            .iter()
            .map(|binding| encoder.applies(&binding.policy))
            .collect();
        let unless: Vec<Formula> = self
            .bindings
            .iter()
            .zip(&applies)
            .map(|(binding, applies)| self.left_open(&mut encoder, binding, applies))
            .collect();
        let bounds = world.bounds(&mut atoms, scene);
        // Being near a protected object needs no article that permits it.
        let near = (scene.kind == ResourceType::ProtectedObject).then(|| !atoms.fact(CONFLICT));
        let mut question = Question::new(&atoms);
        question.require(&bounds);
        let mut permitted = any(self.those(&applies, None, false));
        if let Some(near) = near.clone() {
            permitted = permitted.or(near);
        }
        let allowed = permitted
            .clone()
            .and(!any(self.those(&applies, None, true)));
        for (index, binding) in self.bindings.iter().enumerate() {
            let (Some(known), Some(own), Some(open)) =
                (known.get_mut(index), applies.get(index), unless.get(index))
            else {
                continue;
            };
            let asking = Asking {
                prover: self,
                world,
                scene,
                atoms: &atoms,
                binding,
            };
            if *own != Formula::FALSE {
                if known.applies != Known::Yes {
                    let found =
                        asking.settle(&mut question, std::slice::from_ref(own), Asking::applies);
                    known.applies.learn(found);
                }
                if known.matters != Known::Yes && (binding.forbids || !binding.exception) {
                    let mut conditions = vec![own.clone()];
                    let others = self.those(&applies, Some(index), binding.forbids);
                    conditions.extend(others.into_iter().map(|other| !other));
                    if binding.forbids {
                        conditions.push(permitted.clone());
                    } else {
                        let forbids = self.those(&applies, None, true);
                        conditions.extend(forbids.into_iter().map(|other| !other));
                        conditions.extend(near.iter().map(|near| !near.clone()));
                    }
                    let found = asking.settle(&mut question, &conditions, Asking::matters);
                    known.matters.learn(found);
                }
            }
            if *open != Formula::FALSE && known.wider != Known::Yes {
                let conditions = [open.clone(), allowed.clone()];
                let found = asking.settle(&mut question, &conditions, Asking::let_through);
                known.wider.learn(found);
            }
        }
    }

    /// The formulas of the clauses that forbid, or of those that permit, but for one.
    fn those(&self, applies: &[Formula], without: Option<usize>, forbid: bool) -> Vec<Formula> {
        let those = self.bindings.iter().zip(applies).enumerate();
        those
            .filter(|(index, (binding, formula))| {
                binding.forbids == forbid && Some(*index) != without && **formula != Formula::FALSE
            })
            .map(|(_, (_, formula))| formula.clone())
            .collect()
    }

    /// What a prohibition with exceptions leaves open under `unless` and none of them permits.
    fn left_open(
        &self,
        encoder: &mut Encoder<'_, '_>,
        binding: &Binding,
        applies: &Formula,
    ) -> Formula {
        let clause = self.rulebook.articles.clause(&binding.id);
        let Some(clause) = clause.filter(|clause| binding.forbids && !clause.exceptions.is_empty())
        else {
            return Formula::FALSE;
        };
        let scope = encoder.scope(&binding.policy);
        let when = encoder.conditions(&binding.policy, |part| {
            matches!(part, cedar_policy::pst::Clause::When(_))
        });
        let exceptions: Vec<Formula> = self
            .bindings
            .iter()
            .filter(|other| clause.exceptions.iter().any(|id| id.as_str() == other.id))
            .map(|other| encoder.applies(&other.policy))
            .collect();
        scope.and(when).and(!applies.clone()).and(!any(exceptions))
    }

    pub(super) fn finding(
        &self,
        kind: StandingKind,
        property: StandingProperty,
        binding: &Binding,
        message: &str,
    ) -> StandingFinding {
        let clause = self.rulebook.articles.clause(&binding.id);
        let articles = clause
            .map(|clause| clause.article.clone())
            .into_iter()
            .collect();
        let title = clause.map_or("", |clause| clause.title.as_str());
        StandingFinding {
            kind,
            property,
            clause: clause.map(|clause| clause.id.clone()),
            articles,
            message: format!("clause {} ({title}) {message}", binding.id),
        }
    }
}

/// One clause in one kind of request.
struct Asking<'a> {
    prover: &'a Prover<'a>,
    world: &'a World<'a>,
    scene: Scene,
    atoms: &'a Atoms,
    binding: &'a Binding,
}

impl Asking<'_> {
    /// Searches a case of `conditions` and has the evaluator confirm it.
    fn settle(
        &self,
        question: &mut Question<'_>,
        conditions: &[Formula],
        confirm: fn(&Self, &concretise::Candidate) -> Option<bool>,
    ) -> Known {
        match question.search_where(conditions) {
            Search::None => Known::No,
            Search::GaveUp => Known::Open,
            Search::Case(case) => match self.candidate(&case).and_then(|made| confirm(self, &made))
            {
                Some(true) => Known::Yes,
                Some(false) | None => Known::Open,
            },
        }
    }

    fn candidate(&self, case: &Case) -> Option<concretise::Candidate> {
        let rulebook = self.prover.rulebook;
        concretise::candidate(rulebook, self.world, self.atoms, self.scene, case)
    }

    /// Whether the clause alone answers the request of the candidate.
    fn applies(&self, candidate: &concretise::Candidate) -> Option<bool> {
        let outcome = candidate.put(self.scene, |policy| policy == self.binding.id)?;
        Some(matches!(
            outcome,
            Outcome::Permitted(_) | Outcome::Forbidden(_)
        ))
    }

    /// Whether the answer to the candidate's request changes when the clause is left out.
    fn matters(&self, candidate: &concretise::Candidate) -> Option<bool> {
        let with = candidate.put(self.scene, |_| true)?;
        let without = candidate.put(self.scene, |policy| policy != self.binding.id)?;
        let near = candidate.only_near();
        let passes =
            |outcome: &Outcome| outcome.permitted() || (near && *outcome == Outcome::NotPermitted);
        Some(passes(&with) != passes(&without))
    }

    /// Whether the candidate's request is let through although neither the clause nor any of its
    /// exceptions says so.
    fn let_through(&self, candidate: &concretise::Candidate) -> Option<bool> {
        let articles = &self.prover.rulebook.articles;
        let clause = articles.clause(&self.binding.id)?;
        let exceptions: BTreeSet<&str> = clause.exceptions.iter().map(|id| id.as_str()).collect();
        let cited = candidate.put(self.scene, |policy| exceptions.contains(policy))?;
        let all = candidate.put(self.scene, |_| true)?;
        let passes = all.permitted() || (candidate.only_near() && all == Outcome::NotPermitted);
        Some(passes && cited == Outcome::NotPermitted)
    }
}

/// The policies of `slice` whose ids are kept.
pub(super) fn kept(slice: &PolicySet, keep: impl Fn(&str) -> bool) -> PolicySet {
    let mut kept = slice.clone();
    let dropped: Vec<PolicyId> = slice
        .policies()
        .map(|policy| policy.id().clone())
        .filter(|id| !keep(id.as_ref()))
        .collect();
    for id in dropped {
        // Every policy of a slice is static and there, so that removing cannot fail.
        let _ = kept.remove_static(id);
    }
    kept
}
