//! The tally of a command's checks, with the findings of those that failed.

use std::fmt::Display;

/// The number of checks that a command has run, and a finding for each that failed.
#[derive(Debug)]
pub(crate) struct Findings<V> {
    pub(crate) checks: usize,
    pub(crate) broken: Vec<V>,
    /// Number of checks that cannot run on this machine; they are not among `checks`.
    pub(crate) unproven: usize,
}

impl<V: Display> Findings<V> {
    pub(crate) fn new() -> Findings<V> {
        Findings { checks: 0, broken: Vec::new(), unproven: 0 }
    }

    /// Counts one check. If `holds` is false, `violation` is called for the finding.
    pub(crate) fn check(&mut self, holds: bool, violation: impl FnOnce() -> V) {
        self.checks += 1;
        if !holds {
            self.broken.push(violation());
        }
    }

    /// Prints the findings to standard error, and the tally, which `verify` reads, to standard output.
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

/// Prints the line from which `verify` reads the number of checks.
pub(crate) fn print_tally(passed: usize, failed: usize) {
    println!("checks: {passed} passed; {failed} failed");
}
