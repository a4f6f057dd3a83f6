//! Reports: who may have one, who has it, and who has not taken note of what became of it.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::act::Act;
use detente_records::act::report::Sealed;
use detente_records::workflow::GuardAnswer;
use detente_records::{HolderId, Kind, RecordId};
use detente_sharing::{Directory, Marking, Reader};
use detente_spacetime::Instant;

use super::Picture;
use super::air::Source;
use super::course::Course;
use super::matter::{Line, Matter};
use super::said::Said;

/// The workflow of reports.
pub(super) const REPORT: &str = "report";
/// Each recipient's own workflow about a report.
pub(super) const RECEIPT: &str = "receipt";
const RELEASED: &str = "released";
/// States in which a recipient owes an acknowledgement.
const OWED: [&str; 4] = ["sent", "correction_due", "recall_due", "recall_overdue"];

/// A report as the ledgers show it: to whom it went, and how each of them stands.
#[derive(Clone, Copy, Debug)]
pub struct ReportFile<'a> {
    /// Its id.
    pub id: &'a RecordId,
    /// Everything said about it.
    pub matter: &'a Matter,
}

/// The newest content sealed for somebody.
#[derive(Clone, Debug)]
pub struct SealedFor<'a> {
    /// The entry that brought it.
    pub source: &'a Source,
    /// The kind of its act.
    pub kind: Kind,
    /// The seal.
    pub sealed: &'a Sealed,
    /// Who passed it on; none when it comes from the originator.
    pub forwarder: Option<&'a HolderId>,
}

/// What a recipient has not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Who.
    pub holder: HolderId,
    /// Where its receipt stands: `sent`, `correction_due`, `recall_due` or `recall_overdue`.
    pub state: &'static str,
    /// Since when.
    pub since: Instant,
}

impl<'a> ReportFile<'a> {
    /// Who released it first; its word decides about it.
    pub fn originator(&self) -> &'a HolderId {
        &self.matter.opened_by.holder
    }

    /// The marking under which it was released last.
    pub fn marking(&self) -> Option<Marking> {
        self.matter.last(|line| match &*line.act {
            Act::ReportReleased(act) => Some(Marking::sent(&act.marking)),
            _ => None,
        })
    }

    /// Everybody it was released or passed on to.
    pub fn recipients(&self) -> BTreeSet<HolderId> {
        recipients_of(self.matter)
    }

    /// Says whether it may be used: released, and neither recalled nor expired.
    pub fn is_in_use(&self) -> bool {
        self.matter.course.state == RELEASED
    }

    /// How often it was corrected.
    pub fn corrections(&self) -> u32 {
        let lines = self.matter.lines.iter();
        let corrections = lines.filter(|line| matches!(*line.act, Act::ReportCorrected(_)));
        u32::try_from(corrections.count()).unwrap_or(u32::MAX)
    }

    /// The newest content sealed for `holder`.
    pub fn sealed_for(&self, holder: &HolderId) -> Option<SealedFor<'a>> {
        self.matter.last(|line| {
            let mut sealed = sealed_in(line).iter();
            let sealed = sealed.find(|sealed| sealed.recipient == *holder)?;
            Some(SealedFor {
                source: &line.source,
                kind: line.act.kind(),
                sealed,
                forwarder: (line.author.holder != *self.originator())
                    .then_some(&line.author.holder),
            })
        })
    }

    /// Everything the originator ever sealed, with the entry and kind it stands in.
    pub fn sealed_by_originator(&self) -> impl Iterator<Item = (&'a Source, Kind, &'a Sealed)> {
        let originator = self.originator();
        let lines = self.matter.lines.iter();
        let own = lines.filter(move |line| line.author.holder == *originator);
        own.flat_map(|line| {
            let sealed = sealed_in(line).iter();
            sealed.map(move |sealed| (&line.source, line.act.kind(), sealed))
        })
    }

    /// Where a recipient's own receipt stands.
    pub fn receipt(&self, holder: &HolderId) -> Option<&'a Course> {
        self.matter.holders.get(&(RECEIPT, holder.clone()))
    }

    /// Recipients that have not acknowledged what they were sent last: the report, its correction
    /// or its recall.
    ///
    /// An acknowledgement proves that the recipient was told. Nothing proves that it forgets.
    pub fn not_acknowledged(&self) -> Vec<Owed> {
        let receipts = self.matter.holders.iter();
        let receipts = receipts.filter(|((machine, _), _)| *machine == RECEIPT);
        receipts
            .filter(|(_, course)| OWED.contains(&course.state))
            .map(|((_, holder), course)| Owed {
                holder: holder.clone(),
                state: course.state,
                since: course.since,
            })
            .collect()
    }

    /// Those the originator has let `holder` pass it on to.
    pub fn granted_to(&self, holder: &HolderId) -> BTreeSet<HolderId> {
        let course = self.matter.holders.get(&("onward_release", holder.clone()));
        if course.is_none_or(|course| course.state != "granted") {
            return BTreeSet::new();
        }
        let asked = self.matter.last(|line| match &*line.act {
            Act::OnwardRequested(act) if line.author.holder == *holder => {
                Some(act.recipients.as_slice())
            }
            _ => None,
        });
        asked.unwrap_or_default().iter().cloned().collect()
    }
}

impl Picture {
    /// The report of this id.
    pub fn report<'a>(&'a self, id: &'a RecordId) -> Option<ReportFile<'a>> {
        let matter = self.matter(REPORT, id)?;
        Some(ReportFile { id, matter })
    }

    /// Whose ledger begins with which entry.
    pub fn directory(&self) -> Directory {
        let holders = self.founding.holders.values();
        holders
            .map(|holder| (holder.id.clone(), holder.identity))
            .collect()
    }

    /// The marking that `author` has to take over from a report it makes another from: nobody's,
    /// when it may make nothing from it.
    ///
    /// This is what everybody can hold it to; its own node knows the markings of single portions
    /// and is stricter.
    pub fn source_marking(&self, report: &RecordId, author: &HolderId) -> Marking {
        let Some(file) = self.report(report).filter(ReportFile::is_in_use) else {
            return Marking::nobody();
        };
        let originator = file.originator();
        let Some(marking) = file.marking() else {
            return Marking::nobody();
        };
        let directory = self.directory();
        let home = Reader::named(originator, &directory);
        if author == originator {
            return marking;
        }
        if !file.recipients().contains(author) {
            return Marking::nobody();
        }
        if marking.originator_control() {
            let mut granted = file.granted_to(author);
            granted.insert(originator.clone());
            return marking.also(home.as_ref()).only(&granted);
        }
        marking.also(home.as_ref())
    }

    /// Whether a release is under markings that let it go where it goes.
    pub(super) fn marking_allows(&self, matter: &Matter, said: &Said<'_>) -> GuardAnswer {
        match said.act {
            Act::ReportReleased(act) => {
                let own = Marking::sent(&act.marking);
                let author = &said.author.holder;
                let allows = self.admits_all(&own, act.recipients.as_slice(), said.at)
                    && act.derived_from.iter().all(|source| {
                        own.is_at_least_as_strict_as(&self.source_marking(source, author))
                    });
                GuardAnswer::of(allows)
            }
            Act::OnwardDecided(act) => {
                let asked = matter.last(|line| match &*line.act {
                    Act::OnwardRequested(asked) if line.author.holder == act.requester => {
                        Some(asked.recipients.as_slice())
                    }
                    _ => None,
                });
                let file = ReportFile {
                    id: &act.subject,
                    matter,
                };
                let marking = file.marking().filter(|_| file.is_in_use());
                let Some((asked, marking)) = asked.zip(marking) else {
                    return GuardAnswer::of(false);
                };
                let shut_out = asked
                    .iter()
                    .filter(|asked| !self.admits(&marking, asked, said.at));
                let because: Vec<String> = shut_out
                    .map(|asked| {
                        format!("the marking does not allow it for {asked}: release it under one that does first")
                    })
                    .collect();
                match because.is_empty() {
                    true => GuardAnswer::Holds,
                    false => GuardAnswer::Fails { because },
                }
            }
            _ => GuardAnswer::of(false),
        }
    }

    fn admits_all(&self, marking: &Marking, recipients: &[HolderId], now: Instant) -> bool {
        let mut recipients = recipients.iter();
        recipients.all(|recipient| self.admits(marking, recipient, now))
    }

    fn admits(&self, marking: &Marking, recipient: &HolderId, now: Instant) -> bool {
        let reader = Reader::named(recipient, &self.directory());
        reader.is_some_and(|reader| marking.admits(&reader, now).is_ok())
    }

    /// Whether a report is passed on only to those its originator has let it go to.
    pub(super) fn passing_covers(&self, matter: &Matter, said: &Said<'_>) -> bool {
        let Act::ReportForwarded(act) = said.act else {
            return false;
        };
        let file = ReportFile {
            id: &act.subject,
            matter,
        };
        let granted = file.granted_to(&said.author.holder);
        let recipients = act.recipients.as_slice();
        file.is_in_use()
            && recipients
                .iter()
                .all(|recipient| granted.contains(recipient))
            && file
                .marking()
                .is_some_and(|marking| self.admits_all(&marking, recipients, said.at))
    }
}

/// Whether content is sealed for each recipient once, and for nobody else.
pub(super) fn sealed_for_each(matter: &Matter, said: &Said<'_>) -> bool {
    let (sealed, recipients): (&[Sealed], BTreeSet<HolderId>) = match said.act {
        Act::ReportReleased(act) => (act.sealed.as_slice(), set(act.recipients.as_slice())),
        Act::ReportForwarded(act) => (act.sealed.as_slice(), set(act.recipients.as_slice())),
        Act::ReportCorrected(act) => (act.sealed.as_slice(), recipients_of(matter)),
        _ => return false,
    };
    each_once(sealed, &recipients)
}

/// Whether content is sealed for each of these once, and for nobody else.
pub(super) fn each_once(sealed: &[Sealed], recipients: &BTreeSet<HolderId>) -> bool {
    let mut open: BTreeMap<&HolderId, usize> = BTreeMap::new();
    for sealed in sealed {
        *open.entry(&sealed.recipient).or_default() += 1;
    }
    open.len() == recipients.len()
        && recipients
            .iter()
            .all(|recipient| open.get(recipient) == Some(&1))
}

fn set(holders: &[HolderId]) -> BTreeSet<HolderId> {
    holders.iter().cloned().collect()
}

/// What an act seals.
fn sealed_in(line: &Line) -> &[Sealed] {
    sealed_by(&line.act)
}

/// What an act seals.
pub(super) fn sealed_by(act: &Act) -> &[Sealed] {
    match act {
        Act::ReportReleased(act) => act.sealed.as_slice(),
        Act::ReportCorrected(act) => act.sealed.as_slice(),
        Act::ReportForwarded(act) => act.sealed.as_slice(),
        Act::ObjectReleased(act) => act.sealed.as_slice(),
        Act::ExactPlaceRead(act) => std::slice::from_ref(&act.sealed),
        Act::PrivateCheckProposed(act) => std::slice::from_ref(&act.sealed),
        Act::PrivateCheckAnswered(act) => std::slice::from_ref(&act.sealed),
        Act::PrivateCheckMessage(act) => std::slice::from_ref(&act.sealed),
        _ => &[],
    }
}

/// Kinds whose content is for its recipients alone, readable or not.
pub(super) fn seals(kind: &str) -> bool {
    let kinds = [
        Kind::ReportReleased,
        Kind::ReportCorrected,
        Kind::ReportForwarded,
        Kind::ObjectReleased,
        Kind::ExactPlaceRead,
        Kind::PrivateCheckProposed,
        Kind::PrivateCheckAnswered,
        Kind::PrivateCheckMessage,
    ];
    kinds.iter().any(|known| known.wire_name() == kind)
}

/// Everybody a report was released or passed on to.
pub(super) fn recipients_of(matter: &Matter) -> BTreeSet<HolderId> {
    let sent = matter.lines.iter().filter_map(|line| match &*line.act {
        Act::ReportReleased(act) => Some(act.recipients.as_slice()),
        Act::ReportForwarded(act) => Some(act.recipients.as_slice()),
        _ => None,
    });
    sent.flatten().cloned().collect()
}
