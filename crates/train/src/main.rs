//! The command `nmk-train`: train, evaluate, ship, report, and check that runs repeat.
#![forbid(unsafe_code)]

mod cli;
mod restart;
mod verbs;

use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = restart::ensure_environment().and_then(|()| cli::parse()).and_then(verbs::perform);
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("nmk-train: {error}");
            ExitCode::from(2)
        }
    }
}
