//! What every agreement should be able to say of itself, whatever it is about.

use detente_records::names::ArticleId;

use super::encode::Encoder;
use super::formula::{Atoms, Formula, any};
use super::solve::{Question, Search};
use super::world::{Scene, World};
use super::{Binding, Prover, errors, scenes};

/// A defect of the agreement itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingFinding {
    /// Which defect.
    pub kind: StandingKind,
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

impl Prover<'_> {
    /// Looks for every [`StandingKind`] of defect; an agreement without findings has none.
    ///
    /// Articles in dispute are taken as they bind now, the stricter way. That conflicts with
    /// protected objects cannot be consented to needs no search: no article is asked about them.
    pub fn standing(&self) -> Vec<StandingFinding> {
        let mut findings = self.written();
        let world = self.world(&Default::default());
        for binding in &self.bindings {
            if errors::may_err(&binding.policy) {
                let message =
                    "contains arithmetic that can fail; an operation is then refused".to_owned();
                findings.push(self.finding(StandingKind::MayFail, binding, &message));
            }
            match self.somewhere(&world, |_, atoms, scene| {
                Encoder {
                    world: &world,
                    atoms,
                    scene,
                }
                .applies(&binding.policy)
            }) {
                Some(true) => self.effect(&world, binding, &mut findings),
                Some(false) => findings.push(self.finding(
                    StandingKind::NeverApplies,
                    binding,
                    "applies to no operation that can be asked about",
                )),
                None => findings.push(self.finding(
                    StandingKind::Undecided,
                    binding,
                    "may apply to no operation; this was not decided",
                )),
            }
            self.exceptions(&world, binding, &mut findings);
        }
        findings
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
                    articles: Vec::new(),
                    message,
                });
            }
        }
        findings
    }

    /// Whether leaving `binding` out would ever change a decision. An exception that permits what
    /// another article permits too is not idle: it is what a decision cites.
    fn effect(&self, world: &World<'_>, binding: &Binding, findings: &mut Vec<StandingFinding>) {
        if binding.exception && !binding.forbids {
            return;
        }
        let changes = self.somewhere(world, |prover, atoms, scene| {
            let with = prover.request_allowed(world, atoms, scene, None);
            let without = prover.request_allowed(world, atoms, scene, Some(&binding.id));
            !with.iff(without)
        });
        match changes {
            Some(true) => {}
            Some(false) => findings.push(self.finding(
                StandingKind::NoEffect,
                binding,
                "could be left out without changing any decision",
            )),
            None => findings.push(self.finding(
                StandingKind::Undecided,
                binding,
                "may have no effect; this was not decided",
            )),
        }
    }

    /// Whether what a prohibition lets through under `unless` is all permitted by its exceptions.
    fn exceptions(
        &self,
        world: &World<'_>,
        binding: &Binding,
        findings: &mut Vec<StandingFinding>,
    ) {
        let Some(clause) = self.rulebook.articles.clause(&binding.id) else {
            return;
        };
        if !binding.forbids || clause.exceptions.is_empty() {
            return;
        }
        let exceptions: Vec<&Binding> = self
            .bindings
            .iter()
            .filter(|other| clause.exceptions.iter().any(|id| id.as_str() == other.id))
            .collect();
        let wider = self.somewhere(world, |prover, atoms, scene| {
            let mut encoder = Encoder {
                world,
                atoms,
                scene,
            };
            let scope = encoder.scope(&binding.policy);
            let when = encoder.conditions(&binding.policy, |part| {
                matches!(part, cedar_policy::pst::Clause::When(_))
            });
            let kept = encoder.applies(&binding.policy);
            let excepted: Vec<Formula> = exceptions
                .iter()
                .map(|other| encoder.applies(&other.policy))
                .collect();
            let allowed = prover.request_allowed(world, encoder.atoms, scene, None);
            scope.and(when).and(!kept).and(!any(excepted)).and(allowed)
        });
        match wider {
            Some(false) => {}
            Some(true) => findings.push(self.finding(StandingKind::ExceptionWider, binding, "lets through, under `unless`, more than its exceptions permit, and another article permits it")),
            None => findings.push(self.finding(StandingKind::Undecided, binding, "may let through more than its exceptions permit; this was not decided")),
        }
    }

    /// Whether `condition` is true of some request; `None` when the search was given up, or when
    /// only facts nothing bounds could make it true.
    fn somewhere(
        &self,
        world: &World<'_>,
        condition: impl Fn(&Self, &mut Atoms, Scene) -> Formula,
    ) -> Option<bool> {
        let mut gave_up = false;
        for scene in scenes() {
            let mut atoms = Atoms::new();
            let condition = condition(self, &mut atoms, scene);
            if condition == Formula::FALSE {
                continue;
            }
            let bounds = world.bounds(&mut atoms, scene);
            let mut question = Question::new(&atoms);
            question.require(&bounds);
            question.require(&condition);
            match question.search(&[]) {
                Search::Case(_) => return Some(true),
                Search::GaveUp => gave_up = true,
                Search::None => {}
            }
        }
        if gave_up { None } else { Some(false) }
    }

    fn finding(&self, kind: StandingKind, binding: &Binding, message: &str) -> StandingFinding {
        let clause = self.rulebook.articles.clause(&binding.id);
        let articles = clause
            .map(|clause| clause.article.clone())
            .into_iter()
            .collect();
        let title = clause.map_or("", |clause| clause.title.as_str());
        let message = format!("clause {} ({title}) {message}", binding.id);
        StandingFinding {
            kind,
            articles,
            message,
        }
    }
}
