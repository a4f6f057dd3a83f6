//! Measures the ledger beside a raw fdatasync loop on the same disk in the same run.
//!
//! Usage: `bench_ledger FOLDER [COMMIT.svg VERIFY.svg]`. Absolute figures depend on the machine and on who
//! else uses it; the ratios are what is promised.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock and prints figures"
)]

mod picture;

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
use rustix::time::{ClockId, clock_gettime};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Bytes of an entry: a report with its envelope.
const ENTRY_BYTES: usize = 256;
const BATCHES: [usize; 5] = [1, 10, 100, 1_000, 10_000];
/// Commits of each batch size, and raw syncs beside them.
const COMMITS: usize = 120;
/// Four write-ahead segments and more: recycling is part of the figure.
const SUSTAINED_ENTRIES: u64 = 1_000_000;
/// Sizes at which reading is measured.
const SIZES: [u64; 4] = [1_000, 10_000, 100_000, SUSTAINED_ENTRIES];
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
    let pictures = arguments.next().zip(arguments.next());
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
    let sizes = audits(&folder)?;
    println!();
    sealing()?;
    if let Some((commit, verify)) = pictures {
        std::fs::write(&commit, picture::commits(&rows).draw())?;
        std::fs::write(&verify, picture::sizes(&sizes).draw())?;
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

/// What reading a ledger of one size costs, in CPU time.
struct Size {
    entries: u64,
    verify_s: f64,
    proof_us: f64,
    evidence_us: f64,
}

/// Verifies ledgers of growing size, the last of them written by the sustained run.
fn audits(folder: &Path) -> Outcome<Vec<Size>> {
    let mut sizes = Vec::new();
    let mut lines = Vec::new();
    for entries in SIZES {
        let root = fresh(folder, "audit")?;
        let head = match entries {
            SUSTAINED_ENTRIES => sustained(&root)?,
            _ => filled(&root, entries)?,
        };
        let source = Directory::new(&root);
        let before = cpu_seconds();
        let faults = check(&source, head.checkpoint(), &mut ())?;
        let verify_s = cpu_seconds() - before;
        if !faults.is_empty() {
            return Err(format!("{} faults in what was written", faults.count()).into());
        }
        let (proof_us, evidence_us) = proofs(&source, &head)?;
        lines.push(format!(
            "| {entries} | {verify_s:.3} | {proof_us:.1} | {evidence_us:.1} |"
        ));
        sizes.push(Size {
            entries,
            verify_s,
            proof_us,
            evidence_us,
        });
        std::fs::remove_dir_all(&root)?;
    }
    println!(
        "\n| entries | verify all, CPU-s (goal 1 at 1,000,000) | make a proof, CPU-us (goal 150) | verify evidence with its signature, CPU-us (goal 50) |"
    );
    println!("|---:|---:|---:|---:|\n{}", lines.join("\n"));
    Ok(sizes)
}

/// Writes a ledger in large batches.
fn filled(root: &Path, entries: u64) -> Outcome<SignedCheckpoint> {
    let mut log = Log::create(Files::open(root)?, signer()?, SEGMENT_BYTES_DEFAULT)?;
    log.confirm_unshared()?;
    let mut index = 0;
    while index < entries {
        log.stage(entry(&mut index))?;
        if index.is_multiple_of(10_000) {
            log.commit()?;
        }
    }
    log.commit()?;
    log.publish()?;
    Ok(log.head().clone())
}

/// Makes and checks proofs; returns microseconds for each of the two.
fn proofs(source: &Directory, head: &SignedCheckpoint) -> Outcome<(f64, f64)> {
    let size = head.checkpoint().size();
    let mut reader = LogReader::open(source, head.checkpoint().clone())?;
    let places: Vec<u64> = (0..PROOFS)
        .map(|number| number * 829_399 * 7_919 % size)
        .collect();
    let before = cpu_seconds();
    let mut proofs = Vec::new();
    for place in &places {
        proofs.push((*place, reader.inclusion_proof(*place)?));
    }
    let making = (cpu_seconds() - before) / PROOFS as f64 * 1e6;
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
    let before = cpu_seconds();
    for (leaf, evidence) in &evidence {
        evidence.verify_leaf(*leaf, &policy)?;
    }
    let checking = (cpu_seconds() - before) / PROOFS as f64 * 1e6;
    Ok((making, checking))
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
        let before = cpu_seconds();
        for round in 0..200_u8 {
            seal(&[round; 32], &context, &[7; 2000], &recipients)?;
        }
        let used = (cpu_seconds() - before) / 200.0 * 1e6;
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

/// CPU time of this process in seconds, all threads.
fn cpu_seconds() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.tv_sec as f64 + used.tv_nsec as f64 / 1e9
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
