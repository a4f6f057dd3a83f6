//! What an operation does in the air, as far as an agreement needs to know.

use std::fmt;

/// The class of an air operation.
///
/// Deliberately coarse: it says which rules apply, never against whom or with what (R50).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Activity {
    /// Use of force from the air.
    Strike,
    /// Looking, without use of force.
    Reconnaissance,
    /// Passing through.
    Transit,
    /// Carrying people or goods.
    Airlift,
    /// Dropping goods, or people by parachute.
    Airdrop,
    /// Carrying wounded or sick.
    Medevac,
    /// Looking for and picking up people in distress.
    SearchAndRescue,
    /// Any other humanitarian flight.
    Humanitarian,
}

impl Activity {
    /// Every activity, in wire order.
    pub const ALL: [Self; 8] = [
        Self::Strike,
        Self::Reconnaissance,
        Self::Transit,
        Self::Airlift,
        Self::Airdrop,
        Self::Medevac,
        Self::SearchAndRescue,
        Self::Humanitarian,
    ];

    /// Returns the name used in documents and as the Cedar action's id.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Strike => "strike",
            Self::Reconnaissance => "reconnaissance",
            Self::Transit => "transit",
            Self::Airlift => "airlift",
            Self::Airdrop => "airdrop",
            Self::Medevac => "medevac",
            Self::SearchAndRescue => "search_and_rescue",
            Self::Humanitarian => "humanitarian",
        }
    }

    /// Returns the activity with this wire name.
    pub fn from_wire_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|activity| activity.wire_name() == name)
    }

    /// Says whether the activity uses force.
    pub fn is_combat(self) -> bool {
        match self {
            Self::Strike => true,
            Self::Reconnaissance
            | Self::Transit
            | Self::Airlift
            | Self::Airdrop
            | Self::Medevac
            | Self::SearchAndRescue
            | Self::Humanitarian => false,
        }
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.wire_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_lead_back_to_the_activity() {
        for activity in Activity::ALL {
            assert_eq!(
                Activity::from_wire_name(activity.wire_name()),
                Some(activity)
            );
        }
        assert_eq!(Activity::from_wire_name("Strike"), None);
    }
}
