//! What would lift a finding, or all of them, in words.

use detente_node::judge::Ways;

use crate::coordinates::{distance_up, moment};

/// Returns the ways, each a sentence fragment after "clears".
pub(super) fn words(ways: &Ways) -> Vec<String> {
    let mut words = Vec::new();
    if !ways.consents.is_empty() {
        words.push(format!(
            "with the consent of {}",
            ways.consents.join(" and ")
        ));
    }
    if let Some(further) = ways.further {
        words.push(format!(
            "{} further away ({} is kept out)",
            distance_up(further.more_m),
            distance_up(further.kept_out_m)
        ));
    }
    if let Some((start, end)) = ways.outside {
        words.push(format!(
            "before {} or from {} on",
            moment(start),
            moment(end)
        ));
    }
    if !ways.above.is_empty() {
        let heights: Vec<String> = ways.above.iter().map(ToString::to_string).collect();
        words.push(format!("above {}", heights.join(" and ")));
    }
    words
}

#[cfg(test)]
mod tests {
    use detente_spacetime::{Altitude, Instant, Reference};

    use super::*;

    #[test]
    fn every_way_is_said_with_its_numbers() {
        let at = |text| Instant::parse_rfc3339(text).unwrap();
        let ways = Ways {
            consents: vec!["RU".to_owned(), "US".to_owned()],
            further: None,
            outside: Some((at("2030-06-10T06:00:00Z"), at("2030-06-10T12:00:00Z"))),
            above: vec![
                Altitude::flight_level(250.0).unwrap(),
                Altitude::new(900.0, Reference::MeanSeaLevel).unwrap(),
            ],
        };
        assert_eq!(
            words(&ways),
            [
                "with the consent of RU and US",
                "before 2030-06-10 06:00Z or from 2030-06-10 12:00Z on",
                "above FL250 and 900 m MSL"
            ]
        );
        assert!(words(&Ways::default()).is_empty());
    }
}
