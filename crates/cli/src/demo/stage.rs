//! The nodes of the demonstration: keys drawn, cards exchanged, sockets bound, users made.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use detente_server::card::Card;
use detente_server::chance;
use detente_server::clock::Clock;
use detente_server::house::{self, House, HouseError, NodeKeys, Plan, Sockets};
use detente_server::role::Role;
use detente_server::users::{PasswordHash, TokenWish, Users};
use detente_spacetime::Instant;
use detente_stores::store::Place;
use serde_json::{Value, json};

use super::keeping::Keeping;
use super::timeline::Told;
use crate::failure::{Failure, FailureKind};

/// How often the nodes look at the simulated clock.
const TICK: Duration = Duration::from_millis(20);
/// Whoever tables the text has it at hand; the others fetch it, as they fetch entries.
const TABLED: &str = "agreement_tabled";
/// Tokens of the demonstration end with it.
const TOKEN_S: u64 = 7 * 86_400;

/// Everything that runs.
#[derive(Debug)]
pub(super) struct Stage {
    nodes: Vec<Actor>,
    clock: Clock,
    /// What everybody signs in with.
    password: String,
}

/// One node and its people.
#[derive(Debug)]
pub(super) struct Actor {
    /// Its id in the agreement.
    pub(super) holder: String,
    /// Origin of its ledger.
    pub(super) origin: String,
    /// Where it keeps what it has.
    pub(super) place: Place,
    /// The key that signs its ledger.
    pub(super) log_key: String,
    /// Where its API is.
    pub(super) api: SocketAddr,
    /// A token for each of its people.
    pub(super) tokens: BTreeMap<String, String>,
    /// The roles of each.
    pub(super) roles: BTreeMap<String, BTreeSet<Role>>,
    pub(super) house: House,
}

impl Stage {
    /// Opens a node for every holder of the timeline.
    pub(super) async fn open(
        keeping: &mut Keeping,
        start: Instant,
        told: &Told,
    ) -> Result<Self, Failure> {
        let clock = Clock::simulated(start);
        let holders: BTreeSet<&str> = told.steps.iter().map(|step| step.node.as_str()).collect();
        let mut drawn = Vec::new();
        let mut cards = Vec::new();
        for holder in holders {
            let origin = format!("{}.demo.example/ledger", holder.to_lowercase());
            let (keys, genesis) = NodeKeys::draw(&origin, start).map_err(failed)?;
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let sockets = Sockets::bind(any, any)
                .await
                .map_err(|error| failed(error.into()))?;
            let address = sockets.peer_address();
            cards.push(Card {
                holder: holder.to_owned(),
                origin,
                genesis,
                transport: keys.transport().map_err(failed)?.public(),
                address: address.to_string(),
            });
            drawn.push((holder.to_owned(), keys, sockets));
        }
        let password = password()?;
        let mut nodes = Vec::new();
        for (holder, keys, sockets) in drawn {
            let place = keeping.place(&holder, keys.origin())?;
            let roles = cast(&holder, told);
            let tokens = people(&place, &roles, &password)?;
            if tables(&holder, told) {
                lay_out(&place, told)?;
            }
            let log_key = keys.log_signer().map_err(failed)?.vkey().to_string();
            let origin = keys.origin().to_owned();
            let plan = Plan {
                holder: holder.clone(),
                keys: keys.into(),
                cards: cards.clone(),
                dossier: told.dossier.clone(),
                binds: false,
                place: place.clone(),
                api: sockets
                    .api_address()
                    .map_err(|error| failed(error.into()))?,
                api_tls: None,
                peer: sockets.peer_address(),
                clock: clock.clone(),
                tick: TICK,
                session_hours: 12,
                request_s_max: 30,
                body_bytes_max: 8 << 20,
                checkpoint_s_max: u64::from(u32::MAX),
                is_new: true,
                doors: house::Doors::default(),
            };
            let house = house::open(plan, sockets).await.map_err(failed)?;
            nodes.push(Actor {
                holder,
                origin,
                place,
                log_key,
                api: house.api,
                tokens,
                roles,
                house,
            });
        }
        Ok(Self {
            nodes,
            clock,
            password,
        })
    }

    /// The nodes, in the order of their ids.
    pub(super) fn nodes(&self) -> &[Actor] {
        &self.nodes
    }

    /// One node.
    pub(super) fn node(&self, holder: &str) -> Option<&Actor> {
        self.nodes.iter().find(|node| node.holder == holder)
    }

    /// The clock of all of them.
    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What is said before the first step.
    pub(super) fn greeting(&self) -> String {
        let mut text = String::from(
            "the scenario syria-2016, told by nodes that trust each other in nothing\n\
             (a counterfactual: README.md of the scenario says what is fact and what is invented)\n",
        );
        for node in &self.nodes {
            text.push_str(&format!(
                "  {}  http://{}  {}\n",
                node.holder, node.api, node.origin
            ));
        }
        text
    }

    /// What is said when the nodes stay.
    pub(super) fn invitation(&self) -> String {
        let mut text = String::from("\nthe nodes keep running; stop them with Ctrl-C\n");
        for node in &self.nodes {
            text.push_str(&format!("  {}  http://{}/\n", node.holder, node.api));
            for (name, token) in &node.tokens {
                text.push_str(&format!("      {name}: Authorization: Bearer {token}\n"));
            }
        }
        text.push_str(&match detente_server::console::is_built() {
            true => format!(
                "open one of them in a browser, and sign in as one of its people with the password {}\n",
                self.password
            ),
            false => "this build has no console (npm was missing when it was built); the API is at /api/v1/openapi.json\n"
                .to_owned(),
        });
        text
    }

    /// The same for programs: where the nodes are, and who signs in how.
    pub(super) fn directory(&self) -> Value {
        let nodes: Vec<Value> = self
            .nodes
            .iter()
            .map(|node| {
                let people: Vec<Value> = node
                    .roles
                    .iter()
                    .map(|(name, roles)| {
                        let roles: Vec<&str> = roles.iter().map(|role| role.wire_name()).collect();
                        json!({"name": name, "roles": roles, "token": node.tokens.get(name)})
                    })
                    .collect();
                json!({
                    "holder": node.holder,
                    "origin": node.origin,
                    "url": format!("http://{}", node.api),
                    "people": people,
                })
            })
            .collect();
        json!({"password": self.password, "nodes": nodes})
    }

    /// Stops every node.
    pub(super) async fn close(self) {
        for node in self.nodes {
            node.house.close().await;
        }
    }
}

/// Everybody who acts at a node in the timeline, with their roles, an auditor, and somebody who may release reports.
fn cast(holder: &str, told: &Told) -> BTreeMap<String, BTreeSet<Role>> {
    let mut roles: BTreeMap<String, BTreeSet<Role>> = BTreeMap::new();
    roles.insert("auditor".to_owned(), BTreeSet::from([Role::Auditor]));
    for step in told.steps.iter().filter(|step| step.node == holder) {
        roles
            .entry(step.user.clone())
            .or_default()
            .extend(Role::from_wire_name(&step.role));
    }
    let releases = |held: &BTreeSet<Role>| held.contains(&Role::ReleaseOfficer);
    if !roles.values().any(releases) {
        let name = format!("{}-release", holder.to_lowercase());
        roles.insert(name, BTreeSet::from([Role::ReleaseOfficer]));
    }
    roles
}

/// Draws what everybody signs in with: the demonstration has no secrets, but its sockets are real.
fn password() -> Result<String, Failure> {
    let drawn: [u8; 8] = chance::draw().map_err(|error| Failure::new(FailureKind::Bug, error))?;
    let groups = drawn.chunks(2).map(|pair| {
        let number = pair
            .iter()
            .fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
        format!("{number:04x}")
    });
    Ok(groups.collect::<Vec<_>>().join("-"))
}

/// Prepares the users of a node, each with a token and the password.
fn people(
    place: &Place,
    cast: &BTreeMap<String, BTreeSet<Role>>,
    password: &str,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut files = place.take().map_err(Failure::place)?;
    let mut users = Users::default();
    let mut tokens = BTreeMap::new();
    let invalid = |error| Failure::new(FailureKind::Bug, error);
    for (name, roles) in cast {
        let hash = PasswordHash::of(password).map_err(invalid)?;
        users
            .put(name, roles.clone(), Some(hash))
            .map_err(invalid)?;
        let wish = TokenWish {
            user: name.clone(),
            label: "demonstration".to_owned(),
            roles: roles.clone(),
            read_only: false,
            expires_s: Clock::real().now_s() + TOKEN_S,
        };
        let (_, token) = users.issue_token(&wish).map_err(invalid)?;
        tokens.insert(name.clone(), token);
    }
    let kept = house::change_users(&mut files, |kept| {
        *kept = users;
        Ok(())
    });
    kept.map_err(|error| Failure::new(FailureKind::Usage, error))?
        .map_err(invalid)?;
    Ok(tokens)
}

/// Whether a holder tables the text.
fn tables(holder: &str, told: &Told) -> bool {
    let mut own = told.steps.iter().filter(|step| step.node == holder);
    own.any(|step| step.kind == TABLED)
}

/// Puts the text among the files of whoever tables it.
fn lay_out(place: &Place, told: &Told) -> Result<(), Failure> {
    let mut files = place.take().map_err(Failure::place)?;
    house::keep_blob(&mut files, &told.bundle)
        .map_err(|error| Failure::new(FailureKind::Usage, error))?;
    Ok(())
}

fn failed(error: HouseError) -> Failure {
    let kind = match error.is_unreachable() {
        true => FailureKind::Unreachable,
        false => FailureKind::Usage,
    };
    Failure::new(kind, error)
}
