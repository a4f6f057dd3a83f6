//! Trust policies: which logs and which witnesses make a checkpoint believable.
//!
//! Source: <https://c2sp.org/tlog-policy>.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkpoint::SignedCheckpoint;
use crate::hash::parse_decimal;
use crate::note::NoteError;
use crate::vkey::{Vkey, VkeyError};

/// Most logs, witnesses and groups, each; the specification recommends at least 32.
pub const POLICY_ITEMS_MAX: usize = 256;
/// Longest policy file.
pub const POLICY_BYTES_MAX: usize = 1 << 20;

/// A parsed policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Vkey>,
    witnesses: Vec<Witness>,
    /// In the order of the file; a member always precedes its group.
    groups: Vec<Group>,
    quorum: Quorum,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Witness {
    name: Vec<u8>,
    vkey: Vkey,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: Vec<u8>,
    threshold: u64,
    members: Vec<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Quorum {
    None,
    Named(Vec<u8>),
}

/// What a policy says about a checkpoint that satisfies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// The log key that signed; `None` when the policy names no log and the caller knew it.
    pub log: Option<Vkey>,
    /// Cosignatures by the policy's witnesses, with their times in seconds since 1970.
    pub cosigned: Vec<(Vkey, u64)>,
}

impl Policy {
    /// Parses a policy file.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with the one-based line.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        let mut draft = Draft::read(bytes, Draft::read_line)?;
        let quorum = draft.quorum.take().ok_or(PolicyError {
            line: 0,
            kind: PolicyErrorKind::NoQuorum,
        })?;
        Ok(draft.into_policy(quorum))
    }

    /// Reads what a person trusts: a policy file, or keys alone, one a line.
    ///
    /// A line may be a key instead of one of the four forms of a policy. Without a `quorum` line no cosignature is
    /// asked for; those by known keys are told all the same.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with the one-based line.
    pub fn parse_trusted(bytes: &[u8]) -> Result<Self, PolicyError> {
        let mut draft = Draft::read(bytes, Draft::read_line_or_key)?;
        let quorum = draft.quorum.take().unwrap_or(Quorum::None);
        Ok(draft.into_policy(quorum))
    }

    /// Makes the policy "signed by this log, no cosignatures needed".
    pub fn of_log(log: Vkey) -> Self {
        Self {
            logs: vec![log],
            witnesses: Vec::new(),
            groups: Vec::new(),
            quorum: Quorum::None,
        }
    }

    /// Returns the log keys.
    pub fn logs(&self) -> &[Vkey] {
        &self.logs
    }

    /// Returns the witness keys with their names in the policy, in the order of the file.
    pub fn witnesses(&self) -> impl Iterator<Item = (&[u8], &Vkey)> {
        self.witnesses
            .iter()
            .map(|witness| (witness.name.as_slice(), &witness.vkey))
    }

    /// Judges a checkpoint, which the log itself must have signed also where the policy names none.
    ///
    /// # Errors
    ///
    /// [`UntrustedError`]: why the checkpoint is not to be believed.
    pub fn check_by_log(&self, signed: &SignedCheckpoint) -> Result<Trusted, UntrustedError> {
        let trusted = self.check(signed)?;
        if trusted.log.is_none() {
            let origin = signed.checkpoint().origin().to_owned();
            return Err(UntrustedError::NotByLog { origin });
        }
        Ok(trusted)
    }

    /// Judges a checkpoint.
    ///
    /// # Errors
    ///
    /// [`UntrustedError`]: why the checkpoint is not to be believed.
    pub fn check(&self, signed: &SignedCheckpoint) -> Result<Trusted, UntrustedError> {
        let witnesses = self.witnesses.iter().map(|witness| witness.vkey.clone());
        let known: Vec<Vkey> = self.logs.iter().cloned().chain(witnesses).collect();
        let verified = match signed.note().verify(&known) {
            Ok(verified) => verified,
            Err(NoteError::NoKnownSignature) if self.logs.is_empty() => Vec::new(),
            Err(error) => return Err(UntrustedError::Note(error)),
        };
        let origin = signed.checkpoint().origin();
        let by_log = |key: &Vkey| self.logs.contains(key) && key.name().as_str() == origin;
        let log = verified
            .iter()
            .map(|signature| signature.key)
            .find(|key| by_log(key));
        if log.is_none() && !self.logs.is_empty() {
            return Err(UntrustedError::NotByLog {
                origin: origin.to_owned(),
            });
        }
        let cosigned: Vec<(Vkey, u64)> = verified
            .iter()
            .filter_map(|signature| Some((signature.key.clone(), signature.time_s?)))
            .collect();
        self.check_quorum(&cosigned)?;
        Ok(Trusted {
            log: log.cloned(),
            cosigned,
        })
    }

    fn check_quorum(&self, cosigned: &[(Vkey, u64)]) -> Result<(), UntrustedError> {
        let Quorum::Named(quorum) = &self.quorum else {
            return Ok(());
        };
        let mut satisfied: BTreeSet<&[u8]> = self
            .witnesses
            .iter()
            .filter(|witness| cosigned.iter().any(|(key, _)| *key == witness.vkey))
            .map(|witness| witness.name.as_slice())
            .collect();
        for group in &self.groups {
            let members = group.members.iter();
            let count = members
                .filter(|member| satisfied.contains(member.as_slice()))
                .count();
            if count as u64 >= group.threshold {
                satisfied.insert(&group.name);
            }
        }
        if satisfied.contains(quorum.as_slice()) {
            return Ok(());
        }
        Err(UntrustedError::Quorum {
            quorum: String::from_utf8_lossy(quorum).into_owned(),
            present: satisfied
                .iter()
                .map(|name| String::from_utf8_lossy(name).into_owned())
                .collect(),
        })
    }
}

#[derive(Default)]
struct Draft {
    logs: Vec<Vkey>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    quorum: Option<Quorum>,
    /// Every name, and whether a group has taken it as a member.
    names: BTreeMap<Vec<u8>, bool>,
}

impl Draft {
    fn read(
        bytes: &[u8],
        read_line: fn(&mut Self, &[u8]) -> Result<(), PolicyErrorKind>,
    ) -> Result<Self, PolicyError> {
        if bytes.len() > POLICY_BYTES_MAX {
            return Err(PolicyError {
                line: 0,
                kind: PolicyErrorKind::TooLong,
            });
        }
        let mut draft = Self::default();
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            read_line(&mut draft, line).map_err(|kind| PolicyError {
                line: number + 1,
                kind,
            })?;
        }
        Ok(draft)
    }

    fn into_policy(self, quorum: Quorum) -> Policy {
        Policy {
            logs: self.logs,
            witnesses: self.witnesses,
            groups: self.groups,
            quorum,
        }
    }

    /// As [`Draft::read_line`], where a line may be a key alone; people paste keys twice, and from files of Windows.
    fn read_line_or_key(&mut self, line: &[u8]) -> Result<(), PolicyErrorKind> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let word = line.trim_ascii();
        let is_key = word.contains(&b'+') && !word.starts_with(b"#");
        if !is_key || word.iter().any(u8::is_ascii_whitespace) {
            return self.read_line(line);
        }
        let vkey = parse_vkey(word)?;
        let witnesses = self.witnesses.iter().map(|witness| &witness.vkey);
        if self
            .logs
            .iter()
            .chain(witnesses)
            .any(|known| *known == vkey)
        {
            return Ok(());
        }
        match vkey.signature_type() {
            crate::vkey::SignatureType::Ed25519 => self.read_log(word),
            _ => self.read_witness(word, word),
        }
    }

    fn read_line(&mut self, line: &[u8]) -> Result<(), PolicyErrorKind> {
        if line
            .iter()
            .any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f)
        {
            return Err(PolicyErrorKind::ControlCharacter);
        }
        let words: Vec<&[u8]> = line
            .split(|byte| matches!(byte, b' ' | b'\t'))
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", vkey] | [b"log", vkey, _] => self.read_log(vkey),
            [b"witness", name, vkey] | [b"witness", name, vkey, _] => self.read_witness(name, vkey),
            [b"group", name, threshold, members @ ..] if !members.is_empty() => {
                self.read_group(name, threshold, members)
            }
            [b"quorum", name] => self.read_quorum(name),
            _ => Err(PolicyErrorKind::Form),
        }
    }

    fn read_log(&mut self, vkey: &[u8]) -> Result<(), PolicyErrorKind> {
        let vkey = parse_vkey(vkey)?;
        if self
            .logs
            .iter()
            .any(|log| log.public_bytes() == vkey.public_bytes())
        {
            return Err(PolicyErrorKind::DuplicateKey);
        }
        self.logs.push(vkey);
        at_most(self.logs.len())
    }

    fn read_witness(&mut self, name: &[u8], vkey: &[u8]) -> Result<(), PolicyErrorKind> {
        let vkey = parse_vkey(vkey)?;
        // A type 01 signature is no cosignature: it states no time and binds no witness.
        if vkey.signature_type() == crate::vkey::SignatureType::Ed25519 {
            return Err(PolicyErrorKind::NotACosigner);
        }
        let same = |witness: &Witness| witness.vkey.public_bytes() == vkey.public_bytes();
        if self.witnesses.iter().any(same) {
            return Err(PolicyErrorKind::DuplicateKey);
        }
        self.define(name)?;
        self.witnesses.push(Witness {
            name: name.to_vec(),
            vkey,
        });
        at_most(self.witnesses.len())
    }

    fn read_group(
        &mut self,
        name: &[u8],
        threshold: &[u8],
        members: &[&[u8]],
    ) -> Result<(), PolicyErrorKind> {
        let count = members.len() as u64;
        let threshold = match threshold {
            b"all" => count,
            b"any" => 1,
            digits => std::str::from_utf8(digits)
                .ok()
                .and_then(parse_decimal)
                .filter(|threshold| (1..=count).contains(threshold))
                .ok_or(PolicyErrorKind::Threshold)?,
        };
        for member in members {
            let taken = self.names.get_mut(*member).ok_or_else(|| unknown(member))?;
            if std::mem::replace(taken, true) {
                return Err(PolicyErrorKind::MemberTwice {
                    name: printable(member),
                });
            }
        }
        self.define(name)?;
        let members = members.iter().map(|member| member.to_vec()).collect();
        self.groups.push(Group {
            name: name.to_vec(),
            threshold,
            members,
        });
        at_most(self.groups.len())
    }

    fn read_quorum(&mut self, name: &[u8]) -> Result<(), PolicyErrorKind> {
        if self.quorum.is_some() {
            return Err(PolicyErrorKind::QuorumTwice);
        }
        self.quorum = Some(match name {
            b"none" => Quorum::None,
            name if self.names.contains_key(name) => Quorum::Named(name.to_vec()),
            name => return Err(unknown(name)),
        });
        Ok(())
    }

    fn define(&mut self, name: &[u8]) -> Result<(), PolicyErrorKind> {
        if name == b"none" || self.names.insert(name.to_vec(), false).is_some() {
            return Err(PolicyErrorKind::NameTaken {
                name: printable(name),
            });
        }
        Ok(())
    }
}

fn at_most(count: usize) -> Result<(), PolicyErrorKind> {
    if count > POLICY_ITEMS_MAX {
        return Err(PolicyErrorKind::TooLong);
    }
    Ok(())
}

fn parse_vkey(text: &[u8]) -> Result<Vkey, PolicyErrorKind> {
    let text = std::str::from_utf8(text).map_err(|_| PolicyErrorKind::Vkey(VkeyError::Form))?;
    Vkey::parse(text).map_err(PolicyErrorKind::Vkey)
}

fn unknown(name: &[u8]) -> PolicyErrorKind {
    PolicyErrorKind::UnknownName {
        name: printable(name),
    }
}

fn printable(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// A policy file was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy line {line}: {kind}")]
pub struct PolicyError {
    /// One-based line; 0 for the file as a whole.
    pub line: usize,
    /// Why.
    pub kind: PolicyErrorKind,
}

/// The reason inside a [`PolicyError`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyErrorKind {
    /// Too many bytes or items.
    #[error("the policy exceeds {POLICY_BYTES_MAX} bytes or {POLICY_ITEMS_MAX} items of a kind")]
    TooLong,
    /// A control character other than tab and newline.
    #[error("control characters other than tab and newline are not allowed")]
    ControlCharacter,
    /// Not one of the four line forms.
    #[error("expected `log`, `witness`, `group` or `quorum` with its fields")]
    Form,
    /// The key does not parse.
    #[error("{0}")]
    Vkey(VkeyError),
    /// A witness key whose type does not make cosignatures.
    #[error("a witness key is a cosignature key (type 04), not a note key (type 01)")]
    NotACosigner,
    /// The same public key twice.
    #[error("this public key is already listed")]
    DuplicateKey,
    /// A name defined twice, or `none`.
    #[error("the name `{name}` is taken")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A name not defined on a line above.
    #[error("the name `{name}` is not defined on a line above")]
    UnknownName {
        /// The name.
        name: String,
    },
    /// A name that is already the member of a group.
    #[error("`{name}` is already a member of a group")]
    MemberTwice {
        /// The name.
        name: String,
    },
    /// Not `all`, `any`, or a number from 1 to the number of members.
    #[error("the threshold is `all`, `any`, or a number from 1 to the number of members")]
    Threshold,
    /// A second quorum line.
    #[error("there is more than one quorum line")]
    QuorumTwice,
    /// No quorum line.
    #[error("there is no quorum line")]
    NoQuorum,
}

/// A checkpoint does not satisfy a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UntrustedError {
    /// A known signature is bad, or no known key signed.
    #[error(transparent)]
    Note(NoteError),
    /// No listed log whose name is the origin signed.
    #[error("no log key of the policy signed for the origin `{origin}`")]
    NotByLog {
        /// The origin in the checkpoint.
        origin: String,
    },
    /// Cosignatures are missing.
    #[error("the quorum `{quorum}` is not reached; cosigned by: [{}]", .present.join(", "))]
    Quorum {
        /// The name on the quorum line.
        quorum: String,
        /// Witnesses and groups that did witness.
        present: Vec<String>,
    },
}

impl UntrustedError {
    /// Returns the reason as one word, for programs and for pages in other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Note(NoteError::NoKnownSignature) | Self::NotByLog { .. } => "no_key",
            Self::Note(_) => "bad_signature",
            Self::Quorum { .. } => "quorum",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::hash::Hash;
    use crate::vkey::{KeyName, NoteSigner, SignatureType};

    fn key(name: &str, kind: SignatureType, seed: u8) -> NoteSigner {
        NoteSigner::new(KeyName::parse(name).expect("name"), kind, &[seed; 32]).expect("key")
    }

    fn log() -> NoteSigner {
        key("log.example", SignatureType::Ed25519, 1)
    }

    fn witness(seed: u8) -> NoteSigner {
        key("w.example", SignatureType::CosignatureV1, seed)
    }

    fn checkpoint(cosigners: &[u8]) -> SignedCheckpoint {
        let head = Checkpoint::new("log.example", 7, Hash::of(b"root")).expect("head");
        let mut note = head.to_note().expect("note");
        note.sign(&log());
        for seed in cosigners {
            note.cosign(&witness(*seed), 100 + u64::from(*seed));
        }
        SignedCheckpoint::from_note(note).expect("checkpoint")
    }

    fn two_level_policy() -> String {
        let mut text = format!("# trust\nlog {} https://log.example/\n", log().vkey());
        for seed in 11..=16 {
            text.push_str(&format!("\twitness W{seed}  {}\n", witness(seed).vkey()));
        }
        text.push_str("group X 2 W11 W12 W13\ngroup Y any W14 W15 W16\n");
        text.push_str("group XY all X Y\nquorum XY");
        text
    }

    #[test]
    fn a_two_level_quorum_is_counted() {
        let policy = Policy::parse(two_level_policy().as_bytes()).expect("policy");
        let trusted = policy.check(&checkpoint(&[11, 13, 16])).expect("quorum");
        assert_eq!(trusted.cosigned.len(), 3);
        assert_eq!(trusted.cosigned[0].1, 111);
        for short in [&[11, 12, 13][..], &[11, 14], &[14, 15, 16], &[]] {
            let result = policy.check(&checkpoint(short));
            assert!(
                matches!(result, Err(UntrustedError::Quorum { .. })),
                "{short:?}"
            );
        }
    }

    #[test]
    fn the_log_must_be_the_origin() {
        let stranger = key("other.example", SignatureType::Ed25519, 1);
        let text = format!("log {}\nquorum none\n", stranger.vkey());
        let policy = Policy::parse(text.as_bytes()).expect("policy");
        assert!(policy.check(&checkpoint(&[])).is_err());
        let head = Checkpoint::new("log.example", 7, Hash::of(b"root")).expect("head");
        let mut note = head.to_note().expect("note");
        note.sign(&stranger);
        let forged = SignedCheckpoint::from_note(note).expect("checkpoint");
        assert!(matches!(
            policy.check(&forged),
            Err(UntrustedError::NotByLog { .. })
        ));
    }

    #[test]
    fn a_bad_signature_of_a_known_witness_spoils_the_checkpoint() {
        let policy = Policy::parse(two_level_policy().as_bytes()).expect("policy");
        let mut signed = checkpoint(&[11, 12, 14]);
        let line = checkpoint(&[15]).note().signatures()[1].to_line();
        let bent = line.replace("AAAA", "AAAB");
        assert_ne!(line, bent);
        signed.note_mut().add_lines(&bent).expect("line");
        assert!(matches!(
            policy.check(&signed),
            Err(UntrustedError::Note(_))
        ));
    }

    #[test]
    fn every_refusal_names_its_line() {
        let w = witness(11).vkey().to_string();
        let w2 = witness(12).vkey().to_string();
        let l = log().vkey().to_string();
        let case = |text: String, line: usize, want: PolicyErrorKind| {
            assert_eq!(
                Policy::parse(text.as_bytes()),
                Err(PolicyError { line, kind: want })
            );
        };
        let name = |name: &str| name.to_owned();
        case(name(""), 0, PolicyErrorKind::NoQuorum);
        case(
            name("quorum none\nquorum none"),
            2,
            PolicyErrorKind::QuorumTwice,
        );
        case(
            name("quorum a"),
            1,
            PolicyErrorKind::UnknownName { name: name("a") },
        );
        case(name("\nfoo bar"), 2, PolicyErrorKind::Form);
        case(
            name("quorum none\r\n"),
            1,
            PolicyErrorKind::ControlCharacter,
        );
        case(name("log x"), 1, PolicyErrorKind::Vkey(VkeyError::Form));
        case(
            format!("log {l}\nlog {l}"),
            2,
            PolicyErrorKind::DuplicateKey,
        );
        case(
            format!("witness a {w}\nwitness b {w}"),
            2,
            PolicyErrorKind::DuplicateKey,
        );
        case(
            format!("witness none {w}"),
            1,
            PolicyErrorKind::NameTaken { name: name("none") },
        );
        case(format!("witness a {l}"), 1, PolicyErrorKind::NotACosigner);
        let taken = PolicyErrorKind::NameTaken { name: name("a") };
        case(format!("witness a {w}\nwitness a {w2}"), 2, taken);
        for threshold in ["0", "2", "01", "most"] {
            let text = format!("witness a {w}\ngroup g {threshold} a");
            case(text, 2, PolicyErrorKind::Threshold);
        }
        let twice = PolicyErrorKind::MemberTwice { name: name("a") };
        case(format!("witness a {w}\ngroup g all a a"), 2, twice.clone());
        case(
            format!("witness a {w}\ngroup g all a\ngroup h all a"),
            3,
            twice,
        );
        case(
            format!("witness a {w}\ngroup g all"),
            2,
            PolicyErrorKind::Form,
        );
        let unknown = PolicyErrorKind::UnknownName { name: name("g") };
        case(format!("witness a {w}\ngroup g all g"), 2, unknown);
    }

    #[test]
    fn thirty_two_of_each_are_read() {
        let mut text = String::new();
        for seed in 0..32_u8 {
            let log = key("l", SignatureType::Ed25519, 100 + seed);
            text.push_str(&format!("log {}\n", log.vkey()));
            text.push_str(&format!("witness w{seed} {}\n", witness(seed).vkey()));
            text.push_str(&format!("group g{seed} any w{seed}\n"));
        }
        text.push_str("quorum g31\n");
        assert_eq!(
            Policy::parse(text.as_bytes()).expect("policy").logs().len(),
            32
        );
    }

    #[test]
    fn keys_alone_are_read_as_what_a_person_trusts() {
        let (log, cosigner) = (log(), witness(7));
        let vkeys = [log.vkey(), cosigner.vkey()].map(ToString::to_string);
        let text = format!("# theirs\r\n{}\r\n\n  {}\n{0}\n", vkeys[0], vkeys[1]);
        let policy = Policy::parse_trusted(text.as_bytes()).expect("keys");
        assert_eq!(policy.logs(), [log.vkey().clone()]);
        assert_eq!(policy.witnesses().count(), 1);
        assert_eq!(policy.quorum, Quorum::None);
        let whole = format!("log {}\nwitness w {}\nquorum w\n", vkeys[0], vkeys[1]);
        assert_eq!(
            Policy::parse_trusted(whole.as_bytes()),
            Policy::parse(whole.as_bytes())
        );
        for (line, text) in [(1, "a key"), (2, "\nx+00000000+AQ=="), (1, "quorum w")] {
            let error = Policy::parse_trusted(text.as_bytes()).expect_err(text);
            assert_eq!(error.line, line, "{error}");
        }
    }

    #[test]
    fn the_ledger_itself_must_have_signed_where_that_is_asked() {
        let head = Checkpoint::new("log.example", 1, Hash::leaf(b"x")).expect("head");
        let mut note = head.to_note().expect("note");
        note.cosign(&witness(7), 5);
        let signed = SignedCheckpoint::from_note(note).expect("checkpoint");
        let policy = Policy::parse_trusted(witness(7).vkey().to_string().as_bytes()).expect("key");
        assert!(policy.check(&signed).is_ok());
        let refused = policy.check_by_log(&signed).expect_err("no log signed");
        assert_eq!(refused.code(), "no_key");
    }
}
