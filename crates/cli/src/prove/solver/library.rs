//! cvc5 from its shared library, where there is no executable: PyPI's wheel `cvc5` brings only
//! `libcvc5parser`, with the C API and everything it needs beside it.
//!
//! The library is loaded into a process of its own (`detente cvc5-library`, which no person has
//! to type), so that the unsafe code below touches nothing but SMT-LIB text.

#![expect(
    unsafe_code,
    reason = "calling a C library; confined to this file and to a process of its own"
)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io::{BufRead, Write};
use std::path::PathBuf;

use clap::Args;
use libloading::Library;

use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printer::Printer;

/// The arguments of `detente cvc5-library`.
#[derive(Args, Debug)]
pub(crate) struct Cvc5LibraryArgs {
    /// The shared library of the parser, with the solver's beside it
    library: PathBuf,
    /// Options of the solver, as `name=value`
    options: Vec<String>,
    /// Say the version and end
    #[arg(long)]
    version: bool,
}

type Handle = *mut c_void;
type Text = *const c_char;

/// The functions of cvc5's C API (`cvc5/c/cvc5.h`, `cvc5/c/cvc5_parser.h`) used here. They stay
/// valid as long as the library they come from, which lives as long as the process.
struct Api {
    term_manager_new: unsafe extern "C" fn() -> Handle,
    term_manager_delete: unsafe extern "C" fn(Handle),
    new: unsafe extern "C" fn(Handle) -> Handle,
    delete: unsafe extern "C" fn(Handle),
    get_version: unsafe extern "C" fn(Handle) -> Text,
    set_option: unsafe extern "C" fn(Handle, Text, Text),
    symbols_new: unsafe extern "C" fn(Handle) -> Handle,
    symbols_delete: unsafe extern "C" fn(Handle),
    parser_new: unsafe extern "C" fn(Handle, Handle) -> Handle,
    parser_delete: unsafe extern "C" fn(Handle),
    parse: unsafe extern "C" fn(Handle, c_int, Text, Text),
    next_command: unsafe extern "C" fn(Handle, *mut Text) -> Handle,
    invoke: unsafe extern "C" fn(Handle, Handle, Handle) -> Text,
}

/// The number of SMT-LIB 2.6 among cvc5's input languages.
const SMT_LIB: c_int = 0;

impl Api {
    fn load(library: &'static Library) -> Result<Self, libloading::Error> {
        macro_rules! function {
            ($name:literal) => {{
                // SAFETY: the type is the one the C header declares for this name.
                unsafe { *library.get(concat!($name, "\0").as_bytes())? }
            }};
        }
        Ok(Self {
            term_manager_new: function!("cvc5_term_manager_new"),
            term_manager_delete: function!("cvc5_term_manager_delete"),
            new: function!("cvc5_new"),
            delete: function!("cvc5_delete"),
            get_version: function!("cvc5_get_version"),
            set_option: function!("cvc5_set_option"),
            symbols_new: function!("cvc5_symbol_manager_new"),
            symbols_delete: function!("cvc5_symbol_manager_delete"),
            parser_new: function!("cvc5_parser_new"),
            parser_delete: function!("cvc5_parser_delete"),
            parse: function!("cvc5_parser_set_str_input"),
            next_command: function!("cvc5_parser_next_command"),
            invoke: function!("cvc5_cmd_invoke"),
        })
    }
}

/// One solver with its parser. The C API's reset leaves the parser's logic set, so that a reset
/// makes a new one of these.
struct Session<'a> {
    api: &'a Api,
    terms: Handle,
    solver: Handle,
    symbols: Handle,
    parser: Handle,
}

impl<'a> Session<'a> {
    fn new(api: &'a Api, options: &[(CString, CString)]) -> Self {
        // SAFETY: each handle is made by the library and handed back to it in the documented order;
        // the option texts outlive the calls.
        unsafe {
            let terms = (api.term_manager_new)();
            let solver = (api.new)(terms);
            for (name, value) in options {
                (api.set_option)(solver, name.as_ptr(), value.as_ptr());
            }
            let symbols = (api.symbols_new)(terms);
            let parser = (api.parser_new)(solver, symbols);
            Self {
                api,
                terms,
                solver,
                symbols,
                parser,
            }
        }
    }

    fn version(&self) -> String {
        // SAFETY: the text belongs to the solver, which lives; it ends with a zero byte.
        unsafe { CStr::from_ptr((self.api.get_version)(self.solver)) }
            .to_string_lossy()
            .into_owned()
    }

    /// Runs the commands of `text` and returns what they print; an error of the parser ends it.
    fn run(&mut self, text: &CStr) -> Result<String, String> {
        let mut printed = String::new();
        // SAFETY: `text` outlives the loop that reads it; a command is used before the next one is
        // asked for; texts that come back are copied at once.
        unsafe {
            (self.api.parse)(self.parser, SMT_LIB, text.as_ptr(), c"stdin".as_ptr());
            loop {
                let mut error: Text = std::ptr::null();
                let command = (self.api.next_command)(self.parser, &raw mut error);
                if !error.is_null() {
                    return Err(CStr::from_ptr(error).to_string_lossy().replace('\n', " "));
                }
                if command.is_null() {
                    return Ok(printed);
                }
                let said = (self.api.invoke)(command, self.solver, self.symbols);
                if !said.is_null() {
                    printed.push_str(&CStr::from_ptr(said).to_string_lossy());
                }
            }
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        // SAFETY: each handle was made by the library, is not used again, and goes before what it
        // was made from.
        unsafe {
            (self.api.parser_delete)(self.parser);
            (self.api.symbols_delete)(self.symbols);
            (self.api.delete)(self.solver);
            (self.api.term_manager_delete)(self.terms);
        }
    }
}

/// Reads SMT-LIB from the standard input and answers on the standard output, as cvc5 would.
pub(crate) fn run(args: &Cvc5LibraryArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let usage = |error: &dyn std::fmt::Display| {
        Failure::new(
            FailureKind::Usage,
            format!("{}: {error}", args.library.display()),
        )
    };
    // SAFETY: loading runs the library's own start-up code, which is what was asked for.
    let library = unsafe { Library::new(&args.library) }.map_err(|error| usage(&error))?;
    let library: &'static Library = Box::leak(Box::new(library));
    let api = Api::load(library).map_err(|error| usage(&error))?;
    let mut options = Vec::new();
    for option in &args.options {
        let (name, value) = option
            .split_once('=')
            .ok_or_else(|| usage(&format!("the option {option} has no value")))?;
        let text = |text: &str| CString::new(text).map_err(|error| usage(&error));
        options.push((text(name)?, text(value)?));
    }
    let mut session = Session::new(&api, &options);
    if args.version {
        printer.answer(&format!("{}\n", session.version()))?;
        return Ok(Exit::Favourable);
    }
    let mut output = std::io::stdout().lock();
    let mut gathered = String::new();
    let mut reading = Reading::default();
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        reading.take(&line, &mut gathered);
        if !reading.complete() || gathered.trim().is_empty() {
            continue;
        }
        let command = std::mem::take(&mut gathered);
        if command.trim() == "(exit)" {
            break;
        }
        if command.trim() == "(reset)" {
            drop(session);
            session = Session::new(&api, &options);
            continue;
        }
        let text = CString::new(command).map_err(|error| usage(&error))?;
        let said = match session.run(&text) {
            Ok(said) => said,
            Err(error) => format!("(error \"{}\")\n", error.replace('"', "'")),
        };
        if output.write_all(said.as_bytes()).is_err() || output.flush().is_err() {
            break;
        }
    }
    Ok(Exit::Favourable)
}

/// Where in the text a line ends: commands may span lines.
#[derive(Debug, Default)]
struct Reading {
    depth: i64,
    in_text: bool,
}

impl Reading {
    /// Adds `line` to what was gathered, without its comment.
    fn take(&mut self, line: &str, gathered: &mut String) {
        for character in line.chars() {
            match character {
                '"' => self.in_text = !self.in_text,
                ';' if !self.in_text => break,
                '(' if !self.in_text => self.depth += 1,
                ')' if !self.in_text => self.depth -= 1,
                _ => {}
            }
            gathered.push(character);
        }
        gathered.push('\n');
    }

    fn complete(&self) -> bool {
        self.depth <= 0 && !self.in_text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_gathered_over_lines_and_without_comments() {
        let mut reading = Reading::default();
        let mut gathered = String::new();
        for (line, complete) in [
            ("; (a comment", true),
            ("(assert (= x \"a;(\"\"", false),
            ("b\"", false),
            ("))", true),
        ] {
            reading.take(line, &mut gathered);
            assert_eq!(reading.complete(), complete, "{line}");
        }
        assert_eq!(gathered, "\n(assert (= x \"a;(\"\"\nb\"\n))\n");
    }
}
