//! The same act about many objects, put to the node in batches.

use std::collections::BTreeMap;

use clap::Args;
use detente_server::answer::Method;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::node::{Asker, escaped, every_item};
use crate::printable::printable;
use crate::printer::Printer;

/// Acts of one request.
const ACTS_A_BATCH: usize = 500;

/// Which objects a verb is about.
#[derive(Args, Debug)]
pub(super) struct Chosen {
    /// The objects
    #[arg(value_name = "ID", required_unless_present = "all")]
    ids: Vec<String>,
    /// Every object whose turn it is
    #[arg(long, conflicts_with = "ids")]
    all: bool,
}

impl Chosen {
    /// Reads the objects, as they stand; with `--all` those whose turn it is.
    pub(super) fn of(
        &self,
        asker: &Asker,
        is_due: impl Fn(&Value) -> bool,
    ) -> Result<Vec<Value>, Failure> {
        if self.all {
            let mut objects = every_item(asker, "/api/v1/protected-objects")?;
            objects.retain(is_due);
            return Ok(objects);
        }
        let read = |id: &String| asker.read(&format!("/api/v1/protected-objects/{}", escaped(id)));
        self.ids.iter().map(read).collect()
    }
}

/// Acts of one kind about many objects.
pub(super) struct Wishes {
    kind: &'static str,
    /// The role it is usually written in.
    role: &'static str,
    acts: Vec<Value>,
    /// Objects nothing is put on record about, with the reason.
    held_back: Vec<(String, String)>,
}

impl Wishes {
    pub(super) fn new(kind: &'static str, role: &'static str) -> Self {
        Self {
            kind,
            role,
            acts: Vec::new(),
            held_back: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, object: &Value, body: Value) {
        let id = object["matter"]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.about(&id, body);
    }

    pub(super) fn about(&mut self, id: &str, body: Value) {
        self.acts
            .push(json!({"kind": self.kind, "subject": id, "body": body}));
    }

    pub(super) fn hold_back(&mut self, object: &Value, reason: String) {
        let id = object["matter"]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.held_back.push((id, reason));
    }

    /// Puts the acts on record and says what became of them.
    pub(super) fn put(
        mut self,
        asker: &Asker,
        json: bool,
        printer: &mut Printer,
    ) -> Result<Exit, Failure> {
        let role = asker.role_for(self.kind, self.role);
        for act in &mut self.acts {
            act["role"] = json!(role);
        }
        let mut refused: Vec<(String, String)> = self.held_back;
        let mut recorded = 0;
        let mut progress = printer.progress("on record");
        for batch in self.acts.chunks(ACTS_A_BATCH) {
            let wish = json!({"acts": batch});
            let (_, said) = asker.send(Method::POST, "/api/v1/acts/batch", &wish)?;
            let answers = said["answers"].as_array().cloned().unwrap_or_default();
            if answers.len() != batch.len() {
                let message = "the node did not answer for every act";
                return Err(Failure::new(FailureKind::Unreachable, message));
            }
            for (act, answer) in batch.iter().zip(&answers) {
                if answer["status"] == 201 {
                    recorded += 1;
                    continue;
                }
                let id = act["subject"].as_str().unwrap_or_default().to_owned();
                refused.push((id, reason(&answer["body"])));
            }
            progress.at(
                recorded + refused.len() as u64,
                Some(self.acts.len() as u64),
            );
        }
        progress.finish();
        let exit = match refused.is_empty() {
            true => Exit::Favourable,
            false => Exit::Unfavourable,
        };
        if json {
            let refused: BTreeMap<String, String> = refused.into_iter().collect();
            printer.answer_json(&json!({"recorded": recorded, "refused": refused}))?;
            return Ok(exit);
        }
        printer.answer(&format!("{recorded} on record, {} not\n", refused.len()))?;
        for (id, reason) in &refused {
            printer.answer(&format!("  {}: {}\n", printable(id), printable(reason)))?;
        }
        Ok(exit)
    }
}

/// Why an act is not on record, in one line.
fn reason(body: &Value) -> String {
    let refusal = &body["refusal"];
    if let Some(says) = refusal["says"].as_str() {
        let more = refusal["who_could_act"].as_array().into_iter().flatten();
        let more: Vec<&str> = more.filter_map(Value::as_str).collect();
        return match more.is_empty() {
            true => says.to_owned(),
            false => format!("{says}; {}", more.join("; ")),
        };
    }
    let problems = body["problems"].as_array().into_iter().flatten();
    let problems: Vec<&str> = problems
        .filter_map(|problem| problem["message"].as_str())
        .collect();
    match problems.is_empty() {
        true => body["title"]
            .as_str()
            .unwrap_or("no reason given")
            .to_owned(),
        false => problems.join("; "),
    }
}
