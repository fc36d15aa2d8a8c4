//! Right programs are admitted with a bound, and wrong ones are refused with a counterexample.

use crate::Test;
use crate::common::{examined, outcome, spec};

pub(crate) const TESTS: &[Test] = &[("a_right_program_is_admitted", a_right_program_is_admitted)];

const GCD: &str = r#"{
    "entry": "gcd",
    "args": [{"name": "a", "type": "int", "min": 0, "max": 1000000}, {"name": "b", "type": "int", "min": 0, "max": 1000000}],
    "returns": {"type": "int", "min": 0, "max": 1000000},
    "samples": [{"args": [12, 18], "returns": 6}],
    "oracle": {"builtin": "gcd"}
}"#;

fn a_right_program_is_admitted() {
    let spec = spec(GCD);
    let begun = std::time::Instant::now();
    let report =
        examined(&spec, "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n").unwrap();
    println!("{:?} {} {:?}", begun.elapsed(), outcome(&report), report);
    for wrong in [
        "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a if a != 7 else 1\n",
        "def gcd(a, b):\n    return min(a, b)\n",
        "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a if a < 5000 else a + 1\n",
        "N = 0\ndef gcd(a, b):\n    global N\n    N += 1\n    while b:\n        a, b = b, a % b\n    return a + (N == 2100)\n",
    ] {
        let begun = std::time::Instant::now();
        let report = examined(&spec, wrong).unwrap();
        println!("{:?} {} {:?}", begun.elapsed(), outcome(&report), report.refusal);
    }
}
