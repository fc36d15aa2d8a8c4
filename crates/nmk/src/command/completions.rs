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
  nmk completions bash > ~/.local/share/bash-completion/completions/nmk
  nmk completions zsh > ~/.zfunc/_nmk
  nmk completions fish > ~/.config/fish/completions/nmk.fish")]
pub(crate) struct Arguments {
    /// The shell: bash, zsh, fish, elvish or powershell.
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command(), "nmk", &mut script);
    console.result(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Outcome::Done)
}
