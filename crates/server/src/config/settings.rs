//! Every setting there is: its name, what it accepts, what it is when nobody says anything.

use crate::oidc::RoleMap;
use crate::role::Role;

/// One setting of `detente.toml`.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Table and member, as in `api.listen`.
    pub name: &'static str,
    /// What it accepts.
    pub form: Form,
    /// Its value when nothing else is said; empty for "not set".
    pub default: &'static str,
    /// What it is for, in one line.
    pub help: &'static str,
}

/// What a setting accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any text without control characters.
    Text,
    /// Text that may hold a password, and is not shown.
    Secret,
    /// A path, taken relative to the folder of `detente.toml`.
    Path,
    /// An address and a port.
    Socket,
    /// A whole number in this range.
    Whole(u64, u64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A table of groups and their roles.
    Roles,
}

impl Setting {
    /// Returns the environment variable that sets it.
    pub fn variable(&self) -> String {
        format!("DETENTE_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// Checks a value; says what would be accepted when it is not.
    ///
    /// # Errors
    ///
    /// What the setting accepts, in words.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let right = match self.form {
            Form::Text | Form::Secret | Form::Path => !value.contains(char::is_control),
            Form::Socket => value.is_empty() || value.parse::<std::net::SocketAddr>().is_ok(),
            Form::Whole(least, most) => value
                .parse::<u64>()
                .is_ok_and(|number| (least..=most).contains(&number)),
            Form::OneOf(words) => words.contains(&value),
            Form::Roles => value.is_empty() || RoleMap::parse(value).is_ok(),
        };
        if right { Ok(()) } else { Err(self.accepts()) }
    }

    /// Says what the setting accepts.
    pub fn accepts(&self) -> String {
        match self.form {
            Form::Text | Form::Secret => "text without control characters".to_owned(),
            Form::Path => "a path".to_owned(),
            Form::Socket => "an address and a port, such as 127.0.0.1:7070".to_owned(),
            Form::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Form::OneOf(words) => format!("one of: {}", words.join(", ")),
            Form::Roles => {
                let roles: Vec<&str> = Role::ALL.into_iter().map(Role::wire_name).collect();
                let example = "{ staff = \"planner\", watch = [\"watch_officer\", \"auditor\"] }";
                format!(
                    "a table such as {example}, with the roles {}",
                    roles.join(", ")
                )
            }
        }
    }
}

/// The settings, in the order they are shown.
pub const SETTINGS: [Setting; 28] = [
    row(
        "node.keys",
        Form::Path,
        "keys",
        "folder that `detente keys new` wrote",
    ),
    row(
        "node.unlock_file",
        Form::Path,
        "",
        "file whose first line opens the keys",
    ),
    row(
        "node.agreement",
        Form::Path,
        "agreement",
        "folder that `detente join` wrote: dossier and everyone's cards",
    ),
    row(
        "node.dossier",
        Form::OneOf(&["binds", "to_be_tabled"]),
        "binds",
        "whether the dossier is in force from the beginning, the same at every node",
    ),
    row(
        "node.data",
        Form::Path,
        "data",
        "folder for the ledger, mirrors, blobs and users, unless a database keeps them",
    ),
    row(
        "store.url",
        Form::Secret,
        "",
        "PostgreSQL instead of the folder, as postgres://user@host/database",
    ),
    row(
        "store.schema",
        Form::Text,
        "detente",
        "schema in the database that belongs to this node alone",
    ),
    row(
        "store.password_file",
        Form::Path,
        "",
        "file whose first line is the password of the database",
    ),
    row(
        "store.authorities",
        Form::Path,
        "/etc/ssl/certs/ca-certificates.crt",
        "authorities that vouch for the database's certificate, PEM; for `sslmode=verify-full`",
    ),
    row(
        "api.listen",
        Form::Socket,
        "127.0.0.1:7070",
        "where users and programs connect",
    ),
    row(
        "api.certificate",
        Form::Path,
        "",
        "certificate chain in PEM; without one only a loopback address is served",
    ),
    row(
        "api.private_key",
        Form::Path,
        "",
        "private key of the certificate, PKCS #8 in PEM",
    ),
    row(
        "api.body_bytes_max",
        Form::Whole(1_024, 67_108_864),
        "8388608",
        "largest request body",
    ),
    row(
        "api.request_s_max",
        Form::Whole(1, 600),
        "30",
        "longest time one request may take, in seconds",
    ),
    row(
        "peer.listen",
        Form::Socket,
        "127.0.0.1:7443",
        "where other participants connect, mutual TLS with pinned keys",
    ),
    row(
        "session.hours",
        Form::Whole(1, 168),
        "12",
        "how long a sign-in lasts",
    ),
    row(
        "oidc.issuer",
        Form::Text,
        "",
        "OpenID Connect provider where users may sign in, exactly as it calls itself",
    ),
    row(
        "oidc.client_id",
        Form::Text,
        "",
        "who this node is at the provider",
    ),
    row(
        "oidc.client_secret_file",
        Form::Path,
        "",
        "file whose first line proves it; none for a public client",
    ),
    row(
        "oidc.redirect",
        Form::Text,
        "",
        "this node's https://…/api/v1/sign-in/callback as browsers reach it",
    ),
    row(
        "oidc.scopes",
        Form::Text,
        "openid profile",
        "what the provider is asked for; `openid` must be among it",
    ),
    row(
        "oidc.name_claim",
        Form::Text,
        "preferred_username",
        "claim that names a user; the name becomes the author of entries",
    ),
    row(
        "oidc.roles_claim",
        Form::Text,
        "groups",
        "claim with a user's groups",
    ),
    row(
        "oidc.roles",
        Form::Roles,
        "",
        "which groups have which roles here; whoever has none stays outside",
    ),
    row(
        "oidc.authorities",
        Form::Path,
        "/etc/ssl/certs/ca-certificates.crt",
        "authorities that vouch for the provider's certificate, PEM",
    ),
    row(
        "witness.logs",
        Form::Path,
        "",
        "file with keys of other logs to cosign, one C2SP vkey a line",
    ),
    row(
        "health.checkpoint_s_max",
        Form::Whole(1, 86_400),
        "420",
        "/healthz fails when the last signed checkpoint is older, in seconds",
    ),
    row(
        "log.level",
        Form::OneOf(&["error", "warn", "info", "debug"]),
        "info",
        "least important line that is logged",
    ),
];

const fn row(name: &'static str, form: Form, default: &'static str, help: &'static str) -> Setting {
    Setting {
        name,
        form,
        default,
        help,
    }
}
