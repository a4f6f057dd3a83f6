//! From the JSON of a ledger entry to the tree that knows its places.

use std::borrow::Cow;

use serde_json::{Map, Number, Value as Json};

use crate::document::{
    KEY_BYTES_MAX, Located, MEMBERS_MAX, Member, NESTING_MAX, TEXT_BYTES_MAX, Value, WHOLE_MAX,
};
use crate::finding::{Problems, quoted};
use crate::place::{Path, Place};

/// Returns the members of a body as a tree; spans are empty, because a body has no text of its
/// own, and pointers alone say where something stands.
pub(super) fn located<'t>(body: &'t Map<String, Json>, problems: &mut Problems) -> Located<'t> {
    Located {
        span: 0..0,
        value: table(body, &Path::Root, 1, problems),
    }
}

fn table<'t>(
    members: &'t Map<String, Json>,
    path: &Path<'_>,
    depth: usize,
    problems: &mut Problems,
) -> Value<'t> {
    if members.len() > MEMBERS_MAX {
        let message = format!("{} members, more than {MEMBERS_MAX}", members.len());
        problems
            .error("too_many_entries", Place::new(path, 0..0), message)
            .help("spread them over several acts");
        return Value::Invalid;
    }
    let mut found = Vec::with_capacity(members.len());
    for (key, json) in members {
        if key.len() > KEY_BYTES_MAX {
            let message = format!(
                "{} has {} bytes, more than {KEY_BYTES_MAX}",
                quoted(key),
                key.len()
            );
            problems
                .error("text_too_long", Place::new(path, 0..0), message)
                .help("shorten the key");
            continue;
        }
        found.push(Member {
            key: Cow::Borrowed(key),
            key_span: 0..0,
            value: value(json, &path.key(key), depth + 1, problems),
        });
    }
    Value::Table(found)
}

fn value<'t>(
    json: &'t Json,
    path: &Path<'_>,
    depth: usize,
    problems: &mut Problems,
) -> Located<'t> {
    let refused = |code, message: String, help: &str, problems: &mut Problems| {
        problems
            .error(code, Place::new(path, 0..0), message)
            .help(help);
        Value::Invalid
    };
    let value = match json {
        Json::Array(_) | Json::Object(_) if depth > NESTING_MAX => refused(
            "nesting_too_deep",
            format!("lists and objects are nested deeper than {NESTING_MAX}"),
            "flatten what is not part of the act",
            problems,
        ),
        Json::Null => Value::Null,
        Json::Bool(boolean) => Value::Boolean(*boolean),
        Json::Number(number) => match exact(number) {
            Some(number) => Value::Number(number),
            None => refused(
                "number_out_of_range",
                format!("{} cannot be held exactly", quoted(&number.to_string())),
                "give a number that can be measured or counted",
                problems,
            ),
        },
        Json::String(text) if text.len() > TEXT_BYTES_MAX => refused(
            "text_too_long",
            format!("a text of {} bytes, more than {TEXT_BYTES_MAX}", text.len()),
            "put long material beside the ledger and name it by its hash",
            problems,
        ),
        Json::String(text) => Value::Text(Cow::Borrowed(text)),
        Json::Array(items) => Value::List(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| self::value(item, &path.index(index), depth + 1, problems))
                .collect(),
        ),
        Json::Object(members) => table(members, path, depth, problems),
    };
    Located { span: 0..0, value }
}

fn exact(number: &Number) -> Option<f64> {
    let float = number.as_f64().filter(|float| float.is_finite())?;
    let whole = number.is_i64() || number.is_u64();
    (!whole || float.abs() <= WHOLE_MAX).then_some(float)
}
