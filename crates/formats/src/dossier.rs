//! A dossier: everything about one agreement, read from its files and checked across them.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};

use detente_records::concern::{self, Concern};
use detente_records::finding::quoted;
use detente_records::{
    Agreement, Area, Gathering, HumanitarianMovement, Operation, Origin, Path, Place, Problems,
    ProtectedObject, Provenance, Record, document,
};
use sha2::{Digest, Sha256};

use crate::geojson;

/// The largest Cedar file, in bytes; a long agreement has a few hundred kilobytes.
pub const CEDAR_BYTES_MAX: usize = 4 << 20;

/// One of the files a dossier is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DossierPart {
    /// `agreement.toml`
    Agreement,
    /// `articles.cedar`
    Articles,
    /// `schema.cedarschema`
    SchemaExtension,
    /// `areas.geojson`
    Areas,
    /// `protected.geojson`
    Protected,
    /// `movements.geojson`
    Movements,
    /// `operations.geojson`
    Operations,
    /// `concerns.toml`
    Concerns,
}

impl DossierPart {
    /// Every part with its file name, in the order they are read.
    pub const ALL: [(&'static str, Self); 8] = [
        ("agreement.toml", Self::Agreement),
        ("articles.cedar", Self::Articles),
        ("schema.cedarschema", Self::SchemaExtension),
        ("areas.geojson", Self::Areas),
        ("protected.geojson", Self::Protected),
        ("movements.geojson", Self::Movements),
        ("operations.geojson", Self::Operations),
        ("concerns.toml", Self::Concerns),
    ];

    /// Returns the part a file of this name holds.
    pub fn from_file_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, part)| *part)
    }

    /// Returns the part's file name.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Agreement => "agreement.toml",
            Self::Articles => "articles.cedar",
            Self::SchemaExtension => "schema.cedarschema",
            Self::Areas => "areas.geojson",
            Self::Protected => "protected.geojson",
            Self::Movements => "movements.geojson",
            Self::Operations => "operations.geojson",
            Self::Concerns => "concerns.toml",
        }
    }

    /// Says whether a dossier without this part can still be judged.
    pub fn is_optional(self) -> bool {
        !matches!(self, Self::Agreement | Self::Articles)
    }
}

/// One file handed in: what it is, what to call it in problems, and its bytes.
pub struct DossierSource<'a> {
    /// Which part of the dossier it is.
    pub part: DossierPart,
    /// Name of the file for problems, such as its path.
    pub name: String,
    /// Its bytes, read once from beginning to end.
    pub content: &'a mut dyn Read,
}

impl fmt::Debug for DossierSource<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("DossierSource");
        shown
            .field("part", &self.part)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Cedar text with the name of its file; checked by whoever knows Cedar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleSource {
    /// Name of the file.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A dossier that has been read.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// The agreement.
    pub agreement: Agreement,
    /// The articles' text.
    pub articles: ArticleSource,
    /// The dossier's addition to the schema, if it has one.
    pub schema_extension: Option<ArticleSource>,
    /// Areas, in the order of their file.
    pub areas: Vec<Area>,
    /// Protected objects, in the order of their file.
    pub protected: Vec<ProtectedObject>,
    /// Humanitarian movements, in the order of their files.
    pub movements: Vec<HumanitarianMovement>,
    /// Operations, in the order of their first volumes.
    pub operations: Vec<Operation>,
    /// Concerns, in the order of their file.
    pub concerns: Vec<Concern>,
    /// What was read, byte for byte.
    pub content: ContentDigest,
}

/// SHA-256 of every file of a dossier, by name; tells two dossiers apart by a single byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentDigest {
    files: BTreeMap<String, [u8; 32]>,
}

impl ContentDigest {
    /// Adds a file by the SHA-256 of its bytes.
    pub fn add(&mut self, name: &str, sha256: [u8; 32]) {
        self.files.insert(name.to_owned(), sha256);
    }

    /// Returns the SHA-256 of each file, by name in order.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8; 32])> {
        self.files
            .iter()
            .map(|(name, digest)| (name.as_str(), digest))
    }

    /// Returns one digest over all files: the SHA-256 of a line naming the format, followed for
    /// each file, by name in order, by the name's length in decimal, a space, the name, a line
    /// feed and the file's 32 bytes of SHA-256.
    pub fn sha256(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"detente dossier content v1\n");
        for (name, digest) in &self.files {
            hash.update(format!("{} {name}\n", name.len()));
            hash.update(digest);
        }
        hash.finalize().into()
    }
}

impl fmt::Display for ContentDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sha256()
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Reads a dossier from its files, in any order, and checks them against each other.
///
/// Every problem of every file is reported. The dossier is returned when the agreement could be
/// pieced together; it may be used for decisions only when [`Problems::has_errors`] is false.
/// The same part may be given several times (several files of operations, say), except the
/// agreement.
///
/// # Cost
///
/// Linear in the files; memory for the records and one feature at a time.
pub fn read_dossier(mut sources: Vec<DossierSource<'_>>) -> (Option<Dossier>, Problems) {
    sources.sort_by_key(|source| source.part);
    let mut reading = Reading::default();
    for source in sources {
        reading.read(source);
    }
    reading.finish()
}

#[derive(Default)]
struct Reading {
    problems: Problems,
    agreement: Option<Agreement>,
    given: BTreeMap<DossierPart, String>,
    articles: Option<ArticleSource>,
    schema_extension: Option<ArticleSource>,
    records: Collected,
    concerns: Vec<Concern>,
    content: ContentDigest,
}

/// Records of all files, and where each id was first seen.
#[derive(Default)]
struct Collected {
    areas: Vec<Area>,
    protected: Vec<ProtectedObject>,
    movements: Vec<HumanitarianMovement>,
    operations: Gathering,
    seen: BTreeMap<(&'static str, String), (String, u32)>,
}

impl Reading {
    fn read(&mut self, source: DossierSource<'_>) {
        let DossierSource {
            part,
            name,
            content,
        } = source;
        let again = self.given.insert(part, name.clone()).is_some();
        let mut content = Hashed {
            input: content,
            hash: Sha256::new(),
        };
        match part {
            DossierPart::Agreement | DossierPart::Articles | DossierPart::SchemaExtension
                if again =>
            {
                self.report(
                    "duplicate_file",
                    &name,
                    "this part of the dossier is given twice",
                    "give it once",
                );
            }
            DossierPart::Agreement => self.agreement(&name, &mut content),
            DossierPart::Articles => self.articles = self.text(&name, &mut content),
            DossierPart::SchemaExtension => {
                self.schema_extension = self.text(&name, &mut content);
            }
            DossierPart::Areas
            | DossierPart::Protected
            | DossierPart::Movements
            | DossierPart::Operations => {
                let agreement = self.agreement.as_ref();
                let records = &mut self.records;
                let problems = geojson::read_records(
                    &name,
                    &mut content,
                    agreement,
                    &mut |record, problems| {
                        records.keep(record, part, problems);
                    },
                );
                self.problems.append(problems);
            }
            DossierPart::Concerns => {
                if let Some(bytes) = self.bytes(&name, &mut content, concern::CONCERNS_BYTES_MAX) {
                    let agreement = self.agreement.as_ref();
                    let (concerns, problems) = concern::parse(&name, &bytes, agreement);
                    self.concerns.extend(concerns);
                    self.problems.append(problems);
                }
            }
        }
        let key = match again {
            false => part.file_name().to_owned(),
            true => format!("{} {name}", part.file_name()),
        };
        self.content.add(&key, content.hash.finalize().into());
    }

    fn agreement(&mut self, name: &str, content: &mut dyn Read) {
        let limit = detente_records::agreement::AGREEMENT_BYTES_MAX;
        if let Some(bytes) = self.bytes(name, content, limit) {
            let (agreement, problems) = Agreement::parse(name, &bytes);
            self.agreement = agreement;
            self.problems.append(problems);
        }
    }

    fn text(&mut self, name: &str, content: &mut dyn Read) -> Option<ArticleSource> {
        let bytes = self.bytes(name, content, CEDAR_BYTES_MAX)?;
        let mut problems = Problems::new(name);
        let text = document::utf8(&bytes, 0, &Path::Root, &mut problems).map(|(text, offset)| {
            // A byte order mark gives way to as many spaces, so that places stay those of the file.
            format!("{:offset$}{text}", "")
        });
        problems.locate(&bytes, Origin::START);
        self.problems.append(problems);
        text.map(|text| ArticleSource {
            name: name.to_owned(),
            text,
        })
    }

    /// Reads a whole file of at most `limit` bytes.
    fn bytes(&mut self, name: &str, content: &mut dyn Read, limit: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        match content.take(limit as u64 + 1).read_to_end(&mut bytes) {
            Err(error) => {
                let message = format!("the file cannot be read: {error}");
                self.report(
                    "unreadable_file",
                    name,
                    &message,
                    "check the file and its permissions",
                );
                None
            }
            Ok(_) if bytes.len() > limit => {
                let message = format!("the file has more than {limit} bytes");
                self.report(
                    "file_too_large",
                    name,
                    &message,
                    "check that this is the right file",
                );
                None
            }
            Ok(_) => Some(bytes),
        }
    }

    fn report(&mut self, code: &'static str, name: &str, message: &str, help: &str) {
        let mut problems = Problems::new(name);
        problems.error(code, Place::default(), message).help(help);
        self.problems.append(problems);
    }

    fn finish(mut self) -> (Option<Dossier>, Problems) {
        for (file_name, part) in DossierPart::ALL {
            if !part.is_optional() && !self.given.contains_key(&part) {
                let message = format!("the dossier has no {file_name}");
                self.report(
                    "missing_file",
                    file_name,
                    &message,
                    "run `detente init` to see what a dossier holds",
                );
            }
        }
        let Collected {
            areas,
            protected,
            movements,
            operations,
            ..
        } = self.records;
        let articles = self.articles.unwrap_or_else(|| ArticleSource {
            name: DossierPart::Articles.file_name().to_owned(),
            text: String::new(),
        });
        let dossier = self.agreement.map(|agreement| Dossier {
            agreement,
            articles,
            schema_extension: self.schema_extension,
            areas,
            protected,
            movements,
            operations: operations.finish(),
            concerns: self.concerns,
            content: self.content,
        });
        (dossier, self.problems)
    }
}

impl Collected {
    fn keep(&mut self, record: Record, part: DossierPart, problems: &mut Problems) {
        let home = match &record {
            Record::Operation(_) => DossierPart::Operations,
            Record::Area(_) => DossierPart::Areas,
            Record::ProtectedObject(_) => DossierPart::Protected,
            Record::HumanitarianMovement(_) => DossierPart::Movements,
        };
        let (what, id, provenance) = match &record {
            Record::Operation(part) => ("operation", part.id.as_str(), &part.provenance),
            Record::Area(area) => ("area", area.id.as_str(), &area.provenance),
            Record::ProtectedObject(object) => ("object", object.id.as_str(), &object.provenance),
            Record::HumanitarianMovement(movement) => {
                ("movement", movement.id.as_str(), &movement.provenance)
            }
        };
        if part != home {
            let message = format!("{what} {} is not expected in this file", quoted(id));
            problems
                .warning("unexpected_kind", provenance.place(), message)
                .help(format!(
                    "it is read all the same; it belongs in {}",
                    home.file_name()
                ));
        }
        if !matches!(record, Record::Operation(_)) {
            self.check_new(what, id, provenance, problems);
        }
        match record {
            Record::Operation(part) => self.operations.add(part, problems),
            Record::Area(area) => self.areas.push(area),
            Record::ProtectedObject(object) => self.protected.push(object),
            Record::HumanitarianMovement(movement) => self.movements.push(movement),
        }
    }

    fn check_new(
        &mut self,
        what: &'static str,
        id: &str,
        provenance: &Provenance,
        problems: &mut Problems,
    ) {
        let key = (what, id.to_owned());
        match self.seen.get(&key) {
            None => {
                let place = (provenance.document.to_string(), provenance.start.line);
                self.seen.insert(key, place);
            }
            Some((document, line)) => {
                let message = format!(
                    "{what} {} is already in {document}, line {line}",
                    quoted(id)
                );
                problems
                    .error("duplicate_id", provenance.place(), message)
                    .help("give each its own id, or remove one");
            }
        }
    }
}

/// A reader that hashes what passes through it.
struct Hashed<'a> {
    input: &'a mut dyn Read,
    hash: Sha256,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}
