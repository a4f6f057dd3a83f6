//! The folder of a session: `session.json`, `plans.geojson`, the plans in whole numbers in `legs.json`, and what was said, a
//! file each, in order.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use detente_ledger::hash::Hash;
use detente_sharing::private_check::message::MESSAGE_BYTES_MAX;
use detente_sharing::private_check::{Leg, Role, Terms};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, FailureKind};
use crate::file;

/// Most messages of a session: commitments, three at each of four levels, consents, reveals, a stop, and legs.
const SPOKEN_MAX: usize = 32;

/// The plans in whole numbers, in their order, each in base64: what the session is of, whatever machine computes.
const LEGS: &str = "legs.json";

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum By {
    Us,
    Them,
}

/// Something said, by its hash.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    pub(super) by: By,
    pub(super) bytes: Vec<u8>,
}

/// A session on the disk.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    pub(super) role: Role,
    pub(super) terms: Terms,
    pub(super) seed: [u8; 32],
    pub(super) plans: Vec<u8>,
    pub(super) legs: Vec<Leg>,
    spoken: Vec<Spoken>,
}

/// `session.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    role: WireRole,
    agreement_sha256: String,
    separation_m: u32,
    vertical_m: u32,
    time_s: u32,
    cells_max: u32,
    finest: u8,
    /// Everything secret follows from it: disclose it only to be audited, and never use it again.
    seed: String,
    /// What was said, in order: by whom, and the hash of the file `said/NN`.
    said: Vec<WireSpoken>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireRole {
    Initiator,
    Responder,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSpoken {
    by: By,
    sha256: String,
}

impl Folder {
    /// A session that is not on the disk yet.
    pub(super) fn new(
        path: &Path,
        role: Role,
        terms: Terms,
        seed: [u8; 32],
        (plans, legs): (Vec<u8>, Vec<Leg>),
    ) -> Self {
        Self {
            path: path.to_owned(),
            role,
            terms,
            seed,
            plans,
            legs,
            spoken: Vec::new(),
        }
    }

    /// Makes the folder, readable by nobody else.
    pub(super) fn create(&mut self) -> Result<(), Failure> {
        let unwritable = |error| Failure::unwritable(&self.path, error);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder.create(&self.path).map_err(unwritable)?;
        fs::create_dir(self.path.join("said")).map_err(unwritable)?;
        file::write(&self.path.join("plans.geojson"), &self.plans)?;
        let legs = self.legs.iter();
        let legs: Vec<String> = legs.map(|leg| STANDARD.encode(leg.to_bytes())).collect();
        let legs =
            serde_json::to_vec(&legs).map_err(|error| Failure::new(FailureKind::Bug, error))?;
        file::write(&self.path.join(LEGS), &legs)?;
        self.save()
    }

    /// Reads a session, and holds every file against its hash.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let session = path.join("session.json");
        let invalid = |why: String| {
            Failure::new(
                FailureKind::InvalidInput,
                format!("{}: {why}", session.display()),
            )
        };
        let bytes = file::read_bytes(&session)?;
        let wire: Wire =
            serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
        let seed = STANDARD
            .decode(&wire.seed)
            .ok()
            .and_then(|seed| <[u8; 32]>::try_from(seed).ok());
        let seed = seed.ok_or_else(|| invalid("the seed is not 32 bytes in base64".to_owned()))?;
        let agreement = Hash::from_hex(&wire.agreement_sha256)
            .ok_or_else(|| invalid("agreement_sha256 is not a hash".to_owned()))?;
        if wire.said.len() > SPOKEN_MAX {
            return Err(invalid(format!("more than {SPOKEN_MAX} messages")));
        }
        let mut spoken = Vec::new();
        for (position, said) in wire.said.iter().enumerate() {
            let path = said_at(path, position);
            let bytes = file::read_bytes(&path)?;
            if Hash::of(&bytes).to_hex() != said.sha256 {
                return Err(Failure::new(
                    FailureKind::Verification,
                    format!("{}: not the file that session.json names", path.display()),
                ));
            }
            spoken.push(Spoken { by: said.by, bytes });
        }
        Ok(Self {
            role: match wire.role {
                WireRole::Initiator => Role::Initiator,
                WireRole::Responder => Role::Responder,
            },
            terms: Terms {
                agreement,
                separation_m: wire.separation_m,
                vertical_m: wire.vertical_m,
                time_s: wire.time_s,
                cells_max: wire.cells_max,
                finest: wire.finest,
            },
            seed,
            plans: file::read_bytes(&path.join("plans.geojson"))?,
            legs: legs(&path.join(LEGS))?,
            spoken,
            path: path.to_owned(),
        })
    }

    /// What was said so far, both commitments first.
    pub(super) fn spoken(&self) -> &[Spoken] {
        &self.spoken
    }

    /// Where problems of the plans are said to be.
    pub(super) fn plans_path(&self) -> PathBuf {
        self.path.join("plans.geojson")
    }

    /// Keeps what the other side sent.
    pub(super) fn hear(&mut self, bytes: Vec<u8>) -> Result<(), Failure> {
        self.keep(By::Them, bytes).map(drop)
    }

    /// Keeps what is to be sent, and says where.
    pub(super) fn speak(&mut self, messages: &[Vec<u8>]) -> Result<Vec<PathBuf>, Failure> {
        messages
            .iter()
            .map(|bytes| self.keep(By::Us, bytes.clone()))
            .collect()
    }

    /// The file first, then the line that names it: what is not named was not said.
    fn keep(&mut self, by: By, bytes: Vec<u8>) -> Result<PathBuf, Failure> {
        let path = said_at(&self.path, self.spoken.len());
        file::write(&path, &bytes)?;
        self.spoken.push(Spoken { by, bytes });
        self.save()?;
        Ok(path)
    }

    fn save(&self) -> Result<(), Failure> {
        let wire = Wire {
            role: match self.role {
                Role::Initiator => WireRole::Initiator,
                Role::Responder => WireRole::Responder,
            },
            agreement_sha256: self.terms.agreement.to_hex(),
            separation_m: self.terms.separation_m,
            vertical_m: self.terms.vertical_m,
            time_s: self.terms.time_s,
            cells_max: self.terms.cells_max,
            finest: self.terms.finest,
            seed: STANDARD.encode(self.seed),
            said: self.spoken.iter().map(WireSpoken::of).collect(),
        };
        let mut text = serde_json::to_vec_pretty(&wire)
            .map_err(|error| Failure::new(FailureKind::Bug, error))?;
        // Writing to a vector cannot fail.
        let _ = text.write_all(b"\n");
        file::write(&self.path.join("session.json"), &text)
    }
}

fn legs(path: &Path) -> Result<Vec<Leg>, Failure> {
    let bytes = file::read_bytes(path)?;
    let listed: Option<Vec<String>> = serde_json::from_slice(&bytes).ok();
    let leg = |text: &String| Leg::from_bytes(&STANDARD.decode(text).ok()?);
    let legs = listed.and_then(|listed| listed.iter().map(leg).collect());
    legs.ok_or_else(|| {
        let message = format!("{}: not a list of legs in base64", path.display());
        Failure::new(FailureKind::InvalidInput, message)
    })
}

impl WireSpoken {
    fn of(spoken: &Spoken) -> Self {
        Self {
            by: spoken.by,
            sha256: Hash::of(&spoken.bytes).to_hex(),
        }
    }
}

fn said_at(folder: &Path, position: usize) -> PathBuf {
    folder.join("said").join(format!("{position:02}"))
}

/// The largest file that can be something said: a message is the larger of the two.
pub(super) const SAID_BYTES_MAX: usize = MESSAGE_BYTES_MAX;
