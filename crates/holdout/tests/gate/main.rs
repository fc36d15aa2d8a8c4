//! The gate, with candidates in workers of this test program.
//!
//! The program has a main function of its own, because its workers are the program itself.

mod admits;
mod bounds;
mod common;
mod corpus;
mod everyday;
mod external;
mod growth;
mod hostile;
mod mutants;
mod naive;
mod severity;
mod simple;
mod verifiers;
mod watched;

use sandbox::SandboxError;
use synthetic::Test;

fn main() {
    sandbox::worker_entry();
    let tests: Vec<Test> = [
        admits::TESTS,
        bounds::TESTS,
        everyday::TESTS,
        external::TESTS,
        growth::TESTS,
        hostile::TESTS,
        mutants::TESTS,
        severity::TESTS,
        simple::TESTS,
        verifiers::TESTS,
    ]
    .concat();
    // A machine without the means cannot show anything, and says so.
    let ready = common::launcher().and_then(|launcher| launcher.start());
    let unproven = match ready {
        Err(error @ (SandboxError::Python { .. } | SandboxError::Unsandboxed { .. })) => {
            Some(error.to_string())
        }
        _ => None,
    };
    synthetic::run_tests(&tests, std::env::args(), unproven);
}
