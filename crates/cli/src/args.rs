//! What was typed: the command line, parsed but not yet acted on.

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::exit::Exit;

/// Check air operations against an agreement, keep its ledger, and prove what it says
#[derive(Debug, Parser)]
#[command(
    name = "detente",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = Exit::table(),
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// How words look.
    #[command(flatten)]
    pub(crate) appearance: Appearance,
    /// The verb.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every verb.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Appearance {
    /// Colour the output; `auto` means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub(crate) color: ColorChoice,
    /// Say nothing beside the answer and the errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Show no progress line
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
}

/// When to use colour; the values carry no help of their own, so that the help text stays short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// The verbs, in the order of the help text.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell a scenario with three real nodes on this machine
    Demo(crate::demo::DemoArgs),
    /// Play a scenario in simulated worlds that go wrong, and check what must hold in each
    Rehearse(crate::rehearse::RehearseArgs),
    /// Judge operations against an agreement: verdicts with articles, place, height and time
    Check(crate::check::CheckArgs),
    /// Say whether volumes overlap: where, when and how high, or how far apart they are
    Overlap(crate::overlap::OverlapArgs),
    /// Find out whether plans come close to another side's, without showing either's
    Deconflict(crate::deconflict::DeconflictArgs),
    /// Tell what tracks show of flights in the zones of a dossier
    Watch(crate::watch::WatchArgs),
    /// Prove or refute the concerns of a dossier, and look for defects of its articles
    Prove(crate::prove::ProveArgs),
    /// Compare two versions of a dossier's articles: what the new one loosens and tightens
    Amend(crate::amend::AmendArgs),
    /// Write a commented starter dossier
    Init(crate::init::InitArgs),
    /// Verify a ledger offline, list it, and write evidence
    Ledger(crate::ledger::LedgerArgs),
    /// Draw, show, rotate and revoke a participant's keys
    Keys(crate::keys::KeysArgs),
    /// Exchange cards, put an agreement together, and read fingerprints aloud
    Join(crate::join::JoinArgs),
    /// Run a node
    Serve(crate::serve::ServeArgs),
    /// Show every setting of a node and who set it
    Config(crate::serve::ConfigArgs),
    /// Add a user to a node that does not run
    User(crate::serve::UserArgs),
    /// List your tokens at a node, replace one, end one
    Token(crate::node::TokenArgs),
    /// Say how everything stands at a node
    Status(crate::node::StatusArgs),
    /// Say where the agreement stands: text, signatures, concerns, preconditions, timeline, channels
    Agreement(crate::life::AgreementArgs),
    /// Count what a day and its week brought, each figure with its entries
    Daily(crate::daily::DailyArgs),
    /// Set side by side what the sides say: findings, pull-backs, access, channels
    Reconcile(crate::reconcile::ReconcileArgs),
    /// Make the public announcement: a page and a file that verify with keys alone
    Publish(crate::publish::PublishArgs),
    /// List operations, or show one
    Operations(crate::node::OperationsArgs),
    /// Lay a dossier before the participants as a text: hashed, to be initialled and adopted
    Table(crate::node::TableArgs),
    /// Put an act from a file on the record
    Submit(crate::node::SubmitArgs),
    /// Consent to an operation
    Consent(crate::node::ConsentArgs),
    /// Refuse an operation, with the reason
    Object(crate::node::ObjectArgs),
    /// Stop an operation, now
    Stop(crate::node::StopArgs),
    /// Acknowledge the notice of a protected object
    Ack(crate::node::AckArgs),
    /// Notify protected objects from a sheet, validate, release, acknowledge, contest and revoke them
    Protect(crate::protect::ProtectArgs),
    /// Compose, preview, release, read, acknowledge, pass on, correct and recall reports
    Report(crate::node::ReportArgs),
    /// Find what a place name may stand for, and what to read back
    Place(crate::place::PlaceArgs),
    /// Read a position in any notation, and say it again in the others
    Position(crate::position::PositionArgs),
    /// Write everything a board of inquiry needs to verify what a node holds
    Export(crate::node::ExportArgs),
    /// Print a completion script for a shell
    Completions(crate::completions::CompletionsArgs),
    /// Answer SMT-LIB with cvc5's shared library; started by `prove`, not by people
    #[cfg(feature = "symbolic")]
    #[command(hide = true, name = "cvc5-library")]
    Cvc5Library(crate::prove::solver::Cvc5LibraryArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// The reference page is the help text of every verb; run with `UPDATE_REFERENCE=1` to refresh it.
    #[test]
    fn the_reference_page_is_the_help_of_every_verb() {
        let mut command = Cli::command().term_width(100);
        command.build();
        let mut page = String::from(
            "# Command line\n\n\
             The help of every verb, as the command prints it.\n\
             What the exit codes mean is in [exit-codes.md](exit-codes.md).\n",
        );
        append_help(&mut page, &mut command, "detente");
        crate::reference::assert_fresh("cli.md", &page);
    }

    fn append_help(page: &mut String, command: &mut clap::Command, name: &str) {
        let help = command.render_long_help().to_string();
        page.push_str(&format!(
            "\n## `{name}`\n\n```text\n{}\n```\n",
            help.trim_end()
        ));
        let verbs: Vec<String> = command
            .get_subcommands()
            .map(|verb| verb.get_name().to_owned())
            .collect();
        for verb in verbs {
            if let Some(subcommand) = command.find_subcommand_mut(&verb) {
                append_help(page, subcommand, &format!("{name} {verb}"));
            }
        }
    }
}
