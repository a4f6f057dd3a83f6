//! The frame of a GeoJSON document: a FeatureCollection or a single Feature.

use std::collections::BTreeSet;
use std::io::Read;

use detente_records::document::{Located, MEMBERS_MAX, Value as Content, utf8};
use detente_records::finding::quoted;
use detente_records::table::Table;
use detente_records::{Origin, Path, Place, Problems, datum, exclusion, json_text, nearest};

use super::stream::{Stream, Value};
use super::{FEATURE_BYTES_MAX, FEATURES_MAX, MEMBER_BYTES_MAX};

/// Takes one feature that has been read into a tree.
pub(super) type Visit<'v> = dyn FnMut(&Located<'_>, &Path<'_>, Origin, &mut Problems) + 'v;

/// Reads a document and hands every feature to `visit`.
pub(super) fn read(document: &str, input: &mut dyn Read, visit: &mut Visit<'_>) -> Problems {
    let mut reader = Collection {
        stream: Stream::new(input, FEATURE_BYTES_MAX),
        problems: Problems::new(document),
        members: Problems::new(document),
        kind: None,
        has_features: false,
        visit,
    };
    if reader.begin().is_some() {
        reader.judge();
    }
    let Collection {
        stream,
        mut problems,
        ..
    } = reader;
    if let Some(failure) = stream.failure() {
        let place = place_at(&Path::Root, stream.origin(), 0);
        problems
            .error(
                "unreadable_file",
                place,
                format!("the file cannot be read on: {failure}"),
            )
            .help("check the file and the disk it is on");
    }
    problems.sort_by_place();
    problems
}

struct Collection<'r, 'v> {
    stream: Stream<'r>,
    problems: Problems,
    /// Problems of members beside `features`; they count unless the document turns out to be a
    /// single Feature, which is read as a whole.
    members: Problems,
    /// The member `type` and where it stands.
    kind: Option<(String, Place)>,
    has_features: bool,
    visit: &'r mut Visit<'v>,
}

impl Collection<'_, '_> {
    /// Reads the outer object; nothing means that reading broke off.
    fn begin(&mut self) -> Option<()> {
        self.byte_order_mark()?;
        self.stream.space();
        match self.stream.peek() {
            Some(b'{') => self.stream.pass(1),
            None if self.stream.failure().is_some() => return None,
            None => {
                self.report(
                    "json_syntax",
                    "the file is empty",
                    "a GeoJSON file holds a FeatureCollection",
                );
                return None;
            }
            Some(b'[') => {
                self.report(
                    "wrong_geojson_type",
                    "the document is a list",
                    "put the features into {\"type\": \"FeatureCollection\", \"features\": […]}",
                );
                return None;
            }
            Some(_) => {
                self.report(
                    "json_syntax",
                    "the document does not begin with `{`",
                    "check that this is a GeoJSON file",
                );
                return None;
            }
        }
        self.stream.space();
        if self.stream.peek() == Some(b'}') {
            self.stream.pass(1);
        } else {
            let mut known = BTreeSet::new();
            while self.member(&mut known)? {}
        }
        self.stream.space();
        if self.stream.peek().is_some() {
            self.report("json_syntax", "the document goes on after its end", "a GeoJSON document is one object; lines of features need a FeatureCollection around them");
        }
        Some(())
    }

    fn byte_order_mark(&mut self) -> Option<()> {
        match self.stream.ahead(3) {
            [0xef, 0xbb, 0xbf] => {
                let mark = [0xef, 0xbb, 0xbf];
                utf8(&mark, 0, &Path::Root, &mut self.problems);
                self.problems.locate(&mark, Origin::START);
                self.stream.pass(3);
            }
            start @ ([0xff, 0xfe, ..] | [0xfe, 0xff, ..]) => {
                utf8(start, 0, &Path::Root, &mut self.problems);
                self.problems.locate(&[], Origin::START);
                return None;
            }
            _ => {}
        }
        Some(())
    }

    /// Reads one member of the outer object; returns whether another follows.
    fn member(&mut self, known: &mut BTreeSet<String>) -> Option<bool> {
        self.stream.space();
        if self.stream.peek() != Some(b'"') {
            self.report_unexpected("a key between double quotes");
            return None;
        }
        let key_start = self.stream.origin();
        let Some(key) = self.key() else {
            self.report_unexpected("a key");
            return None;
        };
        self.stream.space();
        if self.stream.peek() != Some(b':') {
            self.report_unexpected("`:`");
            return None;
        }
        self.stream.pass(1);
        self.stream.space();
        let path = Path::Root.key(&key);
        let twice = !known.insert(key.clone());
        if twice || known.len() > MEMBERS_MAX {
            let place = place_at(&path, key_start, key.len() + 2);
            self.problems
                .error(
                    "duplicate_key",
                    place,
                    format!(
                        "{} is given twice, or there are too many members",
                        quoted(&key)
                    ),
                )
                .help("keep one of them: programs differ in which they take");
            self.skip(&path)?;
        } else if key == "features" && self.stream.peek() == Some(b'[') {
            self.has_features = true;
            self.stream.forget();
            self.features(&path)?;
        } else {
            self.other(&key, &path, key_start)?;
        }
        self.goes_on(b'}')
    }

    fn key(&mut self) -> Option<String> {
        let origin = self.stream.origin();
        let Value::Whole(range) = self.stream.value(MEMBER_BYTES_MAX) else {
            return None;
        };
        let length = range.len();
        let bytes = self.stream.bytes(range);
        let text = utf8(bytes, origin.offset, &Path::Root, &mut self.problems);
        let key = text.and_then(|(text, offset)| {
            json_text::parse(text, offset, &Path::Root, &mut self.problems)
        });
        let key = match key {
            Some(Located {
                value: Content::Text(key),
                ..
            }) => Some(key.into_owned()),
            _ => None,
        };
        self.problems.locate(bytes, origin);
        self.stream.pass(length);
        key
    }

    /// Reads a member that is not the list of features.
    fn other(&mut self, key: &str, path: &Path<'_>, key_start: Origin) -> Option<()> {
        if let Some(term) = exclusion::excluded_term(key) {
            exclusion::report(
                key,
                term,
                place_at(path, key_start, key.len() + 2),
                &mut self.members,
            );
        }
        let origin = self.stream.origin();
        let range = match self.stream.value(MEMBER_BYTES_MAX.max(FEATURE_BYTES_MAX)) {
            Value::Whole(range) => range,
            Value::TooLarge { start, length } => {
                self.too_large(path, start, length, FEATURE_BYTES_MAX);
                return Some(());
            }
            Value::Broken { at, found } => return self.broken(path, at, found),
        };
        let bytes = self.stream.bytes(range.clone());
        if let Some((text, offset)) = utf8(bytes, origin.offset, path, &mut self.members)
            && let Some(tree) = json_text::parse(text, offset, path, &mut self.members)
        {
            exclusion::refuse_excluded(&tree, path, &mut self.members);
            match (key, &tree.value) {
                ("type", Content::Text(kind)) => {
                    let place = place_at(path, origin, bytes.len());
                    self.kind = Some((kind.to_string(), place));
                }
                ("type" | "features", _) => {
                    let place = Place::new(path, tree.span.clone());
                    let wanted = if key == "type" { "text" } else { "a list" };
                    self.members
                        .error(
                            "wrong_type",
                            place,
                            format!(
                                "`{key}` is {} where {wanted} belongs",
                                tree.value.described()
                            ),
                        )
                        .help(
                            "the document is {\"type\": \"FeatureCollection\", \"features\": […]}",
                        );
                }
                ("crs" | "datum", _) => check_crs(key, key_start, tree, &mut self.members),
                _ => {}
            }
        }
        self.members.locate(bytes, origin);
        self.stream.pass(range.len());
        Some(())
    }

    fn skip(&mut self, path: &Path<'_>) -> Option<()> {
        match self.stream.value(0) {
            Value::Whole(_) | Value::TooLarge { .. } => Some(()),
            Value::Broken { at, found } => self.broken(path, at, found),
        }
    }

    fn features(&mut self, path: &Path<'_>) -> Option<()> {
        self.stream.pass(1);
        self.stream.space();
        if self.stream.peek() == Some(b']') {
            self.stream.pass(1);
            return Some(());
        }
        for index in 0.. {
            if index == FEATURES_MAX {
                let message = format!("more than {FEATURES_MAX} features");
                self.report("too_many_features", &message, "split the file");
                return None;
            }
            self.stream.space();
            self.feature(&path.index(index))?;
            if !self.goes_on(b']')? {
                break;
            }
        }
        Some(())
    }

    fn feature(&mut self, path: &Path<'_>) -> Option<()> {
        if matches!(self.stream.peek(), None | Some(b',' | b':' | b'}' | b']')) {
            self.report_unexpected("a feature");
            return None;
        }
        let origin = self.stream.origin();
        let range = match self.stream.value(FEATURE_BYTES_MAX) {
            Value::Whole(range) => range,
            Value::TooLarge { start, length } => {
                self.too_large(path, start, length, FEATURE_BYTES_MAX);
                return Some(());
            }
            Value::Broken { at, found } => return self.broken(path, at, found),
        };
        let bytes = self.stream.bytes(range.clone());
        visit_bytes(bytes, path, origin, &mut self.problems, self.visit);
        self.stream.pass(range.len());
        Some(())
    }

    /// Passes the comma or closing bracket after an element; says whether another follows.
    fn goes_on(&mut self, close: u8) -> Option<bool> {
        self.stream.space();
        match self.stream.peek() {
            Some(b',') => {
                let comma = self.stream.origin();
                self.stream.pass(1);
                self.stream.space();
                if self.stream.peek() != Some(close) {
                    return Some(true);
                }
                self.stream.pass(1);
                self.problems
                    .error(
                        "json_syntax",
                        place_at(&Path::Root, comma, 1),
                        "a comma with nothing after it",
                    )
                    .help("remove the comma");
                Some(false)
            }
            Some(found) if found == close => {
                self.stream.pass(1);
                Some(false)
            }
            Some(b'{' | b'"') => {
                self.report(
                    "json_syntax",
                    "a comma is missing",
                    "put a comma between the two",
                );
                Some(true)
            }
            _ => {
                self.report_unexpected(if close == b']' {
                    "`,` or `]`"
                } else {
                    "`,` or `}`"
                });
                None
            }
        }
    }

    /// Decides what the document is, once all of it has been seen.
    fn judge(&mut self) {
        let kind = self.kind.take();
        if !self.has_features && kind.as_ref().is_some_and(|(kind, _)| kind == "Feature") {
            if let Some(bytes) = self.stream.kept() {
                let mark = if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
                    3
                } else {
                    0
                };
                let origin = Origin {
                    offset: mark,
                    ..Origin::START
                };
                let bytes = bytes.get(mark..).unwrap_or_default();
                let space = bytes
                    .iter()
                    .take_while(|byte| b" \n\r\t".contains(byte))
                    .count();
                let (before, bytes) = bytes.split_at(space);
                let mut start = origin;
                start.advance(before);
                visit_bytes(bytes, &Path::Root, start, &mut self.problems, self.visit);
                return;
            }
            self.problems
                .error(
                    "feature_too_large",
                    Place::of_span(0..0),
                    format!("the feature has more than {FEATURE_BYTES_MAX} bytes"),
                )
                .help("draw the outline coarser, on the restrictive side");
        }
        let members = std::mem::take(&mut self.members);
        self.problems.append(members);
        let start = place_at(&Path::Root, Origin::START, 0);
        match kind {
            Some((kind, _)) if kind == "FeatureCollection" => {
                if !self.has_features && !self.problems.has_errors() {
                    self.problems
                        .error(
                            "missing_property",
                            start,
                            "the collection has no `features`",
                        )
                        .help("add \"features\": […]");
                }
            }
            Some((kind, place)) => {
                let help = match kind.as_str() {
                    "Point" | "LineString" | "Polygon" | "MultiPolygon" | "MultiPoint"
                    | "MultiLineString" | "GeometryCollection" => {
                        "a geometry alone needs a Feature around it, with `properties`".to_owned()
                    }
                    "Topology" => "convert TopoJSON to GeoJSON".to_owned(),
                    other => match nearest::nearest(other, ["FeatureCollection", "Feature"]) {
                        Some(found) => format!("did you mean `{found}`?"),
                        None => "known are `FeatureCollection` and `Feature`".to_owned(),
                    },
                };
                self.problems
                    .error(
                        "wrong_geojson_type",
                        place,
                        format!("{} is not a type of document", quoted(&kind)),
                    )
                    .help(help);
            }
            None => {
                if !self
                    .problems
                    .iter()
                    .any(|problem| problem.place.pointer.as_deref() == Some("/type"))
                {
                    self.problems
                        .error("wrong_geojson_type", start, "the document has no `type`")
                        .help("add \"type\": \"FeatureCollection\"");
                }
            }
        }
    }

    fn too_large(&mut self, path: &Path<'_>, start: Origin, length: usize, limit: usize) {
        let message = format!("{length} bytes, more than {limit}");
        self.problems
            .error("feature_too_large", place_at(path, start, length), message)
            .help("draw the outline coarser, on the restrictive side; a feature has at most 100 000 vertices");
    }

    fn broken(&mut self, path: &Path<'_>, at: Origin, found: Option<u8>) -> Option<()> {
        let (message, help) = match found {
            Some(bracket) => (
                format!(
                    "`{}` closes what another bracket opened",
                    char::from(bracket)
                ),
                "check the brackets before this place",
            ),
            None if self.stream.failure().is_some() => return None,
            None => (
                "the document breaks off".to_owned(),
                "the file was probably cut short: get it again from its source",
            ),
        };
        self.problems
            .error("json_syntax", place_at(path, at, 0), message)
            .help(help);
        None
    }

    fn report(&mut self, code: &'static str, message: &str, help: &str) {
        let length = usize::from(self.stream.peek().is_some());
        let place = place_at(&Path::Root, self.stream.origin(), length);
        self.problems.error(code, place, message).help(help);
    }

    fn report_unexpected(&mut self, wanted: &str) {
        if self.stream.failure().is_some() {
            return;
        }
        match self.stream.peek() {
            None => self.report(
                "json_syntax",
                &format!("the document breaks off where {wanted} is expected"),
                "the file was probably cut short: get it again from its source",
            ),
            Some(found) => {
                let found = quoted(&char::from(found).to_string());
                self.report(
                    "json_syntax",
                    &format!("{found} where {wanted} is expected"),
                    "check for a missing comma, quote or bracket just before this place",
                );
            }
        }
    }
}

fn visit_bytes(
    bytes: &[u8],
    path: &Path<'_>,
    origin: Origin,
    problems: &mut Problems,
    visit: &mut Visit<'_>,
) {
    if let Some((text, offset)) = utf8(bytes, origin.offset, path, problems)
        && let Some(tree) = json_text::parse(text, offset, path, problems)
    {
        visit(&tree, path, origin, problems);
    }
    problems.locate(bytes, origin);
}

fn check_crs(key: &str, key_start: Origin, tree: Located<'_>, problems: &mut Problems) {
    let span = tree.span.clone();
    let key_span = key_start.offset..key_start.offset + key.len() + 2;
    let member = detente_records::document::Member {
        key: key.to_owned().into(),
        key_span,
        value: tree,
    };
    let table = Located {
        span,
        value: Content::Table(vec![member]),
    };
    if let Some(table) = Table::of(&table, &Path::Root, problems) {
        datum::check_crs(&table, problems);
    }
}

/// Returns a place whose line and column are known already.
fn place_at(path: &Path<'_>, origin: Origin, length: usize) -> Place {
    let span = origin.offset..origin.offset.saturating_add(length);
    let (line, column) = (Some(origin.line), Some(origin.column));
    Place {
        line,
        column,
        ..Place::new(path, span)
    }
}
