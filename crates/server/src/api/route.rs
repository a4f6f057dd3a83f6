//! A route, said once: where it is, who may use it, what it takes and gives.
//!
//! The router, the gate and the OpenAPI document are all made from the same list, so that no route
//! can be served without its permission or missing from the document.

use std::sync::Arc;

use axum::routing::MethodRouter;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

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
    /// Parameters of the query.
    pub(crate) query: &'static [Parameter],
    /// Whether it looks at `If-Match` before it changes anything.
    pub(crate) is_conditional: bool,
    /// Whether an `Idempotency-Key` keeps it from being done twice.
    pub(crate) is_keyed: bool,
    /// The body it takes.
    pub(crate) takes: Takes,
    /// What it gives.
    pub(crate) gives: Gives,
    /// Another status that comes with the same body.
    pub(crate) also: Option<u16>,
    /// Media types of refusals beside a problem's.
    pub(crate) refuses_in: &'static [&'static str],
    /// Most bytes of a body, where it is not what the node is set to.
    pub(crate) bytes_max: Option<usize>,
    /// Whether it ends by itself; a stream does not.
    pub(crate) is_endless: bool,
    /// Does it.
    pub(crate) handler: MethodRouter<Arc<App>>,
}

/// A parameter of a query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it says.
    pub(crate) says: &'static str,
    /// What it accepts.
    pub(crate) schema: fn() -> Value,
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

/// What a route takes.
#[derive(Clone, Copy)]
pub(crate) enum Takes {
    /// No body.
    Nothing,
    /// JSON of this schema.
    Json(SchemaOf),
    /// Bytes of this media type.
    Bytes(&'static str),
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
    /// JSON or text that is another every time: 200, with this media type and perhaps a schema.
    Untagged(&'static str, Option<SchemaOf>),
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
            is_conditional: false,
            is_keyed: false,
            takes: Takes::Nothing,
            gives,
            also: None,
            refuses_in: &[],
            bytes_max: None,
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
        self.takes = Takes::Json(takes);
        self
    }

    /// Says that it takes any bytes.
    pub(crate) fn takes_bytes(mut self) -> Self {
        self.takes = Takes::Bytes("application/octet-stream");
        self
    }

    /// Says that it takes bytes of a media type.
    pub(crate) fn takes_media(mut self, media: &'static str) -> Self {
        self.takes = Takes::Bytes(media);
        self
    }

    /// Says which parameters it reads from the query.
    pub(crate) fn query(mut self, query: &'static [Parameter]) -> Self {
        self.query = query;
        self
    }

    /// Says that it looks at `If-Match` before it changes anything.
    pub(crate) fn conditional(mut self) -> Self {
        self.is_conditional = true;
        self
    }

    /// Says that an `Idempotency-Key` keeps it from being done twice.
    pub(crate) fn keyed(mut self) -> Self {
        self.is_keyed = true;
        self
    }

    /// Returns whether its answers carry an entity tag that can be asked about.
    pub(crate) fn is_cached(&self) -> bool {
        let is_tagged = !matches!(self.gives, Gives::Nothing(_) | Gives::Untagged(..));
        self.method == "get" && is_tagged && !self.is_endless
    }

    /// Says in which other media types it refuses.
    pub(crate) fn refuses_in(mut self, media: &'static [&'static str]) -> Self {
        self.refuses_in = media;
        self
    }

    /// Says that another status comes with the same body.
    pub(crate) fn also(mut self, status: u16) -> Self {
        self.also = Some(status);
        self
    }

    /// Says how large a body it takes, whatever the node is set to.
    pub(crate) fn bytes_max(mut self, most: usize) -> Self {
        self.bytes_max = Some(most);
        self
    }

    /// Says that it does not end by itself, or takes as long as its body is large.
    pub(crate) fn endless(mut self) -> Self {
        self.is_endless = true;
        self
    }
}
