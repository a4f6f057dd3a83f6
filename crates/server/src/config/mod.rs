//! What a node was told to be: `detente.toml`, environment and flags, each value with its origin.
//!
//! A later origin wins: default, file, environment, flag. Everything wrong is reported at once, and
//! an unknown name is wrong: a misspelt limit would otherwise be no limit.

mod settings;

pub use settings::{Form, SETTINGS, Setting};

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use detente_records::{Origin, Place as Where, Problems};
use detente_stores::postgres::{Database, PostgresError};
use detente_stores::store::Place;
use serde::Serialize;
use toml::de::DeTable;

/// Prefix of the environment variables that are read.
pub const VARIABLE_PREFIX: &str = "DETENTE_";

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Built in.
    Default,
    /// `detente.toml`.
    File,
    /// An environment variable.
    Environment,
    /// The command line.
    Flag,
}

/// One value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The setting, as in `api.listen`.
    pub name: &'static str,
    /// Its value; empty for "not set".
    pub value: String,
    /// Who said so.
    pub source: Source,
    /// What it is for.
    pub help: &'static str,
}

/// A complete, checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    folder: PathBuf,
    values: BTreeMap<&'static str, (String, Source)>,
}

/// What the origins say, unchecked.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Folder that relative paths start from: that of `detente.toml`.
    pub folder: PathBuf,
    /// Name and text of `detente.toml`, if there is one.
    pub file: Option<(String, String)>,
    /// Environment variables; those without the prefix are not looked at.
    pub environment: BTreeMap<String, String>,
    /// `name=value` pairs of the command line.
    pub flags: Vec<(String, String)>,
}

impl Config {
    /// Puts the origins together.
    ///
    /// # Errors
    ///
    /// Every problem of every origin at once.
    pub fn gather(given: &Given) -> Result<Self, Problems> {
        let document = given.file.as_ref().map_or("settings", |(name, _)| name);
        let mut problems = Problems::new(document);
        let mut values: BTreeMap<&'static str, (String, Source)> = SETTINGS
            .iter()
            .map(|setting| (setting.name, (setting.default.to_owned(), Source::Default)))
            .collect();
        let mut set = |name: &str, value: String, source, place: Where, problems: &mut Problems| {
            let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
                problems
                    .error(
                        "unknown_setting",
                        place,
                        format!("there is no setting `{name}`"),
                    )
                    .suggest(|| nearest(name));
                return;
            };
            match setting.check(&value) {
                Ok(()) => {
                    values.insert(setting.name, (value, source));
                }
                Err(accepts) => {
                    let message = format!("`{name}` cannot be `{}`", shown(setting, &value));
                    problems
                        .error("setting_value", place, message)
                        .help(format!("it accepts {accepts}"));
                }
            }
        };
        if let Some((_, text)) = &given.file {
            for (name, value, span) in file_values(text, &mut problems) {
                let place = Where {
                    span: Some(span),
                    ..place_of(&format!("/{}", name.replace('.', "/")))
                };
                set(&name, value, Source::File, place, &mut problems);
            }
            problems.locate(text.as_bytes(), Origin::START);
        }
        for (variable, value) in &given.environment {
            let Some(rest) = variable.strip_prefix(VARIABLE_PREFIX) else {
                continue;
            };
            if !names_a_table(rest) {
                continue;
            }
            let name = SETTINGS
                .iter()
                .find(|setting| setting.variable() == *variable)
                .map_or_else(|| rest.to_lowercase(), |setting| setting.name.to_owned());
            set(
                &name,
                value.clone(),
                Source::Environment,
                place_of(variable),
                &mut problems,
            );
        }
        for (name, value) in &given.flags {
            let place = place_of(name);
            set(name, value.clone(), Source::Flag, place, &mut problems);
        }
        let config = Self {
            folder: given.folder.clone(),
            values,
        };
        config.check_together(&mut problems);
        config.check_store(&mut problems);
        if problems.has_errors() {
            return Err(problems);
        }
        Ok(config)
    }

    /// Checks what one value alone cannot tell.
    fn check_together(&self, problems: &mut Problems) {
        self.check_provider(problems);
        let certified = !self.text("api.certificate").is_empty();
        if certified == self.text("api.private_key").is_empty() {
            problems
                .error(
                    "setting_pair",
                    place_of("/api/certificate"),
                    "`api.certificate` and `api.private_key` come together or not at all",
                )
                .help("give both, or neither and a loopback address");
        }
        if !certified
            && self
                .socket("api.listen")
                .is_some_and(|at| !at.ip().is_loopback())
        {
            problems
                .error(
                    "setting_plain",
                    place_of("/api/listen"),
                    "without a certificate the API is served on a loopback address only",
                )
                .help("set `api.certificate` and `api.private_key`, or listen on 127.0.0.1");
        }
    }

    /// Checks where the node keeps what it has; the database itself is not asked.
    fn check_store(&self, problems: &mut Problems) {
        let url = self.text("store.url");
        if url.is_empty() {
            return;
        }
        if let Err(error) = Database::new(url, self.text("store.schema")) {
            let place = match error {
                PostgresError::Schema => "/store/schema",
                _ => "/store/url",
            };
            problems
                .error("setting_store", place_of(place), error.to_string())
                .help("an address is postgres://user@host:port/database?sslmode=verify-full");
        }
    }

    /// Returns the file with those who vouch for the database's certificate, when one is checked.
    pub fn store_authorities(&self) -> Option<PathBuf> {
        let database = Database::new(self.text("store.url"), self.text("store.schema")).ok()?;
        let path = self.path("store.authorities");
        path.filter(|_| database.needs_authorities())
    }

    /// Returns where the node keeps what it has, once its ledger's origin is known; `password` is
    /// what the password file says, `authorities` what the file of [`Config::store_authorities`] does.
    ///
    /// # Errors
    ///
    /// [`PostgresError`] for an address that cannot be read, or authorities that are none.
    pub fn place(
        &self,
        origin: &str,
        password: Option<&str>,
        authorities: Option<&[u8]>,
    ) -> Result<Place, PostgresError> {
        let url = self.text("store.url");
        if url.is_empty() {
            return Ok(Place::Folder(self.path("node.data").unwrap_or_default()));
        }
        let mut database = Database::new(url, self.text("store.schema"))?;
        if let Some(password) = password {
            database = database.with_password(password);
        }
        if let Some(authorities) = authorities {
            database = database.with_authorities(authorities)?;
        }
        Ok(Place::Database(database, Arc::from(origin)))
    }

    /// Checks that a provider is named with everything that goes with it.
    fn check_provider(&self, problems: &mut Problems) {
        if self.text("oidc.issuer").is_empty() {
            return;
        }
        for name in ["oidc.client_id", "oidc.redirect", "oidc.roles"] {
            if self.text(name).is_empty() {
                let pointer = format!("/{}", name.replace('.', "/"));
                let message = format!("`{name}` goes with `oidc.issuer` and is not set");
                problems
                    .error("setting_pair", place_of(&pointer), message)
                    .help("set it, or leave `oidc.issuer` out");
            }
        }
        let scopes = self.text("oidc.scopes");
        if !scopes.split(' ').any(|scope| scope == "openid") {
            problems
                .error(
                    "setting_value",
                    place_of("/oidc/scopes"),
                    "without the scope `openid` a provider names nobody",
                )
                .help("add `openid`");
        }
    }

    /// Returns every value with its origin, in the order of [`SETTINGS`].
    pub fn rows(&self) -> Vec<Row> {
        SETTINGS
            .iter()
            .filter_map(|setting| {
                let (value, source) = self.values.get(setting.name)?;
                Some(Row {
                    name: setting.name,
                    value: shown(setting, value),
                    source: *source,
                    help: setting.help,
                })
            })
            .collect()
    }

    /// Returns a value as text; empty when not set.
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |(value, _)| value)
    }

    /// Returns a path; relative ones start at the configuration's folder.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let text = self.text(name);
        (!text.is_empty()).then(|| self.folder.join(Path::new(text)))
    }

    /// Returns an address.
    pub fn socket(&self, name: &str) -> Option<SocketAddr> {
        self.text(name).parse().ok()
    }

    /// Returns a whole number.
    pub fn whole(&self, name: &str) -> u64 {
        self.text(name).parse().unwrap_or(0)
    }
}

/// Returns what may be printed of a value.
fn shown(setting: &Setting, value: &str) -> String {
    match setting.form {
        Form::Secret if !value.is_empty() => "(not shown)".to_owned(),
        _ => value.to_owned(),
    }
}

fn place_of(pointer: &str) -> Where {
    Where {
        pointer: Some(pointer.to_owned()),
        ..Where::default()
    }
}

/// Flattens the file's tables to dotted names, each with its value and where that stands.
///
/// Every syntax error is reported; of a file that has one nothing else is read.
fn file_values(text: &str, problems: &mut Problems) -> Vec<(String, String, Range<usize>)> {
    let (places, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let place = Where::of_span(error.span().unwrap_or(0..0));
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        problems
            .error("toml_syntax", place, message)
            .help("see https://toml.io/en/v1.0.0 for the form of a document");
    }
    let table: toml::Table = match text.parse() {
        Ok(table) if errors.is_empty() => table,
        _ => return Vec::new(),
    };
    let place = |table: &str, member: Option<&str>| {
        let value = places.get_ref().get(table)?;
        let Some(member) = member else {
            return Some(value.span());
        };
        value.get_ref().get(member).map(toml::Spanned::span)
    };
    let mut values = Vec::new();
    for (table_name, members) in &table {
        let Some(members) = members.as_table() else {
            let span = place(table_name, None).unwrap_or_default();
            values.push((table_name.clone(), members.to_string(), span));
            continue;
        };
        for (member, value) in members {
            let text = match value {
                toml::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let span = place(table_name, Some(member)).unwrap_or_default();
            values.push((format!("{table_name}.{member}"), text, span));
        }
    }
    values
}

/// Suggests the setting whose member has the same name, else the table's settings, else the tables.
fn nearest(name: &str) -> Option<String> {
    let (table, member) = name.split_once('.').unwrap_or(("", name));
    let same_member = |setting: &&Setting| setting.name.ends_with(&format!(".{member}"));
    if let Some(setting) = SETTINGS.iter().find(same_member) {
        return Some(format!("did you mean `{}`?", setting.name));
    }
    let known: Vec<&str> = SETTINGS
        .iter()
        .map(|setting| setting.name)
        .filter(|known| known.starts_with(&format!("{table}.")))
        .collect();
    if !known.is_empty() {
        return Some(format!("the table has: {}", known.join(", ")));
    }
    let tables: BTreeSet<&str> = SETTINGS
        .iter()
        .filter_map(|setting| setting.name.split('.').next())
        .collect();
    let tables: Vec<&str> = tables.into_iter().collect();
    Some(format!("the tables are: {}", tables.join(", ")))
}

/// Whether what follows the prefix begins like a setting, right or misspelt; other programs of the
/// project, such as its tests, have variables of their own.
fn names_a_table(rest: &str) -> bool {
    let table = rest.split('_').next().unwrap_or(rest).to_lowercase();
    SETTINGS
        .iter()
        .any(|setting| setting.name.split('.').next() == Some(table.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(file: &str) -> Given {
        Given {
            folder: PathBuf::from("/etc/detente"),
            file: Some(("detente.toml".to_owned(), file.to_owned())),
            ..Given::default()
        }
    }

    #[test]
    fn a_later_origin_wins_and_every_value_says_where_it_is_from() {
        let mut given = given("[api]\nlisten = \"127.0.0.1:1\"\nrequest_s_max = 5\n");
        given
            .environment
            .insert("DETENTE_API_LISTEN".to_owned(), "127.0.0.1:2".to_owned());
        given
            .environment
            .insert("HOME".to_owned(), "/root".to_owned());
        // Not a setting: no table has this name.
        given
            .environment
            .insert("DETENTE_PEERS".to_owned(), "required".to_owned());
        given
            .flags
            .push(("api.listen".to_owned(), "127.0.0.1:3".to_owned()));
        let config = Config::gather(&given).expect("right");
        let row = |name| {
            config
                .rows()
                .into_iter()
                .find(|row| row.name == name)
                .expect("row")
        };
        assert_eq!(
            (row("api.listen").value.as_str(), row("api.listen").source),
            ("127.0.0.1:3", Source::Flag)
        );
        assert_eq!(row("api.request_s_max").source, Source::File);
        assert_eq!(row("node.data").source, Source::Default);
        assert_eq!(
            config.path("node.data"),
            Some(PathBuf::from("/etc/detente/data"))
        );
        assert_eq!(config.path("node.unlock_file"), None);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let mut given = given(
            "speed = 1\n[api]\nlisten = \"0.0.0.0:80\"\nrequest_s_max = 0\nprivate_key = \"k\"\n[node]\nlisten = \"x\"\n",
        );
        given
            .environment
            .insert("DETENTE_LOG_LEVEL".to_owned(), "loud".to_owned());
        let problems = Config::gather(&given).expect_err("wrong");
        let mut text = String::new();
        for problem in problems.iter() {
            text.push_str(&format!(
                "{} {}: {} ({})\n",
                problem.code,
                problem.place.pointer.clone().unwrap_or_default(),
                problem.message,
                problem.help.clone().unwrap_or_default()
            ));
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn what_is_wrong_in_the_file_is_told_with_its_line() {
        let wrong = |text: &str| {
            let problems = Config::gather(&given(text)).expect_err("wrong");
            let told = problems.iter().map(|problem| {
                let place = &problem.place;
                format!("{}:{}", place.line.unwrap_or(0), place.column.unwrap_or(0))
            });
            told.collect::<Vec<_>>().join(" ")
        };
        let values = "[api]\nlisten = \"nowhere\"\n\n[node]\nkees = 1\n[peers]\nx = 1\n";
        assert_eq!(wrong(values), "2:10 5:8 7:5");
        assert_eq!(wrong("a = 1\n[node\n"), "2:6");
    }

    #[test]
    fn every_default_is_acceptable() {
        for setting in SETTINGS {
            setting.check(setting.default).expect(setting.name);
        }
    }
}
