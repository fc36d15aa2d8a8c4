//! The command line: its arguments, and the meaning of the exit codes.

mod help;
mod hints;
mod idle;

use std::ffi::OsString;
use std::process::ExitCode;

use abi::bounds::cut;
use clap::error::ErrorKind;
use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};
use det::TrustRoot;

use crate::command::{
    ask, bench, completions, config, eval, gate, jobs, ledger, memory, model, policy, prims, run as graph,
    solve, trace,
};
use crate::console::Console;
use crate::{Error, excerpt};

/// The most bytes of an error that are printed.
const MAX_ERROR_BYTES: usize = 4096;

/// Answers with evidence: a model proposes, a small kernel decides what is right.
#[derive(Debug, Parser)]
#[command(
    name = "nmk",
    version,
    max_term_width = 80,
    after_help = "\
Exit codes: 0 done, 1 a negative result (not proven, verification failed), 2 bad input or failure,
3 where this machine cannot show it. A command that needs another word shows its help and ends with 2.
With --json, one JSON object on standard output, also for a failure: {\"error\": \"...\", \"code\": \"...\"}.

Example:
  nmk ask \"How many times does the letter r appear in strawberry?\""
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Colour the help and errors: auto (at a terminal, unless NO_COLOR is set), always or never.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        hide_possible_values = true,
        display_order = 999
    )]
    color: Option<ColorChoice>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer a question, with evidence where it can be checked.
    Ask(ask::Arguments),
    /// Run a graph of tasks, each judged, and commit its answer.
    Run(graph::Arguments),
    /// Find a function that meets a specification: looked up, or written by a model.
    Solve(solve::Arguments),
    /// Admit code from any model by an exam, or refuse it with the reason.
    #[command(subcommand)]
    Gate(gate::Command),
    /// Measure what facts, memory, policies and the gate are worth, and models on novel tasks.
    #[command(subcommand)]
    Eval(eval::Command),
    /// Show what became of the jobs: success by kind and template, failures, and open jobs.
    Jobs(jobs::Arguments),
    /// Check or show the history of what was judged.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Check the invariants of jobs over the history.
    #[command(subcommand)]
    Trace(trace::Command),
    /// Remember what is worth it, and consult what was remembered.
    #[command(subcommand)]
    Memory(memory::Command),
    /// Compute with a checkpoint: its logits, continuations, a self-test.
    #[command(subcommand)]
    Model(model::Command),
    /// List and call the functions that count: primitives, and those that the gate admitted.
    #[command(subcommand)]
    Prims(prims::Command),
    /// Ask the policy how many attempts and checks some signals are worth.
    #[command(subcommand)]
    Policy(policy::Command),
    /// Measure how fast the trusted core is here.
    #[command(subcommand)]
    Bench(bench::Command),
    /// Print the configuration in force.
    Config(config::Arguments),
    /// Print the script with which a shell completes commands and flags.
    Completions(completions::Arguments),
}

/// The end of a command that could be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The command did what was asked.
    Done,
    /// The command has a negative result: an answer was not proven, or a verification failed.
    Negative,
    /// The command told its result, and something that it needed failed: a model or a tool.
    Failed,
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
    root: &(impl TrustRoot + Copy + Send + Sync + 'static),
) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let wants_json = arguments.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json");
    // The words are looked at before they are parsed, because the errors of parsing are coloured too.
    console.colour(stated_colour(&arguments));
    if wants_json {
        console.hide_progress();
    }
    let ended = match command().try_get_matches_from(&arguments) {
        Ok(matches) => idle::refuse(&matches).and_then(|()| {
            let cli = Cli::from_arg_matches(&matches).expect("the matches are of this command");
            dispatch(cli, console, root)
        }),
        Err(error) => explain(&error, &arguments, console),
    };
    console.clear();
    match ended {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Negative) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
        Ok(Outcome::Unproven) => ExitCode::from(3),
        Err(error) => {
            // An error may repeat what the caller wrote, which can be as long as a file.
            let line = excerpt::one_line(&cut(&error.to_string(), MAX_ERROR_BYTES));
            console.error(&line);
            if wants_json {
                // Where even this cannot be written, the exit code still says it.
                drop(
                    console
                        .result(&serde_json::json!({"error": line, "code": error.code().word()}).to_string()),
                );
            }
            ExitCode::from(if error.is_about_the_machine() { 3 } else { 2 })
        }
    }
}

/// Returns the command line of the program. The help of each command has the flags that the command reads.
pub fn command() -> clap::Command {
    help::laid_out(idle::hidden(Cli::command()))
}

fn dispatch(
    cli: Cli,
    console: &mut Console<'_>,
    root: &(impl TrustRoot + Copy + Send + Sync + 'static),
) -> Result<Outcome, Error> {
    match cli.command {
        Command::Ask(arguments) => ask::run(arguments, console, root),
        Command::Run(arguments) => graph::run(arguments, console, root),
        Command::Solve(arguments) => solve::run(&arguments, console, *root),
        Command::Eval(command) => eval::run(command, console, *root),
        Command::Gate(command) => gate::run(command, console, root),
        Command::Jobs(arguments) => jobs::run(&arguments, console),
        Command::Ledger(command) => ledger::run(command, console, root),
        Command::Trace(command) => trace::run(command, console),
        Command::Memory(command) => memory::run(command, console),
        Command::Model(command) => model::run(command, console),
        Command::Prims(command) => prims::run(command, console, root),
        Command::Policy(command) => policy::run(command, console),
        Command::Bench(command) => bench::run(command, console, root),
        Command::Config(arguments) => config::run(arguments, console),
        Command::Completions(arguments) => completions::run(&arguments, console),
    }
}

/// Prints help and version, which are results. Turns everything else that clap reports into an error of one
/// line.
fn explain(error: &clap::Error, arguments: &[OsString], console: &mut Console<'_>) -> Result<Outcome, Error> {
    if !error.use_stderr() {
        console.help(&error.render())?;
        return Ok(Outcome::Done);
    }
    // The help of a command that needs another word is an answer to what was typed.
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        console.help_instead(&error.render());
        return Ok(Outcome::Failed);
    }
    let text = error.render().to_string();
    let (command, words) = named(arguments);
    let tips = hints::hints(error, arguments, &command, &text);
    let parts: Vec<String> = [hints::what(&text)].into_iter().chain(tips).collect();
    Err(Error::Usage {
        what: excerpt::one_line(&parts.join("; ")),
        help: format!("{} --help", words.join(" ")),
    })
}

/// Returns the value of the flag `--color`, or the default where it is not stated or not understood.
fn stated_colour(arguments: &[OsString]) -> ColorChoice {
    let words: Vec<&str> =
        arguments.iter().skip(1).map_while(|word| word.to_str()).take_while(|word| *word != "--").collect();
    let after = words.windows(2).filter(|pair| pair[0] == "--color").map(|pair| pair[1]);
    let joined = words.iter().filter_map(|word| word.strip_prefix("--color="));
    after.chain(joined).find_map(|word| word.parse().ok()).unwrap_or(ColorChoice::Auto)
}

/// Returns the command that `arguments` name, as far as there is one, and the words of its name.
fn named(arguments: &[OsString]) -> (clap::Command, Vec<&str>) {
    let (mut command, mut words) = (command(), vec!["nmk"]);
    for word in arguments.iter().skip(1).filter_map(|word| word.to_str()) {
        let Some(found) = command.find_subcommand(word) else { break };
        words.push(word);
        command = found.clone();
    }
    (command, words)
}
