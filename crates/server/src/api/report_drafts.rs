//! Reports at home: composed, previewed as each recipient will read them, released, corrected.
//!
//! What a preview shows is what is sealed, byte for byte: a release can name the hashes it was
//! shown, and is refused when they are no longer the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::{delete, get, post, put};
use detente_ledger::hash::Hash;
use detente_node::node::Once;
use detente_node::picture::Picture;
use detente_records::act::draft::Removable;
use detente_records::act::report::{ReportCorrected, ReportReleased, Sealed};
use detente_records::act::{Act, AtLeastOne, Kind, ReportDraft, Role, Terms};
use detente_records::{HolderId, LocalText, Problems, RecordId};
use detente_sharing::{
    Author, Composed, Desk, LeftOut, Marking, Objection, Prepared, compose, slips,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::App;
use super::acts::{body, may_write};
use super::answer::{
    Answer, Asked, Content, Named, PAGE_QUERY, Page, PageWish, json as answer_json,
};
use super::route::{Gives, Needs, Route, schema_of};
use super::sealing::{Asker, seal_all};
use crate::authority::{Action, Granted, Object};
use crate::drafts::{self, Kept};
use crate::problem::Problem;
use crate::runtime::View;
use crate::seals::Shelf;
use crate::users::Identity;

/// A draft, as it is kept at home.
#[derive(Debug, Serialize, JsonSchema)]
struct DraftView {
    /// The id it has, or is going to have, in the ledgers.
    report: String,
    /// Who saved it last.
    saved_by: String,
    /// When, RFC 3339.
    saved_at: String,
    /// Where the report stands in its workflow; `draft` while it has not left.
    state: &'static str,
    /// Everything in it, sources and positions too.
    draft: Value,
}

/// What each recipient is to get.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TermsWish {
    /// For each recipient: `recipient`, and `place`, `time`, `detail`, `without`. What is not said
    /// is the strictest: no place, no time, the tearline.
    terms: Vec<Map<String, Value>>,
    /// Whether it is to go as a correction of what was released: its edition has the next number.
    #[serde(default)]
    correction: bool,
}

/// A release of what was previewed.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseWish {
    /// As for the preview.
    terms: Vec<Map<String, Value>>,
    /// The SHA-256 of what each recipient reads, as the preview showed it; refused when it differs.
    #[serde(default)]
    expected: BTreeMap<String, String>,
    /// For a correction: what was wrong, in words everybody may read.
    #[serde(default)]
    reason: Option<String>,
}

/// What a release would send.
#[derive(Debug, Serialize, JsonSchema)]
struct PreviewView {
    /// Whether it could be released so.
    can_be_released: bool,
    /// Everything that speaks against it.
    objections: Vec<ObjectionView>,
    /// The title and marking that everybody who holds the ledgers reads.
    everybody_reads: Value,
    /// What each recipient reads.
    editions: Vec<EditionView>,
    /// What a release cannot take back.
    notice: &'static str,
}

/// Something that speaks against a release.
#[derive(Debug, Serialize, JsonSchema)]
struct ObjectionView {
    code: &'static str,
    message: String,
    help: &'static str,
}

/// What one recipient reads, to the byte.
#[derive(Debug, Serialize, JsonSchema)]
struct EditionView {
    recipient: String,
    /// The document.
    reads: Value,
    /// SHA-256 of the bytes that are sealed.
    sha256: String,
    /// How many bytes are sealed: one of a few lengths, whatever stands in it.
    bytes: usize,
    /// What this recipient does not get, and why; shown here and nowhere else.
    left_out: Vec<LeftOutView>,
}

/// Something that a recipient does not get.
#[derive(Debug, Serialize, JsonSchema)]
struct LeftOutView {
    /// The portion, by its place in the draft, from 0.
    portion: usize,
    /// The field; none when the whole portion is left out.
    field: Option<&'static str>,
    why: String,
}

/// What no release can take back, said before it is made.
const NOTICE: &str = "What is released stays with its recipients. A recall proves that they were told, not that they forget.";

pub(super) fn routes() -> Vec<Route> {
    let drafts = "/api/v1/report-drafts";
    let draft = "/api/v1/report-drafts/{id}";
    vec![
        Route::get(
            drafts,
            "list_report_drafts",
            "Reports at home; no peer can ask for one",
            Needs::Reports,
            Gives::Json(200, schema_of::<Page<DraftView>>),
            get(list),
        )
        .query(PAGE_QUERY),
        Route::get(
            draft,
            "read_report_draft",
            "A report at home, with everything its originator knows",
            Needs::Reports,
            Gives::Json(200, schema_of::<DraftView>),
            get(read),
        ),
        Route::get(
            draft,
            "put_report_draft",
            "Keep a report at home",
            Needs::Reports,
            Gives::Json(200, schema_of::<DraftView>),
            put(save),
        )
        .method("put")
        .takes(|_| schemars::json_schema!({"type": "object"})),
        Route::get(
            draft,
            "delete_report_draft",
            "Forget a report at home; what was released of it stays released",
            Needs::Reports,
            Gives::Nothing(204),
            delete(forget),
        )
        .method("delete"),
        Route::get(
            "/api/v1/report-drafts/{id}/preview",
            "preview_report",
            "What each recipient would read, to the byte",
            Needs::Reports,
            Gives::Json(200, schema_of::<PreviewView>),
            post(preview),
        )
        .method("post")
        .takes(schema_of::<TermsWish>),
        Route::get(
            "/api/v1/report-drafts/{id}/release",
            "release_report",
            "Seal and release a report to each recipient",
            Needs::Reports,
            Gives::Json(201, schema_of::<Value>),
            post(release),
        )
        .method("post")
        .keyed()
        .takes(schema_of::<ReleaseWish>),
        Route::get(
            "/api/v1/report-drafts/{id}/correct",
            "correct_report",
            "Seal and send a corrected report to everyone who has it",
            Needs::Reports,
            Gives::Json(201, schema_of::<Value>),
            post(correct),
        )
        .method("post")
        .keyed()
        .takes(schema_of::<ReleaseWish>),
    ]
}

/// A draft is its originator's, and nobody else's.
fn own(app: &App, id: &RecordId) -> Object {
    Object::Report {
        id: id.to_string(),
        originator: app.participant.clone(),
        recipients: std::collections::BTreeSet::new(),
    }
}

fn id_of(name: &str) -> Result<RecordId, Problem> {
    RecordId::parse(name).map_err(|_| Problem::not_found())
}

/// Finds a draft for whoever may read it.
fn find(app: &App, who: &Identity, name: &str) -> Result<Kept, Problem> {
    let id = id_of(name)?;
    let granted = app.grant(who, Action::Read, own(app, &id))?;
    match granted.object() {
        Object::Report { .. } => drafts::find(&app.reader, &id).ok_or_else(Problem::not_found),
        _ => Err(Problem::not_found()),
    }
}

/// Whoever releases composes; whoever composes need not release.
fn may_compose(app: &App, who: &Identity, id: &RecordId) -> Result<(), Problem> {
    let granted = app.grant(who, Action::Read, own(app, id))?;
    let kind = Object::Kind(Kind::ReportReleased.wire_name().to_owned());
    let submits = app.authority.grant(who, Action::Submit, kind);
    match (granted.object(), submits) {
        (Object::Report { id: granted, .. }, Some(_)) if granted == id.as_str() => Ok(()),
        _ => Err(Problem::forbidden()),
    }
}

fn show(app: &App, kept: &Kept) -> DraftView {
    let view = app.handle.view();
    let picture = view.picture.at(app.clock.now());
    let report = picture.report(&kept.draft.report);
    let is_own = |report: &detente_node::picture::ReportFile<'_>| {
        report.originator().as_str() == app.participant
    };
    DraftView {
        report: kept.draft.report.to_string(),
        saved_by: kept.saved_by.clone(),
        saved_at: kept.saved_at.clone(),
        state: report
            .filter(is_own)
            .map_or("draft", |report| report.matter.course.state),
        draft: kept.draft.to_json(),
    }
}

async fn list(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Asked(wish): Asked<PageWish>,
    headers: HeaderMap,
) -> Answer {
    let kept = drafts::all(&app.reader).into_iter().filter(|kept| {
        let object = own(&app, &kept.draft.report);
        app.authority.grant(&who, Action::Read, object).is_some()
    });
    let items = kept.map(|kept| (kept.draft.report.to_string(), kept));
    let page = wish.cut(items, |kept| show(&app, &kept));
    answer_json(&headers, &page?)
}

async fn read(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let kept = find(&app, &who, &name)?;
    answer_json(&headers, &show(&app, &kept))
}

async fn save(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
    Content(bytes): Content,
) -> Answer {
    let id = id_of(&name)?;
    may_compose(&app, &who, &id)?;
    let mut members: Map<String, Value> = body(&bytes)?;
    members
        .entry("report")
        .or_insert_with(|| Value::String(id.to_string()));
    let (draft, problems) = ReportDraft::parse("draft", &members);
    let draft = draft.ok_or_else(|| form(&problems, "the draft is not complete and correct"))?;
    if draft.report != id {
        return Err(Problem::malformed("`report` is another id than the path's"));
    }
    let kept = Kept {
        draft,
        saved_by: who.name.clone(),
        saved_at: app.clock.now().to_string(),
    };
    let done = app.office.with(|files| drafts::keep(files, &kept));
    done.ok_or_else(Problem::elsewhere)?
        .map_err(|_| Problem::unavailable("the draft could not be kept"))?;
    answer_json(&headers, &show(&app, &kept))
}

async fn forget(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
) -> Answer {
    let id = id_of(&name)?;
    may_compose(&app, &who, &id)?;
    let done = app.office.with(|files| drafts::forget(files, &id));
    match done.ok_or_else(Problem::elsewhere)? {
        Ok(true) => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(false) => Err(Problem::not_found()),
        Err(_) => Err(Problem::unavailable("the draft could not be removed")),
    }
}

/// Says everything that is wrong with a document at once.
pub(super) fn form(problems: &Problems, title: &'static str) -> Problem {
    let listed: Vec<Value> = problems
        .iter()
        .map(|problem| {
            json!({
                "code": problem.code,
                "severity": problem.severity.word(),
                "pointer": problem.place.pointer,
                "message": problem.message,
                "help": problem.help,
            })
        })
        .collect();
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-document", title)
        .with("problems", Value::Array(listed))
}

fn terms_of(wish: &[Map<String, Value>]) -> Result<Vec<Terms>, Problem> {
    let mut all = Vec::new();
    for members in wish {
        let (terms, problems) = Terms::parse("terms", members);
        let terms =
            terms.ok_or_else(|| form(&problems, "the terms are not complete and correct"))?;
        all.push(terms);
    }
    Ok(all)
}

/// What the composing of a draft gave, with the number of the edition.
struct Made {
    composed: Result<Composed, Vec<Objection>>,
    agreement: Option<String>,
}

fn make(app: &App, view: &View<Picture>, draft: &ReportDraft, terms: &[Terms], next: u32) -> Made {
    let now = app.clock.now();
    let picture = view.picture.at(now);
    let own = app.own_holder();
    let shelf = Shelf {
        picture: &picture,
        holders: &app.holders,
        own: &own,
        reader: &app.reader,
    };
    let portions = draft.portions.iter();
    let named = portions.flat_map(|portion| &portion.derived_from);
    let named = draft.derived_from.iter().chain(named);
    let sources: BTreeMap<RecordId, Marking> = named
        .map(|source| (source.clone(), app.seals.source_marking(&shelf, source)))
        .filter(|(_, marking)| *marking != Marking::nobody())
        .collect();
    let corrections = picture
        .report(&draft.report)
        .map_or(0, |report| report.corrections());
    let directory = picture.directory();
    let desk = Desk {
        originator: &own,
        directory: &directory,
        sources: &sources,
        now,
        number: corrections.saturating_add(next),
    };
    Made {
        composed: compose(draft, terms, &desk),
        agreement: shelf.agreement(),
    }
}

async fn preview(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
    Content(bytes): Content,
) -> Answer {
    let kept = find(&app, &who, &name)?;
    let wish: TermsWish = body(&bytes)?;
    let terms = terms_of(&wish.terms)?;
    let view = app.handle.view();
    let made = make(
        &app,
        &view,
        &kept.draft,
        &terms,
        1 + u32::from(wish.correction),
    );
    let shown = match &made.composed {
        Ok(composed) => PreviewView {
            can_be_released: true,
            objections: Vec::new(),
            everybody_reads: public(&kept.draft, composed),
            editions: composed.editions.iter().map(EditionView::of).collect(),
            notice: NOTICE,
        },
        Err(objections) => PreviewView {
            can_be_released: false,
            objections: objections.iter().map(ObjectionView::of).collect(),
            everybody_reads: Value::Null,
            editions: Vec::new(),
            notice: NOTICE,
        },
    };
    answer_json(&headers, &shown)
}

/// What everybody who holds the ledgers reads of a release.
fn public(draft: &ReportDraft, composed: &Composed) -> Value {
    let recipients = composed.editions.iter().map(|one| one.recipient.clone());
    let released = released(draft, composed, recipients.collect(), Vec::new());
    let mut body = released.map_or_else(Map::new, |act| act.to_body());
    body.retain(|name, _| {
        matches!(
            name.as_str(),
            "title" | "recipients" | "marking" | "derived_from"
        )
    });
    Value::Object(body)
}

impl ObjectionView {
    fn of(objection: &Objection) -> Self {
        Self {
            code: objection.code(),
            message: objection.to_string(),
            help: objection.help(),
        }
    }
}

/// Why a field is missing that nobody took out.
fn lacking(field: Removable) -> &'static str {
    match field {
        Removable::Text => {
            "the draft has none for these terms: write a `tearline`, or ask for full detail of a `text`"
        }
        Removable::Place => {
            "the draft has no such place: `area` needs its area, `settlement` its name, a grid its position"
        }
        _ => "the draft has none for these terms",
    }
}

/// Refuses the reason of a correction or a recall, which everybody reads, where it gives away what the draft keeps at
/// home.
pub(super) fn check_reason(
    app: &App,
    kind: &str,
    members: &Map<String, Value>,
) -> Result<(), Problem> {
    let kinds = [Kind::ReportCorrected, Kind::ReportRecalled];
    let subject = members.get("subject").and_then(Value::as_str);
    let subject = subject.and_then(|subject| RecordId::parse(subject).ok());
    let (Some(subject), true) = (subject, kinds.iter().any(|it| it.wire_name() == kind)) else {
        return Ok(());
    };
    let Some(kept) = drafts::find(&app.reader, &subject) else {
        return Ok(());
    };
    let texts: Vec<LocalText> = match members.get("reason") {
        Some(Value::String(text)) => vec![LocalText::Plain(text.clone())],
        Some(Value::Object(texts)) => {
            let texts = texts.values().filter_map(Value::as_str);
            texts
                .map(|text| LocalText::Plain(text.to_owned()))
                .collect()
        }
        _ => Vec::new(),
    };
    let texts: Vec<&LocalText> = texts.iter().collect();
    match slips(&kept.draft, &texts).first() {
        None => Ok(()),
        Some(slip) => Err(Problem::new(
            StatusCode::CONFLICT,
            "reason-gives-away",
            "the reason gives away what the report keeps at home",
        )
        .detail(format!(
            "everybody reads the reason, and it {slip}: take the words out"
        ))),
    }
}

impl EditionView {
    fn of(prepared: &Prepared) -> Self {
        let left_out = prepared.left_out.iter().map(|left_out| match left_out {
            LeftOut::Portion(portion, denial) => LeftOutView {
                portion: *portion,
                field: None,
                why: denial.to_string(),
            },
            LeftOut::Field(portion, field) => LeftOutView {
                portion: *portion,
                field: Some(field.wire_name()),
                why: "the terms of this recipient leave it out".to_owned(),
            },
            LeftOut::Lacking(portion, field) => LeftOutView {
                portion: *portion,
                field: Some(field.wire_name()),
                why: lacking(*field).to_owned(),
            },
        });
        Self {
            recipient: prepared.recipient.to_string(),
            reads: prepared.edition.to_json(),
            sha256: Hash::of(&prepared.payload).to_hex(),
            bytes: prepared.payload.len(),
            left_out: left_out.collect(),
        }
    }
}

async fn release(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
    Content(bytes): Content,
) -> Answer {
    let asker = Asker {
        app: &app,
        who: &who,
        headers: &headers,
    };
    send(asker, &name, &bytes, Kind::ReportReleased).await
}

async fn correct(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
    Content(bytes): Content,
) -> Answer {
    let asker = Asker {
        app: &app,
        who: &who,
        headers: &headers,
    };
    send(asker, &name, &bytes, Kind::ReportCorrected).await
}

async fn send(asker: Asker<'_>, name: &str, bytes: &Bytes, kind: Kind) -> Answer {
    let kept = find(asker.app, asker.who, name)?;
    may_compose(asker.app, asker.who, &kept.draft.report)?;
    let granted = may_write(asker.app, asker.who, kind.wire_name())?;
    let wish: ReleaseWish = body(bytes)?;
    let doing = |once| seal_and_put(asker, &granted, &kept, wish, (kind, once));
    asker.once((kind.wire_name(), name), bytes, doing).await
}

async fn seal_and_put(
    asker: Asker<'_>,
    granted: &Granted,
    kept: &Kept,
    wish: ReleaseWish,
    (kind, once): (Kind, Option<Once>),
) -> Answer {
    let app = asker.app;
    let terms = terms_of(&wish.terms)?;
    let view = app.handle.view();
    let next = if kind == Kind::ReportCorrected { 2 } else { 1 };
    let made = make(app, &view, &kept.draft, &terms, next);
    let composed = made.composed.map_err(|objections| objected(&objections))?;
    for prepared in &composed.editions {
        let shown = wish.expected.get(prepared.recipient.as_str());
        if shown.is_some_and(|shown| *shown != Hash::of(&prepared.payload).to_hex()) {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "changed",
                "what a recipient would read is no longer what the preview showed",
            ));
        }
    }
    let agreement = made
        .agreement
        .ok_or_else(|| Problem::unavailable("no agreement is in force to release under"))?;
    let author = Author {
        origin: &app.origin,
        agreement: &agreement,
        kind,
    };
    let payloads = composed
        .editions
        .iter()
        .map(|one| (one.recipient.clone(), one.payload.as_slice()));
    let sealed = seal_all(app, &author, payloads).await?;
    let recipients = composed.editions.iter().map(|one| one.recipient.clone());
    let act = match kind {
        Kind::ReportCorrected => {
            let reason = wish.reason.filter(|reason| !reason.trim().is_empty());
            let reason =
                reason.ok_or_else(|| Problem::malformed("say in `reason` what was wrong"))?;
            AtLeastOne::new(sealed).map(|sealed| {
                Act::ReportCorrected(ReportCorrected {
                    subject: kept.draft.report.clone(),
                    role: Role::ReleaseOfficer,
                    sealed,
                    reason: LocalText::Plain(reason),
                })
            })
        }
        _ => released(&kept.draft, &composed, recipients.collect(), sealed),
    };
    let act = act.ok_or_else(|| Problem::malformed("nobody is to get it"))?;
    Ok(asker.put(granted, &act, once).await)
}

fn released(
    draft: &ReportDraft,
    composed: &Composed,
    recipients: Vec<HolderId>,
    sealed: Vec<Sealed>,
) -> Option<Act> {
    // A preview seals nothing; its act is never written, only its public members are shown.
    let sealed = match sealed.is_empty() {
        true => recipients.first().and_then(|recipient| {
            let nothing = detente_ledger::seal::Seal {
                suite: detente_ledger::seal::SealSuite::X25519,
                commitment: Hash::of(b""),
                blob: Hash::of(b""),
                recipients: vec![detente_ledger::seal::RecipientId([0; 8])],
            };
            Some(vec![detente_sharing::sealed_part(recipient, &nothing, 0)?])
        })?,
        false => sealed,
    };
    Some(Act::ReportReleased(ReportReleased {
        subject: draft.report.clone(),
        role: Role::ReleaseOfficer,
        title: draft.title.clone(),
        recipients: AtLeastOne::new(recipients)?,
        marking: composed.marking.clone(),
        sealed: AtLeastOne::new(sealed)?,
        derived_from: draft.derived_from.clone(),
    }))
}

fn objected(objections: &[Objection]) -> Problem {
    let listed: Vec<ObjectionView> = objections.iter().map(ObjectionView::of).collect();
    let listed = serde_json::to_value(listed).unwrap_or_default();
    Problem::new(
        StatusCode::CONFLICT,
        "objections",
        "the report cannot be released so",
    )
    .with("objections", listed)
}
