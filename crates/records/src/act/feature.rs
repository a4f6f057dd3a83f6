//! Geometry inside acts: features of the exchange profile, kept as written beside what they mean.

use serde_json::Value as Json;

use super::member::{Content, Reading};
use crate::area::Area;
use crate::document::{Located, Value};
use crate::finding::{Origin, quoted};
use crate::movement::HumanitarianMovement;
use crate::operation::{Gathering, Operation};
use crate::place::{Path, Place};
use crate::profile::{ProfileContext, Record, read_permitted};
use crate::protected::ProtectedObject;
use crate::table::list_of;

/// The most volumes of one operation in one act; an entry has at most 65,535 bytes anyway.
pub const ACT_VOLUMES_MAX: usize = 256;

/// What one or several features say, and the features as written.
#[derive(Clone, Debug)]
pub struct Drawn<R> {
    source: Json,
    record: R,
}

impl<R> Drawn<R> {
    /// Returns the features as written: a feature, or a list of them for an operation.
    pub fn source(&self) -> &Json {
        &self.source
    }

    /// Returns what they say.
    pub fn record(&self) -> &R {
        &self.record
    }
}

impl<R> PartialEq for Drawn<R> {
    /// Two are equal when they are written equally; what they say follows from that.
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

/// Properties of an operation's feature that other acts state.
const STATED_BY_ACTS: [(&str, &str); 2] = [
    ("consents", "each participant records its own consent"),
    ("notified", "the entry itself is the notice"),
];

impl Content for Drawn<Operation> {
    fn read(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let items = list_of(value, path, &mut reading.problems)?;
        if items.is_empty() || items.len() > ACT_VOLUMES_MAX {
            let message = format!(
                "{} volumes where 1 to {ACT_VOLUMES_MAX} belong",
                items.len()
            );
            reading
                .problems
                .error("too_many_volumes", Place::new(path, 0..0), message)
                .help("draw at least one volume; draw fewer and larger ones");
            return None;
        }
        let mut gathering = Gathering::default();
        for (index, item) in items.iter().enumerate() {
            let path = path.index(index);
            refuse_stated_by_acts(item, &path, reading);
            if let Some(record) = record(item, &path, reading) {
                match record {
                    Record::Operation(part) => {
                        same_subject("operation", part.id.as_str(), &path, reading);
                        gathering.add(part, &mut reading.problems);
                    }
                    _ => wrong_kind("an operation", &path, reading),
                }
            }
        }
        let operation = gathering.finish().into_iter().next()?;
        Some(drawn(value, operation))
    }

    fn written(&self) -> Option<Json> {
        Some(self.source.clone())
    }
}

fn refuse_stated_by_acts(feature: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) {
    let properties = members(feature)
        .find(|(key, _)| *key == "properties")
        .map(|(_, value)| value);
    for (key, _) in properties.into_iter().flat_map(members) {
        if let Some((_, why)) = STATED_BY_ACTS.iter().find(|(stated, _)| *stated == key) {
            let properties = path.key("properties");
            let place = Place::new(&properties.key(key), 0..0);
            let message = format!("`{key}` is not stated in a proposal");
            reading
                .problems
                .error("stated_by_acts", place, message)
                .help(format!("remove it: {why}"));
        }
    }
}

fn members<'a>(value: &'a Located<'_>) -> impl Iterator<Item = (&'a str, &'a Located<'a>)> {
    let members = match &value.value {
        Value::Table(members) => members.as_slice(),
        _ => &[],
    };
    members
        .iter()
        .map(|member| (member.key.as_ref(), &member.value))
}

/// Implements [`Content`] for a single feature of one kind.
macro_rules! single {
    ($($record:ident($type:ty): $words:literal;)*) => {$(
        impl Content for Drawn<$type> {
            fn read(
                value: &Located<'_>,
                path: &Path<'_>,
                reading: &mut Reading<'_>,
            ) -> Option<Self> {
                match record(value, path, reading)? {
                    Record::$record(record) => {
                        same_subject("feature", record.id.as_str(), path, reading);
                        Some(drawn(value, record))
                    }
                    _ => {
                        wrong_kind($words, path, reading);
                        None
                    }
                }
            }

            fn written(&self) -> Option<Json> {
                Some(self.source.clone())
            }
        }
    )*};
}

single! {
    Area(Area): "an area";
    ProtectedObject(ProtectedObject): "a protected object";
    HumanitarianMovement(HumanitarianMovement): "a humanitarian movement";
}

fn drawn<R>(value: &Located<'_>, record: R) -> Drawn<R> {
    Drawn {
        source: value.value.to_json(),
        record,
    }
}

fn record(value: &Located<'_>, path: &Path<'_>, reading: &mut Reading<'_>) -> Option<Record> {
    let context = ProfileContext {
        document: reading.document.clone(),
        agreement: reading.agreement,
    };
    read_permitted(value, path, Origin::START, &context, &mut reading.problems)
}

fn same_subject(what: &str, id: &str, path: &Path<'_>, reading: &mut Reading<'_>) {
    let Some(subject) = reading.subject.as_deref().filter(|subject| *subject != id) else {
        return;
    };
    let message = format!(
        "the {what} is {}, the act is about {}",
        quoted(id),
        quoted(subject)
    );
    let place = Place::new(path, 0..0);
    reading
        .problems
        .error("other_subject", place, message)
        .help("give both the same id");
}

fn wrong_kind(wanted: &str, path: &Path<'_>, reading: &mut Reading<'_>) {
    let properties = path.key("properties");
    let place = Place::new(&properties.key("kind"), 0..0);
    reading
        .problems
        .error("wrong_kind", place, format!("the feature is not {wanted}"))
        .help(format!("draw {wanted}, or use the act for what is drawn"));
}
