//! Timestamped Ed25519 cosignatures (type 04).
//!
//! A cosignature says: as of this time, the largest consistent tree seen for this origin has this
//! root. Source: <https://c2sp.org/tlog-cosignature>, "Format" and "Ed25519 signed message".

use crate::hash::SIZE_MAX;
use crate::vkey::{NoteSigner, SIGNATURE_BYTES, Vkey};

/// Bytes in the signature blob: the time and the Ed25519 signature.
const BLOB_BYTES: usize = 8 + SIGNATURE_BYTES;

/// Signs a checkpoint text at a time; returns the blob of the signature line without the key id.
pub(crate) fn sign(signer: &NoteSigner, time_s: u64, text: &str) -> Vec<u8> {
    let time_s = time_s.min(SIZE_MAX);
    let mut blob = time_s.to_be_bytes().to_vec();
    blob.extend_from_slice(&signer.sign_raw(&message(time_s, text)));
    blob
}

/// Checks a blob; returns the stated time in seconds since 1970 when the signature holds.
pub(crate) fn verify(key: &Vkey, blob: &[u8], text: &str) -> Option<u64> {
    if blob.len() != BLOB_BYTES {
        return None;
    }
    let (time, signature) = blob.split_first_chunk::<8>()?;
    let time_s = u64::from_be_bytes(*time);
    let holds = time_s <= SIZE_MAX && key.verify_raw(&message(time_s, text), signature);
    holds.then_some(time_s)
}

fn message(time_s: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time_s}\n{text}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::{Note, NoteError};
    use crate::vkey::{KeyName, SignatureType};

    fn witness() -> NoteSigner {
        let name = KeyName::parse("witness.example/w1").expect("name");
        NoteSigner::new(name, SignatureType::CosignatureV1, &[9; 32]).expect("key")
    }

    #[test]
    fn a_cosignature_verifies_with_its_time() {
        let mut note = Note::new("log.example\n1\nAAAA\n").expect("text");
        note.cosign(&witness(), 1_679_315_147);
        let keys = [witness().vkey().clone()];
        assert_eq!(
            note.verify(&keys).expect("holds")[0].time_s,
            Some(1_679_315_147)
        );
    }

    #[test]
    fn another_time_or_an_overlong_time_is_refused() {
        let text = "log.example\n1\nAAAA\n";
        let mut blob = sign(&witness(), 5, text);
        blob[7] = 6;
        assert_eq!(verify(witness().vkey(), &blob, text), None);
        blob[0] = 0x80;
        assert_eq!(verify(witness().vkey(), &blob, text), None);
        assert_eq!(verify(witness().vkey(), &blob[1..], text), None);
    }

    #[test]
    fn the_two_types_are_never_mixed_up() {
        let text = "log.example\n1\nAAAA\n";
        let mut note = Note::new(text).expect("text");
        note.sign(&witness());
        let keys = [witness().vkey().clone()];
        assert!(matches!(
            note.verify(&keys),
            Err(NoteError::BadSignature { .. })
        ));
    }
}
