//! A witness: cosigns checkpoints that only ever grow, and keeps proof of those that fork.
//!
//! The state machine behind `POST add-checkpoint`. It does no networking: a request's bytes go in,
//! a [`Response`] comes out, and the new state is durable before the response exists. `&mut self`
//! makes checking and recording one step, which closes the roll-back race the specification
//! spells out. Source: <https://c2sp.org/tlog-witness>, "add-checkpoint", as clarified in July 2026
//! (<https://github.com/C2SP/C2SP/pull/280>): another root at the same size is 422, before that
//! 409; an empty tree has one root; every 409 carries the size.

use std::collections::BTreeMap;

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::evidence::parse_proof_lines;
use crate::fork::ForkProof;
use crate::hash::{Hash, SIZE_MAX, encode_hex, parse_decimal};
use crate::note::{NOTE_BYTES_MAX, Note};
use crate::proof::check_consistency;
use crate::storage::{Storage, StorageError};
use crate::vkey::{NoteSigner, Vkey};

/// Longest request read.
pub const REQUEST_BYTES_MAX: usize = NOTE_BYTES_MAX + 8192;
/// Content type of a 409 answer.
pub const SIZE_CONTENT_TYPE: &str = "text/x.tlog.size";
const TEXT_CONTENT_TYPE: &str = "text/plain; charset=utf-8";
/// Fork proofs kept for one log; the first ones suffice, and a flood must not fill the disk.
pub const FORKS_KEPT_MAX: usize = 16;

/// A witness for a set of logs.
#[derive(Debug)]
pub struct Witness<S> {
    storage: S,
    signer: NoteSigner,
    /// Every key whose cosignature over a stored state is this witness's own.
    own: Vec<Vkey>,
    logs: BTreeMap<String, Vec<Vkey>>,
    latest: BTreeMap<String, Latest>,
    /// Set by a storage fault: what is durable is unknown, so nothing is signed any more.
    stopped: bool,
}

#[derive(Clone, Debug)]
struct Latest {
    signed: SignedCheckpoint,
    time_s: u64,
}

/// What to answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Value of `Content-Type`.
    pub content_type: &'static str,
    /// Body.
    pub body: String,
    /// A fork the request revealed, already kept in storage.
    pub fork: Option<Box<ForkProof>>,
}

impl Response {
    fn refuse(status: u16, why: &str) -> Self {
        let body = format!("{why}\n");
        Self {
            status,
            content_type: TEXT_CONTENT_TYPE,
            body,
            fork: None,
        }
    }

    /// Answers that this log is not witnessed: 404.
    pub fn unknown() -> Self {
        Self::refuse(404, "unknown origin")
    }

    /// Answers that nobody who may sign this log did: 403.
    pub fn unsigned() -> Self {
        Self::refuse(403, "no signature by a trusted key of this log")
    }

    /// Answers that another tree of this size is held: 422.
    pub fn contradicted() -> Self {
        Self::refuse(422, "another root is held for this size")
    }

    fn conflict(size: u64) -> Self {
        let body = format!("{size}\n");
        Self {
            status: 409,
            content_type: SIZE_CONTENT_TYPE,
            body,
            fork: None,
        }
    }
}

/// A parsed `add-checkpoint` request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size the client believes the witness last cosigned.
    pub old_size: u64,
    /// Consistency proof from `old_size`.
    pub proof: Vec<Hash>,
    /// The new checkpoint.
    pub checkpoint: SignedCheckpoint,
}

impl AddCheckpoint {
    /// Parses a request body; `None` when it is malformed.
    pub fn parse(body: &[u8]) -> Option<Self> {
        if body.len() > REQUEST_BYTES_MAX {
            return None;
        }
        let text = std::str::from_utf8(body).ok()?;
        let (head, checkpoint) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old_size = lines.next()?.strip_prefix("old ").and_then(parse_decimal)?;
        let proof = parse_proof_lines(lines).ok()?;
        let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes()).ok()?;
        Some(Self {
            old_size,
            proof,
            checkpoint,
        })
    }

    /// Returns whether one of these keys signed the checkpoint.
    pub fn is_signed_by(&self, keys: &[Vkey]) -> bool {
        trusted_part(&self.checkpoint, keys).is_ok()
    }

    /// Returns the request body.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            text.push_str(&format!("{hash}\n"));
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.checkpoint.note().to_bytes());
        bytes
    }
}

impl<S: Storage> Witness<S> {
    /// Opens a witness over its storage, for logs given by their keys (the key name is the origin).
    ///
    /// # Errors
    ///
    /// [`WitnessError`] when a stored state cannot be read or is not what the witness signed:
    /// a witness that forgot what it signed must not sign again.
    pub fn open(storage: S, signer: NoteSigner, log_keys: &[Vkey]) -> Result<Self, WitnessError> {
        Self::reopen(storage, signer, &[], log_keys)
    }

    /// Opens a witness that has cosigned with other keys before.
    ///
    /// # Errors
    ///
    /// As [`Witness::open`].
    pub fn reopen(
        storage: S,
        signer: NoteSigner,
        former: &[Vkey],
        log_keys: &[Vkey],
    ) -> Result<Self, WitnessError> {
        let own: Vec<Vkey> = [signer.vkey().clone()]
            .into_iter()
            .chain(former.iter().cloned())
            .collect();
        let mut logs: BTreeMap<String, Vec<Vkey>> = BTreeMap::new();
        for key in log_keys {
            logs.entry(key.name().as_str().to_owned())
                .or_default()
                .push(key.clone());
        }
        let mut witness = Self {
            storage,
            signer,
            own,
            logs: BTreeMap::new(),
            latest: BTreeMap::new(),
            stopped: false,
        };
        for (origin, keys) in logs {
            witness.trust(&origin, keys)?;
        }
        Ok(witness)
    }

    /// Witnesses a log from now on, by these keys and no others: what its rotations leave.
    ///
    /// # Errors
    ///
    /// [`WitnessError`] when a stored state of a log that is new here cannot be read.
    pub fn trust(&mut self, origin: &str, keys: Vec<Vkey>) -> Result<(), WitnessError> {
        if !self.logs.contains_key(origin) {
            let path = checkpoint_path(origin);
            if let Some(bytes) = self.storage.read(&path)? {
                let state = read_state(&bytes, origin, &self.own);
                let state = state.ok_or(WitnessError::State { path })?;
                self.latest.insert(origin.to_owned(), state);
            }
        }
        self.logs.insert(origin.to_owned(), keys);
        Ok(())
    }

    /// Returns whether a log is witnessed.
    pub fn knows(&self, origin: &str) -> bool {
        self.logs.contains_key(origin)
    }

    /// Returns the latest checkpoint cosigned for every origin.
    pub fn all_latest(&self) -> impl Iterator<Item = (&str, &SignedCheckpoint)> {
        let latest = self.latest.iter();
        latest.map(|(origin, latest)| (origin.as_str(), &latest.signed))
    }

    /// Returns the latest checkpoint cosigned for an origin.
    pub fn latest(&self, origin: &str) -> Option<&SignedCheckpoint> {
        self.latest.get(origin).map(|latest| &latest.signed)
    }

    /// Returns the storage, for example to serve the monitoring prefix from it.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// Answers one `add-checkpoint` request at the time `now_s` (seconds since 1970).
    ///
    /// Statuses: 200 with cosignature lines; 400 malformed, or old size above the checkpoint's;
    /// 403 no trusted signature; 404 unknown origin; 409 with the latest size when the old size is
    /// another; 422 when the proof fails or the same size has another root; 500 when the storage
    /// failed or the clock stands before the last cosignature.
    pub fn add_checkpoint(&mut self, body: &[u8], now_s: u64) -> Response {
        if self.stopped {
            return Response::refuse(500, "the storage failed earlier; restart the witness");
        }
        let Some(request) = AddCheckpoint::parse(body) else {
            return Response::refuse(400, "malformed request");
        };
        let head = request.checkpoint.checkpoint().clone();
        let Some(keys) = self.logs.get(head.origin()) else {
            return Response::unknown();
        };
        let Ok(signed) = trusted_part(&request.checkpoint, keys) else {
            return Response::unsigned();
        };
        if request.old_size > head.size() {
            return Response::refuse(400, "the old size exceeds the checkpoint's");
        }
        let latest = self.latest.get(head.origin());
        let (size, root) = latest.map_or((0, Hash::empty_tree()), |latest| {
            let head = latest.signed.checkpoint();
            (head.size(), head.root())
        });
        if request.old_size != size {
            return self.conflict(&head, size, signed);
        }
        let proof = check_consistency(&request.proof, size, root, head.size(), head.root());
        match proof {
            Ok(()) => self.cosign(&head, signed, now_s),
            Err(_) => self.unprocessable(&head, signed),
        }
    }

    /// Answers 409, and keeps the proof when the request shows a fork at the latest size.
    fn conflict(&mut self, head: &Checkpoint, size: u64, signed: SignedCheckpoint) -> Response {
        let fork = self.keep_fork(head, signed);
        Response {
            fork,
            ..Response::conflict(size)
        }
    }

    fn unprocessable(&mut self, head: &Checkpoint, signed: SignedCheckpoint) -> Response {
        let fork = self.keep_fork(head, signed);
        let why = match fork {
            Some(_) => "another root was cosigned for this size",
            None => "the consistency proof does not hold",
        };
        Response {
            fork,
            ..Response::refuse(422, why)
        }
    }

    /// Keeps the proof when the signed checkpoint has the latest size and another root.
    fn keep_fork(&mut self, head: &Checkpoint, signed: SignedCheckpoint) -> Option<Box<ForkProof>> {
        let latest = &self.latest.get(head.origin())?.signed;
        let known = latest.checkpoint();
        if known.size() != head.size() || known.root() == head.root() {
            return None;
        }
        let fork = ForkProof::of_equal_sizes(latest.clone(), signed);
        let bytes = fork.to_bytes();
        let directory = format!("{}/forks", directory(head.origin()));
        let name = Hash::of(&bytes).to_hex();
        let kept = self.storage.list(&directory).unwrap_or_default();
        if kept.len() < FORKS_KEPT_MAX && !kept.contains(&name) {
            // A fork that cannot be kept is still returned; it changes no state of ours.
            let _ = self.storage.replace(&format!("{directory}/{name}"), &bytes);
        }
        Some(Box::new(fork))
    }

    fn cosign(&mut self, head: &Checkpoint, signed: SignedCheckpoint, now_s: u64) -> Response {
        let before = self
            .latest
            .get(head.origin())
            .map_or(0, |latest| latest.time_s);
        if now_s < before || now_s > SIZE_MAX {
            return Response::refuse(500, "the clock stands before the last cosignature");
        }
        let mut signed = signed;
        signed.note_mut().cosign(&self.signer, now_s);
        let bytes = signed.note().to_bytes();
        if self
            .storage
            .replace(&checkpoint_path(head.origin()), &bytes)
            .is_err()
        {
            self.stopped = true;
            return Response::refuse(500, "the state could not be stored");
        }
        let line = signed
            .note()
            .signatures()
            .last()
            .map(crate::note::NoteSignature::to_line);
        self.latest.insert(
            head.origin().to_owned(),
            Latest {
                signed,
                time_s: now_s,
            },
        );
        Response {
            status: 200,
            content_type: TEXT_CONTENT_TYPE,
            body: line.unwrap_or_default(),
            fork: None,
        }
    }
}

/// Returns the path below which a log's state lies: the monitoring prefix of the specification.
pub fn checkpoint_path(origin: &str) -> String {
    format!("{}/checkpoint", directory(origin))
}

fn directory(origin: &str) -> String {
    format!(
        "witness/{}",
        encode_hex(Hash::of(origin.as_bytes()).as_bytes())
    )
}

/// Returns the checkpoint with only those signatures that trusted log keys made.
///
/// Signatures of strangers are ignored and not stored; a bad one by a trusted key is ignored when
/// another trusted key signed well, since the witness needs one good signature.
fn trusted_part(signed: &SignedCheckpoint, keys: &[Vkey]) -> Result<SignedCheckpoint, ()> {
    let text = signed.note().text();
    let mut kept = Note::new(text).map_err(|_| ())?;
    for signature in signed.note().signatures() {
        let mut single = Note::new(text).map_err(|_| ())?;
        let line = signature.to_line();
        single.add_lines(&line).map_err(|_| ())?;
        if single.verify(keys).is_ok() {
            kept.add_lines(&line).map_err(|_| ())?;
        }
    }
    if kept.signatures().is_empty() {
        return Err(());
    }
    SignedCheckpoint::from_note(kept).map_err(|_| ())
}

fn read_state(bytes: &[u8], origin: &str, own: &[Vkey]) -> Option<Latest> {
    let signed = SignedCheckpoint::parse(bytes).ok()?;
    let verified = signed.note().verify(own).ok()?;
    let time_s = verified
        .iter()
        .filter_map(|signature| signature.time_s)
        .max()?;
    (signed.checkpoint().origin() == origin).then_some(Latest { signed, time_s })
}

/// A witness could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A stored state is damaged or was not signed by this witness.
    #[error("`{path}` is not a checkpoint this witness cosigned")]
    State {
        /// The damaged file.
        path: String,
    },
}
