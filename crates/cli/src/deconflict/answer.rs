//! How a session stands, for people and for scripts.

use std::fmt::Write as _;
use std::path::PathBuf;

use detente_sharing::private_check::{Complaint, Outcome, grid};
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
    /// Whether one has consented to the finer levels.
    consented: bool,
    #[serde(skip)]
    bound: bool,
}

impl Standing {
    pub(super) fn new(replayed: &Replayed, send: Vec<PathBuf>) -> Self {
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
        };
        Self {
            state,
            send,
            level,
            common,
            plans,
            consented: replayed.has_consented(),
            bound: replayed.is_bound(),
        }
    }

    pub(super) fn words(&self) -> String {
        let mut text = match self.state {
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
        for file in &self.send {
            let _ = writeln!(text, "  send    {file}");
        }
        text
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
