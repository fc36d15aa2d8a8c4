//! The gate, with candidates in workers of this test program.
//!
//! The program has a main function of its own, because its workers are the program itself.

mod admits;
mod bounds;
mod common;
mod corpus;
mod everyday;
mod hostile;
mod mutants;
mod naive;
mod simple;
mod verifiers;
mod watched;

use sandbox::SandboxError;

type Test = (&'static str, fn());

fn main() {
    sandbox::worker_entry();
    let tests: Vec<Test> = [
        admits::TESTS,
        bounds::TESTS,
        everyday::TESTS,
        hostile::TESTS,
        mutants::TESTS,
        simple::TESTS,
        verifiers::TESTS,
    ]
    .concat();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|word| word == "--list") {
        tests.iter().for_each(|(name, _)| println!("{name}: test"));
        return;
    }
    // A machine without the means cannot show anything, and says so.
    let ready = common::launcher().and_then(|launcher| launcher.start());
    if let Err(error @ (SandboxError::Python { .. } | SandboxError::Unsandboxed { .. })) = ready {
        println!("UNPROVEN gate: {error}");
        println!("test result: ok. 0 passed; 0 failed");
        return;
    }
    let filter = arguments.iter().find(|word| !word.starts_with('-')).map_or("", String::as_str);
    let mut passed = 0;
    for (name, test) in tests.iter().filter(|(name, _)| name.contains(filter)) {
        // A panic of a test ends the program with its message and a code that is not 0.
        println!("test {name} ...");
        test();
        passed += 1;
    }
    println!("test result: ok. {passed} passed; 0 failed");
}
