//! The logs on the servers: written once by name, read in order, and tried again while servers change.

use std::fmt::Display;
use std::time::Duration;

use async_nats::header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_ID};
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, LastRawMessageErrorKind, RawMessageErrorKind, Stream,
};
use async_nats::jetstream::{self, Context, ErrorCode};
use async_nats::{Client, ConnectOptions, HeaderMap, HeaderValue};
use bytes::Bytes;
use futures_util::StreamExt as _;

use crate::cell::{PARTITIONS, PARTITIONS_MAX};

/// A server answers within this, or is asked again: the cluster may be choosing another leader.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// The first wait before a server is asked again.
const BACK_FIRST: Duration = Duration::from_millis(50);
/// The longest wait before a server is asked again.
const BACK_MAX: Duration = Duration::from_secs(2);
/// A server that is away for so many tries is given up: two minutes, longer than any choice of a leader.
const TRIES_MAX: u32 = 60;
/// Names are remembered this long by the server; beyond it the log itself says what is there.
const NAMES_KEPT: Duration = Duration::from_secs(600);
/// A lease that is not renewed ends after this.
pub(crate) const LEASE: Duration = Duration::from_secs(10);
/// Bytes of fixes that wait in all partitions together; a feeder waits while there is no room.
const FIXES_BYTES_MAX: i64 = 512 << 20;
/// A message is no larger than this: the servers' own limit is a mebibyte, headers included.
pub(crate) const PIECE_BYTES_MAX: usize = 900 << 10;

/// How the logs are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// What all names begin with: one watch, one name.
    pub name: String,
    /// Partitions; every feeder and worker of a watch says the same.
    pub partitions: u32,
    /// Servers that hold each message.
    pub replicas: usize,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            name: "detente".to_owned(),
            partitions: PARTITIONS,
            replicas: 1,
        }
    }
}

/// A connection to the servers.
#[derive(Clone, Debug)]
pub struct Bus {
    client: Client,
    context: Context,
    layout: Layout,
    fixes: Stream<()>,
    state: Stream<()>,
    leases: Stream<()>,
    events: Stream<()>,
}

/// A message of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) sequence: u64,
    pub(crate) payload: Bytes,
}

/// The servers cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// They are not there, or do not let us in.
    #[error("the NATS servers cannot be reached: {0}")]
    Unreachable(String),
    /// They refuse what was asked.
    #[error("the NATS servers refuse it: {0}")]
    Refused(String),
    /// The layout cannot be.
    #[error("{0}")]
    Layout(String),
}

/// What became of a value written under the condition that nobody else wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is there, as this message.
    At(u64),
    /// Somebody else has written meanwhile.
    Overtaken,
}

/// One try, and whether another makes sense.
enum Try<T> {
    Done(T),
    Again(String),
}

impl Bus {
    /// Connects and lays the logs out, if they are not there yet.
    ///
    /// # Errors
    ///
    /// [`BusError`].
    pub async fn open(servers: &str, layout: Layout) -> Result<Self, BusError> {
        let named = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if layout.name.is_empty() || !layout.name.chars().all(named) {
            let name = &layout.name;
            return Err(BusError::Layout(format!(
                "`{name}` is no name of a watch: letters, digits, - and _"
            )));
        }
        if !(1..=PARTITIONS_MAX).contains(&layout.partitions) {
            return Err(BusError::Layout(format!(
                "1 to {PARTITIONS_MAX} partitions"
            )));
        }
        let unreachable = |error: &dyn Display| BusError::Unreachable(error.to_string());
        let options = ConnectOptions::new().request_timeout(Some(ANSWER_MAX));
        let client = options
            .connect(addresses(servers)?)
            .await
            .map_err(|error| unreachable(&error))?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(ANSWER_MAX);
        let name = &layout.name;
        let one = |kind: &str, subjects: String| Config {
            name: format!("{name}-{kind}"),
            subjects: vec![subjects],
            num_replicas: layout.replicas,
            duplicate_window: NAMES_KEPT,
            ..Config::default()
        };
        let fixes = Config {
            max_bytes: FIXES_BYTES_MAX,
            discard: DiscardPolicy::New,
            ..one("fixes", format!("{name}.fixes.*"))
        };
        let state = Config {
            max_messages_per_subject: 1,
            ..one("state", format!("{name}.state.>"))
        };
        let leases = Config {
            max_messages_per_subject: 1,
            max_age: LEASE,
            duplicate_window: LEASE,
            ..one("leases", format!("{name}.lease.*"))
        };
        let events = Config {
            max_messages_per_subject: 1,
            discard: DiscardPolicy::New,
            discard_new_per_subject: true,
            ..one("events", format!("{name}.events.*"))
        };
        let fixes = laid(&context, fixes).await?;
        let state = laid(&context, state).await?;
        let leases = laid(&context, leases).await?;
        let events = laid(&context, events).await?;
        let bus = Self {
            client,
            context,
            layout,
            fixes,
            state,
            leases,
            events,
        };
        bus.agree().await?;
        Ok(bus)
    }

    /// How the logs are laid out.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Every feeder and worker has to share the earth out alike.
    async fn agree(&self) -> Result<(), BusError> {
        let partitions = self.layout.partitions.to_string();
        let said = match self
            .write_state("partitions", Bytes::from(partitions.clone()), 0)
            .await?
        {
            Written::At(_) => return Ok(()),
            Written::Overtaken => self.read_state("partitions").await?,
        };
        match said {
            Some(said) if said.payload != partitions.as_bytes() => {
                let said = String::from_utf8_lossy(&said.payload).into_owned();
                Err(BusError::Layout(format!(
                    "this watch has {said} partitions, not {partitions}"
                )))
            }
            _ => Ok(()),
        }
    }

    /// Wakes when something is written into the log of a partition.
    pub(crate) async fn listen(&self, partition: u32) -> Result<async_nats::Subscriber, BusError> {
        let subject = self.fixes_subject(partition);
        let heard = self.client.subscribe(subject).await;
        heard.map_err(|error| BusError::Unreachable(error.to_string()))
    }

    /// Writes a message into the log of a partition; written again under the same name, it is there once.
    pub(crate) async fn append(
        &self,
        partition: u32,
        name: &str,
        payload: Bytes,
    ) -> Result<(), BusError> {
        let subject = self.fixes_subject(partition);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, HeaderValue::from(name));
        self.publish(subject, headers, payload).await.map(|_| ())
    }

    /// Reads the first message of a partition's log behind a number.
    pub(crate) async fn next(&self, partition: u32, behind: u64) -> Result<Option<Read>, BusError> {
        let subject = self.fixes_subject(partition);
        self.read_next(&self.fixes, &subject, behind).await
    }

    /// Frees what a checkpoint covers.
    pub(crate) async fn free(&self, partition: u32, through: u64) -> Result<(), BusError> {
        // Servers take "before the first message" for no bound at all, and would free everything.
        if through == 0 {
            return Ok(());
        }
        let subject = self.fixes_subject(partition);
        again(|| async {
            let purge = self
                .fixes
                .purge()
                .filter(subject.clone())
                .sequence(through + 1);
            match purge.await {
                Ok(_) => Ok(Try::Done(())),
                Err(error) => Ok(Try::Again(error.to_string())),
            }
        })
        .await
    }

    /// Puts an event under its name; it is there once, whoever puts it there.
    pub(crate) async fn tell(&self, id: &str, line: Bytes) -> Result<(), BusError> {
        let subject = format!("{}.events.{id}", self.layout.name);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, HeaderValue::from(id));
        headers.insert(
            NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
            HeaderValue::from(0_u64),
        );
        // Overtaken is as good: it is there.
        self.publish(subject, headers, line).await.map(|_| ())
    }

    /// Reads the first event behind a number.
    pub(crate) async fn next_event(&self, behind: u64) -> Result<Option<Read>, BusError> {
        let subject = format!("{}.events.*", self.layout.name);
        self.read_next(&self.events, &subject, behind).await
    }

    /// Wakes when an event is told.
    pub(crate) async fn listen_to_events(&self) -> Result<async_nats::Subscriber, BusError> {
        let subject = format!("{}.events.*", self.layout.name);
        let heard = self.client.subscribe(subject).await;
        heard.map_err(|error| BusError::Unreachable(error.to_string()))
    }

    /// Reads a value with the number of its message.
    pub(crate) async fn read_state(&self, key: &str) -> Result<Option<Read>, BusError> {
        let subject = format!("{}.state.{key}", self.layout.name);
        self.last(&self.state, &subject).await
    }

    /// Writes a value, unless somebody wrote it after the message named; 0 for one that nobody has written.
    pub(crate) async fn write_state(
        &self,
        key: &str,
        value: Bytes,
        after: u64,
    ) -> Result<Written, BusError> {
        let subject = format!("{}.state.{key}", self.layout.name);
        self.write_after(&self.state, subject, value, after).await
    }

    /// Removes a value.
    pub(crate) async fn drop_state(&self, key: &str) -> Result<(), BusError> {
        let subject = format!("{}.state.{key}", self.layout.name);
        again(|| async {
            match self.state.purge().filter(subject.clone()).await {
                Ok(_) => Ok(Try::Done(())),
                Err(error) => Ok(Try::Again(error.to_string())),
            }
        })
        .await
    }

    pub(crate) async fn read_lease(&self, key: &str) -> Result<Option<Read>, BusError> {
        let subject = format!("{}.lease.{key}", self.layout.name);
        self.last(&self.leases, &subject).await
    }

    pub(crate) async fn write_lease(
        &self,
        key: &str,
        value: Bytes,
        after: u64,
    ) -> Result<Written, BusError> {
        let subject = format!("{}.lease.{key}", self.layout.name);
        self.write_after(&self.leases, subject, value, after).await
    }

    pub(crate) async fn drop_lease(&self, key: &str) -> Result<(), BusError> {
        let subject = format!("{}.lease.{key}", self.layout.name);
        again(|| async {
            match self.leases.purge().filter(subject.clone()).await {
                Ok(_) => Ok(Try::Done(())),
                Err(error) => Ok(Try::Again(error.to_string())),
            }
        })
        .await
    }

    fn fixes_subject(&self, partition: u32) -> String {
        format!("{}.fixes.{partition}", self.layout.name)
    }

    async fn read_next(
        &self,
        stream: &Stream<()>,
        subject: &str,
        behind: u64,
    ) -> Result<Option<Read>, BusError> {
        again(|| async {
            let message = stream
                .raw_message_builder()
                .sequence(behind + 1)
                .next_by_subject(subject.to_owned())
                .send()
                .await;
            match message {
                Ok(message) => Ok(Try::Done(Some(Read {
                    sequence: message.sequence,
                    payload: message.payload,
                }))),
                Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => {
                    Ok(Try::Done(None))
                }
                Err(error) => Ok(Try::Again(error.to_string())),
            }
        })
        .await
    }

    async fn last(&self, stream: &Stream<()>, subject: &str) -> Result<Option<Read>, BusError> {
        again(|| async {
            match stream.get_last_raw_message_by_subject(subject).await {
                Ok(message) => Ok(Try::Done(Some(Read {
                    sequence: message.sequence,
                    payload: message.payload,
                }))),
                Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                    Ok(Try::Done(None))
                }
                Err(error) => Ok(Try::Again(error.to_string())),
            }
        })
        .await
    }

    async fn write_after(
        &self,
        stream: &Stream<()>,
        subject: String,
        value: Bytes,
        after: u64,
    ) -> Result<Written, BusError> {
        let mut headers = HeaderMap::new();
        headers.insert(
            NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
            HeaderValue::from(after),
        );
        let written = self
            .publish(subject.clone(), headers, value.clone())
            .await?;
        if written != Written::Overtaken {
            return Ok(written);
        }
        // An answer may have been lost: then it is our own value that has overtaken us.
        match self.last(stream, &subject).await? {
            Some(found) if found.sequence > after && found.payload == value => {
                Ok(Written::At(found.sequence))
            }
            _ => Ok(Written::Overtaken),
        }
    }

    async fn publish(
        &self,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<Written, BusError> {
        again(|| async {
            let sent = self
                .context
                .publish_with_headers(subject.clone(), headers.clone(), payload.clone())
                .await;
            let answered = match sent {
                Ok(answer) => answer.await,
                Err(error) => Err(error),
            };
            match answered {
                Ok(answer) => Ok(Try::Done(Written::At(answer.sequence))),
                Err(error) => match error.kind() {
                    PublishErrorKind::WrongLastSequence => Ok(Try::Done(Written::Overtaken)),
                    PublishErrorKind::MaxPayloadExceeded => {
                        Err(BusError::Refused(error.to_string()))
                    }
                    // A name that is taken: `discard_new_per_subject` keeps the first.
                    _ if error.to_string().contains("maximum messages per subject") => {
                        Ok(Try::Done(Written::Overtaken))
                    }
                    _ => Ok(Try::Again(format!("{error:?}"))),
                },
            }
        })
        .await
    }
}

/// Tries until it is done, or for so long that nobody will answer any more.
async fn again<T, F>(mut once: impl FnMut() -> F) -> Result<T, BusError>
where
    F: Future<Output = Result<Try<T>, BusError>>,
{
    let mut wait = BACK_FIRST;
    let mut last = String::new();
    for _ in 0..TRIES_MAX {
        match once().await? {
            Try::Done(done) => return Ok(done),
            Try::Again(reason) => last = reason,
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(BACK_MAX);
    }
    Err(BusError::Unreachable(last))
}

async fn laid(context: &Context, config: Config) -> Result<Stream<()>, BusError> {
    let name = config.name.clone();
    again(|| async {
        match context.get_or_create_stream(config.clone()).await {
            Ok(_) => Ok(Try::Done(())),
            Err(error) => match error.kind() {
                jetstream::context::CreateStreamErrorKind::JetStream(refused)
                    if refused.error_code() != ErrorCode::CLUSTER_NO_PEERS
                        && refused.code() < 500 =>
                {
                    Err(BusError::Refused(error.to_string()))
                }
                _ => Ok(Try::Again(error.to_string())),
            },
        }
    })
    .await?;
    let stream = context.get_stream_no_info(&name).await;
    stream.map_err(|error| BusError::Refused(error.to_string()))
}

fn addresses(servers: &str) -> Result<Vec<async_nats::ServerAddr>, BusError> {
    let read = |text: &str| {
        let address = text.trim().parse();
        address.map_err(|error| {
            BusError::Layout(format!("`{text}` is no address of a NATS server: {error}"))
        })
    };
    servers.split(',').map(read).collect()
}

/// Waits until something is heard, or for so long.
pub(crate) async fn heard_within(heard: &mut async_nats::Subscriber, wait: Duration) {
    // Whether something was heard or not, the log itself says what is there.
    if tokio::time::timeout(wait, heard.next()).await.is_ok() {
        while let Ok(Some(_)) = tokio::time::timeout(Duration::ZERO, heard.next()).await {}
    }
}
