//! Private checks: proposed and answered with plans that stay at home, followed, and disclosed to be audited.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use detente_formats::geojson::read_volumes;
use detente_node::picture::{CheckFile, Picture, SaidOfCheck};
use detente_node::private_check::Talk;
use detente_records::act::private_check::{PrivateCheckAnswered, PrivateCheckProposed};
use detente_records::act::{Act, Kind, Role};
use detente_records::{HolderId, Place, Problems, RecordId};
use detente_sharing::private_check::{Leg, ProtocolFault, Role as Part, Terms};
use detente_spacetime::{Span, VerticalAssumptions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::App;
use super::acts::body;
use super::answer::{
    Answer, Asked, Content, Named, PAGE_QUERY, Page, PageWish, done, json as answer_json,
};
use super::report_drafts::form;
use super::route::{Gives, Needs, Route, schema_of};
use super::sealing::Asker;
use crate::authority::{Action, Object};
use crate::chance;
use crate::checks::{self, Kept, Knows, PrivateCheckView};
use crate::problem::Problem;
use crate::users::Identity;

/// What a check is asked for or answered with.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CheckWish {
    /// The other side, by its name in the agreement.
    with: String,
    /// The session that is answered; none proposes one.
    #[serde(default)]
    answers: Option<String>,
    /// The plans, as GeoJSON of the exchange profile, windows with an end. They stay in this node.
    plans: Value,
    /// `planner` or `watch_officer`; not needed by whoever holds only one of them.
    #[serde(default)]
    role: Option<String>,
    /// How long a session that is proposed may be open, hours; as long as the agreement lets it when not given.
    #[serde(default)]
    hours: Option<u32>,
}

/// A session that was proposed or answered.
#[derive(Debug, Serialize, JsonSchema)]
struct Begun {
    check: String,
}

/// What both sides said, as this side can show it to whoever examines it.
#[derive(Debug, Serialize, JsonSchema)]
struct RecordView {
    check: String,
    initiator: String,
    responder: String,
    /// What it was held under.
    terms: TermsView,
    /// Commitments, messages and consents, in their order.
    said: Vec<SaidView>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TermsView {
    agreement_sha256: String,
    separation_m: u32,
    vertical_m: u32,
    time_s: u32,
    cells_max: u32,
    finest: u8,
}

/// One thing said.
#[derive(Debug, Serialize, JsonSchema)]
struct SaidView {
    /// `initiator` or `responder`.
    by: &'static str,
    /// `commitment`, `message` or `consent`.
    what: &'static str,
    /// The entry.
    origin: String,
    index: u64,
    /// The bytes in base64, opened from the content that the entry is committed to; null for a consent.
    bytes: Option<String>,
}

/// What a side discloses to be audited.
#[derive(Debug, Serialize, JsonSchema)]
struct DisclosureView {
    /// `initiator` or `responder`.
    role: &'static str,
    /// The seed, the legs, and the plans they were made from.
    secret: Value,
}

pub(super) fn routes() -> Vec<Route> {
    let one = "/api/v1/private-checks/{id}";
    vec![
        Route::get(
            "/api/v1/private-checks",
            "list_private_checks",
            "Private checks of this participant",
            Needs::Acts,
            Gives::Json(200, schema_of::<Page<PrivateCheckView>>),
            get(list),
        )
        .query(PAGE_QUERY),
        Route::get(
            "/api/v1/private-checks",
            "begin_private_check",
            "Propose or answer a private check with plans that stay in this node",
            Needs::Acts,
            Gives::Json(201, schema_of::<Begun>),
            post(begin),
        )
        .method("post")
        .takes(schema_of::<CheckWish>),
        Route::get(
            one,
            "read_private_check",
            "A private check, and what this participant knows from it",
            Needs::Acts,
            Gives::Json(200, schema_of::<PrivateCheckView>),
            get(read),
        ),
        Route::get(
            "/api/v1/private-checks/{id}/record",
            "read_private_check_record",
            "What both sides said in a private check, for an audit",
            Needs::Ledger(Action::Export),
            Gives::Json(200, schema_of::<RecordView>),
            get(record),
        ),
        Route::get(
            "/api/v1/private-checks/{id}/disclosure",
            "disclose_private_check",
            "The seed and the plans of this participant in a private check, to be shown to whoever audits it",
            Needs::Ledger(Action::Export),
            Gives::Json(200, schema_of::<DisclosureView>),
            get(disclosure),
        ),
    ]
}

/// Whoever may propose a check may follow it: it tells of plans of this participant.
fn may_follow(app: &App, who: &Identity) -> Result<(), Problem> {
    let kind = Object::Kind(Kind::PrivateCheckProposed.wire_name().to_owned());
    let granted = app.authority.grant(who, Action::Submit, kind);
    granted.map(drop).ok_or_else(Problem::forbidden)
}

/// Whoever takes the ledger out of the house may take out what it is committed to.
fn may_examine(app: &App, who: &Identity) -> Result<(), Problem> {
    let granted = app.grant(who, Action::Export, Object::Ledger(app.origin.to_string()))?;
    match granted.object() {
        Object::Ledger(_) => Ok(()),
        _ => Err(Problem::not_found()),
    }
}

async fn list(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Asked(wish): Asked<PageWish>,
    headers: HeaderMap,
) -> Answer {
    may_follow(&app, &who)?;
    let own = app.own_holder();
    let view = app.handle.view();
    let picture = view.picture.at(app.clock.now());
    let shown = picture.private_checks().filter_map(|file| {
        Some((
            file.id.to_string(),
            PrivateCheckView::of(&file, &own, None)?,
        ))
    });
    answer_json(&headers, &wish.cut(shown, |shown| shown)?)
}

/// Works on a session of this participant, where that holds up nobody.
async fn on_check<T: Send + 'static>(
    app: &Arc<App>,
    name: &str,
    work: impl FnOnce(&App, &Picture, &CheckFile<'_>) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let id = RecordId::parse(name).map_err(|_| Problem::not_found())?;
    let app = Arc::clone(app);
    let worked = tokio::task::spawn_blocking(move || {
        let view = app.handle.view();
        let picture = view.picture.at(app.clock.now());
        let file = picture.private_check(&id);
        let file = file.filter(|file| file.role_of(&app.own_holder()).is_some());
        work(&app, &picture, &file.ok_or_else(Problem::not_found)?)
    });
    worked
        .await
        .map_err(|_| Problem::unavailable("the session could not be computed"))?
}

async fn read(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    may_follow(&app, &who)?;
    let shown = on_check(&app, &name, |app, picture, file| {
        let kept = checks::find(&app.reader, file.id).zip(file.terms());
        let knows = kept.and_then(|(kept, terms)| {
            app.checks
                .with(app, picture, file, |talk| Knows::of(talk, &kept, &terms))
        });
        PrivateCheckView::of(file, &app.own_holder(), knows).ok_or_else(Problem::not_found)
    });
    answer_json(&headers, &shown.await?)
}

fn part(role: Part) -> &'static str {
    match role {
        Part::Initiator => "initiator",
        Part::Responder => "responder",
    }
}

async fn record(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    may_examine(&app, &who)?;
    let shown = on_check(&app, &name, |app, picture, file| {
        let own = app.own_holder();
        let terms = file.terms().ok_or_else(Problem::not_found)?;
        let mut said = Vec::new();
        for one in file.said() {
            let (what, sealed) = match one.said {
                SaidOfCheck::Committed(sealed) => ("commitment", Some(sealed)),
                SaidOfCheck::Message(sealed) => ("message", Some(sealed)),
                SaidOfCheck::Consented => ("consent", None),
                SaidOfCheck::Concluded(_) => continue,
            };
            let bytes = match sealed {
                Some(sealed) => {
                    let opened = checks::opened(app, picture, &own, &one, sealed);
                    let opened = opened.map_err(|fault| Problem::unavailable(fault.to_string()))?;
                    let content = detente_sharing::private_check::unwrapped(&opened);
                    content.map(|content| STANDARD.encode(content))
                }
                None => None,
            };
            said.push(SaidView {
                by: part(if one.by_initiator {
                    Part::Initiator
                } else {
                    Part::Responder
                }),
                what,
                origin: one.line.source.origin.to_string(),
                index: one.line.source.index,
                bytes,
            });
        }
        Ok(RecordView {
            check: file.id.to_string(),
            initiator: file.initiator().to_string(),
            responder: file
                .responder()
                .map(ToString::to_string)
                .unwrap_or_default(),
            terms: TermsView {
                agreement_sha256: terms.agreement.to_hex(),
                separation_m: terms.separation_m,
                vertical_m: terms.vertical_m,
                time_s: terms.time_s,
                cells_max: terms.cells_max,
                finest: terms.finest,
            },
            said,
        })
    });
    answer_json(&headers, &shown.await?)
}

async fn disclosure(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    may_examine(&app, &who)?;
    let shown = on_check(&app, &name, |app, _, file| {
        let kept = checks::find(&app.reader, file.id).ok_or_else(Problem::not_found)?;
        let role = file
            .role_of(&app.own_holder())
            .ok_or_else(Problem::not_found)?;
        Ok(DisclosureView {
            role: part(role),
            secret: kept.to_json(),
        })
    });
    answer_json(&headers, &shown.await?)
}

async fn begin(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    headers: HeaderMap,
    Content(bytes): Content,
) -> Answer {
    may_follow(&app, &who)?;
    let wish: CheckWish = body(&bytes)?;
    let role = role_of(&who, wish.role.as_deref())?;
    let with = HolderId::parse(&wish.with)
        .map_err(|_| Problem::malformed("`with` is no name of a participant"))?;
    let _alone = app.checks.begin().await;
    let held = held_under(&app, &wish, &with)?;
    let (kept, commitment) = prepare(wish.plans, &held).await?;
    let check = kept.check.clone();
    // The secret lies on the disk before anything is on record that follows from it.
    let done_keeping = app.office.with(|files| checks::keep_secret(files, &kept));
    done_keeping
        .ok_or_else(Problem::elsewhere)?
        .map_err(|_| Problem::unavailable("the plans could not be kept"))?;
    let act = stated(&app, &held, (role, &with), &commitment).await;
    let response = match act {
        Ok(act) => {
            let asker = Asker {
                app: &app,
                who: &who,
                headers: &headers,
            };
            let kind = Object::Kind(act.kind().wire_name().to_owned());
            let granted = app.authority.grant(&who, Action::Submit, kind);
            asker
                .put(&granted.ok_or_else(Problem::forbidden)?, &act, None)
                .await
        }
        Err(problem) => problem.into_response(),
    };
    if response.status().is_client_error() {
        // Nothing on record follows from it.
        let _ = app.office.with(|files| checks::forget(files, &check));
    }
    if response.status() != StatusCode::CREATED {
        return Ok(response);
    }
    let check = check.to_string();
    done(StatusCode::CREATED, &Begun { check })
}

/// The role a check is proposed or answered in.
fn role_of(who: &Identity, stated: Option<&str>) -> Result<Role, Problem> {
    let fits = [Role::Planner, Role::WatchOfficer];
    let held = |role: &Role| {
        who.roles
            .iter()
            .any(|own| own.wire_name() == role.wire_name())
    };
    let role = match stated {
        Some(name) => fits.into_iter().find(|role| role.wire_name() == name),
        None => fits.into_iter().find(held),
    };
    role.filter(held).ok_or_else(Problem::forbidden)
}

/// The session that is begun.
struct HeldUnder {
    check: RecordId,
    part: Part,
    terms: Terms,
    stated: detente_records::act::private_check::CheckTerms,
    hours: u32,
}

fn held_under(app: &App, wish: &CheckWish, with: &HolderId) -> Result<HeldUnder, Problem> {
    let conflict = |title| Problem::new(StatusCode::CONFLICT, "refused", title);
    let view = app.handle.view();
    let picture = view.picture.at(app.clock.now());
    let (stated, parameters) = picture
        .private_check_terms()
        .ok_or_else(|| conflict("no agreement is in force"))?;
    let terms = |stated: &detente_records::act::private_check::CheckTerms| Terms {
        agreement: detente_ledger::hash::Hash::from_bytes(*stated.agreement.bytes()),
        separation_m: stated.separation_m,
        vertical_m: stated.vertical_m,
        time_s: stated.time_s,
        cells_max: stated.cells_max,
        finest: u8::try_from(stated.finest).unwrap_or(u8::MAX),
    };
    if let Some(answers) = &wish.answers {
        let check = RecordId::parse(answers).map_err(|_| Problem::not_found())?;
        let file = picture
            .private_check(&check)
            .ok_or_else(Problem::not_found)?;
        let is_asked = file.role_of(&app.own_holder()) == Some(Part::Responder);
        if !is_asked || file.initiator() != with {
            return Err(Problem::not_found());
        }
        if file.matter.course.state != "proposed" {
            return Err(conflict("the session does not wait for an answer"));
        }
        let terms = file.terms().ok_or_else(Problem::not_found)?;
        return Ok(HeldUnder {
            check,
            part: Part::Responder,
            terms,
            stated,
            hours: 0,
        });
    }
    let random: [u8; 8] =
        chance::draw().map_err(|error| Problem::unavailable(error.to_string()))?;
    let name = format!("check-{:016x}", u64::from_be_bytes(random));
    let check = RecordId::parse(&name).map_err(|_| Problem::malformed("no name"))?;
    Ok(HeldUnder {
        check,
        part: Part::Initiator,
        terms: terms(&stated),
        stated,
        hours: wish.hours.unwrap_or(parameters.hours),
    })
}

/// Reads the plans, draws the seed and covers them: seconds of work for a thousand plans.
async fn prepare(plans: Value, held: &HeldUnder) -> Result<(Kept, Vec<u8>), Problem> {
    let seed = chance::draw().map_err(|error| Problem::unavailable(error.to_string()))?;
    let (check, part, terms) = (held.check.clone(), held.part, held.terms.clone());
    let work = move || {
        let (legs, names) = read_plans(&plans)?;
        let kept = Kept {
            check,
            seed,
            plans: legs,
            names,
            declared: plans,
        };
        let talk = Talk::open(part, terms.clone(), kept.secret());
        let talk = talk.map_err(|fault| cannot_be_held(fault, &terms))?;
        let commitment = talk.commitment();
        Ok((kept, commitment))
    };
    let worked = tokio::task::spawn_blocking(work).await;
    worked.map_err(|_| Problem::unavailable("the plans could not be covered"))?
}

/// Says why plans make no session under the terms.
fn cannot_be_held(fault: ProtocolFault, terms: &Terms) -> Problem {
    let problem = Problem::new(
        StatusCode::CONFLICT,
        "refused",
        "the plans cannot be compared under the agreement's terms",
    );
    problem.detail(fault.to_string()).with(
        "limits",
        json!({
            "cells_max": terms.cells_max,
            "legs_max": detente_sharing::private_check::LEGS_MAX,
            "legs_bytes_max": detente_sharing::private_check::LEGS_BYTES_MAX,
        }),
    )
}

/// Reads plans, each one volume; says everything that is wrong with them at once.
fn read_plans(plans: &Value) -> Result<(Vec<Vec<Leg>>, Vec<String>), Problem> {
    let bytes = plans.to_string().into_bytes();
    let (volumes, mut problems) = read_volumes("plans", &mut bytes.as_slice());
    let (mut legs, mut names) = (Vec::new(), Vec::new());
    for (position, plain) in volumes.iter().enumerate() {
        let id = plain.id.clone();
        let id = id.unwrap_or_else(|| format!("feature {position}"));
        match Leg::new(&plain.volume, &VerticalAssumptions::default()) {
            Ok(leg) => legs.push(vec![leg]),
            Err(fault) => not_in_the_grid(&mut problems, plain.provenance.place(), &id, &fault),
        }
        names.push(id);
    }
    if volumes.is_empty() && !problems.has_errors() {
        problems
            .error("no_volumes", Place::default(), "there is no plan")
            .help("give a FeatureCollection with at least one feature");
    }
    if problems.has_errors() {
        return Err(form(&problems, "the plans are not complete and correct"));
    }
    Ok((legs, names))
}

fn not_in_the_grid(
    problems: &mut Problems,
    place: Place,
    id: &str,
    fault: &detente_sharing::private_check::LegFault,
) {
    problems
        .error("no_place_in_the_grid", place, format!("{id}: {fault}"))
        .help("give each plan a shape, heights and a window that a private check can compare");
}

/// The act that puts the commitment on record.
async fn stated(
    app: &App,
    held: &HeldUnder,
    (role, with): (Role, &HolderId),
    commitment: &[u8],
) -> Result<Act, Problem> {
    let kind = match held.part {
        Part::Initiator => Kind::PrivateCheckProposed,
        Part::Responder => Kind::PrivateCheckAnswered,
    };
    let sealed = checks::seal_for(app, kind, with, commitment).await?;
    let subject = held.check.clone();
    if held.part == Part::Responder {
        let act = PrivateCheckAnswered {
            subject,
            role,
            sealed,
        };
        return Ok(Act::PrivateCheckAnswered(act));
    }
    let span = Span::from_hours(i64::from(held.hours));
    let expires = span.and_then(|span| app.clock.now().plus(span));
    let expires = expires.ok_or_else(|| Problem::malformed("`hours` is too long"))?;
    Ok(Act::PrivateCheckProposed(PrivateCheckProposed {
        subject,
        role,
        with: with.clone(),
        terms: held.stated.clone(),
        sealed,
        expires,
    }))
}
