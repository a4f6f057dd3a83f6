//! Track points of GPX 1.0 and 1.1: `trk` with `trkseg` and `trkpt`.
//!
//! A track goes by its `name`, else by its number. `ele` is metres above mean sea level: the format measures
//! `geoidheight` from there. Points without a `time` tell nothing about when, and are counted.
//! What extensions hold is theirs, whatever it is called.
//! Source: <https://www.topografix.com/GPX/1/1/>.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

use detente_spacetime::{Altitude, Reference};
use encoding_rs::Encoding;

use super::xml::{Token, Tokens};
use super::{DOCUMENT_BYTES_MAX, Message, Report, Sink, identity, position, written_instant};

/// What a track without a name goes by, before its number.
const UNNAMED: &str = "track-";
/// Within so many bytes a declaration of XML ends.
const DECLARATION_BYTES_MAX: usize = 256;

pub(super) fn read(input: &mut dyn BufRead, sink: &mut Sink<'_>) -> io::Result<()> {
    let mut bytes = Vec::new();
    let read = input.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes)? as u64;
    if read > DOCUMENT_BYTES_MAX {
        sink.take(1, Err(format!("larger than {DOCUMENT_BYTES_MAX} bytes")));
        return Ok(());
    }
    let text = match decoded(&bytes) {
        Ok(text) => text,
        Err(reason) => {
            sink.take(1, Err(reason));
            return Ok(());
        }
    };
    let mut reading = Reading::default();
    let mut tokens = Tokens::new(&text);
    let mut is_opened = false;
    while let Some(token) = tokens.next_token() {
        match token {
            Token::Open { name, attributes } => {
                is_opened = true;
                reading.open(name, attributes, tokens.line());
            }
            Token::Close { name } => reading.close(name, sink),
            Token::Text(text) => reading.text.push_str(&text),
            Token::Broken(reason) => sink.take(tokens.line(), Err(reason.to_owned())),
        }
    }
    let reason = match (&reading.point, reading.within.is_empty()) {
        (Some(_), _) => "the document ends inside a point",
        (None, false) => "the document breaks off",
        (None, true) if !is_opened && !text.trim().is_empty() => "no document of XML",
        (None, true) => return Ok(()),
    };
    sink.take(tokens.line(), Err(reason.to_owned()));
    Ok(())
}

/// The document as text: in the encoding it declares, else UTF-8.
///
/// No character is put in for one that cannot be read: two names that differ in it would become one.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    const UTF_16: &str = "UTF-16 is not read; save it as UTF-8";
    if bytes.contains(&0) || bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(UTF_16.to_owned());
    }
    let marked = bytes.starts_with("\u{feff}".as_bytes());
    let declared = declared_encoding(bytes).filter(|_| !marked);
    let name = declared.as_deref().unwrap_or("UTF-8");
    let encoding = Encoding::for_label(name.as_bytes());
    let encoding =
        encoding.ok_or_else(|| format!("the encoding `{name}` is not read; save it as UTF-8"))?;
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    text.ok_or_else(|| match declared {
        Some(name) => format!("not in the encoding it declares, `{name}`"),
        None => "not UTF-8, and no other encoding is declared".to_owned(),
    })
}

/// The encoding named in the declaration that a document of XML may begin with.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let beginning = bytes.get(..DECLARATION_BYTES_MAX).unwrap_or(bytes);
    let beginning = String::from_utf8_lossy(beginning);
    let (declaration, _) = beginning
        .trim_start()
        .strip_prefix("<?xml")?
        .split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (name, _) = value.get(1..)?.split_once(quote)?;
    Some(name.to_owned())
}

/// Whether a track went by its number because it has no name.
#[must_use]
pub fn is_unnamed(track: &str) -> bool {
    let number = track.strip_prefix(UNNAMED);
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[derive(Default)]
struct Reading<'a> {
    /// The elements that are open, the outermost first.
    within: Vec<&'a str>,
    tracks: u32,
    name: Option<Arc<str>>,
    point: Option<Point>,
    text: String,
}

#[derive(Default)]
struct Point {
    line: u64,
    latitude: Option<f64>,
    longitude: Option<f64>,
    height_m: Option<f64>,
    time: Option<String>,
}

impl<'a> Reading<'a> {
    fn open(&mut self, name: &'a str, attributes: Vec<(&str, String)>, line: u64) {
        self.text.clear();
        self.within.push(name);
        match name {
            "trk" => {
                self.tracks += 1;
                self.name = None;
            }
            "trkpt" => {
                let number = |key: &str| {
                    let found = attributes.iter().find(|(name, _)| *name == key);
                    found.and_then(|(_, value)| value.trim().parse().ok())
                };
                self.point = Some(Point {
                    line,
                    latitude: number("lat"),
                    longitude: number("lon"),
                    ..Point::default()
                });
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str, sink: &mut Sink<'_>) {
        let text = std::mem::take(&mut self.text);
        // What is closed without having been opened closes nothing; what was left open ends with what it is in.
        let Some(place) = self.within.iter().rposition(|open| *open == name) else {
            return;
        };
        self.within.truncate(place);
        let within = self.within.last().copied().unwrap_or_default();
        match (name, within, &mut self.point) {
            ("trkpt", _, point) => {
                if let Some(point) = point.take() {
                    let line = point.line;
                    let message = self.message(point, sink);
                    sink.take(line, message);
                }
            }
            ("ele", "trkpt", Some(point)) => point.height_m = text.trim().parse().ok(),
            ("time", "trkpt", Some(point)) => point.time = Some(text.trim().to_owned()),
            ("name", "trk", None) => self.name = identity(&text).ok(),
            _ => {}
        }
    }

    fn message(&self, point: Point, sink: &mut Sink<'_>) -> Result<Message, String> {
        let (Some(latitude), Some(longitude)) = (point.latitude, point.longitude) else {
            return Err("a point without latitude or longitude".to_owned());
        };
        let Some(time) = point.time else {
            return Ok(Message::Other);
        };
        let altitude = point
            .height_m
            .and_then(|height_m| Altitude::new(height_m, Reference::MeanSeaLevel).ok());
        let track = match &self.name {
            Some(name) => name.clone(),
            None => Arc::from(format!("{UNNAMED}{}", self.tracks)),
        };
        Ok(Message::Report(Report {
            track,
            at: written_instant(&time)?,
            position: position(latitude, longitude)?,
            altitude: sink.altitude(altitude, point.height_m.is_some()),
            source: None,
        }))
    }
}
