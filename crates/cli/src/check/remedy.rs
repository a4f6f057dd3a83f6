//! What would lift a finding, and what would lift all of them, where that is known.

use detente_agreement::{Effect, Finding};
use detente_records::KeepOut;
use detente_spacetime::{Altitude, Instant, Reference, Volume4D, Window};

use crate::coordinates::{distance, moment};

/// Waiting longer than this for a thing to be over is no advice: a week.
const WAIT_MAX_DAYS: i64 = 7;

/// What is known of the thing a finding is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Obstacle<'a> {
    /// All of it, not only what is met: whoever evades one part must not meet another.
    pub(super) volumes: &'a [Volume4D],
    /// What is kept out around it, and how far away the operation is.
    pub(super) keep_out: Option<(&'a KeepOut, f64)>,
}

/// The ways out of a finding, each enough by itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways {
    /// Whose consents together.
    consents: Vec<String>,
    /// How much further away, in words.
    further: Option<String>,
    /// Before this begins or after it ends.
    outside: Option<(Instant, Instant)>,
    /// Above all of these.
    above: Vec<Altitude>,
}

impl Ways {
    /// Returns the ways out of `finding`; none for a remark.
    pub(super) fn of(finding: &Finding, obstacle: Option<&Obstacle<'_>>) -> Self {
        if finding.effect == Effect::Warn {
            return Self::default();
        }
        let mut ways = Self {
            consents: finding.consent_of.iter().map(ToString::to_string).collect(),
            ..Self::default()
        };
        let Some(obstacle) = obstacle else {
            return ways;
        };
        ways.further = obstacle.keep_out.map(|(keep_out, distance_m)| {
            format!(
                "{} further away ({} is kept out)",
                distance((keep_out.distance_m() - distance_m).max(0.0)),
                distance(keep_out.distance_m())
            )
        });
        let volumes = obstacle.volumes.iter();
        ways.outside = soon_over(volumes.clone().map(|volume| volume.window));
        let uppers = volumes.map(|volume| volume.altitude.upper());
        if uppers
            .clone()
            .all(|upper| upper.reference() != Reference::Unlimited)
        {
            ways.above = highest(uppers);
        }
        ways
    }

    /// Returns the ways out of several findings at once: the consents in `consents`, if they are
    /// enough, and times and heights outside every obstacle.
    pub(super) fn of_all<'a>(
        several: impl Iterator<Item = &'a Self> + Clone,
        consents: &[String],
    ) -> Self {
        let outside = several
            .clone()
            .map(|ways| ways.outside)
            .reduce(|all, next| {
                let ((from, to), (start, end)) = (all?, next?);
                Some((from.min(start), to.max(end)))
            });
        let every_height = several.clone().all(|ways| !ways.above.is_empty());
        let heights = several.flat_map(|ways| ways.above.iter().copied());
        Self {
            consents: consents.to_vec(),
            further: None,
            outside: outside.flatten(),
            above: if every_height {
                highest(heights)
            } else {
                Vec::new()
            },
        }
    }

    /// Returns the ways, each a sentence fragment after "clears".
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if !self.consents.is_empty() {
            words.push(format!(
                "with the consent of {}",
                self.consents.join(" and ")
            ));
        }
        words.extend(self.further.clone());
        if let Some((start, end)) = self.outside {
            words.push(format!(
                "before {} or from {} on",
                moment(start),
                moment(end)
            ));
        }
        if !self.above.is_empty() {
            let heights: Vec<String> = self.above.iter().map(ToString::to_string).collect();
            words.push(format!("above {}", heights.join(" and ")));
        }
        words
    }
}

/// The highest of each reference: heights of different references are not compared here.
fn highest(heights: impl Iterator<Item = Altitude>) -> Vec<Altitude> {
    let mut kept: Vec<Altitude> = Vec::new();
    for height in heights {
        match kept
            .iter_mut()
            .find(|known| known.reference() == height.reference())
        {
            Some(known) if known.value_m() >= height.value_m() => {}
            Some(known) => *known = height,
            None => kept.push(height),
        }
    }
    kept
}

/// The beginning and the end of all windows, when they are over soon.
fn soon_over(windows: impl Iterator<Item = Window>) -> Option<(Instant, Instant)> {
    let (start, end) = windows
        .map(|window| (window.start(), window.end()))
        .reduce(|all, next| (all.0.min(next.0), all.1.zip(next.1).map(|(a, b)| a.max(b))))?;
    let end = end?;
    let soon = start
        .micros()
        .saturating_add(WAIT_MAX_DAYS * 86_400_000_000);
    let latest = Instant::from_micros(soon).unwrap_or(Instant::MAX);
    (end <= latest).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u32) -> Instant {
        Instant::parse_rfc3339(&format!("2030-06-10T{hour:02}:00:00Z")).unwrap()
    }

    fn ways(hours: Option<(u32, u32)>, above: &[Altitude]) -> Ways {
        Ways {
            outside: hours.map(|(start, end)| (at(start), at(end))),
            above: above.to_vec(),
            ..Ways::default()
        }
    }

    fn level(level: f64) -> Altitude {
        Altitude::flight_level(level).unwrap()
    }

    fn metres(metres: f64) -> Altitude {
        Altitude::new(metres, Reference::MeanSeaLevel).unwrap()
    }

    #[test]
    fn what_clears_several_findings_clears_each_of_them() {
        let several = [
            ways(Some((8, 9)), &[level(100.0)]),
            ways(Some((6, 7)), &[metres(900.0)]),
            ways(Some((8, 12)), &[level(250.0)]),
        ];
        assert_eq!(
            Ways::of_all(several.iter(), &[]).words(),
            [
                "before 2030-06-10 06:00Z or from 2030-06-10 12:00Z on",
                "above FL250 and 900 m MSL"
            ]
        );
    }

    #[test]
    fn a_way_that_one_finding_lacks_is_no_way_out_of_all() {
        let several = [ways(None, &[level(100.0)]), ways(Some((6, 7)), &[])];
        assert!(Ways::of_all(several.iter(), &[]).words().is_empty());
        let consents = ["RU".to_owned(), "US".to_owned()];
        assert_eq!(
            Ways::of_all(several.iter(), &consents).words(),
            ["with the consent of RU and US"]
        );
    }
}
