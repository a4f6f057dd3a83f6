//! Signed notes: a text and the signature lines below it.
//!
//! Source: <https://c2sp.org/signed-note>, "Format" and "Signatures".

use crate::cosignature;
use crate::hash::{decode_base64, encode_base64};
use crate::vkey::{KeyId, KeyName, NoteSigner, SignatureType, Vkey};

/// Largest note read: Go's verifier stops at the same million bytes.
pub const NOTE_BYTES_MAX: usize = 1_000_000;
/// Most signature lines read; the specification asks for at least 16.
pub const SIGNATURES_MAX: usize = 100;
/// Starts every signature line: em dash and space.
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// A note whose form is right; nothing in it may be believed before [`Note::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: KeyName,
    id: KeyId,
    bytes: Vec<u8>,
}

/// A signature that was checked and holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<'keys> {
    /// The key that signed.
    pub key: &'keys Vkey,
    /// Seconds since 1970, for a cosignature (type 04).
    pub time_s: Option<u64>,
}

impl Note {
    /// Makes an unsigned note; add signatures with [`Note::sign`] or [`Note::cosign`].
    ///
    /// # Errors
    ///
    /// [`NoteError::Text`] unless the text ends in a newline and holds no other control character.
    pub fn new(text: impl Into<String>) -> Result<Self, NoteError> {
        let text = text.into();
        if !text.ends_with('\n') || has_control(&text) {
            return Err(NoteError::Text);
        }
        Ok(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// Parses a note with at least one signature line.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Encoding)?;
        if has_control(whole) {
            return Err(NoteError::Encoding);
        }
        let split = whole.rfind("\n\n").ok_or(NoteError::NoSignatures)?;
        let (text, rest) = whole.split_at(split + 1);
        let block = rest.strip_prefix('\n').unwrap_or(rest);
        let signatures = parse_signature_lines(block)?;
        if signatures.is_empty() {
            return Err(NoteError::NoSignatures);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// Returns the signed text, ending in a newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the signature lines in their order.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Appends a signature over the text (type 01).
    pub fn sign(&mut self, signer: &NoteSigner) {
        let bytes = signer.sign_raw(self.text.as_bytes()).to_vec();
        self.push(signer.vkey(), bytes);
    }

    /// Appends a cosignature that states `time_s` (type 04).
    pub fn cosign(&mut self, signer: &NoteSigner, time_s: u64) {
        let bytes = cosignature::sign(signer, time_s, &self.text);
        self.push(signer.vkey(), bytes);
    }

    /// Appends signature lines received from elsewhere, such as a witness's answer.
    ///
    /// Lines that are already there are not repeated.
    pub fn add_lines(&mut self, lines: &str) -> Result<(), NoteError> {
        let added = parse_signature_lines(lines)?;
        for signature in added {
            if self.signatures.len() >= SIGNATURES_MAX {
                return Err(NoteError::TooManySignatures);
            }
            if !self.signatures.contains(&signature) {
                self.signatures.push(signature);
            }
        }
        Ok(())
    }

    fn push(&mut self, vkey: &Vkey, bytes: Vec<u8>) {
        self.signatures.push(NoteSignature {
            name: vkey.name().clone(),
            id: vkey.id(),
            bytes,
        });
    }

    /// Checks every signature by a known key.
    ///
    /// Signatures by unknown keys are ignored, even when they share the name or the id of a known
    /// key. One bad signature by a known key spoils the note.
    ///
    /// # Errors
    ///
    /// [`NoteError::BadSignature`], or [`NoteError::NoKnownSignature`] when no known key signed.
    pub fn verify<'keys>(&self, known: &'keys [Vkey]) -> Result<Vec<Verified<'keys>>, NoteError> {
        let mut verified = Vec::new();
        for signature in &self.signatures {
            let keys = known.iter().filter(|key| signature.is_by(key));
            for key in keys {
                let time_s = self
                    .check(key, signature)
                    .ok_or_else(|| NoteError::BadSignature {
                        name: signature.name.clone(),
                        id: signature.id,
                    })?;
                verified.push(Verified { key, time_s });
            }
        }
        if verified.is_empty() {
            return Err(NoteError::NoKnownSignature);
        }
        Ok(verified)
    }

    fn check(&self, key: &Vkey, signature: &NoteSignature) -> Option<Option<u64>> {
        match key.signature_type() {
            SignatureType::Ed25519 => key
                .verify_raw(self.text.as_bytes(), &signature.bytes)
                .then_some(None),
            SignatureType::CosignatureV1 => {
                cosignature::verify(key, &signature.bytes, &self.text).map(Some)
            }
            SignatureType::Unsupported(_) => None,
        }
    }

    /// Returns the bytes as served, stored and parsed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.text.clone();
        out.push('\n');
        for signature in &self.signatures {
            out.push_str(&signature.to_line());
        }
        out.into_bytes()
    }
}

impl NoteSignature {
    /// Returns the key name on the line.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// Returns the key id on the line.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Returns the line, from the em dash to the newline.
    pub fn to_line(&self) -> String {
        let mut blob = self.id.0.to_vec();
        blob.extend_from_slice(&self.bytes);
        format!("{SIGNATURE_PREFIX}{} {}\n", self.name, encode_base64(&blob))
    }

    fn is_by(&self, key: &Vkey) -> bool {
        // A key of an unsupported type is an unknown key: its signatures are ignored.
        !matches!(key.signature_type(), SignatureType::Unsupported(_))
            && key.id() == self.id
            && key.name() == &self.name
    }
}

fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < b' ' && byte != b'\n')
}

fn parse_signature_lines(block: &str) -> Result<Vec<NoteSignature>, NoteError> {
    let mut signatures = Vec::new();
    if block.is_empty() {
        return Ok(signatures);
    }
    let lines = block
        .strip_suffix('\n')
        .ok_or(NoteError::SignatureLine { line: 0 })?;
    for (number, line) in lines.split('\n').enumerate() {
        if number >= SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures);
        }
        let signature =
            parse_signature_line(line).ok_or(NoteError::SignatureLine { line: number + 1 })?;
        signatures.push(signature);
    }
    Ok(signatures)
}

fn parse_signature_line(line: &str) -> Option<NoteSignature> {
    let (name, blob) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
    let blob = decode_base64(blob)?;
    let (id, bytes) = blob.split_first_chunk::<4>()?;
    if bytes.is_empty() {
        return None;
    }
    Some(NoteSignature {
        name: KeyName::parse(name).ok()?,
        id: KeyId(*id),
        bytes: bytes.to_vec(),
    })
}

/// A note was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// The text to sign does not end in a newline or holds control characters.
    #[error("a note text ends in a newline and holds no other control character")]
    Text,
    /// More than [`NOTE_BYTES_MAX`] bytes.
    #[error("the note is longer than {NOTE_BYTES_MAX} bytes")]
    TooLong,
    /// Not UTF-8, or control characters.
    #[error("the note is not UTF-8 text free of control characters")]
    Encoding,
    /// No blank line followed by signature lines.
    #[error("the note carries no signature lines")]
    NoSignatures,
    /// More than [`SIGNATURES_MAX`] lines.
    #[error("the note carries more than {SIGNATURES_MAX} signatures")]
    TooManySignatures,
    /// A line in the signature block is not a signature line.
    #[error("signature line {line} does not read `\u{2014} name base64`")]
    SignatureLine {
        /// One-based; 0 when the block does not end in a newline.
        line: usize,
    },
    /// A known key's signature does not hold.
    #[error("the signature by `{name}` ({id}) does not verify")]
    BadSignature {
        /// The key name on the line.
        name: KeyName,
        /// The key id on the line.
        id: KeyId,
    },
    /// None of the keys known to the reader signed.
    #[error("no known key signed the note")]
    NoKnownSignature,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const PUBLISHED_KEY: &str =
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    fn signer(name: &str, seed: u8) -> NoteSigner {
        let name = KeyName::parse(name).expect("name");
        NoteSigner::new(name, SignatureType::Ed25519, &[seed; 32]).expect("key")
    }

    #[test]
    fn the_note_published_with_go_verifies() {
        let note = Note::parse(PUBLISHED.as_bytes()).expect("note");
        let keys = [Vkey::parse(PUBLISHED_KEY).expect("key")];
        assert_eq!(note.verify(&keys).expect("signature").len(), 1);
        assert_eq!(note.to_bytes(), PUBLISHED.as_bytes());
    }

    #[test]
    fn the_text_ends_at_the_last_blank_line() {
        let mut note = Note::new("a\n\nb\n").expect("text");
        note.sign(&signer("k", 1));
        let read = Note::parse(&note.to_bytes()).expect("note");
        assert_eq!(read.text(), "a\n\nb\n");
    }

    #[test]
    fn sharing_only_name_or_only_id_is_unknown() {
        let mut note = Note::new("text\n").expect("text");
        note.sign(&signer("k", 1));
        let stranger = signer("k", 2);
        assert_eq!(
            note.verify(&[stranger.vkey().clone()]),
            Err(NoteError::NoKnownSignature)
        );
    }

    #[test]
    fn one_bad_signature_by_a_known_key_spoils_the_note() {
        let (first, second) = (signer("a", 1), signer("b", 2));
        let mut note = Note::new("text\n").expect("text");
        note.sign(&first);
        let mut other = Note::new("other\n").expect("text");
        other.sign(&second);
        let stolen = other.signatures()[0].to_line();
        note.add_lines(&stolen).expect("line");
        let keys = [first.vkey().clone(), second.vkey().clone()];
        assert!(matches!(
            note.verify(&keys),
            Err(NoteError::BadSignature { .. })
        ));
        assert!(note.verify(&keys[..1]).is_ok());
    }

    #[test]
    fn sixteen_signatures_are_read_and_a_hundred_and_one_refused() {
        let mut note = Note::new("text\n").expect("text");
        for seed in 0..16 {
            note.sign(&signer("k", seed));
        }
        assert!(Note::parse(&note.to_bytes()).is_ok());
        for seed in 16..101 {
            note.sign(&signer("k", seed));
        }
        assert_eq!(
            Note::parse(&note.to_bytes()),
            Err(NoteError::TooManySignatures)
        );
    }

    #[test]
    fn malformed_notes_are_refused_with_the_reason() {
        let good = PUBLISHED;
        assert_eq!(Note::parse(b"a\n"), Err(NoteError::NoSignatures));
        assert_eq!(Note::parse(b"a\n\n"), Err(NoteError::NoSignatures));
        assert_eq!(Note::parse(b"\xff\n\n"), Err(NoteError::Encoding));
        assert_eq!(
            Note::parse(good.replace('\n', "\r\n").as_bytes()),
            Err(NoteError::Encoding)
        );
        assert_eq!(
            Note::parse(good.trim_end().as_bytes()),
            Err(NoteError::SignatureLine { line: 0 })
        );
        assert_eq!(
            Note::parse(good.replace("nAM=", "nAM").as_bytes()),
            Err(NoteError::SignatureLine { line: 1 })
        );
        assert_eq!(
            Note::parse(good.replace('\u{2014}', "-").as_bytes()),
            Err(NoteError::SignatureLine { line: 1 })
        );
        assert_eq!(
            Note::parse(&vec![b'a'; NOTE_BYTES_MAX + 1]),
            Err(NoteError::TooLong)
        );
        assert_eq!(Note::new("no newline"), Err(NoteError::Text));
    }
}
