//! Tables of objects: a header, then a row for each.

use std::borrow::Cow;
use std::collections::BTreeMap;

use detente_records::finding::quoted;
use detente_records::{Place, Problems, exclusion, nearest};

use super::notice::{Fields, notice};
use super::{COLUMNS, FIELD_CHARS_MAX, Head, OBJECT_ROWS_MAX, ObjectRow, Raw, SheetForm, column};
use crate::csv::{self, Record};

/// Separators, in the order they are preferred in when a header fits several.
const SEPARATORS: [char; 3] = [',', ';', '\t'];
/// What is written beside a refused row.
const REASON: &str = "refused_because";

pub(super) fn read(
    document: &str,
    text: &str,
    problems: &mut Problems,
) -> (SheetForm, Head, Vec<ObjectRow>) {
    let text = &with_line_feeds(text);
    let separator = separator(text);
    let table = csv::read(text, separator);
    let form = SheetForm::Table(separator);
    if let Some(line) = table.open_quote {
        problems
            .error(
                "open_quote",
                at(line),
                "a quoted field begins here and never ends",
            )
            .help("close it, and write a quote within a field twice");
    }
    let mut records = table.records.into_iter();
    let header = records.next().unwrap_or_default();
    let names: Vec<String> = header.fields.iter().map(|name| plain(name)).collect();
    check_header(&names, header.line, problems);
    let head = Head::Table(header.fields);
    let mut rows = Vec::new();
    for record in records {
        if rows.len() >= OBJECT_ROWS_MAX {
            let message = format!("more than {OBJECT_ROWS_MAX} rows");
            problems
                .error("too_many_entries", at(record.line), message)
                .help("split the file into several");
            break;
        }
        rows.push(row(document, &names, record));
    }
    (form, head, rows)
}

/// Lines of old spreadsheets end in a carriage return alone.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    match text.contains('\n') {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.replace('\r', "\n")),
    }
}

/// The separator under which the header names most columns.
fn separator(text: &str) -> char {
    let header = text.trim_start().lines().next().unwrap_or_default();
    let known = |separator: char| {
        let found = csv::read(header, separator).records.into_iter().next();
        let fields = found.unwrap_or_default().fields;
        fields.iter().filter(|name| is_known(&plain(name))).count()
    };
    // Of equals the last one is taken by `max_by_key`, so that they are asked in reverse.
    let best = SEPARATORS
        .into_iter()
        .rev()
        .max_by_key(|separator| known(*separator));
    best.unwrap_or(',')
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

fn is_known(name: &str) -> bool {
    COLUMNS.iter().any(|(known, _)| *known == name)
}

fn check_header(names: &[String], line: u32, problems: &mut Problems) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names.iter().map(String::as_str) {
        *seen.entry(name).or_default() += 1;
        if let Some(term) = exclusion::excluded_term(name) {
            exclusion::report(name, term, at(line), problems);
        } else if !name.is_empty() && !is_known(name) {
            let known = COLUMNS.iter().map(|(known, _)| *known);
            let message = format!("the column {} is not known, and left alone", quoted(name));
            let near = nearest::nearest(name, known);
            problems
                .warning("unknown_property", at(line), message)
                .help(match near {
                    Some(near) => format!("is `{near}` meant?"),
                    None => "remove it, or name it as the guide does".to_owned(),
                });
        }
    }
    for (name, count) in &seen {
        if *count > 1 && is_known(name) {
            let message = format!("the column `{name}` comes {count} times");
            problems
                .error("duplicate_key", at(line), message)
                .help("keep one of them");
        }
    }
    let has = |name: &str| seen.contains_key(name);
    let mut missing: Vec<&str> = ["id", "category", "consent_by", "consent_at"]
        .into_iter()
        .filter(|name| !has(name))
        .collect();
    let is_placed = has("position") || has("latitude") && has("longitude");
    if !is_placed {
        missing.push("position");
    }
    for name in missing {
        let message = format!("there is no column `{name}`");
        problems
            .error("missing_property", at(line), message)
            .help("begin with a line that names the columns, as the guide shows");
    }
}

fn row(document: &str, names: &[String], record: Record) -> ObjectRow {
    let mut problems = Problems::new(document);
    let mut notice_of = None;
    let mut id = String::new();
    if record.fields.len() == names.len() {
        let mut fields = Fields::default();
        for (name, field) in names.iter().zip(&record.fields) {
            let field = field.trim();
            if field.chars().count() > FIELD_CHARS_MAX {
                let message = format!("a field of more than {FIELD_CHARS_MAX} characters");
                problems
                    .error("text_too_long", column(name), message)
                    .help("keep long texts beside the table");
            } else if !field.is_empty() && is_known(name) {
                fields.set(name, field);
            }
        }
        id = fields.text("id").unwrap_or_default().to_owned();
        notice_of = notice(&fields, None, &mut problems);
    } else {
        let message = format!(
            "{} fields where the header has {}",
            record.fields.len(),
            names.len()
        );
        problems
            .error("wrong_type", Place::default(), message)
            .help("put a field that holds a separator between double quotes");
    }
    ObjectRow {
        number: record.line,
        id,
        notice: notice_of.filter(|_| !problems.has_errors()),
        problems,
        raw: Raw::Fields(record.fields),
    }
}

/// Writes rows with their reasons.
pub(super) fn mended<'a>(
    header: &[String],
    rows: impl Iterator<Item = (&'a ObjectRow, &'a str)>,
    separator: char,
) -> String {
    // A sheet that was mended once has the column already.
    let reason_at = header.iter().position(|name| plain(name) == REASON);
    let line = |fields: &[String], reason: &str| {
        let mut fields: Vec<String> = fields.to_vec();
        fields.resize(header.len().max(fields.len()), String::new());
        match reason_at.and_then(|index| fields.get_mut(index)) {
            Some(field) => reason.clone_into(field),
            None => fields.push(reason.to_owned()),
        }
        let fields: Vec<String> = fields
            .iter()
            .map(|field| csv::written(field, separator))
            .collect();
        format!("{}\r\n", fields.join(&separator.to_string()))
    };
    let mut text = format!("\u{feff}{}", line(header, REASON));
    for (row, reason) in rows {
        if let Raw::Fields(fields) = &row.raw {
            text.push_str(&line(fields, reason));
        }
    }
    text
}

fn at(line: u32) -> Place {
    Place {
        line: Some(line),
        column: Some(1),
        ..Place::default()
    }
}
