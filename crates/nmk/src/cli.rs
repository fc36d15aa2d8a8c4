//! The command line: its arguments, and the meaning of the exit codes.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use det::TrustRoot;

use crate::command::{ask, bench, config, ledger, model, run as graph};
use crate::console::Console;
use crate::{Error, excerpt};

/// Answers with evidence: a model proposes, a small kernel decides what is right.
#[derive(Debug, Parser)]
#[command(
    name = "nmk",
    version,
    after_help = "\
Exit codes: 0 done, 1 a negative result (not proven, verification failed), 2 bad input or failure,
3 where this machine cannot show it.
With --json, one JSON object on standard output, also for a failure: {\"error\": \"...\"}.

Example:
  nmk ask \"How many times does the letter r appear in strawberry? Add 4 to it.\""
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer a question, with evidence where it can be checked.
    Ask(ask::Arguments),
    /// Run a graph of tasks, each judged, and commit its answer.
    Run(graph::Arguments),
    /// Check or show the history of what was judged.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Compute with a checkpoint: its logits, continuations, a self-test.
    #[command(subcommand)]
    Model(model::Command),
    /// Measure how fast the trusted core is here.
    #[command(subcommand)]
    Bench(bench::Command),
    /// Print the configuration in force.
    Config(config::Arguments),
}

/// The end of a command that could be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The command did what was asked.
    Done,
    /// The command has a negative result: an answer was not proven, or a verification failed.
    Negative,
    /// Nothing was shown, because this machine or the model at hand cannot do it.
    Unproven,
}

/// Carries out the command in `arguments`, of which the first is the program's name.
///
/// The arguments may name files with expectations, which count as the user's word. So `root` must be the trust root
/// of a program that passes on what its user said, and nothing that a model wrote.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let wants_json = arguments.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json");
    let ended = match Cli::try_parse_from(&arguments) {
        Ok(cli) => dispatch(cli, console, root),
        Err(error) => explain(&error, &arguments, console),
    };
    console.clear();
    match ended {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Negative) => ExitCode::from(1),
        Ok(Outcome::Unproven) => ExitCode::from(3),
        Err(error) => {
            let line = excerpt::one_line(&error.to_string());
            console.note(&format!("nmk: {line}"));
            if wants_json {
                // Where even this cannot be written, the exit code still says it.
                drop(console.result(&serde_json::json!({"error": line}).to_string()));
            }
            ExitCode::from(2)
        }
    }
}

fn dispatch(cli: Cli, console: &mut Console<'_>, root: &impl TrustRoot) -> Result<Outcome, Error> {
    match cli.command {
        Command::Ask(arguments) => ask::run(arguments, console, root),
        Command::Run(arguments) => graph::run(arguments, console, root),
        Command::Ledger(command) => ledger::run(command, console, root),
        Command::Model(command) => model::run(command, console),
        Command::Bench(command) => bench::run(command, console, root),
        Command::Config(arguments) => config::run(arguments, console),
    }
}

/// Prints help and version, which are results. Turns everything else that clap reports into an error of one
/// line.
fn explain(error: &clap::Error, arguments: &[OsString], console: &mut Console<'_>) -> Result<Outcome, Error> {
    let text = error.render().to_string();
    if !error.use_stderr() {
        console.result(text.trim_end())?;
        return Ok(Outcome::Done);
    }
    if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Err(Error::Usage { what: "a command is missing".to_owned(), help: help(arguments) });
    }
    // The first paragraph says what is wrong; usage and hints follow.
    let what = text.split("\n\n").next().unwrap_or(&text);
    let what = excerpt::one_line(what.trim_start_matches("error: "));
    Err(Error::Usage { what, help: help(arguments) })
}

fn help(arguments: &[OsString]) -> String {
    let named = arguments.get(1).and_then(|word| word.to_str());
    match named.filter(|word| ["ask", "run", "ledger", "model", "bench", "config"].contains(word)) {
        Some(command) => {
            let parsed = Cli::command();
            let inner = arguments.get(2).and_then(|word| word.to_str()).filter(|word| {
                parsed.find_subcommand(command).is_some_and(|found| found.find_subcommand(word).is_some())
            });
            format!("nmk {command}{} --help", inner.map(|word| format!(" {word}")).unwrap_or_default())
        }
        None => "nmk --help".to_owned(),
    }
}
