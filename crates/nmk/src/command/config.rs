//! `nmk config`: prints the configuration in force.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Outcome;
use crate::config::{Config, DOCUMENTED, Flags, Ways};
use crate::console::Console;
use crate::{Error, Surroundings};

#[derive(Debug, Args)]
#[command(after_help = "\
The file read is the first of --config FILE, ./nmk.toml and $XDG_CONFIG_HOME/nmk/nmk.toml.

Example, a documented file to start from:
  mkdir -p ~/.config/nmk
  nmk config --documented > ~/.config/nmk/nmk.toml")]
pub(crate) struct Arguments {
    /// The configuration to read instead of searching for one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the documented defaults instead.
    #[arg(long)]
    documented: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    if arguments.documented {
        console.result(DOCUMENTED.trim_end())?;
        return Ok(Outcome::Done);
    }
    let flags = Flags { config: arguments.config, ways: Ways::File, ..Flags::default() };
    let config = Config::load(&flags, &Surroundings::read())?;
    if arguments.json {
        console.result(&config.to_json().to_string())?;
    } else {
        console.result(config.to_toml().trim_end())?;
    }
    Ok(Outcome::Done)
}
