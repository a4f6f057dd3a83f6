//! What would lift a finding, where that is known.

use detente_agreement::{Effect, Finding};
use detente_records::KeepOut;
use detente_spacetime::{AltitudeBand, Instant, Reference, Window};

use crate::coordinates::{distance, moment};

/// Waiting longer than this for a thing to be over is no advice: a week.
const WAIT_MAX_DAYS: i64 = 7;

/// What is known of the thing a finding is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Obstacle<'a> {
    /// When it holds.
    pub(super) window: Window,
    pub(super) altitude: AltitudeBand,
    /// What is kept out around it, and how far away the operation is.
    pub(super) keep_out: Option<(&'a KeepOut, f64)>,
}

/// Returns the ways out, each a sentence fragment after "clears".
pub(super) fn remedies(finding: &Finding, obstacle: Option<&Obstacle<'_>>) -> Vec<String> {
    let mut ways = Vec::new();
    if finding.effect == Effect::Warn {
        return ways;
    }
    if !finding.consent_of.is_empty() {
        let who: Vec<&str> = finding.consent_of.iter().map(|id| id.as_str()).collect();
        ways.push(format!("with the consent of {}", who.join(" and ")));
    }
    let Some(obstacle) = obstacle else {
        return ways;
    };
    if let Some((keep_out, distance_m)) = obstacle.keep_out {
        ways.push(format!(
            "{} further away ({} is kept out)",
            distance((keep_out.distance_m() - distance_m).max(0.0)),
            distance(keep_out.distance_m())
        ));
    }
    ways.extend(by_time(obstacle.window));
    if obstacle.altitude.upper().reference() != Reference::Unlimited {
        ways.push(format!("above {}", obstacle.altitude.upper()));
    }
    ways
}

/// Before it begins or after it is over, when it is over soon.
fn by_time(window: Window) -> Option<String> {
    let end = window.end()?;
    let soon = window
        .start()
        .micros()
        .saturating_add(WAIT_MAX_DAYS * 86_400_000_000);
    let latest = Instant::from_micros(soon).unwrap_or(Instant::MAX);
    (end <= latest).then(|| {
        format!(
            "before {} or from {} on",
            moment(window.start()),
            moment(end)
        )
    })
}
