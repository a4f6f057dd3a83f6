//! The dossier that tracks are held against, with its articles ready to answer.

use std::path::Path;

use detente_agreement::{AwarenessKey, Rulebook};
use detente_formats::Dossier;

use crate::diagnostics::{Documents, refuse, remark};
use crate::dossier::{read_folder, rulebook_of};
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// What was read, and found valid.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) dossier: Dossier,
    pub(super) rulebook: Rulebook,
    /// Shows that the dossier was read.
    pub(super) awareness: AwarenessKey,
}

impl Input {
    /// Reads the folder; every problem of every file is told before giving up.
    pub(super) fn read(folder: &Path, json: bool, printer: &mut Printer) -> Result<Self, Failure> {
        let mut documents = Documents::default();
        let (dossier, mut problems) = read_folder(folder, &mut documents)?;
        let rulebook = dossier
            .as_ref()
            .and_then(|dossier| rulebook_of(dossier, &mut problems));
        problems.sort_by_place();
        match (dossier, rulebook) {
            (Some(dossier), Some(rulebook)) if !problems.has_errors() => {
                remark(&problems, &documents, printer);
                Ok(Self {
                    awareness: AwarenessKey(dossier.content.sha256()),
                    dossier,
                    rulebook,
                })
            }
            _ => {
                refuse(&problems, &documents, json, printer)?;
                Err(Failure::new(
                    FailureKind::InvalidInput,
                    "the input is invalid",
                ))
            }
        }
    }
}
