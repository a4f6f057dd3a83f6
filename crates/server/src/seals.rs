//! What is sealed for this participant, opened; and what it releases, sealed.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_ledger::hash::Hash;
use detente_ledger::seal::{OpenError, SEED_BYTES, SealError, SealPublicKey, SealSecretKey};
use detente_node::picture::{ObjectFile, Picture, ReportFile, SealedFor};
use detente_records::act::report::Sealed;
use detente_records::act::{ExactPlace, Kind};
use detente_records::{HolderId, RecordId};
use detente_sharing::{
    Author, Content, Expected, ExpectedPlace, Marking, OpenFault, Opened, Passed, ReadFault,
    edition_seed, open, read, read_exact, seal_edition,
};

use detente_stores::store::Reader;

use crate::house::{KeyRing, NodeKeys};
use crate::renewed::Renewed;
use crate::secret::Secret;

/// The keys of a node for what is sealed. `Debug` shows public halves only.
#[derive(Debug)]
pub struct Seals(Renewed<Chest>);

/// The keys at one time.
#[derive(Debug)]
struct Chest {
    secret: SealSecretKey,
    editions: Secret,
    /// What was sealed to keys of other times opens as well, the newest first.
    others: Vec<SealSecretKey>,
}

impl Chest {
    fn of(ring: &KeyRing, number: usize) -> Self {
        let keys = ring.keys(number).unwrap_or(ring.first());
        let mut others: Vec<(usize, &NodeKeys)> = ring.all().enumerate().collect();
        others.reverse();
        Self {
            secret: keys.seal(),
            editions: Secret::new(keys.edition_secret()),
            others: others
                .into_iter()
                .filter(|(other, _)| *other != number)
                .map(|(_, keys)| NodeKeys::seal(keys))
                .collect(),
        }
    }
}

/// Whose content it is, and where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Shelf<'a> {
    /// The picture.
    pub picture: &'a Picture,
    /// Whose ledger is whose.
    pub holders: &'a BTreeMap<Arc<str>, HolderId>,
    /// Whose node this is.
    pub own: &'a HolderId,
    /// What the node keeps.
    pub reader: &'a Reader,
}

impl Shelf<'_> {
    /// Id of the agreement, which content is sealed under.
    pub fn agreement(&self) -> Option<String> {
        let agreement = self.picture.agreement()?;
        Some(agreement.id.to_string())
    }

    fn blob(&self, sealed: &Sealed) -> Result<Vec<u8>, ContentFault> {
        let hash = Hash::from_bytes(*sealed.blob.sha256.bytes());
        let path = crate::runtime::blob_path(hash);
        let read = self.reader.read(&path, crate::runtime::BLOB_READ_MAX);
        read.ok().flatten().ok_or(ContentFault::NotHere)
    }
}

impl Seals {
    /// Takes the keys of a participant, of which those of a generation are in use.
    pub fn of(ring: &KeyRing, number: usize) -> Self {
        Self(Renewed::new(Chest::of(ring, number)))
    }

    /// Goes on with the keys of another generation.
    pub fn renew(&self, ring: &KeyRing, number: usize) {
        self.0.replace(Chest::of(ring, number));
    }

    /// Seals a payload for one recipient; returns what the act says of it and the bytes.
    ///
    /// # Errors
    ///
    /// [`SealError`].
    pub fn seal(
        &self,
        author: &Author<'_>,
        recipient: &HolderId,
        key: &SealPublicKey,
        payload: &[u8],
    ) -> Result<(Sealed, Vec<u8>), SealError> {
        let chest = self.0.now();
        let secret: &[u8; SEED_BYTES] = chest.editions.bytes();
        let seed = edition_seed(secret, author, recipient, payload);
        seal_edition(
            author,
            &seed,
            payload,
            (recipient, key),
            chest.secret.public(),
        )
    }

    /// Opens the newest content of a report that is sealed for `reader`: this participant, or, of
    /// what it sealed itself, any recipient.
    ///
    /// # Errors
    ///
    /// [`ContentFault`].
    pub fn content(
        &self,
        shelf: &Shelf<'_>,
        report: &ReportFile<'_>,
        reader: &HolderId,
    ) -> Result<Content, ContentFault> {
        let sealed = report.sealed_for(reader).ok_or(ContentFault::Nothing)?;
        let opened = self.open(shelf, &sealed.source.origin, sealed.kind, sealed.sealed)?;
        self.read(shelf, report, &sealed, &opened)
    }

    /// Opens the newest exact place of an object that is sealed for this participant.
    ///
    /// # Errors
    ///
    /// [`ContentFault`].
    pub fn exact_place(
        &self,
        shelf: &Shelf<'_>,
        object: &RecordId,
        file: &ObjectFile,
    ) -> Result<ExactPlace, ContentFault> {
        let sealed = file.exact_for(shelf.own).ok_or(ContentFault::Nothing)?;
        let origin = &sealed.source.origin;
        let opened = self.open(shelf, origin, Kind::ObjectReleased, sealed.sealed)?;
        let expected = ExpectedPlace {
            object,
            version: sealed.version,
            originator: &file.matter.opened_by.holder,
            recipient: shelf.own,
            shown: file.shown_as(sealed.version),
        };
        Ok(read_exact(&opened, &expected)?)
    }

    /// Opens what this participant received from the originator, to the last byte, so that it can
    /// be passed on; and reads it.
    ///
    /// # Errors
    ///
    /// [`ContentFault`].
    pub fn original(
        &self,
        shelf: &Shelf<'_>,
        report: &ReportFile<'_>,
    ) -> Result<(Opened, Content), ContentFault> {
        let sealed = report.sealed_for(shelf.own).ok_or(ContentFault::Nothing)?;
        if sealed.forwarder.is_some() {
            // What was passed on once is passed on again by the originator, or not at all.
            return Err(ContentFault::Nothing);
        }
        let opened = self.open(shelf, &sealed.source.origin, sealed.kind, sealed.sealed)?;
        let content = self.read(shelf, report, &sealed, &opened)?;
        Ok((opened, content))
    }

    /// The marking to take over from a report that another is made from: that of the whole, and of
    /// every portion of it that can be read here. Nobody's, when it may not be used or not be read.
    pub fn source_marking(&self, shelf: &Shelf<'_>, source: &RecordId) -> Marking {
        let stated = shelf.picture.source_marking(source, shelf.own);
        let Some(report) = shelf.picture.report(source) else {
            return Marking::nobody();
        };
        let readers: Vec<HolderId> = match report.originator() == shelf.own {
            true => report.recipients().into_iter().collect(),
            false => vec![shelf.own.clone()],
        };
        let directory = shelf.picture.directory();
        let home = detente_sharing::Reader::named(report.originator(), &directory);
        let mut strictest = stated;
        let mut has_read = false;
        for reader in &readers {
            let Ok(content) = self.content(shelf, &report, reader) else {
                continue;
            };
            has_read = true;
            for portion in content.edition.portions.as_slice() {
                let marking = Marking::sent(&portion.marking).also(home.as_ref());
                strictest = strictest.strictest(&marking);
            }
        }
        match has_read {
            true => strictest,
            false => Marking::nobody(),
        }
    }

    /// Opens content that an act of a ledger seals for this participant, or that it sealed itself.
    ///
    /// # Errors
    ///
    /// [`ContentFault`].
    pub fn open(
        &self,
        shelf: &Shelf<'_>,
        origin: &str,
        kind: Kind,
        sealed: &Sealed,
    ) -> Result<Opened, ContentFault> {
        let agreement = shelf.agreement().ok_or(ContentFault::NoAgreement)?;
        let author = Author {
            origin,
            agreement: &agreement,
            kind,
        };
        let blob = shelf.blob(sealed)?;
        let chest = self.0.now();
        let mut opened = open(&author, sealed, &blob, &chest.secret);
        for secret in &chest.others {
            if opened != Err(OpenFault::Seal(OpenError::NotARecipient)) {
                break;
            }
            opened = open(&author, sealed, &blob, secret);
        }
        Ok(opened?)
    }

    fn read(
        &self,
        shelf: &Shelf<'_>,
        report: &ReportFile<'_>,
        sealed: &SealedFor<'_>,
        opened: &Opened,
    ) -> Result<Content, ContentFault> {
        let direct = Expected {
            report: report.id,
            originator: report.originator(),
            recipient: &sealed.sealed.recipient,
            forwarded: None,
        };
        let Some(forwarder) = sealed.forwarder else {
            return Ok(read(opened, &direct)?);
        };
        let agreement = shelf.agreement().ok_or(ContentFault::NoAgreement)?;
        let directory = shelf.picture.directory();
        let mut fault = ReadFault::NotTheOriginal;
        for (source, kind, original) in report.sealed_by_originator() {
            let author = Author {
                origin: &source.origin,
                agreement: &agreement,
                kind,
            };
            let originals = [original];
            let expected = Expected {
                forwarded: Some(Passed {
                    forwarder,
                    author,
                    received: &originals,
                    directory: &directory,
                }),
                ..direct
            };
            match read(opened, &expected) {
                Ok(content) => return Ok(content),
                // It is the original, and nothing of it is for this reader: no other fits better.
                Err(ReadFault::NotForReader) => return Err(ReadFault::NotForReader.into()),
                Err(other) => fault = other,
            }
        }
        Err(fault.into())
    }
}

/// Content cannot be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContentFault {
    /// Nothing is sealed for this reader.
    #[error("nothing of it is sealed for this reader")]
    Nothing,
    /// Its bytes have not arrived.
    #[error("its content has not arrived here yet")]
    NotHere,
    /// Content is sealed under an agreement, and none is in force here.
    #[error("no agreement is in force")]
    NoAgreement,
    /// It does not open, or not to what was committed.
    #[error(transparent)]
    Open(#[from] OpenFault),
    /// It opens to something that may not have been sent, or not by this act.
    #[error(transparent)]
    Read(#[from] ReadFault),
}
