//! How a session stands, for people and for scripts.

use std::fmt::Write as _;
use std::path::PathBuf;

use detente_sharing::private_check::{Collision, Complaint, Outcome, Terms, grid};
use detente_spacetime::Encounter;
use serde::Serialize;

use super::complaint_words;
use super::replay::Replayed;

/// `--json` of every step.
#[derive(Debug, Serialize)]
pub(super) struct Standing {
    /// `waiting`, `common`, `apart` or `close`.
    state: &'static str,
    /// Files to be given to the other side, in order.
    send: Vec<String>,
    /// The level the answer is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<u8>,
    /// How many cells are common.
    #[serde(skip_serializing_if = "Option::is_none")]
    common: Option<usize>,
    /// One's own plans that come close.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    plans: Vec<String>,
    /// How one's own plans lie to the legs of theirs that come close.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    collisions: Vec<Pair>,
    /// Whether one has consented to the finer levels.
    consented: bool,
    #[serde(skip)]
    bound: bool,
}

impl Standing {
    pub(super) fn new(replayed: &Replayed, terms: &Terms, send: Vec<PathBuf>) -> Self {
        let collisions = replayed.collisions(terms).into_iter();
        let collisions: Vec<Pair> = collisions
            .map(|(plan, found)| Pair::of(plan, &found))
            .collect();
        let send = send.iter().map(|path| path.display().to_string()).collect();
        let (state, level, common, plans) = match replayed.outcome() {
            None => ("waiting", None, None, Vec::new()),
            Some(Outcome::Common { count }) => ("common", Some(0), Some(*count), Vec::new()),
            Some(Outcome::Apart { level }) => ("apart", Some(*level), Some(0), Vec::new()),
            Some(Outcome::Close {
                level,
                cells,
                plans,
            }) => {
                let names = plans.iter().map(|plan| replayed.name(*plan).to_owned());
                ("close", Some(*level), Some(cells.len()), names.collect())
            }
            Some(Outcome::Shown {
                level,
                cells,
                plans,
                ..
            }) => {
                let names = plans.iter().map(|plan| replayed.name(*plan).to_owned());
                // What shares cells may still keep the distance: the legs say so in the clear.
                let state = if collisions.is_empty() {
                    "apart"
                } else {
                    "close"
                };
                (state, Some(*level), Some(*cells), names.collect())
            }
        };
        Self {
            state,
            send,
            level,
            common,
            plans,
            collisions,
            consented: replayed.has_consented(),
            bound: replayed.is_bound(),
        }
    }

    /// Nothing, or nothing close, is known.
    pub(super) fn is_favourable(&self) -> bool {
        matches!(self.state, "waiting" | "apart")
    }

    pub(super) fn words(&self) -> String {
        let mut text = match self.state {
            "apart" if self.common != Some(0) => {
                "APART  plans share cells, and shown in the clear they keep the separation agreed\n"
                    .to_owned()
            }
            "apart" => "APART  no plans come closer than the separation agreed\n".to_owned(),
            "common" if self.consented => {
                "COMMON  consented; the other side has not yet\n".to_owned()
            }
            "common" => {
                "COMMON  plans may come close; which ones is learnt if both sides consent\n"
                    .to_owned()
            }
            "close" => "CLOSE  plans come close, or nearly\n".to_owned(),
            _ if self.bound => "WAITING  for the other side's answer\n".to_owned(),
            _ => "WAITING  for the other side's commitment\n".to_owned(),
        };
        // Writing to a String cannot fail.
        if let (Some(level), Some(common)) = (self.level, self.common.filter(|common| *common > 0))
        {
            let side_m = grid::side_m(level);
            let _ = writeln!(
                text,
                "  {common} common cells of level {level}, about {side_m:.0} m wide"
            );
        }
        for plan in &self.plans {
            let _ = writeln!(text, "  ours    {plan}");
        }
        for pair in &self.collisions {
            let _ = writeln!(text, "  pair    {}", pair.words());
        }
        for file in &self.send {
            let _ = writeln!(text, "  send    {file}");
        }
        text
    }
}

/// A plan of one's own and a leg of theirs that keep less than the agreed distances.
#[derive(Debug, Serialize)]
struct Pair {
    plan: String,
    overlap: bool,
    /// Metres on the ground, to some ten: legs are rounded.
    horizontal_m: f64,
    /// What they share, where they overlap.
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_m: Option<f64>,
}

impl Pair {
    fn of(plan: &str, found: &Collision) -> Self {
        let plan = plan.to_owned();
        match &found.encounter {
            Encounter::Conflict(extent) => Self {
                plan,
                overlap: true,
                horizontal_m: 0.0,
                start: Some(extent.window.start().to_string()),
                end: extent.window.end().map(|end| end.to_string()),
                lower_m: Some(extent.lower_m),
                upper_m: Some(extent.upper_m),
            },
            Encounter::Apart(apart) => Self {
                plan,
                overlap: false,
                horizontal_m: apart.horizontal_m.round(),
                start: None,
                end: None,
                lower_m: None,
                upper_m: None,
            },
        }
    }

    fn words(&self) -> String {
        match (&self.start, &self.end, self.lower_m, self.upper_m) {
            (Some(start), Some(end), Some(lower_m), Some(upper_m)) => format!(
                "{} overlaps a leg of theirs, {start} to {end}, {lower_m:.0} to {upper_m:.0} m",
                self.plan
            ),
            _ => format!(
                "{} comes within {:.0} m of a leg of theirs",
                self.plan, self.horizontal_m
            ),
        }
    }
}

/// `--json` of an audit.
#[derive(Debug, Serialize)]
pub(super) struct AuditAnswer {
    holds: bool,
    /// How many things the other side said.
    checked: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    complaint: Option<&'static str>,
    /// Which message, counted from the first after the commitments.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<usize>,
}

impl AuditAnswer {
    pub(super) fn new(checked: usize, complaint: Option<Complaint>) -> Self {
        Self {
            holds: complaint.is_none(),
            checked,
            complaint: complaint.map(complaint_words),
            message: complaint.and_then(|complaint| match complaint {
                Complaint::Message(position) | Complaint::Beyond(position) => Some(position),
                _ => None,
            }),
        }
    }

    pub(super) fn words(&self) -> String {
        match (self.complaint, self.message) {
            (None, _) => format!(
                "HOLDS  {} things the other side said follow from its seed and its plans, byte for byte\n",
                self.checked
            ),
            (Some(complaint), Some(message)) => format!("FAILS  {complaint} (message {message})\n"),
            (Some(complaint), None) => format!("FAILS  {complaint}\n"),
        }
    }
}
