//! Strict JSON (RFC 8259) read into a tree that knows its places.
//!
//! Stricter than most readers where leniency loses meaning: duplicate keys, `NaN` and `Infinity`,
//! numbers beyond the range of a double, leading zeros, comments, trailing commas and unpaired
//! surrogates are problems. Reading goes on after a problem wherever the rest can still be
//! understood, so that one run shows all of them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::document::{
    KEY_BYTES_MAX, Located, MEMBERS_MAX, Member, NESTING_MAX, TEXT_BYTES_MAX, Value,
};
use crate::finding::{Problems, Reported, quoted};
use crate::place::{Path, Place};

/// Reads `text` as one JSON value.
///
/// `offset` is where `text` begins in the document and `path` what it is; places in the tree and
/// in problems count from the start of the document. Returns nothing when the text breaks off or
/// makes no sense from some point on; problems say where.
///
/// # Cost
///
/// Linear in the text; memory about 40 bytes a number and 90 a member. Text without escapes is
/// borrowed.
pub fn parse<'t>(
    text: &'t str,
    offset: usize,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<Located<'t>> {
    let mut parser = Parser {
        text,
        at: 0,
        offset,
        problems,
    };
    let value = parser.value(path, 1).ok()?;
    parser.space();
    if parser.at < text.len() {
        let at = parser.at;
        parser
            .report(
                path,
                at..at + 1,
                "the document goes on after its end".to_owned(),
            )
            .help("a JSON document holds one value");
    }
    Some(value)
}

/// Reading cannot go on; the problem has been reported.
struct Stopped;

struct Parser<'t, 'p> {
    text: &'t str,
    at: usize,
    offset: usize,
    problems: &'p mut Problems,
}

impl<'t> Parser<'t, '_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    fn placed(&self, range: Range<usize>) -> Range<usize> {
        self.offset + range.start..self.offset + range.end
    }

    fn report(&mut self, path: &Path<'_>, range: Range<usize>, message: String) -> Reported<'_> {
        let place = Place::new(path, self.placed(range));
        self.problems.error("json_syntax", place, message)
    }

    fn unexpected(&mut self, path: &Path<'_>, wanted: &str) -> Stopped {
        let at = self.at;
        match self.slice(at..self.text.len()).chars().next() {
            None => self
                .report(
                    path,
                    at..at,
                    format!("the document breaks off where {wanted} is expected"),
                )
                .help("the file was probably cut short: get it again from its source"),
            Some('/') => self
                .report(path, at..at + 1, format!("`/` where {wanted} is expected"))
                .help("JSON has no comments: remove them"),
            Some('\'') => self
                .report(path, at..at + 1, format!("`'` where {wanted} is expected"))
                .help("JSON text stands between double quotes"),
            Some(found) => {
                let range = at..at + found.len_utf8();
                let mut buffer = [0; 4];
                let found = quoted(found.encode_utf8(&mut buffer));
                self.report(path, range, format!("{found} where {wanted} is expected"))
                    .help("check for a missing comma, quote or bracket just before this place");
            }
        }
        Stopped
    }

    fn value(&mut self, path: &Path<'_>, depth: usize) -> Result<Located<'t>, Stopped> {
        self.space();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{' | b'[') if depth > NESTING_MAX => {
                let place = Place::new(path, self.placed(start..start + 1));
                self.problems
                    .error(
                        "nesting_too_deep",
                        place,
                        format!("lists and objects are nested deeper than {NESTING_MAX}"),
                    )
                    .help("the profile needs nine levels; flatten what is not part of it");
                return Err(Stopped);
            }
            Some(b'{') => self.table(path, depth)?,
            Some(b'[') => self.list(path, depth)?,
            Some(b'"') => Value::Text(self.string(path, TEXT_BYTES_MAX)?),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => self.number(path),
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => self.word(path),
            _ => return Err(self.unexpected(path, "a value")),
        };
        Ok(Located {
            span: self.placed(start..self.at),
            value,
        })
    }

    fn table(&mut self, path: &Path<'_>, depth: usize) -> Result<Value<'t>, Stopped> {
        let start = self.at;
        self.at += 1;
        let mut members: Vec<Member<'t>> = Vec::new();
        let mut keys = Keys::default();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Table(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected(path, "a key between double quotes"));
            }
            let key_start = self.at;
            let key = self.string(path, KEY_BYTES_MAX)?;
            let key_span = self.placed(key_start..self.at);
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected(path, "`:`"));
            }
            self.at += 1;
            let value = self.value(&path.key(&key), depth + 1)?;
            if keys.has(&key, &members) {
                let place = Place::new(&path.key(&key), key_span.clone());
                self.problems
                    .error(
                        "duplicate_key",
                        place,
                        format!("{} is given twice", quoted(&key)),
                    )
                    .help("keep one of them: programs differ in which they take");
            } else if members.len() == MEMBERS_MAX {
                let place = Place::new(path, self.placed(start..self.at));
                self.problems
                    .error(
                        "too_many_members",
                        place,
                        format!("an object has more than {MEMBERS_MAX} members"),
                    )
                    .help("an object of the profile has a few tens");
                members.push(Member {
                    key,
                    key_span,
                    value,
                });
            } else if members.len() < MEMBERS_MAX {
                members.push(Member {
                    key,
                    key_span,
                    value,
                });
            }
            if self.goes_on(path, b'}', "`,` or `}`")? {
                continue;
            }
            return Ok(Value::Table(members));
        }
    }

    fn list(&mut self, path: &Path<'_>, depth: usize) -> Result<Value<'t>, Stopped> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(&path.index(items.len()), depth + 1)?);
            if !self.goes_on(path, b']', "`,` or `]`")? {
                return Ok(Value::List(items));
            }
        }
    }

    /// Passes the comma or the closing bracket after an element and says whether another follows.
    /// A comma before the bracket is reported and passed.
    fn goes_on(&mut self, path: &Path<'_>, close: u8, wanted: &str) -> Result<bool, Stopped> {
        self.space();
        match self.peek() {
            Some(b',') => {
                let comma = self.at;
                self.at += 1;
                self.space();
                if self.peek() != Some(close) {
                    return Ok(true);
                }
                self.report(
                    path,
                    comma..comma + 1,
                    "a comma with nothing after it".to_owned(),
                )
                .help("remove the comma");
                self.at += 1;
                Ok(false)
            }
            Some(found) if found == close => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.unexpected(path, wanted)),
        }
    }

    fn number(&mut self, path: &Path<'_>) -> Value<'t> {
        let start = self.at;
        while let Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_') =
            self.peek()
        {
            self.at += 1;
        }
        let written = self.slice(start..self.at);
        let range = start..self.at;
        if !is_json_number(written) {
            let message = format!("{} is not a number in JSON", quoted(written));
            let help = if written.ends_with("Infinity") || written.ends_with("NaN") {
                "there is no such place or height: leave the value out or give a finite one"
            } else {
                "write digits with an optional fraction and exponent, such as 36.2 or -1.5e3"
            };
            self.report(path, range, message).help(help);
            return Value::Invalid;
        }
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            _ => {
                let place = Place::new(path, self.placed(range));
                let message = format!("{} is beyond the range of numbers", quoted(written));
                self.problems
                    .error("number_out_of_range", place, message)
                    .help("the largest number is about 1.8e308; a coordinate has at most 360");
                Value::Invalid
            }
        }
    }

    fn word(&mut self, path: &Path<'_>) -> Value<'t> {
        let start = self.at;
        while let Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_') = self.peek() {
            self.at += 1;
        }
        let written = self.slice(start..self.at);
        match written {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            "null" => Value::Null,
            _ => {
                let help = match written {
                    "NaN" | "Infinity" | "nan" | "inf" => {
                        "there is no such place or height: leave the value out or give a finite one"
                    }
                    "True" | "False" | "None" => "JSON writes true, false and null in lower case",
                    _ => "text stands between double quotes",
                };
                let message = format!("{} is not a value in JSON", quoted(written));
                self.report(path, start..self.at, message).help(help);
                Value::Invalid
            }
        }
    }

    fn string(&mut self, path: &Path<'_>, limit: usize) -> Result<Cow<'t, str>, Stopped> {
        let open = self.at;
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut run = start;
        loop {
            match self.peek() {
                None => {
                    self.report(
                        path,
                        open..self.at,
                        "text without a closing quote".to_owned(),
                    )
                    .help("the file was probably cut short: get it again from its source");
                    return Err(Stopped);
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    let text = owned.get_or_insert_with(String::new);
                    text.push_str(self.text.get(run..self.at).unwrap_or_default());
                    let character = self.escape(path)?;
                    owned.get_or_insert_with(String::new).push(character);
                    run = self.at;
                }
                Some(control @ 0..=0x1f) => {
                    let at = self.at;
                    self.report(
                        path,
                        at..at + 1,
                        format!("a bare control character (U+{control:04X}) inside text"),
                    )
                    .help("write it as an escape, such as \\n, or close the quote before it");
                    self.at += 1;
                }
                Some(_) => self.at += 1,
            }
        }
        let rest = self.slice(run..self.at);
        let end = self.at;
        self.at += 1;
        let text = match owned {
            None => Cow::Borrowed(rest),
            Some(mut text) => {
                text.push_str(rest);
                Cow::Owned(text)
            }
        };
        if text.len() > limit {
            let place = Place::new(path, self.placed(open..end + 1));
            let message = format!("a text of {} bytes, more than {limit}", text.len());
            self.problems
                .error("text_too_long", place, message)
                .help("shorten it; long material belongs in its own document");
            let cut = (0..=limit)
                .rev()
                .find(|cut| text.is_char_boundary(*cut))
                .unwrap_or(0);
            return Ok(Cow::Owned(text.get(..cut).unwrap_or_default().to_owned()));
        }
        Ok(text)
    }

    /// Reads one escape; `at` stands on the backslash. A wrong one is reported and stands for
    /// U+FFFD.
    fn escape(&mut self, path: &Path<'_>) -> Result<char, Stopped> {
        let start = self.at;
        let Some(letter) = self.slice(start + 1..self.text.len()).chars().next() else {
            self.at += 1;
            return Err(self.unexpected(path, "an escape"));
        };
        self.at += 1 + letter.len_utf8();
        let plain = match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                if let Some(character) = self.unicode_escape() {
                    return Ok(character);
                }
                self.report(
                    path,
                    start..self.at,
                    "an escape that is no character".to_owned(),
                )
                .help("\\u takes four hexadecimal digits; surrogates come in pairs");
                '\u{fffd}'
            }
            _ => {
                let written = self.slice(start..self.at).to_owned();
                self.report(
                    path,
                    start..self.at,
                    format!("unknown escape {}", quoted(&written)),
                )
                .help("a backslash itself is written \\\\");
                '\u{fffd}'
            }
        };
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Option<char> {
        let first = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        if self.text.as_bytes().get(self.at..self.at + 2) != Some(b"\\u") {
            return None;
        }
        self.at += 2;
        let second = self.four_digits()?;
        if !(0xdc00..0xe000).contains(&second) {
            return None;
        }
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn four_digits(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

/// Keys of a table being read. A small table is searched, a large one hashed, so that a table of
/// any size costs linear time.
#[derive(Default)]
struct Keys<'t>(HashSet<Cow<'t, str>>);

impl<'t> Keys<'t> {
    /// Says whether `key` is among `members`.
    fn has(&mut self, key: &str, members: &[Member<'t>]) -> bool {
        const SEARCHED_MAX: usize = 32;
        if members.len() <= SEARCHED_MAX {
            return members.iter().any(|member| member.key == key);
        }
        let unhashed = members.get(self.0.len()..).unwrap_or_default();
        self.0
            .extend(unhashed.iter().map(|member| member.key.clone()));
        self.0.contains(key)
    }
}

/// Says whether `text` is a number by the grammar of RFC 8259 section 6.
fn is_json_number(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with('0')) {
        return false;
    }
    let mut rest = rest.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = fraction.get(count..).unwrap_or_default();
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Origin;

    fn problems_of(text: &str) -> Vec<String> {
        let mut problems = Problems::new("t");
        parse(text, 0, &Path::Root, &mut problems);
        problems.locate(text.as_bytes(), Origin::START);
        let line = |problem: &crate::Problem| {
            let place = &problem.place;
            let at = (place.line.unwrap_or(0), place.column.unwrap_or(0));
            let pointer = place.pointer.clone().unwrap_or_default();
            format!(
                "{}:{} {} {} {}",
                at.0, at.1, pointer, problem.code, problem.message
            )
        };
        problems.iter().map(line).collect()
    }

    #[test]
    fn strict_json_is_read_with_its_places() {
        let text = r#" {"a": [1, -2.5e3, "x\u00e9\ud83d\ude00"], "b": null} "#;
        let mut problems = Problems::new("t");
        let tree = parse(text, 100, &Path::Root, &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let Some(Located {
            span,
            value: Value::Table(members),
        }) = tree
        else {
            panic!("{tree:?}")
        };
        assert_eq!(span, 101..100 + text.len() - 1);
        let Value::List(items) = &members[0].value.value else {
            panic!("{members:?}")
        };
        assert_eq!(items[1].value, Value::Number(-2500.0));
        assert_eq!(
            &text[items[1].span.start - 100..items[1].span.end - 100],
            "-2.5e3"
        );
        assert_eq!(items[2].value, Value::Text("xé😀".into()));
    }

    #[test]
    fn every_recoverable_fault_of_one_text_is_reported() {
        let text =
            "{\"a\": NaN,\n \"b\": [1e400, -Infinity, 01, 1.],\n \"a\": True,\n \"c\": \"\\x\",}";
        insta::assert_snapshot!(problems_of(text).join("\n"), @r"
        1:7 /a json_syntax `NaN` is not a value in JSON
        2:8 /b/0 number_out_of_range `1e400` is beyond the range of numbers
        2:15 /b/1 json_syntax `-Infinity` is not a number in JSON
        2:26 /b/2 json_syntax `01` is not a number in JSON
        2:30 /b/3 json_syntax `1.` is not a number in JSON
        3:7 /a json_syntax `True` is not a value in JSON
        3:2 /a duplicate_key `a` is given twice
        4:8 /c json_syntax unknown escape `\x`
        4:11  json_syntax a comma with nothing after it
        ");
    }

    #[test]
    fn what_breaks_off_or_is_no_json_is_said() {
        insta::assert_snapshot!(
            ["{", "", "{\"a\" 1}", "[1 2]", "{a: 1}", "[// no", "\"abc", "1 2", "{'a': 1}", "\"\\ud800\""]
                .map(|text| format!("{text}  =>  {}", problems_of(text).join("; ")))
                .join("\n"),
            @r#"
        {  =>  1:2  json_syntax the document breaks off where a key between double quotes is expected
          =>  1:1  json_syntax the document breaks off where a value is expected
        {"a" 1}  =>  1:6  json_syntax `1` where `:` is expected
        [1 2]  =>  1:4  json_syntax `2` where `,` or `]` is expected
        {a: 1}  =>  1:2  json_syntax `a` where a key between double quotes is expected
        [// no  =>  1:2 /0 json_syntax `/` where a value is expected
        "abc  =>  1:1  json_syntax text without a closing quote
        1 2  =>  1:3  json_syntax the document goes on after its end
        {'a': 1}  =>  1:2  json_syntax `'` where a key between double quotes is expected
        "\ud800"  =>  1:2  json_syntax an escape that is no character
        "#
        );
    }

    #[test]
    fn deep_nesting_is_refused_without_deep_recursion() {
        let text = "[".repeat(100_000);
        let found = problems_of(&text);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("nesting_too_deep"), "{found:?}");
    }

    #[test]
    fn duplicate_keys_are_found_in_large_tables_too() {
        let mut text: String = (0..3_000).map(|i| format!("\"k{i}\":0,")).collect();
        text = format!("{{{text}\"k7\":1,\"k2999\":1}}");
        let found = problems_of(&text);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn a_table_beyond_the_limit_is_reported_once() {
        let text: String = (0..MEMBERS_MAX + 500)
            .map(|i| format!("\"k{i}\":0,"))
            .collect();
        let found = problems_of(&format!("{{{text}\"z\":1}}"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("too_many_members"), "{found:?}");
    }
}
