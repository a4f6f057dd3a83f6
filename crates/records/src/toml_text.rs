//! TOML read into the same tree as JSON, so that both are checked by the same code.

use std::borrow::Cow;

use toml::de::{DeTable, DeValue};

use crate::document::{
    KEY_BYTES_MAX, Located, MEMBERS_MAX, Member, NESTING_MAX, TEXT_BYTES_MAX, Value,
};
use crate::finding::{Problems, quoted};
use crate::place::{Path, Place};

/// Reads a TOML document; `offset` is where `text` begins in the file.
///
/// Every syntax error is reported; what could be read between them is returned.
pub fn parse<'t>(text: &'t str, offset: usize, problems: &mut Problems) -> Located<'t> {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let place = Place::of_span(offset + span.start..offset + span.end);
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        problems
            .error("toml_syntax", place, message)
            .help("see https://toml.io/en/v1.0.0 for the form of a document");
    }
    let span = offset..offset + text.len();
    let value = table(root.into_inner(), offset, &span, &Path::Root, 1, problems);
    Located { span, value }
}

fn table<'t>(
    table: DeTable<'t>,
    offset: usize,
    span: &std::ops::Range<usize>,
    path: &Path<'_>,
    depth: usize,
    problems: &mut Problems,
) -> Value<'t> {
    if depth > NESTING_MAX || table.len() > MEMBERS_MAX {
        let place = Place::new(path, span.clone());
        let message = format!(
            "a table nested deeper than {NESTING_MAX} or with more than {MEMBERS_MAX} members"
        );
        problems
            .error("nesting_too_deep", place, message)
            .help("an agreement needs five levels; flatten what is not part of it");
        return Value::Invalid;
    }
    let mut members = Vec::with_capacity(table.len());
    for (key, item) in table {
        let key_span = shifted(key.span(), offset);
        let key = key.into_inner();
        let key = if key.len() > KEY_BYTES_MAX {
            let message = format!("a key of {} bytes, more than {KEY_BYTES_MAX}", key.len());
            problems
                .error("text_too_long", Place::new(path, key_span.clone()), message)
                .help("shorten the key");
            Cow::Owned(key.chars().take(KEY_BYTES_MAX / 4).collect())
        } else {
            key
        };
        let span = shifted(item.span(), offset);
        let value = value(
            item.into_inner(),
            offset,
            &span,
            &path.key(&key),
            depth + 1,
            problems,
        );
        members.push(Member {
            key,
            key_span,
            value: Located { span, value },
        });
    }
    members.sort_by_key(|member| member.key_span.start);
    Value::Table(members)
}

fn value<'t>(
    value: DeValue<'t>,
    offset: usize,
    span: &std::ops::Range<usize>,
    path: &Path<'_>,
    depth: usize,
    problems: &mut Problems,
) -> Value<'t> {
    match value {
        DeValue::String(text) if text.len() > TEXT_BYTES_MAX => {
            let message = format!("a text of {} bytes, more than {TEXT_BYTES_MAX}", text.len());
            problems
                .error("text_too_long", Place::new(path, span.clone()), message)
                .help("shorten it; long material belongs in its own document");
            Value::Invalid
        }
        DeValue::String(text) => Value::Text(text),
        DeValue::Integer(integer) => {
            match i64::from_str_radix(integer.as_str(), integer.radix()) {
                // Integers of documents are metres and counts; 2^53 is far beyond any of them.
                Ok(number) if number.unsigned_abs() <= 1 << 53 => Value::Number(number as f64),
                _ => number_problem(integer.as_str(), span, path, problems),
            }
        }
        DeValue::Float(float) => match float.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            _ => number_problem(float.as_str(), span, path, problems),
        },
        DeValue::Boolean(boolean) => Value::Boolean(boolean),
        DeValue::Datetime(moment) => Value::Moment(moment.to_string()),
        DeValue::Array(items) if depth <= NESTING_MAX => {
            let read = |(index, item): (usize, toml::Spanned<DeValue<'t>>)| {
                let span = shifted(item.span(), offset);
                let path = path.index(index);
                let value =
                    self::value(item.into_inner(), offset, &span, &path, depth + 1, problems);
                Located { span, value }
            };
            Value::List(items.into_iter().enumerate().map(read).collect())
        }
        DeValue::Array(_) => table(DeTable::new(), offset, span, path, depth, problems),
        DeValue::Table(members) => table(members, offset, span, path, depth, problems),
    }
}

fn number_problem<'t>(
    written: &str,
    span: &std::ops::Range<usize>,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Value<'t> {
    problems
        .error(
            "number_out_of_range",
            Place::new(path, span.clone()),
            format!("{} is not a finite number below 2^53", quoted(written)),
        )
        .help("leave the value out or give one that can be measured");
    Value::Invalid
}

fn shifted(span: std::ops::Range<usize>, offset: usize) -> std::ops::Range<usize> {
    offset + span.start..offset + span.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Origin;

    fn problems_of(text: &str) -> String {
        let mut problems = Problems::new("agreement.toml");
        parse(text, 0, &mut problems);
        problems.locate(text.as_bytes(), Origin::START);
        problems.to_string()
    }

    #[test]
    fn several_faults_of_one_document_are_all_reported() {
        let found = problems_of("a = nan\nb = \nc = 1\nc = 2\n[t\nd = 99999999999999999999\n");
        insta::assert_snapshot!(found, @r"
        agreement.toml:5:3: error[toml_syntax]: unclosed table, expected `]`
          help: see https://toml.io/en/v1.0.0 for the form of a document
        agreement.toml:2:5: error[toml_syntax]: string values must be quoted, expected literal string
          help: see https://toml.io/en/v1.0.0 for the form of a document
        agreement.toml:4:1: error[toml_syntax]: duplicate key
          help: see https://toml.io/en/v1.0.0 for the form of a document
        agreement.toml:1:5: error[number_out_of_range]: `nan` is not a finite number below 2^53 (at /a)
          help: leave the value out or give one that can be measured
        ");
    }

    #[test]
    fn deep_nesting_is_refused() {
        let found = problems_of(&format!("a = {}", "[".repeat(100_000)));
        assert!(found.contains("error["), "{found}");
        let keys = vec!["a"; 1_000].join(".");
        let found = problems_of(&format!("{keys} = 1"));
        assert!(found.contains("error["), "{found}");
    }
}
