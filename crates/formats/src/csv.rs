//! Comma-separated values (RFC 4180), with whatever separator a table has.

/// One record, by the line it begins in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) line: u32,
    pub(crate) fields: Vec<String>,
}

/// A table taken apart.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Records that are not empty.
    pub(crate) records: Vec<Record>,
    /// The line in which a quoted field begins that never ends.
    pub(crate) open_quote: Option<u32>,
}

/// Splits a text into records; a quoted field may hold separators, quotes and line ends.
pub(crate) fn read(text: &str, separator: char) -> Table {
    let mut table = Table::default();
    let mut record = Record {
        line: 1,
        fields: Vec::new(),
    };
    let (mut field, mut quoted_since, mut line) = (String::new(), None, 1);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_quoted = quoted_since.is_some();
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' if is_quoted => quoted_since = None,
            '"' if field.is_empty() => quoted_since = Some(line),
            other if other == separator && !is_quoted => {
                record.fields.push(std::mem::take(&mut field));
            }
            '\r' if !is_quoted && letters.peek() == Some(&'\n') => {}
            '\n' if !is_quoted => {
                record.fields.push(std::mem::take(&mut field));
                line += 1;
                let next = Record {
                    line,
                    fields: Vec::new(),
                };
                table.records.push(std::mem::replace(&mut record, next));
            }
            other => {
                line += u32::from(other == '\n');
                field.push(other);
            }
        }
    }
    if !field.is_empty() || !record.fields.is_empty() {
        record.fields.push(field);
        table.records.push(record);
    }
    table.open_quote = quoted_since;
    let is_filled = |record: &Record| record.fields.iter().any(|field| !field.trim().is_empty());
    table.records.retain(is_filled);
    table
}

/// Writes a field so that it is read as it is.
pub(crate) fn written(field: &str, separator: char) -> String {
    let is_plain = |letter: char| letter != separator && !matches!(letter, '"' | '\n' | '\r');
    match field.chars().all(is_plain) {
        true => field.to_owned(),
        false => format!("\"{}\"", field.replace('"', "\"\"")),
    }
}
