//! The second peer: PostGIS, asked about each segment in a loop inside the server, and about all of them in one join.
//!
//! The segment is cut to the heights and the window of the zone before it is held against the ring, as everywhere here.

use super::measure::Measure;
use anyhow::{Context, Result};

use super::super::deconfliction::postgis::PostGis;

const SCHEMA: &str = "
drop table if exists zones, segments;
create table zones (id int, ring geometry(Polygon, 4326), lower float8, upper float8, start float8, finish float8, parties int)
    with (toast_tuple_target = 8160);
alter table zones alter ring set storage main;
create table segments (id int, way geometry(LineString, 4326), from_m float8, to_m float8, from_ms float8, to_ms float8, party int)";

/// The zones of a segment `s`.
const QUESTION: &str = "
select z.id from zones z,
  lateral (select (z.lower - s.from_m) / nullif(s.to_m - s.from_m, 0) low, (z.upper - s.from_m) / nullif(s.to_m - s.from_m, 0) high) h,
  lateral (select greatest(0, coalesce(least(h.low, h.high), 0), (z.start - s.from_ms) / (s.to_ms - s.from_ms)) enters,
                  least(1, coalesce(greatest(h.low, h.high), 1), (z.finish - s.from_ms) / (s.to_ms - s.from_ms)) leaves) share
where z.ring && s.way and z.lower <= greatest(s.from_m, s.to_m) and z.upper >= least(s.from_m, s.to_m)
  and z.start <= s.to_ms and z.finish > s.from_ms and z.parties & s.party <> 0 and enters <= leaves
  and st_intersects(z.ring, case when enters = 0 and leaves = 1 then s.way else st_linesubstring(s.way, enters, leaves) end)";

/// What PostGIS did.
pub(crate) struct Figures {
    pub(super) version: String,
    /// Segments a processor-second, each asked about by itself.
    pub(super) single_per_cpu_second: f64,
    /// Segments a processor-second in one join.
    pub(super) join_per_cpu_second: f64,
    /// Pairs of segment and zone that touch.
    pub(super) touched: u64,
}

/// Loads zones and segments, and asks.
pub(super) fn measured(
    server: &PostGis,
    measure: &Measure,
    zones: u32,
    asked: u32,
) -> Result<Figures> {
    server.sql(SCHEMA)?;
    server.load("zones", measure.zone_rows(zones)?)?;
    server.load("segments", measure.segment_rows(asked)?)?;
    server.sql("create index on zones using gist (ring); vacuum (analyze, freeze) zones; vacuum analyze segments")?;
    let text = server.sql(&format!(
        "set plan_cache_mode = force_generic_plan; set max_parallel_workers_per_gather = 0; set enable_seqscan = off;
         create or replace function spent() returns bigint language sql volatile as
           $$ select split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::bigint $$;
         create or replace function single(out ns bigint, out touched bigint) language plpgsql as $$
           declare s record; one bigint; begun bigint := spent();
           begin
             touched := 0;
             for s in select * from segments order by id loop
               select count(*) into one from ({QUESTION}) answer;
               touched := touched + one;
             end loop;
             ns := spent() - begun;
           end $$;
         create or replace function joined(out ns bigint, out touched bigint) language plpgsql as $$
           declare begun bigint := spent();
           begin
             select count(*) into touched from segments s, lateral ({QUESTION}) answer;
             ns := spent() - begun;
           end $$;
         select single.ns, joined.ns, single.touched, joined.touched from single(), joined()"
    ))?;
    let numbers: Result<Vec<f64>> = text
        .trim()
        .split(',')
        .map(|number| {
            number
                .parse()
                .with_context(|| format!("`{text}` is not four numbers"))
        })
        .collect();
    let [single_ns, join_ns, touched, also_touched] = numbers?[..] else {
        anyhow::bail!("`{text}` is not four numbers");
    };
    anyhow::ensure!(
        touched == also_touched,
        "PostGIS differs with itself: {touched} and {also_touched}"
    );
    let version = server.sql("select 'PostGIS ' || postgis_lib_version() || ', PostgreSQL ' || current_setting('server_version')")?;
    Ok(Figures {
        version: version.trim().into(),
        single_per_cpu_second: f64::from(asked) * 1e9 / single_ns,
        join_per_cpu_second: f64::from(asked) * 1e9 / join_ns,
        touched: touched as u64,
    })
}
