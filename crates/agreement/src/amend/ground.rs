//! What an amendment changes on the ground: areas, protected objects and movements that come, go,
//! grow, shrink or move, each with what follows for operations.

use std::collections::{BTreeMap, BTreeSet};

use detente_records::{Area, HumanitarianMovement, ProtectedObject};
use detente_spacetime::{Altitude, AltitudeBand, Footprint, Outline, Reference, Volume4D, Window};

use crate::prove::Change;
use crate::rulebook::Rulebook;

/// What one version of an agreement has on the ground, and the articles that look at it.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Its areas.
    pub areas: &'a [Area],
    /// Its protected objects.
    pub protected: &'a [ProtectedObject],
    /// Its humanitarian movements.
    pub movements: &'a [HumanitarianMovement],
    /// Its articles.
    pub rulebook: &'a Rulebook,
}

/// One thing on the ground that changes.
#[derive(Clone, Debug)]
pub struct GroundChange {
    /// `area`, `protected object` or `movement`.
    pub what: &'static str,
    /// Its id.
    pub id: String,
    /// What happens to it, in words: `added`, `grown`, ….
    pub changes: Vec<String>,
    /// What follows for operations.
    pub effect: Change,
    /// Its footprint in the old version.
    pub before: Option<Footprint>,
    /// Its footprint in the new version.
    pub after: Option<Footprint>,
}

impl GroundChange {
    /// The ground that it covers only in the old version; empty when there is none.
    #[must_use]
    pub fn left(&self) -> Outline {
        beyond(self.before.as_ref(), self.after.as_ref())
    }

    /// The ground that it covers only in the new version; empty when there is none.
    #[must_use]
    pub fn taken(&self) -> Outline {
        beyond(self.after.as_ref(), self.before.as_ref())
    }
}

fn beyond(covered: Option<&Footprint>, other: Option<&Footprint>) -> Outline {
    match (covered, other) {
        (None, _) => Outline::default(),
        (Some(covered), None) => covered.outline(),
        (Some(covered), Some(other)) => covered.outline_beyond(other),
    }
}

/// Every change on the ground, areas first, each kind by id.
#[must_use]
pub fn ground_changes(old: Ground<'_>, new: Ground<'_>) -> Vec<GroundChange> {
    // Touching more asks for more: each thing touched is one more request that must be let
    // through. Only an article that looks at what else is touched could let through more.
    let books = [old.rulebook, new.rulebook];
    let reach = Reach {
        areas: books.iter().any(|book| book.asks_what_is_touched()),
        nearest: books.iter().any(|book| {
            let mut clauses = book.articles().clauses().iter();
            clauses.any(|clause| clause.reads("context.nearestProtectedM"))
        }),
    };
    let mut found = Vec::new();
    let areas = |ground: Ground<'_>| -> BTreeMap<String, Area> {
        let areas = ground.areas.iter();
        areas
            .map(|area| (area.id.to_string(), area.clone()))
            .collect()
    };
    for (id, pair) in pairs(areas(old), areas(new)) {
        found.extend(reach.area(id, pair));
    }
    let objects = |ground: Ground<'_>| -> BTreeMap<String, ProtectedObject> {
        let objects = ground.protected.iter();
        objects
            .map(|object| (object.id.to_string(), object.clone()))
            .collect()
    };
    for (id, pair) in pairs(objects(old), objects(new)) {
        found.extend(reach.object(id, pair));
    }
    let movements = |ground: Ground<'_>| -> BTreeMap<String, Volume4D> {
        let movements = ground.movements.iter();
        movements
            .map(|movement| (movement.id.to_string(), movement.volume.clone()))
            .collect()
    };
    for (id, (before, after)) in pairs(movements(old), movements(new)) {
        let mut change = Reached::default();
        change.volume(before.as_ref(), after.as_ref());
        found.extend(change.told("movement", id, before, after, false));
    }
    found
}

/// A thing as it was and as it will be.
type Pair<T> = (Option<T>, Option<T>);

fn pairs<T>(mut old: BTreeMap<String, T>, mut new: BTreeMap<String, T>) -> Vec<(String, Pair<T>)> {
    let ids: BTreeSet<String> = old.keys().chain(new.keys()).cloned().collect();
    ids.into_iter()
        .map(|id| {
            let pair = (old.remove(&id), new.remove(&id));
            (id, pair)
        })
        .collect()
}

/// What articles look at beyond the thing asked about.
struct Reach {
    areas: bool,
    nearest: bool,
}

impl Reach {
    fn area(
        &self,
        id: String,
        (before, after): (Option<Area>, Option<Area>),
    ) -> Option<GroundChange> {
        let mut change = Reached::default();
        change.volume(
            before.as_ref().map(|area| &area.volume),
            after.as_ref().map(|area| &area.volume),
        );
        if let (Some(before), Some(after)) = (&before, &after) {
            change.scope("who it applies to", &before.applies_to, &after.applies_to);
            change.scope(
                "activities it applies to",
                &before.activities,
                &after.activities,
            );
            change.other("kind", before.kind != after.kind);
            change.other("area kind", before.area_kind != after.area_kind);
            change.other(
                "whose consent it asks",
                before.consent_of != after.consent_of,
            );
            change.other("presence of groups", before.groups != after.groups);
        }
        change.told(
            "area",
            id,
            before.map(|area| area.volume),
            after.map(|area| area.volume),
            self.areas,
        )
    }

    fn object(
        &self,
        id: String,
        (before, after): (Option<ProtectedObject>, Option<ProtectedObject>),
    ) -> Option<GroundChange> {
        let mut change = Reached::default();
        change.volume(
            before.as_ref().map(|object| &object.volume),
            after.as_ref().map(|object| &object.volume),
        );
        if let (Some(before), Some(after)) = (&before, &after) {
            change.distance("stand-off", before.standoff_m, after.standoff_m);
            change.distance("accuracy", before.accuracy_m, after.accuracy_m);
            change.other("category", before.category != after.category);
        }
        change.told(
            "protected object",
            id,
            before.map(|object| object.volume),
            after.map(|object| object.volume),
            self.nearest,
        )
    }
}

/// What is known of one change so far.
#[derive(Default)]
struct Reached {
    words: Vec<String>,
    effect: Option<Change>,
}

impl Reached {
    fn add(&mut self, word: impl Into<String>, effect: Change) {
        self.words.push(word.into());
        self.effect = Some(self.effect.map_or(effect, |known| known.and(effect)));
    }

    fn other(&mut self, what: &str, differs: bool) {
        if differs {
            self.add(format!("{what} changes"), Change::Different);
        }
    }

    /// A list that restricts whom or what something applies to, where an empty one restricts nothing.
    fn scope<T: PartialEq>(&mut self, what: &str, before: &[T], after: &[T]) {
        let covers = |outer: &[T], inner: &[T]| {
            outer.is_empty() || (!inner.is_empty() && inner.iter().all(|item| outer.contains(item)))
        };
        match (covers(after, before), covers(before, after)) {
            (true, true) => {}
            (true, false) => self.add(format!("{what}: more"), Change::Stricter),
            (false, true) => self.add(format!("{what}: fewer"), Change::Looser),
            (false, false) => self.add(format!("{what}: others"), Change::Different),
        }
    }

    fn distance(&mut self, what: &str, before: Option<f64>, after: Option<f64>) {
        match (before, after) {
            (Some(before), Some(after)) if after > before => {
                self.add(format!("{what} grows"), Change::Stricter);
            }
            (Some(before), Some(after)) if after < before => {
                self.add(format!("{what} shrinks"), Change::Looser);
            }
            (Some(_), Some(_)) | (None, None) => {}
            _ => self.add(
                format!("{what} is stated or left to the policy"),
                Change::Different,
            ),
        }
    }

    fn volume(&mut self, before: Option<&Volume4D>, after: Option<&Volume4D>) {
        let (before, after) = match (before, after) {
            (Some(before), Some(after)) => (before, after),
            (None, Some(_)) => return self.add("added", Change::Stricter),
            (Some(_), None) => return self.add("removed", Change::Looser),
            (None, None) => return,
        };
        let (ground, former) = (&after.footprint, &before.footprint);
        match (ground.surely_holds(former), former.surely_holds(ground)) {
            (true, true) => {}
            (true, false) => self.add("grown", Change::Stricter),
            (false, true) => self.add("shrunk", Change::Looser),
            (false, false) if ground.overlaps(former) => self.add("redrawn", Change::Different),
            (false, false) => self.add("moved", Change::Different),
        }
        match (
            covers(&after.window, &before.window),
            covers(&before.window, &after.window),
        ) {
            (true, true) => {}
            (true, false) => self.add("valid for longer", Change::Stricter),
            (false, true) => self.add("valid for shorter", Change::Looser),
            (false, false) => self.add("valid at another time", Change::Different),
        }
        match (
            surely_reaches(&after.altitude, &before.altitude),
            surely_reaches(&before.altitude, &after.altitude),
        ) {
            (true, true) => {}
            (true, false) => self.add("more heights", Change::Stricter),
            (false, true) => self.add("fewer heights", Change::Looser),
            (false, false) => self.add("other heights", Change::Different),
        }
    }

    fn told(
        self,
        what: &'static str,
        id: String,
        before: Option<Volume4D>,
        after: Option<Volume4D>,
        looked_at: bool,
    ) -> Option<GroundChange> {
        let effect = self.effect?;
        Some(GroundChange {
            what,
            id,
            changes: self.words,
            effect: if looked_at { Change::Different } else { effect },
            before: before.map(|volume| volume.footprint),
            after: after.map(|volume| volume.footprint),
        })
    }
}

fn covers(outer: &Window, inner: &Window) -> bool {
    outer.start() <= inner.start()
        && match (outer.end(), inner.end()) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(outer), Some(inner)) => inner <= outer,
        }
}

/// Whether a band reaches every height of another, whatever the terrain and the weather: limits of different references
/// have no order.
fn surely_reaches(outer: &AltitudeBand, inner: &AltitudeBand) -> bool {
    let reference = |one: Altitude, other: Altitude| one.reference() == other.reference();
    let (lowest, highest) = (outer.lower(), outer.upper());
    let from_below = lowest.reference() == Reference::Surface
        || (reference(lowest, inner.lower()) && lowest.value_m() <= inner.lower().value_m());
    let to_above = highest.reference() == Reference::Unlimited
        || (reference(highest, inner.upper()) && highest.value_m() >= inner.upper().value_m());
    from_below && to_above
}
