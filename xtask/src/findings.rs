//! A tally of checks and of those that failed.

use std::fmt::Display;

/// How many checks ran, and what the failed ones found.
#[derive(Debug)]
pub(crate) struct Findings<V> {
    pub(crate) checks: usize,
    pub(crate) broken: Vec<V>,
}

impl<V: Display> Findings<V> {
    pub(crate) fn new() -> Findings<V> {
        Findings { checks: 0, broken: Vec::new() }
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
        print_tally(self.checks - self.broken.len(), self.broken.len());
    }
}

/// The line that `verify` reads the number of checks from.
pub(crate) fn print_tally(passed: usize, failed: usize) {
    println!("checks: {passed} passed; {failed} failed");
}
