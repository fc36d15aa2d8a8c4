//! Right programs are admitted with a bound, wrong ones are refused with a counterexample, and each fault of a
//! specification has its name.

use abi::Value;
use det::{Fate, failure_bound};
use holdout::{Blame, ExperimentError, Options, Spec};

use crate::Test;
use crate::common::{cpython, examined, examined_by, examined_with, outcome, parsed, spec};

pub(crate) const TESTS: &[Test] = &[
    ("a_right_program_is_admitted_with_a_bound", a_right_program_is_admitted_with_a_bound),
    ("wrong_programs_are_refused_where_they_fail", wrong_programs_are_refused_where_they_fail),
    ("counterexamples_are_simple_and_not_of_the_exam", counterexamples_are_simple_and_not_of_the_exam),
    ("specifications_with_a_fault_are_named", specifications_with_a_fault_are_named),
    ("specifications_that_cannot_be_read_are_named", specifications_that_cannot_be_read_are_named),
    ("a_small_domain_is_enumerated", a_small_domain_is_enumerated),
    ("all_types_reach_a_program", all_types_reach_a_program),
    ("an_experiment_repeats", an_experiment_repeats),
];

const GCD: &str = r#"{
    "entry": "gcd",
    "args": [{"name": "a", "type": "int", "min": 0, "max": 1000000}, {"name": "b", "type": "int", "min": 0, "max": 1000000}],
    "returns": {"type": "int", "min": 0, "max": 1000000},
    "samples": [{"args": [12, 18], "returns": 6}],
    "oracle": {"builtin": "gcd"},
    "exam": {"n": 400}
}"#;

const RIGHT: &str = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n";

fn a_right_program_is_admitted_with_a_bound() {
    let report = examined(&spec(GCD), RIGHT).unwrap();
    assert_eq!(outcome(&report), "admitted");
    let admission = report.admission.as_ref().unwrap();
    assert_eq!(admission.bound(), failure_bound(400, 50_000));
    assert!((0.007..0.008).contains(&admission.bound()), "{}", admission.bound());
    assert_eq!((report.draws, report.alpha_ppm), (400, 50_000));
    assert!(report.distinct > 390 && report.fixed > 10 && !report.exhaustive);
    let survivors: Vec<&str> = report
        .wrong
        .iter()
        .filter(|wrong| wrong.fate == Fate::Survived)
        .map(|wrong| wrong.name.as_str())
        .collect();
    // The greatest common divisor does not care for the order.
    assert_eq!(survivors, ["a and b swapped"]);
    assert!(report.wrong.len() > 12, "{:?}", report.wrong);
    let isolation = &report.executor.as_ref().unwrap().isolation;
    assert!(isolation.contains("seccomp") && isolation.contains("landlock"), "{isolation}");
    // The attempt makes the bound wider.
    let attempt = Options { attempt: 3, ..Options::default() };
    let report = examined_with(&spec(GCD), RIGHT, attempt, 1).unwrap();
    assert_eq!(report.alpha_ppm, 6_250);
    assert_eq!(report.admission.unwrap().bound(), failure_bound(400, 6_250));
}

fn wrong_programs_are_refused_where_they_fail() {
    let long = format!("X = '{}'\n", "x".repeat(1 << 20));
    // The tool that makes wrong programs cannot read it, and CPython can.
    let deep = format!(
        "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n_ = {}0\n",
        "0+".repeat(900)
    );
    let table = [
        ("", "code no_code"),
        (" \n", "code no_code"),
        (long.as_str(), "code too_large"),
        ("def gcd(a, b)\n    return 1\n", "load raised"),
        ("def lcm(a, b):\n    return 1\n", "load no_entry"),
        ("gcd = 5\n", "load no_entry"),
        (&deep, "wrong_programs unreadable"),
        ("while True:\n    pass\n", "load out_of_time"),
        ("import os\nos._exit(0)\n", "load ended"),
        ("raise SystemExit(0)\n", "load raised"),
        ("def gcd(a, b):\n    return min(a, b)\n", "samples wrong"),
        ("def gcd(a, b):\n    return a.b\n", "samples raised"),
        ("def gcd(a, b):\n    while True:\n        pass\n", "samples out_of_time"),
        ("def gcd(a, b):\n    return 6 if (a, b) == (12, 18) else max(a, b)\n", "development wrong"),
        ("def gcd(a, b):\n    return float(6)\n", "development wrong"),
        (
            "class Same(int):\n    def __eq__(self, other):\n        return True\ndef gcd(a, b):\n    return Same(6)\n",
            "samples no_value",
        ),
        // Wrong on one instance in forty, which a development split of 200 draws finds.
        (
            "def gcd(a, b):\n    x, y = a, b\n    while y:\n        x, y = y, x % y\n    return x + ((a * 31 + b) % 40 == 7)\n",
            "development wrong",
        ),
        // A memory, which shows when the same is asked again.
        (
            "SEEN = set()\ndef gcd(a, b):\n    x, y = a, b\n    while y:\n        x, y = y, x % y\n    new = (a, b) not in SEEN\n    SEEN.add((a, b))\n    return x if new or a < 1000 else x + 1\n",
            "purity impure",
        ),
    ];
    for (candidate, expected) in table {
        let report = examined(&spec(GCD), candidate).unwrap();
        let shown: String = candidate.chars().take(200).collect();
        assert_eq!(outcome(&report), expected, "{shown}");
        assert!(report.admission.is_none() && report.refusal.unwrap().blame == Blame::Candidate);
    }
}

fn counterexamples_are_simple_and_not_of_the_exam() {
    let text = r#"{"entry": "f", "args": [{"type": "list", "of": {"type": "int", "min": -99, "max": 99}}],
        "returns": "int", "oracle": {"python": "def oracle(x):\n    return sum(x)\n"}, "exam": {"n": 300}}"#;
    let spec_ = spec(text);
    let report = examined(&spec_, "def f(x):\n    return sum(v for v in x if v != 7)\n").unwrap();
    let found = report.refusal.unwrap().counterexample.unwrap();
    assert_eq!(abi::encode(&Value::List(found.arguments)), abi::encode(&parsed("[[7]]")));
    assert_eq!((found.got.unwrap().as_int(), found.expected.unwrap().as_int()), (Some(0), Some(7)));
    // A fault of one instance in some hundred, which the development split of this specification does not have. What is
    // shown after a failed exam comes from further draws of the development split.
    let rare = "def gcd(a, b):\n    x, y = a, b\n    while y:\n        x, y = y, x % y\n    return x + ((a * 31 + b) % 397 == RESIDUE)\n";
    let python = cpython();
    let (mut failed, mut shown) = (0, 0);
    for residue in 0..12_u8 {
        let candidate = rare.replace("RESIDUE", &residue.to_string());
        let report = examined_by(&python, &spec(GCD), &candidate, Options::default(), residue).unwrap();
        failed += usize::from(outcome(&report) == "exam wrong");
        if let Some(found) = report.refusal.and_then(|refusal| refusal.counterexample) {
            let [Value::Int(a), Value::Int(b)] = found.arguments.as_slice() else { panic!("two integers") };
            assert_eq!((a * 31 + b) % 397, i64::from(residue), "it fails as it is shown");
            shown += 1;
        }
    }
    println!(
        "{failed} of 12 candidates passed development and failed the exam; {shown} counterexamples were shown"
    );
    assert!(failed > 2 && shown > 2, "{failed} {shown}");
}

fn specifications_with_a_fault_are_named() {
    let with = |oracle: &str, more: &str| {
        format!(
            r#"{{"entry": "f", "args": [{{"type": "int", "min": 0, "max": 100000}}], "returns": "any",
                "oracle": {oracle}, "exam": {{"n": 50}} {more}}}"#
        )
    };
    let python = |code: &str| format!(r#"{{"python": "{code}"}}"#);
    let same = python(r"def oracle(x):\n    return x + 1\n");
    let table = [
        (with(&python(r"def oracle(x):\n    return 1 // 0\n"), ""), "oracle"),
        (with(&python(r"def answer(x):\n    return 1\n"), ""), "oracle"),
        (with(&python(r"import os\nos._exit(1)\n"), ""), "oracle"),
        (with(&same, r#", "samples": [{"args": [1], "returns": 3}]"#), "disagrees"),
        (with(r#"{"verifier": "def verify(args, got):\n    return 1\n"}"#, ""), "verifier returns a int"),
        (
            with(&same, r#", "generator": {"python": "def generate(rng):\n    return 'x'\n"}"#),
            "declared types",
        ),
        (
            with(&same, r#", "generator": {"python": "def generate(rng):\n    return rng.missing()\n"}"#),
            "generator",
        ),
        (
            with(&same, r#", "precondition": {"python": "def allowed(x):\n    return False\n"}"#),
            "allows none",
        ),
        (
            with(&same, r#", "precondition": {"python": "def allowed(x):\n    return 1\n"}"#),
            "precondition returns",
        ),
    ];
    for (text, expected) in table {
        let error = examined(&spec(&text), "def f(x):\n    return 1 + x\n").unwrap_err();
        assert!(
            matches!(
                error,
                ExperimentError::Specification { .. } | ExperimentError::SpecificationFault { .. }
            ),
            "{error:?}"
        );
        assert!(error.to_string().contains(expected), "{error} does not say {expected}");
    }
    // These are found by the judgement, and no candidate is to blame.
    let unsound = [
        (
            with(&python(r"def oracle(x):\n    return 5\n"), ""),
            "def f(x):\n    return int('5')\n",
            "exam truths_alike",
        ),
        (
            with(
                &same,
                r#", "generator": {"python": "def generate(rng):\n    return rng.choice([1, 2])\n"}"#,
            ),
            "def f(x):\n    return 1 + x\n",
            "exam few_distinct",
        ),
        (
            with(&python(r"def oracle(x):\n    return x\n"), ""),
            "def f(x):\n    return int(x)\n",
            "wrong_programs plain_program_passed",
        ),
        (
            with(
                &python(
                    r"N = []\ndef oracle(x):\n    N.append(x)\n    return x + 1 if len(N) < 2000 else 0\n",
                ),
                "",
            ),
            "def f(x):\n    return 1 + x\n",
            "admitted",
        ),
        (
            with(
                &python(
                    r"N = []\ndef oracle(x):\n    N.append(x)\n    return x + 1 + (len(N) < 20 and x > 5)\n",
                ),
                "",
            ),
            "def f(x):\n    return 1 + x\n",
            "development wrong",
        ),
    ];
    for (text, candidate, expected) in unsound {
        let report = examined(&spec(&text), candidate).unwrap();
        assert_eq!(outcome(&report), expected, "{text}");
    }
    let own = "def f(number):\n    'Adds one.'\n    return number + 1\n";
    let report = examined(&spec(&with(&same, "")), own).unwrap();
    assert_eq!(outcome(&report), "code oracle_is_candidate");
}

fn specifications_that_cannot_be_read_are_named() {
    let whole =
        r#"{"entry": "f", "args": [{"type": "int"}], "returns": "int", "oracle": {"builtin": "gcd"}}"#;
    let table = [
        (r#"{"args": []}"#, "entry"),
        (r#"{"entry": "a b"}"#, "entry"),
        (r#"{"entry": "f"}"#, "args"),
        (r#"{"entry": "f", "args": [5]}"#, "args[0]: it is a int, and a table is needed"),
        (r#"{"entry": "f", "args": [{"type": "integer"}]}"#, "args[0].type: \"integer\" is none of"),
        (r#"{"entry": "f", "args": [{"type": "int", "minimum": 0}]}"#, "args[0].minimum"),
        (r#"{"entry": "f", "args": [{"type": "int", "min": 5, "max": 4}]}"#, "above"),
        (r#"{"entry": "f", "args": [{"type": "str", "alphabet": ""}]}"#, "no characters"),
        (
            r#"{"entry": "f", "args": [{"type": "list", "of": "int", "min_length": 9, "max_length": 3}]}"#,
            "no range",
        ),
        (r#"{"entry": "f", "args": [{"type": "any"}]}"#, "any"),
        (r#"{"entry": "f", "args": [{"type": "union", "of": []}]}"#, "at least one"),
        (whole, "gcd takes 2 arguments, not 1"),
    ];
    for (text, expected) in table {
        let error = Spec::from_value(parsed(text)).unwrap_err();
        assert!(error.to_string().contains(expected), "{error} does not say {expected}");
    }
    let with = |more: &str| {
        format!(
            r#"{{"entry": "f", "args": [{{"type": "int"}}], "returns": "int", "oracle": {{"python": "x"}}, {more}}}"#
        )
    };
    let table = [
        (r#""exam": {"n": 0}"#, "exam.n"),
        (r#""exam": {"n": -1}"#, "exam.n"),
        (r#""exam": {"n": 10000000}"#, "exam.n"),
        (r#""exam": {"n": 2.5}"#, "exam.n"),
        (r#""exam": {"confidence": 1}"#, "exam.confidence"),
        (r#""exam": {"confidence": 0}"#, "exam.confidence"),
        (r#""exam": {"confidence": 95}"#, "exam.confidence"),
        (r#""exam": {"tolerance": 0.5}"#, "exam.tolerance"),
        (r#""exam": {"min_kill_rate": 1.5}"#, "exam.min_kill_rate"),
        (r#""exam": {"n": 10, "min_distinct": 11}"#, "exam.min_distinct"),
        (r#""exam": {"seed": 1}"#, "exam.seed"),
        (r#""sample": []"#, "sample: this key is not known"),
        (r#""samples": [{"args": [1, 2], "returns": 1}]"#, "samples[0].args"),
        (r#""samples": [{"args": ["x"], "returns": 1}]"#, "samples[0].args"),
        (r#""samples": [{"args": [1], "returns": "x"}]"#, "samples[0].returns"),
        (r#""generator": {"source": "x"}"#, "generator.python"),
        (r#""generator": 5"#, "generator"),
    ];
    for (more, expected) in table {
        let error = Spec::from_value(parsed(&with(more))).unwrap_err();
        assert!(error.to_string().contains(expected), "{error} does not say {expected}");
    }
}

fn a_small_domain_is_enumerated() {
    let text = r#"{"entry": "f", "args": [{"type": "int", "min": 0, "max": 30}, {"type": "bool"}], "returns": "int",
        "oracle": {"python": "def oracle(x, up):\n    return x + 1 if up else x - 1\n"}, "exam": {"n": 100}}"#;
    let report =
        examined(&spec(text), "def f(x, up):\n    if up:\n        return x + 1\n    return x - 1\n").unwrap();
    assert_eq!(outcome(&report), "admitted");
    assert!(report.exhaustive);
    assert_eq!(report.fixed, 62);
    assert!(report.wrong.iter().all(|wrong| wrong.fate != Fate::Survived), "{:?}", report.wrong);
    // One instance of sixty-two is wrong, and none of the domain is left out.
    let wrong = "def f(x, up):\n    if up:\n        return x + 1 if x != 29 else 0\n    return x - 1\n";
    let report = examined(&spec(text), wrong).unwrap();
    assert_eq!(outcome(&report), "development wrong");
}

fn all_types_reach_a_program() {
    let types = [
        (r#""bool""#, "isinstance(x, bool)"),
        (r#""none""#, "x is None"),
        (r#""float""#, "isinstance(x, float)"),
        (
            r#"{"type": "str", "alphabet": "ab", "min_length": 1, "max_length": 4}"#,
            "1 <= len(x) <= 4 and set(x) <= {'a', 'b'}",
        ),
        (r#"{"type": "tuple", "of": ["int", "bool"]}"#, "isinstance(x, tuple) and len(x) == 2"),
        (
            r#"{"type": "list", "of": {"type": "tuple", "of": ["int"]}}"#,
            "all(isinstance(v, tuple) for v in x)",
        ),
        (
            r#"{"type": "dict", "keys": {"type": "str"}, "values": "int"}"#,
            "all(isinstance(k, str) for k in x)",
        ),
        (
            r#"{"type": "dict", "keys": {"type": "int"}, "values": "bool"}"#,
            "isinstance(x, dict) and all(isinstance(k, int) for k in x)",
        ),
        (r#"{"type": "optional", "of": "int"}"#, "x is None or isinstance(x, int)"),
        (r#"{"type": "union", "of": ["int", {"type": "str"}]}"#, "isinstance(x, (int, str))"),
        (
            r#"{"type": "optional", "of": {"type": "dict", "keys": "int", "values": {"type": "tuple", "of": ["int"]}}}"#,
            "x is None or all(isinstance(v, tuple) for v in x.values())",
        ),
    ];
    let python = cpython();
    for (of, check) in types {
        // The program returns its argument; the oracle says whether it is of its type, and what it should be.
        let text = format!(
            r#"{{"entry": "f", "args": [{{"type": "int", "min": 0, "max": 9999}}, {{"type": "union", "of": [{of}]}}],
                "returns": {{"type": "tuple", "of": ["int", {of}]}},
                "oracle": {{"python": "def oracle(n, x):\n    assert {check}, repr(x)\n    return n + 1, x\n"}},
                "exam": {{"n": 60}}}}"#
        );
        let candidate = format!("def f(n, x):\n    assert {check}, repr(x)\n    return (1 + n, x)\n");
        let report = examined_by(&python, &spec(&text), &candidate, Options::default(), 1).unwrap();
        assert_eq!(outcome(&report), "admitted", "{of}: {:?}", report.refusal);
        // The negative control: the same value of another type is another value, where Python has one that looks alike.
        let other = "def f(n, x):\n    return (1 + n, [x])\n";
        let report = examined_by(&python, &spec(&text), other, Options::default(), 1).unwrap();
        assert!(report.admission.is_none(), "{of}");
    }
}

fn an_experiment_repeats() {
    let python = cpython();
    let text = r#"{"entry": "f", "args": [{"type": "str", "alphabet": "abc "}], "returns": {"type": "str"},
        "oracle": {"python": "def oracle(x):\n    return ' '.join(reversed(x.split()))\n"},
        "generator": {"python": "def generate(rng):\n    return ''.join(rng.choice('abc ') for _ in range(rng.randint(0, 20)))\n"},
        "exam": {"n": 300}}"#;
    let candidate = "def f(x):\n    words = x.split()\n    words.reverse()\n    return ' '.join(words)\n";
    let run = |seed| examined_by(&python, &spec(text), candidate, Options::default(), seed).unwrap();
    let (first, again, other) = (run(1), run(1), run(2));
    assert_eq!(outcome(&first), "admitted", "{:?}", first.refusal);
    assert_eq!(first.evidence_digest(), again.evidence_digest());
    assert_ne!(first.evidence_digest(), other.evidence_digest(), "another seed is another exam");
}
