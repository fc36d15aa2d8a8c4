//! The results of the fuzz targets, as a table and as JSON.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Outcome;

pub(crate) const HEADER: &str = "target            executions    per s  corpus   edges  peak MB  result";

/// The result of one target.
pub(crate) struct Row {
    pub(crate) target: String,
    pub(crate) executions: u64,
    pub(crate) per_second: u64,
    /// Number of inputs that reach code which no other input reaches; `None` if the run was not guided.
    pub(crate) corpus: Option<u64>,
    /// Number of edges of the program that were taken; `None` if the run was not guided.
    pub(crate) edges: Option<u64>,
    pub(crate) peak_mb: Option<u64>,
    /// The path of an input on which the target broke a property; `None` if there was none.
    pub(crate) finding: Option<PathBuf>,
}

impl Row {
    pub(crate) fn line(&self) -> String {
        let shown = |number: Option<u64>| number.map_or("-".to_owned(), |number| number.to_string());
        let (corpus, edges, peak) = (shown(self.corpus), shown(self.edges), shown(self.peak_mb));
        let Row { target, executions, per_second, .. } = self;
        let line = format!("{target:<16} {executions:>11} {per_second:>8} {corpus:>7} {edges:>7} {peak:>8}");
        match &self.finding {
            None => format!("{line}  ok"),
            Some(path) => format!("{line}  BROKEN by {}\n  {}", path.display(), self.again(path)),
        }
    }

    /// Returns the command that shows the finding again, or its log if the process left no input.
    fn again(&self, path: &Path) -> String {
        if path.extension().is_some_and(|extension| extension == "log") {
            return format!("less {}", path.display());
        }
        format!("cargo xtask fuzz --target {} --input {}", self.target, path.display())
    }

    fn json(&self) -> Value {
        json!({
            "target": self.target,
            "executions": self.executions,
            "executions_per_second": self.per_second,
            "corpus": self.corpus,
            "edges": self.edges,
            "peak_mb": self.peak_mb,
            "finding": self.finding,
            "reproduce": self.finding.as_ref().map(|path| self.again(path)),
        })
    }
}

/// The results of a whole run, for all of its targets.
pub(crate) struct Report {
    pub(crate) seconds: u64,
    pub(crate) rows: Vec<Row>,
    /// True if the planted bug was missed. Then no target was run, because the run would show nothing.
    pub(crate) blind: bool,
    /// The reason why the guided part did not run; `None` if it ran.
    pub(crate) unproven: Option<String>,
}

impl Report {
    /// Returns the report of a run that did not find the planted bug.
    pub(crate) fn blind(seconds: u64) -> Report {
        Report { seconds, rows: Vec::new(), blind: true, unproven: None }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        match (self.blind || self.findings() > 0, &self.unproven) {
            (true, _) => Outcome::Refused,
            (false, Some(_)) => Outcome::Unproven,
            (false, None) => Outcome::Done,
        }
    }

    pub(crate) fn print(&self, json: bool) {
        if json {
            println!("{}", self.json());
        } else {
            println!("{}", self.summary());
        }
    }

    fn findings(&self) -> usize {
        self.rows.iter().filter(|row| row.finding.is_some()).count()
    }

    /// Returns the last line of the report. For an unproven run it is the reason.
    fn summary(&self) -> String {
        let (targets, findings) = (self.rows.len(), self.findings());
        match &self.unproven {
            _ if self.blind => {
                "RESULT: the planted bug was missed, so that no run would show anything".to_owned()
            }
            Some(reason) if findings == 0 => format!("UNPROVEN: {reason}"),
            _ => format!("RESULT: {targets} targets, {} s each, {findings} findings", self.seconds),
        }
    }

    fn json(&self) -> Value {
        json!({
            "seconds": self.seconds,
            "guided": self.unproven.is_none(),
            "unproven": self.unproven,
            "control_found": !self.blind && self.unproven.is_none(),
            "targets": self.rows.iter().map(Row::json).collect::<Vec<_>>(),
            "findings": self.findings(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(finding: Option<&str>, unproven: Option<&str>) -> Report {
        let row = Row {
            target: "value".to_owned(),
            executions: 10,
            per_second: 5,
            corpus: None,
            edges: None,
            peak_mb: None,
            finding: finding.map(PathBuf::from),
        };
        Report { seconds: 2, rows: vec![row], blind: false, unproven: unproven.map(str::to_owned) }
    }

    #[test]
    fn a_finding_refuses_whatever_else_holds() {
        assert_eq!(report(None, None).outcome(), Outcome::Done);
        assert_eq!(report(Some("/f"), None).outcome(), Outcome::Refused);
        assert_eq!(report(Some("/f"), Some("no compiler")).outcome(), Outcome::Refused);
        assert_eq!(report(None, Some("no compiler")).outcome(), Outcome::Unproven);
        assert_eq!(Report::blind(2).outcome(), Outcome::Refused);
    }

    #[test]
    fn a_finding_comes_with_the_command_that_shows_it_again() {
        let report = report(Some("/f"), None);
        let command = "cargo xtask fuzz --target value --input /f";
        assert!(report.rows[0].line().ends_with(command));
        assert_eq!(report.json()["targets"][0]["reproduce"], command);
        assert_eq!(report.json()["findings"], 1);
    }
}
