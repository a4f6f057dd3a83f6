//! The articles analysed: concerns proved or refuted, amendments compared, an announcement previewed.
//!
//! An analysis takes a processor for a while. One runs at a time, away from the threads that answer, and what was proved
//! is kept until the articles, the parties' standing or the concerns change.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use detente_agreement::amend::{Ground, amend, amended_text, ground_changes};
use detente_agreement::prove::free_place;
use detente_agreement::{Declared, Document, Prover, Rulebook};
use detente_ledger::hash::Hash;
use detente_node::announcement;
use detente_node::announcement::wire::{Disclosed, PublishedPart, TextStatement, WithheldKind};
use detente_node::picture::{Dossier, Picture};
use detente_records::act::Act;
use detente_records::{Agreement, Concern, ConcernId, ConcernProperty, OfficeName, RecordId};
use detente_spacetime::Position;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::App;
use super::acts::body;
use super::answer::{Answer, json};
use super::report_drafts::form;
use super::route::{Gives, Needs, Route, schema_of};
use crate::authority::Action;
use crate::house::bundle;
use crate::problem::Problem;
use crate::runtime::{BLOB_READ_MAX, blob_path};
use crate::view::{ComparisonView, ConcernProofView, DefectView, ProofsView, StandingPropertyView};

/// The name of the file that holds the articles.
const ARTICLES: &str = "articles.cedar";
/// The name of the file that extends the schema, where there is one.
const SCHEMA: &str = "schema.cedarschema";
/// What amending clauses are called in problems.
const AMENDING: &str = "amending clauses";
/// Most bytes of amending clauses: a dozen long articles have less than half of this.
const CLAUSES_BYTES_MAX: usize = 1 << 17;
/// Most clauses repealed at once; whole agreements have fewer.
const REPEALED_MAX: usize = 256;
/// Who proves here; `detente prove` asks a second prover too, where there is one.
const PROVER: &str = "built-in analysis";

/// What was proved last, and of what.
#[derive(Debug, Default)]
pub struct Proofs(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    sha256: [u8; 32],
    agreement: Agreement,
    concerns: Vec<Concern>,
    shown: Arc<ProofsView>,
}

/// An amendment to be compared with what stands.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ComparisonWish {
    /// A text that was tabled, to be compared as a whole; without it, what the other members say.
    #[serde(default)]
    text: Option<String>,
    /// Clauses in Cedar: one with `@amends("id")` takes the place of the clause with that `@id`, any other is added.
    #[serde(default)]
    clauses: String,
    /// The `@id` of every clause that is repealed.
    #[serde(default)]
    repeal: Vec<String>,
}

/// What an announcement would say now.
#[derive(Debug, Serialize, JsonSchema)]
struct AnnouncementView {
    /// As of when, RFC 3339.
    as_of: String,
    /// The document; null when there is nothing to announce.
    document: Option<String>,
    /// Why nothing can be announced.
    refused: Option<String>,
    /// The signed text.
    text: Option<TextStatement>,
    /// Parts that every participant publishes, with each one's word.
    published: Vec<PublishedPart>,
    /// What would be disclosed.
    disclosed: Option<Disclosed>,
    /// What would be withheld, by kind and number; null where the participants have not agreed to say so much.
    withheld: Option<Vec<WithheldKind>>,
    /// Every part that is no file, by the name it is stated under.
    parts: Vec<PartView>,
    /// The dossier's files: parts by their names.
    files: Vec<String>,
}

/// A part of a document that can be published or kept.
#[derive(Debug, Serialize, JsonSchema)]
struct PartView {
    /// Its name.
    part: &'static str,
    /// What it contains.
    says: &'static str,
}

pub(super) fn routes() -> Vec<Route> {
    let read = Needs::Picture(Action::Read);
    vec![
        Route::get(
            "/api/v1/agreement/proofs",
            "read_proofs",
            "Concerns about the text, proved or refuted with an operation that shows it",
            read,
            Gives::Json(200, schema_of::<ProofsView>),
            get(proofs),
        ),
        Route::get(
            "/api/v1/agreement/comparison",
            "compare_amendment",
            "What an amendment would loosen and tighten; nothing is recorded",
            Needs::Picture(Action::Check),
            Gives::Json(200, schema_of::<ComparisonView>),
            post(comparison),
        )
        .method("post")
        .takes(schema_of::<ComparisonWish>),
        Route::get(
            "/api/v1/agreement/announcement",
            "preview_announcement",
            "What an announcement would disclose and withhold now",
            read,
            Gives::Json(200, schema_of::<AnnouncementView>),
            get(announcement),
        ),
    ]
}

/// The text that is analysed: the one that binds, else the newest that was tabled.
struct Subject {
    text: Option<RecordId>,
    dossier: Arc<Dossier>,
    /// Its articles, disputes read as they stand now where it binds.
    rulebook: Arc<Rulebook>,
}

impl Subject {
    fn of(picture: &Picture) -> Option<Self> {
        if let Some((dossier, rulebook)) = picture.dossier().zip(picture.rulebook()) {
            return Some(Self {
                text: picture.binding_text().cloned(),
                dossier: Arc::clone(dossier),
                rulebook: Arc::clone(rulebook),
            });
        }
        let texts = picture.texts().filter(|(_, file)| file.dossier.is_some());
        let (id, file) = texts.max_by_key(|(_, file)| file.matter.course.since)?;
        let dossier = file.dossier.clone()?;
        Some(Self {
            text: Some(id.clone()),
            rulebook: Arc::clone(&dossier.rulebook),
            dossier,
        })
    }

    /// Where nothing of the text is.
    fn free_place(&self) -> Position {
        let areas = self.dossier.areas.iter().map(|area| &area.volume);
        let objects = self.dossier.protected.iter().map(|object| &object.volume);
        free_place(
            areas
                .chain(objects)
                .map(|volume| *volume.footprint.bounds()),
        )
    }

    /// Concerns that come with the text, then those raised in the ledgers; what a ledger says of one counts.
    fn concerns(&self, picture: &Picture) -> Vec<Concern> {
        let mut concerns = self.dossier.concerns.clone();
        for (id, matter) in picture.matters("concern") {
            let raised = matter.lines.iter().find_map(|line| match &*line.act {
                Act::ConcernRaised(raised) => Some((line, raised)),
                _ => None,
            });
            let Some((line, raised)) = raised else {
                continue;
            };
            let stated = raised.property.as_ref().map(|text| ConcernProperty {
                text: text.as_str().to_owned(),
                place: None,
            });
            match concerns
                .iter_mut()
                .find(|known| known.id.as_str() == id.as_str())
            {
                Some(known) if stated.is_some() => known.property = stated,
                Some(_) => {}
                None => {
                    let Ok(id) = ConcernId::parse(id.as_str()) else {
                        continue;
                    };
                    concerns.push(Concern {
                        id,
                        title: raised.title.clone(),
                        owner: raised.office.clone(),
                        severity: raised.severity,
                        raised_by: OfficeName::parse(line.author.holder.as_str()).ok(),
                        text: Some(raised.text.clone()),
                        property: stated,
                        answer: None,
                    });
                }
            }
        }
        concerns
    }
}

fn nothing_tabled() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "no-agreement",
        "no text that can be read is on record yet",
    )
}

fn not_analysed() -> Problem {
    Problem::unavailable("the articles could not be analysed")
}

async fn proofs(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    let (subject, concerns) = {
        let view = app.handle.view();
        let picture = view.picture.at(app.clock.now());
        let subject = Subject::of(&picture).ok_or_else(nothing_tabled)?;
        let concerns = subject.concerns(&picture);
        (subject, concerns)
    };
    let agreement = subject.rulebook.agreement().clone();
    // Whoever asks meanwhile waits, and finds the answer.
    let mut kept = app.proofs.0.lock().await;
    if let Some(known) = &*kept
        && known.sha256 == subject.dossier.sha256
        && known.agreement == agreement
        && known.concerns == concerns
    {
        return json(&headers, &*known.shown);
    }
    let (sha256, asked) = (subject.dossier.sha256, concerns.clone());
    let made = tokio::task::spawn_blocking(move || prove(&subject, &concerns));
    let shown = made.await.ok().flatten().ok_or_else(not_analysed)?;
    let shown = Arc::new(shown);
    *kept = Some(Kept {
        sha256,
        agreement,
        concerns: asked,
        shown: Arc::clone(&shown),
    });
    json(&headers, &*shown)
}

fn prove(subject: &Subject, concerns: &[Concern]) -> Option<ProofsView> {
    let at = subject.free_place();
    let prover = Prover::new(&subject.rulebook).ok()?;
    let (results, problems) = prover.concerns(concerns);
    let findings = prover.standing(&mut |_, _| {});
    Some(ProofsView {
        text: subject.text.as_ref().map(ToString::to_string),
        sha256: Hash::from_bytes(subject.dossier.sha256).to_hex(),
        prover: PROVER,
        concerns: concerns
            .iter()
            .zip(&results)
            .map(|(concern, result)| ConcernProofView::of(concern, result, at))
            .collect(),
        standing: StandingPropertyView::all(&findings),
        findings: findings.iter().map(DefectView::of).collect(),
        problems: problems
            .iter()
            .map(|problem| problem.message.clone())
            .collect(),
    })
}

async fn comparison(State(app): State<Arc<App>>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let wish: ComparisonWish = body(&bytes)?;
    let is_nothing = wish.clauses.trim().is_empty() && wish.repeal.is_empty();
    if is_nothing && wish.text.is_none() {
        return Err(Problem::malformed(
            "name a tabled `text`, write amending `clauses`, or say what to `repeal`",
        ));
    }
    if wish.clauses.len() > CLAUSES_BYTES_MAX || wish.repeal.len() > REPEALED_MAX {
        return Err(Problem::malformed(format!(
            "at most {CLAUSES_BYTES_MAX} bytes of clauses and {REPEALED_MAX} repealed at once"
        )));
    }
    let (subject, other) = {
        let view = app.handle.view();
        let picture = view.picture.at(app.clock.now());
        let subject = Subject::of(&picture).ok_or_else(nothing_tabled)?;
        let other = match &wish.text {
            None => None,
            Some(id) => {
                let id = RecordId::parse(id).map_err(|_| Problem::not_found())?;
                let file = picture.text(&id).ok_or_else(Problem::not_found)?;
                let dossier = file.dossier.clone().ok_or_else(Problem::not_found)?;
                Some(dossier)
            }
        };
        (subject, other)
    };
    let files = match &other {
        Some(_) => BTreeMap::new(),
        None => files_of(&app, &subject).ok_or_else(not_analysed)?,
    };
    // One analysis at a time: the same turn as the proofs wait for.
    let turn = app.proofs.0.lock().await;
    let made = tokio::task::spawn_blocking(move || compare(&subject, other, &files, &wish));
    let shown = made.await.map_err(|_| not_analysed())?;
    drop(turn);
    json(&headers, &shown?)
}

fn compare(
    subject: &Subject,
    other: Option<Arc<Dossier>>,
    files: &BTreeMap<String, Vec<u8>>,
    wish: &ComparisonWish,
) -> Result<ComparisonView, Problem> {
    let new = match &other {
        Some(other) => Arc::clone(&other.rulebook),
        None => amended(subject, files, wish)?,
    };
    let amendment = amend(&subject.rulebook, &new).map_err(|_| not_analysed())?;
    // Amending clauses leave the ground as it is; another text brings its own.
    let changes = other.map_or_else(Vec::new, |other| {
        ground_changes(
            ground(&subject.dossier, &subject.rulebook),
            ground(&other, &other.rulebook),
        )
    });
    Ok(ComparisonView::of(
        &amendment,
        &changes,
        subject.free_place(),
    ))
}

fn ground<'a>(dossier: &'a Dossier, rulebook: &'a Rulebook) -> Ground<'a> {
    Ground {
        areas: &dossier.areas,
        protected: &dossier.protected,
        movements: &dossier.movements,
        rulebook,
    }
}

/// The articles as the wish would have them.
fn amended(
    subject: &Subject,
    files: &BTreeMap<String, Vec<u8>>,
    wish: &ComparisonWish,
) -> Result<Arc<Rulebook>, Problem> {
    let text = files.get(ARTICLES).cloned().unwrap_or_default();
    let text = String::from_utf8(text).map_err(|_| not_analysed())?;
    let articles = subject.rulebook.articles();
    let title = "the amendment is not complete and correct";
    let (joined, problems) = amended_text(articles, &text, AMENDING, &wish.clauses, &wish.repeal);
    let joined = joined.ok_or_else(|| form(&problems, title))?;
    let agreement = subject.rulebook.agreement();
    let extension = files.get(SCHEMA).cloned().map(String::from_utf8);
    let extension = extension.transpose().map_err(|_| not_analysed())?;
    let declared = Declared {
        areas: subject
            .dossier
            .areas
            .iter()
            .map(|area| area.id.clone())
            .collect(),
        categories: subject
            .dossier
            .protected
            .iter()
            .map(|object| object.category.clone())
            .collect(),
    };
    // As the parties and disputes stand now, so that only the amendment differs.
    let (rulebook, problems) = Rulebook::load(
        agreement,
        Document {
            name: "articles as amended",
            text: &joined,
        },
        extension
            .as_deref()
            .map(|text| Document { name: SCHEMA, text }),
        &declared,
    );
    let rulebook = rulebook.filter(|_| !problems.has_errors());
    rulebook.map(Arc::new).ok_or_else(|| form(&problems, title))
}

/// The files of the text: those this node was set up with, or those that were tabled.
fn files_of(app: &App, subject: &Subject) -> Option<BTreeMap<String, Vec<u8>>> {
    let own = bundle::write(&app.dossier);
    let wanted = Hash::from_bytes(subject.dossier.sha256);
    if subject.text.is_none() || own.is_some_and(|own| Hash::of(&own) == wanted) {
        return Some(app.dossier.clone());
    }
    let kept = app.reader.read(&blob_path(wanted), BLOB_READ_MAX).ok()??;
    bundle::files(&kept)
}

async fn announcement(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    let now = app.clock.now();
    let view = app.handle.view();
    let picture = view.picture.at(now);
    let as_of = now.max(picture.newest());
    let subject = Subject::of(&picture);
    let files = subject
        .and_then(|subject| files_of(&app, &subject))
        .unwrap_or_default();
    let names = files.keys().cloned().collect();
    let texts: BTreeMap<String, String> = files
        .into_iter()
        .filter_map(|(name, bytes)| Some((name, String::from_utf8(bytes).ok()?)))
        .collect();
    let parts = announcement::part::ALL.iter();
    let parts = parts.map(|(part, says)| PartView { part, says }).collect();
    // Ledgers and their roots are counted when it is published; what is said does not hang on them.
    let composed = announcement::compose(&picture, Vec::new(), &texts, as_of);
    let mut shown = AnnouncementView {
        as_of: as_of.to_string(),
        document: None,
        refused: None,
        text: None,
        published: Vec::new(),
        disclosed: None,
        withheld: None,
        parts,
        files: names,
    };
    match composed {
        Ok(statement) => {
            shown.document = Some(statement.document);
            shown.text = Some(statement.text);
            shown.published = statement.published;
            shown.disclosed = Some(statement.disclosed);
            shown.withheld = statement.withheld;
        }
        Err(error) => {
            shown.document = picture.binding_text().map(ToString::to_string);
            shown.refused = Some(error.to_string());
        }
    }
    json(&headers, &shown)
}
