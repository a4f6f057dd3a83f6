//! How far operations stay from what is protected.

use std::collections::{BTreeMap, BTreeSet};

use crate::activity::Activity;
use crate::names::CategoryName;

/// The stand-off, in metres, where neither the object nor the policy states one.
///
/// Restrictive by design: no agreement should rely on it. One kilometre keeps an operation out of
/// the block, the street and the approach of whatever stands there.
pub const STANDOFF_UNSTATED_M: f64 = 1_000.0;

/// The location accuracy, in metres, of an object whose notification states none.
///
/// Coordinates passed on in hundredths of a degree are off by up to 0.8 km at the equator; the
/// next whole kilometre covers them.
pub const ACCURACY_UNSTATED_M: f64 = 1_000.0;

/// The largest stand-off or accuracy accepted, in metres; beyond it an area should be drawn.
pub const STANDOFF_MAX_M: f64 = 100_000.0;

/// The stand-off policy of an agreement.
#[derive(Clone, Debug, PartialEq)]
pub struct StandoffPolicy {
    /// Metres around objects whose category has no entry.
    pub default_m: f64,
    categories: BTreeMap<CategoryName, CategoryPolicy>,
}

/// The policy for one category of protected object.
#[derive(Clone, Debug, Default, PartialEq)]
struct CategoryPolicy {
    standoff_m: Option<f64>,
    exempt: BTreeSet<Activity>,
}

impl Default for StandoffPolicy {
    /// The restrictive policy: [`STANDOFF_UNSTATED_M`] around everything, nothing exempt.
    fn default() -> Self {
        Self {
            default_m: STANDOFF_UNSTATED_M,
            categories: BTreeMap::new(),
        }
    }
}

impl StandoffPolicy {
    /// Sets the policy for `category`; without `standoff_m` the default distance stays.
    pub fn set_category(
        &mut self,
        category: CategoryName,
        standoff_m: Option<f64>,
        exempt: BTreeSet<Activity>,
    ) {
        self.categories
            .insert(category, CategoryPolicy { standoff_m, exempt });
    }

    /// Returns the metres to keep from an object of `category`.
    pub fn standoff_m(&self, category: &CategoryName) -> f64 {
        self.categories
            .get(category)
            .and_then(|found| found.standoff_m)
            .unwrap_or(self.default_m)
    }

    /// Says whether `activity` may come near an object of `category`, such as a medical
    /// evacuation to a hospital.
    pub fn exempts(&self, category: &CategoryName, activity: Activity) -> bool {
        self.categories
            .get(category)
            .is_some_and(|found| found.exempt.contains(&activity))
    }

    /// Returns the categories the policy names, in order.
    pub fn categories(&self) -> impl Iterator<Item = &CategoryName> {
        self.categories.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_has_its_own_distance_or_the_default() {
        let name = |text| CategoryName::parse(text).unwrap();
        let mut policy = StandoffPolicy {
            default_m: 400.0,
            ..StandoffPolicy::default()
        };
        policy.set_category(
            name("hospital"),
            Some(900.0),
            BTreeSet::from([Activity::Medevac]),
        );
        policy.set_category(name("school"), None, BTreeSet::new());
        let distances = ["hospital", "school", "well"].map(|text| policy.standoff_m(&name(text)));
        assert_eq!(distances, [900.0, 400.0, 400.0]);
        assert!(policy.exempts(&name("hospital"), Activity::Medevac));
        assert!(!policy.exempts(&name("hospital"), Activity::Transit));
        assert!(!policy.exempts(&name("school"), Activity::Medevac));
    }
}
