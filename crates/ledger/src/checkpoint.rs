//! Checkpoints: the size and root of a log, to be signed.
//!
//! Source: <https://c2sp.org/tlog-checkpoint>, "Note text".

use crate::hash::{Hash, SIZE_MAX, parse_decimal};
use crate::note::{Note, NoteError};
use crate::vkey::{KeyName, Vkey};

/// Longest origin line read.
pub const ORIGIN_BYTES_MAX: usize = 255;

/// The head of a log: who it is, how many entries, and the hash that fixes all of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// Makes a checkpoint without extension lines (they cannot be audited, so we write none).
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Origin`] and [`CheckpointError::Size`].
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        let bad = origin.is_empty() || origin.len() > ORIGIN_BYTES_MAX;
        if bad || origin.bytes().any(|byte| byte < b' ') {
            return Err(CheckpointError::Origin);
        }
        if size > SIZE_MAX {
            return Err(CheckpointError::Size);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions: Vec::new(),
        })
    }

    /// Reads the text of a note, without the signatures.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let body = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Lines);
        };
        let size = parse_decimal(size).ok_or(CheckpointError::Size)?;
        let root = Hash::from_base64(root).ok_or(CheckpointError::Root)?;
        let mut checkpoint = Self::new(origin, size, root)?;
        for line in lines {
            if line.is_empty() {
                return Err(CheckpointError::EmptyExtension);
            }
            checkpoint.extensions.push(line.to_owned());
        }
        Ok(checkpoint)
    }

    /// Returns the origin line.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the number of entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns the root hash (RFC 6962).
    pub fn root(&self) -> Hash {
        self.root
    }

    /// Returns the extension lines; nothing in Detente gives them a meaning.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// Returns the note text.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Returns an unsigned note of this checkpoint.
    pub fn to_note(&self) -> Result<Note, NoteError> {
        Note::new(self.to_text())
    }
}

/// A checkpoint together with the note that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    note: Note,
    checkpoint: Checkpoint,
}

impl SignedCheckpoint {
    /// Parses the file `checkpoint` of a log: form only, no signature is checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        Self::from_note(Note::parse(bytes)?)
    }

    /// Reads the checkpoint inside a note.
    pub fn from_note(note: Note) -> Result<Self, CheckpointError> {
        let checkpoint = Checkpoint::parse(note.text())?;
        Ok(Self { note, checkpoint })
    }

    /// Returns the head.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Returns the note.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Returns the note for adding signatures; the text cannot change.
    pub fn note_mut(&mut self) -> &mut Note {
        &mut self.note
    }

    /// Checks that one of `keys` signed and that its name is the origin.
    ///
    /// # Errors
    ///
    /// What [`Note::verify`] returns, and [`CheckpointError::OriginMismatch`].
    pub fn verify_log(&self, keys: &[Vkey]) -> Result<(), CheckpointError> {
        let verified = self.note.verify(keys)?;
        let by_log = |name: &KeyName| name.as_str() == self.checkpoint.origin;
        if verified
            .iter()
            .any(|signature| by_log(signature.key.name()))
        {
            return Ok(());
        }
        Err(CheckpointError::OriginMismatch {
            origin: self.checkpoint.origin.clone(),
        })
    }
}

/// A checkpoint was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The note around it is wrong.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Fewer than three lines.
    #[error("a checkpoint has at least the three lines origin, size and root")]
    Lines,
    /// The origin is empty, too long, or holds control characters.
    #[error("the origin line is empty, longer than {ORIGIN_BYTES_MAX} bytes, or not text")]
    Origin,
    /// Not a canonical decimal up to 2^63 - 1.
    #[error("the size line is not a plain decimal up to 2^63 - 1")]
    Size,
    /// Not the base64 of 32 bytes.
    #[error("the root line is not the base64 of 32 bytes")]
    Root,
    /// An empty extension line.
    #[error("an extension line is empty")]
    EmptyExtension,
    /// The signature holds, but by a key of another log.
    #[error("no key named like the origin `{origin}` signed the checkpoint")]
    OriginMismatch {
        /// The origin in the checkpoint.
        origin: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    #[test]
    fn the_published_example_round_trips() {
        let text = format!("example.com/behind-the-sofa\n20852163\n{ROOT}\n");
        let checkpoint = Checkpoint::parse(&text).expect("checkpoint");
        assert_eq!(checkpoint.size(), 20_852_163);
        assert_eq!(checkpoint.to_text(), text);
    }

    #[test]
    fn extension_lines_are_kept_verbatim() {
        let text = format!("o\n1\n{ROOT}\next one\nsecond\n");
        let checkpoint = Checkpoint::parse(&text).expect("checkpoint");
        assert_eq!(checkpoint.extensions(), ["ext one", "second"]);
        assert_eq!(checkpoint.to_text(), text);
    }

    #[test]
    fn every_refusal_has_its_reason() {
        let case = |text: String| Checkpoint::parse(&text).expect_err("refused");
        assert_eq!(case(format!("o\n1\n{ROOT}")), CheckpointError::Lines);
        assert_eq!(case("o\n1\n".to_owned()), CheckpointError::Lines);
        assert_eq!(case(format!("\n1\n{ROOT}\n")), CheckpointError::Origin);
        for size in ["01", "+1", "-1", "", "9223372036854775808", "1e3"] {
            assert_eq!(
                case(format!("o\n{size}\n{ROOT}\n")),
                CheckpointError::Size,
                "{size}"
            );
        }
        assert_eq!(
            case(format!("o\n1\n{}\n", &ROOT[1..])),
            CheckpointError::Root
        );
        assert_eq!(
            case(format!("o\n1\n{ROOT}\n\n")),
            CheckpointError::EmptyExtension
        );
    }
}
