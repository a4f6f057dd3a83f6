//! Reading the members of a table, each by name and type, with every fault reported.

use std::collections::BTreeSet;
use std::error::Error;
use std::ops::Range;

use detente_spacetime::{Instant, Span};

use crate::document::{Located, Member, Value};
use crate::duration;
use crate::finding::{Problems, quoted};
use crate::local_text::LocalText;
use crate::names::Name;
use crate::nearest;
use crate::period;
use crate::place::{Path, Place};

/// The most elements of a list of names, amounts or entries.
///
/// An agreement names dozens of forces; a list of thousands is a mistake or an attack.
pub const ENTRIES_MAX: usize = 4_096;

/// A table being read: remembers which members were asked for, so that the rest can be named.
#[derive(Debug)]
pub struct Table<'a, 't> {
    members: &'a [Member<'t>],
    path: &'a Path<'a>,
    span: Range<usize>,
    asked: Vec<&'static str>,
}

impl<'a, 't> Table<'a, 't> {
    /// Takes `value` as a table; reports anything else.
    pub fn of(value: &'a Located<'t>, path: &'a Path<'a>, problems: &mut Problems) -> Option<Self> {
        match &value.value {
            Value::Table(members) => Some(Self {
                members,
                path,
                span: value.span.clone(),
                asked: Vec::new(),
            }),
            other => {
                wrong_type(path, value, "an object", other, problems);
                None
            }
        }
    }

    /// Returns the path of the table.
    pub fn path(&self) -> &'a Path<'a> {
        self.path
    }

    /// Returns the place of the whole table.
    pub fn place(&self) -> Place {
        Place::new(self.path, self.span.clone())
    }

    /// Returns the place of the member `key`, or of the table when it has no such member.
    pub fn place_of(&self, key: &str) -> Place {
        match self.members.iter().find(|member| member.key == key) {
            Some(member) => Place::new(&self.path.key(key), member.value.span.clone()),
            None => self.place(),
        }
    }

    /// Returns the members of the table.
    pub fn members(&self) -> &'a [Member<'t>] {
        self.members
    }

    /// Returns the member `key`; `null` counts as absent.
    pub fn get(&mut self, key: &'static str) -> Option<&'a Located<'t>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.members
            .iter()
            .find(|member| member.key == key)
            .map(|member| &member.value)
            .filter(|value| value.value != Value::Null)
    }

    /// Says whether the table has a member `key` that is not `null`.
    pub fn has(&self, key: &str) -> bool {
        self.members
            .iter()
            .any(|member| member.key == key && member.value.value != Value::Null)
    }

    /// Reports the members of `keys` that are missing.
    pub fn require(&self, keys: &[&str], problems: &mut Problems) {
        for key in keys {
            if !self.has(key) {
                problems
                    .error(
                        "missing_property",
                        self.place(),
                        format!("`{key}` is missing"),
                    )
                    .help(format!("add `{key}`"));
            }
        }
    }

    /// Returns the text of `key`.
    pub fn text(&mut self, key: &'static str, problems: &mut Problems) -> Option<&'a str> {
        let value = self.get(key)?;
        text_of(value, &self.path.key(key), problems)
    }

    /// Returns the checked name in `key`.
    pub fn name<N: Name>(&mut self, key: &'static str, problems: &mut Problems) -> Option<N> {
        let value = self.get(key)?;
        name_of(value, &self.path.key(key), problems)
    }

    /// Returns the checked names in the list `key`, in their order, each once; `known` is shown
    /// every one with its place, to report what nobody declared.
    pub fn names<N: Name>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
        mut known: impl FnMut(&N, Place, &mut Problems),
    ) -> Option<Vec<N>> {
        let path = self.path.key(key);
        let mut names: Vec<N> = Vec::new();
        let mut seen: BTreeSet<N> = BTreeSet::new();
        for (index, item) in self.list(key, problems)?.iter().enumerate() {
            let path = path.index(index);
            let Some(name) = name_of::<N>(item, &path, problems) else {
                continue;
            };
            let place = Place::new(&path, item.span.clone());
            if seen.insert(name.clone()) {
                known(&name, place, problems);
                names.push(name);
            } else {
                let message = format!("{} is listed twice", quoted(name.as_str()));
                problems
                    .warning("listed_twice", place, message)
                    .help("remove one of them");
            }
        }
        Some(names)
    }

    /// Returns the length of time in `key`, written `24h`, `90min` or `1d 12h`.
    pub fn span(&mut self, key: &'static str, problems: &mut Problems) -> Option<Span> {
        let value = self.get(key)?;
        span_of(value, &self.path.key(key), problems)
    }

    /// Visits every table in the list `key`.
    pub fn each(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
        mut visit: impl FnMut(&mut Table<'_, '_>, &mut Problems),
    ) {
        let path = self.path.key(key);
        for (index, item) in self
            .list(key, problems)
            .unwrap_or_default()
            .iter()
            .enumerate()
        {
            let path = path.index(index);
            if let Some(mut entry) = Table::of(item, &path, problems) {
                visit(&mut entry, problems);
            }
        }
    }

    /// Returns the text for people in `key`.
    pub fn local_text(&mut self, key: &'static str, problems: &mut Problems) -> Option<LocalText> {
        let value = self.get(key)?;
        LocalText::read(value, &self.path.key(key), problems)
    }

    /// Returns the instant in `key`: RFC 3339 text or a TOML date-time, with its offset from UTC.
    pub fn instant(&mut self, key: &'static str, problems: &mut Problems) -> Option<Instant> {
        let value = self.get(key)?;
        period::instant_of(value, &self.path.key(key), problems)
    }

    /// Returns the number in `key`.
    pub fn number(&mut self, key: &'static str, problems: &mut Problems) -> Option<f64> {
        let value = self.get(key)?;
        match value.value {
            Value::Number(number) => Some(number),
            ref other => {
                wrong_type(&self.path.key(key), value, "a number", other, problems);
                None
            }
        }
    }

    /// Returns the number in `key` if it lies in `range`; `unit` is said in the message.
    pub fn number_within(
        &mut self,
        key: &'static str,
        range: std::ops::RangeInclusive<f64>,
        unit: &str,
        problems: &mut Problems,
    ) -> Option<f64> {
        let number = self.number(key, problems)?;
        if range.contains(&number) {
            return Some(number);
        }
        let (low, high) = (range.start(), range.end());
        problems
            .error(
                "out_of_range",
                self.place_of(key),
                format!("`{key}` is {number} {unit}"),
            )
            .help(format!("give a value from {low} to {high} {unit}"));
        None
    }

    /// Returns the truth value in `key`, or `otherwise` when it is absent.
    pub fn boolean(&mut self, key: &'static str, otherwise: bool, problems: &mut Problems) -> bool {
        let Some(value) = self.get(key) else {
            return otherwise;
        };
        match value.value {
            Value::Boolean(boolean) => boolean,
            ref other => {
                wrong_type(&self.path.key(key), value, "true or false", other, problems);
                otherwise
            }
        }
    }

    /// Returns the list in `key`.
    pub fn list(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<&'a [Located<'t>]> {
        let value = self.get(key)?;
        let items = list_of(value, &self.path.key(key), problems)?;
        if items.len() <= ENTRIES_MAX {
            return Some(items);
        }
        let message = format!(
            "`{key}` has {} entries, more than {ENTRIES_MAX}",
            items.len()
        );
        problems
            .error("too_many_entries", self.place_of(key), message)
            .help("split the document or check how it was made");
        None
    }

    /// Returns the keys asked for so far.
    pub(crate) fn asked(&self) -> &[&'static str] {
        &self.asked
    }

    /// Returns the members that were never asked for, without those the exclusion list reports.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = &'a Member<'t>> {
        self.members.iter().filter(|member| {
            !self.asked.contains(&member.key.as_ref())
                && crate::exclusion::excluded_term(&member.key).is_none()
        })
    }

    /// Warns of every member that was never asked for, naming the nearest that would be read.
    pub fn warn_of_unknown(&self, problems: &mut Problems) {
        for member in self.unknown() {
            let place = Place::new(&self.path.key(&member.key), member.key_span.clone());
            let message = format!("{} is not known here and is ignored", quoted(&member.key));
            problems
                .warning("unknown_property", place, message)
                .suggest(|| nearest::way_out(&member.key, self.asked.iter().copied()));
        }
    }
}

/// Takes `value` as a length of time; reports anything else.
pub(crate) fn span_of(
    value: &Located<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<Span> {
    let text = text_of(value, path, problems)?;
    match duration::parse(text) {
        Ok(span) => Some(span),
        Err(error) => {
            let message = format!("{} is not a duration: {error}", quoted(text));
            problems
                .error(
                    "invalid_duration",
                    Place::new(path, value.span.clone()),
                    message,
                )
                .help("write a duration like 24h, 90min or 1d 12h");
            None
        }
    }
}

/// Takes `value` as text; reports anything else.
pub fn text_of<'a>(
    value: &'a Located<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<&'a str> {
    match &value.value {
        Value::Text(text) => Some(text),
        other => {
            wrong_type(path, value, "text", other, problems);
            None
        }
    }
}

/// Takes `value` as a list; reports anything else.
pub fn list_of<'a, 't>(
    value: &'a Located<'t>,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<&'a [Located<'t>]> {
    match &value.value {
        Value::List(items) => Some(items),
        other => {
            wrong_type(path, value, "a list", other, problems);
            None
        }
    }
}

/// Takes `value` as a checked name; a whole number stands for its digits.
pub fn name_of<N: Name>(
    value: &Located<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<N> {
    let digits;
    let text = match &value.value {
        Value::Number(number) if number.fract() == 0.0 && number.abs() <= 2f64.powi(53) => {
            digits = format!("{number}");
            &digits
        }
        _ => text_of(value, path, problems)?,
    };
    match N::parse(text) {
        Ok(name) => Some(name),
        Err(error) => {
            problems
                .error(
                    "invalid_name",
                    Place::new(path, value.span.clone()),
                    error.to_string(),
                )
                .suggest(|| error.source().map(ToString::to_string));
            None
        }
    }
}

/// Takes `value` as one of a closed set of words; reports anything else with the nearest word.
pub fn word_of<W: Copy>(
    value: &Located<'_>,
    path: &Path<'_>,
    code: &'static str,
    what: &str,
    words: &[(&'static str, W)],
    problems: &mut Problems,
) -> Option<W> {
    let text = text_of(value, path, problems)?;
    if let Some((_, word)) = words.iter().find(|(name, _)| *name == text) {
        return Some(*word);
    }
    let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    let listed = nearest::listed(&names);
    let help = match nearest::nearest(text, names.iter().copied()) {
        Some(found) => format!("did you mean `{found}`? known are {listed}"),
        None => format!("known are {listed}"),
    };
    let message = format!("{} is not a known {what}", quoted(text));
    problems
        .error(code, Place::new(path, value.span.clone()), message)
        .help(help);
    None
}

/// Reports that a value has the wrong type, unless its own problem was reported already.
pub fn wrong_type(
    path: &Path<'_>,
    value: &Located<'_>,
    wanted: &str,
    found: &Value<'_>,
    problems: &mut Problems,
) {
    if matches!(found, Value::Invalid) {
        return;
    }
    let what = match path {
        Path::Key(_, key) => format!("{} is ", quoted(key)),
        Path::Index(..) | Path::Root => "found ".to_owned(),
    };
    problems
        .error(
            "wrong_type",
            Place::new(path, value.span.clone()),
            format!("{what}{} where {wanted} belongs", found.described()),
        )
        .help(format!("write {wanted}"));
}

/// Reports a name nobody declared, with the nearest that somebody did.
pub fn unknown_name<'a>(
    what: &str,
    name: &str,
    place: Place,
    known: impl Iterator<Item = &'a str> + Clone,
    problems: &mut Problems,
) {
    problems
        .error(
            "unknown_reference",
            place,
            format!("unknown {what} {}", quoted(name)),
        )
        .suggest(|| {
            nearest::way_out(name, known).or_else(|| Some(format!("no {what} is declared")))
        });
}
