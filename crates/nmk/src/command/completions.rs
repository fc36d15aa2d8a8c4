//! `nmk completions`: the script with which a shell completes commands and flags.

use clap::Args;
use clap_complete::Shell;

use crate::Error;
use crate::cli::{Outcome, command};
use crate::console::Console;

#[derive(Debug, Args)]
#[command(after_help = "\
The script goes to standard output; each shell says where it looks for it.

Examples:
  mkdir -p ~/.local/share/bash-completion/completions ~/.zfunc ~/.config/fish/completions
  nmk completions bash > ~/.local/share/bash-completion/completions/nmk
  nmk completions zsh > ~/.zfunc/_nmk
  nmk completions fish > ~/.config/fish/completions/nmk.fish")]
pub(crate) struct Arguments {
    /// The shell: bash, zsh, fish, elvish or powershell.
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut valued(command()), "nmk", &mut script);
    console.result(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Outcome::Done)
}

/// Returns the command with the words that the values of some flags can be, which a shell completes. An error about such a
/// value is worded by the command itself.
fn valued(command: clap::Command) -> clap::Command {
    let thinking = |argument: clap::Arg| argument.value_parser(["on", "off", "auto"]);
    let levels = |argument: clap::Arg| {
        argument.value_parser(["none", "syntax", "schema", "property", "oracle", "proven"])
    };
    let isas = |argument: clap::Arg| argument.value_parser(["portable", "avx2", "avx512", "neon", "wasm"]);
    command
        .mut_subcommand("ask", |ask| {
            ask.mut_arg("require", levels).mut_arg("thinking", thinking).mut_arg("isa", isas)
        })
        .mut_subcommand("run", |run| run.mut_arg("thinking", thinking).mut_arg("isa", isas))
}
