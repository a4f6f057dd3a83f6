//! The scenario's files, inside the binary, so that the demonstration runs anywhere.

macro_rules! scenario {
    ($name:literal) => {
        include_bytes!(concat!("../../../../scenarios/syria-2016/", $name)).as_slice()
    };
    ($($name:literal),+ $(,)?) => {
        &[$(($name, scenario!($name))),+]
    };
}

/// Who does what, when.
pub(super) const TIMELINE: &[u8] = scenario!("timeline.toml");

const FILES: &[(&str, &[u8])] = scenario![
    "agreement.toml",
    "articles.cedar",
    "areas.geojson",
    "protected.geojson",
    "movements.geojson",
    "operations.geojson",
    "later.geojson",
    "concerns.toml",
];

/// Returns a file.
pub(super) fn file(name: &str) -> Option<&'static [u8]> {
    let found = FILES.iter().find(|(known, _)| *known == name);
    found.map(|(_, bytes)| *bytes)
}
