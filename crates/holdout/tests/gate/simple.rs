//! Counterexamples become simple in every type.

use abi::Value;

use crate::Test;
use crate::common::{examined, outcome, parsed, spec};

pub(crate) const TESTS: &[Test] =
    &[("the_simplest_counterexample_is_found", the_simplest_counterexample_is_found)];

const LEAST: &str = r#"{"type": "int", "min": -9223372036854775808, "max": 0}"#;

fn specification(argument: &str, oracle: &str) -> String {
    format!(
        r#"{{"entry": "f", "args": [{argument}], "returns": "int", "exam": {{"n": 300}},
        "oracle": {{"python": "def oracle(x):\n    return {oracle}\n"}}}}"#
    )
}

fn the_simplest_counterexample_is_found() {
    let text = r#"{"type": "str", "alphabet": "abc", "max_length": 4}"#;
    let cases = [
        // The least integer above a boundary, not one that single steps reach before the tries are used up.
        (r#"{"type": "int", "min": -5000, "max": 5000}"#, "x", "x if x <= 2880 else 0", "[2881]"),
        (r#"{"type": "int", "min": -5000, "max": 5000}"#, "x", "x if x >= -2880 else 0", "[-2881]"),
        // A range without 0 has its simplest integer at the end that is nearest to 0.
        (r#"{"type": "int", "min": 1890, "max": 2110}"#, "x", "x if x % 2 == 0 else 0", "[1891]"),
        (r#"{"type": "int", "min": -70, "max": -20}"#, "x", "0", "[-20]"),
        // The least integer of all has no absolute value.
        (LEAST, "x", "x if x > -2**63 else 0", "[-9223372036854775808]"),
        // Equal items become simpler together.
        (&format!(r#"{{"type": "list", "of": {text}}}"#), "len(x)", "len(set(x))", r#"[["", ""]]"#),
        // The values of a dict become simpler too.
        (
            r#"{"type": "dict", "keys": {"type": "str", "alphabet": "k", "min_length": 1, "max_length": 1}, "values": "int"}"#,
            "sum(x.values())",
            "sum(v for v in x.values() if v < 700)",
            r#"[{"k": 700}]"#,
        ),
    ];
    for (argument, oracle, candidate, simplest) in cases {
        let report = examined(
            &spec(&specification(argument, oracle)),
            &format!("def f(x):\n    return {candidate}\n"),
        )
        .unwrap();
        assert_eq!(outcome(&report), "development wrong", "{candidate}");
        let found = Value::List(report.refusal.unwrap().counterexample.unwrap().arguments);
        assert_eq!(abi::encode(&found), abi::encode(&parsed(simplest)), "{candidate}: {found:?}");
    }
}
