//! A connection to PostgreSQL that asks one prepared question after another, as a program would.
//!
//! The frontend/backend protocol, version 3 (PostgreSQL manual, chapter "Frontend/Backend Protocol"), as far as it is needed here:
//! the geometry goes as binary, the ranges as text, the answers come back as binary integers.

use anyhow::{Context, Result, bail, ensure};
use std::io::{BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Version 3.0.
const PROTOCOL: i32 = 0x0003_0000;
/// The port in the name of the server's socket.
const SOCKET: &str = ".s.PGSQL.5432";
/// The name of the prepared question.
const QUESTION: &str = "question";

/// An open connection.
pub(super) struct Client {
    stream: BufReader<UnixStream>,
    /// The process that serves it.
    server_process: u32,
}

/// A question: a ring in extended well-known binary, a range of time, a range of heights.
pub(super) struct Question {
    pub(super) ring: Vec<u8>,
    pub(super) during: String,
    pub(super) height: String,
}

impl Client {
    /// Connects and prepares `question`, a query of three parameters that answers with integers.
    pub(super) fn prepare(folder: &Path, question: &str) -> Result<Self> {
        let stream =
            UnixStream::connect(folder.join(SOCKET)).context("cannot connect to PostgreSQL")?;
        let mut client = Self {
            stream: BufReader::new(stream),
            server_process: 0,
        };
        let mut body = PROTOCOL.to_be_bytes().to_vec();
        body.extend(b"user\0postgres\0database\0postgres\0\0");
        let length = body.len() as i32 + 4;
        client.send(&[&length.to_be_bytes()[..], &body].concat())?;
        client.until_ready(&mut Vec::new())?;
        for setting in [
            "plan_cache_mode = force_generic_plan",
            "max_parallel_workers_per_gather = 0",
        ] {
            client.send(&message(b'Q', format!("set {setting}\0").as_bytes()))?;
            client.until_ready(&mut Vec::new())?;
        }
        let parse = message(b'P', format!("{QUESTION}\0{question}\0\0\0").as_bytes());
        client.send(&[parse, message(b'S', &[])].concat())?;
        client.until_ready(&mut Vec::new())?;
        Ok(client)
    }

    /// Asks one question and appends the answers.
    pub(super) fn ask(&mut self, question: &Question, answers: &mut Vec<u32>) -> Result<()> {
        let mut bind = format!("\0{QUESTION}\0").into_bytes();
        let formats: [i16; 4] = [3, 1, 0, 0];
        let parameters = [
            &question.ring[..],
            question.during.as_bytes(),
            question.height.as_bytes(),
        ];
        bind.extend(formats.iter().flat_map(|number| number.to_be_bytes()));
        bind.extend(3_i16.to_be_bytes());
        for parameter in parameters {
            bind.extend((parameter.len() as i32).to_be_bytes());
            bind.extend(parameter);
        }
        bind.extend([1_i16, 1].iter().flat_map(|number| number.to_be_bytes()));
        let execute = message(b'E', &[0; 5]);
        self.send(&[message(b'B', &bind), execute, message(b'S', &[])].concat())?;
        self.until_ready(answers)
    }

    /// Processor nanoseconds the serving process has used, by the kernel's account.
    pub(super) fn server_cpu_ns(&self) -> Result<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/schedstat", self.server_process))?;
        Ok(text
            .split_whitespace()
            .next()
            .context("schedstat is empty")?
            .parse()?)
    }

    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.get_mut().write_all(bytes)?)
    }

    /// Reads messages until the server is ready for the next, keeping the integers of the first column.
    fn until_ready(&mut self, answers: &mut Vec<u32>) -> Result<()> {
        loop {
            let mut head = [0; 5];
            self.stream.read_exact(&mut head)?;
            let length = i32::from_be_bytes([head[1], head[2], head[3], head[4]]);
            let mut body =
                vec![0; usize::try_from(length - 4).context("a message without a length")?];
            self.stream.read_exact(&mut body)?;
            let integer = |at: usize| -> Result<u32> {
                let bytes = body.get(at..at + 4).context("a message is too short")?;
                Ok(u32::from_be_bytes(bytes.try_into()?))
            };
            match head[0] {
                b'Z' => return Ok(()),
                b'K' => self.server_process = integer(0)?,
                b'R' => ensure!(integer(0)? == 0, "PostgreSQL wants a password"),
                // A row: the number of columns, then for each its length and value.
                b'D' => answers.push(integer(6)?),
                b'E' => bail!(
                    "PostgreSQL refuses: {}",
                    String::from_utf8_lossy(&body).replace('\0', " ")
                ),
                _ => {}
            }
        }
    }
}

/// A message of the protocol: its kind, its length with the length itself, its body.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend((body.len() as i32 + 4).to_be_bytes());
    bytes.extend(body);
    bytes
}

impl Question {
    /// Reads a row made for COPY.
    pub(super) fn parse(row: &str) -> Result<Self> {
        let columns: Vec<&str> = row.split('\t').collect();
        let [_, during, height, ring] = columns[..] else {
            bail!("`{row}` is no operation")
        };
        let ring: Result<Vec<u8>, _> = (0..ring.len() / 2)
            .map(|i| u8::from_str_radix(ring.get(2 * i..2 * i + 2).unwrap_or(""), 16))
            .collect();
        Ok(Self {
            ring: ring?,
            during: during.into(),
            height: height.into(),
        })
    }
}
