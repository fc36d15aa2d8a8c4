//! Candidates, benign and hostile, in workers of this test program.
//!
//! The program has a main function of its own, because its workers are the program itself.

mod benign;
mod built_in;
mod hostile;
mod process;

use sandbox::{Fault, Launcher, Limits, Python, SandboxError, Worker};
use synthetic::Test;

/// Returns a launcher of workers of this program with the machine's interpreter.
pub(crate) fn launcher(limits: Limits) -> Launcher {
    let python = Python::find("python3").expect("python3");
    Launcher::from_this_program(python, limits).expect("the path of this program")
}

/// Returns a worker that has loaded `source`, with the entry `f`.
pub(crate) fn loaded(launcher: &Launcher, source: &str) -> Result<Worker, Fault> {
    let mut worker = launcher.start().expect("a worker");
    worker.load(source, "f").map(|()| worker)
}

fn main() {
    sandbox::worker_entry();
    let tests: Vec<Test> = [benign::TESTS, built_in::TESTS, hostile::TESTS, process::TESTS].concat();
    // A machine without the means cannot show anything, and says so.
    let ready = Python::find("python3")
        .and_then(|python| Launcher::from_this_program(python, Limits::DEFAULT))
        .and_then(|launcher| launcher.start());
    let unproven = match ready {
        Err(error @ (SandboxError::Python { .. } | SandboxError::Unsandboxed { .. })) => {
            Some(error.to_string())
        }
        _ => None,
    };
    synthetic::run_tests(&tests, std::env::args(), unproven);
}
