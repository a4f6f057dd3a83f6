//! The secret keys of a participant, encrypted with a passphrase in the age format.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use detente_ledger::keys::{Role, RootSigner, SignedKeyEvent};
use detente_ledger::seal::{SealSecretKey, SealSuite};
use detente_ledger::vkey::{KEY_BYTES, KeyName, NoteSigner};
use detente_server::house::{KeyRing, NodeKeys};
use serde_json::{Map, Value, json};

use super::passphrase::Passphrase;
use crate::failure::{Failure, FailureKind};

/// The encrypted file.
const SECRET_FILE: &str = "keys.age";
/// The public keys, one `role key` a line.
pub(super) const PUBLIC_FILE: &str = "keys.pub";
/// scrypt with 2^16 blocks: about a fifth of a second and 64 MiB for every guess.
const WORK_FACTOR: u8 = 16;
/// The most blocks of scrypt that are worked through to open a file, 2^20: sixteen times as many, and a gibibyte. Left to
/// itself the age crate measures the machine for a moment, and one that was busy in it could not open its own keys.
const WORK_FACTOR_MAX: u8 = 20;
/// Largest file read: the most generations, and room.
const SECRET_BYTES_MAX: usize = 8 << 20;
/// Generations of keys kept: a rotation every week for twenty years, at about 3 KB each.
const GENERATIONS_MAX: usize = 1_024;

type Seed = [u8; KEY_BYTES];

/// Every secret seed of a participant.
///
/// Earlier keys are kept with the newest: the ledger alone says which are in use, what was sealed to
/// earlier ones is still to be opened, and a ledger restored from before a rotation is continued with
/// those of its time.
pub(super) struct Chest {
    name: String,
    sequence: u64,
    root: Seed,
    /// Announced by its hash, used in the next event.
    next_root: Seed,
    newest: Generation,
    /// The oldest first.
    former: Vec<Generation>,
}

/// Keys that are used together.
#[derive(Clone)]
struct Generation {
    log: Seed,
    cosign: Seed,
    unit: Seed,
    seal: Seed,
    /// What announces them; the first are announced by the genesis.
    event: Option<SignedKeyEvent>,
}

impl Chest {
    /// Returns whether a folder holds keys.
    pub(super) fn exists(folder: &Path) -> bool {
        folder.join(SECRET_FILE).exists()
    }

    /// Draws new keys from the operating system.
    pub(super) fn draw(name: &str) -> Result<Self, Failure> {
        Ok(Self {
            name: name.to_owned(),
            sequence: 0,
            root: draw()?,
            next_root: draw()?,
            newest: Generation {
                log: draw()?,
                cosign: draw()?,
                unit: draw()?,
                seal: draw()?,
                event: None,
            },
            former: Vec::new(),
        })
    }

    /// Draws the keys that follow these: the announced root becomes the root.
    pub(super) fn next(&self) -> Result<Self, Failure> {
        let drawn = Self::draw(&self.name)?;
        let mut former = self.former.clone();
        former.push(self.newest.clone());
        if former.len() >= GENERATIONS_MAX {
            let message = format!("these keys were replaced {GENERATIONS_MAX} times");
            return Err(Failure::new(FailureKind::InvalidInput, message)
                .hint("begin a ledger with new keys, and let the others take its card"));
        }
        Ok(Self {
            sequence: self.sequence + 1,
            root: self.next_root,
            former,
            ..drawn
        })
    }

    /// Keeps what announces the newest keys with them.
    pub(super) fn announce(&mut self, event: SignedKeyEvent) {
        self.newest.event = Some(event);
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn sequence(&self) -> u64 {
        self.sequence
    }

    pub(super) fn root(&self) -> Result<RootSigner, Failure> {
        RootSigner::from_seed(&self.root).ok_or_else(unusable)
    }

    pub(super) fn next_root(&self) -> Result<RootSigner, Failure> {
        RootSigner::from_seed(&self.next_root).ok_or_else(unusable)
    }

    /// Returns the signing key of a role. The log key bears the participant's name, which is the
    /// ledger's origin; the others say their role behind it.
    pub(super) fn signer(&self, role: Role) -> Result<NoteSigner, Failure> {
        self.signer_of(&self.newest, role)
    }

    /// Returns the signing key of a role that the event of a number announced; none where the chest
    /// does not hold it.
    pub(super) fn signer_announced_by(
        &self,
        sequence: u64,
        role: Role,
    ) -> Result<Option<NoteSigner>, Failure> {
        let Some(back) = self.sequence.checked_sub(sequence) else {
            return Ok(None);
        };
        let back = usize::try_from(back).unwrap_or(usize::MAX);
        let mut newest_first = std::iter::once(&self.newest).chain(self.former.iter().rev());
        let generation = newest_first.nth(back);
        generation.map(|it| self.signer_of(it, role)).transpose()
    }

    fn signer_of(&self, generation: &Generation, role: Role) -> Result<NoteSigner, Failure> {
        let (name, seed) = match role {
            Role::Log => (self.name.clone(), &generation.log),
            Role::Cosign => (format!("{}/cosign", self.name), &generation.cosign),
            Role::Unit => (format!("{}/unit", self.name), &generation.unit),
        };
        KeyName::parse(&name)
            .and_then(|name| NoteSigner::new(name, role.signature_type(), seed))
            .map_err(|error| Failure::new(FailureKind::InvalidInput, error))
    }

    pub(super) fn seal(&self) -> SealSecretKey {
        SealSecretKey::from_seed(SealSuite::X25519, &self.newest.seal)
    }

    /// Returns what a running node needs of them.
    pub(super) fn ring(&self) -> KeyRing {
        let of = |it: &Generation| NodeKeys::new(&self.name, it.log, it.cosign, it.unit, it.seal);
        let mut all = self.former.iter().chain([&self.newest]);
        let first = all.next().unwrap_or(&self.newest);
        all.fold(KeyRing::new(of(first)), |ring, it| {
            ring.then(of(it), it.event.clone())
        })
    }

    /// Returns the public keys, one `role key` a line.
    pub(super) fn public_lines(&self) -> Result<Vec<String>, Failure> {
        let mut lines = Vec::new();
        for role in Role::ALL {
            lines.push(format!("{} {}", role.name(), self.signer(role)?.vkey()));
        }
        lines.push(format!("seal {}", self.seal().public().id()));
        Ok(lines)
    }

    /// Encrypts the secret keys and writes them with the public ones.
    pub(super) fn save(&self, folder: &Path, passphrase: &Passphrase) -> Result<(), Failure> {
        let mut recipient = age::scrypt::Recipient::new(passphrase.secret());
        recipient.set_work_factor(WORK_FACTOR);
        let secret = self.to_json().to_string();
        let bytes = age::encrypt(&recipient, secret.as_bytes())
            .map_err(|error| Failure::new(FailureKind::Usage, error))?;
        let public = self.public_lines()?.join("\n") + "\n";
        replace(folder, SECRET_FILE, &bytes)?;
        replace(folder, PUBLIC_FILE, public.as_bytes())
    }

    /// Decrypts the secret keys.
    pub(super) fn open(folder: &Path, passphrase: &Passphrase) -> Result<Self, Failure> {
        let path = folder.join(SECRET_FILE);
        let bytes = fs::read(&path).map_err(|error| Failure::unreadable(&path, error))?;
        let invalid = |message: &str| {
            Failure::new(
                FailureKind::InvalidInput,
                format!("`{}`: {message}", path.display()),
            )
        };
        if bytes.len() > SECRET_BYTES_MAX {
            return Err(invalid("too long for a key file"));
        }
        let mut identity = age::scrypt::Identity::new(passphrase.secret());
        identity.set_max_work_factor(WORK_FACTOR_MAX);
        let secret = age::decrypt(&identity, &bytes)
            .map_err(|error| invalid(&error.to_string()).hint("is the passphrase right?"))?;
        serde_json::from_slice(&secret)
            .ok()
            .and_then(|value| Self::from_json(&value))
            .ok_or_else(|| invalid("not the keys of a participant"))
    }

    fn to_json(&self) -> Value {
        let list = |seed: &Seed| Value::from(seed.to_vec());
        let mut members = self.newest.to_json();
        members.insert("name".to_owned(), json!(self.name));
        members.insert("sequence".to_owned(), json!(self.sequence));
        members.insert("root".to_owned(), list(&self.root));
        members.insert("next_root".to_owned(), list(&self.next_root));
        let former = self.former.iter().map(Generation::to_json);
        members.insert(
            "former".to_owned(),
            former.map(Value::Object).collect::<Vec<_>>().into(),
        );
        Value::Object(members)
    }

    fn from_json(value: &Value) -> Option<Self> {
        // Chests of before say nothing of earlier keys.
        let former = match value.get("former") {
            None => Vec::new(),
            Some(former) => {
                let former = former.as_array()?.iter();
                former.map(Generation::from_json).collect::<Option<_>>()?
            }
        };
        Some(Self {
            name: value.get("name")?.as_str()?.to_owned(),
            sequence: value.get("sequence")?.as_u64()?,
            root: seed(value, "root")?,
            next_root: seed(value, "next_root")?,
            newest: Generation::from_json(value)?,
            former,
        })
    }
}

impl Generation {
    fn to_json(&self) -> Map<String, Value> {
        let list = |seed: &Seed| Value::from(seed.to_vec());
        let event = self.event.as_ref().map(SignedKeyEvent::to_json);
        Map::from_iter([
            ("log".to_owned(), list(&self.log)),
            ("cosign".to_owned(), list(&self.cosign)),
            ("unit".to_owned(), list(&self.unit)),
            ("seal".to_owned(), list(&self.seal)),
            ("event".to_owned(), event.map_or(Value::Null, Value::Object)),
        ])
    }

    fn from_json(value: &Value) -> Option<Self> {
        let event = match value.get("event") {
            None | Some(Value::Null) => None,
            Some(event) => Some(SignedKeyEvent::from_json(event.as_object()?)?),
        };
        Some(Self {
            log: seed(value, "log")?,
            cosign: seed(value, "cosign")?,
            unit: seed(value, "unit")?,
            seal: seed(value, "seal")?,
            event,
        })
    }
}

fn seed(value: &Value, name: &str) -> Option<Seed> {
    serde_json::from_value(value.get(name)?.clone()).ok()
}

fn draw() -> Result<Seed, Failure> {
    let mut seed = [0; KEY_BYTES];
    getrandom::fill(&mut seed).map_err(|error| Failure::new(FailureKind::Usage, error))?;
    Ok(seed)
}

fn unusable() -> Failure {
    Failure::new(FailureKind::Bug, "a drawn key is unusable")
}

/// Replaces a file in one step, readable by its owner only.
fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let path = folder.join(name);
    let successor = folder.join(format!("{name}.new"));
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&successor)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&successor, &path)?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(|error| Failure::unwritable(&path, error))
}
