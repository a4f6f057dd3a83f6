//! Complaints about sealed entries, reveals, and who is right.

use serde_json::{Map, Value, json};

use crate::hash::{Hash, SIZE_MAX, decode_base64, encode_base64};
use crate::seal::{
    OpenError, RECIPIENTS_MAX, RecipientId, RevealFault, SEED_BYTES, Seal, SealContext,
    SealPublicKey, SealSuite, check_reveal,
};

/// Kind of an entry whose body is a [`SealedBody`].
pub const SEALED_KIND: &str = "sealed";
/// Kind of an entry whose body is a [`Complaint`].
pub const COMPLAINT_KIND: &str = "seal_complaint";
/// Kind of an entry whose body is a [`Reveal`].
pub const REVEAL_KIND: &str = "seal_reveal";

/// The body of a sealed entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBody {
    /// Kind of the record inside.
    pub kind: String,
    /// Id of the agreement.
    pub agreement: String,
    /// The cryptographic part.
    pub seal: Seal,
    /// Seconds since 1970 by which a complaint must have been answered with a reveal.
    pub reveal_by_s: u64,
}

impl SealedBody {
    /// Returns what the seal is bound to, in the ledger `origin`.
    pub fn context(&self, origin: &str) -> SealContext {
        SealContext {
            origin: origin.to_owned(),
            kind: self.kind.clone(),
            agreement: self.agreement.clone(),
        }
    }

    /// Returns the members of the entry's body.
    pub fn to_json(&self) -> Map<String, Value> {
        let recipients: Vec<String> = self
            .seal
            .recipients
            .iter()
            .map(RecipientId::to_string)
            .collect();
        members(json!({
            "kind": self.kind,
            "agreement": self.agreement,
            "suite": self.seal.suite.name(),
            "commitment": self.seal.commitment.to_base64(),
            "blob": self.seal.blob.to_hex(),
            "recipients": recipients,
            "reveal_by_s": self.reveal_by_s,
        }))
    }

    /// Reads the members of an entry's body; `None` when they are not those of a sealed entry.
    pub fn from_json(body: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| body.get(name)?.as_str();
        let recipients = body.get("recipients")?.as_array()?;
        if body.len() != 7 || !(1..=RECIPIENTS_MAX).contains(&recipients.len()) {
            return None;
        }
        let seal = Seal {
            suite: SealSuite::from_name(text("suite")?)?,
            commitment: Hash::from_base64(text("commitment")?)?,
            blob: Hash::from_hex(text("blob")?)?,
            recipients: recipients.iter().map(recipient).collect::<Option<_>>()?,
        };
        Some(Self {
            kind: text("kind")?.to_owned(),
            agreement: text("agreement")?.to_owned(),
            seal,
            reveal_by_s: second(body.get("reveal_by_s")?)?,
        })
    }
}

/// The body of a complaint: a recipient could not open what was sealed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Origin of the ledger with the sealed entry.
    pub origin: String,
    /// Index of the sealed entry.
    pub index: u64,
    /// The complaining recipient's key.
    pub recipient: RecipientId,
    /// What went wrong, from [`OpenError::complaint`].
    pub fault: String,
}

impl Complaint {
    /// Makes a complaint; `None` when the error is no ground for one.
    pub fn new(origin: &str, index: u64, recipient: RecipientId, error: OpenError) -> Option<Self> {
        let fault = error.complaint()?.to_owned();
        Some(Self {
            origin: origin.to_owned(),
            index,
            recipient,
            fault,
        })
    }

    /// Returns the members of the entry's body.
    pub fn to_json(&self) -> Map<String, Value> {
        members(json!({
            "origin": self.origin,
            "index": self.index,
            "recipient": self.recipient.to_string(),
            "fault": self.fault,
        }))
    }

    /// Reads the members of an entry's body.
    pub fn from_json(body: &Map<String, Value>) -> Option<Self> {
        if body.len() != 4 {
            return None;
        }
        Some(Self {
            origin: body.get("origin")?.as_str()?.to_owned(),
            index: second(body.get("index")?)?,
            recipient: recipient(body.get("recipient")?)?,
            fault: body.get("fault")?.as_str()?.to_owned(),
        })
    }
}

/// The body of a reveal: the author opens a sealed entry to everyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reveal {
    /// Index of the sealed entry in the same ledger.
    pub index: u64,
    /// The seed.
    pub seed: [u8; SEED_BYTES],
    /// The payload.
    pub payload: Vec<u8>,
}

impl Reveal {
    /// Returns the members of the entry's body.
    pub fn to_json(&self) -> Map<String, Value> {
        members(json!({
            "index": self.index,
            "seed": encode_base64(&self.seed),
            "payload": encode_base64(&self.payload),
        }))
    }

    /// Reads the members of an entry's body.
    pub fn from_json(body: &Map<String, Value>) -> Option<Self> {
        if body.len() != 3 {
            return None;
        }
        Some(Self {
            index: second(body.get("index")?)?,
            seed: decode_base64(body.get("seed")?.as_str()?)?
                .try_into()
                .ok()?,
            payload: decode_base64(body.get("payload")?.as_str()?)?,
        })
    }
}

/// Who is right about a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The reveal gives exactly what was sealed: the recipient could have opened it.
    Unfounded,
    /// The reveal does not give what was sealed: the author cheated.
    Fraud(RevealFault),
    /// There is no reveal and the time for it has passed: the author answers for it.
    RevealRefused,
    /// There is no reveal yet.
    Pending,
}

/// Judges a complaint about a sealed entry, given the reveal if there is one.
///
/// Nobody's word is needed: the sealed entry, the recipients' public keys and the reveal decide.
/// `decided_at_s` is the counterparty's cosigned time by which the reveal is or is not there.
pub fn judge(
    sealed: &SealedBody,
    origin: &str,
    reveal: Option<&Reveal>,
    recipients: &[SealPublicKey],
    decided_at_s: u64,
) -> Judgement {
    let Some(reveal) = reveal else {
        return match decided_at_s > sealed.reveal_by_s {
            true => Judgement::RevealRefused,
            false => Judgement::Pending,
        };
    };
    let context = sealed.context(origin);
    match check_reveal(
        &sealed.seal,
        &context,
        &reveal.seed,
        &reveal.payload,
        recipients,
    ) {
        Ok(()) => Judgement::Unfounded,
        Err(fault) => Judgement::Fraud(fault),
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn second(value: &Value) -> Option<u64> {
    value.as_u64().filter(|number| *number <= SIZE_MAX)
}

fn recipient(value: &Value) -> Option<RecipientId> {
    RecipientId::from_hex(value.as_str()?)
}
