//! Primitives of the kernel are shown with their proofs, called by name, and answer questions.

mod common;

use common::home::Home;
use serde_json::json;

#[test]
fn a_primitive_is_called_by_name_or_says_why_it_has_no_result() {
    let home = Home::new("kernel-call");
    let call = |name: &str, args: &str| home.run(["prims", "call", name, "--args", args, "--json"]);
    for (name, args, result) in [
        ("gcd", "[84, 36]", json!(12)),
        ("prime_factors", "[84]", json!([2, 2, 3, 7])),
        ("roman", "[1994]", json!("MCMXCIV")),
        ("is_satisfiable", "[[[1], [-1]]]", json!(false)),
    ] {
        let ended = call(name, args);
        assert_eq!((ended.code, &ended.json()["result"]), (0, &result), "{name}: {ended:?}");
    }
    let outside = call("factorial", "[-1]");
    assert_eq!((outside.code, &outside.json()["result"]), (1, &json!(null)), "{outside:?}");
    assert!(outside.json()["fault"].as_str().is_some_and(|fault| fault.contains("not negative")));
    home.run(["prims", "call", "gcd", "--args", "[1]"]).is_refused(&["gcd takes 2 operands", "1 given"]);
    home.run(["prims", "call", "gcd", "--args", "[1, \"2\"]"]).is_refused(&["gcd takes int for b"]);
    home.run(["prims", "call", "gcd", "--args", "[84, 36]", "--python", "python3"])
        .is_refused(&["--python", "the kernel computes this primitive itself"]);
    home.run(["prims", "call", "nobody", "--args", "[1]"]).is_refused(&["nobody", "nmk prims list"]);
}

#[test]
fn the_proof_of_a_primitive_is_shown() {
    let home = Home::new("kernel-show");
    let shown = home.run(["prims", "show", "roman", "--json"]).json();
    assert_eq!(shown["proof"]["cases"], json!(3999), "{shown}");
    assert_eq!(shown["proof"]["method"], json!("exhaustive"), "{shown}");
    let listed = home.run(["prims", "list", "--json"]).json();
    let all = listed["primitives"].as_array().expect("a list");
    assert!(all.iter().all(|one| one["proof"]["cases"].as_u64().is_some_and(|cases| cases > 0)), "{listed}");
    assert!(home.run(["prims", "list"]).out.contains("proved: every case of n from 1 to 3999"));
}

#[test]
fn questions_with_words_and_lists_as_answers_are_answered() {
    let home = Home::new("kernel-ask");
    for (prompt, answer) in [
        ("What is the prime factorization of 84?", json!([2, 2, 3, 7])),
        ("What day of the week was 20 July 1969?", json!("Sunday")),
        ("Is 1900 a leap year?", json!(false)),
    ] {
        let ended = home.run(["ask", "--direct", "--json", prompt]);
        let object = ended.json();
        assert_eq!((&object["value"], &object["level"]), (&answer, &json!("oracle")), "{ended:?}");
    }
}
