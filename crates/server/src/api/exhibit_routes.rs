//! Exhibits: what a user may read of every ledger, in one sealed file for a board of inquiry.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::entry::{Entry, SignedEntry};
use detente_ledger::exhibit::{Exhibit, ExhibitedEntry, ExhibitedLedger, collect_named};
use detente_ledger::hash::Hash;
use detente_ledger::keys::KEY_EVENT_KIND;
use detente_ledger::reader::{LogReader, TileSource as _};
use detente_node::picture::Picture;
use detente_records::RecordId;
use detente_records::act::Kind;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::App;
use super::answer::{Answer, Asked};
use super::route::{Gives, Needs, Parameter, Route};
use super::visibility::names_hidden;
use crate::authority::{Action, Object};
use crate::problem::Problem;
use crate::runtime::{BLOB_READ_MAX, blob_path, ledger_folder};
use crate::users::Identity;

/// Media type of an exhibit.
const MEDIA_TYPE: &str = "application/vnd.detente.exhibit";
/// Entries that are looked at for one exhibit: more take longer than anybody waits.
const ENTRIES_MAX: u64 = 250_000;
/// Bytes of entries and contents in one exhibit: it is made in memory.
const BYTES_MAX: usize = 32 << 20;
/// Entries of a bundle (C2SP tlog-tiles).
const BUNDLE: u64 = 256;

/// What is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    subject: Option<String>,
}

const QUERY: &[Parameter] = &[Parameter {
    name: "subject",
    says: "only entries about this subject, and the key events that their signatures need; a subject of which this user reads no entry is not found",
    schema: || json!({"type": "string", "minLength": 1}),
}];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/exhibit",
            "make_exhibit",
            "Everything you may read of every ledger, proved entry by entry, in one sealed file",
            Needs::Ledger(Action::Export),
            Gives::Untagged(MEDIA_TYPE, None),
            get(make),
        )
        .query(QUERY),
    ]
}

async fn make(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Identity>,
    Asked(wish): Asked<Wish>,
) -> Answer {
    if let Some(subject) = &wish.subject
        && RecordId::parse(subject).is_err()
    {
        return Err(Problem::malformed("`subject` is no id of a matter"));
    }
    let made = tokio::task::spawn_blocking(move || compose(&app, &who, wish.subject.as_deref()));
    let bytes = made
        .await
        .map_err(|_| Problem::unavailable("the exhibit could not be made"))??;
    let mut response: Response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Puts an exhibit together and seals it.
fn compose(app: &App, who: &Identity, subject: Option<&str>) -> Result<Vec<u8>, Problem> {
    let view = app.handle.view();
    let now = app.clock.now();
    let picture = view.picture.at(now);
    // How much is kept from somebody may be as telling as what: only who sees to the house is told.
    let may_count = app
        .authority
        .grant(who, Action::Read, Object::House)
        .is_some();
    let selection = Selection {
        app,
        who,
        picture: &picture,
        subject,
        may_count,
    };
    let mut room = Room {
        entries: ENTRIES_MAX,
        bytes: BYTES_MAX,
        asked_for: 0,
    };
    let mut ledgers = Vec::new();
    let mut named = BTreeSet::new();
    for origin in view.ledgers.keys() {
        let ledger = selection.ledger(origin, &mut room, &mut named)?;
        ledgers.extend(ledger);
    }
    // Key events alone would look like evidence about a subject that is only misspelt. Whoever may not
    // count what is withheld finds nothing either way.
    if subject.is_some() && room.asked_for == 0 {
        return Err(Problem::not_found());
    }
    let contents = contents(app, &named, &mut room)?;
    let statement = json!({
        "holder": app.participant,
        "node": app.origin,
        "by": who.name,
        "at": now.to_string(),
        "subject": subject,
        "contents_named": named.len(),
    });
    let exhibit = Exhibit {
        statement: match statement {
            Value::Object(members) => members,
            _ => Map::new(),
        },
        ledgers,
        contents,
    };
    exhibit
        .seal(&app.sealer.now())
        .map_err(|error| Problem::unavailable(error.to_string()))
}

/// What is left to be put in.
struct Room {
    entries: u64,
    bytes: usize,
    /// Entries that were asked for, beside the key events that come with any: those put in, and those
    /// withheld from somebody who is told how many there are.
    asked_for: u64,
}

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), Problem> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(too_large)?;
        Ok(())
    }
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "too-large",
        "the exhibit would be larger than one file can be",
    )
    .detail("ask for one subject at a time, or take the ledgers whole")
}

/// Which entries somebody gets.
struct Selection<'a> {
    app: &'a App,
    who: &'a Identity,
    picture: &'a Picture,
    subject: Option<&'a str>,
    may_count: bool,
}

/// What becomes of an entry.
enum Lot {
    Included,
    /// A key event, which signatures of others need.
    Needed,
    /// It is about what this user may not read.
    Withheld,
    /// It is about something else.
    LeftOut,
}

impl Selection<'_> {
    fn ledger(
        &self,
        origin: &str,
        room: &mut Room,
        named: &mut BTreeSet<String>,
    ) -> Result<Option<ExhibitedLedger>, Problem> {
        let folder = ledger_folder(&self.app.origin, origin);
        let source = self.app.reader.below(&folder);
        let unreadable = || Problem::unavailable("a ledger could not be read");
        let Some(checkpoint) = source.fetch("checkpoint").map_err(|_| unreadable())? else {
            return Ok(None);
        };
        let checkpoint = SignedCheckpoint::parse(&checkpoint).map_err(|_| unreadable())?;
        let size = checkpoint.checkpoint().size();
        room.entries = room.entries.checked_sub(size).ok_or_else(too_large)?;
        let head = checkpoint.checkpoint().clone();
        let mut reader = LogReader::open(&source, head).map_err(|_| unreadable())?;
        let mut withheld = 0;
        let mut chosen = Vec::new();
        for bundle in 0..size.div_ceil(BUNDLE) {
            let entries = reader.bundle(bundle).map_err(|_| unreadable())?;
            for (index, bytes) in (bundle * BUNDLE..).zip(entries) {
                let lot = self.lot(&bytes, named);
                room.asked_for += match lot {
                    Lot::Included => 1,
                    Lot::Withheld => u64::from(self.may_count),
                    Lot::Needed | Lot::LeftOut => 0,
                };
                match lot {
                    Lot::Included | Lot::Needed => {
                        room.take(bytes.len())?;
                        chosen.push((index, bytes));
                    }
                    Lot::Withheld => withheld += 1,
                    Lot::LeftOut => {}
                }
            }
        }
        let mut entries = Vec::new();
        for (index, bytes) in chosen {
            let proof = reader.inclusion_proof(index).map_err(|_| unreadable())?;
            entries.push(ExhibitedEntry {
                index,
                bytes,
                proof,
            });
        }
        Ok(Some(ExhibitedLedger {
            checkpoint,
            entries,
            withheld: self.may_count.then_some(withheld),
        }))
    }

    fn lot(&self, bytes: &[u8], named: &mut BTreeSet<String>) -> Lot {
        let Ok(signed) = SignedEntry::parse(bytes) else {
            // What nobody can read says nothing, and is in the ledger all the same.
            return self.lot_of_noise();
        };
        let entry = signed.entry();
        if entry.kind == KEY_EVENT_KIND {
            return Lot::Needed;
        }
        let about = entry.body.get("subject").and_then(Value::as_str);
        if self.subject.is_some_and(|wanted| about != Some(wanted)) {
            return Lot::LeftOut;
        }
        if names_hidden(self.app, self.picture, self.who, &entry.body) {
            return Lot::Withheld;
        }
        if is_of_the_node(entry) {
            return self.lot_of_noise();
        }
        collect_named(&Value::Object(entry.body.clone()), named);
        Lot::Included
    }

    /// Signs of life and the like: left out where their gaps hide those of entries that are withheld.
    fn lot_of_noise(&self) -> Lot {
        match (self.may_count, self.subject) {
            (true, None) => Lot::Included,
            _ => Lot::LeftOut,
        }
    }
}

fn is_of_the_node(entry: &Entry) -> bool {
    let kind = Kind::from_wire_name(&entry.kind);
    matches!(kind, None | Some(Kind::Heartbeat | Kind::AttemptRefused))
}

/// Reads the contents that entries name, as far as they are held here.
fn contents(app: &App, named: &BTreeSet<String>, room: &mut Room) -> Result<Vec<Vec<u8>>, Problem> {
    let mut contents = Vec::new();
    for hash in named {
        let Some(hash) = Hash::from_hex(hash) else {
            continue;
        };
        let read = app.reader.read(&blob_path(hash), BLOB_READ_MAX);
        let read = read.map_err(|_| Problem::unavailable("a content could not be read"))?;
        let Some(bytes) = read else {
            continue;
        };
        room.take(bytes.len())?;
        contents.push(bytes);
    }
    Ok(contents)
}
