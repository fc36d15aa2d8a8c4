//! The command `nmk-train`: train, evaluate, ship, report, and check that runs repeat.
#![deny(unsafe_code)]

mod cli;
mod restart;
mod root;
mod verbs;

use std::process::ExitCode;

fn main() -> ExitCode {
    // A worker of the sandbox is this program, started again: it never comes back from here.
    sandbox::worker_entry();
    let outcome = restart::ensure_environment().and_then(|()| cli::parse()).and_then(verbs::perform);
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("nmk-train: {error}");
            ExitCode::from(2)
        }
    }
}
