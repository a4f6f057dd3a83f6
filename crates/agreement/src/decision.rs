//! May this operation go ahead: the product's own rules first, then the articles.

use std::collections::BTreeSet;

use detente_records::names::ParticipantId;

use crate::case::{OperationCase, Thing, Touch};
use crate::evaluation::Outcome;
use crate::facts::OperationFacts;
use crate::finding::{Effect, Finding, FindingKind, Judgement, Verdict};
use crate::rulebook::Rulebook;
use crate::{facts, rules, words};

impl Rulebook {
    /// Judges one operation.
    ///
    /// It is clear only if no rule of the product's own holds it back and every request about it
    /// (one for each thing touched, one for the airspace) is permitted without error. If consents
    /// not yet given would make it so, they are required: the smallest set of them, the first in
    /// order among equals. Anything else is prohibited, and so is whatever cannot be evaluated.
    pub fn judge(&self, case: &OperationCase) -> Judgement {
        let roster = self.evaluator.stores.roster();
        let answerable = match rules::admit(case, roster) {
            Ok(answerable) => answerable,
            Err(refusal) => return conclude(vec![*refusal], BTreeSet::new(), Vec::new()),
        };
        let mut findings = rules::check(case, answerable, &self.agreement, roster);
        let facts = OperationFacts::new(case, answerable, roster, &self.evaluator.vocabulary);
        let mut asking = Asking {
            rulebook: self,
            facts: &facts,
            held: rules::consents_held(case, roster),
            everyone: roster.consenting().cloned().collect(),
            signatories: roster.signatories().cloned().collect(),
            permits: BTreeSet::new(),
            open: Vec::new(),
        };
        let touches = case.touches.iter().enumerate();
        for (index, touch) in touches.filter(|(_, touch)| rules::concerns_articles(case, touch)) {
            asking.about(Some((index, touch)), &mut findings);
        }
        asking.about(None, &mut findings);
        let missing = asking.smallest_missing();
        asking.tell_consents(&missing, &mut findings);
        let permitted_by = self.numbers(&asking.permits);
        conclude(findings, missing, permitted_by)
    }
}

/// Joins findings into a verdict.
fn conclude(
    mut findings: Vec<Finding>,
    missing: BTreeSet<ParticipantId>,
    permitted_by: Vec<detente_records::ArticleId>,
) -> Judgement {
    findings.sort_by(|one, other| one.order().cmp(&other.order()));
    let verdict = match findings.first().map(|finding| finding.effect) {
        Some(Effect::Forbid) => Verdict::Prohibited,
        Some(Effect::Consent) => Verdict::ConsentRequired,
        Some(Effect::Warn) | None => Verdict::Clear,
    };
    let asked = verdict == Verdict::ConsentRequired;
    let clear = verdict == Verdict::Clear;
    Judgement {
        verdict,
        consent_required: if asked { missing } else { BTreeSet::new() },
        permitted_by: if clear { permitted_by } else { Vec::new() },
        findings,
    }
}

/// The requests of one operation, as they are asked.
struct Asking<'a> {
    rulebook: &'a Rulebook,
    facts: &'a OperationFacts<'a>,
    held: BTreeSet<ParticipantId>,
    everyone: BTreeSet<ParticipantId>,
    signatories: BTreeSet<ParticipantId>,
    permits: BTreeSet<String>,
    open: Vec<Open<'a>>,
}

/// A request that passes only with further consents.
struct Open<'a> {
    at: Option<(usize, &'a Touch)>,
    clauses: BTreeSet<String>,
    /// The product's own rule: everyone's consent, whatever the articles say.
    everyone: bool,
}

impl<'a> Asking<'a> {
    /// Asks with the consents held and, if that is refused, with everyone's.
    fn about(&mut self, at: Option<(usize, &'a Touch)>, findings: &mut Vec<Finding>) {
        let touch = at.map(|(_, touch)| touch);
        let everyone = touch.is_some_and(rules::needs_everyone) && self.held != self.signatories;
        let first = self.rulebook.evaluator.ask(self.facts, touch, &self.held);
        let clauses = match &first {
            Outcome::Permitted(permits) if !everyone => {
                self.permits.extend(permits.iter().cloned());
                return;
            }
            Outcome::Permitted(_) | Outcome::NotPermitted => BTreeSet::new(),
            Outcome::Forbidden(clauses) => clauses.clone(),
            Outcome::Indeterminate { .. } => return findings.push(self.refusal(at, first)),
        };
        if let (true, Some((index, touch))) = (everyone && self.everyone != self.signatories, at) {
            findings.push(self.nobody_left_to_agree(index, touch));
            return;
        }
        match self
            .rulebook
            .evaluator
            .ask(self.facts, touch, &self.everyone)
        {
            Outcome::Permitted(permits) => {
                let clauses = if clauses.is_empty() && first == Outcome::NotPermitted {
                    permits
                } else {
                    clauses
                };
                self.open.push(Open {
                    at,
                    clauses,
                    everyone,
                });
            }
            refused => findings.push(self.refusal(at, refused)),
        }
    }

    /// The smallest set of participants whose consent, added to what is held, opens every
    /// request; the first in order among equals.
    ///
    /// Articles cannot punish a consent (reading them checks that), so that a participant without
    /// whom everyone else's consent is not enough is needed in any case; usually those suffice.
    fn smallest_missing(&self) -> BTreeSet<ParticipantId> {
        if self.open.is_empty() {
            return BTreeSet::new();
        }
        let askable: Vec<&ParticipantId> = self.everyone.difference(&self.held).collect();
        let without = |left_out: &ParticipantId| {
            let mut rest = self.everyone.clone();
            rest.remove(left_out);
            rest
        };
        let needed: BTreeSet<ParticipantId> = askable
            .iter()
            .filter(|id| !self.opens(&without(id)))
            .map(|id| (*id).clone())
            .collect();
        let optional: Vec<&ParticipantId> = askable
            .into_iter()
            .filter(|id| !needed.contains(*id))
            .collect();
        for size in 0..=optional.len() {
            for extra in combinations(&optional, size) {
                let mut set = needed.clone();
                set.extend(extra.into_iter().map(|id| (*id).clone()));
                if self.opens(&self.held.union(&set).cloned().collect()) {
                    return set;
                }
            }
        }
        self.everyone.difference(&self.held).cloned().collect()
    }

    /// Whether exactly these consents open every request still open.
    fn opens(&self, consents: &BTreeSet<ParticipantId>) -> bool {
        self.open.iter().all(|open| {
            let touch = open.at.map(|(_, touch)| touch);
            (!open.everyone || *consents == self.signatories)
                && self
                    .rulebook
                    .evaluator
                    .ask(self.facts, touch, consents)
                    .permitted()
        })
    }

    fn tell_consents(&self, missing: &BTreeSet<ParticipantId>, findings: &mut Vec<Finding>) {
        let operation = words::operation(self.facts.case);
        for open in &self.open {
            let who = facts::list(missing.iter().map(ParticipantId::as_str));
            let place = open.at.map_or_else(String::new, |(_, touch)| {
                format!(" {}, {},", words::encounter(touch), words::passage(touch))
            });
            let reason = if open.clauses.is_empty() {
                "the kind of the area is not stated, so that everyone must agree".to_owned()
            } else {
                words::articles(self.rulebook.cited(&open.clauses))
            };
            let message = format!("{operation}{place} needs the consent of {who}: {reason}");
            let mut finding = self.finding(open.at, Effect::Consent, message, &open.clauses);
            finding.consent_of.clone_from(missing);
            findings.push(finding);
        }
    }

    /// A forbidding finding for a request refused even with everyone's consent.
    fn refusal(&self, at: Option<(usize, &'a Touch)>, outcome: Outcome) -> Finding {
        let operation = words::operation(self.facts.case);
        let place = at.map_or_else(String::new, |(_, touch)| {
            format!(" {}, {}", words::encounter(touch), words::passage(touch))
        });
        match outcome {
            Outcome::Forbidden(clauses) => {
                let cited = words::articles(self.rulebook.cited(&clauses));
                let lacking = self.agreement_lacking(at);
                let message = format!("{operation}{place}: forbidden by {cited}{lacking}");
                self.finding(at, Effect::Forbid, message, &clauses)
            }
            Outcome::NotPermitted | Outcome::Permitted(_) => {
                self.not_permitted(at, &operation, &place)
            }
            Outcome::Indeterminate { clauses, reason } => {
                let cited = words::articles(self.rulebook.cited(&clauses));
                let message = format!(
                    "{operation}{place}: refused because {cited} could not be evaluated: {reason}"
                );
                let mut finding = self.finding(at, Effect::Forbid, message, &clauses);
                finding.kind = FindingKind::Indeterminate;
                finding
            }
        }
    }

    /// A forbidding finding for an area that needs everyone's consent after somebody withdrew.
    fn nobody_left_to_agree(&self, index: usize, touch: &Touch) -> Finding {
        let gone = self
            .signatories
            .difference(&self.everyone)
            .map(ParticipantId::as_str);
        let message = format!(
            "{} {}, {}: the kind of the area is not stated, so that everyone must agree, and {} has withdrawn",
            words::operation(self.facts.case),
            words::encounter(touch),
            words::passage(touch),
            facts::list(gone),
        );
        rules::about(index, touch, kind_of(&touch.thing), message)
    }

    fn not_permitted(
        &self,
        at: Option<(usize, &'a Touch)>,
        operation: &str,
        place: &str,
    ) -> Finding {
        let touch = at.map(|(_, touch)| touch);
        let disputed = self
            .rulebook
            .evaluator
            .disputed_permits(self.facts, touch, &self.everyone);
        let message = if disputed.is_empty() {
            let lacking = self.agreement_lacking(at);
            format!("{operation}{place}: no article permits it{lacking}")
        } else {
            let cited = words::articles(self.rulebook.cited(&disputed));
            format!(
                "{operation}{place}: permitted only by {cited}, whose reading is in dispute or whose preconditions do not hold; until then the stricter reading counts"
            )
        };
        let mut finding = self.finding(at, Effect::Forbid, message, &disputed);
        finding.kind = FindingKind::NotPermitted;
        finding
    }

    /// Says which areas would let a request through if they opened anything.
    fn agreement_lacking(&self, at: Option<(usize, &Touch)>) -> String {
        let touch = at.map(|(_, touch)| touch);
        let evaluator = &self.rulebook.evaluator;
        let waits = self.facts.counts_both_ways()
            && evaluator.opened_by_any_area(self.facts, touch, &self.everyone);
        if !waits {
            return String::new();
        }
        format!(
            "; {} opens nothing: not every participant has agreed to it, or it is suspended",
            facts::list(self.facts.restraining())
        )
    }

    fn finding(
        &self,
        at: Option<(usize, &Touch)>,
        effect: Effect,
        message: String,
        clauses: &BTreeSet<String>,
    ) -> Finding {
        let touch = at.map(|(_, touch)| touch);
        let read: BTreeSet<String> = self
            .rulebook
            .cited(clauses)
            .flat_map(|clause| clause.reads.iter().cloned())
            .collect();
        let base = match at {
            Some((index, touch)) => rules::about(index, touch, kind_of(&touch.thing), message),
            None => rules::at_large(self.facts.case, FindingKind::Article, message),
        };
        Finding {
            effect,
            articles: self.rulebook.numbers(clauses),
            clauses: clauses.clone(),
            facts: self.facts.told(&read, touch, &self.held),
            ..base
        }
    }
}

fn kind_of(thing: &Thing) -> FindingKind {
    match thing {
        Thing::Area(area) => FindingKind::Area(area.measure),
        Thing::ProtectedObject { .. } => FindingKind::ProtectedObject,
        Thing::Movement { .. } => FindingKind::HumanitarianMovement,
        Thing::Operation { .. } => FindingKind::Operation,
    }
}

/// Every choice of `size` from `items`, in lexicographic order of position.
fn combinations<T>(items: &[T], size: usize) -> Vec<Vec<&T>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let mut found = Vec::new();
    for (index, first) in items.iter().enumerate() {
        for mut rest in combinations(items.get(index + 1..).unwrap_or_default(), size - 1) {
            rest.insert(0, first);
            found.push(rest);
        }
    }
    found
}
