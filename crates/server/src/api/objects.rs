//! Protected objects in bulk: sheets read row by row, each row an act of its own, and a report on each.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use detente_formats::objects::{
    Encoding, OBJECTS_BYTES_MAX, ObjectNotice, ObjectRow, ObjectSheet, SheetForm, read_objects,
};
use detente_node::node::{Command, Refusal};
use detente_node::picture::{Outcome, Picture};
use detente_records::act::edition::CellSize;
use detente_records::act::{Act, ActContext, ExactPlace, Kind, Role as ActRole};
use detente_records::standoff::ACCURACY_UNSTATED_M;
use detente_records::{HolderId, Place, Problem as Found, RecordId, Severity};
use detente_sharing::notice::{Notified, Oddity, Surroundings, WARNING_CHARS_MAX, middle};
use detente_sharing::{area_around, lies_in};
use detente_spacetime::Instant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use super::App;
use super::answer::{Answer, Asked, Content, done};
use super::exact_places;
use super::places::PositionView;
use super::report_drafts::form;
use super::route::{Gives, Needs, Parameter, Route, schema_of};
use crate::authority::{Action, Object};
use crate::exact_places as exact_place;
use crate::problem::Problem;
use crate::role::Role;
use crate::runtime::Answered;
use crate::users::Identity;

/// Notices put to the node at a time: enough for one durable write to carry many, few enough to leave room for others.
const SUBMITTED_AT_ONCE: usize = 256;
/// Properties of an object that say nothing of where exactly it is.
const SHOWN_COARSELY: [&str; 9] = [
    "kind",
    "id",
    "category",
    "standoff_m",
    "submitted_by",
    "lower",
    "upper",
    "start",
    "end",
];
/// Warnings that say nothing of where exactly an object is.
const TOLD_COARSELY: [&str; 4] = [
    "datum_assumed",
    "accuracy_assumed",
    "footprint_assumed",
    "measurement_unknown",
];

/// How far ahead of this node's clock a consent may be dated: the day it is where the consent was given.
const CONSENT_AHEAD_US: i64 = 86_400_000_000;

/// How a sheet is to be taken.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportWish {
    #[serde(default)]
    only_check: bool,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    coarse: Option<String>,
}

/// What became of a sheet.
#[derive(Debug, Serialize, JsonSchema)]
struct ImportView {
    /// Whether nothing was put on record, because only a check was asked for.
    only_checked: bool,
    /// How its characters were read.
    encoding: &'static str,
    /// How its rows are written: `csv` or `geojson`.
    form: &'static str,
    /// The separator of a table.
    separator: Option<String>,
    /// Rows put on record, or that would be, with nothing odd about them.
    accepted: usize,
    /// The same, with warnings that go along to whoever validates them.
    warned: usize,
    /// Rows that say what is on record already.
    already_there: usize,
    /// Rows that say nothing on record.
    refused: usize,
    /// What was noticed about the sheet as a whole.
    problems: Vec<RowProblemView>,
    /// Every row in its order.
    rows: Vec<RowView>,
    /// The refused rows with their reasons, in the form of the sheet: to be mended and given again.
    refused_rows: Option<String>,
}

/// What became of a row.
#[derive(Debug, Serialize, JsonSchema)]
struct RowView {
    /// The line it begins in, or the number of the feature from 1.
    row: u32,
    /// The id as written.
    id: String,
    /// `accepted`, `warned`, `already_there` or `refused`.
    state: &'static str,
    /// Index of its entry in the own ledger.
    index: Option<u64>,
    /// What is wrong with it, odd about it, or was assumed.
    problems: Vec<RowProblemView>,
    /// The position as it was said, and said again in another notation.
    position: Option<PositionView>,
}

/// Something about a row.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct RowProblemView {
    code: String,
    /// `error`, `warning` or `note`.
    severity: &'static str,
    /// The line, where it is about one of the sheet as a whole.
    line: Option<u32>,
    /// The column.
    column: Option<String>,
    message: String,
    /// The way out.
    help: Option<String>,
}

const QUERY: &[Parameter] = &[
    Parameter {
        name: "only_check",
        says: "true: say what would become of each row, and put nothing on record",
        schema: || json!({"type": "boolean"}),
    },
    Parameter {
        name: "coarse",
        says: "show only the cell of this size that each object lies in, with a rim; its exact place stays at home",
        schema: || json!({"type": "string", "enum": ["1km", "5km", "10km", "50km", "100km"]}),
    },
    Parameter {
        name: "encoding",
        says: "the encoding, where the bytes do not show it",
        schema: || json!({"type": "string", "enum": Encoding::ALL.map(Encoding::wire_name)}),
    },
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/protected-object-imports",
            "import_protected_objects",
            "Notify the protected objects of a table (CSV) or a FeatureCollection, row by row",
            Needs::Acts,
            Gives::Json(200, schema_of::<ImportView>),
            post(import),
        )
        .method("post")
        .takes_media("text/csv")
        .query(QUERY)
        .bytes_max(OBJECTS_BYTES_MAX)
        .endless(),
    ]
}

impl RowProblemView {
    fn of(found: &Found) -> Self {
        let column = found.place.pointer.as_deref();
        Self {
            code: found.code.to_owned(),
            severity: found.severity.word(),
            line: found.place.line,
            column: column.map(|pointer| pointer.trim_start_matches('/').to_owned()),
            message: found.message.clone(),
            help: found.help.clone(),
        }
    }
}

/// Puts the area that an object is shown by in the place of its outline, and leaves out whatever else would tell where it is;
/// returns whether there is such an area.
fn coarsen(notice: &mut ObjectNotice, size: CellSize) -> bool {
    let Some(Value::Object(feature)) = notice.body.get_mut("feature") else {
        return false;
    };
    let mut properties = match feature.get("properties") {
        Some(Value::Object(properties)) => properties.clone(),
        _ => Map::new(),
    };
    let accuracy_m = properties.get("accuracy_m").and_then(Value::as_f64);
    let accuracy_m = accuracy_m.unwrap_or(ACCURACY_UNSTATED_M);
    let Some(ring) = area_around(notice.footprint.bounds(), accuracy_m, size) else {
        return false;
    };
    properties.retain(|name, _| SHOWN_COARSELY.contains(&name.as_str()));
    properties.insert("accuracy_m".to_owned(), json!(0));
    properties.insert("edges".to_owned(), json!("parallel"));
    feature.insert(
        "geometry".to_owned(),
        json!({"type": "Polygon", "coordinates": [ring]}),
    );
    feature.insert("properties".to_owned(), Value::Object(properties));
    notice.body.shift_remove("function");
    notice.body.shift_remove("photo_hashes");
    notice.body.insert("shown".to_owned(), json!("coarse"));
    true
}

/// What becomes of a row, as far as it is known.
enum Fate {
    /// To be put on record; with the exact place to be kept, where the object is shown coarsely.
    New(Map<String, Value>, Option<Box<ExactPlace>>),
    /// On record already.
    There,
    Refused,
}

async fn import(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Asked(wish): Asked<ImportWish>,
    Content(bytes): Content,
) -> Answer {
    let kind = Kind::ObjectSubmitted.wire_name();
    let object = Object::Kind(kind.to_owned());
    let granted = app.authority.grant(&who, Action::Submit, object);
    if granted.is_none() || !who.roles.contains(&Role::Notifier) {
        return Err(Problem::forbidden());
    }
    let encoding = match wish.encoding.as_deref() {
        None => None,
        Some(name) => Some(Encoding::named(name).ok_or_else(|| {
            let known = Encoding::ALL.map(Encoding::wire_name).join(", ");
            Problem::malformed(format!("the encodings read are {known}"))
        })?),
    };
    let coarse = match wish.coarse.as_deref() {
        None => None,
        Some(name) => {
            let known = CellSize::ALL.iter().find(|(known, _)| *known == name);
            let known = known.map(|(_, size)| *size);
            let unknown = "`coarse` is 1km, 5km, 10km, 50km or 100km";
            Some(known.ok_or_else(|| Problem::malformed(unknown))?)
        }
    };
    let reader = Arc::clone(&app);
    let read = tokio::task::spawn_blocking(move || {
        let sheet = read_objects("import", &bytes, encoding);
        judged(&reader, sheet, coarse)
    });
    let read = read.await;
    let (mut sheet, fates) =
        read.map_err(|_| Problem::unavailable("the sheet could not be read"))?;
    if sheet.problems.has_errors() {
        return Err(form(&sheet.problems, "the sheet cannot be read"));
    }
    let (fates, indices) = match wish.only_check {
        true => (fates, BTreeMap::new()),
        false => submitted(&app, &who, &mut sheet, fates).await?,
    };
    done(
        StatusCode::OK,
        &ImportView::of(&sheet, &fates, &indices, wish.only_check),
    )
}

/// Holds every row against the agreement, the places, what is notified, and the rows before it.
fn judged(app: &App, mut sheet: ObjectSheet, coarse: Option<CellSize>) -> (ObjectSheet, Vec<Fate>) {
    let view = app.handle.view();
    let picture = view.picture.at(app.clock.now());
    let things = picture.things();
    let drawn = things.areas().map(|area| *area.volume.footprint.bounds());
    let mut around = Surroundings::new(&app.gazetteer, drawn);
    for (object, _) in things.protected() {
        if let Some(position) = middle(object.volume.footprint.bounds()) {
            around.add(Notified {
                id: object.id.to_string(),
                category: object.category.to_string(),
                position,
            });
        }
    }
    let context = ActContext {
        document: Arc::from("row"),
        agreement: picture.agreement(),
    };
    let own = app.own_holder();
    let now = app.clock.now();
    for row in &mut sheet.rows {
        refuse_early(row, now);
    }
    let rows = sheet.rows.iter_mut();
    let fates = rows.map(|row| fate(row, (&*picture, &own), &context, &mut around, coarse));
    let fates = fates.collect();
    (sheet, fates)
}

/// Refuses a row whose consent is still to come.
fn refuse_early(row: &mut ObjectRow, now: Instant) {
    let notice = row.notice.as_ref();
    let at = notice.and_then(|notice| notice.body.get("consent")?.get("at")?.as_str());
    let at = at.and_then(|at| Instant::parse_rfc3339(at).ok());
    let is_early = |at: &Instant| at.micros().saturating_sub(now.micros()) > CONSENT_AHEAD_US;
    if let Some(at) = at.filter(is_early) {
        let message = format!("the consent is of {at}, which is still to come");
        let help = "state in `consent_at` when it was given; nobody is notified without it";
        row.refuse("consent_in_future", message, help);
    }
}

fn fate(
    row: &mut ObjectRow,
    (picture, own): (&Picture, &HolderId),
    context: &ActContext<'_>,
    around: &mut Surroundings<'_>,
    coarse: Option<CellSize>,
) -> Fate {
    let Some(mut notice) = row.notice.clone() else {
        return Fate::Refused;
    };
    let exact = coarse.map(|_| notice.body.clone());
    if let Some(size) = coarse
        && !coarsen(&mut notice, size)
    {
        let message = "no cell of the grid shows it coarsely: it lies beyond 88° of latitude, or is as large as the Earth";
        row.refuse(
            "not_coarse",
            message,
            "notify it exactly, or by an area that you draw yourself",
        );
        return Fate::Refused;
    }
    if row
        .problems
        .iter()
        .any(|problem| problem.code == "repeated_row")
    {
        return Fate::There;
    }
    let feature = notice.body.get("feature").cloned().unwrap_or_default();
    match known(picture, &row.id, &feature) {
        Known::Not => {}
        Known::Same => return Fate::There,
        Known::Other(message) => {
            let help = "amend the object on record, or give this one an id of its own";
            row.refuse("id_taken", message, help);
            return Fate::Refused;
        }
    }
    let asked = Notified {
        id: row.id.clone(),
        category: feature["properties"]["category"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        // By the middle, as every node will ask that folds the notice: what both find is said once.
        position: middle(notice.footprint.bounds()).unwrap_or(notice.position),
    };
    let oddities = around.oddities(&asked, notice.place.as_deref());
    for oddity in &oddities {
        let message = oddity.to_string();
        if oddity.is_slip() {
            row.refuse(oddity.code(), message, oddity.help());
        } else {
            row.problems
                .warning(oddity.code(), Place::default(), message)
                .help(oddity.help());
        }
    }
    if row.notice.is_none() {
        return Fate::Refused;
    }
    // What is odd about an exact place would tell where it is.
    let told = if coarse.is_some() { &[][..] } else { &oddities };
    let members = members(row, &notice, told);
    let (act, found) = Act::parse(Kind::ObjectSubmitted.wire_name(), &members, context);
    for problem in found
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
    {
        row.problems
            .error(problem.code, problem.place.clone(), problem.message.clone())
            .help(problem.help.clone().unwrap_or_default());
    }
    let kept = exact.map(|exact| exact_places::kept(own, (&row.id, 1), &exact));
    let kept = match (kept, &act) {
        (Some(Ok(kept)), Some(Act::ObjectSubmitted(act)))
            if lies_in(kept.feature.record(), act.feature.record()) =>
        {
            Some(Box::new(kept))
        }
        (Some(_), Some(_)) => {
            let message = "the area does not hold the exact place";
            row.problems
                .error("not_in_its_area", Place::default(), message)
                .help("choose larger cells, or state the place more simply");
            None
        }
        _ => None,
    };
    if act.is_none() || row.problems.has_errors() {
        row.notice = None;
        return Fate::Refused;
    }
    around.add(asked);
    Fate::New(members, kept)
}

/// What is on record of an id.
enum Known {
    Not,
    Same,
    Other(String),
}

fn known(picture: &Picture, id: &str, feature: &Value) -> Known {
    let Ok(record) = RecordId::parse(id) else {
        return Known::Not;
    };
    if let Some(file) = picture.protected_object(&record) {
        let was_said = file.matter.lines.iter().any(|line| match &*line.act {
            Act::ObjectSubmitted(act) => says_same(act.feature.source(), feature),
            Act::ObjectAmended(act) => says_same(act.feature.source(), feature),
            _ => false,
        });
        return match was_said {
            true => Known::Same,
            false => Known::Other(format!(
                "`{id}` is on record since {} and says something else",
                file.matter.opened_at
            )),
        };
    }
    let mut protected = picture.things().protected();
    match protected.any(|(object, _)| object.id.as_str() == id) {
        true => Known::Other(format!("`{id}` is an object of the agreement itself")),
        false => Known::Not,
    }
}

/// Whether two values say the same; a number may be written in several ways.
fn says_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| says_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let mut members = one.iter();
            one.len() == other.len()
                && members
                    .all(|(name, one)| other.get(name).is_some_and(|other| says_same(one, other)))
        }
        (one, other) => one == other,
    }
}

/// The body of the act, with everything odd that whoever validates it has to accept.
fn members(row: &ObjectRow, notice: &ObjectNotice, oddities: &[Oddity]) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("subject".to_owned(), json!(row.id));
    members.insert("role".to_owned(), json!(ActRole::Notifier.wire_name()));
    members.extend(notice.body.clone());
    let checks: BTreeMap<&str, &str> = oddities
        .iter()
        .map(|oddity| (oddity.code(), oddity.check().wire_name()))
        .collect();
    let is_coarse = notice.body.contains_key("shown");
    let warnings = row.problems.iter().filter(|problem| {
        problem.severity == Severity::Warning
            && (!is_coarse || TOLD_COARSELY.contains(&problem.code))
    });
    let warnings: Vec<Value> = warnings
        .map(|problem| {
            let check = checks.get(problem.code).copied();
            let check = check.unwrap_or(match problem.code {
                "datum_assumed" => "datum",
                "footprint_assumed" => "footprint",
                _ => "vicinity",
            });
            let text: String = problem.message.chars().take(WARNING_CHARS_MAX).collect();
            json!({"check": check, "text": text})
        })
        .collect();
    if !warnings.is_empty() {
        members.insert("warnings".to_owned(), Value::Array(warnings));
    }
    members
}

/// Puts the rows that are new on record, each for itself, and says by which entries.
async fn submitted(
    app: &App,
    who: &Identity,
    sheet: &mut ObjectSheet,
    fates: Vec<Fate>,
) -> Result<(Vec<Fate>, BTreeMap<usize, u64>), Problem> {
    let mut settled: Vec<Fate> = Vec::with_capacity(fates.len());
    let mut wishes = Vec::new();
    for (index, fate) in fates.into_iter().enumerate() {
        match fate {
            Fate::New(members, exact) => {
                wishes.push((index, members));
                // It lies on the disk before anything is on record that it belongs to.
                if let Some(exact) = &exact {
                    let kept = app.office.with(|files| exact_place::keep(files, exact));
                    kept.ok_or_else(Problem::elsewhere)?
                        .map_err(|_| Problem::unavailable("an exact place could not be kept"))?;
                }
                settled.push(Fate::New(Map::new(), exact));
            }
            other => settled.push(other),
        }
    }
    let mut indices = BTreeMap::new();
    while !wishes.is_empty() {
        let rest = wishes.split_off(wishes.len().min(SUBMITTED_AT_ONCE));
        let mut running: JoinSet<(usize, Option<Answered<Picture>>)> = JoinSet::new();
        for (index, members) in std::mem::replace(&mut wishes, rest) {
            let handle = app.handle.clone();
            let command = Command {
                author: who.name.clone(),
                kind: Kind::ObjectSubmitted.wire_name().to_owned(),
                body: members,
            };
            running.spawn(async move { (index, handle.submit(command, None).await.ok()) });
        }
        while let Some(done) = running.join_next().await {
            let (index, answered) =
                done.map_err(|_| Problem::unavailable("a row could not be put on record"))?;
            let reason = match answered {
                Some(Ok(accepted)) => match &accepted.outcome {
                    Outcome::Effective(_) => {
                        indices.insert(index, accepted.index);
                        continue;
                    }
                    Outcome::Ineffective(refusal) => refusal.says.clone(),
                },
                Some(Err(Refusal::Rules(refusal))) => refusal.says.clone(),
                Some(Err(refusal)) => refusal.to_string(),
                None => "the node is stopping".to_owned(),
            };
            if let Some(row) = sheet.rows.get_mut(index) {
                row.refuse(
                    "refused_by_the_rules",
                    reason,
                    "give it again when the reason is gone",
                );
            }
            let fate = settled.get_mut(index);
            if let Some(Fate::New(_, Some(exact))) =
                fate.map(|fate| std::mem::replace(fate, Fate::Refused))
            {
                // Nothing on record belongs to it.
                let _ = app
                    .office
                    .with(|files| exact_place::forget(files, &exact.object, 1));
            }
        }
    }
    Ok((settled, indices))
}

impl ImportView {
    fn of(
        sheet: &ObjectSheet,
        fates: &[Fate],
        indices: &BTreeMap<usize, u64>,
        only_checked: bool,
    ) -> Self {
        let rows: Vec<RowView> = sheet
            .rows
            .iter()
            .zip(fates)
            .enumerate()
            .map(|(index, (row, fate))| RowView {
                row: row.number,
                id: row.id.clone(),
                state: match fate {
                    Fate::New(..) if row.is_warned() => "warned",
                    Fate::New(..) => "accepted",
                    Fate::There => "already_there",
                    Fate::Refused => "refused",
                },
                index: indices.get(&index).copied(),
                problems: row.problems.iter().map(RowProblemView::of).collect(),
                position: row.notice.as_ref().and_then(|notice| {
                    let (text, said) = notice.said.as_ref()?;
                    Some(PositionView::of(text, said, &[said.notation.other()]))
                }),
            })
            .collect();
        let count = |state: &str| rows.iter().filter(|row| row.state == state).count();
        let refused: BTreeMap<usize, String> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.state == "refused")
            .map(|(index, row)| {
                let errors = row
                    .problems
                    .iter()
                    .filter(|problem| problem.severity == "error");
                let errors: Vec<&str> = errors.map(|problem| problem.message.as_str()).collect();
                (index, errors.join("; "))
            })
            .collect();
        Self {
            only_checked,
            encoding: sheet.encoding.wire_name(),
            form: match sheet.form {
                SheetForm::Table(_) => "csv",
                SheetForm::Collection => "geojson",
            },
            separator: match sheet.form {
                SheetForm::Table(separator) => Some(separator.to_string()),
                SheetForm::Collection => None,
            },
            accepted: count("accepted"),
            warned: count("warned"),
            already_there: count("already_there"),
            refused: count("refused"),
            problems: sheet.problems.iter().map(RowProblemView::of).collect(),
            refused_rows: (!refused.is_empty()).then(|| sheet.mended(&refused)),
            rows,
        }
    }
}
