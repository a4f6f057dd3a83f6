//! Changes as they happen, with numbers, so that a reader who lost the line misses nothing.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::broadcast;

use crate::chance;

/// Changes kept for readers that come back; older ones are told to look at everything again.
pub const KEPT_MAX: usize = 4_096;

/// One change as readers get it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its number in this process.
    pub number: u64,
    /// Its kind: `applied`, `alert`, `found` or `reset`.
    pub name: &'static str,
    /// The matters it is about, as pairs of workflow and subject, for deciding who may see it.
    pub about: Vec<(&'static str, String)>,
    /// What it says.
    pub data: Value,
}

/// Where changes are numbered, kept and handed out.
#[derive(Debug)]
pub struct Events {
    /// Tells this process's numbers from an earlier one's.
    run: String,
    kept: Mutex<(u64, VecDeque<Event>)>,
    live: broadcast::Sender<Event>,
}

impl Events {
    /// Starts at number one.
    pub fn new() -> Self {
        let run: [u8; 4] = chance::draw().unwrap_or_default();
        Self {
            run: format!("{:08x}", u32::from_be_bytes(run)),
            kept: Mutex::new((0, VecDeque::new())),
            live: broadcast::channel(KEPT_MAX).0,
        }
    }

    /// Numbers a change and hands it out.
    pub fn publish(&self, name: &'static str, about: Vec<(&'static str, String)>, data: Value) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 += 1;
        let event = Event {
            number: kept.0,
            name,
            about,
            data,
        };
        kept.1.push_back(event.clone());
        if kept.1.len() > KEPT_MAX {
            kept.1.pop_front();
        }
        // Nobody may be listening.
        let _ = self.live.send(event);
    }

    /// Returns what a reader missed and everything from now on; `None` for what was missed when it
    /// cannot be told any more.
    pub fn subscribe(
        &self,
        last: Option<&str>,
    ) -> (Option<Vec<Event>>, broadcast::Receiver<Event>) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let live = self.live.subscribe();
        let Some(last) = last else {
            return (Some(Vec::new()), live);
        };
        let number = last
            .split_once('-')
            .filter(|(run, _)| *run == self.run)
            .and_then(|(_, number)| number.parse::<u64>().ok())
            .filter(|number| *number <= kept.0);
        let oldest = kept.1.front().map_or(kept.0 + 1, |event| event.number);
        let missed = number.filter(|number| number + 1 >= oldest).map(|number| {
            let after = kept.1.iter().filter(|event| event.number > number);
            after.cloned().collect()
        });
        (missed, live)
    }

    /// Writes an event's id.
    pub fn id(&self, event: &Event) -> String {
        format!("{}-{}", self.run, event.number)
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_comes_back_gets_what_it_missed_or_is_told_to_look_again() {
        let events = Events::new();
        for number in 1..=3 {
            events.publish("applied", Vec::new(), Value::from(number));
        }
        let (missed, _) = events.subscribe(None);
        assert_eq!(missed, Some(Vec::new()));
        let first = Event {
            number: 1,
            name: "",
            about: Vec::new(),
            data: Value::Null,
        };
        let (missed, _) = events.subscribe(Some(&events.id(&first)));
        let numbers: Vec<u64> = missed
            .expect("kept")
            .iter()
            .map(|event| event.number)
            .collect();
        assert_eq!(numbers, [2, 3]);
        assert_eq!(
            events.subscribe(Some("00000000-1")).0.is_some(),
            events.run == "00000000"
        );
        let ahead = Event {
            number: 9,
            ..first.clone()
        };
        assert_eq!(events.subscribe(Some(&events.id(&ahead))).0, None);
        for number in 0..KEPT_MAX {
            events.publish("applied", Vec::new(), Value::from(number));
        }
        assert_eq!(events.subscribe(Some(&events.id(&first))).0, None);
    }
}
