//! How the members of a body are read and written: one trait, and three macros that repeat it.

use std::sync::Arc;

use detente_spacetime::Instant;
use serde_json::{Map, Value as Json};

use crate::agreement::Agreement;
use crate::document::{Located, Value};
use crate::finding::{Problems, quoted};
use crate::local_text::LocalText;
use crate::names::Name;
use crate::period;
use crate::place::{Path, Place};
use crate::table::{ENTRIES_MAX, Table, list_of, text_of, wrong_type};

/// What a reader of a body knows beside the body.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    /// Name of the entry, for provenance.
    pub(super) document: Arc<str>,
    /// The agreement whose parties, forces and groups features refer to.
    pub(super) agreement: Option<&'a Agreement>,
    /// The body's `subject`, which its features must be about.
    pub(super) subject: Option<String>,
    /// Everything found so far.
    pub(super) problems: Problems,
}

/// Something a member of a body can hold.
pub(super) trait Content: Sized {
    /// Whether the member must be there.
    const IS_REQUIRED: bool = true;

    /// What an absent member means; nothing when it must be there.
    fn absent() -> Option<Self> {
        None
    }

    /// Reads a value; reports everything that is wrong with it.
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self>;

    /// Returns the value to write, or nothing when the member is left out.
    fn written(&self) -> Option<Json>;
}

/// Reads the member `key` of a table.
pub(super) fn member<T: Content>(
    table: &mut Table<'_, '_>,
    key: &'static str,
    reading: &mut Reading<'_>,
) -> Option<T> {
    let path = table.path();
    if let Some(value) = table.get(key) {
        return T::read(value, &path.key(key), reading);
    }
    let absent = T::absent();
    if absent.is_none() {
        table.require(&[key], &mut reading.problems);
    }
    absent
}

/// Writes the member `key` into a body.
pub(super) fn write_member<T: Content>(
    members: &mut Map<String, Json>,
    key: &'static str,
    content: &T,
) {
    if let Some(value) = content.written() {
        members.insert(key.to_owned(), value);
    }
}

impl<T: Content> Content for Option<T> {
    const IS_REQUIRED: bool = false;

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        T::read(value, path, reading).map(Some)
    }

    fn written(&self) -> Option<Json> {
        self.as_ref().and_then(T::written)
    }
}

impl<T: Content> Content for Vec<T> {
    const IS_REQUIRED: bool = false;

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }

    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let items = list_of(value, path, &mut reading.problems)?;
        if items.len() > ENTRIES_MAX {
            let message = format!("{} entries, more than {ENTRIES_MAX}", items.len());
            reading
                .problems
                .error(
                    "too_many_entries",
                    Place::new(path, value.span.clone()),
                    message,
                )
                .help("spread them over several acts");
            return None;
        }
        let found: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| T::read(item, &path.index(index), reading))
            .collect();
        found.into_iter().collect()
    }

    fn written(&self) -> Option<Json> {
        let items: Vec<Json> = self.iter().filter_map(T::written).collect();
        (!items.is_empty()).then_some(Json::Array(items))
    }
}

/// A list with at least one element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtLeastOne<T>(Vec<T>);

impl<T> AtLeastOne<T> {
    /// Takes a list, if it is not empty.
    pub fn new(items: Vec<T>) -> Option<Self> {
        (!items.is_empty()).then_some(Self(items))
    }

    /// Returns the elements.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<T: Content> Content for AtLeastOne<T> {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let items = Vec::read(value, path, reading)?;
        if items.is_empty() {
            reading
                .problems
                .error(
                    "empty_list",
                    Place::new(path, value.span.clone()),
                    "the list is empty",
                )
                .help("name at least one");
        }
        Self::new(items)
    }

    fn written(&self) -> Option<Json> {
        self.0.written()
    }
}

impl<N: Name> Content for N {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = text_of(value, path, &mut reading.problems)?;
        match N::parse(text) {
            Ok(name) => Some(name),
            Err(error) => {
                let reason = error.kind().to_string();
                reading
                    .problems
                    .error(
                        "invalid_name",
                        Place::new(path, value.span.clone()),
                        error.to_string(),
                    )
                    .help(reason);
                None
            }
        }
    }

    fn written(&self) -> Option<Json> {
        Some(Json::from(self.as_str()))
    }
}

impl Content for bool {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        match &value.value {
            Value::Boolean(boolean) => Some(*boolean),
            other => {
                wrong_type(path, value, "true or false", other, &mut reading.problems);
                None
            }
        }
    }

    fn written(&self) -> Option<Json> {
        Some(Json::from(*self))
    }
}

impl Content for u32 {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let number = f64::read(value, path, reading)?;
        if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
            return Some(number as u32);
        }
        reading
            .problems
            .error(
                "out_of_range",
                Place::new(path, value.span.clone()),
                format!("{number} is not a count"),
            )
            .help(format!("give a whole number from 0 to {}", u32::MAX));
        None
    }

    fn written(&self) -> Option<Json> {
        Some(Json::from(*self))
    }
}

impl Content for f64 {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        match &value.value {
            Value::Number(number) => Some(*number),
            other => {
                wrong_type(path, value, "a number", other, &mut reading.problems);
                None
            }
        }
    }

    fn written(&self) -> Option<Json> {
        Some(crate::document::json_number(*self))
    }
}

impl Content for Instant {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        period::instant_of(value, path, &mut reading.problems)
    }

    fn written(&self) -> Option<Json> {
        Some(Json::from(self.to_string()))
    }
}

impl Content for LocalText {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        Self::read(value, path, &mut reading.problems)
    }

    fn written(&self) -> Option<Json> {
        Some(match self {
            Self::Plain(text) => Json::from(text.as_str()),
            Self::ByLanguage(texts) => texts
                .iter()
                .map(|(tag, text)| (tag.to_string(), Json::from(text.as_str())))
                .collect::<Map<String, Json>>()
                .into(),
        })
    }
}

/// Reports every member that `table` was never asked for.
///
/// Elsewhere an unknown member is a warning; an act is signed, and a member that nobody reads
/// would be something signed that nobody sees.
pub(super) fn refuse_unknown(table: &Table<'_, '_>, problems: &mut Problems) {
    for member in table.unknown() {
        let place = Place::new(&table.path().key(&member.key), member.key_span.clone());
        let known = table.asked().iter().copied();
        problems
            .error(
                "unknown_member",
                place,
                format!("{} is not a member of this act", quoted(&member.key)),
            )
            .suggest(|| {
                crate::nearest::way_out(&member.key, known).or_else(|| Some("remove it".to_owned()))
            });
    }
}

/// Declares the struct of each kind of act: what it says beside `subject` and `role`.
macro_rules! acts {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[doc = $says:literal])* $member:ident: $content:ty, )* } )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            /// What the act is about.
            pub subject: $crate::names::RecordId,
            /// The role in which its author acted.
            pub role: $crate::act::Role,
            $( $(#[doc = $says])* pub $member: $content, )*
        }

        impl $crate::act::kind::Body for $name {
            const MEMBERS: &'static [$crate::act::MemberDescription] = &[
                $( $crate::act::MemberDescription {
                    name: stringify!($member),
                    says: concat!($($says),*),
                    is_required: <$content as $crate::act::member::Content>::IS_REQUIRED,
                }, )*
            ];

            fn read(
                table: &mut $crate::table::Table<'_, '_>,
                reading: &mut $crate::act::member::Reading<'_>,
            ) -> Option<Self> {
                let subject = $crate::act::member::member(table, "subject", reading);
                reading.subject = subject.as_ref().map(|id: &$crate::names::RecordId| id.to_string());
                let role = $crate::act::member::member(table, "role", reading);
                $( let $member = $crate::act::member::member::<$content>(table, stringify!($member), reading); )*
                $crate::act::member::refuse_unknown(table, &mut reading.problems);
                Some(Self { subject: subject?, role: role?, $( $member: $member?, )* })
            }

            fn write(&self, body: &mut serde_json::Map<String, serde_json::Value>) {
                $crate::act::member::write_member(body, "subject", &self.subject);
                $crate::act::member::write_member(body, "role", &self.role);
                $( $crate::act::member::write_member(body, stringify!($member), &self.$member); )*
            }
        }
    )*};
}

/// Declares objects inside a body.
macro_rules! parts {
    ($( $(#[$doc:meta])* $vis:vis $name:ident { $( $(#[$member_doc:meta])* $member:ident: $content:ty, )* } )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name {
            $( $(#[$member_doc])* pub $member: $content, )*
        }

        impl $crate::act::member::Content for $name {
            fn read(
                value: &$crate::document::Located<'_>,
                path: &$crate::place::Path<'_>,
                reading: &mut $crate::act::member::Reading<'_>,
            ) -> Option<Self> {
                let mut table = $crate::table::Table::of(value, path, &mut reading.problems)?;
                $( let $member = $crate::act::member::member::<$content>(&mut table, stringify!($member), reading); )*
                $crate::act::member::refuse_unknown(&table, &mut reading.problems);
                Some(Self { $( $member: $member?, )* })
            }

            fn written(&self) -> Option<serde_json::Value> {
                let mut members = serde_json::Map::new();
                $( $crate::act::member::write_member(&mut members, stringify!($member), &self.$member); )*
                Some(serde_json::Value::Object(members))
            }
        }
    )*};
}

/// Declares closed sets of words.
macro_rules! words {
    ($( $(#[$doc:meta])* $name:ident: $what:literal { $( $(#[$word_doc:meta])* $word:ident = $wire:literal, )* } )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[$word_doc])* $word, )*
        }

        impl $name {
            /// Every word with its wire name.
            pub const ALL: &'static [(&'static str, Self)] = &[$( ($wire, Self::$word), )*];

            /// Returns the name used in bodies.
            pub fn wire_name(self) -> &'static str {
                match self {
                    $( Self::$word => $wire, )*
                }
            }
        }

        impl $crate::act::member::Content for $name {
            fn read(
                value: &$crate::document::Located<'_>,
                path: &$crate::place::Path<'_>,
                reading: &mut $crate::act::member::Reading<'_>,
            ) -> Option<Self> {
                let problems = &mut reading.problems;
                $crate::table::word_of(value, path, "unknown_word", $what, Self::ALL, problems)
            }

            fn written(&self) -> Option<serde_json::Value> {
                Some(serde_json::Value::from(self.wire_name()))
            }
        }
    )*};
}

pub(super) use {acts, parts, words};
