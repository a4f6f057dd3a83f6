//! One hash over everything that stands, to compare pictures by.

use detente_ledger::hash::Hash;
use serde_json::{Value, json};

use super::course::Course;
use super::{Matter, Outcome, Picture};

impl Picture {
    /// Returns a hash over where every matter stands, what was effective, and the agreement in force.
    ///
    /// Equal entries in equal order give equal digests. The bytes hashed are JSON: objects as lists in the order of ids.
    ///
    /// # Cost
    ///
    /// Linear in everything on record; for comparing and for tests, not for every answer.
    pub fn digest(&self) -> Hash {
        let operations = self.operations.iter().map(|(id, file)| {
            let consents: Vec<_> = file.consents.keys().map(|id| id.as_str()).collect();
            let met: Vec<_> = file
                .judged
                .met
                .iter()
                .map(|met| [met.kind, &met.id])
                .collect();
            let verdict = file.judged.judgement.verdict.wire_name();
            json!([
                id.as_str(),
                matter(&file.matter),
                file.version,
                consents,
                verdict,
                met
            ])
        });
        let areas = self.areas.iter().map(|(id, file)| {
            let pending = file.pending.as_ref().map(|pending| {
                let agreed: Vec<_> = pending.agreed.keys().map(|id| id.as_str()).collect();
                json!([pending.version, agreed])
            });
            json!([id.as_str(), matter(&file.matter), file.version, pending])
        });
        let objects = self.objects.iter().map(|(id, file)| {
            let deliveries = file.deliveries.iter().map(|(holder, delivery)| {
                json!([holder.as_str(), course(&delivery.course), delivery.version])
            });
            let deliveries: Vec<Value> = deliveries.collect();
            json!([id.as_str(), matter(&file.matter), file.version, deliveries])
        });
        let movements = self.movements.iter();
        let movements =
            movements.map(|(id, file)| json!([id.as_str(), matter(&file.matter), file.version]));
        let texts = self.texts.iter();
        let texts = texts.map(|(id, file)| {
            let met: Vec<_> = file.met.keys().map(|id| id.as_str()).collect();
            json!([id.as_str(), matter(&file.matter), met])
        });
        let readings = self.readings.iter();
        let readings = readings.map(|(id, file)| json!([id.as_str(), matter(&file.matter)]));
        let matters = self.matters.iter().flat_map(|(machine, matters)| {
            let matters = matters.iter();
            matters.map(move |(id, plain)| json!([machine, id.as_str(), matter(plain)]))
        });
        let history = self.history.iter().flat_map(|(id, lines)| {
            lines.iter().map(move |line| {
                let effective = matches!(line.outcome, Outcome::Effective(_));
                let source = &line.source;
                json!([
                    id.as_str(),
                    source.origin.as_ref(),
                    source.index,
                    line.at.micros(),
                    effective
                ])
            })
        });
        let agreement = self.agreement().map(|agreement| {
            let disputes: Vec<_> = agreement.disputes.keys().map(|id| id.as_str()).collect();
            json!([
                agreement.id.as_str(),
                agreement.status.wire_name(),
                disputes
            ])
        });
        let all = json!([
            agreement,
            operations.collect::<Vec<_>>(),
            areas.collect::<Vec<_>>(),
            objects.collect::<Vec<_>>(),
            movements.collect::<Vec<_>>(),
            texts.collect::<Vec<_>>(),
            readings.collect::<Vec<_>>(),
            matters.collect::<Vec<_>>(),
            history.collect::<Vec<_>>(),
        ]);
        Hash::of(all.to_string().as_bytes())
    }
}

impl PartialEq for Picture {
    /// Pictures are equal when their digests are.
    fn eq(&self, other: &Self) -> bool {
        self.applied == other.applied && self.digest() == other.digest()
    }
}

fn matter(matter: &Matter) -> Value {
    let lines = matter.lines.iter();
    let lines: Vec<Value> = lines
        .map(|line| json!([line.source.origin.as_ref(), line.source.index]))
        .collect();
    json!([course(&matter.course), lines])
}

fn course(course: &Course) -> Value {
    json!([course.machine.name, course.state, course.since.micros()])
}
