//! Markings: who may have something; and the strictest of several.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use detente_records::act::draft::StatedMarking;
use detente_records::act::report::{self, Classification, Level};
use detente_records::act::{AtLeastOne, Digest};
use detente_records::{HolderId, LocalText, PolicyName};
use detente_spacetime::Instant;

/// Whose ledger begins with which entry: what a name in the agreement stands for.
pub type Directory = BTreeMap<HolderId, Digest>;

/// Somebody who would read: the name, and the hash of the first entry of the ledger behind it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reader {
    /// The name in the agreement.
    pub holder: HolderId,
    /// The key behind it.
    pub identity: Digest,
}

impl Reader {
    /// Returns the reader a name stands for; none for a name nobody keeps a ledger under.
    pub fn named(holder: &HolderId, directory: &Directory) -> Option<Self> {
        Some(Self {
            holder: holder.clone(),
            identity: *directory.get(holder)?,
        })
    }
}

/// Who may have something, and on which terms.
///
/// Markings form a semilattice under [`Marking::strictest`], whose strictest element admits nobody.
/// A marking without a classification or without an audience is that element: there is no way to
/// write one that admits somebody because something was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marking {
    levels: BTreeMap<PolicyName, Level>,
    names: BTreeSet<HolderId>,
    identities: BTreeSet<Digest>,
    originator_control: bool,
    handling: BTreeSet<LocalText>,
    expires: Option<Instant>,
}

impl Marking {
    /// The marking that admits nobody.
    pub fn nobody() -> Self {
        Self {
            levels: BTreeMap::new(),
            names: BTreeSet::new(),
            identities: BTreeSet::new(),
            originator_control: true,
            handling: BTreeSet::new(),
            expires: None,
        }
    }

    /// Reads a marking as its author states it; without one, nobody. Names that stand for no
    /// ledger admit nobody.
    pub fn stated(stated: Option<&StatedMarking>, directory: &Directory) -> Self {
        let Some(stated) = stated else {
            return Self::nobody();
        };
        let readers = stated.releasable_to.iter();
        let known: Vec<Reader> = readers
            .filter_map(|holder| Reader::named(holder, directory))
            .collect();
        Self {
            levels: levels(&stated.classifications),
            names: known.iter().map(|reader| reader.holder.clone()).collect(),
            identities: known.iter().map(|reader| reader.identity).collect(),
            originator_control: stated.originator_control.unwrap_or(true),
            handling: stated.handling.iter().cloned().collect(),
            expires: stated.expires,
        }
        .sound()
    }

    /// Reads a marking as it was sent.
    pub fn sent(sent: &report::Marking) -> Self {
        Self {
            levels: levels(sent.classifications.as_slice()),
            names: sent.releasable_to.as_slice().iter().cloned().collect(),
            identities: sent.identities.as_slice().iter().copied().collect(),
            originator_control: sent.originator_control,
            handling: sent.handling.iter().cloned().collect(),
            expires: sent.expires,
        }
        .sound()
    }

    /// Returns the marking in the form that is sent; none for one that admits nobody, which is
    /// never sent.
    pub fn to_sent(&self) -> Option<report::Marking> {
        let classifications = self.levels.iter().map(|(policy, level)| Classification {
            policy: policy.clone(),
            level: *level,
        });
        Some(report::Marking {
            classifications: AtLeastOne::new(classifications.collect())?,
            releasable_to: AtLeastOne::new(self.names.iter().cloned().collect())?,
            identities: AtLeastOne::new(self.identities.iter().copied().collect())?,
            originator_control: self.originator_control,
            handling: self.handling.iter().cloned().collect(),
            expires: self.expires,
        })
    }

    /// Returns the loosest marking that is at least as strict as both: it admits nobody whom one of
    /// them does not admit.
    #[must_use]
    pub fn strictest(&self, other: &Self) -> Self {
        let mut levels = self.levels.clone();
        for (policy, level) in &other.levels {
            let kept = levels.entry(policy.clone()).or_insert(*level);
            *kept = (*kept).max(*level);
        }
        Self {
            levels,
            names: self.names.intersection(&other.names).cloned().collect(),
            identities: self
                .identities
                .intersection(&other.identities)
                .copied()
                .collect(),
            originator_control: self.originator_control || other.originator_control,
            handling: self.handling.union(&other.handling).cloned().collect(),
            expires: match (self.expires, other.expires) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        }
        .sound()
    }

    /// Returns the strictest of several; of none at all, the one that admits nobody.
    #[must_use]
    pub fn strictest_of<'a>(markings: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut markings = markings.into_iter();
        let Some(first) = markings.next() else {
            return Self::nobody();
        };
        markings.fold(first.clone(), |strictest, next| strictest.strictest(next))
    }

    /// Says whether this marking holds back everything that `other` does.
    pub fn is_at_least_as_strict_as(&self, other: &Self) -> bool {
        self.strictest(other) == *self
    }

    /// Says whether levels and originator control are at least those of `other`: what a line above
    /// several portions with different audiences has to be.
    pub fn covers_terms_of(&self, other: &Self) -> bool {
        let mut levels = other.levels.iter();
        let covered = |(policy, level): (&PolicyName, &Level)| {
            self.levels.get(policy).is_some_and(|own| own >= level)
        };
        levels.all(covered) && (self.originator_control || !other.originator_control)
    }

    /// Says whether `reader` is among those this is marked for, whatever the time.
    ///
    /// # Errors
    ///
    /// [`Denial`], for whoever releases and nobody else.
    pub fn is_for(&self, reader: &Reader) -> Result<(), Denial> {
        if self.levels.is_empty() || self.names.is_empty() || self.identities.is_empty() {
            return Err(Denial::Nobody);
        }
        if !self.names.contains(&reader.holder) {
            return Err(Denial::NotNamed);
        }
        if !self.identities.contains(&reader.identity) {
            return Err(Denial::OtherKey);
        }
        Ok(())
    }

    /// Says whether `reader` may have what is so marked, at `now`.
    ///
    /// # Errors
    ///
    /// [`Denial`], for whoever releases and nobody else.
    pub fn admits(&self, reader: &Reader, now: Instant) -> Result<(), Denial> {
        self.is_for(reader)?;
        if self.expires.is_some_and(|expires| expires <= now) {
            return Err(Denial::Expired);
        }
        Ok(())
    }

    /// Returns the marking that admits one more: the originator, who has what it released. One that
    /// admits nobody still does.
    #[must_use]
    pub fn also(mut self, originator: Option<&Reader>) -> Self {
        if !self.names.is_empty() {
            self.names
                .extend(originator.map(|reader| reader.holder.clone()));
            self.identities
                .extend(originator.map(|reader| reader.identity));
        }
        self
    }

    /// Returns the marking that admits only those of its readers who are named.
    #[must_use]
    pub fn only(mut self, named: &BTreeSet<HolderId>) -> Self {
        self.names.retain(|name| named.contains(name));
        self.sound()
    }

    /// Returns whether only the originator may let it go further.
    pub fn originator_control(&self) -> bool {
        self.originator_control
    }

    /// Returns the levels, by policy.
    pub fn levels(&self) -> &BTreeMap<PolicyName, Level> {
        &self.levels
    }

    /// Returns those named; whoever is not may not have it.
    pub fn names(&self) -> &BTreeSet<HolderId> {
        &self.names
    }

    /// Returns when it is no longer to be used.
    pub fn expires(&self) -> Option<Instant> {
        self.expires
    }

    /// A marking that says nothing of levels, or of whom, admits nobody; and then there is only one
    /// audience, so that the order of combining does not show.
    fn sound(mut self) -> Self {
        if self.levels.is_empty() || self.names.is_empty() || self.identities.is_empty() {
            self.levels.clear();
            self.names.clear();
            self.identities.clear();
            self.handling.clear();
            self.originator_control = true;
            self.expires = None;
        }
        self
    }
}

fn levels(classifications: &[Classification]) -> BTreeMap<PolicyName, Level> {
    let mut levels: BTreeMap<PolicyName, Level> = BTreeMap::new();
    for classification in classifications {
        // Stated twice, the higher counts.
        let level = levels
            .entry(classification.policy.clone())
            .or_insert(classification.level);
        *level = (*level).max(classification.level);
    }
    levels
}

/// Why somebody may not have something; for whoever releases, never for whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// It is marked for nobody, or not marked at all.
    Nobody,
    /// The marking does not name the reader.
    NotNamed,
    /// The marking names the reader and not the key behind the name.
    OtherKey,
    /// Its time of use is over.
    Expired,
}

impl fmt::Display for Denial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Nobody => "it has no marking that names anybody",
            Self::NotNamed => "its marking does not name this recipient",
            Self::OtherKey => "its marking names this recipient under another key",
            Self::Expired => "its time of use is over",
        })
    }
}
