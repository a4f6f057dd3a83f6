//! Bytes written into an allocated file, page by page, until a sync carries them to the database.

use std::collections::BTreeMap;

use super::PostgresError;

/// Bytes of a page: that of the write-ahead log, so that its records never share one.
pub(super) const PAGE_BYTES: usize = 4096;

/// Pages written and not yet synced.
#[derive(Debug)]
pub(super) struct Pages {
    /// Bytes of the file.
    size: u64,
    written: BTreeMap<i64, Vec<u8>>,
}

impl Pages {
    pub(super) fn new(size: u64) -> Self {
        Self {
            size,
            written: BTreeMap::new(),
        }
    }

    /// Returns the pages that a write covers only in part and that are not held yet.
    pub(super) fn torn(&self, offset: u64, length: usize) -> Result<Vec<i64>, PostgresError> {
        let end = self.end(offset, length)?;
        if length == 0 {
            return Ok(Vec::new());
        }
        let page_bytes = PAGE_BYTES as u64;
        let mut torn = Vec::new();
        if !offset.is_multiple_of(page_bytes) {
            torn.push(number(offset));
        }
        if !end.is_multiple_of(page_bytes) && end < self.size {
            torn.push(number(end));
        }
        torn.dedup();
        torn.retain(|page| !self.written.contains_key(page));
        Ok(torn)
    }

    /// Takes what the database has of a page.
    pub(super) fn fill(&mut self, page: i64, mut bytes: Vec<u8>) {
        bytes.resize(PAGE_BYTES, 0);
        self.written.entry(page).or_insert(bytes);
    }

    /// Writes into the pages.
    pub(super) fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), PostgresError> {
        self.end(offset, bytes.len())?;
        let mut at = offset;
        let mut left = bytes;
        while !left.is_empty() {
            let within = usize::try_from(at % PAGE_BYTES as u64).unwrap_or(0);
            let (now, later) = left.split_at(left.len().min(PAGE_BYTES - within));
            let page = self
                .written
                .entry(number(at))
                .or_insert_with(|| vec![0; PAGE_BYTES]);
            if let Some(place) = page.get_mut(within..within + now.len()) {
                place.copy_from_slice(now);
            }
            at += now.len() as u64;
            left = later;
        }
        Ok(())
    }

    /// Lays what is written over the whole file.
    pub(super) fn overlay(&self, whole: &mut [u8]) {
        for (page, bytes) in &self.written {
            lay(whole, *page, bytes);
        }
    }

    /// Returns what is written, and forgets it.
    pub(super) fn take(&mut self) -> BTreeMap<i64, Vec<u8>> {
        std::mem::take(&mut self.written)
    }

    fn end(&self, offset: u64, length: usize) -> Result<u64, PostgresError> {
        offset
            .checked_add(length as u64)
            .filter(|end| *end <= self.size)
            .ok_or(PostgresError::BeyondEnd { size: self.size })
    }
}

/// Returns a file of zeros; a size that no allocation had gives none.
pub(super) fn zeros(size: i64) -> Vec<u8> {
    vec![0; usize::try_from(size).unwrap_or(0)]
}

/// Copies a page to its place; what lies beyond the file's end is dropped.
pub(super) fn lay(whole: &mut [u8], page: i64, bytes: &[u8]) {
    let Some(start) = usize::try_from(page)
        .ok()
        .and_then(|page| page.checked_mul(PAGE_BYTES))
    else {
        return;
    };
    if let Some(place) = whole.get_mut(start..) {
        for (to, from) in place.iter_mut().zip(bytes) {
            *to = *from;
        }
    }
}

fn number(offset: u64) -> i64 {
    i64::try_from(offset / PAGE_BYTES as u64).unwrap_or(i64::MAX)
}
