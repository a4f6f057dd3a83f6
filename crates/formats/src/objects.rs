//! Protected objects in bulk: tables (CSV) and GeoJSON, read row by row.
//!
//! A table has a header line that names its columns ([`COLUMNS`]), in any order, separated by commas, semicolons or
//! tabs. Positions may be written in any notation, decimals behind a point or a comma, digits in Arabic-Indic. GeoJSON
//! is a FeatureCollection in the exchange profile whose properties also take the columns that are no part of it.
//!
//! Every row stands for itself: what is wrong with one says nothing of the others. A row that was refused is written
//! back as it came, with the reason beside it ([`ObjectSheet::mended`]), to be corrected and given again.

mod collection;
mod encoding;
mod notice;
mod table;

use std::collections::BTreeMap;

use detente_records::{Place, Problems, Severity};
use detente_spacetime::notation::Stated;
use detente_spacetime::{Footprint, Position};
use serde_json::{Map, Value};

pub use encoding::Encoding;

/// The largest sheet, in bytes: some hundred bytes for each of its rows, and outlines beside.
pub const OBJECTS_BYTES_MAX: usize = 32 << 20;
/// Most rows of one sheet: twice the objects of a whole country at war.
pub const OBJECT_ROWS_MAX: usize = 20_000;
/// Most characters of one field; an act has room for no more.
pub const FIELD_CHARS_MAX: usize = 8_192;

/// The columns of a table, with what they hold.
pub const COLUMNS: [(&str, &str); 27] = [
    (
        "id",
        "id of the object; the same id always means the same object",
    ),
    (
        "category",
        "what it is, such as hospital; decides the stand-off",
    ),
    (
        "position",
        "where it is, in any notation: degrees, MGRS, UTM",
    ),
    ("latitude", "in place of `position`: degrees north"),
    ("longitude", "in place of `position`: degrees east"),
    ("datum", "WGS84; nothing else is taken"),
    (
        "accuracy_m",
        "how far the true place may lie from the stated one",
    ),
    ("radius_m", "radius of its outline around the position"),
    (
        "corners",
        "in place of `radius_m`: corners of its outline, with | between them",
    ),
    (
        "standoff_m",
        "the stand-off it asks for; else the agreement's for its category",
    ),
    (
        "upper_agl_m",
        "up to which height above ground it is protected; else every height",
    ),
    ("name", "name for people"),
    ("name_en", "the name in English"),
    ("name_ar", "the name in Arabic"),
    ("name_ru", "the name in Russian"),
    ("place", "the town or village it lies in, in any spelling"),
    (
        "measured_how",
        "survey, handheld, imagery, map, described or unknown",
    ),
    ("consent_by", "who consented to the notification"),
    ("consent_at", "when: a day, or an instant with its offset"),
    ("consent_terms", "to what: recipients, exactness, limits"),
    ("function", "what it is used for, and when that was seen"),
    (
        "photo_hashes",
        "SHA-256 of photographs, with spaces between them",
    ),
    ("submitted_by", "the office that notifies it"),
    ("start", "from when it is protected; else from the consent"),
    (
        "explicit_end",
        "when protection ends by itself; else only by a revocation",
    ),
    ("review_by", "when it is to be looked at again"),
    ("refused_because", "left alone: written beside refused rows"),
];

/// How the rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetForm {
    /// A table with this separator.
    Table(char),
    /// A FeatureCollection.
    Collection,
}

/// A sheet of objects, row by row.
#[derive(Debug)]
pub struct ObjectSheet {
    /// How it is written.
    pub form: SheetForm,
    /// How its characters are.
    pub encoding: Encoding,
    /// Its rows in their order.
    pub rows: Vec<ObjectRow>,
    /// What is wrong with the sheet as a whole; with an error there are no rows.
    pub problems: Problems,
    /// The header line, or the collection without its features.
    head: Head,
}

#[derive(Debug)]
enum Head {
    Table(Vec<String>),
    Collection(Map<String, Value>),
}

/// One row.
#[derive(Debug)]
pub struct ObjectRow {
    /// The line it begins in, or the number of the feature from 1.
    pub number: u32,
    /// The id as written; empty when there is none.
    pub id: String,
    /// What it says; none when it is refused.
    pub notice: Option<ObjectNotice>,
    /// What is wrong with it and what was assumed, by column.
    pub problems: Problems,
    raw: Raw,
}

#[derive(Debug)]
enum Raw {
    Fields(Vec<String>),
    Feature(Value),
}

/// What a row says: an act of submission but for its author.
#[derive(Clone, Debug)]
pub struct ObjectNotice {
    /// The body of the act, without `subject` and `role`.
    pub body: Map<String, Value>,
    /// Where the object is: the position stated, or the middle of its outline.
    pub position: Position,
    /// The position as written, and what that says.
    pub said: Option<(String, Stated)>,
    /// Its outline.
    pub footprint: Footprint,
    /// The place it is said to lie in.
    pub place: Option<String>,
}

impl ObjectRow {
    /// Refuses the row for a reason that only its reader knows.
    pub fn refuse(&mut self, code: &'static str, message: impl Into<String>, help: &str) {
        self.problems
            .error(code, Place::default(), message)
            .help(help);
        self.notice = None;
    }

    /// Whether something was assumed, or looks odd.
    pub fn is_warned(&self) -> bool {
        let mut problems = self.problems.iter();
        problems.any(|problem| problem.severity == Severity::Warning)
    }
}

impl ObjectSheet {
    /// Writes the rows of these indices as a sheet of the same form, each with the reason beside it.
    ///
    /// The text is UTF-8, a table with the mark by which spreadsheets know that.
    #[must_use]
    pub fn mended(&self, refused: &BTreeMap<usize, String>) -> String {
        let rows = refused.iter().filter_map(|(index, reason)| {
            let row = self.rows.get(*index)?;
            Some((row, reason.as_str()))
        });
        match (&self.head, self.form) {
            (Head::Table(header), SheetForm::Table(separator)) => {
                table::mended(header, rows, separator)
            }
            (Head::Collection(members), _) => collection::mended(members, rows),
            (Head::Table(_), SheetForm::Collection) => String::new(),
        }
    }
}

/// Reads a sheet of protected objects; reports everything that is wrong, row by row.
///
/// `encoding` names the encoding where the file does not show it; UTF-8 and UTF-16 show themselves.
#[must_use]
pub fn read_objects(document: &str, bytes: &[u8], encoding: Option<Encoding>) -> ObjectSheet {
    let mut problems = Problems::new(document);
    let found = encoding::decoded(bytes, encoding, &mut problems);
    let Some((text, encoding)) = found else {
        return ObjectSheet {
            form: SheetForm::Table(','),
            encoding: encoding.unwrap_or(Encoding::Utf8),
            rows: Vec::new(),
            problems,
            head: Head::Table(Vec::new()),
        };
    };
    let begins = text.trim_start().chars().next();
    let (form, head, mut rows) = match begins {
        Some('{') => collection::read(document, &text, &mut problems),
        _ => table::read(document, &text, &mut problems),
    };
    if rows.is_empty() && !problems.has_errors() {
        problems
            .error(
                "no_rows",
                Place::default(),
                "nothing in the sheet is an object",
            )
            .help("give each object a row under the line that names the columns, or a feature");
    }
    if problems.has_errors() {
        rows.clear();
    }
    refuse_repeated(&mut rows);
    ObjectSheet {
        form,
        encoding,
        rows,
        problems,
        head,
    }
}

/// An id may come twice only when both rows say the same.
fn refuse_repeated(rows: &mut [ObjectRow]) {
    let mut first: BTreeMap<String, (u32, Option<Map<String, Value>>)> = BTreeMap::new();
    for row in rows {
        let Some(notice) = &row.notice else {
            continue;
        };
        match first.get(&row.id) {
            None => {
                let body = Some(notice.body.clone());
                first.insert(row.id.clone(), (row.number, body));
            }
            Some((number, body)) if body.as_ref() == Some(&notice.body) => {
                let message = format!("row {number} says the same");
                row.problems
                    .note("repeated_row", Place::default(), message)
                    .help("nothing is to be done: one object is notified");
            }
            Some((number, _)) => {
                let message = format!("row {number} has the same id and says something else");
                let help = "give each object an id of its own, or remove one of the rows";
                row.refuse("duplicate_id", message, help);
            }
        }
    }
}

/// The place of a column in a row.
fn column(name: &str) -> Place {
    Place {
        pointer: Some(format!("/{name}")),
        ..Place::default()
    }
}
