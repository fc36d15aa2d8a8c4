//! A verdict's level cannot be raised.

use det::{Level, Verdict};

fn raise(mut verdict: Verdict) -> Verdict {
    verdict.statement.assessment.level = Level::Proven;
    verdict
}

fn main() {
    let _ = raise;
}
