//! From a report at home to what each recipient reads.

use std::collections::BTreeMap;

use detente_records::act::draft::{
    Detail, DraftPlace, DraftPortion, PlaceTerms, Removable, ReportDraft, Terms, TimeTerms,
};
use detente_records::act::edition::{Edition, EditionForm, EditionPlace, EditionPortion};
use detente_records::act::{AtLeastOne, report};
use detente_records::{HolderId, RecordId};
use detente_spacetime::Instant;

use crate::check::{Objection, leaks};
use crate::coarsen;
use crate::marking::{Denial, Directory, Marking, Reader};
use crate::padding;

/// What a releasing node knows beside the draft.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// Who releases.
    pub originator: &'a HolderId,
    /// Whose ledger is whose.
    pub directory: &'a Directory,
    /// The marking of every report that this one may be made from, as strict as the strictest
    /// portion of it that its maker could read.
    pub sources: &'a BTreeMap<RecordId, Marking>,
    /// When.
    pub now: Instant,
    /// Which edition of the report: 1 as released first.
    pub number: u32,
}

/// A report made ready for its recipients.
#[derive(Clone, Debug, PartialEq)]
pub struct Composed {
    /// The marking that everybody may read.
    pub marking: report::Marking,
    /// One for each recipient, in the order of the terms.
    pub editions: Vec<Prepared>,
}

/// What one recipient is going to read.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// Who.
    pub recipient: HolderId,
    /// What it reads.
    pub edition: Edition,
    /// The exact bytes that are sealed.
    pub payload: Vec<u8>,
    /// What it does not get, and why; for whoever releases only.
    pub left_out: Vec<LeftOut>,
}

/// Something that a recipient does not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// A whole portion, by its index in the draft.
    Portion(usize, Denial),
    /// A field of a portion, by the terms.
    Field(usize, Removable),
    /// A field that the terms ask for and the draft has not.
    Lacking(usize, Removable),
}

/// Makes the editions of a draft.
///
/// What is not released to a recipient leaves no trace in what it gets: not in the bytes, not in
/// their number, and not in what everybody may read.
///
/// # Errors
///
/// Everything that speaks against it, at once; for whoever releases only.
pub fn compose(
    draft: &ReportDraft,
    terms: &[Terms],
    desk: &Desk<'_>,
) -> Result<Composed, Vec<Objection>> {
    let mut objections = Vec::new();
    let banner = banner(draft, desk, &mut objections);
    if terms.is_empty() {
        objections.push(Objection::NoRecipients);
    }
    for (index, term) in terms.iter().enumerate() {
        let earlier = terms.get(..index).unwrap_or_default();
        if earlier
            .iter()
            .any(|other| other.recipient == term.recipient)
        {
            objections.push(Objection::NamedTwice(term.recipient.clone()));
        }
    }
    let mut editions = Vec::new();
    for term in terms {
        match edition(draft, term, &banner, desk) {
            Ok(prepared) => editions.push(prepared),
            Err(objection) => objections.push(objection),
        }
    }
    for prepared in &editions {
        objections.extend(weak_banner(&banner, prepared));
        objections.extend(leaks(draft, &prepared.edition));
    }
    let longest = editions.iter().map(|one| one.payload.len()).max();
    for prepared in &mut editions {
        let content = std::mem::take(&mut prepared.payload);
        match padding::padded(content, longest.unwrap_or_default()) {
            Some(payload) => prepared.payload = payload,
            None => objections.push(Objection::TooLong(prepared.recipient.clone())),
        }
    }
    objections.dedup();
    match banner.to_sent() {
        Some(marking) if objections.is_empty() => Ok(Composed { marking, editions }),
        _ => {
            if objections.is_empty() {
                objections.push(Objection::MarkedForNobody);
            }
            Err(objections)
        }
    }
}

/// The marking over the whole report: as stated, and as strict as everything it was made from.
fn banner(draft: &ReportDraft, desk: &Desk<'_>, objections: &mut Vec<Objection>) -> Marking {
    let stated = Marking::stated(draft.marking.as_ref(), desk.directory);
    if stated.names().is_empty() {
        objections.push(Objection::MarkedForNobody);
    }
    with_sources(stated, &draft.derived_from, desk, |source| {
        objections.push(Objection::UnknownSource(source.clone()));
    })
}

fn with_sources(
    marking: Marking,
    sources: &[RecordId],
    desk: &Desk<'_>,
    mut unknown: impl FnMut(&RecordId),
) -> Marking {
    sources.iter().fold(marking, |strictest, source| {
        match desk.sources.get(source) {
            Some(marking) => strictest.strictest(marking),
            None => {
                unknown(source);
                Marking::nobody()
            }
        }
    })
}

fn edition(
    draft: &ReportDraft,
    terms: &Terms,
    banner: &Marking,
    desk: &Desk<'_>,
) -> Result<Prepared, Objection> {
    let recipient = &terms.recipient;
    let reader = Reader::named(recipient, desk.directory)
        .ok_or_else(|| Objection::UnknownRecipient(recipient.clone()))?;
    if recipient == desk.originator {
        return Err(Objection::OwnNode);
    }
    let denied = |denial| Objection::NotForRecipient(recipient.clone(), denial);
    banner.admits(&reader, desk.now).map_err(denied)?;
    let mut left_out = Vec::new();
    let mut portions = Vec::new();
    for (index, portion) in draft.portions.iter().enumerate() {
        let stated = Marking::stated(portion.marking.as_ref(), desk.directory);
        let marking = with_sources(stated, &draft.derived_from, desk, |_| {});
        let marking = with_sources(marking, &portion.derived_from, desk, |_| {});
        match (marking.admits(&reader, desk.now), marking.to_sent()) {
            (Ok(()), Some(sent)) => {
                let coarse = coarse(portion, sent, terms, index, &mut left_out);
                portions.extend(coarse);
            }
            (Err(denial), _) => left_out.push(LeftOut::Portion(index, denial)),
            (Ok(()), None) => left_out.push(LeftOut::Portion(index, Denial::Nobody)),
        }
    }
    let nothing = || Objection::NothingForRecipient(recipient.clone());
    let edition = Edition {
        form: EditionForm::V1,
        report: draft.report.clone(),
        number: desk.number,
        originator: desk.originator.clone(),
        recipient: recipient.clone(),
        title: draft.title.clone(),
        marking: banner.to_sent().ok_or_else(nothing)?,
        portions: AtLeastOne::new(portions).ok_or_else(nothing)?,
        derived_from: draft.derived_from.clone(),
    };
    Ok(Prepared {
        recipient: recipient.clone(),
        payload: edition.to_json().to_string().into_bytes(),
        edition,
        left_out,
    })
}

/// One portion as a recipient reads it; none when nothing of it is left.
fn coarse(
    portion: &DraftPortion,
    marking: report::Marking,
    terms: &Terms,
    index: usize,
    left_out: &mut Vec<LeftOut>,
) -> Option<EditionPortion> {
    let mut keeps = |field: Removable| {
        let kept = !terms.without.contains(&field);
        if !kept {
            left_out.push(LeftOut::Field(index, field));
        }
        kept
    };
    let text = match terms.detail.unwrap_or(Detail::Tearline) {
        Detail::Full => portion.text.as_ref(),
        Detail::Tearline => portion.tearline.as_ref(),
    };
    let place_terms = terms.place.unwrap_or(PlaceTerms::Withheld);
    let mut lacking = Vec::new();
    if text.is_none() && !terms.without.contains(&Removable::Text) {
        lacking.push(Removable::Text);
    }
    let place = portion
        .place
        .as_ref()
        .filter(|_| keeps(Removable::Place))
        .and_then(|place| {
            let found = coarse_place(place, place_terms);
            if found.is_none() && place_terms != PlaceTerms::Withheld {
                lacking.push(Removable::Place);
            }
            found
        });
    let coarse = EditionPortion {
        marking,
        text: text.filter(|_| keeps(Removable::Text)).cloned(),
        place,
        time: portion
            .at
            .filter(|_| keeps(Removable::Time))
            .and_then(|at| coarsen::time_of(at, terms.time.unwrap_or(TimeTerms::Withheld))),
        harm: portion
            .harm
            .as_ref()
            .filter(|_| keeps(Removable::Harm))
            .cloned(),
        grade: portion
            .grade
            .as_ref()
            .filter(|_| keeps(Removable::Grade))
            .cloned(),
        derived_from: portion.derived_from.clone(),
    };
    let says_something = coarse.text.is_some()
        || coarse.place.is_some()
        || coarse.time.is_some()
        || coarse.harm.is_some();
    let lacks_text = lacking.contains(&Removable::Text);
    let lacking = lacking.into_iter();
    left_out.extend(lacking.map(|field| LeftOut::Lacking(index, field)));
    if !says_something && !lacks_text {
        left_out.push(LeftOut::Field(index, Removable::Text));
    }
    says_something.then_some(coarse)
}

fn coarse_place(place: &DraftPlace, terms: PlaceTerms) -> Option<EditionPlace> {
    let nothing = EditionPlace {
        settlement: None,
        area: None,
        cell: None,
    };
    let found = match terms {
        PlaceTerms::Withheld => return None,
        PlaceTerms::Area => EditionPlace {
            area: Some(place.area.clone()?),
            ..nothing
        },
        PlaceTerms::Settlement => EditionPlace {
            settlement: Some(place.settlement.clone()?),
            ..nothing
        },
        grid => EditionPlace {
            cell: Some(coarsen::cell_of(
                place.position.as_ref()?.position(),
                coarsen::cell_size(grid)?,
            )),
            ..nothing
        },
    };
    Some(found)
}

/// What everybody reads over the report has to be as high as what stands in it.
fn weak_banner(banner: &Marking, prepared: &Prepared) -> Option<Objection> {
    let mut portions = prepared.edition.portions.as_slice().iter();
    let weak = portions.any(|portion| !banner.covers_terms_of(&Marking::sent(&portion.marking)));
    weak.then_some(Objection::BannerTooOpen)
}
