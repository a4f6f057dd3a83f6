//! What measuring programs have in common: the system's account of a process, and shapes as PostGIS takes them.

use super::Outcome;

/// Kinds of geometry in the extended well-known binary of PostGIS, with a reference system.
pub(crate) const POLYGON: u32 = 0x2000_0003;

/// A ring or a line in the extended well-known binary of PostGIS, in hexadecimal digits; a ring ends where it begins.
pub(crate) fn ewkb(kind: u32, points: &[(f64, f64)]) -> String {
    const WGS84: u32 = 4326;
    let rings = (kind == POLYGON).then_some(1);
    let words = [kind, WGS84]
        .into_iter()
        .chain(rings)
        .chain([points.len() as u32]);
    let mut bytes = vec![1];
    bytes.extend(words.flat_map(u32::to_le_bytes));
    for (longitude, latitude) in points {
        bytes.extend(longitude.to_le_bytes());
        bytes.extend(latitude.to_le_bytes());
    }
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Seconds this process has spent on a processor; waiting for one does not count.
pub(crate) fn cpu_s() -> Outcome<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanoseconds: f64 = text
        .split_whitespace()
        .next()
        .ok_or("schedstat is empty")?
        .parse()?;
    Ok(nanoseconds / 1e9)
}

/// What the system says of this process's memory under a name, such as `VmRSS:`.
pub(crate) fn status_bytes(name: &str) -> Outcome<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text
        .lines()
        .find(|line| line.starts_with(name))
        .ok_or("the status does not say it")?;
    let kilobytes: u64 = line
        .split_whitespace()
        .nth(1)
        .ok_or("the status says nothing")?
        .parse()?;
    Ok(kilobytes * 1024)
}
