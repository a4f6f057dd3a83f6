//! What an event rests on, in a form that keeps: the raw fixes, their hash, and how far the source's clock was off.
//!
//! The bytes are JSON lines as docs/reference/tracks.md has them, so that whoever doubts an event can hand its evidence to
//! `detente watch` again.

use std::fmt;

use detente_spacetime::Instant;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{event::Event, fix::Fix};

/// The media type of an item of evidence.
pub const MEDIA_TYPE: &str = "application/jsonl";
/// What an event's name is made from begins with this, so that no other hash is taken for one.
const EVENT_DOMAIN: &[u8] = b"detente/event/v1\n";

/// The fixes behind an event as bytes, and their hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    bytes: Vec<u8>,
    sha256: [u8; 32],
}

/// Names an event: the same observation has the same name whenever and wherever it is made again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId([u8; 16]);

/// A fix as a line of the evidence.
#[derive(Serialize)]
struct Line<'a> {
    t: String,
    id: &'a str,
    lat: f64,
    lon: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt_m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

impl Evidence {
    /// Writes fixes down, one a line, every number as it was read.
    #[must_use]
    pub fn of(fixes: &[Fix]) -> Self {
        let mut bytes = Vec::with_capacity(fixes.len() * 160);
        for fix in fixes {
            let line = Line {
                t: fix.at.to_string(),
                id: &fix.track,
                lat: fix.position.latitude_deg(),
                lon: fix.position.longitude_deg(),
                alt_m: fix.altitude.map(|altitude| altitude.value_m()),
                reference: fix.altitude.map(|altitude| altitude.reference().code()),
                source: fix.source.as_deref(),
            };
            // Text and finite numbers always become JSON.
            if serde_json::to_writer(&mut bytes, &line).is_ok() {
                bytes.push(b'\n');
            }
        }
        let sha256 = Sha256::digest(&bytes).into();
        Self { bytes, sha256 }
    }

    /// Returns the lines.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the SHA-256 of the lines, in hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> String {
        hexadecimal(&self.sha256)
    }
}

impl Event {
    /// Returns the fixes it was concluded from, as an item that keeps.
    #[must_use]
    pub fn item(&self) -> Evidence {
        Evidence::of(&self.evidence)
    }

    /// Returns its name: a hash over what was observed and the evidence for it.
    ///
    /// # Cost
    ///
    /// About two microseconds: it is for events that are told, not for every one that is weighed.
    #[must_use]
    pub fn id(&self, evidence: &Evidence) -> EventId {
        let mut hash = Sha256::new();
        hash.update(EVENT_DOMAIN);
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        let micros = |instant: Instant| instant.micros().to_be_bytes();
        part(self.track.as_bytes());
        part(self.kind.wire_name().as_bytes());
        match &self.with {
            Some((id, kind)) => {
                part(kind.wire_name().as_bytes());
                part(id.as_bytes());
            }
            None => part(b""),
        }
        part(&self.part.to_be_bytes());
        part(&micros(self.at));
        part(&self.until.map(micros).unwrap_or_default());
        part(self.certainty.wire_name().as_bytes());
        part(
            self.border
                .map_or("", |border| border.wire_name())
                .as_bytes(),
        );
        part(&evidence.sha256);
        let digest: [u8; 32] = hash.finalize().into();
        let mut id = [0; 16];
        for (byte, from) in id.iter_mut().zip(digest) {
            *byte = from;
        }
        EventId(id)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| {
        DIGITS
            .get(usize::from(half))
            .map_or('0', |digit| char::from(*digit))
    };
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
