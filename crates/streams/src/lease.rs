//! Which worker reads which partition: leases, for the sake of speed alone.
//!
//! Two workers on one partition conclude the same and overtake each other's checkpoints, no more. Leases see to it that it
//! seldom happens, and that the partitions of a worker that is gone are taken up within seconds.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::bus::{Bus, BusError, Written};

/// Longest list of workers that is read.
const WORKERS_MAX: u32 = 1_024;

/// The leases one worker holds.
#[derive(Debug)]
pub(crate) struct Leases {
    bus: Bus,
    name: String,
    /// The place among the workers, and the message that says so.
    seat: Option<(u32, u64)>,
    /// Partitions with the message that says so.
    held: BTreeMap<u32, u64>,
}

impl Leases {
    pub(crate) fn new(bus: Bus, name: String) -> Self {
        Self {
            bus,
            name,
            seat: None,
            held: BTreeMap::new(),
        }
    }

    pub(crate) fn held(&self) -> impl Iterator<Item = u32> + '_ {
        self.held.keys().copied()
    }

    /// Renews what is held, and takes what is free, up to a fair share; returns what is held beyond it, for whoever reads it to
    /// end with and then to [`Leases::release`].
    pub(crate) async fn renew(&mut self) -> Result<Vec<u32>, BusError> {
        let workers = self.sit().await?;
        let partitions = self.bus.layout().partitions;
        let share = partitions.div_ceil(workers.max(1)) as usize;
        for (partition, revision) in self.held.clone() {
            let key = format!("p{partition}");
            match self.bus.write_lease(&key, self.value(), revision).await? {
                Written::At(revision) => {
                    self.held.insert(partition, revision);
                }
                Written::Overtaken => self.lose_or_take(partition, &key).await?,
            }
        }
        let first = self.seat.map_or(0, |(seat, _)| seat) * partitions / workers.max(1);
        for step in 0..partitions {
            if self.held.len() >= share {
                break;
            }
            let partition = (first + step) % partitions;
            if self.held.contains_key(&partition) {
                continue;
            }
            let key = format!("p{partition}");
            if self.bus.read_lease(&key).await?.is_some() {
                continue;
            }
            if let Written::At(revision) = self.bus.write_lease(&key, self.value(), 0).await? {
                self.held.insert(partition, revision);
            }
        }
        Ok(self.held.keys().copied().skip(share).collect())
    }

    /// Gives a partition up.
    pub(crate) async fn release(&mut self, partition: u32) -> Result<(), BusError> {
        self.held.remove(&partition);
        self.bus.drop_lease(&format!("p{partition}")).await
    }

    /// Gives everything up.
    pub(crate) async fn leave(&mut self) -> Result<(), BusError> {
        for partition in self.held.keys().copied().collect::<Vec<_>>() {
            self.release(partition).await?;
        }
        match self.seat.take() {
            Some((seat, _)) => self.bus.drop_lease(&format!("w{seat}")).await,
            None => Ok(()),
        }
    }

    /// A lease that ended by itself may be free again.
    async fn lose_or_take(&mut self, partition: u32, key: &str) -> Result<(), BusError> {
        self.held.remove(&partition);
        if self.bus.read_lease(key).await?.is_none()
            && let Written::At(revision) = self.bus.write_lease(key, self.value(), 0).await?
        {
            self.held.insert(partition, revision);
        }
        Ok(())
    }

    /// Keeps a seat among the workers; returns how many there are.
    async fn sit(&mut self) -> Result<u32, BusError> {
        if let Some((seat, revision)) = self.seat {
            let key = format!("w{seat}");
            self.seat = match self.bus.write_lease(&key, self.value(), revision).await? {
                Written::At(revision) => Some((seat, revision)),
                Written::Overtaken => None,
            };
        }
        let (mut workers, mut free) = (0, 0);
        let own = self.seat.map(|(seat, _)| seat);
        for seat in 0..WORKERS_MAX {
            let key = format!("w{seat}");
            if own == Some(seat) || self.bus.read_lease(&key).await?.is_some() {
                workers += 1;
                free = 0;
                continue;
            }
            if self.seat.is_none()
                && let Written::At(revision) = self.bus.write_lease(&key, self.value(), 0).await?
            {
                self.seat = Some((seat, revision));
                workers += 1;
                continue;
            }
            free += 1;
            // Seats fill from the front: a gap is a worker that is gone, two in a row are the end.
            if free >= 2 {
                break;
            }
        }
        Ok(workers)
    }

    fn value(&self) -> Bytes {
        Bytes::from(self.name.clone())
    }
}
