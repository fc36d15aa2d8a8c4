//! Regular expressions against the crate `regex`.

use prims::Value;
use regex::Regex;

use crate::trial::{Proof, Trial, as_text, words};

pub(crate) const PROOFS: &[Proof] = &[Proof {
    name: "regex_match",
    run: |trial| {
        let texts = words(&['a', 'b'], 0, 4);
        for _ in 0..2_000 {
            let pattern = pattern(trial, 4);
            let oracle = Regex::new(&format!("^(?:{pattern})$")).expect("a pattern of both dialects");
            for text in &texts {
                let operands = [Value::text(pattern.as_str()), Value::text(text.as_str())];
                trial.check(&operands, Some(Value::Bool(oracle.is_match(text))));
            }
        }
    },
    // A match of a part is enough.
    wrong: |operands, right| match Regex::new(as_text(&operands[0])) {
        Ok(pattern) => Ok(Value::Bool(pattern.is_match(as_text(&operands[1])))),
        Err(_) => right,
    },
}];

fn pattern(trial: &mut Trial<'_>, depth: u64) -> String {
    let one = ["a", "b", ".", "[ab]", "[^a]", "[a-c]", "\\w", "\\d", "\\."];
    match trial.below(if depth == 0 { 1 } else { 6 }) {
        0 => trial.pick(&one).to_owned(),
        1 | 2 => pattern(trial, depth - 1) + &pattern(trial, depth - 1),
        3 => format!("({}|{})", pattern(trial, depth - 1), pattern(trial, depth - 1)),
        _ => format!("({}){}", pattern(trial, depth - 1), trial.pick(&["*", "+", "?"])),
    }
}

#[test]
fn what_is_no_pattern_of_the_dialect_is_refused() {
    let primitive = prims::find("regex_match").expect("a primitive");
    let call = |pattern: &str, text: &str| primitive.call(&[Value::text(pattern), Value::text(text)]);
    let deep = format!("{}a{}", "(".repeat(17), ")".repeat(17));
    for pattern in
        ["(", ")", "a**", "*", "a{2}", "^a", "a$", "[", "[]", "[b-a]", "\\", "\\q", "(?:a)", "a+?", &deep]
    {
        assert!(call(pattern, "a").is_err(), "{pattern:?}");
    }
    assert!(call(&"a".repeat(201), "a").is_err());
    assert!(call("a*", &"a".repeat(2_001)).is_err());
    for (pattern, text) in
        [("", ""), ("a|", ""), ("(a*)*b", "aaab"), ("\\d+", "2024"), (".", "日"), ("\\(\\)", "()")]
    {
        assert!(matches!(call(pattern, text), Ok(Value::Bool(true))), "{pattern:?} on {text:?}");
    }
    assert!(matches!(call(".", "\n"), Ok(Value::Bool(false))));
}
