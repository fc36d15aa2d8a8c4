//! A tally of checks and of those that failed.

use std::fmt::Display;

/// The number of checks that ran, and the findings of those that failed.
#[derive(Debug)]
pub(crate) struct Findings<V> {
    pub(crate) checks: usize,
    pub(crate) broken: Vec<V>,
    /// Checks that nothing here can run; they are not among `checks`.
    pub(crate) unproven: usize,
}

impl<V: Display> Findings<V> {
    pub(crate) fn new() -> Findings<V> {
        Findings { checks: 0, broken: Vec::new(), unproven: 0 }
    }

    /// Counts one check; `violation` is made only where it failed.
    pub(crate) fn check(&mut self, holds: bool, violation: impl FnOnce() -> V) {
        self.checks += 1;
        if !holds {
            self.broken.push(violation());
        }
    }

    /// Prints the failed ones to standard error and the tally, which `verify` reads, to standard
    /// output.
    pub(crate) fn print(&self, command: &str) {
        for violation in &self.broken {
            eprintln!("{command}: {violation}");
        }
        let (passed, failed) = (self.checks - self.broken.len(), self.broken.len());
        match self.unproven {
            0 => print_tally(passed, failed),
            unproven => println!("checks: {passed} passed; {failed} failed; {unproven} unproven"),
        }
    }
}

/// The line that `verify` reads the number of checks from.
pub(crate) fn print_tally(passed: usize, failed: usize) {
    println!("checks: {passed} passed; {failed} failed");
}
