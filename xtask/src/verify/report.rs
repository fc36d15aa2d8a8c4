//! The table of results, as text and as JSON.

use std::time::Duration;

use serde_json::{Value, json};

use crate::verify::count::Checks;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Status {
    Pass,
    Fail,
    /// The suite cannot be run on this machine, or nothing of it ran, for this reason.
    Unproven(String),
}

impl Status {
    fn word(&self) -> &'static str {
        match self {
            Status::Pass => "PASS",
            Status::Fail => "FAIL",
            Status::Unproven(_) => "UNPROVEN",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) suite: String,
    pub(crate) checks: Checks,
    pub(crate) status: Status,
    pub(crate) time: Duration,
    /// The processor-seconds of the suite's processes; `None` if the machine does not tell.
    pub(crate) processor: Option<f64>,
}

pub(crate) const HEADER: &str = "suite            checks  result    seconds  processor";

impl Row {
    pub(crate) fn line(&self) -> String {
        let Checks { passed, failed, unproven } = self.checks;
        let checks = if failed > 0 { format!("{passed}/{}", passed + failed) } else { passed.to_string() };
        let (word, seconds) = (self.status.word(), self.time.as_secs_f64());
        let processor = self.processor.map_or("-".to_owned(), |seconds| format!("{seconds:.1}"));
        let line = format!("{:<16} {checks:>6}  {word:<8} {seconds:>8.1} {processor:>10}", self.suite);
        match &self.status {
            Status::Unproven(reason) => format!("{line}  ({reason})"),
            _ if unproven > 0 => format!("{line}  ({unproven} checks unproven)"),
            _ => line,
        }
    }

    fn json(&self) -> Value {
        json!({
            "suite": self.suite,
            "checks": self.checks.passed,
            "failed": self.checks.failed,
            "unproven": self.checks.unproven,
            "result": self.status.word(),
            "reason": match &self.status {
                Status::Unproven(reason) => Some(reason),
                _ => None,
            },
            "seconds": tenths(self.time.as_secs_f64()),
            "processor_seconds": self.processor.map(tenths),
        })
    }
}

fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

/// The whole table, and what the run of it cost.
pub(crate) struct Summary<'a> {
    pub(crate) rows: &'a [Row],
    /// The time from the start to the end. It is less than the sum of the suites' times, because suites run
    /// side by side.
    pub(crate) time: Duration,
    /// The processor-seconds of all processes; `None` if the machine does not tell.
    pub(crate) processor: Option<f64>,
}

impl Summary<'_> {
    fn having(&self, word: &str) -> usize {
        self.rows.iter().filter(|row| row.status.word() == word).count()
    }

    pub(crate) fn failed(&self) -> bool {
        self.having("FAIL") > 0
    }

    /// Returns the sums of the checks, and the cost of the run, as a row of the table.
    pub(crate) fn sums(&self) -> Row {
        Row {
            suite: "all".to_owned(),
            checks: Checks {
                passed: self.rows.iter().map(|row| row.checks.passed).sum(),
                failed: self.rows.iter().map(|row| row.checks.failed).sum(),
                unproven: self.rows.iter().map(|row| row.checks.unproven).sum(),
            },
            status: if self.failed() { Status::Fail } else { Status::Pass },
            time: self.time,
            processor: self.processor,
        }
    }

    pub(crate) fn line(&self) -> String {
        let (passed, unproven) = (self.having("PASS"), self.having("UNPROVEN"));
        format!("RESULT: {passed}/{} suites passed, {unproven} unproven", self.rows.len())
    }

    pub(crate) fn json(&self) -> Value {
        let sums = self.sums();
        json!({
            "suites": self.rows.iter().map(Row::json).collect::<Vec<_>>(),
            "total": self.rows.len(),
            "passed": self.having("PASS"),
            "failed": self.having("FAIL"),
            "unproven": self.having("UNPROVEN"),
            "checks_passed": sums.checks.passed,
            "checks_failed": sums.checks.failed,
            "checks_unproven": sums.checks.unproven,
            "seconds": tenths(sums.time.as_secs_f64()),
            "processor_seconds": sums.processor.map(tenths),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_three() {
        let row = |suite: &str, passed, failed, status| Row {
            suite: suite.to_owned(),
            checks: Checks { passed, failed, unproven: 0 },
            status,
            time: Duration::from_millis(1234),
            processor: (suite != "deny").then_some(2.0),
        };
        let rows = [
            row("planes", 12, 0, Status::Pass),
            row("det", 3, 1, Status::Fail),
            row("deny", 0, 0, Status::Unproven("no cargo-deny".to_owned())),
        ];
        assert_eq!(rows[0].line(), "planes               12  PASS          1.2        2.0");
        assert_eq!(rows[1].line(), "det                 3/4  FAIL          1.2        2.0");
        assert_eq!(rows[2].line(), "deny                  0  UNPROVEN      1.2          -  (no cargo-deny)");
        let summary = Summary { rows: &rows, time: Duration::from_millis(2500), processor: None };
        assert_eq!(summary.line(), "RESULT: 1/3 suites passed, 1 unproven");
        assert_eq!(summary.sums().line(), "all               15/16  FAIL          2.5          -");
        assert!(summary.failed());
        let json = summary.json();
        assert_eq!((&json["checks_passed"], &json["checks_failed"]), (&json!(15), &json!(1)));
        assert_eq!(json["suites"][2]["reason"], "no cargo-deny");
    }
}
