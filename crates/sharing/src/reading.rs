//! What was opened, read and held against the act that brought it.

use detente_records::act::AtLeastOne;
use detente_records::act::edition::{Edition, EditionPortion, Forwarded};
use detente_records::act::report::Sealed;
use detente_records::{HolderId, RecordId};
use detente_spacetime::Instant;
use serde_json::{Map, Value};

use crate::coarsen;
use crate::marking::{Denial, Directory, Marking, Reader};
use crate::sealing::{Author, Opened, is_committed};

/// What the act says that brought sealed content.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The report.
    pub report: &'a RecordId,
    /// Who released it.
    pub originator: &'a HolderId,
    /// Whom the content is sealed for.
    pub recipient: &'a HolderId,
    /// How it was passed on; none when it comes from the originator.
    pub forwarded: Option<Passed<'a>>,
}

/// What is known of content that was passed on.
#[derive(Clone, Copy, Debug)]
pub struct Passed<'a> {
    /// Who passed it on.
    pub forwarder: &'a HolderId,
    /// What the originator's seals are bound to.
    pub author: Author<'a>,
    /// What the originator had sealed for the forwarder.
    pub received: &'a [&'a Sealed],
    /// Whose ledger is whose: portions are marked for a name and the key behind it.
    pub directory: &'a Directory,
}

/// Content as its recipient reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// The edition; of one that was passed on, the portions that are marked for its reader.
    pub edition: Edition,
    /// The exact bytes of the edition as the originator had sealed it.
    pub payload: Vec<u8>,
    /// Who passed it on, when it was.
    pub forwarder: Option<HolderId>,
    /// Portions that were passed on and are not marked for the reader, counted from 1: they are
    /// not in [`Content::edition`].
    pub held_back: Vec<usize>,
}

/// Returns the portions of an edition that may not go to `reader`, counted from 1 as they stand in
/// it, and why; every one for a name that stands for no ledger.
///
/// An edition is made for one recipient: what it holds is passed on whole or not at all.
pub fn shut_out(edition: &Edition, reader: Option<&Reader>, now: Instant) -> Vec<(usize, Denial)> {
    let denied = |portion: &EditionPortion| match reader {
        Some(reader) => Marking::sent(&portion.marking).admits(reader, now).err(),
        None => Some(Denial::NotNamed),
    };
    let portions = (1..).zip(edition.portions.as_slice());
    portions
        .filter_map(|(number, portion)| Some((number, denied(portion)?)))
        .collect()
}

/// Reads what was opened.
///
/// # Errors
///
/// [`ReadFault`]: the sender sealed something that it may not send, or something else than its act
/// says.
pub fn read(opened: &Opened, expected: &Expected<'_>) -> Result<Content, ReadFault> {
    let Some(passed) = expected.forwarded else {
        let edition = edition(&opened.payload, expected, expected.recipient)?;
        return Ok(Content {
            edition,
            payload: opened.payload.clone(),
            forwarder: None,
            held_back: Vec::new(),
        });
    };
    let Passed {
        forwarder,
        author,
        received,
        directory,
    } = passed;
    let mut parts = opened.payload.splitn(2, |byte| *byte == b'\n');
    let (Some(head), Some(rest)) = (parts.next(), parts.next()) else {
        return Err(ReadFault::Form("it has no first line".to_owned()));
    };
    let (head, problems) = Forwarded::parse("forwarded", &members(head)?);
    let head = head.ok_or_else(|| ReadFault::Form(problems.to_string()))?;
    if head.forwarder != *forwarder || head.recipient != *expected.recipient {
        return Err(ReadFault::Other("forwarder or recipient"));
    }
    let bytes = usize::try_from(head.bytes).unwrap_or(usize::MAX);
    let original = rest.get(..bytes).ok_or(ReadFault::Truncated)?;
    let is_his = |sealed: &&&Sealed| {
        sealed.recipient == *forwarder
            && is_committed(&author, &sealed.commitment, &head.salt, original)
    };
    if !received.iter().any(|sealed| is_his(&sealed)) {
        return Err(ReadFault::NotTheOriginal);
    }
    let whole = edition(original, expected, forwarder)?;
    let reader = Reader::named(expected.recipient, directory);
    let (edition, held_back) = only_for(whole, reader.as_ref())?;
    Ok(Content {
        edition,
        payload: original.to_vec(),
        forwarder: Some(forwarder.clone()),
        held_back,
    })
}

/// Keeps of an edition that was made for somebody else what is marked for `reader`: its forwarder
/// should not have passed on the rest, and did.
fn only_for(
    mut edition: Edition,
    reader: Option<&Reader>,
) -> Result<(Edition, Vec<usize>), ReadFault> {
    let mut kept = Vec::new();
    let mut held_back = Vec::new();
    for (number, portion) in (1..).zip(edition.portions.as_slice()) {
        let marking = Marking::sent(&portion.marking);
        match reader.is_some_and(|reader| marking.is_for(reader).is_ok()) {
            true => kept.push(portion.clone()),
            false => held_back.push(number),
        }
    }
    edition.portions = AtLeastOne::new(kept).ok_or(ReadFault::NotForReader)?;
    Ok((edition, held_back))
}

fn edition(
    payload: &[u8],
    expected: &Expected<'_>,
    recipient: &HolderId,
) -> Result<Edition, ReadFault> {
    let (edition, problems) = Edition::parse("edition", &members(payload)?);
    let edition = edition.ok_or_else(|| ReadFault::Form(problems.to_string()))?;
    if edition.report != *expected.report {
        return Err(ReadFault::Other("report"));
    }
    if edition.originator != *expected.originator {
        return Err(ReadFault::Other("originator"));
    }
    if edition.recipient != *recipient {
        return Err(ReadFault::Other("recipient"));
    }
    for portion in edition.portions.as_slice() {
        let cell = portion.place.as_ref().and_then(|place| place.cell.as_ref());
        if cell.is_some_and(|cell| !coarsen::is_cell(cell)) {
            return Err(ReadFault::NoCell);
        }
        if portion
            .time
            .as_ref()
            .is_some_and(|time| !coarsen::is_coarse(time))
        {
            return Err(ReadFault::NoCoarseTime);
        }
    }
    Ok(edition)
}

pub(crate) fn members(bytes: &[u8]) -> Result<Map<String, Value>, ReadFault> {
    match detente_ledger::json::parse_strict(bytes.trim_ascii_end()) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(ReadFault::Form("it is no object".to_owned())),
        Err(error) => Err(ReadFault::Form(error.to_string())),
    }
}

/// Content is not what it should be; its sender is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadFault {
    /// It is no edition.
    #[error("the content is no edition of a report: {0}")]
    Form(String),
    /// It names something else than the act.
    #[error("the content is about another {0} than the act")]
    Other(&'static str),
    /// A place is no cell of the grid.
    #[error("a place in the content is no cell of the grid")]
    NoCell,
    /// A time does not begin on a boundary of its own.
    #[error("a time in the content is not rounded")]
    NoCoarseTime,
    /// The bytes end before the edition does.
    #[error("the content is shorter than it says")]
    Truncated,
    /// An exact place lies outside the area that everybody reads.
    #[error("the exact place does not lie in the area that it is shown by")]
    OutsideItsArea,
    /// No portion of what was passed on is marked for its reader.
    #[error(
        "no portion of what was passed on is marked for this reader: its originator can release it directly"
    )]
    NotForReader,
    /// What was passed on is not what the originator had sealed for its forwarder.
    #[error("what was passed on is not what the originator had released")]
    NotTheOriginal,
}
