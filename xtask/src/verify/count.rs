//! The numbers of checks, read from the output of a suite.

use std::ops::AddAssign;

use crate::verify::suite::Count;

/// The numbers of checks that passed, that failed, and that could not be run.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Checks {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) unproven: usize,
}

impl AddAssign for Checks {
    fn add_assign(&mut self, more: Checks) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.unproven += more.unproven;
    }
}

/// Counts the checks of one command. A command that failed has at least one failed check.
pub(crate) fn count(how: Count, succeeded: bool, stdout: &str) -> Checks {
    let mut checks = Checks::default();
    for line in stdout.lines() {
        let tally = match how {
            Count::Tests => line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")),
            Count::Tally => line.split_once(": ").filter(|(word, _)| *word == "checks"),
            Count::ExitCode => None,
        };
        if let Some((_, numbers)) = tally {
            checks.passed += number_before(numbers, "passed");
            checks.failed += number_before(numbers, "failed");
            checks.unproven += number_before(numbers, "unproven");
        }
    }
    if how == Count::ExitCode && succeeded {
        checks.passed = 1;
    }
    if !succeeded {
        checks.failed = checks.failed.max(1);
    }
    checks
}

/// Returns the number before `word` in a list such as `12 passed; 0 failed`; 0 if the word is not there.
fn number_before(numbers: &str, word: &str) -> usize {
    numbers
        .split(';')
        .filter_map(|part| part.trim().split_once(' '))
        .find(|(_, what)| *what == word)
        .and_then(|(number, _)| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Checks, count};
    use crate::verify::suite::Count;

    #[test]
    fn checks_of_a_command() {
        let ok = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored; finished in 0.01s\n\
                  test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured\n";
        let failed = "test result: FAILED. 4 passed; 2 failed; 0 ignored\n";
        let cases = [
            (Count::Tests, true, ok, (5, 0)),
            (Count::Tests, false, failed, (4, 2)),
            (Count::Tests, false, "error: could not compile\n", (0, 1)),
            (Count::Tests, false, ok, (5, 1)),
            (Count::Tally, true, "checks: 7 passed; 0 failed\nplanes: ok\n", (7, 0)),
            (Count::Tally, false, "checks: 7 passed; 2 failed\n", (7, 2)),
            (Count::Tally, true, "", (0, 0)),
            (Count::ExitCode, true, "anything", (1, 0)),
            (Count::ExitCode, false, "anything", (0, 1)),
        ];
        for (how, succeeded, stdout, (passed, failed)) in cases {
            let expected = Checks { passed, failed, unproven: 0 };
            assert_eq!(count(how, succeeded, stdout), expected, "{how:?}: {stdout}");
        }
        let some = count(Count::Tally, true, "checks: 7 passed; 0 failed; 2 unproven\n");
        assert_eq!(some, Checks { passed: 7, failed: 0, unproven: 2 });
    }
}
