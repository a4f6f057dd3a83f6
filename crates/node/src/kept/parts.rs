//! How numbers, texts, names and collections are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_ledger::hash::Hash;
use detente_persistent::Map;
use detente_records::act::{Kind, Role};
use detente_records::names::LanguageTag;
use detente_records::workflow::{Cause as Follows, MACHINES};
use detente_records::{
    Activity, AreaId, AreaRecordKind, ArticleId, ChannelName, HolderId, LocalText, OfficeName,
    OperationId, ParticipantId, PreconditionId, RecordId,
};
use detente_spacetime::Instant;

use super::{Kept, Reader, Writer, kept_words};

impl Kept for u64 {
    fn write(&self, to: &mut Writer) {
        to.number(*self);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.number()
    }
}

impl Kept for u32 {
    fn write(&self, to: &mut Writer) {
        to.number((*self).into());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.number()?.try_into().ok()
    }
}

impl Kept for usize {
    fn write(&self, to: &mut Writer) {
        to.length(*self);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.number()?.try_into().ok()
    }
}

impl Kept for bool {
    fn write(&self, to: &mut Writer) {
        to.number((*self).into());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match from.number()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Kept for () {
    fn write(&self, _to: &mut Writer) {}

    fn read(_from: &mut Reader<'_>) -> Option<Self> {
        Some(())
    }
}

impl Kept for [u8; 32] {
    fn write(&self, to: &mut Writer) {
        to.bytes(self);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.bytes()
    }
}

impl Kept for [u8; 16] {
    fn write(&self, to: &mut Writer) {
        to.bytes(self);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.bytes()
    }
}

impl Kept for Hash {
    fn write(&self, to: &mut Writer) {
        to.bytes(self.as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.bytes().map(Self::from_bytes)
    }
}

impl Kept for Instant {
    fn write(&self, to: &mut Writer) {
        to.bytes(&self.micros().to_le_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Self::from_micros(i64::from_le_bytes(from.bytes()?))
    }
}

impl Kept for Arc<str> {
    fn write(&self, to: &mut Writer) {
        to.text(self);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.text()
    }
}

impl Kept for String {
    fn write(&self, to: &mut Writer) {
        to.text(self);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(from.text()?.as_ref().to_owned())
    }
}

impl Kept for RecordId {
    fn write(&self, to: &mut Writer) {
        to.text(self.as_str());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.record()
    }
}

impl Kept for HolderId {
    fn write(&self, to: &mut Writer) {
        to.text(self.as_str());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.holder()
    }
}

macro_rules! kept_names {
    ($( $name:ty ),*) => {$(
        impl Kept for $name {
            fn write(&self, to: &mut Writer) {
                to.text(self.as_str());
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                Self::parse(&from.text()?).ok()
            }
        }
    )*};
}

kept_names! {
    AreaId, ArticleId, ChannelName, LanguageTag, OfficeName, OperationId, ParticipantId,
    PreconditionId
}

/// Names of workflows, of their states and of what moves them, and of what an operation meets.
pub(super) fn known(name: &str) -> Option<&'static str> {
    const THINGS: [&str; 4] = [
        "area",
        "operation",
        "protected_object",
        "humanitarian_movement",
    ];
    let machines = MACHINES.iter().flat_map(|machine| {
        let states = machine.states.iter().map(|state| state.name);
        let clocks = machine.clocks.iter().map(|clock| clock.name);
        std::iter::once(machine.name).chain(states).chain(clocks)
    });
    let causes = Follows::ALL.iter().map(|(name, _, _)| *name);
    let mut all = machines.chain(causes).chain(THINGS);
    all.find(|known| *known == name)
}

impl Kept for &'static str {
    fn write(&self, to: &mut Writer) {
        if known(self).is_none() {
            to.fail(format!("the name {self} is not known"));
        }
        to.text(self);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.word()
    }
}

impl Kept for Role {
    fn write(&self, to: &mut Writer) {
        match Self::ALL.iter().position(|(_, role)| role == self) {
            Some(number) => to.length(number),
            None => to.fail("a role that is none"),
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let number = usize::read(from)?;
        Self::ALL.get(number).map(|(_, role)| *role)
    }
}

impl Kept for AreaRecordKind {
    fn write(&self, to: &mut Writer) {
        match Self::ALL.iter().position(|(_, kind)| kind == self) {
            Some(number) => to.length(number),
            None => to.fail("a kind of area that is none"),
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let number = usize::read(from)?;
        Self::ALL.get(number).map(|(_, kind)| *kind)
    }
}

kept_words! {
    Kind: Kind::ALL;
    Activity: Activity::ALL;
}

impl Kept for LocalText {
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Plain(text) => (false, text.clone()).write(to),
            Self::ByLanguage(texts) => {
                true.write(to);
                texts.write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(match bool::read(from)? {
            false => Self::Plain(String::read(from)?),
            true => Self::ByLanguage(BTreeMap::read(from)?),
        })
    }
}

impl<A: Kept, B: Kept> Kept for (A, B) {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

impl<T: Kept> Kept for Option<T> {
    fn write(&self, to: &mut Writer) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(match bool::read(from)? {
            false => None,
            true => Some(T::read(from)?),
        })
    }
}

impl<T: Kept> Kept for Arc<T> {
    fn write(&self, to: &mut Writer) {
        T::write(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        T::read(from).map(Self::new)
    }
}

impl<T: Kept> Kept for Vec<T> {
    fn write(&self, to: &mut Writer) {
        to.length(self.len());
        for value in self {
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let length = from.length()?;
        let mut values = Self::with_capacity(length.min(VALUES_AT_ONCE));
        for _ in 0..length {
            values.push(T::read(from)?);
        }
        Some(values)
    }
}

/// Values that room is made for before any is read: more only where there are more.
const VALUES_AT_ONCE: usize = 1_024;

impl<T: Kept + Ord> Kept for BTreeSet<T> {
    fn write(&self, to: &mut Writer) {
        to.length(self.len());
        for value in self {
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let length = from.length()?;
        (0..length).map(|_| T::read(from)).collect()
    }
}

impl<K: Kept + Ord, V: Kept> Kept for BTreeMap<K, V> {
    fn write(&self, to: &mut Writer) {
        to.length(self.len());
        for (key, value) in self {
            key.write(to);
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let length = from.length()?;
        let pair = |_| Some((K::read(from)?, V::read(from)?));
        (0..length).map(pair).collect()
    }
}

impl<K: Kept + Ord + Clone, V: Kept + Clone> Kept for Map<K, V> {
    fn write(&self, to: &mut Writer) {
        to.length(self.len());
        for (key, value) in self {
            key.write(to);
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let length = from.length()?;
        let pair = |_| Some((K::read(from)?, V::read(from)?));
        (0..length).map(pair).collect()
    }
}
