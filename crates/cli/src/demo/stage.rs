//! The nodes of the demonstration: keys drawn, cards exchanged, sockets bound, users made.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use detente_server::card::Card;
use detente_server::clock::Clock;
use detente_server::house::{self, House, HouseError, LEDGER, NodeKeys, Plan, Sockets};
use detente_server::role::Role;
use detente_server::users::{TokenWish, Users};
use detente_spacetime::Instant;

use super::timeline::{Step, Told};
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
}

/// One node and its people.
#[derive(Debug)]
pub(super) struct Actor {
    /// Its id in the agreement.
    pub(super) holder: String,
    /// Origin of its ledger.
    pub(super) origin: String,
    /// Folder of its ledger.
    pub(super) ledger: PathBuf,
    /// The key that signs its ledger.
    pub(super) log_key: String,
    /// Where its API is.
    pub(super) api: SocketAddr,
    /// A token for each of its people.
    pub(super) tokens: BTreeMap<String, String>,
    pub(super) house: House,
}

impl Stage {
    /// Opens a node for every holder of the timeline.
    pub(super) async fn open(folder: &Path, start: Instant, told: &Told) -> Result<Self, Failure> {
        let steps = told.steps.as_slice();
        let clock = Clock::simulated(start);
        let holders: BTreeSet<&str> = steps.iter().map(|step| step.node.as_str()).collect();
        let mut drawn = Vec::new();
        let mut cards = Vec::new();
        for holder in holders {
            let origin = format!("{}.demo.example/ledger", holder.to_lowercase());
            let (keys, genesis) = NodeKeys::draw(&origin, start).map_err(failed)?;
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let sockets = Sockets::bind(any, any)
                .await
                .map_err(|error| failed(error.into()))?;
            let address = sockets
                .peer_address()
                .map_err(|error| failed(error.into()))?;
            cards.push(Card {
                holder: holder.to_owned(),
                origin,
                genesis,
                transport: keys.transport().map_err(failed)?.public(),
                address: address.to_string(),
            });
            drawn.push((holder.to_owned(), keys, sockets));
        }
        let mut nodes = Vec::new();
        for (holder, keys, sockets) in drawn {
            let data = folder.join(holder.to_lowercase());
            let tokens = people(&data, &holder, told)?;
            let log_key = keys.log_signer().map_err(failed)?.vkey().to_string();
            let origin = keys.origin().to_owned();
            let plan = Plan {
                holder: holder.clone(),
                keys,
                cards: cards.clone(),
                dossier: told.dossier.clone(),
                binds: false,
                data: data.clone(),
                api: sockets
                    .api_address()
                    .map_err(|error| failed(error.into()))?,
                api_tls: None,
                peer: sockets
                    .peer_address()
                    .map_err(|error| failed(error.into()))?,
                clock: clock.clone(),
                tick: TICK,
                session_hours: 12,
                request_s_max: 30,
                body_bytes_max: 8 << 20,
                checkpoint_s_max: u64::from(u32::MAX),
                is_new: true,
            };
            let house = house::open(plan, sockets).await.map_err(failed)?;
            nodes.push(Actor {
                holder,
                origin,
                ledger: data.join(LEDGER),
                log_key,
                api: house.api,
                tokens,
                house,
            });
        }
        Ok(Self { nodes, clock })
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
            text.push_str(&format!(
                "  {}  http://{}/api/v1/openapi.json\n",
                node.holder, node.api
            ));
            for (name, token) in &node.tokens {
                text.push_str(&format!("      {name}: Authorization: Bearer {token}\n"));
            }
        }
        text.push_str(
            "the console is a part of its own; this build serves the API it works with\n",
        );
        text
    }

    /// Stops every node.
    pub(super) async fn close(self) {
        for node in self.nodes {
            node.house.close().await;
        }
    }
}

/// Prepares the data folder of a node: users for everybody who acts in the timeline, an auditor, and
/// the text for whoever tables it.
fn people(data: &Path, holder: &str, told: &Told) -> Result<BTreeMap<String, String>, Failure> {
    let mut roles: BTreeMap<&str, BTreeSet<Role>> = BTreeMap::new();
    roles.entry("auditor").or_default().insert(Role::Auditor);
    let own = |step: &&Step| step.node == holder;
    for step in told.steps.iter().filter(own) {
        roles
            .entry(&step.user)
            .or_default()
            .extend(Role::from_wire_name(&step.role));
    }
    let mut files = detente_stores::files::Files::open(data)
        .map_err(|error| Failure::new(FailureKind::Usage, error))?;
    let mut users = Users::default();
    let mut tokens = BTreeMap::new();
    let invalid = |error| Failure::new(FailureKind::Bug, error);
    for (name, roles) in roles {
        users.put(name, roles.clone(), None).map_err(invalid)?;
        let wish = TokenWish {
            user: name.to_owned(),
            label: "demonstration".to_owned(),
            roles,
            read_only: false,
            expires_s: Clock::real().now_s() + TOKEN_S,
        };
        let (_, token) = users.issue_token(&wish).map_err(invalid)?;
        tokens.insert(name.to_owned(), token);
    }
    house::keep_users(&mut files, &users)
        .map_err(|error| Failure::new(FailureKind::Usage, error))?;
    if told
        .steps
        .iter()
        .filter(own)
        .any(|step| step.kind == TABLED)
    {
        house::keep_blob(&mut files, &told.bundle)
            .map_err(|error| Failure::new(FailureKind::Usage, error))?;
    }
    Ok(tokens)
}

fn failed(error: HouseError) -> Failure {
    Failure::new(FailureKind::Usage, error)
}
