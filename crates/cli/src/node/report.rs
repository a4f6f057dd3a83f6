//! `detente report`: composed at home, previewed, released, read, acknowledged, passed on, recalled.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use detente_server::answer::Method;
use serde_json::{Map, Value, json};

use super::read::escaped;
use super::{Asker, NodeArgs};
use crate::exit::Exit;
use crate::failure::{Failure, FailureKind};
use crate::printable::printable;
use crate::printer::Printer;

/// What a recall is, wherever one is made or shown.
const RECALL_NOTICE: &str =
    "a recall proves that recipients were told and acknowledged it, not that anybody forgot\n";

/// The arguments of `detente report`.
#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    #[command(subcommand)]
    verb: Verb,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    node: NodeArgs,
}

/// What is done with reports.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Reports released to this participant, or by it
    List,
    /// Everything the ledgers say about one report
    Show(One),
    /// Reports released to this participant, and what is to be acknowledged
    Inbox,
    /// What this participant reads of a report
    Read(ReadArgs),
    /// Reports kept at home
    Drafts,
    /// Keep a report at home; it leaves the node by `release` only
    Draft(DraftArgs),
    /// What each recipient would read, to the byte
    Preview(SendArgs),
    /// Seal and release a report; each recipient reads what its preview shows
    Release(SendArgs),
    /// Seal and send a corrected report to everyone who has it
    Correct(CorrectArgs),
    /// Acknowledge what is owed: the report, its correction or its recall; it admits nothing
    Ack(One),
    /// Who has acknowledged, and who has not
    Acknowledgements(One),
    /// Grade a report by one's own judgement: letter and digit, each on its own
    Grade(GradeArgs),
    /// Hold a report beside another account
    Link(LinkArgs),
    /// Ask the originator to let it go further
    Request(RequestArgs),
    /// Decide about a request to let it go further
    Decide(DecideArgs),
    /// Pass a report on to those its originator has let it go to
    Forward(ForwardArgs),
    /// Recall a report: proves that recipients were told, not that they forget
    Recall(RecallArgs),
}

#[derive(Args, Debug)]
struct One {
    /// The report
    report: String,
}

#[derive(Args, Debug)]
struct ReadArgs {
    /// The report
    report: String,
    /// Whose edition, of a report released from here
    #[arg(long, value_name = "HOLDER")]
    recipient: Option<String>,
}

#[derive(Args, Debug)]
struct DraftArgs {
    /// File with the draft; - reads the standard input
    #[arg(value_name = "FILE|-")]
    draft: PathBuf,
}

#[derive(Args, Debug)]
struct SendArgs {
    /// The report
    report: String,
    /// Who gets it and how exactly: HOLDER, or HOLDER:place=grid_10km,time=hour,detail=full,without=harm+grade.
    /// What is not said is the strictest: no place, no time, the tearline
    #[arg(long = "to", value_name = "TERMS", required = true)]
    recipients: Vec<String>,
}

#[derive(Args, Debug)]
struct CorrectArgs {
    #[command(flatten)]
    send: SendArgs,
    /// What was wrong, in words everybody may read
    #[arg(long)]
    reason: String,
}

#[derive(Args, Debug)]
struct GradeArgs {
    /// The report
    report: String,
    /// Reliability of the source (A to F) and credibility of the information (1 to 6), such as B2;
    /// F and 6 mean that it cannot be judged
    grade: String,
}

/// How an account bears on another.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Bearing {
    Corroborates,
    Contradicts,
}

#[derive(Args, Debug)]
struct LinkArgs {
    /// The report
    report: String,
    /// The report or incident it is held beside
    #[arg(long)]
    with: String,
    /// How the one bears on the other
    #[arg(long, value_enum)]
    bearing: Bearing,
    /// Words to go with it
    #[arg(long)]
    note: Option<String>,
}

#[derive(Args, Debug)]
struct RequestArgs {
    /// The report
    report: String,
    /// To whom it is to go; may be repeated
    #[arg(long = "to", value_name = "HOLDER", required = true)]
    recipients: Vec<String>,
    /// What for
    #[arg(long)]
    reason: String,
}

#[derive(Args, Debug)]
struct DecideArgs {
    /// The report
    report: String,
    /// Who asked
    #[arg(long, value_name = "HOLDER")]
    requester: String,
    /// Let it go to those named in the request
    #[arg(long, conflicts_with = "refuse", required_unless_present = "refuse")]
    grant: bool,
    /// Do not
    #[arg(long)]
    refuse: bool,
    /// Why, or on which terms
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Args, Debug)]
struct ForwardArgs {
    /// The report
    report: String,
    /// To whom; may be repeated
    #[arg(long = "to", value_name = "HOLDER", required = true)]
    recipients: Vec<String>,
}

#[derive(Args, Debug)]
struct RecallArgs {
    /// The report
    report: String,
    /// Why
    #[arg(long)]
    reason: String,
}

/// Does it.
pub(crate) fn run(args: &ReportArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let asker = args.node.open()?;
    let mut desk = Desk {
        asker: &asker,
        json: args.json,
        printer,
    };
    match &args.verb {
        Verb::List => desk.list("/api/v1/reports", |item| {
            let part = |name: &str| part(item, name);
            format!(
                "{}  {}  {}  {}\n",
                part("id"),
                part("opened_by"),
                part("state"),
                part("opened_at")
            )
        }),
        Verb::Show(one) => {
            let path = format!("/api/v1/reports/{}", escaped(&one.report));
            let shown = asker.read(&path)?;
            desk.printer.answer_json(&shown)?;
            Ok(Exit::Favourable)
        }
        Verb::Inbox => desk.list("/api/v1/report-inbox", |item| {
            let part = |name: &str| part(item, name);
            let owed = match item["to_acknowledge"].as_str() {
                Some(what) => format!("acknowledge the {what}"),
                None => "nothing to acknowledge".to_owned(),
            };
            format!(
                "{}  from {}  {}  {}\n",
                part("report"),
                part("originator"),
                part("state"),
                owed
            )
        }),
        Verb::Drafts => desk.list("/api/v1/report-drafts", |item| {
            let part = |name: &str| part(item, name);
            format!(
                "{}  {}  saved by {} at {}\n",
                part("report"),
                part("state"),
                part("saved_by"),
                part("saved_at")
            )
        }),
        Verb::Read(read) => desk.read(read),
        Verb::Draft(draft) => desk.draft(draft),
        Verb::Preview(send) => desk.preview(send).map(|(exit, _)| exit),
        Verb::Release(send) => desk.send(send, None),
        Verb::Correct(correct) => desk.send(&correct.send, Some(&correct.reason)),
        Verb::Acknowledgements(one) => desk.acknowledgements(one),
        Verb::Ack(one) => desk.act(&one.report, "acknowledge", &json!({})),
        Verb::Grade(grade) => {
            let (letter, digit) = letter_and_digit(&grade.grade)?;
            let grade_of = json!({"grade": {"reliability": letter, "credibility": digit}});
            desk.act(&grade.report, "grade", &grade_of)
        }
        Verb::Link(link) => {
            let bearing = match link.bearing {
                Bearing::Corroborates => "corroborates",
                Bearing::Contradicts => "contradicts",
            };
            let mut body = json!({"with": link.with, "bearing": bearing});
            if let Some(note) = &link.note {
                body["note"] = json!(note);
            }
            desk.act(&link.report, "link", &body)
        }
        Verb::Request(request) => {
            let body = json!({"recipients": request.recipients, "reason": request.reason});
            desk.act(&request.report, "onward-request", &body)
        }
        Verb::Decide(decide) => {
            let mut body = json!({"requester": decide.requester, "granted": decide.grant});
            if let Some(reason) = &decide.reason {
                body["reason"] = json!(reason);
            }
            desk.act(&decide.report, "onward-decision", &body)
        }
        Verb::Forward(forward) => {
            let body = json!({"recipients": forward.recipients});
            desk.act(&forward.report, "forward", &body)
        }
        Verb::Recall(recall) => {
            let exit = desk.act(&recall.report, "recall", &json!({"reason": recall.reason}))?;
            if !desk.json {
                desk.printer.answer(RECALL_NOTICE)?;
            }
            Ok(exit)
        }
    }
}

struct Desk<'a> {
    asker: &'a Asker,
    json: bool,
    printer: &'a mut Printer,
}

impl Desk<'_> {
    /// Prints a line for each item of every page.
    fn list(&mut self, path: &str, line: impl Fn(&Value) -> String) -> Result<Exit, Failure> {
        let items = super::read::every_item(self.asker, path)?;
        if self.json {
            self.printer.answer_json(&json!({ "items": items }))?;
            return Ok(Exit::Favourable);
        }
        for item in &items {
            self.printer.answer(&line(item))?;
        }
        Ok(Exit::Favourable)
    }

    fn read(&mut self, args: &ReadArgs) -> Result<Exit, Failure> {
        let mut path = format!("/api/v1/reports/{}/content", escaped(&args.report));
        if let Some(recipient) = &args.recipient {
            path.push_str(&format!("?recipient={}", escaped(recipient)));
        }
        let shown = self.asker.read(&path)?;
        if self.json {
            self.printer.answer_json(&shown)?;
        } else {
            self.edition(&shown)?;
            if shown["is_in_use"] == json!(false) {
                let state = part(&shown, "state");
                self.printer
                    .answer(&format!("{state}: no longer to be used\n"))?;
            }
        }
        match shown["is_in_use"] == json!(true) {
            true => Ok(Exit::Favourable),
            false => Ok(Exit::Unfavourable),
        }
    }

    fn edition(&mut self, shown: &Value) -> Result<(), Failure> {
        let reads = serde_json::to_string_pretty(&shown["reads"]).unwrap_or_default();
        self.printer.answer(&format!(
            "what {} reads (sha256 {})\n{}\n",
            part(shown, "recipient"),
            part(shown, "sha256"),
            printable_lines(&reads)
        ))?;
        let held_back = shown["held_back"].as_array().into_iter().flatten();
        let numbers: Vec<String> = held_back.map(ToString::to_string).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        self.printer.answer(&format!(
            "held back: portions {} were passed on and are not marked for this reader\n",
            numbers.join(", ")
        ))
    }

    fn draft(&mut self, args: &DraftArgs) -> Result<Exit, Failure> {
        let text = match args.draft.as_os_str() == "-" {
            true => std::io::read_to_string(std::io::stdin()),
            false => std::fs::read_to_string(&args.draft),
        };
        let text = text.map_err(|error| Failure::unreadable(&args.draft, error))?;
        let draft: Value = serde_json::from_str(&text)
            .map_err(|error| Failure::new(FailureKind::InvalidInput, error))?;
        let Some(report) = draft["report"].as_str() else {
            let message = "the draft has no `report`, which names it".to_owned();
            return Err(Failure::new(FailureKind::InvalidInput, message));
        };
        let path = format!("/api/v1/report-drafts/{}", escaped(report));
        let (exit, kept) = self.asker.send(Method::PUT, &path, &draft)?;
        if self.json {
            self.printer.answer_json(&kept)?;
        } else {
            let report = printable(report).into_owned();
            self.printer.answer(&format!("kept at home: {report}\n"))?;
        }
        Ok(exit)
    }

    /// Prints what each recipient would read; returns the terms with what was shown.
    fn preview(&mut self, args: &SendArgs) -> Result<(Exit, Value), Failure> {
        let terms: Result<Vec<Value>, Failure> = args
            .recipients
            .iter()
            .map(|terms| read_terms(terms))
            .collect();
        let wish = json!({"terms": terms?});
        let path = format!("/api/v1/report-drafts/{}/preview", escaped(&args.report));
        let (_, shown) = self.asker.send(Method::POST, &path, &wish)?;
        let exit = match shown["can_be_released"] == json!(true) {
            true => Exit::Favourable,
            false => Exit::Unfavourable,
        };
        if self.json {
            self.printer.answer_json(&shown)?;
        } else {
            self.print_preview(&shown)?;
        }
        let mut expected = Map::new();
        for edition in shown["editions"].as_array().into_iter().flatten() {
            let recipient = edition["recipient"].as_str().unwrap_or_default();
            expected.insert(recipient.to_owned(), edition["sha256"].clone());
        }
        Ok((exit, json!({"terms": wish["terms"], "expected": expected})))
    }

    fn print_preview(&mut self, shown: &Value) -> Result<(), Failure> {
        for edition in shown["editions"].as_array().into_iter().flatten() {
            self.edition(edition)?;
            for left_out in edition["left_out"].as_array().into_iter().flatten() {
                let field = match left_out["field"].as_str() {
                    Some(field) => format!("the {field} of portion"),
                    None => "portion".to_owned(),
                };
                self.printer.answer(&format!(
                    "  without {field} {}: {}\n",
                    left_out["portion"],
                    part(left_out, "why")
                ))?;
            }
        }
        for objection in shown["objections"].as_array().into_iter().flatten() {
            self.printer.answer(&format!(
                "cannot be released: {}\n  {}\n",
                part(objection, "message"),
                part(objection, "help")
            ))?;
        }
        self.printer.answer(&format!("{}\n", part(shown, "notice")))
    }

    /// Releases what was just shown, and nothing else.
    fn send(&mut self, args: &SendArgs, reason: Option<&str>) -> Result<Exit, Failure> {
        let json = std::mem::take(&mut self.json);
        let terms: Result<Vec<Value>, Failure> = args
            .recipients
            .iter()
            .map(|terms| read_terms(terms))
            .collect();
        let mut wish = json!({"terms": terms?});
        if !json && reason.is_none() {
            let (exit, shown) = self.preview(args)?;
            if exit != Exit::Favourable {
                return Ok(exit);
            }
            wish = shown;
        }
        self.json = json;
        let verb = match reason {
            Some(reason) => {
                wish["reason"] = json!(reason);
                "correct"
            }
            None => "release",
        };
        let path = format!("/api/v1/report-drafts/{}/{verb}", escaped(&args.report));
        self.write(&path, &wish)
    }

    fn acknowledgements(&mut self, one: &One) -> Result<Exit, Failure> {
        let path = format!("/api/v1/reports/{}/acknowledgements", escaped(&one.report));
        let shown = self.asker.read(&path)?;
        let owed = shown["not_acknowledged_by"].as_array().cloned();
        let owed = owed.unwrap_or_default();
        if self.json {
            self.printer.answer_json(&shown)?;
        } else {
            for receipt in shown["recipients"].as_array().into_iter().flatten() {
                self.printer.answer(&format!(
                    "{}  {}  since {}\n",
                    part(receipt, "recipient"),
                    part(receipt, "state"),
                    part(receipt, "since")
                ))?;
            }
            for owed in &owed {
                self.printer.answer(&format!(
                    "not acknowledged by {}: the {}\n",
                    part(owed, "recipient"),
                    part(owed, "what")
                ))?;
            }
            self.printer.answer(RECALL_NOTICE)?;
        }
        match owed.is_empty() {
            true => Ok(Exit::Favourable),
            false => Ok(Exit::Unfavourable),
        }
    }

    /// Writes an act about a report.
    fn act(&mut self, report: &str, verb: &str, body: &Value) -> Result<Exit, Failure> {
        let path = format!("/api/v1/reports/{}/{verb}", escaped(report));
        self.write(&path, body)
    }

    fn write(&mut self, path: &str, body: &Value) -> Result<Exit, Failure> {
        let (exit, said) = self.asker.send(Method::POST, path, body)?;
        if self.json {
            self.printer.answer_json(&said)?;
            return Ok(exit);
        }
        super::write::print_outcome(exit, &said, self.printer)?;
        for objection in said["objections"].as_array().into_iter().flatten() {
            self.printer.answer(&format!(
                "  {}\n    {}\n",
                part(objection, "message"),
                part(objection, "help")
            ))?;
        }
        Ok(exit)
    }
}

fn part(value: &Value, name: &str) -> String {
    printable(value[name].as_str().unwrap_or("–")).into_owned()
}

/// Text of several lines, each fit for a terminal.
fn printable_lines(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| format!("  {}", printable(line)))
        .collect();
    lines.join("\n")
}

/// Reads `HOLDER` or `HOLDER:place=…,time=…,detail=…,without=…+…`.
fn read_terms(text: &str) -> Result<Value, Failure> {
    let (recipient, rest) = text.split_once(':').unwrap_or((text, ""));
    let mut terms = json!({"recipient": recipient});
    for term in rest.split(',').filter(|term| !term.is_empty()) {
        match term.split_once('=') {
            Some((name @ ("place" | "time" | "detail"), value)) => terms[name] = json!(value),
            Some(("without", fields)) => {
                terms["without"] = fields.split('+').map(Value::from).collect();
            }
            _ => {
                let message = format!("`{}` is not a term", printable(term));
                return Err(Failure::new(FailureKind::Usage, message)
                    .hint("write place=, time=, detail= or without=, with commas between them"));
            }
        }
    }
    Ok(terms)
}

fn letter_and_digit(grade: &str) -> Result<(String, String), Failure> {
    let mut characters = grade.chars();
    match (characters.next(), characters.next(), characters.next()) {
        (Some(letter @ 'A'..='F'), Some(digit @ '1'..='6'), None) => {
            Ok((letter.to_string(), digit.to_string()))
        }
        _ => {
            let message = format!("`{}` is not a grade", printable(grade));
            let hint = "write a letter from A to F and a digit from 1 to 6, such as B2";
            Err(Failure::new(FailureKind::Usage, message).hint(hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_and_what_is_none_is_refused() {
        let read = read_terms("RU:place=grid_10km,time=hour,without=harm+grade").unwrap();
        assert_eq!(
            read,
            json!({"recipient": "RU", "place": "grid_10km", "time": "hour", "without": ["harm", "grade"]})
        );
        assert_eq!(read_terms("UN").unwrap(), json!({"recipient": "UN"}));
        assert!(read_terms("RU:exact").is_err());
        assert!(read_terms("RU:source=yes").is_err());
    }

    #[test]
    fn letter_and_digit_are_read_on_their_own() {
        assert_eq!(letter_and_digit("F1").unwrap(), ("F".into(), "1".into()));
        for wrong in ["", "B", "2B", "G1", "A7", "A12"] {
            assert!(letter_and_digit(wrong).is_err(), "{wrong}");
        }
    }
}
