//! What every holder starts from: whose ledger is whose, and the dossier.

use std::collections::BTreeMap;
use std::sync::Arc;

use detente_agreement::{Declared, Document, Rulebook};
use detente_formats::{ArticleSource, DossierPart, DossierSource, read_dossier};
use detente_ledger::hash::Hash;
use detente_node::picture::{Dossier, Founding, Holder, Standing};
use detente_records::act::Digest;
use detente_records::{Agreement, HolderId, ObserverFunction, Problems};

use crate::card::Card;

/// Reads the dossier and says who keeps which ledger.
///
/// With `binds` the dossier is in force from the beginning; else it has to be tabled and adopted.
///
/// # Errors
///
/// [`FoundingError`]; every problem of the dossier at once.
pub fn founding(
    cards: &[Card],
    files: &BTreeMap<String, Vec<u8>>,
    binds: bool,
) -> Result<Founding, FoundingError> {
    let ledgers: Vec<(&str, &str, &[u8])> = cards
        .iter()
        .map(|card| {
            (
                card.holder.as_str(),
                card.origin.as_str(),
                card.genesis.as_slice(),
            )
        })
        .collect();
    founding_of(&ledgers, files, binds)
}

/// The same for ledgers known by their holder, their origin and the bytes of their first entry.
///
/// # Errors
///
/// [`FoundingError`]; every problem of the dossier at once.
pub fn founding_of(
    ledgers: &[(&str, &str, &[u8])],
    files: &BTreeMap<String, Vec<u8>>,
    binds: bool,
) -> Result<Founding, FoundingError> {
    let dossier = Arc::new(read(files)?);
    let mut holders = BTreeMap::new();
    for (holder, ledger, genesis) in ledgers {
        let stranger = || FoundingError::Stranger((*holder).to_owned());
        let id = HolderId::parse(holder).map_err(|_| stranger())?;
        let standing = standing(dossier.agreement(), holder).ok_or_else(stranger)?;
        let origin: Arc<str> = Arc::from(*ledger);
        let holder = Holder {
            id,
            identity: Digest::new(*Hash::of(genesis).as_bytes()),
            standing,
        };
        if holders.insert(origin, holder).is_some() {
            return Err(FoundingError::Twice((*ledger).to_owned()));
        }
    }
    Ok(Founding {
        holders,
        dossier: binds.then_some(dossier),
    })
}

/// Says how somebody takes part, by the agreement's own lists.
pub fn standing(agreement: &Agreement, holder: &str) -> Option<Standing> {
    let participant = agreement
        .participants
        .keys()
        .any(|id| id.as_str() == holder);
    if participant {
        return Some(Standing::Participant);
    }
    let (_, observer) = agreement
        .observers
        .iter()
        .find(|(id, _)| id.as_str() == holder)?;
    Some(Standing::Observer {
        notifier: observer.functions.contains(&ObserverFunction::Notifier),
        monitor: observer.functions.contains(&ObserverFunction::Monitor),
    })
}

pub(super) fn read(files: &BTreeMap<String, Vec<u8>>) -> Result<Dossier, FoundingError> {
    let mut contents: Vec<(DossierPart, String, &[u8])> = Vec::new();
    for (name, part) in DossierPart::ALL {
        if let Some(bytes) = files.get(name) {
            contents.push((part, name.to_owned(), bytes.as_slice()));
        }
    }
    let sources = contents
        .iter_mut()
        .map(|(part, name, content)| DossierSource {
            part: *part,
            name: name.clone(),
            content,
        })
        .collect();
    let (dossier, mut problems) = read_dossier(sources);
    let Some(dossier) = dossier else {
        return Err(FoundingError::Invalid(problems));
    };
    let declared = Declared {
        areas: dossier.areas.iter().map(|area| area.id.clone()).collect(),
        categories: dossier
            .protected
            .iter()
            .map(|object| object.category.clone())
            .collect(),
    };
    let (rulebook, more) = Rulebook::load(
        &dossier.agreement,
        document(&dossier.articles),
        dossier.schema_extension.as_ref().map(document),
        &declared,
    );
    problems.append(more);
    match rulebook {
        Some(rulebook) if !problems.has_errors() => Ok(Dossier {
            sha256: dossier.content.sha256(),
            rulebook: Arc::new(rulebook),
            areas: dossier.areas,
            protected: dossier.protected,
            movements: dossier.movements,
            operations: dossier.operations,
            concerns: dossier.concerns,
        }),
        _ => Err(FoundingError::Invalid(problems)),
    }
}

fn document(source: &ArticleSource) -> Document<'_> {
    Document {
        name: &source.name,
        text: &source.text,
    }
}

/// A node cannot start from this dossier and these cards.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FoundingError {
    /// The dossier is invalid.
    #[error("the dossier is invalid: {}", first(.0))]
    Invalid(Problems),
    /// A card is of nobody the agreement names.
    #[error("the agreement names no participant or observer `{0}`")]
    Stranger(String),
    /// Two cards name one ledger.
    #[error("two cards name the ledger `{0}`")]
    Twice(String),
}

fn first(problems: &Problems) -> String {
    let mut errors = problems.iter();
    errors.next().map_or_else(String::new, |problem| {
        format!(
            "{}: {} ({})",
            problem.document, problem.message, problem.place
        )
    })
}
