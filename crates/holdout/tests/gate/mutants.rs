//! Changed copies of a program are really wrong.

use crate::Test;
use crate::common::{examined, spec};

pub(crate) const TESTS: &[Test] =
    &[("changed_copies_differ_from_the_program", changed_copies_differ_from_the_program)];

fn changed_copies_differ_from_the_program() {
    let text = r#"{"entry": "f", "args": [{"type": "int", "min": -9999, "max": 9999}], "returns": "int",
        "oracle": {"python": "def oracle(x):\n    return x if x > -5 else -5\n"}, "exam": {"n": 300}}"#;
    let candidate = "def f(x):\n    return int(max(x, -5)) - len(str.strip(' ', 'a '))\n";
    let report = examined(&spec(text), candidate).unwrap();
    let names: Vec<&str> = report.wrong.iter().map(|wrong| wrong.name.as_str()).collect();
    let swapped = names.iter().filter(|name| **name == "swapped arguments, line 2").count();
    // Two calls have two arguments; the order of those of max does not matter.
    assert_eq!(swapped, 1, "{names:?}");
    assert!(names.contains(&"min for max, line 2"), "{names:?}");
}
