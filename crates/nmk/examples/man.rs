//! The pages of the manual: writes `nmk.1` and a page for each command below it into the folder that is named.
//!
//! `cargo xtask man` runs this. The pages come from the same description of the command line as the help.

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: man FOLDER");
        return ExitCode::from(2);
    };
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| clap_mangen::generate_to(nmk::cli::command(), &folder));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("man: {} cannot be written ({error}): check the folder", folder.display());
            ExitCode::from(2)
        }
    }
}
