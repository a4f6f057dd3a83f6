//! What is counted, and the counting.

use std::collections::BTreeMap;

use detente_records::act::Act;
use detente_records::act::violation::Statement;
use detente_records::{AreaId, HolderId, Kind, PartyId};
use detente_spacetime::Instant;

use super::period::Period;
use crate::picture::{Account, Change, HistoryLine, Line, Outcome, Picture, Source};

macro_rules! measures {
    ($( $name:ident = $wire:literal: $says:literal; )*) => {
        /// What is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Measure {
            $( #[doc = $says] $name, )*
        }

        impl Measure {
            /// Every measure, in the order of reports.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// Returns the name used in answers.
            pub fn wire_name(self) -> &'static str {
                match self {
                    $( Self::$name => $wire, )*
                }
            }

            /// Returns what is counted, as a sentence.
            pub fn says(self) -> &'static str {
                match self {
                    $( Self::$name => $says, )*
                }
            }
        }
    };
}

measures! {
    OperationsProposed = "operations_proposed": "Operations put to the other participants, by who proposed them.";
    FlightsNoticed = "flights_noticed": "Flights announced under an exception, by who announced them.";
    FlightsNoticedLate = "flights_noticed_late": "Of these, announced later than the article asks.";
    ObjectsNotified = "objects_notified": "Objects notified for protection, by who notified them.";
    MovementsNotified = "movements_notified": "Humanitarian movements notified, by who notified them.";
    Consents = "consents": "Consents to operations, by who consented.";
    ConditionalConsents = "conditional_consents": "Consents on conditions, by who put them.";
    Objections = "objections": "Refusals of operations, by who refused.";
    ProposalsExpired = "proposals_expired": "Proposals nobody answered in time, which is not consent, by who proposed them.";
    OperationsActivated = "operations_activated": "Operations that began, by who began them.";
    OperationsSuspended = "operations_suspended": "Operations that a new or changed restraint suspended, by who proposed them.";
    OperationsStopped = "operations_stopped": "Operations stopped, by who stopped them.";
    ViolationsAlleged = "violations_alleged": "Violations reported, by who reported them, of whom and where.";
    ViolationsCounted = "violations_counted": "Violations as each holder counts them: reported by it and not found otherwise, or confirmed by it.";
    FindingsConfirm = "findings_confirm": "Findings that an event happened as alleged, by who stated them.";
    FindingsCannotConfirm = "findings_cannot_confirm": "Findings that can neither confirm nor deny, by who stated them.";
    FindingsDeny = "findings_deny": "Findings that an event did not happen as alleged, by who stated them.";
    FindingsNoAccess = "findings_no_access": "Findings that the place or the evidence could not be reached, by who stated them.";
    Incidents = "incidents": "Events reported without a legal label, by who reported them.";
    HarmAccounts = "harm_accounts": "Accounts of civilian casualties, by whose ledger they are on record in.";
    AccessRestrictions = "access_restrictions": "Monitors or inquirers kept from a place, by who recorded it and who kept them out.";
    CallsRung = "calls_rung": "Calls over a line, by who rang.";
    CallsUnanswered = "calls_unanswered": "Calls put on record as not answered, by who rang.";
    Suspensions = "suspensions": "Suspensions announced, by who announced them.";
    AttemptsRefused = "attempts_refused": "Commands a node refused and put on record, by whose node.";
}

/// A figure with the entries behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// What is counted.
    pub measure: Measure,
    /// Whose acts, or whose account.
    pub holder: HolderId,
    /// Of whom, where that is said.
    pub party: Option<PartyId>,
    /// Where, by area, where that is said.
    pub area: Option<AreaId>,
    /// The entries counted, in the order of ledgers and indexes.
    pub records: Vec<Source>,
    /// The entries counted in the period before.
    pub previous: Vec<Source>,
}

/// What a figure is told apart by.
type Key = (Measure, HolderId, Option<PartyId>, Option<AreaId>);

struct Tally {
    period: Period,
    previous: Period,
    found: BTreeMap<Key, (Vec<Source>, Vec<Source>)>,
}

impl Tally {
    fn add(&mut self, key: Key, at: Instant, source: &Source) {
        let (now, before) = (self.period.contains(at), self.previous.contains(at));
        if !now && !before {
            return;
        }
        let (records, previous) = self.found.entry(key).or_default();
        match now {
            true => records.push(source.clone()),
            false => previous.push(source.clone()),
        }
    }

    fn of(&mut self, measure: Measure, line: &Line) {
        let key = (measure, line.author.holder.clone(), None, None);
        self.add(key, line.at, &line.source);
    }
}

/// Counts both periods.
pub(super) fn counts(picture: &Picture, period: Period, previous: Period) -> Vec<Count> {
    let mut tally = Tally {
        period,
        previous,
        found: BTreeMap::new(),
    };
    count_lines(picture, &mut tally);
    count_moves(picture, &mut tally);
    for (at, until) in [(period, period.until()), (previous, previous.until())] {
        count_allegations(picture, &mut tally, at, until);
    }
    let counts = tally.found.into_iter();
    counts
        .map(
            |((measure, holder, party, area), (mut records, mut previous))| {
                records.sort();
                previous.sort();
                Count {
                    measure,
                    holder,
                    party,
                    area,
                    records,
                    previous,
                }
            },
        )
        .collect()
}

/// Counts acts that took effect, by what they say.
fn count_lines(picture: &Picture, tally: &mut Tally) {
    let operations = picture
        .operations()
        .flat_map(|(_, file)| &file.matter.lines);
    let objects = picture
        .protected_objects()
        .flat_map(|(_, file)| &file.matter.lines);
    let movements = picture.movements().flat_map(|(_, file)| &file.matter.lines);
    let matters = ["incident", "violation", "suspension", "call"];
    let matters = matters.into_iter().flat_map(|machine| {
        let matters = picture.matters(machine);
        matters.flat_map(|(_, matter)| &matter.lines)
    });
    for line in operations.chain(objects).chain(movements).chain(matters) {
        if let Some(measure) = measure_of(&line.act) {
            tally.of(measure, line);
        }
        if says_harm(&line.act) {
            tally.of(Measure::HarmAccounts, line);
        }
    }
    let access = picture.statements(Kind::AccessRestricted);
    for line in access.flat_map(|(_, lines)| lines) {
        if let Act::AccessRestricted(act) = &*line.act {
            let holder = line.author.holder.clone();
            let key = (Measure::AccessRestrictions, holder, act.by.clone(), None);
            tally.add(key, line.at, &line.source);
        }
    }
}

fn measure_of(act: &Act) -> Option<Measure> {
    Some(match act {
        Act::OperationProposed(_) => Measure::OperationsProposed,
        Act::FlightNoticed(_) => Measure::FlightsNoticed,
        Act::ObjectSubmitted(_) => Measure::ObjectsNotified,
        Act::MovementNotified(_) => Measure::MovementsNotified,
        Act::OperationConsented(_) => Measure::Consents,
        Act::OperationConsentedWithConditions(_) => Measure::ConditionalConsents,
        Act::OperationObjected(_) => Measure::Objections,
        Act::OperationActivated(_) => Measure::OperationsActivated,
        Act::OperationStopped(_) => Measure::OperationsStopped,
        Act::FindingStated(act) => match act.statement {
            Statement::Confirm => Measure::FindingsConfirm,
            Statement::CannotConfirm => Measure::FindingsCannotConfirm,
            Statement::Deny => Measure::FindingsDeny,
            Statement::NoAccess => Measure::FindingsNoAccess,
        },
        Act::IncidentReported(_) => Measure::Incidents,
        Act::CallRung(_) => Measure::CallsRung,
        Act::CallUnanswered(_) => Measure::CallsUnanswered,
        Act::SuspensionNotified(_) => Measure::Suspensions,
        _ => return None,
    })
}

fn says_harm(act: &Act) -> bool {
    match act {
        Act::IncidentReported(act) => act.account.harm.is_some(),
        Act::IncidentSourceAdded(act) => act.account.harm.is_some(),
        Act::OperationClosedOut(act) => act.harm.iter().any(|harm| harm.harm.is_some()),
        _ => false,
    }
}

/// Counts what became of matters without an act of their own, and what was refused.
fn count_moves(picture: &Picture, tally: &mut Tally) {
    for line in picture.histories().flat_map(|(_, lines)| lines) {
        let Outcome::Effective(changes) = &line.outcome else {
            continue;
        };
        if line.kind == Kind::AttemptRefused {
            let key = (
                Measure::AttemptsRefused,
                line.author.holder.clone(),
                None,
                None,
            );
            tally.add(key, line.at, &line.source);
        }
        if line.kind == Kind::FlightNoticed
            && changes.iter().any(|change| change.to == "noticed_late")
        {
            let key = (
                Measure::FlightsNoticedLate,
                line.author.holder.clone(),
                None,
                None,
            );
            tally.add(key, line.at, &line.source);
        }
        for change in changes.iter() {
            count_change(picture, tally, line, change);
        }
    }
    // A proposal whose time ran out with nobody writing anything since.
    for (_, file) in picture.operations() {
        let course = &file.matter.course;
        if course.machine.name == "operation" && course.state == "expired" {
            let key = (
                Measure::ProposalsExpired,
                file.proposed_by.holder.clone(),
                None,
                None,
            );
            if let Some(line) = proposal(&file.matter.lines) {
                tally.add(key, course.since, &line.source);
            }
        }
    }
}

/// A restraint that suspended an operation is counted with the entry that brought it.
fn count_change(picture: &Picture, tally: &mut Tally, line: &HistoryLine, change: &Change) {
    if change.machine != "operation"
        || !matches!(change.to, "recheck_required" | "recheck_in_flight")
    {
        return;
    }
    if let Some(file) = picture.operation(&change.subject) {
        let holder = file.matter.opened_by.holder.clone();
        let key = (Measure::OperationsSuspended, holder, None, None);
        tally.add(key, change.at, &line.source);
    }
}

fn proposal(lines: &[Line]) -> Option<&Line> {
    lines.iter().rev().find(|line| {
        matches!(
            line.act.kind(),
            Kind::OperationProposed | Kind::OperationRevised
        )
    })
}

/// Counts allegations of one period, each holder's account on its own.
fn count_allegations(picture: &Picture, tally: &mut Tally, period: Period, until: Instant) {
    let participants = picture.participants();
    for allegation in picture.allegations(until) {
        let (party, area) = (allegation.party.clone(), allegation.area.clone());
        let reporter = &allegation.reported_by;
        if period.contains(allegation.reported_at) && allegation.duplicate_of.is_none() {
            let key = (
                Measure::ViolationsAlleged,
                reporter.clone(),
                party.clone(),
                area.clone(),
            );
            tally.add(key, allegation.reported_at, &allegation.source);
        }
        for holder in picture.holders().values().map(|holder| &holder.id) {
            if !allegation.counts_for(Account::Of(holder), &participants) {
                continue;
            }
            let (at, source) = match allegation.findings.get(holder) {
                Some(finding) if holder != reporter => (finding.at, &finding.source),
                _ => (allegation.reported_at, &allegation.source),
            };
            if period.contains(at) {
                let key = (
                    Measure::ViolationsCounted,
                    holder.clone(),
                    party.clone(),
                    area.clone(),
                );
                tally.add(key, at, source);
            }
        }
    }
}
