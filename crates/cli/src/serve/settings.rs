//! `detente config show`: every setting, what it is, and who said so.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::string::FromUtf8Error;

use clap::{Args, Subcommand};
use detente_records::{Origin, Place, Problems};
use detente_server::config::{Config, Given, VARIABLE_PREFIX};

use crate::diagnostics::{Documents, refuse};
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;

/// Variables of the command itself, which are no settings of a node.
const OTHER_VARIABLES: [&str; 2] = ["DETENTE_NODE", "DETENTE_TOKEN_FILE"];

/// Where settings come from.
#[derive(Args, Debug)]
pub(crate) struct SettingArgs {
    /// The settings' file; without one, defaults, environment and --set
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting, such as api.listen=127.0.0.1:7070; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
}

/// The arguments of `detente config`.
#[derive(Args, Debug)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print every setting with its value and where it comes from
    Show {
        #[command(flatten)]
        settings: SettingArgs,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

impl SettingArgs {
    /// Puts file, environment and flags together; every problem is reported before giving up.
    pub(crate) fn gather(&self, printer: &mut Printer) -> Result<Config, Failure> {
        let mut given = Given::default();
        let mut documents = Documents::default();
        if let Some(path) = &self.config {
            let bytes = std::fs::read(path).map_err(|error| Failure::unreadable(path, error))?;
            given.folder = path.parent().map(PathBuf::from).unwrap_or_default();
            let name = path.display().to_string();
            documents.add(&name, path.clone());
            let text = match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => {
                    let problems = not_utf8(&name, &error);
                    refuse(&problems, &documents, false, printer)?;
                    return Err(invalid());
                }
            };
            given.file = Some((name, text));
        }
        given.environment = variables()?;
        for pair in &self.set {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                let message = format!("`{pair}` is not NAME=VALUE");
                Failure::new(FailureKind::Usage, message)
            })?;
            given.flags.push((name.to_owned(), value.to_owned()));
        }
        Config::gather(&given).or_else(|problems| {
            refuse(&problems, &documents, false, printer)?;
            Err(invalid())
        })
    }
}

fn invalid() -> Failure {
    Failure::new(FailureKind::InvalidInput, "the settings are invalid")
}

/// The variables that may be settings; those of other programs may hold any bytes.
fn variables() -> Result<BTreeMap<String, String>, Failure> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with(VARIABLE_PREFIX))
        .filter(|(name, _)| !OTHER_VARIABLES.contains(&name.as_str()))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => {
                let message = format!("the variable `{name}` is not UTF-8");
                Err(Failure::new(FailureKind::Usage, message).hint("set it anew, or unset it"))
            }
        })
        .collect()
}

/// Says where a file stops to be UTF-8.
fn not_utf8(name: &str, error: &FromUtf8Error) -> Problems {
    let start = error.utf8_error().valid_up_to();
    let mut problems = Problems::new(name);
    problems
        .error(
            "not_utf8",
            Place::of_span(start..start + 1),
            "these bytes are not UTF-8",
        )
        .help("save the file as UTF-8");
    problems.locate(error.as_bytes(), Origin::START);
    problems
}

/// Prints the settings.
pub(crate) fn run(args: &ConfigArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let ConfigCommand::Show { settings, json } = &args.command;
    let config = settings.gather(printer)?;
    if *json {
        printer.answer_json(&config.rows())?;
        return Ok(Exit::Favourable);
    }
    for row in config.rows() {
        let value = match row.value.is_empty() {
            true => "(not set)",
            false => &row.value,
        };
        let source = format!("{:?}", row.source).to_lowercase();
        printer.answer(&format!(
            "{:<26} {:<38} {:<12} {}\n",
            row.name,
            printable(value),
            source,
            row.help
        ))?;
    }
    Ok(Exit::Favourable)
}
