//! The picture as the state that nodes hold in common.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_records::act::{Act, ActContext, Kind};
use detente_spacetime::Instant;

use super::report::{sealed_by, seals};
use super::{Outcome, Picture, Recorded, Refusal, Spoken};
use crate::command::{self, Desk, is_weighty, refused_attempt};
use crate::history::Fold;
use crate::kept::{Kept, Reader, Writer};
use crate::node::{Command, Draft, EntryFault, NODE_AUTHOR, Readers, Shared};

impl Fold for Picture {
    type Act = Spoken;
    type Outcome = Outcome;

    fn read(&self, origin: &Arc<str>, entry: &Entry, fault: Option<EntryFault>) -> Spoken {
        let act = match fault {
            Some(EntryFault::Malformed) => Err(Arc::from("the bytes are not an entry")),
            Some(EntryFault::UnitSignature) => Err(Arc::from("the unit's signature does not hold")),
            None => read_act(origin, &entry.kind, &entry.body).map(Arc::new),
        };
        Spoken { act, dossier: None }
    }

    fn apply(&mut self, recorded: &Recorded<Spoken>) -> Outcome {
        Self::apply(self, recorded)
    }

    fn awaits(act: &Spoken) -> Option<Hash> {
        match (act.act.as_deref(), &act.dossier) {
            (Ok(Act::AgreementTabled(tabled)), None) => {
                Some(Hash::from_bytes(*tabled.dossier.sha256.bytes()))
            }
            _ => None,
        }
    }

    fn supply(&self, act: &mut Spoken, _hash: Hash, bytes: Option<&[u8]>) {
        let dossier = self.read_dossier.zip(bytes);
        let dossier = dossier.and_then(|(read, bytes)| read(bytes));
        match dossier {
            Some(dossier) => act.dossier = Some(Arc::new(dossier)),
            // Whoever holds these bytes finds the same: it changes nothing for anybody.
            None => act.act = Err(Arc::from("the dossier cannot be read")),
        }
    }

    fn is_more_than_said(act: &Spoken) -> bool {
        act.dossier.is_some()
    }

    fn identity(&self) -> Hash {
        self.founding().hash()
    }

    fn write_kept(&self, to: &mut Writer) {
        self.write_all(to);
    }

    fn read_kept(&self, from: &mut Reader<'_>) -> Option<Self> {
        self.read_all(from)
    }

    fn write_outcome(outcome: &Outcome, to: &mut Writer) {
        outcome.write(to);
    }

    fn read_outcome(from: &mut Reader<'_>) -> Option<Outcome> {
        Outcome::read(from)
    }

    fn is_like(&self, other: &Self) -> bool {
        self.declares_alike(other)
    }
}

impl Shared for Picture {
    type Refusal = Refusal;

    fn readers(&self, entry: &Entry, act: &Spoken) -> Readers {
        let seals = seals(&entry.kind);
        let recalls = entry.kind == Kind::ReportRecalled.wire_name();
        if !seals && !recalls {
            return Readers::Everybody;
        }
        let mut blobs: BTreeMap<Hash, BTreeSet<Arc<str>>> = BTreeMap::new();
        let Ok(act) = &act.act else {
            // What cannot be read names nobody.
            let about = String::new();
            let supersedes = false;
            return Readers::Only {
                about,
                supersedes,
                blobs,
            };
        };
        for sealed in sealed_by(act) {
            let holders = self.holders().iter();
            let ledgers = holders.filter(|(_, holder)| holder.id == sealed.recipient);
            let hash = Hash::from_bytes(*sealed.blob.sha256.bytes());
            let readers = blobs.entry(hash).or_default();
            readers.extend(ledgers.map(|(origin, _)| origin.clone()));
        }
        Readers::Only {
            about: act.subject().to_string(),
            supersedes: matches!(act.kind(), Kind::ReportCorrected | Kind::ReportRecalled),
            blobs,
        }
    }

    fn draft(
        &self,
        (own, size): (&Arc<str>, u64),
        command: &Command,
        now: Instant,
        awareness: &AwarenessKey,
    ) -> Result<Draft, (Refusal, Option<Draft>)> {
        let act = read_act(own, &command.kind, &command.body)
            .map_err(|problems| (Refusal::by("unreadable", problems.as_ref()), None))?;
        let kind = act.kind();
        let wish = command::Command {
            user: command.author.clone(),
            act,
            dossier: None,
        };
        let desk = Desk {
            origin: own,
            size,
            now,
            awareness,
        };
        match Self::draft(self, &wish, &desk) {
            Ok(draft) => Ok(Draft {
                author: draft.author,
                kind: kind.wire_name().to_owned(),
                body: draft.body,
            }),
            Err(refusal) => {
                let record = is_weighty(kind).then(|| Draft {
                    author: NODE_AUTHOR.to_owned(),
                    kind: detente_records::act::Kind::AttemptRefused
                        .wire_name()
                        .to_owned(),
                    body: refused_attempt(own, kind.wire_name(), &refusal),
                });
                Err((refusal, record))
            }
        }
    }
}

/// Reads an act without an agreement: what an entry says must not depend on what arrived before.
pub(super) fn read_act(
    origin: &Arc<str>,
    kind: &str,
    body: &serde_json::Map<String, serde_json::Value>,
) -> Result<Act, Arc<str>> {
    let context = ActContext {
        document: origin.clone(),
        agreement: None,
    };
    let (act, problems) = Act::parse(kind, body, &context);
    act.ok_or_else(|| Arc::from(problems.to_string()))
}
