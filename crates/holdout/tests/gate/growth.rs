//! The growth of time is measured on the largest instances, and refused where a specification bounds it.

use holdout::{Report, Stage};

use crate::Test;
use crate::common::{examined, outcome, spec};

pub(crate) const TESTS: &[Test] = &[
    ("exponential_time_is_refused_where_it_is_bounded", exponential_time_is_refused_where_it_is_bounded),
    ("short_calls_say_nothing_about_growth", short_calls_say_nothing_about_growth),
    ("a_bound_of_growth_has_a_range", a_bound_of_growth_has_a_range),
];

const RECURSIVE: &str = "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n";
const LOOP: &str =
    "def fib(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\n";

fn fib(candidate: &str, exam: &str) -> Report {
    let oracle = "def oracle(n):\\n    a, b = 0, 1\\n    while n:\\n        a, b, n = b, a + b, n - 1\\n    return a\\n";
    let spec = spec(&format!(
        r#"{{"entry": "fib", "args": [{{"type": "int", "min": 0, "max": 25}}], "returns": "int",
            "oracle": {{"python": "{oracle}"}}, "exam": {{"n": 40, "min_distinct": 5{exam}}}}}"#
    ));
    examined(&spec, candidate).expect("a verdict")
}

/// The bound lies far from both programs, so that no load of the machine decides.
fn exponential_time_is_refused_where_it_is_bounded() {
    let free = fib(RECURSIVE, "");
    assert_eq!(outcome(&free), "admitted", "{:?}", free.refusal);
    println!("twice the size takes 2^{:?} times as long", free.growth);
    let bounded = fib(RECURSIVE, r#", "max_growth": 2"#);
    assert_eq!(outcome(&bounded), "growth growth", "{:?}", bounded.refusal);
    let refusal = bounded.refusal.expect("a refusal");
    assert!(refusal.stage == Stage::Growth && refusal.what.contains("and 2^2 is allowed"), "{refusal:?}");
    assert_eq!(outcome(&fib(LOOP, r#", "max_growth": 2"#)), "admitted");
}

fn short_calls_say_nothing_about_growth() {
    assert_eq!(fib(LOOP, "").growth, None);
}

fn a_bound_of_growth_has_a_range() {
    for wrong in ["-1", "65", "\"x\""] {
        let source = format!(
            r#"{{"entry": "f", "args": [], "returns": "int", "oracle": {{"python": "x"}}, "exam": {{"max_growth": {wrong}}}}}"#
        );
        let read = holdout::Spec::from_value(crate::common::parsed(&source));
        assert_eq!(read.err().map(|error| error.place).as_deref(), Some("exam.max_growth"), "{wrong}");
    }
}
