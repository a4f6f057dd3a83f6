//! Where an entry stands in time: never before anything it says it knew.

use detente_spacetime::Instant;

/// The effective time of an entry, and its rank among entries of that very instant.
///
/// A hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva and Leone, "Logical Physical Clocks",
/// OPODIS 2014): the instant is the largest claimed in the entry's causal past and by the entry
/// itself; the rank counts causal steps that claims alone would leave tied. Moments therefore grow
/// strictly along causality, and sorting by moment is a topological order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The effective time.
    pub at: Instant,
    /// Causal steps within this instant.
    pub rank: u64,
}

impl Moment {
    /// Returns the moment of an entry that claims `written_at` and depends on `past`.
    ///
    /// Without a claim (an impossible date) the entry stands right after its past.
    pub fn after(past: impl IntoIterator<Item = Self>, written_at: Option<Instant>) -> Self {
        let claim = Self {
            at: written_at.unwrap_or(Instant::MIN),
            rank: 0,
        };
        match past.into_iter().max() {
            Some(last) if last.at >= claim.at => Self {
                at: last.at,
                rank: last.rank.saturating_add(1),
            },
            _ => claim,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(micros: i64) -> Instant {
        Instant::from_micros(micros).expect("instant")
    }

    fn moment(at: i64, rank: u64) -> Moment {
        Moment {
            at: instant(at),
            rank,
        }
    }

    #[test]
    fn a_claim_is_never_earlier_than_what_it_knew() {
        let past = [moment(5, 0), moment(9, 2)];
        assert_eq!(Moment::after(past, Some(instant(7))), moment(9, 3));
        assert_eq!(Moment::after(past, Some(instant(9))), moment(9, 3));
        assert_eq!(Moment::after(past, Some(instant(10))), moment(10, 0));
        assert_eq!(Moment::after(past, None), moment(9, 3));
    }
}
