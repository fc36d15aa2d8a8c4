//! The growth of time is measured on the largest instances, and refused where a specification bounds it.

use holdout::{Report, Stage};

use crate::Test;
use crate::common::{examined, outcome, spec};

pub(crate) const TESTS: &[Test] = &[
    ("exponential_time_is_refused_where_it_is_bounded", exponential_time_is_refused_where_it_is_bounded),
    ("short_calls_say_nothing_about_growth", short_calls_say_nothing_about_growth),
    ("a_bound_of_growth_has_a_range", a_bound_of_growth_has_a_range),
    ("large_instances_do_not_stop_the_gate", large_instances_do_not_stop_the_gate),
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

/// Long lists and dicts are drawn, shrunk and asked in bounded time and memory, and values of any size are none.
fn large_instances_do_not_stop_the_gate() {
    let long = |of: &str, returns: &str| {
        spec(&format!(
            r#"{{"entry": "f", "args": [{of}], "returns": "{returns}", "exam": {{"n": 20, "min_distinct": 5}},
                "oracle": {{"python": "def oracle(a):\n    return len(a)\n"}}}}"#
        ))
    };
    let fails_on_long = "def f(a):\n    return len(a) if len(a) < 3000 else 0\n";
    for of in [
        r#"{"type": "list", "of": {"type": "int", "min": 0, "max": 9}, "max_length": 50000}"#,
        r#"{"type": "str", "max_length": 100000}"#,
    ] {
        let report = examined(&long(of, "int"), fails_on_long).expect("a verdict");
        assert_eq!(outcome(&report), "development wrong", "{:?}", report.refusal);
    }
    let keys = r#"{"type": "int", "min": 0, "max": 1000000}"#;
    let dict = format!(r#"{{"type": "dict", "keys": {keys}, "values": "bool", "max_length": 4000}}"#);
    let report =
        examined(&long(&dict, "int"), "def f(a):\n    return sum(1 for _ in a)\n").expect("a verdict");
    assert_eq!(outcome(&report), "admitted", "{:?}", report.refusal);
    let nested =
        r#"{"type": "list", "of": {"type": "list", "of": "bool", "max_length": 20000}, "max_length": 20000}"#;
    let source =
        format!(r#"{{"entry": "f", "args": [{nested}], "returns": "int", "oracle": {{"python": "x"}}}}"#);
    let read = holdout::Spec::from_value(crate::common::parsed(&source));
    let said = read.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(said.starts_with("args[0]: its greatest value has more than"), "{said}");
}
