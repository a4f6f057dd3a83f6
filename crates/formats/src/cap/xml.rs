//! The elements of a message, in the order of the schema.

use std::fmt::Write as _;

use detente_spacetime::{Instant, Position};

use super::{AreaShape, CapMessage, Info, NAMESPACE, Scope};

const MICROS_IN_SECOND: i64 = 1_000_000;

pub(super) fn written(message: &CapMessage) -> String {
    let mut xml = Xml(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alert xmlns=\"{NAMESPACE}\">\n"
    ));
    xml.text("identifier", &message.identifier);
    xml.text("sender", &message.sender);
    xml.text("sent", &second(message.sent, false));
    xml.text("status", message.status.word());
    xml.text("msgType", message.kind.word());
    match &message.scope {
        Scope::Public => xml.text("scope", "Public"),
        Scope::Restricted(rule) => {
            xml.text("scope", "Restricted");
            xml.text("restriction", rule);
        }
        Scope::Private(addresses) => {
            xml.text("scope", "Private");
            xml.text("addresses", &list(addresses));
        }
    }
    if !message.references.is_empty() {
        let references: Vec<String> = message
            .references
            .iter()
            .map(|earlier| {
                let sent = second(earlier.sent, false);
                format!("{},{},{sent}", earlier.sender, earlier.identifier)
            })
            .collect();
        xml.text("references", &references.join(" "));
    }
    for info in &message.infos {
        said(&mut xml, info);
    }
    xml.0.push_str("</alert>\n");
    xml.0
}

fn said(xml: &mut Xml, info: &Info) {
    xml.0.push_str("<info>\n");
    xml.text("language", &info.language);
    xml.text("category", "Security");
    xml.text("category", "Safety");
    xml.text("event", &info.event);
    xml.text("responseType", info.response.word());
    xml.text("urgency", info.urgency.word());
    xml.text("severity", info.severity.word());
    xml.text("certainty", info.certainty.word());
    if let Some(onset) = info.onset {
        xml.text("onset", &second(onset, false));
    }
    if let Some(expires) = info.expires {
        xml.text("expires", &second(expires, true));
    }
    xml.text("senderName", &info.sender_name);
    xml.text("headline", &info.headline);
    xml.text("description", &info.description);
    if let Some(instruction) = &info.instruction {
        xml.text("instruction", instruction);
    }
    for (name, value) in &info.parameters {
        xml.0.push_str("<parameter>");
        xml.inline("valueName", name);
        xml.inline("value", value);
        xml.0.push_str("</parameter>\n");
    }
    for area in &info.areas {
        xml.0.push_str("<area>\n");
        xml.text("areaDesc", &area.description);
        match &area.shape {
            Some(AreaShape::Circle { center, radius_m }) => {
                let text = format!("{} {}", place(center), radius_m / 1_000.0);
                xml.text("circle", &text);
            }
            Some(AreaShape::Polygon(ring)) => {
                let places: Vec<String> = ring.iter().chain(ring.first()).map(place).collect();
                xml.text("polygon", &places.join(" "));
            }
            None => {}
        }
        xml.0.push_str("</area>\n");
    }
    xml.0.push_str("</info>\n");
}

/// Section 3.2.1: addresses stand apart by spaces; one that holds a space stands in quotation marks.
fn list(addresses: &[String]) -> String {
    let quoted = |address: &String| {
        let address = address.replace('"', "'");
        if address.contains(char::is_whitespace) {
            format!("\"{address}\"")
        } else {
            address
        }
    };
    let addresses: Vec<String> = addresses.iter().map(quoted).collect();
    addresses.join(" ")
}

/// Degrees to a millionth: a tenth of a metre.
fn place(position: &Position) -> String {
    format!(
        "{:.6},{:.6}",
        position.latitude_deg(),
        position.longitude_deg()
    )
}

/// An instant to the second, in the one form the schema allows; UTC is written `-00:00` (section 3.3.2).
fn second(instant: Instant, after: bool) -> String {
    let micros = instant.micros();
    let whole = micros.div_euclid(MICROS_IN_SECOND) * MICROS_IN_SECOND;
    let whole = if after && whole < micros {
        whole + MICROS_IN_SECOND
    } else {
        whole
    };
    let shown = Instant::from_micros(whole).unwrap_or(instant).to_string();
    let shown: String = shown.chars().take("2016-09-13T09:00:00".len()).collect();
    format!("{shown}-00:00")
}

/// Grows element by element.
struct Xml(String);

impl Xml {
    fn text(&mut self, name: &str, text: &str) {
        self.inline(name, text);
        self.0.push('\n');
    }

    fn inline(&mut self, name: &str, text: &str) {
        let _ = write!(self.0, "<{name}>");
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '\t' | '\n' => self.0.push(character),
                // XML 1.0, section 2.2, has no place for these, not even escaped.
                _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {
                    self.0.push('\u{fffd}');
                }
                _ => self.0.push(character),
            }
        }
        let _ = write!(self.0, "</{name}>");
    }
}
