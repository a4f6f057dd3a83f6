//! The OpenAPI 3.1 document, made from the list of routes.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::route::{Gives, Needs, Route};
use crate::problem::{MEDIA_TYPE, Problem};

/// Writes the document.
pub(crate) fn document(routes: &[Route]) -> Value {
    // OpenAPI 3.1 uses JSON Schema 2020-12, with its own place for definitions.
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
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
        if let Some(takes) = route.takes {
            let schema = takes(&mut generator);
            let body =
                json!({"required": true, "content": {"application/json": {"schema": schema}}});
            operation.insert("requestBody".to_owned(), body);
        }
        let (status, answer) = match route.gives {
            Gives::Json(status, schema) => {
                let schema = schema(&mut generator);
                let content = json!({"application/json": {"schema": schema}});
                (status, json!({"description": "done", "content": content}))
            }
            Gives::Nothing(status) => (status, json!({"description": "done"})),
            Gives::Bytes(media) => {
                let content = json!({media: {}});
                (200, json!({"description": "done", "content": content}))
            }
        };
        let refusal = json!({
            "description": "not done, and why (RFC 9457)",
            "content": {MEDIA_TYPE: {"schema": problem}},
        });
        let responses = json!({status.to_string(): answer, "4XX": refusal, "5XX": refusal});
        operation.insert("responses".to_owned(), responses);
        let methods = paths.entry(route.path).or_default();
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

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        let name = name.trim_start_matches('*');
        Some(json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
    });
    let in_query = route.query.iter().map(|(name, says)| {
        json!({"name": name, "in": "query", "description": says, "schema": {"type": "string"}})
    });
    let conditional = (route.method == "post" && route.name == "submit_act").then(|| {
        json!({
            "name": crate::idempotency::HEADER,
            "in": "header",
            "description": "the same key for the same request: it is done once",
            "schema": {"type": "string", "maxLength": crate::idempotency::KEY_BYTES_MAX},
        })
    });
    in_path.chain(in_query).chain(conditional).collect()
}
