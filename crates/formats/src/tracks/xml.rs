//! As much of XML as GPX needs: elements, attributes and text.
//!
//! Declarations, comments and document types are passed over; no entity is ever expanded but the five of XML and
//! numbered characters, so a document cannot grow while it is read.

/// The next thing in a document.
pub(super) enum Token<'a> {
    /// An element begins; an empty element begins and closes.
    Open {
        /// Its name without prefix.
        name: &'a str,
        /// Its attributes in order.
        attributes: Vec<(&'a str, String)>,
    },
    /// An element ends.
    Close {
        /// Its name without prefix.
        name: &'a str,
    },
    /// Text between tags.
    Text(String),
    /// Something that is not XML; reading goes on behind it.
    Broken(&'static str),
}

/// A document, token by token.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    closing: Option<&'a str>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            closing: None,
        }
    }

    /// The line of what comes next, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn next_token(&mut self) -> Option<Token<'a>> {
        loop {
            if let Some(name) = self.closing.take() {
                return Some(Token::Close { name });
            }
            let rest = self.rest();
            if rest.is_empty() {
                return None;
            }
            let Some(markup) = rest.strip_prefix('<') else {
                let length = rest.find('<').unwrap_or(rest.len());
                let text = self.pass(length);
                return Some(Token::Text(unescaped(text)));
            };
            if let Some(token) = self.markup(markup) {
                return Some(token);
            }
        }
    }

    /// Reads what begins with `<`; none for what is passed over.
    fn markup(&mut self, markup: &'a str) -> Option<Token<'a>> {
        let until = |end: &str| markup.find(end).map(|at| 1 + at + end.len());
        if let Some(data) = markup.strip_prefix("![CDATA[") {
            let Some(length) = until("]]>") else {
                return Some(self.unfinished());
            };
            self.pass(length);
            let end = data.find("]]>").unwrap_or(data.len());
            return Some(Token::Text(data.get(..end).unwrap_or_default().to_owned()));
        }
        let length = match markup {
            _ if markup.starts_with("!--") => until("-->"),
            _ if markup.starts_with('?') => until("?>"),
            _ if markup.starts_with('!') => until(">"),
            _ => tag_end(markup).map(|at| 1 + at + 1).or_else(|| until(">")),
        };
        let Some(length) = length else {
            return Some(self.unfinished());
        };
        self.pass(length);
        if markup.starts_with(['!', '?']) {
            return None;
        }
        Some(self.tag(markup.get(..length - 2).unwrap_or_default()))
    }

    fn tag(&mut self, tag: &'a str) -> Token<'a> {
        if let Some(name) = tag.strip_prefix('/') {
            let name = local(name.trim());
            return Token::Close { name };
        }
        let (tag, empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let length = tag.find(char::is_whitespace).unwrap_or(tag.len());
        let (name, rest) = tag.split_at(length);
        let name = local(name);
        if name.is_empty() {
            return Token::Broken("a tag without a name");
        }
        let Some(attributes) = attributes(rest) else {
            return Token::Broken("attributes that cannot be read");
        };
        self.closing = empty.then_some(name);
        Token::Open { name, attributes }
    }

    fn unfinished(&mut self) -> Token<'a> {
        let length = self.rest().len();
        self.pass(length);
        Token::Broken("the document ends inside a tag")
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn pass(&mut self, length: usize) -> &'a str {
        let passed = self.rest().get(..length).unwrap_or_default();
        self.at += length;
        self.line += passed.bytes().filter(|byte| *byte == b'\n').count() as u64;
        passed
    }
}

/// Where a tag ends: values of attributes may hold what ends it, and nothing may hold what begins one.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (byte, quote) {
            (b'<', _) => return None,
            (b'>', None) => return Some(at),
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn attributes(mut rest: &str) -> Option<Vec<(&str, String)>> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Some(found);
        }
        let (name, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = value.get(1..)?.split_once(quote)?;
        found.push((local(name.trim()), unescaped(value)));
        rest = after;
    }
}

/// Text with the five entities of XML and numbered characters put in; anything else stays as it stands.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let known = after
            .split_once(';')
            .and_then(|(name, after)| Some((character(name)?, after)));
        match known {
            Some((character, after)) => {
                out.push(character);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}
