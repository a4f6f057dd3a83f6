//! `cargo xtask bench alarm`: how long an alert takes from the fix that shows it to whoever follows a node's events.
//!
//! Three processes as in use: `detente serve`, `detente watch` reading a receiver's lines, and this one, which writes the
//! lines at a steady pace and follows the events. Some twenty thousand aircraft fly where nothing is; now and then one of a
//! bound force enters a prohibited area. Timed is from the moment before that fix is written to the moment its alert is read.

use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::steps;

const USAGE: &str = "\
Usage: cargo xtask bench alarm [--rate 50000] [--alerts 200] [--every 100] [--program PATH]

  --rate N         fixes a second (default 50000)
  --alerts N       flights that enter an area (default 200)
  --every MS       milliseconds from one of them to the next (default 100)
  --program PATH   the `detente` to measure (default: built here)
";

/// Aircraft that enter nothing.
const AIRCRAFT: u64 = 20_000;
/// Fixes are written in pieces, each for so long, as a receiver writes them.
const PIECE: Duration = Duration::from_millis(2);
/// Seconds of traffic before the first flight enters: everything is warm then.
const WARM_S: u64 = 2;
/// An alert that is not there after so long is lost.
const LOST_AFTER: Duration = Duration::from_secs(60);

struct Options {
    rate: u64,
    alerts: u64,
    every_ms: u64,
    program: Option<PathBuf>,
}

/// A process that ends with the benchmark.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the measurement.
pub(super) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let options = options(arguments)?;
    let program = match &options.program {
        Some(program) => program.clone(),
        None => {
            let build = ["build", "--release", "--quiet", "--package", "detente-cli"];
            steps::run(root, "cargo", &build, &[])?;
            let target = std::env::var_os("CARGO_TARGET_DIR");
            let target = target.map_or_else(|| root.join("target"), PathBuf::from);
            target.join("release/detente")
        }
    };
    let folder = std::env::temp_dir().join(format!("detente-bench-alarm-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measured(root, &program, &folder, &options);
    std::fs::remove_dir_all(&folder)?;
    let mut times = measured?;
    times.sort_unstable();
    let at = |share: usize| {
        let place = times.len().saturating_sub(1) * share / 100;
        times
            .get(place)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    };
    println!(
        "{} alerts at {} fixes/s: p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
        times.len(),
        options.rate,
        at(50),
        at(90),
        at(99),
        at(100)
    );
    Ok(())
}

fn measured(
    root: &Path,
    program: &Path,
    folder: &Path,
    options: &Options,
) -> Result<Vec<Duration>> {
    let scenario = root.join("scenarios/syria-2016");
    let scenario = scenario
        .to_str()
        .context("the repository's path is no text")?;
    let (node, token, _serving) = node(program, folder, scenario)?;
    std::fs::write(folder.join("token"), &token)?;
    std::fs::write(folder.join("identities.json"), identities(options.alerts)?)?;
    let heard = follow(&node, &token)?;
    let mut watching = Command::new(program)
        .current_dir(folder)
        .args(["watch", scenario, "--tracks", "-", "--format", "jsonl"])
        .args(["--identities", "identities.json", "--stragglers", "0"])
        .args(["--node", &format!("http://{node}"), "--token-file", "token"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start `detente watch`")?;
    let lines = watching.stdin.take().context("no way to write lines")?;
    let _watching = Running(watching);
    let written = write(lines, options)?;
    let mut read: BTreeMap<u64, Instant> = BTreeMap::new();
    while read.len() < written.len() {
        let Ok((number, when)) = heard.recv_timeout(LOST_AFTER) else {
            bail!("{} of {} alerts were heard", read.len(), written.len());
        };
        // Each flight may alarm in more than one way; the first tells of it.
        read.entry(number).or_insert(when);
    }
    let times = written
        .iter()
        .map(|(number, when)| Some(read.get(number)?.duration_since(*when)));
    times
        .collect::<Option<Vec<_>>>()
        .context("an alert of no flight")
}

/// Sets up a node and starts it; where it listens, and the token of somebody on watch.
fn node(program: &Path, folder: &Path, scenario: &str) -> Result<(String, String, Running)> {
    let said = |arguments: &[&str]| -> Result<String> {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .output()
            .context("cannot start `detente`")?;
        let told = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {told}");
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    };
    std::fs::write(folder.join("unlock"), "a long passphrase\n")?;
    let keys = ["--keys", "keys", "--unlock-file", "unlock"];
    said(&[&["keys", "new", "us.example/ledger"][..], &keys].concat())?;
    let card = [
        "join",
        "card",
        "US",
        "--address",
        "127.0.0.1:7443",
        "--out",
        "us.card",
    ];
    said(&[&card[..], &keys].concat())?;
    said(&["join", "agreement", scenario, "--card", "us.card"])?;
    let token = said(&["user", "watch", "--role", "watch_officer", "--token"])?;
    let mut child = Command::new(program)
        .args(["serve", "--new-ledger"])
        .args([
            "--set",
            "api.listen=127.0.0.1:0",
            "--set",
            "peer.listen=127.0.0.1:0",
        ])
        .args([
            "--set",
            "node.unlock_file=unlock",
            "--set",
            "log.level=error",
        ])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start `detente serve`")?;
    let output = child.stdout.take().context("nothing to read")?;
    let serving = Running(child);
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let address = line
        .trim()
        .rsplit_once("http://")
        .map(|(_, address)| address.to_owned());
    Ok((
        address.with_context(|| format!("`detente serve` said: {line}"))?,
        token,
        serving,
    ))
}

fn identities(alerts: u64) -> Result<String> {
    let mut text = String::from("{\"identities\": [");
    for number in 0..alerts {
        let comma = if number == 0 { "" } else { ", " };
        write!(
            text,
            "{comma}{{\"track\": \"alarm-{number}\", \"force\": \"syrian-air-force\", \"stated_by\": \"post\"}}"
        )?;
    }
    text.push_str("]}");
    Ok(text)
}

/// Follows the events of a node; hands over which flight each alert is about, and when it was read.
fn follow(node: &str, token: &str) -> Result<Receiver<(u64, Instant)>> {
    let mut line = TcpStream::connect(node)?;
    line.set_nodelay(true)?;
    write!(
        line,
        "GET /api/v1/events HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {token}\r\n\r\n"
    )?;
    let mut lines = BufReader::new(line).lines();
    // The greeting says that nothing is missed from here on.
    loop {
        let said = lines.next().context("the node hung up")??;
        if said.starts_with(": hello") {
            break;
        }
        ensure!(!said.starts_with("HTTP/1.1 4"), "the node says {said}");
    }
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut is_alert = false;
        for said in lines.map_while(Result::ok) {
            let when = now();
            if let Some(event) = said.strip_prefix("event: ") {
                is_alert = event == "alert";
            }
            let about = said
                .split_once("alarm-")
                .filter(|_| is_alert && said.starts_with("data: "));
            let number = about.and_then(|(_, rest)| {
                let end = rest
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(rest.len());
                rest.get(..end)?.parse().ok()
            });
            if let Some(number) = number
                && sender.send((number, when)).is_err()
            {
                return;
            }
        }
    });
    Ok(receiver)
}

/// Writes fixes at a steady pace; returns when each flight that enters an area was written.
fn write(mut lines: impl std::io::Write, options: &Options) -> Result<Vec<(u64, Instant)>> {
    let begin = now();
    let (mut fixes, mut entered) = (0_u64, Vec::new());
    let mut piece = String::new();
    let first = Duration::from_secs(WARM_S);
    while (entered.len() as u64) < options.alerts {
        let passed = begin.elapsed();
        let due = (passed.as_secs_f64() * options.rate as f64) as u64;
        piece.clear();
        while fixes < due {
            let (round, number) = (fixes / AIRCRAFT, fixes % AIRCRAFT);
            let second = fixes as f64 / options.rate as f64;
            let east = 38.0 + number as f64 * 1e-4 + round as f64 * 1e-3;
            fix(
                &mut piece,
                second,
                &format!("{number:06x}"),
                31.0 + number as f64 * 5e-5,
                east,
            )?;
            fixes += 1;
        }
        let number = entered.len() as u64;
        let turn = first + Duration::from_millis(options.every_ms * number);
        if passed >= turn {
            // Half a minute ago it was west of Aleppo; now it is over the east of it.
            let second = passed.as_secs_f64() + 60.0;
            let name = format!("alarm-{number}");
            fix(&mut piece, second - 30.0, &name, 36.2, 37.0)?;
            fix(&mut piece, second, &name, 36.2, 37.18)?;
            entered.push((number, now()));
        }
        lines.write_all(piece.as_bytes())?;
        let rest = (passed + PIECE).saturating_sub(begin.elapsed());
        pause(rest);
    }
    Ok(entered)
}

/// Adds a line that tells of a fix, so many seconds after nine o'clock of a day in 2016.
fn fix(lines: &mut String, second: f64, name: &str, north: f64, east: f64) -> std::fmt::Result {
    let (minute, second) = ((second / 60.0) as u64, second % 60.0);
    let hour = 9 + minute / 60;
    let minute = minute % 60;
    writeln!(
        lines,
        "{{\"t\":\"2016-09-13T{hour:02}:{minute:02}:{second:06.3}Z\",\"id\":\"{name}\",\"lat\":{north:.6},\"lon\":{east:.6},\
         \"alt_m\":2500,\"reference\":\"MSL\"}}"
    )
}

/// Waits for the next piece: a receiver speaks at its own pace, whatever those who listen do.
#[expect(
    clippy::disallowed_methods,
    reason = "the pace of the traffic is what is made here"
)]
fn pause(rest: Duration) {
    std::thread::sleep(rest);
}

/// Reads the monotonic clock: what is measured here is time.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        rate: 50_000,
        alerts: 200,
        every_ms: 100,
        program: None,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let value = rest
            .next()
            .with_context(|| format!("{argument} needs a value\n\n{USAGE}"))?;
        match argument.as_str() {
            "--rate" => options.rate = value.parse()?,
            "--alerts" => options.alerts = value.parse()?,
            "--every" => options.every_ms = value.parse()?,
            "--program" => options.program = Some(PathBuf::from(value)),
            _ => bail!("`{argument}` is not an option of this benchmark\n\n{USAGE}"),
        }
    }
    ensure!(options.alerts > 0, "nothing would be measured");
    Ok(options)
}
