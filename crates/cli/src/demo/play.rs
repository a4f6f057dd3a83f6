//! Telling the timeline, step by step, over the nodes' own API.

use std::time::Duration;

use detente_formats::Expected;
use detente_node::picture::Picture;
use detente_server::answer::{Client, Method, header};
use detente_server::runtime::View;
use serde_json::{Value, json};

use super::pace::{Speed, creep};
use super::stage::{Actor, Stage};
use super::timeline::Step;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;

/// How long a node may take for one step, in real time.
const PATIENCE: Duration = Duration::from_secs(30);
/// Real moments the nodes may take to hear of each other's entries.
const MOMENTS_MAX: u32 = 3_000;
/// Largest answer read.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// The telling.
#[derive(Debug)]
pub(super) struct Play<'a> {
    stage: &'a Stage,
    speed: Speed,
    told: Vec<Told>,
    differing: usize,
}

/// A step that was told, and where its entry lies.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) number: usize,
    pub(super) words: String,
    /// Ledger and index; none for a refusal that left no entry.
    pub(super) entry: Option<(String, u64)>,
}

impl<'a> Play<'a> {
    pub(super) fn new(stage: &'a Stage, speed: Speed) -> Self {
        Self {
            stage,
            speed,
            told: Vec::new(),
            differing: 0,
        }
    }

    /// What was told so far.
    pub(super) fn told(&self) -> &[Told] {
        &self.told
    }

    /// How many outcomes differed from what the scenario expects.
    pub(super) fn differing(&self) -> usize {
        self.differing
    }

    /// Tells one step; returns what to print.
    pub(super) async fn tell(&mut self, step: &Step) -> Result<String, Failure> {
        let node = self
            .stage
            .node(&step.node)
            .ok_or_else(|| Failure::new(FailureKind::Bug, format!("no node `{}`", step.node)))?;
        self.speed.reach(self.stage.clock(), step.at).await;
        let (status, said) = submit(node, step).await?;
        // The others hear of it before the clock goes on: what they knew when is the point.
        self.settle().await?;
        let number = self.told.len() + 1;
        let entry = said["origin"]
            .as_str()
            .and_then(|origin| Some((origin.to_owned(), said["index"].as_u64()?)));
        self.told.push(Told {
            number,
            words: step.words.clone(),
            entry,
        });
        let outcome = outcome(status, &said);
        let as_expected = is_expected(step, status, &said);
        self.differing += usize::from(!as_expected);
        let mark = match (as_expected, &step.expected) {
            (true, Expected::Accepted { .. }) => "",
            (true, Expected::Refused { .. }) => " (as it must be)",
            (false, _) => "  <-- NOT AS EXPECTED",
        };
        let wanted = match (as_expected, &step.expected) {
            (true, _) => String::new(),
            (false, Expected::Accepted { state }) => format!(" (wanted: {state:?})"),
            (false, Expected::Refused { rule }) => format!(" (wanted: refused by {rule})"),
        };
        Ok(format!(
            "{number:>3}  {}  {} {} ({}): {}\n       {}{mark}{wanted}\n",
            step.at,
            step.node,
            printable(&step.user),
            step.role,
            printable(&step.words),
            printable(&outcome),
        ))
    }

    /// Waits until every node holds every ledger as far as its owner wrote it, and has cosigned it.
    pub(super) async fn settle(&self) -> Result<(), Failure> {
        for _ in 0..MOMENTS_MAX {
            if self.is_settled() {
                return Ok(());
            }
            creep(self.stage.clock(), None).await;
        }
        let message = "the nodes did not hear of each other's entries in time";
        Err(Failure::new(FailureKind::Unreachable, message))
    }

    fn is_settled(&self) -> bool {
        let views: Vec<_> = self
            .stage
            .nodes()
            .iter()
            .map(|node| (node, node.house.handle().view()))
            .collect();
        // An entry may wait for content beside its ledger, as a tabled text does for its dossier.
        let applied = |view: &View<Picture>| view.picture.applied();
        let is_folded = views
            .windows(2)
            .all(|pair| matches!(pair, [(_, one), (_, other)] if applied(one) == applied(other)));
        is_folded
            && views.iter().all(|(owner, own)| {
                let ledger = own.ledgers.get(owner.origin.as_str());
                let size = ledger.map_or(0, |ledger| ledger.size);
                let cosigned = ledger
                    .into_iter()
                    .flat_map(|ledger| ledger.cosigned.values());
                let by = cosigned.filter(|cosigned| cosigned.size >= size).count();
                own.is_confirmed
                    && by + 1 == views.len()
                    && views.iter().all(|(_, view)| {
                        let held = view.ledgers.get(owner.origin.as_str());
                        held.is_some_and(|held| held.size >= size)
                    })
            })
    }
}

/// Compares what came of a step with what the scenario says.
fn is_expected(step: &Step, status: u16, said: &Value) -> bool {
    match &step.expected {
        Expected::Refused { rule } => {
            status == 409 && said["refusal"]["rule"].as_str() == Some(rule)
        }
        Expected::Accepted { state: None } => status == 201,
        Expected::Accepted { state: Some(state) } => {
            // One act may move several courses of its subject, such as a notice and its deliveries.
            let mut changes = said["outcome"]["changes"].as_array().into_iter().flatten();
            let reached = |change: &Value| {
                change["subject"].as_str() == Some(&step.subject)
                    && change["to"].as_str() == Some(state)
            };
            status == 201 && changes.any(reached)
        }
    }
}

async fn submit(node: &Actor, step: &Step) -> Result<(u16, Value), Failure> {
    let client = Client::new(&node.api.to_string(), None, ANSWER_BYTES_MAX);
    let token = node.tokens.get(&step.user).cloned().unwrap_or_default();
    let headers = [
        (header::AUTHORIZATION, format!("Bearer {token}")),
        (header::CONTENT_TYPE, "application/json".to_owned()),
    ];
    let act = json!({
        "kind": step.kind,
        "subject": step.subject,
        "role": step.role,
        "body": step.body,
    });
    let body = act.to_string().into_bytes().into();
    let answer = client
        .ask(Method::POST, "/api/v1/acts", &headers, body, PATIENCE)
        .await
        .map_err(|error| Failure::new(FailureKind::Unreachable, error))?;
    let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    Ok((answer.status.as_u16(), said))
}

/// Says what became of an act, in words.
fn outcome(status: u16, said: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if status == 201 {
        let changes = said["outcome"]["changes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let moves: Vec<String> = changes
            .iter()
            .map(|change| {
                let from = change["from"].as_str().unwrap_or("new");
                format!(
                    "{} {} → {}",
                    text(&change["subject"]),
                    from,
                    text(&change["to"])
                )
            })
            .collect();
        return format!("on record; {}", moves.join("; "));
    }
    let refusal = &said["refusal"];
    if refusal.is_object() {
        let state = refusal["state"]
            .as_str()
            .map(|state| format!("; it is {state}"));
        return format!(
            "refused: {} ({}){}",
            text(&refusal["says"]),
            text(&refusal["rule"]),
            state.unwrap_or_default()
        );
    }
    let mut problem = format!("{status}: {}", text(&said["title"]));
    for item in said["problems"].as_array().into_iter().flatten() {
        problem.push_str(&format!(
            "; {} {}",
            text(&item["pointer"]),
            text(&item["message"])
        ));
    }
    problem
}
