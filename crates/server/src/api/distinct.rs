//! Whether a JSON body says everything once.
//!
//! What is read of an object that has a name twice differs between readers, and what goes on record must not: RFC 8259,
//! section 4, leaves it open, and RFC 7493, section 2.3, forbids it.

use std::collections::HashSet;
use std::fmt;

use detente_records::finding::quoted;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Any value in which no object has a name twice.
struct Distinct;

/// Refuses what is no object, and every body in which an object has a name twice.
///
/// # Errors
///
/// What is wrong, and where.
pub(super) fn object(bytes: &[u8]) -> Result<(), String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    reader
        .deserialize_map(DistinctVisitor)
        .map(drop)
        .map_err(|error| error.to_string())
}

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(DistinctVisitor)
    }
}

struct DistinctVisitor;

impl<'de> Visitor<'de> for DistinctVisitor {
    type Value = Distinct;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_str<E>(self, _: &str) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_unit<E>(self) -> Result<Distinct, E> {
        Ok(Distinct)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Distinct, A::Error> {
        while seq.next_element::<Distinct>()?.is_some() {}
        Ok(Distinct)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Distinct, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if names.contains(&name) {
                return Err(A::Error::custom(format!(
                    "{} is given twice",
                    quoted(&name)
                )));
            }
            names.insert(name);
            map.next_value::<Distinct>()?;
        }
        Ok(Distinct)
    }
}

#[cfg(test)]
mod tests {
    use super::object;

    #[test]
    fn a_name_that_is_given_twice_is_found_however_deep_and_however_written() {
        for (body, wrong) in [
            (
                r#"{"a":1,"b":{"a":[{"a":null},{"a":true}]},"c":-1.5e3}"#,
                None,
            ),
            ("{}", None),
            (r#"{"a":1,"a":1}"#, Some("`a` is given twice")),
            (r#"{"a":1,"\u0061":2}"#, Some("`a` is given twice")),
            (
                r#"{"b":[0,{"c":{"a":"x","d":{},"a":"y"}}]}"#,
                Some("`a` is given twice"),
            ),
            (
                r#"["a"]"#,
                Some("invalid type: sequence, expected an object"),
            ),
            ("null", Some("invalid type: null, expected an object")),
        ] {
            match (object(body.as_bytes()), wrong) {
                (Ok(()), None) => {}
                (Err(told), Some(wrong)) => assert!(told.starts_with(wrong), "{body}: {told}"),
                (found, _) => panic!("{body}: {found:?}"),
            }
        }
    }
}
