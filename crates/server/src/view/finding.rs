//! What a node noticed about another, in words.

use detente_node::federation::{Finding, Presence};

/// Says what was noticed.
pub(crate) fn words(finding: &Finding) -> String {
    match finding {
        Finding::Fork { origin } => format!("{origin} has two histories; the proof is kept"),
        Finding::Contradiction { origin, peer } => format!(
            "{peer} showed a history of {origin} that contradicts the one held; it cannot be proved to others"
        ),
        Finding::OwnFork => {
            "a peer holds another history of this node's own ledger: nothing more is signed"
                .to_owned()
        }
        Finding::Misbehaved { peer, what } => {
            format!("an answer of {peer} failed its checks: {what}")
        }
        Finding::Throttled { peer, what } => {
            format!("{peer} used up what a period grants: {what}")
        }
        Finding::EarlyClaim { origin, index, at } => {
            format!("entry {index} of {origin} claims {at}, earlier than something it knew")
        }
        Finding::BackDated {
            origin,
            index,
            absent_at,
        } => format!(
            "entry {index} of {origin} claims a time before {absent_at}, when the ledger did not hold it"
        ),
        Finding::FromTheFuture { origin, index, at } => {
            format!("entry {index} of {origin} claims {at}, which is still to come")
        }
        Finding::HeartbeatWithheld { origin, since } => {
            format!("{origin} answers and shows no sign of life since {since}")
        }
        Finding::OtherFounding { origin } => {
            format!(
                "{origin} judges from another founding: other keepers of ledgers or another text"
            )
        }
        Finding::FalseCitation {
            origin,
            index,
            cited,
        } => format!("entry {index} of {origin} names a past that {cited} does not have"),
        Finding::Presence { peer, presence } => {
            let state = match presence {
                Presence::Normal => "answers",
                Presence::Unknown => "has been silent for a while",
                Presence::Down => "has been silent for long",
            };
            format!("{peer} {state}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_said_in_words() {
        let silent = Finding::Presence {
            peer: "ru.example/ledger".into(),
            presence: Presence::Down,
        };
        assert_eq!(words(&silent), "ru.example/ledger has been silent for long");
        let early = Finding::FalseCitation {
            origin: "ru.example/ledger".into(),
            index: 7,
            cited: "us.example/ledger".into(),
        };
        assert_eq!(
            words(&early),
            "entry 7 of ru.example/ledger names a past that us.example/ledger does not have"
        );
    }
}
