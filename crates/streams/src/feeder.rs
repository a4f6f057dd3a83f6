//! Fixes into the logs of the partitions their cells belong to.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use detente_monitoring::Fix;
use detente_monitoring::wire::FixState;

use crate::bus::{Bus, BusError, Written};
use crate::cell::Cell;
use crate::wire::{Batch, ENTRIES_MAX, Entry, Route};

/// Puts fixes into the logs.
#[derive(Debug)]
pub struct Feeder {
    bus: Bus,
    /// Tells the messages of this feeder from those of others, and of itself when it was started before.
    name: String,
    sent: u64,
    routes: BTreeMap<Arc<str>, Known>,
    open: BTreeMap<u32, Batch>,
}

/// A route, and the message that says so.
#[derive(Clone, Copy, Debug)]
struct Known {
    route: Route,
    cell: Cell,
    revision: u64,
}

impl Feeder {
    /// Begins; the name is one that no other feeder has, nor this one when it was started before.
    #[must_use]
    pub fn new(bus: Bus, name: String) -> Self {
        Self {
            bus,
            name,
            sent: 0,
            routes: BTreeMap::new(),
            open: BTreeMap::new(),
        }
    }

    /// Takes a fix; it is sent when its message is full, or by [`Feeder::flush`].
    ///
    /// # Errors
    ///
    /// [`BusError`].
    pub async fn take(&mut self, fix: &Fix) -> Result<(), BusError> {
        let known = self.route(fix).await?;
        let entry = Entry::Fix {
            track: fix.track.to_string(),
            hands: known.route.hands,
            fix: FixState::of(fix),
        };
        self.push(known.route.to, entry).await
    }

    /// Sends what waits.
    ///
    /// # Errors
    ///
    /// [`BusError`].
    pub async fn flush(&mut self) -> Result<(), BusError> {
        let partitions: Vec<u32> = self.open.keys().copied().collect();
        for partition in partitions {
            self.send(partition).await?;
        }
        Ok(())
    }

    /// Says that no more will come for now, so that what waits for stragglers is told.
    ///
    /// # Errors
    ///
    /// [`BusError`].
    pub async fn settle(&mut self) -> Result<(), BusError> {
        for partition in 0..self.bus.layout().partitions {
            self.push(partition, Entry::Settle).await?;
        }
        self.flush().await
    }

    /// Where a fix belongs; a track that has left its cell changes hands.
    async fn route(&mut self, fix: &Fix) -> Result<Known, BusError> {
        let known = match self.routes.get(&fix.track) {
            Some(known) => *known,
            None => self.learn(fix).await?,
        };
        if known.cell.holds(fix.position) {
            return Ok(known);
        }
        let cell = Cell::of(fix.position);
        let to = cell.partition(self.bus.layout().partitions);
        let mut route = Route {
            to,
            from: known.route.from,
            hands: known.route.hands,
            cell: cell.parts(),
        };
        if to != known.route.to {
            (route.from, route.hands) = (known.route.to, known.route.hands + 1);
        }
        match self.write(&fix.track, route, known.revision).await? {
            Some(revision) => {
                if to != known.route.to {
                    self.say_left(&fix.track, route).await?;
                }
                let known = Known {
                    route,
                    cell,
                    revision,
                };
                self.routes.insert(Arc::clone(&fix.track), known);
                Ok(known)
            }
            // Another feeder sees the track, too, and was quicker.
            None => self.learn(fix).await,
        }
    }

    /// Reads where a track was sent last, or sends it where it is.
    async fn learn(&mut self, fix: &Fix) -> Result<Known, BusError> {
        let cell = Cell::of(fix.position);
        let to = cell.partition(self.bus.layout().partitions);
        let fresh = Route {
            to,
            from: to,
            hands: 0,
            cell: cell.parts(),
        };
        let mut known = None;
        while known.is_none() {
            known = match self.bus.read_state(&key(&fix.track)).await? {
                Some(read) => {
                    let route: Route = serde_json::from_slice(&read.payload)
                        .map_err(|error| BusError::Refused(error.to_string()))?;
                    Some(Known {
                        route,
                        cell: Cell::at(route.cell),
                        revision: read.sequence,
                    })
                }
                None => {
                    let written = self.write(&fix.track, fresh, 0).await?;
                    written.map(|revision| Known {
                        route: fresh,
                        cell,
                        revision,
                    })
                }
            };
        }
        let known =
            known.ok_or_else(|| BusError::Refused("a route that cannot be read".to_owned()))?;
        if known.route.hands > 0 {
            // Whoever wrote the route may not have come to say so.
            self.say_left(&fix.track, known.route).await?;
        }
        self.routes.insert(Arc::clone(&fix.track), known);
        Ok(known)
    }

    async fn write(&self, track: &str, route: Route, after: u64) -> Result<Option<u64>, BusError> {
        let value = Bytes::from(serde_json::to_vec(&route).unwrap_or_default());
        Ok(
            match self.bus.write_state(&key(track), value, after).await? {
                Written::At(revision) => Some(revision),
                Written::Overtaken => None,
            },
        )
    }

    async fn say_left(&mut self, track: &str, route: Route) -> Result<(), BusError> {
        let entry = Entry::Left {
            track: track.to_owned(),
            hands: route.hands,
            to: route.to,
        };
        self.push(route.from, entry).await
    }

    async fn push(&mut self, partition: u32, entry: Entry) -> Result<(), BusError> {
        let batch = self.open.entry(partition).or_default();
        batch.entries.push(entry);
        if batch.entries.len() >= ENTRIES_MAX {
            self.send(partition).await?;
        }
        Ok(())
    }

    async fn send(&mut self, partition: u32) -> Result<(), BusError> {
        let Some(batch) = self.open.remove(&partition) else {
            return Ok(());
        };
        self.sent += 1;
        let name = format!("{}-{}", self.name, self.sent);
        let payload = serde_json::to_vec(&batch).unwrap_or_default();
        self.bus
            .append(partition, &name, Bytes::from(payload))
            .await
    }
}

/// The key of a track's route: names hold characters that keys must not.
fn key(track: &str) -> String {
    let digits: String = track.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("route.{digits}")
}
