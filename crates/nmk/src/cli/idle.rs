//! The flags that would change nothing where they are passed, and are therefore refused.

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use crate::Error;

/// The case in which a flag changes nothing.
#[derive(Clone, Copy, Debug)]
enum When {
    /// The command never reads the flag, so that its help does not show it.
    Always,
    /// The command does not read the flag if the argument of this name is passed.
    With(&'static str),
}

/// A flag of a command that changes nothing in some case.
#[derive(Clone, Copy, Debug)]
struct Idle {
    command: &'static [&'static str],
    flag: &'static str,
    when: When,
    /// The reason and the way out, in words for people.
    why: &'static str,
}

const fn always(command: &'static [&'static str], flag: &'static str, why: &'static str) -> Idle {
    Idle { command, flag, when: When::Always, why }
}

const fn with(
    command: &'static [&'static str],
    flag: &'static str,
    other: &'static str,
    why: &'static str,
) -> Idle {
    Idle { command, flag, when: When::With(other), why }
}

const INSPECT: &[&str] = &["model", "inspect"];
const LOGITS: &[&str] = &["model", "logits"];
const SELFTEST: &[&str] = &["model", "selftest"];
const ASK: &[&str] = &["ask"];
const RUN: &[&str] = &["run"];
const SOLVE: &[&str] = &["solve"];

const NOTHING_COMPUTED: &str = "the model is described and not computed; leave it out";
const NOTHING_GENERATED: &str = "no token is generated; leave it out, or use nmk model generate";
const ALL_TRIED: &str = "the self-test goes through all of them by itself; leave it out";
const IN_THE_GRAPH: &str = "a graph states it in its file (docs/graph.md); write it there, or pass --request TEXT \
                            instead of the graph";
const NO_REQUEST: &str =
    "a graph is run as it is written; leave it out, or pass --request TEXT instead of the graph";
const NOTHING_STREAMS: &str = "a checked answer, and one in JSON, is shown once it is whole; leave it out";
const ONLY_THE_PLACE: &str =
    "--ledger states all that is read of a configuration here; leave one of both out";
const PRIMITIVE_SAYS: &str =
    "a primitive's answer is its value, whatever text that contains; leave one of both out";
const NO_POLICY: &str =
    "an answer under a contract has one repair and no policy; leave it out, or leave the contract out";
const FIXED_WIDTH: &str = "--k fixes the number of attempts; leave one of both out";
const NO_HISTORY: &str = "--no-ledger looks at no earlier job; leave one of both out";
const NOTHING_RUNS: &str = "nothing is run; leave it out, or leave --dry-run out";

/// The table of all idle flags. Flags that depend on the model are refused where the model is known.
const TABLE: &[Idle] = &[
    always(INSPECT, "threads", NOTHING_COMPUTED),
    always(INSPECT, "isa", NOTHING_COMPUTED),
    always(INSPECT, "chunk", NOTHING_COMPUTED),
    always(INSPECT, "speculate", NOTHING_COMPUTED),
    always(LOGITS, "speculate", NOTHING_GENERATED),
    always(SELFTEST, "isa", ALL_TRIED),
    always(SELFTEST, "chunk", ALL_TRIED),
    always(SELFTEST, "speculate", NOTHING_GENERATED),
    with(ASK, "no_stream", "json", NOTHING_STREAMS),
    with(ASK, "no_stream", "schema", NOTHING_STREAMS),
    with(ASK, "no_stream", "contract", NOTHING_STREAMS),
    with(ASK, "forbid", "direct", PRIMITIVE_SAYS),
    with(ASK, "forbid-word", "direct", PRIMITIVE_SAYS),
    with(ASK, "forbid-pattern", "direct", PRIMITIVE_SAYS),
    with(ASK, "cost", "schema", NO_POLICY),
    with(ASK, "cost", "contract", NO_POLICY),
    with(ASK, "importance", "schema", NO_POLICY),
    with(ASK, "importance", "contract", NO_POLICY),
    with(ASK, "budget", "schema", NO_POLICY),
    with(ASK, "budget", "contract", NO_POLICY),
    with(ASK, "policy_mode", "schema", NO_POLICY),
    with(ASK, "policy_mode", "contract", NO_POLICY),
    with(ASK, "risk", "schema", NO_POLICY),
    with(ASK, "risk", "contract", NO_POLICY),
    with(ASK, "grant", "schema", NO_POLICY),
    with(ASK, "grant", "contract", NO_POLICY),
    with(ASK, "deny", "schema", NO_POLICY),
    with(ASK, "deny", "contract", NO_POLICY),
    with(RUN, "cost", "dry_run", NOTHING_RUNS),
    with(RUN, "importance", "dry_run", NOTHING_RUNS),
    with(RUN, "budget", "dry_run", NOTHING_RUNS),
    with(RUN, "risk", "dry_run", NOTHING_RUNS),
    with(RUN, "policy_mode", "dry_run", NOTHING_RUNS),
    with(SOLVE, "cost", "k", FIXED_WIDTH),
    with(SOLVE, "importance", "k", FIXED_WIDTH),
    with(SOLVE, "budget", "k", FIXED_WIDTH),
    with(SOLVE, "policy_mode", "k", FIXED_WIDTH),
    with(RUN, "schema", "graph", IN_THE_GRAPH),
    with(RUN, "contract", "graph", IN_THE_GRAPH),
    with(RUN, "kind", "graph", NO_REQUEST),
    with(RUN, "template", "graph", NO_REQUEST),
    with(RUN, "learnings", "graph", NO_REQUEST),
    with(RUN, "learnings", "no_ledger", NO_HISTORY),
    with(RUN, "learnings", "dry_run", NOTHING_RUNS),
    with(RUN, "no_memory", "dry_run", NOTHING_RUNS),
    with(RUN, "planner", "graph", NO_REQUEST),
    with(RUN, "planner", "dry_run", NOTHING_RUNS),
    with(RUN, "workers", "dry_run", NOTHING_RUNS),
    with(RUN, "model", "dry_run", NOTHING_RUNS),
    with(RUN, "model_name", "dry_run", NOTHING_RUNS),
    with(RUN, "ca_file", "dry_run", NOTHING_RUNS),
    with(RUN, "max_new", "dry_run", NOTHING_RUNS),
    with(RUN, "thinking", "dry_run", NOTHING_RUNS),
    with(RUN, "show_thinking", "dry_run", NOTHING_RUNS),
    with(RUN, "threads", "dry_run", NOTHING_RUNS),
    with(RUN, "isa", "dry_run", NOTHING_RUNS),
    with(RUN, "chunk", "dry_run", NOTHING_RUNS),
    with(RUN, "speculate", "dry_run", NOTHING_RUNS),
    with(RUN, "state", "dry_run", NOTHING_RUNS),
    with(RUN, "forbid", "dry_run", NOTHING_RUNS),
    with(RUN, "forbid-word", "dry_run", NOTHING_RUNS),
    with(RUN, "forbid-pattern", "dry_run", NOTHING_RUNS),
    with(RUN, "ledger", "dry_run", NOTHING_RUNS),
    with(RUN, "key", "dry_run", NOTHING_RUNS),
    with(RUN, "no_ledger", "dry_run", NOTHING_RUNS),
    with(RUN, "config", "dry_run", NOTHING_RUNS),
    with(
        &["ledger", "show"],
        "entries",
        "json",
        "--json prints the whole entries already; leave one of both out",
    ),
    with(&["ledger", "show"], "config", "ledger", ONLY_THE_PLACE),
    with(&["ledger", "trace"], "config", "ledger", ONLY_THE_PLACE),
    with(&["ledger", "blob"], "config", "ledger", ONLY_THE_PLACE),
    with(&["config"], "config", "documented", "the documented defaults are printed; leave one of both out"),
    with(
        &["config"],
        "json",
        "documented",
        "the documented defaults are a text with comments; leave one of both out",
    ),
];

/// Returns `command` with the help of each command below it free of the flags that it never reads.
pub(crate) fn hidden(command: Command) -> Command {
    let never = TABLE.iter().filter(|idle| matches!(idle.when, When::Always));
    never.fold(command, |command, idle| hide(command, idle.command, idle.flag))
}

fn hide(command: Command, words: &[&'static str], flag: &'static str) -> Command {
    match words {
        [] => command.mut_arg(flag, |arg| arg.hide(true)),
        [first, rest @ ..] => command.mut_subcommand(*first, |below| hide(below, rest, flag)),
    }
}

/// Fails if the command line has a flag that would change nothing.
///
/// # Errors
/// [`Error::Idle`] names the flag, the reason, and the way out.
pub(crate) fn refuse(matches: &ArgMatches) -> Result<(), Error> {
    TABLE.iter().try_for_each(|idle| {
        let Some(matches) = below(matches, idle.command) else { return Ok(()) };
        let applies = match idle.when {
            When::Always => true,
            When::With(other) => is_stated(matches, other),
        };
        match applies && is_stated(matches, idle.flag) {
            true => Err(Error::Idle { flag: idle.flag.replace('_', "-"), why: idle.why }),
            false => Ok(()),
        }
    })
}

fn below<'a>(matches: &'a ArgMatches, words: &[&str]) -> Option<&'a ArgMatches> {
    words.iter().try_fold(matches, |matches, word| match matches.subcommand() {
        Some((name, below)) if name == *word => Some(below),
        _ => None,
    })
}

fn is_stated(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(ValueSource::CommandLine)
}
