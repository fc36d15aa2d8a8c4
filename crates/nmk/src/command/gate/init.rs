//! `nmk gate init`: a specification to begin with.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;

/// The specification that is written; `NAME` stands for the function.
const SKELETON: &str = include_str!("skeleton.toml");

#[derive(Args, Debug)]
#[command(after_help = "\
The file is NAME.toml in the current folder. It is a whole specification, with comments, which the gate takes as it is.

Example:
  nmk gate init clamp")]
pub(crate) struct Arguments {
    /// The name of the function: ASCII letters, digits and underscores.
    name: String,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let name = &arguments.name;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !is_name {
        return Err(Error::Usage {
            what:
                "a function's name has ASCII letters, digits and underscores, and does not begin with a digit"
                    .to_owned(),
            help: "nmk gate init --help".to_owned(),
        });
    }
    let path = PathBuf::from(format!("{name}.toml"));
    let wrong = |cause: std::io::Error| Error::Candidate { path: path.clone(), what: cause.to_string() };
    let mut file = std::fs::File::create_new(&path).map_err(wrong)?;
    file.write_all(SKELETON.replace("NAME", name).as_bytes()).map_err(wrong)?;
    console.prose(&format!(
        "{} is written; edit it, then: nmk gate check --spec {0} --candidate FILE.py",
        path.display()
    ))?;
    Ok(Outcome::Done)
}
