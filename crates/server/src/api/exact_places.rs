//! Protected objects released recipient by recipient, exactly to one and coarsely to another; and exact places as those read
//! them that they were released to.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use detente_ledger::seal::SealPublicKey;
use detente_node::node::{Command, Refusal};
use detente_node::picture::{ObjectFile, Outcome};
use detente_records::act::exact_place::ExactPlaceForm;
use detente_records::act::protected_object::{ObjectReleased, ReleasePrecision};
use detente_records::act::report::Sealed;
use detente_records::act::{Act, AtLeastOne, ExactPlace, Kind, Role as ActRole};
use detente_records::{HolderId, RecordId};
use detente_sharing::{Author, exact_payload, lies_in};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use super::App;
use super::acts::body;
use super::answer::{Answer, Content, Named, done, json as answer_json};
use super::place_readings;
use super::report_drafts::form;
use super::route::{Gives, Needs, Route, schema_of};
use super::sealing::{lay, no_key, seal_keys};
use crate::authority::{Action, Object};
use crate::exact_places;
use crate::problem::Problem;
use crate::role::Role;
use crate::seals::Shelf;
use crate::users::Identity;

/// Objects of one request: each is sealed and written for itself, some milliseconds apiece.
const OBJECTS_MAX: usize = 500;
/// Objects sealed and put on record together: their bytes are made durable in one go, and fit the memory with every recipient.
const OBJECTS_AT_ONCE: usize = 64;
/// Recipients of one request: more than an agreement has.
const RECIPIENTS_MAX: usize = 100;

/// Which objects go to whom, and how exactly.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseWish {
    /// The objects; 500 at most.
    objects: Vec<String>,
    /// To whom, each once.
    to: Vec<RecipientWish>,
    /// `notifier` or `release_officer`; not needed by whoever holds only one of them.
    #[serde(default)]
    role: Option<String>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RecipientWish {
    /// Who, by its name in the agreement.
    recipient: String,
    /// `exact` or `coarse`; as everybody reads the object when not given.
    #[serde(default)]
    precision: Option<String>,
}

/// What became of a release.
#[derive(Debug, Serialize, JsonSchema)]
struct ReleaseView {
    /// Objects released to everybody named.
    released: usize,
    /// Every object in its order.
    objects: Vec<ReleasedView>,
}

/// What became of one object.
#[derive(Debug, Serialize, JsonSchema)]
struct ReleasedView {
    object: String,
    /// Indices of its entries in the own ledger: one for those who read it exactly, one for the others.
    entries: Vec<u64>,
    /// Why it is not released to everybody named; null when it is.
    refused: Option<String>,
}

/// Where an object that is shown coarsely stands exactly.
#[derive(Debug, Serialize, JsonSchema)]
struct ExactPlaceView {
    object: String,
    /// The version of its notice.
    version: u32,
    /// Who notified it.
    originator: String,
    /// The object as a feature of the exchange profile.
    feature: Value,
    /// What it was used for, and when that was seen, as text or by language tag.
    function: Value,
    /// Hashes of photographs.
    photo_hashes: Vec<String>,
}

/// An exact place to be kept in this node, and told to nobody until it is released.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExactPlaceWish {
    /// The object as a feature of the exchange profile.
    feature: Value,
    /// What it was used for, and when that was seen, as text or by language tag.
    #[serde(default)]
    function: Option<Value>,
    /// Hashes of photographs.
    #[serde(default)]
    photo_hashes: Vec<String>,
}

pub(super) fn routes() -> Vec<Route> {
    let one = "/api/v1/protected-objects/{id}/exact-place";
    vec![
        Route::get(
            "/api/v1/protected-object-releases",
            "release_protected_objects",
            "Release protected objects, exactly to one recipient and coarsely to another",
            Needs::Acts,
            Gives::Json(200, schema_of::<ReleaseView>),
            post(release),
        )
        .method("post")
        .takes(schema_of::<ReleaseWish>)
        .endless(),
        Route::get(
            one,
            "read_exact_place",
            "Where an object that is shown coarsely stands exactly, where it is one's own or was released so",
            Needs::Picture(Action::Read),
            Gives::Json(200, schema_of::<ExactPlaceView>),
            get(read),
        ),
        Route::get(
            one,
            "keep_exact_place",
            "Keep the exact place of an own object that is shown coarsely, to be released recipient by recipient",
            Needs::Acts,
            Gives::Nothing(204),
            axum::routing::put(keep),
        )
        .method("put")
        .takes(schema_of::<ExactPlaceWish>),
    ]
}

/// Whoever may put this kind of act on record, in one of these roles.
fn granted(app: &App, who: &Identity, kind: Kind, roles: &[Role]) -> Result<(), Problem> {
    let object = Object::Kind(kind.wire_name().to_owned());
    let granted = app.authority.grant(who, Action::Submit, object);
    let held = roles.iter().any(|role| who.roles.contains(role));
    granted
        .filter(|_| held)
        .map(drop)
        .ok_or_else(Problem::forbidden)
}

fn role_of(who: &Identity, stated: Option<&str>) -> Result<ActRole, Problem> {
    let fits = [
        (Role::Notifier, ActRole::Notifier),
        (Role::ReleaseOfficer, ActRole::ReleaseOfficer),
    ];
    let mut held = fits
        .into_iter()
        .filter(|(role, _)| who.roles.contains(role));
    let role = match stated {
        Some(name) => held.find(|(role, _)| role.wire_name() == name),
        None => held.next(),
    };
    role.map(|(_, role)| role).ok_or_else(Problem::forbidden)
}

/// To whom, and how exactly where that was said.
fn recipients(
    wish: &[RecipientWish],
) -> Result<BTreeMap<HolderId, Option<ReleasePrecision>>, Problem> {
    if wish.is_empty() || wish.len() > RECIPIENTS_MAX {
        let message = format!("`to` names from 1 to {RECIPIENTS_MAX} recipients");
        return Err(Problem::malformed(message));
    }
    let mut found = BTreeMap::new();
    for one in wish {
        let recipient = HolderId::parse(&one.recipient).map_err(|_| {
            Problem::malformed(format!("`{}` is no name of a holder", one.recipient))
        })?;
        let precision = match one.precision.as_deref() {
            None => None,
            Some(name) => {
                let known = ReleasePrecision::ALL
                    .iter()
                    .find(|(known, _)| *known == name);
                let unknown = "`precision` is exact or coarse";
                Some(known.ok_or_else(|| Problem::malformed(unknown))?.1)
            }
        };
        if found.insert(recipient, precision).is_some() {
            let message = format!("`{}` is named twice", one.recipient);
            return Err(Problem::malformed(message));
        }
    }
    Ok(found)
}

async fn release(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Content(bytes): Content,
) -> Answer {
    let roles = [Role::Notifier, Role::ReleaseOfficer];
    granted(&app, &who, Kind::ObjectReleased, &roles)?;
    let wish: ReleaseWish = body(&bytes)?;
    let role = role_of(&who, wish.role.as_deref())?;
    if wish.objects.is_empty() || wish.objects.len() > OBJECTS_MAX {
        let message = format!("`objects` names from 1 to {OBJECTS_MAX} objects");
        return Err(Problem::malformed(message));
    }
    let to = recipients(&wish.to)?;
    let keys = seal_keys(&app).await?;
    let mut objects = Vec::with_capacity(wish.objects.len());
    for some in wish.objects.chunks(OBJECTS_AT_ONCE) {
        let mut blobs = Vec::new();
        let planned: Vec<Result<Vec<Act>, String>> = some
            .iter()
            .map(|object| planned(&app, role, (object, &to), &keys, &mut blobs))
            .collect();
        // What entries name lies beside the ledger before they do.
        lay(&app, &blobs).await?;
        let mut under_way = JoinSet::new();
        for (number, acts) in planned.into_iter().enumerate() {
            let (app, user) = (Arc::clone(&app), who.name.clone());
            under_way.spawn(async move {
                match acts {
                    Ok(acts) => (number, released(&app, &user, acts).await),
                    Err(refused) => (number, (Vec::new(), Some(refused))),
                }
            });
        }
        let mut done = under_way.join_all().await;
        done.sort_by_key(|(number, _)| *number);
        let done = some.iter().zip(done);
        objects.extend(done.map(|(object, (_, (entries, refused)))| ReleasedView {
            object: object.clone(),
            entries,
            refused,
        }));
    }
    let released = objects.iter().filter(|object| object.refused.is_none());
    let released = released.count();
    done(StatusCode::OK, &ReleaseView { released, objects })
}

/// The acts that release an object: one for those who read it exactly, and one for the others; and what they seal.
fn planned(
    app: &App,
    role: ActRole,
    (object, to): (&str, &BTreeMap<HolderId, Option<ReleasePrecision>>),
    keys: &BTreeMap<HolderId, SealPublicKey>,
    blobs: &mut Vec<Vec<u8>>,
) -> Result<Vec<Act>, String> {
    let unknown = || "no such object is on record".to_owned();
    let subject = RecordId::parse(object).map_err(|_| unknown())?;
    let view = app.handle.view();
    let file = view
        .picture
        .protected_object(&subject)
        .ok_or_else(unknown)?;
    let mut groups: BTreeMap<bool, Vec<HolderId>> = BTreeMap::new();
    for (recipient, precision) in to {
        let precision = precision.unwrap_or(file.shown);
        if (file.shown, precision) == (ReleasePrecision::Exact, ReleasePrecision::Coarse) {
            return Err("everybody who holds the ledgers reads exactly where it stands: what is to be read coarsely is notified coarsely".to_owned());
        }
        let is_exact = precision == ReleasePrecision::Exact;
        groups.entry(is_exact).or_default().push(recipient.clone());
    }
    let mut acts = Vec::new();
    // Those who read it exactly come first: whoever climbs a ladder has what it loads.
    for (is_exact, recipients) in groups.into_iter().rev() {
        let sealed = match is_exact && file.shown == ReleasePrecision::Coarse {
            true => sealed(app, &subject, file, (&recipients, keys), blobs)?,
            false => Vec::new(),
        };
        acts.push(Act::ObjectReleased(ObjectReleased {
            subject: subject.clone(),
            role,
            version: file.version,
            recipients: AtLeastOne::new(recipients).ok_or_else(unknown)?,
            precision: match is_exact {
                true => ReleasePrecision::Exact,
                false => ReleasePrecision::Coarse,
            },
            sealed,
        }));
    }
    Ok(acts)
}

/// Puts the acts that release one object on record; returns the indices of those that are, and why the others are not.
async fn released(app: &App, user: &str, acts: Vec<Act>) -> (Vec<u64>, Option<String>) {
    let mut entries = Vec::new();
    for act in acts {
        let command = Command {
            author: user.to_owned(),
            kind: act.kind().wire_name().to_owned(),
            body: act.to_body(),
        };
        let refused = match app.handle.submit(command, None).await {
            Ok(Ok(accepted)) => match accepted.outcome {
                Outcome::Effective(_) => {
                    entries.push(accepted.index);
                    continue;
                }
                Outcome::Ineffective(refusal) => refusal.says.clone(),
            },
            Ok(Err(Refusal::Rules(refusal))) => refusal.says.clone(),
            Ok(Err(refusal)) => refusal.to_string(),
            Err(stopped) => stopped.to_string(),
        };
        return (entries, Some(refused));
    }
    (entries, None)
}

/// Seals the exact place of an object for each of these alone.
fn sealed(
    app: &App,
    subject: &RecordId,
    file: &ObjectFile,
    (recipients, keys): (&[HolderId], &BTreeMap<HolderId, SealPublicKey>),
    blobs: &mut Vec<Vec<u8>>,
) -> Result<Vec<Sealed>, String> {
    let place = exact_places::find(&app.reader, subject, file.version)
        .ok_or("its exact place is not kept in this node: give it, and release it again")?;
    let view = app.handle.view();
    let agreement = view.picture.agreement().ok_or("no agreement is in force")?;
    let author = Author {
        origin: &app.origin,
        agreement: agreement.id.as_str(),
        kind: Kind::ObjectReleased,
    };
    let mut sealed = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let payload = exact_payload(&place, recipient);
        let payload = payload.ok_or("its exact place is longer than anything that is sealed")?;
        let key = keys
            .get(recipient)
            .ok_or_else(|| no_key(recipient).title().to_owned())?;
        let made = app.seals.seal(&author, recipient, key, &payload);
        let (part, blob) = made.map_err(|error| error.to_string())?;
        sealed.push(part);
        blobs.push(blob);
    }
    Ok(sealed)
}

async fn read(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Answer {
    let id = RecordId::parse(&name).map_err(|_| Problem::not_found())?;
    let reading = Arc::clone(&app);
    let read = tokio::task::spawn_blocking(move || {
        let view = reading.handle.view();
        let own = reading.own_holder();
        let file = view
            .picture
            .protected_object(&id)
            .ok_or_else(Problem::not_found)?;
        if file.matter.opened_by.holder == own {
            let kept = exact_places::find(&reading.reader, &id, file.version);
            return kept.ok_or_else(Problem::not_found);
        }
        let shelf = Shelf {
            picture: &view.picture,
            holders: &reading.holders,
            own: &own,
            reader: &reading.reader,
        };
        // What was not released so is there for nobody here; what was and cannot be shown says why.
        file.exact_for(&own).ok_or_else(Problem::not_found)?;
        let read = reading.seals.exact_place(&shelf, &id, file);
        read.map_err(|fault| Problem::unavailable(fault.to_string()))
    });
    let read = read.await;
    let place = read.map_err(|_| Problem::unavailable("the exact place could not be read"))??;
    place_readings::note(&app, &who, &place).await?;
    answer_json(&headers, &ExactPlaceView::of(&place))
}

impl ExactPlaceView {
    fn of(place: &ExactPlace) -> Self {
        let members = place.to_json();
        Self {
            object: place.object.to_string(),
            version: place.version,
            originator: place.originator.to_string(),
            feature: place.feature.source().clone(),
            function: members["function"].clone(),
            photo_hashes: place.photo_hashes.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Writes what is known of an exact place as the document that is kept, and reads it back.
pub(super) fn kept(
    own: &HolderId,
    (object, version): (&str, u32),
    given: &Map<String, Value>,
) -> Result<ExactPlace, detente_records::Problems> {
    let mut members = Map::new();
    members.insert("form".to_owned(), json!(ExactPlaceForm::V1.wire_name()));
    members.insert("object".to_owned(), json!(object));
    members.insert("version".to_owned(), json!(version));
    members.insert("originator".to_owned(), json!(own.as_str()));
    members.insert("recipient".to_owned(), json!(own.as_str()));
    for name in ["feature", "function", "photo_hashes"] {
        members.extend(
            given
                .get(name)
                .map(|value| (name.to_owned(), value.clone())),
        );
    }
    let (place, problems) = ExactPlace::parse("exact place", &members);
    place.ok_or(problems)
}

async fn keep(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Named(name): Named<String>,
    Content(bytes): Content,
) -> Answer {
    granted(&app, &who, Kind::ObjectSubmitted, &[Role::Notifier])?;
    let wish: ExactPlaceWish = body(&bytes)?;
    let conflict = |title| Problem::new(StatusCode::CONFLICT, "refused", title);
    let id = RecordId::parse(&name).map_err(|_| Problem::not_found())?;
    let view = app.handle.view();
    let file = view
        .picture
        .protected_object(&id)
        .ok_or_else(Problem::not_found)?;
    if file.matter.opened_by.holder != app.own_holder() {
        return Err(Problem::not_found());
    }
    if file.shown == ReleasePrecision::Exact {
        return Err(conflict(
            "everybody who holds the ledgers reads exactly where it stands",
        ));
    }
    let is_released = file.matter.lines.iter().any(|line| match &*line.act {
        Act::ObjectReleased(act) => act.version == file.version && !act.sealed.is_empty(),
        _ => false,
    });
    if is_released {
        return Err(conflict(
            "this version was released exactly: amend the object, and give the place of the new version",
        ));
    }
    let Ok(Value::Object(mut given)) = serde_json::to_value(&wish) else {
        return Err(Problem::malformed("the body is no object"));
    };
    given.retain(|_, value| !value.is_null());
    let place = kept(&app.own_holder(), (&name, file.version), &given);
    let place =
        place.map_err(|problems| form(&problems, "the exact place is not complete and correct"))?;
    if place.feature.record().id.as_str() != name {
        return Err(Problem::malformed("the feature is of another object"));
    }
    if !lies_in(place.feature.record(), &file.current) {
        return Err(conflict(
            "the place, with its accuracy, does not lie in the area that everybody reads: nothing would protect it there",
        ));
    }
    let done = app.office.with(|files| exact_places::keep(files, &place));
    done.ok_or_else(Problem::elsewhere)?
        .map_err(|_| Problem::unavailable("the exact place could not be kept"))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
