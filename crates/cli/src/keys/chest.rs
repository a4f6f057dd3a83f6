//! The secret keys of a participant, encrypted with a passphrase in the age format.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use detente_ledger::keys::{Role, RootSigner};
use detente_ledger::seal::{SealSecretKey, SealSuite};
use detente_ledger::vkey::{KEY_BYTES, KeyName, NoteSigner};
use detente_server::house::NodeKeys;
use serde_json::{Value, json};

use super::passphrase::Passphrase;
use crate::failure::{Failure, FailureKind};

/// The encrypted file.
const SECRET_FILE: &str = "keys.age";
/// The public keys, one `role key` a line.
pub(super) const PUBLIC_FILE: &str = "keys.pub";
/// scrypt with 2^16 blocks: about a fifth of a second and 64 MiB for every guess.
const WORK_FACTOR: u8 = 16;
/// Largest file read: a handful of seeds.
const SECRET_BYTES_MAX: usize = 64 * 1024;

type Seed = [u8; KEY_BYTES];

/// Every secret seed of a participant.
pub(super) struct Chest {
    name: String,
    sequence: u64,
    root: Seed,
    /// Announced by its hash, used in the next event.
    next_root: Seed,
    log: Seed,
    cosign: Seed,
    unit: Seed,
    seal: Seed,
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
            log: draw()?,
            cosign: draw()?,
            unit: draw()?,
            seal: draw()?,
        })
    }

    /// Draws the keys that follow these: the announced root becomes the root.
    pub(super) fn next(&self) -> Result<Self, Failure> {
        let drawn = Self::draw(&self.name)?;
        Ok(Self {
            sequence: self.sequence + 1,
            root: self.next_root,
            ..drawn
        })
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
        let (name, seed) = match role {
            Role::Log => (self.name.clone(), &self.log),
            Role::Cosign => (format!("{}/cosign", self.name), &self.cosign),
            Role::Unit => (format!("{}/unit", self.name), &self.unit),
        };
        KeyName::parse(&name)
            .and_then(|name| NoteSigner::new(name, role.signature_type(), seed))
            .map_err(|error| Failure::new(FailureKind::InvalidInput, error))
    }

    pub(super) fn seal(&self) -> SealSecretKey {
        SealSecretKey::from_seed(SealSuite::X25519, &self.seal)
    }

    /// Returns what a running node needs of them.
    pub(super) fn node_keys(&self) -> NodeKeys {
        NodeKeys::new(&self.name, self.log, self.cosign, self.unit, self.seal)
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
        let identity = age::scrypt::Identity::new(passphrase.secret());
        let secret = age::decrypt(&identity, &bytes)
            .map_err(|error| invalid(&error.to_string()).hint("is the passphrase right?"))?;
        serde_json::from_slice(&secret)
            .ok()
            .and_then(|value| Self::from_json(&value))
            .ok_or_else(|| invalid("not the keys of a participant"))
    }

    fn to_json(&self) -> Value {
        let list = |seed: &Seed| Value::from(seed.to_vec());
        json!({
            "name": self.name,
            "sequence": self.sequence,
            "root": list(&self.root),
            "next_root": list(&self.next_root),
            "log": list(&self.log),
            "cosign": list(&self.cosign),
            "unit": list(&self.unit),
            "seal": list(&self.seal),
        })
    }

    fn from_json(value: &Value) -> Option<Self> {
        let seed =
            |name: &str| -> Option<Seed> { serde_json::from_value(value.get(name)?.clone()).ok() };
        Some(Self {
            name: value.get("name")?.as_str()?.to_owned(),
            sequence: value.get("sequence")?.as_u64()?,
            root: seed("root")?,
            next_root: seed("next_root")?,
            log: seed("log")?,
            cosign: seed("cosign")?,
            unit: seed("unit")?,
            seal: seed("seal")?,
        })
    }
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
