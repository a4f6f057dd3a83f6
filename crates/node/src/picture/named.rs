//! Names an act gives of others: holders, areas and articles that have to be there.

use std::collections::BTreeSet;

use detente_records::act::Act;
use detente_records::act::suspension::Scope;
use detente_records::{AreaId, ArticleId, HolderId, PartyId};

use super::outcome::Refusal;
use super::said::Said;
use super::{Dossier, Picture};

/// Most names a refusal counts up.
const LISTED_MAX: usize = 12;

impl Picture {
    /// Whether everybody and everything that an act names is there.
    pub(super) fn knows_the_named(&self, said: &Said<'_>) -> Result<(), Refusal> {
        match said.act {
            Act::ObjectReleased(act) => self.are_holders(act.recipients.as_slice()),
            Act::ViolationReported(act) => self.knows_subject(act.party.as_ref()),
            Act::ViolationNotified(act) => {
                self.are_holders(act.recipients.as_slice())?;
                self.are_others(act.recipients.as_slice(), said)
            }
            Act::InformationRequested(act) => {
                self.are_holders([&act.from])?;
                self.waits_for_no_answer(said)
            }
            Act::WithdrawalClaimed(act) => {
                self.knows_subject(Some(&act.party))?;
                self.answers_for(&act.party, said)
            }
            Act::CallRung(act) if act.to == said.author.holder => {
                let says = format!("nobody rings itself: ring {}", self.others(&act.to));
                Err(Refusal::by("rings_itself", says))
            }
            Act::CallRung(act) => self.are_holders([&act.to]),
            Act::SuspensionNotified(act) => match &act.scope {
                Scope::Article(article) => self.has_article(article),
                Scope::Area(area) => self.has_area(area),
                Scope::Channel(_) | Scope::All => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Whether each keeps a ledger under the agreement.
    fn are_holders<'a>(
        &self,
        named: impl IntoIterator<Item = &'a HolderId>,
    ) -> Result<(), Refusal> {
        let known: BTreeSet<&HolderId> = self.holders().values().map(|it| &it.id).collect();
        let mut named = named.into_iter();
        let Some(unknown) = named.find(|named| !known.contains(named)) else {
            return Ok(());
        };
        let says = format!(
            "{unknown} keeps no ledger under the agreement; name {}",
            one_of(known)
        );
        Err(Refusal::by("unknown_holder", says))
    }

    /// Whether somebody else is named: nobody is told by itself.
    fn are_others(&self, named: &[HolderId], said: &Said<'_>) -> Result<(), Refusal> {
        let own = &said.author.holder;
        if named.iter().any(|named| named != own) {
            return Ok(());
        }
        let says = format!("nobody notifies itself: name {}", self.others(own));
        Err(Refusal::by("notifies_itself", says))
    }

    /// Whether no question of somebody else is open: a second one would take its place, and with it the time that runs.
    fn waits_for_no_answer(&self, said: &Said<'_>) -> Result<(), Refusal> {
        let matter = self.matter_file("violation", said.act.subject());
        let Some(matter) = matter.filter(|matter| matter.course.state == "information_requested")
        else {
            return Ok(());
        };
        let open = matter.last(|line| match &*line.act {
            Act::InformationRequested(act) => Some((line, act)),
            _ => None,
        });
        match open {
            Some((line, act)) if line.author.holder != said.author.holder => {
                let says = format!(
                    "{} waits for an answer of {}: ask once it has come, or its time has passed",
                    line.author.holder, act.from
                );
                Err(Refusal::by("question_open", says))
            }
            _ => Ok(()),
        }
    }

    /// Whether the agreement in force knows a party, a force or a group of this name.
    fn knows_subject(&self, named: Option<&PartyId>) -> Result<(), Refusal> {
        let (Some(agreement), Some(named)) = (self.agreement(), named) else {
            return Ok(());
        };
        if agreement.has_subject(named.as_str()) {
            return Ok(());
        }
        let says = format!(
            "the agreement knows no party {named}; name {}",
            one_of(agreement.subject_names())
        );
        Err(Refusal::by("unknown_party", says))
    }

    /// Whether the author answers for a party, where somebody does.
    fn answers_for(&self, party: &PartyId, said: &Said<'_>) -> Result<(), Refusal> {
        let agreement = self.agreement();
        let answerable = agreement.and_then(|agreement| agreement.answerable(party));
        match answerable.map(HolderId::from) {
            Some(holder) if holder != said.author.holder => {
                let says = format!("{holder} answers for {party}, and claims for it");
                Err(Refusal::by("answers_for_other", says))
            }
            _ => Ok(()),
        }
    }

    fn others(&self, but: &HolderId) -> String {
        let holders = self.holders().values().map(|holder| &holder.id);
        one_of(holders.filter(|holder| *holder != but))
    }

    /// Whether a text on record has an article or a clause of this name.
    pub(super) fn has_article(&self, named: &ArticleId) -> Result<(), Refusal> {
        let bound = self.bound_by.iter().map(|bound| &bound.dossier);
        let tabled = self.texts.values();
        let texts = bound.chain(tabled.filter_map(|file| file.dossier.as_ref()));
        let texts: Vec<&Dossier> = texts.map(AsRef::as_ref).collect();
        let has = |text: &&Dossier| text.rulebook.articles().has(named.as_str());
        if texts.iter().any(has) {
            return Ok(());
        }
        let clauses = texts
            .iter()
            .flat_map(|text| text.rulebook.articles().clauses());
        let articles: BTreeSet<&ArticleId> = clauses.map(|clause| &clause.article).collect();
        let says = match articles.is_empty() {
            true => "no text of the agreement is on record, and thus no article".to_owned(),
            false => format!("the text has no article {named}; name {}", one_of(articles)),
        };
        Err(Refusal::by("unknown_article", says))
    }

    /// Whether an area of this name stands.
    fn has_area(&self, named: &AreaId) -> Result<(), Refusal> {
        let files = self.areas.iter().map(|(_, file)| file);
        let standing = files.filter(|file| !file.matter.course.is_over());
        let areas: BTreeSet<&AreaId> = standing.map(|file| &file.current.id).collect();
        if areas.contains(named) {
            return Ok(());
        }
        let says = match areas.is_empty() {
            true => format!("there is no area {named}: none stands"),
            false => format!("there is no area {named}; name {}", one_of(areas)),
        };
        Err(Refusal::by("unknown_area", says))
    }
}

/// Names to choose from, in words.
fn one_of<T: ToString>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    let (listed, more) = names.split_at(names.len().min(LISTED_MAX));
    match (listed, more.len()) {
        ([only], 0) => only.clone(),
        (_, 0) => format!("one of {}", listed.join(", ")),
        (_, more) => format!("one of {} and {more} more", listed.join(", ")),
    }
}
