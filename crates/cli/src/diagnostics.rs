//! Problems of input documents, shown in the file they are in.

mod excerpt;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use detente_records::finding::{Problem, Problems, Severity};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::palette::Palette;
use crate::printable::printable;
use crate::printer::Printer;
use crate::prose::counted;
use excerpt::Excerpt;

/// Columns of a diagnostic: what a terminal beside an editor has.
const WIDTH: usize = 100;

/// Where the documents named in problems can be read again.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    paths: BTreeMap<String, PathBuf>,
    /// Texts that stand in no file.
    texts: BTreeMap<String, String>,
}

impl Documents {
    /// Remembers that the document called `name` is the file at `path`.
    pub(crate) fn add(&mut self, name: impl Into<String>, path: PathBuf) {
        self.paths.insert(name.into(), path);
    }

    /// Remembers that the document called `name` is this text, which stands in no file.
    pub(crate) fn add_text(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.texts.insert(name.into(), text.into());
    }
}

/// Returns every problem as it is shown to a person.
pub(crate) fn render(problems: &Problems, documents: &Documents, palette: Palette) -> String {
    let theme = if palette.is_coloured() {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(WIDTH)
        .with_context_lines(0);
    let mut text = String::new();
    for problem in problems {
        let shown = Shown::of(problem, documents);
        // Writing to a String cannot fail.
        let _ = handler.render_report(&mut text, &shown);
    }
    if problems.left_out() > 0 {
        text.push_str(&format!("and {} more problems\n", problems.left_out()));
    }
    text
}

/// Prints every problem of an input that cannot be used; the answer is that there is none.
pub(crate) fn refuse(
    problems: &Problems,
    documents: &Documents,
    json: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    printer.diagnose(&render(problems, documents, printer.notes_palette()));
    if json {
        printer.answer_json(&ProblemsAnswer::from(problems))?;
    }
    Err(Failure::new(
        FailureKind::InvalidInput,
        format!("the input is invalid: {}", summary(problems)),
    ))
}

/// Prints the warnings and notes of an input that can be used.
pub(crate) fn remark(problems: &Problems, documents: &Documents, printer: &mut Printer) {
    if !problems.is_empty() {
        let text = render(problems, documents, printer.notes_palette());
        printer.note(&text);
    }
}

/// Says how many problems of which severity there are: `2 errors, 1 warning`.
pub(crate) fn summary(problems: &Problems) -> String {
    let count = |severity| {
        problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .count()
    };
    let plural = |count: usize, word: &str| (count > 0).then(|| counted(count as u64, word));
    let parts = [
        plural(problems.errors(), "error"),
        plural(count(Severity::Warning), "warning"),
        plural(count(Severity::Note), "note"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A problem as `--json` prints it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Problem"))]
pub(crate) struct ProblemAnswer {
    /// Stable name of the kind of problem.
    code: String,
    /// `error`, `warning` or `note`.
    severity: String,
    /// The file.
    document: String,
    /// RFC 6901 pointer to the value, if one is meant.
    pointer: Option<String>,
    /// From 1.
    line: Option<u32>,
    /// From 1, in characters.
    column: Option<u32>,
    /// What is wrong.
    message: String,
    /// What to do about it.
    help: Option<String>,
}

impl From<&Problem> for ProblemAnswer {
    fn from(problem: &Problem) -> Self {
        Self {
            code: problem.code.to_owned(),
            severity: problem.severity.word().to_owned(),
            document: problem.document.clone(),
            pointer: problem.place.pointer.clone(),
            line: problem.place.line,
            column: problem.place.column,
            message: problem.message.clone(),
            help: problem.help.clone(),
        }
    }
}

/// What `--json` prints instead of an answer when the input is invalid.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "Invalid input", rename = "InvalidInput"))]
pub(crate) struct ProblemsAnswer {
    /// Every problem, in the order of the documents.
    problems: Vec<ProblemAnswer>,
    /// How many more there are than the list holds.
    left_out: usize,
}

impl From<&Problems> for ProblemsAnswer {
    fn from(problems: &Problems) -> Self {
        Self {
            problems: problems.iter().map(ProblemAnswer::from).collect(),
            left_out: problems.left_out(),
        }
    }
}

/// One problem in the form miette draws.
#[derive(Debug)]
struct Shown {
    code: &'static str,
    severity: miette::Severity,
    message: String,
    help: Option<String>,
    excerpt: Option<Excerpt>,
    label: String,
}

impl Shown {
    fn of(problem: &Problem, documents: &Documents) -> Self {
        let place = &problem.place;
        let pointer = place
            .pointer
            .as_deref()
            .filter(|pointer| !pointer.is_empty());
        let excerpt = place.span.as_ref().and_then(|span| {
            if let Some(text) = documents.texts.get(&problem.document) {
                let (name, span) = (&problem.document, span.clone());
                return Some(Excerpt::of(name, text, span, place.line?, place.column?));
            }
            let path = documents.paths.get(&problem.document)?;
            Excerpt::read(
                &problem.document,
                path,
                span.clone(),
                place.line?,
                place.column?,
            )
        });
        let mut message = printable(&problem.message).into_owned();
        if excerpt.is_none() {
            // Without an excerpt to point into, the words must say where.
            message = format!("{}: {message}", printable(&problem.document));
            if let Some(pointer) = pointer {
                message.push_str(&format!(" (at {})", printable(pointer)));
            }
        }
        Self {
            code: problem.code,
            severity: match problem.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
                Severity::Note => miette::Severity::Advice,
            },
            message,
            help: problem
                .help
                .as_deref()
                .map(|help| printable(help).into_owned()),
            excerpt,
            label: pointer.map_or_else(
                || "here".to_owned(),
                |pointer| printable(pointer).into_owned(),
            ),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn code(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.excerpt
            .as_ref()
            .map(|excerpt| excerpt as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = self.excerpt.as_ref()?;
        Some(Box::new(std::iter::once(
            LabeledSpan::new_primary_with_span(Some(self.label.clone()), excerpt.label()),
        )))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_published_schema_is_fresh() {
        crate::reference::assert_schema_fresh::<super::ProblemsAnswer>("problems.schema.json");
    }

    use detente_records::Place;

    use super::*;

    #[test]
    fn a_problem_without_a_place_still_names_its_document() {
        let mut problems = Problems::new("agreement.toml");
        problems
            .error(
                "missing_file",
                Place::default(),
                "the dossier has no agreement.toml",
            )
            .help("write one");
        problems.warning(
            "odd",
            Place {
                pointer: Some("/a/b".to_owned()),
                ..Place::default()
            },
            "odd\u{1b}[2J",
        );
        insta::assert_snapshot!(render(&problems, &Documents::default(), Palette::new(false)), @r"
        missing_file

          × agreement.toml: the dossier has no agreement.toml
          help: write one
        odd

          ⚠ agreement.toml: odd\u{1b}[2J (at /a/b)
        ");
        assert_eq!(summary(&problems), "1 error, 1 warning");
    }
}
