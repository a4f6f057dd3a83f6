//! Private checks: what the two sides are committed to, what they said, and how often.

use detente_ledger::hash::Hash;
use detente_records::act::Act;
use detente_records::act::private_check::{CheckTerms, Found, PrivateCheckProposed};
use detente_records::act::report::Sealed;
use detente_records::workflow::Guard;
use detente_records::{HolderId, PrivateChecks, RecordId};
use detente_sharing::private_check::{Role, Terms};
use detente_spacetime::{Instant, Span};

use super::Picture;
use super::matter::{Line, Matter};
use super::said::Said;

/// The workflow of private checks.
pub const PRIVATE_CHECK: &str = "private_check";
/// The stretch that sessions are counted in, hours.
const DAY_H: i64 = 24;
/// Messages after which both sides know how many coarse cells are common: the initiator's, the responder's.
const COUNTED: (usize, usize) = (2, 1);

/// A private check as the ledgers show it.
#[derive(Clone, Copy, Debug)]
pub struct CheckFile<'a> {
    /// Its id.
    pub id: &'a RecordId,
    /// Everything said about it.
    pub matter: &'a Matter,
}

/// Something said in a private check that the session goes on with.
#[derive(Clone, Copy, Debug)]
pub struct CheckSaid<'a> {
    /// The entry.
    pub line: &'a Line,
    /// Whether the initiator said it.
    pub by_initiator: bool,
    /// What.
    pub said: SaidOfCheck<'a>,
}

/// What was said.
#[derive(Clone, Copy, Debug)]
pub enum SaidOfCheck<'a> {
    /// A commitment.
    Committed(&'a Sealed),
    /// A message.
    Message(&'a Sealed),
    /// Consent.
    Consented,
    /// A finding.
    Concluded(Found),
}

impl<'a> CheckFile<'a> {
    fn proposed(&self) -> Option<&'a PrivateCheckProposed> {
        let mut lines = self.matter.lines.iter();
        lines.find_map(|line| match &*line.act {
            Act::PrivateCheckProposed(act) => Some(act),
            _ => None,
        })
    }

    /// Who proposed it.
    pub fn initiator(&self) -> &'a HolderId {
        &self.matter.opened_by.holder
    }

    /// Who was asked.
    pub fn responder(&self) -> Option<&'a HolderId> {
        self.proposed().map(|act| &act.with)
    }

    /// The part of a holder in it; none for everybody else.
    pub fn role_of(&self, holder: &HolderId) -> Option<Role> {
        if self.initiator() == holder {
            return Some(Role::Initiator);
        }
        (self.responder() == Some(holder)).then_some(Role::Responder)
    }

    /// The other side.
    pub fn other(&self, holder: &HolderId) -> Option<&'a HolderId> {
        match self.role_of(holder)? {
            Role::Initiator => self.responder(),
            Role::Responder => Some(self.initiator()),
        }
    }

    /// What it is held under.
    pub fn terms(&self) -> Option<Terms> {
        self.proposed().map(|act| terms(&act.terms))
    }

    /// When it ends, however far it has come.
    pub fn expires(&self) -> Option<Instant> {
        self.proposed().map(|act| act.expires)
    }

    /// Everything that the session goes on with, in order.
    pub fn said(&self) -> impl Iterator<Item = CheckSaid<'a>> {
        let initiator = self.initiator();
        self.matter.lines.iter().filter_map(move |line| {
            let said = match &*line.act {
                Act::PrivateCheckProposed(act) => SaidOfCheck::Committed(&act.sealed),
                Act::PrivateCheckAnswered(act) => SaidOfCheck::Committed(&act.sealed),
                Act::PrivateCheckMessage(act) => SaidOfCheck::Message(&act.sealed),
                Act::PrivateCheckConsented(_) => SaidOfCheck::Consented,
                Act::PrivateCheckConcluded(act) => SaidOfCheck::Concluded(act.found),
                _ => return None,
            };
            Some(CheckSaid {
                line,
                by_initiator: line.author.holder == *initiator,
                said,
            })
        })
    }

    /// How many messages the initiator and the responder have sent.
    pub fn messages(&self) -> (usize, usize) {
        let of = |by_initiator: bool| {
            let messages = self.said();
            let of = messages.filter(|said| {
                said.by_initiator == by_initiator && matches!(said.said, SaidOfCheck::Message(_))
            });
            of.count()
        };
        (of(true), of(false))
    }

    /// What a side has said it found.
    pub fn found(&self, by_initiator: bool) -> Option<Found> {
        self.said().find_map(|said| match said.said {
            SaidOfCheck::Concluded(found) if said.by_initiator == by_initiator => Some(found),
            _ => None,
        })
    }

    /// Whether a side has consented.
    pub fn has_consented(&self, by_initiator: bool) -> bool {
        self.said().any(|said| {
            said.by_initiator == by_initiator && matches!(said.said, SaidOfCheck::Consented)
        })
    }
}

fn later(instant: Instant, hours: i64) -> Option<Instant> {
    instant.plus(Span::from_hours(hours)?)
}

fn terms(stated: &CheckTerms) -> Terms {
    Terms {
        agreement: Hash::from_bytes(*stated.agreement.bytes()),
        separation_m: stated.separation_m,
        vertical_m: stated.vertical_m,
        time_s: stated.time_s,
        cells_max: stated.cells_max,
        finest: u8::try_from(stated.finest).unwrap_or(u8::MAX),
    }
}

impl Picture {
    /// The private check of this id.
    pub fn private_check<'a>(&'a self, id: &'a RecordId) -> Option<CheckFile<'a>> {
        let matter = self.matter_file(PRIVATE_CHECK, id)?;
        Some(CheckFile { id, matter })
    }

    /// Every private check, by id.
    pub fn private_checks(&self) -> impl Iterator<Item = CheckFile<'_>> {
        let checks = self.matters(PRIVATE_CHECK);
        checks.map(|(id, matter)| CheckFile { id, matter })
    }

    /// What a session would be held under now; none while no text binds.
    pub fn private_check_terms(&self) -> Option<(CheckTerms, PrivateChecks)> {
        let sha256 = self.dossier()?.sha256;
        let parameters = self.parameters()?.private_checks;
        let terms = CheckTerms {
            agreement: detente_records::act::Digest::new(sha256),
            separation_m: parameters.separation_m,
            vertical_m: parameters.vertical_m,
            time_s: parameters.time_s,
            cells_max: parameters.cells_max,
            finest: parameters.finest,
        };
        Some((terms, parameters))
    }

    /// How many sessions `initiator` has proposed to `responder` within the day before.
    pub fn private_checks_of_day(
        &self,
        initiator: &HolderId,
        responder: &HolderId,
        now: Instant,
    ) -> usize {
        let is_counted = |file: &CheckFile<'_>| {
            let until = later(file.matter.opened_at, DAY_H);
            file.initiator() == initiator
                && file.responder() == Some(responder)
                && until.is_none_or(|until| until > now)
        };
        self.private_checks().filter(is_counted).count()
    }

    pub(super) fn private_check_guard(
        &self,
        guard: Guard,
        matter: &Matter,
        said: &Said<'_>,
    ) -> bool {
        let id = said.act.subject();
        let file = CheckFile { id, matter };
        let author = &said.author.holder;
        let by_initiator = file.initiator() == author;
        match (guard, said.act) {
            (Guard::TermsOfAgreement, Act::PrivateCheckProposed(act)) => self
                .private_check_terms()
                .is_some_and(|(terms, _)| terms == act.terms),
            (Guard::SessionsLeft, Act::PrivateCheckProposed(act)) => {
                let before = self.private_checks_of_day(author, &act.with, said.at);
                self.private_check_terms().is_some_and(|(_, parameters)| {
                    before < usize::try_from(parameters.sessions_per_day).unwrap_or(usize::MAX)
                })
            }
            (Guard::EndsInTime, Act::PrivateCheckProposed(act)) => {
                let latest = self
                    .private_check_terms()
                    .and_then(|(_, parameters)| later(said.at, i64::from(parameters.hours)));
                act.expires > said.at && latest.is_some_and(|latest| act.expires <= latest)
            }
            (Guard::SealedForOther, Act::PrivateCheckProposed(act)) => {
                act.with != *author
                    && act.sealed.recipient == act.with
                    && self.participants().contains(&act.with)
            }
            (Guard::SealedForOther, Act::PrivateCheckAnswered(act)) => {
                Some(&act.sealed.recipient) == file.other(author)
            }
            (Guard::SealedForOther, Act::PrivateCheckMessage(act)) => {
                Some(&act.sealed.recipient) == file.other(author)
            }
            (Guard::NextMessage, Act::PrivateCheckMessage(act)) => {
                let (initiator, responder) = file.messages();
                let sent = if by_initiator { initiator } else { responder };
                usize::try_from(act.number).is_ok_and(|number| number == sent + 1)
            }
            (Guard::CountKnown, _) => {
                let (initiator, responder) = file.messages();
                initiator >= COUNTED.0 && responder >= COUNTED.1
            }
            (Guard::OtherSideConsented, _) => {
                file.has_consented(!by_initiator) && !file.has_consented(by_initiator)
            }
            (Guard::FoundApart, Act::PrivateCheckConcluded(act)) => act.found == Found::Apart,
            (Guard::FoundClose, Act::PrivateCheckConcluded(act)) => act.found == Found::Close,
            (Guard::OtherFoundSame, Act::PrivateCheckConcluded(act)) => {
                file.found(!by_initiator) == Some(act.found)
            }
            (Guard::OtherFoundElse, Act::PrivateCheckConcluded(act)) => file
                .found(!by_initiator)
                .is_some_and(|found| found != act.found),
            (Guard::NothingFoundYet, _) => {
                file.found(true).is_none() && file.found(false).is_none()
            }
            _ => false,
        }
    }
}
