//! Concerns: formal reservations about an agreement, open until answered.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::agreement::Agreement;
use crate::document;
use crate::exclusion;
use crate::finding::{Origin, Problems, Provenance, TextPlace, quoted};
use crate::local_text::LocalText;
use crate::names::{ConcernId, Name, OfficeName};
use crate::nearest;
use crate::place::{Path, Place};
use crate::table::{Table, word_of};
use crate::toml_text;

/// The largest concerns.toml, in bytes; real ones have a few kilobytes.
pub const CONCERNS_BYTES_MAX: usize = 4 << 20;

/// A formal reservation by an office.
#[derive(Clone, Debug, PartialEq)]
pub struct Concern {
    /// Its id.
    pub id: ConcernId,
    /// What it is about.
    pub title: LocalText,
    /// The office that keeps it.
    pub owner: OfficeName,
    /// Whether it stands in the way of signing.
    pub severity: ConcernSeverity,
    /// The participant or observer, or the office of one, who brought it up.
    pub raised_by: Option<OfficeName>,
    /// The reservation in full.
    pub text: Option<LocalText>,
    /// What would settle it; proved or refuted by the analysis.
    pub property: Option<ConcernProperty>,
    /// The answer given; without one the concern is open.
    pub answer: Option<LocalText>,
}

/// What would settle a concern, in Cedar terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcernProperty {
    /// One policy.
    pub text: String,
    /// Where it stands, when a file states it.
    pub place: Option<TextPlace>,
}

/// Whether a concern stands in the way of signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConcernSeverity {
    /// Nothing is signed while it is open.
    Blocking,
    /// It is recorded and answered.
    NonBlocking,
}

impl ConcernSeverity {
    /// Both severities with their wire names.
    pub const ALL: [(&'static str, Self); 2] = [
        ("blocking", Self::Blocking),
        ("non_blocking", Self::NonBlocking),
    ];

    /// Returns the name used in documents.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::NonBlocking => "non_blocking",
        }
    }
}

/// Reads a concerns.toml: a list of tables `concerns`, in their order; with an agreement, whoever raised one and is not
/// known there is warned of.
pub fn parse(
    document: &str,
    bytes: &[u8],
    agreement: Option<&Agreement>,
) -> (Vec<Concern>, Problems) {
    let mut problems = Problems::new(document);
    let mut source = Source {
        document: Arc::from(document),
        bytes,
        at: Origin::START,
        agreement,
    };
    let concerns = read(&mut source, &mut problems).unwrap_or_default();
    problems.locate(bytes, Origin::START);
    problems.sort_by_place();
    (concerns, problems)
}

/// A file of concerns, and what is known beside it.
struct Source<'a> {
    document: Arc<str>,
    bytes: &'a [u8],
    /// How far lines have been counted.
    at: Origin,
    agreement: Option<&'a Agreement>,
}

impl Source<'_> {
    /// Returns where `text` stands, which the bytes of `span` write.
    fn place_of(&mut self, text: &str, pointer: String, span: &Range<usize>) -> TextPlace {
        let written = self.bytes.get(span.clone()).unwrap_or_default();
        let found = str::from_utf8(written).ok().and_then(|it| it.find(text));
        let (offset, length) = match found {
            Some(at) => (span.start + at, text.len()),
            None => (span.start, span.len()),
        };
        // Concerns come in the order of the file; one that did not would be counted from the start.
        if offset < self.at.offset {
            self.at = Origin::START;
        }
        let passed = self.bytes.get(self.at.offset..offset);
        self.at.advance(passed.unwrap_or_default());
        let provenance = Provenance {
            document: Arc::clone(&self.document),
            pointer,
            start: self.at,
            length,
        };
        match found {
            Some(_) => TextPlace::Verbatim(provenance),
            None => TextPlace::Escaped(provenance),
        }
    }
}

fn read(source: &mut Source<'_>, problems: &mut Problems) -> Option<Vec<Concern>> {
    let bytes = source.bytes;
    if bytes.len() > CONCERNS_BYTES_MAX {
        let message = format!(
            "the file has {} bytes, more than {CONCERNS_BYTES_MAX}",
            bytes.len()
        );
        problems
            .error("file_too_large", Place::of_span(0..0), message)
            .help("concerns have a few kilobytes: check that this is the right file");
        return None;
    }
    let (text, offset) = document::utf8(bytes, 0, &Path::Root, problems)?;
    let root = toml_text::parse(text, offset, problems);
    exclusion::refuse_excluded(&root, &Path::Root, problems);
    let mut table = Table::of(&root, &Path::Root, problems)?;
    let mut concerns: Vec<Concern> = Vec::new();
    let mut known: BTreeSet<ConcernId> = BTreeSet::new();
    table.each("concerns", problems, |entry, problems| {
        let Some(concern) = concern(entry, source, problems) else {
            return;
        };
        if !known.insert(concern.id.clone()) {
            let message = format!("concern {} is declared twice", quoted(concern.id.as_str()));
            problems
                .error("duplicate_id", entry.place_of("id"), message)
                .help("give each concern its own id, or remove one");
            return;
        }
        concerns.push(concern);
    });
    table.warn_of_unknown(problems);
    Some(concerns)
}

fn concern(
    entry: &mut Table<'_, '_>,
    source: &mut Source<'_>,
    problems: &mut Problems,
) -> Option<Concern> {
    entry.require(&["id", "title", "owner", "severity"], problems);
    let id = entry.name("id", problems);
    let title = entry.local_text("title", problems);
    let owner = entry.name("owner", problems);
    let path = entry.path().key("severity");
    let severity = entry.get("severity").and_then(|value| {
        let known = &ConcernSeverity::ALL;
        word_of(
            value,
            &path,
            "unknown_severity",
            "severity of a concern",
            known,
            problems,
        )
    });
    let raised_by: Option<OfficeName> = entry.name("raised_by", problems);
    if let (Some(by), Some(agreement)) = (&raised_by, source.agreement) {
        let participants = agreement.participants.keys().map(Name::as_str);
        let known = participants.chain(agreement.observers.keys().map(Name::as_str));
        if !known.clone().any(|name| name == by.as_str()) {
            // An office may raise a concern as well, and offices are not declared: it is said, and stands in nobody's way.
            problems
                .warning(
                    "unknown_reference",
                    entry.place_of("raised_by"),
                    format!(
                        "{} is no participant or observer of the agreement",
                        quoted(by.as_str())
                    ),
                )
                .suggest(|| nearest::way_out(by.as_str(), known));
        }
    }
    let text = entry.local_text("text", problems);
    let property = entry.text("property", problems).map(str::to_owned);
    let answer = entry.local_text("answer", problems);
    entry.warn_of_unknown(problems);
    if property
        .as_ref()
        .is_some_and(|property| property.trim().is_empty())
    {
        problems
            .error(
                "empty_text",
                entry.place_of("property"),
                "`property` is empty",
            )
            .help("state the property, or leave it out");
    }
    let property = property.map(|text| {
        let Place { pointer, span, .. } = entry.place_of("property");
        let place = span.map(|span| source.place_of(&text, pointer.unwrap_or_default(), &span));
        ConcernProperty { text, place }
    });
    Some(Concern {
        id: id?,
        title: title?,
        owner: owner?,
        severity: severity?,
        raised_by,
        text,
        property,
        answer,
    })
}
