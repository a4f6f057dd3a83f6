//! What the command needs to talk to a node: this room's client, and the words of HTTP.

pub use crate::client::{Answer, Client, ClientError};
pub use axum::http::{HeaderName, Method, header};
