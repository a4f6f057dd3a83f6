//! What was proved before, kept by content: the same articles, parties, property and provers give
//! the same answer, and need not be asked again.
//!
//! A file that cannot be read, was cut short or was written by another version counts as absent.
//! Only decided answers are kept; what timed out may be decided by a faster machine.

use std::path::PathBuf;

use detente_agreement::prove::REVISION;
use detente_formats::Dossier;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::file;

/// Changes when the files of the cache are written differently.
const FORMAT: u32 = 1;
/// The largest file of the cache that is read; answers have kilobytes.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// A folder of answers, or none.
#[derive(Debug)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
    /// Everything all answers rest on.
    basis: [u8; 32],
}

/// One answer as it is written: the text and its hash, so that a damaged file shows.
#[derive(Serialize, Deserialize)]
struct Kept {
    format: u32,
    sha256: String,
    answer: String,
}

impl Cache {
    /// The cache for answers about `dossier` by these provers, in `folder` or nowhere.
    pub(super) fn new(folder: Option<PathBuf>, dossier: &Dossier, provers: &[String]) -> Self {
        let mut agreement = dossier.agreement.clone();
        // Where the document names articles says nothing about what they say.
        agreement.citations.clear();
        let areas: Vec<&str> = dossier.areas.iter().map(|area| area.id.as_str()).collect();
        let categories: Vec<&str> = dossier
            .protected
            .iter()
            .map(|object| object.category.as_str())
            .collect();
        let schema = dossier.schema_extension.as_ref();
        let mut hash = Sha256::new();
        for part in [
            format!("{FORMAT} {REVISION} {}", env!("CARGO_PKG_VERSION")),
            format!("{agreement:?}"),
            dossier.articles.text.clone(),
            format!("{:?}", schema.map(|schema| &schema.text)),
            format!("{areas:?} {categories:?}"),
            format!("{provers:?}"),
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self {
            folder,
            basis: hash.finalize().into(),
        }
    }

    /// The answer kept for `question`.
    pub(super) fn get<T: DeserializeOwned>(&self, question: &str) -> Option<T> {
        let path = self.path(question)?;
        if std::fs::metadata(&path).ok()?.len() > FILE_BYTES_MAX {
            return None;
        }
        let kept: Kept = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        let sound = kept.format == FORMAT && kept.sha256 == hex(&Sha256::digest(&kept.answer));
        sound.then(|| serde_json::from_str(&kept.answer).ok())?
    }

    /// Keeps an answer; that it cannot be written is no reason to fail.
    pub(super) fn put<T: Serialize>(&self, question: &str, answer: &T) {
        let Some(path) = self.path(question) else {
            return;
        };
        let Ok(answer) = serde_json::to_string(answer) else {
            return;
        };
        let kept = Kept {
            format: FORMAT,
            sha256: hex(&Sha256::digest(&answer)),
            answer,
        };
        let (Some(folder), Ok(text)) = (path.parent(), serde_json::to_vec(&kept)) else {
            return;
        };
        if std::fs::create_dir_all(folder).is_ok() {
            let _ = file::write(&path, &text);
        }
    }

    fn path(&self, question: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        let mut hash = Sha256::new();
        hash.update(self.basis);
        hash.update(question.as_bytes());
        Some(folder.join(format!("{}.json", hex(&hash.finalize()))))
    }
}

/// Where the platform keeps what can be made again.
pub(super) fn platform_folder() -> Option<PathBuf> {
    let variable = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Caches"))
    } else if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else {
        variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))
    };
    base.map(|base| base.join("detente").join("proofs"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
