//! Auditing a log: everything is read, every fault is counted, and each has its exact place.

pub mod content;
pub mod structure;

use std::fmt;

/// Faults kept with their place; all are counted.
pub const FAULTS_KEPT_MAX: usize = 1000;

/// One fault and where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file.
    pub path: String,
    /// The entry, where one is concerned.
    pub index: Option<u64>,
    /// What is wrong, without a full stop.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`", self.path)?;
        if let Some(index) = self.index {
            write!(formatter, ", entry {index}")?;
        }
        write!(formatter, ": {}", self.message)
    }
}

/// All faults found, in the order they were met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    kept: Vec<Fault>,
    count: u64,
}

impl Faults {
    /// Starts with none.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault.
    pub fn add(&mut self, path: impl Into<String>, index: Option<u64>, message: impl Into<String>) {
        self.count = self.count.saturating_add(1);
        if self.kept.len() < FAULTS_KEPT_MAX {
            self.kept.push(Fault {
                path: path.into(),
                index,
                message: message.into(),
            });
        }
    }

    /// Returns the faults with their places, at most [`FAULTS_KEPT_MAX`].
    pub fn list(&self) -> &[Fault] {
        &self.kept
    }

    /// Returns how many there are in all.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}
