//! A participant's card: what others must know to hold an agreement with it.
//!
//! A card is exchanged by file and believed after its fingerprint was read aloud: it pins the genesis
//! entry of the ledger, from which every later key follows, and the key of the transport. It is
//! signed with the unit key of that genesis, so that nobody can pin another's ledger to his own line.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use detente_ledger::entry::SignedEntry;
use detente_ledger::hash::Hash;
use detente_ledger::keys::{KeyHistory, Role, SignedKeyEvent};
use detente_ledger::vkey::{NoteSigner, SIGNATURE_BYTES};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha512};

use crate::tls::TransportKey;

/// Longest card read.
pub const CARD_BYTES_MAX: usize = 64 * 1024;
/// Separates card signatures from every other use of a unit key.
const SIGNATURE_DOMAIN: &str = "detente/card/v1\n";
/// Groups of digits in a fingerprint: 60 digits are 199 bits, beyond any search for a twin.
const FINGERPRINT_GROUPS: usize = 12;
/// Digits in a group: what a person reads aloud in one breath.
const GROUP_DIGITS: usize = 5;

/// A checked card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its id in the agreement: a participant or an observer.
    pub holder: String,
    /// Origin of its ledger.
    pub origin: String,
    /// The exact bytes of the ledger's first entry.
    pub genesis: Vec<u8>,
    /// The key of its transport.
    pub transport: TransportKey,
    /// Where it is reached, as `host:port`.
    pub address: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    detente_card: u32,
    holder: String,
    origin: String,
    genesis: String,
    transport: String,
    address: String,
    signature: String,
}

impl Card {
    /// Writes the card, signed with the unit key of its genesis.
    pub fn to_text(&self, unit: &NoteSigner) -> String {
        let signature = unit.sign_raw(&self.message());
        let wire = Wire {
            detente_card: 1,
            holder: self.holder.clone(),
            origin: self.origin.clone(),
            genesis: STANDARD.encode(&self.genesis),
            transport: STANDARD.encode(self.transport),
            address: self.address.clone(),
            signature: STANDARD.encode(signature),
        };
        serde_json::to_string_pretty(&wire).unwrap_or_default() + "\n"
    }

    /// Reads a card and checks everything it can say about itself.
    ///
    /// # Errors
    ///
    /// [`CardError`].
    pub fn parse(text: &str) -> Result<Self, CardError> {
        if text.len() > CARD_BYTES_MAX {
            return Err(CardError::Form("longer than any card".to_owned()));
        }
        let wire: Wire =
            serde_json::from_str(text).map_err(|error| CardError::Form(error.to_string()))?;
        if wire.detente_card != 1 {
            return Err(CardError::Form("another version of card".to_owned()));
        }
        let bytes = |member: &'static str, text: &str| {
            STANDARD
                .decode(text)
                .map_err(|_| CardError::Form(format!("`{member}` is not base64")))
        };
        let card = Self {
            holder: wire.holder,
            origin: wire.origin,
            genesis: bytes("genesis", &wire.genesis)?,
            transport: bytes("transport", &wire.transport)?
                .try_into()
                .map_err(|_| CardError::Form("`transport` is not a key".to_owned()))?,
            address: wire.address,
        };
        let unit = card.unit_key()?;
        let signature: [u8; SIGNATURE_BYTES] = bytes("signature", &wire.signature)?
            .try_into()
            .map_err(|_| CardError::Signature)?;
        if !unit.verify_raw(&card.message(), &signature) {
            return Err(CardError::Signature);
        }
        Ok(card)
    }

    fn unit_key(&self) -> Result<detente_ledger::vkey::Vkey, CardError> {
        let entry = SignedEntry::parse(&self.genesis).map_err(|_| CardError::Genesis)?;
        let event = SignedKeyEvent::from_json(&entry.entry().body).ok_or(CardError::Genesis)?;
        let keys = KeyHistory::genesis(0, &self.genesis, &event).map_err(|_| CardError::Genesis)?;
        let log = keys.active(Role::Log).ok_or(CardError::Genesis)?;
        if log.name().as_str() != self.origin {
            return Err(CardError::Origin);
        }
        keys.active(Role::Unit).cloned().ok_or(CardError::Genesis)
    }

    fn message(&self) -> Vec<u8> {
        let transport = STANDARD.encode(self.transport);
        let genesis = Hash::of(&self.genesis).to_hex();
        let lines = [
            &self.holder,
            &self.origin,
            &genesis,
            &transport,
            &self.address,
        ];
        let mut message = SIGNATURE_DOMAIN.as_bytes().to_vec();
        for line in lines {
            // Lengths in front keep two cards from sharing one message.
            message.extend_from_slice(format!("{}:{line}\n", line.len()).as_bytes());
        }
        message
    }

    /// Returns the digits to read aloud: equal only for equal holder, ledger and transport.
    ///
    /// The address is left out: it may change without a new agreement.
    pub fn fingerprint(&self) -> String {
        let parts = [
            self.holder.as_bytes(),
            self.origin.as_bytes(),
            &self.genesis,
            &self.transport,
        ];
        let mut hasher = Sha512::new();
        hasher.update(b"detente/fingerprint/v1");
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        spoken(&hasher.finalize())
    }
}

/// Writes the fingerprint of a whole agreement: its dossier and every card, whoever computes it.
pub fn agreement_fingerprint(dossier: &Hash, cards: &[Card]) -> String {
    let mut lines: Vec<String> = cards.iter().map(Card::fingerprint).collect();
    lines.sort();
    let mut hasher = Sha512::new();
    hasher.update(b"detente/agreement-fingerprint/v1");
    hasher.update(dossier.to_hex());
    for line in lines {
        hasher.update(line);
    }
    spoken(&hasher.finalize())
}

/// Writes a digest as groups of digits.
fn spoken(digest: &[u8]) -> String {
    let modulus = 10_u64.pow(u32::try_from(GROUP_DIGITS).unwrap_or(0));
    let groups: Vec<String> = digest
        .chunks_exact(5)
        .take(FINGERPRINT_GROUPS)
        .map(|chunk| {
            let number = chunk
                .iter()
                .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            format!("{:0GROUP_DIGITS$}", number % modulus)
        })
        .collect();
    groups.join(" ")
}

/// A card was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// Not a card.
    #[error("not a card: {0}")]
    Form(String),
    /// Its genesis entry is not the beginning of a ledger.
    #[error("the card's genesis entry does not begin a ledger")]
    Genesis,
    /// Its origin is not that of the ledger.
    #[error("the card's origin is not the name of the key that signs the ledger")]
    Origin,
    /// Its signature does not hold.
    #[error("the card is not signed by the unit key of its ledger")]
    Signature,
}
