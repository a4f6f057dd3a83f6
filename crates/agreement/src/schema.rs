//! The words an article may use: the product's Cedar schema, and a dossier's additions to it.

use std::ops::Range;

use cedar_policy::{RequestEnv, Schema, SchemaFragment};
use miette::Diagnostic;

/// The product's schema, in Cedar's schema syntax.
///
/// `detente init` writes it beside a new dossier, so that editors can check articles as they are
/// written.
pub const SCHEMA_TEXT: &str = include_str!("detente.cedarschema");

/// A dossier's schema was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The text is not a Cedar schema.
    #[error("the schema cannot be read: {message}")]
    Syntax {
        /// What Cedar says.
        message: String,
        /// The bytes it is about, where Cedar knows.
        span: Option<Range<usize>>,
    },
    /// The additions clash with the product's schema or name something undefined.
    #[error("the schema's additions cannot be joined to the product's schema: {0}")]
    Clash(String),
}

impl SchemaError {
    /// Returns the bytes of the additions it is about, of the `length` they have: all of them
    /// where Cedar does not say.
    pub(crate) fn span(&self, length: usize) -> Range<usize> {
        match self {
            Self::Syntax {
                span: Some(span), ..
            } if span.start <= span.end && span.end <= length => span.clone(),
            _ => 0..length,
        }
    }
}

/// Returns the schema articles are validated against.
///
/// `additions` is the dossier's `schema.cedarschema`: either a copy of [`SCHEMA_TEXT`], which
/// adds nothing, or declarations in a namespace of its own. It can add names; it cannot change
/// what the product's names mean.
///
/// # Errors
///
/// [`SchemaError`] when the additions do not parse, or redefine or misuse a name.
pub fn schema(additions: Option<&str>) -> Result<Schema, SchemaError> {
    let read = |text: &str| {
        SchemaFragment::from_cedarschema_str(text)
            .map(|(fragment, _)| fragment)
            .map_err(|error| SchemaError::Syntax {
                span: label(&error),
                message: one_line(&error.to_string()),
            })
    };
    let mut fragments = vec![read(SCHEMA_TEXT)?];
    if let Some(text) = additions.filter(|text| text.trim() != SCHEMA_TEXT.trim()) {
        fragments.push(read(text)?);
    }
    Schema::from_schema_fragments(fragments)
        .map_err(|error| SchemaError::Clash(one_line(&error.to_string())))
}

/// The bytes that a diagnostic of Cedar's points at first.
fn label(diagnostic: &dyn Diagnostic) -> Option<Range<usize>> {
    let label = diagnostic.labels()?.next()?;
    Some(label.offset()..label.offset() + label.len())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every kind of request the schema allows, in a fixed order: by resource, then by activity.
///
/// Cedar lists them in no stable order; everything printed or proved goes through this.
pub fn request_types(schema: &Schema) -> Vec<RequestEnv> {
    let mut types: Vec<RequestEnv> = schema.request_envs().collect();
    types.sort_by_cached_key(|env| {
        (
            env.resource().to_string(),
            env.action().to_string(),
            env.principal().to_string(),
        )
    });
    types
}

#[cfg(test)]
mod tests {
    use super::*;
    use cedar_policy::{PolicySet, ValidationMode, Validator};

    #[test]
    fn asks_every_activity_of_everything_it_may_touch() {
        let schema = schema(None).unwrap();
        let types = request_types(&schema);
        assert_eq!(types.len(), 8 * 5);
        assert_eq!(
            format!("{} {}", types[0].action(), types[0].resource()),
            r#"Detente::Action::"airdrop" Detente::Airspace"#
        );
    }

    #[test]
    fn a_copy_adds_nothing_and_a_redefinition_is_refused() {
        assert!(schema(Some(SCHEMA_TEXT)).is_ok());
        assert!(schema(Some("namespace Civil { entity Agency = {}; }")).is_ok());
        let redefined = schema(Some("namespace Detente { entity Party = {}; }"));
        assert!(matches!(redefined, Err(SchemaError::Clash(_))));
        assert!(matches!(
            schema(Some("entity {")),
            Err(SchemaError::Syntax { .. })
        ));
    }

    #[test]
    fn the_example_articles_pass_strict_validation_without_a_warning() {
        let schema = schema(None).unwrap();
        let articles: PolicySet = include_str!("../testdata/articles.cedar").parse().unwrap();
        let result = Validator::new(schema).validate(&articles, ValidationMode::Strict);
        assert!(result.validation_passed_without_warnings(), "{result}");
    }
}
