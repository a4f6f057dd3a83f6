//! The OpenAPI 3.1 document, made from the list of routes.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, ReplaceBoolSchemas, Transform as _};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::route::{Gives, Needs, Route, SchemaOf, Takes};
use crate::problem::{MEDIA_TYPE, Problem};

/// Writes the document.
pub(crate) fn document(routes: &[Route]) -> Value {
    // OpenAPI 3.1 uses JSON Schema 2020-12, with its own place for definitions.
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.transforms.push(Box::new(without_booleans()));
        settings
            .transforms
            .push(Box::new(RecursiveTransform(listed)));
    });
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in routes {
        let mut operation = Map::new();
        operation.insert("operationId".to_owned(), json!(route.name));
        operation.insert("summary".to_owned(), json!(route.summary));
        let needs = format!("Needs: {}.", route.needs.words());
        operation.insert("description".to_owned(), json!(needs));
        let security = match route.needs {
            Needs::Nobody => json!([]),
            _ => json!([{"token": []}, {"session": []}]),
        };
        operation.insert("security".to_owned(), security);
        let parameters = parameters(route);
        if !parameters.is_empty() {
            operation.insert("parameters".to_owned(), Value::Array(parameters));
        }
        let content = match route.takes {
            Takes::Nothing => None,
            Takes::Json(schema) => {
                Some(json!({"application/json": {"schema": written(schema, &mut generator)}}))
            }
            Takes::Bytes(media) => Some(json!({media: {}})),
        };
        if let Some(content) = content {
            let body = json!({"required": true, "content": content});
            operation.insert("requestBody".to_owned(), body);
        }
        let (status, answer) = match route.gives {
            Gives::Json(status, schema) => {
                let schema = written(schema, &mut generator);
                let content = json!({"application/json": {"schema": schema}});
                (status, json!({"description": "done", "content": content}))
            }
            Gives::Nothing(status) => (status, json!({"description": "done"})),
            Gives::Bytes(media) | Gives::Untagged(media, None) => {
                let content = json!({media: {}});
                (200, json!({"description": "done", "content": content}))
            }
            Gives::Untagged(media, Some(schema)) => {
                let content = json!({media: {"schema": written(schema, &mut generator)}});
                (200, json!({"description": "done", "content": content}))
            }
        };
        let mut content = json!({MEDIA_TYPE: {"schema": problem}});
        for media in route.refuses_in {
            content[*media] = json!({});
        }
        let refusal = json!({"description": "not done, and why (RFC 9457)", "content": content});
        let mut responses = Map::new();
        if let Some(also) = route.also {
            responses.insert(also.to_string(), answer.clone());
        }
        responses.insert(status.to_string(), answer);
        if route.is_cached() {
            let same = json!({"description": "it is still what you have"});
            responses.insert("304".to_owned(), same);
        }
        responses.insert("4XX".to_owned(), refusal.clone());
        responses.insert("5XX".to_owned(), refusal);
        operation.insert("responses".to_owned(), Value::Object(responses));
        // A parameter that takes the rest of a path is one parameter to the document.
        let path = route.path.replace("{*", "{");
        let methods = paths.entry(path).or_default();
        methods.insert(route.method.to_owned(), Value::Object(operation));
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Detente node",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What one participant's node serves to its own users and programs.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": crate::session::COOKIE,
                    "description": "with `_` and the first twelve digits of the SHA-256 of the node's origin behind it",
                },
            },
        },
    })
}

/// Writes `{}` where anything goes, as OpenAPI always did: makers of clients stop at `true`, which JSON Schema has for it.
fn without_booleans() -> ReplaceBoolSchemas {
    let mut replace = ReplaceBoolSchemas::default();
    replace.skip_additional_properties = true;
    replace
}

/// Writes words of which one is chosen as one list, like those that say nothing about each: makers of clients take a choice of
/// constants for as many types.
fn listed(schema: &mut Schema) {
    let choices = schema.get("oneOf").and_then(Value::as_array);
    let word = |choice: &Value| choice.get("const").filter(|word| word.is_string()).cloned();
    let words =
        choices.and_then(|choices| choices.iter().map(word).collect::<Option<Vec<Value>>>());
    let (Some(choices), Some(words)) = (choices, words) else {
        return;
    };
    let text = |from: &Value, key: &str| from.get(key).and_then(Value::as_str).map(str::to_owned);
    let about = choices.iter().filter_map(|choice| {
        let (word, says) = (text(choice, "const")?, text(choice, "description")?);
        Some(format!("`{word}`: {says}"))
    });
    let says: Vec<String> = text(schema.as_value(), "description")
        .into_iter()
        .chain(about)
        .collect();
    schema.remove("oneOf");
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("enum".to_owned(), Value::Array(words));
    if !says.is_empty() {
        schema.insert("description".to_owned(), json!(says.join("\n\n")));
    }
}

/// A schema as the document has it where it stands.
fn written(schema: SchemaOf, generator: &mut SchemaGenerator) -> Schema {
    let mut schema = schema(generator);
    without_booleans().transform(&mut schema);
    schema
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        let name = name.trim_start_matches('*');
        let schema = path_schema(name);
        Some(json!({"name": name, "in": "path", "required": true, "schema": schema}))
    });
    let in_query = route.query.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "in": "query",
            "description": parameter.says,
            "schema": (parameter.schema)(),
        })
    });
    let header = |name: &str, says: &str, schema: Value| json!({"name": name, "in": "header", "description": says, "schema": schema});
    let tags = || json!({"type": "string"});
    let mut in_headers = Vec::new();
    if route.is_keyed {
        let says = "the same key for the same request: it is done once";
        let length = crate::idempotency::KEY_BYTES_MAX;
        let schema = json!({"type": "string", "minLength": 1, "maxLength": length});
        in_headers.push(header(crate::idempotency::HEADER, says, schema));
    }
    if route.is_conditional {
        let says = "the `ETag` of what you last saw: nothing is changed when it is another now";
        in_headers.push(header("if-match", says, tags()));
    }
    if route.is_cached() {
        let says = "the `ETag` of what you have: 304 when it still is that";
        in_headers.push(header("if-none-match", says, tags()));
    }
    in_path.chain(in_query).chain(in_headers).collect()
}

/// What a parameter of a path looks like; anything else names nothing.
fn path_schema(name: &str) -> Value {
    match name {
        "index" => json!({"type": "integer", "minimum": 0, "maximum": i64::MAX}),
        "hash" => json!({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
        _ => json!({"type": "string", "minLength": 1}),
    }
}
