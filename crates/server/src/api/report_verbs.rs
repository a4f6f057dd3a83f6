//! What is done about a report that was released: read, acknowledged, graded, asked about, passed on,
//! recalled; and who has not taken note.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use detente_ledger::hash::Hash;
use detente_node::node::Once;
use detente_node::picture::{Picture, ReportFile};
use detente_records::act::report::ReportForwarded;
use detente_records::act::{Act, AtLeastOne, Kind, Role as ActRole};
use detente_records::{HolderId, RecordId};
use detente_sharing::{Author, Content as Read, Denial, ReadFault, Reader, forwarded, shut_out};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::App;
use super::acts::{Wish, body, may_write, write};
use super::answer::{
    Answer, Asked, Content, Named, PAGE_QUERY, Page, PageWish, json as answer_json,
};
use super::picture::REPORT;
use super::reports::object;
use super::route::{Gives, Needs, Parameter, Route, schema_of};
use super::sealing::{Asker, seal_all};
use crate::authority::{Action, Granted, Object};
use crate::problem::Problem;
use crate::role::Role;
use crate::seals::{ContentFault, Shelf};
use crate::users::Identity;

/// What a recall is, said wherever one is made or shown.
const RECALL_NOTICE: &str = "A recall proves that each recipient was told and has acknowledged it. It does not prove that anybody forgot, or destroyed a copy.";

/// What a recipient reads.
#[derive(Debug, Serialize, JsonSchema)]
struct ContentView {
    report: String,
    /// Who was meant to read this.
    recipient: String,
    /// Which edition: 1 as released first.
    number: u32,
    /// Who passed it on; none when it comes from its originator.
    forwarder: Option<String>,
    /// The document, as its originator sealed it; without the portions of `held_back`.
    reads: Value,
    /// Portions that were passed on although their own marking does not name this reader, counted
    /// from 1: they are not shown.
    held_back: Vec<usize>,
    /// SHA-256 of the bytes that were sealed; the preview at the originator's showed the same.
    sha256: String,
    /// Where the report stands; what is recalled or expired is no longer to be used.
    state: &'static str,
    /// Whether it may be used.
    is_in_use: bool,
}

/// Which recipient's edition is wanted, of a report one released oneself.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    #[serde(default)]
    recipient: Option<String>,
}

/// Who has taken note of what.
#[derive(Debug, Serialize, JsonSchema)]
struct AcknowledgementsView {
    report: String,
    state: &'static str,
    recipients: Vec<ReceiptView>,
    /// Recipients that have not acknowledged what they were sent last.
    not_acknowledged_by: Vec<OwedView>,
    /// What acknowledgements prove, and what they do not.
    notice: &'static str,
}

/// Where one recipient stands.
#[derive(Debug, Serialize, JsonSchema)]
struct ReceiptView {
    recipient: String,
    state: &'static str,
    since: String,
}

/// What one recipient owes.
#[derive(Debug, Serialize, JsonSchema)]
struct OwedView {
    recipient: String,
    /// `report`, `correction` or `recall`.
    what: &'static str,
    since: String,
}

/// A report in the inbox of this participant.
#[derive(Debug, Serialize, JsonSchema)]
struct InboxView {
    report: String,
    originator: String,
    title: Option<Value>,
    state: &'static str,
    /// Where this participant's own receipt stands.
    receipt: &'static str,
    since: String,
    /// What is to be acknowledged: `report`, `correction`, `recall`; none when nothing is.
    to_acknowledge: Option<&'static str>,
    marking: Value,
    /// Whether the sealed content has arrived.
    has_content: bool,
}

/// Words for an act about a report; each act needs some of them.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct ReportWish {
    /// Written in this role, where several would do.
    #[serde(default)]
    role: Option<String>,
    /// The members the act has beside its subject and role.
    #[serde(flatten)]
    members: Map<String, Value>,
}

/// To whom a report is passed on.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ForwardWish {
    recipients: Vec<String>,
}

const EDITION_QUERY: &[Parameter] = &[Parameter {
    name: "recipient",
    says: "whose edition, of a report released from here",
    schema: || serde_json::json!({"type": "string", "minLength": 1}),
}];

pub(super) fn routes() -> Vec<Route> {
    let act = |path, name, summary, handler| {
        Route::get(
            path,
            name,
            summary,
            Needs::Reports,
            Gives::Json(201, schema_of::<Value>),
            handler,
        )
        .method("post")
        .keyed()
        .takes(|_| schemars::json_schema!({"type": "object"}))
    };
    vec![
        Route::get(
            "/api/v1/report-inbox",
            "list_report_inbox",
            "Reports released to this participant, and what is to be acknowledged",
            Needs::Reports,
            Gives::Json(200, schema_of::<Page<InboxView>>),
            get(inbox),
        )
        .query(PAGE_QUERY),
        Route::get(
            "/api/v1/reports/{id}/content",
            "read_report_content",
            "What this participant reads of a report; of its own, what a recipient reads",
            Needs::Reports,
            Gives::Json(200, schema_of::<ContentView>),
            get(content),
        )
        .query(EDITION_QUERY),
        Route::get(
            "/api/v1/reports/{id}/acknowledgements",
            "read_report_acknowledgements",
            "Who has acknowledged a report, its correction or its recall, and who has not",
            Needs::Reports,
            Gives::Json(200, schema_of::<AcknowledgementsView>),
            get(acknowledgements),
        ),
        act(
            "/api/v1/reports/{id}/acknowledge",
            "acknowledge_report",
            "Acknowledge what is owed: the report, its correction or its recall; it admits nothing",
            post(acknowledge),
        ),
        act(
            "/api/v1/reports/{id}/grade",
            "grade_report",
            "Grade a report by one's own judgement: {\"grade\": {\"reliability\", \"credibility\"}}",
            post(grade),
        ),
        act(
            "/api/v1/reports/{id}/link",
            "link_report",
            "Hold a report beside another account: {\"with\", \"bearing\", \"note\"}",
            post(link),
        ),
        act(
            "/api/v1/reports/{id}/onward-request",
            "request_onward_release",
            "Ask the originator to let it go further: {\"recipients\", \"reason\"}",
            post(request),
        ),
        act(
            "/api/v1/reports/{id}/onward-decision",
            "decide_onward_release",
            "Decide about it: {\"requester\", \"granted\", \"reason\"}",
            post(decide),
        ),
        act(
            "/api/v1/reports/{id}/recall",
            "recall_report",
            "Recall it: {\"reason\"}; proves that recipients were told, not that they forget",
            post(recall),
        ),
        Route::get(
            "/api/v1/reports/{id}/forward",
            "forward_report",
            "Pass a report on to those its originator has let it go to",
            Needs::Reports,
            Gives::Json(201, schema_of::<Value>),
            post(forward),
        )
        .method("post")
        .keyed()
        .takes(schema_of::<ForwardWish>),
    ]
}

/// Does something with a report that `who` may read; whoever may not finds nothing.
fn with_report<T>(
    app: &App,
    who: &Identity,
    name: &str,
    make: impl FnOnce(&Picture, &ReportFile<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let id = RecordId::parse(name).map_err(|_| Problem::not_found())?;
    let view = app.handle.view();
    let picture = view.picture.at(app.clock.now());
    let matter = picture.matter(REPORT, &id).ok_or_else(Problem::not_found)?;
    let granted = app.grant(who, Action::Read, object(&id, matter))?;
    match granted.object() {
        Object::Report { .. } => make(&picture, &ReportFile { id: &id, matter }),
        _ => Err(Problem::not_found()),
    }
}

async fn content(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    Asked(whose): Asked<Whose>,
    headers: HeaderMap,
) -> Answer {
    let shown = with_report(&app, &who, &name, |picture, report| {
        let own = app.own_holder();
        let reader = match &whose.recipient {
            Some(reader) => HolderId::parse(reader).map_err(|_| Problem::not_found())?,
            None => own.clone(),
        };
        let shelf = Shelf {
            picture,
            holders: &app.holders,
            own: &own,
            reader: &app.reader,
        };
        // Another's edition is as absent as one that was never made.
        let is_own = reader == own || *report.originator() == own;
        let found = match is_own {
            true => app.seals.content(&shelf, report, &reader),
            false => Err(ContentFault::Nothing),
        };
        let state = report.matter.course.state;
        let content = found.map_err(|fault| content_problem(&fault, state))?;
        Ok(ContentView {
            report: report.id.to_string(),
            recipient: reader.to_string(),
            number: content.edition.number,
            forwarder: content.forwarder.as_ref().map(ToString::to_string),
            reads: content.edition.to_json(),
            held_back: content.held_back.clone(),
            sha256: Hash::of(&content.payload).to_hex(),
            state,
            is_in_use: report.is_in_use(),
        })
    })?;
    answer_json(&headers, &shown)
}

fn content_problem(fault: &ContentFault, state: &str) -> Problem {
    match fault {
        ContentFault::Nothing => Problem::not_found(),
        // Whoever sealed it gives it away no more.
        ContentFault::NotHere if state == "recalled" => Problem::new(
            StatusCode::GONE,
            "recalled",
            "the report was recalled before its content arrived here",
        ),
        ContentFault::NotHere | ContentFault::NoAgreement => {
            Problem::unavailable(fault.to_string())
        }
        ContentFault::Read(fault @ ReadFault::NotForReader) => not_releasable(fault.to_string()),
        ContentFault::Open(_) | ContentFault::Read(_) => Problem::new(
            StatusCode::CONFLICT,
            "not-what-was-committed",
            "the content is not what its sender put on record",
        )
        .detail(fault.to_string()),
    }
}

async fn acknowledgements(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let shown = with_report(&app, &who, &name, |_, report| {
        let recipients = report.recipients();
        let receipts = recipients.iter().filter_map(|recipient| {
            let course = report.receipt(recipient)?;
            Some(ReceiptView {
                recipient: recipient.to_string(),
                state: course.state,
                since: course.since.to_string(),
            })
        });
        let owed = report.not_acknowledged().into_iter();
        Ok(AcknowledgementsView {
            report: report.id.to_string(),
            state: report.matter.course.state,
            recipients: receipts.collect(),
            not_acknowledged_by: owed
                .map(|owed| OwedView {
                    recipient: owed.holder.to_string(),
                    what: what(owed.state).unwrap_or("report"),
                    since: owed.since.to_string(),
                })
                .collect(),
            notice: RECALL_NOTICE,
        })
    })?;
    answer_json(&headers, &shown)
}

/// What is to be acknowledged in a state of a receipt.
fn what(state: &str) -> Option<&'static str> {
    match state {
        "sent" => Some("report"),
        "correction_due" => Some("correction"),
        "recall_due" | "recall_overdue" => Some("recall"),
        _ => None,
    }
}

async fn inbox(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Asked(wish): Asked<PageWish>,
    headers: HeaderMap,
) -> Answer {
    let view = app.handle.view();
    let picture = view.picture.at(app.clock.now());
    let own = app.own_holder();
    let visible = picture.matters(REPORT).filter(|(id, matter)| {
        let report = ReportFile { id, matter };
        let is_ours = report.receipt(&own).is_some();
        is_ours
            && app
                .authority
                .grant(&who, Action::Read, object(id, matter))
                .is_some()
    });
    let items = visible.map(|(id, matter)| (id.to_string(), ReportFile { id, matter }));
    let page = wish.cut(items, |report| {
        let receipt = report.receipt(&own);
        let state = receipt.map_or("not_sent", |course| course.state);
        let sealed = report.sealed_for(&own);
        let has_content = sealed.is_some_and(|sealed| {
            let hash = Hash::from_bytes(*sealed.sealed.blob.sha256.bytes());
            let path = crate::runtime::blob_path(hash);
            let read = app.reader.read(&path, crate::runtime::BLOB_READ_MAX);
            read.is_ok_and(|bytes| bytes.is_some())
        });
        let mut first = report
            .matter
            .lines
            .iter()
            .filter_map(|line| match &*line.act {
                Act::ReportReleased(_) => Some(line.act.to_body()),
                _ => None,
            });
        let released = first.next().unwrap_or_default();
        InboxView {
            report: report.id.to_string(),
            originator: report.originator().to_string(),
            title: released.get("title").cloned(),
            state: report.matter.course.state,
            receipt: state,
            since: receipt.map_or_else(String::new, |course| course.since.to_string()),
            to_acknowledge: what(state),
            marking: released.get("marking").cloned().unwrap_or_default(),
            has_content,
        }
    });
    answer_json(&headers, &page?)
}

async fn acknowledge(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
    Content(bytes): Content,
) -> Answer {
    let own = app.own_holder();
    let kind = with_report(&app, &who, &name, |_, report| {
        let state = report.receipt(&own).map(|course| course.state);
        Ok(match state {
            Some("recall_due" | "recall_overdue") => Kind::RecallAcknowledged,
            _ => Kind::ReportReceived,
        })
    })?;
    act(&app, &who, &name, &headers, &bytes, kind).await
}

macro_rules! act_about_report {
    ($( $handler:ident: $kind:ident; )*) => {$(
        async fn $handler(
            State(app): State<Arc<App>>,
            Extension(who): Extension<Identity>,
            Named(name): Named<String>,
            headers: HeaderMap,
            Content(bytes): Content,
        ) -> Answer {
            act(&app, &who, &name, &headers, &bytes, Kind::$kind).await
        }
    )*};
}

act_about_report! {
    grade: ReportGraded;
    link: ReportLinked;
    request: OnwardRequested;
    decide: OnwardDecided;
    recall: ReportRecalled;
}

/// Writes an act about a report that `who` may read.
async fn act(
    app: &App,
    who: &Identity,
    name: &str,
    headers: &HeaderMap,
    bytes: &Bytes,
    kind: Kind,
) -> Answer {
    with_report(app, who, name, |_, _| Ok(()))?;
    let wish: ReportWish = match bytes.is_empty() {
        true => ReportWish::default(),
        false => body(bytes)?,
    };
    let decides = kind == Kind::OnwardDecided;
    let kind = kind.wire_name();
    let granted = may_write(app, who, kind)?;
    let role = wish.role.or_else(|| usual_role(who, kind));
    let wish = Wish {
        kind: kind.to_owned(),
        subject: name.to_owned(),
        role,
        body: wish.members,
    };
    let granted = &granted;
    let doing = |once| async move {
        if decides {
            may_let_go(app, who, name, &wish.body)?;
        }
        Ok(write(app, who, granted, wish, headers, once).await)
    };
    let asker = Asker { app, who, headers };
    asker.once((kind, name), bytes, doing).await
}

/// Refuses to let a report go where the marking of one of its portions does not let it go: what the
/// one who asks received is passed on whole. Only the originator's own node can know.
fn may_let_go(
    app: &App,
    who: &Identity,
    name: &str,
    members: &Map<String, Value>,
) -> Result<(), Problem> {
    let requester = members.get("requester").and_then(Value::as_str);
    let requester = requester.and_then(|requester| HolderId::parse(requester).ok());
    let grants = members.get("granted") == Some(&Value::Bool(true));
    // What names nobody, and what nobody asked for, is refused where it is written; what was passed on
    // to the one who asks is not passed on again, whatever is granted.
    let Some(requester) = requester.filter(|_| grants) else {
        return Ok(());
    };
    with_report(app, who, name, |picture, report| {
        let own = app.own_holder();
        let asked = report.matter.last(|line| match &*line.act {
            Act::OnwardRequested(act) if line.author.holder == requester => {
                Some(act.recipients.as_slice())
            }
            _ => None,
        });
        let sealed = report.sealed_for(&requester);
        let can_pass_on = sealed.is_some_and(|sealed| sealed.forwarder.is_none());
        let Some(asked) = asked.filter(|_| can_pass_on && *report.originator() == own) else {
            return Ok(());
        };
        let shelf = Shelf {
            picture,
            holders: &app.holders,
            own: &own,
            reader: &app.reader,
        };
        let state = report.matter.course.state;
        let content = app.seals.content(&shelf, report, &requester);
        let content = content.map_err(|fault| content_problem(&fault, state))?;
        let way_out = |recipients: &str| {
            format!("release it to {recipients} directly, without what is not marked for them")
        };
        may_all_have(app, picture, &content, asked, way_out)
    })
}

/// Refuses what would hand a portion to somebody whom its own marking does not name: an edition is
/// passed on to the last byte, so that nothing can be left out of it.
fn may_all_have(
    app: &App,
    picture: &Picture,
    content: &Read,
    recipients: &[HolderId],
    way_out: impl FnOnce(&str) -> String,
) -> Result<(), Problem> {
    let (directory, now) = (picture.directory(), app.clock.now());
    let mut portions = Vec::new();
    let mut words = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for recipient in recipients {
        let reader = Reader::named(recipient, &directory);
        let denied = shut_out(&content.edition, reader.as_ref(), now);
        if !denied.is_empty() {
            names.push(recipient.as_str());
        }
        for (number, denial) in denied {
            words.push(denied_words(number, recipient, denial));
            portions.push(json!({"portion": number, "recipient": recipient.as_str()}));
        }
    }
    if portions.is_empty() {
        return Ok(());
    }
    let way_out = way_out(&names.join(" and "));
    let detail = format!("{}; {way_out}", words.join(", "));
    Err(not_releasable(detail).with("portions", Value::Array(portions)))
}

fn denied_words(number: usize, recipient: &HolderId, denial: Denial) -> String {
    format!("portion {number} may not go to {recipient}: {denial}")
}

fn not_releasable(detail: String) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "portion-not-releasable",
        "the marking of a portion does not allow it",
    )
    .detail(detail)
}

/// The role in which somebody who holds several writes about reports.
fn usual_role(who: &Identity, kind: &str) -> Option<String> {
    let takes_note = [
        Kind::ReportReceived,
        Kind::RecallAcknowledged,
        Kind::ReportGraded,
        Kind::ReportLinked,
    ];
    let takes_note = takes_note.iter().any(|known| known.wire_name() == kind);
    let usual: &[Role] = match takes_note {
        true => &[Role::WatchOfficer, Role::ReleaseOfficer, Role::Inquiry],
        false => &[Role::ReleaseOfficer],
    };
    let held = usual.iter().find(|role| who.roles.contains(role));
    held.map(|role| role.wire_name().to_owned())
}

async fn forward(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
    Content(bytes): Content,
) -> Answer {
    let wish: ForwardWish = body(&bytes)?;
    with_report(&app, &who, &name, |_, _| Ok(()))?;
    let kind = Kind::ReportForwarded.wire_name();
    let granted = may_write(&app, &who, kind)?;
    let asker = Asker {
        app: &app,
        who: &who,
        headers: &headers,
    };
    let doing = |once| pass_on(asker, &granted, &name, wish, once);
    asker.once((kind, &name), &bytes, doing).await
}

async fn pass_on(
    asker: Asker<'_>,
    granted: &Granted,
    name: &str,
    wish: ForwardWish,
    once: Option<Once>,
) -> Answer {
    let Asker { app, who, .. } = asker;
    let recipients: Result<Vec<HolderId>, _> = wish
        .recipients
        .iter()
        .map(|recipient| HolderId::parse(recipient))
        .collect();
    let recipients = recipients.map_err(|error| Problem::malformed(error.to_string()))?;
    let own = app.own_holder();
    let (report, agreement, payloads) = with_report(app, who, name, |picture, report| {
        let shelf = Shelf {
            picture,
            holders: &app.holders,
            own: &own,
            reader: &app.reader,
        };
        // Nothing is sealed for anybody whom the originator has not let it go to.
        let let_go = report.granted_to(&own);
        if !recipients
            .iter()
            .all(|recipient| let_go.contains(recipient))
        {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "not-granted",
                "its originator has not let it go to every recipient",
            ));
        }
        let original = app.seals.original(&shelf, report);
        let state = report.matter.course.state;
        let (original, content) = original.map_err(|fault| content_problem(&fault, state))?;
        let originator = report.originator();
        let way_out = |recipients: &str| {
            format!("ask {originator}, who wrote it, to release it to {recipients} directly")
        };
        may_all_have(app, picture, &content, &recipients, way_out)?;
        let agreement = shelf
            .agreement()
            .ok_or_else(|| Problem::unavailable("no agreement is in force"))?;
        let payloads: Option<Vec<(HolderId, Vec<u8>)>> = recipients
            .iter()
            .map(|recipient| {
                let payload = forwarded(&own, recipient, &original)?;
                Some((recipient.clone(), payload))
            })
            .collect();
        let payloads =
            payloads.ok_or_else(|| Problem::malformed("it is too long to be passed on"))?;
        Ok((report.id.clone(), agreement, payloads))
    })?;
    let author = Author {
        origin: &app.origin,
        agreement: &agreement,
        kind: Kind::ReportForwarded,
    };
    let payloads = payloads
        .iter()
        .map(|(recipient, payload)| (recipient.clone(), payload.as_slice()));
    let sealed = seal_all(app, &author, payloads).await?;
    let nobody = || Problem::malformed("name at least one recipient");
    let act = Act::ReportForwarded(ReportForwarded {
        subject: report,
        role: ActRole::ReleaseOfficer,
        recipients: AtLeastOne::new(recipients).ok_or_else(nobody)?,
        sealed: AtLeastOne::new(sealed).ok_or_else(nobody)?,
    });
    Ok(asker.put(granted, &act, once).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_that_is_owed_says_what() {
        let machine = detente_records::workflow::Machine::named("receipt").unwrap();
        let owed: Vec<_> = machine
            .states
            .iter()
            .filter_map(|state| what(state.name))
            .collect();
        assert_eq!(owed, ["report", "correction", "recall", "recall"]);
        assert_eq!(what("received"), None);
    }
}
