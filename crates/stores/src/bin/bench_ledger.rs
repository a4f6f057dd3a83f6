//! Measures the ledger beside a raw fdatasync loop on the same disk in the same run.
//!
//! Usage: `bench_ledger FOLDER [PICTURE.svg]`. Absolute figures depend on the machine and on who
//! else uses it; the ratios are what is promised.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock and prints figures"
)]

use std::collections::VecDeque;
use std::error::Error;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use detente_ledger::audit::structure::check;
use detente_ledger::checkpoint::SignedCheckpoint;
use detente_ledger::evidence::Evidence;
use detente_ledger::hash::Hash;
use detente_ledger::log::{Log, SEGMENT_BYTES_DEFAULT};
use detente_ledger::policy::Policy;
use detente_ledger::reader::LogReader;
use detente_ledger::seal::{SealContext, SealSecretKey, SealSuite, seal};
use detente_ledger::vkey::{KeyName, NoteSigner, SignatureType};
use detente_stores::committer::Committer;
use detente_stores::directory::Directory;
use detente_stores::files::Files;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Bytes of an entry: a report with its envelope.
const ENTRY_BYTES: usize = 256;
const BATCHES: [usize; 5] = [1, 10, 100, 1_000, 10_000];
/// Commits of each batch size, and raw syncs beside them.
const COMMITS: usize = 120;
/// Four write-ahead segments and more: recycling is part of the figure.
const SUSTAINED_ENTRIES: u64 = 1_000_000;
/// Entries in flight of the sustained run: 20,000 a second when each waits 10 ms.
const IN_FLIGHT: usize = 200;
const PROOFS: u64 = 2_000;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = PathBuf::from(
        arguments
            .next()
            .ok_or("name a folder on the disk to measure")?,
    );
    let picture = arguments.next().map(PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    println!(
        "| batch | commit p50 ms | p99 ms | raw fdatasync p50 ms | ratio | durable entries/s |"
    );
    println!("|---:|---:|---:|---:|---:|---:|");
    let mut rows = Vec::new();
    for batch in BATCHES {
        rows.push(durable(&folder, batch)?);
    }
    println!();
    audit(&folder)?;
    sealing()?;
    if let Some(picture) = picture {
        std::fs::write(&picture, draw(&rows))?;
        println!("\npicture: {}", picture.display());
    }
    Ok(())
}

struct Row {
    batch: usize,
    commit_ms: f64,
    raw_ms: f64,
}

/// Commits batches through the committer, each beside one raw write and sync of the same bytes.
fn durable(folder: &Path, batch: usize) -> Outcome<Row> {
    let root = fresh(folder, &format!("batch-{batch}"))?;
    let committer = committer(&root)?;
    let raw = raw_file(&root.join("raw"), batch)?;
    let block = vec![7; batch * ENTRY_BYTES];
    let (mut commits, mut raws) = (Vec::new(), Vec::new());
    let mut index = 0;
    for round in 0..COMMITS {
        let entries: Vec<Vec<u8>> = (0..batch).map(|_| entry(&mut index)).collect();
        let started = Instant::now();
        let receipts: Vec<_> = entries.into_iter().map(|it| committer.submit(it)).collect();
        for receipt in receipts {
            receipt.recv()??;
        }
        commits.push(started.elapsed().as_secs_f64() * 1e3);
        let offset = (round * block.len()) % (32 << 20);
        let started = Instant::now();
        raw.write_all_at(&block, offset as u64)?;
        raw.sync_data()?;
        raws.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let seconds = commits.iter().sum::<f64>() / 1e3;
    let rate = (batch * COMMITS) as f64 / seconds;
    let (commit_ms, p99_ms) = (quantile(&mut commits, 0.5), quantile(&mut commits, 0.99));
    let raw_ms = quantile(&mut raws, 0.5);
    let ratio = commit_ms / raw_ms;
    println!("| {batch} | {commit_ms:.3} | {p99_ms:.3} | {raw_ms:.3} | {ratio:.2} | {rate:.0} |");
    committer.stop().ok_or("the committer panicked")?;
    std::fs::remove_dir_all(&root)?;
    Ok(Row {
        batch,
        commit_ms,
        raw_ms,
    })
}

/// Appends a million entries with a fixed number of them in flight, files and recycling included.
fn sustained(root: &Path) -> Outcome<SignedCheckpoint> {
    let committer = committer(root)?;
    let mut in_flight = VecDeque::new();
    let mut waits = Vec::new();
    let mut index = 0;
    let started = Instant::now();
    while index < SUSTAINED_ENTRIES || !in_flight.is_empty() {
        while index < SUSTAINED_ENTRIES && in_flight.len() < IN_FLIGHT {
            in_flight.push_back((Instant::now(), committer.submit(entry(&mut index))));
        }
        if let Some((submitted, receipt)) = in_flight.pop_front() {
            receipt.recv()??;
            waits.push(submitted.elapsed().as_secs_f64() * 1e3);
        }
    }
    let appended = started.elapsed().as_secs_f64();
    let log = committer.stop().ok_or("the committer panicked")?;
    let published = started.elapsed().as_secs_f64();
    println!(
        "sustained, {IN_FLIGHT} entries in flight: {:.0} durable entries/s over {SUSTAINED_ENTRIES} \
         entries; an entry waits p50 {:.2} ms, p99 {:.2} ms (goals 20,000/s, 10 ms); files \
         published {:.2} s after the last",
        SUSTAINED_ENTRIES as f64 / appended,
        quantile(&mut waits, 0.5),
        quantile(&mut waits, 0.99),
        published - appended
    );
    Ok(log.head().clone())
}

/// Verifies what the sustained run wrote, and makes and checks proofs.
fn audit(folder: &Path) -> Outcome<()> {
    let root = fresh(folder, "audit")?;
    let head = sustained(&root)?;
    let source = Directory::new(&root);
    let before = cpu_seconds()?;
    let faults = check(&source, head.checkpoint(), &mut ())?;
    let used = cpu_seconds()? - before;
    println!(
        "verify 1,000,000 entries: {used:.2} CPU-s, {} faults (goal 1 CPU-s)",
        faults.count()
    );
    proofs(&source, &head)?;
    std::fs::remove_dir_all(&root)?;
    Ok(())
}

fn proofs(source: &Directory, head: &SignedCheckpoint) -> Outcome<()> {
    let mut reader = LogReader::open(source, head.checkpoint().clone())?;
    let places: Vec<u64> = (0..PROOFS)
        .map(|number| number * 829_399 * 7_919 % SUSTAINED_ENTRIES)
        .collect();
    let before = cpu_seconds()?;
    let mut proofs = Vec::new();
    for place in &places {
        proofs.push((*place, reader.inclusion_proof(*place)?));
    }
    let making = (cpu_seconds()? - before) / PROOFS as f64 * 1e6;
    println!("make an inclusion proof: {making:.1} CPU-us (goal 150)");
    let policy = Policy::of_log(signer()?.vkey().clone());
    let evidence: Vec<(Hash, Evidence)> = proofs
        .into_iter()
        .map(|(index, proof)| {
            let mut number = index;
            let leaf = Hash::leaf(&entry(&mut number));
            let evidence = Evidence {
                extra: None,
                index,
                proof,
                checkpoint: head.clone(),
            };
            (leaf, evidence)
        })
        .collect();
    let before = cpu_seconds()?;
    for (leaf, evidence) in &evidence {
        evidence.verify_leaf(*leaf, &policy)?;
    }
    let checking = (cpu_seconds()? - before) / PROOFS as f64 * 1e6;
    println!("verify evidence, signature included: {checking:.1} CPU-us (goal 50)");
    Ok(())
}

fn sealing() -> Outcome<()> {
    let context = SealContext {
        origin: "alpha.example".to_owned(),
        kind: "operation".to_owned(),
        agreement: "bench".to_owned(),
    };
    for suite in [SealSuite::X25519, SealSuite::XWing] {
        let recipients: Vec<_> = (1..4)
            .map(|seed| {
                SealSecretKey::from_seed(suite, &[seed; 32])
                    .public()
                    .clone()
            })
            .collect();
        let before = cpu_seconds()?;
        for round in 0..200_u8 {
            seal(&[round; 32], &context, &[7; 2000], &recipients)?;
        }
        let used = (cpu_seconds()? - before) / 200.0 * 1e6;
        println!(
            "seal 2,000 bytes to 3 recipients, {}: {used:.0} CPU-us (goal 400)",
            suite.name()
        );
    }
    Ok(())
}

fn entry(index: &mut u64) -> Vec<u8> {
    let mut bytes = format!("{{\"entry\":{index}}}").into_bytes();
    bytes.resize(ENTRY_BYTES, b' ');
    *index += 1;
    bytes
}

fn committer(root: &Path) -> Outcome<Committer<Files>> {
    let files = Files::open(root)?;
    let companion = files.companion();
    let mut log = Log::create(files, signer()?, SEGMENT_BYTES_DEFAULT)?;
    log.confirm_unshared()?;
    Ok(Committer::start(log, companion)?)
}

fn signer() -> Outcome<NoteSigner> {
    let name = KeyName::parse("bench.example")?;
    Ok(NoteSigner::new(name, SignatureType::Ed25519, &[1; 32])?)
}

fn fresh(folder: &Path, name: &str) -> Outcome<PathBuf> {
    let path = folder.join(name);
    if path.exists() {
        std::fs::remove_dir_all(&path)?;
    }
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

/// A zero-filled file: the cheapest durable write the disk offers.
fn raw_file(path: &Path, batch: usize) -> Outcome<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(path)?;
    let zeros = vec![0; 1 << 20];
    for block in 0..32 + ((batch * ENTRY_BYTES) >> 20) as u64 + 1 {
        file.write_all_at(&zeros, block << 20)?;
    }
    file.sync_all()?;
    Ok(file)
}

/// CPU time of this process in seconds: user and system, from `/proc/self/stat`.
fn cpu_seconds() -> Outcome<f64> {
    // Clock ticks are 1/100 s on every Linux this runs on; sums over thousands of rounds suffice.
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit_once(')').ok_or("unexpected /proc/self/stat")?.1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |place: usize| -> Outcome<f64> {
        Ok(fields
            .get(place)
            .ok_or("unexpected /proc/self/stat")?
            .parse::<f64>()?)
    };
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}

fn quantile(values: &mut [f64], at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let place = (last as f64 * at).round();
    values
        .iter()
        .copied()
        .nth(place as usize)
        .unwrap_or(f64::NAN)
}

/// Draws cost against batch size, both axes logarithmic.
fn draw(rows: &[Row]) -> String {
    let x = |batch: usize| 70.0 + (batch as f64).log10() * 120.0;
    let highest = rows
        .iter()
        .map(|row| row.commit_ms)
        .fold(0.1, f64::max)
        .log10()
        .ceil();
    let y = |ms: f64| 40.0 + (highest - ms.max(0.01).log10()) * 70.0;
    let line = |value: &dyn Fn(&Row) -> f64, colour: &str| {
        let points: Vec<String> = rows
            .iter()
            .map(|row| format!("{:.1},{:.1}", x(row.batch), y(value(row))))
            .collect();
        format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n",
            points.join(" ")
        )
    };
    let bottom = y(0.01);
    let mut body = String::new();
    for decade in -2..=highest as i32 {
        let at = y(10_f64.powi(decade));
        body.push_str(&format!(
            "<line x1=\"70\" x2=\"560\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>\
             <text x=\"62\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
            at + 4.0,
            10_f64.powi(decade)
        ));
    }
    for row in rows {
        body.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
            x(row.batch),
            bottom + 18.0,
            row.batch
        ));
    }
    body.push_str(&line(&|row| row.commit_ms, "#0b6e99"));
    body.push_str(&line(&|row| row.raw_ms, "#b35900"));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 {:.0}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"70\" y=\"20\">Cost of a durable commit in ms (median) by entries in it: \
         <tspan fill=\"#0b6e99\">ledger</tspan>, \
         <tspan fill=\"#b35900\">raw write and fdatasync</tspan></text>\n{body}</svg>\n",
        bottom + 30.0
    )
}
