//! Who read exactly where protected objects stand: on record before the place is shown, sealed for whoever notified it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use detente_node::disclosure::{self, CANNOT_PROVE, Disclosure, Reading, Share};
use detente_node::node::{Command, NODE_AUTHOR};
use detente_node::picture::{Line, Outcome};
use detente_records::act::exact_place::{PlaceReading, PlaceReadingForm};
use detente_records::act::protected_object::ExactPlaceRead;
use detente_records::act::{Act, ExactPlace, Kind, Role as ActRole};
use detente_records::{HolderId, OfficeName, RecordId};
use detente_sharing::{Author, read_reading, reading_payload};
use detente_spacetime::{Instant, Position};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::App;
use super::answer::{Answer, Asked, json};
use super::route::{Gives, Needs, Parameter, Route, schema_of};
use super::sealing::{lay, no_key, seal_keys};
use crate::authority::Action;
use crate::exact_places;
use crate::problem::Problem;
use crate::role::Role;
use crate::seals::{ContentFault, Shelf};
use crate::users::Identity;

/// Microseconds of a day: a person's readings of one place are put on record once a day, so that looking again costs nothing
/// and tells others nothing.
const DAY_MICROS: i64 = 86_400_000_000;
/// Most readings that are opened for an answer, the newest first: each takes a tenth of a millisecond.
const READINGS_MAX: usize = 10_000;

/// Which object is asked about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadingsWish {
    /// One object; every one when not given.
    object: Option<String>,
}

/// Who read what, and what was told of the own objects beside what happened near them.
#[derive(Debug, Serialize, JsonSchema)]
struct PlaceReadingsView {
    /// Readings of own objects, and readings on this node of others', the newest first.
    readings: Vec<PlaceReadingView>,
    /// Readings on record for this participant that cannot be shown.
    unreadable: Vec<UnreadableReadingView>,
    /// Older readings that were left out.
    left_out: usize,
    /// Incidents within a kilometre of own objects after their notice, the latest first.
    incidents: Vec<NearIncidentView>,
    /// By every other participant and observer: own objects as it knows them.
    known: BTreeMap<String, KnownObjectsView>,
    /// What none of this proves.
    cannot_prove: Vec<String>,
}

/// One reading.
#[derive(Debug, Serialize, JsonSchema)]
struct PlaceReadingView {
    object: String,
    /// The version of its notice.
    version: u32,
    /// Who notified it.
    originator: String,
    /// On whose node it was read.
    holder: String,
    /// The user who read it, as that node names its users.
    user: String,
    /// The first instant of the day on which it was read, once or more often, RFC 3339.
    day: String,
    /// When it went on record: before the place was first shown on that day. RFC 3339.
    recorded_at: String,
    /// The ledger that says so.
    origin: String,
    /// Its entry.
    index: u64,
}

/// A reading on record that cannot be shown.
#[derive(Debug, Serialize, JsonSchema)]
struct UnreadableReadingView {
    /// Whose node it was read on.
    holder: String,
    recorded_at: String,
    origin: String,
    index: u64,
    /// Why.
    why: String,
}

/// An incident near an own object.
#[derive(Debug, Serialize, JsonSchema)]
struct NearIncidentView {
    incident: String,
    at: String,
    /// The earliest that the time it is stated with may mean, RFC 3339; null where it is not stated.
    earliest: Option<String>,
    /// The latest that it may mean, and never after its record, RFC 3339.
    latest: String,
    object: String,
    /// How far away the nearest account puts it.
    distance_m: f64,
    /// Who had been told exactly where the object stands by `latest`.
    told_exactly: Vec<String>,
    /// Who had been told coarsely, and not exactly.
    told_coarsely: Vec<String>,
    /// On whose nodes its exact place had been read by `latest`.
    read_by: Vec<String>,
}

/// Own objects as somebody knows them, and near how many of them incidents were reported since.
#[derive(Debug, Serialize, JsonSchema)]
struct KnownObjectsView {
    /// It was told exactly.
    exactly: ObjectShareView,
    /// It was told coarsely only.
    coarsely: ObjectShareView,
    /// It was told nothing about.
    not_told: ObjectShareView,
    /// Its node has shown the exact place to somebody.
    read: ObjectShareView,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ObjectShareView {
    objects: usize,
    with_incident: usize,
}

const QUERY: &[Parameter] = &[Parameter {
    name: "object",
    says: "only readings of this object, and incidents near it",
    schema: || serde_json::json!({"type": "string", "minLength": 1}),
}];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/exact-place-readings",
            "list_exact_place_readings",
            "Who read exactly where objects stand, beside the incidents near them",
            Needs::Picture(Action::Read),
            Gives::Json(200, schema_of::<PlaceReadingsView>),
            get(list),
        )
        .query(QUERY),
    ]
}

/// Puts on record that a user reads an exact place; what is not on record is not shown.
///
/// The same user, place and day give the same sealed bytes and so the same entry: whoever looks again is on record already,
/// whatever was restarted in between.
pub(super) async fn note(app: &App, who: &Identity, place: &ExactPlace) -> Result<(), Problem> {
    let own = app.own_holder();
    let midnight = app.clock.now().micros().div_euclid(DAY_MICROS) * DAY_MICROS;
    let unnamed = || Problem::unavailable("no reading can be put on record for this user");
    let reading = PlaceReading {
        form: PlaceReadingForm::V1,
        object: place.object.clone(),
        version: place.version,
        originator: place.originator.clone(),
        holder: own,
        user: OfficeName::parse(&who.name).map_err(|_| unnamed())?,
        day: Instant::from_micros(midnight).ok_or_else(unnamed)?,
    };
    let payload = reading_payload(&reading).ok_or_else(unnamed)?;
    let view = app.handle.view();
    let agreement = view.picture.agreement();
    let agreement = agreement.ok_or_else(|| Problem::unavailable("no agreement is in force"))?;
    let author = Author {
        origin: &app.origin,
        agreement: agreement.id.as_str(),
        kind: Kind::ExactPlaceRead,
    };
    let keys = seal_keys(app).await?;
    let recipient = &place.originator;
    let key = keys.get(recipient).ok_or_else(|| no_key(recipient))?;
    let made = app.seals.seal(&author, recipient, key, &payload);
    let (sealed, blob) = made.map_err(|error| Problem::unavailable(error.to_string()))?;
    let subject = RecordId::parse(&format!("read-{}", sealed.blob.sha256));
    let subject = subject.map_err(|_| unnamed())?;
    if !view.picture.history_of(&subject).is_empty() {
        return Ok(());
    }
    lay(app, &[blob]).await?;
    let act = Act::ExactPlaceRead(ExactPlaceRead {
        subject,
        role: ActRole::System,
        sealed,
    });
    let command = Command {
        author: NODE_AUTHOR.to_owned(),
        kind: act.kind().wire_name().to_owned(),
        body: act.to_body(),
    };
    let unrecorded = || {
        Problem::unavailable(
            "the reading cannot be put on record, and a place is not shown without",
        )
    };
    match app.handle.submit(command, None).await {
        Ok(Ok(accepted)) if matches!(accepted.outcome, Outcome::Effective(_)) => Ok(()),
        Ok(_) => Err(unrecorded()),
        Err(stopped) => Err(Problem::unavailable(stopped.to_string())),
    }
}

async fn list(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Asked(wish): Asked<ReadingsWish>,
    headers: HeaderMap,
) -> Answer {
    let examines = [Role::Inquiry, Role::Auditor];
    let examines = examines.iter().any(|role| who.roles.contains(role));
    // Whoever notifies sees what became of the own objects; what own users read of others is for those who examine.
    if !examines && !who.roles.contains(&Role::Notifier) {
        return Err(Problem::forbidden());
    }
    let object = wish.object.as_deref().map(RecordId::parse).transpose();
    let object = object.map_err(|_| Problem::not_found())?;
    let read = tokio::task::spawn_blocking(move || view(&app, object.as_ref(), examines));
    let read = read.await;
    let read = read.map_err(|_| Problem::unavailable("the readings could not be read"))?;
    json(&headers, &read)
}

fn view(app: &App, object: Option<&RecordId>, examines: bool) -> PlaceReadingsView {
    let own = app.own_holder();
    let view = app.handle.view();
    let shelf = Shelf {
        picture: &view.picture,
        holders: &app.holders,
        own: &own,
        reader: &app.reader,
    };
    let mut lines: Vec<&Line> = view
        .picture
        .statements(Kind::ExactPlaceRead)
        .flat_map(|(_, lines)| lines)
        .filter(|line| concerns(line, &own, examines))
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    let left_out = lines.len().saturating_sub(READINGS_MAX);
    lines.truncate(READINGS_MAX);
    let (mut readings, mut unreadable) = (Vec::new(), Vec::new());
    for line in lines {
        match opened(app, &shelf, line) {
            Ok(reading) => readings.push(reading),
            Err(fault) => unreadable.push(UnreadableReadingView {
                holder: line.author.holder.to_string(),
                recorded_at: line.at.to_string(),
                origin: line.source.origin.to_string(),
                index: line.source.index,
                why: fault.to_string(),
            }),
        }
    }
    let exact = |id: &RecordId, version: u32| -> Option<Position> {
        let place = exact_places::find(&app.reader, id, version)?;
        detente_sharing::notice::middle(place.feature.record().volume.footprint.bounds())
    };
    let found = disclosure::disclosure(&view.picture, &own, &readings, exact);
    if let Some(object) = object {
        readings.retain(|reading| reading.said.object == *object);
    }
    PlaceReadingsView {
        readings: readings.iter().map(PlaceReadingView::of).collect(),
        unreadable,
        left_out,
        known: known(&found),
        incidents: incidents(&found, object),
        cannot_prove: CANNOT_PROVE.map(str::to_owned).to_vec(),
    }
}

/// Whether a reading is for this participant to see: of its own objects, or by its own users.
fn concerns(line: &Line, own: &HolderId, examines: bool) -> bool {
    match &*line.act {
        Act::ExactPlaceRead(act) => {
            act.sealed.recipient == *own || (examines && line.author.holder == *own)
        }
        _ => false,
    }
}

fn opened(app: &App, shelf: &Shelf<'_>, line: &Line) -> Result<Reading, ContentFault> {
    let Act::ExactPlaceRead(act) = &*line.act else {
        return Err(ContentFault::Nothing);
    };
    let kind = Kind::ExactPlaceRead;
    let opened = app
        .seals
        .open(shelf, &line.source.origin, kind, &act.sealed)?;
    let whose = (&line.author.holder, &act.sealed.recipient);
    Ok(Reading {
        said: read_reading(&opened, whose)?,
        at: line.at,
        source: line.source.clone(),
    })
}

fn incidents(found: &Disclosure, object: Option<&RecordId>) -> Vec<NearIncidentView> {
    let names = |holders: &std::collections::BTreeSet<HolderId>| -> Vec<String> {
        holders.iter().map(ToString::to_string).collect()
    };
    let near = found.incidents.iter();
    near.filter(|near| object.is_none_or(|object| near.object == *object))
        .map(|near| NearIncidentView {
            incident: near.incident.to_string(),
            at: near.at.to_string(),
            earliest: near.earliest.map(|at| at.to_string()),
            latest: near.latest.to_string(),
            object: near.object.to_string(),
            distance_m: near.distance_m.round(),
            told_exactly: names(&near.told_exactly),
            told_coarsely: names(&near.told_coarsely),
            read_by: names(&near.read_by),
        })
        .collect()
}

fn known(found: &Disclosure) -> BTreeMap<String, KnownObjectsView> {
    let share = |share: Share| ObjectShareView {
        objects: share.objects,
        with_incident: share.with_incident,
    };
    let known = found.known.iter();
    known
        .map(|(holder, known)| {
            let view = KnownObjectsView {
                exactly: share(known.exactly),
                coarsely: share(known.coarsely),
                not_told: share(known.not_told),
                read: share(known.read),
            };
            (holder.to_string(), view)
        })
        .collect()
}

impl PlaceReadingView {
    fn of(reading: &Reading) -> Self {
        let said = &reading.said;
        Self {
            object: said.object.to_string(),
            version: said.version,
            originator: said.originator.to_string(),
            holder: said.holder.to_string(),
            user: said.user.to_string(),
            day: said.day.to_string(),
            recorded_at: reading.at.to_string(),
            origin: reading.source.origin.to_string(),
            index: reading.source.index,
        }
    }
}
