//! Verifiers see results of the declared type alone.

use crate::Test;
use crate::common::{examined, outcome, spec};

pub(crate) const TESTS: &[Test] = &[(
    "a_verifier_sees_results_of_the_declared_type_alone",
    a_verifier_sees_results_of_the_declared_type_alone,
)];

fn a_verifier_sees_results_of_the_declared_type_alone() {
    // It raises for every result that is no pair, and a verifier that raises ends an experiment.
    let pair = r#"{"entry": "f", "args": [{"type": "int", "min": 0, "max": 9999}], "exam": {"n": 300},
        "returns": {"type": "tuple", "of": ["int", "int"]},
        "oracle": {"verifier": "def verify(args, got):\n    a, b = got\n    return a + b == args[0]\n"}}"#;
    let report = examined(&spec(pair), "def f(x):\n    return x // 2, x - x // 2\n").unwrap();
    assert_eq!(outcome(&report), "admitted");
    // Numbers that are equal are of one kind, as they are where results are compared.
    let report = examined(&spec(pair), "def f(x):\n    return float(x), 0\n").unwrap();
    assert_eq!(outcome(&report), "admitted");
    for result in ["True", "None", "5", "(1, 2, 3)", "(1, 'b')", "(0.5, 1)", "{'a': 1, 'b': 2}", "[]"] {
        let report = examined(&spec(pair), &format!("def f(x):\n    return {result}\n")).unwrap();
        assert_eq!(outcome(&report), "development wrong", "{result}");
        let what = report.refusal.unwrap().what;
        assert!(what.starts_with("for (0) it returns ") && what.ends_with(", which is wrong"), "{what}");
    }
    // A verifier that works and raises on one result does not accept it, and judges the others.
    let index = r#"{"entry": "f", "args": [{"type": "list", "of": {"type": "int", "min": 0, "max": 99}, "min_length": 1}],
        "exam": {"n": 300}, "returns": "int", "samples": [{"args": [[3, 5]], "returns": 1}],
        "oracle": {"verifier": "def verify(args, got):\n    return args[0][got] == max(args[0])\n"}}"#;
    let report = examined(&spec(index), "def f(x):\n    return x.index(max(x))\n").unwrap();
    assert_eq!(outcome(&report), "admitted", "{:?}", report.refusal);
    let report =
        examined(&spec(index), "def f(x):\n    return x.index(max(x)) if len(x) < 3 else 99\n").unwrap();
    assert_eq!(outcome(&report), "development wrong");
    // Nor does one that compares what cannot be compared see such results, and None among the wrong programs fails.
    let above = r#"{"entry": "f", "args": [{"type": "int", "min": 0, "max": 1000}], "exam": {"n": 50},
        "returns": {"type": "int", "min": 0, "max": 1000000}, "samples": [{"args": [3], "returns": 4}],
        "oracle": {"verifier": "def verify(args, got):\n    return args[0] < got < args[0] + 50\n"}}"#;
    for (result, expected) in [
        ("None", "samples wrong"),
        ("'5'", "samples wrong"),
        ("[n + 1]", "samples wrong"),
        ("n + 1.5", "samples wrong"),
        ("n + 1", "admitted"),
        ("n + 2.0", "admitted"),
    ] {
        let report = examined(&spec(above), &format!("def f(n):\n    return {result}\n")).unwrap();
        assert_eq!(outcome(&report), expected, "{result}: {:?}", report.refusal);
    }
    // A fault of the verifier itself is told as one.
    let raising = pair.replace("a, b = got", "a, b = got[:1]");
    let error = examined(&spec(&raising), "def f(x):\n    return x, 0\n").unwrap_err();
    assert!(error.to_string().contains("verifier"), "{error}");
}
