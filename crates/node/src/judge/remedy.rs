//! What would lift a finding, and what would lift all of them, where that is known.

use std::slice::from_ref;

use detente_agreement::{Effect, Finding, Judgement};
use detente_records::KeepOut;
use detente_spacetime::footprint::BOUNDARY_M;
use detente_spacetime::{Altitude, Instant, Reference, Volume4D, Window};

use super::contact::Contact;
use super::court::Court;
use super::things::Subject;

/// Waiting longer than this for a thing to be over is no advice: a week.
const WAIT_MAX_DAYS: i64 = 7;

/// The ways out of a finding, each enough by itself. A changed operation has to be judged again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ways {
    /// Whose consents together.
    pub consents: Vec<String>,
    /// How much further away.
    pub further: Option<Further>,
    /// Before the first instant, or from the second on.
    pub outside: Option<(Instant, Instant)>,
    /// Above all of these.
    pub above: Vec<Altitude>,
}

/// How much further away from an object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Further {
    /// Whole metres to move directly away from it, rounded up.
    pub more_m: f64,
    /// Metres kept out around it.
    pub kept_out_m: f64,
}

/// The ways out of every finding, and of all at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remedies {
    /// For each finding, in the order of the judgement.
    pub each: Vec<Ways>,
    /// Out of all of them.
    pub all: Ways,
}

/// What is known of the thing a finding is about.
#[derive(Clone, Copy, Debug)]
struct Obstacle<'a> {
    /// All of it, not only what is met: whoever evades one part must not meet another.
    volumes: &'a [Volume4D],
    /// What is kept out around it, and how far the operation has to move to be out of that.
    keep_out: Option<(&'a KeepOut, f64)>,
    /// Whether it is in the way at every height, so that flying above it helps nothing.
    every_height: bool,
}

impl<'a> Court<'a> {
    /// Returns the ways out of the findings of a judgement that was made of these contacts.
    pub fn remedies(&self, judgement: &Judgement, contacts: &[Contact]) -> Remedies {
        let findings = judgement.findings.as_slice();
        let place = |finding: &Finding| finding.touch.and_then(|touch| contacts.get(touch));
        let anywhere =
            |finding: &Finding| finding.effect == Effect::Forbid && place(finding).is_none();
        let each: Vec<Ways> = match findings.iter().any(anywhere) {
            // Advice to go elsewhere is idle where the operation is forbidden wherever it goes.
            true => findings.iter().map(|_| Ways::default()).collect(),
            false => findings
                .iter()
                .map(|finding| {
                    let obstacle =
                        place(finding).and_then(|contact| self.obstacle(finding, contact));
                    Ways::of(finding, obstacle.as_ref())
                })
                .collect(),
        };
        let obstacles = findings.iter().zip(&each);
        let obstacles = obstacles.filter(|(finding, _)| finding.effect != Effect::Warn);
        let several: Vec<&Ways> = obstacles.map(|(_, ways)| ways).collect();
        let consents: Vec<String> = judgement
            .consent_required
            .iter()
            .map(ToString::to_string)
            .collect();
        let all = match several.as_slice() {
            [] => Ways::default(),
            [one] => (*one).clone(),
            _ => Ways::of_all(several.iter().copied(), &consents),
        };
        Remedies { each, all }
    }

    fn obstacle(&self, finding: &Finding, contact: &Contact) -> Option<Obstacle<'a>> {
        // How far an article wants an operation to stay away is not known here, and it counts at
        // every height: whoever leaves the keep-out may be too near for it still.
        let by_distance =
            contact.near || (!finding.articles.is_empty() && self.rulebook.asks_how_near());
        let (volumes, keep_out) = match contact.subject {
            Subject::Area(slot) => (from_ref(&self.things.area(slot)?.volume), None),
            Subject::ProtectedObject(slot) => {
                let (object, kept) = self.things.protected_object(slot)?;
                let further_m = contact.further_m.filter(|_| !by_distance);
                let keep_out = further_m.map(|further_m| (kept, further_m));
                (from_ref(&object.volume), keep_out)
            }
            Subject::Movement(slot) => (from_ref(&self.things.movement(slot)?.volume), None),
            Subject::Operation(slot) => (self.things.operation(slot)?.volumes.as_slice(), None),
        };
        let is_object = matches!(contact.subject, Subject::ProtectedObject(_));
        Some(Obstacle {
            volumes,
            keep_out,
            every_height: is_object && by_distance,
        })
    }
}

impl Ways {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the ways out of `finding`; none for a remark.
    fn of(finding: &Finding, obstacle: Option<&Obstacle<'_>>) -> Self {
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
        ways.further = obstacle.keep_out.map(|(keep_out, further_m)| Further {
            // Up to the next metre, and past contact, which counts as overlap.
            more_m: (further_m + 2.0 * BOUNDARY_M).ceil(),
            kept_out_m: keep_out.distance_m(),
        });
        let volumes = obstacle.volumes.iter();
        ways.outside = soon_over(volumes.clone().map(|volume| volume.window));
        let uppers = volumes.map(|volume| volume.altitude.upper());
        if !obstacle.every_height
            && uppers
                .clone()
                .all(|upper| upper.reference() != Reference::Unlimited)
        {
            ways.above = highest(uppers);
        }
        ways
    }

    /// Returns the ways out of several findings at once: the consents in `consents`, if they are
    /// enough, and times and heights outside every obstacle.
    fn of_all<'a>(several: impl Iterator<Item = &'a Self> + Clone, consents: &[String]) -> Self {
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
        let all = Ways::of_all(several.iter(), &[]);
        assert_eq!(all, ways(Some((6, 12)), &[level(250.0), metres(900.0)]));
    }

    #[test]
    fn a_way_that_one_finding_lacks_is_no_way_out_of_all() {
        let several = [ways(None, &[level(100.0)]), ways(Some((6, 7)), &[])];
        assert!(Ways::of_all(several.iter(), &[]).is_empty());
        let consents = ["RU".to_owned(), "US".to_owned()];
        let all = Ways::of_all(several.iter(), &consents);
        assert_eq!(all.consents, consents);
        assert!(all.above.is_empty() && all.outside.is_none());
    }
}
