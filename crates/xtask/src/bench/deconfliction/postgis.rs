//! The peer: PostGIS on a cluster of its own that lives as long as the benchmark.
//!
//! The recipe is the fastest of those tried: one GiST index over geometry, time range and height range, geometries kept in the
//! row, a generic plan, no parallel workers, everything in memory.
//! It is asked in two ways: by a client with a prepared statement, as programs ask; and in a loop inside the server, which
//! leaves out protocol and planning and shows what the index and the geometry cost by themselves.

use super::client::{Client, Question};
use super::measure::{Conflicts, Measure, conflicts};
use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::time::Instant;

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
const EXTENSION: &str = "/usr/share/postgresql/15/extension/postgis.control";
const PACKAGES: [&str; 2] = ["postgresql-15", "postgresql-15-postgis-3"];
/// PostgreSQL refuses to run as root; Debian's packages bring this account.
const ACCOUNT: &str = "postgres";

/// Settings of the server: memory for everything, nothing for durability, which is not measured.
const SETTINGS: [&str; 7] = [
    "listen_addresses=''",
    "shared_buffers=4GB",
    "maintenance_work_mem=1GB",
    "max_wal_size=8GB",
    "fsync=off",
    "autovacuum=off",
    "jit=off",
];

const SCHEMA: &str = "
create extension postgis;
create type heights as range (subtype = float8);
create table stored (id int, during tstzrange, height heights, ring geometry(Polygon, 4326)) with (toast_tuple_target = 8160);
alter table stored alter ring set storage main;
create table asked (like stored including storage);
create table pairs (asked int, stored int, asked_ring geometry, stored_ring geometry);
";

/// The question, for each operation asked about.
const QUESTION: &str = "select s.id from stored s where s.ring && q.ring and s.during && q.during and s.height && q.height \
                        and st_intersects(s.ring, q.ring)";

/// A running server.
pub(in crate::bench) struct PostGis {
    folder: PathBuf,
}

/// Figures of one operation against many.
pub(super) struct Search {
    /// Questions a processor-second of the server, asked by a client.
    pub(super) per_cpu_second: f64,
    /// Questions a processor-second of the server, asked in a loop inside it.
    pub(super) inside_per_cpu_second: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    pub(super) build_s: f64,
    pub(super) index_bytes: f64,
    pub(super) conflicts: Conflicts,
    pub(super) version: String,
}

/// What asking as a client gave.
struct Asked {
    best_ns: f64,
    p50_us: f64,
    p99_us: f64,
    conflicts: Conflicts,
}

impl PostGis {
    /// Installs what is missing, as root, and starts a server.
    pub(in crate::bench) fn start() -> Result<Self> {
        install()?;
        let folder = std::env::temp_dir().join(format!("detente-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let server = Self { folder };
        if is_root()? {
            checked(Command::new("chown").arg(ACCOUNT).arg(&server.folder))?;
        }
        let data = server.folder.join("data");
        checked(
            as_account(&program("initdb"))?
                .args([
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--username=postgres",
                ])
                .arg(&data),
        )?;
        let settings: String = SETTINGS
            .iter()
            .map(|setting| format!(" -c {setting}"))
            .collect();
        checked(
            as_account(&program("pg_ctl"))?
                .args(["start", "--wait", "--silent", "--log"])
                .arg(server.folder.join("log"))
                .arg("--pgdata")
                .arg(&data)
                .arg("--options")
                .arg(format!("-k {}{settings}", server.folder.display())),
        )?;
        server.sql(SCHEMA)?;
        Ok(server)
    }

    /// Loads the volumes, builds the index and asks about every operation.
    pub(super) fn search(
        &self,
        measure: &Measure,
        size: u32,
        asked: u32,
        rounds: u32,
    ) -> Result<Search> {
        self.sql("drop index if exists stored_index; truncate stored, asked")?;
        self.copy("stored", measure, size)?;
        self.copy("asked", measure, asked)?;
        let build_s: f64 = self
            .sql("\\timing on\ncreate index stored_index on stored using gist (ring, during, height)")?
            .lines()
            .find_map(|line| line.strip_prefix("Time: ")?.split(' ').next()?.parse().ok())
            .map(|milliseconds: f64| milliseconds / 1e3)
            .context("psql did not say how long the index took")?;
        self.sql("vacuum (analyze, freeze) stored; vacuum analyze asked")?;
        self.check_plan()?;
        let Asked {
            best_ns,
            p50_us,
            p99_us,
            conflicts,
        } = self.ask(measure, asked, rounds)?;
        Ok(Search {
            per_cpu_second: f64::from(asked) * 1e9 / best_ns,
            inside_per_cpu_second: f64::from(asked) * 1e9 / self.inside_cpu_ns(rounds)?,
            p50_us,
            p99_us,
            build_s,
            index_bytes: self.sql("select pg_relation_size('stored_index')")?.trim().parse()?,
            conflicts,
            version: self.sql("select 'PostGIS ' || postgis_lib_version() || ', PostgreSQL ' || current_setting('server_version')")?.trim().into(),
        })
    }

    /// Whether each pair's rings intersect and how far apart they are in degrees, after densifying.
    pub(super) fn densified(&self, measure: &Measure, pairs: &[(u32, u32)]) -> Result<Conflicts> {
        self.sql("truncate pairs")?;
        let mut psql = self
            .psql()
            .arg("--command=copy pairs from stdin")
            .stdin(Stdio::piped())
            .spawn()?;
        let rows = measure.densified(pairs)?;
        std::io::Write::write_all(
            &mut psql.stdin.take().context("psql has no input")?,
            rows.as_bytes(),
        )?;
        ensure!(
            psql.wait()?.success(),
            "psql cannot load the densified rings"
        );
        conflicts(
            &self.sql(
                "select asked, stored from pairs where st_intersects(asked_ring, stored_ring)",
            )?,
        )
    }

    fn copy(&self, table: &str, measure: &Measure, size: u32) -> Result<()> {
        self.load(table, measure.rows(table, size)?)
    }

    /// Loads rows in the text form of COPY.
    pub(in crate::bench) fn load(&self, table: &str, rows: ChildStdout) -> Result<()> {
        checked(
            self.psql()
                .arg(format!("--command=copy {table} from stdin"))
                .stdin(rows),
        )
    }

    /// Fails when the planner does not use the index.
    fn check_plan(&self) -> Result<()> {
        let plan = self.sql(&format!(
            "set plan_cache_mode = force_generic_plan;
             prepare question (geometry, tstzrange, heights) as {};
             select ring, during, height from asked limit 1 \\gset
             explain execute question (:'ring', :'during', :'height')",
            QUESTION
                .replace("q.ring", "$1")
                .replace("q.during", "$2")
                .replace("q.height", "$3"),
        ))?;
        ensure!(
            plan.contains("stored_index"),
            "PostgreSQL does not use the index:\n{plan}"
        );
        Ok(())
    }

    /// Asks every question as a client; the best round counts.
    #[expect(clippy::disallowed_methods, reason = "measuring needs a clock")]
    fn ask(&self, measure: &Measure, asked: u32, rounds: u32) -> Result<Asked> {
        let question = QUESTION
            .replace("q.ring", "$1")
            .replace("q.during", "$2")
            .replace("q.height", "$3");
        let mut client = Client::prepare(&self.folder, &question)?;
        let questions: Vec<Question> = BufReader::new(measure.rows("asked", asked)?)
            .lines()
            .map(|row| Question::parse(&row?))
            .collect::<Result<_>>()?;
        let (mut best_ns, mut latency_us) = (f64::INFINITY, vec![f64::INFINITY; questions.len()]);
        let (mut answers, mut conflicts) = (Vec::new(), Conflicts::new());
        for _ in 0..rounds {
            conflicts.clear();
            let start_ns = client.server_cpu_ns()?;
            for ((question, number), latency_us) in questions.iter().zip(0..).zip(&mut latency_us) {
                answers.clear();
                let watch = Instant::now();
                client.ask(question, &mut answers)?;
                *latency_us = latency_us.min(watch.elapsed().as_secs_f64() * 1e6);
                conflicts.extend(answers.iter().map(|stored| (number, *stored)));
            }
            best_ns = best_ns.min(client.server_cpu_ns()? - start_ns);
        }
        latency_us.sort_by(f64::total_cmp);
        let percentile = |share: f64| {
            latency_us
                .get((latency_us.len() as f64 * share) as usize)
                .copied()
                .unwrap_or(0.0)
        };
        Ok(Asked {
            best_ns,
            p50_us: percentile(0.5),
            p99_us: percentile(0.99),
            conflicts,
        })
    }

    /// Processor nanoseconds of the best round of a loop inside the server.
    fn inside_cpu_ns(&self, rounds: u32) -> Result<f64> {
        let text = self.sql(&format!(
            "set plan_cache_mode = force_generic_plan; set max_parallel_workers_per_gather = 0;
             create or replace function spent() returns bigint language sql volatile as
               $$ select split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::bigint $$;
             create or replace function ask() returns bigint language plpgsql as $$
               declare q record; one int; total bigint := 0;
               begin
                 for q in select * from asked order by id loop
                   select count(*) into one from ({QUESTION}) answer;
                   total := total + one;
                 end loop;
                 return total;
               end $$;
             create or replace function best(rounds int) returns bigint language plpgsql as $$
               declare best bigint; start bigint;
               begin
                 for i in 1 .. rounds loop
                   start := spent();
                   perform ask();
                   best := least(best, spent() - start);
                 end loop;
                 return best;
               end $$;
             select best({rounds})"
        ))?;
        text.trim()
            .parse()
            .with_context(|| format!("`{text}` is no number of nanoseconds"))
    }

    fn psql(&self) -> Command {
        let mut psql = Command::new("psql");
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--no-align",
            "--tuples-only",
            "--field-separator=,",
            "--set=ON_ERROR_STOP=1",
        ])
        .args(["--username=postgres", "--dbname=postgres"])
        .env("PGOPTIONS", "--client-min-messages=warning")
        .arg("--host")
        .arg(&self.folder);
        psql
    }

    /// What PostgreSQL answers to statements, a row a line.
    pub(in crate::bench) fn sql(&self, statements: &str) -> Result<String> {
        let mut psql = self
            .psql()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start psql")?;
        let mut stdin = psql.stdin.take().context("psql has no input")?;
        std::io::Write::write_all(&mut stdin, format!("{statements};\n").as_bytes())?;
        drop(stdin);
        let output = psql.wait_with_output()?;
        ensure!(output.status.success(), "PostgreSQL refuses:\n{statements}");
        Ok(String::from_utf8(output.stdout)?)
    }
}

impl Drop for PostGis {
    fn drop(&mut self) {
        let stopped = as_account(&program("pg_ctl")).and_then(|mut command| {
            checked(
                command
                    .args(["stop", "--silent", "--mode=immediate", "--pgdata"])
                    .arg(self.folder.join("data")),
            )
        });
        if stopped.is_ok() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

fn install() -> Result<()> {
    if Path::new(EXTENSION).exists() && program("initdb").exists() {
        return Ok(());
    }
    if !is_root()? {
        bail!(
            "the benchmark needs Debian's packages {}; install them, or run it with --alone",
            PACKAGES.join(" and ")
        );
    }
    checked(Command::new("apt-get").args(["update", "-qq"]))?;
    checked(
        Command::new("apt-get")
            .args(["install", "--yes", "-qq", "--no-install-recommends"])
            .args(PACKAGES)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

fn program(name: &str) -> PathBuf {
    Path::new(PROGRAMS).join(name)
}

/// A command under the account PostgreSQL may run under.
fn as_account(program: &Path) -> Result<Command> {
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("runuser");
    command
        .args(["--user", ACCOUNT, "--"])
        .arg(program)
        .current_dir("/");
    Ok(command)
}

fn is_root() -> Result<bool> {
    let output = Command::new("id")
        .arg("-u")
        .output()
        .context("cannot start id")?;
    Ok(output.stdout.trim_ascii() == b"0")
}

/// Runs a command to its end; its output is shown only when it fails.
fn checked(command: &mut Command) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        bail!(
            "{command:?} ended with {}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}
