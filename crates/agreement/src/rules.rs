//! The rules no article can relax, applied before any article is read.

use std::collections::BTreeSet;

use detente_records::names::ParticipantId;
use detente_records::{Activity, Agreement, Status};
use detente_spacetime::{Instant, Span};

use crate::case::{OperationCase, Thing, Touch};
use crate::facts::{Passage, until};
use crate::finding::{Effect, Finding, FindingKind};
use crate::roster::Roster;
use crate::words;

/// Why an operation is refused without asking the articles anything; `Ok` names the participant
/// answerable for it.
pub(crate) fn admit<'a>(
    case: &OperationCase,
    roster: &'a Roster,
) -> Result<&'a ParticipantId, Box<Finding>> {
    if case.awareness.is_none() {
        let message =
            "not evaluated: nothing shows that the proposer had read the restraints in force"
                .to_owned();
        return Err(Box::new(at_large(case, FindingKind::NotEvaluated, message)));
    }
    let unknown = |message| Err(Box::new(at_large(case, FindingKind::Unknown, message)));
    let Some(force) = roster.forces.get(&case.force) else {
        return unknown(format!(
            "the force {} is not declared in the agreement",
            case.force
        ));
    };
    if !roster.parties.contains_key(&case.party) {
        return unknown(format!(
            "the party {} is not declared in the agreement",
            case.party
        ));
    }
    if force.party != case.party {
        return unknown(format!(
            "the force {} belongs to {}, not to {}",
            case.force, force.party, case.party
        ));
    }
    let Some(answerable) = roster.answerable(&case.party) else {
        return unknown(format!("no participant answers for {}", case.party));
    };
    Ok(answerable)
}

/// Every rule of the product's own that the operation runs into.
pub(crate) fn check(
    case: &OperationCase,
    answerable: &ParticipantId,
    agreement: &Agreement,
    roster: &Roster,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    validity(case, agreement, &mut findings);
    withdrawal(case, answerable, roster, &mut findings);
    notice(case, agreement, &mut findings);
    for (index, touch) in case.touches.iter().enumerate() {
        protected_object(case, index, touch, agreement, &mut findings);
        own_operation(case, index, touch, &mut findings);
    }
    consents(case, roster, &mut findings);
    findings
}

/// Consents that count: those listed by participants that have not withdrawn, and the proposing
/// participant's own. A guarantor's consent is never implied.
pub(crate) fn consents_held(case: &OperationCase, roster: &Roster) -> BTreeSet<ParticipantId> {
    let own = |id: &ParticipantId| *id == case.party;
    roster
        .consenting()
        .filter(|id| case.consents.contains(*id) || own(id))
        .cloned()
        .collect()
}

/// Whether articles are asked about `touch` at all: a party's own operations are its own affair.
pub(crate) fn concerns_articles(case: &OperationCase, touch: &Touch) -> bool {
    !matches!(&touch.thing, Thing::Operation { party, .. } if *party == case.party)
}

/// A designated area whose kind nobody stated needs everyone's consent, whatever articles say.
pub(crate) fn needs_everyone(touch: &Touch) -> bool {
    matches!(&touch.thing, Thing::Area(area) if area.kind_unknown())
}

fn validity(case: &OperationCase, agreement: &Agreement, findings: &mut Vec<Finding>) {
    let status = agreement.status;
    let covered = status == Status::InForce || (status == Status::Suspended && is_relief(case));
    let message = if !covered {
        format!(
            "the agreement is not in force: its status is {}",
            status.wire_name()
        )
    } else if let Some(message) = outside(case, agreement.day_d, agreement.ends) {
        message
    } else {
        return;
    };
    findings.push(at_large(case, FindingKind::NotInForce, message));
}

/// Aid and rescue: what articles may still permit while the agreement is suspended, or to a party
/// that has withdrawn. Nothing else is left to them then.
fn is_relief(case: &OperationCase) -> bool {
    matches!(
        case.activity,
        Activity::Medevac | Activity::SearchAndRescue | Activity::Humanitarian
    )
}

fn outside(case: &OperationCase, day_d: Option<Instant>, ends: Option<Instant>) -> Option<String> {
    let Some(day_d) = day_d else {
        return Some("the agreement has no Day D, so that it covers no time yet".to_owned());
    };
    if case.starts < day_d {
        return Some(format!(
            "the operation begins {}, before the agreement takes effect {day_d}",
            case.starts
        ));
    }
    let ends = ends?;
    let late = case.ends.is_none_or(|last| last > ends);
    late.then(|| {
        format!(
            "the operation lasts {}, the agreement only until {ends}",
            lasts(case.ends)
        )
    })
}

fn lasts(end: Option<Instant>) -> String {
    end.map_or_else(|| until(None), |end| format!("until {end}"))
}

fn withdrawal(
    case: &OperationCase,
    answerable: &ParticipantId,
    roster: &Roster,
    findings: &mut Vec<Finding>,
) {
    if is_relief(case) {
        return;
    }
    let withdrawn = |party: &str| {
        roster
            .parties
            .get(party)
            .is_some_and(|party| party.withdrawn)
    };
    let who = [case.party.as_str(), answerable.as_str()]
        .into_iter()
        .find(|party| withdrawn(party));
    if let Some(who) = who {
        let message = format!(
            "{who} has withdrawn from the agreement, which permits it nothing but aid and rescue any more"
        );
        findings.push(at_large(case, FindingKind::NotInForce, message));
    }
}

fn notice(case: &OperationCase, agreement: &Agreement, findings: &mut Vec<Finding>) {
    let lead_time = Passage::of(case, None).lead_time(case.notified);
    let required = agreement.parameters.lead_times.get(&case.activity).copied();
    let required = required.filter(|required| lead_time < *required);
    if let Some(required) = required {
        let given = words::notice(case.notified, lead_time);
        let message = format!(
            "{} needs {required} of notice before it begins; {given}",
            words::activity(case.activity)
        );
        findings.push(at_large(case, FindingKind::Notice, message));
    } else if case.notified.is_none() {
        let message = "no instant of notice is known; it counts as none given".to_owned();
        findings.push(Finding {
            effect: Effect::Warn,
            ..at_large(case, FindingKind::Notice, message)
        });
    } else if lead_time == Span::from_micros(0) {
        let message =
            "notice came when the operation had begun or later; it counts as none given".to_owned();
        findings.push(Finding {
            effect: Effect::Warn,
            ..at_large(case, FindingKind::Notice, message)
        });
    }
}

fn protected_object(
    case: &OperationCase,
    index: usize,
    touch: &Touch,
    agreement: &Agreement,
    findings: &mut Vec<Finding>,
) {
    let Thing::ProtectedObject {
        category,
        keep_out_m,
        conflict: true,
        ..
    } = &touch.thing
    else {
        return;
    };
    let place = format!(
        "{} within {keep_out_m} m of the {category} {}",
        words::activity(case.activity),
        touch.with
    );
    let exempt = agreement
        .parameters
        .standoff
        .exempts(category, case.activity);
    let (effect, message) = if exempt {
        (
            Effect::Warn,
            format!("{place}: the stand-off policy exempts this activity"),
        )
    } else {
        (
            Effect::Forbid,
            format!(
                "{place}, {}: no consent can permit this",
                words::passage(touch)
            ),
        )
    };
    findings.push(Finding {
        effect,
        ..about(index, touch, FindingKind::ProtectedObject, message)
    });
}

fn own_operation(case: &OperationCase, index: usize, touch: &Touch, findings: &mut Vec<Finding>) {
    if concerns_articles(case, touch) {
        return;
    }
    let message = format!(
        "meets {}'s own operation {}, {}",
        case.party,
        touch.with,
        words::passage(touch)
    );
    findings.push(Finding {
        effect: Effect::Warn,
        ..about(index, touch, FindingKind::Operation, message)
    });
}

/// Remarks on consents listed that do not count.
fn consents(case: &OperationCase, roster: &Roster, findings: &mut Vec<Finding>) {
    for id in &case.consents {
        if !roster.consenting().any(|counted| counted == id) {
            let message =
                format!("the consent of {id} does not count: not a participant, or withdrawn");
            findings.push(Finding {
                effect: Effect::Warn,
                ..at_large(case, FindingKind::Consent, message)
            });
        }
    }
}

/// A forbidding finding about the operation at large.
pub(crate) fn at_large(case: &OperationCase, kind: FindingKind, message: String) -> Finding {
    Finding {
        effect: Effect::Forbid,
        kind,
        with: None,
        touch: None,
        since: case.starts,
        articles: Vec::new(),
        clauses: BTreeSet::new(),
        consent_of: BTreeSet::new(),
        facts: Vec::new(),
        message,
    }
}

/// A forbidding finding about one thing touched.
pub(crate) fn about(index: usize, touch: &Touch, kind: FindingKind, message: String) -> Finding {
    Finding {
        effect: Effect::Forbid,
        kind,
        with: Some(touch.with.clone()),
        touch: Some(index),
        since: touch.enters,
        articles: Vec::new(),
        clauses: BTreeSet::new(),
        consent_of: BTreeSet::new(),
        facts: Vec::new(),
        message,
    }
}
