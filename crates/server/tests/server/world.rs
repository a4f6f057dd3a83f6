//! Two nodes, their users, and requests to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use detente_ledger::awareness::AwarenessKey;
use detente_ledger::entry::Entry;
use detente_ledger::hash::Hash;
use detente_ledger::keys::{KEY_EVENT_KIND, KeyEvent, RootSigner, SignedKeyEvent};
use detente_server::answer::{Answer, Client, HeaderName, Method, header};
use detente_server::card::Card;
use detente_server::clock::Clock;
use detente_server::house::{self, House, KeyRing, KeySource, NodeKeys, Plan, Sockets};
use detente_server::role::Role;
use detente_server::users::{TokenWish, Users};
use detente_stores::store::Place;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The participants of the tests, and an observer.
pub(crate) const HOLDERS: [&str; 3] = ["US", "RU", "UN"];

/// Running nodes.
pub(crate) struct World {
    pub(crate) nodes: Vec<Member>,
    cards: Vec<Card>,
    folder: TempDir,
}

/// A node that was closed and may come back.
pub(crate) struct Absent {
    card: Card,
    keys: Keys,
    tokens: BTreeMap<String, String>,
}

impl Absent {
    /// The keys that somebody keeps beside the node.
    pub(crate) fn keys(&mut self) -> &mut Keys {
        &mut self.keys
    }
}

/// One node and a token for each role of its own, by the role's name; `all` holds every role.
pub(crate) struct Member {
    pub(crate) house: House,
    pub(crate) card: Card,
    pub(crate) tokens: BTreeMap<String, String>,
    pub(crate) keys: Keys,
}

/// The keys of a node as somebody keeps them beside it, with their roots.
#[derive(Clone)]
pub(crate) struct Keys {
    ring: Arc<Mutex<KeyRing>>,
    generations: u8,
}

impl Keys {
    /// Draws the first, under roots that are known here; returns the genesis as well.
    fn draw(origin: &str, clock: &Clock) -> (Self, NodeKeys, Vec<u8>) {
        let roots = (&root(0), &root(1));
        let (keys, genesis) = NodeKeys::draw_under(origin, clock.now(), roots).unwrap();
        let ring = Arc::new(Mutex::new(KeyRing::new(keys.clone())));
        let generations = 1;
        (Self { ring, generations }, keys, genesis)
    }

    /// Adds the keys that follow, as `detente keys rotate` does; the node is not told. Returns them.
    pub(crate) fn rotate(&mut self) -> NodeKeys {
        let mut ring = self.ring.lock().unwrap();
        let number = self.generations;
        let name = ring.first().origin().to_owned();
        // No two participants have a key in common.
        let seed = |purpose: u8| *Hash::of_parts(&[name.as_bytes(), &[number, purpose]]).as_bytes();
        let keys = NodeKeys::new(&name, seed(1), seed(2), seed(3), seed(4));
        let event = KeyEvent {
            participant: name,
            sequence: u64::from(number),
            root: root(number).public(),
            next: root(number + 1).commitment(),
            keys: keys.public().unwrap(),
            seal: Some(keys.seal().public().clone()),
            revoked: Vec::new(),
        };
        let event = SignedKeyEvent::sign(event, &[&root(number - 1), &root(number)]);
        *ring = ring.clone().then(keys.clone(), Some(event));
        self.generations += 1;
        keys
    }

    fn source(&self) -> KeySource {
        let ring = Arc::clone(&self.ring);
        KeySource::new(move || Ok(ring.lock().unwrap().clone()))
    }
}

fn root(number: u8) -> RootSigner {
    RootSigner::from_seed(&[200 + number; 32]).unwrap()
}

fn scenario() -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/syria-2016");
    let names = [
        "agreement.toml",
        "articles.cedar",
        "areas.geojson",
        "protected.geojson",
    ];
    names
        .into_iter()
        .map(|name| (name.to_owned(), std::fs::read(folder.join(name)).unwrap()))
        .collect()
}

/// Waits until nobody holds the lock of a folder: a program that another test starts has a copy of every open file for the
/// moment before it begins.
pub(crate) async fn unlocked(lock: PathBuf) {
    let wait = move || File::open(lock).unwrap().lock().unwrap();
    tokio::task::spawn_blocking(wait).await.unwrap();
}

impl World {
    /// Opens a node for each of the first `count` holders.
    pub(crate) async fn open(count: usize) -> Self {
        Self::with(count, |_| {}).await
    }

    /// The same, with plans changed.
    pub(crate) async fn with(count: usize, change: impl Fn(&mut Plan)) -> Self {
        Self::at(count, Clock::real(), change).await
    }

    /// The same, on a clock of its own.
    pub(crate) async fn at(count: usize, clock: Clock, change: impl Fn(&mut Plan)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut drawn = Vec::new();
        for holder in HOLDERS.into_iter().take(count) {
            let origin = format!("{}.example/ledger", holder.to_lowercase());
            let (kept, keys, genesis) = Keys::draw(&origin, &clock);
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let sockets = Sockets::bind(any, any).await.unwrap();
            let card = Card {
                holder: holder.to_owned(),
                origin,
                genesis,
                transport: keys.transport().unwrap().public(),
                address: sockets.peer_address().to_string(),
            };
            drawn.push((kept, sockets, card));
        }
        let cards: Vec<Card> = drawn.iter().map(|(_, _, card)| card.clone()).collect();
        let mut nodes = Vec::new();
        for (keys, sockets, card) in drawn {
            let place = Place::Folder(folder.path().join(&card.holder));
            let tokens = people(&place);
            let mut plan = plan(&card, &keys, cards.clone(), place, &sockets);
            plan.clock = clock.clone();
            change(&mut plan);
            let house = house::open(plan, sockets).await.unwrap();
            nodes.push(Member {
                house,
                card,
                tokens,
                keys,
            });
        }
        // Each signs once the others have said what they hold, so all of them are open by then.
        for node in &nodes {
            let handle = node.house.handle();
            handle.wait_for(|view| view.is_confirmed).await.unwrap();
        }
        Self {
            nodes,
            cards,
            folder,
        }
    }

    /// The data folder of a holder.
    pub(crate) fn data(&self, holder: &str) -> PathBuf {
        self.folder.path().join(holder)
    }

    /// Closes a node.
    pub(crate) async fn leave(&mut self, number: usize) -> Absent {
        let member = self.nodes.remove(number);
        member.house.close().await;
        Absent {
            card: member.card,
            keys: member.keys,
            tokens: member.tokens,
        }
    }

    /// Opens a closed node again, where its peers look for it; it comes last.
    pub(crate) async fn back(&mut self, absent: Absent) {
        self.back_at(absent, &Clock::real()).await;
    }

    /// The same, on a clock of its own.
    pub(crate) async fn back_at(&mut self, absent: Absent, clock: &Clock) {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let peer = absent.card.address.parse().unwrap();
        let sockets = Sockets::bind(any, peer).await.unwrap();
        let folder = self.data(&absent.card.holder);
        unlocked(folder.join("lock")).await;
        let place = Place::Folder(folder);
        let cards = self.cards.clone();
        let mut plan = plan(&absent.card, &absent.keys, cards, place, &sockets);
        plan.is_new = false;
        plan.clock = clock.clone();
        let house = house::open(plan, sockets).await.unwrap();
        self.nodes.push(Member {
            house,
            card: absent.card,
            tokens: absent.tokens,
            keys: absent.keys,
        });
    }

    /// Opens a closed node again as if its ledger were new, which is refused.
    pub(crate) async fn refused_as_new(&self, absent: &Absent) -> house::HouseError {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sockets = Sockets::bind(any, any).await.unwrap();
        let folder = self.data(&absent.card.holder);
        unlocked(folder.join("lock")).await;
        let place = Place::Folder(folder);
        let cards = self.cards.clone();
        let plan = plan(&absent.card, &absent.keys, cards, place, &sockets);
        house::open(plan, sockets).await.unwrap_err()
    }

    /// Waits until every node holds every ledger as far as its owner has written it now.
    pub(crate) async fn settle(&self) {
        for owner in &self.nodes {
            let origin = owner.card.origin.as_str();
            let size = owner.house.handle().view().ledgers[origin].size;
            for node in &self.nodes {
                let handle = node.house.handle();
                let held = handle.wait_for(|view| view.ledgers[origin].size >= size);
                tokio::time::timeout(PATIENCE, held).await.unwrap().unwrap();
            }
        }
    }

    pub(crate) async fn close(self) {
        for node in self.nodes {
            node.house.close().await;
        }
    }
}

/// Origin of a participant that is alone.
pub(crate) const LONE: &str = "us.example/ledger";

/// A node of a participant that is alone, closed so far.
pub(crate) struct Lone {
    genesis: Vec<u8>,
    keys: Keys,
    node_keys: NodeKeys,
    place: Place,
    /// Where its peers would look for it, whichever of its servers writes.
    peer: SocketAddr,
    /// Removed with the value.
    _folder: Option<TempDir>,
}

/// Makes a node of a participant that is alone; nothing is in its folder.
pub(crate) fn lone() -> Lone {
    let folder = TempDir::new().unwrap();
    let place = Place::Folder(folder.path().to_owned());
    Lone {
        _folder: Some(folder),
        ..lone_in(place)
    }
}

/// Makes one that keeps what it has in a place.
pub(crate) fn lone_in(place: Place) -> Lone {
    let (keys, node_keys, genesis) = Keys::draw(LONE, &Clock::real());
    // The port is free once this socket is closed.
    let peer = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    Lone {
        genesis,
        keys,
        node_keys,
        place,
        peer: peer.local_addr().unwrap(),
        _folder: None,
    }
}

/// Makes one that any process of the tests makes in the same way.
pub(crate) fn lone_again_in(place: Place) -> Lone {
    let seed = |purpose: u8| [purpose; 32];
    let node_keys = NodeKeys::new(LONE, seed(1), seed(2), seed(3), seed(4));
    let event = KeyEvent {
        participant: LONE.to_owned(),
        sequence: 0,
        root: root(0).public(),
        next: root(1).commitment(),
        keys: node_keys.public().unwrap(),
        seal: Some(node_keys.seal().public().clone()),
        revoked: Vec::new(),
    };
    let genesis = Entry {
        kind: KEY_EVENT_KIND.to_owned(),
        author: LONE.to_owned(),
        written_at: "2016-09-12T16:00:00Z".to_owned(),
        salt: vec![0; 16],
        awareness: AwarenessKey::default(),
        unit_key: None,
        body: SignedKeyEvent::sign(event, &[&root(0)]).to_json(),
    };
    let ring = Arc::new(Mutex::new(KeyRing::new(node_keys.clone())));
    let generations = 1;
    Lone {
        genesis: genesis.to_bytes().unwrap(),
        keys: Keys { ring, generations },
        node_keys,
        ..lone_in(place)
    }
}

impl Lone {
    pub(crate) fn folder(&self) -> &Path {
        let Place::Folder(folder) = &self.place else {
            panic!("it is in a database");
        };
        folder
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// The keys that somebody keeps beside the node.
    pub(crate) fn keys(&mut self) -> &mut Keys {
        &mut self.keys
    }

    /// The same participant, with another ledger and other files.
    pub(crate) fn elsewhere(&self) -> Self {
        let folder = TempDir::new().unwrap();
        Self {
            genesis: self.genesis.clone(),
            keys: self.keys.clone(),
            node_keys: self.node_keys.clone(),
            place: Place::Folder(folder.path().to_owned()),
            peer: self.peer,
            _folder: Some(folder),
        }
    }

    pub(crate) fn genesis(&self) -> &[u8] {
        &self.genesis
    }

    pub(crate) fn node_keys(&self) -> &NodeKeys {
        &self.node_keys
    }

    /// Starts a server of it; where another one writes already, it stands by.
    pub(crate) async fn open(&self) -> House {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sockets = Sockets::bind_users(any, self.peer).await.unwrap();
        let card = self.card();
        let cards = vec![card.clone()];
        let mut plan = plan(&card, &self.keys, cards, self.place.clone(), &sockets);
        plan.is_new = false;
        house::open(plan, sockets).await.unwrap()
    }

    /// Starts a server that knows users.
    pub(crate) async fn serve(&self, tokens: &BTreeMap<String, String>) -> Member {
        Member {
            house: self.open().await,
            card: self.card(),
            tokens: tokens.clone(),
            keys: self.keys.clone(),
        }
    }

    /// Writes users into its place, which nobody else writes now.
    pub(crate) fn people(&self) -> BTreeMap<String, String> {
        people(&self.place)
    }

    fn card(&self) -> Card {
        Card {
            holder: "US".to_owned(),
            origin: LONE.to_owned(),
            genesis: self.genesis.clone(),
            transport: self.node_keys.transport().unwrap().public(),
            address: self.peer.to_string(),
        }
    }
}

fn plan(card: &Card, keys: &Keys, cards: Vec<Card>, place: Place, sockets: &Sockets) -> Plan {
    Plan {
        holder: card.holder.clone(),
        keys: keys.source(),
        cards,
        dossier: scenario(),
        binds: true,
        place,
        api: sockets.api_address().unwrap(),
        api_tls: None,
        peer: sockets.peer_address(),
        clock: Clock::real(),
        tick: Duration::from_millis(20),
        session_hours: 12,
        request_s_max: 30,
        body_bytes_max: 1 << 20,
        checkpoint_s_max: 600,
        is_new: true,
        doors: house::Doors::default(),
    }
}

fn people(place: &Place) -> BTreeMap<String, String> {
    let mut files = place.take().unwrap();
    let mut users = Users::default();
    let mut tokens = BTreeMap::new();
    let each = Role::ALL.map(|role| (role.wire_name(), BTreeSet::from([role])));
    let all = ("all", BTreeSet::from(Role::ALL));
    let nobody = ("nobody", BTreeSet::new());
    for (name, roles) in each.into_iter().chain([all, nobody]) {
        users.put(name, roles.clone(), None).unwrap();
        let wish = TokenWish {
            user: name.to_owned(),
            label: "test".to_owned(),
            roles,
            read_only: false,
            expires_s: u64::MAX,
        };
        tokens.insert(name.to_owned(), users.issue_token(&wish).unwrap().1);
    }
    house::change_users(&mut files, |kept| {
        *kept = users;
        Ok(())
    })
    .unwrap()
    .unwrap();
    tokens
}

impl Member {
    /// Asks as a user; `None` shows no token.
    pub(crate) async fn ask(
        &self,
        who: Option<&str>,
        method: &str,
        path: &str,
        more: &[(&'static str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let client = Client::new(&self.house.api.to_string(), None, 64 << 20);
        let mut headers: Vec<(HeaderName, String)> = more
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), (*value).to_owned()))
            .collect();
        if let Some(who) = who {
            let token = format!("Bearer {}", self.tokens[who]);
            headers.push((header::AUTHORIZATION, token));
        }
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let bytes = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        client
            .ask(method, path, &headers, bytes.into(), PATIENCE)
            .await
            .unwrap()
    }

    /// Sends bytes.
    pub(crate) async fn send(
        &self,
        who: Option<&str>,
        method: &str,
        path: &str,
        bytes: &[u8],
    ) -> Answer {
        let client = Client::new(&self.house.api.to_string(), None, 64 << 20);
        let token = who.map(|who| format!("Bearer {}", self.tokens[who]));
        let headers: Vec<(HeaderName, String)> = token
            .into_iter()
            .map(|token| (header::AUTHORIZATION, token))
            .collect();
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        client
            .ask(method, path, &headers, bytes.to_vec().into(), PATIENCE)
            .await
            .unwrap()
    }

    /// Posts bytes as a user.
    pub(crate) async fn post(&self, who: &str, path: &str, bytes: &[u8]) -> (u16, Value) {
        self.answered(who, "post", path, bytes).await
    }

    /// Puts bytes as a user.
    pub(crate) async fn put(&self, who: &str, path: &str, bytes: Vec<u8>) -> (u16, Value) {
        self.answered(who, "put", path, &bytes).await
    }

    async fn answered(&self, who: &str, method: &str, path: &str, bytes: &[u8]) -> (u16, Value) {
        let answer = self.send(Some(who), method, path, bytes).await;
        let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        (answer.status.as_u16(), said)
    }

    /// Reads JSON as the user with every role.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let answer = self.ask(Some("all"), "get", path, &[], None).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}");
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Submits an act as the user with every role.
    pub(crate) async fn submit(&self, act: &Value, more: &[(&'static str, &str)]) -> (u16, Value) {
        let answer = self
            .ask(Some("all"), "post", "/api/v1/acts", more, Some(act))
            .await;
        let said = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        (answer.status.as_u16(), said)
    }
}
