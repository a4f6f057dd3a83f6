//! The picture as GeoJSON features, for maps: every volume that stands, and where things were said to happen.

use detente_node::picture::{Matter, Picture};
use detente_records::{
    Area, HumanitarianMovement, KeepOut, Operation, OperationId, ProtectedObject, RecordId,
};
use detente_spacetime::{Outline, VerticalAssumptions, Volume4D};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::shape::{ReachView, axis, geometry, local_text, metres};

/// Workflows whose matters happen at a place; reports are released, not shared, and are not among them.
const PLACED: [&str; 3] = ["incident", "violation", "liaison_call"];

/// A GeoJSON feature of the picture (RFC 7946, section 3.2).
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FeatureView {
    /// `Feature`.
    #[serde(rename = "type")]
    pub of_type: &'static str,
    /// Unlike that of any other feature.
    pub id: String,
    /// The outline, cut at the antimeridian; null where there is nothing to draw.
    pub geometry: Option<Value>,
    /// What it is.
    pub properties: PropertiesView,
}

/// What a feature is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PropertiesView {
    /// `area`, `protected_object`, `keep_out`, `movement`, `operation`, or `event`.
    pub class: &'static str,
    /// The kind within its class: the kind of area or pause, the category of an object, the activity of an
    /// operation, the organisation that moves, the workflow of an event.
    pub kind: String,
    /// The matter or thing it belongs to.
    pub subject: String,
    /// Name for people, as text or by language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Value>,
    /// The workflow it goes through; absent for what stands in the text of the agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<&'static str>,
    /// Where it stands in that workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Whether its course is over.
    pub is_over: bool,
    /// Whose ledger brought it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// How high and when; absent for an event.
    #[serde(flatten)]
    pub reach: Option<ReachView>,
    /// The line or the centre it was drawn from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub axis: Option<Value>,
    /// What else its class has: `area_kind`, `groups`, `consent_of`, `party`, `force`, `verdict`, `consents`,
    /// `accuracy_m`, `standoff_m`, `keep_out_m`, `legs`, `at`, …
    pub more: Map<String, Value>,
}

/// Draws a picture that was run to the instant it is shown at.
pub fn features(picture: &Picture) -> Vec<FeatureView> {
    let assumptions = picture
        .agreement()
        .map_or(VerticalAssumptions::WORLD, |agreement| {
            agreement.parameters.vertical
        });
    let pen = Pen {
        picture,
        assumptions,
    };
    let things = picture.things();
    let mut drawn: Vec<FeatureView> = things.areas().map(|area| pen.area(area)).collect();
    for (object, keep_out) in things.protected() {
        drawn.extend(pen.object(object, keep_out));
    }
    drawn.extend(things.movements().map(|movement| pen.movement(movement)));
    let on_record = |id: &OperationId| {
        let id = RecordId::parse(id.as_str()).ok();
        id.and_then(|id| picture.operation(&id)).is_some()
    };
    for operation in things.operations() {
        if !on_record(&operation.id) {
            drawn.extend(pen.operation(operation, None));
        }
    }
    for (id, file) in picture.operations() {
        drawn.extend(pen.operation(&file.declared, Some(id)));
    }
    for workflow in PLACED {
        for (id, matter) in picture.matters(workflow) {
            drawn.extend(event(workflow, id, matter));
        }
    }
    drawn
}

struct Pen<'a> {
    picture: &'a Picture,
    assumptions: VerticalAssumptions,
}

impl Pen<'_> {
    fn feature(
        &self,
        id: String,
        outline: &Outline,
        volume: &Volume4D,
        mut properties: PropertiesView,
    ) -> FeatureView {
        properties.reach = Some(ReachView::of(volume, &self.assumptions));
        FeatureView {
            of_type: "Feature",
            id,
            geometry: geometry([outline]),
            properties,
        }
    }

    fn area(&self, area: &Area) -> FeatureView {
        let id = area.id.as_str();
        let file = RecordId::parse(id)
            .ok()
            .and_then(|id| self.picture.area(&id));
        let kind = match file {
            Some(file) if file.pause => "pause",
            _ => area.kind.wire_name(),
        };
        let mut properties = PropertiesView::new("area", kind, id);
        properties.name = area.name.as_ref().map(local_text);
        properties.axis = axis(&area.drawing.shape);
        if let Some(file) = file {
            properties.stand(&file.matter);
        }
        let more = &mut properties.more;
        put(
            more,
            "area_kind",
            area.area_kind.map(|kind| kind.wire_name()),
        );
        list(more, "groups", &area.groups);
        list(more, "applies_to", &area.applies_to);
        let activities = area.activities.iter().map(|activity| activity.wire_name());
        list(more, "activities", activities);
        if let Some(consent_of) = &area.consent_of {
            more.insert("consent_of".to_owned(), names(consent_of));
        }
        let outline = area.volume.footprint.outline();
        self.feature(format!("area/{id}"), &outline, &area.volume, properties)
    }

    /// The object, and the ring that is kept out around it.
    fn object(&self, object: &ProtectedObject, keep_out: &KeepOut) -> [FeatureView; 2] {
        let id = object.id.as_str();
        let file = RecordId::parse(id)
            .ok()
            .and_then(|id| self.picture.protected_object(&id));
        let mut properties = PropertiesView::new("protected_object", object.category.as_str(), id);
        properties.name = object.name.as_ref().map(local_text);
        properties.axis = axis(&object.drawing.shape);
        if let Some(file) = file {
            properties.stand(&file.matter);
        }
        let more = &mut properties.more;
        put(more, "accuracy_m", Some(metres(keep_out.accuracy_m)));
        put(more, "accuracy_assumed", Some(keep_out.accuracy_assumed));
        put(more, "standoff_m", Some(metres(keep_out.standoff_m)));
        put(more, "keep_out_m", Some(metres(keep_out.distance_m())));
        put(
            more,
            "submitted_by",
            object.submitted_by.as_ref().map(ToString::to_string),
        );
        if let Some(file) = file {
            put(more, "is_validated", Some(file.validated.is_some()));
            list(more, "contested_by", file.contested_by.keys());
        }
        let mut around = properties.clone();
        around.class = "keep_out";
        around.axis = None;
        let own = object.volume.footprint.outline();
        let ring = keep_out.footprint.outline();
        [
            self.feature(format!("keep_out/{id}"), &ring, &object.volume, around),
            self.feature(
                format!("protected_object/{id}"),
                &own,
                &object.volume,
                properties,
            ),
        ]
    }

    fn movement(&self, movement: &HumanitarianMovement) -> FeatureView {
        let id = movement.id.as_str();
        let file = RecordId::parse(id)
            .ok()
            .and_then(|id| self.picture.movement(&id));
        let mut properties = PropertiesView::new("movement", movement.organisation.as_str(), id);
        properties.name = movement.name.as_ref().map(local_text);
        properties.axis = axis(&movement.drawing.shape);
        if let Some(file) = file {
            properties.stand(&file.matter);
            put(&mut properties.more, "leg", file.leg);
            let departed = file.departed.map(|at| at.to_string());
            put(&mut properties.more, "departed", departed);
        }
        let legs: Vec<Value> = movement
            .legs
            .iter()
            .map(|leg| {
                json!({
                    "name": leg.name.as_ref().map(local_text),
                    "start": leg.window.start().to_string(),
                    "end": super::shape::ending(leg.window.end()),
                })
            })
            .collect();
        if !legs.is_empty() {
            properties
                .more
                .insert("legs".to_owned(), Value::Array(legs));
        }
        let outline = movement.volume.footprint.outline();
        self.feature(
            format!("movement/{id}"),
            &outline,
            &movement.volume,
            properties,
        )
    }

    /// Every volume of an operation; `on_record` names its file where it has one.
    fn operation(&self, operation: &Operation, on_record: Option<&RecordId>) -> Vec<FeatureView> {
        let file = on_record.and_then(|id| self.picture.operation(id));
        let id = operation.id.as_str();
        let volumes = operation.volumes.iter().zip(&operation.drawings);
        let drawn = volumes.enumerate().map(|(part, (volume, drawing))| {
            let mut properties =
                PropertiesView::new("operation", operation.activity.wire_name(), id);
            properties.name = operation.name.as_ref().map(local_text);
            properties.axis = axis(&drawing.shape);
            let more = &mut properties.more;
            put(more, "part", Some(part));
            put(more, "party", Some(operation.party.to_string()));
            put(more, "force", Some(operation.force.to_string()));
            if let Some(file) = file {
                put(more, "version", Some(file.version));
                let verdict = file.judged.judgement.verdict.wire_name();
                put(more, "verdict", Some(verdict));
                list(more, "consents", file.consents.keys());
                properties.stand(&file.matter);
            }
            let outline = volume.footprint.outline();
            self.feature(
                format!("operation/{id}/{part}"),
                &outline,
                volume,
                properties,
            )
        });
        drawn.collect()
    }
}

impl PropertiesView {
    fn new(class: &'static str, kind: &str, subject: &str) -> Self {
        Self {
            class,
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            name: None,
            workflow: None,
            state: None,
            is_over: false,
            holder: None,
            reach: None,
            axis: None,
            more: Map::new(),
        }
    }

    fn stand(&mut self, matter: &Matter) {
        self.workflow = Some(matter.course.machine.name);
        self.state = Some(matter.course.state);
        self.is_over = matter.course.is_over();
        self.holder = Some(matter.opened_by.holder.to_string());
    }
}

/// Where a matter was said to happen: a point for each place that was given.
fn event(workflow: &'static str, id: &RecordId, matter: &Matter) -> Vec<FeatureView> {
    let mut title = None;
    let mut drawn = Vec::new();
    for line in &matter.lines {
        let body = Value::Object(line.act.to_body());
        title = title.or_else(|| body.get("title").filter(|it| !it.is_null()).cloned());
        let account = body.get("account").unwrap_or(&body);
        let place = account.get("place").or_else(|| account.get("position"));
        let Some(at) = place.and_then(position) else {
            continue;
        };
        let mut properties = PropertiesView::new("event", workflow, id.as_str());
        properties.stand(matter);
        properties.name = title.clone();
        let more = &mut properties.more;
        put(more, "source", account.get("source").cloned());
        put(more, "at", account.get("at").cloned());
        put(more, "recorded_at", Some(line.at.to_string()));
        put(more, "said_by", Some(line.author.holder.to_string()));
        let precision = place.and_then(|place| place.get("precision"));
        put(more, "precision", precision.cloned());
        drawn.push(FeatureView {
            of_type: "Feature",
            id: format!("event/{workflow}/{id}/{}", drawn.len()),
            geometry: Some(json!({"type": "Point", "coordinates": at})),
            properties,
        });
    }
    drawn
}

/// Longitude and latitude of a place as acts write it.
fn position(place: &Value) -> Option<[f64; 2]> {
    let at = place.get("position").unwrap_or(place);
    let longitude_deg = at.get("longitude_deg")?.as_f64()?;
    Some([longitude_deg, at.get("latitude_deg")?.as_f64()?])
}

fn put(more: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        more.insert(name.to_owned(), value.into());
    }
}

fn list<T: ToString>(
    more: &mut Map<String, Value>,
    name: &str,
    items: impl IntoIterator<Item = T>,
) {
    let items = names(items);
    if items.as_array().is_some_and(|items| !items.is_empty()) {
        more.insert(name.to_owned(), items);
    }
}

fn names<T: ToString>(items: impl IntoIterator<Item = T>) -> Value {
    let items = items.into_iter();
    Value::Array(items.map(|item| Value::String(item.to_string())).collect())
}
