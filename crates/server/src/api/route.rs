//! A route, said once: where it is, who may use it, what it takes and gives.
//!
//! The router, the gate and the OpenAPI document are all made from the same list, so that no route
//! can be served without its permission or missing from the document.

use std::sync::Arc;

use axum::routing::MethodRouter;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::App;
use crate::authority::{Action, Object};

/// One route of the API.
pub(crate) struct Route {
    /// `get`, `post`, `put` or `delete`.
    pub(crate) method: &'static str,
    /// Its path, with parameters in braces.
    pub(crate) path: &'static str,
    /// Its name in the document, and in metrics.
    pub(crate) name: &'static str,
    /// What it does, in a line.
    pub(crate) summary: &'static str,
    /// Who gets past the gate.
    pub(crate) needs: Needs,
    /// Parameters of the query, with what they say.
    pub(crate) query: &'static [(&'static str, &'static str)],
    /// The body it takes.
    pub(crate) takes: Option<SchemaOf>,
    /// What it gives.
    pub(crate) gives: Gives,
    /// Whether it ends by itself; a stream does not.
    pub(crate) is_endless: bool,
    /// Does it.
    pub(crate) handler: MethodRouter<Arc<App>>,
}

/// Makes the schema of a body.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// Who gets past the gate; what exactly may be seen or changed is decided on the object itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Anybody who reaches the socket.
    Nobody,
    /// Anybody signed in.
    SignedIn,
    /// Whoever may do this to the picture.
    Picture(Action),
    /// Whoever may do this to some ledger.
    Ledger(Action),
    /// Whoever may submit some act.
    Acts,
    /// Whoever may read some report.
    Reports,
    /// Whoever may do this to the house.
    House(Action),
}

impl Needs {
    /// Returns what the gate asks the policies; `None` when it only asks for a signature or nothing.
    pub(crate) fn question(self, participant: &str) -> Option<(Action, Object)> {
        match self {
            Self::Nobody | Self::SignedIn => None,
            Self::Picture(action) => Some((action, Object::Picture)),
            Self::Ledger(action) => Some((action, Object::Ledger("any".to_owned()))),
            Self::Acts => Some((Action::Submit, Object::Kind("any".to_owned()))),
            // One's own report stands for all: whoever may read none gets no further.
            Self::Reports => Some((
                Action::Read,
                Object::Report {
                    id: "any".to_owned(),
                    originator: participant.to_owned(),
                    recipients: std::collections::BTreeSet::new(),
                },
            )),
            Self::House(action) => Some((action, Object::House)),
        }
    }

    /// Says it in the document.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Nobody => "nobody in particular".to_owned(),
            Self::SignedIn => "any signed-in user".to_owned(),
            Self::Picture(action) => format!("`{}` on the picture", action.wire_name()),
            Self::Ledger(action) => format!("`{}` on the ledger", action.wire_name()),
            Self::Acts => "`submit` on the kind of act".to_owned(),
            Self::Reports => "`read` on the report".to_owned(),
            Self::House(action) => format!("`{}` on the house", action.wire_name()),
        }
    }
}

/// What a route gives.
#[derive(Clone, Copy)]
pub(crate) enum Gives {
    /// JSON of this schema with this status.
    Json(u16, SchemaOf),
    /// Nothing, with this status.
    Nothing(u16),
    /// Bytes of this media type.
    Bytes(&'static str),
}

/// Names the schema of a type.
pub(crate) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Route {
    /// A route that reads.
    pub(crate) fn get(
        path: &'static str,
        name: &'static str,
        summary: &'static str,
        needs: Needs,
        gives: Gives,
        handler: MethodRouter<Arc<App>>,
    ) -> Self {
        Self {
            method: "get",
            path,
            name,
            summary,
            needs,
            query: &[],
            takes: None,
            gives,
            is_endless: false,
            handler,
        }
    }

    /// Turns it into one that changes something.
    pub(crate) fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    /// Says which body it takes.
    pub(crate) fn takes(mut self, takes: SchemaOf) -> Self {
        self.takes = Some(takes);
        self
    }

    /// Says which parameters it reads from the query.
    pub(crate) fn query(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.query = query;
        self
    }

    /// Says that it does not end by itself.
    pub(crate) fn endless(mut self) -> Self {
        self.is_endless = true;
        self
    }
}
