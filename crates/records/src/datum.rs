//! The datum of positions: WGS84, and a refusal of anything that says otherwise.

use crate::document::{Located, Value};
use crate::finding::{Problems, quoted};
use crate::place::Place;
use crate::table::Table;

/// Names of WGS84 in longitude and latitude, compared without case, spaces and separators:
/// OGC CRS84, EPSG 4326 and 4979 (as used in GeoJSON of 2008), and the plain name.
const WGS84: [&str; 9] = [
    "wgs84",
    "wge",
    "crs84",
    "epsg4326",
    "epsg4979",
    "urnogcdefcrsogc13crs84",
    "urnogcdefcrsogccrs84",
    "urnogcdefcrsepsg4326",
    "httpwwwopengisnetdefcrsogc13crs84",
];

/// Reports a `crs` member, or a `datum` property, that names anything but WGS84.
///
/// RFC 7946 section 4 took `crs` out of GeoJSON: every file is WGS84. A file that still carries
/// one and means another datum would be off by up to a kilometre, silently.
pub fn check_crs(table: &Table<'_, '_>, problems: &mut Problems) {
    for member in table.members() {
        if member.key != "crs" && member.key != "datum" {
            continue;
        }
        let place = Place::new(&table.path().key(&member.key), member.value.span.clone());
        match name_of(&member.value) {
            Some(name) if is_wgs84(name) => {}
            Some(name) => wrong(&quoted(name), place, problems),
            None if member.value.value == Value::Invalid => {}
            None if member.value.value == Value::Null => {
                wrong(
                    "null, which means that no datum may be assumed,",
                    place,
                    problems,
                );
            }
            None => wrong("a reference system that is not named", place, problems),
        }
    }
}

fn wrong(found: &str, place: Place, problems: &mut Problems) {
    problems
        .error("wrong_datum", place, format!("{found} is not WGS84"))
        .help("convert every position to WGS84 (CRS84, longitude then latitude) and remove this member");
}

fn name_of<'a>(value: &'a Located<'_>) -> Option<&'a str> {
    match &value.value {
        Value::Text(name) => Some(name),
        Value::Table(members) => {
            let inner = |name| members.iter().find(|m| m.key == name).map(|m| &m.value);
            inner("properties")
                .or_else(|| inner("name"))
                .and_then(name_of)
        }
        _ => None,
    }
}

fn is_wgs84(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    WGS84.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Path;

    fn codes(text: &str) -> usize {
        let mut problems = Problems::new("t");
        let tree = crate::json_text::parse(text, 0, &Path::Root, &mut problems).unwrap();
        let table = Table::of(&tree, &Path::Root, &mut problems).unwrap();
        check_crs(&table, &mut problems);
        problems.errors()
    }

    #[test]
    fn only_wgs84_passes() {
        for text in [
            r#"{}"#,
            r#"{"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}"#,
            r#"{"crs": {"type": "name", "properties": {"name": "EPSG:4326"}}}"#,
            r#"{"datum": "WGS 84"}"#,
            r#"{"crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}"#,
        ] {
            assert_eq!(codes(text), 0, "{text}");
        }
        for text in [
            r#"{"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4267"}}}"#,
            r#"{"crs": {"type": "link", "properties": {"href": "http://example.com/crs/42"}}}"#,
            r#"{"crs": {"type": "name", "properties": {"name": "EPSG:3857"}}}"#,
            r#"{"crs": null}"#,
            r#"{"crs": []}"#,
            r#"{"datum": "Pulkovo 1942"}"#,
            r#"{"datum": ""}"#,
        ] {
            assert_eq!(codes(text), 1, "{text}");
        }
    }
}
