//! Articles as Cedar policies, facts, and decisions with reasons.

mod schema;

pub use schema::{SCHEMA_TEXT, SchemaError, request_types, schema};
