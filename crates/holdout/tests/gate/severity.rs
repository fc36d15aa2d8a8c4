//! The severity of a failure, which tells how wide a further search should be.

use holdout::{Options, Report, Share};
use synthetic::Test;

use crate::common::{examined_with, spec};

pub(crate) const TESTS: &[Test] = &[
    ("severity::grows_with_the_share_of_wrong_results", grows_with_the_share_of_wrong_results),
    ("severity::ends_once_enough_is_known", ends_once_enough_is_known),
    ("severity::is_measured_on_nothing_that_was_not_asked", is_measured_on_nothing_that_was_not_asked),
];

const SPEC: &str = r#"{"entry": "f", "description": "Return n.", "args": [{"name": "n", "type": "int", "min": 0, "max": 99999}],
 "returns": {"type": "int"}, "samples": [{"args": [3], "returns": 3}],
 "oracle": {"python": "def oracle(n):\n    return n + 0\n"}, "exam": {"n": 400}}"#;

fn measured(code: &str) -> Report {
    let options = Options { measures_severity: true, ..Options::default() };
    examined_with(&spec(SPEC), code, options, 1).expect("an experiment")
}

fn rate(code: &str) -> f64 {
    measured(code).severity.expect("it was asked").rate()
}

fn grows_with_the_share_of_wrong_results() {
    assert!(rate("def f(n): return -7") > 0.99);
    let half = rate("def f(n): return n if n % 2 else -1");
    assert!((0.3..0.7).contains(&half), "{half}");
    let raises = rate("def f(n):\n    if n % 10 == 0: raise ValueError(n)\n    return n");
    assert!((0.02..0.25).contains(&raises), "{raises}");
    // A candidate that ends its process again and again is wrong throughout, after a few processes.
    assert!(rate("import os\ndef f(n): os._exit(0) if n > 3 else None\n") > 0.99);
}

fn ends_once_enough_is_known() {
    let share = |code| measured(code).severity.expect("it was asked");
    assert_eq!(share("def f(n): return -7"), Share { hits: 20, trials: 20 });
    let half = share("def f(n): return n if n % 2 else -1");
    assert!(half.hits == 20 && (25..80).contains(&half.trials), "{half:?}");
    let rare = share("def f(n): return n if n % 50 else -1");
    assert!(rare.trials == 200 && (1..20).contains(&rare.hits), "{rare:?}");
    // Each process that a candidate ends may take the whole time of a call.
    let ends = share("import os\ndef f(n): os._exit(0) if n > 3 else None\n");
    assert_eq!((ends.hits, ends.trials), (3, 3));
}

fn is_measured_on_nothing_that_was_not_asked() {
    assert!(measured("def f(n: return n").severity.is_none(), "it does not load");
    let admitted = measured("def f(n): return n");
    assert!(admitted.severity.is_none(), "{:?}", admitted.refusal);
    let silent =
        examined_with(&spec(SPEC), "def f(n): return 7", Options::default(), 1).expect("an experiment");
    assert!(silent.severity.is_none());
}
